//! The primitives behind `Noise_*_25519_ChaChaPoly_SHA256` (Noise specification, sections 12.1,
//! 12.3 and 12.5), handed to `snow` through its resolver.
//!
//! `snow` bundles the same primitives, from the generation of libraries before the one the rest
//! of this workspace uses. Two copies of Curve25519 would cost 0.2 MB of the shipped library and
//! double what has to be reviewed, so `snow` is built without its own and uses these.

use core::{cell::Cell, mem};

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Nonce, Tag, aead::inout::InOutBuf};
use sha2::{Digest, Sha256};
use snow::{
    Error,
    params::{CipherChoice, DHChoice, HashChoice},
    resolvers::CryptoResolver,
    types::{Cipher, Dh, Hash, Random},
};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::TAG_LENGTH;

/// Our primitives and one ephemeral key.
pub(super) struct Resolver {
    ephemeral_seed: Cell<Option<Zeroizing<[u8; 32]>>>,
}

impl Resolver {
    /// A resolver whose random number generator yields exactly `ephemeral_seed`.
    pub(super) fn new(ephemeral_seed: [u8; 32]) -> Self {
        Self {
            ephemeral_seed: Cell::new(Some(Zeroizing::new(ephemeral_seed))),
        }
    }
}

impl CryptoResolver for Resolver {
    /// The one generator there is; asked again, there is none, so no two handshakes and no two
    /// keys of a handshake can come from the same seed.
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        self.ephemeral_seed
            .take()
            .map(|seed| Box::new(OneSeed(Some(seed))) as Box<dyn Random>)
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::Curve25519).then(|| Box::new(X25519::default()) as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::new(Sha256Hash::default()) as Box<dyn Hash>)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::ChaChaPoly).then(|| Box::new(ChaChaPoly::default()) as Box<dyn Cipher>)
    }
}

/// A "random number generator" that yields one 32-byte seed, once.
struct OneSeed(Option<Zeroizing<[u8; 32]>>);

impl Random for OneSeed {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        let seed = self.0.take().ok_or(Error::Rng)?;
        let dest: &mut [u8; 32] = dest.try_into().map_err(|_| Error::Rng)?;
        *dest = *seed;
        Ok(())
    }
}

/// A key pair of X25519 (section 12.1), or none yet.
#[derive(Default)]
struct X25519(Option<KeyPair>);

struct KeyPair {
    secret: StaticSecret,
    public: PublicKey,
}

impl X25519 {
    fn set_secret(&mut self, secret: [u8; 32]) {
        let secret = StaticSecret::from(secret);
        let public = PublicKey::from(&secret);
        self.0 = Some(KeyPair { secret, public });
    }
}

impl Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        32
    }

    fn priv_len(&self) -> usize {
        32
    }

    /// A key of another length than 32 bytes is no key.
    fn set(&mut self, privkey: &[u8]) {
        self.0 = None;
        if let Ok(secret) = privkey.try_into() {
            self.set_secret(secret);
        }
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        let mut secret = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(secret.as_mut_slice())?;
        self.set_secret(*secret);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |pair| pair.public.as_bytes())
    }

    fn privkey(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |pair| pair.secret.as_bytes())
    }

    /// Section 12.1 leaves it to the implementation whether an all-zero result is an error. Here
    /// it is one: a public key of low order makes the result the same for everybody, and nobody
    /// honest has one.
    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let pair = self.0.as_ref().ok_or(Error::Dh)?;
        // `snow` passes a buffer as long as the longest public key it knows.
        let theirs = *pubkey.first_chunk::<32>().ok_or(Error::Dh)?;
        let out = out.first_chunk_mut::<32>().ok_or(Error::Dh)?;
        let shared = pair.secret.diffie_hellman(&PublicKey::from(theirs));
        if !shared.was_contributory() {
            return Err(Error::Dh);
        }
        *out = *shared.as_bytes();
        Ok(())
    }
}

/// ChaCha20-Poly1305 of RFC 8439 with the nonce of section 12.3.
#[derive(Default)]
struct ChaChaPoly {
    key: Option<Zeroizing<[u8; 32]>>,
}

impl ChaChaPoly {
    fn cipher(&self) -> Option<ChaCha20Poly1305> {
        self.key.as_deref().map(|key| ChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts `plaintext` into the front of `out`, the tag behind it.
    fn seal(&self, nonce: u64, ad: &[u8], plaintext: &[u8], out: &mut [u8]) -> Option<usize> {
        let (ciphertext, rest) = out.split_at_mut_checked(plaintext.len())?;
        let tag_out = rest.first_chunk_mut::<TAG_LENGTH>()?;
        let buffer = InOutBuf::new(plaintext, ciphertext).ok()?;
        let tag = self
            .cipher()?
            .encrypt_inout_detached(&chacha_nonce(nonce), ad, buffer)
            .ok()?;
        *tag_out = tag.into();
        Some(plaintext.len() + TAG_LENGTH)
    }

    /// Decrypts `ciphertext` (its tag behind it) into the front of `out`, which is not touched
    /// unless the tag is right.
    fn open(&self, nonce: u64, ad: &[u8], ciphertext: &[u8], out: &mut [u8]) -> Option<usize> {
        let (ciphertext, tag) = ciphertext.split_last_chunk::<TAG_LENGTH>()?;
        let plaintext = out.get_mut(..ciphertext.len())?;
        let buffer = InOutBuf::new(ciphertext, plaintext).ok()?;
        self.cipher()?
            .decrypt_inout_detached(&chacha_nonce(nonce), ad, buffer, &Tag::from(*tag))
            .ok()?;
        Some(ciphertext.len())
    }
}

/// Section 12.3: 32 zero bits, then the counter in little-endian.
fn chacha_nonce(counter: u64) -> Nonce {
    let mut nonce = [0; 12];
    for (to, from) in nonce.iter_mut().skip(4).zip(counter.to_le_bytes()) {
        *to = from;
    }
    nonce.into()
}

impl Cipher for ChaChaPoly {
    fn name(&self) -> &'static str {
        "ChaChaPoly"
    }

    fn set(&mut self, key: &[u8; 32]) {
        self.key = Some(Zeroizing::new(*key));
    }

    /// The trait knows no failure, so one is told by the length 0, which no ciphertext has: the
    /// handshake and the channel compare the length with the one they expect.
    fn encrypt(&self, nonce: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        self.seal(nonce, authtext, plaintext, out).unwrap_or(0)
    }

    fn decrypt(
        &self,
        nonce: u64,
        authtext: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        self.open(nonce, authtext, ciphertext, out).ok_or(Error::Decrypt)
    }
}

/// SHA-256 (section 12.5). HMAC and HKDF over it are `snow`'s.
#[derive(Default)]
struct Sha256Hash(Sha256);

impl Hash for Sha256Hash {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0 = Sha256::new();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Writes the front of `out`, which is as long as the longest hash `snow` knows.
    fn result(&mut self, out: &mut [u8]) {
        for (to, from) in out.iter_mut().zip(mem::take(&mut self.0).finalize()) {
            *to = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points of small order and their other encodings (RFC 7748 section 6.1 and the list in
    /// <https://cr.yp.to/ecdh.html#validate>), least significant byte first.
    const LOW_ORDER: [[u8; 32]; 7] = {
        const fn filled(first: u8, middle: u8, last: u8) -> [u8; 32] {
            let mut bytes = [middle; 32];
            bytes[0] = first;
            bytes[31] = last;
            bytes
        }
        [
            filled(0x00, 0x00, 0x00), // 0
            filled(0x01, 0x00, 0x00), // 1
            filled(0xEC, 0xFF, 0x7F), // p - 1
            filled(0xED, 0xFF, 0x7F), // p
            filled(0xEE, 0xFF, 0x7F), // p + 1
            [
                0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE, 0x16, 0x56, 0xE3, 0xFA, 0xF1, 0x9F, 0xC4,
                0x6A, 0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32, 0xB1, 0xFD, 0x86, 0x62, 0x05, 0x16, 0x5F, 0x49,
                0xB8, 0x00,
            ], // order 8
            [
                0x5F, 0x9C, 0x95, 0xBC, 0xA3, 0x50, 0x8C, 0x24, 0xB1, 0xD0, 0xB1, 0x55, 0x9C, 0x83, 0xEF,
                0x5B, 0x04, 0x44, 0x5C, 0xC4, 0x58, 0x1C, 0x8E, 0x86, 0xD8, 0x22, 0x4E, 0xDD, 0xD0, 0x9F,
                0x11, 0x57,
            ], // order 8
        ]
    };

    #[test]
    fn low_order_points_are_refused() {
        let mut ours = X25519::default();
        ours.set(&[7; 32]);
        for point in LOW_ORDER {
            for high_bit in [0x00, 0x80] {
                let mut point = point;
                point[31] |= high_bit;
                assert_eq!(ours.dh(&point, &mut [0; 56]), Err(Error::Dh), "{point:02x?}");
            }
        }
        assert_eq!(ours.dh(&[9; 32], &mut [0; 56]), Ok(()));
    }

    #[test]
    fn the_seed_is_given_out_once() {
        let resolver = Resolver::new([5; 32]);
        let mut rng = resolver.resolve_rng().unwrap();
        assert!(resolver.resolve_rng().is_none());

        let mut bytes = [0; 32];
        assert_eq!(rng.try_fill_bytes(&mut bytes), Ok(()));
        assert_eq!(bytes, [5; 32]);
        assert_eq!(rng.try_fill_bytes(&mut bytes), Err(Error::Rng));
        assert_eq!(
            OneSeed(Some(Zeroizing::new([5; 32]))).try_fill_bytes(&mut [0; 31]),
            Err(Error::Rng)
        );
    }

    #[test]
    fn without_a_key_nothing_is_computed() {
        let (dh, cipher) = (X25519::default(), ChaChaPoly::default());
        assert_eq!(dh.dh(&[9; 32], &mut [0; 56]), Err(Error::Dh));
        assert_eq!(cipher.encrypt(0, &[], &[1; 4], &mut [0; 20]), 0);
        assert_eq!(cipher.decrypt(0, &[], &[1; 20], &mut [0; 4]), Err(Error::Decrypt));
    }

    #[test]
    fn short_buffers_are_refused() {
        let mut cipher = ChaChaPoly::default();
        cipher.set(&[1; 32]);
        assert_eq!(cipher.encrypt(0, &[], &[1; 4], &mut [0; 19]), 0);
        assert_eq!(cipher.decrypt(0, &[], &[1; 15], &mut [0; 4]), Err(Error::Decrypt));

        let mut dh = X25519::default();
        dh.set(&[1; 31]);
        assert_eq!(dh.pubkey(), &[]);
        dh.set(&[1; 32]);
        assert_eq!(dh.dh(&[9; 31], &mut [0; 56]), Err(Error::Dh));
        assert_eq!(dh.dh(&[9; 32], &mut [0; 31]), Err(Error::Dh));
    }

    #[test]
    fn only_our_primitives_are_resolved() {
        let resolver = Resolver::new([0; 32]);
        assert!(resolver.resolve_dh(&DHChoice::Curve448).is_none());
        assert!(resolver.resolve_hash(&HashChoice::SHA512).is_none());
        assert!(resolver.resolve_cipher(&CipherChoice::AESGCM).is_none());
    }
}

//! Rows at rest: sealed with XChaCha20-Poly1305, found by blind names.
//!
//! A sealed row is `nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes)`; table, name and version are
//! associated data, so a row moved to another place, or given another version, does not open. (A deleted row that is
//! put back as it was does open: that is why nothing is spent before the table of consumed outpoints is asked.)

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The name of a row on disk: a keyed hash of what it is about. The file shows neither ids nor keys.
pub(crate) type BlindName = [u8; 16];

/// Seals and opens rows under keys derived from the wallet's data key.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    names: Hmac<Sha256>,
}

/// Where a row stands. Bound into its seal.
pub(crate) struct Place<'a> {
    pub(crate) table: &'a str,
    pub(crate) name: &'a BlindName,
    pub(crate) version: u64,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        [
            self.table.as_bytes(),
            &[0],
            self.name,
            &self.version.to_be_bytes(),
        ]
        .concat()
    }
}

impl Sealer {
    pub(crate) fn new(data_key: &[u8; 32]) -> Self {
        let derive = |label: &[u8]| {
            let mut okm = Zeroizing::new([0; 32]);
            // 32 bytes are well below HKDF's limit of 255 hashes.
            let expanded = Hkdf::<Sha256>::new(None, data_key).expand(label, okm.as_mut_slice());
            debug_assert!(expanded.is_ok());
            okm
        };
        let names = match Hmac::new_from_slice(derive(b"dcep/1/names").as_slice()) {
            Ok(names) => names,
            Err(_) => unreachable!("HMAC takes keys of any length"),
        };
        Self {
            cipher: XChaCha20Poly1305::new(&Key::from(*derive(b"dcep/1/rows"))),
            names,
        }
    }

    pub(crate) fn name(&self, table: &str, of: &[u8]) -> BlindName {
        let mut mac = self.names.clone();
        mac.update(table.as_bytes());
        mac.update(&[0]);
        mac.update(of);
        let mut name = [0; 16];
        name.iter_mut()
            .zip(mac.finalize().into_bytes())
            .for_each(|(to, from)| *to = from);
        name
    }

    /// `nonce` must be random, and fresh for every row.
    pub(crate) fn seal(&self, place: &Place<'_>, nonce: [u8; 24], content: &[u8]) -> Vec<u8> {
        let payload = Payload {
            msg: content,
            aad: &place.associated_data(),
        };
        match self.cipher.encrypt(&XNonce::from(nonce), payload) {
            Ok(sealed) => [nonce.as_slice(), &sealed].concat(),
            Err(_) => unreachable!("the cipher takes up to 256 GiB"),
        }
    }

    /// `None` if the row is damaged, moved, or sealed under another key.
    pub(crate) fn open(&self, place: &Place<'_>, row: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = row.split_first_chunk::<24>()?;
        let payload = Payload {
            msg: sealed,
            aad: &place.associated_data(),
        };
        self.cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .ok()
            .map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_opens_only_where_it_was_sealed() {
        let sealer = Sealer::new(&[1; 32]);
        let name = sealer.name("output", b"x");
        let place = |table, name, version| Place { table, name, version };
        let row = sealer.seal(&place("output", &name, 7), [9; 24], b"37.45");
        assert_eq!(
            sealer.open(&place("output", &name, 7), &row).unwrap().as_slice(),
            b"37.45"
        );
        let other = sealer.name("output", b"y");
        assert!(sealer.open(&place("key", &name, 7), &row).is_none());
        assert!(sealer.open(&place("output", &other, 7), &row).is_none());
        assert!(sealer.open(&place("output", &name, 8), &row).is_none());
        assert!(
            Sealer::new(&[2; 32])
                .open(&place("output", &name, 7), &row)
                .is_none()
        );
        for at in 0..row.len() {
            let mut damaged = row.clone();
            damaged[at] ^= 1;
            assert!(sealer.open(&place("output", &name, 7), &damaged).is_none());
        }
        assert_ne!(sealer.name("output", b"x"), sealer.name("key", b"x"));
    }
}

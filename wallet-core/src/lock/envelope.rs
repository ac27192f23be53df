//! The envelope of the data key: what stands in clear in the wallet's file, and opens only with the vault, and with the PIN
//! if there is one.

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use protocol::cbor;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Pin, PinCost, PinError};
use crate::{guard::WalletId, store::StoreError, wallet::operation::Moment};

const LABEL: &[u8] = b"dcep/1/pin";

/// The wrapped data key as the file has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Envelope {
    /// By the vault: the data key; with a PIN, the share.
    pub(crate) wrapped: Vec<u8>,
    /// With a PIN: the encoding of a [`PinBox`].
    pub(crate) pin: Option<Vec<u8>>,
}

/// The data key, sealed under share and PIN.
#[derive(Clone, Encode, Decode)]
#[cbor(array)]
struct PinBox {
    #[n(0)]
    version: u8,
    #[cbor(n(1), with = "minicbor::bytes")]
    salt: [u8; 16],
    #[n(2)]
    memory_kib: u32,
    #[n(3)]
    passes: u32,
    #[cbor(n(4), with = "minicbor::bytes")]
    nonce: [u8; 24],
    #[cbor(n(5), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

/// What the vault wraps when there is a PIN: as good as nothing without it.
pub(crate) struct Share(pub(crate) Zeroizing<[u8; 32]>);

impl Share {
    pub(crate) fn draw(moment: &mut Moment) -> Self {
        let mut share = Zeroizing::new([0; 32]);
        moment.fill(share.as_mut_slice());
        Self(share)
    }
}

impl Envelope {
    /// By this the guard knows it again.
    pub(crate) fn digest(&self) -> [u8; 8] {
        let mut digest = Sha256::new();
        digest.update(b"dcep/1/envelope\0");
        digest.update((self.wrapped.len() as u64).to_be_bytes());
        digest.update(&self.wrapped);
        digest.update(self.pin.as_deref().unwrap_or_default());
        let digest: [u8; 32] = digest.finalize().into();
        let mut short = [0; 8];
        short.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        short
    }

    pub(crate) const fn has_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// An envelope that takes the PIN. `wrapped` is the share, by the vault.
    pub(crate) fn seal(
        wallet: &WalletId,
        share: &Share,
        wrapped: Vec<u8>,
        pin: &Pin,
        data_key: &[u8; 32],
        moment: &mut Moment,
    ) -> Result<Self, PinError> {
        let (salt, nonce, cost) = (moment.draw(), moment.draw(), pin.cost());
        let key = key(share, pin, &salt, cost)?;
        let payload = Payload {
            msg: data_key,
            aad: &associated(wallet, cost),
        };
        let sealed = match XChaCha20Poly1305::new(&Key::from(*key)).encrypt(&XNonce::from(nonce), payload) {
            Ok(sealed) => sealed,
            Err(_) => unreachable!("the cipher takes up to 256 GiB"),
        };
        let pin = PinBox {
            version: 1,
            salt,
            memory_kib: cost.memory_kib(),
            passes: cost.passes(),
            nonce,
            sealed,
        };
        Ok(Self {
            wrapped,
            pin: Some(cbor::encode(&pin)),
        })
    }

    /// The data key, if this is the PIN. `None`: it is not.
    pub(crate) fn open(
        &self,
        wallet: &WalletId,
        share: &Share,
        pin: &Pin,
    ) -> Result<Option<Zeroizing<[u8; 32]>>, PinError> {
        let (sealed, cost) = self.pin_box()?;
        let key = key(share, pin, &sealed.salt, cost)?;
        let payload = Payload {
            msg: &sealed.sealed,
            aad: &associated(wallet, cost),
        };
        let opened = XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(sealed.nonce), payload);
        let Ok(opened) = opened.map(Zeroizing::new) else {
            return Ok(None);
        };
        let mut data_key = Zeroizing::new([0; 32]);
        if opened.len() != data_key.len() {
            return Ok(None);
        }
        data_key.copy_from_slice(&opened);
        Ok(Some(data_key))
    }

    /// What a try costs.
    pub(crate) fn cost(&self) -> Result<PinCost, PinError> {
        Ok(self.pin_box()?.1)
    }

    fn pin_box(&self) -> Result<(PinBox, PinCost), PinError> {
        let damaged = || PinError::Fault(StoreError::Damaged.into());
        let sealed: PinBox =
            minicbor::decode(self.pin.as_deref().ok_or(PinError::NotSet)?).map_err(|_| damaged())?;
        let cost = PinCost::new(sealed.memory_kib, sealed.passes).filter(|_| sealed.version == 1);
        Ok((sealed, cost.ok_or_else(damaged)?))
    }
}

fn key(share: &Share, pin: &Pin, salt: &[u8; 16], cost: PinCost) -> Result<Zeroizing<[u8; 32]>, PinError> {
    let stretched = pin.stretch(salt, cost)?;
    let mut both = Zeroizing::new([0; 64]);
    both.iter_mut()
        .zip(share.0.iter().chain(stretched.iter()))
        .for_each(|(to, from)| *to = *from);
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are well below HKDF's limit of 255 hashes.
    let expanded = Hkdf::<Sha256>::new(Some(salt), both.as_slice()).expand(LABEL, key.as_mut_slice());
    debug_assert!(expanded.is_ok());
    Ok(key)
}

/// A box made for another wallet, or at another price, does not open.
fn associated(wallet: &WalletId, cost: PinCost) -> Vec<u8> {
    [
        LABEL,
        &[0],
        &wallet.0,
        &cost.memory_kib().to_be_bytes(),
        &cost.passes().to_be_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Timestamp;

    const WALLET: WalletId = WalletId([3; 16]);

    fn pin(typed: &[u8]) -> Pin {
        Pin::new(typed).unwrap().at_cost(PinCost::new(8, 1).unwrap())
    }

    fn share(byte: u8) -> Share {
        Share(Zeroizing::new([byte; 32]))
    }

    fn sealed() -> Envelope {
        let mut moment = Moment::new(Timestamp::default(), &Zeroizing::new([1; 32]));
        Envelope::seal(
            &WALLET,
            &share(1),
            vec![7; 72],
            &pin(b"1234"),
            &[9; 32],
            &mut moment,
        )
        .unwrap()
    }

    #[test]
    fn it_takes_the_share_and_the_pin_and_the_wallet() {
        let envelope = sealed();
        let opened = |wallet, share, typed| envelope.open(wallet, &share, &pin(typed)).unwrap();
        assert_eq!(opened(&WALLET, share(1), b"1234").unwrap().as_slice(), [9; 32]);
        assert!(opened(&WALLET, share(1), b"1235").is_none());
        assert!(opened(&WALLET, share(2), b"1234").is_none());
        assert!(opened(&WalletId([4; 16]), share(1), b"1234").is_none());
    }

    #[test]
    fn damage_is_no_wrong_pin_where_it_can_be_told() {
        let whole = sealed();
        for at in 0..whole.pin.as_ref().unwrap().len() {
            let mut damaged = whole.clone();
            damaged.pin.as_mut().unwrap()[at] ^= 1;
            assert_ne!(damaged.digest(), whole.digest());
            // A price that is out of bounds is never paid.
            if damaged.cost().is_ok_and(|cost| cost.memory_kib() < 1_000) {
                assert!(!matches!(
                    damaged.open(&WALLET, &share(1), &pin(b"1234")),
                    Ok(Some(_))
                ));
            }
        }
        let none = Envelope { pin: None, ..whole };
        assert_eq!(none.cost(), Err(PinError::NotSet));
    }
}

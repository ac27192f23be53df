//! Keys and signatures: an algorithm byte in front of every key, one accepted signature each.

use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use p256::ecdsa::signature::Verifier as _;

use crate::{cbor::byte_string, id::truncated_hash};

/// A signature algorithm, by the byte that names it in front of every key.
///
/// `3` is set aside for SM2 with SM3 (GB/T 32918).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), verified strictly: no small-order keys, no second encoding.
    #[n(1)]
    Ed25519 = 1,
    /// ECDSA over NIST P-256 with SHA-256 (FIPS 186-5), low-S only: what Secure Enclave and StrongBox can sign with.
    #[n(2)]
    P256 = 2,
}

/// A public key that verifies signatures. Wire form: a byte string, algorithm byte first.
///
/// The bytes are not yet proven to be a point of the curve: a key that is none verifies nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerifyingKey {
    /// The 32 bytes of RFC 8032.
    Ed25519([u8; 32]),
    /// A compressed point (SEC 1, section 2.3.3): 2 or 3, then x.
    P256([u8; 33]),
}

byte_string! {
    /// A signature: 64 bytes, R and S of RFC 8032, or r and s of ECDSA in big-endian.
    Signature, 64
}

byte_string! {
    /// The 16-byte hash by which a status list names a holder key.
    KeyHash, 16
}

/// A signature does not verify, or is not the one accepted form (for ECDSA: s in the lower half).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the signature is not valid")]
pub struct BadSignature;

/// Bytes that are not a key of a known algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyError {
    /// The first byte names no algorithm this version knows.
    #[error("unknown signature algorithm {0}")]
    UnknownAlgorithm(u8),
    /// The rest has not the form of that algorithm's keys.
    #[error("malformed key")]
    Malformed,
}

impl VerifyingKey {
    /// The algorithm this key belongs to.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::P256(_) => Algorithm::P256,
        }
    }

    /// From algorithm byte and key bytes.
    ///
    /// # Errors
    /// [`KeyError`] for an unknown algorithm or another length or form than it demands.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        match bytes.split_first() {
            Some((1, key)) => key.try_into().map(Self::Ed25519).map_err(|_| KeyError::Malformed),
            Some((2, key @ [2 | 3, ..])) => key.try_into().map(Self::P256).map_err(|_| KeyError::Malformed),
            Some((2, _)) | None => Err(KeyError::Malformed),
            Some((&other, _)) => Err(KeyError::UnknownAlgorithm(other)),
        }
    }

    /// Algorithm byte and key bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.algorithm() as u8];
        bytes.extend_from_slice(match self {
            Self::Ed25519(key) => key,
            Self::P256(key) => key,
        });
        bytes
    }

    /// The hash by which a status list names this key.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash(truncated_hash("dcep/1/key", &[&self.to_bytes()]))
    }

    /// Whether `signature` is this key's signature of `message`, in its one accepted form.
    ///
    /// # Errors
    /// [`BadSignature`] otherwise, also when the key is no point of its curve.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        match self {
            Self::Ed25519(key) => ed25519_dalek::VerifyingKey::from_bytes(key).and_then(|key| {
                key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0))
            }),
            Self::P256(key) => p256::ecdsa::Signature::from_slice(&signature.0)
                .and_then(|parsed| {
                    if is_low_s(&parsed) {
                        Ok(parsed)
                    } else {
                        Err(p256::ecdsa::Error::new())
                    }
                })
                .and_then(|parsed| p256::ecdsa::VerifyingKey::from_sec1_bytes(key)?.verify(message, &parsed)),
        }
        .map_err(|_| BadSignature)
    }
}

fn is_low_s(signature: &p256::ecdsa::Signature) -> bool {
    signature.normalize_s() == *signature
}

/// `ed25519:` or `p256:` and the key in hexadecimal digits. A public key is no secret.
impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, key): (_, &[u8]) = match self {
            Self::Ed25519(key) => ("ed25519", key),
            Self::P256(key) => ("p256", key),
        };
        write!(f, "{name}:")?;
        key.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<C> Encode<C> for VerifyingKey {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for VerifyingKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        Self::from_bytes(d.bytes()?).map_err(|e| decode::Error::custom(e).at(at))
    }
}

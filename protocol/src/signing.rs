//! Software signing keys: those of issuers, operators, accounts, and of phones without key hardware.

use core::fmt;

use p256::ecdsa::signature::Signer as _;

use crate::key::{Algorithm, Signature, VerifyingKey};

/// A secret key in this process's memory. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SigningKey(Secret);

#[derive(Clone)]
enum Secret {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

/// The seed is not a key of this algorithm: for P-256, about one in 2^32 is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the seed is not a secret key of this algorithm")]
pub struct BadSeed;

impl SigningKey {
    /// The key that these 32 random bytes are: an RFC 8032 seed, or a P-256 scalar.
    ///
    /// # Errors
    /// [`BadSeed`] if they are not a scalar between 1 and the order of P-256: draw again.
    pub fn from_seed(algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, BadSeed> {
        Ok(Self(match algorithm {
            Algorithm::Ed25519 => Secret::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)),
            Algorithm::P256 => Secret::P256(p256::ecdsa::SigningKey::from_slice(seed).map_err(|_| BadSeed)?),
        }))
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match &self.0 {
            Secret::Ed25519(key) => VerifyingKey::Ed25519(key.verifying_key().to_bytes()),
            Secret::P256(key) => {
                let point = key.verifying_key().to_sec1_point(true);
                let mut bytes = [0; 33];
                bytes
                    .iter_mut()
                    .zip(point.as_bytes())
                    .for_each(|(to, from)| *to = *from);
                VerifyingKey::P256(bytes)
            }
        }
    }

    /// Signs a message that begins with a domain tag, see [`crate::Body::message`]. Deterministic (RFC 8032, RFC 6979), low-S.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(match &self.0 {
            Secret::Ed25519(key) => key.sign(message).to_bytes(),
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_bytes().into()
            }
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifying_key())
    }
}

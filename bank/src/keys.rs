//! The secret keys of the bank, and the seam at which a hardware security module takes their place.
//!
//! Everything the bank signs goes through [`Signer`]. The implementation here keeps seeds in the bank's own database
//! file, which is right for a sandbox and for tests. In production a `Signer` is a session with an HSM, and the table
//! `secret_key` stays empty.

use protocol::{Body, Signature, Signed, SigningKey, VerifyingKey, key::Algorithm};
use rusqlite::{Connection, OptionalExtension as _};
use zeroize::Zeroizing;

use crate::{
    environment::{Entropy, EntropyError},
    store::StoreError,
};

/// Signs for one key, wherever that key is kept.
pub(crate) trait Signer: Send + Sync {
    /// The public half.
    fn verifying_key(&self) -> VerifyingKey;

    /// Signs a message that begins with a domain tag.
    fn sign(&self, message: &[u8]) -> Signature;
}

impl dyn Signer {
    /// Signs an object.
    pub(crate) fn signed<T: Body>(&self, body: T) -> Signed<T> {
        let signature = self.sign(&body.message());
        Signed { body, signature }
    }
}

impl Signer for SigningKey {
    fn verifying_key(&self) -> VerifyingKey {
        Self::verifying_key(self)
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Self::sign(self, message)
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl From<rusqlite::Error> for KeyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The key kept for `purpose`; made from fresh randomness the first time.
pub(crate) fn key_for(
    purpose: &str,
    connection: &Connection,
    entropy: &dyn Entropy,
) -> Result<Box<dyn Signer>, KeyError> {
    if let Some(key) = existing(purpose, connection)? {
        return Ok(key);
    }
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(seed.as_mut())?;
    connection
        .prepare_cached("INSERT INTO secret_key (purpose, seed) VALUES (?1, ?2)")?
        .execute((purpose, seed.as_slice()))?;
    Ok(software(&seed)?)
}

/// The key kept for `purpose`, if there is one.
pub(crate) fn existing(
    purpose: &str,
    connection: &Connection,
) -> Result<Option<Box<dyn Signer>>, StoreError> {
    let seed: Option<Zeroizing<[u8; 32]>> = connection
        .prepare_cached("SELECT seed FROM secret_key WHERE purpose = ?1")?
        .query_row([purpose], |row| row.get(0).map(Zeroizing::new))
        .optional()?;
    seed.map(|seed| software(&seed)).transpose()
}

fn software(seed: &[u8; 32]) -> Result<Box<dyn Signer>, StoreError> {
    match SigningKey::from_seed(Algorithm::Ed25519, seed) {
        Ok(key) => Ok(Box::new(key)),
        Err(_) => Err(StoreError::Damaged {
            what: "a secret key is none",
        }),
    }
}

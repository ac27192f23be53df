//! A vault in this process's memory, for development, simulation, and devices without key hardware.

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use protocol::{Algorithm, Assurance, SigningKey};
use sha2::Sha256;
use std::sync::Arc;
use zeroize::Zeroizing;

use super::{Confirmation, KeyHandle, KeyVault, SignJob, VaultError, VaultKey};
use crate::platform::Entropy;

const WRAP_LABEL: &[u8] = b"dcep/1/data-key";

/// Derives every key from one master secret and the key's handle, so that it has nothing to store.
///
/// Its keys are as safe as the master secret: copying that copies them. Certificates say so
/// ([`Assurance::Software`]).
pub struct SoftwareVault {
    master: Zeroizing<[u8; 32]>,
    entropy: Arc<dyn Entropy>,
}

impl SoftwareVault {
    /// A vault over a master secret that the caller keeps.
    #[must_use]
    pub fn new(master: Zeroizing<[u8; 32]>, entropy: Arc<dyn Entropy>) -> Self {
        Self { master, entropy }
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], VaultError> {
        let mut bytes = [0; N];
        self.entropy
            .fill(&mut bytes)
            .map_err(|_| VaultError::Unavailable)?;
        Ok(bytes)
    }

    fn derive(&self, label: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let mut okm = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), self.master.as_slice())
            .expand(label, okm.as_mut_slice())
            .map_err(|_| VaultError::Unavailable)?;
        Ok(okm)
    }

    fn signing_key(&self, handle: &KeyHandle) -> Result<(Algorithm, SigningKey), VaultError> {
        let algorithm = match handle.0.first() {
            Some(1) => Algorithm::Ed25519,
            Some(2) => Algorithm::P256,
            _ => return Err(VaultError::KeyInvalidated),
        };
        let seed = self.derive(b"dcep/1/holder-key", &handle.0)?;
        // About one handle in 2^32 yields no P-256 scalar; `create_key` then draws another.
        SigningKey::from_seed(algorithm, &seed)
            .map(|key| (algorithm, key))
            .map_err(|_| VaultError::KeyInvalidated)
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, VaultError> {
        Ok(XChaCha20Poly1305::new(&Key::from(*self.derive(WRAP_LABEL, &[])?)))
    }
}

impl KeyVault for SoftwareVault {
    fn create_key(&self, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        loop {
            let mut name = vec![algorithm as u8];
            name.extend(self.random::<16>()?);
            let handle = KeyHandle(name);
            if let Ok((_, key)) = self.signing_key(&handle) {
                return Ok(VaultKey {
                    public: key.verifying_key(),
                    handle,
                    assurance: Assurance::Software,
                });
            }
        }
    }

    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        jobs.iter()
            .map(|job| {
                Ok(self
                    .signing_key(&job.key)?
                    .1
                    .sign(&job.message)
                    .as_bytes()
                    .to_vec())
            })
            .collect()
    }

    /// It has no way to know who holds the device.
    fn authorize(&self, _: &Confirmation) -> Result<(), VaultError> {
        Ok(())
    }

    fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, VaultError> {
        let nonce = self.random::<24>()?;
        let payload = Payload {
            msg: data_key,
            aad: WRAP_LABEL,
        };
        let sealed = self
            .cipher()?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::Unavailable)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let (nonce, sealed) = wrapped.split_first_chunk::<24>().ok_or(VaultError::WrongKey)?;
        let payload = Payload {
            msg: sealed,
            aad: WRAP_LABEL,
        };
        let opened = Zeroizing::new(
            self.cipher()?
                .decrypt(&XNonce::from(*nonce), payload)
                .map_err(|_| VaultError::WrongKey)?,
        );
        let mut data_key = Zeroizing::new([0; 32]);
        if opened.len() != data_key.len() {
            return Err(VaultError::WrongKey);
        }
        data_key.copy_from_slice(&opened);
        Ok(data_key)
    }
}

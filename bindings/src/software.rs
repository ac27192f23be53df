//! A vault and a guard without hardware: for development, for tests, and for devices that have none.

use std::sync::Arc;
use wallet_core::{
    guard::{self, RollbackGuard as _},
    vault::{self, KeyVault as _},
};
use zeroize::Zeroizing;

use crate::{
    Algorithm, Amount,
    platform::{Confirmation, GuardError, Head, KeyVault, RollbackGuard, SignRequest, VaultError, VaultKey},
    system::SystemEntropy,
};

/// Derives every key from one master secret that the app keeps: in Android's `EncryptedFile`, say, or in the Keychain. Its
/// keys are as safe as that secret, and their certificates say so (`Assurance.SOFTWARE`).
#[derive(uniffi::Object)]
pub struct SoftwareVault {
    vault: vault::SoftwareVault,
}

#[uniffi::export]
impl SoftwareVault {
    /// A vault over a master secret of 32 random bytes; `WrongKey` for another length.
    #[uniffi::constructor]
    pub fn new(master: Vec<u8>) -> Result<Self, VaultError> {
        let master = Zeroizing::new(master);
        let exact: [u8; 32] = master.as_slice().try_into().map_err(|_| VaultError::WrongKey)?;
        Ok(Self {
            vault: vault::SoftwareVault::new(Zeroizing::new(exact), Arc::new(SystemEntropy)),
        })
    }
}

#[uniffi::export]
impl KeyVault for SoftwareVault {
    fn create_key(&self, wallet: Vec<u8>, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        let key = self.vault.create_key(&wallet_id(wallet)?, algorithm.into())?;
        let tagged = key.public.to_bytes();
        Ok(VaultKey {
            handle: key.handle.0,
            public_key: tagged.get(1..).unwrap_or_default().to_vec(),
            algorithm,
            assurance: key.assurance.into(),
        })
    }

    fn sign_all(&self, requests: Vec<SignRequest>) -> Result<Vec<Vec<u8>>, VaultError> {
        let jobs: Vec<_> = requests
            .into_iter()
            .map(|request| vault::SignJob {
                key: vault::KeyHandle(request.key),
                message: request.message,
            })
            .collect();
        Ok(self.vault.sign_all(&jobs)?)
    }

    fn list_keys(&self, wallet: Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, VaultError> {
        Ok(match self.vault.list_keys(&wallet_id(wallet)?)? {
            vault::Inventory::Derived => None,
            vault::Inventory::Keys(keys) => Some(keys.into_iter().map(|key| key.0).collect()),
        })
    }

    fn delete_key(&self, handle: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        let key = vault::KeyHandle(handle);
        self.vault.delete_key(&key)?;
        Ok(key.0)
    }

    fn authorize(&self, what: Confirmation) -> Result<Amount, VaultError> {
        Ok(match what {
            Confirmation::UpTo { amount }
            | Confirmation::Exactly { amount }
            | Confirmation::Request { amount, .. } => amount,
        })
    }

    fn wrap(&self, data_key: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        let data_key = Zeroizing::new(data_key);
        let exact = data_key.as_slice().try_into().map_err(|_| VaultError::WrongKey)?;
        Ok(self.vault.wrap(exact)?)
    }

    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        Ok(self.vault.unwrap(&wrapped)?.to_vec())
    }
}

fn wallet_id(wallet: Vec<u8>) -> Result<guard::WalletId, VaultError> {
    let exact = wallet.try_into().map_err(|_| VaultError::Unavailable)?;
    Ok(guard::WalletId(exact))
}

/// A guard that lasts as long as the process: for tests and simulations. A wallet that is opened over a new one counts as
/// copied, and retires its keys.
#[derive(Default, uniffi::Object)]
pub struct MemoryGuard {
    guard: guard::MemoryGuard,
}

#[uniffi::export]
impl MemoryGuard {
    /// One that knows of no wallet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[uniffi::export]
impl RollbackGuard for MemoryGuard {
    fn read(&self, wallet: Vec<u8>) -> Result<Option<Head>, GuardError> {
        let wallet = wallet.try_into().map_err(|_| GuardError::Unavailable)?;
        let head = self.guard.read(&guard::WalletId(wallet));
        Ok(head.map_err(|_| GuardError::Unavailable)?.map(Into::into))
    }

    fn advance(&self, known: Option<Head>, head: Head) -> Result<Head, GuardError> {
        let known = known.map(guard::Head::try_from).transpose();
        let known = known.map_err(|_| GuardError::Unavailable)?;
        let head = guard::Head::try_from(head).map_err(|_| GuardError::Unavailable)?;
        let stored = self.guard.advance(known.as_ref(), &head);
        Ok(stored.map_err(|_| GuardError::Unavailable)?.into())
    }
}

//! A phone's vault with somebody in front of it.

use std::sync::Arc;

use protocol::Algorithm;
use simulator::Phone;
use wallet_core::{
    Platform, Wallet,
    guard::WalletId,
    vault::{Confirmation, Inventory, KeyHandle, KeyVault, SignJob, VaultError, VaultKey},
};
use zeroize::Zeroizing;

/// Who stands in front of a vault. What is not written differently goes through.
pub trait Meddling: Send + Sync {
    /// The vault behind.
    fn vault(&self) -> &dyn KeyVault;

    /// See [`KeyVault::create_key`].
    ///
    /// # Errors
    /// [`VaultError`].
    fn create_key(&self, wallet: &WalletId, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        self.vault().create_key(wallet, algorithm)
    }

    /// See [`KeyVault::sign_all`].
    ///
    /// # Errors
    /// [`VaultError`].
    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        self.vault().sign_all(jobs)
    }

    /// See [`KeyVault::authorize`].
    ///
    /// # Errors
    /// [`VaultError`].
    fn authorize(&self, what: &Confirmation) -> Result<(), VaultError> {
        self.vault().authorize(what)
    }
}

/// Both together.
#[derive(Debug)]
pub struct Meddled<T>(pub T);

impl<T: Meddling> KeyVault for Meddled<T> {
    fn create_key(&self, wallet: &WalletId, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        self.0.create_key(wallet, algorithm)
    }
    fn list_keys(&self, wallet: &WalletId) -> Result<Inventory, VaultError> {
        self.0.vault().list_keys(wallet)
    }
    fn delete_key(&self, key: &KeyHandle) -> Result<(), VaultError> {
        self.0.vault().delete_key(key)
    }
    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        self.0.sign_all(jobs)
    }
    fn authorize(&self, what: &Confirmation) -> Result<(), VaultError> {
        self.0.authorize(what)
    }
    fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, VaultError> {
        self.0.vault().wrap(data_key)
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        self.0.vault().unwrap(wrapped)
    }
}

/// A phone's wallet, opened anew with somebody in front of its vault.
#[must_use]
pub fn opened<T: Meddling + 'static>(
    phone: &Phone,
    meddle: impl FnOnce(Arc<dyn KeyVault>) -> T,
) -> (Wallet, Arc<Meddled<T>>, Platform) {
    phone.wallet().close().expect("the wallet is open");
    let platform = phone.platform();
    let vault = Arc::new(Meddled(meddle(platform.vault.clone())));
    let platform = Platform {
        vault: vault.clone(),
        ..platform
    };
    let (wallet, _) = Wallet::open(phone.path(), platform.clone()).expect("it was open before");
    (wallet, vault, platform)
}

//! The hardware of a phone: what no copy of the app's files contains.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{Algorithm, Body, Id, Transfer, VerifyingKey};
use wallet_core::{
    OpenError, Platform,
    guard::{GuardUnavailable, Head, MemoryGuard, RollbackGuard, WalletId},
    platform::Entropy as _,
    vault::{Confirmation, KeyVault, SignJob, SoftwareVault, VaultError, VaultKey},
};
use zeroize::Zeroizing;

use crate::environment::{DeviceClock, SeededEntropy};

/// Vault, guard, clock and randomness of one device. They live on when the app is killed. Clones are the same hardware.
#[derive(Clone)]
pub struct Hardware {
    vault: Arc<WitnessedVault>,
    guard: Arc<DeviceGuard>,
    clock: DeviceClock,
    entropy: Arc<SeededEntropy>,
    master: Zeroizing<[u8; 32]>,
}

impl core::fmt::Debug for Hardware {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Hardware(…)")
    }
}

impl Hardware {
    /// The hardware of a device that was just made.
    pub(crate) fn new(clock: DeviceClock, entropy: SeededEntropy) -> Result<Self, OpenError> {
        let mut master = Zeroizing::new([0; 32]);
        entropy.fill(master.as_mut_slice())?;
        Ok(Self::with_master(clock, entropy, master))
    }

    fn with_master(clock: DeviceClock, entropy: SeededEntropy, master: Zeroizing<[u8; 32]>) -> Self {
        let entropy = Arc::new(entropy);
        Self {
            vault: Arc::new(WitnessedVault::new(master.clone(), &entropy)),
            guard: Arc::default(),
            clock,
            entropy,
            master,
        }
    }

    /// Another device, to which somebody managed to take the secrets of this one's vault along. Its guard is its own.
    pub(crate) fn with_vault_of(other: &Self, clock: DeviceClock, entropy: SeededEntropy) -> Self {
        Self::with_master(clock, entropy, other.master.clone())
    }

    /// What the device lends to its wallet.
    #[must_use]
    pub fn lend(&self) -> Platform {
        Platform {
            vault: self.vault.clone(),
            guard: self.guard.clone(),
            clock: Arc::new(self.clock.clone()),
            entropy: self.entropy.clone(),
        }
    }

    /// The key vault, with its memory of what it signed.
    #[must_use]
    pub fn vault(&self) -> &WitnessedVault {
        &self.vault
    }

    /// The rollback guard.
    #[must_use]
    pub fn guard(&self) -> &DeviceGuard {
        &self.guard
    }

    /// The device's clock.
    #[must_use]
    pub const fn clock(&self) -> &DeviceClock {
        &self.clock
    }

    pub(crate) fn random(&self) -> Result<Zeroizing<[u8; 32]>, OpenError> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.entropy.fill(bytes.as_mut_slice())?;
        Ok(bytes)
    }
}

/// A software vault that remembers which keys it made and which transfers it signed: the one place that no signature of an
/// honest phone can go past.
pub struct WitnessedVault {
    inner: SoftwareVault,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    keys: Vec<VerifyingKey>,
    transfers: Vec<Id>,
}

impl WitnessedVault {
    fn new(master: Zeroizing<[u8; 32]>, entropy: &Arc<SeededEntropy>) -> Self {
        Self {
            inner: SoftwareVault::new(master, entropy.clone()),
            memory: Mutex::default(),
        }
    }

    /// The keys it made since `known` of them were there.
    #[must_use]
    pub fn keys_after(&self, known: usize) -> Vec<VerifyingKey> {
        self.memory().keys.get(known..).unwrap_or_default().to_vec()
    }

    /// The transfers it signed since `known` signatures were made, one for every key that signed.
    #[must_use]
    pub fn transfers_after(&self, known: usize) -> Vec<Id> {
        self.memory().transfers.get(known..).unwrap_or_default().to_vec()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyVault for WitnessedVault {
    fn create_key(&self, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        let key = self.inner.create_key(algorithm)?;
        self.memory().keys.push(key.public);
        Ok(key)
    }

    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        let signatures = self.inner.sign_all(jobs)?;
        let transfers = jobs.iter().filter_map(|job| transfer_in(&job.message));
        self.memory().transfers.extend(transfers);
        Ok(signatures)
    }

    fn authorize(&self, what: &Confirmation) -> Result<(), VaultError> {
        self.inner.authorize(what)
    }

    fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, VaultError> {
        self.inner.wrap(data_key)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        self.inner.unwrap(wrapped)
    }
}

/// The transfer that a message to sign stands for, if it stands for one: see [`Body::message`].
fn transfer_in(message: &[u8]) -> Option<Id> {
    let id = message
        .strip_prefix(Transfer::TAG.as_bytes())?
        .strip_prefix(&[0])?;
    Some(Id::from_bytes(id.try_into().ok()?))
}

/// What goes wrong with the next write to a guard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GuardTrouble {
    /// Nothing is written, and the wallet is told so.
    BeforeWrite,
    /// It is written, and the wallet is told that it was not.
    AfterWrite,
}

/// A rollback guard that can be out of order for one write, and that the owner of a rooted phone can turn back.
#[derive(Default)]
pub struct DeviceGuard {
    inner: Mutex<MemoryGuard>,
    trouble: Mutex<Option<GuardTrouble>>,
}

impl DeviceGuard {
    /// Makes the next write fail.
    pub fn fail_once(&self, trouble: GuardTrouble) {
        *lock(&self.trouble) = Some(trouble);
    }

    /// Lets the next write succeed after all.
    pub fn mend(&self) {
        *lock(&self.trouble) = None;
    }

    /// Makes the guard say what it said once. Honest hardware has no such thing.
    pub(super) fn turn_back(&self, head: Option<Head>) -> Result<(), GuardUnavailable> {
        let guard = MemoryGuard::default();
        if let Some(head) = head {
            guard.advance(None, &head)?;
        }
        *lock(&self.inner) = guard;
        Ok(())
    }
}

impl RollbackGuard for DeviceGuard {
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        lock(&self.inner).read(wallet)
    }

    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable> {
        let trouble = lock(&self.trouble).take();
        if trouble == Some(GuardTrouble::BeforeWrite) {
            return Err(GuardUnavailable);
        }
        let stored = lock(&self.inner).advance(known, head)?;
        if trouble == Some(GuardTrouble::AfterWrite) {
            return Err(GuardUnavailable);
        }
        Ok(stored)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A phone: a wallet in a file of its own, and hardware that survives when the app does not.

use std::{path::Path, sync::Arc};

use protocol::{Algorithm, Name, VerifyingKey, WalletClass};
use wallet_core::{
    AccountWords, Location, NewWallet, OpenError, OpenReport, Platform, Wallet, WordCount, WordList,
    guard::MemoryGuard, platform::Entropy as _, vault::SoftwareVault,
};
use zeroize::Zeroizing;

use crate::{
    disk::{Disk, Kept, NoDisk},
    environment::{SeededEntropy, VirtualClock},
    world::WorldError,
};

/// What kind of phone it is, and whose.
#[derive(Clone, Debug)]
pub struct PhoneOptions {
    /// What its key hardware can do.
    pub algorithm: Algorithm,
    /// The class of its wallet.
    pub class: WalletClass,
    /// Its owner's registered name, for a merchant.
    pub merchant: Option<Name>,
}

impl Default for PhoneOptions {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Ed25519,
            class: WalletClass::Ii,
            merchant: None,
        }
    }
}

/// A phone with a wallet on it.
#[derive(Debug)]
pub struct Phone {
    name: String,
    location: Location,
    disk: Option<Disk>,
    platform: PlatformParts,
    wallet: Wallet,
}

/// The hardware: it lives on when the app is killed.
#[derive(Clone)]
struct PlatformParts {
    vault: Arc<SoftwareVault>,
    guard: Arc<MemoryGuard>,
    clock: VirtualClock,
    entropy: Arc<SeededEntropy>,
}

impl core::fmt::Debug for PlatformParts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PlatformParts(…)")
    }
}

impl PlatformParts {
    fn lend(&self) -> Platform {
        Platform {
            vault: self.vault.clone(),
            guard: self.guard.clone(),
            clock: Arc::new(self.clock.clone()),
            entropy: self.entropy.clone(),
        }
    }
}

impl Phone {
    /// A new phone with a new wallet in `folder`, or without one on a disk of its own; not yet enrolled.
    pub(crate) fn new(
        name: &str,
        folder: Option<&Path>,
        clock: VirtualClock,
        entropy: SeededEntropy,
        root: VerifyingKey,
        algorithm: Algorithm,
    ) -> Result<Self, WorldError> {
        let entropy = Arc::new(entropy);
        let mut master = Zeroizing::new([0; 32]);
        let mut words = Zeroizing::new([0; 32]);
        for secret in [&mut master, &mut words] {
            entropy.fill(secret.as_mut_slice()).map_err(OpenError::from)?;
        }
        let words = AccountWords::from_entropy(&words, WordCount::Twelve, WordList::English)
            .map_err(|_| WorldError::Words)?;
        let platform = PlatformParts {
            vault: Arc::new(SoftwareVault::new(master, entropy.clone())),
            guard: Arc::new(MemoryGuard::default()),
            clock,
            entropy,
        };
        let (location, disk) = match folder {
            Some(folder) => (folder.join(format!("{name}.sqlite")).into(), None),
            None => {
                let disk = Disk::new()?;
                (disk.location("wallet.sqlite"), Some(disk))
            }
        };
        let wallet = Wallet::create(
            &location,
            platform.lend(),
            &NewWallet {
                words: &words,
                root,
                algorithm,
            },
        )?;
        Ok(Self {
            name: name.to_owned(),
            location,
            disk,
            platform,
            wallet,
        })
    }

    /// Whose phone it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The wallet.
    #[must_use]
    pub const fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Its clock; all phones of a world share one unless a test gives a phone another.
    #[must_use]
    pub const fn clock(&self) -> &VirtualClock {
        &self.platform.clock
    }

    /// The wallet's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.location.path()
    }

    /// The wallet's file, and which file system it is on.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// The disk of its own that it has in a world on disks.
    #[must_use]
    pub const fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    /// What the device lends to its wallet, for a test that opens the file itself.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform.lend()
    }

    /// Kills the app and starts it again. What is on the disk is all that is left.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn restart(&mut self) -> Result<OpenReport, WorldError> {
        self.wallet.close()?;
        let (wallet, report) = Wallet::open(&self.location, self.platform.lend())?;
        self.wallet = wallet;
        Ok(report)
    }

    /// Takes the battery out, puts it in again, and starts the app. If the power is off already, what was lost then is
    /// what is lost.
    ///
    /// # Errors
    /// [`WorldError`], among others if the phone has no disk of its own.
    pub fn crash(&mut self, kept: Kept) -> Result<OpenReport, WorldError> {
        let disk = self.disk.as_ref().ok_or(NoDisk)?;
        if disk.is_powered() {
            disk.power_off(kept);
        }
        self.wallet.close()?;
        disk.forget_plan();
        disk.power_on();
        self.restart()
    }
}

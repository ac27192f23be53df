//! A phone: an app with a wallet in files of its own, hardware that survives when the app does not, and a line to the bank.

mod files;
mod hardware;
mod vault;

pub(crate) use files::Files;
pub use files::Snapshot;
pub use hardware::{DeviceGuard, GuardTrouble, Hardware};
pub use vault::{VaultManners, VaultTrouble, WitnessedVault};

use std::path::Path;

use protocol::{Algorithm, Name, VerifyingKey, WalletClass};
use wallet_core::{
    AccountWords, Location, LockedWallet, NewWallet, OpenReport, Pin, PinError, Platform, Wallet, WordCount,
    WordList, guard::RollbackGuard as _,
};
use zeroize::Zeroizing;

use crate::{
    disk::{Disk, Kept, NoDisk},
    environment::DeviceClock,
    line::BankLine,
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

/// A device without an app on it: where the app's files will be, the hardware, and the line to the bank.
#[derive(Debug)]
pub struct Device {
    pub(crate) name: String,
    pub(crate) files: Files,
    pub(crate) hardware: Hardware,
    pub(crate) line: BankLine,
}

/// Whose money it is: what a person still has after every phone is gone.
#[derive(Clone)]
pub struct Owner {
    /// Twelve words come out of these bytes.
    words: Zeroizing<[u8; 32]>,
    options: PhoneOptions,
}

impl core::fmt::Debug for Owner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Owner(…)")
    }
}

impl Owner {
    pub(crate) fn new(hardware: &Hardware, options: &PhoneOptions) -> Result<Self, WorldError> {
        Ok(Self {
            words: hardware.random()?,
            options: options.clone(),
        })
    }

    /// The class of its wallets.
    pub(crate) const fn class(&self) -> WalletClass {
        self.options.class
    }

    fn words(&self) -> Result<AccountWords, WorldError> {
        AccountWords::from_entropy(&self.words, WordCount::Twelve, WordList::English)
            .map_err(|_| WorldError::Words)
    }
}

/// A phone with a wallet on it.
#[derive(Debug)]
pub struct Phone {
    device: Device,
    owner: Owner,
    root: VerifyingKey,
    /// The wallet's file.
    location: Location,
    wallet: Wallet,
}

impl Phone {
    /// An app with a new wallet on a device, not yet enrolled.
    pub(crate) fn new(device: Device, owner: Owner, root: VerifyingKey) -> Result<Self, WorldError> {
        device.files.clear()?;
        let location = device.files.wallet();
        let wallet = create(&device, &location, &owner, root)?;
        Ok(Self {
            device,
            owner,
            root,
            location,
            wallet,
        })
    }

    /// The owner's words on a device, with or without a backup: not yet enrolled.
    pub(crate) fn restored(
        device: Device,
        owner: Owner,
        root: VerifyingKey,
        backup: Option<&[u8]>,
    ) -> Result<Self, WorldError> {
        device.files.clear()?;
        let location = device.files.wallet();
        let words = owner.words()?;
        let new = NewWallet {
            words: &words,
            root,
            algorithm: owner.options.algorithm,
        };
        let wallet = Wallet::restore(&location, device.hardware.lend(), &new, backup)?;
        Ok(Self {
            device,
            owner,
            root,
            location,
            wallet,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.device.name
    }

    /// The wallet.
    #[must_use]
    pub const fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Its clock. It goes with the world's until somebody sets it.
    #[must_use]
    pub const fn clock(&self) -> &DeviceClock {
        self.device.hardware.clock()
    }

    /// Its line to the bank.
    #[must_use]
    pub const fn line(&self) -> &BankLine {
        &self.device.line
    }

    /// Its hardware.
    #[must_use]
    pub const fn hardware(&self) -> &Hardware {
        &self.device.hardware
    }

    /// Whose money it is.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.owner
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
        match &self.device.files {
            Files::Disk(disk) => Some(disk),
            Files::Folder(_) => None,
        }
    }

    /// What the device lends to its wallet, for a test that opens the file itself.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.device.hardware.lend()
    }

    /// Opens the owner's account at the bank, or finds it again, and has keys certified.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn enrol(&self) -> Result<(), WorldError> {
        let PhoneOptions { class, merchant, .. } = &self.owner.options;
        Ok(self.wallet.enrol(self.line(), *class, merchant.clone())?)
    }

    /// Kills the app and starts it again. What is on the disk is all that is left.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn restart(&mut self) -> Result<OpenReport, WorldError> {
        self.wallet.close()?;
        self.open()
    }

    /// Takes the battery out, puts it in again, and starts the app. If the power is off already, what was lost then is
    /// what is lost.
    ///
    /// # Errors
    /// [`WorldError`], among others if the phone has no disk of its own.
    pub fn crash(&mut self, kept: Kept) -> Result<OpenReport, WorldError> {
        let disk = self.disk().ok_or(NoDisk)?;
        if disk.is_powered() {
            disk.power_off(kept);
        }
        self.wallet.close()?;
        disk.forget_plan();
        disk.power_on();
        self.restart()
    }

    /// Copies all of the app's files.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn snapshot(&self) -> Result<Snapshot, WorldError> {
        let wallet = self.wallet.journal_head()?.wallet;
        let head = self.device.hardware.guard().read(&wallet);
        Ok(self
            .device
            .files
            .copy(head.map_err(wallet_core::OpenError::from)?)?)
    }

    /// Puts all of the app's files back to what they were, while no wallet is open on them. For a wallet with a PIN, which
    /// this phone does not know.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn put(&mut self, snapshot: &Snapshot) -> Result<(), WorldError> {
        self.wallet.close()?;
        Ok(self.device.files.put(snapshot)?)
    }

    /// Puts all of the app's files back to what they were, and opens them. The guard does not travel with them.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<OpenReport, WorldError> {
        self.wallet.close()?;
        self.device.files.put(snapshot)?;
        self.open()
    }

    /// What the owner of a rooted phone can do: puts the files back, and makes the guard say what it said then.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn restore_with_guard(&mut self, snapshot: &Snapshot) -> Result<OpenReport, WorldError> {
        let turned = self.device.hardware.guard().turn_back(snapshot.head);
        turned.map_err(wallet_core::OpenError::from)?;
        self.restore(snapshot)
    }

    /// Opens a copy of this phone's files on another device.
    ///
    /// # Errors
    /// [`WorldError`]; [`wallet_core::OpenError::WrongKey`] unless the device was made with this one's vault.
    pub fn clone_to(&self, device: Device, snapshot: &Snapshot) -> Result<(Self, OpenReport), WorldError> {
        device.files.put(snapshot)?;
        let location = device.files.wallet();
        let (wallet, report) = Wallet::open(&location, device.hardware.lend())?;
        let copy = Self {
            device,
            owner: self.owner.clone(),
            root: self.root,
            location,
            wallet,
        };
        Ok((copy, report))
    }

    /// Deletes the app with everything in it, and installs it again with the owner's words. It is not enrolled yet.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn reinstall(&mut self) -> Result<(), WorldError> {
        self.wallet.close()?;
        self.device.files.clear()?;
        self.wallet = create(&self.device, &self.location, &self.owner, self.root)?;
        Ok(())
    }

    /// Starts the app anew, and types a PIN.
    ///
    /// # Errors
    /// [`PinError`]. Then no wallet is open.
    pub fn unlock(&mut self, pin: &Pin) -> Result<OpenReport, PinError> {
        self.wallet.close()?;
        let locked = LockedWallet::open(&self.location, self.platform())?;
        let (wallet, report) = locked.unlock(pin)?;
        self.wallet = wallet;
        Ok(report)
    }

    fn open(&mut self) -> Result<OpenReport, WorldError> {
        let (wallet, report) = Wallet::open(&self.location, self.platform())?;
        self.wallet = wallet;
        Ok(report)
    }
}

fn create(
    device: &Device,
    location: &Location,
    owner: &Owner,
    root: VerifyingKey,
) -> Result<Wallet, WorldError> {
    let words = owner.words()?;
    let new = NewWallet {
        words: &words,
        root,
        algorithm: owner.options.algorithm,
    };
    Ok(Wallet::create(location, device.hardware.lend(), &new)?)
}

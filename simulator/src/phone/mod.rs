//! A phone: an app with a wallet in files of its own, hardware that survives when the app does not, and a line to the bank.

mod files;
mod hardware;

pub use files::Snapshot;
pub use hardware::{DeviceGuard, GuardTrouble, Hardware, WitnessedVault};

use std::path::{Path, PathBuf};

use protocol::{Algorithm, Name, VerifyingKey, WalletClass};
use wallet_core::{
    AccountWords, NewWallet, OpenReport, Platform, Wallet, WordCount, WordList, guard::RollbackGuard as _,
};
use zeroize::Zeroizing;

use crate::{environment::DeviceClock, line::BankLine, world::WorldError};

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
    pub(crate) folder: PathBuf,
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
    path: PathBuf,
    wallet: Wallet,
}

impl Phone {
    /// An app with a new wallet on a device, not yet enrolled.
    pub(crate) fn new(device: Device, owner: Owner, root: VerifyingKey) -> Result<Self, WorldError> {
        files::clear(&device.folder)?;
        let path = files::wallet_in(&device.folder);
        let wallet = create(&device, &path, &owner, root)?;
        Ok(Self {
            device,
            owner,
            root,
            path,
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
        &self.path
    }

    /// The folder with all of the app's files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.device.folder
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

    /// Copies all of the app's files.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn snapshot(&self) -> Result<Snapshot, WorldError> {
        let wallet = self.wallet.journal_head()?.wallet;
        let head = self.device.hardware.guard().read(&wallet);
        Ok(Snapshot::take(
            &self.device.folder,
            head.map_err(wallet_core::OpenError::from)?,
        )?)
    }

    /// Puts all of the app's files back to what they were, and opens them. The guard does not travel with them.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<OpenReport, WorldError> {
        self.wallet.close()?;
        snapshot.put(&self.device.folder)?;
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
        snapshot.put(&device.folder)?;
        let path = files::wallet_in(&device.folder);
        let (wallet, report) = Wallet::open(&path, device.hardware.lend())?;
        let copy = Self {
            device,
            owner: self.owner.clone(),
            root: self.root,
            path,
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
        files::clear(&self.device.folder)?;
        self.wallet = create(&self.device, &self.path, &self.owner, self.root)?;
        Ok(())
    }

    fn open(&mut self) -> Result<OpenReport, WorldError> {
        let (wallet, report) = Wallet::open(&self.path, self.platform())?;
        self.wallet = wallet;
        Ok(report)
    }
}

fn create(device: &Device, path: &Path, owner: &Owner, root: VerifyingKey) -> Result<Wallet, WorldError> {
    let words = owner.words()?;
    let new = NewWallet {
        words: &words,
        root,
        algorithm: owner.options.algorithm,
    };
    Ok(Wallet::create(path, device.hardware.lend(), &new)?)
}

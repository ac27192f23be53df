//! A wallet's home: a folder with everything that makes up one wallet on a development machine.
//!
//! | file | what it is |
//! | --- | --- |
//! | `wallet.sqlite` | the money: sealed rows, see `wallet_core::store` |
//! | `vault.key` | the secret of the software vault. On a phone this is hardware; **a file is for development only** |
//! | `wallet.json` | the bank's address, the pinned root, and where the rollback guard is |
//!
//! The guard itself lies elsewhere, because a copy of this folder must not contain it.

use data_encoding::HEXLOWER;
use protocol::{Algorithm, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use wallet_core::{
    AccountWords, LockedWallet, NewWallet, OpenError, OpenReport, Platform, Wallet,
    platform::{Clock, Entropy as _},
    vault::SoftwareVault,
};
use zeroize::Zeroizing;

use crate::{
    device::{SystemClock, SystemEntropy},
    failure::Failure,
    files,
    guard::FileGuard,
    root, secret,
};

/// The folder of one wallet.
#[derive(Clone)]
pub(crate) struct Home {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

/// What a wallet remembers about the world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    /// The bank's address.
    pub(crate) bank: String,
    /// The issuer's root: the one thing the wallet believes without proof.
    pub(crate) root: VerifyingKey,
    /// The folder of the rollback guard. Remembered, because an unguarded wallet would take itself for a copy.
    pub(crate) guard: PathBuf,
}

/// How [`Settings`] are written.
#[derive(Serialize, Deserialize)]
struct SettingsFile {
    bank: String,
    root: String,
    guard: PathBuf,
}

impl Home {
    /// The home in this folder, whether or not there is one yet.
    pub(crate) fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            clock: Arc::new(SystemClock),
        }
    }

    /// The same, where another clock goes than the operating system's.
    pub(crate) fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a wallet in this folder, which must exist and be empty.
    pub(crate) fn create(
        &self,
        settings: &Settings,
        words: &AccountWords,
        algorithm: Algorithm,
        backup: Option<&[u8]>,
    ) -> Result<Wallet, Failure> {
        let guard = &settings.guard;
        files::private_folder(guard).map_err(Failure::file("make the folder", guard))?;
        let mut master = Zeroizing::new([0; 32]);
        SystemEntropy.fill(master.as_mut_slice())?;
        let digits = Zeroizing::new(HEXLOWER.encode(master.as_slice()));
        files::create_private(&self.vault_file(), digits.as_bytes())
            .map_err(Failure::file("write", self.vault_file()))?;
        let text = SettingsFile {
            bank: settings.bank.clone(),
            root: settings.root.to_string(),
            guard: guard.clone(),
        };
        let text = serde_json::to_vec_pretty(&text).map_err(|_| self.damaged())?;
        files::create_private(&self.settings_file(), &text)
            .map_err(Failure::file("write", self.settings_file()))?;
        let new = NewWallet {
            words,
            root: settings.root,
            algorithm,
        };
        Ok(Wallet::restore(
            self.wallet_file(),
            self.platform(guard, master),
            &new,
            backup,
        )?)
    }

    /// Opens the wallet in this folder.
    pub(crate) fn open(&self) -> Result<(Wallet, OpenReport, Settings), Failure> {
        let settings = self.settings()?;
        let platform = self.platform(&settings.guard, self.master()?);
        let (wallet, report) = match Wallet::open(self.wallet_file(), platform.clone()) {
            Err(OpenError::PinRequired) => {
                let locked = LockedWallet::open(self.wallet_file(), platform)?;
                locked.unlock(&secret::pin("PIN")?)?
            }
            opened => opened?,
        };
        Ok((wallet, report, settings))
    }

    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let path = self.settings_file();
        if !path.exists() {
            return Err(Failure::NoWallet {
                home: self.folder.clone(),
            });
        }
        let text = fs::read(&path).map_err(Failure::file("read", path))?;
        let file: SettingsFile = serde_json::from_slice(&text).map_err(|_| self.damaged())?;
        Ok(Settings {
            bank: file.bank,
            root: root::parse(&file.root).ok_or_else(|| self.damaged())?,
            guard: file.guard,
        })
    }

    fn master(&self) -> Result<Zeroizing<[u8; 32]>, Failure> {
        let path = self.vault_file();
        let digits = Zeroizing::new(fs::read(&path).map_err(Failure::file("read", &path))?);
        let mut master = Zeroizing::new([0; 32]);
        let is_key = digits.len() == 64 && HEXLOWER.decode_mut(&digits, master.as_mut_slice()).is_ok();
        is_key.then_some(master).ok_or(Failure::FileDamaged { path })
    }

    fn platform(&self, guard: &Path, master: Zeroizing<[u8; 32]>) -> Platform {
        let entropy = Arc::new(SystemEntropy);
        Platform {
            vault: Arc::new(SoftwareVault::new(master, entropy.clone())),
            guard: Arc::new(FileGuard::new(guard)),
            clock: self.clock.clone(),
            entropy,
        }
    }

    fn damaged(&self) -> Failure {
        Failure::FileDamaged {
            path: self.settings_file(),
        }
    }

    fn wallet_file(&self) -> PathBuf {
        self.folder.join("wallet.sqlite")
    }

    fn vault_file(&self) -> PathBuf {
        self.folder.join("vault.key")
    }

    fn settings_file(&self) -> PathBuf {
        self.folder.join("wallet.json")
    }
}

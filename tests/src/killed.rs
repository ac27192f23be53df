//! Two wallets in real files, for a process that hands money from one to the other until it is killed, and for the one
//! that kills it and counts.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use data_encoding::HEXLOWER;
use protocol::{Amount, Timestamp, cbor};
use simulator::{Air, Frames, Handoff, Roles, SeededEntropy, TapReport, VirtualClock};
use wallet_core::{
    Consent, OpenReport, Platform, Wallet,
    guard::{GuardUnavailable, Head, RollbackGuard, WalletId},
    vault::SoftwareVault,
};
use zeroize::Zeroizing;

/// Which wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// The one that pays.
    Payer = 1,
    /// The one that is paid.
    Payee = 2,
}

/// Where both wallets are, and all that is needed to open them in any process.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder with their files.
    pub folder: PathBuf,
    /// What all randomness comes from.
    pub seed: u64,
    /// The time.
    pub now: Timestamp,
}

impl Home {
    /// The wallet's file.
    #[must_use]
    pub fn file(&self, whose: Whose) -> PathBuf {
        self.folder.join(format!("{whose:?}.sqlite"))
    }

    /// What the device lends to a wallet. No two processes may have the same number, or they draw the same keys.
    #[must_use]
    pub fn platform(&self, whose: Whose, process: u64) -> Platform {
        let entropy = Arc::new(SeededEntropy::new(self.seed, 2 * process + whose as u64 - 1));
        Platform {
            vault: Arc::new(SoftwareVault::new(
                Zeroizing::new([whose as u8; 32]),
                entropy.clone(),
            )),
            guard: Arc::new(FileGuard(self.folder.join("guard"))),
            clock: Arc::new(VirtualClock::at(self.now)),
            entropy,
        }
    }

    /// Opens a wallet.
    #[must_use]
    pub fn open(&self, whose: Whose, process: u64) -> (Wallet, OpenReport) {
        Wallet::open(self.file(whose), self.platform(whose, process)).expect("a killed wallet opens")
    }
}

/// The payee asks, and one tap follows.
#[must_use]
pub fn hand_over(payer: &Wallet, payee: &Wallet, amount: Amount, roles: Roles) -> TapReport {
    let request = payee.request(Some(amount)).expect("there is room");
    let mut handoff = Handoff {
        payer: payer
            .pay(Consent::Exactly(amount), roles.payer())
            .expect("a payer"),
        payee: payee.receive(&request.id, roles.payee()).expect("a payee"),
    };
    handoff.tap(Frames::Extended, &mut Air::perfect())
}

/// Heads in one small file each, replaced as a whole. Only one process at a time has the wallets open.
struct FileGuard(PathBuf);

impl FileGuard {
    fn file(&self, wallet: &WalletId) -> PathBuf {
        self.0.join(HEXLOWER.encode(&wallet.0))
    }

    fn replace(&self, head: &Head) -> io::Result<()> {
        let path = self.file(&head.wallet);
        let fresh = path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&cbor::encode(head))?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        sync_folder(&self.0)
    }
}

impl RollbackGuard for FileGuard {
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        match fs::read(self.file(wallet)) {
            Ok(bytes) => cbor::decode("head", &bytes)
                .map(Some)
                .map_err(|_| GuardUnavailable),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.0.is_dir() => Ok(None),
            Err(_) => Err(GuardUnavailable),
        }
    }

    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable> {
        if self.read(&head.wallet)?.as_ref() == known {
            self.replace(head).map_err(|_| GuardUnavailable)?;
        }
        self.read(&head.wallet)?.ok_or(GuardUnavailable)
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

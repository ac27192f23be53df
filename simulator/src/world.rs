//! A world: a bank, phones, one clock, one seed.

use std::{env, path::Path, sync::Arc, thread};

use bank::{
    Bank, BankConfig, Place,
    issuer::IssuerConfig,
    operator::policies::{OfflineRules, Profile},
};
use protocol::{Amount, Name, OfflineLimits, RequestId, Timestamp};
use tempfile::TempDir;
use wallet_core::{BankError, Consent, Fault, HandoffError, OpenError, ReceiveError, RestoreError};

use crate::{
    disk::{Disk, NoDisk},
    environment::{DeviceClock, SeededEntropy, VirtualClock},
    handoff::{Handoff, Roles},
    line::BankLine,
    phone::{Device, Files, Hardware, Owner, Phone, PhoneOptions},
    rogue::Rogue,
};

pub use bank::Books;

/// Noon of the day on which worlds begin: 2026-11-24.
const BEGINNING: Timestamp = Timestamp::from_seconds(20_781 * 86_400 + 43_200);

/// A bank and phones in one process.
pub struct World {
    seed: u64,
    clock: VirtualClock,
    bank: Arc<Bank>,
    /// Where the phones' files are, unless each has a disk of its own.
    folder: Option<TempDir>,
    devices: u64,
}

impl core::fmt::Debug for World {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("World")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// A world could not be made, or something in it failed that a test did not expect to.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A wallet was not restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Files could not be read or written.
    #[error("the files: {0}")]
    Files(#[from] std::io::Error),
    /// The phone has no simulated disk.
    #[error(transparent)]
    Disk(#[from] NoDisk),
    /// The bank did not open, or failed.
    #[error("the bank: {0}")]
    Bank(String),
    /// A wallet did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A wallet could not be asked.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A wallet's dealings with the bank failed.
    #[error(transparent)]
    Dealings(#[from] BankError),
    /// A request could not be made.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// A conversation failed.
    #[error(transparent)]
    Handoff(#[from] HandoffError),
    /// The words or the key of an account could not be made.
    #[error("no words")]
    Words,
    /// A rogue was asked for more than it can do.
    #[error("a rogue cannot do that: {0}")]
    Rogue(&'static str),
}

/// The seed in `DCEP_SEED`, or this one.
#[must_use]
pub fn seed_from_environment(otherwise: u64) -> u64 {
    env::var("DCEP_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(otherwise)
}

/// What can be chosen about a world.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WorldOptions {
    /// How long the issuer's series last.
    pub issuer: IssuerConfig,
    /// Where the phones keep their files.
    pub storage: Storage,
    /// The published limits that the operator follows.
    pub profile: Profile,
    /// The limits that the publications leave open.
    pub rules: Rules,
}

/// Under which limits on being offline a world lives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Rules {
    /// Those of a real operator, except that nobody counts payments: worlds are for tapping thousands of times.
    #[default]
    Uncounted,
    /// These.
    Only(OfflineRules),
}

impl Rules {
    fn offline(&self) -> OfflineRules {
        match self {
            Self::Only(rules) => rules.clone(),
            Self::Uncounted => {
                let usual = OfflineRules::default();
                OfflineRules {
                    offline: OfflineLimits {
                        payments: u32::MAX,
                        ..usual.offline
                    },
                    ..usual
                }
            }
        }
    }
}

/// Where phones keep their files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Storage {
    /// In a temporary folder.
    #[default]
    Folder,
    /// In a temporary folder that is in memory, where the system has a place for that: for runs that are not about the disk.
    FolderInMemory,
    /// Each on a simulated [`Disk`] of its own, which forgets what was not synced when its power fails.
    Disks,
}

impl World {
    /// A world out of a seed.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn new(seed: u64) -> Result<Self, WorldError> {
        Self::with_options(seed, &WorldOptions::default())
    }

    /// A world out of a seed, in which every phone has a [`Disk`] of its own.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn on_disks(seed: u64) -> Result<Self, WorldError> {
        let storage = Storage::Disks;
        Self::with_options(
            seed,
            &WorldOptions {
                storage,
                ..WorldOptions::default()
            },
        )
    }

    /// A world out of a seed, not quite as usual.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn with_options(seed: u64, options: &WorldOptions) -> Result<Self, WorldError> {
        let clock = VirtualClock::at(BEGINNING);
        let name = Name::new("Simulated Bank").map_err(|e| WorldError::Bank(e.to_string()))?;
        let mut config = BankConfig {
            issuer: options.issuer.clone(),
            ..BankConfig::new(Place::Memory, name)
        };
        config.operator.rules = options.rules.offline();
        config.operator.profile = options.profile;
        let bank = Bank::open(
            config,
            Arc::new(clock.clone()),
            Arc::new(SeededEntropy::new(seed, 0)),
        )
        .map_err(|e| WorldError::Bank(e.to_string()))?;
        Ok(Self {
            seed,
            clock,
            bank: Arc::new(bank),
            folder: folder(options.storage)?,
            devices: 0,
        })
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The clock of the bank and of all phones.
    #[must_use]
    pub const fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// The bank.
    #[must_use]
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// A line to the bank.
    #[must_use]
    pub fn line(&self) -> BankLine {
        BankLine::new(Arc::clone(&self.bank))
    }

    /// A phone of the usual kind, enrolled.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn phone(&mut self, name: &str) -> Result<Phone, WorldError> {
        self.phone_with(name, &PhoneOptions::default())
    }

    /// A phone, enrolled.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn phone_with(&mut self, name: &str, options: &PhoneOptions) -> Result<Phone, WorldError> {
        let device = self.device(name)?;
        let owner = Owner::new(&device.hardware, options)?;
        let phone = self.install(device, owner)?;
        phone.enrol()?;
        Ok(phone)
    }

    /// A device that was just made.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn device(&mut self, name: &str) -> Result<Device, WorldError> {
        let hardware = Hardware::new(DeviceClock::right(&self.clock), self.randomness())?;
        self.equip(name, hardware)
    }

    /// A device to which the secrets of another one's vault were taken along; its guard is its own.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn device_with_vault_of(&mut self, name: &str, phone: &Phone) -> Result<Device, WorldError> {
        let clock = DeviceClock::right(&self.clock);
        let hardware = Hardware::with_vault_of(phone.hardware(), clock, self.randomness());
        self.equip(name, hardware)
    }

    /// Installs the app on a device for an owner, who may have had phones before. It is not enrolled yet.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn install(&self, device: Device, owner: Owner) -> Result<Phone, WorldError> {
        Phone::new(device, owner, self.bank.root())
    }

    /// Restores an owner's wallet on a device, with the backup of an earlier phone or without, and enrols it.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn restore_from_words(
        &self,
        device: Device,
        owner: Owner,
        backup: Option<&[u8]>,
    ) -> Result<Phone, WorldError> {
        let phone = Phone::restored(device, owner, self.bank.root(), backup)?;
        phone.enrol()?;
        Ok(phone)
    }

    /// Somebody with an account, and without a wallet of ours.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn rogue(&mut self) -> Result<Rogue, WorldError> {
        Rogue::new(Arc::clone(&self.bank), self.randomness())
    }

    /// Every device has a stream of randomness of its own.
    fn randomness(&mut self) -> SeededEntropy {
        self.devices += 1;
        SeededEntropy::new(self.seed, self.devices)
    }

    fn equip(&self, name: &str, hardware: Hardware) -> Result<Device, WorldError> {
        let files = match &self.folder {
            Some(folder) => Files::Folder(folder.path().join(format!("{}-{name}", self.devices))),
            None => Files::Disk(Disk::new()?),
        };
        Ok(Device {
            name: name.to_owned(),
            files,
            hardware,
            line: self.line(),
        })
    }

    /// Brings cash to the counter for the owner of a phone, and loads it onto the phone.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn fund(&self, phone: &Phone, amount: Amount) -> Result<(), WorldError> {
        self.bank
            .pay_in(&phone.wallet().account()?, amount)
            .map_err(|e| WorldError::Bank(e.to_string()))?;
        Ok(phone.wallet().load(&self.line(), amount)?)
    }

    /// The payee asks for `amount`, the payer consents to exactly that.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn handoff(
        &self,
        payer: &Phone,
        payee: &Phone,
        amount: Amount,
        roles: Roles,
    ) -> Result<Handoff, WorldError> {
        let request = payee.wallet().request(Some(amount))?;
        self.handoff_for(payer, payee, &request.id, Consent::Exactly(amount), roles)
    }

    /// A handoff for a request that was made before.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn handoff_for(
        &self,
        payer: &Phone,
        payee: &Phone,
        request: &RequestId,
        consent: Consent,
        roles: Roles,
    ) -> Result<Handoff, WorldError> {
        Ok(Handoff {
            payer: payer.wallet().pay(consent, roles.payer())?,
            payee: payee.wallet().receive(request, roles.payee())?,
        })
    }

    /// The bank's books.
    ///
    /// # Errors
    /// [`WorldError::Bank`].
    pub fn books(&self) -> Result<Books, WorldError> {
        self.bank.books().map_err(|e| WorldError::Bank(e.to_string()))
    }
}

/// A folder for the phones' files, gone when the world is.
fn folder(storage: Storage) -> Result<Option<TempDir>, WorldError> {
    let memory = Path::new("/dev/shm");
    Ok(match storage {
        Storage::Disks => None,
        Storage::FolderInMemory if memory.is_dir() => Some(tempfile::tempdir_in(memory)?),
        Storage::Folder | Storage::FolderInMemory => Some(tempfile::tempdir()?),
    })
}

/// A test that fails tells how to see it fail again.
impl Drop for World {
    #[expect(
        clippy::print_stderr,
        reason = "the seed is for the person who reads the failed test"
    )]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!(
                "this world came out of seed {seed}: replay with DCEP_SEED={seed}",
                seed = self.seed
            );
        }
    }
}

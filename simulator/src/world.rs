//! A world: a bank, phones, one clock, one seed.

use std::{env, sync::Arc, thread};

use bank::{Bank, BankConfig, Place};
use protocol::{Amount, Name, RequestId, Timestamp, cbor};
use tempfile::TempDir;
use wallet_core::{
    BankError, Consent, Fault, OpenError, ReceiveError,
    platform::{BankTransport, TransportError},
};

use crate::{
    disk::NoDisk,
    environment::{SeededEntropy, VirtualClock},
    handoff::{Handoff, Roles},
    phone::{Phone, PhoneOptions},
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
    phones: u64,
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
    /// The phone has no simulated disk.
    #[error(transparent)]
    Disk(#[from] NoDisk),
    /// No temporary folder.
    #[error("no temporary folder: {0}")]
    Folder(#[from] std::io::Error),
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
    /// The words of an account could not be made.
    #[error("no words")]
    Words,
}

/// The seed in `DCEP_SEED`, or this one.
#[must_use]
pub fn seed_from_environment(otherwise: u64) -> u64 {
    env::var("DCEP_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(otherwise)
}

/// The line to the bank of a world; it can be cut.
#[derive(Clone)]
pub struct BankLine(Option<Arc<Bank>>);

impl BankLine {
    /// A line that reaches nobody: the phone is offline.
    #[must_use]
    pub const fn offline() -> Self {
        Self(None)
    }
}

impl BankTransport for BankLine {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.0
            .as_ref()
            .map(|bank| bank.handle_call(call))
            .ok_or(TransportError::Unreachable)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        let bank = self.0.as_ref().ok_or(TransportError::Unreachable)?;
        bank.trust_bundle()
            .map(|bundle| cbor::encode(&bundle))
            .map_err(|_| TransportError::Status { status: 500 })
    }
}

impl World {
    /// A world out of a seed. The phones' wallets are in files.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn new(seed: u64) -> Result<Self, WorldError> {
        Self::make(seed, Some(tempfile::tempdir()?))
    }

    /// A world out of a seed, in which every phone has a [`Disk`](crate::disk::Disk) of its own.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn on_disks(seed: u64) -> Result<Self, WorldError> {
        Self::make(seed, None)
    }

    fn make(seed: u64, folder: Option<TempDir>) -> Result<Self, WorldError> {
        let clock = VirtualClock::at(BEGINNING);
        let name = Name::new("Simulated Bank").map_err(|e| WorldError::Bank(e.to_string()))?;
        let bank = Bank::open(
            BankConfig::new(Place::Memory, name),
            Arc::new(clock.clone()),
            Arc::new(SeededEntropy::new(seed, 0)),
        )
        .map_err(|e| WorldError::Bank(e.to_string()))?;
        Ok(Self {
            seed,
            clock,
            bank: Arc::new(bank),
            folder,
            phones: 0,
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
        BankLine(Some(Arc::clone(&self.bank)))
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
        self.phones += 1;
        let entropy = SeededEntropy::new(self.seed, self.phones);
        let root = self.bank.root();
        let phone = Phone::new(
            name,
            self.folder.as_ref().map(TempDir::path),
            self.clock.clone(),
            entropy,
            root,
            options.algorithm,
        )?;
        phone
            .wallet()
            .enrol(&self.line(), options.class, options.merchant.clone())?;
        Ok(phone)
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

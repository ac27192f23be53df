//! A bank, phones and a tap in the same process, out of one seed: for trying it alone, for tests, and for notebooks.
//!
//! Only with the feature `sandbox`, which what ships is built without.

use protocol::Code;
use simulator::{BankLine, Phone, VirtualClock, World, WorldError};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};
use wallet_core::platform::BankTransport as _;

use crate::{
    Amount, FrameSize, Handoff, Side, Wallet, WalletError,
    error::{Row, TapError},
    input,
    mirror::asked,
    platform::{BankTransport, Clock, ClockError, TransportError},
};

/// Something in the sandbox went wrong that a sandbox does not expect.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum SandboxError {
    /// In English, for whoever tests.
    Failed {
        /// What.
        what: String,
    },
}

impl Row for SandboxError {
    fn row(&self) -> Code {
        Code::Malformed
    }
}

asked!(SandboxError);

impl From<WorldError> for SandboxError {
    fn from(error: WorldError) -> Self {
        failed(&error)
    }
}

fn failed(what: &impl ToString) -> SandboxError {
    SandboxError::Failed {
        what: what.to_string(),
    }
}

/// A central bank and an operator in memory, a virtual clock, and as many phones as wanted. One seed determines everything
/// that the sandbox's own phones do.
#[derive(uniffi::Object)]
pub struct Sandbox {
    line: BankLine,
    clock: VirtualClock,
    living: Mutex<Living>,
}

struct Living {
    world: World,
    phones: BTreeMap<String, Phone>,
}

#[uniffi::export]
impl Sandbox {
    /// A bank that has just opened, on a day in November 2026.
    #[uniffi::constructor]
    pub fn new(seed: u64) -> Result<Self, SandboxError> {
        let world = World::new(seed)?;
        Ok(Self {
            line: world.line(),
            clock: world.clock().clone(),
            living: Mutex::new(Living {
                world,
                phones: BTreeMap::new(),
            }),
        })
    }

    /// The issuer's root key, as `Wallet.create` takes it.
    pub fn root(&self) -> Result<String, SandboxError> {
        Ok(self.living().world.bank().root().to_string())
    }

    /// A line to the operator, for a `Platform`.
    pub fn bank(&self) -> Result<Arc<dyn BankTransport>, SandboxError> {
        Ok(Arc::new(Line(self.line.clone())))
    }

    /// The sandbox's clock, for a `Platform`.
    pub fn clock(&self) -> Result<Arc<dyn Clock>, SandboxError> {
        Ok(Arc::new(SandboxClock(self.clock.clone())))
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: u64) -> Result<(), SandboxError> {
        self.clock.advance(seconds);
        Ok(())
    }

    /// Cuts every line to the operator, or mends them.
    pub fn set_offline(&self, offline: bool) -> Result<(), SandboxError> {
        self.line.set_offline(offline);
        Ok(())
    }

    /// Brings cash to the counter for an account (`Wallet.account`).
    pub fn pay_in(&self, account: &str, amount: Amount) -> Result<(), SandboxError> {
        let account = input::root(account).map_err(|error| failed(&error))?;
        let amount = amount.try_into().map_err(|error: WalletError| failed(&error))?;
        let paid_in = self.living().world.bank().pay_in(&account, amount);
        paid_in.map(drop).map_err(|error| failed(&error))
    }

    /// A simulated phone of this name, enrolled, with its own files, vault and guard. Made when it is first asked for.
    pub fn phone(&self, name: String) -> Result<Arc<Wallet>, SandboxError> {
        let mut living = self.living();
        let Living { world, phones } = &mut *living;
        let phone = match phones.entry(name) {
            Entry::Occupied(phone) => phone.into_mut(),
            Entry::Vacant(place) => {
                let phone = world.phone(place.key())?;
                place.insert(phone)
            }
        };
        Ok(self.wallet(phone))
    }

    /// Brings cash to the counter for a phone's owner, and loads it onto the phone.
    pub fn fund(&self, name: &str, amount: Amount) -> Result<(), SandboxError> {
        let amount = amount.try_into().map_err(|error: WalletError| failed(&error))?;
        let living = self.living();
        let phone = living.phones.get(name).ok_or_else(|| failed(&"no such phone"))?;
        Ok(living.world.fund(phone, amount)?)
    }

    /// Kills a phone's app and starts it again. Old handles of its wallet are closed, and handoffs cut off.
    pub fn restart(&self, name: &str) -> Result<Arc<Wallet>, SandboxError> {
        let mut living = self.living();
        let phone = living
            .phones
            .get_mut(name)
            .ok_or_else(|| failed(&"no such phone"))?;
        phone.restart()?;
        Ok(self.wallet(phone))
    }

    /// The bank's books.
    pub fn books(&self) -> Result<SandboxBooks, SandboxError> {
        let books = self.living().world.books()?;
        Ok(SandboxBooks {
            issued: books.issued.into(),
            outstanding: books.outstanding.into(),
            redeemed: books.redeemed.into(),
        })
    }
}

impl Sandbox {
    fn living(&self) -> MutexGuard<'_, Living> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wallet(&self, phone: &Phone) -> Arc<Wallet> {
        Arc::new(Wallet::of(
            phone.wallet().clone(),
            Arc::new(Line(self.line.clone())),
        ))
    }
}

/// The bank's books, in fen: issued = outstanding + redeemed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SandboxBooks {
    /// Cash that the issuer ever signed.
    pub issued: Amount,
    /// Cash that is out.
    pub outstanding: Amount,
    /// Cash that came back.
    pub redeemed: Amount,
}

struct Line(BankLine);

impl BankTransport for Line {
    fn call(&self, call: Vec<u8>) -> Result<Vec<u8>, TransportError> {
        Ok(self.0.call(&call)?)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        Ok(self.0.trust()?)
    }
}

struct SandboxClock(VirtualClock);

impl Clock for SandboxClock {
    fn now(&self) -> Result<SystemTime, ClockError> {
        Ok(input::system_time(self.0.now()))
    }
}

/// A frame that passed between two devices.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Frame {
    /// Who sent it: the reader commands, the card responses.
    pub from: Side,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a simulated tap came to.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SimulatedTap {
    /// Whether the handoff came to its end; else the link tore.
    pub completed: bool,
    /// How many bytes passed, both ways.
    pub bytes: u64,
    /// Everything that was sent, in order. What tore arrived nowhere.
    pub frames: Vec<Frame>,
}

/// Holds two handoffs of the same process together: one made for the reader's side, one for the card's. The phones slip
/// apart when more than `tear_after` bytes would have passed, both ways together; `None`: they do not.
#[uniffi::export]
pub fn simulated_tap(
    reader: &Handoff,
    card: &Handoff,
    frames: FrameSize,
    tear_after: Option<u64>,
) -> Result<SimulatedTap, TapError> {
    let mut tap = SimulatedTap {
        completed: false,
        bytes: 0,
        frames: Vec::new(),
    };
    let mut passes = |from: Side, bytes: &[u8]| {
        let length = bytes.len() as u64;
        let room = tear_after.map_or(u64::MAX, |most| most - tap.bytes.min(most));
        tap.bytes += length.min(room);
        tap.frames.push(Frame {
            from,
            bytes: bytes.to_vec(),
        });
        length <= room
    };
    let mut command = reader.begin_tap(frames)?;
    while passes(Side::Reader, &command) {
        let response = card.process(command)?;
        if !passes(Side::Card, &response) {
            break;
        }
        match reader.receive(response)? {
            Some(next) => command = next,
            None => {
                tap.completed = true;
                break;
            }
        }
    }
    Ok(tap)
}

/// Panics: for tests that a panic arrives as an exception, and leaves the process alive.
#[uniffi::export]
#[allow(clippy::panic, reason = "that is what it is for")]
pub fn panic_on_purpose() -> Result<(), WalletError> {
    panic!("on purpose")
}

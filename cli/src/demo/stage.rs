//! The stage: a bank behind real HTTP, three phones with real files, and the air between them.

use bank::{Bank, BankConfig, Place, http::Server};
use protocol::{Amount, Name, RequestId, WalletClass};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Instant,
};
use tempfile::TempDir;
use wallet_core::{
    AccountWords, Consent, Outcome, Side, Wallet, WordCount, WordList,
    handoff::{Direction, connect},
    link::apdu::FrameSize,
    platform::{BankTransport, Entropy as _, TransportError},
};
use zeroize::Zeroizing;

use super::step::{CardSide, Holding, Tapped};
use crate::{
    args::{DemoArgs, Keys},
    device::{SystemClock, SystemEntropy},
    failure::Failure,
    files,
    home::{Home, Settings},
    http::HttpBank,
    terminal::Took,
};

/// Everything there is.
pub(super) struct Stage {
    pub(super) bank: Arc<Bank>,
    /// Where the bank is.
    pub(super) url: String,
    server: Server,
    pub(super) alice: Phone,
    pub(super) bob: Phone,
    pub(super) carol: Phone,
    /// What was brought to the counter in paper money.
    pub(super) paid_in: Amount,
    /// A request whose payment was torn.
    pub(super) torn: Option<RequestId>,
    /// How many calls had been tried when the phones were in flight mode, and the first of them had failed.
    pub(super) calls_before_flight: u32,
    /// The temporary folder, if that is where it all lies; removed at the end.
    _folder: Option<TempDir>,
}

impl Stage {
    /// Opens a bank on a free port, and makes three wallets that know its address.
    pub(super) fn build(args: &DemoArgs) -> Result<Self, Failure> {
        let (temporary, folder) = folder(args.keep.as_deref())?;
        let name = Name::new("Demo Bank")?;
        let config = BankConfig::new(Place::Folder(folder.join("bank")), name);
        let bank = Bank::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
        let bank = Arc::new(bank);
        let server = serve(bank.clone())?;
        let settings = Settings {
            bank: format!("http://{}", server.address()),
            root: bank.root(),
            guard: folder.join("guard"),
        };
        let phone = |name| Phone::new(name, &folder, &settings, args.keys);
        Ok(Self {
            alice: phone("Alice")?,
            bob: phone("Bob")?,
            carol: phone("Carol")?,
            bank,
            url: settings.bank,
            server,
            paid_in: Amount::ZERO,
            torn: None,
            calls_before_flight: 0,
            _folder: temporary,
        })
    }

    /// Flight mode off or on, for everybody.
    pub(super) fn switch_network(&self, on: bool) {
        for phone in self.phones() {
            phone.network.switch(on);
        }
    }

    /// How many calls to the bank were tried so far, with and without a network.
    pub(super) fn calls(&self) -> u32 {
        self.phones().iter().map(|phone| phone.network.calls()).sum()
    }

    /// The phones, in order of appearance.
    pub(super) const fn phones(&self) -> [&Phone; 3] {
        [&self.alice, &self.bob, &self.carol]
    }

    /// Closes the wallets and the bank.
    pub(super) fn close(self) -> Result<(), Failure> {
        for phone in self.phones() {
            phone.wallet.close()?;
        }
        drop(self.server);
        Ok(())
    }
}

/// Real HTTP on a free port of this machine, in a thread of its own.
fn serve(bank: Arc<Bank>) -> Result<Server, Failure> {
    const FREE_PORT: &str = "127.0.0.1:0";
    TcpListener::bind(FREE_PORT)
        .and_then(|listener| Server::start(bank, listener))
        .map_err(|source| Failure::Listen {
            address: FREE_PORT.to_owned(),
            source,
        })
}

/// A temporary folder, or the one to keep.
fn folder(keep: Option<&Path>) -> Result<(Option<TempDir>, PathBuf), Failure> {
    let Some(keep) = keep else {
        let temporary = tempfile::tempdir().map_err(Failure::file("make a temporary folder in", "."))?;
        let path = temporary.path().to_owned();
        return Ok((Some(temporary), path));
    };
    files::private_folder(keep).map_err(Failure::file("make the folder", keep))?;
    let mut entries = fs::read_dir(keep).map_err(Failure::file("look into", keep))?;
    if entries.next().is_some() {
        return Err(Failure::HomeTaken {
            home: keep.to_owned(),
        });
    }
    let path = std::path::absolute(keep).map_err(Failure::file("find", keep))?;
    Ok((None, path))
}

/// A person's phone.
pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) wallet: Wallet,
    pub(super) network: Network,
    home: Home,
}

impl Phone {
    fn new(name: &'static str, folder: &Path, settings: &Settings, keys: Keys) -> Result<Self, Failure> {
        let home = folder.join(name.to_lowercase());
        files::private_folder(&home).map_err(Failure::file("make the folder", &home))?;
        let home = Home::in_folder(home);
        let mut random = Zeroizing::new([0; 32]);
        SystemEntropy.fill(random.as_mut_slice())?;
        let words = AccountWords::from_entropy(&random, WordCount::Twelve, WordList::English)?;
        Ok(Self {
            name,
            wallet: home.create(settings, &words, keys.algorithm(), None)?,
            network: Network::to(HttpBank::at(&settings.bank)?),
            home,
        })
    }

    /// Opens the account, and has keys certified.
    pub(super) fn enrol(&self) -> Result<(), Failure> {
        Ok(self.wallet.enrol(&self.network, WalletClass::Iv, None)?)
    }

    /// The app is closed, and opened again: all that counts is on the disk.
    pub(super) fn restart(&mut self) -> Result<(), Failure> {
        self.wallet.close()?;
        (self.wallet, _, _) = self.home.open()?;
        Ok(())
    }

    /// What the phone shows. The account is asked for only where there is a network.
    pub(super) fn holding(&self) -> Result<Holding, Failure> {
        let balance = self.wallet.balance()?;
        let account = if self.network.is_on() {
            Some(self.wallet.account_balance(&self.network)?)
        } else {
            None
        };
        Ok(Holding {
            name: self.name,
            spendable: balance.spendable,
            in_doubt: balance.in_doubt,
            only_at_bank: balance.only_at_bank,
            account,
        })
    }
}

/// A phone's way to the bank, with a switch: in flight mode nothing gets through. Whoever tries is counted.
pub(super) struct Network {
    bank: HttpBank,
    on: AtomicBool,
    calls: AtomicU32,
}

impl Network {
    const fn to(bank: HttpBank) -> Self {
        Self {
            bank,
            on: AtomicBool::new(true),
            calls: AtomicU32::new(0),
        }
    }

    /// Flight mode off or on.
    pub(super) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Whether there is a way to the bank.
    pub(super) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// How many calls were tried so far.
    pub(super) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    fn bank(&self) -> Result<&HttpBank, TransportError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.is_on() {
            Ok(&self.bank)
        } else {
            Err(TransportError::Unreachable)
        }
    }
}

impl BankTransport for Network {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.bank()?.call(call)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        self.bank()?.trust()
    }
}

/// How two phones touch.
#[derive(Clone, Copy)]
pub(super) struct Touch {
    pub(super) amount: Amount,
    pub(super) card: CardSide,
    pub(super) frames: FrameSize,
    /// The phones part after so many commands.
    pub(super) torn_after: Option<u32>,
}

impl Touch {
    /// One tap, in which the payer agrees to exactly the amount. No transport is in reach of it.
    pub(super) fn tap(self, payer: &Phone, payee: &Phone, request: &RequestId) -> Result<Tapped, Failure> {
        let consent = Consent::Exactly(self.amount);
        let (mut reader, mut card) = match self.card {
            CardSide::Payee => (
                payer.wallet.pay(consent, Side::Reader)?,
                payee.wallet.receive(request, Side::Card)?,
            ),
            CardSide::Payer => (
                payee.wallet.receive(request, Side::Reader)?,
                payer.wallet.pay(consent, Side::Card)?,
            ),
        };
        let (mut commands, mut bytes) = (0_u32, 0_usize);
        let start = Instant::now();
        let whole = connect(&mut reader, &mut card, self.frames, |direction, frame| {
            if direction == Direction::ToCard {
                if self.torn_after == Some(commands) {
                    return None;
                }
                commands = commands.saturating_add(1);
            }
            bytes = bytes.saturating_add(frame.len());
            Some(frame)
        })?;
        let took = Took::since(start);
        let paying = match self.card {
            CardSide::Payee => &reader,
            CardSide::Payer => &card,
        };
        let mended = match paying.outcome() {
            Some(Outcome::Paid { mended, .. }) => *mended,
            Some(Outcome::Declined { reason, .. }) => return Err((*reason).into()),
            Some(Outcome::Refused { refusal }) => {
                return Err(Failure::Refused {
                    code: refusal.code,
                    at_most: refusal.at_most,
                });
            }
            _ if self.torn_after.is_some() => false,
            _ => return Err(Failure::Torn),
        };
        Ok(Tapped {
            payer: payer.name,
            payee: payee.name,
            amount: self.amount,
            card: self.card,
            frames: self.frames,
            commands,
            bytes,
            took,
            torn: !whole,
            mended,
        })
    }
}

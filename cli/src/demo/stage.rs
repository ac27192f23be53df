//! The stage: a bank behind real HTTP, phones with real files, and the one clock by which they all live.

use bank::{Bank, BankConfig, Place, http::Server};
use protocol::{Amount, Id, Name, RequestId};
use std::{
    fs, mem,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use wallet_core::AccountWords;

use super::{
    clock::DemoClock,
    phone::{Phone, Workshop, new_words},
};
use crate::{args::DemoArgs, device::SystemEntropy, failure::Failure, files, home::Settings};

/// Everything there is.
pub(super) struct Stage {
    pub(super) bank: Arc<Bank>,
    server: Server,
    workshop: Workshop,
    pub(super) alice: Phone,
    pub(super) bob: Phone,
    pub(super) carol: Phone,
    /// Alice's words, on paper in a drawer.
    alices_words: AccountWords,
    /// After so many days the claim window of everything issued today is closed.
    pub(super) claim_window: u32,
    /// What was brought to the counter in paper money.
    pub(super) paid_in: Amount,
    /// A request whose payment was torn.
    pub(super) torn: Option<RequestId>,
    /// A request that a phone asked its holder about before it paid.
    pub(super) asked: Option<RequestId>,
    /// The payment of which a part will be refunded.
    pub(super) paid: Option<Id>,
    /// How many calls had been tried when the phones were in flight mode, and the first of them had failed.
    pub(super) calls_before_flight: u32,
    /// The temporary folder, if that is where it all lies; removed at the end.
    _folder: Option<TempDir>,
}

impl Stage {
    /// Opens a bank on a free port, and makes three wallets that know its address.
    pub(super) fn build(args: &DemoArgs) -> Result<Self, Failure> {
        let (temporary, folder) = folder(args.keep.as_deref())?;
        let clock = DemoClock::default();
        let name = Name::new("Demo Bank")?;
        let config = BankConfig::new(Place::Folder(folder.join("bank")), name);
        let days = [
            config.issuer.series_days,
            config.issuer.spend_days,
            config.issuer.claim_days,
        ];
        let bank = Bank::open(config, Arc::new(clock.clone()), Arc::new(SystemEntropy))?;
        let bank = Arc::new(bank);
        let server = serve(bank.clone())?;
        let settings = Settings {
            bank: format!("http://{}", server.address()),
            root: bank.root(),
            guard: folder.join("guard"),
        };
        let workshop = Workshop {
            folder,
            settings,
            keys: args.keys,
            clock,
        };
        let alices_words = new_words()?;
        Ok(Self {
            alice: workshop.phone("Alice", "alice", &alices_words)?,
            bob: workshop.phone("Bob", "bob", &new_words()?)?,
            carol: workshop.phone("Carol", "carol", &new_words()?)?,
            bank,
            server,
            workshop,
            alices_words,
            // The day after the last.
            claim_window: days.into_iter().fold(1, u32::saturating_add),
            paid_in: Amount::ZERO,
            torn: None,
            asked: None,
            paid: None,
            calls_before_flight: 0,
            _folder: temporary,
        })
    }

    /// Where the bank is.
    pub(super) fn url(&self) -> &str {
        &self.workshop.settings.bank
    }

    /// Paper money changes hands at the counter, and is on Alice's account.
    pub(super) fn alice_pays_in(&mut self, cash: Amount) -> Result<(), Failure> {
        self.bank.pay_in(&self.alice.wallet.account()?, cash)?;
        self.paid_in = self.paid_in.checked_add(cash).unwrap_or(Amount::MAX);
        Ok(())
    }

    /// Alice's phone is gone. Out of her words she makes the account again on another one, and declares the first lost.
    pub(super) fn replace_alices_phone(&mut self) -> Result<(), Failure> {
        let next = self.workshop.phone("Alice", "alice-next", &self.alices_words)?;
        next.enrol()?;
        next.wallet.freeze_others(&next.network)?;
        let lost = mem::replace(&mut self.alice, next);
        Ok(lost.wallet.close()?)
    }

    /// So many days pass, for the bank and for every phone.
    pub(super) fn days_pass(&self, days: u32) {
        self.workshop.clock.pass(days);
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

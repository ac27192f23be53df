//! A person's phone: a wallet in a folder of its own, and a way to the bank that can be switched off.

use protocol::WalletClass;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};
use wallet_core::{
    AccountWords, Wallet, WordCount, WordList,
    platform::{BankTransport, Entropy as _, TransportError},
};
use zeroize::Zeroizing;

use super::{clock::DemoClock, step::Holding};
use crate::{
    args::Keys,
    device::SystemEntropy,
    failure::Failure,
    files,
    home::{Home, Settings},
    http::HttpBank,
};

/// What every phone of the story is made with.
pub(super) struct Workshop {
    /// The folder in which each phone gets its own.
    pub(super) folder: PathBuf,
    pub(super) settings: Settings,
    pub(super) keys: Keys,
    pub(super) clock: DemoClock,
}

impl Workshop {
    /// A phone with a wallet whose account is that of the words, in a new folder of this name.
    pub(super) fn phone(
        &self,
        name: &'static str,
        folder: &str,
        words: &AccountWords,
    ) -> Result<Phone, Failure> {
        let home = self.folder.join(folder);
        files::private_folder(&home).map_err(Failure::file("make the folder", &home))?;
        let home = Home::in_folder(home).with_clock(Arc::new(self.clock.clone()));
        Ok(Phone {
            name,
            wallet: home.create(&self.settings, words, self.keys.algorithm(), None)?,
            network: Network::to(HttpBank::at(&self.settings.bank)?),
            home,
        })
    }
}

/// Twelve words for a new account.
pub(super) fn new_words() -> Result<AccountWords, Failure> {
    let mut random = Zeroizing::new([0; 32]);
    SystemEntropy.fill(random.as_mut_slice())?;
    Ok(AccountWords::from_entropy(
        &random,
        WordCount::Twelve,
        WordList::English,
    )?)
}

/// A person's phone.
pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) wallet: Wallet,
    pub(super) network: Network,
    home: Home,
}

impl Phone {
    /// Opens the account, or finds it again, and has keys certified.
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

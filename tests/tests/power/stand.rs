//! A wallet on a disk, at one moment, to be woken again and again.

use std::{fmt::Debug, sync::Arc};

use protocol::{Amount, RequestId};
use simulator::{
    Air, Frames, Handoff, Phone, Roles, SeededEntropy, TapReport,
    disk::{Disk, Kept, Snapshot, Trouble},
};
use wallet_core::{
    Consent, Location, OpenReport, Platform, State, Wallet,
    guard::{Head, MemoryGuard},
};

/// Where the wallet is on its disk.
pub(crate) const FILE: &str = "wallet.sqlite";

/// Everything that can go wrong at one operation.
pub(crate) const TROUBLES: [Trouble; 8] = [
    Trouble::FailsBefore,
    Trouble::FailsAfter,
    Trouble::Full,
    Trouble::PowerCut(Kept::Nothing),
    Trouble::PowerCut(Kept::Everything),
    Trouble::PowerCut(Kept::Some(1)),
    Trouble::PowerCut(Kept::Some(2)),
    Trouble::PowerCut(Kept::Some(3)),
];

/// All there is of a wallet at one moment: its files, what its guard holds, and the hardware that stays what it is.
pub(crate) struct Still {
    pub(crate) files: Snapshot,
    pub(crate) head: Head,
    platform: Platform,
}

impl Still {
    /// A phone as it is now.
    pub(crate) fn of(phone: &Phone) -> Self {
        let platform = phone.platform();
        let wallet = phone.wallet().journal_head().unwrap().wallet;
        Self {
            files: phone.disk().unwrap().snapshot(),
            head: platform.guard.read(&wallet).unwrap().unwrap(),
            platform,
        }
    }

    /// A wallet on a rig as it is now, without closing it.
    pub(crate) fn now(rig: &Rig) -> Self {
        let wallet = rig.wallet().journal_head().unwrap().wallet;
        Self {
            files: rig.disk.snapshot(),
            head: rig.platform.guard.read(&wallet).unwrap().unwrap(),
            platform: rig.platform.clone(),
        }
    }

    /// The same, but for what the guard holds.
    pub(crate) fn with_guard(&self, head: Head) -> Self {
        Self {
            files: self.files.clone(),
            head,
            platform: self.platform.clone(),
        }
    }

    /// The wallet on a disk of its own, with a guard of its own, not opened yet. Cases of one number are alike.
    pub(crate) fn rest(&self, case: u64) -> Rig {
        let disk = Disk::new().unwrap();
        disk.restore(&self.files);
        let guard = MemoryGuard::default();
        wallet_core::guard::RollbackGuard::advance(&guard, None, &self.head).unwrap();
        let platform = Platform {
            guard: Arc::new(guard),
            entropy: Arc::new(SeededEntropy::new(1, case)),
            ..self.platform.clone()
        };
        Rig::new(disk, platform)
    }

    /// The same, opened.
    pub(crate) fn wake(&self, case: u64) -> Rig {
        let mut rig = self.rest(case);
        rig.open();
        rig
    }
}

/// A wallet on a disk that a test breaks.
pub(crate) struct Rig {
    pub(crate) disk: Disk,
    pub(crate) platform: Platform,
    wallet: Option<Wallet>,
}

impl Rig {
    pub(crate) fn new(disk: Disk, platform: Platform) -> Self {
        Self {
            disk,
            platform,
            wallet: None,
        }
    }

    pub(crate) fn location(&self) -> Location {
        self.disk.location(FILE)
    }

    pub(crate) fn wallet(&self) -> &Wallet {
        self.wallet.as_ref().unwrap()
    }

    pub(crate) fn hold(&mut self, wallet: Wallet) {
        self.wallet = Some(wallet);
    }

    pub(crate) fn open(&mut self) -> OpenReport {
        let (wallet, report) = Wallet::open(self.location(), self.platform.clone()).unwrap();
        self.wallet = Some(wallet);
        report
    }

    /// Ends the app in good order.
    pub(crate) fn close(&mut self) {
        if let Some(wallet) = self.wallet.take() {
            wallet.close().unwrap();
        }
    }

    /// Power off, and on again. What is planned for the disk is forgotten, and there is room.
    pub(crate) fn cycle(&mut self, kept: Kept) {
        if self.disk.is_powered() {
            self.disk.power_off(kept);
        }
        self.close();
        self.disk.forget_plan();
        self.disk.make_room();
        self.disk.power_on();
    }

    /// Power off and on, and the app is started: after which it stands for what was synced, and has lost nothing.
    pub(crate) fn restart(&mut self, kept: Kept) -> OpenReport {
        self.cycle(kept);
        let report = self.open();
        assert!(!report.rolled_back, "a crash is no rollback: {report:?}");
        assert_eq!(report.in_doubt, in_doubt(self.wallet()), "{report:?}");
        report
    }

    /// What it owns: everything but what is in doubt.
    pub(crate) fn owned(&self) -> Amount {
        let balance = self.wallet().balance().unwrap();
        balance.spendable.checked_add(balance.only_at_bank).unwrap()
    }
}

/// How many payments and deposits are in doubt.
pub(crate) fn in_doubt(wallet: &Wallet) -> usize {
    let history = wallet.history().unwrap();
    history
        .iter()
        .filter(|entry| entry.state == State::InDoubt)
        .count()
}

/// One tap. `None` if it did not even begin.
pub(crate) fn tap(
    payer: &Wallet,
    payee: &Wallet,
    request: &RequestId,
    amount: Amount,
    roles: Roles,
    air: &mut Air,
) -> Option<TapReport> {
    let payer = payer.pay(Consent::Exactly(amount), roles.payer()).ok()?;
    let payee = payee.receive(request, roles.payee()).ok()?;
    Some(Handoff { payer, payee }.tap(Frames::Extended, air))
}

/// The other way round.
pub(crate) const fn swapped(roles: Roles) -> Roles {
    match roles {
        Roles::PayeeIsCard => Roles::PayerIsCard,
        Roles::PayerIsCard => Roles::PayeeIsCard,
    }
}

/// Says on a failure which case it was.
pub(crate) struct Case<C: Debug>(pub(crate) C);

impl<C: Debug> Drop for Case<C> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("this was case {:?}", self.0);
        }
    }
}

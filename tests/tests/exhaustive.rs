//! Guarantee G5, all of it: wherever a tap tears, and whatever happens then, there is one payment or none.
//!
//! Every byte position of every message × both role assignments × every kind of link × what is restarted × how the two go
//! on. Each of these sweeps has worlds of its own; nothing is drawn at random but keys and ids.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeSet,
    ops::AddAssign,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use protocol::{Amount, Id, RequestId};
use simulator::{
    Air, Handoff, Link, Phone, Roles, Storage, TapReport, World, WorldOptions, seed_from_environment,
};
use tests::{
    counts::tell,
    phones::{owned, yuan},
};
use wallet_core::{Consent, Kind, Outcome, PayError, PayeeState, PayerState, State, TapError};

/// Whose app is killed after the tap was torn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Restart {
    Nobody,
    Payer,
    Payee,
    Both,
}

impl Restart {
    const ALL: [Self; 4] = [Self::Nobody, Self::Payer, Self::Payee, Self::Both];

    const fn payer(self) -> bool {
        matches!(self, Self::Payer | Self::Both)
    }

    const fn payee(self) -> bool {
        matches!(self, Self::Payee | Self::Both)
    }
}

/// How the two go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// They tap again as before.
    SameRoles,
    /// The reader of the torn tap is the card now.
    SwappedRoles,
    /// As before, but over a link of another kind.
    AnotherLink,
    /// They never meet again. Each syncs with the bank.
    OnlySync,
}

impl Next {
    const ALL: [Self; 4] = [
        Self::SameRoles,
        Self::SwappedRoles,
        Self::AnotherLink,
        Self::OnlySync,
    ];
}

/// All cases that differ only in where the tap tears.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    roles: Roles,
    link: Link,
    restart: Restart,
    next: Next,
}

impl Sweep {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for roles in Roles::ALL {
            for link in Link::ALL {
                // Without frames it is the same conversation: the restart that leaves least says enough there.
                let restarts = if link == Link::Messages {
                    &[Restart::Both]
                } else {
                    &Restart::ALL[..]
                };
                for restart in restarts.iter().copied() {
                    for next in Next::ALL {
                        all.push(Self {
                            roles,
                            link,
                            restart,
                            next,
                        });
                    }
                }
            }
        }
        all
    }

    /// Roles and link of the second tap.
    const fn second(self) -> (Roles, Link) {
        match (self.next, self.roles) {
            (Next::SameRoles | Next::OnlySync, roles) => (roles, self.link),
            (Next::SwappedRoles, Roles::PayeeIsCard) => (Roles::PayerIsCard, self.link),
            (Next::SwappedRoles, Roles::PayerIsCard) => (Roles::PayeeIsCard, self.link),
            (Next::AnotherLink, roles) => (roles, self.link.other()),
        }
    }

    /// Tears the tap after the first byte, after the second, and so on until it comes through whole.
    fn run(self, seed: u64) -> Tally {
        let mut tally = Tally::default();
        let mut whole = false;
        while !whole {
            // All out of one seed: what is not meant to differ is the same.
            let mut scene = Scene::new(self, seed);
            while !whole && scene.cases < SCENE {
                let case = scene.case(tally.cases);
                whole = case.torn == 0;
                tally += case;
            }
            scene.end();
        }
        tally
    }
}

/// How often what happened.
#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    /// Cases, and so positions: each sweep begins with 0.
    cases: usize,
    /// Of these, the tap was torn: all but the last of a sweep.
    torn: usize,
    /// The payer had signed before it tore.
    in_doubt: usize,
    /// One payment in the end.
    one: usize,
    /// None in the end.
    none: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.cases += other.cases;
        self.torn += other.torn;
        self.in_doubt += other.in_doubt;
        self.one += other.one;
        self.none += other.none;
    }
}

const AMOUNT: &str = "0.03";

/// Cases in one world. Wallets with short histories are quick to restart.
const SCENE: usize = 195;

/// Cases in a row that find a note to pay with. All of them have the same shape then, and so the same bytes: one note in,
/// payee and change out.
const NOTES: usize = 13;

/// Alice and Bob, in a world of their own.
struct Scene {
    sweep: Sweep,
    world: World,
    alice: Phone,
    bob: Phone,
    amount: Amount,
    paid: BTreeSet<Id>,
    cases: usize,
}

/// What the two wallets say they have, and how often they have written.
struct Views {
    alice: Amount,
    bob: Amount,
    alice_wrote: u64,
    bob_wrote: u64,
}

impl Scene {
    fn new(sweep: Sweep, seed: u64) -> Self {
        // Here it matters what is written when, not on what.
        let options = WorldOptions {
            storage: Storage::FolderInMemory,
            ..WorldOptions::default()
        };
        let mut world = World::with_options(seed, &options).unwrap();
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        Self {
            sweep,
            world,
            alice,
            bob,
            amount: yuan(AMOUNT),
            paid: BTreeSet::new(),
            cases: 0,
        }
    }

    fn views(&self) -> Views {
        Views {
            alice: owned(&self.alice),
            bob: owned(&self.bob),
            alice_wrote: self.alice.wallet().journal_head().unwrap().number,
            bob_wrote: self.bob.wallet().journal_head().unwrap().number,
        }
    }

    /// The payment that Alice is in doubt about, if there is one.
    fn in_doubt(&self) -> Option<Id> {
        let doubts = self.alice.wallet().in_doubt().unwrap();
        assert!(doubts.len() < 2, "{doubts:?}");
        assert_eq!(
            self.alice.wallet().balance().unwrap().in_doubt,
            if doubts.is_empty() {
                Amount::ZERO
            } else {
                self.amount
            }
        );
        doubts.first().map(|doubt| doubt.transfer)
    }

    /// Alice's change becomes account money, and she takes fresh notes.
    fn refill(&self) {
        let line = self.world.line();
        if self.cases > 0 {
            self.alice.wallet().deposit(&line, None).unwrap();
        }
        self.world.fund(&self.alice, yuan("100.00")).unwrap();
    }

    /// One torn tap, and what comes after it.
    fn case(&mut self, cut: usize) -> Tally {
        if self.cases.is_multiple_of(NOTES) {
            self.refill();
        }
        self.cases += 1;
        let at = format!("{:?}, cut after {cut}", self.sweep);
        let before = self.views();
        let request = self.bob.wallet().request(Some(self.amount)).unwrap().id;
        let mut handoff = self.handoff(&request, self.sweep.roles);
        let first = handoff.over(self.sweep.link, &mut Air::cut_after(cut));
        let whole = first.completed();
        let (mut doubt, mut paid) = (None, true);
        if whole {
            self.assert_mended(&first, &first, None, &at);
        } else {
            assert_eq!(first.result, Ok(false), "{at}: {first:?}");
            self.restart();
            doubt = self.in_doubt();
            match self.sweep.next {
                Next::OnlySync => paid = self.sync(&first, doubt, cut, &at),
                _ => self.tap_again(&mut handoff, &request, &first, doubt, &at),
            }
        }
        self.assert_moved(&before, paid, &at);
        if !paid {
            assert_eq!(self.bob.wallet().open_requests().unwrap()[0].id, request, "{at}");
            self.bob.wallet().withdraw(&request).unwrap();
        }
        assert_eq!(self.bob.wallet().open_requests().unwrap(), [], "{at}");
        Tally {
            cases: 1,
            torn: usize::from(!whole),
            in_doubt: usize::from(doubt.is_some()),
            one: usize::from(paid),
            none: usize::from(!paid),
        }
    }

    /// The phones meet again.
    fn tap_again(
        &mut self,
        handoff: &mut Handoff,
        request: &RequestId,
        torn: &TapReport,
        doubt: Option<Id>,
        at: &str,
    ) {
        let (roles, link) = self.sweep.second();
        self.renew(handoff, request, roles);
        let tap = handoff.over(link, &mut Air::perfect());
        match &torn.payer {
            // The payer knew already: there is nothing to mend, and nothing is paid in this tap.
            Some(Outcome::Paid { transfer, .. }) => {
                assert_eq!(doubt, None, "{at}: {torn:?}");
                self.assert_idle(&tap, at);
                self.paid.insert(*transfer);
            }
            _ => self.assert_mended(&tap, torn, doubt, at),
        }
    }

    /// The phones never meet again. Whoever syncs first, a payment that was signed arrives; returns whether there is one.
    fn sync(&mut self, torn: &TapReport, doubt: Option<Id>, cut: usize, at: &str) -> bool {
        let line = self.world.line();
        let (alice, bob) = (self.alice.wallet(), self.bob.wallet());
        let order = if cut.is_multiple_of(2) {
            &[alice, bob][..]
        } else {
            &[bob, alice, bob]
        };
        for wallet in order {
            wallet.sync(&line).unwrap();
        }
        let known = match &torn.payer {
            Some(Outcome::Paid { transfer, .. }) => Some(*transfer),
            _ => None,
        };
        let Some(transfer) = doubt.or(known) else {
            return false;
        };
        assert_eq!(alice.payer_state(&transfer), Ok(PayerState::Recorded), "{at}");
        assert_eq!(bob.payee_state(&transfer), Ok(PayeeState::Recorded), "{at}");
        assert!(self.paid.insert(transfer), "{at}");
        true
    }

    /// The amount has moved from one to the other, once; or it has not.
    fn assert_moved(&self, before: &Views, paid: bool, at: &str) {
        let after = self.views();
        let moved = if paid { self.amount } else { Amount::ZERO };
        assert_eq!(self.in_doubt(), None, "{at}");
        assert_eq!(after.alice, before.alice.saturating_sub(moved), "{at}");
        assert_eq!(Some(after.bob), before.bob.checked_add(moved), "{at}");
        if self.sweep.next != Next::OnlySync {
            // The transfer and the receipt; the request and the payment. Nothing was signed or taken a second time.
            assert_eq!(after.alice_wrote, before.alice_wrote + 2, "{at}");
            assert_eq!(after.bob_wrote, before.bob_wrote + 2, "{at}");
        }
    }

    fn handoff(&self, request: &RequestId, roles: Roles) -> Handoff {
        let consent = Consent::Exactly(self.amount);
        self.world
            .handoff_for(&self.alice, &self.bob, request, consent, roles)
            .unwrap()
    }

    fn restart(&mut self) {
        if self.sweep.restart.payer() {
            self.alice.restart().unwrap();
        }
        if self.sweep.restart.payee() {
            self.bob.restart().unwrap();
        }
    }

    /// Sessions live through torn taps, but not through a restart, nor through a change of roles.
    fn renew(&self, handoff: &mut Handoff, request: &RequestId, roles: Roles) {
        let fresh = self.handoff(request, roles);
        let swapped = roles != self.sweep.roles;
        if swapped || self.sweep.restart.payer() {
            handoff.payer = fresh.payer;
        }
        if swapped || self.sweep.restart.payee() {
            handoff.payee = fresh.payee;
        }
    }

    /// The second tap has ended the first one's payment, or made the first one.
    fn assert_mended(&mut self, tap: &TapReport, torn: &TapReport, doubt: Option<Id>, at: &str) {
        assert_eq!(tap.result, Ok(true), "{at}: {tap:?}");
        let Some(Outcome::Paid {
            transfer,
            amount,
            mended,
            ..
        }) = &tap.payer
        else {
            panic!("{at}: {tap:?}")
        };
        assert_eq!(
            (*amount, *mended),
            (self.amount, doubt.is_some()),
            "{at}: {tap:?}"
        );
        assert!(doubt.is_none_or(|doubt| doubt == *transfer), "{at}: {tap:?}");
        let taken = |tap: &TapReport| match &tap.payee {
            Some(Outcome::Received { transfer, .. }) => Some(*transfer),
            _ => None,
        };
        // A new session for a request that is paid already has nothing to tell but the receipt.
        let taken = BTreeSet::from_iter([taken(torn), taken(tap)].into_iter().flatten());
        assert_eq!(taken, BTreeSet::from([*transfer]), "{at}: {tap:?}");
        assert!(self.paid.insert(*transfer), "{at}");
    }

    /// The second tap found everything done.
    fn assert_idle(&self, tap: &TapReport, at: &str) {
        let idle = match (&tap.result, &tap.payer) {
            // The same session, which has paid.
            (Err(TapError::Handoff(_) | TapError::Link(_)), Some(Outcome::Paid { .. })) => true,
            // A new one, which is asked for nothing.
            (Ok(_), Some(Outcome::Declined { reason, .. })) => *reason == PayError::NothingAsked,
            _ => false,
        };
        assert!(idle, "{at}: {tap:?}");
    }

    /// Both histories name the same payments, all of them done, and the bank's books agree with the phones.
    fn end(&self) {
        let at = self.sweep;
        let transfers = |phone: &Phone, paid: bool| -> Vec<Id> {
            let history = phone.wallet().history().unwrap();
            let payments = history.iter().filter(|entry| match entry.kind {
                Kind::Paid => paid,
                Kind::Received => !paid,
                _ => false,
            });
            payments
                .map(|entry| {
                    assert_eq!((entry.state, entry.amount), (State::Done, self.amount), "{at:?}");
                    entry.transfer.unwrap()
                })
                .collect()
        };
        for listed in [transfers(&self.alice, true), transfers(&self.bob, false)] {
            assert_eq!(listed.len(), self.paid.len(), "{at:?}");
            assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), self.paid, "{at:?}");
        }
        let books = self.world.books().unwrap();
        assert!(books.balanced, "{at:?}: {books:?}");
        let held = owned(&self.alice).checked_add(owned(&self.bob));
        assert_eq!(held, Some(books.outstanding), "{at:?}");
    }
}

/// When one sweep has failed, no other needs to be begun.
struct Stop<'a>(&'a AtomicUsize);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(usize::MAX / 2, Ordering::Relaxed);
        }
    }
}

#[test]
fn wherever_a_tap_tears_there_is_one_payment_or_none() {
    let seed = seed_from_environment(5);
    let (sweeps, next) = (Sweep::all(), AtomicUsize::new(0));
    let total = Mutex::new(Tally::default());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _stop = Stop(&next);
                while let Some(sweep) = sweeps.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let tally = sweep.run(seed);
                    *total.lock().unwrap() += tally;
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    assert_eq!(total.one + total.none, total.cases);
    assert_eq!(total.torn + sweeps.len(), total.cases);
    tell(
        "exhaustive",
        &format!(
            "{} cases in {} sweeps, {} torn taps, {} of them in doubt; one payment in {}, none in {}",
            total.cases,
            sweeps.len(),
            total.torn,
            total.in_doubt,
            total.one,
            total.none,
        ),
    );
}

//! Frames that are lost, repeated, late, out of order, cut short or spoiled: one payment or none, and never two.
//!
//! First every mishap to every frame, then storms over many taps of three phones. `DCEP_SEED` runs the storms with other
//! seeds; a world that fails prints its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use protocol::{Amount, Id, RequestId};
use simulator::{
    Air, Handoff, Link, Mishap, Phone, Roles, SeededEntropy, Storage, World, WorldOptions,
    seed_from_environment,
};
use tests::{
    counts::tell,
    phones::{owned, spendable, yuan},
};
use wallet_core::{
    Consent, Entry, HandoffError, Holdings, Kind, Outcome, PayeeState, State, platform::Entropy as _,
};

/// Every kind of mishap, and of those that come in sizes, the telling ones.
fn mishaps() -> Vec<Mishap> {
    let sizes = [0, 1, 2, 5, 16, 60, 130, 254].map(Mishap::Truncate);
    let flips = [0, 1, 3, 4, 5, 40, 1_000].map(|byte| Mishap::Flip(byte, 0));
    let older = (2..12).flat_map(|back| [Mishap::Echo(back), Mishap::Replace(back)]);
    Mishap::KINDS
        .into_iter()
        .chain(sizes)
        .chain(flips)
        .chain(older)
        .collect()
}

/// Here it matters what is written when, not on what.
fn world(seed: u64) -> World {
    let storage = Storage::FolderInMemory;
    World::with_options(
        seed,
        &WorldOptions {
            storage,
            ..WorldOptions::default()
        },
    )
    .unwrap()
}

/// Alice, who pays, and Bob.
struct Pair {
    world: World,
    alice: Phone,
    bob: Phone,
    amount: Amount,
}

impl Pair {
    fn new() -> Self {
        let mut world = world(seed_from_environment(7));
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        Self {
            world,
            alice,
            bob,
            amount: yuan("0.03"),
        }
    }

    fn refill(&self) {
        let line = self.world.line();
        if !owned(&self.alice).is_zero() {
            self.alice.wallet().deposit(&line, None).unwrap();
        }
        self.world.fund(&self.alice, yuan("100.00")).unwrap();
    }

    fn request(&self) -> RequestId {
        self.bob.wallet().request(Some(self.amount)).unwrap().id
    }

    fn handoff(&self, request: &RequestId, roles: Roles) -> Handoff {
        let consent = Consent::Exactly(self.amount);
        self.world
            .handoff_for(&self.alice, &self.bob, request, consent, roles)
            .unwrap()
    }

    fn in_doubt(&self) -> Amount {
        self.alice.wallet().balance().unwrap().in_doubt
    }

    fn wrote(&self) -> (u64, u64) {
        let number = |phone: &Phone| phone.wallet().journal_head().unwrap().number;
        (number(&self.alice), number(&self.bob))
    }
}

/// A payment before it, so that there are older frames to hear again; then a tap in which `frame` meets with `mishap`;
/// then taps in clear air, into which what was held back still falls. Returns whether there is such a frame.
fn one_mishap(pair: &Pair, roles: Roles, link: Link, frame: usize, mishap: Mishap) -> bool {
    let at = format!("{roles:?} {link:?}, frame {frame}: {mishap:?}");
    let mut air = Air::perfect();
    let mut earlier = pair.handoff(&pair.request(), roles);
    assert!(earlier.over(link, &mut air).completed(), "{at}");

    let (before, had) = (owned(&pair.bob), owned(&pair.alice));
    let sent_before = air.transcript().len();
    let request = pair.request();
    let mut handoff = pair.handoff(&request, roles);
    let (alice_wrote, bob_wrote) = pair.wrote();
    let mut air = Air::with([(frame, mishap)]).after(air);
    let first = handoff.over(link, &mut air);
    let met = air.transcript().len() > sent_before + frame;

    // The first of these may still stumble over what arrives late; the second may not.
    let mut last = first;
    for _ in 0..2 {
        if matches!(last.payer, Some(Outcome::Paid { .. })) {
            break;
        }
        air = Air::perfect().after(air);
        last = handoff.over(link, &mut air);
    }
    let Some(Outcome::Paid { transfer, amount, .. }) = last.payer else {
        panic!("{at}: {last:?}")
    };
    assert_eq!(amount, pair.amount, "{at}");
    let Some(Outcome::Received {
        transfer: taken,
        request: asked,
        ..
    }) = last.payee
    else {
        panic!("{at}: {last:?}")
    };
    assert_eq!((taken, asked), (transfer, request), "{at}");
    assert_eq!(pair.in_doubt(), Amount::ZERO, "{at}");
    assert_eq!(owned(&pair.bob), before.checked_add(pair.amount).unwrap(), "{at}");
    assert_eq!(owned(&pair.alice), had.saturating_sub(pair.amount), "{at}");
    // One transfer and its receipt, one payment: nothing was signed or taken that nobody sees.
    assert_eq!(pair.wrote(), (alice_wrote + 2, bob_wrote + 1), "{at}");
    met
}

#[test]
fn any_mishap_to_any_frame_costs_nothing_and_pays_nothing_twice() {
    let pair = Pair::new();
    let mut cases = 0_usize;
    for roles in Roles::ALL {
        for link in Link::ALL {
            for mishap in mishaps() {
                for frame in 0.. {
                    if cases.is_multiple_of(6) {
                        pair.refill();
                    }
                    cases += 1;
                    if !one_mishap(&pair, roles, link, frame, mishap) {
                        assert!(frame >= 4, "a tap has at least so many frames");
                        break;
                    }
                }
            }
        }
    }
    assert!(cases > 1_500, "{cases} cases");
    tell(
        "mishaps",
        &format!("{cases} frames lost, doubled, late, cut short or spoiled; one payment each"),
    );
}

/// After success nothing that was on the air is of any use, to either side, and nobody signs again.
#[test]
fn a_closed_session_accepts_nothing() {
    let pair = Pair::new();
    pair.refill();
    for roles in Roles::ALL {
        let mut handoff = pair.handoff(&pair.request(), roles);
        let mut air = Air::perfect();
        assert!(handoff.converse(&mut air).completed());
        let (wrote, had) = (pair.wrote(), (spendable(&pair.alice), spendable(&pair.bob)));
        let outcomes =
            |handoff: &Handoff| (handoff.payer.outcome().cloned(), handoff.payee.outcome().cloned());
        let known = outcomes(&handoff);
        for (_, message) in air.transcript() {
            for session in [&mut handoff.payer, &mut handoff.payee] {
                assert!(!matches!(session.hear(message), Ok(Some(_))), "{roles:?}");
            }
        }
        // The payer never begins again. The payee does, to repeat its receipt: as a card it answers whoever says hello, but
        // with no request, and so with much less than before.
        assert_eq!(handoff.payer.begin().err(), Some(HandoffError::Closed));
        let offer = air.transcript()[1].1.len();
        for (_, message) in air.transcript() {
            handoff.payee.begin().unwrap();
            if let Ok(Some(answer)) = handoff.payee.hear(message) {
                assert!(answer.len() + 100 < offer, "{roles:?}: {} bytes", answer.len());
            }
        }
        assert_eq!((pair.wrote(), pair.in_doubt()), (wrote, Amount::ZERO));
        assert_eq!((spendable(&pair.alice), spendable(&pair.bob)), had);
        assert_eq!(outcomes(&handoff), known);
    }
}

/// Numbers out of a seed.
struct Dice(SeededEntropy);

impl Dice {
    fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes)
    }

    fn below(&self, limit: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Two of the three who hold their phones together, as often as they like.
struct Deal {
    payer: usize,
    payee: usize,
    request: RequestId,
    handoff: Handoff,
    /// What the payer's session has signed: one decision of the holder, one payment.
    signed: usize,
}

/// Three phones that all pay one another, in bad weather.
struct Storm {
    world: World,
    dice: Dice,
    phones: Vec<Phone>,
    air: Air,
    deals: Vec<Deal>,
    funded: Amount,
    /// Sessions in which each phone may pay.
    decisions: Vec<usize>,
    /// What each request was paid with.
    paid: BTreeMap<RequestId, Id>,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let mut world = world(seed);
        let phones: Vec<_> = ["Alice", "Bob", "Carol"]
            .map(|name| world.phone(name).unwrap())
            .into();
        for phone in &phones {
            world.fund(phone, yuan("50.00")).unwrap();
        }
        Self {
            world,
            dice: Dice(SeededEntropy::new(seed, 1_000)),
            phones,
            air: Air::perfect(),
            deals: Vec::new(),
            funded: yuan("150.00"),
            decisions: vec![0; 3],
            paid: BTreeMap::new(),
        }
    }

    /// Two phones, and perhaps an app that is killed before.
    fn step(&mut self) {
        match self.dice.below(16) {
            0 => {
                let phone = self.dice.below(3);
                self.phones[phone].restart().unwrap();
            }
            1..=5 => self.new_deal(),
            6..=9 => self.same_request_again(),
            10..=13 => self.change_partners(),
            _ => {}
        }
        if let Some(deal) = self.deals.len().checked_sub(1 + self.dice.below(4)) {
            let weather = match self.dice.below(5) {
                0 => Air::perfect(),
                1 | 2 => Air::cut_after(self.dice.below(900)),
                _ => Air::stormy(self.dice.number()),
            };
            let link = self.dice.pick(&Link::ALL);
            self.tap(deal, link, weather);
        }
        self.assert_accounted();
    }

    /// Somebody asks somebody else for something.
    fn new_deal(&mut self) {
        let payee = self.dice.below(3);
        // So few prices that a decision for one payee would do for another.
        let amount = yuan(self.dice.pick(&["0.50", "0.80"]));
        let request = self.phones[payee].wallet().request(Some(amount)).unwrap().id;
        self.open(payee, request, Consent::Exactly(amount));
    }

    /// An earlier request meets new sessions, perhaps another payer, perhaps other roles.
    fn same_request_again(&mut self) {
        if self.deals.is_empty() {
            return;
        }
        let deal = &self.deals[self.dice.below(self.deals.len())];
        let (payee, request) = (deal.payee, deal.request);
        self.open(payee, request, Consent::UpTo(yuan("3.00")));
    }

    /// Two payers who have not put their phones away each turn to the other's payee.
    fn change_partners(&mut self) {
        let Some(last) = self.deals.pop() else { return };
        let Deal { payer, payee, .. } = last;
        let side = last.handoff.payer.side();
        let fits = |other: &&mut Deal| {
            let differ = other.payer != payee && other.payee != payer;
            differ && other.handoff.payer.side() == side
        };
        let mut last = last;
        if let Some(other) = self.deals.iter_mut().rev().find(fits) {
            mem::swap(&mut last.handoff.payer, &mut other.handoff.payer);
            mem::swap(&mut last.payer, &mut other.payer);
            mem::swap(&mut last.signed, &mut other.signed);
        }
        self.deals.push(last);
    }

    fn open(&mut self, payee: usize, request: RequestId, consent: Consent) {
        let payer = (payee + 1 + self.dice.below(2)) % 3;
        let roles = self.dice.pick(&Roles::ALL);
        let handoff = self
            .world
            .handoff_for(&self.phones[payer], &self.phones[payee], &request, consent, roles)
            .unwrap();
        self.decisions[payer] += 1;
        self.deals.push(Deal {
            payer,
            payee,
            request,
            handoff,
            signed: 0,
        });
    }

    fn tap(&mut self, deal: usize, link: Link, weather: Air) {
        let mut air = weather.after(mem::take(&mut self.air));
        let deal = &mut self.deals[deal];
        let signed = |phone: &Phone| paid(phone).len();
        let before = signed(&self.phones[deal.payer]);
        let report = deal.handoff.over(link, &mut air);
        deal.signed += signed(&self.phones[deal.payer]) - before;
        assert!(deal.signed <= 1, "a second payment, silently: {report:?}");
        if let Some(Outcome::Received {
            request, transfer, ..
        }) = &report.payee
        {
            let first = *self.paid.entry(*request).or_insert(*transfer);
            assert_eq!(first, *transfer, "a request is paid once");
        }
        self.air = air;
    }

    /// Every fen is with a phone, or on its way between two.
    fn assert_accounted(&self) {
        let mut total = Amount::ZERO;
        for phone in &self.phones {
            let Holdings { pieces, doubts } = phone.wallet().holdings().unwrap();
            let held = Amount::checked_sum(pieces.iter().map(|(_, amount)| *amount)).unwrap();
            assert_eq!(held, owned(phone), "the balance is what the pieces say");
            total = total.checked_add(held).unwrap();
            for doubt in doubts.iter().filter(|doubt| !self.is_taken(&doubt.transfer)) {
                total = total.checked_add(doubt.amount).unwrap();
            }
        }
        assert_eq!(total, self.funded);
    }

    fn count(&self, what: impl Fn(&Phone) -> usize) -> usize {
        self.phones.iter().map(what).sum()
    }

    fn is_taken(&self, transfer: &Id) -> bool {
        let asking = |phone: &Phone| phone.wallet().payee_state(transfer) == Ok(PayeeState::Asking);
        !self.phones.iter().all(asking)
    }

    /// The weather clears, and everybody taps with everybody until nothing is in doubt. Nobody agrees to anything new.
    fn calm_down(&mut self) {
        self.deals.clear();
        self.air = Air::perfect();
        for round in 0..40 {
            if self
                .phones
                .iter()
                .all(|phone| phone.wallet().in_doubt().unwrap().is_empty())
            {
                return;
            }
            for payee in 0..3 {
                let request = self.phones[payee]
                    .wallet()
                    .request(Some(yuan("5.00")))
                    .unwrap()
                    .id;
                for _ in 0..2 {
                    self.open(payee, request, Consent::UpTo(yuan("0.01")));
                    let link = Link::ALL[round % 3];
                    self.tap(self.deals.len() - 1, link, Air::perfect());
                    self.assert_accounted();
                }
            }
        }
        panic!("something stays in doubt");
    }

    /// Payer and payee tell the same story, and nobody has decided less often than paid.
    fn assert_one_story(&self) {
        let done = |entry: &&Entry| entry.state == State::Done;
        let mut sent = BTreeSet::new();
        let mut taken = BTreeSet::new();
        for (phone, decisions) in self.phones.iter().zip(&self.decisions) {
            let (signed, history) = (paid(phone), phone.wallet().history().unwrap());
            assert!(signed.len() <= *decisions);
            sent.extend(signed.iter().filter(done).map(|entry| entry.transfer.unwrap()));
            let received = history.iter().filter(|entry| entry.kind == Kind::Received);
            for entry in received {
                assert!(taken.insert(entry.transfer.unwrap()), "taken twice");
            }
        }
        assert_eq!(sent, taken);
        let books = self.world.books().unwrap();
        assert!(books.balanced && books.outstanding == self.funded, "{books:?}");
    }
}

/// What a phone signed for others.
fn paid(phone: &Phone) -> Vec<Entry> {
    let mut history = phone.wallet().history().unwrap();
    history.retain(|entry| matches!(entry.kind, Kind::Paid));
    history
}

#[test]
fn three_phones_in_a_storm_lose_nothing_and_pay_nothing_twice() {
    let first = seed_from_environment(1_000);
    let (mut payments, mut doubts, mut returns) = (0, 0, 0);
    for seed in first..first + 60 {
        let mut storm = Storm::new(seed);
        for _ in 0..80 {
            storm.step();
        }
        doubts += storm.count(|phone| phone.wallet().in_doubt().unwrap().len());
        storm.calm_down();
        storm.assert_one_story();
        payments += storm.paid.len();
        let gave_back = |entry: &&Entry| entry.kind == Kind::GaveBack;
        returns += storm.count(|phone| phone.wallet().history().unwrap().iter().filter(gave_back).count());
    }
    let counts = format!("{payments} payments, {doubts} in doubt when it ended, {returns} given back");
    assert!(payments > 500 && doubts > 50 && returns > 10, "{counts}");
    tell("storms", &counts);
}

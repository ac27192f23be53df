//! Clock games: whatever is done to the device's clock, the ledger says what a plain list of all payments says.

use protocol::{Id, Timestamp, bank::IdempotencyKey};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::*;
use crate::model::Purpose;

fn fen(fen: u64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

fn paid(day: Day, amount: Amount, commit: u64) -> Outgoing {
    Outgoing::signed(
        Id::from_bytes([0; 32]),
        Purpose::Deposit(IdempotencyKey::from_bytes([0; 16])),
        amount,
        Timestamp::from_seconds(day.start().seconds() + 40_000),
        Vec::new(),
        commit,
    )
}

/// The reference: every payment that was ever made and not given back, and nothing clever.
#[derive(Default)]
struct Diary {
    /// Day, amount, commit.
    payments: Vec<(Day, Amount, u64)>,
    synced: u64,
}

impl Diary {
    fn sum(&self, which: impl Fn(&(Day, Amount, u64)) -> bool) -> Amount {
        sum(self.payments.iter().filter(|paid| which(paid)).map(|paid| paid.1))
    }

    fn agrees(&self, spending: &Spending, floor: Day, confirmed: u64) {
        // Today is never before the floor, and may be any day after it.
        for ahead in (0..40).chain([364, 365, 366, 730, 10_000]) {
            let day = floor.plus(ahead);
            assert_eq!(spending.on(day), self.sum(|paid| paid.0 == day), "{day:?}");
            let year = self.sum(|paid| paid.0.year() == day.year());
            assert_eq!(spending.in_year_of(day), year, "the year of {day:?}");
        }
        let offline = |paid: &(Day, Amount, u64)| paid.2 > self.synced;
        assert_eq!(spending.offline(), self.sum(offline));
        let count = self.payments.iter().filter(|paid| offline(paid)).count();
        assert_eq!(spending.payments() as usize, count);
        assert_eq!(spending.is_offline(), count > 0);
        assert_eq!(spending.unconfirmed(), self.sum(|paid| paid.2 > confirmed));
    }
}

#[test]
fn no_clock_revives_or_loses_an_allowance() {
    for seed in 0..300 {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let mut below = |n: u64| random.next_u64() % n;
        let (mut spending, mut diary) = (Spending::none(), Diary::default());
        // The last days of a year, a leap year or not.
        let mut truth = Day::from_number(20_450 + u32::try_from(seed % 5).unwrap() * 365);
        let (mut floor, mut device) = (truth, truth);
        let mut confirmed = 0;
        for commit in 1..80 {
            match below(8) {
                // Somebody plays with the clock: back, forward, over the year, or sets it right.
                0 => device = Day::from_number(truth.number() - u32::try_from(below(400)).unwrap()),
                1 => device = truth.plus(u32::try_from(below(3)).unwrap()),
                2 => device = truth.plus(u32::try_from(below(800)).unwrap()),
                3 => device = truth,
                // Time passes.
                4 => truth = truth.plus(u32::try_from(below(20)).unwrap()),
                // The bank tells the time, and perhaps it has everything on record.
                5 => {
                    floor = floor.max(truth);
                    if below(2) == 0 {
                        (spending, diary.synced) = (spending.synced(commit), commit);
                    }
                }
                // A payment comes back, however long ago it was made.
                6 if !diary.payments.is_empty() => {
                    let which = usize::try_from(below(diary.payments.len() as u64)).unwrap();
                    let (day, amount, commit) = diary.payments.remove(which);
                    spending = spending.without(&paid(day, amount, commit));
                }
                _ => {
                    let (today, amount) = (device.max(floor), fen(1 + below(1_000)));
                    let decision = if below(3) == 0 {
                        confirmed = commit;
                        Decision::Confirmed
                    } else {
                        Decision::Unconfirmed
                    };
                    spending = spending.with(amount, decision, today, floor, commit);
                    diary.payments.push((today, amount, commit));
                }
            }
            diary.agrees(&spending, floor, confirmed);
            let bytes = protocol::cbor::encode(&spending);
            assert_eq!(
                minicbor::decode::<Spending>(&bytes).unwrap(),
                spending,
                "seed {seed}"
            );
        }
    }
}

/// Either of the two that a sync puts back is enough to ask the bank.
#[test]
fn payments_and_what_they_moved_both_count_as_offline() {
    let (day, payment) = (Day::from_number(20_450), Decision::Confirmed);
    let nothing = Spending::none().with(Amount::ZERO, payment, day, day, 1);
    assert!(nothing.is_offline() && !nothing.synced(1).is_offline());
    let one = Spending::none().with(fen(5), payment, day, day, 1);
    assert!(one.without(&paid(day, fen(4), 1)).is_offline());
    // What the bank had answered to when it came back is not taken off again.
    let later = one.synced(1).with(fen(7), payment, day, day, 2);
    let back = later.without(&paid(day, fen(5), 1));
    assert_eq!((back.payments(), back.offline()), (1, fen(7)));
}

#[test]
fn what_nobody_asks_for_any_more_is_forgotten() {
    let mut spending = Spending::none();
    for number in 0..1_000 {
        let today = Day::from_number(20_000 + number);
        spending = spending.with(fen(1), Decision::Confirmed, today, today, u64::from(number));
    }
    assert_eq!((spending.days.len(), spending.years.len()), (1, 1));
    // A day that was used up before its time stays so for as long as it may still come.
    let far = Day::from_number(90_000);
    let today = Day::from_number(21_000);
    spending = spending.with(fen(7), Decision::Confirmed, far, today, 2_000);
    assert_eq!((spending.on(far), spending.on(today)), (fen(7), Amount::ZERO));
    let after = far.plus(1);
    spending = spending.with(fen(1), Decision::Confirmed, after, after, 2_001);
    assert_eq!((spending.on(far), spending.days.len()), (Amount::ZERO, 1));
}

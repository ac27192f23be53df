//! Time: whatever the device's clock says, no allowance comes twice, no money goes, and the holder hears of a wrong clock.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Amount, Day, WalletClass};
use simulator::{Air, Frames, Phone, PhoneOptions, Roles, SeededEntropy, World, seed_from_environment};
use tests::{
    counts::tell,
    phones::{events, owned, spendable, yuan},
};
use wallet_core::{Consent, EventKind, Limit, OnlyAtBank, Outcome, PayError, platform::Entropy as _};

const DAY: u64 = 86_400;

fn world(seed: u64) -> World {
    World::new(seed_from_environment(seed)).unwrap()
}

/// What the wallet of a class IV of `cn-2020` may pay, by a list of all it ever paid: 500 yuan at once, 1,000 a day, 10,000 a
/// year, and 1,000 between two contacts with the bank.
#[derive(Default)]
struct Diary {
    paid: Vec<(Day, u64)>,
    offline: u64,
}

impl Diary {
    fn left(&self, today: Day) -> (u64, Limit) {
        let sum = |which: &dyn Fn(Day) -> bool| -> u64 {
            let paid = self.paid.iter().filter(|(day, _)| which(*day));
            paid.map(|(_, fen)| fen).sum()
        };
        let day = 100_000_u64.saturating_sub(sum(&|day| day == today));
        let year = 1_000_000_u64.saturating_sub(sum(&|day| day.year() == today.year()));
        let offline = 100_000_u64.saturating_sub(self.offline);
        [
            (50_000, Limit::PerPayment),
            (year, Limit::PerYear),
            (day, Limit::PerDay),
            (offline, Limit::OfflineTotal),
        ]
        .into_iter()
        .min_by_key(|(left, _)| *left)
        .unwrap()
    }
}

/// Somebody sets the clock back and forward, over days and over the new year, restarts the app, syncs and pays; and the wallet
/// decides as the diary does.
#[test]
fn clock_games_win_and_lose_nothing() {
    let (mut payments, mut refusals) = (0, [0_u64; 4]);
    for round in 0..6 {
        let mut world = world(100 + round);
        let dice = SeededEntropy::new(world.seed(), 1_000 + round);
        let below = |n: u64| {
            let mut bytes = [0; 8];
            dice.fill(&mut bytes).unwrap();
            u64::from_le_bytes(bytes) % n
        };
        // A fortnight before the new year.
        world.clock().set(
            Day::from_number(20_804)
                .plus(u32::try_from(round).unwrap())
                .start(),
        );
        let small = PhoneOptions {
            class: WalletClass::Iv,
            ..PhoneOptions::default()
        };
        let mut alice = world.phone_with("Alice", &small).unwrap();
        let shop = world.phone("Shop").unwrap();
        let mut diary = Diary::default();
        for _ in 0..120 {
            match below(14) {
                0 => alice.clock().jump(-i64::try_from(below(40 * DAY)).unwrap()),
                1 => alice.clock().jump(i64::try_from(below(3 * DAY)).unwrap()),
                2 => {
                    alice.clock().set_right();
                    alice.clock().jump(i64::try_from(below(20 * DAY)).unwrap());
                }
                3 => alice.clock().set_right(),
                4 => world.clock().advance(below(DAY)),
                5 => drop(alice.restart().unwrap()),
                6 => {
                    if alice.wallet().sync(&world.line()).is_ok() {
                        diary.offline = 0;
                    }
                }
                7 => drop(shop.wallet().deposit(&world.line(), None)),
                _ => {
                    // Fresh money, as much as there is room for.
                    let missing = yuan("1000.00").saturating_sub(owned(&alice));
                    if below(2) == 0 && !missing.is_zero() {
                        world.fund(&alice, missing).unwrap();
                    }
                    let today = alice.wallet().now().unwrap().day();
                    let (left, limit) = diary.left(today);
                    let fen = [left, left + 1, 40_000, 1 + below(60_000)][usize::try_from(below(4)).unwrap()];
                    let Ok(amount) = Amount::from_fen(fen.max(1)) else {
                        continue;
                    };
                    let request = shop.wallet().request(None).unwrap().id;
                    let consent = Consent::Exactly(amount);
                    let handoff = world.handoff_for(&alice, &shop, &request, consent, Roles::PayerIsCard);
                    let report = handoff.unwrap().tap(Frames::Extended, &mut Air::perfect());
                    match report.payer {
                        Some(Outcome::Paid { .. }) => {
                            assert!(amount.fen() <= left, "{amount} was paid, {left} fen were left");
                            diary.paid.push((today, amount.fen()));
                            diary.offline += amount.fen();
                            payments += 1;
                        }
                        Some(Outcome::Declined {
                            reason:
                                PayError::Limit {
                                    limit: named,
                                    left: told,
                                    ..
                                },
                            ..
                        }) => {
                            assert_eq!((told.fen(), named), (left, limit), "on {today}");
                            assert!(amount.fen() > left);
                            refusals[match named {
                                Limit::PerPayment => 0,
                                Limit::PerDay => 1,
                                Limit::PerYear => 2,
                                _ => 3,
                            }] += 1;
                        }
                        // There was no money, or by this clock it was too old.
                        Some(Outcome::Declined { .. }) => assert!(amount.fen() <= left),
                        // By this clock one of the two certificates holds no more, or not yet.
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
    }
    tell(
        "clock games",
        &format!("{payments} payments; {refusals:?} refused by payment, day, year and contact"),
    );
    assert!(
        payments > 60 && refusals[1] > 5 && refusals[3] > 5,
        "{payments} {refusals:?}"
    );
}

/// A device whose clock is twenty years ahead is told so, once; and when it is right again, so is the wallet.
#[test]
fn a_clock_far_ahead_locks_nobody_out_and_its_holder_is_told() {
    let mut world = world(7);
    let (mut alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    events(&alice);
    let wrong = |phone: &Phone| -> Vec<(bool, u64)> {
        let told = events(phone).into_iter().filter_map(|kind| match kind {
            EventKind::ClockWrong { ahead, seconds } => Some((ahead, seconds)),
            _ => None,
        });
        told.collect()
    };
    // An hour is nothing to speak of.
    alice.clock().jump(3_600);
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(wrong(&alice), []);
    alice.clock().jump(1);
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(wrong(&alice), [(true, 3_601)]);
    let ahead = 20 * 365 * DAY;
    alice.clock().set_right();
    alice.wallet().sync(alice.line()).unwrap();
    alice.clock().jump(i64::try_from(ahead).unwrap());
    assert_eq!(
        spendable(&alice),
        Amount::ZERO,
        "by this clock everything is past its time"
    );
    assert_eq!(owned(&alice), yuan("100.00"));
    for number in 0..3 {
        // Certificates of today are none in twenty years, so not everything can be done.
        alice.wallet().sync(alice.line()).ok();
        alice.restart().unwrap();
        let told = wrong(&alice);
        assert_eq!(told, if number == 0 { vec![(true, ahead)] } else { vec![] });
    }
    alice.clock().set_right();
    assert_eq!(
        alice.wallet().now().unwrap(),
        world.clock().now(),
        "it has raised nothing"
    );
    let handoff = world.handoff(&alice, &bob, yuan("30.00"), Roles::PayeeIsCard);
    assert!(
        handoff
            .unwrap()
            .tap(Frames::Extended, &mut Air::perfect())
            .completed()
    );
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(wrong(&alice), []);
    // Behind is wrong, too.
    alice.clock().jump(-i64::try_from(2 * DAY).unwrap());
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(wrong(&alice), [(false, 2 * DAY)]);
}

/// G6: a wallet that lies in a drawer for a hundred years holds exactly the same fen, every year of them, and they are worth par.
#[test]
fn a_century_in_a_drawer_changes_no_fen() {
    let mut world = world(8);
    let (mut alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("1234.56")).unwrap();
    let handoff = world.handoff(&alice, &bob, yuan("234.56"), Roles::PayeeIsCard);
    assert!(
        handoff
            .unwrap()
            .tap(Frames::Extended, &mut Air::perfect())
            .completed()
    );
    // The bank knows who has what. Of what it does not know it would pay the change to whoever had the note.
    for phone in [&alice, &bob] {
        phone.wallet().sync(&world.line()).unwrap();
    }
    let pieces = |phone: &Phone| {
        let mut pieces = phone.wallet().holdings().unwrap().pieces;
        pieces.sort_by_key(|(outpoint, _)| *outpoint);
        pieces
    };
    let at_first = (pieces(&alice), pieces(&bob));
    for year in 1..=100 {
        world.clock().advance(365 * DAY);
        alice.restart().unwrap();
        assert_eq!((pieces(&alice), pieces(&bob)), at_first, "after {year} years");
        let balance = alice.wallet().balance().unwrap();
        assert_eq!(balance.only_at_bank, yuan("1000.00"), "never shown as gone");
        assert_eq!(
            (balance.spendable, balance.in_doubt),
            (Amount::ZERO, Amount::ZERO)
        );
        let reasons: Vec<_> = balance.reasons.iter().map(|(reason, _)| *reason).collect();
        assert!(
            reasons == [OnlyAtBank::SeriesExpired] || reasons == [OnlyAtBank::TooOld],
            "{reasons:?} after {year} years"
        );
    }
    // Its claim window closed long ago: the bank has it on the accounts, fen for fen.
    for (phone, amount) in [(&alice, "1000.00"), (&bob, "234.56")] {
        for _ in 0..2 {
            phone.wallet().sync(&world.line()).unwrap();
        }
        let account = phone.wallet().account_balance(&world.line()).unwrap();
        assert_eq!((account.checked_add(owned(phone)).unwrap()), yuan(amount));
    }
    assert!(world.books().unwrap().balanced);
}

/// Past the last day it may be paid on, and before its claim window closes, money is shown under what only the bank takes, and
/// the bank takes it at par.
#[test]
fn what_is_past_its_time_is_deposited_at_par() {
    let mut world = world(9);
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("777.77")).unwrap();
    world.clock().advance(800 * DAY);
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(balance.reasons, [(OnlyAtBank::SeriesExpired, yuan("777.77"))]);
    assert_eq!(
        alice.wallet().deposit(&world.line(), None).unwrap(),
        yuan("777.77")
    );
    assert_eq!(
        alice.wallet().account_balance(&world.line()).unwrap(),
        yuan("777.77")
    );
}

//! Refreshing: value that will soon be awkward to pay with becomes fresh notes of the same sum, by itself, and once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::Amount;
use simulator::{Air, Frames, LineTrouble, Phone, Roles, World, seed_from_environment};
use tests::phones::{owned, spendable, yuan};
use wallet_core::{BankError, Doubtful, EndsBy, Kind, State};

const DAY: u64 = 86_400;

fn world() -> World {
    World::new(seed_from_environment(43)).unwrap()
}

fn phone(world: &mut World, name: &str, amount: &str) -> Phone {
    let phone = world.phone(name).unwrap();
    if amount != "0.00" {
        world.fund(&phone, yuan(amount)).unwrap();
    }
    phone
}

fn assert_books(world: &World, phones: &[&Phone]) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{:?}", books.checks);
    let held = phones.iter().map(|phone| owned(phone));
    assert_eq!(Amount::checked_sum(held), Some(books.outstanding));
    world.bank().audit().unwrap().unwrap();
}

#[test]
fn a_sync_renews_what_is_old_before_the_policy_bars_it_and_nothing_else() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", "100.00");
    let report = alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(report.refreshed, Amount::ZERO);

    world.clock().advance(25 * DAY);
    let report = alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(report.refreshed, yuan("100.00"));
    assert_eq!(spendable(&alice), yuan("100.00"));
    assert_books(&world, &[&alice]);
    let history = alice.wallet().history().unwrap();
    let renewed = history
        .iter()
        .find(|entry| entry.kind == Kind::Refreshed)
        .unwrap();
    assert_eq!((renewed.amount, renewed.state), (yuan("100.00"), State::Done));

    // It is fresh: thirty days from now it can be paid on, and a second sync has nothing to do.
    assert_eq!(
        alice.wallet().sync(&world.line()).unwrap().refreshed,
        Amount::ZERO
    );
    world.clock().advance(20 * DAY);
    assert_eq!(spendable(&alice), yuan("100.00"));
}

#[test]
fn what_only_the_bank_takes_can_be_paid_on_again_after_a_sync() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", "100.00");
    for days in [40, 200, 400, 700] {
        world.clock().advance(days * DAY);
        // Never shown as gone.
        assert_eq!(owned(&alice), yuan("100.00"));
        assert_eq!(spendable(&alice), Amount::ZERO, "{days}");
        alice.wallet().sync(&world.line()).unwrap();
        assert_eq!(spendable(&alice), yuan("100.00"), "{days}");
        assert_books(&world, &[&alice]);
    }
}

#[test]
fn money_that_went_from_hand_to_hand_too_often_is_renewed() {
    let mut world = world();
    let phones = [
        phone(&mut world, "Alice", "1.00"),
        phone(&mut world, "Bob", "0.00"),
    ];
    for hop in 0..8 {
        let (payer, payee) = (&phones[hop % 2], &phones[(hop + 1) % 2]);
        let report = world
            .handoff(payer, payee, spendable(payer), Roles::PayeeIsCard)
            .unwrap()
            .tap(Frames::Extended, &mut Air::perfect());
        assert!(report.completed(), "{report:?}");
    }
    let [alice, bob] = &phones;
    assert_eq!(
        alice.wallet().sync(&world.line()).unwrap().refreshed,
        yuan("1.00")
    );
    bob.wallet().sync(&world.line()).unwrap();
    assert_books(&world, &[alice, bob]);
}

#[test]
fn many_small_pieces_are_put_together() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", "10.00");
    for _ in 0..9 {
        world.fund(&alice, yuan("10.00")).unwrap();
    }
    let before = alice.wallet().holdings().unwrap().pieces.len();
    assert!(before > 64, "{before}");
    for _ in 0..10 {
        alice.wallet().sync(&world.line()).unwrap();
        assert_eq!(spendable(&alice), yuan("100.00"));
    }
    let after = alice.wallet().holdings().unwrap().pieces.len();
    assert!(after <= 64, "{before} -> {after}");
    assert_books(&world, &[&alice]);
}

#[test]
fn a_refresh_that_is_lost_anywhere_on_the_line_is_done_once() {
    for trouble in LineTrouble::ALL {
        for restart in [false, true] {
            let mut world = world();
            let mut alice = phone(&mut world, "Alice", "100.00");
            world.clock().advance(25 * DAY);
            let line = world.line();
            line.expect([trouble]);
            let first = alice.wallet().refresh(&line);
            if restart {
                alice.restart().unwrap();
            }
            let balance = alice.wallet().balance().unwrap();
            let all = balance.spendable.checked_add(balance.in_doubt).unwrap();
            assert_eq!(all, yuan("100.00"), "{trouble:?}: neither more nor less");
            if first.is_err() {
                let doubt = &alice.wallet().in_doubt().unwrap()[0];
                assert_eq!((doubt.what, doubt.ends_by), (Doubtful::Refresh, EndsBy::Sync));
                let report = alice.wallet().sync(&world.line()).unwrap();
                assert!(report.answered >= 1, "{trouble:?} {report:?}");
            }
            assert_eq!(alice.wallet().in_doubt().unwrap(), [], "{trouble:?}");
            assert_eq!(spendable(&alice), yuan("100.00"), "{trouble:?}");
            assert_books(&world, &[&alice]);
        }
    }
}

#[test]
fn without_a_line_nothing_is_refreshed_and_nothing_is_lost() {
    let mut world = world();
    let alice = phone(&mut world, "Alice", "100.00");
    world.clock().advance(25 * DAY);
    let line = world.line();
    line.set_offline(true);
    assert!(matches!(
        alice.wallet().refresh(&line),
        Err(BankError::Transport(_))
    ));
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, yuan("100.00"));
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(spendable(&alice), yuan("100.00"));
    assert_books(&world, &[&alice]);
}

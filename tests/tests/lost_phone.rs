//! A lost phone is a delay, not a loss: frozen from the new one, found again, used meanwhile; and the books balance.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Amount, Code};
use simulator::{Air, Frames, LineTrouble, Phone, Roles, World, seed_from_environment};
use tests::phones::{events, owned, yuan};
use wallet_core::{BankError, EventKind, Fault, ReceiveError};

/// Alice with 100.00 on a phone, Bob, and Alice's next phone, enrolled from the same words.
fn world() -> (World, Phone, Phone, Phone) {
    let mut world = World::new(seed_from_environment(41)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let device = world.device("Alice's next").unwrap();
    let next = world.install(device, alice.owner().clone()).unwrap();
    next.enrol().unwrap();
    (world, alice, bob, next)
}

fn pay(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> bool {
    let mut handoff = world
        .handoff(payer, payee, yuan(amount), Roles::PayeeIsCard)
        .unwrap();
    handoff.tap(Frames::Extended, &mut Air::perfect()).completed()
}

fn balanced(world: &World) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
}

/// The account, and every phone's cash: all there is.
fn all(world: &World, phones: &[&Phone]) -> Amount {
    let held = phones.iter().map(|phone| owned(phone));
    let held = Amount::checked_sum(held).unwrap();
    assert_eq!(held, world.books().unwrap().outstanding);
    held
}

#[test]
fn what_a_lost_phone_held_is_credited_when_the_window_closes() {
    let (world, alice, bob, next) = world();
    let line = world.line();
    // It had also been paid: Bob gets 40.00, and gives 15.00 back; the payer of each reports it.
    assert!(pay(&world, &alice, &bob, "40.00"));
    assert!(pay(&world, &bob, &alice, "15.00"));
    bob.wallet().sync(&line).unwrap();
    let before = next.wallet().account_balance(&line).unwrap();
    next.wallet().freeze_others(&line).unwrap();
    assert!(events(&next).contains(&EventKind::OthersFrozen));
    assert_eq!(
        next.wallet().account_balance(&line).unwrap(),
        before,
        "never earlier"
    );
    next.wallet().sync(&line).unwrap();
    assert_eq!(next.wallet().account_balance(&line).unwrap(), before);
    // The new phone works on.
    world.fund(&next, yuan("20.00")).unwrap();
    assert!(pay(&world, &next, &bob, "5.00"));

    world.clock().advance(3 * 366 * 86_400);
    next.wallet().sync(&line).unwrap();
    balanced(&world);
    let closed: Vec<_> = events(&next)
        .into_iter()
        .filter_map(|kind| match kind {
            EventKind::WindowClosed { amount, .. } => Some(amount),
            _ => None,
        })
        .collect();
    let back = Amount::checked_sum(closed).unwrap();
    // 60.00 of its own change and the 15.00 that Bob reported, and what the new phone itself let pass.
    assert!(back >= yuan("75.00"), "{back}");
}

/// Recorded at once, credited when the window closes. What nobody reported, the bank has never heard of: that stays the payer's.
#[test]
fn what_it_had_received_comes_home_whichever_side_reported_it() {
    for (reporter, expected) in [
        (Some("payer"), "115.00"),
        (Some("payee"), "115.00"),
        (None, "100.00"),
    ] {
        let (world, alice, bob, next) = world();
        let line = world.line();
        world.fund(&bob, yuan("15.00")).unwrap();
        assert!(pay(&world, &bob, &alice, "15.00"));
        match reporter {
            Some("payer") => drop(bob.wallet().sync(&line).unwrap()),
            Some(_) => drop(alice.wallet().sync(&line).unwrap()),
            None => {}
        }
        next.wallet().freeze_others(&line).unwrap();
        next.wallet().sync(&line).unwrap();
        let before = next.wallet().account_balance(&line).unwrap();
        // Not a fen earlier: the old phone may have paid it on.
        let series = world.bank().trust_bundle().unwrap().series[0].body.clone();
        let until = series.claim_until.since(world.clock().now().day());
        world.clock().advance(u64::from(until) * 86_400);
        world.bank().close_windows().unwrap();
        assert_eq!(
            next.wallet().account_balance(&line).unwrap(),
            before,
            "{reporter:?}"
        );
        world.clock().advance(86_400);
        world.bank().close_windows().unwrap();
        next.wallet().sync(&line).unwrap();
        let after = next.wallet().account_balance(&line).unwrap();
        assert_eq!(after.checked_sub(before), Some(yuan(expected)), "{reporter:?}");
        balanced(&world);
    }
}

#[test]
fn a_phone_that_is_found_again_hears_of_it_and_brings_its_money_home() {
    let (world, alice, bob, next) = world();
    let line = world.line();
    next.wallet().freeze_others(&line).unwrap();
    // It has not heard of that, and neither has Bob: this payment is good.
    assert!(pay(&world, &alice, &bob, "30.00"));
    let report = alice.wallet().sync(&line).unwrap();
    assert_eq!((report.recorded, report.new_keys), (1, 0));
    let told = events(&alice);
    assert!(
        told.contains(&EventKind::DeviceFrozen { held: yuan("70.00") }),
        "{told:?}"
    );
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(
        (balance.spendable, balance.only_at_bank),
        (Amount::ZERO, yuan("70.00"))
    );
    assert!(matches!(
        alice.wallet().request(Some(yuan("1.00"))),
        Err(ReceiveError::Fault(Fault::DeviceFrozen))
    ));
    assert_eq!(
        alice.wallet().load(&line, yuan("1.00")),
        Err(BankError::Fault(Fault::DeviceFrozen))
    );
    // Found is found: it need not wait for the window.
    let before = next.wallet().account_balance(&line).unwrap();
    assert_eq!(alice.wallet().deposit(&line, None).unwrap(), yuan("70.00"));
    let after = next.wallet().account_balance(&line).unwrap();
    assert_eq!(after.checked_sub(before), Some(yuan("70.00")));
    bob.wallet().sync(&line).unwrap();
    balanced(&world);
    assert_eq!(all(&world, &[&alice, &bob, &next]), yuan("30.00"));
}

/// It was signed before the phone was declared lost, and nobody takes a signature back: the money goes to the account, and not
/// into a doubt that nothing ends.
#[test]
fn a_refresh_that_a_lost_phone_had_signed_ends_as_a_deposit() {
    let (world, alice, _, next) = world();
    world.clock().advance(25 * 86_400);
    alice.line().expect([LineTrouble::CallLost]);
    alice.wallet().refresh(alice.line()).unwrap_err();
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, yuan("100.00"));
    let before = next.wallet().account_balance(&world.line()).unwrap();
    next.wallet().freeze_others(&world.line()).unwrap();
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(alice.wallet().in_doubt().unwrap(), []);
    assert_eq!(owned(&alice), Amount::ZERO);
    let told = events(&alice);
    let amount = yuan("100.00");
    assert!(told.contains(&EventKind::NotRefreshed { amount }), "{told:?}");
    let after = next.wallet().account_balance(&world.line()).unwrap();
    assert_eq!(after.checked_sub(before), Some(amount));
    balanced(&world);
    world.bank().audit().unwrap().unwrap();
}

#[test]
fn a_frozen_phone_freezes_nobody() {
    let (world, alice, _, next) = world();
    let line = world.line();
    next.wallet().freeze_others(&line).unwrap();
    assert_eq!(
        alice.wallet().freeze_others(&line),
        Err(BankError::Refused {
            code: Code::DeviceFrozen
        })
    );
    alice.wallet().sync(&line).unwrap();
    assert_eq!(
        alice.wallet().freeze_others(&line),
        Err(BankError::Fault(Fault::DeviceFrozen))
    );
    // The new one is none the worse for it, and asking again changes nothing.
    next.wallet().freeze_others(&line).unwrap();
    next.wallet().sync(&line).unwrap();
    assert!(next.wallet().request(Some(yuan("1.00"))).is_ok());
    assert!(
        !events(&next)
            .iter()
            .any(|kind| matches!(kind, EventKind::DeviceFrozen { .. }))
    );
}

#[test]
fn payees_with_the_newest_list_refuse_the_lost_phone() {
    let (world, alice, bob, next) = world();
    next.wallet().freeze_others(&world.line()).unwrap();
    bob.wallet().sync(&world.line()).unwrap();
    assert!(!pay(&world, &alice, &bob, "30.00"));
    assert!(pay_from_new(&world, &next, &bob));
    balanced(&world);
}

fn pay_from_new(world: &World, next: &Phone, bob: &Phone) -> bool {
    world.fund(next, yuan("10.00")).unwrap();
    pay(world, next, bob, "10.00")
}

#[test]
fn a_wish_that_got_no_answer_is_repeated_by_the_next_sync() {
    let (world, alice, _, next) = world();
    for trouble in [LineTrouble::CallLost, LineTrouble::AnswerLost] {
        next.line().expect([trouble]);
        assert!(next.wallet().freeze_others(next.line()).is_err());
        next.wallet().sync(next.line()).unwrap();
        assert!(events(&next).contains(&EventKind::OthersFrozen), "{trouble:?}");
    }
    alice.wallet().sync(&world.line()).unwrap();
    assert!(
        events(&alice)
            .iter()
            .any(|kind| matches!(kind, EventKind::DeviceFrozen { .. }))
    );
}

#[test]
fn a_third_phone_does_not_take_old_news_for_its_own() {
    let (mut world, alice, _, next) = world();
    let line = world.line();
    next.wallet().freeze_others(&line).unwrap();
    let device = world.device("Alice's third").unwrap();
    let third = world.install(device, alice.owner().clone()).unwrap();
    third.enrol().unwrap();
    third.wallet().sync(&line).unwrap();
    assert!(third.wallet().request(Some(yuan("1.00"))).is_ok());
    third.wallet().freeze_others(&line).unwrap();
    next.wallet().sync(&line).unwrap();
    assert!(
        events(&next)
            .iter()
            .any(|kind| matches!(kind, EventKind::DeviceFrozen { .. }))
    );
}

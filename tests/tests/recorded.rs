//! The bank as the other end of a doubt: reported, recorded, delivered; and the wallet that was rolled back.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Amount, Request};
use simulator::{Air, Frames, Phone, Roles, World, seed_from_environment};
use tests::phones::{events, owned, pay, spendable, yuan};
use wallet_core::{
    Consent, Doubtful, EndsBy, EventKind, OnlyAtBank, PayeeState, PayerState, ReturnReason, State,
};

fn world() -> World {
    World::new(seed_from_environment(14)).unwrap()
}

/// Alice with 100.00, and Bob.
fn pair() -> (World, Phone, Phone) {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    (world, alice, bob)
}

/// `payer` has signed for `payee`'s request, and nothing has arrived.
fn in_doubt(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> Request {
    let amount = yuan(amount);
    let request = payee.wallet().request(Some(amount)).unwrap();
    let mut handoff = world
        .handoff_for(
            payer,
            payee,
            &request.id,
            Consent::Exactly(amount),
            Roles::PayeeIsCard,
        )
        .unwrap();
    let hello = handoff.payer.begin().unwrap().unwrap();
    handoff.payee.begin().unwrap();
    let offer = handoff.payee.hear(&hello).unwrap().unwrap();
    handoff.payer.hear(&offer).unwrap().unwrap();
    request
}

fn assert_books(world: &World, phones: &[&Phone]) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
    let held = phones.iter().map(|phone| owned(phone));
    assert_eq!(Amount::checked_sum(held), Some(books.outstanding));
}

#[test]
fn a_doubt_that_no_tap_ends_is_ended_by_the_bank() {
    let (world, alice, bob) = pair();
    let request = in_doubt(&world, &alice, &bob, "30.00");
    let transfer = alice.wallet().in_doubt().unwrap()[0].transfer;

    let report = alice.wallet().sync(&world.line()).unwrap();
    assert_eq!((report.recorded, report.doubts_ended), (1, 1));
    assert!(alice.wallet().in_doubt().unwrap().is_empty());
    assert_eq!(
        alice.wallet().payer_state(&transfer).unwrap(),
        PayerState::Recorded
    );
    assert!(matches!(events(&alice)[..], [EventKind::Recorded { amount, .. }] if amount == yuan("30.00")));
    assert_eq!(alice.wallet().sync(&world.line()).unwrap().recorded, 0);

    let report = bob.wallet().sync(&world.line()).unwrap();
    assert_eq!((report.delivered, report.recorded), (1, 0));
    assert_eq!(spendable(&bob), yuan("30.00"));
    assert_eq!(bob.wallet().balance().unwrap().unsettled, Amount::ZERO);
    assert_eq!(bob.wallet().payee_state(&transfer).unwrap(), PayeeState::Recorded);
    assert!(matches!(events(&bob)[..], [EventKind::Received { amount, .. }] if amount == yuan("30.00")));
    assert_eq!(bob.wallet().sync(&world.line()).unwrap().delivered, 0);
    assert_books(&world, &[&alice, &bob]);

    // The two meet after all: the same payment again, the receipt for it, and nothing twice.
    for roles in Roles::ALL {
        let mut late = world
            .handoff_for(&alice, &bob, &request.id, Consent::Exactly(yuan("30.00")), roles)
            .unwrap();
        let report = late.tap(Frames::Extended, &mut Air::perfect());
        assert!(report.declined().is_some(), "{report:?}");
        assert_eq!(spendable(&alice), yuan("70.00"));
        assert_eq!(spendable(&bob), yuan("30.00"));
    }
    // And it can be paid on like any other money.
    pay(&world, &bob, &alice, "30.00");
    assert_books(&world, &[&alice, &bob]);
}

#[test]
fn both_sides_report_and_nothing_is_delivered_that_is_known() {
    let (world, alice, bob) = pair();
    pay(&world, &alice, &bob, "12.00");
    assert_eq!(bob.wallet().sync(&world.line()).unwrap().recorded, 1);
    assert_eq!(bob.wallet().balance().unwrap().unsettled, Amount::ZERO);
    assert_eq!(alice.wallet().sync(&world.line()).unwrap().recorded, 1);
    let again = bob.wallet().sync(&world.line()).unwrap();
    assert_eq!((again.recorded, again.delivered), (0, 0));
    assert_books(&world, &[&alice, &bob]);
}

/// Whoever of the two is online first: what was received is known to the bank after the payee's own sync.
#[test]
fn what_either_side_reports_is_settled_at_the_payees() {
    for payer_first in [false, true] {
        let (world, alice, bob) = pair();
        pay(&world, &alice, &bob, "30.00");
        let unsettled = || bob.wallet().balance().unwrap().unsettled;
        assert_eq!(unsettled(), yuan("30.00"));
        if payer_first {
            alice.wallet().sync(&world.line()).unwrap();
        }
        // What the bank delivers it knows, and Bob need not report.
        let report = bob.wallet().sync(&world.line()).unwrap();
        assert_eq!(
            (report.recorded, report.delivered),
            (usize::from(!payer_first), 0),
            "payer first: {payer_first}"
        );
        assert_eq!(unsettled(), Amount::ZERO, "payer first: {payer_first}");
    }
}

#[test]
fn a_payee_that_lost_its_memory_loses_no_money() {
    let (world, alice, mut bob) = pair();
    let request = bob.wallet().request(Some(yuan("20.00"))).unwrap();
    let before = bob.snapshot().unwrap();
    let mut handoff = world
        .handoff_for(
            &alice,
            &bob,
            &request.id,
            Consent::Exactly(yuan("20.00")),
            Roles::PayeeIsCard,
        )
        .unwrap();
    assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    drop(handoff);
    // All of the app's files, as they were before the tap. Nothing was signed away since: no rollback that could fork.
    let report = bob.restore(&before).unwrap();
    assert!(!report.rolled_back, "{report:?}");
    assert_eq!(owned(&bob), Amount::ZERO);

    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(bob.wallet().sync(&world.line()).unwrap().delivered, 1);
    assert_eq!(spendable(&bob), yuan("20.00"));
    assert_books(&world, &[&alice, &bob]);
}

#[test]
fn a_payment_that_nobody_wants_comes_back_through_the_bank() {
    let (world, alice, bob) = pair();
    let request = in_doubt(&world, &alice, &bob, "30.00");
    bob.wallet().withdraw(&request.id).unwrap();
    let paid = alice.wallet().in_doubt().unwrap()[0].transfer;
    alice.wallet().sync(&world.line()).unwrap();

    // Bob collects it, gives it back, and reports that in the same sync.
    let report = bob.wallet().sync(&world.line()).unwrap();
    assert_eq!(
        (report.delivered, report.recorded, report.doubts_ended),
        (1, 1, 1)
    );
    assert_eq!(owned(&bob), Amount::ZERO);
    assert!(matches!(
        events(&bob)[..],
        [
            EventKind::GaveBack {
                reason: ReturnReason::Withdrawn,
                ..
            },
            EventKind::Recorded { .. }
        ] | [EventKind::GaveBack { .. }]
    ));

    assert_eq!(alice.wallet().sync(&world.line()).unwrap().delivered, 1);
    assert_eq!(spendable(&alice), yuan("100.00"));
    assert_eq!(alice.wallet().payer_state(&paid).unwrap(), PayerState::Returned);
    let history = alice.wallet().history().unwrap();
    let entry = history.iter().find(|entry| entry.transfer == Some(paid)).unwrap();
    assert_eq!(entry.state, State::Returned);
    assert_books(&world, &[&alice, &bob]);
}

#[test]
fn a_rolled_back_wallet_freezes_what_it_signed_and_goes_on_with_new_keys() {
    let (mut world, mut alice, bob) = pair();
    let carol = world.phone("Carol").unwrap();
    in_doubt(&world, &alice, &bob, "30.00");
    let doubt = alice.wallet().in_doubt().unwrap()[0].clone();
    let old = alice.snapshot().unwrap();
    // Its other self pays with what the old copy still holds.
    pay(&world, &alice, &carol, "10.00");

    let report = alice.restore(&old).unwrap();
    assert!(report.rolled_back);
    assert_eq!((report.in_doubt, report.frozen), (1, 1));
    assert!(matches!(events(&alice)[..], [.., EventKind::RolledBack { held }] if held == yuan("70.00")));
    let frozen = alice.wallet().in_doubt().unwrap();
    assert_eq!(
        (frozen[0].what, frozen[0].ends_by),
        (Doubtful::Payment, EndsBy::Bank)
    );
    assert_eq!(
        alice.wallet().payer_state(&doubt.transfer).unwrap(),
        PayerState::Frozen
    );
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(balance.spendable, Amount::ZERO);
    assert_eq!(balance.reasons, [(OnlyAtBank::KeyRetired, yuan("70.00"))]);

    // A sync declares it, shows nothing that was signed, and brings new keys.
    let report = alice.wallet().sync(&world.line()).unwrap();
    assert!(report.retired);
    assert_eq!((report.recorded, report.doubts_ended), (0, 0));
    assert!(report.new_keys > 0);
    assert!(!alice.wallet().sync(&world.line()).unwrap().retired);
    pay(&world, &carol, &alice, "5.00");
    assert_eq!(spendable(&alice), yuan("5.00"));

    // In a tap with Bob the frozen payment is not brought up, and what is new is paid.
    pay(&world, &alice, &bob, "5.00");
    assert_eq!(spendable(&bob), yuan("5.00"));

    // Bob heard of the frozen payment from nobody, so the bank does not know it either, and the doubt stands.
    bob.wallet().sync(&world.line()).unwrap();
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(alice.wallet().in_doubt().unwrap().len(), 1);
}

#[test]
fn a_frozen_payment_ends_when_the_payee_reports_it() {
    let (world, mut alice, bob) = pair();
    let request = in_doubt(&world, &alice, &bob, "30.00");
    let old = alice.snapshot().unwrap();
    // Its other self completes the payment.
    let mut again = world
        .handoff_for(
            &alice,
            &bob,
            &request.id,
            Consent::Exactly(yuan("30.00")),
            Roles::PayerIsCard,
        )
        .unwrap();
    assert!(again.tap(Frames::Extended, &mut Air::perfect()).completed());
    drop(again);
    pay(&world, &alice, &bob, "1.00");
    assert!(alice.restore(&old).unwrap().rolled_back);

    bob.wallet().sync(&world.line()).unwrap();
    let report = alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(report.doubts_ended, 1);
    assert!(alice.wallet().in_doubt().unwrap().is_empty());
}

#[test]
fn what_a_rolled_back_wallet_held_comes_back_when_its_window_closes() {
    let (world, mut alice, bob) = pair();
    in_doubt(&world, &alice, &bob, "30.00");
    let doubt = alice.wallet().in_doubt().unwrap()[0].clone();
    let old = alice.snapshot().unwrap();
    // Nobody ever hears of the payment in doubt; its other self goes on a little, and the guard with it.
    for _ in 0..2 {
        alice.wallet().request(None).unwrap();
    }
    assert!(alice.restore(&old).unwrap().rolled_back);
    alice.wallet().sync(&world.line()).unwrap();
    drop(events(&alice));

    // Two and a half years later every window has closed.
    world.clock().advance(1_000 * 86_400);
    let report = alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(report.delivered, 0);
    assert_eq!(owned(&alice), Amount::ZERO);
    assert!(alice.wallet().in_doubt().unwrap().is_empty());
    let history = alice.wallet().history().unwrap();
    let ended = history
        .iter()
        .find(|entry| entry.transfer == Some(doubt.transfer))
        .unwrap();
    assert_eq!(ended.state, State::PaidBack);
    let closed = events(&alice);
    assert!(!closed.is_empty());
    assert!(
        closed
            .iter()
            .all(|kind| matches!(kind, EventKind::WindowClosed { .. })),
        "{closed:?}"
    );
    assert_eq!(
        alice.wallet().account_balance(&world.line()).unwrap(),
        yuan("100.00")
    );
    let books = world.books().unwrap();
    assert!(books.balanced);
    assert_eq!((books.outstanding, books.closed), (Amount::ZERO, yuan("100.00")));
}

#[test]
fn the_holder_is_warned_once_before_a_series_can_no_longer_be_paid_on() {
    let (world, alice, bob) = pair();
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(events(&alice), []);
    let series = world.bank().trust_bundle().unwrap().series[0].body.clone();
    let today = world.clock().now().day();
    let days = u64::from(series.spend_until.since(today)) - 30;
    world.clock().advance(days * 86_400);
    alice.wallet().sync(&world.line()).unwrap();
    let warned = [EventKind::SeriesExpiring {
        spend_until: series.spend_until,
        amount: yuan("100.00"),
    }];
    assert_eq!(events(&alice), warned);
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(events(&alice), []);
    // A wallet that holds nothing has nothing to be warned of.
    bob.wallet().sync(&world.line()).unwrap();
    assert_eq!(events(&bob), []);
}

/// By its own clock, as soon as somebody asks what has happened; once, over restarts too, and well before the last day.
#[test]
fn a_phone_that_never_goes_online_is_warned_too() {
    let (world, mut alice, _) = pair();
    alice.wallet().sync(&world.line()).unwrap();
    drop(events(&alice));
    let series = world.bank().trust_bundle().unwrap().series[0].body.clone();
    let left = u64::from(series.spend_until.since(world.clock().now().day()));
    world.clock().advance((left - 61) * 86_400);
    alice.restart().unwrap();
    assert_eq!(events(&alice), [], "61 days are long enough");
    world.clock().advance(86_400);
    alice.restart().unwrap();
    let warned = EventKind::SeriesExpiring {
        spend_until: series.spend_until,
        amount: yuan("100.00"),
    };
    // Who only asks whether there is something new learns of it, too.
    let newest = alice.wallet().newest_event().unwrap().unwrap();
    let told = alice.wallet().next_event().unwrap().unwrap();
    assert_eq!((told.id, &told.kind), (newest, &warned));
    // It waits for its holder like every event.
    assert_eq!(alice.restart().unwrap().events, 1);
    assert_eq!(events(&alice), [warned]);
    for days in [1, 30, 28] {
        world.clock().advance(days * 86_400);
        alice.restart().unwrap();
        assert_eq!(events(&alice), []);
    }
    assert_eq!(
        spendable(&alice),
        Amount::ZERO,
        "too old for this policy long ago, and never gone"
    );
    assert_eq!(owned(&alice), yuan("100.00"));
}

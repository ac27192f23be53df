//! Refunds: money back by the payee's decision, to the key that paid, never more than was paid, whatever tears.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Amount, Code, Coded as _, Id};
use simulator::{Air, Frames, Handoff, Link, Phone, Roles, TapReport, World, seed_from_environment};
use tests::{
    counts::tell,
    phones::{bring, events, owned, spendable, yuan},
};
use wallet_core::{Consent, Doubtful, EndsBy, Entry, EventKind, Kind, Outcome, RefundError, State};

fn world() -> World {
    World::new(seed_from_environment(41)).unwrap()
}

/// Alice has paid Bob 30.00 out of 100.00, and has the receipt. The payment's transfer.
fn paid(world: &mut World) -> (Phone, Phone, Id) {
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let transfer = pay(world, &alice, &bob, "30.00");
    (alice, bob, transfer)
}

fn pay(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> Id {
    let report = world
        .handoff(payer, payee, yuan(amount), Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    assert!(report.completed(), "{report:?}");
    match report.payer {
        Some(Outcome::Paid { transfer, .. }) => transfer,
        other => panic!("{other:?}"),
    }
}

fn is_refunded(report: &TapReport, amount: Amount) -> bool {
    let refunded = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Refunded { amount: back, .. }) if *back == amount);
    matches!(report.result, Ok(true)) && refunded(&report.payer) && refunded(&report.payee)
}

fn line(phone: &Phone, transfer: Id) -> Entry {
    let history = phone.wallet().history().unwrap();
    let mut found = history
        .into_iter()
        .filter(|entry| entry.transfer == Some(transfer));
    let line = found.next().unwrap();
    assert!(found.next().is_none());
    line
}

fn assert_books(world: &World, phones: &[&Phone]) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
    let held = phones.iter().map(|phone| {
        assert_eq!(phone.wallet().in_doubt().unwrap(), [], "{}", phone.name());
        owned(phone)
    });
    assert_eq!(Amount::checked_sum(held), Some(books.outstanding));
}

#[test]
fn a_part_comes_back_by_a_tap_in_either_role_and_both_histories_link_the_two() {
    for roles in Roles::ALL {
        for link in Link::ALL {
            let mut world = world();
            let (alice, bob, paid) = paid(&mut world);
            assert_eq!(bob.wallet().refundable(&paid).unwrap(), yuan("30.00"));
            let refund = bob.wallet().refund(&paid, yuan("12.34")).unwrap();
            assert_eq!(bob.wallet().refundable(&paid).unwrap(), yuan("17.66"));
            let doubts = bob.wallet().in_doubt().unwrap();
            assert_eq!(
                (doubts[0].transfer, doubts[0].what, doubts[0].ends_by),
                (refund, Doubtful::Refund, EndsBy::TapOrSync)
            );
            drop(events(&alice));

            let report = bring(&bob, &alice, &paid, roles).over(link, &mut Air::perfect());
            assert!(is_refunded(&report, yuan("12.34")), "{report:?}");
            assert_eq!(spendable(&alice), yuan("82.34"));
            assert_eq!(spendable(&bob), yuan("17.66"));
            assert!(matches!(
                events(&alice)[..],
                [EventKind::Refunded { transfer, amount, .. }] if transfer == paid && amount == yuan("12.34")
            ));

            for phone in [&alice, &bob] {
                let payment = line(phone, paid);
                assert_eq!((payment.refunds, payment.refunded), (vec![refund], yuan("12.34")));
                assert_eq!((payment.state, payment.amount), (State::Done, yuan("30.00")));
                assert_eq!(line(phone, refund).refund_of, Some(paid));
            }
            assert_eq!(line(&alice, refund).kind, Kind::GotRefund);
            assert_eq!(line(&bob, refund).kind, Kind::GaveRefund);
            assert_books(&world, &[&alice, &bob]);

            // Both go on with what they have, and the bank takes it all.
            pay(&world, &alice, &bob, "82.34");
            for phone in [&alice, &bob] {
                phone.wallet().sync(&world.line()).unwrap();
            }
            assert_books(&world, &[&alice, &bob]);
        }
    }
}

#[test]
fn never_more_than_the_payment_over_all_refunds_and_restarts() {
    let mut world = world();
    let (alice, mut bob, paid) = paid(&mut world);
    pay(&world, &alice, &bob, "50.00");
    for (amount, left) in [("10.00", "20.00"), ("15.00", "5.00")] {
        bob.wallet().refund(&paid, yuan(amount)).unwrap();
        bob.restart().unwrap();
        assert_eq!(bob.wallet().refundable(&paid).unwrap(), yuan(left));
    }
    let refused = bob.wallet().refund(&paid, yuan("5.01")).unwrap_err();
    assert_eq!(refused, RefundError::TooLarge { left: yuan("5.00") });
    assert_eq!(refused.code(), Code::RefundTooLarge);
    bob.wallet().refund(&paid, yuan("5.00")).unwrap();
    assert_eq!(
        bob.wallet().refund(&paid, yuan("0.01")),
        Err(RefundError::TooLarge { left: Amount::ZERO })
    );
    // One tap brings one of them; three bring all.
    for _ in 0..3 {
        let report = bring(&bob, &alice, &paid, Roles::PayerIsCard).tap(Frames::Short, &mut Air::perfect());
        assert!(
            matches!(report.payer, Some(Outcome::Refunded { .. })),
            "{report:?}"
        );
    }
    assert_eq!(
        (spendable(&alice), spendable(&bob)),
        (yuan("50.00"), yuan("50.00"))
    );
    assert_eq!(line(&alice, paid).state, State::Returned);
    assert_eq!(line(&bob, paid).state, State::Returned);
    assert_books(&world, &[&alice, &bob]);
}

#[test]
fn what_was_given_back_whole_undoes_the_payment() {
    let mut world = world();
    let (alice, bob, paid) = paid(&mut world);
    let refund = bob.wallet().refund(&paid, yuan("30.00")).unwrap();
    let report = bring(&bob, &alice, &paid, Roles::PayeeIsCard).tap(Frames::Extended, &mut Air::perfect());
    assert!(is_refunded(&report, yuan("30.00")), "{report:?}");
    let payment = line(&alice, paid);
    assert_eq!((payment.state, payment.refunds), (State::Returned, vec![refund]));
    assert_eq!(line(&bob, paid).state, State::Returned);
    assert_eq!(spendable(&alice), yuan("100.00"));
    assert_books(&world, &[&alice, &bob]);
}

#[test]
fn out_of_other_money_if_the_payment_was_spent_on() {
    for by_bank in [false, true] {
        let mut world = world();
        let (alice, bob, paid) = paid(&mut world);
        let carol = world.phone("Carol").unwrap();
        world.fund(&carol, yuan("40.00")).unwrap();
        pay(&world, &bob, &carol, "30.00");
        assert!(matches!(
            bob.wallet().refund(&paid, yuan("30.00")),
            Err(RefundError::Pay(_))
        ));
        pay(&world, &carol, &bob, "40.00");
        let refund = bob.wallet().refund(&paid, yuan("30.00")).unwrap();
        if by_bank {
            let report = bob.wallet().sync(&world.line()).unwrap();
            assert_eq!(report.doubts_ended, 1);
            let report = alice.wallet().sync(&world.line()).unwrap();
            assert_eq!(report.delivered, 1, "{report:?}");
        } else {
            let report =
                bring(&bob, &alice, &paid, Roles::PayeeIsCard).tap(Frames::Extended, &mut Air::perfect());
            assert!(is_refunded(&report, yuan("30.00")), "{report:?}");
        }
        assert_eq!(
            (spendable(&alice), spendable(&bob)),
            (yuan("100.00"), yuan("10.00"))
        );
        assert_eq!(line(&alice, refund).kind, Kind::GotRefund);
        assert_eq!(line(&alice, paid).state, State::Returned);
        assert_books(&world, &[&alice, &bob, &carol]);
        if !by_bank {
            // What came by a tap is delivered again by the bank, and credited once.
            bob.wallet().sync(&world.line()).unwrap();
            alice.wallet().sync(&world.line()).unwrap();
            assert_books(&world, &[&alice, &bob, &carol]);
        }
    }
}

#[test]
fn the_way_out_when_money_came_through_the_bank_and_the_goods_never_changed_hands() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    // Alice has signed, nothing arrived, and she walked away. The bank delivers.
    let request = bob.wallet().request(Some(yuan("30.00"))).unwrap();
    let mut torn = world
        .handoff_for(
            &alice,
            &bob,
            &request.id,
            Consent::Exactly(yuan("30.00")),
            Roles::PayeeIsCard,
        )
        .unwrap();
    torn.tap(Frames::Extended, &mut Air::cut_after(600));
    let paid = alice.wallet().in_doubt().unwrap()[0].transfer;
    alice.wallet().sync(&world.line()).unwrap();
    bob.wallet().sync(&world.line()).unwrap();
    assert_eq!(spendable(&bob), yuan("30.00"));
    // Bob sees what happened, and gives it back. Neither meets the other again.
    bob.wallet().refund(&paid, yuan("30.00")).unwrap();
    bob.wallet().sync(&world.line()).unwrap();
    alice.wallet().sync(&world.line()).unwrap();
    assert_eq!(
        (spendable(&alice), spendable(&bob)),
        (yuan("100.00"), Amount::ZERO)
    );
    assert_books(&world, &[&alice, &bob]);
}

#[test]
fn only_what_was_taken_can_be_refunded_and_only_who_paid_gets_it() {
    let mut world = world();
    let (alice, bob, paid) = paid(&mut world);
    let carol = world.phone("Carol").unwrap();
    assert_eq!(
        alice.wallet().refund(&paid, yuan("1.00")),
        Err(RefundError::UnknownPayment)
    );
    assert_eq!(
        bob.wallet().refund(&Id::from_bytes([7; 32]), yuan("1.00")),
        Err(RefundError::UnknownPayment)
    );
    assert!(matches!(
        bob.wallet().refund(&paid, Amount::ZERO),
        Err(RefundError::Pay(_))
    ));
    assert!(
        carol
            .wallet()
            .await_refund(&paid, Roles::PayeeIsCard.payee())
            .is_err()
    );

    let refund = bob.wallet().refund(&paid, yuan("30.00")).unwrap();
    // Somebody else asks Bob for money: it is not recognised, and nothing is sent.
    let ask = carol.wallet().request(Some(yuan("30.00"))).unwrap();
    let mut stranger = Handoff {
        payer: bob.wallet().resume(Roles::PayeeIsCard.payer()).unwrap(),
        payee: carol
            .wallet()
            .receive(&ask.id, Roles::PayeeIsCard.payee())
            .unwrap(),
    };
    let report = stranger.tap(Frames::Extended, &mut Air::perfect());
    assert!(report.declined().is_some(), "{report:?}");
    assert_eq!(spendable(&carol), Amount::ZERO);
    // Alice asks for something else altogether, and gets what she is owed first.
    let ask = alice.wallet().request(Some(yuan("1.00"))).unwrap();
    let mut owed = world
        .handoff_for(
            &bob,
            &alice,
            &ask.id,
            Consent::Exactly(yuan("1.00")),
            Roles::PayerIsCard,
        )
        .unwrap();
    let report = owed.tap(Frames::Extended, &mut Air::perfect());
    assert!(is_refunded(&report, yuan("30.00")), "{report:?}");
    // Money back is no payment: it is not refunded in turn.
    assert_eq!(
        alice.wallet().refund(&refund, yuan("1.00")),
        Err(RefundError::UnknownPayment)
    );
    assert_books(&world, &[&alice, &bob, &carol]);
}

#[test]
fn a_refund_torn_after_any_byte_arrives_exactly_once() {
    let mut cases = 0;
    for roles in Roles::ALL {
        let (mut world, mut alice, mut bob, mut paid_by) = fresh();
        for (round, cut) in (1..).zip((0..4_000).step_by(7)) {
            if round % 8 == 0 {
                // Money that goes to and fro has a longer and longer history; before it is too long, others take over.
                (world, alice, bob, paid_by) = fresh();
            }
            let before = (spendable(&alice), spendable(&bob));
            bob.wallet().refund(&paid_by, yuan("1.00")).unwrap();
            let mut first = bring(&bob, &alice, &paid_by, roles);
            let torn = first.tap(Frames::Extended, &mut Air::cut_after(cut));
            let whole = is_refunded(&torn, yuan("1.00"));
            if cut % 2 == 0 {
                alice.restart().unwrap();
            }
            if cut % 3 == 0 {
                bob.restart().unwrap();
            }
            if !bob.wallet().in_doubt().unwrap().is_empty() {
                if cut % 5 == 0 {
                    bob.wallet().sync(&world.line()).unwrap();
                    alice.wallet().sync(&world.line()).unwrap();
                } else {
                    let mut second = bring(&bob, &alice, &paid_by, roles);
                    let report = second.tap(Frames::Extended, &mut Air::perfect());
                    assert!(is_refunded(&report, yuan("1.00")), "{cut} {report:?}");
                }
            }
            let one = yuan("1.00");
            assert_eq!(
                (spendable(&alice), spendable(&bob)),
                (
                    before.0.checked_add(one).unwrap(),
                    before.1.checked_sub(one).unwrap()
                ),
                "{cut}"
            );
            assert_books(&world, &[&alice, &bob]);
            cases += 1;
            if whole {
                break;
            }
        }
    }
    tell("refunds", &format!("{cases} taps with a refund torn and mended"));
    assert!(cases > 100);
}

fn fresh() -> (World, Phone, Phone, Id) {
    let mut world = world();
    let (alice, bob, transfer) = paid(&mut world);
    (world, alice, bob, transfer)
}

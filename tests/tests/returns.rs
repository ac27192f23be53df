//! Money that nobody wants comes back in the same tap, whatever tears; and what the holders hear of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{
    Amount, Assurance, Payment, Request, RequestId, WalletClass,
    bank::{Answer, Delivery, Order},
};
use simulator::{
    Air, Frames, Handoff, Phone, PhoneOptions, RoguePiece, Roles, Said, TapReport, World,
    seed_from_environment,
};
use tests::{
    counts::tell,
    phones::{events, spendable, yuan},
};
use wallet_core::{
    Consent, Doubtful, EndsBy, EventKind, Kind, Outcome, PayeeState, PayerState, ReceiveError, ReturnReason,
    State,
};

fn world() -> World {
    World::new(seed_from_environment(11)).unwrap()
}

/// A handoff in which `payer` consents to `amount`, and `payee` sits over `request`.
fn handoff(
    world: &World,
    payer: &Phone,
    payee: &Phone,
    request: &RequestId,
    amount: Amount,
    roles: Roles,
) -> Handoff {
    world
        .handoff_for(payer, payee, request, Consent::Exactly(amount), roles)
        .unwrap()
}

/// `payer` has signed for `payee`'s request, and nothing has arrived.
fn in_doubt(world: &World, payer: &Phone, payee: &Phone, amount: &str) -> Request {
    let amount = yuan(amount);
    let request = payee.wallet().request(Some(amount)).unwrap();
    let mut handoff = handoff(world, payer, payee, &request.id, amount, Roles::PayeeIsCard);
    let hello = handoff.payer.begin().unwrap().unwrap();
    handoff.payee.begin().unwrap();
    let offer = handoff.payee.hear(&hello).unwrap().unwrap();
    handoff.payer.hear(&offer).unwrap().unwrap();
    request
}

fn is_returned(report: &TapReport) -> bool {
    let returned = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Returned { .. }));
    matches!(report.result, Ok(true)) && returned(&report.payer) && returned(&report.payee)
}

fn assert_books(world: &World, phones: &[&Phone]) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
    let held = phones.iter().map(|phone| {
        let balance = phone.wallet().balance().unwrap();
        assert_eq!(balance.in_doubt, Amount::ZERO, "{}", phone.name());
        balance.spendable.checked_add(balance.only_at_bank).unwrap()
    });
    assert_eq!(Amount::checked_sum(held), Some(books.outstanding));
}

/// Alice has signed 30.00 for Bob's request; Carol paid it meanwhile.
fn paid_by_another(world: &mut World) -> (Phone, Phone, Phone, Request) {
    let alice = world.phone("Alice").unwrap();
    let bob = world.phone("Bob").unwrap();
    let carol = world.phone("Carol").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    world.fund(&carol, yuan("100.00")).unwrap();
    let request = in_doubt(world, &alice, &bob, "30.00");
    let report = handoff(
        world,
        &carol,
        &bob,
        &request.id,
        yuan("30.00"),
        Roles::PayeeIsCard,
    )
    .tap(Frames::Extended, &mut Air::perfect());
    assert!(report.completed(), "{report:?}");
    for phone in [&alice, &bob, &carol] {
        drop(events(phone));
    }
    (alice, bob, carol, request)
}

#[test]
fn a_request_paid_by_another_meanwhile_gives_the_second_payment_back() {
    for roles in Roles::ALL {
        for frames in Frames::ALL {
            let mut world = world();
            let (alice, bob, carol, request) = paid_by_another(&mut world);
            let doubts = alice.wallet().in_doubt().unwrap();
            assert_eq!(doubts.len(), 1);
            assert_eq!(
                (doubts[0].what, doubts[0].amount, doubts[0].ends_by),
                (Doubtful::Payment, yuan("30.00"), EndsBy::TapOrSync)
            );
            assert_eq!(doubts[0].payee, request.payee.body.holder_key);
            let transfer = doubts[0].transfer;
            assert_eq!(
                alice.wallet().payer_state(&transfer).unwrap(),
                PayerState::InDoubt
            );

            let mut second = handoff(&world, &alice, &bob, &request.id, yuan("30.00"), roles);
            let report = second.tap(frames, &mut Air::perfect());
            assert!(is_returned(&report), "{report:?}");
            assert_eq!(spendable(&alice), yuan("100.00"));
            assert_eq!(spendable(&bob), yuan("30.00"));
            assert_books(&world, &[&alice, &bob, &carol]);
            assert_eq!(
                alice.wallet().payer_state(&transfer).unwrap(),
                PayerState::Returned
            );
            assert_eq!(bob.wallet().payee_state(&transfer).unwrap(), PayeeState::Returned);
            assert!(
                matches!(events(&alice)[..], [EventKind::Returned { amount, .. }] if amount == yuan("30.00"))
            );
            assert!(matches!(
                events(&bob)[..],
                [EventKind::GaveBack {
                    reason: ReturnReason::PaidTwice,
                    ..
                }]
            ));
            // One line each, and no money moved.
            let of = |phone: &Phone, transfer| {
                let history = phone.wallet().history().unwrap();
                history.into_iter().find(|entry| entry.transfer == Some(transfer))
            };
            assert_eq!(of(&alice, transfer).unwrap().state, State::Returned);
            let bobs = bob.wallet().history().unwrap();
            assert_eq!(
                bobs.iter().filter(|entry| entry.kind == Kind::Received).count(),
                1
            );
            assert_eq!(
                bobs.iter().filter(|entry| entry.kind == Kind::GaveBack).count(),
                1
            );

            // What came back can be paid on at once.
            let amount = yuan("95.00");
            let report = world
                .handoff(&alice, &carol, amount, roles)
                .unwrap()
                .tap(frames, &mut Air::perfect());
            assert!(report.completed(), "{report:?}");
            assert_books(&world, &[&alice, &bob, &carol]);
        }
    }
}

/// Whoever of the two is online first: the other need not report what the bank has.
#[test]
fn a_return_that_the_bank_has_is_not_reported_to_it() {
    for giver_first in [true, false] {
        let mut world = world();
        let (alice, bob, carol, request) = paid_by_another(&mut world);
        let roles = Roles::PayeeIsCard;
        let mut second = handoff(&world, &alice, &bob, &request.id, yuan("30.00"), roles);
        assert!(is_returned(&second.tap(Frames::Extended, &mut Air::perfect())));
        let order = if giver_first {
            [&bob, &alice]
        } else {
            [&alice, &bob]
        };
        let recorded = order.map(|phone| {
            let report = phone.wallet().sync(&world.line()).unwrap();
            (report.recorded, report.delivered)
        });
        // Bob: what Carol paid, and the return with what it gives back. Alice: what she paid.
        let expected = if giver_first {
            [(3, 0), (1, 0)]
        } else {
            [(2, 0), (2, 0)]
        };
        assert_eq!(
            recorded, expected,
            "recorded and delivered; Bob first: {giver_first}"
        );
        assert_books(&world, &[&alice, &bob, &carol]);
    }
}

#[test]
fn a_return_torn_after_any_byte_comes_back_exactly_once() {
    let mut cases = 0;
    for roles in Roles::ALL {
        let pair = || {
            let mut world = world();
            let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
            world.fund(&alice, yuan("100.00")).unwrap();
            (world, alice, bob)
        };
        let (mut world, mut alice, mut bob) = pair();
        for (round, cut) in (1..).zip((0..4_000).step_by(7)) {
            if round % 4 == 0 {
                // Money that comes back has a longer history; before it is too long, others take over.
                (world, alice, bob) = pair();
            }
            let request = in_doubt(&world, &alice, &bob, "30.00");
            bob.wallet().withdraw(&request.id).unwrap();
            let mut first = handoff(&world, &alice, &bob, &request.id, yuan("30.00"), roles);
            let torn = first.tap(Frames::Extended, &mut Air::cut_after(cut));
            let whole = is_returned(&torn);
            if cut % 2 == 0 {
                alice.restart().unwrap();
            }
            if cut % 3 == 0 {
                bob.restart().unwrap();
            }
            if !whole {
                let mut second = handoff(&world, &alice, &bob, &request.id, yuan("30.00"), roles);
                let report = second.tap(Frames::Extended, &mut Air::perfect());
                // If Alice has the money back already, there is nothing left to resume for her.
                let back = alice.wallet().in_doubt().unwrap().is_empty();
                assert!(back, "{cut} {report:?}");
            }
            // If only the receipt for the return was lost, Bob brings it again the next time he is the payer.
            if !bob.wallet().in_doubt().unwrap().is_empty() {
                assert_eq!(bob.wallet().in_doubt().unwrap()[0].what, Doubtful::Return);
                let ask = alice.wallet().request(Some(yuan("1.00"))).unwrap();
                let mut back = handoff(&world, &bob, &alice, &ask.id, yuan("1.00"), roles);
                let report = back.tap(Frames::Extended, &mut Air::perfect());
                assert!(
                    matches!(report.payer, Some(Outcome::Returned { .. })),
                    "{report:?}"
                );
            }
            assert_eq!(spendable(&alice), yuan("100.00"), "{cut}");
            assert_books(&world, &[&alice, &bob]);
            cases += 1;
            if whole {
                break;
            }
        }
    }
    tell("returns", &format!("{cases} taps with a return torn and mended"));
    assert!(cases > 100);
}

#[test]
fn a_return_can_be_brought_by_its_signer_as_the_payer_of_a_later_tap() {
    for roles in Roles::ALL {
        let mut world = world();
        let (alice, bob, carol, request) = paid_by_another(&mut world);
        // Bob has taken and given back, and Alice never heard.
        let mut torn = handoff(
            &world,
            &alice,
            &bob,
            &request.id,
            yuan("30.00"),
            Roles::PayeeIsCard,
        );
        let hello = torn.payer.begin().unwrap().unwrap();
        torn.payee.begin().unwrap();
        let offer = torn.payee.hear(&hello).unwrap().unwrap();
        let resume = torn.payer.hear(&offer).unwrap().unwrap();
        let resumed = torn.payee.hear(&resume).unwrap().unwrap();
        let payment = torn.payer.hear(&resumed).unwrap().unwrap();
        torn.payee.hear(&payment).unwrap().unwrap();
        assert_eq!(bob.wallet().in_doubt().unwrap()[0].what, Doubtful::Return);
        assert_eq!(alice.wallet().in_doubt().unwrap().len(), 1);

        let ask = alice.wallet().request(Some(yuan("1.00"))).unwrap();
        let mut swapped = handoff(&world, &bob, &alice, &ask.id, yuan("1.00"), roles);
        let report = swapped.tap(Frames::Extended, &mut Air::perfect());
        assert!(is_returned(&report), "{report:?}");
        assert_eq!(spendable(&alice), yuan("100.00"));
        assert_eq!(spendable(&bob), yuan("30.00"));
        assert_books(&world, &[&alice, &bob, &carol]);
    }
}

#[test]
fn what_a_wallet_may_not_hold_comes_back() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    let small = PhoneOptions {
        class: WalletClass::Iv,
        ..PhoneOptions::default()
    };
    let bob = world.phone_with("Bob", &small).unwrap();
    world.fund(&alice, yuan("5000.00")).unwrap();
    world.fund(&bob, yuan("950.00")).unwrap();
    // There was room when Alice signed, and there is none when her payment arrives.
    let asked = in_doubt(&world, &alice, &bob, "40.00");
    let request = bob.wallet().request(None).unwrap();
    let carol = world.phone("Carol").unwrap();
    world.fund(&carol, yuan("50.00")).unwrap();
    let mut fits = handoff(
        &world,
        &carol,
        &bob,
        &request.id,
        yuan("50.00"),
        Roles::PayeeIsCard,
    );
    assert!(fits.tap(Frames::Extended, &mut Air::perfect()).completed());
    assert!(matches!(
        events(&bob)[..],
        [EventKind::Received { .. }, EventKind::LimitReached { balance }] if balance == yuan("1000.00")
    ));
    let mut late = handoff(&world, &alice, &bob, &asked.id, yuan("40.00"), Roles::PayeeIsCard);
    let report = late.tap(Frames::Extended, &mut Air::perfect());
    assert!(is_returned(&report), "{report:?}");
    assert!(matches!(
        events(&bob)[..],
        [EventKind::GaveBack {
            reason: ReturnReason::BalanceLimit,
            ..
        }]
    ));
    // What came back is not in doubt any more, and nobody is told that it is.
    let told = events(&alice);
    assert!(matches!(told[..], [EventKind::Returned { .. }]), "{told:?}");
    assert_books(&world, &[&alice, &bob, &carol]);
}

/// An honest payer signs nothing for a request that demands better keys than it has. A rogue pays it all the same, by a tap
/// or through the bank.
#[test]
fn what_is_paid_with_keys_below_the_demanded_assurance_comes_back() {
    for by_tap in [true, false] {
        let mut world = world();
        let bob = world.phone("Bob").unwrap();
        bob.wallet()
            .demand_assurance(Some(Assurance::TrustedEnvironment))
            .unwrap();
        let request = bob.wallet().request(Some(yuan("20.00"))).unwrap();
        assert_eq!(request.terms.assurance, Some(Assurance::TrustedEnvironment));
        // The demand is the request's: it holds also when the wallet has changed its mind.
        bob.wallet().demand_assurance(None).unwrap();
        let mut rogue = world.rogue().unwrap();
        let key = rogue.certified_key().unwrap();
        let notes = rogue.load(yuan("50.00"), &key).unwrap();
        let (payment, _) = rogue.pay(&[&notes[0]], &request, yuan("20.00")).unwrap();
        if by_tap {
            for _ in 0..2 {
                let said = rogue.hand(&payment, &request, &bob).unwrap();
                assert!(
                    matches!(said, Said::Receipt(receipt) if receipt.returned.is_some()),
                    "taken, and given back with the receipt: {said:?}"
                );
            }
        } else {
            let report = Order::Report {
                payment: payment.encode(),
                receipt: None,
            };
            assert_eq!(rogue.call(report).unwrap(), Answer::Recorded);
            assert_eq!(bob.wallet().sync(&world.line()).unwrap().delivered, 1);
        }
        let told = events(&bob);
        assert!(
            told.iter().any(|event| matches!(event, EventKind::GaveBack {
                amount,
                reason: ReturnReason::AssuranceTooLow,
                ..
            } if *amount == yuan("20.00"))),
            "{told:?}"
        );
        assert!(
            !told
                .iter()
                .any(|event| matches!(event, EventKind::Received { .. }))
        );
        assert_eq!(
            bob.wallet().payee_state(&payment.id()).unwrap(),
            PayeeState::Returned
        );
        assert_eq!(spendable(&bob), Amount::ZERO);

        // The request is as open as before; the return reaches whom it is for, and settles.
        assert_eq!(bob.wallet().open_requests().unwrap(), [request]);
        bob.wallet().sync(&world.line()).unwrap();
        let Answer::Delivered { deliveries, .. } = rogue.call(Order::Collect { after: 0 }).unwrap() else {
            panic!("a mailbox can be read");
        };
        let [Delivery::Payment { payment: back }] = &deliveries[..] else {
            panic!("{deliveries:?}");
        };
        let back = Payment::decode(back).unwrap();
        let piece = RoguePiece::of_payment(&back).unwrap();
        assert_eq!(piece.amount, yuan("20.00"));
        assert!(matches!(
            rogue.deposit(&[&piece]).unwrap(),
            Answer::Deposited { .. }
        ));
        assert!(world.books().unwrap().balanced);
        assert_eq!(bob.wallet().in_doubt().unwrap(), []);
    }
}

#[test]
fn a_withdrawn_request_is_not_offered_and_a_paid_one_cannot_be_withdrawn() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    let bob = world.phone("Bob").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    let request = bob.wallet().request(Some(yuan("10.00"))).unwrap();
    bob.wallet().withdraw(&request.id).unwrap();
    bob.wallet().withdraw(&request.id).unwrap();
    assert!(bob.wallet().open_requests().unwrap().is_empty());
    let mut tap = handoff(
        &world,
        &alice,
        &bob,
        &request.id,
        yuan("10.00"),
        Roles::PayeeIsCard,
    );
    let report = tap.tap(Frames::Extended, &mut Air::perfect());
    assert!(report.declined().is_some(), "{report:?}");
    assert_eq!(spendable(&alice), yuan("100.00"));

    let other = bob.wallet().request(Some(yuan("10.00"))).unwrap();
    let mut tap = handoff(&world, &alice, &bob, &other.id, yuan("10.00"), Roles::PayeeIsCard);
    assert!(tap.tap(Frames::Extended, &mut Air::perfect()).completed());
    assert_eq!(bob.wallet().withdraw(&other.id), Err(ReceiveError::RequestPaid));
    assert_eq!(
        bob.wallet().withdraw(&RequestId::from_bytes([9; 16])),
        Err(ReceiveError::UnknownRequest)
    );
}

#[test]
fn events_come_until_acknowledged_and_outlive_the_app() {
    let mut world = world();
    let mut alice = world.phone("Alice").unwrap();
    let mut bob = world.phone("Bob").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    let request = in_doubt(&world, &alice, &bob, "30.00");
    let report = alice.restart().unwrap();
    assert_eq!((report.in_doubt, report.events), (1, 1));
    let event = alice.wallet().next_event().unwrap().unwrap();
    assert!(matches!(event.kind, EventKind::InDoubt { amount, .. } if amount == yuan("30.00")));
    alice.restart().unwrap();
    assert_eq!(alice.wallet().next_event().unwrap(), Some(event.clone()));
    // Nobody acknowledged it, and now there is no doubt any more: it is gone, and the mended tap takes its place.
    let mut again = handoff(
        &world,
        &alice,
        &bob,
        &request.id,
        yuan("30.00"),
        Roles::PayerIsCard,
    );
    assert!(again.tap(Frames::Extended, &mut Air::perfect()).completed());
    assert!(matches!(
        events(&alice)[..],
        [EventKind::Paid { mended: true, .. }]
    ));
    assert_eq!(alice.wallet().next_event().unwrap(), None);
    alice.wallet().acknowledge_event(event.id).unwrap();

    // A tap that goes well tells of one thing on each side.
    assert!(
        world
            .handoff(&alice, &bob, yuan("5.00"), Roles::PayeeIsCard)
            .unwrap()
            .tap(Frames::Extended, &mut Air::perfect())
            .completed()
    );
    assert!(matches!(
        events(&alice)[..],
        [EventKind::Paid { mended: false, .. }]
    ));
    let report = bob.restart().unwrap();
    assert_eq!(report.events, 2);
    assert!(matches!(
        events(&bob)[..],
        [EventKind::Received { .. }, EventKind::Received { .. }]
    ));
    let report = bob.restart().unwrap();
    assert_eq!((report.events, report.unrecorded), (0, 2));
}

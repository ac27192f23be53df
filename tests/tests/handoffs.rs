//! Simulated handoffs: two phones, an air between them, a bank far away.
//!
//! Every test makes its world out of a seed, and prints it when it fails; `DCEP_SEED` runs all of them with another.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Algorithm, Amount, Code, Coded as _, Name, WalletClass};
use simulator::{Air, BankLine, Frames, Phone, PhoneOptions, Roles, World, seed_from_environment};
use tests::phones::{owned, pay, spendable, yuan};
use wallet_core::{
    BankError, Consent, LargestBecause, Lift, Limit, Outcome, PayError, ReceiveError, State,
    handoff::connect, link::apdu::FrameSize, platform::TransportError,
};

fn world() -> World {
    World::new(seed_from_environment(1)).unwrap()
}

/// All value is somewhere: what the issuer has outstanding is what the phones hold.
fn assert_accounted(world: &World, phones: &[&Phone]) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
    let held = phones.iter().map(|phone| {
        let balance = phone.wallet().balance().unwrap();
        assert_eq!(balance.in_doubt, Amount::ZERO);
        balance.spendable.checked_add(balance.only_at_bank).unwrap()
    });
    assert_eq!(Amount::checked_sum(held), Some(books.outstanding));
}

#[test]
fn money_moves_in_both_roles_and_both_frames_with_both_algorithms() {
    for payer_keys in [Algorithm::Ed25519, Algorithm::P256] {
        for payee_keys in [Algorithm::Ed25519, Algorithm::P256] {
            let mut world = world();
            let phone = |world: &mut World, name, algorithm| {
                world
                    .phone_with(
                        name,
                        &PhoneOptions {
                            algorithm,
                            ..PhoneOptions::default()
                        },
                    )
                    .unwrap()
            };
            let alice = phone(&mut world, "Alice", payer_keys);
            let bob = phone(&mut world, "Bob", payee_keys);
            world.fund(&alice, yuan("100.00")).unwrap();
            let mut paid = Amount::ZERO;
            for roles in Roles::ALL {
                for frames in Frames::ALL {
                    let amount = yuan("7.31");
                    let report = world
                        .handoff(&alice, &bob, amount, roles)
                        .unwrap()
                        .tap(frames, &mut Air::perfect());
                    assert!(report.completed(), "{report:?}");
                    let commands = match (roles, frames) {
                        (_, Frames::Extended) => 4,
                        (_, Frames::Short) => 6,
                    };
                    assert!(
                        report.traffic.commands <= commands,
                        "{roles:?} {frames:?} {:?}",
                        report.traffic
                    );
                    paid = paid.checked_add(amount).unwrap();
                    assert_eq!(spendable(&bob), paid);
                    assert_eq!(spendable(&alice), yuan("100.00").checked_sub(paid).unwrap());
                    assert_accounted(&world, &[&alice, &bob]);
                }
            }
        }
    }
}

#[test]
fn what_was_just_received_is_paid_on_offline_five_times_and_deposited() {
    let mut world = world();
    let phones: Vec<_> = (0..6)
        .map(|number| world.phone(&format!("phone-{number}")).unwrap())
        .collect();
    world.fund(&phones[0], yuan("50.00")).unwrap();
    let all: Vec<&Phone> = phones.iter().collect();
    for (hop, pair) in phones.windows(2).enumerate() {
        let roles = Roles::ALL[hop % 2];
        let frames = Frames::ALL[hop / 2 % 2];
        let report = world
            .handoff(&pair[0], &pair[1], yuan("20.00"), roles)
            .unwrap()
            .tap(frames, &mut Air::perfect());
        assert!(report.completed(), "{report:?}");
        assert_accounted(&world, &all);
    }
    let last = &phones[5];
    assert_eq!(last.wallet().balance().unwrap().unsettled, yuan("20.00"));
    assert_eq!(last.wallet().deposit(&world.line(), None).unwrap(), yuan("20.00"));
    assert_eq!(
        last.wallet().account_balance(&world.line()).unwrap(),
        yuan("20.00")
    );
    assert_eq!(spendable(last), Amount::ZERO);
    assert_accounted(&world, &all);
    assert_eq!(world.books().unwrap().redeemed, yuan("20.00"));
}

#[test]
fn value_received_in_pieces_is_paid_in_one_payment_with_several_signers() {
    let mut world = world();
    let (alice, bob, carol) = (
        world.phone("Alice").unwrap(),
        world.phone("Bob").unwrap(),
        world.phone("Carol").unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    for amount in ["3.00", "4.00", "5.00"] {
        pay(&world, &alice, &bob, amount);
    }
    pay(&world, &bob, &carol, "12.00");
    pay(&world, &carol, &alice, "11.99");
    assert_eq!(spendable(&carol), yuan("0.01"));
    assert_accounted(&world, &[&alice, &bob, &carol]);
}

#[test]
fn the_same_history_may_arrive_twice() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    // Twice from one note's change, then back, then on again.
    pay(&world, &alice, &bob, "30.00");
    pay(&world, &alice, &bob, "11.00");
    pay(&world, &bob, &alice, "35.00");
    pay(&world, &alice, &bob, "90.00");
    assert_accounted(&world, &[&alice, &bob]);
}

#[test]
fn an_open_request_is_paid_with_what_the_payer_chooses() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let request = bob.wallet().request(None).unwrap();
    let tap = |consent| {
        let mut handoff = world
            .handoff_for(&alice, &bob, &request.id, consent, Roles::PayeeIsCard)
            .unwrap();
        handoff.tap(Frames::Extended, &mut Air::perfect())
    };
    let undecided = tap(Consent::UpTo(yuan("50.00")));
    assert!(matches!(undecided.declined(), Some(PayError::AmountOpen)));
    assert!(tap(Consent::Exactly(yuan("8.88"))).completed());
    assert_eq!(spendable(&bob), yuan("8.88"));
}

#[test]
fn above_the_consent_the_payer_confirms_and_the_second_tap_pays_the_very_request() {
    let mut world = world();
    let (alice, shop) = (
        world.phone("Alice").unwrap(),
        world
            .phone_with(
                "shop",
                &PhoneOptions {
                    merchant: Some(Name::new("面馆 Noodles").unwrap()),
                    ..PhoneOptions::default()
                },
            )
            .unwrap(),
    );
    world.fund(&alice, yuan("100.00")).unwrap();
    for roles in Roles::ALL {
        let request = shop.wallet().request(Some(yuan("37.45"))).unwrap();
        let mut handoff = world
            .handoff_for(&alice, &shop, &request.id, Consent::UpTo(yuan("20.00")), roles)
            .unwrap();
        let first = handoff.tap(Frames::Extended, &mut Air::perfect());
        let Some(Outcome::Declined {
            reason: PayError::ConfirmOnDevice { amount },
            request: Some(asked),
        }) = first.payer
        else {
            panic!("{first:?}")
        };
        assert_eq!((amount, asked.id), (yuan("37.45"), request.id));
        assert_eq!(
            asked.payee.body.grant.name.as_ref().unwrap().as_str(),
            "面馆 Noodles"
        );
        assert!(
            matches!(first.payee, Some(Outcome::Refused { refusal }) if refusal.code == Code::ConfirmOnDevice)
        );
        // The payee waits in the same session.
        handoff.payer = alice
            .wallet()
            .pay(Consent::To(asked.id, amount), roles.payer())
            .unwrap();
        assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    }
    assert_eq!(spendable(&shop), yuan("74.90"));
    assert_accounted(&world, &[&alice, &shop]);
}

#[test]
fn more_than_spendable_is_refused_with_the_reasons() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    // 4.00 get into doubt: the link tears right after the payment has left.
    let mut torn = world
        .handoff(&alice, &bob, yuan("4.00"), Roles::PayerIsCard)
        .unwrap();
    let mut cut = usize::MAX;
    for limit in 1..4_000 {
        let report = torn.tap(Frames::Extended, &mut Air::cut_after(limit));
        if alice.wallet().balance().unwrap().in_doubt == yuan("4.00") {
            cut = limit;
            assert!(matches!(report.result, Ok(false)));
            break;
        }
    }
    assert!(cut > 300);
    let head = alice.wallet().journal_head().unwrap();
    let asked = yuan("6.01");
    let report = world
        .handoff(&alice, &bob, asked, Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    // The torn payment comes first: it is mended, and nothing else is paid in this tap.
    assert!(
        matches!(report.payer, Some(Outcome::Paid { mended: true, .. })),
        "{report:?}"
    );
    let report = world
        .handoff(&alice, &bob, asked, Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    let Some(reason) = report.declined() else {
        panic!("{report:?}")
    };
    assert_eq!(
        reason,
        PayError::NotEnough {
            asked,
            spendable: yuan("6.00"),
            in_doubt: Amount::ZERO,
            only_at_bank: Amount::ZERO
        }
    );
    assert_eq!(
        alice.wallet().journal_head().unwrap().number,
        head.number + 1,
        "only the receipt was written"
    );
    assert_eq!(spendable(&bob), yuan("4.00"));
    assert_accounted(&world, &[&alice, &bob]);
}

#[test]
fn a_request_is_refused_before_anybody_signs() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    let poor = PhoneOptions {
        class: WalletClass::Iv,
        ..PhoneOptions::default()
    };
    let dora = world.phone_with("Dora", &poor).unwrap();
    world.fund(&alice, yuan("9000.00")).unwrap();
    let limit = yuan("500.00");
    assert_eq!(
        dora.wallet().request(Some(Amount::ZERO)).err(),
        Some(ReceiveError::Zero)
    );
    assert_eq!(
        dora.wallet().request(Some(yuan("500.01"))).err(),
        Some(ReceiveError::PaymentLimit { limit })
    );
    // An open request tells no amount, but the payer sees the payee's class.
    let request = dora.wallet().request(None).unwrap();
    let mut handoff = world
        .handoff_for(
            &alice,
            &dora,
            &request.id,
            Consent::Exactly(yuan("500.01")),
            Roles::PayeeIsCard,
        )
        .unwrap();
    let report = handoff.tap(Frames::Extended, &mut Air::perfect());
    let Some(Outcome::Declined {
        reason:
            PayError::Limit {
                limit: Limit::PerPayment,
                left,
                ..
            },
        ..
    }) = report.payer
    else {
        panic!("{report:?}")
    };
    assert_eq!(left, limit);
    // Class IV may hold 1,000.00.
    pay(&world, &alice, &dora, "500.00");
    pay(&world, &alice, &dora, "100.00");
    assert_eq!(
        dora.wallet().request(Some(yuan("400.01"))).err(),
        Some(ReceiveError::BalanceLimit { room: yuan("400.00") })
    );
    assert_accounted(&world, &[&alice, &dora]);
}

#[test]
fn nobody_pays_itself_and_nobody_pays_twice() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let own = alice.wallet().request(Some(yuan("1.00"))).unwrap();
    let report = world
        .handoff_for(
            &alice,
            &alice,
            &own.id,
            Consent::Exactly(yuan("1.00")),
            Roles::PayeeIsCard,
        )
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    assert!(
        matches!(report.declined(), Some(PayError::OwnRequest)),
        "{report:?}"
    );

    let mut handoff = world
        .handoff(&alice, &bob, yuan("1.00"), Roles::PayeeIsCard)
        .unwrap();
    assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    // The same session again: it has paid.
    let again = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert_eq!(again.result.unwrap_err().code(), Code::SessionClosed);
    // A new session, the same payee: its request is paid, and it asks for nothing.
    handoff.payer = alice
        .wallet()
        .pay(Consent::UpTo(yuan("50.00")), Roles::PayeeIsCard.payer())
        .unwrap();
    let again = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert!(
        matches!(again.declined(), Some(PayError::NothingAsked)),
        "{again:?}"
    );
    assert_eq!(spendable(&bob), yuan("1.00"));
    assert_accounted(&world, &[&alice, &bob]);
}

#[test]
fn offline_there_is_no_bank() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    let unreachable = BankError::Transport(TransportError::Unreachable);
    assert_eq!(
        alice.wallet().load(&BankLine::offline(), yuan("1.00")).err(),
        Some(unreachable.clone())
    );
    assert_eq!(
        alice
            .wallet()
            .deposit(&BankLine::offline(), Some(yuan("1.00")))
            .err(),
        Some(unreachable)
    );
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(
        (balance.spendable, balance.in_doubt),
        (yuan("99.00"), yuan("1.00"))
    );
    // Both orders stand, and the next contact carries them out, once.
    world
        .bank()
        .pay_in(&alice.wallet().account().unwrap(), yuan("1.00"))
        .unwrap();
    assert_eq!(alice.wallet().sync(&world.line()).unwrap().answered, 2);
    assert_eq!(alice.wallet().sync(&world.line()).unwrap().answered, 0);
    assert_eq!(spendable(&alice), yuan("100.00"));
    assert_eq!(
        alice.wallet().account_balance(&world.line()).unwrap(),
        yuan("1.00")
    );
    assert_accounted(&world, &[&alice]);
    assert!(
        alice
            .wallet()
            .history()
            .unwrap()
            .iter()
            .all(|entry| entry.state == State::Done)
    );
}

#[test]
fn the_largest_payment_says_why_it_is_not_everything() {
    let mut world = world();
    let options = PhoneOptions {
        class: WalletClass::Iv,
        ..PhoneOptions::default()
    };
    let dora = world.phone_with("Dora", &options).unwrap();
    world.fund(&dora, yuan("1000.00")).unwrap();
    let balance = dora.wallet().balance().unwrap();
    assert_eq!(balance.spendable, yuan("1000.00"));
    assert_eq!(balance.largest_payment, yuan("500.00"));
    assert_eq!(
        balance.because,
        LargestBecause::Limit {
            limit: Limit::PerPayment,
            lifts: Lift::SmallerAmount,
        }
    );
    // Everything is everything, even if not a fen more were permitted.
    let eve = world.phone_with("Eve", &options).unwrap();
    for funded in ["499.99", "0.01"] {
        world.fund(&eve, yuan(funded)).unwrap();
        let balance = eve.wallet().balance().unwrap();
        assert_eq!(
            (balance.largest_payment, balance.because),
            (balance.spendable, LargestBecause::Everything)
        );
    }
}

/// Two sessions of one process, over nothing but a function: what an embedder's first test does.
#[test]
fn two_sessions_connect_without_a_radio() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    let mut handoff = world
        .handoff(&alice, &bob, yuan("3.00"), Roles::PayeeIsCard)
        .unwrap();
    let mut connect = |most: usize| {
        let mut frames = 0;
        let (payer, payee) = (&mut handoff.payer, &mut handoff.payee);
        connect(payer, payee, FrameSize::Extended, |_, frame| {
            frames += 1;
            (frames <= most).then_some(frame)
        })
    };
    assert_eq!(connect(2), Ok(false), "torn");
    assert_eq!(connect(usize::MAX), Ok(true));
    assert_eq!((spendable(&alice), spendable(&bob)), (yuan("7.00"), yuan("3.00")));
}

/// The heart of it: wherever the link tears, tapping again ends in exactly one payment. (The exhaustive table, with
/// restarts, role changes and other links, is a test of its own.)
#[test]
fn a_tap_torn_after_any_byte_and_repeated_pays_exactly_once() {
    let mut world = world();
    let (mut alice, mut bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    let amount = yuan("0.10");
    let mut cuts = 0_u64;
    for roles in Roles::ALL {
        for limit in 0..4_000 {
            if limit % 20 == 0 {
                // Change of change of change grows too long for the policy: fresh notes.
                world.fund(&alice, yuan("10.00")).unwrap();
            }
            let before = owned(&bob);
            let request = bob.wallet().request(Some(amount)).unwrap().id;
            let consent = Consent::Exactly(amount);
            let mut handoff = world.handoff_for(&alice, &bob, &request, consent, roles).unwrap();
            let torn = handoff.tap(Frames::Short, &mut Air::cut_after(limit));
            let finished = torn.completed();
            if !finished {
                cuts += 1;
                if limit % 3 == 0 {
                    // Both apps are killed as well; the payee's request is found again.
                    drop(handoff);
                    alice.restart().unwrap();
                    bob.restart().unwrap();
                    handoff = world.handoff_for(&alice, &bob, &request, consent, roles).unwrap();
                }
                let mended = handoff.tap(Frames::Short, &mut Air::perfect());
                let payer_knew = matches!(torn.payer, Some(Outcome::Paid { .. }));
                let payer_knows = matches!(mended.payer, Some(Outcome::Paid { .. }));
                assert!(payer_knew || payer_knows, "cut after {limit}: {mended:?}");
            }
            assert_eq!(
                owned(&bob),
                before.checked_add(amount).unwrap(),
                "cut after {limit}"
            );
            assert_eq!(
                alice.wallet().balance().unwrap().in_doubt,
                Amount::ZERO,
                "cut after {limit}"
            );
            if finished {
                break;
            }
        }
        assert_accounted(&world, &[&alice, &bob]);
    }
    assert!(cuts > 1_400, "{cuts} cuts");
}

#[test]
fn one_wrong_bit_on_the_air_stops_the_tap_and_costs_nothing() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    let amount = yuan("0.10");
    let length = {
        world.fund(&alice, yuan("10.00")).unwrap();
        let mut handoff = world.handoff(&alice, &bob, amount, Roles::PayerIsCard).unwrap();
        handoff.tap(Frames::Extended, &mut Air::perfect()).traffic.bytes()
    };
    for (round, byte) in (0..length).step_by(5).enumerate() {
        if round % 20 == 0 {
            world.fund(&alice, yuan("10.00")).unwrap();
        }
        let before = owned(&bob);
        let mut handoff = world.handoff(&alice, &bob, amount, Roles::PayerIsCard).unwrap();
        let bit = u8::try_from(round % 8).unwrap();
        let spoiled = handoff.tap(Frames::Extended, &mut Air::flip(byte, bit));
        if !matches!(spoiled.payer, Some(Outcome::Paid { .. })) {
            let mended = handoff.tap(Frames::Extended, &mut Air::perfect());
            assert!(
                matches!(mended.payer, Some(Outcome::Paid { .. })),
                "byte {byte}: {spoiled:?} {mended:?}"
            );
        }
        assert_eq!(owned(&bob), before.checked_add(amount).unwrap(), "byte {byte}");
    }
    assert_accounted(&world, &[&alice, &bob]);
}

/// A shop whose request two customers answer.
#[test]
fn a_request_is_paid_once_whoever_comes_second() {
    let mut world = world();
    let (alice, carol, bob) = (
        world.phone("Alice").unwrap(),
        world.phone("Carol").unwrap(),
        world.phone("Bob").unwrap(),
    );
    world.fund(&alice, yuan("10.00")).unwrap();
    world.fund(&carol, yuan("10.00")).unwrap();
    let request = bob.wallet().request(Some(yuan("3.00"))).unwrap().id;
    let consent = Consent::Exactly(yuan("3.00"));
    let tap = |payer: &Phone| {
        let mut handoff = world
            .handoff_for(payer, &bob, &request, consent, Roles::PayeeIsCard)
            .unwrap();
        handoff.tap(Frames::Extended, &mut Air::perfect())
    };
    assert!(tap(&alice).completed());
    let second = tap(&carol);
    assert!(
        matches!(second.declined(), Some(PayError::NothingAsked)),
        "{second:?}"
    );
    assert_eq!(
        (spendable(&carol), spendable(&bob)),
        (yuan("10.00"), yuan("3.00"))
    );
    assert_accounted(&world, &[&alice, &bob, &carol]);
}

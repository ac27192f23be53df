//! Only a *different* transfer of one outpoint is a conflict.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use protocol::{Algorithm, Payment, Signature, VerifyError};
use tests::{
    mint::{fen, pay},
    scene::{Scene, altered, check},
};

#[test]
fn the_same_history_may_arrive_twice() {
    let Scene {
        mint,
        alice,
        bob,
        note,
        ..
    } = Scene::new(Algorithm::P256);
    let mut world = mint.world();

    // Alice pays Bob twice from one note's change.
    let first_request = bob.request(10, Some(fen(1_000)));
    let first = note.pay(&first_request, fen(1_000));
    assert_eq!(check(&first.payment, &first_request, &world), Ok(fen(1_000)));
    world.remember(&first.payment);
    let second_request = bob.request(11, Some(fen(2_000)));
    let second = first.change.clone().unwrap().pay(&second_request, fen(2_000));
    assert_eq!(check(&second.payment, &second_request, &world), Ok(fen(2_000)));
    world.remember(&second.payment);

    // The very same payment again is no conflict either: whether it is news is the wallet's business.
    assert_eq!(check(&first.payment, &first_request, &world), Ok(fen(1_000)));

    // Bob pays back with both: the histories share a transfer.
    let (one, two) = (first.received_by(&bob), second.received_by(&bob));
    let back_request = alice.request(12, Some(fen(2_500)));
    let back = pay(&[&one, &two], &back_request, fen(2_500));
    assert_eq!(back.payment.transfers().len(), 3);
    let mut hers = mint.world();
    hers.remember(&first.payment);
    hers.remember(&second.payment);
    assert_eq!(check(&back.payment, &back_request, &hers), Ok(fen(2_500)));
    hers.remember(&back.payment);

    // And Alice pays Bob with that again: he sees his own transfers.
    world.remember(&back.payment);
    let again_request = bob.request(13, Some(fen(2_500)));
    let again = back.received_by(&alice).pay(&again_request, fen(2_500));
    assert_eq!(again.payment.hops(), 4);
    assert_eq!(check(&again.payment, &again_request, &world), Ok(fen(2_500)));
}

#[test]
fn a_different_transfer_of_one_outpoint_is_a_conflict() {
    let Scene {
        mint,
        alice,
        bob,
        note,
        request,
        paid,
    } = Scene::new(Algorithm::Ed25519);
    let carol = mint.holder(Algorithm::Ed25519, "Carol");
    let outpoint = note.outpoint();

    // Against what was seen.
    let to_carol = note.pay(&carol.request(1, None), fen(3_745)).payment;
    let mut world = mint.world();
    world.remember(&to_carol);
    let conflict = |first: &Payment, second: &Payment| {
        Err(VerifyError::ConsumedTwice {
            outpoint,
            first: first.id(),
            second: second.id(),
        })
    };
    assert_eq!(
        check(&paid.payment, &request, &world),
        conflict(&to_carol, &paid.payment)
    );
    // Even deep in the history.
    let dave = mint.holder(Algorithm::P256, "Dave");
    let onward_request = dave.request(1, Some(fen(1)));
    let onward = paid.received_by(&bob).pay(&onward_request, fen(1)).payment;
    assert_eq!(
        check(&onward, &onward_request, &world),
        conflict(&to_carol, &paid.payment)
    );

    // Within one payment: Alice pays herself twice out of one note, and Bob with both.
    let (request_a, request_b) = (alice.request(1, None), alice.request(2, None));
    let (to_a, to_b) = (note.pay(&request_a, fen(4_000)), note.pay(&request_b, fen(4_000)));
    let big = bob.request(3, Some(fen(8_000)));
    let minted = pay(
        &[&to_a.received_by(&alice), &to_b.received_by(&alice)],
        &big,
        fen(8_000),
    )
    .payment;
    assert_eq!(
        check(&minted, &big, &mint.world()),
        conflict(&to_a.payment, &to_b.payment)
    );

    // Conflicts come last: what nobody signed accuses nobody.
    let unsigned = altered(&paid.payment, |_, transfers| {
        transfers[0].signatures[0] = Signature::from_bytes([7; 64]);
    })
    .unwrap();
    assert!(matches!(
        check(&unsigned, &request, &world),
        Err(VerifyError::TransferForged { .. })
    ));
}

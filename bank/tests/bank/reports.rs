//! Reports, deliveries, accusations, retirements, inquiries: everything that moves no money.

use bank::operator::{MAX_DELIVERED_BYTES, MAX_INQUIRED};
use protocol::{
    Body as _, Code, ForkProof, HolderCertificate, Id, Payment, Reference, Signature, Signed, Transfer,
    bank::{Answer, Delivery, Order},
    cbor,
};

use crate::common::{Piece, Wallet, World, answer, code, fen, new_key};

fn any_reference(wallet: &Wallet) -> Reference {
    Reference::from_bytes(wallet.random.bytes())
}

/// Alice loads, and pays her largest note to Bob.
fn paid(world: &World, alice: &Wallet, bob: &Wallet) -> Payment {
    let note = alice.load(&world.bank, 1_000).remove(0);
    let amount = note.output.amount.fen();
    alice.pay(&[note], bob.key(0), amount, any_reference(alice))
}

fn payments(deliveries: &[Delivery]) -> Vec<Id> {
    deliveries
        .iter()
        .map(|delivery| match delivery {
            Delivery::Payment { payment } => Payment::decode(payment).unwrap().id(),
            other @ (Delivery::Closed { .. } | Delivery::Frozen { .. }) => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn what_the_payer_reports_is_delivered_once_and_moves_nothing() {
    let world = World::new(1);
    let (alice, bob) = (world.customer(1, 10_000), world.customer(1, 0));
    let payment = paid(&world, &alice, &bob);
    let before = world.bank.books().unwrap();
    assert!(bob.collect(&world.bank).is_empty());
    let call = alice.call(
        alice.idempotency_key(),
        Order::Report {
            payment: payment.encode(),
            receipt: None,
        },
    );
    for _ in 0..2 {
        assert_eq!(answer(&world.bank.handle_call(&call)), Answer::Recorded);
        assert_eq!(alice.report(&world.bank, &payment, None), Answer::Recorded);
        // The payee's side comes later, with the receipt.
        let receipt = Some(bob.receipt(&payment));
        assert_eq!(bob.report(&world.bank, &payment, receipt), Answer::Recorded);
        assert_eq!(payments(&bob.collect(&world.bank)), [payment.id()]);
    }
    assert!(alice.collect(&world.bank).is_empty());
    assert_eq!(world.bank.books().unwrap(), before);
    world.check();
}

#[test]
fn who_reported_a_payment_is_not_sent_it() {
    let world = World::new(2);
    let (alice, bob) = (world.customer(1, 10_000), world.customer(1, 0));
    let payment = paid(&world, &alice, &bob);
    let receipt = Some(bob.receipt(&payment));
    assert_eq!(bob.report(&world.bank, &payment, receipt), Answer::Recorded);
    assert_eq!(alice.report(&world.bank, &payment, receipt), Answer::Recorded);
    assert!(bob.collect(&world.bank).is_empty());
    world.check();
}

/// Change, and value that goes on, is recorded with its history: earlier transfers need no report of their own.
#[test]
fn a_recorded_payment_makes_its_history_known() {
    let world = World::new(3);
    let (alice, bob, carol) = (
        world.customer(1, 10_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let first = paid(&world, &alice, &bob);
    let amount = first.final_transfer().outputs[0].amount.fen();
    let second = bob.pay(
        &[Piece::of_payment(&first, 0)],
        carol.key(0),
        amount,
        any_reference(&bob),
    );
    let asked = vec![first.id(), second.id(), Id::from_bytes([7; 32])];
    let ask = |wallet: &Wallet| {
        let transfers = asked.clone();
        match wallet.ask(&world.bank, Order::Inquire { transfers }) {
            Answer::Known { transfers } => transfers,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ask(&alice), []);
    assert_eq!(carol.report(&world.bank, &second, None), Answer::Recorded);
    assert_eq!(ask(&alice), [first.id(), second.id()]);
    world.check();

    let transfers = vec![Id::from_bytes([7; 32]); MAX_INQUIRED + 1];
    let refused = alice.ask(&world.bank, Order::Inquire { transfers });
    assert_eq!(code(&refused), Code::TooLarge);
}

#[test]
fn reports_by_strangers_and_of_strangers_are_refused() {
    let world = World::new(4);
    let (mut alice, bob, carol) = (
        world.customer(1, 10_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let payment = paid(&world, &alice, &bob);
    assert_eq!(
        code(&carol.report(&world.bank, &payment, None)),
        Code::KeyNotCertified,
        "Carol has nothing to do with it"
    );

    // Through a key that nobody certified, to Carol, who never heard of it.
    let hidden = new_key(&world.random);
    let amount = payment.final_transfer().outputs[0].amount.fen();
    let to_hidden = alice.pay(
        &[Piece::of_note(payment.notes()[0].clone())],
        hidden.verifying_key(),
        amount,
        any_reference(&alice),
    );
    let forged = HolderCertificate {
        holder_key: hidden.verifying_key(),
        ..alice.certificates[0].body.clone()
    };
    alice.certificates.push(Signed::sign(forged, &hidden));
    alice.keys.push(hidden);
    let to_carol = alice.pay(
        &[Piece::of_payment(&to_hidden, 0)],
        carol.key(0),
        amount,
        any_reference(&alice),
    );
    for reporter in [&alice, &carol] {
        let refused = reporter.report(&world.bank, &to_carol, None);
        assert_eq!(code(&refused), Code::KeyNotCertified);
    }
    assert!(carol.collect(&world.bank).is_empty());
    assert_eq!(world.bank.books().unwrap().forks, 0);
    world.check();
}

#[test]
fn forged_reports_and_receipts_are_refused() {
    let world = World::new(5);
    let (alice, bob) = (world.customer(1, 10_000), world.customer(1, 0));
    let payment = paid(&world, &alice, &bob);
    let mut transfers = payment.transfers().to_vec();
    transfers[0].signatures[0] = Signature::from_bytes([1; 64]);
    let forged = Payment::new(
        payment.notes().to_vec(),
        transfers,
        payment.certificates().to_vec(),
    )
    .unwrap();
    assert_eq!(
        code(&alice.report(&world.bank, &forged, None)),
        Code::TransferForged
    );

    let good = bob.receipt(&payment);
    let mut by_another = good;
    by_another.taken_at = protocol::Timestamp::from_seconds(1);
    let mut not_returned = good;
    not_returned.returned = Some(good.signature);
    for receipt in [by_another, not_returned] {
        assert_eq!(
            code(&alice.report(&world.bank, &payment, Some(receipt))),
            Code::ReceiptForged
        );
    }

    // Taken and given back: the signature over the return stands in the receipt.
    let returning = Transfer::returning(
        payment.id(),
        payment.final_transfer().outputs[0].amount,
        alice.key(0),
    );
    let mut returned = good;
    returned.returned = Some(bob.keys[0].sign(&returning.message()));
    assert_eq!(
        alice.report(&world.bank, &payment, Some(returned)),
        Answer::Recorded
    );
    let malformed = Order::Report {
        payment: vec![0; 9],
        receipt: None,
    };
    assert_eq!(code(&alice.ask(&world.bank, malformed)), Code::Malformed);
    world.check();
}

/// Two branches of a fork are reported by two honest payees: both are recorded, the proof is filed, and only the one who
/// signed both is listed.
#[test]
fn a_fork_is_found_by_reports_alone() {
    let world = World::new(6);
    let (alice, bob, carol) = (
        world.customer(2, 10_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let note = alice.load(&world.bank, 1_000).remove(0);
    let amount = note.output.amount.fen();
    let pay = |payee: &Wallet| {
        alice.pay(
            std::slice::from_ref(&note),
            payee.key(0),
            amount,
            any_reference(&alice),
        )
    };
    let (to_bob, to_carol) = (pay(&bob), pay(&carol));
    for _ in 0..2 {
        assert_eq!(bob.report(&world.bank, &to_bob, None), Answer::Recorded);
        assert_eq!(carol.report(&world.bank, &to_carol, None), Answer::Recorded);
        assert_eq!(world.bank.books().unwrap().forks, 1);
    }
    let proofs = world.bank.issuer().fork_proofs().unwrap();
    assert_eq!(proofs[0].verify().unwrap().culprit, note.output.holder_key);
    assert_listed(&world, &[(&alice, true), (&bob, false), (&carol, false)]);
    world.check();

    // A wallet that found the same brings nothing new, in whatever order it shows the branches.
    let found = ForkProof::find(&to_carol, &to_bob, &note.outpoint).unwrap();
    let accuse = |proof: &ForkProof| {
        let proof = Box::new(proof.clone());
        bob.ask(&world.bank, Order::Accuse { proof })
    };
    assert_eq!(accuse(&found), Answer::Accused);
    assert_eq!(world.bank.books().unwrap().forks, 1);
    world.check();
}

fn assert_listed(world: &World, expected: &[(&Wallet, bool)]) {
    let status = world.bank.trust_bundle().unwrap().status.remove(0);
    for (wallet, listed) in expected {
        for key in &wallet.keys {
            assert_eq!(status.body.contains(&key.verifying_key()), *listed);
        }
    }
}

#[test]
fn an_accusation_needs_a_proof_and_nothing_else() {
    let world = World::new(7);
    let (alice, bob) = (world.customer(2, 10_000), world.customer(1, 0));
    let note = alice.load(&world.bank, 1_000).remove(0);
    let amount = note.output.amount.fen();
    let [one, other] = [0, 1].map(|_| {
        alice.pay(
            std::slice::from_ref(&note),
            bob.key(0),
            amount,
            any_reference(&alice),
        )
    });
    let proof = ForkProof::find(&one, &other, &note.outpoint).unwrap();
    let mut forged = proof.clone();
    forged.second.signature = Signature::from_bytes([1; 64]);
    let refused = bob.ask(
        &world.bank,
        Order::Accuse {
            proof: Box::new(forged),
        },
    );
    assert_eq!(code(&refused), Code::ForkProofInvalid);
    assert_listed(&world, &[(&alice, false)]);

    let call = bob.call(
        bob.idempotency_key(),
        Order::Accuse {
            proof: Box::new(proof.clone()),
        },
    );
    for _ in 0..2 {
        assert_eq!(answer(&world.bank.handle_call(&call)), Answer::Accused);
    }
    assert_eq!(world.bank.issuer().fork_proofs().unwrap(), [proof]);
    assert_listed(&world, &[(&alice, true), (&bob, false)]);
    world.check();
}

#[test]
fn keys_are_retired_by_their_owner_alone() {
    let world = World::new(8);
    let (alice, bob) = (world.customer(2, 10_000), world.customer(1, 0));
    let retire = |keys: Vec<_>| Order::Retire { keys };
    for keys in [
        vec![alice.key(0), bob.key(0)],
        vec![new_key(&world.random).verifying_key()],
    ] {
        assert_eq!(code(&alice.ask(&world.bank, retire(keys))), Code::KeyNotCertified);
    }
    assert_eq!(code(&alice.ask(&world.bank, retire(vec![]))), Code::TooLarge);
    assert_listed(&world, &[(&alice, false), (&bob, false)]);
    let call = alice.call(alice.idempotency_key(), retire(vec![alice.key(0), alice.key(1)]));
    for _ in 0..2 {
        assert_eq!(answer(&world.bank.handle_call(&call)), Answer::Retired);
        assert_listed(&world, &[(&alice, true), (&bob, false)]);
    }
    world.check();
}

/// A full mailbox is collected page by page; the same cursor gets the same page, and nothing is ever taken out.
#[test]
fn a_mailbox_is_collected_in_pages() {
    let world = World::new(9);
    let (alice, bob) = (world.customer(1, 1_000_000), world.customer(1, 0));
    // Payments with a long history, so that a few of them fill a page.
    let mut piece = alice.load(&world.bank, 1_000_000).remove(0);
    let mut sent = Vec::new();
    for _ in 0..60 {
        let payment = alice.pay(&[piece], bob.key(0), 1, any_reference(&alice));
        assert_eq!(alice.report(&world.bank, &payment, None), Answer::Recorded);
        sent.push(payment.id());
        piece = Piece::of_payment(&payment, 1);
    }
    let calls_before = bob.ask(&world.bank, Order::Account);
    let (mut after, mut pages, mut got) = (0, 0, Vec::new());
    loop {
        let page = bob.ask(&world.bank, Order::Collect { after });
        assert_eq!(bob.ask(&world.bank, Order::Collect { after }), page);
        assert!(cbor::encode(&page).len() < MAX_DELIVERED_BYTES + 40_000);
        let Answer::Delivered {
            deliveries,
            last,
            more,
        } = page
        else {
            panic!("{page:?}")
        };
        got.extend(payments(&deliveries));
        (after, pages) = (last, pages + 1);
        if !more {
            break;
        }
    }
    assert!(pages > 1);
    assert_eq!((after, got), (60, sent));
    let nothing = Answer::Delivered {
        deliveries: vec![],
        last: u64::MAX,
        more: false,
    };
    assert_eq!(bob.ask(&world.bank, Order::Collect { after: u64::MAX }), nothing);
    assert_eq!(bob.ask(&world.bank, Order::Account), calls_before);
    world.check();
}

#[test]
fn nobody_without_an_account_is_heard() {
    let world = World::new(10);
    let (alice, bob) = (world.customer(1, 10_000), world.customer(1, 0));
    let payment = paid(&world, &alice, &bob);
    let twice = alice.pay(
        &[Piece::of_note(payment.notes()[0].clone())],
        bob.key(0),
        1,
        any_reference(&alice),
    );
    let outpoint = payment.final_transfer().inputs[0];
    let proof = Box::new(ForkProof::find(&payment, &twice, &outpoint).unwrap());
    let stranger = Wallet::new(&world.random);
    for order in [
        Order::Report {
            payment: payment.encode(),
            receipt: None,
        },
        Order::Collect { after: 0 },
        Order::Accuse { proof },
        Order::Retire {
            keys: vec![alice.key(0)],
        },
        Order::Inquire { transfers: vec![] },
    ] {
        assert_eq!(code(&stranger.ask(&world.bank, order)), Code::UnknownAccount);
    }
    assert_eq!(world.bank.books().unwrap().forks, 0);
    world.check();
}

/// Whatever is asked under a key that another order used, it is a conflict.
#[test]
fn an_idempotency_key_is_for_one_order() {
    let world = World::new(11);
    let alice = world.customer(1, 10_000);
    let key = alice.idempotency_key();
    let call = alice.call(key, Order::Account);
    let balance = world.bank.handle_call(&call);
    for order in [
        Order::Collect { after: 0 },
        Order::Retire {
            keys: vec![alice.key(0)],
        },
        Order::Inquire { transfers: vec![] },
    ] {
        let conflict = answer(&world.bank.handle_call(&alice.call(key, order)));
        assert_eq!(code(&conflict), Code::IdempotencyConflict);
    }
    assert_eq!(world.bank.handle_call(&call), balance);
    assert_eq!(alice.balance(&world.bank), fen(10_000));
}

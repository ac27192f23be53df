//! What comes back: claims of every kind, honest and not.

use std::sync::Arc;

use crate::common::{Piece, Seeded, TestClock, Wallet, World, answer, code, config, fen, new_key};
use bank::{
    Place,
    issuer::{Issuer, IssuerConfig},
    operator::Operator,
};
use protocol::{
    Body as _, Code, HolderCertificate, Name, OperatorId, Payment, Reference, Signature, Signed,
    SignedTransfer, VerifyingKey,
    bank::{Answer, IdempotencyKey, Order},
};

fn any_reference(wallet: &Wallet) -> Reference {
    Reference::from_bytes(wallet.random.bytes())
}

fn deposit(world: &World, wallet: &Wallet, pieces: &[Piece]) -> Answer {
    let (key, order) = wallet.deposit(&world.bank, pieces);
    answer(&world.bank.handle_call(&wallet.call(key, order)))
}

/// The payment of a deposit that is right in every respect, and the key it is bound to.
fn good_deposit(world: &World, wallet: &Wallet, pieces: &[Piece]) -> (IdempotencyKey, Payment) {
    let (key, order) = wallet.deposit(&world.bank, pieces);
    match order {
        Order::Deposit { payment } => (key, Payment::decode(&payment).unwrap()),
        other => panic!("{other:?}"),
    }
}

fn hand_in(world: &World, wallet: &Wallet, key: IdempotencyKey, payment: &Payment) -> Answer {
    let order = Order::Deposit {
        payment: payment.encode(),
    };
    answer(&world.bank.handle_call(&wallet.call(key, order)))
}

#[test]
fn the_same_history_may_come_back_in_pieces() {
    let world = World::new(3);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
    let note = alice.load(&world.bank, 1_000).remove(0);
    let total = note.output.amount.fen();
    let first = alice.pay(&[note], bob.key(0), 300, any_reference(&alice));
    let change = Piece::of_payment(&first, 1);
    let second = alice.pay(&[change], bob.key(0), 50, any_reference(&alice));

    assert!(matches!(
        deposit(&world, &bob, &[Piece::of_payment(&second, 0)]),
        Answer::Deposited { .. }
    ));
    assert!(matches!(
        deposit(&world, &bob, &[Piece::of_payment(&first, 0)]),
        Answer::Deposited { .. }
    ));
    assert!(matches!(
        deposit(&world, &alice, &[Piece::of_payment(&second, 1)]),
        Answer::Deposited { .. }
    ));
    assert_eq!(bob.balance(&world.bank), fen(350));
    assert_eq!(alice.balance(&world.bank), fen(total - 350));
    assert_eq!(world.bank.books().unwrap().forks, 0);
    world.check();
}

#[test]
fn a_deposit_may_bring_change() {
    let world = World::new(4);
    let alice = world.customer(1, 1_000);
    let note = alice.load(&world.bank, 1_000).remove(0);
    let key = alice.idempotency_key();
    let reference = Reference::to_deposit(&alice.account(), key.as_bytes());
    let payment = alice.pay(&[note], world.settlement_key(), 30, reference);
    assert!(matches!(
        hand_in(&world, &alice, key, &payment),
        Answer::Deposited { .. }
    ));
    assert_eq!(alice.balance(&world.bank), fen(30));
    world.check();
    let change = Piece::of_payment(&payment, 1);
    assert!(matches!(
        deposit(&world, &alice, &[change]),
        Answer::Deposited { .. }
    ));
    world.check();
}

#[test]
fn a_deposit_is_bound_to_its_account_and_order() {
    let world = World::new(5);
    let (alice, mallory) = (world.customer(1, 1_000), world.customer(1, 0));
    let pieces = alice.load(&world.bank, 1_000);
    let (key, payment) = good_deposit(&world, &alice, &pieces);

    assert_eq!(
        code(&hand_in(&world, &mallory, key, &payment)),
        Code::WrongRequest
    );
    assert_eq!(
        code(&hand_in(&world, &alice, alice.idempotency_key(), &payment)),
        Code::WrongRequest
    );
    let reference = Reference::to_deposit(&alice.account(), key.as_bytes());
    let elsewhere = alice.pay(&pieces[..1], mallory.key(0), 500, reference);
    assert_eq!(code(&hand_in(&world, &alice, key, &elsewhere)), Code::WrongPayee);
    assert!(matches!(
        hand_in(&world, &alice, key, &payment),
        Answer::Deposited { .. }
    ));
    world.check();
}

#[test]
fn forged_deposits_are_refused() {
    let world = World::new(6);
    let alice = world.customer(1, 1_000);
    let pieces = alice.load(&world.bank, 1_000);
    let (key, good) = good_deposit(&world, &alice, &pieces);
    let (notes, transfers, certificates) = (good.notes(), good.transfers(), good.certificates());
    let refused = |notes: Vec<_>, transfers: Vec<SignedTransfer>, certificates: Vec<_>| {
        let payment = Payment::new(notes, transfers, certificates).unwrap();
        code(&hand_in(&world, &alice, key, &payment))
    };

    let mut unsigned = transfers.to_vec();
    unsigned[0].signatures[0] = Signature::from_bytes([1; 64]);
    assert_eq!(
        refused(notes.to_vec(), unsigned, certificates.to_vec()),
        Code::TransferForged
    );

    let mut unissued = notes.to_vec();
    unissued[0].signature = Signature::from_bytes([1; 64]);
    assert_eq!(
        refused(unissued, transfers.to_vec(), certificates.to_vec()),
        Code::NoteForged
    );

    // A certificate of this operator that is not in its registry, though the operator's own key may have signed it.
    let mut unregistered = certificates.to_vec();
    unregistered[0].body.grant.name = Some(Name::new("Nobody").unwrap());
    assert_eq!(
        refused(notes.to_vec(), transfers.to_vec(), unregistered),
        Code::CertificateForged
    );
    let mut foreign = certificates.to_vec();
    foreign[0].body.grant.operator = OperatorId(99);
    assert_eq!(
        refused(notes.to_vec(), transfers.to_vec(), foreign),
        Code::UnknownOperator
    );

    assert_eq!(
        code(&alice.ask(&world.bank, Order::Deposit { payment: vec![0; 9] })),
        Code::Malformed
    );
    assert!(matches!(
        hand_in(&world, &alice, key, &good),
        Answer::Deposited { .. }
    ));
    world.check();
}

#[test]
fn a_key_that_nobody_certified_cannot_deposit() {
    let world = World::new(7);
    let mut alice = world.customer(1, 1_000);
    let pieces = alice.load(&world.bank, 1_000);
    let hidden = new_key(&world.random);
    let paid = alice.pay(&pieces[..1], hidden.verifying_key(), 500, any_reference(&alice));

    // Mallory makes a certificate for it, signed by the key itself.
    let body = HolderCertificate {
        holder_key: hidden.verifying_key(),
        ..alice.certificates[0].body.clone()
    };
    alice.certificates.push(Signed::sign(body, &hidden));
    alice.keys.push(hidden);
    assert_eq!(
        code(&deposit(&world, &alice, &[Piece::of_payment(&paid, 0)])),
        Code::CertificateForged
    );
    world.check();
}

#[test]
fn keys_on_the_status_list_may_still_claim_but_are_not_certified_again() {
    use bank::issuer::api::IssuerApi as _;
    let world = World::new(9);
    let alice = world.customer(1, 1_000);
    let pieces = alice.load(&world.bank, 1_000);
    world.bank.issuer().revoke(&[alice.key(0)]).unwrap();
    world.bank.issuer().revoke(&[alice.key(0)]).unwrap();
    let status = world
        .bank
        .trust_bundle()
        .unwrap()
        .status
        .into_iter()
        .next()
        .unwrap();
    assert_eq!(status.body.version, 2, "no news, no new version");

    let renewal = Order::Certify {
        keys: vec![alice.application(&alice.keys[0])],
    };
    assert_eq!(code(&alice.ask(&world.bank, renewal)), Code::HolderRevoked);
    assert!(matches!(
        deposit(&world, &alice, &pieces),
        Answer::Deposited { .. }
    ));
    world.check();
}

#[test]
fn money_outlives_its_series_and_the_certificates_of_its_banks() {
    let world = World::new(10);
    let mut alice = world.customer(1, 100_000);
    for _ in 0..100 {
        let pieces = alice.load(&world.bank, 1_000);
        assert!(matches!(
            deposit(&world, &alice, &pieces),
            Answer::Deposited { .. }
        ));
        world.clock.pass_days(365);
        alice.certify(&world.bank, 1);
        alice.keys.remove(0);
        alice.certificates.remove(0);
    }
    assert_eq!(
        alice.balance(&world.bank),
        fen(100_000),
        "a century, and not a fen more or less"
    );
    let bundle = world.bank.trust_bundle().unwrap();
    assert!(bundle.series.len() > 50);
    protocol::Trust::new(world.bank.root()).merge(&bundle).unwrap();
    world.check();
}

/// Two operators at one issuer: what the customer of one received is deposited at the other.
#[test]
fn value_crosses_from_one_operator_to_another() {
    let (clock, random) = (TestClock::new(), Seeded::new(11));
    let issuer = Arc::new(
        Issuer::open(
            IssuerConfig::default(),
            &Place::Memory,
            clock.clone(),
            random.clone(),
        )
        .unwrap(),
    );
    let operator = |number: u32| {
        let mut config = config(Place::Memory).operator;
        config.operator = OperatorId(number);
        config.welcome = Some(fen(10_000));
        let operator = Operator::open(
            config,
            &Place::Memory,
            issuer.clone(),
            clock.clone(),
            random.clone(),
        )
        .unwrap();
        let cause = number.to_be_bytes();
        issuer.fund(OperatorId(number), &cause, fen(50_000)).unwrap();
        operator.record_funding(&cause, fen(50_000)).unwrap();
        operator
    };
    let (first, second) = (operator(1), operator(2));
    let ask = |operator: &Operator, bytes: &[u8]| {
        let signed: Signed<protocol::bank::Call> = protocol::cbor::decode("call", bytes).unwrap();
        operator.answer(&signed.body).map(|bytes| answer(&bytes))
    };
    let (mut alice, bob) = (Wallet::new(&random), Wallet::new(&random));
    let enrol = || Order::Enrol {
        class: protocol::WalletClass::I,
        name: None,
    };
    for (wallet, operator) in [(&alice, &first), (&bob, &second)] {
        ask(operator, &wallet.call(wallet.idempotency_key(), enrol())).unwrap();
    }
    let key = new_key(&random);
    let certify = Order::Certify {
        keys: vec![alice.application(&key)],
    };
    let Answer::Certified { certificates } =
        ask(&first, &alice.call(alice.idempotency_key(), certify)).unwrap()
    else {
        panic!()
    };
    alice.keys.push(key);
    alice.certificates = certificates;
    let load = Order::Load {
        amount: fen(4_000),
        keys: vec![alice.key(0)],
    };
    let Answer::Loaded { notes } = ask(&first, &alice.call(alice.idempotency_key(), load)).unwrap() else {
        panic!()
    };

    // Alice pays straight into Bob's account at the second operator.
    let order_key = bob.idempotency_key();
    let reference = Reference::to_deposit(&bob.account(), order_key.as_bytes());
    let settlement_key: VerifyingKey = second.trust_bundle().unwrap().operators[1].body.settlement_key;
    let pieces: Vec<_> = notes.into_iter().map(Piece::of_note).collect();
    let payment = alice.pay(&pieces, settlement_key, 4_000, reference);
    let deposit = Order::Deposit {
        payment: payment.encode(),
    };
    ask(&second, &bob.call(order_key, deposit)).unwrap();
    assert_eq!(second.balance(&bob.account()).unwrap(), fen(14_000));

    // Taken at the other counter it is neither bound nor payable there.
    let deposit = Order::Deposit {
        payment: payment.encode(),
    };
    assert!(ask(&first, &alice.call(order_key, deposit)).is_err());
    assert_eq!(issuer.audit().unwrap(), Ok(()));
    assert_eq!(first.audit().unwrap(), Ok(()));
    assert_eq!(second.audit().unwrap(), Ok(()));
}

/// Whoever stole the key of a series can sign notes, and still cannot have them settled.
#[test]
fn a_note_that_was_never_issued_is_refused_though_truly_signed() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_path_buf());
    let world = World::with(12, config(place.clone()));
    let alice = world.customer(1, 1_000);
    let note = alice.load(&world.bank, 1_000).remove(0).notes.remove(0);
    let World { bank, clock, random } = world;
    drop(bank);

    let database = rusqlite::Connection::open(folder.path().join("issuer.sqlite")).unwrap();
    let seed: [u8; 32] = database
        .query_row(
            "SELECT seed FROM secret_key WHERE purpose = 'series/1'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(database);
    let stolen = protocol::SigningKey::from_seed(protocol::key::Algorithm::Ed25519, &seed).unwrap();
    let mut counterfeit = note.body.clone();
    counterfeit.serial ^= 1;
    let counterfeit = Signed::sign(counterfeit, &stolen);
    assert_ne!(counterfeit.body.id(), note.body.id());

    let bank = bank::Bank::open(config(place), clock.clone(), random.clone()).unwrap();
    let world = World { bank, clock, random };
    assert_eq!(
        code(&deposit(&world, &alice, &[Piece::of_note(counterfeit)])),
        Code::NoteForged
    );
    assert!(matches!(
        deposit(&world, &alice, &[Piece::of_note(note)]),
        Answer::Deposited { .. }
    ));
    world.check();
}

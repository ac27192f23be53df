//! Every kind of call: granted, repeated, and refused.

use crate::common::{Piece, Wallet, World, answer, code, fen, new_key};
use protocol::{
    Amount, Body as _, Code, Id, Name, Reference, Signed, Trust, WalletClass,
    bank::{Answer, Call, IdempotencyKey, Order, Reply},
    cbor,
};

/// A fresh reference, for payments between customers.
fn any_reference(wallet: &Wallet) -> Reference {
    Reference::from_bytes(wallet.random.bytes())
}

#[test]
fn a_life_of_money() {
    let world = World::new(1);
    let (alice, bob) = (world.customer(3, 100_000), world.customer(2, 0));
    let pieces = alice.load(&world.bank, 50_000);
    assert_eq!(alice.balance(&world.bank), fen(50_000));
    assert_eq!(
        Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)),
        Some(fen(50_000))
    );
    world.check();

    let paid = alice.pay(&pieces[..2], bob.key(0), 25_000, any_reference(&alice));
    let (key, order) = bob.deposit(&world.bank, &[Piece::of_payment(&paid, 0)]);
    let bytes = world.bank.handle_call(&bob.call(key, order));
    let Answer::Deposited { receipt } = answer(&bytes) else {
        panic!("{:?}", answer(&bytes))
    };
    receipt.verify(&world.settlement_key()).unwrap();
    assert_eq!(bob.balance(&world.bank), fen(25_000));
    let books = world.bank.books().unwrap();
    assert_eq!(
        (books.issued, books.outstanding, books.redeemed),
        (fen(50_000), fen(25_000), fen(25_000))
    );
    world.check();
}

#[test]
fn the_trust_bundle_is_believed_from_the_root_down() {
    let world = World::new(2);
    let mut trust = Trust::new(world.bank.root());
    trust.merge(&world.bank.trust_bundle().unwrap()).unwrap();
    for class in [WalletClass::I, WalletClass::Ii, WalletClass::Iii, WalletClass::Iv] {
        let operator = world.bank.trust_bundle().unwrap().operators[0].body.operator;
        assert!(trust.limits(operator, class).is_some());
    }
    assert_eq!(trust.status().map(|list| list.keys().len()), Some(0));
}

#[test]
fn every_granted_call_is_answered_again_in_the_same_words() {
    let world = World::new(3);
    let wallet = world.customer(2, 80_000);
    let pieces = wallet.load(&world.bank, 10_000);
    let (deposit_key, deposit) = wallet.deposit(&world.bank, &pieces);
    let orders = [
        (
            wallet.idempotency_key(),
            Order::Enrol {
                class: WalletClass::I,
                name: None,
            },
        ),
        (
            wallet.idempotency_key(),
            Order::Certify {
                keys: vec![wallet.application(&new_key(&world.random))],
            },
        ),
        (
            wallet.idempotency_key(),
            Order::Load {
                amount: fen(12_345),
                keys: vec![wallet.key(0)],
            },
        ),
        (deposit_key, deposit),
        (wallet.idempotency_key(), Order::Account),
    ];
    for (key, order) in orders {
        let call = wallet.call(key, order.clone());
        let first = world.bank.handle_call(&call);
        assert!(
            !matches!(answer(&first), Answer::Refused(_)),
            "{order:?}: {:?}",
            answer(&first)
        );
        let books = world.bank.books().unwrap();
        world.bank.pay_in(&wallet.account(), fen(1)).unwrap();
        world.clock.pass_days(1);
        assert_eq!(
            answer(&world.bank.handle_call(&call)),
            answer(&first),
            "{order:?}"
        );
        assert_eq!(world.bank.books().unwrap().issued, books.issued);

        let other = wallet.call(
            key,
            Order::Load {
                amount: fen(77),
                keys: vec![wallet.key(1)],
            },
        );
        assert_eq!(
            code(&answer(&world.bank.handle_call(&other))),
            Code::IdempotencyConflict
        );
        world.check();
    }
}

#[test]
fn the_same_load_twice_gives_the_same_notes_and_debits_once() {
    let world = World::new(4);
    let wallet = world.customer(2, 30_000);
    let call = wallet.call(
        wallet.idempotency_key(),
        Order::Load {
            amount: fen(20_000),
            keys: vec![wallet.key(0), wallet.key(1)],
        },
    );
    let first = world.bank.handle_call(&call);
    assert_eq!(world.bank.handle_call(&call), first);
    assert_eq!(wallet.balance(&world.bank), fen(10_000));
    assert_eq!(world.bank.books().unwrap().issued, fen(20_000));
    world.check();
}

#[test]
fn bytes_that_are_no_call_are_refused() {
    let world = World::new(5);
    let wallet = world.customer(1, 0);
    let good = wallet.call(wallet.idempotency_key(), Order::Account);

    assert_eq!(code(&answer(&world.bank.handle_call(b""))), Code::Malformed);
    assert_eq!(
        code(&answer(&world.bank.handle_call(&[0xff; 100]))),
        Code::Malformed
    );
    let oversized = vec![0; bank::MAX_CALL_BYTES + 1];
    assert_eq!(code(&answer(&world.bank.handle_call(&oversized))), Code::TooLarge);
    let trailing = [good.as_slice(), &[0]].concat();
    assert_eq!(
        code(&answer(&world.bank.handle_call(&trailing))),
        Code::NotCanonical
    );
    for cut in 0..good.len() {
        assert!(matches!(
            answer(&world.bank.handle_call(&good[..cut])),
            Answer::Refused(_)
        ));
    }
    for at in 0..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        assert!(
            matches!(answer(&world.bank.handle_call(&flipped)), Answer::Refused(_)),
            "byte {at}"
        );
    }
}

#[test]
fn a_call_signed_by_another_key_is_refused() {
    let world = World::new(6);
    let (alice, mallory) = (world.customer(1, 0), world.customer(1, 0));
    let call = Call {
        account: alice.account(),
        idempotency_key: IdempotencyKey::from_bytes([7; 16]),
        order: Order::Account,
    };
    let forged = cbor::encode(&Signed::sign(call, &mallory.account_key));
    assert_eq!(
        code(&answer(&world.bank.handle_call(&forged))),
        Code::CallNotSigned
    );
}

#[test]
fn an_unknown_account_gets_nothing() {
    let world = World::new(7);
    let stranger = Wallet::new(&world.random);
    let key = new_key(&world.random);
    for order in [
        Order::Account,
        Order::Certify {
            keys: vec![stranger.application(&key)],
        },
        Order::Load {
            amount: fen(1),
            keys: vec![key.verifying_key()],
        },
    ] {
        assert_eq!(code(&stranger.ask(&world.bank, order)), Code::UnknownAccount);
    }
    assert!(world.bank.pay_in(&stranger.account(), fen(1)).is_err());
}

#[test]
fn enrolling_again_confirms_and_enrolling_otherwise_is_refused() {
    let world = World::new(8);
    let wallet = world.customer(1, 0);
    wallet.enrol(&world.bank);
    for (class, name) in [
        (WalletClass::Ii, None),
        (WalletClass::I, Some(Name::new("Tea House").unwrap())),
    ] {
        let order = Order::Enrol { class, name };
        assert_eq!(code(&wallet.ask(&world.bank, order)), Code::AlreadyEnrolled);
    }
}

#[test]
fn a_merchant_has_its_name_in_its_certificates() {
    let world = World::new(9);
    let mut shop = Wallet::new(&world.random);
    let name = Some(Name::new("Tea House").unwrap());
    let order = Order::Enrol {
        class: WalletClass::Ii,
        name: name.clone(),
    };
    assert!(matches!(shop.ask(&world.bank, order), Answer::Enrolled { .. }));
    shop.certify(&world.bank, 2);
    let mut trust = Trust::new(world.bank.root());
    trust.merge(&world.bank.trust_bundle().unwrap()).unwrap();
    for certificate in &shop.certificates {
        assert_eq!(certificate.body.grant.name, name);
        assert_eq!(certificate.body.grant.class, WalletClass::Ii);
        let today = protocol::Timestamp::from_seconds(crate::common::START).day();
        trust.check(certificate, today).unwrap();
    }
}

#[test]
fn a_key_belongs_to_one_account_for_ever() {
    let world = World::new(10);
    let (alice, mallory) = (world.customer(1, 0), world.customer(1, 0));
    let taken = Order::Certify {
        keys: vec![mallory.application(&alice.keys[0])],
    };
    assert_eq!(code(&mallory.ask(&world.bank, taken)), Code::KeyTaken);

    // Its own account may have it certified again.
    let renewed = Order::Certify {
        keys: vec![alice.application(&alice.keys[0])],
    };
    assert!(matches!(
        alice.ask(&world.bank, renewed),
        Answer::Certified { .. }
    ));
}

#[test]
fn a_key_is_proven_by_itself_and_for_the_caller() {
    let world = World::new(11);
    let (alice, mallory) = (world.customer(1, 0), world.customer(1, 0));
    let mut forged = mallory.application(&new_key(&world.random));
    forged.body.holder_key = alice.key(0);
    let for_another = alice.application(&new_key(&world.random));
    for application in [forged, for_another] {
        let order = Order::Certify {
            keys: vec![application],
        };
        assert_eq!(code(&mallory.ask(&world.bank, order)), Code::KeyNotProven);
    }
    assert_eq!(
        code(&mallory.ask(&world.bank, Order::Certify { keys: vec![] })),
        Code::TooLarge
    );
}

#[test]
fn one_bad_application_spoils_all_of_them() {
    let world = World::new(12);
    let (alice, mut mallory) = (world.customer(1, 0), world.customer(1, 0));
    let fresh = new_key(&world.random);
    let order = Order::Certify {
        keys: vec![mallory.application(&fresh), mallory.application(&alice.keys[0])],
    };
    assert_eq!(code(&mallory.ask(&world.bank, order)), Code::KeyTaken);
    mallory.keys.push(fresh);
    let load = Order::Load {
        amount: fen(1),
        keys: vec![mallory.key(1)],
    };
    assert_eq!(code(&mallory.ask(&world.bank, load)), Code::KeyNotCertified);
}

#[test]
fn loads_go_to_the_callers_own_keys_within_its_means() {
    let world = World::new(13);
    let (alice, bob) = (world.customer(1, 1_000), world.customer(1, 0));
    let load = |amount, keys| Order::Load {
        amount: fen(amount),
        keys,
    };
    let refused = |order| match alice.ask(&world.bank, order) {
        Answer::Refused(refusal) => (refusal.code, refusal.at_most),
        other => panic!("{other:?}"),
    };
    let own = vec![alice.key(0)];
    assert_eq!(refused(load(10, vec![bob.key(0)])), (Code::KeyNotCertified, None));
    assert_eq!(
        refused(load(10, vec![new_key(&world.random).verifying_key()])),
        (Code::KeyNotCertified, None)
    );
    assert_eq!(refused(load(10, vec![])), (Code::TooLarge, None));
    assert_eq!(refused(load(0, own.clone())), (Code::AmountZero, None));
    assert_eq!(
        refused(load(1_001, own.clone())),
        (Code::AccountTooLow, Some(fen(1_000)))
    );
    assert_eq!(
        refused(load(50_000_001, own.clone())),
        (Code::BalanceLimit, Some(fen(50_000_000)))
    );
    assert_eq!(alice.balance(&world.bank), fen(1_000));

    // A refusal is not remembered: once its reason is gone, the same call is granted.
    let call = alice.call(alice.idempotency_key(), load(1_001, own));
    assert_eq!(code(&answer(&world.bank.handle_call(&call))), Code::AccountTooLow);
    world.bank.pay_in(&alice.account(), fen(1)).unwrap();
    assert!(matches!(
        answer(&world.bank.handle_call(&call)),
        Answer::Loaded { .. }
    ));
    world.check();
}

#[test]
fn a_reserve_that_is_too_low_costs_the_customer_nothing() {
    let mut config = crate::common::config(bank::Place::Memory);
    config.initial_reserve = fen(500);
    let world = World::with(14, config);
    let wallet = world.customer(1, 1_000);
    let call = wallet.call(
        wallet.idempotency_key(),
        Order::Load {
            amount: fen(501),
            keys: vec![wallet.key(0)],
        },
    );
    for _ in 0..2 {
        assert_eq!(code(&answer(&world.bank.handle_call(&call))), Code::ReserveTooLow);
        assert_eq!(wallet.balance(&world.bank), fen(1_000));
        world.check();
    }
    let operator = world.bank.trust_bundle().unwrap().operators[0].body.operator;
    world.bank.issuer().fund(operator, b"more", fen(1)).unwrap();
    world.bank.operator().record_funding(b"more", fen(1)).unwrap();
    assert!(matches!(
        answer(&world.bank.handle_call(&call)),
        Answer::Loaded { .. }
    ));
    assert_eq!(world.bank.books().unwrap().reserve, Amount::ZERO);
    world.check();
}

#[test]
fn a_welcome_is_given_once_and_stands_in_the_books() {
    let mut config = crate::common::config(bank::Place::Memory);
    config.operator.welcome = Some(fen(10_000));
    let world = World::with(15, config);
    let wallet = world.customer(1, 0);
    wallet.enrol(&world.bank);
    assert_eq!(wallet.balance(&world.bank), fen(10_000));
    assert_eq!(world.bank.books().unwrap().gifts, fen(10_000));
    world.check();
}

#[test]
fn every_reply_is_signed_and_names_its_call() {
    let world = World::new(41);
    let shop = Wallet::new(&world.random);
    let call = shop.call(shop.idempotency_key(), Order::Account);
    let id = cbor::decode::<Signed<Call>>("call", &call).unwrap().body.id();
    let key = world.bank.trust_bundle().unwrap().operators[0]
        .body
        .certifying_key;
    for (bytes, id) in [
        (call.as_slice(), id),
        (b"noise".as_slice(), Id::from_bytes([0; 32])),
    ] {
        let reply: Signed<Reply> = cbor::decode("reply", &world.bank.handle_call(bytes)).unwrap();
        assert_eq!(reply.verify(&key).unwrap().call, id);
        assert!(matches!(reply.body.answer, Answer::Refused(_)));
    }
}

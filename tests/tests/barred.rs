//! Who forked gets no new keys until its operator readmits it; everybody else does, and money comes home meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{
    Assurance, Code, Signed, SigningKey, StaticKeyHash, VerifyingKey,
    bank::{Answer, KeyApplication, Order},
    key::Algorithm,
};
use simulator::{Phone, Rogue, RoguePiece, World, seed_from_environment};
use tests::phones::{pay, spendable, yuan};
use wallet_core::BankError;

const BARRED: BankError = BankError::Refused {
    code: Code::AccountBarred,
};

fn world() -> World {
    World::new(seed_from_environment(59)).unwrap()
}

/// Both take what they have to the bank, where the two branches of a fork meet.
fn settle(world: &World, phones: [&Phone; 2]) {
    for phone in phones {
        phone.wallet().sync(&world.line()).unwrap();
        phone.wallet().deposit(&world.line(), None).unwrap();
    }
    assert!(world.books().unwrap().balanced);
}

/// A wallet of ours on a rooted phone, which can turn back even its guard.
#[test]
fn a_wallet_with_a_forked_key_gets_no_new_keys_until_it_is_readmitted() {
    let mut world = world();
    let phones = ["Mallory", "Bob", "Carol"].map(|name| world.phone(name).unwrap());
    let [mut mallory, bob, carol] = phones;
    world.fund(&mallory, yuan("50.00")).unwrap();
    mallory.wallet().sync(&world.line()).unwrap();
    let snapshot = mallory.snapshot().unwrap();
    pay(&world, &mallory, &bob, "20.00");
    mallory.restore_with_guard(&snapshot).unwrap();
    pay(&world, &mallory, &carol, "20.00");
    settle(&world, [&bob, &carol]);
    assert_eq!(world.bank().issuer().fork_proofs().unwrap().len(), 1);

    // Neither this phone nor the account's next one, as often as they ask.
    let known = mallory.hardware().vault().keys_after(0).len();
    let revoked = Err(BankError::Refused {
        code: Code::HolderRevoked,
    });
    let answers = [(); 3].map(|()| mallory.wallet().sync(&world.line()));
    assert!(
        answers
            .iter()
            .all(|answer| [&revoked, &Err(BARRED)].contains(&answer)),
        "{answers:?}"
    );
    assert_eq!(answers[2], Err(BARRED), "whatever keys it asks for");
    let device = world.device("next").unwrap();
    let next = world.install(device, mallory.owner().clone()).unwrap();
    assert!(next.enrol().is_err());
    assert!(next.wallet().request(Some(yuan("1.00"))).is_err());
    let made = mallory.hardware().vault().keys_after(known).len();
    assert!(made <= 16, "{made}: the keys that wait are asked for again");
    // The others are none the worse for it.
    world.clock().advance(86_400);
    for phone in [&bob, &carol] {
        pay_from(&world, phone);
        assert!(phone.wallet().sync(&world.line()).unwrap().new_keys > 0);
    }

    let account = mallory.wallet().account().unwrap();
    assert!(world.bank().operator().readmit(&account).unwrap());
    assert!(mallory.wallet().sync(&world.line()).unwrap().new_keys > 0);
    next.enrol().unwrap();
    assert!(next.wallet().request(Some(yuan("1.00"))).is_ok());
    assert!(
        !world.bank().operator().readmit(&account).unwrap(),
        "it is not in question any more"
    );
}

fn pay_from(world: &World, phone: &Phone) {
    world.fund(phone, yuan("2.00")).unwrap();
    phone.wallet().request(Some(yuan("1.00"))).unwrap();
    assert!(spendable(phone) >= yuan("2.00"));
}

/// What the bank says to the application of a key.
fn apply(rogue: &Rogue, seed: u8) -> Answer {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[seed; 32]).unwrap();
    let application = KeyApplication {
        account: rogue.account(),
        holder_key: key.verifying_key(),
        static_key: StaticKeyHash::of(&[seed; 32]),
        assurance: Assurance::Software,
        device: None,
    };
    let keys = vec![Signed::sign(application, &key)];
    rogue.call(Order::Certify { keys }).unwrap()
}

fn refused(answer: &Answer) -> Option<Code> {
    match answer {
        Answer::Refused(refusal) => Some(refusal.code),
        _ => None,
    }
}

/// Pays two people with the same piece, and both take it to the bank.
fn fork(world: &World, rogue: &Rogue, piece: &RoguePiece, payees: [&Phone; 2]) {
    for payee in payees {
        let request = payee.wallet().request(Some(piece.amount)).unwrap();
        let (payment, _) = rogue.pay(&[piece], &request, piece.amount).unwrap();
        rogue.hand(&payment, &request, payee).unwrap();
    }
    settle(world, payees);
}

#[test]
fn who_is_readmitted_and_forks_again_is_barred_again() {
    let mut world = world();
    let (bob, carol) = (world.phone("Bob").unwrap(), world.phone("Carol").unwrap());
    let (mut rogue, honest) = (world.rogue().unwrap(), world.rogue().unwrap());
    let load = |rogue: &mut Rogue, key: &VerifyingKey| rogue.load(yuan("30.00"), key).unwrap();

    let key = rogue.certified_key().unwrap();
    let notes = load(&mut rogue, &key);
    fork(&world, &rogue, &notes[0], [&bob, &carol]);
    assert_eq!(refused(&apply(&rogue, 1)), Some(Code::AccountBarred));
    assert_eq!(refused(&apply(&honest, 2)), None);
    // What it did not fork comes home all the same.
    let answer = rogue.deposit(&[&notes[1]]).unwrap();
    assert!(matches!(answer, Answer::Deposited { .. }), "{answer:?}");

    let account = rogue.account();
    assert!(world.bank().operator().readmit(&account).unwrap());
    assert_eq!(refused(&apply(&rogue, 3)), None);
    let key = rogue.certified_key().unwrap();
    let notes = load(&mut rogue, &key);
    fork(&world, &rogue, &notes[0], [&bob, &carol]);
    assert_eq!(refused(&apply(&rogue, 4)), Some(Code::AccountBarred));
    assert!(world.bank().operator().readmit(&account).unwrap());
    assert!(world.books().unwrap().balanced);
    world.bank().audit().unwrap().unwrap();
}

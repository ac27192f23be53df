//! Forks at the counter: the first claim of every fen is redeemed, every other one is excess, paid and booked against its
//! proof; and nobody honest is accused.

use std::{sync::Arc, thread};

use bank::{
    Place,
    issuer::{Issuer, IssuerConfig},
    operator::Operator,
};
use protocol::{
    Amount, Attribution, Code, OperatorId, Reference, Signed, Trust, VerifyingKey, WalletClass,
    attribution::{AttributionError, Basis},
    bank::{Answer, Call, IdempotencyKey, Order},
    cbor,
};

use crate::common::{Piece, Seeded, TestClock, Wallet, World, answer, code, config, fen, new_key};

/// A note of Alice's, of this many fen at least.
fn note_of(world: &World, wallet: &Wallet, amount: u64) -> Piece {
    wallet
        .load(&world.bank, amount * 2)
        .into_iter()
        .find(|piece| piece.output.amount >= fen(amount))
        .unwrap()
}

fn deposited(answer: &Answer) {
    assert!(matches!(answer, Answer::Deposited { .. }), "{answer:?}");
}

/// The sums in which forks show: redeemed, excess, paid of it by the guarantee, denied.
fn sums(world: &World) -> [u64; 4] {
    let books = world.bank.books().unwrap();
    [books.redeemed, books.excess, books.guarantee, books.excess_denied].map(Amount::fen)
}

#[test]
fn the_second_claim_is_paid_by_who_forked() {
    let world = World::new(1);
    let (alice, bob, carol) = (
        world.customer(2, 10_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let note = note_of(&world, &alice, 1_000);
    let (to_bob, to_carol) = (
        alice.give(&note, bob.key(0), 1_000),
        alice.give(&note, carol.key(0), 1_000),
    );
    let before = world.bank.balance(&alice.account()).unwrap();
    deposited(&bob.hand_in(&world.bank, &[Piece::of_payment(&to_bob, 0)]));
    assert_eq!(sums(&world), [1_000, 0, 0, 0]);
    let (key, order) = carol.deposit(&world.bank, &[Piece::of_payment(&to_carol, 0)]);
    let call = carol.call(key, order);
    let first = world.bank.handle_call(&call);
    for _ in 0..2 {
        assert_eq!(answer(&world.bank.handle_call(&call)), answer(&first));
        assert_eq!(sums(&world), [1_000, 1_000, 0, 0]);
        assert_eq!(bob.balance(&world.bank), fen(1_000));
        assert_eq!(carol.balance(&world.bank), fen(1_000));
        let left = world.bank.balance(&alice.account()).unwrap();
        assert_eq!(left.checked_add(fen(1_000)), Some(before));
        world.check();
    }
    assert_eq!(world.accused(), [note.output.holder_key]);
    world.assert_listed(&[(&alice, true), (&bob, false), (&carol, false)]);
    assert_eq!(world.bank.books().unwrap().unattributed, 0);
}

#[test]
fn the_guarantee_pays_what_the_culprit_cannot_up_to_its_limit() {
    let mut config = config(Place::Memory);
    config.operator.guarantee = fen(700);
    let world = World::with(2, config);
    let (alice, bob) = (world.customer(1, 2_300), world.customer(1, 0));
    let note = note_of(&world, &alice, 1_000);
    assert_eq!(alice.balance(&world.bank), fen(300));
    let branches: Vec<_> = (0..3)
        .map(|_| Piece::of_payment(&alice.give(&note, bob.key(0), 1_000), 0))
        .collect();
    deposited(&bob.hand_in(&world.bank, &branches[..1]));
    deposited(&bob.hand_in(&world.bank, &branches[1..2]));
    assert_eq!(sums(&world), [1_000, 1_000, 700, 0]);
    assert_eq!(alice.balance(&world.bank), fen(0));
    assert_eq!(bob.balance(&world.bank), fen(2_000));

    // Neither is left of the two. Nothing moves, for as long as nobody has the money.
    let (key, order) = bob.deposit(&world.bank, &branches[2..]);
    let call = bob.call(key, order);
    let before = world.bank.books().unwrap();
    for _ in 0..2 {
        assert_eq!(
            code(&answer(&world.bank.handle_call(&call))),
            Code::CoverExhausted
        );
        let books = world.bank.books().unwrap();
        assert_eq!((books.forks, books.pending_orders), (2, 0));
        assert_eq!(books.excess, before.excess);
        assert_eq!(books.customer_deposits, before.customer_deposits);
        world.check();
    }
    world.bank.pay_in(&alice.account(), fen(1_000)).unwrap();
    deposited(&answer(&world.bank.handle_call(&call)));
    assert_eq!(sums(&world), [1_000, 2_000, 700, 0]);
    assert_eq!(alice.balance(&world.bank), fen(0));
    assert_eq!(bob.balance(&world.bank), fen(3_000));
    world.check();
}

#[test]
fn who_forked_gets_nothing_out_of_it() {
    let world = World::new(3);
    let (alice, bob) = (world.customer(2, 5_000), world.customer(1, 0));
    let note = note_of(&world, &alice, 1_000);
    let to_bob = alice.give_all(&note, bob.key(0));
    deposited(&bob.hand_in(&world.bank, &[Piece::of_payment(&to_bob, 0)]));
    let before = world.bank.balance(&alice.account()).unwrap();
    // To herself, and home.
    let to_alice = alice.give_all(&note, alice.key(1));
    deposited(&alice.hand_in(&world.bank, &[Piece::of_payment(&to_alice, 0)]));
    let amount = note.output.amount.fen();
    assert_eq!(sums(&world), [amount, amount, 0, amount]);
    assert_eq!(world.bank.balance(&alice.account()).unwrap(), before);
    world.check();
}

/// Whoever was paid deposits the value, and pays it on all the same.
#[test]
fn a_payee_that_deposits_and_also_pays_on() {
    let world = World::new(4);
    let (alice, mallory, carol) = (
        world.customer(1, 5_000),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let to_mallory = alice.give_all(&note_of(&world, &alice, 1_000), mallory.key(0));
    let value = Piece::of_payment(&to_mallory, 0);
    let to_carol = mallory.give_all(&value, carol.key(0));
    deposited(&mallory.hand_in(&world.bank, std::slice::from_ref(&value)));
    deposited(&carol.hand_in(&world.bank, &[Piece::of_payment(&to_carol, 0)]));
    assert_eq!(carol.balance(&world.bank), value.output.amount);
    assert_eq!(mallory.balance(&world.bank), fen(0), "it paid for it");
    assert_eq!(world.accused(), [mallory.key(0)]);
    world.assert_listed(&[(&alice, false), (&mallory, true), (&carol, false)]);
    world.check();
}

#[test]
fn both_branches_in_one_payment() {
    let world = World::new(5);
    let (alice, bob) = (world.customer(1, 5_000), world.customer(1, 0));
    let note = note_of(&world, &alice, 1_000);
    let amount = note.output.amount.fen();
    let twice = [0, 1].map(|_| Piece::of_payment(&alice.give_all(&note, bob.key(0)), 0));
    deposited(&bob.hand_in(&world.bank, &twice));
    assert_eq!(sums(&world), [amount, amount, 0, 0]);
    assert_eq!(bob.balance(&world.bank), fen(2 * amount));
    assert_eq!(world.accused(), [alice.key(0)]);
    world.check();
}

/// Forked and clean value in one transfer: of its outputs, only those fen are excess that were claimed before.
#[test]
fn clean_value_stays_clean() {
    let world = World::new(6);
    let (alice, mallory, bob) = (
        world.customer(1, 5_000),
        world.customer(1, 20_000),
        world.customer(2, 0),
    );
    let forked = Piece::of_payment(
        &mallory.give_all(&note_of(&world, &mallory, 1_000), bob.key(0)),
        0,
    );
    let clean = Piece::of_payment(&alice.give_all(&note_of(&world, &alice, 1_000), bob.key(1)), 0);
    let (bad, good) = (forked.output.amount.fen(), clean.output.amount.fen());
    // Mallory was faster.
    deposited(&mallory.hand_in(&world.bank, &[Piece::of_note(forked.notes[0].clone())]));
    let merged = bob.pay(&[clean, forked], bob.key(0), good, bob.any_reference());
    let [first, change] = [0, 1].map(|number| Piece::of_payment(&merged, number));
    deposited(&bob.hand_in(&world.bank, &[first]));
    assert_eq!(sums(&world)[1], 0);
    deposited(&bob.hand_in(&world.bank, &[change]));
    assert_eq!(sums(&world), [bad + good, bad, 0, 0]);
    assert_eq!(bob.balance(&world.bank), fen(bad + good));
    world.check();
}

/// Two forks whose fen meet in one output, and go separate ways besides: in whatever order the parts are claimed, not a fen
/// of other people's money is touched.
#[test]
fn forks_that_meet_never_eat_into_circulation() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new(7);
        let (mallory, bob, honest) = (
            world.customer(2, 40_000),
            world.customer(3, 0),
            world.customer(1, 5_000),
        );
        let others = honest.load(&world.bank, 5_000);
        let notes = [0, 1].map(|_| note_of(&world, &mallory, 1_000));
        let amount = notes[0].output.amount.fen();
        for note in &notes {
            deposited(&mallory.hand_in(&world.bank, std::slice::from_ref(note)));
        }
        // Of each note half to one key of Bob's, half to another; one half of each meets the other.
        let halves = [0, 1].map(|number: usize| {
            let note = &notes[number];
            let apart = mallory.give(note, bob.key(number), amount / 2);
            let rest = Piece::of_payment(&apart, 1);
            let meeting = mallory.give_all(&rest, bob.key(2));
            [Piece::of_payment(&apart, 0), Piece::of_payment(&meeting, 0)]
        });
        let together = bob.pay(
            &[halves[0][1].clone(), halves[1][1].clone()],
            bob.key(0),
            amount,
            bob.any_reference(),
        );
        let parts = [
            halves[0][0].clone(),
            halves[1][0].clone(),
            Piece::of_payment(&together, 0),
        ];
        for number in order {
            deposited(&bob.hand_in(&world.bank, &parts[number..=number]));
            world.check();
        }
        assert_eq!(sums(&world)[..2], [2 * amount, 2 * amount]);
        let outstanding = Amount::checked_sum(others.iter().map(|piece| piece.output.amount));
        assert!(Some(world.bank.books().unwrap().outstanding) >= outstanding);
        for piece in others {
            deposited(&honest.hand_in(&world.bank, &[piece]));
        }
        assert_eq!(honest.balance(&world.bank), fen(5_000));
        world.check();
    }
}

/// Mallory's value goes through a key of nobody, which forks it to two accomplices, who pay two honest people.
struct Gang {
    world: World,
    mallory: Wallet,
    accomplices: [Wallet; 2],
    victims: [Wallet; 2],
    /// What reached the victims.
    payments: [protocol::Payment; 2],
    hidden: VerifyingKey,
}

impl Gang {
    fn new(seed: u64, keys_between: usize) -> Self {
        let world = World::new(seed);
        let mut mallory = world.customer(1, 10_000);
        let accomplices = [world.customer(1, 50), world.customer(1, 0)];
        let victims = [world.customer(1, 0), world.customer(1, 0)];
        let note = note_of(&world, &mallory, 1_000);
        let number = mallory.hide();
        let hidden = mallory.key(number);
        let mut value = Piece::of_payment(&mallory.give_all(&note, hidden), 0);
        let mut payments = Vec::new();
        let forked = value.clone();
        for (accomplice, victim) in accomplices.iter().zip(&victims) {
            value = forked.clone();
            for _ in 0..keys_between {
                let next = mallory.hide();
                value = Piece::of_payment(&mallory.give_all(&value, mallory.key(next)), 0);
            }
            value = Piece::of_payment(&mallory.give_all(&value, accomplice.key(0)), 0);
            payments.push(accomplice.give_all(&value, victim.key(0)));
        }
        // What it signed itself certifies nothing.
        mallory.certificates.truncate(1);
        Self {
            world,
            mallory,
            accomplices,
            victims,
            payments: payments.try_into().unwrap(),
            hidden,
        }
    }

    fn assert_attributed(&self) {
        let mut takers = [self.accomplices[0].key(0), self.accomplices[1].key(0)];
        takers.sort_unstable();
        assert_eq!(self.world.accused(), takers);
        self.world.assert_listed(&[
            (&self.mallory, false),
            (&self.accomplices[0], true),
            (&self.accomplices[1], true),
            (&self.victims[0], false),
            (&self.victims[1], false),
        ]);
        assert_eq!(self.world.bank.books().unwrap().unattributed, 0);
        self.world.check();
    }
}

#[test]
fn a_fork_by_a_key_of_nobody_is_answered_for_by_those_who_took() {
    for keys_between in [0, 1, 3] {
        let gang = Gang::new(8, keys_between);
        let Gang {
            world,
            victims,
            payments,
            ..
        } = &gang;
        let amount = payments[0].final_transfer().outputs[0].amount;
        deposited(&victims[0].hand_in(&world.bank, &[Piece::of_payment(&payments[0], 0)]));
        assert_eq!(world.accused(), []);
        deposited(&victims[1].hand_in(&world.bank, &[Piece::of_payment(&payments[1], 0)]));
        gang.assert_attributed();
        for victim in victims {
            assert_eq!(victim.balance(&world.bank), amount);
        }
        // The accomplice's fifty fen, and the guarantee.
        assert_eq!(gang.accomplices[0].balance(&world.bank), fen(0));
        assert_eq!(sums(world)[2], amount.fen() - 50);
    }
}

#[test]
fn reports_are_enough_to_attribute() {
    let gang = Gang::new(9, 1);
    let Gang {
        world,
        victims,
        payments,
        ..
    } = &gang;
    for (victim, payment) in victims.iter().zip(payments) {
        assert_eq!(victim.report(&world.bank, payment, None), Answer::Recorded);
    }
    gang.assert_attributed();
    assert_eq!(sums(world), [0; 4]);
}

/// An accusation alone, of a key of nobody, accuses nobody. What comes to light later does.
#[test]
fn an_accusation_is_attributed_when_evidence_arrives() {
    let gang = Gang::new(10, 0);
    let Gang {
        world,
        victims,
        payments,
        ..
    } = &gang;
    let outpoint = payments[0].transfers()[1].transfer.inputs[0];
    let proof = protocol::ForkProof::find(&payments[0], &payments[1], &outpoint).unwrap();
    assert_eq!(proof.verify().unwrap().culprit, gang.hidden);
    let accuse = Order::Accuse {
        proof: Box::new(proof),
    };
    assert_eq!(victims[0].ask(&world.bank, accuse), Answer::Accused);
    let books = world.bank.books().unwrap();
    assert_eq!((books.forks, books.unattributed), (1, 0));
    assert_eq!(world.accused(), []);
    world.check();

    let report = |number: usize| victims[number].report(&world.bank, &payments[number], None);
    assert_eq!(report(0), Answer::Recorded);
    assert_eq!(world.accused(), [gang.accomplices[0].key(0)]);
    assert_eq!(report(1), Answer::Recorded);
    gang.assert_attributed();
}

/// Innocent people whose keys are merely named in what cheats sign among themselves are never accused.
#[test]
fn to_be_named_is_no_guilt() {
    let world = World::new(11);
    let (mut mallory, innocent, accomplice, bob) = (
        world.customer(1, 10_000),
        world.customer(1, 0),
        world.customer(1, 0),
        world.customer(1, 0),
    );
    let note = note_of(&world, &mallory, 1_000);
    let number = mallory.hide();
    let hidden = Piece::of_payment(&mallory.give_all(&note, mallory.key(number)), 0);
    // Output 0 names the innocent; the change goes on to the accomplice. And the other branch names it too.
    let half = hidden.output.amount.fen() / 2;
    let named = mallory.give(&hidden, innocent.key(0), half);
    let change = Piece::of_payment(&named, 1);
    let taken = mallory.give_all(&change, accomplice.key(0));
    let onward = accomplice.give_all(&Piece::of_payment(&taken, 0), bob.key(0));
    let elsewhere = mallory.give_all(&hidden, accomplice.key(0));
    let second = accomplice.give_all(&Piece::of_payment(&elsewhere, 0), bob.key(0));
    mallory.certificates.truncate(1);
    for payment in [&onward, &second] {
        assert_eq!(bob.report(&world.bank, payment, None), Answer::Recorded);
        deposited(&bob.hand_in(&world.bank, &[Piece::of_payment(payment, 0)]));
    }
    assert_eq!(world.accused(), [accomplice.key(0)]);
    world.assert_listed(&[(&innocent, false), (&accomplice, true), (&bob, false)]);
    assert_eq!(innocent.collect(&world.bank), []);
    world.check();
}

/// A key that was sworn to be nobody's stays nobody's.
#[test]
fn a_sworn_key_is_never_certified() {
    let gang = Gang::new(12, 0);
    let Gang {
        world,
        victims,
        payments,
        mallory,
        ..
    } = &gang;
    for (victim, payment) in victims.iter().zip(payments) {
        assert_eq!(victim.report(&world.bank, payment, None), Answer::Recorded);
    }
    let late = Order::Certify {
        keys: vec![mallory.application(mallory.signing_key(&gang.hidden))],
    };
    assert_eq!(code(&mallory.ask(&world.bank, late)), Code::HolderRevoked);
    gang.assert_attributed();
}

/// Nothing in an attribution can be left out or put in another's place.
#[test]
fn a_stranger_checks_attributions() {
    let gang = Gang::new(13, 1);
    let Gang {
        world,
        victims,
        payments,
        ..
    } = &gang;
    for (victim, payment) in victims.iter().zip(payments) {
        deposited(&victim.hand_in(&world.bank, &[Piece::of_payment(payment, 0)]));
    }
    let mut trust = Trust::new(world.bank.root());
    trust.merge(&world.bank.trust_bundle().unwrap()).unwrap();
    let attribution = world.bank.attributions().unwrap().remove(0);
    let bytes = cbor::encode(&attribution);
    assert_eq!(
        cbor::decode::<Attribution>("attribution", &bytes).as_ref(),
        Ok(&attribution)
    );
    attribution.verify(&trust).unwrap();
    assert_eq!(
        attribution.verify(&Trust::new(world.bank.root())),
        Err(AttributionError::Statement),
        "without the operators nobody can say that a key is nobody's"
    );

    let Basis::Taken { statements, takings } = &attribution.basis else {
        panic!()
    };
    let with = |basis: Basis| {
        Attribution {
            proof: attribution.proof.clone(),
            basis,
        }
        .verify(&trust)
    };
    let taken = |statements: &[_], takings: &[_]| {
        with(Basis::Taken {
            statements: statements.to_vec(),
            takings: takings.to_vec(),
        })
    };
    assert!(taken(statements, takings).is_ok());
    assert_eq!(taken(statements, &[]), Err(AttributionError::Nobody));
    for missing in 0..statements.len() {
        let mut fewer = statements.clone();
        fewer.remove(missing);
        assert_eq!(taken(&fewer, takings), Err(AttributionError::Statement));
    }
    let mut other = statements.clone();
    other[0].body.at = protocol::Timestamp::from_seconds(1);
    assert_eq!(taken(&other, takings), Err(AttributionError::Statement));

    let mut cut = takings.clone();
    cut[0].path.remove(0);
    assert_eq!(taken(statements, &cut), Err(AttributionError::Path));
    let mut hole = takings.clone();
    let again = hole[0].path[0].clone();
    hole[0].path.push(again);
    assert_eq!(taken(statements, &hole), Err(AttributionError::Path));
    let mut nowhere = takings.clone();
    nowhere[0].output = 9;
    assert_eq!(taken(statements, &nowhere), Err(AttributionError::Path));
    let mut innocent = takings.clone();
    innocent[0].certificate = victims[0].certificates[0].clone();
    assert_eq!(taken(statements, &innocent), Err(AttributionError::Certificate));
    let mut forged = takings.clone();
    forged[0].certificate.signature = protocol::Signature::from_bytes([1; 64]);
    assert_eq!(taken(statements, &forged), Err(AttributionError::Certificate));
    let mut passive = takings.clone();
    passive[0].act = takings[1].act.clone();
    assert_eq!(taken(statements, &passive), Err(AttributionError::NotTaken));

    let innocent = victims[0].certificates[0].clone();
    assert_eq!(
        with(Basis::Certified(innocent.clone())),
        Err(AttributionError::Certificate)
    );
    let body = protocol::HolderCertificate {
        holder_key: gang.hidden,
        ..innocent.body
    };
    let self_made = Signed::sign(body, gang.mallory.signing_key(&gang.hidden));
    assert_eq!(
        with(Basis::Certified(self_made)),
        Err(AttributionError::Certificate)
    );
}

/// Whoever has money back from a guarantee that is used up does not get it twice by asking from many places at once.
#[test]
fn forked_claims_race() {
    let mut config = config(Place::Memory);
    config.operator.guarantee = fen(1_500);
    let world = World::with(14, config);
    let (alice, bob) = (world.customer(1, 2_000), world.customer(1, 0));
    let note = note_of(&world, &alice, 1_000);
    let calls: Vec<_> = (0..6)
        .flat_map(|_| {
            let branch = Piece::of_payment(&alice.give(&note, bob.key(0), 1_000), 0);
            let (key, order) = bob.deposit(&world.bank, &[branch]);
            let call = bob.call(key, order);
            [call.clone(), call]
        })
        .collect();
    let answers: Vec<Answer> = thread::scope(|scope| {
        let callers: Vec<_> = calls
            .iter()
            .map(|call| scope.spawn(|| answer(&world.bank.handle_call(call))))
            .collect();
        for _ in 0..10 {
            let books = world.bank.books().unwrap();
            let torn: Vec<_> = books
                .checks
                .iter()
                .filter(|check| !check.holds && check.equation != "issued = outstanding + redeemed")
                .collect();
            assert!(torn.is_empty(), "{torn:#?}");
        }
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    for answer in &answers {
        match answer {
            Answer::Deposited { .. } => {}
            refused => assert_eq!(code(refused), Code::CoverExhausted),
        }
    }
    // One claim is redeemed, one fits into the guarantee.
    assert_eq!(sums(&world), [1_000, 1_000, 1_000, 0]);
    assert_eq!(bob.balance(&world.bank), fen(2_000));
    world.check();
}

/// Two operators at one issuer: the culprit is a customer of one, the victims of the other.
#[test]
fn a_fork_is_attributed_across_operators() {
    let (clock, random) = (TestClock::new(), Seeded::new(15));
    let issuer = Issuer::open(
        IssuerConfig::default(),
        &Place::Memory,
        clock.clone(),
        random.clone(),
    );
    let issuer = Arc::new(issuer.unwrap());
    let operator = |number: u32| {
        let mut config = config(Place::Memory).operator;
        config.operator = OperatorId(number);
        config.welcome = Some(fen(10_000));
        let (api, clock, random) = (issuer.clone(), clock.clone(), random.clone());
        let operator = Operator::open(config, &Place::Memory, api, clock, random).unwrap();
        let cause = number.to_be_bytes();
        issuer.fund(OperatorId(number), &cause, fen(50_000)).unwrap();
        operator.record_funding(&cause, fen(50_000)).unwrap();
        operator
    };
    let (first, second) = (operator(1), operator(2));
    let ask = |operator: &Operator, wallet: &Wallet, key: IdempotencyKey, order: Order| {
        let call: Signed<Call> = cbor::decode("call", &wallet.call(key, order)).unwrap();
        answer(&operator.answer(&call.body).unwrap())
    };
    let customer = |operator: &Operator| {
        let mut wallet = Wallet::new(&random);
        let enrol = Order::Enrol {
            class: WalletClass::I,
            name: None,
        };
        ask(operator, &wallet, wallet.idempotency_key(), enrol);
        let key = new_key(&random);
        let certify = Order::Certify {
            keys: vec![wallet.application(&key)],
        };
        let Answer::Certified { certificates } = ask(operator, &wallet, wallet.idempotency_key(), certify)
        else {
            panic!()
        };
        wallet.keys.push(key);
        wallet.certificates = certificates;
        wallet
    };
    let (mallory, bob) = (customer(&second), customer(&first));
    let load = Order::Load {
        amount: fen(4_000),
        keys: vec![mallory.key(0)],
    };
    let Answer::Loaded { mut notes } = ask(&second, &mallory, mallory.idempotency_key(), load) else {
        panic!()
    };
    let note = Piece::of_note(notes.remove(0));
    let settlement_key = first.trust_bundle().unwrap().operators[0].body.settlement_key;
    for _ in 0..2 {
        let value = Piece::of_payment(&mallory.give_all(&note, bob.key(0)), 0);
        let key = bob.idempotency_key();
        let reference = Reference::to_deposit(&bob.account(), key.as_bytes());
        let amount = value.output.amount.fen();
        let payment = bob.pay(&[value], settlement_key, amount, reference);
        let deposit = Order::Deposit {
            payment: payment.encode(),
        };
        deposited(&ask(&first, &bob, key, deposit));
    }
    // The first operator knows nothing of the key. It pays its customer, and the culprit's account is not its own.
    let amount = note.output.amount;
    assert_eq!(
        first.balance(&bob.account()).unwrap().fen(),
        10_000 + 2 * amount.fen()
    );
    assert_eq!(issuer.attributions().unwrap(), []);

    // The second is asked when it next has to do with the issuer, at the latest on the next day.
    clock.pass_days(1);
    ask(&second, &mallory, mallory.idempotency_key(), Order::Account);
    let mut trust = Trust::new(issuer.root());
    trust.merge(&first.trust_bundle().unwrap()).unwrap();
    let [attribution] = &issuer.attributions().unwrap()[..] else {
        panic!()
    };
    assert_eq!(attribution.verify(&trust), Ok(vec![mallory.key(0)]));
    assert!(trust.status().unwrap().contains(&mallory.key(0)));
    assert!(!trust.status().unwrap().contains(&bob.key(0)));
    assert_eq!(issuer.audit().unwrap(), Ok(()));
    assert_eq!(first.audit().unwrap(), Ok(()));
    assert_eq!(second.audit().unwrap(), Ok(()));
}

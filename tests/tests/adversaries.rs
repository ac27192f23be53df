//! Adversaries with keys in the open: whatever they sign, say, replay or steal, every fork is attributed, everybody honest
//! has every fen, and nobody honest is accused.
//!
//! What an adversary does with copied files and meddled rows is in `adversary.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{
    Amount, Code, ForkProof, Payment, Reference, Request, RequestId, Signed, VerifyingKey,
    bank::{Answer, Call, Order, Reply},
    cbor,
    message::{PayerMessage, Refusal},
};
use simulator::{
    Air, Frames, GuardTrouble, LineTrouble, Link, Manners, Phone, Rogue, RoguePiece, Roles, Said, World,
    seed_from_environment,
};
use tests::phones::{owned, spendable, yuan};
use wallet_core::{
    BankError, Consent, HandoffError, Outcome, Side, TapError,
    handoff::{PayeeState, PayerState},
    noise::{Handshake, Pattern, StaticSecret},
    platform::BankTransport as _,
};

const PROLOGUE: &[u8] = b"dcep/1/handoff";

/// A bank, two honest people and a rogue with a certified key and a note of 20.00.
struct Scene {
    world: World,
    bob: Phone,
    carol: Phone,
    rogue: Rogue,
    key: VerifyingKey,
    note: RoguePiece,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new(seed_from_environment(11)).unwrap();
        let (bob, carol) = (world.phone("Bob").unwrap(), world.phone("Carol").unwrap());
        let mut rogue = world.rogue().unwrap();
        let key = rogue.certified_key().unwrap();
        let note = rogue.load(yuan("50.00"), &key).unwrap().remove(0);
        assert_eq!(note.amount, yuan("20.00"));
        Self {
            world,
            bob,
            carol,
            rogue,
            key,
            note,
        }
    }

    /// The rogue pays a phone with a piece, and the phone takes it.
    fn pay(&self, piece: &RoguePiece, payee: &Phone) -> Payment {
        let (payment, said) = self.try_pay(piece, payee);
        assert!(matches!(said, Said::Receipt(_)), "{said:?}");
        payment
    }

    fn try_pay(&self, piece: &RoguePiece, payee: &Phone) -> (Payment, Said) {
        let request = payee.wallet().request(Some(piece.amount)).unwrap();
        let (payment, _) = self.rogue.pay(&[piece], &request, piece.amount).unwrap();
        let said = self.rogue.hand(&payment, &request, payee).unwrap();
        (payment, said)
    }

    /// An honest phone pays exactly what the rogue asks.
    fn be_paid(&self, payer: &Phone, request: &Request, manners: Manners) -> Option<Payment> {
        let consent = Consent::Exactly(request.amount.unwrap());
        let at = self.world.clock().now();
        self.rogue.be_paid(request, payer, consent, at, manners).unwrap()
    }

    /// Passes a piece on to another key of the rogue's, or of somebody's, where no phone sees it.
    fn pass(&self, piece: &RoguePiece, to: VerifyingKey) -> RoguePiece {
        let split = self
            .rogue
            .pass(&[piece], &[(to, piece.amount)], nothing())
            .unwrap();
        split.piece(0).unwrap().clone()
    }

    /// Everybody honest goes to the bank and takes everything there; each has what was expected.
    fn settle(&self, expected: &[(&Phone, &str)]) {
        for _ in 0..2 {
            for (phone, _) in expected {
                phone.wallet().sync(&self.world.line()).unwrap();
            }
        }
        for (phone, amount) in expected {
            if !owned(phone).is_zero() {
                phone.wallet().deposit(&self.world.line(), None).unwrap();
            }
            let account = phone.wallet().account_balance(&self.world.line()).unwrap();
            assert_eq!(account, yuan(amount), "{}", phone.name());
            let balance = phone.wallet().balance().unwrap();
            assert_eq!((balance.in_doubt, owned(phone)), (Amount::ZERO, Amount::ZERO));
        }
        assert!(self.world.books().unwrap().balanced);
        self.world.bank().audit().unwrap().unwrap();
    }

    /// The bank has a proof of every one of so many forks, nobody but the rogue is accused, and its keys are listed.
    fn assert_attributed(&self, forks: usize) {
        let proofs = self.world.bank().issuer().fork_proofs().unwrap();
        assert_eq!(proofs.len(), forks);
        for proof in &proofs {
            let culprit = proof.verify().unwrap().culprit;
            assert!(
                self.rogue.keys().any(|key| key == culprit),
                "{culprit:?} is accused"
            );
        }
        let listed = self.listed();
        assert!(
            listed.contains(&self.key.hash()),
            "the key that was certified is listed"
        );
        let own: Vec<_> = self.rogue.keys().map(|key| key.hash()).collect();
        assert!(listed.iter().all(|key| own.contains(key)), "and nobody else's");
    }

    fn assert_nobody_accused(&self) {
        assert_eq!(self.world.bank().issuer().fork_proofs().unwrap(), []);
        assert_eq!(self.listed(), []);
    }

    fn listed(&self) -> Vec<protocol::key::KeyHash> {
        let bundle = self.world.bank().trust_bundle().unwrap();
        bundle
            .status
            .iter()
            .flat_map(|list| list.body.keys().to_vec())
            .collect()
    }
}

/// A reference that answers nobody.
fn nothing() -> Reference {
    Reference::to_request(&RequestId::from_bytes([0; 16]))
}

fn refused(said: &Said) -> Option<Code> {
    match said {
        Said::Refused(refusal) => Some(refusal.code),
        _ => None,
    }
}

#[test]
fn the_same_note_twice_to_one_payee() {
    let scene = Scene::new();
    scene.pay(&scene.note, &scene.bob);
    let (_, said) = scene.try_pay(&scene.note, &scene.bob);
    assert_eq!(refused(&said), Some(Code::ConsumedTwice), "Bob remembers");
    scene.settle(&[(&scene.bob, "20.00")]);
    scene.assert_attributed(1);
}

#[test]
fn the_same_note_to_two_payees() {
    let scene = Scene::new();
    scene.pay(&scene.note, &scene.bob);
    scene.pay(&scene.note, &scene.carol);
    scene.settle(&[(&scene.bob, "20.00"), (&scene.carol, "20.00")]);
    scene.assert_attributed(1);
}

#[test]
fn a_fork_through_a_key_that_nobody_certified() {
    let mut scene = Scene::new();
    let hidden = scene.rogue.secret_key().unwrap();
    let keys = [(); 2].map(|()| scene.rogue.certified_key().unwrap());
    let away = scene.pass(&scene.note, hidden);
    for (key, payee) in keys.into_iter().zip([&scene.bob, &scene.carol]) {
        scene.pay(&scene.pass(&away, key), payee);
    }
    scene.settle(&[(&scene.bob, "20.00"), (&scene.carol, "20.00")]);
    scene.assert_attributed(1);
    let listed = scene.listed();
    assert!(
        keys.iter().all(|key| listed.contains(&key.hash())),
        "who took value from it is named"
    );
}

#[test]
fn a_fork_through_colluders() {
    let mut scene = Scene::new();
    let mut colluder = scene.world.rogue().unwrap();
    let key = colluder.certified_key().unwrap();
    // The rogue pays the colluder twice with one note; the colluder pays on.
    let other = scene.rogue.certified_key().unwrap();
    let branches = [
        scene.pass(&scene.note, key),
        scene.pass(&scene.pass(&scene.note, other), key),
    ];
    for (branch, payee) in branches.iter().zip([&scene.bob, &scene.carol]) {
        let request = payee.wallet().request(Some(branch.amount)).unwrap();
        let (payment, _) = colluder.pay(&[branch], &request, branch.amount).unwrap();
        let said = colluder.hand(&payment, &request, payee).unwrap();
        assert!(matches!(said, Said::Receipt(_)), "{said:?}");
    }
    scene.settle(&[(&scene.bob, "20.00"), (&scene.carol, "20.00")]);
    scene.assert_attributed(1);
    assert!(
        !scene.listed().contains(&key.hash()),
        "the colluder signed nothing twice"
    );
}

#[test]
fn a_fork_of_what_was_deposited() {
    let scene = Scene::new();
    let answer = scene.rogue.deposit(&[&scene.note]).unwrap();
    assert!(matches!(answer, Answer::Deposited { .. }), "{answer:?}");
    scene.pay(&scene.note, &scene.bob);
    scene.settle(&[(&scene.bob, "20.00")]);
    scene.assert_attributed(1);
}

#[test]
fn a_fork_at_the_last_hop_of_honest_money() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    let payment = paid_by(&scene, &alice, "30.00", Manners::Honest).unwrap();
    let piece = RoguePiece::of_payment(&payment).unwrap();
    scene.pay(&piece, &scene.bob);
    scene.pay(&piece, &scene.carol);
    scene.settle(&[(&alice, "50.00"), (&scene.bob, "30.00"), (&scene.carol, "30.00")]);
    scene.assert_attributed(1);
}

#[test]
fn a_payee_that_deposits_and_also_pays_on() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    let payment = paid_by(&scene, &alice, "30.00", Manners::Honest).unwrap();
    let piece = RoguePiece::of_payment(&payment).unwrap();
    scene.pay(&piece, &scene.bob);
    assert!(matches!(
        scene.rogue.deposit(&[&piece]).unwrap(),
        Answer::Deposited { .. }
    ));
    scene.settle(&[(&alice, "50.00"), (&scene.bob, "30.00")]);
    scene.assert_attributed(1);
}

/// An honest phone pays the rogue.
fn paid_by(scene: &Scene, payer: &Phone, amount: &str, manners: Manners) -> Option<Payment> {
    let request = scene.rogue.request(&scene.key, Some(yuan(amount))).unwrap();
    scene.be_paid(payer, &request, manners)
}

#[test]
fn a_payee_that_takes_a_payment_and_denies_it() {
    let no = Refusal {
        code: Code::RequestPaid,
        at_most: None,
    };
    for manners in [Manners::Silent, Manners::Denying(no)] {
        let mut scene = Scene::new();
        let alice = scene.world.phone("Alice").unwrap();
        scene.world.fund(&alice, yuan("80.00")).unwrap();
        let payment = paid_by(&scene, &alice, "30.00", manners).unwrap();
        let wallet = alice.wallet();
        assert_eq!(wallet.payer_state(&payment.id()).unwrap(), PayerState::InDoubt);
        assert_eq!(wallet.balance().unwrap().in_doubt, yuan("30.00"));
        // The bank has it on record, and delivers it: there is nothing to deny any more.
        assert_eq!(wallet.sync(&scene.world.line()).unwrap().doubts_ended, 1);
        assert_eq!(wallet.payer_state(&payment.id()).unwrap(), PayerState::Recorded);
        let Answer::Delivered { deliveries, .. } = scene.rogue.call(Order::Collect { after: 0 }).unwrap()
        else {
            panic!()
        };
        assert_eq!(deliveries.len(), 1);
        // And what the rogue then claims, it gets, once.
        let piece = RoguePiece::of_payment(&payment).unwrap();
        assert!(matches!(
            scene.rogue.deposit(&[&piece]).unwrap(),
            Answer::Deposited { .. }
        ));
        scene.settle(&[(&alice, "50.00")]);
        scene.assert_nobody_accused();
    }
}

/// The rogue passes on what it was paid, to the payer itself of all people, and then gives it back as well. The payer has it once,
/// and keeps what proves the fork.
#[test]
fn a_payee_that_passes_on_what_it_gives_back() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    let amount = yuan("30.00");
    let request = scene.rogue.request(&scene.key, Some(amount)).unwrap();
    // A return like any other.
    let other = scene.rogue.request(&scene.key, Some(amount)).unwrap();
    scene.world.fund(&scene.bob, amount).unwrap();
    scene.be_paid(&scene.bob, &other, Manners::GivingBack).unwrap();
    assert_eq!(spendable(&scene.bob), amount);

    let payment = scene.be_paid(&alice, &request, Manners::Silent).unwrap();
    scene.pay(&RoguePiece::of_payment(&payment).unwrap(), &alice);
    assert_eq!(spendable(&alice), yuan("80.00"));
    assert_eq!(
        scene.be_paid(&alice, &request, Manners::GivingBack).as_ref(),
        Some(&payment),
        "the same bytes"
    );
    let state = alice.wallet().payer_state(&payment.id()).unwrap();
    assert_eq!(state, PayerState::Receipted);
    assert_eq!(owned(&alice), yuan("80.00"), "it came once");
    scene.settle(&[(&alice, "80.00"), (&scene.bob, "30.00")]);
    scene.assert_attributed(1);
}

/// A part has come back, out of other money. Whoever then gives everything back gives more than it was paid, and that is not taken.
#[test]
fn nobody_gives_back_more_than_was_paid() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    let amount = yuan("30.00");
    let request = scene.rogue.request(&scene.key, Some(amount)).unwrap();
    let payment = scene.be_paid(&alice, &request, Manners::Honest).unwrap();
    let payer = payment.certificates()[0].body.holder_key;
    let ten = yuan("10.00");
    let refund = scene
        .rogue
        .pass(
            &[&scene.note],
            &[(payer, ten), (scene.key, ten)],
            Reference::to_return(&payment.id()),
        )
        .unwrap();
    let order = Order::Report {
        payment: scene.rogue.payment(&refund).unwrap().encode(),
        receipt: None,
    };
    assert_eq!(scene.rogue.call(order).unwrap(), Answer::Recorded);
    // The refund reaches Alice, and the payment does not reach the bank.
    let state = || alice.wallet().payer_state(&payment.id()).unwrap();
    let mut calls = 0;
    while owned(&alice) != yuan("60.00") {
        calls += 1;
        let fine = std::iter::repeat_n(LineTrouble::None, calls);
        alice
            .line()
            .expect(fine.chain(std::iter::repeat_n(LineTrouble::CallLost, 9)));
        assert!(alice.wallet().sync(alice.line()).is_err());
    }
    assert_eq!(state(), PayerState::Receipted);
    alice.line().expect([]);
    assert_eq!(
        scene.be_paid(&alice, &request, Manners::GivingBack).as_ref(),
        Some(&payment)
    );
    assert_eq!(state(), PayerState::Receipted);
    assert_eq!(owned(&alice), yuan("60.00"));
    scene.settle(&[(&alice, "60.00")]);
    scene.assert_nobody_accused();
}

/// The rogue forks a hidden key's piece towards two innocent people, who never took anything, and reports it itself.
#[test]
fn who_is_only_named_in_a_fork_is_not_accused() {
    let mut scene = Scene::new();
    let hidden = scene.rogue.secret_key().unwrap();
    let away = scene.pass(&scene.note, hidden);
    let innocent: Vec<_> = [&scene.bob, &scene.carol]
        .map(|phone| phone.wallet().request(None).unwrap().payee.body.holder_key)
        .into();
    let branches: Vec<_> = innocent
        .iter()
        .map(|key| {
            scene
                .rogue
                .pass(&[&away], &[(*key, away.amount)], nothing())
                .unwrap()
        })
        .collect();
    let proof = proof_of(&away, &branches[0], &branches[1]);
    proof.verify().unwrap();
    let answer = scene
        .rogue
        .call(Order::Accuse {
            proof: Box::new(proof),
        })
        .unwrap();
    assert!(matches!(answer, Answer::Accused), "{answer:?}");
    let listed = scene.listed();
    assert!(innocent.iter().all(|key| !listed.contains(&key.hash())));
    scene.settle(&[(&scene.bob, "0.00"), (&scene.carol, "0.00")]);
    let listed = scene.listed();
    assert!(innocent.iter().all(|key| !listed.contains(&key.hash())));
    // Both go on as before.
    assert!(scene.bob.wallet().request(Some(yuan("1.00"))).is_ok());
}

fn proof_of(piece: &RoguePiece, one: &simulator::Split, other: &simulator::Split) -> ForkProof {
    let branch = |split: &simulator::Split| {
        let signed = split.signed().unwrap();
        protocol::fraud::Branch {
            transfer: signed.transfer.clone(),
            signature: signed.signatures[0],
        }
    };
    ForkProof {
        origin: protocol::fraud::Origin::Transfer(piece.last_transfer().unwrap().transfer.clone()),
        output: piece.outpoint.output,
        first: branch(one),
        second: branch(other),
    }
}

#[test]
fn a_late_claim_is_nobodys_fraud() {
    let scene = Scene::new();
    scene.pay(&scene.note, &scene.bob);
    // Bob never goes to the bank. The window closes, and the latest holder that the bank knows of is credited: the rogue.
    scene.world.clock().advance(3 * 365 * 86_400);
    scene.world.bank().close_windows().unwrap();
    scene.bob.wallet().sync(&scene.world.line()).unwrap();
    // Bob is late, and proves the longer chain.
    let late = scene.bob.wallet().deposit(&scene.world.line(), None);
    assert_eq!(late, Ok(yuan("20.00")));
    assert_eq!(
        scene.bob.wallet().account_balance(&scene.world.line()).unwrap(),
        yuan("20.00")
    );
    // It was taken back from the rogue, which had been credited; nobody lost anything.
    assert_eq!(scene.world.books().unwrap().late_claims, Amount::ZERO);
    assert_eq!(scene.world.books().unwrap().outstanding, Amount::ZERO);
    scene.assert_nobody_accused();
    assert!(scene.world.books().unwrap().balanced);
}

#[test]
fn what_was_heard_on_the_link_is_good_for_nothing() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    for link in [Link::Messages, Link::Apdus(Frames::Extended)] {
        let mut handoff = scene
            .world
            .handoff(&alice, &scene.bob, yuan("10.00"), Roles::PayeeIsCard)
            .unwrap();
        let mut heard = Vec::new();
        let done = handoff.connect(link, |direction, frame| {
            heard.push((direction, frame.clone()));
            vec![frame]
        });
        assert_eq!(done, Ok(true));
        let before = (spendable(&alice), spendable(&scene.bob), spendable(&scene.carol));
        // Every frame that went to the card, to Bob once more, and to Carol.
        for victim in [&scene.bob, &scene.carol] {
            let request = victim.wallet().request(Some(yuan("10.00"))).unwrap();
            let mut session = victim.wallet().receive(&request.id, Side::Card).unwrap();
            session.begin().unwrap();
            for (_, frame) in &heard {
                let _answer = session.hear(frame);
            }
            assert_eq!(session.outcome(), None);
        }
        assert_eq!(
            before,
            (spendable(&alice), spendable(&scene.bob), spendable(&scene.carol))
        );
    }
    scene.assert_nobody_accused();
}

#[test]
fn a_stolen_payment_belongs_to_its_payee() {
    let scene = Scene::new();
    let payment = scene.pay(&scene.note, &scene.bob);
    // Somebody else reports it, claims it, and pays with it.
    let report = Order::Report {
        payment: payment.encode(),
        receipt: None,
    };
    scene.rogue.call(report).unwrap();
    let deposit = Order::Deposit {
        payment: payment.encode(),
    };
    let answer = scene.rogue.call(deposit).unwrap();
    assert!(matches!(answer, Answer::Refused(_)), "{answer:?}");
    let piece = RoguePiece::of_payment(&payment).unwrap();
    assert!(scene.rogue.deposit(&[&piece]).is_err(), "it is Bob's to sign");
    scene.settle(&[(&scene.bob, "20.00")]);
    scene.assert_nobody_accused();
}

#[test]
fn a_stolen_deposit_credits_its_owner_once() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    alice.line().listen();
    alice.wallet().deposit(alice.line(), Some(yuan("30.00"))).unwrap();
    let exchange = alice.line().heard().pop().unwrap();
    for _ in 0..2 {
        let again: Signed<Reply> =
            cbor::decode("reply", &scene.world.line().call(&exchange.call).unwrap()).unwrap();
        let before: Signed<Reply> = cbor::decode("reply", &exchange.reply).unwrap();
        assert_eq!(again.body.answer, before.body.answer);
    }
    let call: Signed<Call> = cbor::decode("call", &exchange.call).unwrap();
    let stolen = scene.rogue.call(call.body.order).unwrap();
    assert!(matches!(stolen, Answer::Refused(_)), "{stolen:?}");
    assert_eq!(
        alice.wallet().account_balance(&scene.world.line()).unwrap(),
        yuan("30.00")
    );
    scene.settle(&[(&alice, "80.00")]);
    scene.assert_nobody_accused();
}

/// Mallory stands between Alice and Bob, with a handshake to each side.
#[test]
fn a_man_in_the_middle_is_not_paid_for_somebody_else() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    let amount = yuan("30.00");
    let request = scene.bob.wallet().request(Some(amount)).unwrap();
    let mut bob = scene.bob.wallet().receive(&request.id, Side::Card).unwrap();
    let mut alice_pays = alice
        .wallet()
        .pay(Consent::Exactly(amount), Side::Reader)
        .unwrap();

    // To Bob, Mallory is some payer.
    let mut to_bob = Handshake::anonymous(Pattern::Nx, PROLOGUE, [1; 32]).unwrap();
    bob.begin().unwrap();
    let hello = to_bob.write(&[]).unwrap();
    let offer = to_bob.read(&bob.hear(&hello).unwrap().unwrap()).unwrap();
    // To Alice, she shows Bob's certificate and request, over a static key of her own.
    let secret = StaticSecret::from_bytes([2; 32]);
    let mut to_alice = Handshake::authenticated(Pattern::Nx, PROLOGUE, [3; 32], &secret).unwrap();
    to_alice.read(&alice_pays.begin().unwrap().unwrap()).unwrap();
    let shown = to_alice.write(&offer).unwrap();
    let mut channel = to_alice.into_channel().unwrap();
    let answer = alice_pays.hear(&shown);
    // Alice sends no payment: the certificate names another static key.
    if let Ok(Some(said)) = &answer {
        let said = PayerMessage::decode(&channel.decrypt(said).unwrap()).unwrap();
        assert!(matches!(said, PayerMessage::Refusal(_)), "{said:?}");
    }
    assert!(!matches!(alice_pays.outcome(), Some(Outcome::Paid { .. })));
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(
        (balance.spendable, balance.in_doubt),
        (yuan("80.00"), Amount::ZERO)
    );

    // If she only passes the frames on, she is the air. If she changes one, the channel fails.
    for byte in 0..3 {
        let mut handoff = scene
            .world
            .handoff_for(
                &alice,
                &scene.bob,
                &request.id,
                Consent::Exactly(amount),
                Roles::PayeeIsCard,
            )
            .unwrap();
        let mut number = 0;
        let result = handoff.connect(Link::Messages, |_, mut frame| {
            number += 1;
            if number > 2 {
                frame[byte] ^= 1;
            }
            vec![frame]
        });
        assert!(
            matches!(result, Err(TapError::Handoff(HandoffError::Channel(_)))),
            "{result:?}"
        );
        assert_eq!(spendable(&scene.bob), Amount::ZERO);
    }
    // The payment that was signed meanwhile is Bob's at the next honest tap, once.
    let mut handoff = scene
        .world
        .handoff_for(
            &alice,
            &scene.bob,
            &request.id,
            Consent::Exactly(amount),
            Roles::PayerIsCard,
        )
        .unwrap();
    assert!(handoff.tap(Frames::Short, &mut Air::perfect()).completed());
    assert_eq!(
        (spendable(&alice), spendable(&scene.bob)),
        (yuan("50.00"), amount)
    );
    scene.assert_nobody_accused();
}

#[test]
fn an_answer_of_the_banks_that_comes_again_is_none() {
    let mut scene = Scene::new();
    let alice = scene.world.phone("Alice").unwrap();
    scene.world.fund(&alice, yuan("80.00")).unwrap();
    alice.wallet().deposit(alice.line(), Some(yuan("10.00"))).unwrap();
    alice.line().expect([LineTrouble::OldAnswer]);
    let second = alice.wallet().deposit(alice.line(), Some(yuan("20.00")));
    assert_eq!(second.err(), Some(BankError::InvalidAnswer));
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, yuan("20.00"));
    alice.wallet().sync(alice.line()).unwrap();
    assert_eq!(alice.wallet().balance().unwrap().in_doubt, Amount::ZERO);
    assert_eq!(
        alice.wallet().account_balance(alice.line()).unwrap(),
        yuan("30.00")
    );
    scene.settle(&[(&alice, "80.00")]);
}

#[test]
fn a_replayed_payment_pays_no_second_request() {
    let scene = Scene::new();
    let payment = scene.pay(&scene.note, &scene.bob);
    let second = scene.bob.wallet().request(Some(scene.note.amount)).unwrap();
    assert!(
        payment.encode_answer(&second).is_none(),
        "it answers another request"
    );
    // Its transfers, under the new request, are another payment, which nobody signed.
    let forged = scene.rogue.pass(
        &[&scene.note],
        &[(second.payee.body.holder_key, scene.note.amount)],
        second.reference(),
    );
    let forged = scene.rogue.payment(&forged.unwrap()).unwrap();
    let said = scene.rogue.hand(&forged, &second, &scene.bob).unwrap();
    assert_eq!(refused(&said), Some(Code::ConsumedTwice));
    assert_eq!(spendable(&scene.bob), scene.note.amount);
    assert_eq!(
        scene.bob.wallet().payee_state(&payment.id()).unwrap(),
        PayeeState::Taken
    );
}

#[test]
fn a_guard_that_fails_is_no_other_copy_of_the_wallet() {
    for trouble in [GuardTrouble::BeforeWrite, GuardTrouble::AfterWrite] {
        let mut scene = Scene::new();
        let alice = scene.world.phone("Alice").unwrap();
        scene.world.fund(&alice, yuan("80.00")).unwrap();
        alice.hardware().guard().fail_once(trouble);
        let mut handoff = scene
            .world
            .handoff(&alice, &scene.bob, yuan("30.00"), Roles::PayeeIsCard)
            .unwrap();
        assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).result.is_err());
        assert_eq!(alice.wallet().balance().unwrap().in_doubt, yuan("30.00"));
        let tap = handoff.tap(Frames::Extended, &mut Air::perfect());
        assert!(matches!(tap.payer, Some(Outcome::Paid { .. })), "{tap:?}");
        assert_eq!(
            (spendable(&alice), spendable(&scene.bob)),
            (yuan("50.00"), yuan("30.00"))
        );
    }
}

/// What a stranger says changes nothing.
#[test]
fn a_rogue_may_say_what_it_likes() {
    let scene = Scene::new();
    let request = scene.bob.wallet().request(Some(yuan("10.00"))).unwrap();
    let said: Vec<PayerMessage> = vec![
        PayerMessage::Done,
        PayerMessage::News(None),
        PayerMessage::Payment(vec![]),
        PayerMessage::Payment(vec![0x80; 40]),
        PayerMessage::Refusal(Refusal {
            code: Code::NotEnough,
            at_most: None,
        }),
    ];
    for message in said {
        let _answer = scene.rogue.say(&message, &request, &scene.bob);
        assert_eq!(owned(&scene.bob), Amount::ZERO);
        assert_eq!(scene.bob.wallet().open_requests().unwrap().len(), 1);
    }
    scene.assert_nobody_accused();
}

#[test]
fn value_that_was_refreshed_and_paid_on_is_settled_twice_and_attributed() {
    for refreshed_first in [true, false] {
        let scene = Scene::new();
        let refresh = || scene.rogue.refresh(&[&scene.note], scene.key).unwrap();
        if refreshed_first {
            let Answer::Refreshed { notes, .. } = refresh() else {
                panic!("honest so far");
            };
            let worth = notes.iter().map(|note| note.body.amount);
            assert_eq!(Amount::checked_sum(worth), Some(scene.note.amount));
        }
        scene.pay(&scene.note, &scene.bob);
        scene.settle(&[(&scene.bob, "20.00")]);
        if !refreshed_first {
            // Bob was first: the rogue answers for its fork, gets no fresh notes, and gains nothing.
            let before = scene.world.books().unwrap();
            let answer = refresh();
            assert!(matches!(answer, Answer::Deposited { .. }), "{answer:?}");
            assert_eq!(scene.world.books().unwrap().outstanding, before.outstanding);
        }
        scene.settle(&[(&scene.bob, "20.00")]);
        scene.assert_attributed(1);
    }
}

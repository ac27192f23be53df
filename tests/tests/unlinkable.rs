//! What listeners and merchants can know of two payments being one phone's; and what a phone shows to who is no payee.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use protocol::{
    Code, Payment, Request, VerifyingKey, cbor,
    message::{Offer, PayeeMessage, PayerMessage},
};
use simulator::{Air, Frames, Manners, Overheard, Phone, Rogue, Roles, World, seed_from_environment};
use tests::phones::yuan;
use wallet_core::{
    Consent, EventKind, Session, Side,
    link::apdu::{Card, Unarmed},
    noise::{Handshake, Pattern, StaticSecret},
};

/// Shorter strings are equal by chance.
const WINDOW: usize = 6;

fn world() -> World {
    World::new(seed_from_environment(23)).unwrap()
}

/// Every byte string of that length.
fn windows<'a>(bytes: impl IntoIterator<Item = &'a [u8]>) -> BTreeSet<&'a [u8]> {
    bytes
        .into_iter()
        .flat_map(|bytes| bytes.windows(WINDOW))
        .collect()
}

/// A merchant of its own account, who keeps all that it hears.
struct Merchant {
    rogue: Rogue,
    key: VerifyingKey,
}

impl Merchant {
    fn new(world: &mut World) -> Self {
        let mut rogue = world.rogue().unwrap();
        let key = rogue.certified_key().unwrap();
        Self { rogue, key }
    }

    fn is_paid(&self, world: &World, payer: &Phone, amount: &str) -> Overheard {
        let request = self.rogue.request(&self.key, Some(yuan(amount))).unwrap();
        let consent = Consent::Exactly(yuan(amount));
        let now = world.clock().now();
        let overheard = self
            .rogue
            .overhear(&request, payer, consent, now, Manners::Honest);
        overheard.unwrap().unwrap()
    }
}

/// All there is to be compared: what was in the air, what it said, and the payment in its complete form, certificates
/// included.
fn traces(overheard: &Overheard) -> Vec<Vec<u8>> {
    let payment = [overheard.payment.encode()];
    [&overheard.radio[..], &overheard.said, &payment].concat()
}

/// What two taps have in common and no tap of anybody else has.
fn links(first: &Overheard, second: &Overheard, others: &[Overheard]) -> Vec<Vec<u8>> {
    let (first, second) = (traces(first), traces(second));
    let others: Vec<_> = others.iter().flat_map(traces).collect();
    let of = |traces: &'_ [Vec<u8>]| -> BTreeSet<Vec<u8>> {
        let found = windows(traces.iter().map(Vec::as_slice));
        found.into_iter().map(<[u8]>::to_vec).collect()
    };
    let (first, second, others) = (of(&first), of(&second), of(&others));
    first
        .intersection(&second)
        .filter(|window| !others.contains(*window))
        .cloned()
        .collect()
}

fn keys(payment: &Payment) -> Vec<VerifyingKey> {
    let certificates = payment.certificates().iter();
    certificates
        .map(|certificate| certificate.body.holder_key)
        .collect()
}

#[test]
fn two_payments_that_share_no_ancestor_and_no_key_share_no_byte_of_ours() {
    let mut world = world();
    let (alice, carol) = (world.phone("Alice").unwrap(), world.phone("Carol").unwrap());
    for phone in [&alice, &carol] {
        world.fund(phone, yuan("500.00")).unwrap();
    }
    let merchants: Vec<_> = (0..3).map(|_| Merchant::new(&mut world)).collect();
    // What is the bank's, the day's or the protocol's, is in everybody's taps.
    let others: Vec<_> = ["200.00", "100.00", "50.00", "20.00", "0.50"]
        .map(|amount| merchants[2].is_paid(&world, &carol, amount))
        .into();

    let first = merchants[0].is_paid(&world, &alice, "200.00");
    let second = merchants[1].is_paid(&world, &alice, "100.00");
    assert_ne!(keys(&first.payment), keys(&second.payment));
    assert_eq!(links(&first, &second, &others), [] as [Vec<u8>; 0]);

    // Where two payments share a key, this test sees it.
    let third = merchants[0].is_paid(&world, &alice, "0.37");
    let again = merchants[1].is_paid(&world, &alice, "199.63");
    let shared = keys(&third.payment)
        .iter()
        .any(|key| keys(&again.payment).contains(key));
    assert!(shared);
    assert!(links(&third, &again, &others).len() > 32);
}

/// On the radio there is nothing but what was made for that tap, whichever side the payer is on.
#[test]
fn a_listener_hears_nothing_twice() {
    for roles in Roles::ALL {
        let mut world = world();
        let (alice, carol) = (world.phone("Alice").unwrap(), world.phone("Carol").unwrap());
        let (bob, dave) = (world.phone("Bob").unwrap(), world.phone("Dave").unwrap());
        for phone in [&alice, &carol] {
            world.fund(phone, yuan("100.00")).unwrap();
        }
        let radio = |payer: &Phone, payee: &Phone| {
            let mut air = Air::perfect();
            let mut handoff = world.handoff(payer, payee, yuan("7.00"), roles).unwrap();
            assert!(handoff.tap(Frames::Extended, &mut air).completed());
            let frames = air.transcript().iter();
            frames.map(|(_, frame)| frame.clone()).collect::<Vec<_>>()
        };
        let taps = [radio(&alice, &bob), radio(&alice, &dave), radio(&carol, &bob)];
        let [first, second, other] = taps
            .each_ref()
            .map(|frames| windows(frames.iter().map(Vec::as_slice)));
        let both: Vec<_> = first
            .intersection(&second)
            .filter(|window| !other.contains(*window))
            .collect();
        assert!(both.is_empty(), "{both:?}");
        // What all taps have is the link's: SELECT and the heads of frames.
        let common: usize = first.intersection(&other).count();
        assert!(common < 32, "{common}");
    }
}

/// Of the payments out of one load, with amounts as they come, few pairs have a key in common.
#[test]
fn loads_are_spread_so_that_payments_usually_share_no_key() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("500.00")).unwrap();
    let vault = alice.hardware().vault();
    let mut signers: Vec<BTreeSet<VerifyingKey>> = Vec::new();
    for amount in ["18.00", "45.00", "3.50", "9.90", "88.00", "100.00"] {
        let known = vault.signers_after(0).len();
        let mut handoff = world
            .handoff(&alice, &bob, yuan(amount), Roles::PayeeIsCard)
            .unwrap();
        assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
        signers.push(vault.signers_after(known).into_iter().collect());
    }
    let pairs = signers
        .iter()
        .enumerate()
        .flat_map(|(at, one)| signers[..at].iter().map(move |other| (one, other)));
    let (linked, all) = pairs.fold((0, 0), |(linked, all), (one, other)| {
        (linked + usize::from(!one.is_disjoint(other)), all + 1)
    });
    assert_eq!(all, 15);
    assert!(linked <= 2, "{linked} of {all} pairs share a key: {signers:?}");
}

/// Requests name a new key each; when there is none left, the holder hears of it once, and nothing is refused.
#[test]
fn every_request_has_a_key_of_its_own_until_there_is_none_left() {
    let mut world = world();
    let bob = world.phone("Bob").unwrap();
    let ask = || bob.wallet().request(None).unwrap().payee.body.holder_key;
    let ran_out = || {
        let mut told = 0;
        while let Some(event) = bob.wallet().next_event().unwrap() {
            told += usize::from(event.kind == EventKind::KeysRanOut);
            bob.wallet().acknowledge_event(event.id).unwrap();
        }
        told
    };
    let named: BTreeSet<_> = (0..16).map(|_| ask()).collect();
    assert_eq!((named.len(), ran_out()), (16, 0));
    assert!((0..3).all(|_| named.contains(&ask())));
    assert_eq!(ran_out(), 1, "told once");
    // A request is no payment: as long as nobody has paid them, the keys are fresh and the pool is full.
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("10.00")).unwrap();
    let paid = bob.wallet().open_requests().unwrap().pop().unwrap();
    let mut handoff = world
        .handoff_for(
            &alice,
            &bob,
            &paid.id,
            Consent::Exactly(yuan("1.00")),
            Roles::PayeeIsCard,
        )
        .unwrap();
    assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    assert_eq!(bob.wallet().sync(bob.line()).unwrap().new_keys, 1);
    assert!(!named.contains(&ask()));
    ask();
    assert_eq!(ran_out(), 1, "and once more after it was filled");
}

/// What a phone says to a device that proves one key and offers whatever it likes.
fn interrogate(mut payer: Session, offer: &PayeeMessage) -> Vec<PayerMessage> {
    let secret = StaticSecret::from_bytes([0x5a; 32]);
    let side = payer.side();
    let pattern = if side == Side::Reader {
        Pattern::Nx
    } else {
        Pattern::Xn
    };
    let mut handshake = Handshake::authenticated(pattern, b"dcep/1/handoff", [3; 32], &secret).unwrap();
    let hello = payer.begin().unwrap();
    let (mut channel, said) = if let Some(hello) = hello {
        handshake.read(&hello).unwrap();
        let offer = handshake.write(&offer.encode()).unwrap();
        (handshake.into_channel().unwrap(), payer.hear(&offer).unwrap())
    } else {
        let hello = handshake.write(&[]).unwrap();
        handshake.read(&payer.hear(&hello).unwrap().unwrap()).unwrap();
        let offer = handshake.write(&offer.encode()).unwrap();
        (handshake.into_channel().unwrap(), payer.hear(&offer).unwrap())
    };
    let mut heard = Vec::new();
    let mut said = said;
    while let Some(bytes) = said {
        let message = PayerMessage::decode(&channel.decrypt(&bytes).unwrap()).unwrap();
        let answer = matches!(message, PayerMessage::Resume(_)).then_some(PayeeMessage::Resumed(None));
        heard.push(message);
        said = answer.and_then(|answer| payer.hear(&channel.encrypt(&answer.encode()).unwrap()).unwrap());
    }
    heard
}

/// What is different between two phones, apart from noise.
fn without_noise(heard: &[PayerMessage]) -> Vec<String> {
    let plain = |message: &PayerMessage| match message {
        PayerMessage::Resume(_) => "resume".to_owned(),
        other => format!("{other:?}"),
    };
    heard.iter().map(plain).collect()
}

#[test]
fn a_stranger_learns_nothing_from_a_phone_in_either_role() {
    let mut world = world();
    let (rich, poor, bob) = (
        world.phone("Rich").unwrap(),
        world.phone("Poor").unwrap(),
        world.phone("Bob").unwrap(),
    );
    world.fund(&rich, yuan("100.00")).unwrap();
    // A payment that Bob never got: the request is known to both, and to whoever saw it on Bob's screen.
    let amount = yuan("10.00");
    let known = bob.wallet().request(Some(amount)).unwrap();
    for cut in (300..1_500).step_by(50) {
        let mut handoff = world
            .handoff_for(
                &rich,
                &bob,
                &known.id,
                Consent::Exactly(amount),
                Roles::PayeeIsCard,
            )
            .unwrap();
        handoff.tap(Frames::Extended, &mut Air::cut_after(cut));
        if !rich.wallet().in_doubt().unwrap().is_empty() {
            break;
        }
    }
    assert_eq!(rich.wallet().in_doubt().unwrap().len(), 1);
    let fresh = bob.wallet().request(Some(amount)).unwrap();
    let offers: [Option<&Request>; 3] = [Some(&known), Some(&fresh), None];
    for side in [Side::Reader, Side::Card] {
        for request in offers {
            let offer = PayeeMessage::Offer(Offer {
                request: request.cloned(),
                status: 0,
                at_most: None,
            });
            let ask = |phone: &Phone| {
                let session = phone.wallet().pay(Consent::Exactly(amount), side).unwrap();
                without_noise(&interrogate(session, &offer))
            };
            let (from_rich, from_poor) = (ask(&rich), ask(&poor));
            assert_eq!(from_rich, from_poor, "{side:?}");
            let code = if request.is_some() {
                Code::CertificateForged
            } else {
                Code::NothingAsked
            };
            assert!(
                from_rich.last().unwrap().contains(&format!("{code:?}")),
                "{from_rich:?}"
            );
        }
    }
}

/// No session, no wallet: a reader hears the same from every phone, before anything identifies it.
#[test]
fn an_unarmed_phone_does_not_answer() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    // What a reader says to a phone that is armed.
    let mut air = Air::perfect();
    let mut handoff = world
        .handoff(&alice, &bob, yuan("1.00"), Roles::PayerIsCard)
        .unwrap();
    assert!(handoff.tap(Frames::Extended, &mut air).completed());
    let mut card = Card::default();
    for (number, (direction, command)) in air.transcript().iter().enumerate() {
        if *direction == wallet_core::handoff::Direction::ToCard {
            let expected: [u8; 2] = if number == 0 { [0x6a, 0x82] } else { [0x69, 0x85] };
            assert_eq!(card.process(&mut Unarmed, command), expected);
        }
    }
    // A payer that has paid is no longer armed either.
    let select = &air.transcript()[0].1;
    assert_eq!(Card::default().process(&mut handoff.payer, select), [0x6a, 0x82]);
}

/// Whatever a payee calls itself, it is shown with the mark; and a registered name stands above it.
#[test]
fn the_payer_sees_a_name_before_it_confirms_and_what_it_is_worth() {
    use protocol::{Name, PayeeName};
    use simulator::PhoneOptions;
    use wallet_core::{Kind, Outcome, PayError};
    for roles in Roles::ALL {
        let mut world = world();
        let noodles = Name::new("面馆 Noodles").unwrap();
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        let shop = PhoneOptions {
            merchant: Some(noodles.clone()),
            ..PhoneOptions::default()
        };
        let shop = world.phone_with("Shop", &shop).unwrap();
        world.fund(&alice, yuan("100.00")).unwrap();
        let amount = yuan("10.00");
        for (payee, expected) in [
            (
                &bob,
                PayeeName::Unverified(protocol::UnverifiedName::new(noodles.clone())),
            ),
            (&shop, PayeeName::Registered(noodles.clone())),
        ] {
            let request = payee.wallet().request_as(Some(amount), noodles.clone()).unwrap();
            assert_eq!(request.payee_name(), expected);
            let tap = |consent| {
                let mut handoff = world
                    .handoff_for(&alice, payee, &request.id, consent, roles)
                    .unwrap();
                handoff.tap(Frames::Extended, &mut Air::perfect())
            };
            let Some(Outcome::Declined {
                reason,
                request: Some(shown),
            }) = tap(Consent::UpTo(yuan("5.00"))).payer
            else {
                panic!("not declined")
            };
            assert_eq!(reason, PayError::ConfirmOnDevice { amount });
            assert_eq!(shown.payee_name(), expected);
            let report = tap(Consent::To(shown.id, amount));
            assert!(report.completed(), "{report:?}");
            assert!(matches!(report.payer, Some(Outcome::Paid { payee, .. }) if payee == expected));
            let newest = alice
                .wallet()
                .history()
                .unwrap()
                .into_iter()
                .find(|entry| entry.kind == Kind::Paid && entry.name == expected);
            assert!(newest.is_some());
            // Nothing that lasts carries it.
            let told = bytes_reported(payee);
            assert!(
                !told
                    .windows(noodles.as_str().len())
                    .any(|at| at == noodles.as_str().as_bytes())
                    || payee.name() == "Shop"
            );
        }
    }
}

/// All that a payee hands in at the bank.
fn bytes_reported(payee: &Phone) -> Vec<u8> {
    payee.line().listen();
    payee.wallet().sync(payee.line()).unwrap();
    let heard = payee.line().heard();
    let calls = heard.into_iter().map(|exchange| exchange.call);
    cbor::encode(&calls.map(minicbor::bytes::ByteVec::from).collect::<Vec<_>>())
}

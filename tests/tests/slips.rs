//! Paying without NFC: what one phone shows as a code, another reads; the states and the promises are those of a tap.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Algorithm, Amount, Code, Coded as _, Id, Name, Request, Slip};
use rqrr::PreparedImage;
use simulator::{
    Air, Frames as ApduFrames, Handoff, Phone, PhoneOptions, Roles, World, seed_from_environment,
};
use tests::{
    counts::tell,
    phones::{events, pay, spendable, yuan},
};
use wallet_core::{
    Consent, EventKind, HandoffError, Outcome, PayError, PayeeState, PayerState, ReceiveError, Took,
    link::qr::{self, Frames, MAX_STATIC, Scanner, SlipError},
};

fn world() -> World {
    World::new(seed_from_environment(61)).unwrap()
}

/// Alice with 100.00, and Bob.
fn alice_and_bob(world: &mut World) -> (Phone, Phone) {
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    (alice, bob)
}

/// Draws a code as a picture, four pixels a module, and reads the picture.
fn photograph(text: &str) -> String {
    const PIXELS: usize = 4;
    const QUIET: usize = 4;
    let code = qr::Code::of(text).unwrap();
    let width = (code.side() + 2 * QUIET) * PIXELS;
    let is_dark = |x: usize, y: usize| {
        let module = |at: usize| (at / PIXELS).checked_sub(QUIET).filter(|at| *at < code.side());
        match (module(x), module(y)) {
            (Some(x), Some(y)) => code.modules()[y * code.side() + x],
            _ => false,
        }
    };
    let mut picture = PreparedImage::prepare_from_bitmap(width, width, is_dark);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

/// What a phone reads from the screen of another.
fn read(slip: &Slip) -> Slip {
    let frames = Frames::of(slip).unwrap();
    let mut scanner = Scanner::default();
    (0..)
        .find_map(|number| scanner.scan(&photograph(frames.text(number))).unwrap())
        .unwrap()
}

/// Shows a request and reads it.
fn request(payee: &Phone, amount: Option<&str>) -> Request {
    let request = payee.wallet().request(amount.map(yuan)).unwrap();
    match read(&payee.wallet().request_slip(&request.id).unwrap()) {
        Slip::Request(read) => {
            assert_eq!(read, request);
            read
        }
        other => panic!("{other:?}"),
    }
}

fn take(phone: &Phone, slip: &Slip) -> Took {
    phone.wallet().take(&read(slip)).unwrap()
}

fn is_received(took: &Took, amount: &str) -> bool {
    matches!(took.outcome, Outcome::Received { amount: taken, .. } if taken == yuan(amount))
}

fn books(world: &World, phones: &[&Phone]) {
    let books = world.books().unwrap();
    assert!(books.balanced, "{books:?}");
    let held = phones.iter().map(|phone| {
        let balance = phone.wallet().balance().unwrap();
        [balance.spendable, balance.only_at_bank, balance.in_doubt]
    });
    assert_eq!(Amount::checked_sum(held.flatten()), Some(books.outstanding));
}

#[test]
fn a_first_payment_is_three_codes_that_stand_still() {
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        let mut world = world();
        let with = |merchant| PhoneOptions {
            algorithm,
            merchant,
            ..PhoneOptions::default()
        };
        let alice = world.phone_with("Alice", &with(None)).unwrap();
        let stall = Name::new("老王烧烤").unwrap();
        let bob = world.phone_with("Bob", &with(Some(stall))).unwrap();
        world.fund(&alice, yuan("100.00")).unwrap();
        // From here on nobody is online.
        world.line().set_offline(true);

        let asked = request(&bob, Some("37.45"));
        alice.wallet().check_request(&asked).unwrap();
        assert_eq!(asked.payee_name().to_string(), "老王烧烤");

        let paid = alice
            .wallet()
            .pay_request(&asked, Consent::Exactly(yuan("37.45")))
            .unwrap();
        assert_eq!(
            alice.wallet().payer_state(&paid.transfer).unwrap(),
            PayerState::InDoubt
        );
        assert_eq!(spendable(&alice), yuan("62.55"));

        let took = take(&bob, &paid.slip);
        assert!(is_received(&took, "37.45"), "{took:?}");
        assert_eq!(spendable(&bob), yuan("37.45"));

        let receipt = took.answer.unwrap();
        let ended = take(&alice, &receipt);
        assert_eq!(ended.answer, None);
        assert!(
            matches!(ended.outcome, Outcome::Paid { transfer, mended: false, .. } if transfer == paid.transfer),
            "{ended:?}"
        );
        assert!(alice.wallet().in_doubt().unwrap().is_empty());
        assert!(matches!(events(&alice)[..], [.., EventKind::Paid { .. }]));
        assert!(matches!(events(&bob)[..], [EventKind::Received { .. }]));

        let request = bob.wallet().request(None).unwrap();
        let request = bob.wallet().request_slip(&request.id).unwrap();
        let sizes = [request, paid.slip, receipt].map(|slip| {
            let frames = Frames::of(&slip).unwrap();
            assert_eq!(frames.count(), 1);
            let version = (qr::Code::of(frames.text(0)).unwrap().side() - 17) / 4;
            assert!(version <= 15, "{version}");
            (slip.encode().len(), version)
        });
        assert!(sizes.iter().all(|(bytes, _)| *bytes <= MAX_STATIC), "{sizes:?}");
        let [(request, v1), (payment, v2), (receipt, v3)] = sizes;
        tell(
            &format!("codes of a first payment, {algorithm:?}"),
            &format!(
                "request {request} bytes (version {v1}), payment {payment} (version {v2}), receipt {receipt} (version {v3})"
            ),
        );
        world.line().set_offline(false);
        books(&world, &[&alice, &bob]);
    }
}

#[test]
fn a_long_chain_moves_and_any_frames_will_do() {
    let mut world = world();
    let (mut payer, mut payee) = alice_and_bob(&mut world);
    for _ in 0..6 {
        pay(&world, &payer, &payee, "80.00");
        (payer, payee) = (payee, payer);
    }
    let asked = request(&payee, Some("80.00"));
    let paid = payer
        .wallet()
        .pay_request(&asked, Consent::Exactly(yuan("80.00")))
        .unwrap();
    let frames = Frames::of(&paid.slip).unwrap();
    assert!(frames.count() > 2, "{} bytes", paid.slip.encode().len());

    // From anywhere, in any order, with any number of them lost, each seen twice.
    for (start, step) in [(0, 1), (1, 3), (3, 13), (frames.count(), 1), (7, 17), (1_000, 19)] {
        let mut scanner = Scanner::default();
        let mut percent = 0;
        let slip = (0..1_000).find_map(|round| {
            let text = frames.text(start + step * round);
            let slip = scanner.scan(text).unwrap();
            if slip.is_none() {
                assert_eq!(scanner.scan(text), Ok(None));
                assert!((percent..100).contains(&scanner.percent()));
                percent = scanner.percent();
            }
            slip
        });
        assert_eq!(slip.as_ref(), Some(&paid.slip), "from {start} by {step}");
    }
    let versions =
        (0..frames.count() * 4).map(|number| (qr::Code::of(frames.text(number)).unwrap().side() - 17) / 4);
    assert!(versions.max().unwrap() <= 12);

    let took = take(&payee, &paid.slip);
    assert!(is_received(&took, "80.00"), "{took:?}");
    take(&payer, &took.answer.unwrap());
    books(&world, &[&payer, &payee]);
}

/// Alice has paid 30.00 of Bob's request, and nobody has read it.
fn shown(world: &mut World) -> (Phone, Phone, Request, wallet_core::Paid) {
    let (alice, bob) = alice_and_bob(world);
    let asked = request(&bob, Some("30.00"));
    let paid = alice
        .wallet()
        .pay_request(&asked, Consent::UpTo(yuan("30.00")))
        .unwrap();
    (alice, bob, asked, paid)
}

#[test]
fn a_payment_that_nobody_read_is_shown_again_and_is_the_same() {
    let mut world = world();
    let (mut alice, mut bob, asked, paid) = shown(&mut world);
    alice.restart().unwrap();
    let again = alice.wallet().slip_of(&paid.transfer).unwrap();
    assert_eq!(again.as_ref(), Some(&paid.slip));
    // Asking to pay the request again pays nothing more.
    let twice = alice
        .wallet()
        .pay_request(&asked, Consent::Exactly(yuan("30.00")))
        .unwrap();
    assert_eq!(twice, paid);
    assert_eq!(spendable(&alice), yuan("70.00"));

    let first = take(&bob, &paid.slip);
    bob.restart().unwrap();
    let second = take(&bob, &paid.slip);
    assert_eq!(first, second);
    assert_eq!(spendable(&bob), yuan("30.00"));
    let receipt = second.answer.unwrap();
    assert_eq!(take(&alice, &receipt), take(&alice, &receipt));
    // It is receipted, and can still be shown, to a payee that lost its memory.
    assert_eq!(alice.wallet().slip_of(&paid.transfer).unwrap(), Some(paid.slip));
    let asked_again = bob.wallet().request_slip(&asked.id);
    assert_eq!(asked_again, Err(ReceiveError::RequestPaid));
    books(&world, &[&alice, &bob]);
}

#[test]
fn a_tap_ends_what_codes_began_and_a_sync_does() {
    for roles in Roles::ALL {
        for read_by_bob in [false, true] {
            let mut world = world();
            let (alice, bob, asked, paid) = shown(&mut world);
            if read_by_bob {
                // The receipt is shown to nobody.
                take(&bob, &paid.slip);
            }
            let mut tap = Handoff {
                payer: alice.wallet().resume(roles.payer()).unwrap(),
                payee: bob.wallet().receive(&asked.id, roles.payee()).unwrap(),
            };
            let report = tap.tap(ApduFrames::Extended, &mut Air::perfect());
            assert_eq!(report.result, Ok(true), "{report:?}");
            assert!(matches!(report.payer, Some(Outcome::Paid { mended: true, .. })));
            assert_eq!(
                (spendable(&alice), spendable(&bob)),
                (yuan("70.00"), yuan("30.00"))
            );
            books(&world, &[&alice, &bob]);
        }
    }
    let mut world = world();
    let (alice, bob, _, paid) = shown(&mut world);
    for phone in [&alice, &bob, &alice] {
        phone.wallet().sync(&world.line()).unwrap();
    }
    assert_eq!(
        alice.wallet().payer_state(&paid.transfer).unwrap(),
        PayerState::Recorded
    );
    assert_eq!(spendable(&bob), yuan("30.00"));
    // The code comes late, and changes nothing.
    assert!(is_received(&take(&bob, &paid.slip), "30.00"));
    assert_eq!(spendable(&bob), yuan("30.00"));
    books(&world, &[&alice, &bob]);
}

#[test]
fn a_tap_that_tore_is_ended_by_codes() {
    for cut in (0..900).step_by(20) {
        let mut world = world();
        let (alice, bob) = alice_and_bob(&mut world);
        let asked = bob.wallet().request(Some(yuan("30.00"))).unwrap();
        let consent = Consent::Exactly(yuan("30.00"));
        let mut tap = world
            .handoff_for(&alice, &bob, &asked.id, consent, Roles::PayeeIsCard)
            .unwrap();
        tap.tap(ApduFrames::Extended, &mut Air::cut_after(cut));
        let paid = alice.wallet().pay_request(&asked, consent).unwrap();
        let took = take(&bob, &paid.slip);
        assert!(is_received(&took, "30.00"), "{cut} {took:?}");
        take(&alice, &took.answer.unwrap());
        assert_eq!(
            (spendable(&alice), spendable(&bob)),
            (yuan("70.00"), yuan("30.00"))
        );
    }
}

#[test]
fn a_payment_that_is_not_wanted_any_more_comes_back_by_codes() {
    let mut world = world();
    let (alice, bob, asked, paid) = shown(&mut world);
    bob.wallet().withdraw(&asked.id).unwrap();
    let given_back = take(&bob, &paid.slip);
    assert!(matches!(given_back.outcome, Outcome::Returned { .. }));
    assert_eq!(bob.wallet().in_doubt().unwrap().len(), 1);
    let back = bob.wallet().in_doubt().unwrap()[0].transfer;

    let returned = take(&alice, &given_back.answer.clone().unwrap());
    assert!(matches!(returned.outcome, Outcome::Returned { .. }));
    assert_eq!(spendable(&alice), yuan("100.00"));
    // Bob's return is in doubt until Alice's receipt for it is read; until then it can be shown again.
    assert_eq!(bob.wallet().slip_of(&back).unwrap(), given_back.answer);
    let ended = take(&bob, &returned.answer.unwrap());
    assert!(matches!(ended.outcome, Outcome::Returned { transfer, .. } if transfer == back));
    assert!(bob.wallet().in_doubt().unwrap().is_empty());
    assert_eq!(
        bob.wallet().payee_state(&paid.transfer).unwrap(),
        PayeeState::Returned
    );
    books(&world, &[&alice, &bob]);
}

#[test]
fn a_refund_goes_back_by_codes() {
    let mut world = world();
    let (alice, bob, _, paid) = shown(&mut world);
    take(&alice, &take(&bob, &paid.slip).answer.unwrap());
    let refund = bob.wallet().refund(&paid.transfer, yuan("12.00")).unwrap();
    let slip = bob.wallet().slip_of(&refund).unwrap().unwrap();
    let took = take(&alice, &slip);
    assert!(matches!(took.outcome, Outcome::Refunded { amount, .. } if amount == yuan("12.00")));
    assert_eq!(take(&alice, &slip), took);
    let ended = take(&bob, &took.answer.unwrap());
    assert!(matches!(ended.outcome, Outcome::Refunded { .. }));
    assert_eq!(
        (spendable(&alice), spendable(&bob)),
        (yuan("82.00"), yuan("18.00"))
    );
    books(&world, &[&alice, &bob]);
}

#[test]
fn what_the_holder_agreed_to_is_what_is_paid() {
    let mut world = world();
    let (alice, bob) = alice_and_bob(&mut world);
    let head = alice.wallet().journal_head().unwrap();
    let refused = |request: &Request, consent| alice.wallet().pay_request(request, consent).unwrap_err();

    let open = request(&bob, None);
    assert_eq!(refused(&open, Consent::UpTo(yuan("50.00"))), PayError::AmountOpen);
    let asked = request(&bob, Some("60.00"));
    let amount = yuan("60.00");
    assert_eq!(
        refused(&asked, Consent::UpTo(yuan("59.99"))),
        PayError::ConfirmOnDevice { amount }
    );
    assert_eq!(
        refused(&asked, Consent::To(open.id, amount)),
        PayError::ConfirmOnDevice { amount }
    );
    let own = alice.wallet().request(Some(amount)).unwrap();
    assert_eq!(alice.wallet().check_request(&own), Err(PayError::OwnRequest));
    assert_eq!(refused(&own, Consent::Exactly(amount)), PayError::OwnRequest);
    let mut forged = asked.clone();
    forged.payee.signature = own.payee.signature;
    assert!(alice.wallet().check_request(&forged).is_err());
    refused(&forged, Consent::Exactly(amount));
    // Alice's own request is all that was written.
    assert_eq!(alice.wallet().journal_head().unwrap().number, head.number + 1);

    alice
        .wallet()
        .pay_request(&asked, Consent::To(asked.id, amount))
        .unwrap();
}

#[test]
fn slips_for_somebody_else_change_nothing() {
    let mut world = world();
    let (alice, bob, asked, paid) = shown(&mut world);
    let carol = world.phone("Carol").unwrap();
    let took = take(&bob, &paid.slip);
    let heads = || [&alice, &bob, &carol].map(|phone| phone.wallet().journal_head().unwrap());
    let before = heads();
    let receipt = took.answer.unwrap();
    let Slip::Receipt { receipt: short, .. } = receipt.clone() else {
        panic!()
    };

    let unknown = carol.wallet().take(&paid.slip).unwrap();
    assert!(matches!(unknown.outcome, Outcome::Refused { refusal } if refusal.code == Code::UnknownRequest));
    assert_eq!(unknown.answer, None);
    for phone in [&bob, &carol] {
        assert_eq!(phone.wallet().take(&receipt), Err(HandoffError::OutOfOrder));
        assert_eq!(
            phone.wallet().take(&Slip::Request(asked.clone())),
            Err(HandoffError::OutOfOrder)
        );
    }
    let of_nothing = Slip::Receipt {
        transfer: Id::from_bytes([9; 32]),
        receipt: short,
    };
    assert_eq!(alice.wallet().take(&of_nothing), Err(HandoffError::OutOfOrder));
    let mut forged = short;
    forged.taken_at = protocol::Timestamp::from_seconds(0);
    let forged = Slip::Receipt {
        transfer: paid.transfer,
        receipt: forged,
    };
    assert_eq!(alice.wallet().take(&forged), Err(HandoffError::ReceiptForged));
    assert_eq!(alice.wallet().slip_of(&Id::from_bytes([9; 32])).unwrap(), None);
    assert_eq!(heads(), before);
}

#[test]
fn no_flipped_bit_of_a_payment_is_taken() {
    let mut world = world();
    let (_, bob, _, paid) = shown(&mut world);
    let head = bob.wallet().journal_head().unwrap();
    let bytes = paid.slip.encode();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(slip) = Slip::decode(&flipped) {
            let took = bob.wallet().take(&slip);
            assert!(
                !matches!(took, Ok(Took { answer: Some(_), .. })),
                "bit {bit}: {took:?}"
            );
        }
    }
    assert_eq!(bob.wallet().journal_head().unwrap(), head);
    assert!(is_received(&take(&bob, &paid.slip), "30.00"));
}

#[test]
fn a_scanner_ignores_what_is_no_slip_and_follows_what_is_shown() {
    let long = |byte| Slip::Payment {
        request: protocol::RequestId::from_bytes([byte; 16]),
        answer: vec![byte; 3_000],
    };
    let (first, second) = (Frames::of(&long(1)).unwrap(), Frames::of(&long(2)).unwrap());
    let mut scanner = Scanner::default();
    for text in [
        "",
        "https://example.org",
        "UR:BYTES/1-2/LPADAOCS",
        "ur",
        "UR:",
        "DCEP2:00",
        "ÜR:DCEP-SLIP/1-2/X",
    ] {
        assert_eq!(scanner.scan(text), Err(SlipError::Foreign), "{text}");
    }
    for text in [
        "DCEP1:",
        "DCEP1:0",
        "DCEP1:00",
        "DCEP1:GGW",
        "DCEP1: !",
        "UR:DCEP-SLIP/X",
        "UR:DCEP-SLIP/1-2/LPADAOCS",
    ] {
        let error = scanner.scan(text).unwrap_err();
        assert!(matches!(error, SlipError::Decode(_)), "{text} {error}");
        assert_eq!(error.code(), Code::Malformed, "{text}");
    }
    // As many parts as the first frame likes to say would be a table of that size.
    for total in ["201", "4000000000", "99999999999999999999"] {
        let text = first
            .text(0)
            .replacen(&format!("-{}", first.count()), &format!("-{total}"), 1);
        assert!(scanner.scan(&text).is_err(), "{text}");
    }
    assert_eq!(scanner.percent(), 0);

    // The first slip's screen goes, half read, and the second's comes. Rubbish in between does no harm.
    for number in 0..first.count() / 2 {
        assert_eq!(scanner.scan(first.text(number)), Ok(None));
    }
    let half = scanner.percent();
    assert!(half > 30);
    scanner.scan("https://example.org").unwrap_err();
    let torn = &first.text(first.count())[..40];
    scanner.scan(torn).unwrap_err();
    assert_eq!(scanner.percent(), half);
    let read = (0..second.count()).find_map(|number| scanner.scan(second.text(number)).unwrap());
    assert_eq!(read, Some(long(2)));
    assert_eq!(scanner.percent(), 0);

    let huge = Slip::Payment {
        request: protocol::RequestId::from_bytes([1; 16]),
        answer: vec![0; 40_000],
    };
    assert!(matches!(Frames::of(&huge), Err(SlipError::TooLarge { .. })));
}

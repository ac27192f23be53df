//! Paying without NFC: what one phone shows as a code, another reads; the states and the promises are those of a tap.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Algorithm, Amount, Code, Coded as _, Id, Name, Request, Signed, Slip, message::Refund};
use rqrr::PreparedImage;
use simulator::{
    Air, Frames as ApduFrames, GuardTrouble, Handoff, Manners, Phone, PhoneOptions, Roles, World,
    seed_from_environment,
};
use tests::{
    counts::tell,
    phones::{events, pay, spendable, yuan},
};
use wallet_core::{
    Consent, Doubtful, EventKind, Fault, HandoffError, Outcome, PayError, PayeeState, PayerState,
    ReceiveError, Took,
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
fn request(payee: &Phone, amount: Option<&str>) -> Signed<Request> {
    let request = payee.wallet().request(amount.map(yuan)).unwrap();
    match read(&payee.wallet().request_slip(&request.id).unwrap()) {
        Slip::Request(read) => {
            assert_eq!(read.body, request);
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
        for phone in [&alice, &bob] {
            phone.line().set_offline(true);
        }

        let asked = request(&bob, Some("37.45"));
        alice.wallet().check_request(&asked).unwrap();
        assert_eq!(asked.body.payee_name().to_string(), "老王烧烤");

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
fn shown(world: &mut World) -> (Phone, Phone, Signed<Request>, wallet_core::Paid) {
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
    assert_eq!((paid.repeated, twice.repeated), (false, true));
    assert_eq!((twice.transfer, twice.slip), (paid.transfer, paid.slip.clone()));
    assert_eq!(spendable(&alice), yuan("70.00"));

    let first = take(&bob, &paid.slip);
    bob.restart().unwrap();
    let second = take(&bob, &paid.slip);
    // No news, and above all no new money: a till must be able to say so.
    assert_eq!((first.repeated, second.repeated), (false, true));
    assert_eq!(
        (first.outcome, first.answer),
        (second.outcome.clone(), second.answer.clone())
    );
    assert_eq!(spendable(&bob), yuan("30.00"));
    let receipt = second.answer.unwrap();
    let ended = [take(&alice, &receipt), take(&alice, &receipt)];
    assert_eq!(ended.each_ref().map(|took| took.repeated), [false, true]);
    assert_eq!(ended[0].outcome, ended[1].outcome);
    // It is receipted, and can still be shown, to a payee that lost its memory.
    assert_eq!(alice.wallet().slip_of(&paid.transfer).unwrap(), Some(paid.slip));
    let asked_again = bob.wallet().request_slip(&asked.body.id);
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
                payee: bob.wallet().receive(&asked.body.id, roles.payee()).unwrap(),
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
        let asked = request(&bob, Some("30.00"));
        let consent = Consent::Exactly(yuan("30.00"));
        let mut tap = world
            .handoff_for(&alice, &bob, &asked.body.id, consent, Roles::PayeeIsCard)
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
    bob.wallet().withdraw(&asked.body.id).unwrap();
    let given_back = take(&bob, &paid.slip);
    assert!(matches!(given_back.outcome, Outcome::Returned { .. }));
    assert_eq!(bob.wallet().in_doubt().unwrap().len(), 1);
    let back = bob.wallet().in_doubt().unwrap()[0].transfer;

    let returned = take(&alice, &given_back.answer.clone().unwrap());
    assert!(matches!(returned.outcome, Outcome::Returned { .. }));
    assert_eq!(spendable(&alice), yuan("100.00"));
    // Bob's return is in doubt until Alice's receipt for it is read; until then it can be shown again.
    assert_eq!(bob.wallet().slip_of(&back).unwrap(), given_back.answer);
    // Who carries the receipt has cut the return off: it is still no payment.
    let Some(Slip::Receipt {
        transfer,
        mut receipt,
    }) = given_back.answer.clone()
    else {
        panic!()
    };
    receipt.returned = None;
    let stripped = take(&alice, &Slip::Receipt { transfer, receipt });
    assert!(
        matches!(stripped.outcome, Outcome::Returned { .. }),
        "{stripped:?}"
    );

    let Some(Slip::Receipt { receipt, .. }) = returned.answer.clone() else {
        panic!()
    };
    let ended = take(&bob, &returned.answer.unwrap());
    assert!(matches!(ended.outcome, Outcome::Returned { transfer, .. } if transfer == back));
    // A return is nothing to give a refund of, whoever says so.
    let payment = vec![0x80];
    let refund = Refund { receipt, payment };
    let refused = bob.wallet().take(&Slip::Refund { paid: back, refund }).unwrap();
    assert!(matches!(refused.outcome, Outcome::Refused { refusal } if refusal.code == Code::UnknownRequest));
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
    let again = take(&alice, &slip);
    assert!(again.repeated && again.outcome == took.outcome && again.answer == took.answer);
    let ended = take(&bob, &took.answer.unwrap());
    assert!(matches!(ended.outcome, Outcome::Refunded { .. }));
    assert_eq!(
        (spendable(&alice), spendable(&bob)),
        (yuan("82.00"), yuan("18.00"))
    );
    books(&world, &[&alice, &bob]);
}

/// Changes a request, with what another one has.
type Forgery = fn(&mut Signed<Request>, &Signed<Request>);

#[test]
fn what_the_holder_agreed_to_is_what_is_paid() {
    let mut world = world();
    let (alice, bob) = alice_and_bob(&mut world);
    let head = alice.wallet().journal_head().unwrap();
    let refused =
        |request: &Signed<Request>, consent| alice.wallet().pay_request(request, consent).unwrap_err();

    let open = request(&bob, None);
    assert_eq!(refused(&open, Consent::UpTo(yuan("50.00"))), PayError::AmountOpen);
    let asked = request(&bob, Some("60.00"));
    let amount = yuan("60.00");
    assert_eq!(
        refused(&asked, Consent::UpTo(yuan("59.99"))),
        PayError::ConfirmOnDevice { amount }
    );
    assert_eq!(
        refused(&asked, Consent::To(open.body.id, amount)),
        PayError::ConfirmOnDevice { amount }
    );
    let own = request(&alice, Some("60.00"));
    assert_eq!(alice.wallet().check_request(&own), Err(PayError::OwnRequest));
    assert_eq!(refused(&own, Consent::Exactly(amount)), PayError::OwnRequest);
    // Nobody asks in Bob's name: not with another amount, not under another name, and not with another's certificate.
    let forgeries: [Forgery; 4] = [
        |forged, _| forged.body.amount = Some(yuan("0.01")),
        |forged, other| forged.body.id = other.body.id,
        |forged, other| forged.signature = other.signature,
        |forged, other| forged.body.payee.signature = other.body.payee.signature,
    ];
    for (number, forge) in forgeries.into_iter().enumerate() {
        let mut forged = asked.clone();
        forge(&mut forged, &own);
        let error = alice.wallet().check_request(&forged).unwrap_err();
        let expected = if number == 3 {
            Code::CertificateForged
        } else {
            Code::RequestForged
        };
        assert_eq!(error.code(), expected, "{number}");
        assert_eq!(refused(&forged, Consent::Exactly(yuan("0.01"))), error);
    }
    // Alice's own request is all that was written.
    assert_eq!(alice.wallet().journal_head().unwrap().number, head.number + 1);

    alice
        .wallet()
        .pay_request(&asked, Consent::To(asked.body.id, amount))
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
fn what_is_too_long_for_a_payment_is_not_even_read() {
    let mut world = world();
    let (_, bob) = alice_and_bob(&mut world);
    let request = bob.wallet().request(None).unwrap().id;
    for (bytes, code) in [(24_001, Code::TooLarge), (24_000, Code::Malformed)] {
        let answer = vec![0; bytes];
        let took = bob.wallet().take(&Slip::Payment { request, answer }).unwrap();
        assert!(
            matches!(took.outcome, Outcome::Refused { refusal } if refusal.code == code),
            "{took:?}"
        );
    }
}

/// The name of a request is seen by whoever looks at the screen.
#[test]
fn a_request_that_took_the_name_of_another_is_not_paid_and_shown_nothing() {
    for by_code in [true, false] {
        let mut world = world();
        let (alice, bob, asked, paid) = shown(&mut world);
        let mut mallory = world.rogue().unwrap();
        let key = mallory.certified_key().unwrap();
        let mut stolen = mallory.request(&key, Some(yuan("1.00"))).unwrap();
        stolen.id = asked.body.id;
        let consent = Consent::Exactly(yuan("1.00"));
        if by_code {
            let stolen = mallory.sign_request(stolen).unwrap();
            let paid = alice.wallet().pay_request(&stolen, consent);
            assert_eq!(paid, Err(PayError::RequestForged));
        } else {
            let now = alice.wallet().now().unwrap();
            let paid = mallory
                .be_paid(&stolen, &alice, consent, now, Manners::Honest)
                .unwrap();
            assert_eq!(paid, None);
        }
        assert_eq!(spendable(&alice), yuan("70.00"));
        take(&alice, &take(&bob, &paid.slip).answer.unwrap());
    }
}

#[test]
fn a_receipt_for_what_is_frozen_changes_nothing_and_syncs_go_on() {
    let mut world = world();
    let (mut alice, bob, _, paid) = shown(&mut world);
    let carol = world.phone("Carol").unwrap();
    let old = alice.snapshot().unwrap();
    let receipt = take(&bob, &paid.slip).answer.unwrap();
    // Its other self goes on, and it is put back.
    pay(&world, &alice, &carol, "1.00");
    assert!(alice.restore(&old).unwrap().rolled_back);
    let head = alice.wallet().journal_head().unwrap();
    let rolled_back = Fault::RolledBack;
    assert_eq!(
        alice.wallet().take(&receipt),
        Err(HandoffError::Fault(rolled_back))
    );
    assert_eq!(alice.wallet().slip_of(&paid.transfer), Err(rolled_back));
    assert_eq!(alice.wallet().journal_head().unwrap(), head);
    for _ in 0..2 {
        alice.wallet().sync(&world.line()).unwrap();
        bob.wallet().sync(&world.line()).unwrap();
    }
    alice.wallet().sync(&world.line()).unwrap();
    assert!(alice.wallet().in_doubt().unwrap().is_empty());
}

#[test]
fn nothing_is_shown_before_the_guard_knows() {
    for trouble in [GuardTrouble::BeforeWrite, GuardTrouble::AfterWrite] {
        let mut world = world();
        let (alice, bob) = alice_and_bob(&mut world);
        let asked = request(&bob, Some("30.00"));
        let consent = Consent::Exactly(yuan("30.00"));
        alice.hardware().guard().fail_once(trouble);
        let error = alice.wallet().pay_request(&asked, consent).unwrap_err();
        assert_eq!(error.code(), Code::GuardUnavailable);
        alice.hardware().guard().mend();
        let doubts = alice.wallet().in_doubt().unwrap();
        assert_eq!(doubts.len(), 1);
        let shown = alice.wallet().slip_of(&doubts[0].transfer).unwrap();
        let paid = alice.wallet().pay_request(&asked, consent).unwrap();
        assert!(paid.repeated);
        assert_eq!(shown.as_ref(), Some(&paid.slip));
        let took = take(&bob, &paid.slip);
        assert!(is_received(&took, "30.00"));
        take(&alice, &took.answer.unwrap());
        books(&world, &[&alice, &bob]);
    }
}

#[test]
fn receipts_are_for_phones_and_what_is_for_the_bank_gets_none() {
    let mut world = world();
    let (alice, bob, _, paid) = shown(&mut world);
    let Some(Slip::Receipt { receipt, .. }) = take(&bob, &paid.slip).answer else {
        panic!()
    };
    let line = world.line();
    line.set_offline(true);
    alice.wallet().deposit(&line, Some(yuan("5.00"))).unwrap_err();
    let doubts = alice.wallet().in_doubt().unwrap();
    let deposit = doubts
        .iter()
        .find(|doubt| doubt.what == Doubtful::Deposit)
        .unwrap();
    let head = alice.wallet().journal_head().unwrap();
    let slip = Slip::Receipt {
        transfer: deposit.transfer,
        receipt,
    };
    assert_eq!(alice.wallet().take(&slip), Err(HandoffError::OutOfOrder));
    assert_eq!(alice.wallet().slip_of(&deposit.transfer).unwrap(), None);
    assert_eq!(alice.wallet().journal_head().unwrap(), head);
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
    // A frame larger than any of ours, and a whole slip that is too long for one code.
    for text in [
        format!("{}{}", first.text(0), "A".repeat(200)),
        format!("DCEP1:{}", "0".repeat(753)),
    ] {
        assert_eq!(scanner.scan(&text).unwrap_err().code(), Code::TooLarge);
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

//! A payment against everything that a payee must find wrong with it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use protocol::{
    Algorithm, Body, CertificateError, Day, Expected, Output, Payment, Reference, Request, Signature, Signed,
    SigningKey, StructureError, TrustBundle, Validity, VerifyError, VerifyingKey, WalletClass,
    verify_recorded,
};
use tests::{
    hostile::other_s,
    mint::{
        CLASS, Holder, Mint, OPERATOR, Piece, SERIES, Shape, TODAY, World, fen, pay, signing_key, transfer,
        trust,
    },
    scene::{Scene, altered, check},
};

const BOTH: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::P256];

#[test]
fn the_amount_is_what_was_asked() {
    let Scene {
        mint,
        bob,
        note,
        request,
        ..
    } = Scene::new(Algorithm::Ed25519);
    let world = mint.world();
    for offered in [1, 3_744, 3_746, 5_000].map(fen) {
        let payment = note.pay(&request, offered).payment;
        let asked = fen(3_745);
        assert_eq!(
            check(&payment, &request, &world),
            Err(VerifyError::WrongAmount { asked, offered })
        );
        // An open request takes any.
        let open = Request {
            amount: None,
            ..bob.request(1, None)
        };
        assert_eq!(check(&payment, &open, &world), Ok(offered));
    }
}

#[test]
fn the_payee_is_paid_once_and_first() {
    let Scene {
        mint,
        alice,
        bob,
        note,
        request,
        ..
    } = Scene::new(Algorithm::P256);
    let world = mint.world();
    let output = |holder: &Holder, amount| Output {
        holder_key: holder.verifying_key(),
        amount: fen(amount),
    };
    for outputs in [
        vec![output(&alice, 1_255), output(&bob, 3_745)],
        vec![output(&bob, 3_745), output(&bob, 1_255)],
        vec![output(&bob, 3_745), output(&alice, 255), output(&bob, 1_000)],
    ] {
        let payment = transfer(&[&note], outputs, request.reference());
        assert_eq!(check(&payment, &request, &world), Err(VerifyError::WrongPayee));
    }
    // Change may well go to several keys.
    let carol = mint.holder(Algorithm::Ed25519, "Carol");
    let payment = transfer(
        &[&note],
        vec![output(&bob, 3_745), output(&alice, 255), output(&carol, 1_000)],
        request.reference(),
    );
    assert_eq!(check(&payment, &request, &world), Ok(fen(3_745)));
}

#[test]
fn notes_are_the_issuers() {
    let Scene {
        mint,
        alice,
        request,
        paid,
        ..
    } = Scene::new(Algorithm::Ed25519);
    let payment = &paid.payment;
    let world = mint.world();
    let forged = Err(VerifyError::NoteForged { series: SERIES });

    // Another key signs the same note.
    let by_another = altered(payment, |notes, _| {
        notes[0] = Signed::sign(notes[0].body.clone(), &mint.certifying);
    })
    .unwrap();
    assert_eq!(check(&by_another, &request, &world), forged);

    // The holder raises the amount, and signs a transfer of the raised one.
    let mut raised = payment.notes()[0].clone();
    raised.body.amount = fen(500_000);
    let raised = Piece::of_note(raised, &alice).pay(&request, fen(3_745)).payment;
    assert_eq!(check(&raised, &request, &world), forged);

    // A stolen note key signs outside the series' days of issue.
    let long_ago = Validity {
        from: Day::from_number(0),
        until: mint.series().issue.from,
    };
    let early = mint
        .note_issued(&alice, fen(5_000), Day::from_number(long_ago.until.number() - 1))
        .pay(&request, fen(3_745))
        .payment;
    assert_eq!(check(&early, &request, &world), forged);
    let late = mint
        .note_issued(&alice, fen(5_000), mint.series().issue.until.plus(1))
        .pay(&request, fen(3_745))
        .payment;
    assert_eq!(check(&late, &request, &world), forged);
    let first_day = mint
        .note_issued(&alice, fen(5_000), mint.series().issue.from)
        .pay(&request, fen(3_745))
        .payment;
    assert_eq!(check(&first_day, &request, &world), Ok(fen(3_745)));

    // A series that nobody told us of.
    let bundle = TrustBundle {
        series: Vec::new(),
        ..mint.bundle()
    };
    let ignorant = World {
        trust: trust(mint.root.verifying_key(), &bundle),
        ..mint.world()
    };
    let unknown = Err(VerifyError::UnknownSeries { series: SERIES });
    assert_eq!(check(payment, &request, &ignorant), unknown);
}

#[test]
fn transfers_are_their_owners() {
    for algorithm in BOTH {
        let Scene {
            mint,
            alice,
            bob,
            request,
            paid,
            ..
        } = Scene::new(algorithm);
        let world = mint.world();
        let payment = &paid.payment;
        let forged = Err(VerifyError::TransferForged {
            transfer: payment.id(),
        });
        let message = payment.final_transfer().message();
        let with = |signature: Signature| {
            altered(payment, |_, transfers| {
                transfers.last_mut().unwrap().signatures[0] = signature;
            })
            .unwrap()
        };
        assert_eq!(
            check(&with(bob.key.sign(&message)), &request, &world),
            forged,
            "by another key"
        );
        let other_message = payment.notes()[0].body.message();
        assert_eq!(
            check(&with(alice.key.sign(&other_message)), &request, &world),
            forged,
            "over something else"
        );
        let bare_id = alice.key.sign(payment.id().as_bytes());
        assert_eq!(
            check(&with(bare_id), &request, &world),
            forged,
            "without the domain tag"
        );
        let good = *payment.transfers()[0].signatures[0].as_bytes();
        for (what, half) in [("R is zero", 0..32), ("S is zero", 32..64)] {
            let mut zeroed = good;
            zeroed[half].fill(0);
            assert_eq!(
                check(&with(Signature::from_bytes(zeroed)), &request, &world),
                forged,
                "{what}"
            );
        }
        assert_eq!(
            check(&with(Signature::from_bytes([0xff; 64])), &request, &world),
            forged
        );
    }
}

#[test]
fn a_high_s_signature_is_refused() {
    let Scene {
        mint,
        alice,
        request,
        paid,
        ..
    } = Scene::new(Algorithm::P256);
    let payment = &paid.payment;
    let low = payment.transfers()[0].signatures[0];
    let high = other_s(&low);
    assert_eq!(other_s(&high), low);
    assert!(
        alice
            .verifying_key()
            .verify(&payment.final_transfer().message(), &high)
            .is_err()
    );
    let malleated = altered(payment, |_, transfers| transfers[0].signatures[0] = high).unwrap();
    assert_eq!(malleated.id(), payment.id(), "ids do not depend on signatures");
    let forged = Err(VerifyError::TransferForged {
        transfer: payment.id(),
    });
    assert_eq!(check(&malleated, &request, &mint.world()), forged);
}

#[test]
fn each_of_two_signers_signs() {
    for (first, second) in [
        (BOTH[0], BOTH[1]),
        (BOTH[1], BOTH[0]),
        (BOTH[0], BOTH[0]),
        (BOTH[1], BOTH[1]),
    ] {
        let mint = Mint::new(3);
        let world = mint.world();
        let (one, two) = (
            mint.holder(first, "Alice's"),
            mint.holder(second, "Alice's other"),
        );
        let bob = mint.holder(Algorithm::P256, "Bob");
        let notes = [
            mint.note(&one, fen(2_000)),
            mint.note(&two, fen(2_000)),
            mint.note(&one, fen(500)),
        ];
        let request = bob.request(1, Some(fen(4_200)));
        let payment = pay(&[&notes[0], &notes[1], &notes[2]], &request, fen(4_200)).payment;
        assert_eq!(payment.certificates().len(), 2);
        assert_eq!(check(&payment, &request, &world), Ok(fen(4_200)));
        let answer = payment.encode_answer(&request).unwrap();
        assert_eq!(Payment::decode_answer(&answer, &request).unwrap(), payment);

        let swapped = altered(&payment, |_, transfers| transfers[0].signatures.swap(0, 1)).unwrap();
        assert!(matches!(
            check(&swapped, &request, &world),
            Err(VerifyError::TransferForged { .. })
        ));
        let twice = altered(&payment, |_, transfers| {
            transfers[0].signatures[1] = transfers[0].signatures[0]
        })
        .unwrap();
        assert!(matches!(
            check(&twice, &request, &world),
            Err(VerifyError::TransferForged { .. })
        ));
        let one_less = altered(&payment, |_, transfers| {
            transfers[0].signatures.pop();
        });
        assert_eq!(
            one_less,
            Err(StructureError::SignatureCount { owners: 2, found: 1 })
        );

        // A revoked second signer is a revoked signer.
        let revoking = World {
            trust: trust(mint.root.verifying_key(), &mint.bundle_revoking([two.key_hash()])),
            ..mint.world()
        };
        let revoked = Err(VerifyError::Certificate(CertificateError::Revoked));
        assert_eq!(check(&payment, &request, &revoking), revoked);
    }
}

#[test]
fn the_payers_certificate_counts_and_earlier_ones_do_not() {
    let Scene {
        mint,
        alice,
        bob,
        request,
        paid,
        ..
    } = Scene::new(Algorithm::Ed25519);
    let payment = &paid.payment;
    let root = mint.root.verifying_key();
    let refused = |error| Err(VerifyError::Certificate(error));

    let stranger = World {
        trust: trust(
            root,
            &TrustBundle {
                operators: Vec::new(),
                policies: Vec::new(),
                ..mint.bundle()
            },
        ),
        ..mint.world()
    };
    let unknown = refused(CertificateError::UnknownOperator { operator: OPERATOR });
    assert_eq!(check(payment, &request, &stranger), unknown);

    let no_policy = World {
        trust: trust(
            root,
            &TrustBundle {
                policies: Vec::new(),
                ..mint.bundle()
            },
        ),
        ..mint.world()
    };
    assert_eq!(
        check(payment, &request, &no_policy),
        Err(VerifyError::UnknownPolicy)
    );

    let revoking = World {
        trust: trust(root, &mint.bundle_revoking([alice.key_hash()])),
        ..mint.world()
    };
    assert_eq!(
        check(payment, &request, &revoking),
        refused(CertificateError::Revoked)
    );

    // Bob pays on what he has from Alice: her revocation does not spoil it.
    let carol = mint.holder(Algorithm::P256, "Carol");
    let onward = carol.request(1, Some(fen(3_745)));
    let payment_on = paid.received_by(&bob).pay(&onward, fen(3_745)).payment;
    assert_eq!(check(&payment_on, &onward, &revoking), Ok(fen(3_745)));

    // Somebody else certified it, or a word of it was changed.
    for spoil in [
        |mint: &Mint, payment: &Payment| Signed::sign(payment.certificates()[0].body.clone(), &mint.note_key),
        |_: &Mint, payment: &Payment| {
            let mut certificate = payment.certificates()[0].clone();
            certificate.body.grant.class = WalletClass::I;
            certificate
        },
    ] {
        let certificate = spoil(&mint, payment);
        let forged = Payment::new(
            payment.notes().to_vec(),
            payment.transfers().to_vec(),
            vec![certificate],
        )
        .unwrap();
        let expected = refused(CertificateError::BadSignature);
        assert_eq!(check(&forged, &request, &mint.world()), expected);
    }
    // Somebody else's certificate does not even make a payment.
    let misplaced = Payment::new(
        payment.notes().to_vec(),
        payment.transfers().to_vec(),
        vec![bob.certificate.clone()],
    );
    assert_eq!(misplaced, Err(StructureError::CertificateMismatch));
}

#[test]
fn certificates_are_valid_from_their_first_day_to_their_last() {
    let mint = Mint::new(4);
    let bob = mint.holder(Algorithm::Ed25519, "Bob");
    let request = bob.request(1, Some(fen(100)));
    let on = |validity: Validity| {
        let mut grant = mint.grant(None);
        grant.validity = validity;
        let alice = mint.certified(Algorithm::Ed25519, "Alice", grant);
        let payment = mint.note(&alice, fen(100)).pay(&request, fen(100)).payment;
        check(&payment, &request, &mint.world())
    };
    let (yesterday, tomorrow) = (Day::from_number(TODAY.number() - 1), TODAY.plus(1));
    let validity = |from, until| Validity { from, until };
    assert_eq!(on(validity(TODAY, TODAY)), Ok(fen(100)));
    for (from, until) in [
        (yesterday, yesterday),
        (tomorrow, tomorrow),
        (tomorrow, yesterday),
    ] {
        let expected = CertificateError::NotValidToday {
            from,
            until,
            today: TODAY,
        };
        assert_eq!(on(validity(from, until)), Err(VerifyError::Certificate(expected)));
    }

    // An operator whose own days are over certifies nobody.
    let mut operator = mint.operator();
    operator.validity.until = yesterday;
    let bundle = TrustBundle {
        operators: vec![Signed::sign(operator, &mint.root)],
        ..mint.bundle()
    };
    let world = World {
        trust: trust(mint.root.verifying_key(), &bundle),
        ..mint.world()
    };
    let alice = mint.holder(Algorithm::P256, "Alice");
    let payment = mint.note(&alice, fen(100)).pay(&request, fen(100)).payment;
    let refused = check(&payment, &request, &world);
    assert!(matches!(
        refused,
        Err(VerifyError::Certificate(CertificateError::NotValidToday { .. }))
    ));
}

#[test]
fn dates_and_depth_are_limited() {
    let mint = Mint::new(5);
    let request = mint.holder(Algorithm::P256, "Bob").request(1, Some(fen(100)));
    let mut grant = mint.grant(None);
    grant.validity.until = TODAY.plus(10_000);
    let alice = mint.certified(Algorithm::Ed25519, "Alice", grant);
    let payment = mint.note(&alice, fen(100)).pay(&request, fen(100)).payment;
    let series = mint.series();

    // The operator, too, must live that long.
    let mut operator = mint.operator();
    operator.validity.until = TODAY.plus(10_000);
    let bundle = TrustBundle {
        operators: vec![Signed::sign(operator, &mint.root)],
        ..mint.bundle()
    };
    let mut world = World {
        trust: trust(mint.root.verifying_key(), &bundle),
        ..mint.world()
    };
    world.limits.offline.age_days = u32::MAX;
    world.now = series.spend_until.start();
    assert_eq!(check(&payment, &request, &world), Ok(fen(100)), "the last day");
    let today = series.spend_until.plus(1);
    world.now = today.start();
    let expired = VerifyError::SeriesExpired {
        series: SERIES,
        spend_until: series.spend_until,
        today,
    };
    assert_eq!(check(&payment, &request, &world), Err(expired));

    // Age.
    world.now = TODAY.plus(90).start();
    world.limits.offline.age_days = 90;
    assert_eq!(check(&payment, &request, &world), Ok(fen(100)));
    world.limits.offline.age_days = 89;
    let too_old = VerifyError::TooOld {
        age_days: 90,
        limit_days: 89,
    };
    assert_eq!(check(&payment, &request, &world), Err(too_old));
    // One old note among young ones is enough.
    let old = mint.note_issued(&alice, fen(60), Day::from_number(TODAY.number() - 20));
    let young = mint.note(&alice, fen(40));
    let mixed = pay(&[&young, &old], &request, fen(100)).payment;
    let mut world = mint.world();
    world.limits.offline.age_days = 19;
    let too_old = VerifyError::TooOld {
        age_days: 20,
        limit_days: 19,
    };
    assert_eq!(check(&mixed, &request, &world), Err(too_old));

    // Hops.
    for shape in [Shape::Whole, Shape::Change] {
        let chain = mint.chain(Algorithm::Ed25519, 5, shape);
        let mut world = mint.world();
        world.limits.offline.hops = 5;
        assert!(check(&chain.payment, &chain.request, &world).is_ok());
        world.limits.offline.hops = 4;
        let too_many = VerifyError::TooManyHops { hops: 5, limit: 4 };
        assert_eq!(check(&chain.payment, &chain.request, &world), Err(too_many));
    }
}

/// What the bank has on record is the payee's, however old, long, large, or badly certified it is; but nothing is that is
/// not signed, or not meant for it.
#[test]
fn a_recorded_payment_is_held_against_signatures_alone() {
    let mint = Mint::new(5);
    let mut late = mint.grant(None);
    late.validity.until = Day::from_number(TODAY.number() - 1);
    let alice = mint.certified(Algorithm::Ed25519, "Alice", late);
    let bob = mint.holder(Algorithm::P256, "Bob");
    let request = bob.request(1, Some(fen(100)));
    let payment = mint.note(&alice, fen(150)).pay(&request, fen(100)).payment;
    let expected = Expected::from(&request);
    let record =
        |payment: &Payment, expected: &Expected| verify_recorded(payment.clone(), expected, &mint.trust());

    let mut world = mint.world();
    world.limits.per_payment = fen(99);
    world.limits.offline.hops = 0;
    world.limits.offline.age_days = 0;
    world.now = mint.series().spend_until.plus(1).start();
    assert!(check(&payment, &request, &world).is_err());
    let verified = record(&payment, &expected).unwrap();
    assert_eq!(verified.amount(), fen(100));
    assert_eq!(verified.payment(), &payment);
    assert_eq!(
        (verified.outpoint().origin, verified.outpoint().output),
        (payment.id(), 0)
    );

    let refused = |expected: Expected| record(&payment, &expected).unwrap_err();
    let payee = alice.verifying_key();
    assert_eq!(refused(Expected { payee, ..expected }), VerifyError::WrongPayee);
    let reference = Reference::to_return(&payment.id());
    assert_eq!(
        refused(Expected {
            reference,
            ..expected
        }),
        VerifyError::WrongRequest
    );
    let (asked, offered) = (fen(99), fen(100));
    let amount = Some(asked);
    assert_eq!(
        refused(Expected { amount, ..expected }),
        VerifyError::WrongAmount { asked, offered }
    );
    let forged = altered(&payment, |_, transfers| {
        transfers[0].signatures[0] = bob.key.sign(&transfers[0].transfer.message());
    });
    assert_eq!(
        record(&forged.unwrap(), &expected),
        Err(VerifyError::TransferForged {
            transfer: payment.id()
        })
    );
    let forged = altered(&payment, |notes, _| {
        notes[0] = Signed::sign(notes[0].body.clone(), &mint.certifying);
    });
    assert_eq!(
        record(&forged.unwrap(), &expected),
        Err(VerifyError::NoteForged { series: SERIES })
    );
}

#[test]
fn own_change_counts_as_a_hop_and_the_longest_path_counts() {
    let mint = Mint::new(6);
    let alice = mint.holder(Algorithm::Ed25519, "Alice");
    let bob = mint.holder(Algorithm::Ed25519, "Bob");
    let first = mint.note(&alice, fen(5_000)).pay(&bob.request(1, None), fen(100));
    let second = first.change.unwrap().pay(&bob.request(2, None), fen(100));
    assert_eq!(second.payment.hops(), 2);
    // A fresh note beside the old change: the longer path counts.
    let fresh = mint.note(&alice, fen(50));
    let change = second.change.unwrap();
    let request = bob.request(3, None);
    for pieces in [[&fresh, &change], [&change, &fresh]] {
        assert_eq!(pay(&pieces, &request, fen(120)).payment.hops(), 3);
    }
}

#[test]
fn limits_per_payment_bind_both_sides() {
    let mint = Mint::new(8);
    let bob = mint.holder(Algorithm::Ed25519, "Bob");
    let (amount, less) = (fen(200_000), fen(199_999));
    let request = bob.request(1, Some(amount));
    let limited = |limit| Err(VerifyError::PaymentLimit { amount, limit });

    // The payee's.
    let alice = mint.holder(Algorithm::Ed25519, "Alice");
    let payment = mint.note(&alice, amount).pay(&request, amount).payment;
    let mut world = mint.world();
    world.limits.per_payment = amount;
    assert_eq!(check(&payment, &request, &world), Ok(amount));
    world.limits.per_payment = less;
    assert_eq!(check(&payment, &request, &world), limited(less));

    // The payer's, by the class in its certificate; one class among several signers is enough.
    let mut grant = mint.grant(None);
    grant.class = WalletClass::Iv;
    let poor = mint.certified(Algorithm::P256, "Alice, anonymous", grant);
    let world = mint.world();
    let within = mint.note(&poor, amount).pay(&request, amount).payment;
    assert_eq!(check(&within, &request, &world), Ok(amount));
    let (amount, limit) = (fen(200_001), fen(200_000));
    let request = bob.request(2, Some(amount));
    let limited = Err(VerifyError::PaymentLimit { amount, limit });
    let beyond = mint.note(&poor, amount).pay(&request, amount).payment;
    assert_eq!(check(&beyond, &request, &world), limited);
    let (own, poors) = (mint.note(&alice, fen(200_000)), mint.note(&poor, fen(1)));
    let mixed = pay(&[&own, &poors], &request, amount).payment;
    assert_eq!(check(&mixed, &request, &world), limited);

    // Change is not part of the payment.
    let small = bob.request(3, Some(fen(1)));
    let with_change = mint.note(&poor, fen(10_000_000)).pay(&small, fen(1)).payment;
    assert_eq!(check(&with_change, &small, &world), Ok(fen(1)));
    assert_eq!(mint.policy(CLASS).limits, world.limits);
}

/// A key that is no point of its curve, or one of small order, owns nothing that anybody could pay with.
#[test]
fn keys_that_are_no_keys_verify_nothing() {
    let message = b"dcep/1/transfer\0";
    let identity = {
        let mut bytes = [0; 32];
        bytes[0] = 1;
        bytes
    };
    // R = identity, S = 0 satisfies the equation of RFC 8032 for every small-order key and the right challenge.
    let mut trivial = [0; 64];
    trivial[0] = 1;
    for key in [
        VerifyingKey::Ed25519(identity),
        VerifyingKey::Ed25519([0; 32]),
        VerifyingKey::Ed25519([0xff; 32]),
        VerifyingKey::P256([2; 33]),
        VerifyingKey::P256({
            let mut above_the_field = [0xff; 33];
            above_the_field[0] = 2;
            above_the_field
        }),
    ] {
        assert!(
            key.verify(message, &Signature::from_bytes(trivial)).is_err(),
            "{key}"
        );
        assert!(
            key.verify(message, &Signature::from_bytes([0; 64])).is_err(),
            "{key}"
        );
    }
}

#[test]
fn signatures_are_only_good_for_their_kind_of_object() {
    let mint = Mint::new(11);
    for algorithm in BOTH {
        let key: SigningKey = signing_key(0, algorithm, "one key for everything");
        let alice = mint.holder(algorithm, "Alice");
        let paid = mint.note(&alice, fen(100)).pay(&alice.request(1, None), fen(1));
        let receipt = alice.receipt(&paid.payment).body;
        let transfer = paid.payment.final_transfer();
        let signature = key.sign(&receipt.message());
        assert!(key.verifying_key().verify(&receipt.message(), &signature).is_ok());
        assert!(
            key.verifying_key()
                .verify(&transfer.message(), &signature)
                .is_err()
        );
        assert!(receipt.message().starts_with(b"dcep/1/receipt\0"));
        assert!(transfer.message().starts_with(b"dcep/1/transfer\0"));
        assert_ne!(
            Reference::to_request(&protocol::RequestId::from_bytes([1; 16])),
            Reference::to_deposit(&key.verifying_key(), &[1; 16])
        );
    }
}

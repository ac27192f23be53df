//! What is a payment and what is none: encodings, truncations, flipped bits, histories, sizes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use protocol::{
    Algorithm, Amount, Coded, Expected, Output, Payment, Request, Signed, StructureError, VerifyError, cbor,
    verify,
};
use tests::{
    mint::{Holder, Mint, Shape, TODAY, fen, pay, transfer, try_transfer},
    scene::{Scene, altered, check},
};

const BOTH: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::P256];

#[test]
fn a_payment_passes_as_files() {
    for algorithm in BOTH {
        let Scene {
            mint,
            alice,
            bob,
            note,
            ..
        } = Scene::new(algorithm);
        let folder =
            std::env::temp_dir().join(format!("payment-as-files-{}-{algorithm:?}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let [request_file, payment_file, answer_file, receipt_file] =
            ["request", "payment", "answer", "receipt"].map(|name| folder.join(name));

        // Bob asks.
        let asked = bob.request(9, Some(fen(3_745)));
        std::fs::write(&request_file, cbor::encode(&asked)).unwrap();

        // Alice pays what she reads.
        let request: Request = cbor::decode("request", &std::fs::read(&request_file).unwrap()).unwrap();
        assert!(mint.trust().check(&request.payee, TODAY).is_ok());
        let payment = note.pay(&request, request.amount.unwrap()).payment;
        std::fs::write(&payment_file, payment.encode()).unwrap();
        std::fs::write(&answer_file, payment.encode_answer(&request).unwrap()).unwrap();

        // Bob takes it, from either file.
        let complete = Payment::decode(&std::fs::read(&payment_file).unwrap()).unwrap();
        let answer = Payment::decode_answer(&std::fs::read(&answer_file).unwrap(), &asked).unwrap();
        assert_eq!(complete, answer);
        let verified = verify(answer, &Expected::from(&asked), &mint.world().context()).unwrap();
        assert_eq!(verified.amount(), fen(3_745));
        let receipt = bob.receipt(verified.payment());
        std::fs::write(&receipt_file, cbor::encode(&receipt)).unwrap();

        // Alice reads the receipt.
        let receipt: Signed<protocol::Receipt> =
            cbor::decode("receipt", &std::fs::read(&receipt_file).unwrap()).unwrap();
        let payee = payment.final_transfer().outputs[0].holder_key;
        assert_eq!(receipt.verify(&payee).unwrap().transfer, payment.id());
        assert!(receipt.verify(&alice.verifying_key()).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

/// No exception is needed: every byte of a payment is signed, is a signature with one accepted form, or says where a signed
/// thing lies. A flipped distance names another input, so another message was to be signed; a flipped
/// head is another shape. That the bytes are the only encoding of their payment closes the rest.
#[test]
fn every_bit_flip_is_refused() {
    for algorithm in BOTH {
        let mint = Mint::new(2);
        let world = mint.world();
        let chain = mint.chain(algorithm, 3, Shape::Change);
        let complete = chain.payment.encode();
        let answer = chain.payment.encode_answer(&chain.request).unwrap();
        for (bytes, is_answer) in [(complete, false), (answer, true)] {
            let read = |bytes: &[u8]| {
                if is_answer {
                    Payment::decode_answer(bytes, &chain.request)
                } else {
                    Payment::decode(bytes)
                }
            };
            assert_eq!(read(&bytes).as_ref(), Ok(&chain.payment));
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                if let Ok(payment) = read(&flipped) {
                    assert!(
                        check(&payment, &chain.request, &world).is_err(),
                        "{algorithm:?}, bit {bit}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_truncation_and_every_extension_is_refused() {
    for algorithm in BOTH {
        let Scene { request, paid, .. } = Scene::new(algorithm);
        let (complete, answer) = (
            paid.payment.encode(),
            paid.payment.encode_answer(&request).unwrap(),
        );
        for end in 0..complete.len() {
            assert!(Payment::decode(&complete[..end]).is_err(), "{end}");
        }
        for end in 0..answer.len() {
            assert!(Payment::decode_answer(&answer[..end], &request).is_err(), "{end}");
        }
        for extra in 0..=u8::MAX {
            assert!(Payment::decode(&[complete.as_slice(), &[extra]].concat()).is_err());
            assert!(Payment::decode_answer(&[answer.as_slice(), &[extra]].concat(), &request).is_err());
        }
        // Neither encoding is ever taken for the other.
        assert!(Payment::decode(&answer).is_err());
        assert!(Payment::decode_answer(&complete, &request).is_err());
    }
}

#[test]
fn an_answer_to_another_request_is_refused() {
    for algorithm in BOTH {
        let Scene {
            mint,
            bob,
            request,
            paid,
            ..
        } = Scene::new(algorithm);
        let world = mint.world();
        let other = bob.request(2, Some(fen(3_745)));
        assert_eq!(paid.payment.encode_answer(&other), None);
        assert_eq!(
            check(&paid.payment, &other, &world),
            Err(VerifyError::WrongRequest)
        );
        // Read as the answer to another request it is another transfer, which nobody signed.
        let misread = Payment::decode_answer(&paid.payment.encode_answer(&request).unwrap(), &other).unwrap();
        assert!(matches!(
            check(&misread, &other, &world),
            Err(VerifyError::TransferForged { .. })
        ));
        // The same holds for another payee who learned the request's id.
        let mut stolen = mint.holder(algorithm, "Carol").request(1, request.amount);
        stolen.id = request.id;
        assert_eq!(paid.payment.encode_answer(&stolen), None);
        assert_eq!(
            check(&paid.payment, &stolen, &world),
            Err(VerifyError::WrongPayee)
        );
        let misread =
            Payment::decode_answer(&paid.payment.encode_answer(&request).unwrap(), &stolen).unwrap();
        assert!(matches!(
            check(&misread, &stolen, &world),
            Err(VerifyError::TransferForged { .. })
        ));
    }
}

#[test]
fn histories_are_well_formed_or_no_payments() {
    let Scene {
        mint,
        alice,
        bob,
        note,
        request,
        paid,
    } = Scene::new(Algorithm::Ed25519);
    let payment = &paid.payment;

    let superfluous = mint.note(&alice, fen(1)).pay(&request, fen(1)).payment.notes()[0].clone();
    assert_eq!(
        altered(payment, |notes, _| notes.push(superfluous)),
        Err(StructureError::Superfluous)
    );
    let branch = note.pay(&alice.request(5, None), fen(5)).payment.transfers()[0].clone();
    assert_eq!(
        altered(payment, |_, transfers| transfers.insert(0, branch)),
        Err(StructureError::Superfluous)
    );
    assert_eq!(
        altered(payment, |notes, _| notes.push(notes[0].clone())),
        Err(StructureError::RepeatedElement)
    );
    assert_eq!(
        altered(payment, |_, transfers| {
            let input = transfers[0].transfer.inputs[0];
            transfers[0].transfer.inputs.push(input);
            let total = fen(10_000 - 1_255);
            transfers[0].transfer.outputs[0].amount = total;
        }),
        Err(StructureError::RepeatedInput)
    );
    for (amount, consumed) in [(3_744, 5_000), (3_746, 5_000)] {
        assert_eq!(
            altered(payment, |_, transfers| transfers[0].transfer.outputs[0].amount =
                fen(amount)),
            Err(StructureError::SumsDiffer {
                consumed: fen(consumed)
            })
        );
    }
    // Sums that only agree modulo the width of a register are no sums.
    assert!(matches!(
        altered(payment, |_, transfers| {
            let max = Output {
                holder_key: bob.verifying_key(),
                amount: Amount::MAX,
            };
            transfers[0].transfer.outputs = vec![max; 64];
        }),
        Err(StructureError::SumsDiffer { .. })
    ));
    assert_eq!(
        altered(payment, |_, transfers| transfers[0].transfer.inputs.clear()),
        Err(StructureError::Parts {
            inputs: 0,
            outputs: 2
        })
    );
    assert_eq!(
        altered(payment, |_, transfers| transfers[0].transfer.outputs.clear()),
        Err(StructureError::Parts {
            inputs: 1,
            outputs: 0
        })
    );
    let (none, empty) = (Vec::new(), Vec::new());
    assert_eq!(
        Payment::new(none, empty, Vec::new()).unwrap_err().code().name(),
        "ill-formed-history"
    );
    assert_eq!(
        Payment::new(payment.notes().to_vec(), Vec::new(), Vec::new()),
        Err(StructureError::Count {
            notes: 1,
            transfers: 0
        })
    );
    // An input must stand before its use.
    let onward = paid
        .received_by(&bob)
        .pay(&alice.request(6, None), fen(1))
        .payment;
    assert_eq!(
        altered(&onward, |_, transfers| transfers.swap(0, 1)),
        Err(StructureError::UnknownInput)
    );
}

#[test]
fn parts_are_counted() {
    let mint = Mint::new(9);
    let alice = mint.holder(Algorithm::Ed25519, "Alice");
    let bob = mint.holder(Algorithm::Ed25519, "Bob");
    let notes: Vec<_> = (0..65).map(|_| mint.note(&alice, fen(1))).collect();
    let all: Vec<_> = notes.iter().collect();
    let request = bob.request(1, None);
    let payment = pay(&all[..64], &request, fen(64)).payment;
    assert_eq!(Payment::decode(&payment.encode()), Ok(payment.clone()));
    assert_eq!(check(&payment, &request, &mint.world()), Ok(fen(64)));
    let one_more = altered(&payment, |inputs, transfers| {
        let note = notes[64].pay(&request, fen(1)).payment.notes()[0].clone();
        transfers[0].transfer.inputs.push(notes[64].outpoint());
        transfers[0].transfer.outputs[0].amount = fen(65);
        inputs.push(note);
    });
    assert_eq!(
        one_more,
        Err(StructureError::Parts {
            inputs: 65,
            outputs: 1
        })
    );
    // As many outputs, too, and in both encodings.
    let fen_for = |holder: &Holder| Output {
        holder_key: holder.verifying_key(),
        amount: fen(1),
    };
    let note = mint.note(&alice, fen(64));
    let mut outputs = vec![fen_for(&bob)];
    outputs.resize(64, fen_for(&alice));
    let payment = transfer(&[&note], outputs, request.reference());
    assert_eq!(Payment::decode(&payment.encode()).as_ref(), Ok(&payment));
    let answer = payment.encode_answer(&request).unwrap();
    assert_eq!(Payment::decode_answer(&answer, &request).as_ref(), Ok(&payment));
    assert_eq!(check(&payment, &request, &mint.world()), Ok(fen(1)));
}

/// What can be put together can be read: a payment that is too long to travel is refused before it is signed, not after.
#[test]
fn a_payment_that_cannot_travel_is_no_payment() {
    let mint = Mint::new(10);
    let holders = ["Alice", "Bob"].map(|label| mint.holder(Algorithm::P256, label));
    let mut piece = mint.note(&holders[0], fen(1_000));
    let mut hops = 0;
    while piece
        .pay(&holders[1].request(0, None), fen(1))
        .payment
        .encode()
        .len()
        + 300
        < Payment::MAX_BYTES
    {
        hops += 1;
        let payee = &holders[hops % 2];
        let less = piece.amount().checked_sub(fen(1)).unwrap();
        let paid = piece.pay(&payee.request(0, None), less);
        assert_eq!(
            Payment::decode(&paid.payment.encode()).as_ref(),
            Ok(&paid.payment)
        );
        piece = paid.received_by(payee);
    }

    // Many outputs and a long name fill the last bytes.
    let (payer, payee) = (&holders[hops % 2], &holders[(hops + 1) % 2]);
    let request = payee.request(1, None);
    let last = |change: usize, name: usize| {
        let mut grant = mint.grant(None);
        grant.name = protocol::Name::new("n".repeat(name)).ok();
        let label = ["Alice", "Bob"][hops % 2];
        let piece = piece
            .clone()
            .held_by(&mint.certified(Algorithm::P256, label, grant));
        let one = Output {
            holder_key: payer.verifying_key(),
            amount: fen(1),
        };
        let mut outputs = vec![one; change + 1];
        outputs[0] = Output {
            holder_key: payee.verifying_key(),
            amount: piece.amount().checked_sub(fen(change as u64)).unwrap(),
        };
        try_transfer(&[&piece], outputs, request.reference())
    };
    let room = Payment::MAX_BYTES - last(1, 0).unwrap().encode().len();
    let (change, rest) = (1 + room / 37, room % 37);
    let full = last(change, rest.saturating_sub(2)).unwrap();
    let complete = full.encode();
    assert!(
        (Payment::MAX_BYTES - 2..=Payment::MAX_BYTES).contains(&complete.len()),
        "{}",
        complete.len()
    );
    assert_eq!(Payment::decode(&complete).as_ref(), Ok(&full));
    let longer = last(change, rest + 2);
    assert!(
        matches!(longer, Err(StructureError::TooLong { .. })),
        "{longer:?}"
    );

    // Nor may an answer have a complete form that cannot travel: make the note's amount some bytes longer.
    let answer = full.encode_answer(&request).unwrap();
    let at = answer
        .windows(3)
        .position(|window| window == [0x19, 0x03, 0xe8])
        .unwrap();
    let mut longer = answer.clone();
    longer.splice(at..at + 3, [0x1b, 0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert!(longer.len() < Payment::MAX_BYTES);
    let read = Payment::decode_answer(&longer, &request);
    assert_eq!(read.unwrap_err().code().name(), "too-large");
}

#[test]
fn keys_of_unknown_algorithms_are_refused() {
    let Scene { paid, .. } = Scene::new(Algorithm::Ed25519);
    let bytes = paid.payment.encode();
    let key = paid.payment.notes()[0].body.holder_key.to_bytes();
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    for algorithm in (0..=u8::MAX).filter(|byte| *byte != 1) {
        let mut other = bytes.clone();
        other[at] = algorithm;
        assert_eq!(
            Payment::decode(&other).unwrap_err().code().name(),
            "malformed",
            "{algorithm}"
        );
    }
}

/// The budget of bytes: a hop of whole value adds at most 128, and 50 of them stay below 7,000.
#[test]
fn bytes_stay_within_the_budget() {
    let mint = Mint::new(13);
    for (algorithm, growth) in [(Algorithm::Ed25519, 122), (Algorithm::P256, 123)] {
        // Labels of one length, so that nothing but the hops differs.
        let [ten, fifty] = [10, 50].map(|hops| {
            let chain = mint.chain(algorithm, hops, Shape::Whole);
            chain.payment.encode_answer(&chain.request).unwrap().len()
        });
        // Past 23 transfers the head of their list has one byte more.
        assert_eq!(
            (fifty - ten - 1) / 40,
            growth,
            "{algorithm:?}: {ten} and {fifty} bytes"
        );
        assert!(growth <= 128 && fifty <= 7_000, "{algorithm:?}: {fifty} bytes");
        let chain = mint.chain(algorithm, 50, Shape::Whole);
        println!(
            "{algorithm:?}: 10 hops {ten}, 50 hops {fifty}, complete {}",
            chain.payment.encode().len()
        );
        assert!(check(&chain.payment, &chain.request, &mint.world()).is_ok());
    }
}

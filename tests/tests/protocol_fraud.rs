//! A fork is proven against whoever signed it, and against nobody else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use protocol::{
    Algorithm, Amount, Body, ForkProof, ForkProofError, Outpoint, Output, Payment, Request, Signature,
    SigningKey, Transfer, cbor,
    fraud::{Branch, Fork, Origin},
};
use tests::{
    hostile::other_s,
    mint::{Holder, Mint, Piece, fen, pay},
};

const BOTH: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::P256];

struct Scene {
    mint: Mint,
    alice: Holder,
    bob: Holder,
    carol: Holder,
    note: Piece,
}

impl Scene {
    fn new(algorithm: Algorithm) -> Self {
        let mint = Mint::new(20);
        let [alice, bob, carol] = ["Alice", "Bob", "Carol"].map(|label| mint.holder(algorithm, label));
        let note = mint.note(&alice, fen(5_000));
        Self {
            mint,
            alice,
            bob,
            carol,
            note,
        }
    }

    fn ask(&self, payee: &Holder, number: u64) -> Request {
        payee.request(number, None)
    }
}

/// The branch that a payment's final transfer is, with its first signature.
fn branch(payment: &Payment) -> Branch {
    let signed = payment.transfers().last().unwrap();
    Branch {
        transfer: signed.transfer.clone(),
        signature: signed.signatures[0],
    }
}

fn invented(inputs: Vec<Outpoint>, to: &Holder, amount: Amount, signer: &SigningKey) -> Branch {
    let transfer = Transfer {
        inputs,
        outputs: vec![Output {
            holder_key: to.verifying_key(),
            amount,
        }],
        reference: to.request(99, None).reference(),
    };
    Branch {
        signature: signer.sign(&transfer.message()),
        transfer,
    }
}

#[test]
fn forks_are_found_and_proven_to_strangers() {
    for algorithm in BOTH {
        let scene = Scene::new(algorithm);
        let Scene {
            alice,
            bob,
            carol,
            note,
            ..
        } = &scene;
        let to_bob = note.pay(&scene.ask(bob, 1), fen(5_000));
        let to_carol = note.pay(&scene.ask(carol, 1), fen(4_000));
        let outpoint = note.outpoint();
        let expected = Fork {
            outpoint,
            culprit: alice.verifying_key(),
        };
        for (one, other) in [(&to_bob, &to_carol), (&to_carol, &to_bob)] {
            let proof = ForkProof::find(&one.payment, &other.payment, &outpoint).unwrap();
            assert_eq!(proof.verify(), Ok(expected));
            let read: ForkProof = cbor::decode("fork proof", &cbor::encode(&proof)).unwrap();
            assert_eq!(read.verify(), Ok(expected), "it passes as a file");
        }

        // Deep in other people's payments, it still accuses Alice alone.
        let on = to_bob.received_by(bob).pay(&scene.ask(carol, 2), fen(1)).payment;
        let elsewhere = to_carol
            .received_by(carol)
            .pay(&scene.ask(bob, 2), fen(1))
            .payment;
        assert_eq!(
            ForkProof::find(&on, &elsewhere, &outpoint).unwrap().verify(),
            Ok(expected)
        );

        // Both branches within one payment.
        let parts = [to_bob.received_by(bob), to_carol.received_by(carol)];
        let both = pay(&[&parts[0], &parts[1]], &scene.ask(alice, 3), fen(9_000)).payment;
        assert_eq!(
            ForkProof::find(&both, &both, &outpoint).unwrap().verify(),
            Ok(expected)
        );

        // An output of a transfer.
        let received = to_bob.received_by(bob);
        let (one, other) = (
            received.pay(&scene.ask(alice, 4), fen(5_000)).payment,
            received.pay(&scene.ask(alice, 5), fen(5_000)).payment,
        );
        let proof = ForkProof::find(&one, &other, &received.outpoint()).unwrap();
        let expected = Fork {
            outpoint: received.outpoint(),
            culprit: bob.verifying_key(),
        };
        assert_eq!(proof.verify(), Ok(expected));
    }
}

/// Of several signers of one transfer, a branch shows the one that is meant.
#[test]
fn a_branch_holds_the_signature_of_the_owner_and_no_other() {
    for algorithm in BOTH {
        let scene = Scene::new(algorithm);
        let Scene {
            mint,
            alice,
            bob,
            carol,
            note,
        } = &scene;
        let other = mint.note(carol, fen(5_000));
        let payment = pay(&[note, &other], &scene.ask(bob, 1), fen(10_000)).payment;
        let signed = payment.transfers().last().unwrap();
        for (number, signer) in [alice, carol].into_iter().enumerate() {
            let expected = Branch {
                transfer: signed.transfer.clone(),
                signature: signed.signatures[number],
            };
            assert_eq!(Branch::signed_by(&signer.verifying_key(), signed), Some(expected));
        }
        assert_eq!(Branch::signed_by(&bob.verifying_key(), signed), None);
    }
}

/// Whoever keeps books asks for a proof between two transfers it has in mind, whichever payments show them.
#[test]
fn a_proof_is_between_the_transfers_that_are_named() {
    for algorithm in BOTH {
        let scene = Scene::new(algorithm);
        let Scene {
            alice,
            bob,
            carol,
            note,
            ..
        } = &scene;
        let outpoint = note.outpoint();
        let paid = [bob, carol].map(|payee| note.pay(&scene.ask(payee, 1), fen(5_000)));
        let later = paid[0]
            .received_by(bob)
            .pay(&scene.ask(alice, 2), fen(5_000))
            .payment;
        let [first, second] = [&paid[0].payment, &paid[1].payment];
        let parts = [paid[0].received_by(bob), paid[1].received_by(carol)];
        let both = pay(&[&parts[0], &parts[1]], &scene.ask(alice, 3), fen(10_000)).payment;

        let proof = ForkProof::between((first, first.id()), (second, second.id()), &outpoint).unwrap();
        assert_eq!(proof.verify().unwrap().outpoint, outpoint);
        assert_eq!(
            [&proof.first, &proof.second].map(|branch| branch.transfer.id()),
            [first.id(), second.id()]
        );
        for (one, other) in [(&both, &both), (&later, &both), (&later, second)] {
            let again = ForkProof::between((one, first.id()), (other, second.id()), &outpoint);
            assert_eq!(again.as_ref(), Some(&proof), "whoever shows them");
        }
        assert_eq!(
            ForkProof::between((first, first.id()), (&later, first.id()), &outpoint),
            None,
            "one transfer, shown twice"
        );
        assert_eq!(
            ForkProof::between((first, first.id()), (&later, later.id()), &outpoint),
            None,
            "it does not consume the outpoint"
        );

        let turned = ForkProof {
            first: proof.second.clone(),
            second: proof.first.clone(),
            ..proof.clone()
        };
        assert_ne!(proof.id(), turned.id(), "its name is of all of it");
        assert_eq!(proof.id(), proof.clone().id());
    }
}

#[test]
fn honest_payments_yield_no_proof() {
    for algorithm in BOTH {
        let scene = Scene::new(algorithm);
        let first = scene.note.pay(&scene.ask(&scene.bob, 1), fen(1_000));
        let change = first.change.clone().unwrap();
        let second = change.pay(&scene.ask(&scene.bob, 2), fen(1_000));
        let parts = [first.received_by(&scene.bob), second.received_by(&scene.bob)];
        let back = pay(&[&parts[0], &parts[1]], &scene.ask(&scene.alice, 3), fen(2_000));
        let payments = [&first.payment, &second.payment, &back.payment];
        for one in payments {
            for other in payments {
                for (outpoint, _) in one.consumptions() {
                    assert_eq!(ForkProof::find(one, other, &outpoint), None);
                }
            }
        }
    }
}

/// Whatever is at hand after one honest transfer, no proof against its signer can be made of it.
#[test]
fn nobody_honest_is_accused() {
    for algorithm in BOTH {
        let scene = Scene::new(algorithm);
        let Scene {
            mint,
            alice,
            bob,
            carol,
            note,
        } = &scene;
        let honest = note.pay(&scene.ask(bob, 1), fen(5_000)).payment;
        let outpoint = note.outpoint();
        let origin = Origin::Note(honest.notes()[0].body.clone());
        let first = branch(&honest);
        let with = |second: Branch| ForkProof {
            origin: origin.clone(),
            output: 0,
            first: first.clone(),
            second,
        };
        let refused = |proof: &ForkProof, error: ForkProofError| {
            assert_eq!(proof.verify(), Err(error));
            let mirrored = ForkProof {
                first: proof.second.clone(),
                second: proof.first.clone(),
                ..proof.clone()
            };
            assert_eq!(mirrored.verify(), Err(error));
        };

        // The same transfer, also under another signature of the same key.
        refused(&with(first.clone()), ForkProofError::SameTransfer);
        let mut other_signature = first.clone();
        other_signature.signature = match algorithm {
            Algorithm::Ed25519 => Signature::from_bytes([0; 64]),
            Algorithm::P256 => other_s(&first.signature),
        };
        refused(&with(other_signature), ForkProofError::SameTransfer);

        // A branch that the accused did not sign: unsigned, with the old signature, signed by somebody else.
        let amount = fen(5_000);
        let mut unsigned = invented(vec![outpoint], carol, amount, &bob.key);
        refused(&with(unsigned.clone()), ForkProofError::BadSignature);
        unsigned.signature = Signature::from_bytes([0; 64]);
        refused(&with(unsigned.clone()), ForkProofError::BadSignature);
        unsigned.signature = first.signature;
        refused(&with(unsigned), ForkProofError::BadSignature);

        // A branch that consumes something else, which the accused did sign.
        let other_note = mint.note(alice, fen(700));
        let elsewhere = branch(&other_note.pay(&scene.ask(carol, 1), fen(700)).payment);
        refused(&with(elsewhere), ForkProofError::NotConsumed);

        // A true transfer with two signers: the accused signed one of its inputs, another holder the forked one.
        let bobs = mint.note(bob, fen(300));
        let joint = pay(&[&other_note, &bobs], &scene.ask(carol, 2), fen(1_000)).payment;
        let joint_transfer = joint.transfers()[0].clone();
        let bobs_fork = bobs.pay(&scene.ask(carol, 3), fen(300)).payment;
        for signature in &joint_transfer.signatures {
            let proof = ForkProof {
                origin: Origin::Note(bobs_fork.notes()[0].body.clone()),
                output: 0,
                first: branch(&bobs_fork),
                second: Branch {
                    transfer: joint_transfer.transfer.clone(),
                    signature: *signature,
                },
            };
            // Only Bob's own signature on both counts, and it accuses Bob, who did sign both.
            match proof.verify() {
                Ok(fork) => assert_eq!(fork.culprit, bob.verifying_key()),
                Err(error) => assert_eq!(error, ForkProofError::BadSignature),
            }
        }

        // An invented note, or one whose holder was exchanged, is another outpoint.
        let mut note_of_carol = honest.notes()[0].body.clone();
        note_of_carol.holder_key = carol.verifying_key();
        let second = invented(vec![outpoint], carol, amount, &carol.key);
        let exchanged = ForkProof {
            origin: Origin::Note(note_of_carol),
            output: 0,
            first: second.clone(),
            second: invented(vec![outpoint], bob, amount, &carol.key),
        };
        refused(&exchanged, ForkProofError::NotConsumed);

        // Outputs that do not exist.
        for output in [1, u8::MAX] {
            let mut proof = with(second.clone());
            proof.output = output;
            assert_eq!(proof.verify(), Err(ForkProofError::NoSuchOutput));
        }
        let mut beyond = with(second);
        beyond.origin = Origin::Transfer(honest.final_transfer().clone());
        beyond.output = 1;
        assert_eq!(beyond.verify(), Err(ForkProofError::NoSuchOutput));

        // A receipt, a certificate or any other signature of the accused is no signature of a transfer.
        let receipt = alice.receipt(&honest);
        let mut misused = invented(vec![outpoint], carol, amount, &bob.key);
        misused.signature = receipt.signature;
        refused(&with(misused), ForkProofError::BadSignature);
    }
}

/// Alice is named in an output she never asked for. Two transfers of it accuse nobody unless she signed them.
#[test]
fn being_named_in_an_output_proves_nothing() {
    let scene = Scene::new(Algorithm::P256);
    let Scene {
        alice,
        bob,
        carol,
        mint,
        ..
    } = &scene;
    let bobs = mint.note(bob, fen(10));
    let gift = bobs.pay(&scene.ask(alice, 1), fen(10)).payment;
    let outpoint = Outpoint {
        origin: gift.id(),
        output: 0,
    };
    let proof = ForkProof {
        origin: Origin::Transfer(gift.final_transfer().clone()),
        output: 0,
        first: invented(vec![outpoint], bob, fen(10), &bob.key),
        second: invented(vec![outpoint], carol, fen(10), &bob.key),
    };
    assert_eq!(proof.verify(), Err(ForkProofError::BadSignature));
}

#[test]
fn every_bit_flip_of_a_proof_is_refused() {
    for algorithm in BOTH {
        let scene = Scene::new(algorithm);
        let one = scene.note.pay(&scene.ask(&scene.bob, 1), fen(5_000)).payment;
        let other = scene.note.pay(&scene.ask(&scene.carol, 1), fen(5_000)).payment;
        let proof = ForkProof::find(&one, &other, &scene.note.outpoint()).unwrap();
        let bytes = cbor::encode(&proof);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let accused = cbor::decode::<ForkProof>("fork proof", &flipped).map(|proof| proof.verify());
            assert!(!matches!(accused, Ok(Ok(_))), "{algorithm:?}, bit {bit}");
        }
    }
}

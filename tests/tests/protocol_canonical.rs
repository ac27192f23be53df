//! One encoding of everything: what is written is read back, and whatever is read is written back byte for byte.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use data_encoding::HEXLOWER;
use proptest::prelude::*;
use protocol::{
    Algorithm, Amount, Day, Grant, HolderCertificate, Id, Name, Note, OperatorId, Outpoint, Output, Payment,
    Receipt, Reference, RequestId, SeriesId, Signature, Signed, SignedTransfer, StaticKeyHash, Timestamp,
    Transfer, Validity, VerifyingKey, WalletClass, cbor,
    code::Code,
    key::KeyHash,
    message::{Offer, PayeeMessage, PayerMessage, Recognised, Refusal, ResumeTag, ShortReceipt},
};
use serde_json::Value;
use tests::{
    hostile::respellings,
    mint::{Holder, Mint, Piece, fen, pay},
    vectors::folder,
    wire::{Known, recode},
};

/// Name, kind, bytes, and what the reader must know.
type Object = (String, String, Vec<u8>, Known);

/// Every object of `objects.json`.
fn objects() -> Vec<Object> {
    let text = std::fs::read_to_string(folder().join("objects.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let bytes = |value: &Value| HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap();
    let known = |object: &Value| Known {
        request: object
            .get("request")
            .map(|request| cbor::decode("request", &bytes(request)).unwrap()),
        static_key: object
            .get("static_key")
            .map(|hash| StaticKeyHash::from_bytes(bytes(hash).try_into().unwrap())),
    };
    let all = file["objects"].as_array().unwrap().iter();
    all.map(|object| {
        let text = |member: &str| object[member].as_str().unwrap().to_owned();
        (text("name"), text("type"), bytes(&object["hex"]), known(object))
    })
    .collect()
}

/// Longer heads, indefinite lengths, extra elements of every array, undefined, tags: at every place of every object.
#[test]
fn no_other_spelling_of_any_object_is_accepted() {
    let (mut tried, mut policies) = (0, 0);
    for (name, kind, bytes, known) in objects() {
        if name.starts_with("payment-message") {
            // Its content is opaque until the request is known; as an answer it is tried by itself.
            continue;
        }
        for (what, other) in respellings(&bytes) {
            let extra = what.starts_with("extra zero");
            if extra && (name.starts_with("payer-refusal") || is_short_offer(&name)) {
                // That is no other spelling, it is another message: of somebody who would accept nothing at all.
                continue;
            }
            let read = recode(&kind, &other, &known);
            if extra && has_policies(&name) && read.as_ref() == Ok(&other) {
                // A policy by which trust is too old at once: another one than was signed.
                policies += 1;
                continue;
            }
            assert!(read.is_err(), "{name}: {what}");
            tried += 1;
        }
    }
    assert!(tried > 5_000, "{tried}");
    assert!(policies < 100, "{policies}");
}

#[test]
fn no_truncation_of_any_object_is_accepted() {
    for (name, kind, bytes, known) in objects() {
        if name.starts_with("payment-message") {
            continue;
        }
        for end in 0..bytes.len() {
            if name.starts_with("offer-at-most") && end == bytes.len() - 3 {
                // What is cut off is the amount, three bytes and optional.
                continue;
            }
            assert!(
                recode(&kind, &bytes[..end], &known).is_err(),
                "{name} cut to {end}"
            );
        }
    }
}

/// Whether there is a policy in it, which may have a term for trust at its end.
fn has_policies(name: &str) -> bool {
    ["policy", "trust-bundle", "reply-enrolled", "receipt-file"]
        .iter()
        .any(|policies| name.starts_with(policies))
}

/// An offer that leaves out how much the payee may take.
fn is_short_offer(name: &str) -> bool {
    name.starts_with("offer") && !name.starts_with("offer-at-most")
}

/// An object of one kind is never taken for one of another, but for a transfer's two forms that differ in name only.
#[test]
fn no_object_is_taken_for_another() {
    let objects = objects();
    let kinds: std::collections::BTreeSet<_> = objects.iter().map(|(_, kind, ..)| kind.as_str()).collect();
    for (name, kind, bytes, known) in &objects {
        for other in kinds.iter().filter(|other| *other != kind) {
            if other.starts_with("answer") || other.ends_with("message") {
                continue;
            }
            assert!(recode(other, bytes, known).is_err(), "{name} as {other}");
        }
    }
}

fn key() -> impl Strategy<Value = VerifyingKey> {
    prop_oneof![
        any::<[u8; 32]>().prop_map(VerifyingKey::Ed25519),
        (any::<bool>(), any::<[u8; 32]>()).prop_map(|(odd, x)| {
            let mut bytes = [2 + u8::from(odd); 33];
            bytes[1..].copy_from_slice(&x);
            VerifyingKey::P256(bytes)
        }),
    ]
}

fn amount() -> impl Strategy<Value = Amount> {
    // All widths of integers are equally likely.
    (0..53_u32, any::<u64>())
        .prop_map(|(bits, any)| Amount::from_fen((any & ((1 << bits) - 1)) | 1 << bits).unwrap())
}

fn signature() -> impl Strategy<Value = Signature> {
    prop::array::uniform32(any::<[u8; 2]>())
        .prop_map(|pairs| Signature::from_bytes(pairs.concat().try_into().unwrap()))
}

fn day() -> impl Strategy<Value = Day> {
    (0..32_u32, any::<u32>()).prop_map(|(shift, any)| Day::from_number(any >> shift))
}

fn note() -> impl Strategy<Value = Note> {
    (any::<u32>(), any::<u64>(), day(), amount(), key()).prop_map(
        |(series, serial, issued, amount, holder_key)| Note {
            series: SeriesId(series),
            serial,
            issued,
            amount,
            holder_key,
        },
    )
}

fn grant() -> impl Strategy<Value = Grant> {
    let class = prop::sample::select(vec![
        WalletClass::I,
        WalletClass::Ii,
        WalletClass::Iii,
        WalletClass::Iv,
    ]);
    let name = prop::option::of("[A-Za-z 一-龥é]{1,12}".prop_map(|text| Name::new(text).unwrap()));
    (any::<u32>(), class, day(), day(), name).prop_map(|(operator, class, from, until, name)| Grant {
        operator: OperatorId(operator),
        class,
        assurance: protocol::Assurance::TrustedEnvironment,
        validity: Validity { from, until },
        name,
    })
}

fn transfer() -> impl Strategy<Value = Transfer> {
    let outpoint = (any::<[u8; 32]>(), any::<u8>()).prop_map(|(origin, output)| Outpoint {
        origin: Id::from_bytes(origin),
        output,
    });
    let output = (key(), amount()).prop_map(|(holder_key, amount)| Output { holder_key, amount });
    (
        prop::collection::vec(outpoint, 0..5),
        prop::collection::vec(output, 0..5),
        any::<[u8; 16]>(),
    )
        .prop_map(|(inputs, outputs, reference)| Transfer {
            inputs,
            outputs,
            reference: Reference::from_bytes(reference),
        })
}

fn round_trip<T>(object: &T) -> Result<(), TestCaseError>
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> + PartialEq + std::fmt::Debug,
{
    prop_assert_eq!(
        &cbor::decode::<T>("object", &cbor::encode(object)).unwrap(),
        object
    );
    Ok(())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        note in note(), transfer in transfer(), grant in grant(), signature in signature(), key in key(),
        hash in any::<[u8; 16]>(), id in any::<[u8; 32]>(), seconds in any::<u64>(),
        hashes in prop::collection::vec(any::<[u8; 16]>(), 0..6), asked in prop::option::of(amount()),
        refused in prop::sample::select(Code::ALL), tags in any::<[[u8; 8]; 4]>(), proof in any::<[u8; 8]>(), taken in any::<bool>(),
    ) {
        round_trip(&Signed { body: note, signature })?;
        round_trip(&SignedTransfer { transfer: transfer.clone(), signatures: vec![signature; 3] })?;
        round_trip(&transfer)?;
        let payee = Signed {
            body: HolderCertificate { holder_key: key, static_key: StaticKeyHash::from_bytes(hash), grant },
            signature,
        };
        round_trip(&payee)?;
        round_trip(&Receipt { transfer: Id::from_bytes(id), taken_at: Timestamp::from_seconds(seconds) })?;
        let keys = hashes.into_iter().map(KeyHash::from_bytes);
        round_trip(&protocol::StatusList::new(seconds, Timestamp::from_seconds(seconds), keys))?;
        let request = protocol::Request { id: RequestId::from_bytes(hash), amount: asked, payee, terms: protocol::Terms::default() };
        round_trip(&request)?;

        let refusal = Refusal { code: refused, at_most: asked };
        let receipt = ShortReceipt { taken_at: Timestamp::from_seconds(seconds), signature, returned: taken.then_some(signature) };
        let static_key = request.payee.body.static_key;
        for message in [
            PayeeMessage::Offer(Offer { request: Some(request), status: seconds, at_most: asked }),
            PayeeMessage::Offer(Offer { request: None, status: 0, at_most: None }),
            PayeeMessage::Receipt(receipt),
            PayeeMessage::Refusal(refusal),
            PayeeMessage::Resumed(Some(Recognised { proof: ResumeTag::from_bytes(proof), receipt: taken.then_some(receipt) })),
            PayeeMessage::Resumed(None),
        ] {
            prop_assert_eq!(&PayeeMessage::decode(&message.encode(), static_key).unwrap(), &message);
        }
        for message in [
            PayerMessage::Payment(hash.to_vec()),
            PayerMessage::Resume(tags.map(ResumeTag::from_bytes)),
            PayerMessage::Refusal(refusal),
            PayerMessage::Done,
        ] {
            prop_assert_eq!(&PayerMessage::decode(&message.encode()).unwrap(), &message);
        }
    }

    /// Random bytes are rarely anything; mutilated objects sometimes are, and then they are their own encoding.
    #[test]
    fn whatever_is_read_is_written_back(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4),
    ) {
        let objects = objects_once();
        let (_, kind, bytes, known) = which.get(objects);
        let mut bytes = bytes.clone();
        for (at, byte, how) in edits {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        if let Ok(written) = recode(kind, &bytes, known) {
            prop_assert_eq!(written, bytes);
        }
    }
}

fn objects_once() -> &'static [Object] {
    static ALL: std::sync::OnceLock<Vec<Object>> = std::sync::OnceLock::new();
    ALL.get_or_init(objects)
}

/// A random economy: holders of both algorithms pay each other with whatever pieces they have.
fn economy(steps: &[(usize, usize, u8, u64)]) -> Vec<(Payment, protocol::Request)> {
    let mint = Mint::new(12);
    let holders: Vec<Holder> = (0..4)
        .map(|n| {
            let algorithm = if n % 2 == 0 {
                Algorithm::Ed25519
            } else {
                Algorithm::P256
            };
            mint.holder(algorithm, &n.to_string())
        })
        .collect();
    let mut purses: Vec<Vec<Piece>> = holders
        .iter()
        .map(|holder| vec![mint.note(holder, fen(1_000)), mint.note(holder, fen(70_000))])
        .collect();
    let mut payments = Vec::new();
    for (number, &(payer, payee, pieces, portion)) in (0..).zip(steps) {
        let (payer, payee) = (payer % 4, payee % 4);
        let count = (1 + usize::from(pieces % 3)).min(purses[payer].len());
        if payer == payee || count == 0 {
            continue;
        }
        let at = usize::from(pieces) % (purses[payer].len() - count + 1);
        let used: Vec<_> = purses[payer].drain(at..at + count).collect();
        let total: u64 = used.iter().map(|piece| piece.amount().fen()).sum();
        let request = holders[payee].request(number, None);
        let paid = pay(
            &used.iter().collect::<Vec<_>>(),
            &request,
            fen(1 + portion % total),
        );
        purses[payee].push(paid.received_by(&holders[payee]));
        purses[payer].extend(paid.change);
        payments.push((paid.payment, request));
    }
    payments
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn payments_of_any_shape_are_read_back_and_verified(
        steps in prop::collection::vec((0..4_usize, 0..4_usize, any::<u8>(), any::<u64>()), 1..20),
    ) {
        let mut world = Mint::new(12).world();
        for (payment, request) in economy(&steps) {
            let complete = payment.encode();
            let answer = payment.encode_answer(&request).unwrap();
            prop_assert!(answer.len() < complete.len());
            prop_assert_eq!(&Payment::decode(&complete).unwrap(), &payment);
            prop_assert_eq!(&Payment::decode_answer(&answer, &request).unwrap(), &payment);
            let expected = protocol::Expected::from(&request);
            prop_assert!(protocol::verify(payment.clone(), &expected, &world.context()).is_ok());
            // Honest money never conflicts with itself.
            world.remember(&payment);
        }
    }
}

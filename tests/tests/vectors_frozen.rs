//! The vectors are what `make-vectors` writes, and they behave as they say.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::{collections::BTreeSet, fs};

use data_encoding::HEXLOWER;
use protocol::{
    Coded, Expected, ForkProof, Payment, Request, Signature, StaticKeyHash, TrustBundle, VerifyingKey, cbor,
    verify,
};
use serde_json::Value;
use tests::{
    mint::{Mint, trust},
    vectors::{END, SEED, Stage, files, folder, refusals, wire_format, worked_example},
    wire::{Known, recode},
};

fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn the_files_are_what_is_made() {
    for (name, content) in files() {
        let frozen = fs::read_to_string(folder().join(name)).unwrap();
        assert!(
            frozen == content,
            "{name} differs: is the change wanted? cargo run -p tests --bin make-vectors"
        );
    }
    let document = fs::read_to_string(wire_format()).unwrap();
    assert!(
        document.contains(&worked_example()) && document.matches(END).count() == 1,
        "the worked example differs: cargo run -p tests --bin make-vectors"
    );
}

#[test]
fn objects_are_read_and_written_back() {
    let file = read("objects.json");
    let objects = file["objects"].as_array().unwrap();
    assert!(objects.len() > 80, "{}", objects.len());
    let mut names = BTreeSet::new();
    for object in objects {
        let name = object["name"].as_str().unwrap();
        assert!(names.insert(name), "{name} twice");
        let known = Known {
            request: object
                .get("request")
                .map(|request| cbor::decode("request", &bytes(request)).unwrap()),
            static_key: object
                .get("static_key")
                .map(|hash| StaticKeyHash::from_bytes(bytes(hash).try_into().unwrap())),
        };
        let hex = bytes(&object["hex"]);
        assert_eq!(
            recode(object["type"].as_str().unwrap(), &hex, &known).as_ref(),
            Ok(&hex),
            "{name}"
        );
        if let Some(signer) = object.get("signer") {
            // Every signed object ends in the signature.
            let signer = VerifyingKey::from_bytes(&bytes(signer)).unwrap();
            let signature = Signature::from_bytes(*hex.last_chunk().unwrap());
            let message = bytes(&object["message"]);
            assert!(signer.verify(&message, &signature).is_ok(), "{name}");
            assert!(message.ends_with(&bytes(&object["id"])), "{name}");
        }
    }
}

#[test]
fn payments_are_read_and_verified() {
    let file = read("payment.json");
    let world = Mint::new(SEED).world();
    for case in file["payments"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let request: Request = cbor::decode("request", &bytes(&case["request"])).unwrap();
        let complete = Payment::decode(&bytes(&case["payment"])).unwrap();
        let answer = Payment::decode_answer(&bytes(&case["answer"]), &request).unwrap();
        assert_eq!(complete, answer, "{name}");
        assert_eq!(complete.id().as_bytes().as_slice(), bytes(&case["id"]), "{name}");
        let verified = verify(complete, &Expected::from(&request), &world.context()).unwrap();
        assert_eq!(
            verified.amount().fen(),
            case["amount"].as_u64().unwrap(),
            "{name}"
        );
        let receipt: protocol::Signed<protocol::Receipt> =
            cbor::decode("receipt", &bytes(&case["receipt"])).unwrap();
        assert_eq!(
            receipt.verify(&request.payee.body.holder_key).unwrap().transfer,
            answer.id()
        );
    }
    for fork in file["forks"].as_array().unwrap() {
        let proof: ForkProof = cbor::decode("fork proof", &bytes(&fork["proof"])).unwrap();
        let shown = proof.verify().unwrap();
        assert_eq!(shown.culprit.to_bytes(), bytes(&fork["culprit"]));
        let [one, other] =
            ["first_payment", "second_payment"].map(|name| Payment::decode(&bytes(&fork[name])).unwrap());
        assert_eq!(ForkProof::find(&one, &other, &shown.outpoint), Some(proof));
    }
}

#[test]
fn refusals_are_refused_where_and_why_they_say() {
    let all = refusals();
    assert!(all.len() >= 40);
    let names: BTreeSet<_> = all.iter().map(|refused| &refused.name).collect();
    assert_eq!(names.len(), all.len());
    let root = Mint::new(SEED).root.verifying_key();
    for refused in &all {
        let read = recode(refused.kind, &refused.bytes, &refused.known);
        let name = &refused.name;
        let error = match &refused.stage {
            Stage::Decode => read.unwrap_err(),
            _ if read.as_ref() != Ok(&refused.bytes) => panic!("{name} is not even read: {read:?}"),
            Stage::Verify(world, _) => {
                let payment = Payment::decode(&refused.bytes).unwrap();
                let request = refused.known.request.as_ref().unwrap();
                verify(payment, &Expected::from(request), &world.context())
                    .unwrap_err()
                    .code()
            }
            Stage::Trust(known) => {
                let mut trust = trust(root, known);
                let before = trust.clone();
                let bundle: TrustBundle = cbor::decode("trust bundle", &refused.bytes).unwrap();
                let error = trust.merge(&bundle).unwrap_err().code();
                assert_eq!(trust, before, "{name}");
                error
            }
            Stage::ForkProof => {
                let proof: ForkProof = cbor::decode("fork proof", &refused.bytes).unwrap();
                proof.verify().unwrap_err().code()
            }
        };
        assert_eq!(error, refused.error, "{name}");
    }
}

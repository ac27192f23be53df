//! `objects.json`: every object by itself.

mod attribution;
mod bank;
mod money;
mod trust;
mod words;

use protocol::{
    Algorithm, Body, Id, Reference, RequestId, Signed, SigningKey, StaticKeyHash, VerifyingKey, cbor,
    message::ResumeTag,
};
use serde::Serialize;

use super::{SEED, algorithm_name};
use crate::{
    json::{Json, ToJson, hex},
    mint::{Holder, Mint, signing_key},
};

#[derive(Serialize)]
pub(super) struct File {
    description: &'static str,
    objects: Vec<Object>,
    hashes: Vec<Hash>,
}

/// One object and what follows from it.
#[derive(Serialize)]
struct Object {
    name: String,
    /// A rule of the CDDL in the wire specification.
    r#type: &'static str,
    algorithm: &'static str,
    description: &'static str,
    /// The canonical bytes.
    hex: Json,
    /// Of what is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Json>,
    /// What is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Json>,
    /// Who signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<Json>,
    /// What a payee proved in the handshake; needed to read its offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    static_key: Option<Json>,
    /// Needed to read an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Json>,
    fields: Json,
}

/// A hash that is no object's id.
#[derive(Serialize)]
struct Hash {
    name: &'static str,
    description: &'static str,
    inputs: Json,
    result: Json,
}

pub(super) fn file() -> File {
    let mut objects = Vec::new();
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        objects.extend(Maker::new(algorithm).all());
    }
    File {
        description: "Every object of the wire format by itself. See docs/wire-format.md for the types.",
        objects,
        hashes: hashes(),
    }
}

struct Maker {
    algorithm: Algorithm,
    mint: Mint,
    alice: Holder,
    shop: Holder,
    account: SigningKey,
}

impl Maker {
    fn new(algorithm: Algorithm) -> Self {
        let mint = Mint::with_authorities(SEED, algorithm);
        Self {
            algorithm,
            alice: mint.holder(algorithm, "Alice"),
            shop: mint.merchant(algorithm, "Shop", "面馆 Noodles"),
            account: signing_key(SEED, algorithm, "account/Alice"),
            mint,
        }
    }

    fn plain(
        &self,
        name: &str,
        kind: &'static str,
        description: &'static str,
        bytes: Vec<u8>,
        fields: Json,
    ) -> Object {
        Object {
            name: format!("{name}-{}", algorithm_name(self.algorithm)),
            r#type: kind,
            algorithm: algorithm_name(self.algorithm),
            description,
            hex: hex(bytes),
            id: None,
            message: None,
            signer: None,
            static_key: None,
            request: None,
            fields,
        }
    }

    fn signed<T: Body + ToJson>(
        &self,
        name: &str,
        kind: &'static str,
        description: &'static str,
        signed: &Signed<T>,
        signer: VerifyingKey,
    ) -> Object {
        assert!(signed.verify(&signer).is_ok(), "{name}");
        Object {
            id: Some(signed.body.id().to_json()),
            message: Some(hex(signed.body.message())),
            signer: Some(signer.to_json()),
            ..self.plain(name, kind, description, cbor::encode(signed), signed.to_json())
        }
    }

    fn all(&self) -> Vec<Object> {
        [
            self.trust(),
            self.money(),
            self.words(),
            self.bank(),
            self.attributions(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn hashes() -> Vec<Hash> {
    let request = RequestId::from_bytes([0x11; 16]);
    let paid = Id::from_bytes([0x22; 32]);
    let order = [0x33; 16];
    let account = signing_key(SEED, Algorithm::P256, "account/Alice").verifying_key();
    let static_key = [0x44; 32];
    let handshake_hash = [0x55; 32];
    let inputs = |members: Vec<(&'static str, Json)>| Json::Object(members);
    vec![
        Hash {
            name: "reference-to-request",
            description: "What a transfer carries that answers a request.",
            inputs: inputs(vec![("request", request.to_json())]),
            result: Reference::to_request(&request).to_json(),
        },
        Hash {
            name: "reference-to-return",
            description: "What a transfer carries that returns what another one paid.",
            inputs: inputs(vec![("paid", paid.to_json())]),
            result: Reference::to_return(&paid).to_json(),
        },
        Hash {
            name: "reference-to-deposit",
            description: "What a transfer carries that deposits for an account.",
            inputs: inputs(vec![("account", account.to_json()), ("order", hex(order))]),
            result: Reference::to_deposit(&account, &order).to_json(),
        },
        Hash {
            name: "reference-to-refresh",
            description: "What a transfer carries that refreshes for an account.",
            inputs: inputs(vec![("account", account.to_json()), ("order", hex(order))]),
            result: Reference::to_refresh(&account, &order).to_json(),
        },
        Hash {
            name: "static-key",
            description: "How a certificate names an X25519 key.",
            inputs: inputs(vec![("static_key", hex(static_key))]),
            result: StaticKeyHash::of(&static_key).to_json(),
        },
        Hash {
            name: "key",
            description: "How a status list names a holder key.",
            inputs: inputs(vec![("key", account.to_json())]),
            result: account.hash().to_json(),
        },
        Hash {
            name: "resume-question",
            description: "How a payer asks for a request inside a session.",
            inputs: inputs(vec![
                ("request", request.to_json()),
                ("handshake_hash", hex(handshake_hash)),
            ]),
            result: ResumeTag::question(&request, &handshake_hash).to_json(),
        },
        Hash {
            name: "resume-answer",
            description: "How the payee answers, and proves that it knows the request too.",
            inputs: inputs(vec![
                ("request", request.to_json()),
                ("handshake_hash", hex(handshake_hash)),
            ]),
            result: ResumeTag::answer(&request, &handshake_hash).to_json(),
        },
    ]
}

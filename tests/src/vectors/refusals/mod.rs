//! `refusals.json`: bytes that every reader must refuse, and why.

mod news;
mod payment;
mod shape;
mod spelling;
mod testimony;

use protocol::{Algorithm, Code, Note, Payment, Request, Signed, SignedTransfer, TrustBundle, cbor};
use serde::Serialize;

use super::{SEED, string, world_json};
use crate::{
    json::{Json, ToJson, hex},
    mint::{Holder, Mint, Paid, Piece, World, fen},
    wire::Known,
};

#[derive(Serialize)]
pub(super) struct File {
    description: &'static str,
    world: Json,
    refusals: Vec<Json>,
}

/// Bytes to be refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Its name.
    pub name: String,
    /// What is wrong.
    pub description: &'static str,
    /// A rule of the CDDL in the wire specification.
    pub kind: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The row of the table of errors.
    pub error: Code,
    /// What the reader knows besides the bytes.
    pub known: Known,
    /// How far the bytes get.
    pub stage: Stage,
}

/// What refuses the bytes.
#[derive(Clone, Debug)]
pub enum Stage {
    /// They cannot be read.
    Decode,
    /// They are a payment that must not be taken.
    Verify(Box<World>, Box<TrustBundle>),
    /// They are a trust bundle that must not be merged into this one.
    Trust(Box<TrustBundle>),
    /// They are a fraud proof that proves nothing.
    ForkProof,
}

pub(super) fn file() -> File {
    let mint = Mint::new(SEED);
    File {
        description: "Bytes that every reader must refuse. `stage` tells what refuses them; whatever is not given is as in `world`.",
        world: world_json(&mint, &mint.world()),
        refusals: refusals().iter().map(|refused| refused.json(&mint)).collect(),
    }
}

impl Refused {
    fn json(&self, mint: &Mint) -> Json {
        let mut members = vec![
            ("name", string(&self.name)),
            ("description", string(self.description)),
            ("type", string(self.kind)),
            ("hex", hex(&self.bytes)),
        ];
        if let Some(request) = &self.known.request {
            members.push(("request", hex(cbor::encode(request))));
        }
        if let Some(static_key) = &self.known.static_key {
            members.push(("static_key_hash", static_key.to_json()));
        }
        match &self.stage {
            Stage::Decode => members.push(("stage", string("decode"))),
            Stage::Verify(world, bundle) => {
                members.push(("stage", string("verify")));
                let usual = mint.world();
                if world.now != usual.now {
                    members.push(("now", world.now.to_json()));
                }
                if **bundle != mint.bundle() {
                    members.push(("trust_bundle", hex(cbor::encode(&**bundle))));
                }
                if world.limits != usual.limits {
                    members.push(("payee_limits", world.limits.to_json()));
                }
                if !world.consumed.is_empty() {
                    let consumed = world.consumed.iter().map(|(outpoint, transfer)| {
                        Json::Object(vec![
                            ("outpoint", outpoint.to_json()),
                            ("transfer", transfer.to_json()),
                        ])
                    });
                    members.push(("consumed", Json::List(consumed.collect())));
                }
            }
            Stage::Trust(known) => {
                members.push(("stage", string("trust")));
                members.push(("known", hex(cbor::encode(&**known))));
            }
            Stage::ForkProof => members.push(("stage", string("fork-proof"))),
        }
        members.push(("error", string(self.error.name())));
        Json::Object(members)
    }
}

/// All of them.
#[must_use]
pub fn refusals() -> Vec<Refused> {
    let mut maker = Maker::new();
    maker.spellings();
    maker.shapes();
    maker.terms_of_trust();
    maker.structures();
    maker.messages();
    maker.returns_and_news();
    maker.dealings();
    maker.verification();
    maker.trust();
    maker.fork_proofs();
    maker.refused
}

struct Maker {
    mint: Mint,
    alice: Holder,
    bob: Holder,
    note: Piece,
    request: Request,
    paid: Paid,
    refused: Vec<Refused>,
}

impl Maker {
    fn new() -> Self {
        let mint = Mint::new(SEED);
        let alice = mint.holder(Algorithm::P256, "Alice");
        let bob = mint.merchant(Algorithm::Ed25519, "Bob", "Bob's Noodles");
        let note = mint.note(&alice, fen(5_000));
        let request = bob.request(1, Some(fen(3_745)));
        Self {
            paid: note.pay(&request, fen(3_745)),
            mint,
            alice,
            bob,
            note,
            request,
            refused: Vec::new(),
        }
    }

    fn push(&mut self, refused: Refused) {
        self.refused.push(refused);
    }

    fn decode(
        &mut self,
        kind: &'static str,
        name: &str,
        description: &'static str,
        bytes: Vec<u8>,
        error: Code,
    ) {
        let known = Known {
            request: (kind == "answer").then(|| self.request.clone()),
            static_key: (kind == "payee-message").then_some(self.bob.certificate.body.static_key),
        };
        self.push(Refused {
            name: name.to_owned(),
            description,
            kind,
            bytes,
            error,
            known,
            stage: Stage::Decode,
        });
    }

    /// The complete payment.
    fn complete(&self) -> Vec<u8> {
        self.paid.payment.encode()
    }
}

fn rebuilt(payment: &Payment, notes: Vec<Signed<Note>>, transfers: Vec<SignedTransfer>) -> Payment {
    Payment::new(notes, transfers, payment.certificates().to_vec()).expect("well formed")
}

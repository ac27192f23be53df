//! The frozen vectors: what `make-vectors` writes, and what the tests compare with the files.

mod annotated;
mod objects;
mod payment;
mod refusals;

use std::path::{Path, PathBuf};

use protocol::{Algorithm, Request, cbor};
use serde::Serialize;

use crate::{
    json::{Json, ToJson, hex},
    mint::{Mint, World},
};

pub use annotated::{BEGIN, END, annotate, worked_example};
pub use refusals::{Refused, Stage, refusals};

/// The seed of every vector.
pub const SEED: u64 = 2026;

/// The folder that the vectors are kept in.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The specification that the worked example stands in.
#[must_use]
pub fn wire_format() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wire-format.md")
}

/// Every vector file of our own making: its name and its content.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("objects.json", text(&objects::file())),
        ("payment.json", text(&payment::file())),
        ("refusals.json", text(&refusals::file())),
    ]
}

/// What the payments of `payment.json` answer.
#[must_use]
pub fn requests() -> Vec<Request> {
    let algorithms = [Algorithm::Ed25519, Algorithm::P256];
    let cases = algorithms.into_iter().flat_map(payment::cases);
    cases.map(|case| case.made.request).collect()
}

fn text(content: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(content).expect("JSON of our own");
    text.push('\n');
    text
}

/// What every verification of the vectors is held against.
fn world_json(mint: &Mint, world: &World) -> Json {
    Json::Object(vec![
        ("root", mint.root.verifying_key().to_json()),
        ("now", world.now.to_json()),
        ("trust_bundle", hex(cbor::encode(&mint.bundle()))),
        ("payee_limits", world.limits.to_json()),
    ])
}

/// How vectors name an algorithm.
fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => "ed25519",
        Algorithm::P256 => "p256",
    }
}

fn string(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

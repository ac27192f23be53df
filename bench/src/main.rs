//! The benchmark: every figure, how it compares with its budget, in one JSON object.
//!
//! `cargo run --release -p bench -- --json`. What is measured, and how, stands in `bench/README.md`. Figures in bytes
//! and counts are exact and the same on every machine; milliseconds are medians of this machine.

#![expect(
    clippy::float_arithmetic,
    reason = "milliseconds and ratios; no money is computed here"
)]

mod bytes;
mod chain;
mod handoff;
mod primitives;
mod timing;

use std::{env, error::Error, process::ExitCode};

use protocol::Algorithm;
use serde::Serialize;

/// All figures for one algorithm of holder keys.
#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    bytes: bytes::Bytes,
    #[serde(flatten)]
    chain: chain::Chain,
    #[serde(flatten)]
    handoff: handoff::Handoffs,
}

#[derive(Serialize)]
struct Report {
    ed25519: Figures,
    p256: Figures,
}

fn measure(algorithm: Algorithm) -> Result<Figures, Box<dyn Error>> {
    Ok(Figures {
        bytes: bytes::measure(algorithm)?,
        chain: chain::measure(algorithm)?,
        handoff: handoff::measure(algorithm)?,
    })
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what it is for")]
fn main() -> ExitCode {
    let json = env::args().skip(1).any(|argument| argument == "--json");
    let report = measure(Algorithm::Ed25519)
        .and_then(|ed25519| {
            Ok(Report {
                ed25519,
                p256: measure(Algorithm::P256)?,
            })
        })
        .and_then(|report| Ok(serde_json::to_value(report)?));
    match report {
        Ok(report) if json => println!("{report:#}"),
        Ok(report) => print_table(&report),
        Err(error) => {
            eprintln!("the benchmark failed: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn print_table(report: &serde_json::Value) {
    let column = |name: &str| report.get(name).and_then(serde_json::Value::as_object);
    let (Some(ed25519), Some(p256)) = (column("ed25519"), column("p256")) else {
        return;
    };
    println!("{:<44} {:>12} {:>12}", "", "Ed25519", "P-256");
    for (name, value) in ed25519 {
        let other = p256.get(name).map(ToString::to_string).unwrap_or_default();
        println!("{name:<44} {:>12} {other:>12}", value.to_string());
    }
}

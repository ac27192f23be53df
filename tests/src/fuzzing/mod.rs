//! What the fuzzer runs, as plain functions: `fuzz/` gives them bytes that it invents, `tests/corpus.rs` the bytes it found.
//!
//! A target takes any bytes at all. It panics if the code under it panics, or if something does not hold that must hold
//! whatever came in. Every input starts from the same world and is judged alone: what one run finds, one file replays.
//!
//! ```
//! for target in tests::fuzzing::TARGETS {
//!     (target.run)(b"anything");
//! }
//! ```

mod bank;
mod codes;
mod decoders;
mod house;
mod input;
mod ledger;
mod link;
mod payee;
mod payer;
mod rows;
pub mod seeds;

use std::path::{Path, PathBuf};

pub use self::{
    bank::bank,
    codes::codes,
    decoders::decoders,
    link::{apdu_card, apdu_reader},
    payee::payee,
    payer::payer,
    rows::rows,
};

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: of the function, of the program in `fuzz/`, of the folder of its corpus.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "decoders",
        run: decoders,
    },
    Target {
        name: "codes",
        run: codes,
    },
    Target {
        name: "apdu_card",
        run: apdu_card,
    },
    Target {
        name: "apdu_reader",
        run: apdu_reader,
    },
    Target {
        name: "payer",
        run: payer,
    },
    Target {
        name: "payee",
        run: payee,
    },
    Target {
        name: "rows",
        run: rows,
    },
    Target {
        name: "bank",
        run: bank,
    },
];

/// The folder that holds the corpus of a target.
#[must_use]
pub fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target)
}

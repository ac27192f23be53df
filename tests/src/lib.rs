//! What the tests of several crates share: a mint without a bank, the makers of the frozen vectors, and what the fuzzer runs.
//!
//! The tests themselves are in `tests/`, the vectors in `vectors/`, and an independent reader of
//! both, in another language, in `python/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "everything in this crate runs under tests and benchmarks, where a panic is the report"
)]

pub mod counts;
#[cfg(feature = "phones")]
pub mod fuzzing;
pub mod hostile;
pub mod json;
#[cfg(feature = "phones")]
pub mod killed;
pub mod mint;
#[cfg(feature = "phones")]
pub mod model;
#[cfg(feature = "phones")]
pub mod phones;
pub mod scene;
#[cfg(feature = "phones")]
pub mod vaults;
pub mod vectors;
pub mod wire;

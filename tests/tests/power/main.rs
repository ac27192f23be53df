//! The power fails, the disk fails, the disk is full: at every single operation, whatever is kept of what was not synced.
//!
//! Phones in these tests have a [disk](simulator::disk) each that forgets what was not synced. Every test goes through
//! all operations of what it tests, and prints how many cases that were.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it went through"
)]

mod bank;
mod files;
mod handoff;
mod life;
mod log;
mod stand;

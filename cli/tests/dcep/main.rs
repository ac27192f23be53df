//! `dcep` from the outside: real processes, real files, real sockets.
//!
//! `cfg(test)` is always true here; it tells the lints that all of this is test code.

#![cfg(test)]

mod demands;
mod demo;
mod failures;
mod limits;
mod refunds;
mod safety;
mod slips;
mod terminals;
mod torn;
mod town;

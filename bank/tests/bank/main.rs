//! The bank from outside, as wallets, staff and auditors see it. One binary, so that SQLite is linked once.
//!
//! `cfg(test)` is always true here; it tells the lints that all of this is test code.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod closings;
#[cfg(test)]
mod common;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod forks;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod settlement;

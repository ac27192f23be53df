//! The device itself: its clock and its randomness, for wallets and for the bank.

use protocol::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};
use wallet_core::platform::{ClockUnavailable, EntropyUnavailable};

/// The operating system's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

impl SystemClock {
    /// `None` before 1970.
    fn now() -> Option<Timestamp> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_seconds(since_epoch.as_secs()))
    }
}

impl wallet_core::platform::Clock for SystemClock {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        Self::now().ok_or(ClockUnavailable)
    }
}

impl bank::Clock for SystemClock {
    fn now(&self) -> Result<Timestamp, bank::ClockError> {
        Self::now().ok_or(bank::ClockError)
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemEntropy;

impl wallet_core::platform::Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        getrandom::fill(buffer).map_err(|_| EntropyUnavailable)
    }
}

impl bank::Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), bank::EntropyError> {
        getrandom::fill(bytes).map_err(|_| bank::EntropyError)
    }
}

//! What the operating system tells: the time, and randomness.

use protocol::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};
use wallet_core::platform::{Clock, ClockUnavailable, Entropy, EntropyUnavailable};

/// The operating system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let since_epoch = since_epoch.map_err(|_| ClockUnavailable)?;
        Ok(Timestamp::from_seconds(since_epoch.as_secs()))
    }
}

/// The operating system's randomness, and nothing else.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        getrandom::fill(buffer).map_err(|_| EntropyUnavailable)
    }
}

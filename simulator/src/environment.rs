//! Time and randomness that a test holds in its hand.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use protocol::Timestamp;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use wallet_core::platform::{ClockUnavailable, EntropyUnavailable};

/// A clock that moves only when it is told to. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<AtomicU64>);

impl VirtualClock {
    /// A clock that stands at this moment.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(now.seconds())))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }

    /// Moves the clock to another moment, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.seconds(), Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: u64) {
        self.set(Timestamp::from_seconds(
            self.now().seconds().saturating_add(seconds),
        ));
    }
}

impl wallet_core::platform::Clock for VirtualClock {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        Ok(Self::now(self))
    }
}

impl bank::Clock for VirtualClock {
    fn now(&self) -> Result<Timestamp, bank::ClockError> {
        Ok(Self::now(self))
    }
}

/// Randomness out of a seed. Never for money.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<ChaCha20Rng>);

impl SeededEntropy {
    /// The stream of this number under this seed. Different streams share nothing, so one phone's draws do not depend
    /// on what another does.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Self(Mutex::new(random))
    }

    fn draw(&self, buffer: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(buffer);
    }
}

impl wallet_core::platform::Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        self.draw(buffer);
        Ok(())
    }
}

impl bank::Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), bank::EntropyError> {
        self.draw(buffer);
        Ok(())
    }
}

//! Time and randomness that a test holds in its hand.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
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

/// A device's own clock. It follows the world's, but it may have been set wrong, and it may run fast or slow. Clones are the
/// same clock.
#[derive(Clone, Debug)]
pub struct DeviceClock {
    world: VirtualClock,
    setting: Arc<Mutex<Setting>>,
}

/// How wrong a device's clock is.
#[derive(Clone, Copy, Debug)]
struct Setting {
    /// Seconds ahead of the world when the clock was last set; negative, behind.
    ahead: i64,
    /// Seconds gained in every million.
    drift: i64,
    /// When it was last set, by the world's clock.
    since: Timestamp,
}

impl DeviceClock {
    /// A clock that goes with the world's.
    #[must_use]
    pub fn right(world: &VirtualClock) -> Self {
        let setting = Setting {
            ahead: 0,
            drift: 0,
            since: world.now(),
        };
        Self {
            world: world.clone(),
            setting: Arc::new(Mutex::new(setting)),
        }
    }

    /// The world's clock, which this one goes with.
    pub(crate) const fn world(&self) -> &VirtualClock {
        &self.world
    }

    /// Now, as this device sees it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let world = self.world.now();
        Timestamp::from_seconds(
            world
                .seconds()
                .saturating_add_signed(self.setting().ahead_at(world)),
        )
    }

    /// Somebody sets the clock forward, or back.
    pub fn jump(&self, seconds: i64) {
        let now = self.world.now();
        let mut setting = self.setting();
        setting.ahead = setting.ahead_at(now).saturating_add(seconds);
        setting.since = now;
    }

    /// From now on the clock gains so many seconds in every million; it loses them, if negative.
    pub fn drift(&self, seconds_in_a_million: i64) {
        self.jump(0);
        self.setting().drift = seconds_in_a_million;
    }

    /// Somebody sets the clock right, and it stays so.
    pub fn set_right(&self) {
        *self.setting() = Setting {
            ahead: 0,
            drift: 0,
            since: self.world.now(),
        };
    }

    fn setting(&self) -> MutexGuard<'_, Setting> {
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Setting {
    fn ahead_at(&self, world: Timestamp) -> i64 {
        let elapsed = world.seconds().saturating_sub(self.since.seconds());
        let gained = i64::try_from(elapsed)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.drift)
            / 1_000_000;
        self.ahead.saturating_add(gained)
    }
}

impl wallet_core::platform::Clock for DeviceClock {
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

    /// The next bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.draw(&mut bytes);
        bytes
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

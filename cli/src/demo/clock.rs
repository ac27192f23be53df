//! A clock that can be moved: claim windows are open for years, and the story is told in seconds.

use protocol::Timestamp;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use wallet_core::platform::ClockUnavailable;

use crate::device::SystemClock;

/// The operating system's clock, and some days more. Clones are moved together: bank and phones live on the same day.
#[derive(Clone, Debug, Default)]
pub(super) struct DemoClock {
    days_ahead: Arc<AtomicU64>,
}

impl DemoClock {
    const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

    /// So many days pass for everybody.
    pub(super) fn pass(&self, days: u32) {
        self.days_ahead.fetch_add(days.into(), Ordering::Relaxed);
    }

    fn moved(&self, real: Timestamp) -> Timestamp {
        let ahead = self.days_ahead.load(Ordering::Relaxed);
        let ahead = ahead.saturating_mul(Self::SECONDS_PER_DAY);
        Timestamp::from_seconds(real.seconds().saturating_add(ahead))
    }
}

impl wallet_core::platform::Clock for DemoClock {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        wallet_core::platform::Clock::now(&SystemClock).map(|real| self.moved(real))
    }
}

impl bank::Clock for DemoClock {
    fn now(&self) -> Result<Timestamp, bank::ClockError> {
        bank::Clock::now(&SystemClock).map(|real| self.moved(real))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bank_and_phones_are_moved_together() {
        let phone = DemoClock::default();
        let bank = phone.clone();
        let real = bank::Clock::now(&SystemClock).unwrap();
        phone.pass(3);
        phone.pass(4);
        let week_later = real.seconds() + 7 * 86_400;
        assert!(bank::Clock::now(&bank).unwrap().seconds() >= week_later);
        let phones = wallet_core::platform::Clock::now(&phone).unwrap();
        assert!(phones.seconds() >= week_later);
    }
}

//! Moments and days. `protocol` never asks a clock: every moment is an argument.

use core::fmt;

use minicbor::{Decode, Encode};

/// A moment: seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] u64);

impl Timestamp {
    /// The moment so many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The day (UTC) this moment lies in.
    #[must_use]
    pub fn day(self) -> Day {
        Day(u32::try_from(self.0 / 86_400).unwrap_or(u32::MAX))
    }
}

/// A day (UTC): days since 1970-01-01. Validity is counted in days, so that no object tells the hour it was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Day(#[n(0)] u32);

impl Day {
    /// The day so many days after 1970-01-01.
    #[must_use]
    pub const fn from_number(days: u32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The day so many days later (the last representable one if that is earlier).
    #[must_use]
    pub const fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// How many days have passed since `earlier`; zero if it lies in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first second of this day.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as u64 * 86_400)
    }

    /// The calendar year this day lies in.
    #[must_use]
    pub const fn year(self) -> u32 {
        let (year, ..) = self.date();
        year
    }

    /// The first day of the next calendar year.
    #[must_use]
    pub const fn next_new_year(self) -> Self {
        // So many whole years lie between 0001-01-01 and that day; 719,162 days of them before 1970.
        let years = self.year() as u64;
        let days = (years * 365 + years / 4 - years / 100 + years / 400).saturating_sub(719_162);
        Self(if days > u32::MAX as u64 {
            u32::MAX
        } else {
            days as u32
        })
    }

    /// Year, month and day in the proleptic Gregorian calendar.
    #[must_use]
    pub const fn date(self) -> (u32, u32, u32) {
        // Days to civil date, era by era of 400 years, with years that begin in March so that
        // the leap day comes last (Howard Hinnant, "chrono-compatible low-level date algorithms").
        let z = self.0 as u64 + 719_468;
        let (era, day_of_era) = (z / 146_097, z % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + (month <= 2) as u64;
        // Four billion days are twelve million years.
        (year as u32, month as u32, day as u32)
    }
}

/// `2026-11-24`, in the proleptic Gregorian calendar.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_print_as_dates() {
        for (number, text) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_781, "2026-11-24"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(Day(number).to_string(), text);
        }
        assert_eq!(Day(u32::MAX).year(), 11_761_191);
        assert_eq!(Timestamp(86_399).day(), Day(0));
        assert_eq!(Timestamp(u64::MAX).day(), Day(u32::MAX));
    }

    #[test]
    fn every_new_year_is_the_day_on_which_the_year_changes() {
        let mut day = Day(0);
        for year in 1970..2_420 {
            assert_eq!((day.year(), day.to_string()), (year, format!("{year}-01-01")));
            let next = day.next_new_year();
            let eve = Day(next.0 - 1);
            assert_eq!((eve.year(), eve.next_new_year()), (year, next));
            day = next;
        }
        assert_eq!(Day(u32::MAX).next_new_year(), Day(u32::MAX));
    }
}

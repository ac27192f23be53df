//! What this wallet has paid, by the day: what the limits of a day, of a year and of being offline are held against.
//!
//! A payment counts when it is signed, on the day that the wallet's time says, and it is written down in the very commit
//! that signs it. Nothing here ever looks at a clock: the wallet's time is never before the newest time that the bank has
//! signed, so no payment is ever counted on an earlier day than that one, and what was paid on such days is forgotten. A
//! clock that is set forward uses up the days it jumps to, and they stay used up when it is set back and they come
//! again: whichever way it goes, the allowance of each calendar day is there once.

use minicbor::{Decode, Encode};
use protocol::{Amount, Day};
use std::collections::BTreeMap;

use crate::{model::Outgoing, purse::sum};

/// What was paid, as far as a limit still asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Spending {
    /// By the day.
    #[n(0)]
    days: BTreeMap<Day, Amount>,
    /// By the calendar year.
    #[n(1)]
    years: BTreeMap<u32, Amount>,
    /// Since the last contact with the bank in which it answered to everything.
    #[n(2)]
    offline: Amount,
    /// In how many payments.
    #[n(3)]
    payments: u32,
    /// The commit that noted that contact: later ones count.
    #[n(4)]
    synced: u64,
    /// Without the holder's confirmation, since the last payment with it.
    #[n(5)]
    unconfirmed: Amount,
    /// The commit of that payment: later ones were not confirmed.
    #[n(6)]
    confirmed: u64,
}

/// Whether the holder decided on a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// The holder said how much, and the vault knows that it was the holder.
    Confirmed,
    /// The holder held out the phone, and the policy permits so much.
    Unconfirmed,
}

impl Spending {
    /// That of a wallet that has not paid yet.
    pub(crate) const fn none() -> Self {
        Self {
            days: BTreeMap::new(),
            years: BTreeMap::new(),
            offline: Amount::ZERO,
            payments: 0,
            synced: 0,
            unconfirmed: Amount::ZERO,
            confirmed: 0,
        }
    }

    /// What was paid on this day.
    pub(crate) fn on(&self, day: Day) -> Amount {
        self.days.get(&day).copied().unwrap_or_default()
    }

    /// What was paid in the year of this day.
    pub(crate) fn in_year_of(&self, day: Day) -> Amount {
        self.years.get(&day.year()).copied().unwrap_or_default()
    }

    /// What was paid since the bank last answered to everything.
    pub(crate) const fn offline(&self) -> Amount {
        self.offline
    }

    /// In how many payments.
    pub(crate) const fn payments(&self) -> u32 {
        self.payments
    }

    /// Whether anything was paid since then.
    pub(crate) const fn is_offline(&self) -> bool {
        self.payments > 0 || !self.offline.is_zero()
    }

    /// What was paid without confirmation since the last payment with it.
    pub(crate) const fn unconfirmed(&self) -> Amount {
        self.unconfirmed
    }

    /// With a payment that is signed today, in this commit. What nobody can ask for any more, because it was paid before
    /// `floor`, is left out.
    pub(crate) fn with(
        &self,
        amount: Amount,
        decision: Decision,
        today: Day,
        floor: Day,
        commit: u64,
    ) -> Self {
        let mut next = self.clone();
        next.days.retain(|day, _| *day >= floor);
        next.years.retain(|year, _| *year >= floor.year());
        for total in [
            next.days.entry(today).or_default(),
            next.years.entry(today.year()).or_default(),
            &mut next.offline,
        ] {
            *total = plus(*total, amount);
        }
        next.payments = next.payments.saturating_add(1);
        match decision {
            Decision::Confirmed => (next.unconfirmed, next.confirmed) = (Amount::ZERO, commit),
            Decision::Unconfirmed => next.unconfirmed = plus(next.unconfirmed, amount),
        }
        next
    }

    /// Without a payment of which everything came back.
    pub(crate) fn without(&self, paid: &Outgoing) -> Self {
        let mut next = self.clone();
        let day = paid.signed_at.day();
        let totals = [next.days.get_mut(&day), next.years.get_mut(&day.year())];
        for total in totals.into_iter().flatten() {
            *total = total.saturating_sub(paid.amount);
        }
        if paid.commit > next.synced {
            next.offline = next.offline.saturating_sub(paid.amount);
            next.payments = next.payments.saturating_sub(1);
        }
        if paid.commit > next.confirmed {
            next.unconfirmed = next.unconfirmed.saturating_sub(paid.amount);
        }
        next
    }

    /// After a contact in which the bank answered to everything that was paid up to this commit.
    pub(crate) fn synced(&self, commit: u64) -> Self {
        Self {
            offline: Amount::ZERO,
            payments: 0,
            synced: commit,
            ..self.clone()
        }
    }
}

fn plus(total: Amount, amount: Amount) -> Amount {
    sum([total, amount].into_iter())
}

#[cfg(test)]
mod tests;

//! What a phone pays on a day and in a year: an account that is kept outside the wallet, of every payment from the moment that it
//! was signed. Only the time is the wallet's own, and that is held against the device's clock and the bank's.

use std::collections::BTreeMap;

use protocol::{Amount, Id, Timestamp};
use wallet_core::{InDoubt, handoff::PayerState};

use super::Checker;
use crate::{
    phone::Phone,
    town::{
        cast::Who,
        violation::{Guarantee, Violation},
    },
};

/// What a phone signed away to people.
#[derive(Default)]
pub(super) struct Ledger {
    /// Each payment, and when it was signed by the wallet's time.
    payments: BTreeMap<Id, (Amount, Timestamp)>,
    /// The last time of the bank's that is sure to have reached it.
    told: Timestamp,
}

impl Ledger {
    /// What it paid at times like these, in fen.
    fn sum(&self, counts: impl Fn(Timestamp) -> bool) -> u64 {
        let payments = self.payments.values().filter(|(_, at)| counts(*at));
        payments.map(|(amount, _)| amount.fen()).sum()
    }

    fn on_the_day(&self, of: Timestamp) -> u64 {
        self.sum(|at| at.day() == of.day())
    }

    fn in_the_year(&self, of: Timestamp) -> u64 {
        self.sum(|at| at.day().year() == of.day().year())
    }
}

impl Checker {
    /// A phone dealt with the bank at this time, and all went well: it has heard the bank's time.
    pub(in super::super) fn told_time(&mut self, who: Who, at: Timestamp) -> Result<(), Violation> {
        let ledger = &mut self.view(who)?.ledger;
        ledger.told = ledger.told.max(at);
        Ok(())
    }

    /// A payment was signed. It and those of the same day and year are within the limits; one of which everything came back does
    /// not count.
    pub(super) fn keep_account(
        &mut self,
        phone: &Phone,
        payer: Who,
        payment: &InDoubt,
    ) -> Result<(), Violation> {
        let view = self.view(payer)?;
        let (limits, ledger) = (&view.limits, &mut view.ledger);
        let at = payment.since;
        ledger.payments.insert(payment.transfer, (payment.amount, at));
        let year = limits.per_year.unwrap_or(Amount::MAX);
        let exceeds = |ledger: &Ledger| {
            ledger.on_the_day(at) > limits.per_day.fen() || ledger.in_the_year(at) > year.fen()
        };
        if exceeds(ledger) {
            let spent = |id: &Id, _: &mut (Amount, Timestamp)| {
                !matches!(phone.wallet().payer_state(id), Ok(PayerState::Returned))
            };
            ledger.payments.retain(spent);
        }
        if exceeds(ledger) {
            let what = format!(
                "{payer} paid {} fen on {} and {} in that year, and {} and {year} are permitted",
                ledger.on_the_day(at),
                at.day(),
                ledger.in_the_year(at),
                limits.per_day,
            );
            return Err(Violation::new(Guarantee::Limit, what));
        }
        Ok(())
    }

    /// A payment was signed just now: on the day that the device's clock shows, but never before a day that the bank has told.
    pub(super) fn check_time(&mut self, phone: &Phone, payer: Who, payment: &Id) -> Result<(), Violation> {
        let view = self.view(payer)?;
        let Some((_, at)) = view.ledger.payments.get(payment).filter(|_| view.honest) else {
            return Ok(());
        };
        let (device, world) = (phone.clock().now(), phone.clock().world().now());
        let (from, until) = (device.max(view.ledger.told), device.max(world));
        if (from.day()..=until.day()).contains(&at.day()) {
            return Ok(());
        }
        let what = format!(
            "{payer} dates {payment} {}, and it is a day from {} to {}",
            at.day(),
            from.day(),
            until.day()
        );
        Err(Violation::new(Guarantee::Limit, what))
    }
}

//! What a phone may pay between two contacts with the bank, and between two confirmations of its holder: counted from
//! outside, and never more than what was really paid, so that whoever exceeds it here has exceeded it.

use std::collections::BTreeMap;

use protocol::{Amount, Id, Limits};
use wallet_core::handoff::PayerState;

use super::{Checker, fen};
use crate::{
    phone::Phone,
    town::{
        cast::Who,
        violation::{Guarantee, Violation},
    },
};

/// A payment that was just receipted.
#[derive(Clone, Copy)]
pub(in super::super) struct Paid {
    pub(in super::super) transfer: Id,
    pub(in super::super) amount: Amount,
    /// Whether its holder confirmed it.
    pub(in super::super) confirmed: bool,
}

/// What a phone paid by taps that came to their end.
#[derive(Default)]
pub(super) struct Allowance {
    /// Since it last spoke with the bank.
    offline: BTreeMap<Id, Amount>,
    /// Since its holder last confirmed anything.
    unconfirmed: BTreeMap<Id, Amount>,
}

impl Allowance {
    /// It spoke with the bank.
    pub(super) fn online(&mut self) {
        self.offline.clear();
    }

    fn pay(&mut self, paid: &Paid, limits: &Limits) -> Result<(), String> {
        self.offline.insert(paid.transfer, paid.amount);
        let offline = &limits.offline;
        let (count, sum) = (self.offline.len(), fen(self.offline.values()));
        if count as u64 > u64::from(offline.payments) || sum > offline.total.fen() {
            return Err(format!(
                "{sum} fen in {count} payments out of sight of the bank, and {} in {} are permitted",
                offline.total, offline.payments
            ));
        }
        if paid.confirmed {
            return Ok(());
        }
        self.unconfirmed.insert(paid.transfer, paid.amount);
        let sum = fen(self.unconfirmed.values());
        let (each, all) = (limits.unconfirmed_each, limits.unconfirmed_total);
        if paid.amount > each || sum > all.fen() {
            let amount = paid.amount;
            return Err(format!(
                "{amount} of {sum} fen without confirmation, and {each} of {all} are permitted"
            ));
        }
        Ok(())
    }
}

impl Checker {
    /// A payer's holder decided on a payment, whatever then became of it.
    pub(in super::super) fn confirmed(&mut self, payer: Who) -> Result<(), Violation> {
        self.view(payer)?.allowance.unconfirmed.clear();
        Ok(())
    }

    /// A payment was receipted. It and those before it are within the limits; of which everything came back does not count.
    pub(in super::super) fn paid(&mut self, phone: &Phone, payer: Who, paid: Paid) -> Result<(), Violation> {
        let view = self.view(payer)?;
        let counts =
            |id: &Id, _: &mut Amount| !matches!(phone.wallet().payer_state(id), Ok(PayerState::Returned));
        view.allowance.offline.retain(counts);
        view.allowance.unconfirmed.retain(counts);
        match view.allowance.pay(&paid, &view.limits) {
            Err(what) if view.honest => Err(Violation::new(Guarantee::Limit, format!("{payer} paid {what}"))),
            _ => Ok(()),
        }
    }
}

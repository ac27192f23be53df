//! What a phone signed: the checker hears of it from the wallet itself, before anybody else does, and asks the vault.

use wallet_core::{Doubt, Doubtful, InDoubt, handoff::PayerState};

use super::{Checker, Known, Party};
use crate::{
    phone::Phone,
    town::{
        cast::Who,
        violation::{Guarantee, Violation},
    },
};

impl Checker {
    /// A wallet signed this, and says so itself before anybody else hears of it. `listed` is what it shows its holder.
    pub(super) fn learn(
        &mut self,
        phone: &Phone,
        payer: Who,
        doubt: &Doubt,
        listed: &[InDoubt],
    ) -> Result<(), Violation> {
        let left = doubt.state != PayerState::Committed;
        let view = self.view(payer)?;
        let (honest, limit) = (view.honest, view.limits.per_payment);
        let mut described = None;
        let payee = match self.truth.transfer(&doubt.transfer) {
            Some(known) => known.payee,
            // Whatever leaves was learned before. This was signed, and its commit reported to have failed; but it had taken effect,
            // so it was in a copy of the files, and the phone went on without it. Now it never leaves.
            None if honest && doubt.state == PayerState::Frozen => return Ok(()),
            None => {
                let shown = shown(listed, payer, doubt)?;
                // By the key, which only one vault can have made. The bank's was made by none.
                let owner = self.keys.get(&shown.payee.hash());
                described = Some(shown);
                owner.map_or(Party::Bank, |who| Party::Phone(*who))
            }
        };
        let to_somebody = matches!(payee, Party::Phone(_));
        if honest && to_somebody && doubt.amount > limit {
            let what = format!("{payer} paid {} at once, and {limit} is permitted", doubt.amount);
            return Err(Violation::new(Guarantee::Limit, what));
        }
        if let Some(shown) = described.filter(|_| honest) {
            if !phone
                .hardware()
                .vault()
                .transfers_after(0)
                .contains(&shown.transfer)
            {
                let what = format!("{payer} doubts {}, which its vault never signed", shown.transfer);
                return Err(Violation::new(Guarantee::NoValueCreated, what));
            }
            if to_somebody && shown.what == Doubtful::Payment {
                self.keep_account(phone, payer, &shown)?;
            }
        }
        let known = Known::new(payer, payee, doubt.inputs.clone(), doubt.amount, left);
        let family = self.family(payer);
        self.truth
            .signed(doubt.transfer, known, honest, |other| family.contains(&other))
    }
}

/// What the wallet shows its holder of it.
fn shown(listed: &[InDoubt], payer: Who, doubt: &Doubt) -> Result<InDoubt, Violation> {
    let shown = listed.iter().find(|shown| shown.transfer == doubt.transfer);
    shown.cloned().ok_or_else(|| {
        let what = format!(
            "{payer} holds {} to be in doubt, and does not list it",
            doubt.transfer
        );
        Violation::new(Guarantee::View, what)
    })
}

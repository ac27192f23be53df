//! Refunds, held against the payments that they give back.

use protocol::Id;

use super::{Checker, Party, fen};
use crate::town::{
    cast::Who,
    violation::{Guarantee, Violation},
};

impl Checker {
    /// A wallet signed a refund. It pays who had paid, and all refunds of a payment together never exceed it; only a wallet
    /// that was rolled back may have forgotten earlier ones.
    pub(in super::super) fn refunded(&mut self, giver: Who, paid: Id, refund: Id) -> Result<(), Violation> {
        self.refunds.insert(refund, paid);
        let view = self.view(giver)?;
        let (honest, remembers) = (view.honest, view.new_keys.is_none());
        let broken = |what: String| Err(Violation::new(Guarantee::Refund, what));
        let (Some(payment), Some(back)) = (self.truth.transfer(&paid), self.truth.transfer(&refund)) else {
            return broken(format!(
                "{giver} gave {refund} back for {paid}, and one of them is unknown"
            ));
        };
        if honest && back.payee != Party::Phone(payment.payer) {
            let what = format!(
                "{} paid {paid}, and {giver} gave it back to {:?}",
                payment.payer, back.payee
            );
            return broken(what);
        }
        let refunds = self.refunds.iter().filter(|(_, of)| **of == paid);
        // Those that were undone with the files they stood in are not there any more.
        let there = refunds.filter_map(|(refund, _)| self.truth.transfer(refund));
        let sum = fen(there.map(|known| &known.paid));
        if honest && remembers && sum > payment.paid.fen() {
            let what = format!(
                "{giver} gave {sum} fen back of {paid}, which was {}",
                payment.paid
            );
            return broken(what);
        }
        Ok(())
    }
}

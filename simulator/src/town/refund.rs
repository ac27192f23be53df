//! Money back: the payee decides on it, and brings it by a tap, or lets the bank bring it.

use protocol::{Amount, Id};

use super::{
    Town,
    cast::{Owed, Sold, Who},
    remember,
    step::Tap,
    violation::Violation,
};
use crate::handoff::Handoff;

impl Town {
    /// Somebody was paid, by whichever way the money came.
    pub(super) fn sold(&mut self, payee: Who, transfer: Id) {
        let Some(payer) = self.checker.payer(&transfer) else {
            return;
        };
        let sold = Sold {
            payer,
            payee,
            transfer,
        };
        if !self.sold.contains(&sold) {
            remember(&mut self.sold, sold);
        }
    }

    /// A payee signs a refund: of `amount`, or of all that is left of the payment. It may be brought at once.
    pub(super) fn refund(
        &mut self,
        sold: usize,
        amount: Option<Amount>,
        tap: Option<&Tap>,
    ) -> Result<String, Violation> {
        let Some(sold) = self.sold.get(sold).copied() else {
            return Ok("nothing was sold".to_owned());
        };
        if self.person(sold.payee)?.gone {
            return Ok("who was paid is gone".to_owned());
        }
        let wallet = self.phone(sold.payee)?.wallet();
        let signed = wallet
            .refundable(&sold.transfer)
            .and_then(|left| wallet.refund(&sold.transfer, amount.unwrap_or(left)));
        self.look(&[sold.payee])?;
        let refund = match signed {
            Ok(refund) => refund,
            Err(error) => return Ok(format!("no refund: {error}")),
        };
        self.counts.refunds += 1;
        self.checker.refunded(sold.payee, sold.transfer, refund)?;
        let owed = Owed { sold, refund };
        remember(&mut self.owed, owed);
        match tap {
            Some(tap) => self.bring(self.owed.len().saturating_sub(1), tap),
            None => Ok("signed".to_owned()),
        }
    }

    /// Who owes a refund and who gets it hold their phones together.
    pub(super) fn bring(&mut self, owed: usize, tap: &Tap) -> Result<String, Violation> {
        let Some(Owed { sold, refund }) = self.owed.get(owed).copied() else {
            return Ok("nothing is owed".to_owned());
        };
        let (giver, taker) = (sold.payee, sold.payer);
        if self.person(giver)?.gone || self.person(taker)?.gone {
            self.owed.remove(owed);
            return Ok("one of them is gone".to_owned());
        }
        let giving = self.phone(giver)?.wallet().resume(tap.roles.payer())?;
        // A payer that lost its memory knows of no payment, and a rogue's wallet never did.
        let taking = self
            .phone(taker)?
            .wallet()
            .await_refund(&sold.transfer, tap.roles.payee());
        let Ok(taking) = taking else {
            self.owed.remove(owed);
            return Ok("who paid knows nothing of it".to_owned());
        };
        let mut handoff = Handoff {
            payer: giving,
            payee: taking,
        };
        let mut air = super::tap::weather(tap.weather);
        let said = self.tap(giver, taker, &mut handoff, &mut air, tap)?;
        self.look(&[giver, taker])?;
        let doubts = self.phone(giver)?.wallet().in_doubt()?;
        if doubts.iter().all(|doubt| doubt.transfer != refund) {
            self.owed.remove(owed);
        }
        Ok(said)
    }
}

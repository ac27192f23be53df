//! Closing: what nobody claimed until its last day is credited to the customer whose key it is on.
//!
//! A lost phone is a delay, not a loss. Each closing is an order to the issuer like any other, pending until its outcome
//! is in the books.

use std::sync::PoisonError;

use protocol::{Amount, Id, Outpoint, Timestamp, VerifyingKey, bank::IdempotencyKey};
use rusqlite::Connection;

use super::{
    CallError, Operator, OperatorFailure, accounts, mailbox,
    orders::{self, PendingOrder, Work},
    registry,
};
use crate::{
    environment::random,
    issuer::{
        api::{Closing, Due, IssuerError, Late},
        outpoint_bytes,
    },
    ledger::{Account, Entry, Ledger, Reason},
};

/// What the closing of claim windows came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Closings {
    /// How many outpoints were closed.
    pub count: u64,
    /// What was credited for them in all.
    pub credited: Amount,
}

impl Operator {
    /// Credits customers with everything whose last day to claim has passed. Done by itself when the books are opened, and
    /// before the first call of every day; doing it more often changes nothing.
    ///
    /// What is excess waits, while nobody covers it.
    ///
    /// # Errors
    /// [`CallError::Issuer`] if the issuer does not answer, or [`CallError::Failed`]. What was closed until then is closed.
    pub fn close_windows(&self) -> Result<Closings, CallError> {
        // One clerk at a time: two would order the same closing under two names.
        let mut closed_on = self
            .windows_closed_on
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let today = self.now()?.day();
        self.finish_closings()?;
        let mut closings = Closings::default();
        let mut after = None;
        loop {
            let page = self.issuer.due(after)?;
            let Some(last) = page.last() else {
                *closed_on = Some(today);
                return Ok(closings);
            };
            after = Some(last.outpoint);
            for due in &page {
                if let Some(credited) = self.close_one(due)? {
                    closings.count = closings.count.saturating_add(1);
                    closings.credited = closings.credited.checked_add(credited).unwrap_or(Amount::MAX);
                }
            }
        }
    }

    /// What an issuer that gave no answer left behind comes first.
    fn finish_closings(&self) -> Result<(), CallError> {
        for order in self.store.read(orders::all)? {
            if let Work::Close(outpoint, key) = order.work {
                match self.drive_closing(&order, outpoint, key) {
                    Ok(_) | Err(CallError::CoverExhausted | CallError::Issuer(IssuerError::Refused(_))) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Closes one outpoint, if it is a customer's: what it was credited with.
    fn close_one(&self, due: &Due) -> Result<Option<Amount>, CallError> {
        let order = self.store.write::<_, CallError>(|tx| {
            let Some(customer) = registry::owner(tx, &due.output.holder_key)? else {
                return Ok(None);
            };
            let id = random(&*self.entropy)?;
            let order = PendingOrder {
                id,
                customer,
                // Nobody called; no answer will be remembered.
                idempotency_key: IdempotencyKey::from_bytes(id),
                call: Id::from_bytes([0; 32]),
                work: Work::Close(due.outpoint, due.output.holder_key),
            };
            orders::write_down(tx, &order)?;
            Ok(Some(order))
        })?;
        let Some(order) = order else { return Ok(None) };
        match self.drive_closing(&order, due.outpoint, due.output.holder_key) {
            Ok(credited) => Ok(Some(credited)),
            // It waits, or went on since; the next time will tell.
            Err(CallError::CoverExhausted | CallError::Issuer(IssuerError::Refused(_))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The second half of a closing, any number of times.
    pub(super) fn drive_closing(
        &self,
        order: &PendingOrder,
        outpoint: Outpoint,
        holder_key: VerifyingKey,
    ) -> Result<Amount, CallError> {
        let certificate = self
            .store
            .read(|connection| registry::first_certificate(connection, &holder_key))?
            .ok_or(OperatorFailure::Inconsistent {
                what: "a key of a customer without a certificate",
            })?;
        let closing = self.with_cover(order, |accepted| {
            self.issuer
                .close(order.id, self.config.operator, outpoint, &certificate, accepted)
        })?;
        self.complete_closing(order, &closing)
    }

    fn complete_closing(&self, order: &PendingOrder, closing: &Closing) -> Result<Amount, CallError> {
        let at = self.now()?;
        let cause = outpoint_bytes(&closing.outpoint);
        self.store.write(|tx| {
            if !orders::forget(tx, order)? {
                return Ok(Amount::ZERO);
            }
            let account = accounts::ledger_account(tx, order.customer)?;
            if !closing.redeemed.is_zero() {
                Ledger::in_(tx).post(&Entry {
                    debit: self.chart.reserve,
                    credit: account,
                    amount: closing.redeemed,
                    reason: Reason::Closing,
                    cause: &cause,
                    at,
                })?;
            }
            let excess = self.pay_excess(tx, order, &cause, &closing.excess, at)?;
            let late = self.reverse(tx, account, &cause, &closing.late, at)?;
            let credited = Amount::checked_sum([closing.redeemed, excess, late]).ok_or(
                OperatorFailure::Inconsistent {
                    what: "a closing above every amount",
                },
            )?;
            mailbox::deliver_closing(tx, order.customer, closing.outpoint, credited)?;
            Ok(credited)
        })
    }

    /// Takes back from earlier holders what turned out to be somebody else's: as far as their accounts reach, and the rest
    /// is borne by the house. It is nobody's fraud. Returns what the rightful holder was given.
    pub(super) fn reverse(
        &self,
        connection: &Connection,
        rightful: Account,
        claimed: &[u8],
        late: &[Late],
        at: Timestamp,
    ) -> Result<Amount, OperatorFailure> {
        let ledger = Ledger::in_(connection);
        let mut given = Amount::ZERO;
        for Late {
            closed,
            holder_key,
            amount,
        } in late
        {
            let cause = [claimed, &outpoint_bytes(closed)].concat();
            let earlier = registry::owner(connection, holder_key)?.ok_or(OperatorFailure::Inconsistent {
                what: "value was closed for a key of nobody",
            })?;
            let earlier = accounts::ledger_account(connection, earlier)?;
            given = given.checked_add(*amount).ok_or(OperatorFailure::Inconsistent {
                what: "late claims above every amount",
            })?;
            if earlier == rightful {
                // It is on the right account already.
                continue;
            }
            let reached = ledger.balance(earlier)?.min(*amount);
            let borne = amount.checked_sub(reached).unwrap_or_default();
            for (debit, amount, reason) in [
                (earlier, reached, Reason::LateReversed),
                (self.chart.late_claims, borne, Reason::LateBorne),
            ] {
                if !amount.is_zero() {
                    ledger.post(&Entry {
                        debit,
                        credit: rightful,
                        amount,
                        reason,
                        cause: &cause,
                        at,
                    })?;
                }
            }
        }
        Ok(given)
    }
}

//! Closing claim windows: value that nobody claimed in time becomes money on the account of its latest known holder.
//!
//! ```text
//!   write down what has expired ──> have the issuer close it ──> book it, tell the customer
//!           (committed)                  (idempotent)               (committed, once)
//! ```
//!
//! A crash between any two steps leaves a row that is not booked; the next closing goes on from there.

use protocol::{Amount, Outpoint, bank::Delivery, cbor};
use rusqlite::Connection;

use super::{CallError, Operator, OperatorFailure, accounts, mailbox, registry};
use crate::{
    environment::random,
    issuer::api::{Closing, Expired, IssuerError, IssuerRefusal, OrderId},
    ledger::{Entry, Ledger, Reason},
    sql::Sql,
    store::StoreError,
};

/// A closing whose outcome is not in the books yet.
struct PendingClosing {
    outpoint: Outpoint,
    order: OrderId,
    customer: i64,
}

impl Operator {
    /// Closes every window that has passed for value of this operator's customers; returns how many. What cannot be covered
    /// today is tried again the next time.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn close_windows(&self) -> Result<usize, CallError> {
        let expired = self.issuer.expired()?;
        self.store
            .write::<_, CallError>(|tx| self.write_down(tx, &expired))?;
        let mut closed = 0;
        for pending in self.store.read(pending)? {
            match self.with_cover(pending.customer, |promised| {
                self.issuer
                    .close(pending.order, self.config.operator, &pending.outpoint, promised)
            }) {
                Ok(closing) => {
                    self.book(&pending, &closing)?;
                    closed += 1;
                }
                Err(
                    CallError::CoverExhausted
                    | CallError::Issuer(IssuerError::Refused(IssuerRefusal::NotCovered { .. })),
                ) => {}
                // Somebody has shown since that it was passed on: it is not this customer's any more.
                Err(CallError::Issuer(IssuerError::Refused(IssuerRefusal::NotExpired))) => self
                    .store
                    .write::<_, StoreError>(|tx| done(tx, &pending.outpoint))
                    .map_err(OperatorFailure::from)?,
                Err(error) => return Err(error),
            }
        }
        Ok(closed)
    }

    fn write_down(&self, connection: &Connection, expired: &[Expired]) -> Result<(), CallError> {
        for Expired {
            outpoint, holder_key, ..
        } in expired
        {
            let Some(customer) = registry::owner(connection, holder_key)? else {
                continue;
            };
            let order: OrderId = random(&*self.entropy)?;
            connection
                .prepare_cached(
                    "INSERT INTO closing (origin, output, order_id, customer) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO NOTHING",
                )?
                .execute((Sql(outpoint.origin), outpoint.output, order, customer))?;
        }
        Ok(())
    }

    fn book(&self, pending: &PendingClosing, closing: &Closing) -> Result<(), CallError> {
        let at = self.now()?;
        let subject = cbor::encode(&pending.outpoint);
        self.store.write(|tx| {
            if !closing.credited.is_zero() {
                Ledger::in_(tx).post(&Entry {
                    debit: self.chart.reserve,
                    credit: accounts::ledger_account(tx, pending.customer)?,
                    amount: closing.credited,
                    reason: Reason::Closing,
                    cause: &subject,
                    at,
                })?;
            }
            let covered = self.pay_covers(tx, pending.customer, &subject, &closing.covers, at)?;
            let amount: Amount = closing
                .credited
                .checked_add(covered)
                .ok_or(CallError::CoverExhausted)?;
            mailbox::deliver_closing(
                tx,
                pending.customer,
                &subject,
                &Delivery::Closed {
                    outpoint: pending.outpoint,
                    amount,
                },
            )?;
            Ok(done(tx, &pending.outpoint)?)
        })
    }
}

/// The orders of closings that are not booked.
pub(super) fn pending_orders(connection: &Connection) -> Result<Vec<OrderId>, OperatorFailure> {
    Ok(pending(connection)?
        .into_iter()
        .map(|closing| closing.order)
        .collect())
}

fn pending(connection: &Connection) -> Result<Vec<PendingClosing>, OperatorFailure> {
    let rows = connection
        .prepare_cached("SELECT origin, output, order_id, customer FROM closing WHERE booked = 0")?
        .query_map([], |row| {
            let Sql(origin) = row.get(0)?;
            Ok(PendingClosing {
                outpoint: Outpoint {
                    origin,
                    output: row.get(1)?,
                },
                order: row.get(2)?,
                customer: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn done(connection: &Connection, outpoint: &Outpoint) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE closing SET booked = 1 WHERE origin = ?1 AND output = ?2")?
        .execute((Sql(outpoint.origin), outpoint.output))?;
    Ok(())
}

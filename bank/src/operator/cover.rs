//! Covers: who pays when one value is claimed twice.
//!
//! The issuer never pays a fen twice, so the excess of a claim is its operator's. It comes from the accounts of those who
//! answer for the fork, as far as they reach, and then from the operator's guarantee, up to a limit. Whoever answers for a
//! fork gets nothing out of it: excess that such a customer claims is *denied*.
//!
//! ```text
//!   hold: accounts of the accused, guarantee ──> `covers in flight`     before the issuer hears that it is accepted
//!   pay:  `covers in flight` ──> account of the claimant                when it has settled
//!   let go: `covers in flight` ──> back to where it came from           when it has not, or needed less
//! ```
//!
//! Every one of these entries has the id of the fraud proof at the beginning of its cause.

use std::sync::PoisonError;

use protocol::{Amount, Id, Timestamp};
use rusqlite::Connection;

use super::{
    CallError, Operator, OperatorFailure, accounts,
    orders::{self, PendingOrder},
    registry,
};
use crate::{
    issuer::api::{Accepted, Excess, IssuerError, IssuerRefusal},
    ledger::{Account, Entry, Ledger, Reason},
    sql::Sql,
    store::StoreError,
};

/// One source of one cover.
struct Cover {
    number: i64,
    proof: Id,
    /// Whose money it is; nobody's if it is denied.
    account: Option<Account>,
    amount: Amount,
}

impl Operator {
    /// Asks the issuer to redeem something, and provides for the excess that it names. Unless the issuer has done as asked,
    /// or gives no answer, the order is forgotten.
    pub(super) fn with_cover<T>(
        &self,
        order: &PendingOrder,
        ask: impl Fn(&Accepted) -> Result<T, IssuerError>,
    ) -> Result<T, CallError> {
        match ask(&Accepted::new()) {
            Err(IssuerError::Refused(IssuerRefusal::Uncovered { excess })) => {
                if excess.iter().any(|excess| excess.accused.is_empty()) {
                    self.testify()?;
                }
                self.cover(order, ask)
            }
            answer => self.unless_refused(order, answer),
        }
    }

    /// Orders with excess go to the issuer one at a time, so that no other hand lets go what this one holds.
    fn cover<T>(
        &self,
        order: &PendingOrder,
        ask: impl Fn(&Accepted) -> Result<T, IssuerError>,
    ) -> Result<T, CallError> {
        let _hand = self.covering.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let (is_pending, accepted) = self.store.read::<_, OperatorFailure>(|connection| {
                Ok((
                    orders::is_pending(connection, order)?,
                    accepted(connection, order)?,
                ))
            })?;
            let excess = match ask(&accepted) {
                Err(IssuerError::Refused(IssuerRefusal::Uncovered { excess })) => excess,
                answer => return self.unless_refused(order, answer),
            };
            // Another hand has tried before, in vain.
            if !is_pending {
                return Err(CallError::CoverExhausted);
            }
            let at = self.now()?;
            let held = self
                .store
                .write::<_, CallError>(|tx| self.hold_cover(tx, order, &excess, at));
            if let Err(CallError::CoverExhausted) = held {
                self.give_up(order)?;
            }
            held?;
        }
    }

    fn unless_refused<T>(
        &self,
        order: &PendingOrder,
        answer: Result<T, IssuerError>,
    ) -> Result<T, CallError> {
        if let Err(IssuerError::Refused(_)) = answer {
            self.give_up(order)?;
        }
        Ok(answer?)
    }

    /// The order came to nothing.
    fn give_up(&self, order: &PendingOrder) -> Result<(), CallError> {
        let at = self.now()?;
        self.store.write(|tx| {
            self.let_go(tx, order, at)?;
            orders::forget(tx, order)?;
            Ok(())
        })
    }

    /// Provides for all excess of an order, or for none of it. What was held for the order before is let go.
    fn hold_cover(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        excess: &[Excess],
        at: Timestamp,
    ) -> Result<(), CallError> {
        self.let_go(connection, order, at)?;
        let ledger = Ledger::in_(connection);
        for Excess {
            proof,
            accused,
            amount,
        } in excess
        {
            let proof = proof.id();
            let mut culprits = Vec::new();
            for key in accused {
                culprits.extend(registry::owner(connection, key)?.filter(|owner| !culprits.contains(owner)));
            }
            if culprits.contains(&order.customer) {
                add(connection, order, proof, "denied", None, *amount)?;
                continue;
            }
            let mut missing = *amount;
            for culprit in culprits {
                let account = accounts::ledger_account(connection, culprit)?;
                let reached = ledger.balance(account)?.min(missing);
                self.hold(connection, order, proof, ("culprit", account), reached, at)?;
                missing = missing.checked_sub(reached).unwrap_or_default();
            }
            let guaranteed = ledger
                .balance(self.chart.guarantee)?
                .checked_add(missing)
                .ok_or(CallError::CoverExhausted)?;
            if !missing.is_zero() && guaranteed > self.config.guarantee {
                return Err(CallError::CoverExhausted);
            }
            let guarantee = ("guarantee", self.chart.guarantee);
            self.hold(connection, order, proof, guarantee, missing, at)?;
        }
        Ok(())
    }

    fn hold(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        proof: Id,
        (source, account): (&str, Account),
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), OperatorFailure> {
        if amount.is_zero() {
            return Ok(());
        }
        let number = add(connection, order, proof, source, Some(account), amount)?;
        Ok(Ledger::in_(connection).post(&Entry {
            debit: account,
            credit: self.chart.covers_in_flight,
            amount,
            reason: Reason::CoverHeld,
            cause: &cause(&proof, number),
            at,
        })?)
    }

    /// Gives back everything that is held for an order.
    fn let_go(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        at: Timestamp,
    ) -> Result<(), OperatorFailure> {
        for cover in held(connection, order)? {
            self.give_back_cover(connection, &cover, cover.amount, at)?;
            connection
                .prepare_cached("DELETE FROM cover WHERE cover = ?1")?
                .execute([cover.number])?;
        }
        Ok(())
    }

    /// Pays the excess that the issuer has settled, and lets go what is left over. Returns what was paid.
    pub(super) fn pay_excess(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        claimed: &[u8],
        excess: &[Excess],
        at: Timestamp,
    ) -> Result<Amount, OperatorFailure> {
        let claimant = accounts::ledger_account(connection, order.customer)?;
        let covers = held(connection, order)?;
        let mut paid = Amount::ZERO;
        for Excess { proof, amount, .. } in excess {
            let (proof, mut missing) = (proof.id(), *amount);
            for cover in covers.iter().filter(|cover| cover.proof == proof) {
                let used = cover.amount.min(missing);
                missing = missing.checked_sub(used).unwrap_or_default();
                if used.is_zero() {
                    continue;
                }
                let rest = cover.amount.checked_sub(used).unwrap_or_default();
                self.give_back_cover(connection, cover, rest, at)?;
                if cover.account.is_some() {
                    Ledger::in_(connection).post(&Entry {
                        debit: self.chart.covers_in_flight,
                        credit: claimant,
                        amount: used,
                        reason: Reason::Excess,
                        cause: &cause(&proof, cover.number),
                        at,
                    })?;
                    paid = paid.checked_add(used).ok_or(TOO_MUCH)?;
                }
                connection
                    .prepare_cached("UPDATE cover SET amount = ?2, claimed = ?3 WHERE cover = ?1")?
                    .execute((cover.number, Sql(used), claimed))?;
            }
            if !missing.is_zero() {
                return Err(OperatorFailure::Inconsistent {
                    what: "excess was settled that nobody covers",
                });
            }
        }
        self.let_go(connection, order, at)?;
        Ok(paid)
    }

    fn give_back_cover(
        &self,
        connection: &Connection,
        cover: &Cover,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), OperatorFailure> {
        let Some(account) = cover.account.filter(|_| !amount.is_zero()) else {
            return Ok(());
        };
        Ok(Ledger::in_(connection).post(&Entry {
            debit: self.chart.covers_in_flight,
            credit: account,
            amount,
            reason: Reason::CoverReleased,
            cause: &cause(&cover.proof, cover.number),
            at,
        })?)
    }
}

const TOO_MUCH: OperatorFailure = OperatorFailure::Inconsistent {
    what: "excess above every amount",
};

/// What the operator accepts for an order: what it holds, and what it denies.
fn accepted(connection: &Connection, order: &PendingOrder) -> Result<Accepted, OperatorFailure> {
    let mut accepted = Accepted::new();
    for cover in held(connection, order)? {
        let sum = accepted.entry(cover.proof).or_default();
        *sum = sum.checked_add(cover.amount).ok_or(TOO_MUCH)?;
    }
    Ok(accepted)
}

fn held(connection: &Connection, order: &PendingOrder) -> Result<Vec<Cover>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT cover, proof, account, amount FROM cover WHERE order_id = ?1 AND claimed IS NULL ORDER BY cover",
        )?
        .query_map([order.id], |row| {
            let (Sql(proof), Sql(amount)) = (row.get(1)?, row.get(3)?);
            Ok(Cover {
                number: row.get(0)?,
                proof,
                account: row.get::<_, Option<i64>>(2)?.map(Account),
                amount,
            })
        })?
        .collect::<Result<_, _>>()?)
}

fn add(
    connection: &Connection,
    order: &PendingOrder,
    proof: Id,
    source: &str,
    account: Option<Account>,
    amount: Amount,
) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO cover (order_id, proof, source, account, amount) VALUES (?1, ?2, ?3, ?4, ?5)
             RETURNING cover",
        )?
        .query_row(
            (
                order.id,
                Sql(proof),
                source,
                account.map(|account| account.0),
                Sql(amount),
            ),
            |row| row.get(0),
        )?)
}

/// Names a cover in the ledger: the id of the proof, and the number of the cover.
pub(super) fn cause(proof: &Id, number: i64) -> Vec<u8> {
    [proof.as_bytes().as_slice(), &number.to_be_bytes()].concat()
}

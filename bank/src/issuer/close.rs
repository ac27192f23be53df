//! Closing: when the claim window of value has passed, it is credited to the latest holder that anybody has heard of. A lost
//! phone is a delay and not a loss.
//!
//! It is a claim like any other, only that nobody hands it in: it consumes the history that leads to the outpoint, and if a
//! part of that was claimed otherwise, it needs the same cover. Whoever proves a longer history later is paid all the same:
//! see [`super::cover`].

use std::collections::BTreeSet;

use protocol::{Amount, Body as _, Id, OperatorId, Outpoint, Payment, VerifyingKey, cbor};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal, OrderId},
    cover::{self, Cover},
    evidence,
    failure::{IssuerFailure, Stop},
    outpoints::{self, Expired},
    reserve, settle,
};
use crate::{
    ledger::{Entry, Ledger, Reason},
    sql::Sql,
};

/// An outpoint whose window was closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// To whom it was credited.
    pub holder_key: VerifyingKey,
    /// What it is worth.
    pub amount: Amount,
    /// What of it came out of circulation, to the operator's reserve.
    pub credited: Amount,
    /// The rest.
    pub covers: Vec<Cover>,
}

impl Issuer {
    /// Everything whose window has closed and that is not paid out.
    pub(super) fn expired_outpoints(&self) -> Result<Vec<Expired>, IssuerFailure> {
        let today = self.now()?.day();
        self.store
            .read(|connection| Ok(outpoints::expired(connection, today)?))
    }

    /// Pays out one of them. `promised` is how much cover the operator has.
    pub(super) fn close_outpoint(
        &self,
        order: OrderId,
        operator: OperatorId,
        outpoint: &Outpoint,
        promised: Amount,
    ) -> Result<Closing, IssuerError> {
        let at = self.now()?;
        let subject = cbor::encode(outpoint);
        Ok(self.store.write::<_, Stop>(|tx| {
            if let Some(closing) = earlier(tx, operator, outpoint, &subject)? {
                return Ok(closing);
            }
            let (expired, shown_by) =
                outpoints::expired_one(tx, at.day(), outpoint)?.ok_or(IssuerRefusal::NotExpired)?;
            let history = match shown_by {
                Some(evidence) => history_of(&evidence::read(tx, evidence)?, outpoint.origin),
                None => Vec::new(),
            };
            let covers = cover::needed(tx, &history, expired.amount)?;
            let credited = settle::from_circulation(expired.amount, &covers, promised)?;
            tx.prepare_cached(
                "INSERT INTO closing (origin, output, operator, order_id, holder_key, amount, credited, closed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                Sql(outpoint.origin),
                outpoint.output,
                operator.0,
                order,
                Sql(expired.holder_key),
                Sql(expired.amount),
                Sql(credited),
                Sql(at),
            ))?;
            settle::consume(tx, &history, None)?;
            cover::book(tx, &subject, &covers)?;
            if !credited.is_zero() {
                Ledger::in_(tx).post(&Entry {
                    debit: self.chart.circulation,
                    credit: reserve(tx, operator)?,
                    amount: credited,
                    reason: Reason::Closing,
                    cause: &subject,
                    at,
                })?;
            }
            Ok(Closing {
                holder_key: expired.holder_key,
                amount: expired.amount,
                credited,
                covers: covers.into_iter().map(|counted| counted.cover).collect(),
            })
        })?)
    }
}

fn earlier(
    connection: &Connection,
    operator: OperatorId,
    outpoint: &Outpoint,
    subject: &[u8],
) -> Result<Option<Closing>, IssuerFailure> {
    let row: Option<(Sql<VerifyingKey>, Sql<Amount>, Sql<Amount>)> = connection
        .prepare_cached(
            "SELECT holder_key, amount, credited FROM closing WHERE origin = ?1 AND output = ?2 AND operator = ?3",
        )?
        .query_row((Sql(outpoint.origin), outpoint.output, operator.0), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    row.map(|(Sql(holder_key), Sql(amount), Sql(credited))| {
        Ok(Closing {
            holder_key,
            amount,
            credited,
            covers: cover::booked_under(connection, subject)?,
        })
    })
    .transpose()
}

/// What was consumed on the way to `origin`, out of a payment that may show more.
fn history_of(payment: &Payment, origin: Id) -> Vec<(Outpoint, Id)> {
    let mut ancestors = BTreeSet::from([origin]);
    // Transfers stand in an order in which every input comes before its use: backwards, every use before its input.
    for signed in payment.transfers().iter().rev() {
        if ancestors.contains(&signed.transfer.id()) {
            ancestors.extend(signed.transfer.inputs.iter().map(|input| input.origin));
        }
    }
    payment
        .consumptions()
        .filter(|(_, by)| ancestors.contains(by))
        .collect()
}

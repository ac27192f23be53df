//! Settling: a payment to an operator comes back, and every outpoint in its history is consumed once.

use protocol::{Amount, Id, OperatorId, Outpoint, Payment, Timestamp, Trust, verify::check_signatures};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal, OrderId, Settlement},
    cover::{self, Counted, Cover},
    evidence,
    failure::{IssuerFailure, Stop},
    record::check_issued,
    reserve,
};
use crate::{
    ledger::{Entry, Ledger, Reason},
    sql::Sql,
    store::StoreError,
};

/// What a transaction at the settlement counter ends in. Proofs are kept, so finding one is no reason to roll back.
enum Outcome {
    Settled(Settlement),
    NotCovered(Vec<Cover>),
}

impl Issuer {
    /// The expensive part, the signatures, comes before the lock; the conflicts are looked up under it. `promised` is how much
    /// cover the operator has for what was paid out before.
    pub(super) fn settle_payment(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
        promised: Amount,
    ) -> Result<Settlement, IssuerError> {
        let settled = self
            .store
            .read(|connection| earlier(connection, operator, payment.id()))?;
        if let Some(settlement) = settled {
            return Ok(settlement);
        }
        let at = self.now()?;
        let trust = self.believed().trust.clone();
        let claimed = paid_to(operator, payment, &trust)?;
        check_signatures(payment, &trust).map_err(IssuerRefusal::Forged)?;
        let (outcome, listed) = self.store.write::<_, Stop>(|tx| {
            // Somebody may have been faster since.
            if let Some(settlement) = earlier(tx, operator, payment.id())? {
                return Ok((Outcome::Settled(settlement), false));
            }
            check_order(tx, order, operator)?;
            check_issued(tx, payment)?;
            let culprits = evidence::show(tx, payment, at)?;
            let listed = !culprits.is_empty() && self.publish_status_list(tx, &culprits)?;
            let history: Vec<_> = payment.consumptions().collect();
            let covers = cover::needed(tx, &history, claimed)?;
            let Ok(credited) = from_circulation(claimed, &covers, promised) else {
                let covers = covers.into_iter().map(|counted| counted.cover).collect();
                return Ok((Outcome::NotCovered(covers), listed));
            };
            let claim = record(tx, order, operator, payment.id(), credited, at)?;
            consume(tx, &history, Some(claim))?;
            cover::book(tx, payment.id().as_bytes(), &covers)?;
            if !credited.is_zero() {
                Ledger::in_(tx).post(&Entry {
                    debit: self.chart.circulation,
                    credit: reserve(tx, operator)?,
                    amount: credited,
                    reason: Reason::Redemption,
                    cause: payment.id().as_bytes(),
                    at,
                })?;
            }
            let settlement = Settlement {
                transfer: payment.id(),
                credited,
                covers: covers.into_iter().map(|counted| counted.cover).collect(),
            };
            Ok((Outcome::Settled(settlement), listed))
        })?;
        if listed {
            self.reload_trust()?;
        }
        match outcome {
            Outcome::Settled(settlement) => Ok(settlement),
            Outcome::NotCovered(covers) => Err(IssuerRefusal::NotCovered { covers }.into()),
        }
    }
}

/// What of a claim circulation owes, if the rest is covered by what was promised.
pub(super) fn from_circulation(
    claimed: Amount,
    covers: &[Counted],
    promised: Amount,
) -> Result<Amount, IssuerRefusal> {
    let covered = Amount::checked_sum(covers.iter().map(|counted| counted.cover.amount))
        .ok_or(IssuerRefusal::TooLarge)?;
    if covered > promised {
        let covers = covers.iter().map(|counted| counted.cover.clone()).collect();
        return Err(IssuerRefusal::NotCovered { covers });
    }
    Ok(claimed.saturating_sub(covered))
}

/// Output 0 of the final transfer, and it alone, goes to the operator.
fn paid_to(operator: OperatorId, payment: &Payment, trust: &Trust) -> Result<Amount, IssuerRefusal> {
    let payee = trust
        .operator(operator)
        .ok_or(IssuerRefusal::UnknownOperator { operator })?
        .settlement_key;
    match payment.final_transfer().outputs.split_first() {
        Some((paid, change))
            if paid.holder_key == payee && change.iter().all(|output| output.holder_key != payee) =>
        {
            Ok(paid.amount)
        }
        _ => Err(IssuerRefusal::WrongPayee),
    }
}

/// An order id stands for one payment.
fn check_order(connection: &Connection, order: OrderId, operator: OperatorId) -> Result<(), Stop> {
    let taken = connection
        .prepare_cached("SELECT 1 FROM claim WHERE operator = ?1 AND order_id = ?2")?
        .exists((operator.0, order))?;
    if taken {
        Err(IssuerRefusal::OrderDiffers.into())
    } else {
        Ok(())
    }
}

/// The settlement of this transfer, if there was one.
fn earlier(
    connection: &Connection,
    operator: OperatorId,
    transfer: Id,
) -> Result<Option<Settlement>, IssuerFailure> {
    let credited = connection
        .prepare_cached("SELECT credited FROM claim WHERE transfer = ?1 AND operator = ?2")?
        .query_row((Sql(transfer), operator.0), |row| row.get(0))
        .optional()?;
    credited
        .map(|Sql(credited)| {
            Ok(Settlement {
                transfer,
                credited,
                covers: cover::booked_under(connection, transfer.as_bytes())?,
            })
        })
        .transpose()
}

fn record(
    connection: &Connection,
    order: OrderId,
    operator: OperatorId,
    transfer: Id,
    credited: Amount,
    at: Timestamp,
) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO claim (transfer, operator, order_id, credited, settled_at)
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING claim",
        )?
        .query_row(
            (Sql(transfer), operator.0, order, Sql(credited), Sql(at)),
            |row| row.get(0),
        )?)
}

/// The first claim of an outpoint settles how it was consumed. What an earlier one showed otherwise is covered.
pub(super) fn consume(
    connection: &Connection,
    history: &[(Outpoint, Id)],
    claim: Option<i64>,
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO consumed (origin, output, transfer, claim) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for (outpoint, transfer) in history {
        insert.execute((Sql(outpoint.origin), outpoint.output, Sql(*transfer), claim))?;
    }
    Ok(())
}

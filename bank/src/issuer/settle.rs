//! Settling: a payment to an operator comes back, and every outpoint in its history is consumed once.

use std::collections::BTreeMap;

use protocol::{
    Amount, Day, ForkProof, Id, OperatorId, Outpoint, Payment, Timestamp, Trust, verify::check_signatures,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal, OrderId, Settlement},
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
    Forked(Box<ForkProof>),
}

impl Issuer {
    /// The expensive part, the signatures, comes before the lock; the conflicts are looked up under it.
    pub(super) fn settle_payment(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
    ) -> Result<Settlement, IssuerError> {
        let settled = self
            .store
            .read::<_, StoreError>(|connection| earlier(connection, operator, payment.id()))
            .map_err(IssuerFailure::from)?;
        if let Some(settlement) = settled {
            return Ok(settlement);
        }
        let at = self.now()?;
        let trust = self.believed().trust.clone();
        let credited = paid_to(operator, payment, &trust)?;
        check_dates(payment, &trust, at.day())?;
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
            if let Some(proof) = consumed_otherwise(tx, payment)? {
                return Ok((Outcome::Forked(Box::new(proof)), listed));
            }
            record(tx, order, operator, payment, credited, at)?;
            Ledger::in_(tx).post(&Entry {
                debit: self.chart.circulation,
                credit: reserve(tx, operator)?,
                amount: credited,
                reason: Reason::Redemption,
                cause: payment.id().as_bytes(),
                at,
            })?;
            let settlement = Settlement {
                transfer: payment.id(),
                credited,
            };
            Ok((Outcome::Settled(settlement), listed))
        })?;
        if listed {
            self.reload_trust()?;
        }
        match outcome {
            Outcome::Settled(settlement) => Ok(settlement),
            Outcome::Forked(proof) => Err(IssuerRefusal::ConsumedTwice { proof }.into()),
        }
    }
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

/// A claim is certain until the earliest last day among the notes it goes back to.
fn check_dates(payment: &Payment, trust: &Trust, today: Day) -> Result<(), IssuerRefusal> {
    let closed = payment
        .notes()
        .iter()
        .filter_map(|note| trust.series(note.body.series))
        .any(|series| today > series.claim_until);
    if closed {
        Err(IssuerRefusal::ClaimClosed)
    } else {
        Ok(())
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
) -> Result<Option<Settlement>, StoreError> {
    let credited = connection
        .prepare_cached("SELECT credited FROM claim WHERE transfer = ?1 AND operator = ?2")?
        .query_row((Sql(transfer), operator.0), |row| row.get(0))
        .optional()?;
    Ok(credited.map(|Sql(credited)| Settlement { transfer, credited }))
}

/// The proof on file against an outpoint that this payment consumes in another way than an earlier claim did, or than the
/// payment itself does.
fn consumed_otherwise(connection: &Connection, payment: &Payment) -> Result<Option<ForkProof>, Stop> {
    let mut within: BTreeMap<Outpoint, Id> = BTreeMap::new();
    let mut by_claim = connection
        .prepare_cached("SELECT 1 FROM consumed WHERE origin = ?1 AND output = ?2 AND transfer <> ?3")?;
    for (outpoint, transfer) in payment.consumptions() {
        let inside = within
            .insert(outpoint, transfer)
            .is_some_and(|first| first != transfer);
        if inside || by_claim.exists((Sql(outpoint.origin), outpoint.output, Sql(transfer)))? {
            let proofs = evidence::proofs_about(connection, payment)?;
            return Ok(proofs.into_iter().next());
        }
    }
    Ok(None)
}

fn record(
    connection: &Connection,
    order: OrderId,
    operator: OperatorId,
    payment: &Payment,
    credited: Amount,
    at: Timestamp,
) -> Result<(), StoreError> {
    let claim: i64 = connection
        .prepare_cached(
            "INSERT INTO claim (transfer, operator, order_id, credited, settled_at)
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING claim",
        )?
        .query_row(
            (Sql(payment.id()), operator.0, order, Sql(credited), Sql(at)),
            |row| row.get(0),
        )?;
    // What an earlier claim showed already, it showed the same way: conflicts were looked for.
    let mut insert = connection.prepare_cached(
        "INSERT INTO consumed (origin, output, transfer, claim) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for (outpoint, transfer) in payment.consumptions() {
        insert.execute((Sql(outpoint.origin), outpoint.output, Sql(transfer), claim))?;
    }
    Ok(())
}

//! Settling: a payment to an operator comes back, and every outpoint in its history is consumed once.

use std::collections::BTreeMap;

use protocol::{
    Amount, Body as _, Day, ForkProof, Id, OperatorId, Outpoint, Payment, Timestamp, Trust, cbor,
    fraud::Fork, verify::check_signatures,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal, OrderId, Settlement},
    failure::{IssuerFailure, Stop},
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
    Forked(Vec<Proven>),
}

/// A proof, and what it shows.
struct Proven {
    proof: ForkProof,
    fork: Fork,
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
        let outcome = self.store.write::<_, Stop>(|tx| {
            // Somebody may have been faster since.
            if let Some(settlement) = earlier(tx, operator, payment.id())? {
                return Ok(Outcome::Settled(settlement));
            }
            check_order(tx, order, operator)?;
            check_issued(tx, payment)?;
            let forks = find_forks(tx, payment)?;
            if !forks.is_empty() {
                keep(tx, &forks, at)?;
                let culprits: Vec<_> = forks.iter().map(|proven| proven.fork.culprit).collect();
                self.publish_status_list(tx, &culprits)?;
                return Ok(Outcome::Forked(forks));
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
            Ok(Outcome::Settled(Settlement {
                transfer: payment.id(),
                credited,
            }))
        })?;
        match outcome {
            Outcome::Settled(settlement) => Ok(settlement),
            Outcome::Forked(forks) => {
                self.reload_trust()?;
                let first = forks.into_iter().next().ok_or(IssuerFailure::Inconsistent {
                    what: "a fork without a proof",
                })?;
                Err(IssuerRefusal::ConsumedTwice {
                    proof: Box::new(first.proof),
                }
                .into())
            }
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

/// A good signature is not enough: the issuer knows its own notes.
fn check_issued(connection: &Connection, payment: &Payment) -> Result<(), Stop> {
    let mut known = connection.prepare_cached("SELECT 1 FROM note WHERE id = ?1")?;
    for note in payment.notes() {
        if !known.exists([Sql(note.body.id())])? {
            return Err(IssuerRefusal::NeverIssued.into());
        }
    }
    Ok(())
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

/// Every outpoint that this payment consumes in another way than an earlier claim did, or than the payment itself does.
fn find_forks(connection: &Connection, payment: &Payment) -> Result<Vec<Proven>, Stop> {
    let mut within: BTreeMap<Outpoint, Id> = BTreeMap::new();
    let mut forks = Vec::new();
    for (outpoint, second) in payment.consumptions() {
        let inside = within
            .insert(outpoint, second)
            .is_some_and(|first| first != second);
        let proof = if inside {
            ForkProof::find(payment, payment, &outpoint)
        } else if let Some(claim) = consumed_otherwise(connection, &outpoint, second)? {
            ForkProof::find(&read_claim(connection, claim)?, payment, &outpoint)
        } else {
            continue;
        };
        // What is refused as a fork is proven as one, or not refused at all.
        let proven = proof.and_then(|proof| {
            let fork = proof.verify().ok()?;
            Some(Proven { proof, fork })
        });
        forks.push(proven.ok_or(IssuerFailure::Inconsistent {
            what: "a conflict without a proof",
        })?);
    }
    Ok(forks)
}

/// The claim that first showed this outpoint consumed, if that was by another transfer.
fn consumed_otherwise(
    connection: &Connection,
    outpoint: &Outpoint,
    transfer: Id,
) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT claim FROM consumed WHERE origin = ?1 AND output = ?2 AND transfer <> ?3")?
        .query_row((Sql(outpoint.origin), outpoint.output, Sql(transfer)), |row| {
            row.get(0)
        })
        .optional()?)
}

fn read_claim(connection: &Connection, claim: i64) -> Result<Payment, StoreError> {
    let bytes: Vec<u8> = connection
        .prepare_cached("SELECT payment FROM claim WHERE claim = ?1")?
        .query_row([claim], |row| row.get(0))?;
    Payment::decode(&bytes).map_err(|_| StoreError::Damaged {
        what: "a settled payment does not decode",
    })
}

/// Keeps the proofs. A fork that is shown again is kept once.
fn keep(connection: &Connection, forks: &[Proven], at: Timestamp) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO fork (origin, output, first, second, found_at, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING",
    )?;
    for Proven { proof, fork } in forks {
        insert.execute((
            Sql(fork.outpoint.origin),
            fork.outpoint.output,
            Sql(proof.first.transfer.id()),
            Sql(proof.second.transfer.id()),
            Sql(at),
            cbor::encode(proof),
        ))?;
    }
    Ok(())
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
            "INSERT INTO claim (transfer, operator, order_id, credited, settled_at, payment)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING claim",
        )?
        .query_row(
            (
                Sql(payment.id()),
                operator.0,
                order,
                Sql(credited),
                Sql(at),
                payment.encode(),
            ),
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

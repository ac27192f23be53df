//! Settling: a payment to an operator comes back.
//!
//! The issuer redeems every fen once (see [`super::redeem`]). Of a payment with a fork in its history, the fen that came
//! home before by another branch are *excess*. The issuer does not pay them: they were never issued. It settles such a
//! payment once its operator has said, proof by proof, that it accepts the excess; until then nothing moves.

use protocol::{Amount, Id, OperatorId, Outpoint, Payment, Timestamp, Trust, verify::check_signatures};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{Accepted, Excess, IssuerError, IssuerRefusal, Late, OrderId, Settlement},
    evidence,
    failure::{IssuerFailure, Stop},
    history::History,
    record::check_issued,
    redeem::redeem,
    reserve,
};
use crate::{
    ledger::{Entry, Ledger, Reason},
    sql::{Sql, stored},
    store::StoreError,
};

/// What a transaction at the settlement counter ends in. What a claim shows is kept, so excess is no reason to roll back.
pub(super) enum Outcome<T> {
    Done(T),
    Uncovered(Vec<Excess>),
}

impl<T> Outcome<T> {
    pub(super) fn into_result(self) -> Result<T, IssuerError> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Uncovered(excess) => Err(IssuerRefusal::Uncovered { excess }.into()),
        }
    }
}

impl Issuer {
    /// The expensive part, the signatures, comes before the lock; who came first is decided under it.
    pub(super) fn settle_payment(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
        accepted: &Accepted,
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
        check_signatures(payment, &trust).map_err(IssuerRefusal::Forged)?;
        let history = History::of(payment);
        let outcome = self.store.write::<_, Stop>(|tx| {
            // Somebody may have been faster since.
            if let Some(settlement) = earlier(tx, operator, payment.id())? {
                return Ok(Outcome::Done(settlement));
            }
            check_order(tx, order, operator)?;
            check_issued(tx, payment)?;
            evidence::show(tx, payment, &trust, at)?;
            let claimed = Outpoint {
                origin: payment.id(),
                output: 0,
            };
            let redeemed = match take_home(tx, operator, claimed, &history, accepted)? {
                Outcome::Done(redeemed) => redeemed,
                Outcome::Uncovered(excess) => return Ok(Outcome::Uncovered(excess)),
            };
            record(tx, order, operator, payment.id(), credited, redeemed, at)?;
            if !redeemed.is_zero() {
                Ledger::in_(tx).post(&Entry {
                    debit: self.chart.circulation,
                    credit: reserve(tx, operator)?,
                    amount: redeemed,
                    reason: Reason::Redemption,
                    cause: payment.id().as_bytes(),
                    at,
                })?;
            }
            Ok(Outcome::Done(Settlement {
                transfer: payment.id(),
                redeemed,
                late: late_of(tx, &claimed)?,
                excess: excess_of(tx, &claimed)?,
            }))
        })?;
        outcome.into_result()
    }
}

/// Takes an output home if the excess in it is accepted: what was in circulation until now. If not, nothing has happened.
pub(super) fn take_home(
    connection: &Connection,
    operator: OperatorId,
    claimed: Outpoint,
    history: &History,
    accepted: &Accepted,
) -> Result<Outcome<Amount>, Stop> {
    connection.prepare_cached("SAVEPOINT home")?.execute([])?;
    let redemption = redeem(connection, claimed, history)?;
    check_late(connection, operator, &claimed)?;
    let excess = excess_of(connection, &claimed)?;
    let is_accepted = excess.iter().all(|excess| {
        accepted
            .get(&excess.proof.id())
            .is_some_and(|accepted| excess.amount <= *accepted)
    });
    if !is_accepted {
        connection.prepare_cached("ROLLBACK TO home")?.execute([])?;
    }
    connection.prepare_cached("RELEASE home")?.execute([])?;
    Ok(if is_accepted {
        Outcome::Done(amount(redemption.redeemed)?)
    } else {
        Outcome::Uncovered(excess)
    })
}

fn amount(fen: u64) -> Result<Amount, IssuerFailure> {
    Amount::from_fen(fen).map_err(|_| IssuerFailure::Inconsistent {
        what: "more fen than there can be",
    })
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

/// What comes late was credited by an operator, which has to take that back. It does so in its own books alone.
fn check_late(connection: &Connection, operator: OperatorId, claimed: &Outpoint) -> Result<(), Stop> {
    let elsewhere = connection
        .prepare_cached(
            "SELECT 1 FROM late JOIN closing AS c ON c.origin = closed_origin AND c.output = closed_output
             WHERE late.origin = ?1 AND late.output = ?2 AND c.operator <> ?3",
        )?
        .exists((Sql(claimed.origin), claimed.output, operator.0))?;
    if elsewhere {
        Err(IssuerRefusal::ClosedElsewhere.into())
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
    let redeemed = connection
        .prepare_cached("SELECT redeemed FROM claim WHERE transfer = ?1 AND operator = ?2")?
        .query_row((Sql(transfer), operator.0), |row| row.get(0))
        .optional()?;
    let claimed = Outpoint {
        origin: transfer,
        output: 0,
    };
    redeemed
        .map(|Sql(redeemed)| {
            Ok(Settlement {
                transfer,
                redeemed,
                late: late_of(connection, &claimed)?,
                excess: excess_of(connection, &claimed)?,
            })
        })
        .transpose()
}

/// The excess that an outpoint brought, fork by fork, with those who answer for it.
pub(super) fn excess_of(connection: &Connection, claimed: &Outpoint) -> Result<Vec<Excess>, StoreError> {
    let rows: Vec<(i64, Vec<u8>, Sql<Amount>)> = connection
        .prepare_cached(
            "SELECT fork, proof, amount FROM excess JOIN fork USING (fork)
             WHERE excess.origin = ?1 AND excess.output = ?2 ORDER BY fork",
        )?
        .query_map((Sql(claimed.origin), claimed.output), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut accused =
        connection.prepare_cached("SELECT holder_key FROM accused WHERE fork = ?1 ORDER BY holder_key")?;
    rows.into_iter()
        .map(|(fork, proof, Sql(amount))| {
            Ok(Excess {
                proof: stored(&proof)?,
                accused: accused
                    .query_map([fork], |row| row.get(0).map(|Sql(key)| key))?
                    .collect::<Result<_, _>>()?,
                amount,
            })
        })
        .collect()
}

/// Of an outpoint, what the closing of an earlier holder's window had taken home.
pub(super) fn late_of(connection: &Connection, claimed: &Outpoint) -> Result<Vec<Late>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT closed_origin, closed_output, holder_key, amount
             FROM late JOIN closing AS c ON c.origin = closed_origin AND c.output = closed_output
             WHERE late.origin = ?1 AND late.output = ?2 ORDER BY closed_origin, closed_output",
        )?
        .query_map((Sql(claimed.origin), claimed.output), |row| {
            let (Sql(origin), Sql(holder_key), Sql(amount)) = (row.get(0)?, row.get(2)?, row.get(3)?);
            Ok(Late {
                closed: Outpoint {
                    origin,
                    output: row.get(1)?,
                },
                holder_key,
                amount,
            })
        })?
        .collect::<Result<_, _>>()?)
}

fn record(
    connection: &Connection,
    order: OrderId,
    operator: OperatorId,
    transfer: Id,
    credited: Amount,
    redeemed: Amount,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO claim (transfer, operator, order_id, credited, redeemed, settled_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            Sql(transfer),
            operator.0,
            order,
            Sql(credited),
            Sql(redeemed),
            Sql(at),
        ))?;
    Ok(())
}

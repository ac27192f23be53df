//! Closing: when the last day to claim has passed, value that nobody presented is due to the latest holder that the
//! issuer knows of.
//!
//! An outpoint's window closes with the first of those of the notes it goes back to. What a transfer was seen to consume is
//! not due; what that transfer created is. A *sweep* looks through what was issued and what was shown, each once when its
//! day has come, and leaves what it finds in `due`, until the operator of the holder's key fetches it.

use std::collections::BTreeMap;

use protocol::{
    Amount, Body as _, Day, HolderCertificate, Note, OperatorId, Outpoint, Output, Payment, SeriesId, Signed,
    Trust,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{Accepted, Closing, Due, IssuerError, IssuerRefusal, OrderId},
    evidence,
    failure::{IssuerFailure, Stop},
    history::History,
    reserve,
    settle::{Outcome, excess_of, late_of, take_home},
};
use crate::{
    ledger::{Entry, Ledger, Reason},
    sql::{Sql, stored},
    store::StoreError,
};

/// The most of what is due in one answer.
const PAGE: usize = 1_024;

impl Issuer {
    /// What is due today, in the order of outpoints.
    pub(super) fn sweep(&self, after: Option<Outpoint>) -> Result<Vec<Due>, IssuerFailure> {
        let today = self.now()?.day();
        let trust = self.believed().trust.clone();
        self.store.write(|tx| {
            forget_consumed(tx)?;
            sweep_notes(tx, today)?;
            sweep_evidence(tx, &trust, today)?;
            Ok(due_after(tx, after)?)
        })
    }

    /// Takes value that is due home, for a holder whom the operator certified.
    pub(super) fn close_outpoint(
        &self,
        order: OrderId,
        operator: OperatorId,
        outpoint: Outpoint,
        certificate: &Signed<HolderCertificate>,
        accepted: &Accepted,
    ) -> Result<Closing, IssuerError> {
        let at = self.now()?;
        let trust = self.believed().trust.clone();
        let certifying = trust
            .operator(operator)
            .ok_or(IssuerRefusal::UnknownOperator { operator })?
            .certifying_key;
        let outcome = self.store.write::<_, Stop>(|tx| {
            if let Some(closing) = earlier(tx, operator, &outpoint)? {
                return Ok(Outcome::Done(closing));
            }
            let (due, evidence) = find_due(tx, &outpoint)?.ok_or(IssuerRefusal::NotDue)?;
            if certificate.body.holder_key != due.output.holder_key || certificate.verify(&certifying).is_err() {
                return Err(IssuerRefusal::NotDue.into());
            }
            // It may have been seen to go on since the sweep; the next one will find that.
            if is_consumed(tx, &outpoint)? {
                return Err(IssuerRefusal::NotDue.into());
            }
            let history = match evidence {
                Some(evidence) => History::of(&evidence::read(tx, evidence)?),
                None => History::of_note(outpoint.origin, due.output.amount),
            };
            let redeemed = match take_home(tx, operator, outpoint, &history, accepted)? {
                Outcome::Done(redeemed) => redeemed,
                Outcome::Uncovered(excess) => return Ok(Outcome::Uncovered(excess)),
            };
            forget_due(tx, &outpoint)?;
            tx.prepare_cached(
                "INSERT INTO closing (origin, output, operator, order_id, holder_key, credited, redeemed, evidence, closed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute((
                Sql(outpoint.origin),
                outpoint.output,
                operator.0,
                order,
                Sql(due.output.holder_key),
                Sql(due.output.amount),
                Sql(redeemed),
                evidence,
                Sql(at),
            ))?;
            if !redeemed.is_zero() {
                Ledger::in_(tx).post(&Entry {
                    debit: self.chart.circulation,
                    credit: reserve(tx, operator)?,
                    amount: redeemed,
                    reason: Reason::Closing,
                    cause: &outpoint_bytes(&outpoint),
                    at,
                })?;
            }
            Ok(Outcome::Done(Closing {
                outpoint,
                redeemed,
                late: late_of(tx, &outpoint)?,
                excess: excess_of(tx, &outpoint)?,
            }))
        })?;
        outcome.into_result()
    }
}

/// Names an outpoint in a ledger: its origin and its output number.
pub(crate) fn outpoint_bytes(outpoint: &Outpoint) -> Vec<u8> {
    [outpoint.origin.as_bytes().as_slice(), &[outpoint.output]].concat()
}

/// Notes that never moved, of every series whose window has closed since the last sweep.
fn sweep_notes(connection: &Connection, today: Day) -> Result<(), StoreError> {
    let closed: Vec<u32> = connection
        .prepare_cached("SELECT series FROM series WHERE claim_until < ?1 AND swept = 0")?
        .query_map([Sql(today)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for series in closed.into_iter().map(SeriesId) {
        let mut notes = connection.prepare_cached("SELECT signed FROM note WHERE series = ?1")?;
        let mut rows = notes.query([series.0])?;
        while let Some(row) = rows.next()? {
            let note = stored::<Signed<Note>>(&row.get::<_, Vec<u8>>(0)?)?.body;
            let outpoint = Outpoint {
                origin: note.id(),
                output: 0,
            };
            let output = Output {
                holder_key: note.holder_key,
                amount: note.amount,
            };
            make_due(connection, &outpoint, &output, None)?;
        }
        connection
            .prepare_cached("UPDATE series SET swept = 1 WHERE series = ?1")?
            .execute([series.0])?;
    }
    Ok(())
}

/// Outputs of transfers, in every payment on record whose day has come.
fn sweep_evidence(connection: &Connection, trust: &Trust, today: Day) -> Result<(), StoreError> {
    let ready: Vec<i64> = connection
        .prepare_cached("SELECT evidence FROM evidence WHERE sweep_on <= ?1")?
        .query_map([Sql(today)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for evidence in ready {
        let payment = evidence::read(connection, evidence)?;
        let mut next = None;
        for (outpoint, output, closes) in windows(&payment, trust) {
            if today > closes {
                // Notes are swept with their series.
                if !payment
                    .notes()
                    .iter()
                    .any(|note| note.body.id() == outpoint.origin)
                {
                    make_due(connection, &outpoint, &output, Some(evidence))?;
                }
            } else {
                next = Some(next.map_or(closes, |next: Day| next.min(closes)));
            }
        }
        connection
            .prepare_cached("UPDATE evidence SET sweep_on = ?2 WHERE evidence = ?1")?
            .execute((evidence, next.map(|closes| Sql(closes.plus(1)))))?;
    }
    Ok(())
}

/// Every output in a payment, and the last day to claim it: the earliest of its ancestors'.
fn windows(payment: &Payment, trust: &Trust) -> Vec<(Outpoint, Output, Day)> {
    let mut all = Vec::new();
    let mut closes: BTreeMap<Outpoint, Day> = BTreeMap::new();
    for note in payment.notes() {
        let outpoint = Outpoint {
            origin: note.body.id(),
            output: 0,
        };
        // A series that is not known any more would never close.
        if let Some(series) = trust.series(note.body.series) {
            closes.insert(outpoint, series.claim_until);
        }
    }
    for signed in payment.transfers() {
        let inputs = signed.transfer.inputs.iter();
        let Some(day) = inputs.filter_map(|input| closes.get(input)).min().copied() else {
            continue;
        };
        let origin = signed.transfer.id();
        for (output, created) in (0..).zip(&signed.transfer.outputs) {
            let outpoint = Outpoint { origin, output };
            closes.insert(outpoint, day);
            all.push((outpoint, *created, day));
        }
    }
    all
}

/// Makes an output due, unless it was seen to go on, or came home.
fn make_due(
    connection: &Connection,
    outpoint: &Outpoint,
    output: &Output,
    evidence: Option<i64>,
) -> Result<(), StoreError> {
    if is_consumed(connection, outpoint)? || is_home(connection, outpoint)? {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO due (origin, output, holder_key, amount, evidence) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        )?
        .execute((
            Sql(outpoint.origin),
            outpoint.output,
            Sql(output.holder_key),
            Sql(output.amount),
            evidence,
        ))?;
    Ok(())
}

fn is_consumed(connection: &Connection, outpoint: &Outpoint) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM seen WHERE origin = ?1 AND output = ?2")?
        .exists((Sql(outpoint.origin), outpoint.output))?)
}

/// It was claimed by its operator, or closed.
fn is_home(connection: &Connection, outpoint: &Outpoint) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM closing WHERE origin = ?1 AND output = ?2
             UNION ALL SELECT 1 FROM claim WHERE transfer = ?1 AND ?2 = 0",
        )?
        .exists((Sql(outpoint.origin), outpoint.output))?)
}

fn forget_due(connection: &Connection, outpoint: &Outpoint) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM due WHERE origin = ?1 AND output = ?2")?
        .execute((Sql(outpoint.origin), outpoint.output))?;
    Ok(())
}

/// What was seen to go on since it became due is not due any more; what it became is.
fn forget_consumed(connection: &Connection) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM due WHERE EXISTS
                (SELECT 1 FROM seen WHERE seen.origin = due.origin AND seen.output = due.output)",
        )?
        .execute([])?;
    Ok(())
}

fn due_after(connection: &Connection, after: Option<Outpoint>) -> Result<Vec<Due>, StoreError> {
    let (origin, output) = after.map_or((Vec::new(), 0), |after| {
        (after.origin.as_bytes().to_vec(), after.output)
    });
    Ok(connection
        .prepare_cached(
            "SELECT origin, output, holder_key, amount FROM due WHERE (origin, output) > (?1, ?2)
             ORDER BY origin, output LIMIT ?3",
        )?
        .query_map((origin, output, PAGE as i64), |row| {
            let (Sql(origin), Sql(holder_key), Sql(amount)) = (row.get(0)?, row.get(2)?, row.get(3)?);
            Ok(Due {
                outpoint: Outpoint {
                    origin,
                    output: row.get(1)?,
                },
                output: Output { holder_key, amount },
            })
        })?
        .collect::<Result<_, _>>()?)
}

fn find_due(connection: &Connection, outpoint: &Outpoint) -> Result<Option<(Due, Option<i64>)>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT holder_key, amount, evidence FROM due WHERE origin = ?1 AND output = ?2")?
        .query_row((Sql(outpoint.origin), outpoint.output), |row| {
            let (Sql(holder_key), Sql(amount)) = (row.get(0)?, row.get(1)?);
            let due = Due {
                outpoint: *outpoint,
                output: Output { holder_key, amount },
            };
            Ok((due, row.get(2)?))
        })
        .optional()?)
}

/// The closing of this outpoint, if there was one.
fn earlier(
    connection: &Connection,
    operator: OperatorId,
    outpoint: &Outpoint,
) -> Result<Option<Closing>, StoreError> {
    let redeemed: Option<Sql<Amount>> = connection
        .prepare_cached("SELECT redeemed FROM closing WHERE origin = ?1 AND output = ?2 AND operator = ?3")?
        .query_row((Sql(outpoint.origin), outpoint.output, operator.0), |row| {
            row.get(0)
        })
        .optional()?;
    redeemed
        .map(|Sql(redeemed)| {
            Ok(Closing {
                outpoint: *outpoint,
                redeemed,
                late: late_of(connection, outpoint)?,
                excess: excess_of(connection, outpoint)?,
            })
        })
        .transpose()
}

//! Outpoints: what every piece of value the issuer has heard of is worth, whose it is, and until when a claim of it is
//! certain.

use protocol::{Amount, Body as _, Day, Id, Note, Outpoint, Payment, VerifyingKey};
use rusqlite::{Connection, OptionalExtension as _};

use super::failure::IssuerFailure;
use crate::{sql::Sql, store::StoreError};

/// Value that nobody is known to have passed on, and whose claim window has closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expired {
    /// The value.
    pub outpoint: Outpoint,
    /// Its latest holder, as far as the issuer has heard.
    pub holder_key: VerifyingKey,
    /// What it is worth.
    pub amount: Amount,
}

/// A note is one outpoint.
pub(super) fn add_note(connection: &Connection, note: &Note, claim_until: Day) -> Result<(), StoreError> {
    let outpoint = Outpoint {
        origin: note.id(),
        output: 0,
    };
    add(
        connection,
        &outpoint,
        &note.holder_key,
        note.amount,
        claim_until,
        None,
    )
}

/// What the transfers of a payment made. Each output takes the earliest day of its ancestors.
pub(super) fn add_outputs(
    connection: &Connection,
    payment: &Payment,
    evidence: i64,
) -> Result<(), IssuerFailure> {
    for signed in payment.transfers() {
        let transfer = &signed.transfer;
        let mut claim_until: Option<Day> = None;
        for input in &transfer.inputs {
            let until = last_day(connection, input)?.ok_or(IssuerFailure::Inconsistent {
                what: "a transfer consumes what nobody made",
            })?;
            claim_until = Some(claim_until.map_or(until, |earlier| earlier.min(until)));
        }
        for (number, output) in (0_u8..).zip(&transfer.outputs) {
            let outpoint = Outpoint {
                origin: transfer.id(),
                output: number,
            };
            let until = claim_until.unwrap_or_default();
            add(
                connection,
                &outpoint,
                &output.holder_key,
                output.amount,
                until,
                Some(evidence),
            )?;
        }
    }
    Ok(())
}

fn add(
    connection: &Connection,
    outpoint: &Outpoint,
    holder_key: &VerifyingKey,
    amount: Amount,
    claim_until: Day,
    evidence: Option<i64>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO outpoint (origin, output, holder_key, amount, claim_until, evidence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute((
            Sql(outpoint.origin),
            outpoint.output,
            Sql(*holder_key),
            Sql(amount),
            Sql(claim_until),
            evidence,
        ))?;
    Ok(())
}

fn last_day(connection: &Connection, outpoint: &Outpoint) -> Result<Option<Day>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT claim_until FROM outpoint WHERE origin = ?1 AND output = ?2")?
        .query_row((Sql(outpoint.origin), outpoint.output), |row| row.get(0))
        .optional()?
        .map(|Sql(day)| day))
}

/// What an outpoint is worth.
pub(super) fn worth(connection: &Connection, outpoint: &Outpoint) -> Result<Amount, IssuerFailure> {
    connection
        .prepare_cached("SELECT amount FROM outpoint WHERE origin = ?1 AND output = ?2")?
        .query_row((Sql(outpoint.origin), outpoint.output), |row| row.get(0))
        .optional()?
        .map(|Sql(amount)| amount)
        .ok_or(IssuerFailure::Inconsistent {
            what: "an outpoint that is worth nothing",
        })
}

const EXPIRED: &str = "SELECT origin, output, holder_key, amount FROM outpoint AS o
    WHERE claim_until < ?1
      AND NOT EXISTS (SELECT 1 FROM seen AS s WHERE s.origin = o.origin AND s.output = o.output)
      AND NOT EXISTS (SELECT 1 FROM closing AS c WHERE c.origin = o.origin AND c.output = o.output)
      AND NOT EXISTS (SELECT 1 FROM claim AS p WHERE p.transfer = o.origin AND o.output = 0)";

/// Everything whose window has closed, and that is not paid out.
pub(super) fn expired(connection: &Connection, today: Day) -> Result<Vec<Expired>, StoreError> {
    Ok(connection
        .prepare_cached(EXPIRED)?
        .query_map([Sql(today)], read)?
        .collect::<Result<_, _>>()?)
}

/// This one, if its window has closed and it is not paid out; with the payment that showed it, if it is no note.
pub(super) fn expired_one(
    connection: &Connection,
    today: Day,
    outpoint: &Outpoint,
) -> Result<Option<(Expired, Option<i64>)>, StoreError> {
    let found = connection
        .prepare_cached(&format!("{EXPIRED} AND origin = ?2 AND output = ?3"))?
        .query_row((Sql(today), Sql(outpoint.origin), outpoint.output), read)
        .optional()?;
    let Some(expired) = found else { return Ok(None) };
    let evidence = connection
        .prepare_cached("SELECT evidence FROM outpoint WHERE origin = ?1 AND output = ?2")?
        .query_row((Sql(outpoint.origin), outpoint.output), |row| row.get(0))?;
    Ok(Some((expired, evidence)))
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Expired> {
    let (Sql(origin), output, Sql(holder_key), Sql(amount)): (Sql<Id>, u8, Sql<VerifyingKey>, Sql<Amount>) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Expired {
        outpoint: Outpoint { origin, output },
        holder_key,
        amount,
    })
}

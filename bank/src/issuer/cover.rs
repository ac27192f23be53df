//! Cover: the part of a claim that the cash in circulation does not owe, because it was paid out before.
//!
//! Two things can have happened to an outpoint in a claim's history. It was *forked*: an earlier claim consumed it by
//! another transfer, and each further fen is the excess of one fraud proof. Or its claim window *closed*: it was credited to
//! the latest holder that was known, and the claim shows a later one. Either way the claimant is honest as far as anybody
//! knows, and is paid; not out of circulation, or more would come back than ever went out, but by whoever had too much.

use std::collections::BTreeMap;

use protocol::{Amount, ForkProof, Id, Outpoint, VerifyingKey};
use rusqlite::{Connection, OptionalExtension as _};

use super::{failure::IssuerFailure, outpoints::worth};
use crate::{
    sql::{Sql, stored},
    store::StoreError,
};

/// A part of a claim that circulation does not owe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cover {
    /// How much.
    pub amount: Amount,
    /// What was paid out before, and why.
    pub because: Because,
}

/// Why circulation does not owe it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Because {
    /// An outpoint was signed away twice, and the other branch was claimed first.
    Forked(Box<ForkProof>),
    /// The claim window of an outpoint closed, and it was credited to this holder.
    Closed {
        /// The outpoint.
        outpoint: Outpoint,
        /// To whom.
        holder_key: VerifyingKey,
    },
}

/// A cover, and where it stands in the books.
pub(super) struct Counted {
    pub(super) cover: Cover,
    outpoint: Outpoint,
    transfer: Id,
    fork: Option<i64>,
}

/// What covers are needed to pay `claimed` to somebody with this history. Every fen of excess is counted against one
/// proof, and no branch of a fork is ever excess by more than the outpoint was worth.
pub(super) fn needed(
    connection: &Connection,
    history: &[(Outpoint, Id)],
    claimed: Amount,
) -> Result<Vec<Counted>, IssuerFailure> {
    let mut open = claimed;
    let mut covers = Vec::new();
    let mut within: BTreeMap<Outpoint, Id> = BTreeMap::new();
    for (outpoint, transfer) in history {
        let first = *within.entry(*outpoint).or_insert(*transfer);
        let (most, because, fork) = if first != *transfer
            || claimed_otherwise(connection, outpoint, *transfer)?
        {
            let (fork, proof) = proof_of(connection, outpoint, *transfer)?;
            let left = worth(connection, outpoint)?.saturating_sub(booked(connection, outpoint, *transfer)?);
            (left, Because::Forked(Box::new(proof)), Some(fork))
        } else if let Some((paid, holder_key)) = closed(connection, outpoint)? {
            let because = Because::Closed {
                outpoint: *outpoint,
                holder_key,
            };
            (
                paid.saturating_sub(reversed(connection, outpoint)?),
                because,
                None,
            )
        } else {
            continue;
        };
        let amount = open.min(most);
        if !amount.is_zero() {
            open = open.saturating_sub(amount);
            covers.push(Counted {
                cover: Cover { amount, because },
                outpoint: *outpoint,
                transfer: *transfer,
                fork,
            });
        }
    }
    Ok(covers)
}

/// Books covers under the claim or the closing that needed them.
pub(super) fn book(connection: &Connection, subject: &[u8], covers: &[Counted]) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO cover (subject, position, origin, output, transfer, fork, amount)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (position, counted) in (0_u32..).zip(covers) {
        insert.execute((
            subject,
            position,
            Sql(counted.outpoint.origin),
            counted.outpoint.output,
            Sql(counted.transfer),
            counted.fork,
            Sql(counted.cover.amount),
        ))?;
    }
    Ok(())
}

/// The covers that were booked under this subject.
pub(super) fn booked_under(connection: &Connection, subject: &[u8]) -> Result<Vec<Cover>, IssuerFailure> {
    type Row = (Sql<Id>, u8, Option<Vec<u8>>, Sql<Amount>);
    let rows: Vec<Row> = connection
        .prepare_cached(
            "SELECT c.origin, c.output, f.proof, c.amount FROM cover AS c LEFT JOIN fork AS f USING (fork)
             WHERE subject = ?1 ORDER BY position",
        )?
        .query_map([subject], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(Sql(origin), output, proof, Sql(amount))| {
            let outpoint = Outpoint { origin, output };
            let because = match proof {
                Some(proof) => Because::Forked(Box::new(stored(&proof)?)),
                None => {
                    let (_, holder_key) =
                        closed(connection, &outpoint)?.ok_or(IssuerFailure::Inconsistent {
                            what: "a late claim of what never closed",
                        })?;
                    Because::Closed { outpoint, holder_key }
                }
            };
            Ok(Cover { amount, because })
        })
        .collect()
}

/// What was credited when this outpoint's window closed, and to whom.
fn closed(
    connection: &Connection,
    outpoint: &Outpoint,
) -> Result<Option<(Amount, VerifyingKey)>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT amount, holder_key FROM closing WHERE origin = ?1 AND output = ?2")?
        .query_row((Sql(outpoint.origin), outpoint.output), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?
        .map(|(Sql(amount), Sql(key))| (amount, key)))
}

/// How much of that late claims have taken back.
fn reversed(connection: &Connection, outpoint: &Outpoint) -> Result<Amount, StoreError> {
    let Sql(amount) = connection
        .prepare_cached(
            "SELECT coalesce(sum(amount), 0) FROM cover WHERE origin = ?1 AND output = ?2 AND fork IS NULL",
        )?
        .query_row((Sql(outpoint.origin), outpoint.output), |row| row.get(0))?;
    Ok(amount)
}

/// Whether a claim consumed this outpoint by another transfer.
fn claimed_otherwise(connection: &Connection, outpoint: &Outpoint, transfer: Id) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM consumed WHERE origin = ?1 AND output = ?2 AND transfer <> ?3")?
        .exists((Sql(outpoint.origin), outpoint.output, Sql(transfer)))?)
}

/// The proof on file that shows this branch.
fn proof_of(
    connection: &Connection,
    outpoint: &Outpoint,
    transfer: Id,
) -> Result<(i64, ForkProof), IssuerFailure> {
    let (fork, proof): (i64, Vec<u8>) = connection
        .prepare_cached(
            "SELECT fork, proof FROM fork WHERE origin = ?1 AND output = ?2 AND ?3 IN (first, second)
             ORDER BY fork LIMIT 1",
        )?
        .query_row((Sql(outpoint.origin), outpoint.output, Sql(transfer)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?
        .ok_or(IssuerFailure::Inconsistent {
            what: "a conflict without a proof",
        })?;
    Ok((fork, stored(&proof)?))
}

/// How much of this branch is booked as excess.
fn booked(connection: &Connection, outpoint: &Outpoint, transfer: Id) -> Result<Amount, StoreError> {
    let Sql(amount) = connection
        .prepare_cached(
            "SELECT coalesce(sum(amount), 0) FROM cover
             WHERE origin = ?1 AND output = ?2 AND transfer = ?3 AND fork IS NOT NULL",
        )?
        .query_row((Sql(outpoint.origin), outpoint.output, Sql(transfer)), |row| {
            row.get(0)
        })?;
    Ok(amount)
}

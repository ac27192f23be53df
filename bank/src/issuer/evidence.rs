//! Evidence: every payment that was ever shown to the issuer, and what it gives away.
//!
//! Whatever a payment consumes is *seen* from then on, whether it was reported or claimed. Seeing moves no money. Two
//! different transfers seen of one outpoint are a fork, and the proof is filed.

use protocol::{
    Body as _, ForkProof, Id, Outpoint, Payment, Receipt, Signed, Timestamp, Trust, cbor, fraud::Fork,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::failure::IssuerFailure;
use crate::{
    sql::{Sql, stored},
    store::StoreError,
};

/// Keeps a payment whose signatures were checked, and files every fork that it brings to light.
pub(super) fn show(
    connection: &Connection,
    payment: &Payment,
    trust: &Trust,
    at: Timestamp,
) -> Result<(), IssuerFailure> {
    let evidence = keep(connection, payment, trust, at)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO seen (origin, output, transfer, evidence) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for (outpoint, transfer) in payment.consumptions() {
        let is_new = insert.execute((Sql(outpoint.origin), outpoint.output, Sql(transfer), evidence))? == 1;
        if is_new && let Some((other, shown_by)) = seen_otherwise(connection, &outpoint, transfer)? {
            let other_payment = read(connection, shown_by)?;
            // What is taken for a fork is proven to be one.
            let (proof, fork) = ForkProof::between((&other_payment, other), (payment, transfer), &outpoint)
                .and_then(|proof| proof.verify().ok().map(|fork| (proof, fork)))
                .ok_or(IssuerFailure::Inconsistent {
                    what: "a conflict without a proof",
                })?;
            file(connection, &proof, &fork, at)?;
        }
    }
    Ok(())
}

/// Keeps a payment whole, once. It is swept for value that nobody presents when the first of its claim windows has closed.
fn keep(connection: &Connection, payment: &Payment, trust: &Trust, at: Timestamp) -> Result<i64, StoreError> {
    let notes = payment.notes().iter();
    let sweep_on = notes
        .filter_map(|note| trust.series(note.body.series))
        .map(|series| series.claim_until.plus(1))
        .min();
    connection
        .prepare_cached(
            "INSERT INTO evidence (transfer, shown_at, sweep_on, payment) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute((Sql(payment.id()), Sql(at), sweep_on.map(Sql), payment.encode()))?;
    Ok(connection
        .prepare_cached("SELECT evidence FROM evidence WHERE transfer = ?1")?
        .query_row([Sql(payment.id())], |row| row.get(0))?)
}

/// The first other transfer that was seen to consume this outpoint, and the payment that showed it.
fn seen_otherwise(
    connection: &Connection,
    outpoint: &Outpoint,
    transfer: Id,
) -> Result<Option<(Id, i64)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT transfer, evidence FROM seen WHERE origin = ?1 AND output = ?2 AND transfer <> ?3
             ORDER BY evidence LIMIT 1",
        )?
        .query_row((Sql(outpoint.origin), outpoint.output, Sql(transfer)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?
        .map(|(Sql(transfer), evidence)| (transfer, evidence)))
}

/// A payment that was kept.
pub(super) fn read(connection: &Connection, evidence: i64) -> Result<Payment, StoreError> {
    let bytes: Vec<u8> = connection
        .prepare_cached("SELECT payment FROM evidence WHERE evidence = ?1")?
        .query_row([evidence], |row| row.get(0))?;
    Payment::decode(&bytes).map_err(|_| StoreError::Damaged {
        what: "a payment on record does not decode",
    })
}

/// Files a proof that holds, unless all it shows is on file.
pub(super) fn file(
    connection: &Connection,
    proof: &ForkProof,
    fork: &Fork,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Fork { outpoint, .. } = fork;
    let (first, second) = (proof.first.transfer.id(), proof.second.transfer.id());
    let on_file = branches_on_file(connection, outpoint)?;
    let (first, second) = match (on_file.contains(&first), on_file.contains(&second)) {
        (true, true) => return Ok(()),
        // The branch that is new stands second.
        (false, true) => (second, first),
        _ => (first, second),
    };
    connection
        .prepare_cached(
            "INSERT INTO fork (origin, output, first, second, found_at, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            Sql(outpoint.origin),
            outpoint.output,
            Sql(first),
            Sql(second),
            Sql(at),
            cbor::encode(proof),
        ))?;
    Ok(())
}

fn branches_on_file(connection: &Connection, outpoint: &Outpoint) -> Result<Vec<Id>, StoreError> {
    let pairs: Vec<(Sql<Id>, Sql<Id>)> = connection
        .prepare_cached("SELECT first, second FROM fork WHERE origin = ?1 AND output = ?2")?
        .query_map((Sql(outpoint.origin), outpoint.output), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(pairs
        .into_iter()
        .flat_map(|(Sql(first), Sql(second))| [first, second])
        .collect())
}

/// The payment on record that ends in this transfer.
pub(super) fn of_transfer(connection: &Connection, transfer: Id) -> Result<Option<Payment>, StoreError> {
    let evidence = connection
        .prepare_cached("SELECT evidence FROM evidence WHERE transfer = ?1")?
        .query_row([Sql(transfer)], |row| row.get(0))
        .optional()?;
    evidence.map(|evidence| read(connection, evidence)).transpose()
}

/// A proof on file that this transfer is a branch of a fork of this outpoint.
pub(super) fn fork_at(
    connection: &Connection,
    outpoint: &Outpoint,
    transfer: Id,
) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT fork FROM fork WHERE origin = ?1 AND output = ?2 AND (first = ?3 OR second = ?3)
             ORDER BY fork LIMIT 1",
        )?
        .query_row((Sql(outpoint.origin), outpoint.output, Sql(transfer)), |row| {
            row.get(0)
        })
        .optional()?)
}

/// Whether this very payment was shown before.
pub(super) fn is_shown(connection: &Connection, transfer: Id) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM evidence WHERE transfer = ?1")?
        .exists([Sql(transfer)])?)
}

/// Whether a transfer was seen, in whatever payment.
pub(super) fn is_seen(connection: &Connection, transfer: Id) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM seen WHERE transfer = ?1")?
        .exists([Sql(transfer)])?)
}

/// Keeps a receipt that holds, once.
pub(super) fn keep_receipt(connection: &Connection, receipt: &Signed<Receipt>) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO receipt (transfer, signed) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((Sql(receipt.body.transfer), cbor::encode(receipt)))?;
    Ok(())
}

/// The receipt for a transfer, if one was shown.
pub(super) fn receipt_of(
    connection: &Connection,
    transfer: Id,
) -> Result<Option<Signed<Receipt>>, StoreError> {
    let signed: Option<Vec<u8>> = connection
        .prepare_cached("SELECT signed FROM receipt WHERE transfer = ?1")?
        .query_row([Sql(transfer)], |row| row.get(0))
        .optional()?;
    signed.map(|signed| stored(&signed)).transpose()
}

//! The audit of the issuer: every note, every claim and every sum, computed again from what is stored.

use protocol::{Amount, Body as _, Note, Payment, Receipt, Signed, Trust, verify::check_signatures};
use rusqlite::{Connection, Row};

use super::{Issuer, failure::IssuerFailure};
use crate::{
    ledger::{Ledger, LedgerFault},
    sql::{Sql, stored},
    store::StoreError,
};

/// What an audit of the issuer can find.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IssuerFault {
    /// In the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// A note is not signed by its series, or its columns say something else than it does.
    #[error("a note is not what the books say")]
    Note,
    /// The notes of an order do not add up to it.
    #[error("the notes of an order do not add up to it")]
    Order,
    /// A payment on record is not validly signed, or its columns say something else than it does.
    #[error("a payment on record is not what the books say")]
    Evidence,
    /// A payment on record consumes an outpoint that is not recorded as seen consumed by it.
    #[error("a payment on record consumes what nobody saw it consume")]
    Seen,
    /// A receipt is for another transfer than its row says.
    #[error("a receipt is not what the books say")]
    Receipt,
    /// A settled payment brought another amount than its columns say.
    #[error("a settled payment is not what the books say")]
    Claim,
    /// A settled payment consumes an outpoint that is not recorded as consumed by it.
    #[error("an outpoint of a settled payment is consumed by another transfer")]
    Consumed,
    /// A stored fraud proof proves nothing.
    #[error("a stored fraud proof proves nothing")]
    Fork,
    /// A closing is of another amount than the outpoint.
    #[error("a closing is not what the books say")]
    Closing,
    /// More is covered of an outpoint than it was worth, or without a proof of it.
    #[error("a cover is not what its proof allows")]
    Cover,
    /// The ledger's totals are not the sums of notes, claims and closings.
    #[error("issued is not outstanding and redeemed")]
    Sums,
}

/// What the issuer's books say in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct IssuerTotals {
    /// The sum of all notes, counted one by one.
    pub(crate) issued: Amount,
    /// The sum of all settled payments, counted one by one.
    pub(crate) redeemed: Amount,
    /// Of these, by closings.
    pub(crate) closed: Amount,
    /// What was covered of claims.
    pub(crate) covered: Amount,
    /// What was covered of claims and closings on account of forks.
    pub(crate) excess: Amount,
    /// What stands on the ledger's circulation account.
    pub(crate) outstanding: Amount,
    /// What stands on the ledger's reserve accounts.
    pub(crate) reserves: Amount,
    /// What the issuer holds against both.
    pub(crate) backing: Amount,
    /// Fraud proofs on file.
    pub(crate) forks: u64,
}

impl Issuer {
    /// The totals, of one instant.
    pub(crate) fn totals(&self) -> Result<IssuerTotals, IssuerFailure> {
        self.store.read(|connection| {
            let ledger = Ledger::in_(connection);
            Ok(IssuerTotals {
                issued: sum(connection, "SELECT coalesce(sum(amount), 0) FROM note")?,
                redeemed: sum(connection, REDEEMED)?,
                closed: sum(connection, "SELECT coalesce(sum(credited), 0) FROM closing")?,
                covered: sum(
                    connection,
                    "SELECT coalesce(sum(amount), 0) FROM cover WHERE subject IN (SELECT transfer FROM claim)",
                )?,
                excess: sum(
                    connection,
                    "SELECT coalesce(sum(amount), 0) FROM cover WHERE fork IS NOT NULL",
                )?,
                outstanding: ledger.balance(self.chart.circulation)?,
                reserves: ledger.balance_of_all("reserve/")?,
                backing: ledger.balance(self.chart.backing)?,
                forks: connection
                    .query_row("SELECT count(*) FROM fork", [], |row| row.get(0))
                    .map(|Sql(forks)| forks)?,
            })
        })
    }

    /// Checks everything. Reads all books, and verifies every signature in them.
    ///
    /// # Errors
    /// [`IssuerFailure`] if the books cannot be read; what they hold wrong is the value returned.
    pub fn audit(&self) -> Result<Result<(), IssuerFault>, IssuerFailure> {
        let trust = self.believed().trust.clone();
        self.store.read(|connection| Ok(audit(connection, &trust)?))
    }
}

fn audit(connection: &Connection, trust: &Trust) -> Result<Result<(), IssuerFault>, StoreError> {
    let findings = [
        Ledger::in_(connection).audit()?.map_err(IssuerFault::from),
        all(
            connection,
            "SELECT id, series, serial, amount, signed FROM note",
            IssuerFault::Note,
            |row| note_holds(row, trust),
        )?,
        none(connection, ORDERS_THAT_DIFFER, IssuerFault::Order)?,
        all(
            connection,
            "SELECT transfer, payment FROM evidence",
            IssuerFault::Evidence,
            |row| evidence_holds(row, trust),
        )?,
        all(
            connection,
            "SELECT payment FROM evidence",
            IssuerFault::Seen,
            |row| seen_holds(row, connection),
        )?,
        all(
            connection,
            "SELECT transfer, signed FROM receipt",
            IssuerFault::Receipt,
            receipt_holds,
        )?,
        all(
            connection,
            "SELECT credited + (SELECT coalesce(sum(amount), 0) FROM cover WHERE subject = claim.transfer), payment
             FROM claim JOIN evidence USING (transfer)",
            IssuerFault::Claim,
            claim_holds,
        )?,
        all(
            connection,
            "SELECT payment FROM claim JOIN evidence USING (transfer)",
            IssuerFault::Consumed,
            |row| consumed_holds(row, connection),
        )?,
        all(connection, "SELECT proof FROM fork", IssuerFault::Fork, |row| {
            let proof = stored::<protocol::ForkProof>(&row.get::<_, Vec<u8>>(0)?)?;
            Ok(proof.verify().is_ok())
        })?,
        none(connection, CLOSINGS_THAT_DIFFER, IssuerFault::Closing)?,
        none(connection, COVERS_THAT_DIFFER, IssuerFault::Cover)?,
        none(connection, SUMS_THAT_DIFFER, IssuerFault::Sums)?,
    ];
    Ok(findings.into_iter().collect())
}

const ORDERS_THAT_DIFFER: &str = "SELECT 1 FROM issue_order AS o
    LEFT JOIN (SELECT operator, order_id, sum(amount) AS notes FROM note GROUP BY operator, order_id) AS n
        USING (operator, order_id)
    WHERE CASE o.state WHEN 'issued' THEN o.total ELSE 0 END <> coalesce(n.notes, 0)";

const SUMS_THAT_DIFFER: &str = "SELECT 1 FROM ledger_account WHERE name = 'circulation'
    AND (credits <> (SELECT coalesce(sum(amount), 0) FROM note)
      OR debits  <> (SELECT coalesce(sum(credited), 0) FROM claim) + (SELECT coalesce(sum(credited), 0) FROM closing))";

/// What came out of circulation, payment by payment.
const REDEEMED: &str = "SELECT (SELECT coalesce(sum(credited), 0) FROM claim)
    + (SELECT coalesce(sum(credited), 0) FROM closing)";

/// A claim or a closing is what came out of circulation, and what was covered.
const CLOSINGS_THAT_DIFFER: &str = "SELECT 1 FROM closing AS c
    JOIN outpoint AS o USING (origin, output)
    WHERE c.amount <> o.amount OR c.credited > c.amount";

/// No branch of a fork is excess by more than the outpoint was worth, and none without a proof of that outpoint.
const COVERS_THAT_DIFFER: &str = "SELECT 1 FROM cover AS c
    JOIN outpoint AS o USING (origin, output)
    LEFT JOIN fork AS f ON f.fork = c.fork
    GROUP BY c.origin, c.output, c.transfer
    HAVING sum(c.amount) > max(o.amount) OR max(f.origin <> c.origin OR f.output <> c.output)";

fn note_holds(row: &Row<'_>, trust: &Trust) -> Result<bool, StoreError> {
    let (Sql(id), series, serial, Sql(amount), signed) = (
        row.get::<_, Sql<protocol::Id>>(0)?,
        row.get::<_, u32>(1)?,
        row.get::<_, i64>(2)?,
        row.get::<_, Sql<Amount>>(3)?,
        row.get::<_, Vec<u8>>(4)?,
    );
    let note = stored::<Signed<Note>>(&signed)?;
    Ok(note.body.id() == id
        && note.body.series.0 == series
        && note.body.serial == serial.cast_unsigned()
        && note.body.amount == amount
        && trust.series(note.body.series).is_some_and(|series| {
            series.issue.contains(note.body.issued) && note.verify(&series.note_key).is_ok()
        }))
}

fn evidence_holds(row: &Row<'_>, trust: &Trust) -> Result<bool, StoreError> {
    let Sql(transfer) = row.get::<_, Sql<protocol::Id>>(0)?;
    let payment = Payment::decode(&row.get::<_, Vec<u8>>(1)?);
    Ok(payment.is_ok_and(|payment| payment.id() == transfer && check_signatures(&payment, trust).is_ok()))
}

fn receipt_holds(row: &Row<'_>) -> Result<bool, StoreError> {
    let Sql(transfer) = row.get::<_, Sql<protocol::Id>>(0)?;
    Ok(stored::<Signed<Receipt>>(&row.get::<_, Vec<u8>>(1)?)?
        .body
        .transfer
        == transfer)
}

fn claim_holds(row: &Row<'_>) -> Result<bool, StoreError> {
    let Sql(credited) = row.get::<_, Sql<Amount>>(0)?;
    let Ok(payment) = Payment::decode(&row.get::<_, Vec<u8>>(1)?) else {
        return Ok(false);
    };
    let paid = payment.final_transfer().outputs.first();
    Ok(paid.map(|output| output.amount) == Some(credited))
}

fn seen_holds(row: &Row<'_>, connection: &Connection) -> Result<bool, StoreError> {
    shows(
        row,
        connection,
        "SELECT 1 FROM seen WHERE origin = ?1 AND output = ?2 AND transfer = ?3",
    )
}

/// Consumed as it says, or otherwise: then there is a proof.
fn consumed_holds(row: &Row<'_>, connection: &Connection) -> Result<bool, StoreError> {
    shows(
        row,
        connection,
        "SELECT 1 FROM consumed WHERE origin = ?1 AND output = ?2 AND (transfer = ?3 OR EXISTS (
            SELECT 1 FROM fork WHERE fork.origin = ?1 AND fork.output = ?2 AND ?3 IN (first, second)))",
    )
}

/// Everything that a payment consumes stands in a table.
fn shows(row: &Row<'_>, connection: &Connection, query: &str) -> Result<bool, StoreError> {
    let Ok(payment) = Payment::decode(&row.get::<_, Vec<u8>>(0)?) else {
        return Ok(false);
    };
    let mut query = connection.prepare_cached(query)?;
    for (outpoint, transfer) in payment.consumptions() {
        if !query.exists((Sql(outpoint.origin), outpoint.output, Sql(transfer)))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn sum(connection: &Connection, query: &str) -> Result<Amount, StoreError> {
    let Sql(amount) = connection
        .prepare_cached(query)?
        .query_row([], |row| row.get(0))?;
    Ok(amount)
}

/// The query must find nothing.
fn none(
    connection: &Connection,
    query: &str,
    fault: IssuerFault,
) -> Result<Result<(), IssuerFault>, StoreError> {
    let found = connection.prepare(query)?.exists([])?;
    Ok(if found { Err(fault) } else { Ok(()) })
}

/// Every row must hold.
fn all(
    connection: &Connection,
    query: &str,
    fault: IssuerFault,
    holds: impl Fn(&Row<'_>) -> Result<bool, StoreError>,
) -> Result<Result<(), IssuerFault>, StoreError> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !holds(row)? {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(()))
}

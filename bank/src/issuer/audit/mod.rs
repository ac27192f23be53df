//! The audit of the issuer: every note, every claim and every sum, computed again from what is stored.

mod home;

use protocol::{
    Amount, Body as _, ForkProof, Note, Outpoint, Payment, Receipt, Signed, Trust, verify::check_signatures,
};
use rusqlite::{Connection, Row};

use super::{Issuer, attribution::attributions, failure::IssuerFailure};
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
    /// A settled payment, or closed value, is worth another amount than its parts.
    #[error("what was settled or closed does not add up")]
    Claim,
    /// A fen came home twice, or not with what the books say.
    #[error("a fen came home twice, or not with what the books say")]
    Fen,
    /// Excess is booked for something that never came home.
    #[error("excess of something that never came home")]
    Excess,
    /// A stored fraud proof does not prove what its columns say.
    #[error("a stored fraud proof does not prove what the books say")]
    Fork,
    /// A stored attribution does not hold.
    #[error("a stored attribution does not hold")]
    Attribution,
    /// The ledger's totals are not the sums of notes and claims.
    #[error("issued is not outstanding and redeemed")]
    Sums,
}

/// What the issuer's books say in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct IssuerTotals {
    /// The sum of all notes, counted one by one.
    pub(crate) issued: Amount,
    /// The fen that came home, counted run by run.
    pub(crate) redeemed: Amount,
    /// Those of them that came home because their claim window closed.
    pub(crate) closed: Amount,
    /// What claims brought beside that: late, or excess.
    pub(crate) covered: Amount,
    /// What was claimed a second time.
    pub(crate) excess: Amount,
    /// What stands on the ledger's circulation account.
    pub(crate) outstanding: Amount,
    /// What stands on the ledger's reserve accounts.
    pub(crate) reserves: Amount,
    /// What the issuer holds against both.
    pub(crate) backing: Amount,
    /// Fraud proofs on file.
    pub(crate) forks: u64,
    /// Those of them with a branch on record for which nobody answers.
    pub(crate) unattributed: u64,
}

impl Issuer {
    /// The totals, of one instant.
    pub(crate) fn totals(&self) -> Result<IssuerTotals, IssuerFailure> {
        self.store.read(|connection| {
            let ledger = Ledger::in_(connection);
            Ok(IssuerTotals {
                issued: sum(connection, "SELECT coalesce(sum(amount), 0) FROM note")?,
                redeemed: sum(connection, "SELECT coalesce(sum(until - first), 0) FROM fen")?,
                closed: sum(connection, "SELECT coalesce(sum(redeemed), 0) FROM closing")?,
                covered: sum(
                    connection,
                    "SELECT coalesce(sum(credited - redeemed), 0) FROM claim",
                )?,
                excess: sum(connection, "SELECT coalesce(sum(amount), 0) FROM excess")?,
                outstanding: ledger.balance(self.chart.circulation)?,
                reserves: ledger.balance_of_all("reserve/")?,
                backing: ledger.balance(self.chart.backing)?,
                forks: count(connection, "SELECT count(*) FROM fork")?,
                unattributed: count(connection, UNATTRIBUTED)?,
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

/// One thing to check: a fault, or trouble while reading.
type Finding = Result<Result<(), IssuerFault>, StoreError>;

/// Later checks rely on what earlier ones have found to hold.
fn audit(connection: &Connection, trust: &Trust) -> Finding {
    let checks: [&dyn Fn() -> Finding; 13] = [
        &|| Ok(Ledger::in_(connection).audit()?.map_err(IssuerFault::from)),
        &|| all(connection, NOTES, IssuerFault::Note, |row| note_holds(row, trust)),
        &|| none(connection, ORDERS_THAT_DIFFER, IssuerFault::Order),
        &|| {
            all(connection, EVIDENCE, IssuerFault::Evidence, |row| {
                evidence_holds(row, trust)
            })
        },
        &|| {
            all(connection, EVIDENCE, IssuerFault::Seen, |row| {
                seen_holds(row, connection)
            })
        },
        &|| all(connection, RECEIPTS, IssuerFault::Receipt, receipt_holds),
        &|| all(connection, FORKS, IssuerFault::Fork, fork_holds),
        &|| attributions_hold(connection, trust),
        &|| none(connection, home::FEN_TWICE, IssuerFault::Fen),
        &|| none(connection, home::FEN_OF_NOTHING, IssuerFault::Fen),
        &|| none(connection, home::EXCESS_OF_NOTHING, IssuerFault::Excess),
        &|| {
            all(connection, home::EVERYTHING, IssuerFault::Claim, |row| {
                home::adds_up(row, connection)
            })
        },
        &|| {
            all(connection, home::EVERYTHING, IssuerFault::Fen, |row| {
                home::fen_hold(row, connection)
            })
        },
    ];
    for check in checks {
        if let Err(fault) = check()? {
            return Ok(Err(fault));
        }
    }
    none(connection, SUMS_THAT_DIFFER, IssuerFault::Sums)
}

const NOTES: &str = "SELECT id, series, serial, amount, signed FROM note";

const EVIDENCE: &str = "SELECT transfer, payment FROM evidence";

const RECEIPTS: &str = "SELECT transfer, signed FROM receipt";

const FORKS: &str = "SELECT origin, output, first, second, proof FROM fork";

const ORDERS_THAT_DIFFER: &str = "SELECT 1 FROM issue_order AS o
    LEFT JOIN (SELECT operator, order_id, sum(amount) AS notes FROM note GROUP BY operator, order_id) AS n
        USING (operator, order_id)
    WHERE CASE o.state WHEN 'issued' THEN o.total ELSE 0 END <> coalesce(n.notes, 0)";

const SUMS_THAT_DIFFER: &str = "SELECT 1 FROM ledger_account WHERE name = 'circulation'
    AND (credits <> (SELECT coalesce(sum(amount), 0) FROM note)
      OR debits <> (SELECT coalesce(sum(redeemed), 0)
            FROM (SELECT redeemed FROM claim UNION ALL SELECT redeemed FROM closing)))";

/// Whoever forks through keys of nobody and never finds a taker has forked nothing. But whatever is on record was signed
/// by somebody certified in the end.
const UNATTRIBUTED: &str = "SELECT count(*) FROM fork AS f WHERE state = 'open' AND EXISTS
    (SELECT 1 FROM seen AS s WHERE s.origin = f.origin AND s.output = f.output)";

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

/// The proof proves what its row says.
fn fork_holds(row: &Row<'_>) -> Result<bool, StoreError> {
    let (Sql(origin), Sql(first), Sql(second)) = (row.get(0)?, row.get(2)?, row.get(3)?);
    let proof = stored::<ForkProof>(&row.get::<_, Vec<u8>>(4)?)?;
    let output = row.get(1)?;
    let mut shown = [proof.first.transfer.id(), proof.second.transfer.id()];
    let mut expected: [protocol::Id; 2] = [first, second];
    shown.sort_unstable();
    expected.sort_unstable();
    Ok(shown == expected
        && proof
            .verify()
            .is_ok_and(|fork| fork.outpoint == Outpoint { origin, output }))
}

/// A stranger would believe every attribution.
fn attributions_hold(connection: &Connection, trust: &Trust) -> Result<Result<(), IssuerFault>, StoreError> {
    let all = attributions(connection)?;
    Ok(
        if all.iter().all(|attribution| attribution.verify(trust).is_ok()) {
            Ok(())
        } else {
            Err(IssuerFault::Attribution)
        },
    )
}

/// Everything that a payment consumes was seen.
fn seen_holds(row: &Row<'_>, connection: &Connection) -> Result<bool, StoreError> {
    let Ok(payment) = Payment::decode(&row.get::<_, Vec<u8>>(1)?) else {
        return Ok(false);
    };
    let mut query = connection
        .prepare_cached("SELECT 1 FROM seen WHERE origin = ?1 AND output = ?2 AND transfer = ?3")?;
    for (outpoint, transfer) in payment.consumptions() {
        if !query.exists((Sql(outpoint.origin), outpoint.output, Sql(transfer)))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn count(connection: &Connection, query: &str) -> Result<u64, StoreError> {
    let Sql(count) = connection
        .prepare_cached(query)?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

fn sum(connection: &Connection, query: &str) -> Result<Amount, StoreError> {
    let Sql(amount) = connection
        .prepare_cached(query)?
        .query_row([], |row| row.get(0))?;
    Ok(amount)
}

/// The query must find nothing.
fn none(connection: &Connection, query: &str, fault: IssuerFault) -> Finding {
    let found = connection.prepare(query)?.exists([])?;
    Ok(if found { Err(fault) } else { Ok(()) })
}

/// Every row must hold.
fn all(
    connection: &Connection,
    query: &str,
    fault: IssuerFault,
    holds: impl Fn(&Row<'_>) -> Result<bool, StoreError>,
) -> Finding {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !holds(row)? {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(()))
}

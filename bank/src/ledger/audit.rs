//! The audit of a ledger: everything the schema promises, computed again from the entries.

use rusqlite::Connection;

use crate::store::StoreError;

/// What an audit of a ledger can find.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LedgerFault {
    /// The totals of an account are not the sums of its entries.
    #[error("the totals of a ledger account differ from its entries")]
    TotalsDiffer,
    /// The debits of all accounts differ from the credits of all accounts.
    #[error("debits and credits differ")]
    SidesDiffer,
    /// An account stands on the wrong side of zero.
    #[error("a ledger account is overdrawn")]
    Overdrawn,
    /// SQLite finds its own file damaged, or a reference that leads nowhere.
    #[error("the database is not sound")]
    Unsound,
}

impl super::Ledger<'_> {
    /// Computes everything again. Reads the whole ledger.
    pub(crate) fn audit(&self) -> Result<Result<(), LedgerFault>, StoreError> {
        let faults = [
            (LedgerFault::Unsound, integrity(self.0)?),
            (LedgerFault::TotalsDiffer, count(self.0, TOTALS_DIFFER)? == 0),
            (LedgerFault::SidesDiffer, count(self.0, SIDES_DIFFER)? == 0),
            (LedgerFault::Overdrawn, count(self.0, OVERDRAWN)? == 0),
        ];
        Ok(faults
            .into_iter()
            .find(|(_, holds)| !holds)
            .map_or(Ok(()), |(fault, _)| Err(fault)))
    }
}

const TOTALS_DIFFER: &str = "SELECT count(*) FROM ledger_account AS a
    LEFT JOIN (
        SELECT account, sum(debit) AS debits, sum(credit) AS credits FROM (
            SELECT debit AS account, amount AS debit, 0 AS credit FROM ledger_entry
            UNION ALL
            SELECT credit, 0, amount FROM ledger_entry
        ) GROUP BY account
    ) AS e USING (account)
    WHERE a.debits <> coalesce(e.debits, 0) OR a.credits <> coalesce(e.credits, 0)";

const SIDES_DIFFER: &str = "SELECT coalesce(sum(debits), 0) <> coalesce(sum(credits), 0) FROM ledger_account";

const OVERDRAWN: &str = "SELECT count(*) FROM ledger_account
    WHERE CASE side WHEN 'debit' THEN debits < credits ELSE credits < debits END";

fn count(connection: &Connection, query: &str) -> Result<i64, StoreError> {
    Ok(connection.query_row(query, [], |row| row.get(0))?)
}

fn integrity(connection: &Connection) -> Result<bool, StoreError> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let dangling = connection
        .prepare("SELECT 1 FROM pragma_foreign_key_check LIMIT 1")?
        .exists([])?;
    Ok(verdict == "ok" && !dangling)
}

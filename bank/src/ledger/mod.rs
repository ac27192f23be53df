//! A double-entry ledger.
//!
//! One [`Entry`] moves one amount from one account to another, so that debits equal credits cannot even be said
//! wrongly. The schema repeats every rule the code has: amounts are positive, no account crosses zero, one cause moves
//! money once, and nothing that was written is changed (see `migrations/ledger_0001.sql`).

mod audit;

use protocol::{Amount, Code, Coded, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use crate::{sql::Sql, store::StoreError};

pub use audit::LedgerFault;

/// The schema.
pub(crate) const MIGRATION: &str = include_str!("../../migrations/ledger_0001.sql");

/// The number of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Account(pub(crate) i64);

/// The side on which an account grows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// Assets and expenses.
    Debit,
    /// Liabilities and capital.
    Credit,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
}

/// Why money moves. Together with the id of its cause, this happens once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// The operator's reserve is paid up.
    Funding,
    /// Cash over the counter.
    PayIn,
    /// A present to a new customer.
    Welcome,
    /// A customer orders notes.
    LoadOrdered,
    /// The issuer refused them.
    LoadRefused,
    /// The issuer issued them.
    Issue,
    /// The issuer took a payment to the operator.
    Redemption,
    /// Value that nobody presented in time is credited to its holder.
    Closing,
    /// What somebody else claims late is taken back from the holder it was credited to.
    LateReversed,
    /// What could not be taken back.
    LateBorne,
    /// Excess is provided for, until the issuer has settled it.
    CoverHeld,
    /// It was not needed.
    CoverReleased,
    /// A second claim of one value is paid.
    Excess,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Funding => "funding",
            Self::PayIn => "pay-in",
            Self::Welcome => "welcome",
            Self::LoadOrdered => "load-ordered",
            Self::LoadRefused => "load-refused",
            Self::Issue => "issue",
            Self::Redemption => "redemption",
            Self::Closing => "closing",
            Self::LateReversed => "late-reversed",
            Self::LateBorne => "late-borne",
            Self::CoverHeld => "cover-held",
            Self::CoverReleased => "cover-released",
            Self::Excess => "excess",
        }
    }
}

/// One movement of money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry<'a> {
    /// The account that is debited.
    pub(crate) debit: Account,
    /// The account that is credited.
    pub(crate) credit: Account,
    /// How much; never zero.
    pub(crate) amount: Amount,
    /// Why.
    pub(crate) reason: Reason,
    /// The id of the order, transfer or receipt behind it.
    pub(crate) cause: &'a [u8],
    /// When.
    pub(crate) at: Timestamp,
}

/// Why an entry was not made.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// An account would hold more than any amount can say.
    #[error("an account would hold more than the largest possible amount")]
    TooLarge,
    /// The database refuses it: a rule of the schema, or trouble.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for LedgerError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge => Code::AmountTooLarge,
            Self::Store(error) => error.code(),
        }
    }
}

/// The ledger in a database. What it writes belongs to the caller's transaction.
#[derive(Clone, Copy)]
pub(crate) struct Ledger<'c>(&'c Connection);

impl<'c> Ledger<'c> {
    pub(crate) const fn in_(connection: &'c Connection) -> Self {
        Self(connection)
    }

    /// The account with this name; opened the first time.
    pub(crate) fn account(&self, name: &str, side: Side) -> Result<Account, LedgerError> {
        self.0
            .prepare_cached(
                "INSERT INTO ledger_account (name, side) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            )?
            .execute((name, side.name()))?;
        let account = self
            .0
            .prepare_cached("SELECT account FROM ledger_account WHERE name = ?1")?
            .query_row([name], |row| row.get(0))?;
        Ok(Account(account))
    }

    /// Makes an entry.
    pub(crate) fn post(&self, entry: &Entry<'_>) -> Result<(), LedgerError> {
        self.0
            .prepare_cached(
                "INSERT INTO ledger_entry (at, debit, credit, amount, reason, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((
                Sql(entry.at),
                entry.debit.0,
                entry.credit.0,
                Sql(entry.amount),
                entry.reason.name(),
                entry.cause,
            ))?;
        // Only the side that grows can become too large.
        self.balance(entry.debit)?;
        self.balance(entry.credit)?;
        Ok(())
    }

    /// The amount that moved for this reason and cause, if it ever did.
    pub(crate) fn moved(&self, reason: Reason, cause: &[u8]) -> Result<Option<Amount>, LedgerError> {
        let amount = self
            .0
            .prepare_cached("SELECT amount FROM ledger_entry WHERE reason = ?1 AND cause = ?2")?
            .query_row((reason.name(), cause), |row| row.get(0))
            .optional()?;
        Ok(amount.map(|Sql(amount)| amount))
    }

    /// What stands on an account, on the side on which it grows.
    pub(crate) fn balance(&self, account: Account) -> Result<Amount, LedgerError> {
        let fen: i64 = self
            .0
            .prepare_cached("SELECT abs(debits - credits) FROM ledger_account WHERE account = ?1")?
            .query_row([account.0], |row| row.get(0))?;
        u64::try_from(fen)
            .ok()
            .and_then(|fen| Amount::from_fen(fen).ok())
            .ok_or(LedgerError::TooLarge)
    }

    /// What stands on all accounts whose name begins with `prefix`.
    pub(crate) fn balance_of_all(&self, prefix: &str) -> Result<Amount, LedgerError> {
        let fen: i64 = self
            .0
            .prepare_cached(
                "SELECT coalesce(sum(abs(debits - credits)), 0) FROM ledger_account WHERE substr(name, 1, length(?1)) = ?1",
            )?
            .query_row([prefix], |row| row.get(0))?;
        u64::try_from(fen)
            .ok()
            .and_then(|fen| Amount::from_fen(fen).ok())
            .ok_or(LedgerError::TooLarge)
    }
}

//! Customers and their accounts.

use protocol::{Amount, Name, VerifyingKey, WalletClass, bank::Answer};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    CallError, Operator,
    calls::{Incoming, Known},
};
use crate::{
    environment::random,
    ledger::{self, Entry, Ledger, Reason, Side},
    sql::Sql,
    store::StoreError,
};

/// What the name of every customer's ledger account begins with.
pub(super) const LEDGER_PREFIX: &str = "customer/";

/// A customer.
pub(super) struct Customer {
    pub(super) number: i64,
    pub(super) class: WalletClass,
    pub(super) name: Option<Name>,
    pub(super) ledger_account: ledger::Account,
}

impl Operator {
    /// Opens an account. An open account of the same class and name is simply confirmed: a phone that was restored from
    /// its words enrols again.
    pub(super) fn enrol(
        &self,
        incoming: &Incoming,
        class: WalletClass,
        name: Option<&Name>,
    ) -> Result<Vec<u8>, CallError> {
        let trust = self.trust_bundle()?;
        self.store.write(|tx| {
            let customer = match find(tx, &incoming.account)? {
                Some(customer) => {
                    if let Known::Answered(answer) = incoming.known(tx, &customer)? {
                        return Ok(answer);
                    }
                    customer
                }
                None => self.open_account(tx, incoming, class, name)?,
            };
            if customer.class != class || customer.name.as_ref() != name {
                return Err(CallError::AlreadyEnrolled);
            }
            Ok(incoming.remember(tx, &customer, &Answer::Enrolled { trust })?)
        })
    }

    fn open_account(
        &self,
        connection: &Connection,
        incoming: &Incoming,
        class: WalletClass,
        name: Option<&Name>,
    ) -> Result<Customer, CallError> {
        let ledger = Ledger::in_(connection);
        let ledger_account = ledger.account(&format!("{LEDGER_PREFIX}{}", incoming.account), Side::Credit)?;
        let number = connection
            .prepare_cached(
                "INSERT INTO customer (account_key, class, name, ledger_account, opened_at)
                 VALUES (?1, ?2, ?3, ?4, ?5) RETURNING customer",
            )?
            .query_row(
                (
                    Sql(incoming.account),
                    Sql(class),
                    name.map(Name::as_str),
                    ledger_account.0,
                    Sql(incoming.at),
                ),
                |row| row.get(0),
            )?;
        if let Some(amount) = self.config.welcome.filter(|amount| !amount.is_zero()) {
            ledger.post(&Entry {
                debit: self.chart.gifts,
                credit: ledger_account,
                amount,
                reason: Reason::Welcome,
                cause: &incoming.account.to_bytes(),
                at: incoming.at,
            })?;
        }
        Ok(Customer {
            number,
            class,
            name: name.cloned(),
            ledger_account,
        })
    }

    /// How much is on the account. Remembered like every answer: whoever replays a call that it overheard learns nothing new.
    pub(super) fn account(&self, incoming: &Incoming) -> Result<Vec<u8>, CallError> {
        self.once(incoming, |tx, customer| {
            Ok(Answer::Account {
                balance: Ledger::in_(tx).balance(customer.ledger_account)?,
            })
        })
    }

    /// Takes paper money over the counter and credits the account. Each call is a new payment.
    ///
    /// # Errors
    /// [`CallError::UnknownAccount`], [`CallError::Nothing`], or [`CallError::Failed`].
    pub fn pay_in(&self, account: &VerifyingKey, amount: Amount) -> Result<(), CallError> {
        if amount.is_zero() {
            return Err(CallError::Nothing);
        }
        let cause: [u8; 16] = random(&*self.entropy)?;
        let at = self.now()?;
        self.store.write(|tx| {
            let customer = find(tx, account)?.ok_or(CallError::UnknownAccount)?;
            Ok(Ledger::in_(tx).post(&Entry {
                debit: self.chart.cash,
                credit: customer.ledger_account,
                amount,
                reason: Reason::PayIn,
                cause: &cause,
                at,
            })?)
        })
    }

    /// What stands on an account.
    ///
    /// # Errors
    /// [`CallError::UnknownAccount`] or [`CallError::Failed`].
    pub fn balance(&self, account: &VerifyingKey) -> Result<Amount, CallError> {
        self.store.read(|connection| {
            let customer = find(connection, account)?.ok_or(CallError::UnknownAccount)?;
            Ok(Ledger::in_(connection).balance(customer.ledger_account)?)
        })
    }
}

/// The customer with this account key.
pub(super) fn find(connection: &Connection, account: &VerifyingKey) -> Result<Option<Customer>, StoreError> {
    let row: Option<(i64, Sql<WalletClass>, Option<String>, i64)> = connection
        .prepare_cached("SELECT customer, class, name, ledger_account FROM customer WHERE account_key = ?1")?
        .query_row([Sql(*account)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    row.map(|(number, Sql(class), name, ledger_account)| {
        let name = name.map(Name::new).transpose().map_err(|_| StoreError::Damaged {
            what: "a customer's name is none",
        })?;
        Ok(Customer {
            number,
            class,
            name,
            ledger_account: ledger::Account(ledger_account),
        })
    })
    .transpose()
}

/// Where a customer's money stands.
pub(super) fn ledger_account(connection: &Connection, customer: i64) -> Result<ledger::Account, StoreError> {
    Ok(connection
        .prepare_cached("SELECT ledger_account FROM customer WHERE customer = ?1")?
        .query_row([customer], |row| row.get(0).map(ledger::Account))?)
}

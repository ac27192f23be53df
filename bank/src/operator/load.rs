//! Loads: account money becomes notes.

use protocol::{Amount, Note, Output, Signed, Timestamp, TrustBundle, VerifyingKey, bank::Answer};
use rusqlite::Connection;

use super::{
    CallError, MAX_KEYS, Operator, OperatorFailure,
    accounts::{self, Customer},
    calls::Incoming,
    denominations::split,
    devices, newest_policies,
    orders::{self, Notes, PendingOrder, Work},
    registry,
    steps::Step,
};
use crate::{
    issuer::api::{IssuerError, OrderId},
    ledger::{Account, Entry, Ledger, Reason},
};

impl Operator {
    /// Takes the money off the account and orders notes for it.
    pub(super) fn load(
        &self,
        incoming: &Incoming,
        amount: Amount,
        keys: &[VerifyingKey],
    ) -> Result<Vec<u8>, CallError> {
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(CallError::KeyCount { found: keys.len() });
        }
        if amount.is_zero() {
            return Err(CallError::Nothing);
        }
        let trust = self.issuer.trust_bundle();
        self.begin_or_go_on(incoming, |tx, customer| {
            check_keys(tx, customer, keys, &trust?)?;
            check_amount(tx, customer, amount)?;
            let order = self.begin(tx, incoming, customer.number, Work::Load(notes(amount, keys)))?;
            self.book_order(tx, customer.ledger_account, &order.id, amount, incoming.at)?;
            Ok(order)
        })
    }

    /// The second half of a load, any number of times.
    pub(super) fn drive_load(&self, order: &PendingOrder, outputs: &[Output]) -> Result<Vec<u8>, CallError> {
        match self.issuer.issue(order.id, self.config.operator, outputs) {
            Ok(notes) => self.complete(order, |tx, at| {
                self.book_issue(tx, order, &notes, at)?;
                Step::answered(tx, order, &Answer::Loaded { notes })
            }),
            Err(IssuerError::Refused(refusal)) => {
                self.give_back(order, outputs)?;
                Err(IssuerError::Refused(refusal).into())
            }
            Err(no_answer) => Err(no_answer.into()),
        }
    }

    /// The issuer refused, for ever: the money goes back to the account, once.
    fn give_back(&self, order: &PendingOrder, outputs: &[Output]) -> Result<(), CallError> {
        let at = self.now()?;
        self.store.write(|tx| {
            if orders::forget(tx, order)? {
                self.book_refusal(tx, order, outputs, at)?;
            }
            Ok(())
        })
    }

    /// Money leaves an account for notes that are ordered.
    pub(super) fn book_order(
        &self,
        connection: &Connection,
        account: Account,
        order: &OrderId,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), OperatorFailure> {
        Ok(Ledger::in_(connection).post(&Entry {
            debit: account,
            credit: self.chart.in_flight,
            amount,
            reason: Reason::LoadOrdered,
            cause: order,
            at,
        })?)
    }

    /// The notes of an order are issued.
    pub(super) fn book_issue(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        notes: &[Signed<Note>],
        at: Timestamp,
    ) -> Result<(), OperatorFailure> {
        Ok(Ledger::in_(connection).post(&Entry {
            debit: self.chart.in_flight,
            credit: self.chart.reserve,
            amount: sum(notes.iter().map(|note| note.body.amount))?,
            reason: Reason::Issue,
            cause: &order.id,
            at,
        })?)
    }

    /// The notes of an order are refused: the money goes back to the account.
    pub(super) fn book_refusal(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        outputs: &[Output],
        at: Timestamp,
    ) -> Result<(), OperatorFailure> {
        Ok(Ledger::in_(connection).post(&Entry {
            debit: self.chart.in_flight,
            credit: accounts::ledger_account(connection, order.customer)?,
            amount: sum(outputs.iter().map(|output| output.amount))?,
            reason: Reason::LoadRefused,
            cause: &order.id,
            at,
        })?)
    }
}

/// The notes in turn to the keys, so that each key gets large ones and small ones.
pub(super) fn notes(amount: Amount, keys: &[VerifyingKey]) -> Notes {
    Notes(
        split(amount)
            .into_iter()
            .zip(keys.iter().cycle())
            .map(|(amount, key)| Output {
                holder_key: *key,
                amount,
            })
            .collect(),
    )
}

/// Notes go to the customer's own certified keys only, and to none that pays nobody any more: they would lie there until
/// their window closes.
pub(super) fn check_keys(
    connection: &Connection,
    customer: &Customer,
    keys: &[VerifyingKey],
    trust: &TrustBundle,
) -> Result<(), CallError> {
    let revoked = |key| trust.status.iter().any(|list| list.body.contains(key));
    for key in keys {
        if registry::owner(connection, key)? != Some(customer.number) {
            return Err(CallError::KeyNotCertified);
        }
        devices::check_key(connection, key)?;
        if revoked(key) {
            return Err(CallError::KeyRevoked);
        }
    }
    Ok(())
}

/// No more than the account holds, and no more than a wallet of the class may.
fn check_amount(connection: &Connection, customer: &Customer, amount: Amount) -> Result<(), CallError> {
    let limit = newest_policies(connection)?
        .iter()
        .find(|policy| policy.body.class == customer.class)
        .map(|policy| policy.body.limits.balance);
    if let Some(limit) = limit.filter(|limit| amount > *limit) {
        return Err(CallError::BalanceLimit { limit });
    }
    let balance = Ledger::in_(connection).balance(customer.ledger_account)?;
    if amount > balance {
        return Err(CallError::AccountTooLow { balance });
    }
    Ok(())
}

pub(super) fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, OperatorFailure> {
    Amount::checked_sum(amounts).ok_or(OperatorFailure::Inconsistent {
        what: "an order above every amount",
    })
}

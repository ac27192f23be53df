//! Breaches: payments on record that were more than their payer's policy permits.
//!
//! An honest wallet refuses them before it signs. A payment on record is final all the same, whatever its payer was
//! permitted, because its payee has it: so it is not refused, but counted, and who broke a limit is listed, for people to
//! look into. What is counted is the payments of this operator's customers; not their deposits, not what came back, and not
//! their refunds, out of whatever money.
//!
//! A payment counts on the day on which its payee took it, as the receipt says, but not later than it was reported; without
//! a receipt, on the day it was reported. That is the best that is known of payments made offline, and no proof: a
//! breach accuses nobody of anything but a question.

use protocol::{
    Amount, Body as _, Day, Id, Limits, Outpoint, Payment, Policy, Reference, Signed, Timestamp,
    VerifyingKey, WalletClass, message::ShortReceipt,
};
use rusqlite::Connection;
use std::collections::BTreeSet;

use super::{Operator, OperatorFailure, newest_policies, registry};
use crate::{sql::Sql, store::StoreError};

/// Something that was paid, and was more than permitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// Whose account.
    pub account: VerifyingKey,
    /// What broke a limit.
    pub what: Breaking,
    /// How much that was.
    pub paid: Amount,
    /// How much is permitted, by the newest policy for the account's class.
    pub permitted: Amount,
}

/// What broke a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breaking {
    /// One payment.
    Payment(Id),
    /// All payments of one day.
    Day(Day),
    /// All payments of one calendar year.
    Year(u32),
}

impl Operator {
    /// Every breach that is on record, by account, the oldest first.
    ///
    /// # Errors
    /// [`OperatorFailure`] if the books cannot be read.
    pub fn breaches(&self) -> Result<Vec<Breach>, OperatorFailure> {
        self.store.read(|connection| {
            let policies = newest_policies(connection)?;
            let mut statement = connection.prepare(
                "SELECT account_key, class, transfer, amount, day, reference, customer
                 FROM spent JOIN customer USING (customer) ORDER BY customer, day, transfer",
            )?;
            let mut rows = statement.query([])?;
            let mut found = Findings::default();
            let mut refunds = (0, BTreeSet::new());
            while let Some(row) = rows.next()? {
                let (Sql(account), Sql(class)) = (row.get(0)?, row.get(1)?);
                let (Sql(transfer), Sql(amount), Sql(day)) = (row.get(2)?, row.get(3)?, row.get(4)?);
                let (reference, customer) = (row.get(5).map(Reference::from_bytes)?, row.get(6)?);
                if refunds.0 != customer {
                    refunds = (customer, refunds_by(connection, customer)?);
                }
                if refunds.1.contains(&reference) {
                    continue;
                }
                if let Some(limits) = limits(&policies, class) {
                    found.add(account, limits, transfer, amount, day);
                }
            }
            Ok(found.breaches)
        })
    }
}

/// What a refund by this customer answers: one of the payments that it took, as it said itself or was told.
fn refunds_by(connection: &Connection, customer: i64) -> Result<BTreeSet<Reference>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT transfer FROM report WHERE customer = ?1
             UNION SELECT subject FROM delivery WHERE customer = ?1 AND length(subject) = 32",
        )?
        .query_map([customer], |row| {
            row.get(0).map(|Sql(paid)| Reference::to_return(&paid))
        })?
        .collect::<Result<_, _>>()?)
}

fn limits(policies: &[Signed<Policy>], class: WalletClass) -> Option<&Limits> {
    let policy = policies.iter().find(|policy| policy.body.class == class);
    policy.map(|policy| &policy.body.limits)
}

/// What was found so far, and the sums that are still growing: rows come by account, then by day.
#[derive(Default)]
struct Findings {
    breaches: Vec<Breach>,
    day: Option<(VerifyingKey, Day, Amount)>,
    year: Option<(VerifyingKey, u32, Amount)>,
}

impl Findings {
    fn add(&mut self, account: VerifyingKey, limits: &Limits, transfer: Id, amount: Amount, day: Day) {
        self.hold(account, Breaking::Payment(transfer), amount, limits.per_payment);
        let paid = grown(&mut self.day, account, day, amount);
        self.hold(account, Breaking::Day(day), paid, limits.per_day);
        let paid = grown(&mut self.year, account, day.year(), amount);
        if let Some(permitted) = limits.per_year {
            self.hold(account, Breaking::Year(day.year()), paid, permitted);
        }
    }

    /// Notes a breach; one that grows is the same breach.
    fn hold(&mut self, account: VerifyingKey, what: Breaking, paid: Amount, permitted: Amount) {
        if paid <= permitted {
            return;
        }
        let known = |breach: &&mut Breach| (breach.account, breach.what) == (account, what);
        match self.breaches.iter_mut().rev().find(known) {
            Some(breach) => breach.paid = paid,
            None => self.breaches.push(Breach {
                account,
                what,
                paid,
                permitted,
            }),
        }
    }
}

/// The sum of a day or a year, with one payment more.
fn grown<T: PartialEq>(
    sum: &mut Option<(VerifyingKey, T, Amount)>,
    account: VerifyingKey,
    span: T,
    amount: Amount,
) -> Amount {
    let before = match sum {
        Some((owner, counted, paid)) if (*owner, &*counted) == (account, &span) => *paid,
        _ => Amount::ZERO,
    };
    let paid = before.checked_add(amount).unwrap_or(Amount::MAX);
    *sum = Some((account, span, paid));
    paid
}

/// Counts a payment that went on record, once. One that came back whole counts nothing, whichever is reported first.
pub(super) fn count(
    connection: &Connection,
    payment: &Payment,
    receipt: Option<&ShortReceipt>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let paying = payment.final_transfer();
    let Some(output) = paying.outputs.first() else {
        return Ok(());
    };
    let returned = |input: &&Outpoint| paying.reference == Reference::to_return(&input.origin);
    if let Some(paid) = paying.inputs.iter().find(returned) {
        let whole = payment.transfers().iter().any(|earlier| {
            let paid_once = earlier.transfer.outputs.first();
            earlier.transfer.id() == paid.origin && paid_once.map(|paid| paid.amount) == Some(output.amount)
        });
        return match registry::owner(connection, &output.holder_key)? {
            Some(payer) if whole => {
                let undone = (paid.origin, Amount::ZERO);
                note(connection, undone, payer, at.day(), paying.reference)
            }
            _ => Ok(()),
        };
    }
    let payer = payment.certificates().first();
    let payer = payer.map(|payer| registry::owner(connection, &payer.body.holder_key));
    let Some(payer) = payer.transpose()?.flatten() else {
        return Ok(());
    };
    let came_back = receipt.is_some_and(|receipt| receipt.returned.is_some());
    let amount = if came_back { Amount::ZERO } else { output.amount };
    let day = receipt.map_or(at, |receipt| receipt.taken_at.min(at)).day();
    note(connection, (payment.id(), amount), payer, day, paying.reference)
}

fn note(
    connection: &Connection,
    (transfer, amount): (Id, Amount),
    customer: i64,
    day: Day,
    reference: Reference,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO spent (transfer, customer, amount, day, reference) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (transfer) DO UPDATE SET amount = min(amount, excluded.amount)",
        )?
        .execute((
            Sql(transfer),
            customer,
            Sql(amount),
            Sql(day),
            reference.as_bytes(),
        ))?;
    Ok(())
}

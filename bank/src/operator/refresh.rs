//! Refreshes: value of the customer's becomes fresh notes of exactly its worth.
//!
//! To the issuer that is a deposit and then a load, and so it is two orders here, with one call behind both. The second is
//! written down in the very transaction that books the first, and its money is taken off the account there and then: a
//! refresh that was settled is issued, whatever else the customer does meanwhile.
//!
//! ```text
//!   Refresh ──settle──> account credited, loads in flight, Reissue written down ──issue──> Refreshed
//!                   └─> a part is denied, or cannot be issued: it stays on the account ──> Deposited
//! ```

use minicbor::{Decode, Encode};
use protocol::{Note, Output, Payment, Receipt, Reference, Signed, VerifyingKey, bank::Answer};
use rusqlite::Connection;

use super::{
    CallError, MAX_KEYS, Operator, OperatorFailure, accounts,
    calls::{self, Incoming, Known},
    deposit::check_binding,
    load::{check_keys, notes, sum},
    orders::{self, Notes, PendingOrder, Work},
};
use crate::{
    environment::random,
    issuer::api::{IssuerError, Settlement},
    ledger::{Entry, Ledger, Reason},
};

/// A payment to settle, and the notes to issue for it. Chosen once, like those of a load.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub(super) struct Refresh {
    #[cbor(n(0), with = "minicbor::bytes")]
    payment: Vec<u8>,
    #[n(1)]
    notes: Notes,
}

/// Notes to issue, and the receipt that goes with them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub(super) struct Reissue {
    #[n(0)]
    pub(super) notes: Notes,
    #[n(1)]
    receipt: Signed<Receipt>,
}

/// Where a refresh goes after a transaction.
enum Step {
    Answered(Vec<u8>),
    Pending(PendingOrder),
}

impl Operator {
    /// Checks a payment and what it is to become, and brings it to the issuer.
    pub(super) fn refresh(
        &self,
        incoming: &Incoming,
        payment: &[u8],
        keys: &[VerifyingKey],
    ) -> Result<Vec<u8>, CallError> {
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(CallError::KeyCount { found: keys.len() });
        }
        let payment = Payment::decode(payment)?;
        let reference = Reference::to_refresh(&incoming.account, incoming.idempotency_key.as_bytes());
        check_binding(&payment, &self.settlement.verifying_key(), reference)?;
        let paid = payment.final_transfer().outputs.first();
        let worth = paid.ok_or(CallError::WrongPayee)?.amount;
        self.check_foreign_signers(&payment)?;
        let begun = self.store.write(|tx| {
            let customer = accounts::find(tx, &incoming.account)?.ok_or(CallError::UnknownAccount)?;
            match incoming.known(tx, &customer)? {
                Known::Answered(answer) => Ok(Step::Answered(answer)),
                Known::Pending(order) => Ok(Step::Pending(order)),
                Known::New => {
                    self.check_own_signers(tx, &payment)?;
                    check_keys(tx, &customer, keys)?;
                    let work = Work::Refresh(Box::new(Refresh {
                        payment: payment.encode(),
                        notes: notes(worth, keys),
                    }));
                    let order = self.begin(tx, incoming, customer.number, work)?;
                    Ok::<_, CallError>(Step::Pending(order))
                }
            }
        })?;
        self.go_on(begun)
    }

    fn go_on(&self, step: Step) -> Result<Vec<u8>, CallError> {
        match step {
            Step::Answered(answer) => Ok(answer),
            Step::Pending(order) => self.drive(&order),
        }
    }

    /// The first order of a refresh, any number of times: settles the payment.
    pub(super) fn drive_refresh(
        &self,
        order: &PendingOrder,
        refresh: &Refresh,
    ) -> Result<Vec<u8>, CallError> {
        let payment = Payment::decode(&refresh.payment)?;
        let settlement = self.with_cover(order, |accepted| {
            self.issuer
                .settle(order.id, self.config.operator, &payment, accepted)
        })?;
        // Before the order is forgotten: after a crash, this is done again.
        self.testify()?;
        let next = self.exchange(order, &refresh.notes, &settlement)?;
        self.go_on(next)
    }

    /// Books what was settled, and goes over from the first order to the second.
    fn exchange(
        &self,
        order: &PendingOrder,
        notes: &Notes,
        settlement: &Settlement,
    ) -> Result<Step, CallError> {
        let at = self.now()?;
        let id = random(&*self.entropy).map_err(OperatorFailure::from)?;
        self.store.write(|tx| {
            if !orders::forget(tx, order)? {
                return faster(tx, order);
            }
            let worth = sum(notes.0.iter().map(|note| note.amount))?;
            let receipt = self.receipt(settlement, at);
            if self.credit(tx, order, settlement, at)? != worth {
                // It ends as a deposit.
                let answer = Answer::Deposited { receipt };
                return Ok(Step::Answered(remember(tx, order, &answer)?));
            }
            Ledger::in_(tx).post(&Entry {
                debit: accounts::ledger_account(tx, order.customer)?,
                credit: self.chart.in_flight,
                amount: worth,
                reason: Reason::LoadOrdered,
                cause: &id,
                at,
            })?;
            let next = PendingOrder {
                id,
                customer: order.customer,
                idempotency_key: order.idempotency_key,
                call: order.call,
                work: Work::Reissue(Box::new(Reissue {
                    notes: notes.clone(),
                    receipt,
                })),
            };
            orders::write_down(tx, &next)?;
            Ok(Step::Pending(next))
        })
    }

    /// The second order of a refresh, any number of times: issues the notes.
    pub(super) fn drive_reissue(
        &self,
        order: &PendingOrder,
        reissue: &Reissue,
    ) -> Result<Vec<u8>, CallError> {
        let Notes(outputs) = &reissue.notes;
        let step = match self.issuer.issue(order.id, self.config.operator, outputs) {
            Ok(notes) => self.reissued(order, reissue, notes),
            Err(IssuerError::Refused(_)) => self.not_reissued(order, reissue, outputs),
            Err(no_answer) => Err(no_answer.into()),
        };
        self.go_on(step?)
    }

    fn reissued(
        &self,
        order: &PendingOrder,
        reissue: &Reissue,
        notes: Vec<Signed<Note>>,
    ) -> Result<Step, CallError> {
        let at = self.now()?;
        self.store.write(|tx| {
            if !orders::forget(tx, order)? {
                return faster(tx, order);
            }
            Ledger::in_(tx).post(&Entry {
                debit: self.chart.in_flight,
                credit: self.chart.reserve,
                amount: sum(notes.iter().map(|note| note.body.amount))?,
                reason: Reason::Issue,
                cause: &order.id,
                at,
            })?;
            let answer = Answer::Refreshed {
                receipt: reissue.receipt.clone(),
                notes,
            };
            Ok(Step::Answered(remember(tx, order, &answer)?))
        })
    }

    /// The issuer refused, for ever: the money goes back to the account, once.
    fn not_reissued(
        &self,
        order: &PendingOrder,
        reissue: &Reissue,
        outputs: &[Output],
    ) -> Result<Step, CallError> {
        let at = self.now()?;
        self.store.write(|tx| {
            if !orders::forget(tx, order)? {
                return faster(tx, order);
            }
            Ledger::in_(tx).post(&Entry {
                debit: self.chart.in_flight,
                credit: accounts::ledger_account(tx, order.customer)?,
                amount: sum(outputs.iter().map(|output| output.amount))?,
                reason: Reason::LoadRefused,
                cause: &order.id,
                at,
            })?;
            let answer = Answer::Deposited {
                receipt: reissue.receipt.clone(),
            };
            Ok(Step::Answered(remember(tx, order, &answer)?))
        })
    }
}

/// Somebody was faster: the answer is there, or at least the next order.
fn faster(connection: &Connection, order: &PendingOrder) -> Result<Step, CallError> {
    let key = &order.idempotency_key;
    if let Some(answer) = calls::answer_to(connection, order.customer, key, &order.call)? {
        return Ok(Step::Answered(answer));
    }
    let next = orders::under_key(connection, order.customer, key)?;
    next.map(Step::Pending)
        .ok_or(CallError::Failed(OperatorFailure::Inconsistent {
            what: "a payment was settled for an order that is gone",
        }))
}

fn remember(
    connection: &Connection,
    order: &PendingOrder,
    answer: &Answer,
) -> Result<Vec<u8>, OperatorFailure> {
    Ok(calls::remember(
        connection,
        order.customer,
        &order.idempotency_key,
        &order.call,
        answer,
    )?)
}

//! From a call to its order, and from an order to the call's answer: each in one transaction, each once.

use protocol::{Timestamp, bank::Answer};
use rusqlite::{Connection, Transaction};

use super::{
    CallError, Operator, OperatorFailure,
    accounts::{self, Customer},
    calls::{self, Incoming, Known},
    orders::{self, PendingOrder},
};

/// Where a call stands after a transaction.
pub(super) enum Step {
    /// At its end.
    Answered(Vec<u8>),
    /// Before the issuer.
    Pending(PendingOrder),
}

impl Step {
    /// The end: writes the answer down.
    pub(super) fn answered(
        connection: &Connection,
        order: &PendingOrder,
        answer: &Answer,
    ) -> Result<Self, CallError> {
        let (key, call) = (&order.idempotency_key, &order.call);
        let bytes = calls::remember(connection, order.customer, key, call, answer)?;
        Ok(Self::Answered(bytes))
    }
}

impl Operator {
    /// Answers a call that takes an order to the issuer. A new call's is made by `order`; one that waits goes on; and what
    /// was answered is answered again.
    pub(super) fn begin_or_go_on(
        &self,
        incoming: &Incoming,
        order: impl FnOnce(&Transaction<'_>, &Customer) -> Result<PendingOrder, CallError>,
    ) -> Result<Vec<u8>, CallError> {
        let step = self.store.write(|tx| {
            let customer = accounts::find(tx, &incoming.account)?.ok_or(CallError::UnknownAccount)?;
            Ok::<_, CallError>(match incoming.known(tx, &customer)? {
                Known::Answered(answer) => Step::Answered(answer),
                Known::Pending(order) => Step::Pending(order),
                Known::New => Step::Pending(order(tx, &customer)?),
            })
        })?;
        self.go_on(step)
    }

    /// Forgets an order and books its outcome, in one transaction. Whoever comes second finds what the first one left.
    pub(super) fn complete(
        &self,
        order: &PendingOrder,
        outcome: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<Step, CallError>,
    ) -> Result<Vec<u8>, CallError> {
        let at = self.now()?;
        let step = self.store.write(|tx| {
            if orders::forget(tx, order)? {
                outcome(tx, at)
            } else {
                left_by_another(tx, order)
            }
        })?;
        self.go_on(step)
    }

    fn go_on(&self, step: Step) -> Result<Vec<u8>, CallError> {
        match step {
            Step::Answered(answer) => Ok(answer),
            Step::Pending(order) => self.drive(&order),
        }
    }
}

/// Somebody was faster: the answer is there, or at least the next order.
fn left_by_another(connection: &Connection, order: &PendingOrder) -> Result<Step, CallError> {
    let key = &order.idempotency_key;
    if let Some(answer) = calls::answer_to(connection, order.customer, key, &order.call)? {
        return Ok(Step::Answered(answer));
    }
    let next = orders::under_key(connection, order.customer, key)?;
    next.map(Step::Pending)
        .ok_or(CallError::Failed(OperatorFailure::Inconsistent {
            what: "the issuer carried out an order that is gone",
        }))
}

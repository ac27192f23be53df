//! The memory of calls: what was granted once is granted once.

use protocol::{
    Body as _, Id, Timestamp, VerifyingKey,
    bank::{Answer, Call, IdempotencyKey},
    cbor,
};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{
    CallError, Operator,
    accounts::{self, Customer},
    orders::{self, PendingOrder},
};
use crate::{sql::Sql, store::StoreError};

/// A call on its way through the operator.
pub(super) struct Incoming {
    /// Who calls.
    pub(super) account: VerifyingKey,
    /// Under which key.
    pub(super) idempotency_key: IdempotencyKey,
    /// The hash of all that was asked.
    pub(super) id: Id,
    /// When it came in.
    pub(super) at: Timestamp,
}

/// What is known of a call.
pub(super) enum Known {
    /// Nothing.
    New,
    /// It was granted; the answer.
    Answered(Vec<u8>),
    /// It waits for the issuer.
    Pending(PendingOrder),
}

impl Incoming {
    pub(super) fn new(call: &Call, at: Timestamp) -> Self {
        Self {
            account: call.account,
            idempotency_key: call.idempotency_key,
            id: call.id(),
            at,
        }
    }

    /// Looks the call up.
    pub(super) fn known(&self, connection: &Connection, customer: &Customer) -> Result<Known, CallError> {
        if let Some(answer) = answer_to(connection, customer.number, &self.idempotency_key, &self.id)? {
            return Ok(Known::Answered(answer));
        }
        match orders::under_key(connection, customer.number, &self.idempotency_key)? {
            Some(order) if order.call == self.id => Ok(Known::Pending(order)),
            Some(_) => Err(CallError::IdempotencyConflict),
            None => Ok(Known::New),
        }
    }

    /// Writes the answer down, and hands it back in bytes.
    pub(super) fn remember(
        &self,
        connection: &Connection,
        customer: &Customer,
        answer: &Answer,
    ) -> Result<Vec<u8>, StoreError> {
        remember(
            connection,
            customer.number,
            &self.idempotency_key,
            &self.id,
            answer,
        )
    }
}

impl Operator {
    /// Does in one transaction what needs nobody else, once.
    pub(super) fn once(
        &self,
        incoming: &Incoming,
        work: impl FnOnce(&Transaction<'_>, &Customer) -> Result<Answer, CallError>,
    ) -> Result<Vec<u8>, CallError> {
        self.store.write(|tx| {
            let customer = accounts::find(tx, &incoming.account)?.ok_or(CallError::UnknownAccount)?;
            match incoming.known(tx, &customer)? {
                Known::Answered(answer) => Ok(answer),
                // Only loads, deposits, refreshes and reports wait, and they do not come this way.
                Known::Pending(_) => Err(CallError::IdempotencyConflict),
                Known::New => {
                    let answer = work(tx, &customer)?;
                    Ok(incoming.remember(tx, &customer, &answer)?)
                }
            }
        })
    }
}

impl Operator {
    /// Looks something up for a customer. A pure read needs no memory of its answers.
    pub(super) fn read<T>(
        &self,
        incoming: &Incoming,
        work: impl FnOnce(&Connection, &Customer) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.store.read(|connection| {
            let customer = accounts::find(connection, &incoming.account)?.ok_or(CallError::UnknownAccount)?;
            match incoming.known(connection, &customer)? {
                Known::New => work(connection, &customer),
                Known::Answered(_) | Known::Pending(_) => Err(CallError::IdempotencyConflict),
            }
        })
    }
}

/// The answer that was given under this key; a conflict if that was to another call.
pub(super) fn answer_to(
    connection: &Connection,
    customer: i64,
    key: &IdempotencyKey,
    call: &Id,
) -> Result<Option<Vec<u8>>, CallError> {
    let known: Option<(Sql<Id>, Vec<u8>)> = connection
        .prepare_cached("SELECT call, answer FROM call WHERE customer = ?1 AND idempotency_key = ?2")?
        .query_row((customer, key.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((Sql(id), answer)) if id == *call => Ok(Some(answer)),
        Some(_) => Err(CallError::IdempotencyConflict),
        None => Ok(None),
    }
}

/// Writes an answer down, and hands it back in bytes.
pub(super) fn remember(
    connection: &Connection,
    customer: i64,
    key: &IdempotencyKey,
    call: &Id,
    answer: &Answer,
) -> Result<Vec<u8>, StoreError> {
    let bytes = cbor::encode(answer);
    connection
        .prepare_cached("INSERT INTO call (customer, idempotency_key, call, answer) VALUES (?1, ?2, ?3, ?4)")?
        .execute((customer, key.as_bytes(), Sql(*call), &bytes))?;
    Ok(bytes)
}

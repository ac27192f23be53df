//! Orders to the issuer, written down before it hears of them.
//!
//! ```text
//!   write the order down ──> ask the issuer ──> write the outcome down, forget the order
//!        (committed)          (idempotent)            (committed, once)
//! ```
//!
//! A crash between any two steps leaves a row in `pending_order`. The same call again, or the next start, takes the same
//! steps from there; none of them does twice what it has done once.

use minicbor::{Decode, Encode};
use protocol::{Id, Outpoint, Output, Payment, VerifyingKey, bank::IdempotencyKey, cbor};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{
    CallError, Operator, OperatorFailure,
    calls::Incoming,
    refresh::{Refresh, Reissue},
    report::Report,
};
use crate::{
    environment::random,
    issuer::api::{IssuerError, OrderId},
    sql::{Sql, stored},
    store::StoreError,
};

/// An order whose outcome is not in the books yet.
pub(super) struct PendingOrder {
    pub(super) id: OrderId,
    pub(super) customer: i64,
    pub(super) idempotency_key: IdempotencyKey,
    pub(super) call: Id,
    pub(super) work: Work,
}

/// What is asked of the issuer.
pub(super) enum Work {
    /// Issue these notes.
    Load(Notes),
    /// Settle this payment.
    Deposit(Box<Payment>),
    /// Settle this payment, and issue its worth anew.
    Refresh(Box<Refresh>),
    /// It is settled: issue its worth anew.
    Reissue(Box<Reissue>),
    /// Put this payment on record.
    Report(Box<Report>),
    /// Close the window of this value on this key.
    Close(Outpoint, VerifyingKey),
}

/// The notes of a load, chosen once: a later version of this software may split amounts in another way.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(transparent)]
pub(super) struct Notes(#[n(0)] pub(super) Vec<Output>);

impl Operator {
    /// Writes an order down. It goes to the issuer only after this is committed.
    pub(super) fn begin(
        &self,
        connection: &Connection,
        incoming: &Incoming,
        customer: i64,
        work: Work,
    ) -> Result<PendingOrder, OperatorFailure> {
        let order = PendingOrder {
            id: random(&*self.entropy)?,
            customer,
            idempotency_key: incoming.idempotency_key,
            call: incoming.id,
            work,
        };
        write_down(connection, &order)?;
        Ok(order)
    }

    /// Takes an order from where it stands to its end, and answers its call.
    pub(super) fn drive(&self, order: &PendingOrder) -> Result<Vec<u8>, CallError> {
        match &order.work {
            Work::Load(Notes(outputs)) => self.drive_load(order, outputs),
            Work::Deposit(payment) => self.drive_deposit(order, payment),
            Work::Refresh(refresh) => self.drive_refresh(order, refresh),
            Work::Reissue(reissue) => self.drive_reissue(order, reissue),
            Work::Report(report) => self.drive_report(order, report),
            // Nobody waits for an answer.
            Work::Close(outpoint, key) => self.drive_closing(order, *outpoint, *key).map(|_| Vec::new()),
        }
    }

    /// What a crash left behind is finished. An issuer that does not answer now leaves it for later.
    pub(super) fn finish_pending_orders(&self) -> Result<(), CallError> {
        for order in self.store.read(all)? {
            match self.drive(&order) {
                Ok(_)
                | Err(
                    CallError::CoverExhausted
                    | CallError::Issuer(IssuerError::Refused(_) | IssuerError::NoAnswer { .. }),
                ) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Writes an order down.
pub(super) fn write_down(connection: &Connection, order: &PendingOrder) -> Result<(), StoreError> {
    let (kind, content) = match &order.work {
        Work::Load(notes) => ("load", cbor::encode(notes)),
        Work::Deposit(payment) => ("deposit", payment.encode()),
        Work::Refresh(refresh) => ("refresh", cbor::encode(&**refresh)),
        Work::Reissue(reissue) => ("reissue", cbor::encode(&**reissue)),
        Work::Report(report) => ("report", report.encode()),
        Work::Close(outpoint, key) => ("closing", cbor::encode(&(*outpoint, *key))),
    };
    connection
        .prepare_cached(
            "INSERT INTO pending_order (order_id, customer, idempotency_key, call, kind, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            order.id,
            order.customer,
            order.idempotency_key.as_bytes(),
            Sql(order.call),
            kind,
            content,
        ))?;
    Ok(())
}

const COLUMNS: &str = "SELECT order_id, customer, idempotency_key, call, kind, content FROM pending_order";

/// The order that waits under this key.
pub(super) fn under_key(
    connection: &Connection,
    customer: i64,
    key: &IdempotencyKey,
) -> Result<Option<PendingOrder>, StoreError> {
    connection
        .prepare_cached(&format!("{COLUMNS} WHERE customer = ?1 AND idempotency_key = ?2"))?
        .query_row((customer, key.as_bytes()), columns)
        .optional()?
        .map(read)
        .transpose()
}

/// Every order that waits.
pub(super) fn all(connection: &Connection) -> Result<Vec<PendingOrder>, StoreError> {
    connection
        .prepare_cached(&format!("{COLUMNS} ORDER BY order_id"))?
        .query_map([], columns)?
        .map(|row| read(row?))
        .collect()
}

/// Whether its outcome is still open.
pub(super) fn is_pending(connection: &Connection, order: &PendingOrder) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM pending_order WHERE order_id = ?1")?
        .exists([order.id])?)
}

/// Its outcome is in the books. Whether it was still waiting.
pub(super) fn forget(connection: &Connection, order: &PendingOrder) -> Result<bool, StoreError> {
    let removed = connection
        .prepare_cached("DELETE FROM pending_order WHERE order_id = ?1")?
        .execute([order.id])?;
    Ok(removed == 1)
}

type Columns = (OrderId, i64, [u8; 16], Sql<Id>, String, Vec<u8>);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
    ))
}

fn read((id, customer, key, Sql(call), kind, content): Columns) -> Result<PendingOrder, StoreError> {
    let work = match kind.as_str() {
        "load" => Work::Load(stored(&content)?),
        "closing" => {
            let (outpoint, key) = stored(&content)?;
            Work::Close(outpoint, key)
        }
        "refresh" => Work::Refresh(Box::new(stored(&content)?)),
        "reissue" => Work::Reissue(Box::new(stored(&content)?)),
        "report" => Work::Report(Box::new(Report::decode(&content)?)),
        _ => Work::Deposit(Box::new(Payment::decode(&content).map_err(|_| {
            StoreError::Damaged {
                what: "a pending deposit does not decode",
            }
        })?)),
    };
    Ok(PendingOrder {
        id,
        customer,
        idempotency_key: IdempotencyKey::from_bytes(key),
        call,
        work,
    })
}

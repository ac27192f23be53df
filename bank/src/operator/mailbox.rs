//! Mailboxes: what has come in for a customer, until the customer collects it; and after that too.
//!
//! A delivery keeps its number for ever, and collecting takes nothing away: the same cursor gets the same deliveries, and
//! a phone that lost its memory collects from the beginning. So collecting is a pure read, and its answers are not
//! remembered. Whoever replays an overheard call learns what has come in since; the line to the bank has to be encrypted.

use protocol::{
    Amount, Outpoint, Payment,
    bank::{Answer, Delivery, DeviceId},
    cbor,
};
use rusqlite::Connection;

use super::{CallError, Operator, calls::Incoming};
use crate::{
    issuer::outpoint_bytes,
    sql::{Sql, stored},
    store::StoreError,
};

/// An answer has at most so many bytes of deliveries, unless a single one has more.
pub const MAX_DELIVERED_BYTES: usize = 200_000;

impl Operator {
    /// What came in after a delivery, as much as fits into one answer.
    pub(super) fn collect(&self, incoming: &Incoming, after: u64) -> Result<Vec<u8>, CallError> {
        let answer = self.read(incoming, |connection, customer| {
            Ok(delivered(connection, customer.number, after)?)
        })?;
        Ok(cbor::encode(&answer))
    }
}

fn delivered(connection: &Connection, customer: i64, after: u64) -> Result<Answer, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT number, content FROM delivery WHERE customer = ?1 AND number > ?2 ORDER BY number",
    )?;
    // A cursor beyond every number there can be finds nothing.
    let mut rows = query.query((customer, i64::try_from(after).unwrap_or(i64::MAX)))?;
    let (mut deliveries, mut last, mut bytes) = (Vec::new(), after, 0);
    while let Some(row) = rows.next()? {
        let (Sql(number), content): (Sql<u64>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        bytes += content.len();
        if bytes > MAX_DELIVERED_BYTES && !deliveries.is_empty() {
            return Ok(Answer::Delivered {
                deliveries,
                last,
                more: true,
            });
        }
        deliveries.push(stored(&content)?);
        last = number;
    }
    Ok(Answer::Delivered {
        deliveries,
        last,
        more: false,
    })
}

/// Delivers a payment, once.
pub(super) fn deliver_payment(
    connection: &Connection,
    customer: i64,
    payment: &Payment,
) -> Result<(), StoreError> {
    let delivery = Delivery::Payment {
        payment: payment.encode(),
    };
    deliver(connection, customer, payment.id().as_bytes(), &delivery)
}

/// Delivers the news that value was closed, once.
pub(super) fn deliver_closing(
    connection: &Connection,
    customer: i64,
    outpoint: Outpoint,
    amount: Amount,
) -> Result<(), StoreError> {
    let delivery = Delivery::Closed { outpoint, amount };
    deliver(connection, customer, &outpoint_bytes(&outpoint), &delivery)
}

/// Delivers the news that phones were declared lost, once for each.
pub(super) fn deliver_frozen(
    connection: &Connection,
    customer: i64,
    device: &DeviceId,
) -> Result<(), StoreError> {
    let delivery = Delivery::Frozen {
        devices: vec![*device],
    };
    deliver(connection, customer, device.as_bytes(), &delivery)
}

fn deliver(
    connection: &Connection,
    customer: i64,
    subject: &[u8],
    delivery: &Delivery,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO delivery (customer, number, subject, content)
             VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM delivery WHERE customer = ?1), ?2, ?3)
             ON CONFLICT (customer, subject) DO NOTHING",
        )?
        .execute((customer, subject, cbor::encode(delivery)))?;
    Ok(())
}

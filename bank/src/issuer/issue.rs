//! Issuing: an operator's reserve becomes notes.

use protocol::{Amount, Body as _, Day, Note, OperatorId, Output, SeriesId, Signed, Timestamp, cbor};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal, OrderId},
    failure::{IssuerFailure, Stop},
    reserve,
    trust::series_purpose,
};
use crate::{
    environment::random,
    keys::{self, Signer},
    ledger::{Entry, Ledger, Reason},
    sql::{Sql, stored},
    store::StoreError,
};

/// The most notes in one order.
pub const MAX_NOTES: usize = 64;

/// How an order ended, for ever. A refusal is written down like a grant, because an operator that was refused gives the
/// customer the money back: the order must not be carried out after that, however late a copy of it arrives.
enum Outcome {
    Issued(Vec<Signed<Note>>),
    ReserveTooLow,
}

impl Issuer {
    pub(super) fn issue_notes(
        &self,
        order: OrderId,
        operator: OperatorId,
        outputs: &[Output],
    ) -> Result<Vec<Signed<Note>>, IssuerError> {
        let total = total(outputs)?;
        self.renew()?;
        let at = self.now()?;
        let outcome = self.store.write::<_, Stop>(|tx| {
            if let Some(outcome) = earlier(tx, order, operator, outputs)? {
                return Ok(outcome);
            }
            let reserve = reserve(tx, operator)?;
            let ledger = Ledger::in_(tx);
            if ledger.balance(reserve)? < total {
                record(tx, order, operator, outputs, total, "refused")?;
                return Ok(Outcome::ReserveTooLow);
            }
            record(tx, order, operator, outputs, total, "issued")?;
            ledger.post(&Entry {
                debit: reserve,
                credit: self.chart.circulation,
                amount: total,
                reason: Reason::Issue,
                cause: &order,
                at,
            })?;
            Ok(Outcome::Issued(
                self.sign_notes(tx, order, operator, outputs, at)?,
            ))
        })?;
        match outcome {
            Outcome::Issued(notes) => Ok(notes),
            Outcome::ReserveTooLow => Err(IssuerRefusal::ReserveTooLow.into()),
        }
    }

    fn sign_notes(
        &self,
        connection: &Connection,
        order: OrderId,
        operator: OperatorId,
        outputs: &[Output],
        at: Timestamp,
    ) -> Result<Vec<Signed<Note>>, IssuerFailure> {
        let today = at.day();
        let (series, key) = open_series(connection, today)?;
        let mut notes = Vec::with_capacity(outputs.len());
        for (position, output) in (0_u32..).zip(outputs) {
            let note = key.signed(Note {
                series,
                serial: self.unused_serial(connection, series)?,
                issued: today,
                amount: output.amount,
                holder_key: output.holder_key,
            });
            connection
                .prepare_cached(
                    "INSERT INTO note (id, operator, order_id, position, series, serial, amount, signed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute((
                    Sql(note.body.id()),
                    operator.0,
                    order,
                    position,
                    series.0,
                    note.body.serial.cast_signed(),
                    Sql(note.body.amount),
                    cbor::encode(&note),
                ))?;
            notes.push(note);
        }
        Ok(notes)
    }

    /// Random, so that a serial tells nobody how many notes there are. One that is taken is drawn again.
    fn unused_serial(&self, connection: &Connection, series: SeriesId) -> Result<u64, IssuerFailure> {
        loop {
            let serial = u64::from_be_bytes(random(&*self.entropy)?);
            let taken = connection
                .prepare_cached("SELECT 1 FROM note WHERE series = ?1 AND serial = ?2")?
                .exists((series.0, serial.cast_signed()))?;
            if !taken {
                return Ok(serial);
            }
        }
    }
}

fn total(outputs: &[Output]) -> Result<Amount, IssuerRefusal> {
    if outputs.is_empty() || outputs.iter().any(|output| output.amount.is_zero()) {
        return Err(IssuerRefusal::Nothing);
    }
    Amount::checked_sum(outputs.iter().map(|output| output.amount))
        .filter(|_| outputs.len() <= MAX_NOTES)
        .ok_or(IssuerRefusal::TooLarge)
}

/// What became of this order, if it came before.
fn earlier(
    connection: &Connection,
    order: OrderId,
    operator: OperatorId,
    outputs: &[Output],
) -> Result<Option<Outcome>, Stop> {
    let known: Option<(Vec<u8>, String)> = connection
        .prepare_cached("SELECT outputs, state FROM issue_order WHERE operator = ?1 AND order_id = ?2")?
        .query_row((operator.0, order), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((known, state)) = known else {
        return Ok(None);
    };
    if known != cbor::encode(&outputs.to_vec()) {
        return Err(IssuerRefusal::OrderDiffers.into());
    }
    if state == "refused" {
        return Ok(Some(Outcome::ReserveTooLow));
    }
    let notes: Vec<Vec<u8>> = connection
        .prepare_cached("SELECT signed FROM note WHERE operator = ?1 AND order_id = ?2 ORDER BY position")?
        .query_map((operator.0, order), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let notes = notes
        .iter()
        .map(|bytes| stored(bytes))
        .collect::<Result<_, StoreError>>()?;
    Ok(Some(Outcome::Issued(notes)))
}

fn record(
    connection: &Connection,
    order: OrderId,
    operator: OperatorId,
    outputs: &[Output],
    total: Amount,
    state: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO issue_order (operator, order_id, outputs, state, total) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            operator.0,
            order,
            cbor::encode(&outputs.to_vec()),
            state,
            Sql(total),
        ))?;
    Ok(())
}

/// The oldest series in which notes are issued today: the next one is published long before its first note.
fn open_series(connection: &Connection, today: Day) -> Result<(SeriesId, Box<dyn Signer>), IssuerFailure> {
    let series = connection
        .prepare_cached(
            "SELECT series FROM series WHERE issue_from <= ?1 AND issue_until >= ?1 ORDER BY series LIMIT 1",
        )?
        .query_row([Sql(today)], |row| row.get(0))
        .optional()?
        .map(SeriesId)
        .ok_or(IssuerFailure::Inconsistent {
            what: "no series is open today",
        })?;
    let key = keys::existing(&series_purpose(series), connection)?.ok_or(IssuerFailure::Inconsistent {
        what: "the key of a series is missing",
    })?;
    Ok((series, key))
}

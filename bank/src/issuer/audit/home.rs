//! The audit of what came home: every claim, every closing and every fen, computed again from the evidence.

use protocol::{Amount, Outpoint};
use rusqlite::{Connection, Row};

use super::super::{
    history::{History, Run},
    redeem::read_history,
};
use crate::{sql::Sql, store::StoreError};

/// Everything that came home: what it is, what it is worth, and how much of that it took out of circulation.
pub(super) const EVERYTHING: &str = "SELECT transfer AS origin, 0 AS output, credited, redeemed FROM claim
    UNION ALL SELECT origin, output, credited, redeemed FROM closing";

/// Two runs of one note that share a fen.
pub(super) const FEN_TWICE: &str = "SELECT 1 FROM fen AS a JOIN fen AS b
    ON a.note = b.note AND a.first < b.first AND b.first < a.until";

/// Fen that their note does not have, or that came home with nothing.
pub(super) const FEN_OF_NOTHING: &str = "SELECT 1 FROM fen LEFT JOIN note ON note.id = fen.note
    WHERE fen.until > note.amount
    OR NOT EXISTS (SELECT 1 FROM claim WHERE transfer = origin AND output = 0)
       AND NOT EXISTS (SELECT 1 FROM closing AS c WHERE c.origin = fen.origin AND c.output = fen.output)";

/// Excess of something that never came home.
pub(super) const EXCESS_OF_NOTHING: &str = "SELECT 1 FROM excess AS e
    WHERE NOT EXISTS (SELECT 1 FROM claim WHERE transfer = e.origin AND e.output = 0)
      AND NOT EXISTS (SELECT 1 FROM closing AS c WHERE c.origin = e.origin AND c.output = e.output)";

struct Home {
    outpoint: Outpoint,
    credited: Amount,
    redeemed: Amount,
}

impl Home {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let (Sql(origin), Sql(credited), Sql(redeemed)) = (row.get(0)?, row.get(2)?, row.get(3)?);
        Ok(Self {
            outpoint: Outpoint {
                origin,
                output: row.get(1)?,
            },
            credited,
            redeemed,
        })
    }

    /// The sum of a column over the rows about this outpoint.
    fn sum(&self, connection: &Connection, query: &str) -> Result<u64, StoreError> {
        let Sql(sum) = connection
            .prepare_cached(query)?
            .query_row((Sql(self.outpoint.origin), self.outpoint.output), |row| {
                row.get(0)
            })?;
        Ok(sum)
    }
}

/// It is worth what its history says, all of which was in circulation, came late, or is excess.
pub(super) fn adds_up(row: &Row<'_>, connection: &Connection) -> Result<bool, StoreError> {
    let home = Home::read(row)?;
    let history = read_history(connection, &home.outpoint)?;
    let worth: u64 = history.runs(&home.outpoint)?.iter().map(Run::length).sum();
    let late = home.sum(
        connection,
        "SELECT coalesce(sum(amount), 0) FROM late WHERE origin = ?1 AND output = ?2",
    )?;
    let excess = home.sum(
        connection,
        "SELECT coalesce(sum(amount), 0) FROM excess WHERE origin = ?1 AND output = ?2",
    )?;
    let parts = [home.redeemed.fen(), late, excess].into_iter().sum::<u64>();
    Ok(worth == home.credited.fen() && parts == worth)
}

/// The fen that are recorded as having come home with it are fen of its history, at their places, and as many as it took
/// home less what was taken from it later.
pub(super) fn fen_hold(row: &Row<'_>, connection: &Connection) -> Result<bool, StoreError> {
    let home = Home::read(row)?;
    let history = read_history(connection, &home.outpoint)?;
    let mut statement = connection
        .prepare_cached("SELECT note, first, until, place FROM fen WHERE origin = ?1 AND output = ?2")?;
    let mut rows = statement.query((Sql(home.outpoint.origin), home.outpoint.output))?;
    let mut here = 0_u64;
    while let Some(row) = rows.next()? {
        let (Sql(note), Sql(first), Sql(until), Sql(place)) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let run = Run { note, first, until };
        if !stands_at(&history, &home.outpoint, &run, place)? {
            return Ok(false);
        }
        here = here.saturating_add(run.length());
    }
    let came_late = home.sum(
        connection,
        "SELECT coalesce(sum(amount), 0) FROM late WHERE origin = ?1 AND output = ?2",
    )?;
    let went_on = home.sum(
        connection,
        "SELECT coalesce(sum(amount), 0) FROM late WHERE closed_origin = ?1 AND closed_output = ?2",
    )?;
    let taken_home = home.redeemed.fen().saturating_add(came_late);
    Ok(taken_home.checked_sub(went_on) == Some(here))
}

/// Whether an output has these fen at this place.
fn stands_at(history: &History, outpoint: &Outpoint, run: &Run, place: u64) -> Result<bool, StoreError> {
    let mut before = 0_u64;
    for known in history.runs(outpoint)? {
        let offset = place.checked_sub(before);
        if let Some(offset) = offset.filter(|offset| *offset < known.length()) {
            return Ok(known.note == run.note
                && known.first.saturating_add(offset) == run.first
                && run.until <= known.until);
        }
        before = before.saturating_add(known.length());
    }
    Ok(false)
}

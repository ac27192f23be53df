//! Redeeming: the fen of an output come home, each of them once.
//!
//! A fen that is already home came by another way, and there are two kinds of that (see [`super::history`]). If the ways
//! part, somebody forked the outpoint at which they do, and the fen is *excess*, booked against that proof. If the earlier
//! way ends on the later one, the earlier was the closing of a holder's claim window, and the later comes *late*.

use std::collections::BTreeMap;

use protocol::{Amount, Outpoint};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    api::IssuerRefusal,
    evidence,
    failure::{IssuerFailure, Stop},
    history::{History, Run, Ways, compare},
};
use crate::{sql::Sql, store::StoreError};

/// What became of the fen of an output.
#[derive(Default)]
pub(super) struct Redemption {
    /// Fen that were in circulation until now.
    pub(super) redeemed: u64,
    /// Fen that the closing of this outpoint had taken out of circulation.
    pub(super) late: BTreeMap<Outpoint, u64>,
    /// Fen that had come home by another branch, by the number of the fork.
    pub(super) excess: BTreeMap<i64, u64>,
}

/// A run that came home earlier.
struct Home {
    run: Run,
    with: Outpoint,
    place: u64,
}

/// Takes the fen of an output home, and writes down what was excess or late. The caller decides whether it stays.
pub(super) fn redeem(
    connection: &Connection,
    claimed: Outpoint,
    history: &History,
) -> Result<Redemption, Stop> {
    let mut redeeming = Redeeming {
        connection,
        claimed,
        history,
        earlier: BTreeMap::new(),
        redemption: Redemption::default(),
    };
    let mut place = 0_u64;
    for run in history.runs(&claimed)? {
        redeeming.take(run, place)?;
        place = place.saturating_add(run.length());
    }
    let Redeeming { redemption, .. } = redeeming;
    write(connection, claimed, &redemption)?;
    Ok(redemption)
}

struct Redeeming<'a> {
    connection: &'a Connection,
    claimed: Outpoint,
    history: &'a History,
    /// The histories of what came home earlier, each read once.
    earlier: BTreeMap<Outpoint, History>,
    redemption: Redemption,
}

impl Redeeming<'_> {
    /// Takes one run home, piece by piece where parts of it are there already.
    fn take(&mut self, run: &Run, place: u64) -> Result<(), Stop> {
        let mut next = run.first;
        for home in at_home(self.connection, run)? {
            let both = Run {
                note: run.note,
                first: home.run.first.max(run.first),
                until: home.run.until.min(run.until),
            };
            let gap = Run {
                note: run.note,
                first: next,
                until: both.first,
            };
            self.bring(&gap, place.saturating_add(next.saturating_sub(run.first)))?;
            self.meet(
                &both,
                place.saturating_add(both.first.saturating_sub(run.first)),
                &home,
            )?;
            next = both.until;
        }
        let rest = Run { first: next, ..*run };
        self.bring(&rest, place.saturating_add(next.saturating_sub(run.first)))?;
        Ok(())
    }

    /// Fen that are not home yet.
    fn bring(&mut self, run: &Run, place: u64) -> Result<(), StoreError> {
        if run.length() > 0 {
            insert(self.connection, run, &self.claimed, place)?;
            add(&mut self.redemption.redeemed, run.length());
        }
        Ok(())
    }

    /// Fen that are home already.
    fn meet(&mut self, both: &Run, place: u64, home: &Home) -> Result<(), Stop> {
        let there = home
            .place
            .saturating_add(both.first.saturating_sub(home.run.first));
        let way = self.history.way(&self.claimed, place)?;
        let other = if home.with == self.claimed {
            self.history.way(&home.with, there)?
        } else {
            self.read_earlier(&home.with)?.way(&home.with, there)?
        };
        match compare(&way, &other) {
            Ways::Part((outpoint, transfer)) => {
                let fork = evidence::fork_at(self.connection, &outpoint, transfer)?.ok_or(
                    IssuerFailure::Inconsistent {
                        what: "a fen was claimed twice without a fork",
                    },
                )?;
                add(self.redemption.excess.entry(fork).or_default(), both.length());
                Ok(())
            }
            Ways::SecondIsShorter if is_closing(self.connection, &home.with)? => {
                move_over(self.connection, home, both, &self.claimed, place)?;
                add(self.redemption.late.entry(home.with).or_default(), both.length());
                Ok(())
            }
            // What an operator was paid has come home. Nobody pays with it any more, the operator neither.
            Ways::SecondIsShorter | Ways::FirstIsNoLonger => Err(IssuerRefusal::AlreadyHome.into()),
        }
    }

    fn read_earlier(&mut self, with: &Outpoint) -> Result<&History, StoreError> {
        if !self.earlier.contains_key(with) {
            let history = read_history(self.connection, with)?;
            self.earlier.insert(*with, history);
        }
        self.earlier.get(with).ok_or(UNKNOWN)
    }
}

/// The history that a claim or a closing showed.
pub(super) fn read_history(connection: &Connection, with: &Outpoint) -> Result<History, StoreError> {
    let closing: Option<(Option<i64>, Sql<Amount>)> = connection
        .prepare_cached("SELECT evidence, credited FROM closing WHERE origin = ?1 AND output = ?2")?
        .query_row((Sql(with.origin), with.output), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match closing {
        Some((None, Sql(amount))) => Ok(History::of_note(with.origin, amount)),
        Some((Some(evidence), _)) => Ok(History::of(&evidence::read(connection, evidence)?)),
        None => Ok(History::of(
            &evidence::of_transfer(connection, with.origin)?.ok_or(UNKNOWN)?,
        )),
    }
}

const UNKNOWN: StoreError = StoreError::Damaged {
    what: "a fen came home with nothing",
};

fn add(sum: &mut u64, fen: u64) {
    // No more fen than there are in the notes of one payment, which is an amount.
    *sum = sum.saturating_add(fen);
}

/// What of this run is home already, in the order of the numbers.
fn at_home(connection: &Connection, run: &Run) -> Result<Vec<Home>, StoreError> {
    let homes = connection
        .prepare_cached(
            "SELECT first, until, origin, output, place FROM fen
             WHERE note = ?1 AND first < ?3 AND until > ?2 ORDER BY first",
        )?
        .query_map((Sql(run.note), Sql(run.first), Sql(run.until)), |row| {
            let (Sql(first), Sql(until), Sql(origin), Sql(place)) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?);
            Ok(Home {
                run: Run {
                    note: run.note,
                    first,
                    until,
                },
                with: Outpoint {
                    origin,
                    output: row.get(3)?,
                },
                place,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(homes)
}

fn insert(connection: &Connection, run: &Run, with: &Outpoint, place: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO fen (note, first, until, origin, output, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            Sql(run.note),
            Sql(run.first),
            Sql(run.until),
            Sql(with.origin),
            with.output,
            Sql(place),
        ))?;
    Ok(())
}

/// The fen in `both` came home with a closing, and belong to a claim now.
fn move_over(
    connection: &Connection,
    home: &Home,
    both: &Run,
    claimed: &Outpoint,
    place: u64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM fen WHERE note = ?1 AND first = ?2")?
        .execute((Sql(home.run.note), Sql(home.run.first)))?;
    let before = Run {
        until: both.first,
        ..home.run
    };
    let after = Run {
        first: both.until,
        ..home.run
    };
    for rest in [before, after] {
        if rest.length() > 0 {
            let moved = rest.first.saturating_sub(home.run.first);
            insert(connection, &rest, &home.with, home.place.saturating_add(moved))?;
        }
    }
    insert(connection, both, claimed, place)
}

fn is_closing(connection: &Connection, outpoint: &Outpoint) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM closing WHERE origin = ?1 AND output = ?2")?
        .exists((Sql(outpoint.origin), outpoint.output))?)
}

fn write(connection: &Connection, claimed: Outpoint, redemption: &Redemption) -> Result<(), StoreError> {
    for (fork, fen) in &redemption.excess {
        connection
            .prepare_cached("INSERT INTO excess (origin, output, fork, amount) VALUES (?1, ?2, ?3, ?4)")?
            .execute((Sql(claimed.origin), claimed.output, fork, Sql(*fen)))?;
    }
    for (closed, fen) in &redemption.late {
        connection
            .prepare_cached(
                "INSERT INTO late (origin, output, closed_origin, closed_output, amount) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((
                Sql(claimed.origin),
                claimed.output,
                Sql(closed.origin),
                closed.output,
                Sql(*fen),
            ))?;
    }
    Ok(())
}

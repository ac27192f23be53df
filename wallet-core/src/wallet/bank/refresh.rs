//! Refreshing: value that will soon be awkward to pay with becomes fresh notes, of exactly the same sum.
//!
//! It is settled as a deposit is, and the answer brings notes, as that of a load does.

use protocol::{
    Amount, Day, Note, Signed, VerifyingKey,
    bank::{Call, Order},
    cbor,
};

use super::{
    super::{Inner, operation::Core, warn::DAYS_BEFORE},
    load::{accept_notes, keys_for_notes},
    pool::LASTING_DAYS,
    settle::{self, Settling},
};
use crate::{
    error::{BankError, Fault},
    model::{Change, Piece, Standing},
    platform::BankTransport,
    purse::{Purse, sum},
    rules::Rules,
    selection::{self, MAX_INPUTS},
    store::StoreError,
};

/// A history of so many bytes is one to leave behind: four of them fill a payment.
const LONG_BYTES: u32 = 6_000;

/// More pieces than this, and the smallest are put together. Every amount can be made up of far fewer.
const MANY_PIECES: usize = 2 * MAX_INPUTS;

/// Refreshes what is due, in as many transfers as that takes. Returns how much became fresh notes.
pub(super) fn refresh_due(inner: &Inner, bank: &dyn BankTransport) -> Result<Amount, BankError> {
    let due = || {
        inner
            .operation()?
            .with(|core, moment| Ok::<_, Fault>(batches(&core.purse, moment.now.day())))
    };
    let mut refreshed = Amount::ZERO;
    for _ in 0..due()?.len() {
        // Looked up anew: payments go on while the bank is asked.
        let Some(batch) = due()?.into_iter().next() else {
            break;
        };
        let amount = sum(batch.iter().map(|piece| piece.amount));
        let transfer = settle::sign(inner, Settling::Refresh(batch))?;
        settle::finish(inner, bank, &transfer)?;
        refreshed = sum([refreshed, amount].into_iter());
    }
    Ok(refreshed)
}

/// What is due, as much of it at once as one transfer carries.
fn batches(purse: &Purse, today: Day) -> Vec<Vec<Piece>> {
    let rules = Rules::at_bank(today);
    let mut due = due(purse, today, &rules);
    let mut batches = Vec::new();
    loop {
        let batch: Vec<Piece> = selection::carried(due.iter().copied(), &rules)
            .into_iter()
            .cloned()
            .collect();
        if batch.is_empty() {
            return batches;
        }
        due.retain(|piece| batch.iter().all(|taken| taken.outpoint != piece.outpoint));
        batches.push(batch);
    }
}

fn due<'a>(purse: &'a Purse, today: Day, rules: &Rules) -> Vec<&'a Piece> {
    // A frozen phone brings its money home, and gets none.
    if purse.device.standing == Standing::Frozen {
        return Vec::new();
    }
    // Without keys that last, notes would have to be refreshed again at once.
    if notes_to(purse, today).next().is_none() {
        return Vec::new();
    }
    // Contested value is for the holder to deposit: whether somebody covers it is not to be waited for.
    let takes = |piece: &&Piece| purse.check(piece, rules).is_ok() && !piece.contested;
    let newest = newest_spend_until(purse, today);
    let (mut due, mut rest): (Vec<_>, Vec<_>) = purse
        .pieces()
        .filter(takes)
        .partition(|piece| is_due(purse, piece, today, newest));
    if rest.len() > MANY_PIECES {
        rest.sort_by_key(|piece| (piece.amount, piece.outpoint));
        due.extend(rest.into_iter().take(MAX_INPUTS));
    }
    due
}

/// Whether a piece is close to an end of what it can be paid on for, and a fresh note is not.
fn is_due(purse: &Purse, piece: &Piece, today: Day, newest_spend_until: Option<Day>) -> bool {
    let expires = piece.spend_until <= today.plus(DAYS_BEFORE)
        && newest_spend_until.is_some_and(|newest| newest > piece.spend_until);
    let worn = purse.limits().is_some_and(|limits| {
        most_of(piece.hops, limits.offline.hops)
            || most_of(today.since(piece.issued), limits.offline.age_days)
    });
    let owner = purse.key(&piece.owner);
    let lasts = owner.is_some_and(|key| purse.certified(key, today.plus(LASTING_DAYS)));
    expires || worn || !lasts || piece.chain_bytes > LONG_BYTES
}

/// Whether three quarters of a limit are used, and some of it at all.
const fn most_of(used: u32, limit: u32) -> bool {
    used > 0 && used.saturating_mul(4) >= limit.saturating_mul(3)
}

/// Until when notes that are issued today can be paid on, as far as is known.
fn newest_spend_until(purse: &Purse, today: Day) -> Option<Day> {
    let open = purse
        .trust
        .all_series()
        .filter(|series| series.issue.contains(today));
    open.map(|series| series.spend_until).max()
}

/// The keys that fresh notes go to: those whose certificates last.
pub(super) fn notes_to(purse: &Purse, today: Day) -> impl Iterator<Item = VerifyingKey> + '_ {
    keys_for_notes(purse, today.plus(LASTING_DAYS))
}

/// The notes of a refresh, checked against the call that ordered them.
pub(super) fn fresh(
    core: &Core,
    call: &[u8],
    amount: Amount,
    notes: Vec<Signed<Note>>,
) -> Result<Vec<Change>, BankError> {
    let damaged = Fault::Store(StoreError::Damaged);
    let call: Signed<Call> = cbor::decode("call", call).map_err(|_| damaged)?;
    match call.body.order {
        Order::Refresh { keys, .. } => accept_notes(core, amount, &keys, notes),
        _ => Err(damaged.into()),
    }
}

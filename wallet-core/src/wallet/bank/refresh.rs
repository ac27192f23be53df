//! Refreshing: value that will soon be awkward to pay with becomes fresh notes, of exactly the same sum.
//!
//! A refresh is an ordinary transfer to the operator's settlement key, as a deposit is, and its answer brings notes, as that
//! of a load does. The signed call is stored with the transfer, so the same order gets the same notes, whatever is lost on
//! the way. Until then the value is in doubt: never gone.

use protocol::{
    Amount, Day, Id, Note, Payment, Reference, Signed, VerifyingKey,
    bank::{Answer, Call, IdempotencyKey, Order},
    cbor,
};

use super::{
    super::{
        Inner,
        operation::Core,
        pay::{self, Destination},
    },
    deposit::{operator_key, settled},
    load::{KEYS_PER_LOAD, accept_notes},
    pool::LASTING_DAYS,
    refusal, send, sign_call,
    warn::DAYS_BEFORE,
};
use crate::{
    error::{BankError, Fault},
    event::{Event, EventKind},
    model::{Change, End, Piece, Purpose, Standing},
    platform::BankTransport,
    purse::{Purse, Rules, sum},
    selection::{self, MAX_INPUTS},
    store::StoreError,
};

/// A history of so many bytes is one to leave behind: four of them fill a payment.
const LONG_BYTES: u32 = 6_000;

/// More pieces than this, and the smallest are put together. Every amount can be made up of far fewer.
const MANY_PIECES: usize = 2 * MAX_INPUTS;

/// Refreshes what is due, in as many transfers as that takes. Returns how much became fresh notes.
pub(super) fn refresh_due(inner: &Inner, bank: &dyn BankTransport) -> Result<Amount, BankError> {
    let mut refreshed = Amount::ZERO;
    let batches = inner
        .operation()?
        .with(|core, moment| Ok::<_, Fault>(batches(&core.purse, moment.now.day())))?;
    for batch in batches {
        let amount = sum(batch.iter().map(|piece| piece.amount));
        let transfer = sign_refresh(inner, batch, amount)?;
        finish_refresh(inner, bank, &transfer)?;
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
    let bundle = purse.trust.bundle();
    let open = bundle
        .series
        .iter()
        .filter(|series| series.body.issue.contains(today));
    open.map(|series| series.body.spend_until).max()
}

/// The keys that fresh notes go to: those whose certificates last.
fn notes_to(purse: &Purse, today: Day) -> impl Iterator<Item = VerifyingKey> + '_ {
    let lasting = purse.keys_to_show(today.plus(LASTING_DAYS));
    lasting.take(KEYS_PER_LOAD).map(|key| key.public)
}

/// Signs a transfer of these pieces to the operator's settlement key, and the call that brings it there.
fn sign_refresh(inner: &Inner, pieces: Vec<Piece>, amount: Amount) -> Result<Id, BankError> {
    let mut operation = inner.operation()?;
    let (destination, key, keys, signer) = operation.with(|core, moment| {
        let key = IdempotencyKey::from_bytes(moment.draw());
        let signer = core.account_key().map_err(Fault::from)?;
        let account = signer.verifying_key();
        let today = moment.now.day();
        let destination = Destination {
            payee: operator_key(core)?,
            reference: Reference::to_refresh(&account, key.as_bytes()),
            amount,
            rules: Rules::at_bank(today),
            pieces: Some(pieces),
            spends: None,
        };
        let keys: Vec<_> = notes_to(&core.purse, today).collect();
        Ok::<_, BankError>((destination, key, keys, signer))
    })?;
    Ok(pay::sign_and_commit(
        &mut operation,
        &destination,
        |_, payment: &Payment, _| {
            let payment = payment.encode();
            let fits = payment.len() <= Payment::MAX_BYTES;
            let call = sign_call(&signer, key, Order::Refresh { payment, keys });
            fits.then(|| (Purpose::Refresh(key), cbor::encode(&call)))
        },
    )?)
}

/// Sends a refresh, for the first time or again, and stores the notes that answer it.
pub(super) fn finish_refresh(
    inner: &Inner,
    bank: &dyn BankTransport,
    transfer: &Id,
) -> Result<(), BankError> {
    let released = pay::release(&mut inner.operation()?, transfer)?;
    let call = released.ok_or(Fault::Store(StoreError::Damaged))?.into_bytes();
    let answer = send(inner, bank, &call)?;
    inner.operation()?.with(|core, moment| {
        let outgoing = core.store.outgoing(transfer).map_err(Fault::from)?;
        let mut outgoing = outgoing.ok_or(Fault::Store(StoreError::Damaged))?;
        if !outgoing.is_in_doubt() {
            // Another sync was quicker.
            return Ok(());
        }
        let mut changes = Vec::new();
        match answer {
            Answer::Refreshed { receipt, notes } => {
                outgoing.receipt = Some(settled(core, transfer, &receipt)?);
                outgoing.end = Some(End::Recorded);
                changes.extend(fresh(core, &call, outgoing.amount, notes)?);
            }
            Answer::Deposited { receipt } => {
                outgoing.receipt = Some(settled(core, transfer, &receipt)?);
                outgoing.end = Some(End::Deposited);
                let amount = outgoing.amount;
                let kind = EventKind::NotRefreshed { amount };
                changes.push(Change::Event(Event::new(moment.now, kind)));
            }
            // A refusal does not end the doubt: the transfer is signed, and stays so.
            other => return Err(refusal(&other)),
        }
        changes.push(Change::Outgoing(outgoing));
        Ok(core.commit(changes, moment).map_err(Fault::from)?)
    })
}

fn fresh(
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

//! Loading: account money becomes notes on this device.

use protocol::{
    Amount, Body as _, Code, Day, Note, Outpoint, Signed, VerifyingKey,
    bank::{Answer, Call, IdempotencyKey, Order as BankOrder},
    cbor,
    message::Refusal,
};
use std::collections::BTreeSet;

use super::{
    super::{Inner, operation::Core, value},
    refusal, send, sign_call,
};
use crate::{
    error::{BankError, Fault, PayError},
    limits,
    model::{Change, Element, Load, Order, Piece, Standing, Usage},
    platform::BankTransport,
    purse::Purse,
    store::StoreError,
};

/// Over how many keys a load is spread: payments that use different ones cannot be linked by them.
const KEYS_PER_LOAD: usize = 8;

/// The keys that notes are ordered for, if they are to be good on that day.
pub(super) fn keys_for_notes(purse: &Purse, day: Day) -> impl Iterator<Item = VerifyingKey> + '_ {
    let keys = purse.keys_to_show(day).take(KEYS_PER_LOAD);
    keys.map(|key| key.public)
}

/// Stores the order before it is sent.
pub(super) fn order_load(inner: &Inner, amount: Amount) -> Result<Order, BankError> {
    inner.operation()?.with(|core, moment| {
        if amount.is_zero() {
            return Err(BankError::Pay(PayError::Zero));
        }
        if core.purse.device.standing == Standing::Frozen {
            return Err(Fault::DeviceFrozen.into());
        }
        let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
        let room = limits::room(limits, &core.purse);
        if amount > room.left {
            return Err(BankError::Pay(room.exceeded(amount)));
        }
        let today = moment.now.day();
        let keys: Vec<_> = keys_for_notes(&core.purse, today).collect();
        if keys.is_empty() {
            return Err(Fault::NotEnrolled.into());
        }
        let key = IdempotencyKey::from_bytes(moment.draw());
        let call = cbor::encode(&sign_call(
            &core.account_key().map_err(Fault::from)?,
            key,
            BankOrder::Load { amount, keys },
        ));
        let order = Order { key, call };
        core.commit(vec![Change::Order(order.clone())], moment)
            .map_err(Fault::from)?;
        Ok(order)
    })
}

/// Sends a load order, for the first time or again, and stores the notes that answer it.
pub(super) fn finish_load(inner: &Inner, bank: &dyn BankTransport, order: &Order) -> Result<(), BankError> {
    let answer = send(inner, bank, &order.call)?;
    inner.operation()?.with(|core, moment| {
        if core.store.order(&order.key).map_err(Fault::from)?.is_none() {
            // Another sync was quicker.
            return Ok(());
        }
        let call: Signed<Call> =
            cbor::decode("call", &order.call).map_err(|_| Fault::Store(StoreError::Damaged))?;
        let BankOrder::Load { amount, keys } = call.body.order else {
            return Err(Fault::Store(StoreError::Damaged).into());
        };
        match answer {
            Answer::Loaded { notes } => {
                let mut changes = vec![
                    Change::OrderDone(order.key),
                    Change::Load(Load {
                        key: order.key,
                        amount,
                        loaded_at: moment.now,
                    }),
                ];
                changes.extend(accept_notes(core, amount, &keys, notes)?);
                Ok(core.commit(changes, moment).map_err(Fault::from)?)
            }
            Answer::Refused(Refusal { code, .. }) if code != Code::BankFailed => {
                // The bank has done nothing, and signs for it; the order is over.
                core.commit(vec![Change::OrderDone(order.key)], moment)
                    .map_err(Fault::from)?;
                let is_gone = |key| core.purse.key(key).is_none_or(|key| key.usage == Usage::Retired);
                if code == Code::HolderRevoked && keys.iter().any(is_gone) {
                    // It was for keys that have gone since. The money is on the account, and the next load is for others.
                    return Ok(());
                }
                Err(BankError::Refused { code })
            }
            // A bank that failed does not know what it has done: the order stands.
            other => Err(refusal(&other)),
        }
    })
}

/// Notes are taken only if they are the issuer's, to the keys that were named, of exactly the ordered sum, and new.
pub(super) fn accept_notes(
    core: &Core,
    amount: Amount,
    keys: &[VerifyingKey],
    notes: Vec<Signed<Note>>,
) -> Result<Vec<Change>, BankError> {
    let (mut seen, mut owners) = (BTreeSet::new(), BTreeSet::new());
    let mut changes = Vec::new();
    if Amount::checked_sum(notes.iter().map(|note| note.body.amount)) != Some(amount) {
        return Err(BankError::InvalidAnswer);
    }
    for note in notes {
        let series = core
            .purse
            .trust
            .series(note.body.series)
            .ok_or(BankError::InvalidAnswer)?;
        note.verify(&series.note_key)
            .map_err(|_| BankError::InvalidAnswer)?;
        let id = note.body.id();
        let known = core.store.element(&id).map_err(Fault::from)?.is_some();
        if known || !seen.insert(id) || !keys.contains(&note.body.holder_key) {
            return Err(BankError::InvalidAnswer);
        }
        owners.insert(note.body.holder_key);
        changes.push(Change::Gained(Piece {
            outpoint: Outpoint {
                origin: id,
                output: 0,
            },
            amount: note.body.amount,
            owner: note.body.holder_key,
            hops: 0,
            issued: note.body.issued,
            spend_until: series.spend_until,
            chain_bytes: u32::try_from(cbor::encode(&note).len()).unwrap_or(u32::MAX),
            unsettled: false,
            contested: false,
        }));
        changes.push(Change::Element(Element::Note(note)));
    }
    // A key that notes were issued to is known to the issuer: it is used.
    changes.extend(value::used(core, owners));
    Ok(changes)
}

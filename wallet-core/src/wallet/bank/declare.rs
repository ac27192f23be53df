//! What this wallet tells the bank without moving money: forks it has met, keys that will never sign again; and what it
//! asks about transfers that it must not show.

use protocol::{
    Id, VerifyingKey,
    bank::{Answer, Order},
};

use super::{
    super::{Inner, operation::Core},
    ask, refusal,
};
use crate::{
    error::{BankError, Fault},
    event::{Event, EventKind},
    model::{Change, End, Usage, proof_key},
    platform::BankTransport,
};

/// How many transfers one call asks about.
const TRANSFERS_PER_CALL: usize = 64;

/// How many keys one call declares: an operator takes no more.
const KEYS_PER_CALL: usize = 64;

/// Hands in the fraud proofs; returns how many.
pub(super) fn accuse(inner: &Inner, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let proofs = inner
        .operation()?
        .with(|core, _| core.store.proofs().map_err(Fault::from))?;
    let mut accused = 0;
    for proof in proofs {
        let key = proof_key(&proof);
        let order = Order::Accuse {
            proof: Box::new(proof),
        };
        match ask(inner, bank, order)? {
            Answer::Accused => inner.operation()?.with(|core, moment| {
                core.commit(vec![Change::ProofDone(key)], moment)
                    .map_err(Fault::from)
            })?,
            other => return Err(refusal(&other)),
        }
        accused += 1;
    }
    Ok(accused)
}

/// Declares the retired keys, once. Whether there was something to declare.
pub(super) fn retire(inner: &Inner, bank: &dyn BankTransport) -> Result<bool, BankError> {
    let keys = inner
        .operation()?
        .with(|core, _| Ok::<_, Fault>(core.purse.profile.retirement_undeclared.then(|| retired(core))))?;
    let Some(keys) = keys else {
        return Ok(false);
    };
    // A wallet that was never enrolled has nothing to declare.
    for keys in keys.chunks(KEYS_PER_CALL) {
        match ask(inner, bank, Order::Retire { keys: keys.to_vec() })? {
            Answer::Retired => {}
            other => return Err(refusal(&other)),
        }
    }
    inner.operation()?.with(|core, moment| {
        if retired(core) != keys {
            // Another key was retired meanwhile: the next sync declares it.
            return Ok(());
        }
        let mut profile = core.purse.profile.clone();
        profile.retirement_undeclared = false;
        core.commit(vec![Change::Profile(profile)], moment)
            .map_err(Fault::from)
    })?;
    Ok(true)
}

/// The retired keys that the bank has heard of: those that were ever certified.
fn retired(core: &Core) -> Vec<VerifyingKey> {
    let keys = core.purse.keys().filter(|key| key.usage == Usage::Retired);
    keys.filter(|key| key.certificate.is_some())
        .map(|key| key.public)
        .collect()
}

/// Asks about frozen transfers, by their ids alone; returns how many doubts that ended.
pub(super) fn inquire(inner: &Inner, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let frozen: Vec<Id> = inner.operation()?.with(|core, _| {
        let in_doubt = core.purse.in_doubt().iter();
        let frozen = in_doubt.filter(|(_, doubt)| doubt.frozen);
        Ok::<_, Fault>(frozen.map(|(transfer, _)| *transfer).collect())
    })?;
    let mut ended = 0;
    for some in frozen.chunks(TRANSFERS_PER_CALL) {
        let order = Order::Inquire {
            transfers: some.to_vec(),
        };
        let transfers = match ask(inner, bank, order)? {
            Answer::Known { transfers } => transfers,
            other => return Err(refusal(&other)),
        };
        for transfer in transfers.iter().filter(|transfer| some.contains(transfer)) {
            ended += usize::from(known(inner, transfer)?);
        }
    }
    Ok(ended)
}

fn known(inner: &Inner, transfer: &Id) -> Result<bool, BankError> {
    inner.operation()?.with(|core, moment| {
        let outgoing = core.store.outgoing(transfer).map_err(Fault::from)?;
        let Some(mut outgoing) = outgoing.filter(|outgoing| outgoing.is_in_doubt()) else {
            return Ok(false);
        };
        outgoing.end = Some(End::Recorded);
        let mut changes: Vec<_> = outgoing
            .doubt_event()
            .map(Change::EventDone)
            .into_iter()
            .collect();
        changes.push(Change::Event(Event::new(
            moment.now,
            EventKind::Recorded {
                transfer: *transfer,
                amount: outgoing.amount,
            },
        )));
        changes.push(Change::Outgoing(outgoing));
        core.commit(changes, moment).map_err(Fault::from)?;
        Ok(true)
    })
}

//! Forks: two different transfers of one outpoint meet in what this wallet has seen. It keeps the proof for the bank.

use protocol::{
    Body as _, Consumed, ForkProof, Id, Outpoint, Payment, SignedTransfer, VerifyError,
    fraud::{Branch, Origin},
    verify::{check_conflicts, check_signatures},
};

use super::operation::{Core, Moment};
use crate::{
    error::Fault,
    event::{Event, EventKind},
    model::{Change, Element, proof_key},
    store::StoreError,
};

/// What this wallet knows of the outpoints that a payment consumes.
pub(super) fn seen(core: &Core, payment: &Payment) -> Result<Consumed, StoreError> {
    let mut consumed = Consumed::new();
    for (outpoint, _) in payment.consumptions() {
        if let Some(by) = core.store.consumer(&outpoint)? {
            consumed.insert(outpoint, by);
        }
    }
    Ok(consumed)
}

/// The proof, if this payment is truly signed and conflicts with itself or with what this wallet has seen.
fn find(core: &Core, payment: &Payment) -> Result<Option<ForkProof>, StoreError> {
    if check_signatures(payment, &core.purse.trust).is_err() {
        return Ok(None);
    }
    match check_conflicts(payment, &seen(core, payment)?) {
        Err(VerifyError::ConsumedTwice {
            outpoint,
            first,
            second,
        }) => prove(core, payment, outpoint, first, second),
        _ => Ok(None),
    }
}

/// Puts the proof together out of the payment, and of what is on the disk.
fn prove(
    core: &Core,
    payment: &Payment,
    outpoint: Outpoint,
    first: Id,
    second: Id,
) -> Result<Option<ForkProof>, StoreError> {
    let transfer = |id: Id| -> Result<Option<SignedTransfer>, StoreError> {
        let here = payment
            .transfers()
            .iter()
            .find(|signed| signed.transfer.id() == id);
        match here {
            Some(signed) => Ok(Some(signed.clone())),
            None => Ok(match core.store.element(&id)? {
                Some(Element::Transfer(signed)) => Some(signed),
                _ => None,
            }),
        }
    };
    let note = payment
        .notes()
        .iter()
        .find(|note| note.body.id() == outpoint.origin);
    let origin = match note {
        Some(note) => Some(Origin::Note(note.body.clone())),
        None => match transfer(outpoint.origin)? {
            Some(signed) => Some(Origin::Transfer(signed.transfer)),
            None => match core.store.element(&outpoint.origin)? {
                Some(Element::Note(note)) => Some(Origin::Note(note.body)),
                _ => None,
            },
        },
    };
    let (Some(origin), Some(first), Some(second)) = (origin, transfer(first)?, transfer(second)?) else {
        return Ok(None);
    };
    let Some(owner) = origin.owner(outpoint.output) else {
        return Ok(None);
    };
    let (Some(first), Some(second)) = (
        Branch::signed_by(&owner, &first),
        Branch::signed_by(&owner, &second),
    ) else {
        return Ok(None);
    };
    let proof = ForkProof {
        origin,
        output: outpoint.output,
        first,
        second,
    };
    Ok(proof.verify().is_ok().then_some(proof))
}

/// If the payment holds a fork, keeps the proof for the bank, once. Whether it does.
pub(super) fn keep_proof(core: &mut Core, moment: &mut Moment, payment: &Payment) -> Result<bool, Fault> {
    let Some(proof) = find(core, payment)? else {
        return Ok(false);
    };
    keep(core, moment, proof)?;
    Ok(true)
}

/// A payee gives back what this wallet knows it has passed on already: it forked what it was paid by `paid`.
pub(super) fn keep_proof_of_return(
    core: &mut Core,
    moment: &mut Moment,
    outpoint: Outpoint,
    passed_on: Id,
    back: &SignedTransfer,
) -> Result<(), Fault> {
    let element = |id: &Id| match core.store.element(id) {
        Ok(Some(Element::Transfer(signed))) => Ok(Some(signed)),
        Ok(_) => Ok(None),
        Err(error) => Err(error),
    };
    let (Some(paid), Some(first)) = (element(&outpoint.origin)?, element(&passed_on)?) else {
        return Ok(());
    };
    let origin = Origin::Transfer(paid.transfer);
    let proof = origin.owner(outpoint.output).and_then(|owner| {
        Some(ForkProof {
            first: Branch::signed_by(&owner, &first)?,
            second: Branch::signed_by(&owner, back)?,
            output: outpoint.output,
            origin,
        })
    });
    match proof {
        Some(proof) => keep(core, moment, proof),
        None => Ok(()),
    }
}

fn keep(core: &mut Core, moment: &mut Moment, proof: ForkProof) -> Result<(), Fault> {
    let Ok(fork) = proof.verify() else {
        return Ok(());
    };
    if core.store.has_proof(&proof_key(&proof))? {
        return Ok(());
    }
    let kind = EventKind::ForkFound {
        outpoint: fork.outpoint,
    };
    let event = Event::new(moment.now, kind);
    Ok(core.commit(vec![Change::Proof(proof), Change::Event(event)], moment)?)
}

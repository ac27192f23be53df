//! Asking for money, and not wanting it any more.

use protocol::{Amount, Assurance, Name, Request, RequestId, Terms, UnverifiedName};
use std::sync::Arc;

use super::{
    Inner, freshness,
    operation::{Core, Moment},
};
use crate::{
    error::{Fault, ReceiveError},
    event::{Event, EventKind},
    limits,
    model::{Change, OwnRequest, Standing, Usage},
};

/// Makes and stores a request, under the key least shown so far.
pub(super) fn request(
    inner: &Arc<Inner>,
    amount: Option<Amount>,
    name: Option<Name>,
) -> Result<Request, ReceiveError> {
    let mut operation = inner.operation()?;
    // What came in since is no longer to be forgotten by going back to an older copy. Before the tap there is time.
    operation.settle_guard()?;
    operation.with(|core, moment| {
        if amount.is_some_and(Amount::is_zero) {
            return Err(ReceiveError::Zero);
        }
        if let Some(age_days) = freshness::too_old(core, moment.now) {
            return Err(ReceiveError::TrustTooOld { age_days });
        }
        if core.purse.device.standing == Standing::Frozen {
            return Err(Fault::DeviceFrozen.into());
        }
        check_room(core, amount.unwrap_or_default())?;
        let key = core
            .purse
            .keys_to_show(moment.now.day())
            .next()
            .ok_or(Fault::NotEnrolled)?;
        let payee = key.certificate.clone().ok_or(Fault::NotEnrolled)?;
        // The last key is used again rather than refusing money, and the holder hears of it.
        let ran_out = !core.purse.is_unused(key) && !core.purse.ran_out;
        // Where there is a registered name, no other is shown.
        let name = name.filter(|_| payee.body.grant.name.is_none());
        let request = Request {
            id: RequestId::from_bytes(moment.draw()),
            amount,
            payee,
            terms: Terms {
                name: name.map(UnverifiedName::new),
                assurance: core.purse.demand,
            },
        };
        let row = OwnRequest {
            request: request.clone(),
            created: moment.now,
            paid_by: None,
            withdrawn: false,
        };
        let mut changes = vec![Change::Request(row)];
        if ran_out {
            let event = Event::new(moment.now, EventKind::KeysRanOut);
            changes.extend([Change::RanOut(true), Change::Event(event)]);
        }
        core.commit(changes, moment).map_err(Fault::from)?;
        Ok(request)
    })
}

/// From whom this wallet takes money from now on.
pub(super) fn demand(inner: &Inner, assurance: Option<Assurance>) -> Result<(), Fault> {
    // Software is what every key is at least.
    let assurance = assurance.filter(|demanded| *demanded != Assurance::Software);
    inner.operation()?.with(|core, moment| {
        if core.purse.demand == assurance {
            return Ok(());
        }
        Ok(core.commit(vec![Change::Demand(assurance)], moment)?)
    })
}

/// Requests that nobody has paid yet, newest first.
pub(super) fn open_requests(inner: &Inner) -> Result<Vec<Request>, Fault> {
    let mut open = inner.operation()?.with(|core, _| {
        let mut open = core.store.open_requests()?;
        open.retain(|own| payable(core, own));
        Ok::<_, Fault>(open)
    })?;
    open.sort_by_key(|own| (core::cmp::Reverse(own.created), own.request.id));
    Ok(open.into_iter().map(|own| own.request).collect())
}

/// Asks no more. A payment that somebody has signed already is taken all the same, and given back in the same tap.
pub(super) fn withdraw(inner: &Inner, request: &RequestId) -> Result<(), ReceiveError> {
    inner.operation()?.with(|core: &mut Core, moment: &mut Moment| {
        let mut own = core
            .store
            .request(request)
            .map_err(Fault::from)?
            .ok_or(ReceiveError::UnknownRequest)?;
        if own.paid_by.is_some() {
            return Err(ReceiveError::RequestPaid);
        }
        if own.withdrawn {
            return Ok(());
        }
        own.withdrawn = true;
        Ok(core
            .commit(vec![Change::Request(own)], moment)
            .map_err(Fault::from)?)
    })
}

/// Whether a request can still be paid: not after its key was retired, since no receipt could be signed.
pub(crate) fn payable(core: &Core, own: &OwnRequest) -> bool {
    let key = core.purse.key(&own.request.payee.body.holder_key);
    own.is_open() && key.is_some_and(|key| key.usage != Usage::Retired)
}

/// How much more the wallet may hold.
pub(super) fn room(core: &Core) -> Result<Amount, Fault> {
    let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    Ok(limits::room(limits, &core.purse).left)
}

/// What a payer must be told of the room: how much there is, if it is too little for the request as it stands.
pub(crate) fn at_most(core: &Core, own: &OwnRequest) -> Result<Option<Amount>, Fault> {
    let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    let room = room(core)?;
    let foreseen = own.request.amount.unwrap_or(limits.per_payment);
    Ok((room < foreseen).then_some(room))
}

/// Whether the wallet may take `amount` more, in one payment.
fn check_room(core: &Core, amount: Amount) -> Result<(), ReceiveError> {
    let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    if amount > limits.per_payment {
        return Err(ReceiveError::PaymentLimit {
            limit: limits.per_payment,
        });
    }
    let room = room(core)?;
    if amount > room {
        Err(ReceiveError::BalanceLimit { room })
    } else {
        Ok(())
    }
}

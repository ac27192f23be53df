//! Collecting: what others reported for this account, and what the bank credited to it.

use protocol::{
    Amount, Id, Outpoint, Payment, Reference, RequestId,
    bank::{Answer, Delivery, Order},
};

use super::{
    super::{
        Inner,
        operation::{Core, Moment},
        receipt::take_delivered_return,
        receive::{Way, take},
    },
    ask, freeze, refusal,
};
use crate::{
    error::{BankError, Fault, ReceiveError},
    event::{Event, EventKind},
    model::{Change, Closing, Element, End, Outgoing, OwnRequest, Purpose, Usage},
    platform::BankTransport,
    store::StoreError,
};

/// Collects everything, and returns how many payments were news.
pub(super) fn collect(inner: &Inner, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let mut taken = 0;
    loop {
        let after = inner
            .operation()?
            .with(|core, _| Ok::<_, Fault>(core.purse.profile.collected))?;
        let (deliveries, last, more) = match ask(inner, bank, Order::Collect { after })? {
            Answer::Delivered {
                deliveries,
                last,
                more,
            } => (deliveries, last, more),
            other => return Err(refusal(&other)),
        };
        for delivery in deliveries {
            match delivery {
                Delivery::Payment { payment } => taken += usize::from(receive(inner, &payment)?),
                Delivery::Frozen { devices } => freeze::heard(inner, &devices)?,
                Delivery::Closed { outpoint, amount } => closed(inner, outpoint, amount)?,
            }
        }
        if last > after {
            inner.operation()?.with(|core, moment| {
                let mut profile = core.purse.profile.clone();
                profile.collected = last;
                core.commit(vec![Change::Profile(profile)], moment)
                    .map_err(Fault::from)
            })?;
        }
        if !more || last <= after {
            return Ok(taken);
        }
    }
}

/// To what a delivered payment belongs.
enum Addressed {
    /// A request of this wallet.
    Request(Box<OwnRequest>),
    /// A payment of this wallet, which it gives back.
    Paid(Id),
    /// Nothing this wallet could take: its key is retired, or the request was forgotten with an older copy of the files.
    /// The bank credits it when its claim window closes.
    Nothing,
}

/// Takes a payment like one from a tap. What does not hold is passed over: it is recorded, and the bank's to settle.
fn receive(inner: &Inner, bytes: &[u8]) -> Result<bool, BankError> {
    let Ok(payment) = Payment::decode(bytes) else {
        return Ok(false);
    };
    let mut operation = inner.operation()?;
    let taken = match operation.with(|core, _| address(core, &payment))? {
        Addressed::Nothing => return Ok(false),
        Addressed::Paid(paid) => take_delivered_return(&mut operation, &paid, payment),
        Addressed::Request(own) => {
            take(&mut operation, *own, payment, Way::Bank).map(|taken| !taken.repeated)
        }
    };
    match taken {
        Ok(news) => Ok(news),
        Err(ReceiveError::Fault(fault)) => Err(fault.into()),
        Err(_) => Ok(false),
    }
}

fn address(core: &mut Core, payment: &Payment) -> Result<Addressed, Fault> {
    let last = payment.final_transfer();
    let to = last.outputs.first().map(|output| output.holder_key);
    let key = to.and_then(|to| core.purse.key(&to));
    if key.is_none_or(|key| key.usage == Usage::Retired) {
        return Ok(Addressed::Nothing);
    }
    for input in &last.inputs {
        if last.reference == Reference::to_return(&input.origin)
            && let Some(sent) = core.store.outgoing(&input.origin)?
            && matches!(sent.purpose, Purpose::Payment(_))
        {
            return Ok(Addressed::Paid(sent.transfer));
        }
    }
    let answered = |request: &RequestId| Reference::to_request(request) == last.reference;
    let request = core.purse.all_requests(&core.store)?.find(answered);
    let own = request.map(|request| core.store.request(&request)).transpose()?;
    if let Some(own) = own.flatten() {
        return Ok(Addressed::Request(Box::new(own)));
    }
    // A refund out of other money than the payment brought names it by its reference alone.
    let refunded = |sent: &Outgoing| {
        matches!(sent.purpose, Purpose::Payment(_)) && last.reference == Reference::to_return(&sent.transfer)
    };
    let sent = [
        core.store.in_doubt()?,
        core.store.receipted()?,
        core.store.ended()?,
    ]
    .concat();
    let paid = sent.into_iter().find(refunded);
    Ok(paid.map_or(Addressed::Nothing, |sent| Addressed::Paid(sent.transfer)))
}

/// Value of ours became account money. If a frozen transfer of ours would have moved it, that is at its end.
fn closed(inner: &Inner, outpoint: Outpoint, amount: Amount) -> Result<(), BankError> {
    inner.operation()?.with(|core, moment| {
        let changes = closing(core, moment, outpoint, amount)?;
        Ok(core.commit(changes, moment).map_err(Fault::from)?)
    })
}

fn closing(core: &Core, moment: &Moment, outpoint: Outpoint, amount: Amount) -> Result<Vec<Change>, Fault> {
    let mut changes = vec![
        Change::Closing(Closing {
            outpoint,
            amount,
            closed_at: moment.now,
        }),
        Change::Spent(outpoint),
        Change::Event(Event::new(
            moment.now,
            EventKind::WindowClosed { outpoint, amount },
        )),
    ];
    for mut outgoing in core.store.in_doubt()? {
        let Some(Element::Transfer(signed)) = core.store.element(&outgoing.transfer)? else {
            return Err(StoreError::Damaged.into());
        };
        if outgoing.frozen && signed.transfer.inputs.contains(&outpoint) {
            // What it would have moved is account money, and so is its change.
            let change = core.purse.pieces().map(|piece| piece.outpoint);
            let change = change.filter(|change| change.origin == outgoing.transfer);
            changes.extend(change.map(Change::Spent));
            outgoing.end = Some(End::PaidBack);
            changes.extend(outgoing.doubt_event().map(Change::EventDone));
            changes.push(Change::Outgoing(outgoing));
        }
    }
    Ok(changes)
}

//! Reporting: the bank puts on record what this wallet paid and took. For a payment in doubt that is the end of the doubt.

use protocol::{
    Id, Payment, Timestamp,
    bank::{Answer, Order},
    cbor,
    code::Retry,
    message::{Refund, ShortReceipt},
};

use super::{
    super::{Inner, operation::Core, receipt::payee_of, receive, value},
    ask, refusal,
};
use crate::{
    error::{BankError, Fault},
    event::{Event, EventKind},
    model::{Change, End, Outgoing, Purpose},
    platform::BankTransport,
    store::StoreError,
};

/// What the bank does not know of yet.
pub(super) enum Unrecorded {
    /// A payment or a return of ours.
    Sent(Id),
    /// A payment to us.
    Taken(Id),
}

impl Unrecorded {
    /// The payment of ours that the bank has refused and will always refuse: that is an answer, too.
    pub(super) fn refused_for_good(&self, error: &BankError) -> Option<Id> {
        match (self, error) {
            (Self::Sent(transfer), BankError::Refused { code }) if code.retry() == Retry::Never => {
                Some(*transfer)
            }
            _ => None,
        }
    }
}

/// Everything to report. Frozen transfers are not in it: their bytes never leave this wallet again.
pub(super) fn unrecorded(core: &Core) -> Result<Vec<Unrecorded>, Fault> {
    let in_doubt = core.purse.in_doubt().iter();
    let in_doubt = in_doubt.filter(|(_, doubt)| doubt.request.is_some() && !doubt.frozen);
    let mut all: Vec<_> = in_doubt
        .map(|(transfer, _)| Unrecorded::Sent(*transfer))
        .collect();
    // What came in first: what was given back of it goes after it.
    all.splice(
        0..0,
        core.store
            .taken()?
            .iter()
            .map(|taken| Unrecorded::Taken(taken.transfer)),
    );
    all.extend(
        core.store
            .receipted()?
            .iter()
            .map(|sent| Unrecorded::Sent(sent.transfer)),
    );
    Ok(all)
}

/// Reports one payment, and notes that it is on record. Whether that ended a doubt.
pub(super) fn report(inner: &Inner, bank: &dyn BankTransport, what: &Unrecorded) -> Result<bool, BankError> {
    let mut operation = inner.operation()?;
    // Reporting is emitting: nothing leaves before the guard knows.
    operation.advance_guard()?;
    let (payment, receipt) = operation.with(|core, _| match what {
        Unrecorded::Sent(transfer) => sent(core, transfer),
        Unrecorded::Taken(transfer) => taken(core, transfer),
    })?;
    drop(operation);
    let order = Order::Report {
        payment: payment.encode(),
        receipt,
    };
    match ask(inner, bank, order)? {
        Answer::Recorded => inner.operation()?.with(|core, moment| {
            let changes = match what {
                Unrecorded::Sent(transfer) => sent_recorded(core, moment.now, transfer)?,
                Unrecorded::Taken(transfer) => (taken_recorded(core, transfer)?, false),
            };
            let (changes, ended) = changes;
            core.commit(changes, moment).map_err(Fault::from)?;
            Ok(ended)
        }),
        other => Err(refusal(&other)),
    }
}

/// A transfer of ours in the encoding that is complete without a request, and the receipt we have for it.
fn sent(core: &Core, transfer: &Id) -> Result<(Payment, Option<ShortReceipt>), Fault> {
    let damaged = Fault::Store(StoreError::Damaged);
    let outgoing = core.store.outgoing(transfer)?.ok_or(damaged)?;
    if outgoing.frozen {
        return Err(Fault::RolledBack);
    }
    let payment = match &outgoing.purpose {
        Purpose::Payment(request) => Payment::decode_answer(&outgoing.bytes, request).map_err(|_| damaged)?,
        Purpose::Return { paid, .. } => {
            let key = payee_of(core, paid)?;
            let certificate = core.purse.key(&key).and_then(|key| key.certificate.clone());
            value::rebuild(core, transfer, vec![certificate.ok_or(damaged)?])?
        }
        Purpose::Refund { .. } => {
            let refund: Refund = cbor::decode("refund", &outgoing.bytes).map_err(|_| damaged)?;
            Payment::decode(&refund.payment).map_err(|_| damaged)?
        }
        Purpose::Deposit(_) | Purpose::Refresh(_) => return Err(damaged),
    };
    Ok((payment, outgoing.receipt.as_ref().map(receive::short)))
}

fn taken(core: &Core, transfer: &Id) -> Result<(Payment, Option<ShortReceipt>), Fault> {
    let incoming = core.store.incoming(transfer)?.ok_or(StoreError::Damaged)?;
    let payment = value::rebuild(core, transfer, incoming.signers)?;
    Ok((payment, Some(receive::short(&incoming.receipt))))
}

fn sent_recorded(core: &Core, now: Timestamp, transfer: &Id) -> Result<(Vec<Change>, bool), BankError> {
    let outgoing = core.store.outgoing(transfer).map_err(Fault::from)?;
    let mut outgoing: Outgoing = outgoing.ok_or(Fault::Store(StoreError::Damaged))?;
    let ended = outgoing.is_in_doubt();
    outgoing.end = Some(End::Recorded);
    let mut changes = Vec::new();
    if ended {
        changes.extend(outgoing.doubt_event().map(Change::EventDone));
        changes.push(Change::Event(Event::new(
            now,
            EventKind::Recorded {
                transfer: *transfer,
                amount: outgoing.amount,
            },
        )));
    }
    changes.push(Change::Outgoing(outgoing));
    Ok((changes, ended))
}

fn taken_recorded(core: &Core, transfer: &Id) -> Result<Vec<Change>, BankError> {
    let incoming = core.store.incoming(transfer).map_err(Fault::from)?;
    let incoming = incoming.ok_or(Fault::Store(StoreError::Damaged))?;
    Ok(value::on_record(core, &incoming))
}

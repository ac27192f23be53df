//! Paying and being paid without a conversation: what a handoff would say, shown and read. The states and the order of
//! writes are those of [`crate::handoff`].

use protocol::{
    Amount, Id, Request, RequestId, Slip,
    message::{PayerMessage, ShortReceipt},
};

use super::{
    Inner, freshness,
    operation::{Core, Moment, Operation},
    pay::{Asked, Committed, Consent, pay as pay_asked, release},
    receipt::{Confirmed, take_receipt},
    receive::{Taken, take_answer},
    refund,
    request::payable,
};
use crate::{
    error::{Fault, HandoffError, PayError, ReceiveError},
    handoff::Outcome,
    model::Purpose,
    store::StoreError,
};

/// A payment, signed and to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paid {
    /// The transfer, in doubt from now on.
    pub transfer: Id,
    /// How much is paid.
    pub amount: Amount,
    /// What to show to the payee.
    pub slip: Slip,
}

/// What became of a slip that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Took {
    /// As after a tap.
    pub outcome: Outcome,
    /// What to show in answer: the receipt.
    pub answer: Option<Slip>,
}

pub(super) fn of_request(inner: &Inner, request: &RequestId) -> Result<Slip, ReceiveError> {
    inner.operation()?.with(|core, moment| {
        if let Some(age_days) = freshness::too_old(core, moment.now) {
            return Err(ReceiveError::TrustTooOld { age_days });
        }
        let own = core.store.request(request).map_err(Fault::from)?;
        let own = own.ok_or(ReceiveError::UnknownRequest)?;
        if own.paid_by.is_some() || own.withdrawn {
            return Err(ReceiveError::RequestPaid);
        }
        if !payable(core, &own) {
            return Err(ReceiveError::KeyRetired);
        }
        Ok(Slip::Request(own.request))
    })
}

pub(super) fn check_request(inner: &Inner, request: &Request) -> Result<(), PayError> {
    let check = |core: &mut Core, moment: &mut Moment| {
        let payee = core.purse.trust.check(&request.payee, moment.now.day())?;
        match core.purse.key(&payee.holder_key) {
            Some(_) => Err(PayError::OwnRequest),
            None => Ok(()),
        }
    };
    inner.operation()?.with(check)
}

pub(super) fn pay(inner: &Inner, request: &Request, consent: Consent) -> Result<Paid, PayError> {
    consent.ask_holder(inner)?;
    let mut operation = inner.operation()?;
    let id = &request.id;
    let signed = operation.with(|core, _| core.store.answer_to(id).map_err(Fault::from))?;
    let committed = match signed {
        Some(transfer) => release(&mut operation, &transfer)?.ok_or(Fault::Store(StoreError::Damaged))?,
        None => {
            let asked = Asked {
                request: request.clone(),
                at_most: None,
            };
            pay_asked(&mut operation, &asked, consent)?
        }
    };
    let transfer = committed.transfer();
    let (amount, slip) = slip(&mut operation, committed)?;
    Ok(Paid {
        transfer,
        amount,
        slip,
    })
}

pub(super) fn of(inner: &Inner, transfer: &Id) -> Result<Option<Slip>, Fault> {
    let mut operation = inner.operation()?;
    let purpose = operation.with(|core, _| {
        let outgoing = core.store.outgoing(transfer)?;
        Ok::<_, Fault>(outgoing.map(|outgoing| outgoing.purpose))
    })?;
    match purpose {
        None | Some(Purpose::Deposit(_) | Purpose::Refresh(_)) => Ok(None),
        Some(_) => {
            let committed = release(&mut operation, transfer)?.ok_or(StoreError::Damaged)?;
            let (_, slip) = slip(&mut operation, committed)?;
            Ok(Some(slip))
        }
    }
}

pub(super) fn take(inner: &Inner, slip: &Slip) -> Result<Took, HandoffError> {
    let mut operation = inner.operation()?;
    match slip {
        Slip::Request(_) => Err(HandoffError::OutOfOrder),
        Slip::Payment { request, answer } => took(take_answer(&mut operation, request, answer).map(
            |Taken {
                 incoming, receipt, ..
             }| {
                let (transfer, amount) = (incoming.transfer, incoming.amount);
                let outcome = match incoming.returned_by {
                    Some(_) => Outcome::Returned { transfer, amount },
                    None => Outcome::Received {
                        request: incoming.request,
                        transfer,
                        amount,
                    },
                };
                (outcome, transfer, receipt)
            },
        )),
        Slip::Refund { paid, refund } => took(refund::take(&mut operation, paid, refund).map(
            |refund::Refunded {
                 transfer,
                 amount,
                 receipt,
             }| {
                let outcome = Outcome::Refunded {
                    paid: *paid,
                    transfer,
                    amount,
                };
                (outcome, transfer, receipt)
            },
        )),
        Slip::Receipt { transfer, receipt } => confirm(&mut operation, *transfer, *receipt),
    }
}

/// What was taken is answered with its receipt; what was not, with nothing: it stays in doubt at the other side, as after a
/// refusal in a tap.
fn took(taken: Result<(Outcome, Id, ShortReceipt), ReceiveError>) -> Result<Took, HandoffError> {
    match taken {
        Ok((outcome, transfer, receipt)) => Ok(Took {
            outcome,
            answer: Some(Slip::Receipt { transfer, receipt }),
        }),
        Err(ReceiveError::Fault(fault)) => Err(fault.into()),
        Err(reason) => Ok(Took {
            outcome: Outcome::Refused {
                refusal: reason.refusal(),
            },
            answer: None,
        }),
    }
}

/// A receipt came back. If it came with a return, that gets a receipt too.
fn confirm(operation: &mut Operation<'_>, transfer: Id, receipt: ShortReceipt) -> Result<Took, HandoffError> {
    match take_receipt(operation, &transfer, receipt, false)? {
        Confirmed::Taken => {
            let sent = operation.with(|core, _| core.store.outgoing(&transfer).map_err(Fault::from))?;
            let outcome = sent.and_then(|sent| Outcome::settled(sent, false));
            Ok(Took {
                outcome: outcome.ok_or(HandoffError::OutOfOrder)?,
                answer: None,
            })
        }
        Confirmed::GivenBack { by, amount, receipt } => Ok(Took {
            outcome: Outcome::Returned { transfer, amount },
            answer: Some(Slip::Receipt {
                transfer: by,
                receipt,
            }),
        }),
    }
}

/// The committed bytes, with what a channel would have said along with them; and how much they move.
fn slip(operation: &mut Operation<'_>, committed: Committed) -> Result<(Amount, Slip), Fault> {
    let transfer = committed.transfer();
    let row = operation.with(|core, _| core.store.outgoing(&transfer).map_err(Fault::from))?;
    let row = row.ok_or(StoreError::Damaged)?;
    let slip = match (row.purpose, committed.into_message()?) {
        (Purpose::Payment(request), PayerMessage::Payment(answer)) => Slip::Payment {
            request: request.id,
            answer,
        },
        (Purpose::Return { paid, .. }, PayerMessage::Return(receipt)) => Slip::Receipt {
            transfer: paid,
            receipt,
        },
        (Purpose::Refund { paid, .. }, PayerMessage::Refund(refund)) => Slip::Refund { paid, refund },
        _ => return Err(StoreError::Damaged.into()),
    };
    Ok((row.amount, slip))
}

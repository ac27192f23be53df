//! Paying and being paid without a conversation: what a handoff would say, shown and read. The states and the order of
//! writes are those of [`crate::handoff`].

use protocol::{
    Amount, Body as _, Id, Request, RequestId, Signed, Slip,
    message::{PayerMessage, Refund, ShortReceipt},
};

use super::{
    Inner,
    consent::Consent,
    freshness,
    keys::sign,
    operation::{Core, Moment, Operation},
    pay::{Asked, Committed, pay as pay_asked, payment_of, release},
    receipt::{Confirmed, take_receipt},
    receive::take_answer,
    refund,
    request::payable,
};
use crate::{
    error::{Fault, HandoffError, PayError, ReceiveError},
    handoff::Outcome,
    model::{Outgoing, Purpose},
    store::StoreError,
    vault::{CheckedJob, SignJob, VaultError},
};

/// A payment, signed and to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paid {
    /// The transfer, in doubt until it is receipted.
    pub transfer: Id,
    /// How much is paid.
    pub amount: Amount,
    /// It had been signed before; nothing was paid now.
    pub repeated: bool,
    /// What to show to the payee.
    pub slip: Slip,
}

/// What became of a slip that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Took {
    /// As after a tap.
    pub outcome: Outcome,
    /// It had been taken before: this is no news, and above all no new money.
    pub repeated: bool,
    /// What to show in answer: the receipt.
    pub answer: Option<Slip>,
}

/// A request of this wallet, signed by the key that is to be paid.
pub(super) fn of_request(inner: &Inner, request: &RequestId) -> Result<Slip, ReceiveError> {
    let mut operation = inner.operation()?;
    let (request, job) = operation.with(|core, moment| {
        if let Some(age_days) = freshness::too_old(core, moment.now) {
            return Err(ReceiveError::TrustTooOld { age_days });
        }
        let own = core.store.request(request).map_err(Fault::from)?;
        let own = own
            .filter(|own| !own.withdrawn)
            .ok_or(ReceiveError::UnknownRequest)?;
        if own.paid_by.is_some() {
            return Err(ReceiveError::RequestPaid);
        }
        if !payable(core, &own) {
            return Err(ReceiveError::KeyRetired);
        }
        let key = core.purse.key(&own.request.payee.body.holder_key);
        let key = key.ok_or(ReceiveError::KeyRetired)?;
        let job = SignJob {
            key: key.handle.clone(),
            message: own.request.message(),
        };
        let public = key.public;
        Ok((own.request, CheckedJob { public, job }))
    })?;
    let signatures = sign(&mut operation, vec![job])?;
    let signature = signatures.ok_or(ReceiveError::KeyRetired)?.pop();
    Ok(Slip::Request(Signed {
        body: request,
        signature: signature.ok_or(Fault::Vault(VaultError::Misbehaved))?,
    }))
}

/// Whether whoever is named in a request made it, and may be paid.
pub(super) fn check_request(inner: &Inner, request: &Signed<Request>) -> Result<(), PayError> {
    inner
        .operation()?
        .with(|core, moment| check(core, moment, request))
}

fn check(core: &Core, moment: &Moment, request: &Signed<Request>) -> Result<(), PayError> {
    if let Some(age_days) = freshness::too_old(core, moment.now) {
        return Err(PayError::TrustTooOld { age_days });
    }
    let payee = core.purse.trust.check(&request.body.payee, moment.now.day())?;
    let signed = request.verify(&payee.holder_key);
    signed.map_err(|_| PayError::RequestForged)?;
    match core.purse.key(&payee.holder_key) {
        Some(_) => Err(PayError::OwnRequest),
        None => Ok(()),
    }
}

pub(super) fn pay(inner: &Inner, request: &Signed<Request>, consent: Consent) -> Result<Paid, PayError> {
    let paid = |core: &Core| payment_of(core, &request.body);
    let signed = inner.operation()?.with(|core, moment| {
        check(core, moment, request)?;
        Ok::<_, PayError>(paid(core)?)
    })?;
    // Nobody is asked about what was paid already, or never can be.
    if signed.is_none() {
        consent.ask_holder(inner)?;
    }
    let mut operation = inner.operation()?;
    // It may have been paid while the holder was asked.
    let signed = operation.with(|core, _| paid(core))?;
    let committed = match signed {
        Some(transfer) => release(&mut operation, &transfer)?.ok_or(Fault::Store(StoreError::Damaged))?,
        None => {
            let asked = Asked {
                request: request.body.clone(),
                at_most: None,
            };
            pay_asked(&mut operation, &asked, consent)?
        }
    };
    let transfer = committed.transfer();
    let (amount, slip) = to_show(&mut operation, committed)?;
    Ok(Paid {
        transfer,
        amount,
        repeated: signed.is_some(),
        slip,
    })
}

pub(super) fn of(inner: &Inner, transfer: &Id) -> Result<Option<Slip>, Fault> {
    let mut operation = inner.operation()?;
    match sent(&mut operation, transfer)?.map(|sent| sent.purpose) {
        None | Some(Purpose::Deposit(_) | Purpose::Refresh(_)) => Ok(None),
        Some(_) => {
            let committed = release(&mut operation, transfer)?.ok_or(StoreError::Damaged)?;
            let (_, slip) = to_show(&mut operation, committed)?;
            Ok(Some(slip))
        }
    }
}

pub(super) fn take(inner: &Inner, slip: &Slip) -> Result<Took, HandoffError> {
    let mut operation = inner.operation()?;
    let taken = match slip {
        Slip::Request(_) => return Err(HandoffError::OutOfOrder),
        Slip::Receipt { transfer, receipt } => return confirm(&mut operation, *transfer, *receipt),
        Slip::Payment { request, answer } => take_payment(&mut operation, request, answer),
        Slip::Refund { paid, refund } => take_refund(&mut operation, *paid, refund),
    };
    match taken {
        Ok(took) => Ok(took),
        Err(ReceiveError::Fault(fault)) => Err(fault.into()),
        // It stays in doubt at the other side, as after a refusal in a tap.
        Err(reason) => Ok(Took {
            outcome: Outcome::Refused {
                refusal: reason.refusal(),
            },
            repeated: false,
            answer: None,
        }),
    }
}

fn take_payment(
    operation: &mut Operation<'_>,
    request: &RequestId,
    answer: &[u8],
) -> Result<Took, ReceiveError> {
    let taken = take_answer(operation, request, answer)?;
    let (transfer, amount) = (taken.incoming.transfer, taken.incoming.amount);
    let receipt = taken.receipt;
    Ok(Took {
        outcome: match taken.incoming.returned_by {
            Some(_) => Outcome::Returned { transfer, amount },
            None => Outcome::Received {
                request: *request,
                transfer,
                amount,
            },
        },
        repeated: taken.repeated,
        answer: Some(Slip::Receipt { transfer, receipt }),
    })
}

fn take_refund(operation: &mut Operation<'_>, paid: Id, brought: &Refund) -> Result<Took, ReceiveError> {
    let taken = refund::take(operation, &paid, brought)?;
    let (transfer, receipt) = (taken.transfer, taken.receipt);
    Ok(Took {
        outcome: Outcome::Refunded {
            paid,
            transfer,
            amount: taken.amount,
        },
        repeated: taken.repeated,
        answer: Some(Slip::Receipt { transfer, receipt }),
    })
}

/// A receipt came back. If it came with a return, that gets a receipt too.
fn confirm(operation: &mut Operation<'_>, transfer: Id, receipt: ShortReceipt) -> Result<Took, HandoffError> {
    let before = sent(operation, &transfer)?.ok_or(HandoffError::OutOfOrder)?;
    if matches!(before.purpose, Purpose::Deposit(_) | Purpose::Refresh(_)) {
        return Err(HandoffError::OutOfOrder);
    }
    // What a rolled-back wallet had signed is between the payee and the bank.
    if before.frozen {
        return Err(Fault::RolledBack.into());
    }
    let confirmed = take_receipt(operation, &transfer, receipt, false)?;
    let after = sent(operation, &transfer)?
        .ok_or(StoreError::Damaged)
        .map_err(Fault::from)?;
    let repeated = before.receipt.is_some() && before.returned_by == after.returned_by;
    Ok(match confirmed {
        Confirmed::Taken => Took {
            outcome: Outcome::settled(after, false).ok_or(HandoffError::OutOfOrder)?,
            repeated,
            answer: None,
        },
        Confirmed::GivenBack {
            by, amount, receipt, ..
        } => Took {
            outcome: Outcome::Returned { transfer, amount },
            repeated,
            answer: Some(Slip::Receipt {
                transfer: by,
                receipt,
            }),
        },
    })
}

fn sent(operation: &mut Operation<'_>, transfer: &Id) -> Result<Option<Outgoing>, Fault> {
    operation.with(|core, _| core.store.outgoing(transfer).map_err(Fault::from))
}

/// The committed bytes, with what a channel would have said along with them; and how much they move.
fn to_show(operation: &mut Operation<'_>, committed: Committed) -> Result<(Amount, Slip), Fault> {
    let row = sent(operation, &committed.transfer())?.ok_or(StoreError::Damaged)?;
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

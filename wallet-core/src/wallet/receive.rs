//! Receiving: ask, verify, sign the receipt, commit, and only then let the receipt out.

use protocol::{
    Amount, Body as _, Consumed, Context, DecodeError, Expected, Payment, PaymentDecodeError, Receipt,
    Request, RequestId, SeriesId, Verified, message::ShortReceipt, verify,
};
use std::sync::Arc;

use super::{
    Inner,
    operation::{Core, Moment, Operation},
};
use crate::{
    error::{Fault, ReceiveError},
    model::{Change, Element, Incoming, OwnRequest, Piece, ReceiptTaken, Usage},
    purse::MAX_OFFLINE_BYTES,
    store::StoreError,
    vault::{CheckedJob, SignJob, sign_checked},
};

/// Makes and stores a request, under the key least shown so far.
pub(super) fn request(inner: &Arc<Inner>, amount: Option<Amount>) -> Result<Request, ReceiveError> {
    inner.operation()?.with(|core, moment| {
        if amount.is_some_and(Amount::is_zero) {
            return Err(ReceiveError::Zero);
        }
        check_room(core, amount.unwrap_or_default())?;
        let key = core
            .purse
            .keys_to_show(moment.now.day())
            .next()
            .ok_or(Fault::NotEnrolled)?;
        let payee = key.certificate.clone().ok_or(Fault::NotEnrolled)?;
        let request = Request {
            id: RequestId::from_bytes(moment.draw()),
            amount,
            payee,
        };
        let row = OwnRequest {
            request: request.clone(),
            created: moment.now,
            paid_by: None,
        };
        core.commit(vec![Change::Request(row)], moment)
            .map_err(Fault::from)?;
        Ok(request)
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

/// Whether a request can still be paid: not after its key was retired, since no receipt could be signed.
pub(crate) fn payable(core: &Core, own: &OwnRequest) -> bool {
    let key = core.purse.key(&own.request.payee.body.holder_key);
    own.paid_by.is_none() && key.is_some_and(|key| key.usage != Usage::Retired)
}

/// Whether the wallet may take `amount` more, in one payment.
fn check_room(core: &Core, amount: Amount) -> Result<(), ReceiveError> {
    let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    if amount > limits.per_payment {
        return Err(ReceiveError::PaymentLimit {
            limit: limits.per_payment,
        });
    }
    let room = limits.balance.saturating_sub(core.purse.total());
    if amount > room {
        Err(ReceiveError::BalanceLimit { room })
    } else {
        Ok(())
    }
}

/// What became of a payment that arrived.
pub(crate) struct Taken {
    pub(crate) incoming: Incoming,
    pub(crate) receipt: ShortReceipt,
    /// It had been taken before, and nothing was credited now.
    pub(crate) repeated: bool,
}

/// Takes a payment that answers `request`, once: the same payment again gets the same receipt and credits nothing.
pub(crate) fn take(
    operation: &mut Operation<'_>,
    request: &RequestId,
    answer: &[u8],
) -> Result<Taken, ReceiveError> {
    let judged = operation.with(|core, moment| judge(core, moment, request, answer))?;
    let (verified, own, job, receipt) = match judged {
        Judged::Known(incoming) => {
            let receipt = short(&incoming.receipt);
            return Ok(Taken {
                incoming,
                receipt,
                repeated: true,
            });
        }
        Judged::New {
            verified,
            own,
            job,
            receipt,
        } => (verified, own, job, receipt),
    };
    let signature = operation
        .outside(|platform| sign_checked(&*platform.vault, vec![job]))
        .map_err(Fault::from)?
        .pop()
        .ok_or(Fault::Vault(crate::vault::VaultError::Misbehaved))?;
    let receipt = ReceiptTaken {
        taken_at: receipt.taken_at,
        signature,
    };
    let incoming = operation.with(|core, moment| commit(core, moment, &verified, own, receipt))?;
    Ok(Taken {
        incoming,
        receipt: short(&receipt),
        repeated: false,
    })
}

pub(crate) const fn short(receipt: &ReceiptTaken) -> ShortReceipt {
    ShortReceipt {
        taken_at: receipt.taken_at,
        signature: receipt.signature,
        returned: None,
    }
}

enum Judged {
    /// Taken before.
    Known(Incoming),
    /// Good; the receipt is to be signed.
    New {
        verified: Box<Verified>,
        own: Box<OwnRequest>,
        job: CheckedJob,
        receipt: Receipt,
    },
}

fn judge(core: &Core, moment: &Moment, request: &RequestId, answer: &[u8]) -> Result<Judged, ReceiveError> {
    let own = core
        .store
        .request(request)
        .map_err(Fault::from)?
        .ok_or(ReceiveError::UnknownRequest)?;
    if answer.len() > MAX_OFFLINE_BYTES {
        let limit = MAX_OFFLINE_BYTES;
        return Err(PaymentDecodeError::from(DecodeError::TooLarge {
            object: "payment",
            limit,
        })
        .into());
    }
    let payment = Payment::decode_answer(answer, &own.request)?;
    if let Some(incoming) = core.store.incoming(&payment.id()).map_err(Fault::from)? {
        return Ok(Judged::Known(incoming));
    }
    if own.paid_by.is_some() {
        return Err(ReceiveError::RequestPaid);
    }
    let mut consumed = Consumed::new();
    for (outpoint, _) in payment.consumptions() {
        if let Some(by) = core.store.consumer(&outpoint).map_err(Fault::from)? {
            consumed.insert(outpoint, by);
        }
    }
    let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    let context = Context {
        now: moment.now,
        trust: &core.purse.trust,
        consumed: &consumed,
        limits,
    };
    let verified = verify(payment, &Expected::from(&own.request), &context)?;
    check_room(core, verified.amount())?;

    let key = core
        .purse
        .key(&own.request.payee.body.holder_key)
        .filter(|key| key.usage != Usage::Retired);
    let key = key.ok_or(ReceiveError::UnknownRequest)?;
    let receipt = Receipt {
        transfer: verified.payment().id(),
        taken_at: moment.now,
    };
    let job = CheckedJob {
        public: key.public,
        job: SignJob {
            key: key.handle.clone(),
            message: receipt.message(),
        },
    };
    Ok(Judged::New {
        verified: Box::new(verified),
        own: Box::new(own),
        job,
        receipt,
    })
}

fn commit(
    core: &mut Core,
    moment: &mut Moment,
    verified: &Verified,
    mut own: Box<OwnRequest>,
    receipt: ReceiptTaken,
) -> Result<Incoming, ReceiveError> {
    let payment = verified.payment();
    let spend_until = |series: SeriesId| core.purse.trust.series(series).map(|series| series.spend_until);
    let dates = payment
        .notes()
        .iter()
        .map(|note| Some((note.body.issued, spend_until(note.body.series)?)));
    let dates: Vec<_> = dates
        .collect::<Option<_>>()
        .ok_or(Fault::Store(StoreError::Damaged))?;
    let holder_key = own.request.payee.body.holder_key;

    let incoming = Incoming {
        transfer: payment.id(),
        request: own.request.id,
        amount: verified.amount(),
        receipt,
        signers: payment.certificates().to_vec(),
    };
    own.paid_by = Some(incoming.transfer);
    let mut changes = vec![
        Change::Incoming(incoming.clone()),
        Change::Request(*own),
        Change::Gained(Piece {
            outpoint: verified.outpoint(),
            amount: verified.amount(),
            owner: holder_key,
            hops: payment.hops(),
            issued: dates.iter().map(|(issued, _)| *issued).min().unwrap_or_default(),
            spend_until: dates.iter().map(|(_, until)| *until).min().unwrap_or_default(),
            chain_bytes: u32::try_from(payment.encode().len()).unwrap_or(u32::MAX),
            unsettled: true,
        }),
    ];
    changes.extend(
        payment
            .notes()
            .iter()
            .cloned()
            .map(|note| Change::Element(Element::Note(note))),
    );
    changes.extend(
        payment
            .transfers()
            .iter()
            .cloned()
            .map(|signed| Change::Element(Element::Transfer(signed))),
    );
    changes.extend(
        payment
            .consumptions()
            .map(|(outpoint, by)| Change::Consumed(outpoint, by)),
    );
    if let Some(key) = core
        .purse
        .key(&holder_key)
        .filter(|key| key.usage == Usage::Fresh)
    {
        let mut key = key.clone();
        key.usage = Usage::Used;
        changes.push(Change::Key(key));
    }
    core.commit(changes, moment).map_err(Fault::from)?;
    Ok(incoming)
}

//! Refunds: money back that the payee decides on later, wholly or partly, to the key that paid and to no other.
//!
//! A refund is an ordinary transfer with the reference of a return. It is made out of the very piece that the payment
//! brought, if that is still here, and otherwise out of whatever the wallet has. Like every transfer it is in doubt until
//! its receipt comes: a tap with the one who paid ends that, in either role, or the bank does. How much was given back of a
//! payment stands in a row of its own, written with the refund, so that it is never more than the payment.

use protocol::{
    Amount, Context, DecodeError, Expected, HolderCertificate, Id, Limits, OfflineLimits, PayeeName, Payment,
    PaymentDecodeError, Reference, Signed, Verified, cbor,
    message::{Refund as RefundMessage, ShortReceipt},
    verify,
};

use super::{
    Inner, fork,
    operation::{Core, Moment, Operation},
    pay::{self, Destination},
    receipt::{self, Back, Brought},
    receive::short,
};
use crate::{
    error::{Fault, PayError, ReceiveError, RefundError},
    model::{Incoming, Outgoing, Piece, Purpose, Refund, Refunds, Usage},
    rules::{MAX_OFFLINE_BYTES, Rules},
    store::StoreError,
};

/// Signs a refund of `amount`. It is in doubt from then on.
pub(super) fn refund(inner: &Inner, paid: &Id, amount: Amount) -> Result<Id, RefundError> {
    let mut operation = inner.operation()?;
    let (destination, taken) = operation.with(|core, moment| prepare(core, moment, paid, amount))?;
    let purpose = Purpose::Refund {
        paid: *paid,
        request: taken.request,
    };
    let signed = pay::sign_and_commit(&mut operation, &destination, |_, payment, _| {
        let payment = payment.encode();
        (payment.len() <= MAX_OFFLINE_BYTES).then(|| {
            let receipt = short(&taken.receipt);
            (purpose, cbor::encode(&RefundMessage { receipt, payment }))
        })
    });
    signed.map_err(RefundError::from)
}

/// How much of a payment to this wallet can still be given back.
pub(super) fn refundable(inner: &Inner, paid: &Id) -> Result<Amount, RefundError> {
    inner.operation()?.with(|core, _| {
        let taken = taken(core, paid)?;
        Ok(left(core, &taken)?)
    })
}

fn prepare(
    core: &Core,
    moment: &Moment,
    paid: &Id,
    amount: Amount,
) -> Result<(Destination, Incoming), RefundError> {
    let taken = taken(core, paid)?;
    if amount.is_zero() {
        return Err(PayError::Zero.into());
    }
    let left = left(core, &taken)?;
    if amount > left {
        return Err(RefundError::TooLarge { left });
    }
    let payer = payer(&taken)?;
    // A payer takes its own money back however far it has come, so that what was paid can always be refunded.
    let rules = Rules::offline(moment.now.day(), core.purse.limits()).of_any_depth();
    Ok((
        Destination {
            payee: payer.body.holder_key,
            reference: Reference::to_return(paid),
            amount,
            rules,
            pieces: brought(core, paid, &rules).map(|piece| vec![piece]),
            spends: None,
        },
        taken,
    ))
}

/// A payment that this wallet took because it had asked for it.
fn taken(core: &Core, paid: &Id) -> Result<Incoming, RefundError> {
    let store = &core.store;
    let taken = store.incoming(paid).map_err(Fault::from)?;
    let taken = taken.ok_or(RefundError::UnknownPayment)?;
    // What was itself money back answers a request of somebody else's.
    match store.request(&taken.request).map_err(Fault::from)? {
        Some(_) => Ok(taken),
        None => Err(RefundError::UnknownPayment),
    }
}

fn left(core: &Core, taken: &Incoming) -> Result<Amount, Fault> {
    if taken.returned_by.is_some() || may_have_forgotten(core, taken)? {
        return Ok(Amount::ZERO);
    }
    let refunds = core.store.refunds_of(&taken.transfer)?;
    Ok(taken.amount.saturating_sub(refunds.total()))
}

/// Whether this wallet may have given back more of a payment than it knows: the payment was to a key that was retired, and the
/// wallet was rolled back. A refund too many would be a gift that no limit has seen.
fn may_have_forgotten(core: &Core, taken: &Incoming) -> Result<bool, Fault> {
    if !core.purse.profile.rolled_back {
        return Ok(false);
    }
    let own = core.store.request(&taken.request)?.ok_or(StoreError::Damaged)?;
    let key = core.purse.key(&own.request.payee.body.holder_key);
    Ok(key.is_none_or(|key| key.usage == Usage::Retired))
}

/// The key that paid, and the first to sign if several did.
fn payer(taken: &Incoming) -> Result<&Signed<HolderCertificate>, Fault> {
    Ok(taken.signers.first().ok_or(StoreError::Damaged)?)
}

/// The piece that a payment brought, if it is still here and can be paid on.
fn brought(core: &Core, paid: &Id, rules: &Rules) -> Option<Piece> {
    let mut pieces = core.purse.pieces();
    let piece = pieces.find(|piece| piece.outpoint.origin == *paid && piece.outpoint.output == 0)?;
    core.purse.check(piece, rules).is_ok().then(|| piece.clone())
}

/// The registered name of who paid, if it is a merchant.
pub(super) fn payer_name(core: &Core, paid: &Id) -> Result<PayeeName, Fault> {
    let taken = core.store.incoming(paid)?;
    let payer = taken.as_ref().and_then(|taken| taken.signers.first());
    Ok(payer
        .and_then(|certificate| certificate.body.grant.name.clone())
        .into())
}

/// What was given back of a payment, and this as well.
pub(super) fn and_another(
    core: &Core,
    paid: &Id,
    transfer: Id,
    amount: Amount,
) -> Result<Refunds, StoreError> {
    let mut refunds = core.store.refunds_of(paid)?;
    refunds.refunds.push(Refund { transfer, amount });
    Ok(refunds)
}

/// A refund that this wallet took.
pub(crate) struct Refunded {
    /// The transfer by which it came.
    pub(crate) transfer: Id,
    pub(crate) amount: Amount,
    /// It had been taken before.
    pub(crate) repeated: bool,
    /// For who gave it.
    pub(crate) receipt: ShortReceipt,
}

/// Takes a refund of what this wallet once paid, once: the same refund again gets the same receipt and credits nothing.
pub(crate) fn take(
    operation: &mut Operation<'_>,
    paid: &Id,
    refund: &RefundMessage,
) -> Result<Refunded, ReceiveError> {
    let judged = operation.with(|core, moment| judge(core, moment, paid, refund))?;
    let receipt = match judged {
        Judged::Known(known) => {
            return Ok(Refunded {
                transfer: known.transfer,
                amount: known.amount,
                repeated: true,
                receipt: short(&known.receipt),
            });
        }
        Judged::New(back) => {
            let (transfer, amount) = (back.id, back.piece.amount);
            let brought = Brought {
                receipt: Some(refund.receipt),
                ..Brought::default()
            };
            let receipt = receipt::take_back(operation, *back, brought)?;
            Refunded {
                transfer,
                amount,
                repeated: false,
                receipt,
            }
        }
    };
    Ok(receipt)
}

enum Judged {
    /// Taken before.
    Known(Box<Incoming>),
    /// Good; the receipt is to be signed.
    New(Box<Back>),
}

fn judge(
    core: &mut Core,
    moment: &mut Moment,
    paid: &Id,
    refund: &RefundMessage,
) -> Result<Judged, ReceiveError> {
    let sent = core.store.outgoing(paid).map_err(Fault::from)?;
    let sent = sent.ok_or(ReceiveError::UnknownRequest)?;
    let Purpose::Payment(asked) = &sent.purpose else {
        return Err(ReceiveError::UnknownRequest);
    };
    receipt::check(core, &sent, &refund.receipt).map_err(|_| ReceiveError::ReceiptForged)?;
    if refund.payment.len() > MAX_OFFLINE_BYTES {
        let limit = MAX_OFFLINE_BYTES;
        return Err(PaymentDecodeError::from(DecodeError::TooLarge {
            object: "payment",
            limit,
        })
        .into());
    }
    let payment = Payment::decode(&refund.payment)?;
    if let Some(known) = core.store.incoming(&payment.id()).map_err(Fault::from)? {
        // Whatever was taken for another reason is no refund of this.
        return match known.request == asked.id {
            true => Ok(Judged::Known(Box::new(known))),
            false => Err(ReceiveError::UnknownRequest),
        };
    }
    let verified = match check(core, moment, &sent, payment.clone()) {
        Ok(verified) => verified,
        Err(error) => {
            // Whatever it is refused for: if there is a fork in it, the bank is to know.
            fork::keep_proof(core, moment, &payment)?;
            return Err(error);
        }
    };
    let left = receipt::still_out(core, &sent)?;
    if verified.amount() > left {
        return Err(ReceiveError::RefundTooLarge { left });
    }
    Ok(Judged::New(Box::new(Back::verified(core, &sent, &verified)?)))
}

/// Everything a payee checks, but for the limit on hops: this money has been here before.
fn check(core: &Core, moment: &Moment, sent: &Outgoing, payment: Payment) -> Result<Verified, ReceiveError> {
    let own = core.purse.limits().ok_or(Fault::NotEnrolled)?;
    let limits = Limits {
        offline: OfflineLimits {
            hops: u32::MAX,
            ..own.offline
        },
        ..*own
    };
    let expected = Expected {
        payee: receipt::payer_of(sent)?,
        reference: Reference::to_return(&sent.transfer),
        amount: None,
    };
    let context = Context {
        now: moment.now,
        trust: &core.purse.trust,
        consumed: &fork::seen(core, &payment).map_err(Fault::from)?,
        limits: &limits,
    };
    Ok(verify(payment, &expected, &context)?)
}

//! Receiving: verify, sign the receipt, commit, and only then let the receipt out.
//!
//! A payment that holds is never sent away: its transfer is signed, and nobody can take that back. If this wallet does
//! not want it, or may not have it, it takes it *and* gives it back: receipt and return are signed in one call, stored in
//! one commit, and leave together after the guard knows.

use protocol::{
    Body as _, Context, DecodeError, Expected, Payment, PaymentDecodeError, Receipt, RequestId, Signature,
    SignedTransfer, Transfer, Verified, VerifyingKey, cbor, message::ShortReceipt, verify, verify_recorded,
};

use super::{
    fork,
    keys::sign,
    operation::{Core, Moment, Operation},
    pay::release,
    request::room,
    value,
};
use crate::{
    error::{Fault, ReceiveError},
    event::{Event, EventKind, ReturnReason},
    model::{Change, Incoming, Outgoing, OwnRequest, Piece, Purpose, ReceiptTaken, Usage},
    rules::MAX_OFFLINE_BYTES,
    store::StoreError,
    vault::{CheckedJob, KeyHandle, SignJob, VaultError},
};

/// What became of a payment that arrived.
pub(crate) struct Taken {
    pub(crate) incoming: Incoming,
    pub(crate) receipt: ShortReceipt,
    /// It had been taken before, and nothing was credited now.
    pub(crate) repeated: bool,
}

/// On which way a payment came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// From the payer's phone: every limit of being offline holds.
    Tap,
    /// From the bank, which has it on record.
    Bank,
}

/// Takes a payment that answers `request`, once: the same payment again gets the same receipt and credits nothing.
pub(crate) fn take_answer(
    operation: &mut Operation<'_>,
    request: &RequestId,
    answer: &[u8],
) -> Result<Taken, ReceiveError> {
    let (own, payment) = operation.with(|core, _| {
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
        Ok::<_, ReceiveError>((own, payment))
    })?;
    take(operation, own, payment, Way::Tap)
}

/// Takes a payment of one of this wallet's requests, once.
pub(crate) fn take(
    operation: &mut Operation<'_>,
    own: OwnRequest,
    payment: Payment,
    way: Way,
) -> Result<Taken, ReceiveError> {
    let judged = operation.with(|core, moment| judge(core, moment, own, payment, way))?;
    let (incoming, repeated) = match judged {
        Judged::Known(incoming) => (*incoming, true),
        Judged::New(new) => {
            let jobs = new.jobs();
            let signatures = sign(operation, jobs)?.ok_or(ReceiveError::KeyRetired)?;
            let incoming = operation.with(|core, moment| commit(core, moment, *new, &signatures))?;
            (incoming, false)
        }
    };
    let receipt = answer_for(operation, &incoming)?;
    Ok(Taken {
        incoming,
        receipt,
        repeated,
    })
}

/// The receipt for a payment that was taken. If it was given back, the return leaves with it, and is read from its
/// committed row like everything that signs value away.
pub(crate) fn answer_for(operation: &mut Operation<'_>, incoming: &Incoming) -> Result<ShortReceipt, Fault> {
    match incoming.returned_by {
        None => Ok(short(&incoming.receipt)),
        Some(transfer) => release(operation, &transfer)?
            .ok_or(StoreError::Damaged)?
            .into_return(),
    }
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
    Known(Box<Incoming>),
    /// Good; the receipt is to be signed.
    New(Box<New>),
}

/// A payment that holds, before anything is signed.
struct New {
    verified: Verified,
    own: OwnRequest,
    way: Way,
    contested: bool,
    receipt: Receipt,
    /// The key that was paid.
    key: VerifyingKey,
    handle: KeyHandle,
    /// How and why it is given back.
    back: Option<(Transfer, ReturnReason)>,
}

impl New {
    fn jobs(&self) -> Vec<CheckedJob> {
        let messages = [
            Some(self.receipt.message()),
            self.back.as_ref().map(|(back, _)| back.message()),
        ];
        let job = |message| CheckedJob {
            public: self.key,
            job: SignJob {
                key: self.handle.clone(),
                message,
            },
        };
        messages.into_iter().flatten().map(job).collect()
    }
}

fn judge(
    core: &mut Core,
    moment: &mut Moment,
    own: OwnRequest,
    payment: Payment,
    way: Way,
) -> Result<Judged, ReceiveError> {
    if let Some(incoming) = core.store.incoming(&payment.id()).map_err(Fault::from)? {
        if way == Way::Bank && !incoming.recorded {
            let changes = value::on_record(core, &incoming);
            core.commit(changes, moment).map_err(Fault::from)?;
        }
        return Ok(Judged::Known(Box::new(incoming)));
    }
    let contested = way == Way::Bank && fork::keep_proof(core, moment, &payment)?;
    let verified = match check(core, moment, &own, payment.clone(), way) {
        Ok(verified) => verified,
        Err(error) => {
            // Whatever it is refused for: if there is a fork in it, the bank is to know.
            fork::keep_proof(core, moment, &payment)?;
            return Err(error);
        }
    };
    let key = core
        .purse
        .key(&own.request.payee.body.holder_key)
        .filter(|key| key.usage != Usage::Retired)
        .ok_or(ReceiveError::KeyRetired)?;
    let reason = unwanted(core, &own, &verified)?;
    let back = reason.map(|reason| {
        let payer = verified.payment().certificates().first();
        let payer = payer.map(|certificate| certificate.body.holder_key);
        let payer = payer.ok_or(Fault::Store(StoreError::Damaged))?;
        let back = Transfer::returning(verified.payment().id(), verified.amount(), payer);
        Ok::<_, Fault>((back, reason))
    });
    Ok(Judged::New(Box::new(New {
        receipt: Receipt {
            transfer: verified.payment().id(),
            taken_at: moment.now,
        },
        key: key.public,
        handle: key.handle.clone(),
        back: back.transpose()?,
        verified,
        own,
        way,
        contested,
    })))
}

fn check(
    core: &Core,
    moment: &Moment,
    own: &OwnRequest,
    payment: Payment,
    way: Way,
) -> Result<Verified, ReceiveError> {
    let expected = Expected::from(&own.request);
    Ok(match way {
        Way::Bank => verify_recorded(payment, &expected, &core.purse.trust)?,
        Way::Tap => {
            let context = Context {
                now: moment.now,
                trust: &core.purse.trust,
                consumed: &fork::seen(core, &payment).map_err(Fault::from)?,
                limits: core.purse.limits().ok_or(Fault::NotEnrolled)?,
            };
            verify(payment, &expected, &context)?
        }
    })
}

/// Why a payment that holds is given back, if it is.
fn unwanted(core: &Core, own: &OwnRequest, verified: &Verified) -> Result<Option<ReturnReason>, Fault> {
    let signers = verified.payment().certificates();
    let least = signers.iter().map(|signer| signer.body.grant.assurance).min();
    Ok(if own.withdrawn {
        Some(ReturnReason::Withdrawn)
    } else if own.paid_by.is_some() {
        Some(ReturnReason::PaidTwice)
    } else if least < own.request.terms.assurance {
        Some(ReturnReason::AssuranceTooLow)
    } else if verified.amount() > room(core)? {
        Some(ReturnReason::BalanceLimit)
    } else {
        None
    })
}

fn commit(
    core: &mut Core,
    moment: &mut Moment,
    new: New,
    signatures: &[Signature],
) -> Result<Incoming, ReceiveError> {
    let payment = new.verified.payment();
    let amount = new.verified.amount();
    let mut signatures = signatures.iter().copied();
    let mut next = || signatures.next().ok_or(Fault::Vault(VaultError::Misbehaved));
    let receipt = ReceiptTaken {
        taken_at: new.receipt.taken_at,
        signature: next()?,
    };
    let mut incoming = Incoming {
        transfer: payment.id(),
        request: new.own.request.id,
        amount,
        receipt,
        signers: payment.certificates().to_vec(),
        returned_by: None,
        recorded: new.way == Way::Bank,
    };
    let mut changes: Vec<_> = value::history(payment).collect();
    changes.extend(value::used(core, [new.key]));
    match new.back {
        None => {
            let piece = value::piece(core, payment, new.key, amount)?;
            changes.push(Change::Gained(Piece {
                unsettled: new.way == Way::Tap,
                contested: new.contested,
                ..piece
            }));
            changes.extend(welcome(core, moment, &incoming)?);
            let paid_by = Some(incoming.transfer);
            changes.push(Change::Request(OwnRequest { paid_by, ..new.own }));
        }
        Some((back, reason)) => {
            let signed = SignedTransfer {
                transfer: back,
                signatures: vec![next()?],
            };
            let outgoing = give_back(core, moment, &incoming, &signed);
            incoming.returned_by = Some(outgoing.transfer);
            changes.extend(value::transfer(&signed));
            changes.push(Change::Outgoing(outgoing));
            changes.push(Change::Event(Event::new(
                moment.now,
                EventKind::GaveBack {
                    transfer: incoming.transfer,
                    amount,
                    reason,
                },
            )));
        }
    }
    changes.push(Change::Incoming(incoming.clone()));
    core.commit(changes, moment).map_err(Fault::from)?;
    if incoming.returned_by.is_some() {
        core.guard_is_behind = true;
    }
    Ok(incoming)
}

/// What the holder hears of money that stays.
fn welcome(core: &Core, moment: &Moment, incoming: &Incoming) -> Result<Vec<Change>, Fault> {
    let payer = incoming.signers.first();
    let mut events = vec![EventKind::Received {
        transfer: incoming.transfer,
        request: incoming.request,
        amount: incoming.amount,
        payer: payer.and_then(|certificate| certificate.body.grant.name.clone()),
    }];
    if room(core)? <= incoming.amount {
        let limits = core.purse.limits().ok_or(Fault::NotEnrolled)?;
        events.push(EventKind::LimitReached {
            balance: limits.balance,
        });
    }
    Ok(events
        .into_iter()
        .map(|kind| Change::Event(Event::new(moment.now, kind)))
        .collect())
}

/// The row of a return. Its bytes are what the payer is told: the receipt, and the signature.
fn give_back(core: &Core, moment: &Moment, incoming: &Incoming, signed: &SignedTransfer) -> Outgoing {
    let told = ShortReceipt {
        returned: signed.signatures.first().copied(),
        ..short(&incoming.receipt)
    };
    let purpose = Purpose::Return {
        paid: incoming.transfer,
        request: incoming.request,
    };
    Outgoing::signed(
        signed.transfer.id(),
        purpose,
        incoming.amount,
        moment.now,
        cbor::encode(&told),
        core.next_commit(),
    )
}

//! The end that both sides know of: the payee's receipt, and perhaps the money back.

use protocol::{
    Amount, Body as _, Expected, HolderCertificate, Id, Payment, Receipt, Reference, Signature, Signed,
    SignedTransfer, Transfer, VerifyingKey, message::ShortReceipt, verify_recorded,
};

use super::{
    fork,
    keys::retire_destroyed,
    operation::{Core, Moment, Operation},
    receive::short,
    value,
};
use crate::{
    error::{Fault, HandoffError, ReceiveError},
    event::{Event, EventKind},
    model::{Change, Element, End, Incoming, Outgoing, Piece, Purpose, ReceiptTaken, Usage},
    store::StoreError,
    vault::{CheckedJob, SignJob, VaultError, sign_checked},
};

/// What a receipt said.
pub(crate) enum Confirmed {
    /// The payee took it.
    Taken,
    /// The payee took it and gave it back.
    GivenBack {
        /// How much came back.
        amount: Amount,
        /// Our receipt for that.
        receipt: ShortReceipt,
    },
}

/// The payee's receipt ends the doubt. A repeated one changes nothing and is answered the same way.
///
/// `mended`: the payment was signed in an earlier tap.
pub(crate) fn take_receipt(
    operation: &mut Operation<'_>,
    transfer: &Id,
    receipt: ShortReceipt,
    mended: bool,
) -> Result<Confirmed, HandoffError> {
    let back = operation.with(|core, moment| {
        let outgoing = outgoing(core, transfer)?;
        let payee = check(core, &outgoing, &receipt)?;
        let back = match receipt.returned {
            None => None,
            Some(signature) => Back::told(core, moment, &outgoing, payee, signature)?,
        };
        match &back {
            None => confirm(core, moment, outgoing, &receipt, mended)?,
            Some(back) => {
                if let Some(known) = core.store.incoming(&back.id).map_err(Fault::from)? {
                    return Ok(Next::Known(Box::new(known)));
                }
            }
        }
        Ok::<_, HandoffError>(back.map_or(Next::Nothing, |back| Next::Take(Box::new(back))))
    })?;
    match back {
        Next::Nothing => Ok(Confirmed::Taken),
        Next::Known(known) => Ok(Confirmed::GivenBack {
            amount: known.amount,
            receipt: short(&known.receipt),
        }),
        Next::Take(back) => Ok(Confirmed::GivenBack {
            amount: back.piece.amount,
            receipt: take_back(operation, *back, Some(receipt), None)?,
        }),
    }
}

/// Takes a return that the bank delivers, once.
pub(crate) fn take_delivered_return(
    operation: &mut Operation<'_>,
    paid: &Id,
    payment: Payment,
) -> Result<(), ReceiveError> {
    let id = payment.id();
    let back = operation.with(|core, moment| {
        if let Some(mut known) = core.store.incoming(&id).map_err(Fault::from)? {
            if !known.recorded {
                known.recorded = true;
                core.commit(vec![Change::Incoming(known)], moment)
                    .map_err(Fault::from)?;
            }
            return Ok(None);
        }
        Back::delivered(core, paid, payment).map(Some)
    })?;
    if let Some(back) = back {
        take_back(operation, back, None, Some(End::Recorded)).map_err(|error| match error {
            HandoffError::Fault(fault) => ReceiveError::Fault(fault),
            _ => ReceiveError::UnknownRequest,
        })?;
    }
    Ok(())
}

enum Next {
    Nothing,
    Known(Box<Incoming>),
    Take(Box<Back>),
}

/// Money that comes back: by which transfer, to which of our keys, as which piece.
struct Back {
    id: Id,
    paid: Id,
    history: Vec<Change>,
    piece: Piece,
    signers: Vec<Signed<HolderCertificate>>,
}

impl Back {
    /// As told in a tap: all of the payment, in the one transfer that can be meant. `None` if this wallet knows already
    /// that the payee passed the money on: then the receipt counts, and the return is a fork of the payee's.
    fn told(
        core: &mut Core,
        moment: &mut Moment,
        outgoing: &Outgoing,
        payee: VerifyingKey,
        signature: Signature,
    ) -> Result<Option<Self>, HandoffError> {
        let Purpose::Payment(request) = &outgoing.purpose else {
            return Err(HandoffError::OutOfOrder);
        };
        let damaged = Fault::Store(StoreError::Damaged);
        let payment = Payment::decode_answer(&outgoing.bytes, request).map_err(|_| damaged)?;
        let payer = payment.certificates().first().ok_or(damaged)?.body.holder_key;
        let back = Transfer::returning(outgoing.transfer, outgoing.amount, payer);
        payee
            .verify(&back.message(), &signature)
            .map_err(|_| HandoffError::ReceiptForged)?;
        let id = back.id();
        let signed = SignedTransfer {
            transfer: back,
            signatures: vec![signature],
        };
        for input in &signed.transfer.inputs {
            let consumer = core.store.consumer(input).map_err(Fault::from)?;
            if let Some(passed_on) = consumer.filter(|by| *by != id) {
                fork::keep_proof_of_return(core, moment, *input, passed_on, &signed)?;
                return Ok(None);
            }
        }
        Ok(Some(Self {
            id,
            paid: outgoing.transfer,
            history: value::transfer(&signed).collect(),
            piece: value::returned_piece(core, &payment, id, payer, outgoing.amount)?,
            signers: vec![request.payee.clone()],
        }))
    }

    /// As the bank has it on record: all of the payment, or a part of it.
    fn delivered(core: &Core, paid: &Id, payment: Payment) -> Result<Self, ReceiveError> {
        let output = payment.final_transfer().outputs.first();
        let payee = output.ok_or(ReceiveError::UnknownRequest)?.holder_key;
        let expected = Expected {
            payee,
            reference: Reference::to_return(paid),
            amount: None,
        };
        let verified = verify_recorded(payment, &expected, &core.purse.trust)?;
        let payment = verified.payment();
        Ok(Self {
            id: payment.id(),
            paid: *paid,
            history: value::history(payment).collect(),
            piece: Piece {
                unsettled: false,
                ..value::piece(core, payment, payee, verified.amount())?
            },
            signers: payment.certificates().to_vec(),
        })
    }
}

/// Signs a receipt for what came back, and stores both.
fn take_back(
    operation: &mut Operation<'_>,
    back: Back,
    receipt: Option<ShortReceipt>,
    end: Option<End>,
) -> Result<ShortReceipt, HandoffError> {
    let (job, own) = operation.with(|core, moment| {
        let key = core
            .purse
            .key(&back.piece.owner)
            .filter(|key| key.usage != Usage::Retired)
            .ok_or(Fault::KeyRetired)?;
        let own = Receipt {
            transfer: back.id,
            taken_at: moment.now,
        };
        let job = CheckedJob {
            public: key.public,
            job: SignJob {
                key: key.handle.clone(),
                message: own.message(),
            },
        };
        Ok::<_, Fault>((job, own))
    })?;
    let signed = operation.outside(|platform| sign_checked(&*platform.vault, vec![job]));
    if signed == Err(VaultError::KeyInvalidated) && retire_destroyed(operation, &[back.piece.owner])? {
        // It comes back all the same, but through the bank, when the window closes on it.
        return Err(Fault::KeyRetired.into());
    }
    let signature = signed
        .map_err(Fault::from)?
        .pop()
        .ok_or(Fault::Vault(VaultError::Misbehaved))?;
    let own = ReceiptTaken {
        taken_at: own.taken_at,
        signature,
    };
    operation.with(|core, moment| {
        let mut outgoing = outgoing(core, &back.paid)?;
        let Purpose::Payment(request) = outgoing.purpose.clone() else {
            return Err(HandoffError::OutOfOrder);
        };
        if let Some(receipt) = receipt {
            outgoing.receipt = Some(taken(&receipt));
        }
        let mut changes = back.history;
        // What came back whole was not spent. Of a part, a refund say, nobody knows for what it is.
        if outgoing.returned_by.is_none() && back.piece.amount == outgoing.amount {
            changes.push(Change::Spending(core.purse.spending().without(&outgoing)));
        }
        outgoing.returned_by = Some(back.id);
        outgoing.end = outgoing.end.or(end);
        changes.extend(outgoing.doubt_event().map(Change::EventDone));
        changes.push(Change::Event(Event::new(
            moment.now,
            EventKind::Returned {
                transfer: back.paid,
                amount: back.piece.amount,
                payee: request.payee_name(),
            },
        )));
        changes.push(Change::Incoming(Incoming {
            transfer: back.id,
            request: request.id,
            amount: back.piece.amount,
            receipt: own,
            signers: back.signers,
            returned_by: None,
            recorded: end.is_some(),
        }));
        changes.push(Change::Outgoing(outgoing));
        changes.push(Change::Gained(back.piece));
        core.commit(changes, moment).map_err(Fault::from)?;
        Ok(())
    })?;
    Ok(short(&own))
}

/// The receipt alone.
fn confirm(
    core: &mut Core,
    moment: &mut Moment,
    mut outgoing: Outgoing,
    receipt: &ShortReceipt,
    mended: bool,
) -> Result<(), Fault> {
    if outgoing.receipt.is_some() {
        return Ok(());
    }
    outgoing.receipt = Some(taken(receipt));
    let mut changes: Vec<_> = outgoing
        .doubt_event()
        .map(Change::EventDone)
        .into_iter()
        .collect();
    if let Purpose::Payment(request) = &outgoing.purpose {
        changes.push(Change::Event(Event::new(
            moment.now,
            EventKind::Paid {
                transfer: outgoing.transfer,
                amount: outgoing.amount,
                payee: request.payee_name(),
                mended,
            },
        )));
    }
    changes.push(Change::Outgoing(outgoing));
    Ok(core.commit(changes, moment)?)
}

/// The receipt is the payee's, over this very transfer. Returns the payee.
fn check(core: &Core, outgoing: &Outgoing, receipt: &ShortReceipt) -> Result<VerifyingKey, HandoffError> {
    let payee = payee_of(core, &outgoing.transfer)?;
    Signed {
        body: Receipt {
            transfer: outgoing.transfer,
            taken_at: receipt.taken_at,
        },
        signature: receipt.signature,
    }
    .verify(&payee)
    .map_err(|_| HandoffError::ReceiptForged)?;
    Ok(payee)
}

/// To whom a transfer of this wallet was signed.
pub(super) fn payee_of(core: &Core, transfer: &Id) -> Result<VerifyingKey, Fault> {
    match core.store.element(transfer)? {
        Some(Element::Transfer(signed)) => signed.transfer.outputs.first().map(|output| output.holder_key),
        _ => None,
    }
    .ok_or(Fault::Store(StoreError::Damaged))
}

fn outgoing(core: &Core, transfer: &Id) -> Result<Outgoing, HandoffError> {
    core.store
        .outgoing(transfer)
        .map_err(Fault::from)?
        .ok_or(HandoffError::OutOfOrder)
}

const fn taken(receipt: &ShortReceipt) -> ReceiptTaken {
    ReceiptTaken {
        taken_at: receipt.taken_at,
        signature: receipt.signature,
    }
}

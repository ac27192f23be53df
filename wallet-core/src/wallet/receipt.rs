//! The end that both sides know of: the payee's receipt, and perhaps the money back.

use protocol::{
    Amount, Body as _, Expected, HolderCertificate, Id, Payment, Receipt, Reference, Request, Signature,
    Signed, SignedTransfer, Transfer, Verified, VerifyingKey, message::ShortReceipt, verify_recorded,
};

use super::{
    fork,
    keys::sign,
    operation::{Core, Moment, Operation},
    receive::short,
    refund, value,
};
use crate::{
    error::{Fault, HandoffError, ReceiveError},
    event::{Event, EventKind},
    model::{Change, Element, End, Incoming, Outgoing, Piece, Purpose, ReceiptTaken, Usage},
    store::StoreError,
    vault::{CheckedJob, SignJob, VaultError},
};

/// What a receipt said.
pub(crate) enum Confirmed {
    /// The payee took it.
    Taken,
    /// The payee took it and gave it back.
    GivenBack {
        /// By which transfer.
        by: Id,
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
            by: known.transfer,
            amount: known.amount,
            receipt: short(&known.receipt),
        }),
        Next::Take(back) => Ok(Confirmed::GivenBack {
            by: back.id,
            amount: back.piece.amount,
            receipt: take_back(
                operation,
                *back,
                Brought {
                    receipt: Some(receipt),
                    ..Brought::default()
                },
            )?,
        }),
    }
}

/// Takes a return that the bank delivers, once; and tells whether it was news.
pub(crate) fn take_delivered_return(
    operation: &mut Operation<'_>,
    paid: &Id,
    payment: Payment,
) -> Result<bool, ReceiveError> {
    let id = payment.id();
    let back = operation.with(|core, moment| {
        if let Some(known) = core.store.incoming(&id).map_err(Fault::from)? {
            if !known.recorded {
                core.commit(value::on_record(core, &known), moment)
                    .map_err(Fault::from)?;
            }
            return Ok(None);
        }
        // Money back may be other money than the payment brought. Then the bank need not have heard of the payment, and
        // whoever sent it need not be its payee: it ends no doubt, and the payment is still to be reported.
        let paid_with_it = payment
            .transfers()
            .iter()
            .any(|signed| signed.transfer.id() == *paid);
        let back = Back::delivered(core, paid, payment)?;
        Ok::<_, ReceiveError>(Some((back, paid_with_it)))
    })?;
    let Some((back, paid_with_it)) = back else {
        return Ok(false);
    };
    let brought = Brought {
        receipt: None,
        end: paid_with_it.then_some(End::Recorded),
        on_record: true,
    };
    take_back(operation, back, brought)?;
    Ok(true)
}

enum Next {
    Nothing,
    Known(Box<Incoming>),
    Take(Box<Back>),
}

/// Money that comes back: by which transfer, to which of our keys, as which piece.
pub(super) struct Back {
    pub(super) id: Id,
    paid: Id,
    /// It is what the payment brought, undivided: then the payment is undone, and else a refund of it has come.
    undoes: bool,
    history: Vec<Change>,
    pub(super) piece: Piece,
    signers: Vec<Signed<HolderCertificate>>,
}

/// What came along with it.
#[derive(Default)]
pub(super) struct Brought {
    /// The receipt for what was paid.
    pub(super) receipt: Option<ShortReceipt>,
    /// How what was paid ended at the bank, if it ended there.
    pub(super) end: Option<End>,
    /// The bank brought it, and has it on record.
    pub(super) on_record: bool,
}

impl Back {
    /// As told in a tap: all of the payment, in the one transfer that can be meant. `None` if this wallet knows already
    /// that the payee passed the money on: then the receipt counts, and the return is a fork of the payee's. So it does if a
    /// part has come back before: nobody honest gives more back than was paid.
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
        let payment = paid_with(outgoing, request)?;
        let payer = first_signer(&payment)?;
        let back = Transfer::returning(outgoing.transfer, outgoing.amount, payer);
        payee
            .verify(&back.message(), &signature)
            .map_err(|_| HandoffError::ReceiptForged)?;
        let id = back.id();
        if outgoing.returned_by != Some(id) && still_out(core, outgoing)? < outgoing.amount {
            return Ok(None);
        }
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
            undoes: true,
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
        let sent = core.store.outgoing(paid).map_err(Fault::from)?;
        let sent = sent.ok_or(ReceiveError::UnknownRequest)?;
        let mut back = Self::verified(core, &sent, &verified)?;
        back.piece.unsettled = false;
        Ok(back)
    }

    /// As it was verified: all of what was `sent`, or a part of it.
    pub(super) fn verified(core: &Core, sent: &Outgoing, verified: &Verified) -> Result<Self, Fault> {
        let payment = verified.payment();
        let owner = payee_key(payment)?;
        let undoing = Transfer::returning(sent.transfer, sent.amount, owner);
        Ok(Self {
            id: payment.id(),
            paid: sent.transfer,
            undoes: payment.id() == undoing.id(),
            history: value::history(payment).collect(),
            piece: value::piece(core, payment, owner, verified.amount())?,
            signers: payment.certificates().to_vec(),
        })
    }
}

/// Whom the last transfer of a payment pays.
fn payee_key(payment: &Payment) -> Result<VerifyingKey, Fault> {
    let output = payment.final_transfer().outputs.first();
    Ok(output.ok_or(StoreError::Damaged)?.holder_key)
}

/// The key that returns and refunds of a payment of ours go to.
pub(super) fn payer_of(sent: &Outgoing) -> Result<VerifyingKey, Fault> {
    match &sent.purpose {
        Purpose::Payment(request) => first_signer(&paid_with(sent, request)?),
        _ => Err(StoreError::Damaged.into()),
    }
}

fn paid_with(sent: &Outgoing, request: &Request) -> Result<Payment, Fault> {
    Ok(Payment::decode_answer(&sent.bytes, request).map_err(|_| StoreError::Damaged)?)
}

fn first_signer(payment: &Payment) -> Result<VerifyingKey, Fault> {
    let certificate = payment.certificates().first();
    Ok(certificate.ok_or(StoreError::Damaged)?.body.holder_key)
}

/// How much of what was paid has not come back.
pub(super) fn still_out(core: &Core, sent: &Outgoing) -> Result<Amount, Fault> {
    if sent.returned_by.is_some() {
        return Ok(Amount::ZERO);
    }
    let refunds = core.store.refunds_of(&sent.transfer)?;
    Ok(sent.amount.saturating_sub(refunds.total()))
}

/// Signs a receipt for what came back, and stores both.
pub(super) fn take_back(
    operation: &mut Operation<'_>,
    back: Back,
    brought: Brought,
) -> Result<ShortReceipt, Fault> {
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
    // With the key destroyed it comes back all the same, but through the bank, when the window closes on it.
    let signed = sign(operation, vec![job])?.ok_or(Fault::KeyRetired)?.pop();
    let signature = signed.ok_or(VaultError::Misbehaved)?;
    let own = ReceiptTaken {
        taken_at: own.taken_at,
        signature,
    };
    operation.with(|core, moment| {
        let mut outgoing = core.store.outgoing(&back.paid)?.ok_or(StoreError::Damaged)?;
        let Purpose::Payment(request) = outgoing.purpose.clone() else {
            return Err(StoreError::Damaged.into());
        };
        if let Some(receipt) = brought.receipt {
            outgoing.receipt.get_or_insert(taken(&receipt));
        }
        outgoing.end = outgoing.end.or(brought.end);
        let mut changes = back.history;
        // What came back whole was not spent. Of a part, a refund say, nobody knows for what it is.
        if back.undoes && outgoing.returned_by.is_none() {
            changes.push(Change::Spending(core.purse.spending().without(&outgoing)));
        }
        if !outgoing.is_in_doubt() {
            changes.extend(outgoing.doubt_event().map(Change::EventDone));
        }
        let (transfer, amount) = (back.paid, back.piece.amount);
        let payee = request.payee_name();
        let happened = if back.undoes {
            outgoing.returned_by = Some(back.id);
            EventKind::Returned {
                transfer,
                amount,
                payee,
            }
        } else {
            let refunds = refund::and_another(core, &back.paid, back.id, amount)?;
            changes.push(Change::Refunds(refunds));
            EventKind::Refunded {
                transfer,
                amount,
                payee,
            }
        };
        changes.push(Change::Event(Event::new(moment.now, happened)));
        changes.push(Change::Incoming(Incoming {
            transfer: back.id,
            request: request.id,
            amount: back.piece.amount,
            receipt: own,
            signers: back.signers,
            returned_by: None,
            recorded: brought.on_record,
        }));
        changes.push(Change::Outgoing(outgoing));
        changes.push(Change::Gained(back.piece));
        Ok::<_, Fault>(core.commit(changes, moment)?)
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
pub(super) fn check(
    core: &Core,
    outgoing: &Outgoing,
    receipt: &ShortReceipt,
) -> Result<VerifyingKey, HandoffError> {
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

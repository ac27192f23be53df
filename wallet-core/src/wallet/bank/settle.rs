//! Settling: value on this device goes to the operator's settlement key, by an ordinary transfer. A deposit makes it account
//! money; a refresh makes it fresh notes.
//!
//! The signed call is stored with the transfer, so the same order gets the same answer, whatever is lost on the way. Until
//! then the value is in doubt: never gone.

use protocol::{
    Amount, Id, Payment, Receipt, Reference, Signed, VerifyingKey,
    bank::{Answer, IdempotencyKey, Order},
    cbor,
};

use super::{
    super::{
        Inner,
        operation::Core,
        pay::{self, Destination},
        receipt as receipts,
    },
    refresh::{fresh, notes_to},
    refusal, send, sign_call,
};
use crate::{
    error::{BankError, Fault, PayError},
    event::{Event, EventKind},
    model::{Change, End, Piece, Purpose, ReceiptTaken},
    platform::BankTransport,
    purse::sum,
    rules::Rules,
    store::StoreError,
};

/// What is settled.
pub(super) enum Settling {
    /// So much, out of whatever pieces: into account money.
    Deposit(Amount),
    /// These pieces: into fresh notes.
    Refresh(Vec<Piece>),
}

/// Signs the transfer, and the call that brings it to the operator.
pub(super) fn sign(inner: &Inner, settling: Settling) -> Result<Id, BankError> {
    let mut operation = inner.operation()?;
    let (amount, pieces) = match settling {
        Settling::Deposit(amount) => (amount, None),
        Settling::Refresh(pieces) => (sum(pieces.iter().map(|piece| piece.amount)), Some(pieces)),
    };
    let refreshes = pieces.is_some();
    let (destination, key, keys, signer) = operation.with(|core, moment| {
        if amount.is_zero() {
            return Err(BankError::Pay(PayError::Zero));
        }
        let today = moment.now.day();
        let key = IdempotencyKey::from_bytes(moment.draw());
        let reference = if refreshes {
            Reference::to_refresh
        } else {
            Reference::to_deposit
        };
        let destination = Destination {
            payee: operator_key(core)?,
            reference: reference(&core.account(), key.as_bytes()),
            amount,
            rules: Rules::at_bank(today),
            pieces,
            spends: None,
        };
        let keys = refreshes.then(|| notes_to(&core.purse, today).collect());
        Ok((destination, key, keys, core.account_key().map_err(Fault::from)?))
    })?;
    Ok(pay::sign_and_commit(
        &mut operation,
        &destination,
        |_, payment: &Payment, _| {
            let payment = payment.encode();
            let fits = payment.len() <= Payment::MAX_BYTES;
            let (purpose, order) = match keys {
                Some(keys) => (Purpose::Refresh(key), Order::Refresh { payment, keys }),
                None => (Purpose::Deposit(key), Order::Deposit { payment }),
            };
            fits.then(|| (purpose, cbor::encode(&sign_call(&signer, key, order))))
        },
    )?)
}

/// The key to which deposits and refreshes go.
fn operator_key(core: &Core) -> Result<VerifyingKey, Fault> {
    let grant = core.purse.grant();
    let operator = grant.and_then(|grant| core.purse.trust.operator(grant.operator));
    Ok(operator.ok_or(Fault::NotEnrolled)?.settlement_key)
}

/// What the bank has not answered.
pub(super) fn unsettled(core: &Core) -> Vec<Id> {
    let in_doubt = core.purse.in_doubt().iter();
    let unsettled = in_doubt.filter(|(_, doubt)| doubt.request.is_none() && !doubt.frozen);
    unsettled.map(|(transfer, _)| *transfer).collect()
}

/// Sends one of them, for the first time or again, and stores the operator's receipt, and the notes that come with it.
pub(super) fn finish(inner: &Inner, bank: &dyn BankTransport, transfer: &Id) -> Result<(), BankError> {
    let released = pay::release(&mut inner.operation()?, transfer)?;
    let call = released.ok_or(Fault::Store(StoreError::Damaged))?.into_bytes();
    let answer = send(inner, bank, &call)?;
    inner.operation()?.with(|core, moment| {
        let outgoing = core.store.outgoing(transfer).map_err(Fault::from)?;
        let mut outgoing = outgoing.ok_or(Fault::Store(StoreError::Damaged))?;
        if !outgoing.is_in_doubt() {
            // Another sync was quicker.
            return Ok(());
        }
        let mut changes = Vec::new();
        let (receipt, end) = match (answer, &outgoing.purpose) {
            (Answer::Refreshed { receipt, notes }, Purpose::Refresh(_)) => {
                changes.extend(fresh(core, &call, outgoing.amount, notes)?);
                (receipt, End::Recorded)
            }
            (Answer::Deposited { receipt }, Purpose::Refresh(_)) => {
                let amount = outgoing.amount;
                let kind = EventKind::NotRefreshed { amount };
                changes.push(Change::Event(Event::new(moment.now, kind)));
                (receipt, End::Deposited)
            }
            // Settled is more than recorded.
            (Answer::Deposited { receipt }, _) => (receipt, End::Recorded),
            // A refusal does not end the doubt: the transfer is signed, and stays so.
            (other, _) => return Err(refusal(&other)),
        };
        outgoing.receipt = Some(settled(core, transfer, &receipt)?);
        outgoing.end = Some(end);
        changes.push(Change::Outgoing(outgoing));
        Ok(core.commit(changes, moment).map_err(Fault::from)?)
    })
}

/// The operator's receipt, if it is one for this transfer.
fn settled(core: &Core, transfer: &Id, receipt: &Signed<Receipt>) -> Result<ReceiptTaken, BankError> {
    let Receipt {
        transfer: receipted,
        taken_at,
    } = receipt.body;
    // Whom it was signed to: the receipt must be theirs, whatever the operator's key is today.
    let payee = receipts::payee_of(core, transfer)?;
    if receipted != *transfer || receipt.verify(&payee).is_err() {
        return Err(BankError::InvalidAnswer);
    }
    Ok(ReceiptTaken {
        taken_at,
        signature: receipt.signature,
    })
}

//! Depositing: value on this device becomes account money. An ordinary transfer, to the operator's settlement key.

use protocol::{
    Amount, Id, Payment, Receipt, Reference,
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
    refusal, send, sign_call,
};
use crate::{
    error::{BankError, Fault, PayError},
    model::{Change, End, Purpose, ReceiptTaken},
    platform::BankTransport,
    purse::Rules,
    store::StoreError,
};

/// Signs a transfer to the operator's settlement key, and the call that brings it there.
pub(super) fn sign_deposit(inner: &Inner, amount: Amount) -> Result<Id, BankError> {
    let mut operation = inner.operation()?;
    let (destination, key) = operation.with(|core, moment| {
        if amount.is_zero() {
            return Err(BankError::Pay(PayError::Zero));
        }
        let operator = core
            .purse
            .grant()
            .and_then(|grant| core.purse.trust.operator(grant.operator));
        let payee = operator.ok_or(Fault::NotEnrolled)?.settlement_key;
        let key = IdempotencyKey::from_bytes(moment.draw());
        let reference = Reference::to_deposit(&core.account_key().verifying_key(), key.as_bytes());
        Ok((
            Destination {
                payee,
                reference,
                amount,
                rules: Rules::at_bank(moment.now.day()),
                pieces: None,
            },
            key,
        ))
    })?;
    Ok(pay::sign_and_commit(
        &mut operation,
        &destination,
        |core, payment: &Payment, _| {
            let bytes = payment.encode();
            let fits = bytes.len() <= Payment::MAX_BYTES;
            let call = sign_call(core, key, Order::Deposit { payment: bytes });
            fits.then(|| (Purpose::Deposit(key), cbor::encode(&call)))
        },
    )?)
}

pub(super) fn deposits_in_doubt(core: &Core) -> Vec<Id> {
    let in_doubt = core.purse.in_doubt().iter();
    let deposits = in_doubt.filter(|(_, doubt)| doubt.request.is_none() && !doubt.frozen);
    deposits.map(|(transfer, _)| *transfer).collect()
}

/// Sends a deposit, for the first time or again, and stores the operator's receipt.
pub(super) fn finish_deposit(
    inner: &Inner,
    bank: &dyn BankTransport,
    transfer: &Id,
) -> Result<(), BankError> {
    let released = pay::release(&mut inner.operation()?, transfer)?;
    let call = released.ok_or(Fault::Store(StoreError::Damaged))?.into_bytes();
    let answer = send(inner, bank, &call)?;
    let Answer::Deposited { receipt } = answer else {
        // A refusal does not end the doubt: the transfer is signed, and stays so.
        return Err(refusal(&answer));
    };
    inner.operation()?.with(|core, moment| {
        let outgoing = core.store.outgoing(transfer).map_err(Fault::from)?;
        let mut outgoing = outgoing.ok_or(Fault::Store(StoreError::Damaged))?;
        let Receipt {
            transfer: receipted,
            taken_at,
        } = receipt.body;
        // Whom it was signed to: the receipt must be theirs, whatever the operator's key is today.
        let payee = receipts::payee_of(core, transfer)?;
        if receipted != *transfer || receipt.verify(&payee).is_err() {
            return Err(BankError::InvalidAnswer);
        }
        outgoing.receipt = Some(ReceiptTaken {
            taken_at,
            signature: receipt.signature,
        });
        // Settled is more than recorded.
        outgoing.end = Some(End::Recorded);
        Ok(core
            .commit(vec![Change::Outgoing(outgoing)], moment)
            .map_err(Fault::from)?)
    })
}

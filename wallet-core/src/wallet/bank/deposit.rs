//! Depositing: value on this device becomes account money. An ordinary transfer, to the operator's settlement key.

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
    refresh::finish_refresh,
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
    let (destination, key, signer) = operation.with(|core, moment| {
        if amount.is_zero() {
            return Err(BankError::Pay(PayError::Zero));
        }
        let payee = operator_key(core)?;
        let key = IdempotencyKey::from_bytes(moment.draw());
        let reference = Reference::to_deposit(&core.account(), key.as_bytes());
        Ok((
            Destination {
                payee,
                reference,
                amount,
                rules: Rules::at_bank(moment.now.day()),
                pieces: None,
                spends: None,
            },
            key,
            core.account_key().map_err(Fault::from)?,
        ))
    })?;
    Ok(pay::sign_and_commit(
        &mut operation,
        &destination,
        |_, payment: &Payment, _| {
            let bytes = payment.encode();
            let fits = bytes.len() <= Payment::MAX_BYTES;
            let call = sign_call(&signer, key, Order::Deposit { payment: bytes });
            fits.then(|| (Purpose::Deposit(key), cbor::encode(&call)))
        },
    )?)
}

/// The key to which deposits and refreshes go.
pub(super) fn operator_key(core: &Core) -> Result<VerifyingKey, Fault> {
    let grant = core.purse.grant();
    let operator = grant.and_then(|grant| core.purse.trust.operator(grant.operator));
    Ok(operator.ok_or(Fault::NotEnrolled)?.settlement_key)
}

/// Deposits and refreshes that the bank has not answered.
pub(super) fn unsettled(core: &Core) -> Vec<Id> {
    let in_doubt = core.purse.in_doubt().iter();
    let unsettled = in_doubt.filter(|(_, doubt)| doubt.request.is_none() && !doubt.frozen);
    unsettled.map(|(transfer, _)| *transfer).collect()
}

/// Sends one of them again.
pub(super) fn finish(inner: &Inner, bank: &dyn BankTransport, transfer: &Id) -> Result<(), BankError> {
    let outgoing = inner
        .operation()?
        .with(|core, _| core.store.outgoing(transfer).map_err(Fault::from))?;
    match outgoing.map(|outgoing| outgoing.purpose) {
        Some(Purpose::Refresh(_)) => finish_refresh(inner, bank, transfer),
        _ => finish_deposit(inner, bank, transfer),
    }
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
        outgoing.receipt = Some(settled(core, transfer, &receipt)?);
        // Settled is more than recorded.
        outgoing.end = Some(End::Recorded);
        Ok(core
            .commit(vec![Change::Outgoing(outgoing)], moment)
            .map_err(Fault::from)?)
    })
}

/// The operator's receipt, if it is one for this transfer.
pub(super) fn settled(
    core: &Core,
    transfer: &Id,
    receipt: &Signed<Receipt>,
) -> Result<ReceiptTaken, BankError> {
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

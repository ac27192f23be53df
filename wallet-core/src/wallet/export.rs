//! Receipts for third persons: a file that proves a payment to whoever has the issuer's root.

use protocol::{HolderCertificate, Id, Payment, Receipt, ReceiptFile, Signed, cbor, message::Refund};

use super::{Inner, operation::Core, value};
use crate::{
    error::{Fault, ReceiptError},
    model::{Outgoing, Purpose, ReceiptTaken},
    store::StoreError,
};

/// The file for a payment, a return or a refund that this wallet made or took, and that is receipted.
pub(super) fn receipt(inner: &Inner, transfer: &Id) -> Result<Vec<u8>, ReceiptError> {
    inner.operation()?.with(|core, _| {
        let (payment, taken, payee) = match core.store.outgoing(transfer).map_err(Fault::from)? {
            Some(outgoing) => sent(core, &outgoing)?,
            None => taken(core, transfer)?,
        };
        let receipt = Signed {
            body: Receipt {
                transfer: *transfer,
                taken_at: taken.taken_at,
            },
            signature: taken.signature,
        };
        Ok(ReceiptFile::new(&payment, receipt, payee, &core.purse.trust).encode())
    })
}

type Parts = (Payment, ReceiptTaken, Signed<HolderCertificate>);

fn sent(core: &Core, outgoing: &Outgoing) -> Result<Parts, ReceiptError> {
    let damaged = Fault::Store(StoreError::Damaged);
    let taken = outgoing.receipt.ok_or(ReceiptError::NoReceipt)?;
    let (payment, payee) = match &outgoing.purpose {
        Purpose::Payment(request) => (
            Payment::decode_answer(&outgoing.bytes, request).map_err(|_| damaged)?,
            request.payee.clone(),
        ),
        Purpose::Return { paid, .. } => {
            let request = core.store.incoming(paid).map_err(Fault::from)?.ok_or(damaged)?;
            let own = core.store.request(&request.request).map_err(Fault::from)?;
            let own = own.ok_or(damaged)?.request.payee;
            let payment = value::rebuild(core, &outgoing.transfer, vec![own])?;
            (payment, payer_of(core, paid)?)
        }
        Purpose::Refund { paid, .. } => {
            let refund: Refund = cbor::decode("refund", &outgoing.bytes).map_err(|_| damaged)?;
            let payment = Payment::decode(&refund.payment).map_err(|_| damaged)?;
            (payment, payer_of(core, paid)?)
        }
        // The bank's own books say that.
        Purpose::Deposit(_) | Purpose::Refresh(_) => return Err(ReceiptError::NoReceipt),
    };
    Ok((payment, taken, payee))
}

/// Who paid, and is paid back.
fn payer_of(core: &Core, paid: &Id) -> Result<Signed<HolderCertificate>, Fault> {
    let incoming = core.store.incoming(paid)?.ok_or(StoreError::Damaged)?;
    Ok(incoming.signers.into_iter().next().ok_or(StoreError::Damaged)?)
}

fn taken(core: &Core, transfer: &Id) -> Result<Parts, ReceiptError> {
    let incoming = core.store.incoming(transfer).map_err(Fault::from)?;
    let incoming = incoming.ok_or(ReceiptError::NoReceipt)?;
    let payment = value::rebuild(core, transfer, incoming.signers)?;
    let paid = payment.final_transfer().outputs.first();
    let own = paid.and_then(|output| core.purse.key(&output.holder_key)?.certificate.clone());
    let own = own.ok_or(Fault::Store(StoreError::Damaged))?;
    Ok((payment, incoming.receipt, own))
}

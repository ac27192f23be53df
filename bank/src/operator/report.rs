//! Reports: a payment that a customer signed or took is put on record, and delivered to whoever was paid.
//!
//! No money moves: the payee may already have paid it on. What the operator checks is what only it can know, that those
//! who signed the payment hold certificates that were truly issued (valid, expired or revoked since, no matter) and that
//! the reporter is a party to it. Without the first, a report could name innocent people as the payees of strangers.

use minicbor::{Decode, Encode};
use protocol::{Body as _, Payment, Receipt, Signed, Transfer, bank::Answer, cbor, message::ShortReceipt};
use rusqlite::Connection;

use super::{
    CallError, Operator,
    accounts::Customer,
    breaches,
    calls::Incoming,
    mailbox,
    orders::{self, PendingOrder, Work},
    registry,
    steps::Step,
};
use crate::{
    issuer::api::{IssuerError, IssuerRefusal},
    sql::{Sql, stored},
    store::StoreError,
};

/// What a customer reports.
pub(super) struct Report {
    pub(super) payment: Payment,
    pub(super) receipt: Option<ShortReceipt>,
}

/// A report while it is pending.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
struct Stored {
    #[cbor(n(0), with = "minicbor::bytes")]
    payment: Vec<u8>,
    #[n(1)]
    receipt: Option<ShortReceipt>,
}

impl Report {
    pub(super) fn encode(&self) -> Vec<u8> {
        cbor::encode(&Stored {
            payment: self.payment.encode(),
            receipt: self.receipt,
        })
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let Stored { payment, receipt } = stored(bytes)?;
        let payment = Payment::decode(&payment).map_err(|_| StoreError::Damaged {
            what: "a pending report does not decode",
        })?;
        Ok(Self { payment, receipt })
    }

    /// The receipt as it was signed: inside a channel the id of the transfer is left out.
    fn complete_receipt(&self) -> Option<Signed<Receipt>> {
        self.receipt.map(|short| Signed {
            body: Receipt {
                transfer: self.payment.id(),
                taken_at: short.taken_at,
            },
            signature: short.signature,
        })
    }
}

impl Operator {
    /// Checks a report and brings it to the issuer.
    pub(super) fn report(
        &self,
        incoming: &Incoming,
        payment: &[u8],
        receipt: Option<ShortReceipt>,
    ) -> Result<Vec<u8>, CallError> {
        let payment = Payment::decode(payment)?;
        check_returned(&payment, receipt.as_ref())?;
        self.check_foreign_signers(&payment).map_err(not_certified)?;
        self.begin_or_go_on(incoming, |tx, customer| {
            self.check_own_signers(tx, &payment).map_err(not_certified)?;
            check_party(tx, customer, &payment)?;
            let work = Work::Report(Box::new(Report { payment, receipt }));
            Ok(self.begin(tx, incoming, customer.number, work)?)
        })
    }

    /// The second half of a report, any number of times.
    pub(super) fn drive_report(&self, order: &PendingOrder, report: &Report) -> Result<Vec<u8>, CallError> {
        let receipt = report.complete_receipt();
        match self.issuer.record(&report.payment, receipt.as_ref()) {
            Ok(()) => {
                // Before the order is forgotten: after a crash, this is done again.
                self.testify()?;
                self.complete_report(order, report)
            }
            Err(IssuerError::Refused(refusal)) => {
                self.store
                    .write::<_, CallError>(|tx| Ok(orders::forget(tx, order)?))?;
                Err(IssuerError::Refused(refusal).into())
            }
            Err(no_answer) => Err(no_answer.into()),
        }
    }

    fn complete_report(&self, order: &PendingOrder, report: &Report) -> Result<Vec<u8>, CallError> {
        let payment = &report.payment;
        self.complete(order, |tx, at| {
            tx.prepare_cached(
                "INSERT INTO report (transfer, customer) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute((Sql(payment.id()), order.customer))?;
            breaches::count(tx, payment, report.receipt.as_ref(), at)?;
            deliver(tx, payment)?;
            Step::answered(tx, order, &Answer::Recorded)
        })
    }
}

/// Puts a payment into the mailbox of the customer who was paid, unless that one reported it: then it has it. Who paid it
/// from another phone of the same account has it on the wrong one.
fn deliver(connection: &Connection, payment: &Payment) -> Result<(), CallError> {
    let paid = payment.final_transfer().outputs.first();
    let payee = paid
        .map(|output| registry::owner(connection, &output.holder_key))
        .transpose()?
        .flatten();
    let Some(payee) = payee else { return Ok(()) };
    let owners = payment
        .certificates()
        .iter()
        .map(|signer| registry::owner(connection, &signer.body.holder_key))
        .collect::<Result<Vec<_>, _>>()?;
    let reported_it = connection
        .prepare_cached("SELECT 1 FROM report WHERE transfer = ?1 AND customer = ?2")?
        .exists((Sql(payment.id()), payee))?;
    if !reported_it || owners.contains(&Some(payee)) {
        mailbox::deliver_payment(connection, payee, payment)?;
    }
    Ok(())
}

/// The reporter signed the payment, or was paid.
fn check_party(connection: &Connection, customer: &Customer, payment: &Payment) -> Result<(), CallError> {
    let paid = payment.final_transfer().outputs.first();
    let keys = payment
        .certificates()
        .iter()
        .map(|certificate| certificate.body.holder_key)
        .chain(paid.map(|output| output.holder_key));
    for key in keys {
        if registry::owner(connection, &key)? == Some(customer.number) {
            return Ok(());
        }
    }
    Err(CallError::NotParty)
}

/// If the payee took the payment and gave it back, it signed both.
fn check_returned(payment: &Payment, receipt: Option<&ShortReceipt>) -> Result<(), CallError> {
    let Some(signature) = receipt.and_then(|receipt| receipt.returned) else {
        return Ok(());
    };
    let payer = payment.certificates().first();
    let paid = payment.final_transfer().outputs.first();
    let holds = paid.zip(payer).is_some_and(|(paid, payer)| {
        let returned = Transfer::returning(payment.id(), paid.amount, payer.body.holder_key);
        paid.holder_key.verify(&returned.message(), &signature).is_ok()
    });
    if holds {
        Ok(())
    } else {
        Err(IssuerError::Refused(IssuerRefusal::ReceiptForged).into())
    }
}

/// Whatever is wrong with a certificate, to a report it is one thing.
fn not_certified(error: CallError) -> CallError {
    match error {
        CallError::Certificate(_) => CallError::KeyNotCertified,
        other => other,
    }
}

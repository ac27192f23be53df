//! Recording: a payment is put on record, and nobody's money moves.
//!
//! The payee may already have paid on what it was paid, so only a claim turns value into account money. What recording
//! does is end the payer's doubt, and bring forks to light months before anybody claims them.

use protocol::{Body as _, ForkProof, Id, Payment, Receipt, Signed, verify::check_signatures};
use rusqlite::Connection;

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal},
    evidence,
    failure::{IssuerFailure, Stop},
};
use crate::{sql::Sql, store::StoreError};

impl Issuer {
    /// The signatures are checked before the lock. A payment that is on record already is not looked into again.
    pub(super) fn record_payment(
        &self,
        payment: &Payment,
        receipt: Option<&Signed<Receipt>>,
    ) -> Result<(), IssuerError> {
        check_receipt(payment, receipt)?;
        let at = self.now()?;
        let trust = self.believed().trust.clone();
        let is_known = self
            .store
            .read::<_, StoreError>(|connection| evidence::is_shown(connection, payment.id()))
            .map_err(IssuerFailure::from)?;
        if !is_known {
            check_signatures(payment, &trust).map_err(IssuerRefusal::Forged)?;
        }
        self.store.write::<_, Stop>(|tx| {
            if let Some(receipt) = receipt {
                evidence::keep_receipt(tx, receipt)?;
            }
            if !is_known {
                check_issued(tx, payment)?;
                evidence::show(tx, payment, &trust, at)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Files a fraud proof that somebody else found.
    pub(super) fn file_proof(&self, proof: &ForkProof) -> Result<(), IssuerError> {
        let fork = proof.verify().map_err(IssuerRefusal::ForkProof)?;
        let at = self.now()?;
        self.store
            .write::<_, Stop>(|tx| Ok(evidence::file(tx, proof, &fork, at)?))?;
        Ok(())
    }

    /// Those of these transfers that are on record.
    pub(super) fn known_transfers(&self, transfers: &[Id]) -> Result<Vec<Id>, IssuerFailure> {
        self.store.read(|connection| {
            let mut known = Vec::new();
            for transfer in transfers {
                if evidence::is_seen(connection, *transfer)? {
                    known.push(*transfer);
                }
            }
            Ok(known)
        })
    }
}

/// A receipt is for this payment, and signed by the key that was paid.
fn check_receipt(payment: &Payment, receipt: Option<&Signed<Receipt>>) -> Result<(), IssuerRefusal> {
    let Some(receipt) = receipt else { return Ok(()) };
    let payee = payment.final_transfer().outputs.first();
    let holds = receipt.body.transfer == payment.id()
        && payee.is_some_and(|payee| receipt.verify(&payee.holder_key).is_ok());
    if holds {
        Ok(())
    } else {
        Err(IssuerRefusal::ReceiptForged)
    }
}

/// A good signature is not enough: the issuer knows its own notes.
pub(super) fn check_issued(connection: &Connection, payment: &Payment) -> Result<(), Stop> {
    let mut known = connection.prepare_cached("SELECT 1 FROM note WHERE id = ?1")?;
    for note in payment.notes() {
        if !known.exists([Sql(note.body.id())])? {
            return Err(IssuerRefusal::NeverIssued.into());
        }
    }
    Ok(())
}

//! Deposits: a payment to the settlement key becomes account money.
//!
//! The operator checks what only it can know: that the payment is bound to the calling account and order, and that those
//! who signed it were certified by somebody. Signatures, dates and double spends are the issuer's to check, and are
//! checked once. No certificate is too old for a deposit, no key too disreputable: value that was honestly received must
//! find its way home.

use protocol::{
    Amount, CertificateError, HolderCertificate, Payment, Receipt, Reference, Signed, Timestamp,
    VerifyingKey, bank::Answer,
};
use rusqlite::Connection;

use super::{
    CallError, Operator, OperatorFailure, accounts,
    calls::Incoming,
    load::sum,
    orders::{PendingOrder, Work},
    registry,
    steps::Step,
};
use crate::{
    issuer::api::Settlement,
    ledger::{Entry, Ledger, Reason},
};

impl Operator {
    /// Checks a payment and brings it to the issuer.
    pub(super) fn deposit(&self, incoming: &Incoming, payment: &[u8]) -> Result<Vec<u8>, CallError> {
        let payment = Payment::decode(payment)?;
        let reference = Reference::to_deposit(&incoming.account, incoming.idempotency_key.as_bytes());
        check_binding(&payment, &self.settlement.verifying_key(), reference)?;
        self.check_foreign_signers(&payment)?;
        self.begin_or_go_on(incoming, |tx, customer| {
            self.check_own_signers(tx, &payment)?;
            Ok(self.begin(tx, incoming, customer.number, Work::Deposit(Box::new(payment)))?)
        })
    }

    /// The second half of a deposit, any number of times.
    pub(super) fn drive_deposit(
        &self,
        order: &PendingOrder,
        payment: &Payment,
    ) -> Result<Vec<u8>, CallError> {
        let settlement = self.with_cover(order, |accepted| {
            self.issuer
                .settle(order.id, self.config.operator, payment, accepted)
        })?;
        // Before the order is forgotten: after a crash, this is done again.
        self.testify()?;
        self.complete(order, |tx, at| {
            self.credit(tx, order, &settlement, at)?;
            let receipt = self.receipt(&settlement, at);
            Step::answered(tx, order, &Answer::Deposited { receipt })
        })
    }

    /// Puts what was settled on the customer's account. Returns how much that was: all of it, unless a part is denied to
    /// this customer, who answers for the fork that made it excess.
    pub(super) fn credit(
        &self,
        connection: &Connection,
        order: &PendingOrder,
        settlement: &Settlement,
        at: Timestamp,
    ) -> Result<Amount, OperatorFailure> {
        let account = accounts::ledger_account(connection, order.customer)?;
        let cause = settlement.transfer.as_bytes();
        if !settlement.redeemed.is_zero() {
            Ledger::in_(connection).post(&Entry {
                debit: self.chart.reserve,
                credit: account,
                amount: settlement.redeemed,
                reason: Reason::Redemption,
                cause,
                at,
            })?;
        }
        let excess = self.pay_excess(connection, order, cause, &settlement.excess, at)?;
        let late = self.reverse(connection, account, cause, &settlement.late, at)?;
        sum([settlement.redeemed, excess, late])
    }

    /// For the wallet: what it paid the operator is settled.
    pub(super) fn receipt(&self, settlement: &Settlement, at: Timestamp) -> Signed<Receipt> {
        self.settlement.signed(Receipt {
            transfer: settlement.transfer,
            taken_at: at,
        })
    }

    /// Signers certified here stand in the registry, with this very certificate.
    pub(super) fn check_own_signers(
        &self,
        connection: &Connection,
        payment: &Payment,
    ) -> Result<(), CallError> {
        for certificate in payment.certificates() {
            if self.is_own(certificate) && !registry::is_registered(connection, certificate)? {
                return Err(CertificateError::BadSignature.into());
            }
        }
        Ok(())
    }

    /// Signers certified elsewhere have a certificate that an operator of the issuer's signed, valid or expired.
    pub(super) fn check_foreign_signers(&self, payment: &Payment) -> Result<(), CallError> {
        let mut foreign = payment
            .certificates()
            .iter()
            .filter(|certificate| !self.is_own(certificate))
            .peekable();
        if foreign.peek().is_none() {
            return Ok(());
        }
        let bundle = self.issuer.trust_bundle()?;
        let trust = bundle.operators.iter().map(|signed| &signed.body);
        foreign.try_for_each(|certificate| {
            let operator = certificate.body.grant.operator;
            let issued_by = trust
                .clone()
                .find(|known| known.operator == operator)
                .ok_or(CertificateError::UnknownOperator { operator })?;
            certificate
                .verify(&issued_by.certifying_key)
                .map(drop)
                .map_err(|_| CertificateError::BadSignature)
        })?;
        Ok(())
    }

    fn is_own(&self, certificate: &Signed<HolderCertificate>) -> bool {
        certificate.body.grant.operator == self.config.operator
    }
}

/// The payment pays this operator with its first output alone, and answers this very order of this very account: nobody
/// who gets hold of it can have it credited elsewhere.
pub(super) fn check_binding(
    payment: &Payment,
    payee: &VerifyingKey,
    reference: Reference,
) -> Result<(), CallError> {
    let paying = payment.final_transfer();
    let to_payee = |number: usize| {
        paying
            .outputs
            .get(number)
            .is_some_and(|output| output.holder_key == *payee)
    };
    if !to_payee(0) || (1..paying.outputs.len()).any(to_payee) {
        return Err(CallError::WrongPayee);
    }
    if paying.reference != reference {
        return Err(CallError::WrongReference);
    }
    Ok(())
}

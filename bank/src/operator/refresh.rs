//! Refreshes: value of the customer's becomes fresh notes of exactly its worth.
//!
//! To the issuer that is a deposit and then a load, and so it is two orders here, with one call behind both. The second is
//! written down in the very transaction that books the first, and its money is taken off the account there and then: a
//! refresh that was settled is issued, whatever else the customer does meanwhile.
//!
//! ```text
//!   Refresh ──settle──> account credited, loads in flight, Reissue written down ──issue──> Refreshed
//!                   └─> a part is denied, or nothing can be issued: it stays on the account ──> Deposited
//! ```

use minicbor::{Decode, Encode};
use protocol::{Payment, Receipt, Reference, Signed, VerifyingKey, bank::Answer};

use super::{
    CallError, MAX_KEYS, Operator, OperatorFailure, accounts,
    calls::Incoming,
    deposit::check_binding,
    load::{check_keys, notes, sum},
    orders::{self, Notes, PendingOrder, Work},
    steps::Step,
};
use crate::{
    environment::random,
    issuer::api::{IssuerError, Settlement},
    ledger::Ledger,
};

/// A payment to settle, and the notes to issue for it. Chosen once, like those of a load.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub(super) struct Refresh {
    #[cbor(n(0), with = "minicbor::bytes")]
    payment: Vec<u8>,
    #[n(1)]
    notes: Notes,
}

/// Notes to issue, and the receipt that goes with them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub(super) struct Reissue {
    #[n(0)]
    pub(super) notes: Notes,
    #[n(1)]
    receipt: Signed<Receipt>,
}

impl Operator {
    /// Checks a payment and what it is to become, and brings it to the issuer.
    pub(super) fn refresh(
        &self,
        incoming: &Incoming,
        payment: &[u8],
        keys: &[VerifyingKey],
    ) -> Result<Vec<u8>, CallError> {
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(CallError::KeyCount { found: keys.len() });
        }
        let payment = Payment::decode(payment)?;
        let reference = Reference::to_refresh(&incoming.account, incoming.idempotency_key.as_bytes());
        check_binding(&payment, &self.settlement.verifying_key(), reference)?;
        let paid = payment.final_transfer().outputs.first();
        let worth = paid.ok_or(CallError::WrongPayee)?.amount;
        self.check_foreign_signers(&payment)?;
        let trust = self.issuer.trust_bundle();
        self.begin_or_go_on(incoming, |tx, customer| {
            self.check_own_signers(tx, &payment)?;
            let notes = match check_keys(tx, customer, keys, &trust?) {
                Ok(()) => notes(worth, keys),
                // Since this was signed the phone was declared lost, or lost its keys. It gets no notes, and what it signed
                // cannot be taken back: it ends as a deposit.
                Err(CallError::DeviceFrozen | CallError::KeyRevoked) => Notes(Vec::new()),
                Err(refused) => return Err(refused),
            };
            let work = Work::Refresh(Box::new(Refresh {
                payment: payment.encode(),
                notes,
            }));
            Ok(self.begin(tx, incoming, customer.number, work)?)
        })
    }

    /// The first order of a refresh, any number of times: settles the payment.
    pub(super) fn drive_refresh(
        &self,
        order: &PendingOrder,
        refresh: &Refresh,
    ) -> Result<Vec<u8>, CallError> {
        let payment = Payment::decode(&refresh.payment)?;
        let settlement = self.with_cover(order, |accepted| {
            self.issuer
                .settle(order.id, self.config.operator, &payment, accepted)
        })?;
        // Before the order is forgotten: after a crash, this is done again.
        self.testify()?;
        self.exchange(order, &refresh.notes, &settlement)
    }

    /// Books what was settled, and goes over from the first order to the second.
    fn exchange(
        &self,
        order: &PendingOrder,
        notes: &Notes,
        settlement: &Settlement,
    ) -> Result<Vec<u8>, CallError> {
        let id = random(&*self.entropy).map_err(OperatorFailure::from)?;
        self.complete(order, |tx, at| {
            let worth = sum(notes.0.iter().map(|note| note.amount))?;
            let receipt = self.receipt(settlement, at);
            let credited = self.credit(tx, order, settlement, at)?;
            let account = accounts::ledger_account(tx, order.customer)?;
            // What was credited when the window closed may have been spent since.
            let spent = Ledger::in_(tx).balance(account)? < worth;
            if credited != worth || worth.is_zero() || spent {
                // It ends as a deposit.
                return Step::answered(tx, order, &Answer::Deposited { receipt });
            }
            self.book_order(tx, account, &id, worth, at)?;
            let next = PendingOrder {
                id,
                customer: order.customer,
                idempotency_key: order.idempotency_key,
                call: order.call,
                work: Work::Reissue(Box::new(Reissue {
                    notes: notes.clone(),
                    receipt,
                })),
            };
            orders::write_down(tx, &next)?;
            Ok(Step::Pending(next))
        })
    }

    /// The second order of a refresh, any number of times: issues the notes.
    pub(super) fn drive_reissue(
        &self,
        order: &PendingOrder,
        reissue: &Reissue,
    ) -> Result<Vec<u8>, CallError> {
        let Notes(outputs) = &reissue.notes;
        let receipt = reissue.receipt.clone();
        match self.issuer.issue(order.id, self.config.operator, outputs) {
            Ok(notes) => self.complete(order, |tx, at| {
                self.book_issue(tx, order, &notes, at)?;
                Step::answered(tx, order, &Answer::Refreshed { receipt, notes })
            }),
            // For ever: the money goes back to the account, once.
            Err(IssuerError::Refused(_)) => self.complete(order, |tx, at| {
                self.book_refusal(tx, order, outputs, at)?;
                Step::answered(tx, order, &Answer::Deposited { receipt })
            }),
            Err(no_answer) => Err(no_answer.into()),
        }
    }
}

//! Cover: a claimant is honest as far as anybody knows, and what circulation does not owe is paid by whoever had too much.
//!
//! For a fork that is the account of who forked, as far as it reaches, and then the operator's guarantee line, up to its
//! limit. For a claim that comes after the window has closed, it is the account of the holder who was credited then, as far
//! as it reaches; the rest is lost, and it is nobody's fraud. Who forked is paid nothing for its own second branch.

use protocol::{Amount, ForkProof, Timestamp};
use rusqlite::Connection;

use super::{CallError, Operator, OperatorFailure, accounts, registry};
use crate::{
    issuer::api::{Because, Cover, IssuerError, IssuerRefusal},
    ledger::{self, Entry, Ledger, Reason},
};

impl Operator {
    /// Asks the issuer for something that may need cover: without a promise first, and then with one, if the operator can
    /// give it.
    pub(super) fn with_cover<T>(
        &self,
        claimant: i64,
        ask: impl Fn(Amount) -> Result<T, IssuerError>,
    ) -> Result<T, CallError> {
        match ask(Amount::ZERO) {
            Err(IssuerError::Refused(IssuerRefusal::NotCovered { covers })) => {
                for cover in &covers {
                    if let Because::Forked(proof) = &cover.because {
                        self.revoke_culprit(proof)?;
                    }
                }
                Ok(ask(self.promise(claimant, &covers)?)?)
            }
            answer => Ok(answer?),
        }
    }

    /// Promises to cover all of this, if the accounts and the guarantee line reach for it.
    fn promise(&self, claimant: i64, covers: &[Cover]) -> Result<Amount, CallError> {
        self.store.read(|connection| {
            let ledger = Ledger::in_(connection);
            let mut guaranteed = ledger.balance(self.chart.guarantee)?;
            for cover in covers {
                if let Because::Forked(proof) = &cover.because {
                    let reaches = match culprit(connection, proof)? {
                        Some(culprit) if culprit == claimant => cover.amount,
                        Some(culprit) => ledger.balance(accounts::ledger_account(connection, culprit)?)?,
                        None => Amount::ZERO,
                    };
                    guaranteed = guaranteed
                        .checked_add(cover.amount.saturating_sub(reaches))
                        .ok_or(CallError::CoverExhausted)?;
                }
            }
            if guaranteed > self.config.guarantee {
                return Err(CallError::CoverExhausted);
            }
            Amount::checked_sum(covers.iter().map(|cover| cover.amount)).ok_or(CallError::CoverExhausted)
        })
    }

    /// Pays the covers of a claim. Returns how much that was.
    pub(super) fn pay_covers(
        &self,
        connection: &Connection,
        claimant: i64,
        subject: &[u8],
        covers: &[Cover],
        at: Timestamp,
    ) -> Result<Amount, OperatorFailure> {
        let mut paid = Amount::ZERO;
        for (number, cover) in (0_u8..=u8::MAX).zip(covers) {
            let (from, first, rest, last) = match &cover.because {
                Because::Forked(proof) => (
                    culprit(connection, proof)?,
                    Reason::ForkRecovered,
                    self.chart.guarantee,
                    Reason::ForkGuaranteed,
                ),
                Because::Closed { holder_key, .. } => (
                    registry::owner(connection, holder_key)?,
                    Reason::LateClaim,
                    self.chart.late_claims,
                    Reason::LateClaimLost,
                ),
            };
            if from == Some(claimant) {
                // Who forked is not paid twice; and who was credited already has it.
                continue;
            }
            let cause = [subject, &[number]].concat();
            let credit = accounts::ledger_account(connection, claimant)?;
            let post = |debit, amount, reason| -> Result<(), OperatorFailure> {
                Ok(Ledger::in_(connection).post(&Entry {
                    debit,
                    credit,
                    amount,
                    reason,
                    cause: &cause,
                    at,
                })?)
            };
            let recovered = match from {
                Some(from) => {
                    let account: ledger::Account = accounts::ledger_account(connection, from)?;
                    let recovered = cover.amount.min(Ledger::in_(connection).balance(account)?);
                    if !recovered.is_zero() {
                        post(account, recovered, first)?;
                    }
                    recovered
                }
                None => Amount::ZERO,
            };
            let missing = cover.amount.saturating_sub(recovered);
            if !missing.is_zero() {
                post(rest, missing, last)?;
            }
            paid = paid
                .checked_add(cover.amount)
                .ok_or(OperatorFailure::Inconsistent {
                    what: "covers above every amount",
                })?;
        }
        Ok(paid)
    }
}

/// Which customer forked, if it is one of this operator's.
fn culprit(connection: &Connection, proof: &ForkProof) -> Result<Option<i64>, OperatorFailure> {
    match proof.verify() {
        Ok(fork) => Ok(registry::owner(connection, &fork.culprit)?),
        Err(_) => Ok(None),
    }
}

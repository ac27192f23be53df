//! What a customer declares or asks: "this key forked", "these keys are retired", "do you know of these transfers?"

use protocol::{ForkProof, Id, VerifyingKey, bank::Answer, cbor};

use super::{
    CallError, MAX_KEYS, Operator, accounts,
    calls::{Incoming, Known},
    registry,
};

/// The most transfers in one inquiry.
pub const MAX_INQUIRED: usize = 1_024;

impl Operator {
    /// Files a fraud proof. Whoever brings it needs no other evidence than itself.
    pub(super) fn accuse(&self, incoming: &Incoming, proof: &ForkProof) -> Result<Vec<u8>, CallError> {
        proof.verify()?;
        if let Some(answer) = self.answered(incoming)? {
            return Ok(answer);
        }
        self.issuer.accuse(proof)?;
        self.testify()?;
        self.once(incoming, |_, _| Ok(Answer::Accused))
    }

    /// Puts keys of this account on the status list, for ever.
    pub(super) fn retire(&self, incoming: &Incoming, keys: &[VerifyingKey]) -> Result<Vec<u8>, CallError> {
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(CallError::KeyCount { found: keys.len() });
        }
        if let Some(answer) = self.answered(incoming)? {
            return Ok(answer);
        }
        self.read(incoming, |connection, customer| {
            for key in keys {
                if registry::owner(connection, key)? != Some(customer.number) {
                    return Err(CallError::KeyNotCertified);
                }
            }
            Ok(())
        })?;
        self.issuer.revoke(keys)?;
        self.once(incoming, |_, _| Ok(Answer::Retired))
    }

    /// Which of these transfers are on record. A pure read, so the answer is not remembered.
    pub(super) fn inquire(&self, incoming: &Incoming, transfers: &[Id]) -> Result<Vec<u8>, CallError> {
        if transfers.len() > MAX_INQUIRED {
            return Err(CallError::TooManyTransfers {
                found: transfers.len(),
            });
        }
        self.read(incoming, |_, _| Ok(()))?;
        let transfers = self.issuer.known(transfers)?;
        Ok(cbor::encode(&Answer::Known { transfers }))
    }

    /// The answer that this call was given before, if it was.
    pub(super) fn answered(&self, incoming: &Incoming) -> Result<Option<Vec<u8>>, CallError> {
        self.store.read(|connection| {
            let customer = accounts::find(connection, &incoming.account)?.ok_or(CallError::UnknownAccount)?;
            match incoming.known(connection, &customer)? {
                Known::Answered(answer) => Ok(Some(answer)),
                Known::Pending(_) => Err(CallError::IdempotencyConflict),
                Known::New => Ok(None),
            }
        })
    }
}

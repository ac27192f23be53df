//! What can go wrong inside the issuer, before it is told to an operator.

use protocol::{Code, Coded};

use super::api::{IssuerError, IssuerRefusal};
use crate::{
    environment::{ClockError, EntropyError},
    keys::KeyError,
    ledger::LedgerError,
    store::StoreError,
};

/// The issuer cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum IssuerFailure {
    /// Its books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The time.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// Randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// It lacks what it made itself, or its own signature does not verify.
    #[error("the issuer is inconsistent: {what}")]
    Inconsistent {
        /// What is wrong.
        what: &'static str,
    },
}

impl Coded for IssuerFailure {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Clock(error) => error.code(),
            Self::Entropy(error) => error.code(),
            Self::Inconsistent { .. } => Code::BankFailed,
        }
    }
}

impl From<rusqlite::Error> for IssuerFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<KeyError> for IssuerFailure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            KeyError::Entropy(error) => error.into(),
        }
    }
}

impl From<IssuerFailure> for IssuerError {
    fn from(failure: IssuerFailure) -> Self {
        Self::no_answer(failure)
    }
}

/// Inside a transaction: a refusal that must roll back, or a failure.
#[derive(Debug)]
pub(super) enum Stop {
    Refused(IssuerRefusal),
    Failed(IssuerFailure),
}

impl<E: Into<IssuerFailure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<IssuerRefusal> for Stop {
    fn from(refusal: IssuerRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Stop> for IssuerError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::Refused(refusal),
            Stop::Failed(failure) => failure.into(),
        }
    }
}

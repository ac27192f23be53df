//! Why the operator does not do as a wallet asks.

use protocol::{
    Amount, CertificateError, Code, Coded, DecodeError, ForkProofError, PaymentDecodeError, TrustError,
    message::Refusal,
};

use crate::{
    environment::{ClockError, EntropyError},
    issuer::api::{IssuerError, IssuerRefusal},
    keys::KeyError,
    ledger::LedgerError,
    store::StoreError,
};

/// Why a call was not done. Nothing has changed then, with one exception: after [`CallError::Issuer`] without an answer
/// the order is pending, and goes on when it is repeated or when the bank is opened next.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The bytes are not a call.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The account key did not sign the call.
    #[error("the call is not signed by the account it names")]
    NotSigned,
    /// No such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// The idempotency key came before, with another order.
    #[error("the same idempotency key came with another order")]
    IdempotencyConflict,
    /// The account is open, with another class or name.
    #[error("the account is open already, with another class or name")]
    AlreadyEnrolled,

    /// No keys, or more than [`crate::operator::MAX_KEYS`].
    #[error("an order names {found} keys, outside what is permitted")]
    KeyCount {
        /// How many it names.
        found: usize,
    },
    /// The key did not sign its application, or the application is for another account.
    #[error("a key application is not signed by its key, or is for another account")]
    KeyNotProven,
    /// The key belongs to another account.
    #[error("a key was already certified for another account")]
    KeyTaken,
    /// The key stands on the status list.
    #[error("a key is on the status list")]
    KeyRevoked,
    /// The phone was declared lost by another one of the same account.
    #[error("the device is frozen")]
    DeviceFrozen,
    /// A key of this account forked, and nobody has answered for it.
    #[error("a key of this account signed the same money away twice")]
    Barred,
    /// The key is not certified for this account.
    #[error("a key is not certified for this account")]
    KeyNotCertified,

    /// An order for nothing.
    #[error("an order for nothing")]
    Nothing,
    /// More than a wallet of this class may hold.
    #[error("a wallet of this class may hold {limit}")]
    BalanceLimit {
        /// The limit.
        limit: Amount,
    },
    /// More than the account holds.
    #[error("the account holds {balance}")]
    AccountTooLow {
        /// What it holds.
        balance: Amount,
    },

    /// The deposited bytes are not a payment.
    #[error(transparent)]
    Payment(#[from] PaymentDecodeError),
    /// The payment does not go to this operator, or not with its first output alone.
    #[error("the payment does not go to this operator")]
    WrongPayee,
    /// The payment is bound to another account or order.
    #[error("the payment is bound to another account or order")]
    WrongReference,
    /// A signer of the payment is certified by nobody.
    #[error("a signer of the payment: {0}")]
    Certificate(#[from] CertificateError),

    /// A part of the payment came home before, by another branch of a fork, and neither the accounts of those who answer for
    /// the fork nor the guarantee cover it. Nothing has moved; it may be covered later.
    #[error("nobody covers what a fork made of the payment")]
    CoverExhausted,
    /// The reported payment was neither signed by this account nor made to it.
    #[error("the reported payment is none of this account's")]
    NotParty,
    /// The fraud proof proves nothing.
    #[error(transparent)]
    ForkProof(#[from] ForkProofError),
    /// More transfers than [`crate::operator::MAX_INQUIRED`].
    #[error("an inquiry names {found} transfers, more than permitted")]
    TooManyTransfers {
        /// How many it names.
        found: usize,
    },

    /// The issuer refuses, or does not answer.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The operator's own house.
    #[error(transparent)]
    Failed(#[from] OperatorFailure),
}

/// The operator cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum OperatorFailure {
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
    /// What the issuer's root signs is not to be believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// It lacks what it made itself.
    #[error("the operator is inconsistent: {what}")]
    Inconsistent {
        /// What is wrong.
        what: &'static str,
    },
}

impl CallError {
    /// What the wallet is told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let at_most = match self {
            Self::BalanceLimit { limit } => Some(*limit),
            Self::AccountTooLow { balance } => Some(*balance),
            _ => None,
        };
        Refusal {
            code: self.code(),
            at_most,
        }
    }
}

impl Coded for CallError {
    fn code(&self) -> Code {
        match self {
            Self::Decode(error) => error.code(),
            Self::NotSigned => Code::CallNotSigned,
            Self::UnknownAccount => Code::UnknownAccount,
            Self::IdempotencyConflict => Code::IdempotencyConflict,
            Self::AlreadyEnrolled => Code::AlreadyEnrolled,
            Self::KeyCount { .. } => Code::TooLarge,
            Self::KeyNotProven => Code::KeyNotProven,
            Self::KeyTaken => Code::KeyTaken,
            Self::KeyRevoked => Code::HolderRevoked,
            Self::DeviceFrozen => Code::DeviceFrozen,
            Self::Barred => Code::AccountBarred,
            Self::KeyNotCertified | Self::NotParty => Code::KeyNotCertified,
            Self::ForkProof(error) => error.code(),
            Self::CoverExhausted => Code::CoverExhausted,
            Self::TooManyTransfers { .. } => Code::TooLarge,
            Self::Nothing => Code::AmountZero,
            Self::BalanceLimit { .. } => Code::BalanceLimit,
            Self::AccountTooLow { .. } => Code::AccountTooLow,
            Self::Payment(error) => error.code(),
            Self::WrongPayee => Code::WrongPayee,
            Self::WrongReference => Code::WrongRequest,
            Self::Certificate(error) => error.code(),
            // What goes wrong between the two banks is nothing that a wallet could mend.
            Self::Issuer(IssuerError::Refused(
                IssuerRefusal::UnknownOperator { .. }
                | IssuerRefusal::OperatorDiffers
                | IssuerRefusal::OrderDiffers,
            ))
            | Self::Issuer(IssuerError::NoAnswer { .. })
            | Self::Failed(_) => Code::BankFailed,
            Self::Issuer(IssuerError::Refused(refusal)) => refusal.code(),
        }
    }
}

impl Coded for OperatorFailure {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Clock(error) => error.code(),
            Self::Entropy(error) => error.code(),
            Self::Trust(error) => error.code(),
            Self::Inconsistent { .. } => Code::BankFailed,
        }
    }
}

impl From<KeyError> for OperatorFailure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            KeyError::Entropy(error) => error.into(),
        }
    }
}

impl From<rusqlite::Error> for OperatorFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Everything that is a failure of the operator is one for the call.
macro_rules! fails_the_call {
    ($($error:ty),*) => {$(
        impl From<$error> for CallError {
            fn from(error: $error) -> Self {
                Self::Failed(error.into())
            }
        }
    )*};
}
fails_the_call!(
    StoreError,
    LedgerError,
    ClockError,
    EntropyError,
    TrustError,
    rusqlite::Error
);

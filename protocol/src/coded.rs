//! Every error of this crate and its row in the table.

use crate::{
    amount::AmountError,
    cbor::DecodeError,
    code::{Code, Coded},
    fraud::ForkProofError,
    payment::{PaymentDecodeError, StructureError},
    trust::{CertificateError, TrustError},
    verify::VerifyError,
};

impl Coded for AmountError {
    fn code(&self) -> Code {
        match self {
            Self::Malformed => Code::AmountMalformed,
            Self::TooLarge => Code::AmountTooLarge,
            Self::Zero => Code::AmountZero,
        }
    }
}

impl Coded for DecodeError {
    fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } => Code::Malformed,
            Self::NotCanonical { .. } => Code::NotCanonical,
            Self::TooLarge { .. } => Code::TooLarge,
        }
    }
}

impl Coded for StructureError {
    fn code(&self) -> Code {
        match self {
            Self::SumsDiffer { .. } => Code::SumsDiffer,
            Self::TooLong { .. } => Code::TooLarge,
            Self::Count { .. }
            | Self::Parts { .. }
            | Self::UnknownInput
            | Self::RepeatedInput
            | Self::RepeatedElement
            | Self::Superfluous
            | Self::SignatureCount { .. }
            | Self::CertificateMismatch => Code::IllFormedHistory,
        }
    }
}

impl Coded for PaymentDecodeError {
    fn code(&self) -> Code {
        match self {
            Self::Decode(error) => error.code(),
            Self::Structure(error) => error.code(),
        }
    }
}

impl Coded for TrustError {
    fn code(&self) -> Code {
        match self {
            Self::BadSignature { .. } | Self::UnknownSigner { .. } => Code::TrustNotSigned,
            Self::Contradiction { .. } => Code::TrustContradiction,
        }
    }
}

impl Coded for CertificateError {
    fn code(&self) -> Code {
        match self {
            Self::UnknownOperator { .. } => Code::UnknownOperator,
            Self::BadSignature => Code::CertificateForged,
            Self::NotValidToday { .. } => Code::CertificateExpired,
            Self::Revoked => Code::HolderRevoked,
        }
    }
}

impl Coded for ForkProofError {
    fn code(&self) -> Code {
        match self {
            Self::NoSuchOutput | Self::SameTransfer | Self::NotConsumed | Self::BadSignature => {
                Code::ForkProofInvalid
            }
        }
    }
}

impl Coded for VerifyError {
    fn code(&self) -> Code {
        match self {
            Self::UnknownSeries { .. } => Code::UnknownSeries,
            Self::SeriesExpired { .. } => Code::SeriesExpired,
            Self::NoteForged { .. } => Code::NoteForged,
            Self::TransferForged { .. } => Code::TransferForged,
            Self::WrongPayee => Code::WrongPayee,
            Self::WrongRequest => Code::WrongRequest,
            Self::WrongAmount { .. } => Code::WrongAmount,
            Self::TooManyHops { .. } => Code::TooManyHops,
            Self::TooOld { .. } => Code::TooOld,
            Self::PaymentLimit { .. } => Code::PaymentLimit,
            Self::UnknownPolicy => Code::UnknownPolicy,
            Self::Certificate(error) => error.code(),
            Self::ConsumedTwice { .. } => Code::ConsumedTwice,
        }
    }
}

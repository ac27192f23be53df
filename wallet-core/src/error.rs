//! What can go wrong in a call, one narrow enum per family of calls. Every case has a row in [`protocol::code`].

use protocol::{
    Amount, Assurance, Code, Coded, DecodeError, PaymentDecodeError, VerifyError,
    message::Refusal,
    trust::{CertificateError, TrustError},
};

use crate::{
    gate::Turned,
    guard::GuardUnavailable,
    limits::{Lift, Limit},
    link::apdu::LinkError,
    noise::NoiseError,
    platform::{ClockUnavailable, EntropyUnavailable, TransportError},
    store::StoreError,
    vault::VaultError,
};

/// Something around the wallet failed, or the wallet is not in a state to be asked. Common to all families.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The wallet was closed.
    #[error("the wallet is closed")]
    Closed,
    /// The wallet is locked: [`crate::LockedWallet::unlock`] it.
    #[error("the wallet is locked")]
    Locked,
    /// A callback of this very call called the wallet.
    #[error("the wallet was called from within its own callback")]
    Reentrant,
    /// Another call is waiting for the platform, perhaps for the user at a prompt.
    #[error("the wallet is waiting for the platform")]
    Busy,
    /// Another copy of this wallet's files has gone on, or had: what these keys signed does not leave this one.
    #[error("the wallet was rolled back or copied")]
    RolledBack,
    /// The wallet has no account with an operator yet, no certified key, or no policy.
    #[error("the wallet is not enrolled")]
    NotEnrolled,
    /// Another phone of the account declared this one lost: it can deposit what it holds, and nothing else.
    #[error("another phone of the account declared this one lost")]
    DeviceFrozen,
    /// The key that this takes is retired: the platform destroyed it, or the wallet was rolled back or copied. The bank pays
    /// out what it holds when the claim window closes.
    #[error("the key is retired")]
    KeyRetired,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`VaultError`].
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// See [`GuardUnavailable`].
    #[error(transparent)]
    Guard(#[from] GuardUnavailable),
    /// See [`ClockUnavailable`].
    #[error(transparent)]
    Clock(#[from] ClockUnavailable),
    /// See [`EntropyUnavailable`].
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

impl From<Turned> for Fault {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::Reentrant => Self::Reentrant,
            Turned::Busy => Self::Busy,
        }
    }
}

impl Coded for Fault {
    fn code(&self) -> Code {
        match self {
            Self::Closed => Code::Closed,
            Self::Locked => Code::WalletLocked,
            Self::Reentrant => Code::Reentrant,
            Self::Busy => Code::Busy,
            Self::RolledBack => Code::RolledBack,
            Self::NotEnrolled => Code::NotEnrolled,
            Self::DeviceFrozen => Code::DeviceFrozen,
            Self::KeyRetired => Code::KeyRetired,
            Self::Store(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Guard(error) => error.code(),
            Self::Clock(_) => Code::ClockUnavailable,
            Self::Entropy(_) => Code::EntropyUnavailable,
        }
    }
}

/// Why no payment was signed. Nothing has changed, unless it says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PayError {
    /// See [`Fault`]. After [`Fault::Guard`] the payment is signed and in doubt, and no byte of it has left.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Nothing can be paid with nothing.
    #[error("the amount must be more than zero")]
    Zero,
    /// More than can be spent now.
    #[error(
        "{asked} is asked for, {spendable} can be spent; {in_doubt} is in doubt and {only_at_bank} only the bank takes"
    )]
    NotEnough {
        /// What was asked for.
        asked: Amount,
        /// What can be spent now.
        spendable: Amount,
        /// What is in doubt.
        in_doubt: Amount,
        /// What cannot be paid on offline any more.
        only_at_bank: Amount,
    },
    /// Enough, but in more pieces than one payment carries.
    #[error("{asked} is in too many pieces for one payment, {largest} is possible at once")]
    TooFragmented {
        /// What was asked for.
        asked: Amount,
        /// The most that one payment can move now.
        largest: Amount,
    },
    /// More than a limit leaves: the one that leaves least.
    #[error("{asked} is asked for, and {limit} leaves {left}; {lifts}")]
    Limit {
        /// Which limit.
        limit: Limit,
        /// What was asked for.
        asked: Amount,
        /// The most that it leaves for one payment now.
        left: Amount,
        /// What makes the rest possible.
        lifts: Lift,
    },
    /// The payee wants keys that are kept better than those that could pay this.
    #[error("the payee wants keys that are kept better")]
    AssuranceTooLow {
        /// How well it wants them to be kept.
        demanded: Assurance,
    },
    /// This wallet has been without news for longer than its policy permits. A sync lifts that.
    #[error("the trust bundle is {age_days} days old: sync first")]
    TrustTooOld {
        /// How old it is.
        age_days: u32,
    },
    /// The payee must not be paid.
    #[error("the payee: {0}")]
    Payee(#[from] CertificateError),
    /// The payee's policy is not known.
    #[error("no policy is known for the payee")]
    UnknownPolicy,
    /// The request is this wallet's own.
    #[error("a wallet does not pay itself")]
    OwnRequest,
    /// The payee did not sign this request, or it has the name of another one that was paid.
    #[error("the payee did not ask for this")]
    RequestForged,
    /// The holder has not consented to this amount: confirm, and tap again.
    #[error("{amount} has to be confirmed on this device")]
    ConfirmOnDevice {
        /// What was asked for.
        amount: Amount,
    },
    /// The request leaves the amount open, and the holder has not chosen one.
    #[error("the amount is open")]
    AmountOpen,
    /// The payee asks for nothing, and nothing is to be resumed with it.
    #[error("nothing is asked for")]
    NothingAsked,
}

impl Coded for PayError {
    fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::Zero => Code::AmountZero,
            Self::NotEnough { .. } => Code::NotEnough,
            Self::TooFragmented { .. } => Code::TooFragmented,
            Self::Limit { limit, .. } => limit.code(),
            Self::AssuranceTooLow { .. } => Code::AssuranceTooLow,
            Self::TrustTooOld { .. } => Code::TrustTooOld,
            Self::Payee(error) => error.code(),
            Self::UnknownPolicy => Code::UnknownPolicy,
            Self::OwnRequest => Code::WrongPayee,
            Self::RequestForged => Code::RequestForged,
            Self::ConfirmOnDevice { .. } => Code::ConfirmOnDevice,
            Self::AmountOpen => Code::AmountOpen,
            Self::NothingAsked => Code::NothingAsked,
        }
    }
}

impl PayError {
    /// What the payee is told. How much the payer has, and what it has paid before, is none of its business: of a limit it
    /// hears by how much it is exceeded only if that says nothing of the kind.
    pub(crate) fn refusal(&self) -> Refusal {
        let (code, at_most) = match self {
            Self::Limit { limit, left, .. } => match limit {
                Limit::PerPayment | Limit::PayeeBalance => (limit.code(), Some(*left)),
                _ => (Code::PayerLimit, None),
            },
            other => (other.code(), None),
        };
        Refusal { code, at_most }
    }
}

/// Why a payment was not taken, or a request not made. Nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiveError {
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A request for nothing.
    #[error("the amount must be more than zero")]
    Zero,
    /// This wallet never made such a request.
    #[error("there is no such request")]
    UnknownRequest,
    /// Another payment has paid this request already.
    #[error("the request has been paid already")]
    RequestPaid,
    /// The key that the request names is retired, and can sign no receipt. A payment of it is the bank's to bring home.
    #[error("the request's key is retired")]
    KeyRetired,
    /// This wallet has been without news for longer than its policy permits. A sync lifts that.
    #[error("the trust bundle is {age_days} days old: sync first")]
    TrustTooOld {
        /// How old it is.
        age_days: u32,
    },
    /// The wallet may not hold that much.
    #[error("the wallet may receive {room} more")]
    BalanceLimit {
        /// How much it may still receive.
        room: Amount,
    },
    /// More than the policy permits in one payment.
    #[error("{limit} is permitted in one payment")]
    PaymentLimit {
        /// The policy's limit.
        limit: Amount,
    },
    /// Money back for what is said to have been taken, without the payee's word for that.
    #[error("the receipt is not signed by the payee")]
    ReceiptForged,
    /// More money back than was paid.
    #[error("{left} of the payment is left to give back")]
    RefundTooLarge {
        /// How much of the payment has not come back yet.
        left: Amount,
    },
    /// Not a payment.
    #[error(transparent)]
    Decode(#[from] PaymentDecodeError),
    /// A payment that must not be taken.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl Coded for ReceiveError {
    fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::Zero => Code::AmountZero,
            Self::UnknownRequest => Code::UnknownRequest,
            Self::RequestPaid => Code::RequestPaid,
            Self::KeyRetired => Code::KeyRetired,
            Self::TrustTooOld { .. } => Code::TrustTooOld,
            Self::BalanceLimit { .. } => Code::BalanceLimit,
            Self::PaymentLimit { .. } => Code::PaymentLimit,
            Self::ReceiptForged => Code::ReceiptForged,
            Self::RefundTooLarge { .. } => Code::RefundTooLarge,
            Self::Decode(error) => error.code(),
            Self::Verify(error) => error.code(),
        }
    }
}

impl ReceiveError {
    /// What the payer is told.
    pub(crate) fn refusal(&self) -> Refusal {
        let at_most = match self {
            Self::BalanceLimit { room } => Some(*room),
            Self::RefundTooLarge { left } => Some(*left),
            Self::PaymentLimit { limit } | Self::Verify(VerifyError::PaymentLimit { limit, .. }) => {
                Some(*limit)
            }
            _ => None,
        };
        Refusal {
            code: self.code(),
            at_most,
        }
    }
}

/// Why nothing is refunded. Nothing has changed, unless the fault says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RefundError {
    /// This wallet took no such payment for a request of its own.
    #[error("there is no such payment to this wallet")]
    UnknownPayment,
    /// More than is left of the payment.
    #[error("{left} of the payment is left to give back")]
    TooLarge {
        /// How much was not given back yet.
        left: Amount,
    },
    /// There is nothing to refund it with.
    #[error(transparent)]
    Pay(PayError),
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<PayError> for RefundError {
    fn from(error: PayError) -> Self {
        match error {
            PayError::Fault(fault) => Self::Fault(fault),
            other => Self::Pay(other),
        }
    }
}

impl Coded for RefundError {
    fn code(&self) -> Code {
        match self {
            Self::UnknownPayment => Code::UnknownPayment,
            Self::TooLarge { .. } => Code::RefundTooLarge,
            Self::Pay(error) => error.code(),
            Self::Fault(fault) => fault.code(),
        }
    }
}

/// Why there is no receipt to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    /// This wallet knows no such transfer, or has no payee's receipt for it.
    #[error("there is no receipt for this transfer")]
    NoReceipt,
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Coded for ReceiptError {
    fn code(&self) -> Code {
        match self {
            Self::NoReceipt => Code::NoReceipt,
            Self::Fault(fault) => fault.code(),
        }
    }
}

/// Why a handoff stopped. What was committed stays committed: see the table in [`crate::handoff`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HandoffError {
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The encrypted channel failed: tampering, or another device continued.
    #[error(transparent)]
    Channel(#[from] NoiseError),
    /// The other side said something that is not a message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The other side said something that does not belong here.
    #[error("the other device said something out of order")]
    OutOfOrder,
    /// The session is over.
    #[error("the session is over")]
    Closed,
    /// The receipt is not the payee's.
    #[error("the receipt is not signed by the payee")]
    ReceiptForged,
}

impl Coded for HandoffError {
    fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::Channel(_) => Code::ChannelFailed,
            Self::Decode(error) => error.code(),
            Self::OutOfOrder => Code::OutOfOrder,
            Self::Closed => Code::SessionClosed,
            Self::ReceiptForged => Code::ReceiptForged,
        }
    }
}

/// Why a tap ended before its handoff did.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TapError {
    /// See [`HandoffError`].
    #[error(transparent)]
    Handoff(#[from] HandoffError),
    /// The other side does not keep to ISO 7816-4, or refuses.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Both devices want to pay, or both to be paid.
    #[error("both devices have the same role")]
    SameRole,
}

impl Coded for TapError {
    fn code(&self) -> Code {
        match self {
            Self::Handoff(error) => error.code(),
            Self::Link(LinkError::NotArmed) => Code::NotArmed,
            Self::Link(LinkError::UnsupportedVersion { .. }) => Code::Incompatible,
            Self::Link(_) => Code::LinkFailed,
            Self::SameRole => Code::Incompatible,
        }
    }
}

/// Why something with the bank did not happen. What was ordered and not answered is asked again by the next sync.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BankError {
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The answer is not one, not to this call, or not signed by the operator.
    #[error("the bank's answer is not valid")]
    InvalidAnswer,
    /// The bank's trust bundle is not to be believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The bank said no; nothing has changed.
    #[error("the bank refused: {}", .code.summary())]
    Refused {
        /// Its reason.
        code: Code,
    },
    /// There is nothing to pay the deposit with, or no room for what is to be loaded.
    #[error(transparent)]
    Pay(PayError),
}

impl Coded for BankError {
    fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::Transport(error) => error.code(),
            Self::InvalidAnswer => Code::BankAnswerInvalid,
            Self::Trust(error) => error.code(),
            Self::Refused { code } => *code,
            Self::Pay(error) => error.code(),
        }
    }
}

impl From<PayError> for BankError {
    fn from(error: PayError) -> Self {
        match error {
            PayError::Fault(fault) => Self::Fault(fault),
            other => Self::Pay(other),
        }
    }
}

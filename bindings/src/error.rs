//! What can go wrong, one narrow error per family of calls.
//!
//! Every error has a row in the table of errors: a stable number and name, whether asking again can help, and a sentence
//! for the holder in English and simplified Chinese. The cases and their fields are for programs.

use protocol::{Code, Coded as _, code::Retry};
use wallet_core::{HandoffError as Talk, link::apdu::LinkError};

use crate::{
    Amount, Assurance, Language, Lift, Limit,
    mirror::{asked, errors},
    platform::VaultError,
};

/// An error that knows its row.
pub(crate) trait Row {
    fn row(&self) -> Code;
}

/// A row of the table of errors, where it stands for a reason that somebody else gave.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Reason {
    /// The number of the row (`docs/errors.md`).
    pub code: u16,
    /// Its stable name, such as `balance-limit`.
    pub name: String,
    /// Whether asking again can help.
    pub retryable: bool,
}

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self {
            code: code as u16,
            name: code.name().to_owned(),
            retryable: code.retry() == Retry::May,
        }
    }
}

impl Row for Reason {
    fn row(&self) -> Code {
        Code::from_number(self.code).unwrap_or(Code::Malformed)
    }
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.row().name())
    }
}

/// What happened and what to do about a reason, in one sentence for whoever holds the phone.
#[uniffi::export]
#[must_use]
pub fn sentence_for(reason: &Reason, language: Language) -> String {
    reason.row().sentence(language.into()).to_owned()
}

errors! {
    /// Something around the wallet failed, the wallet is not in a state to be asked, or what it was asked makes no sense.
    /// Common to all families of calls: in the others it is the case `Wallet`. Nothing has changed.
    WalletError = wallet_core::Fault {
        /// The wallet was shut down.
        Closed = Core::Closed => Self::Closed, Code::Closed;
        /// The wallet is locked: unlock it with its PIN.
        Locked = Core::Locked => Self::Locked, Code::WalletLocked;
        /// A callback of this very call called the wallet.
        Reentrant = Core::Reentrant => Self::Reentrant, Code::Reentrant;
        /// Another call is under way, perhaps waiting for the user at a prompt.
        Busy = Core::Busy => Self::Busy, Code::Busy;
        /// Another copy of this wallet's files has gone on: what these keys signed does not leave this one.
        RolledBack = Core::RolledBack => Self::RolledBack, Code::RolledBack;
        /// The wallet has no account with an operator yet.
        NotEnrolled = Core::NotEnrolled => Self::NotEnrolled, Code::NotEnrolled;
        /// Another phone of the account declared this one lost: it can deposit what it holds, and nothing else.
        DeviceFrozen = Core::DeviceFrozen => Self::DeviceFrozen, Code::DeviceFrozen;
        /// The key that this takes is retired. The bank pays out what it holds when the claim window closes.
        KeyRetired = Core::KeyRetired => Self::KeyRetired, Code::KeyRetired;
        /// The store cannot be read or written: the disk is full, a row is damaged, or somebody else has written to it.
        Store {
            /// Which of them.
            reason: Reason,
        } = Core::Store(error) => Self::Store { reason: error.code().into() }, reason.row();
        /// The key vault said no, or failed.
        Vault {
            /// Why.
            error: VaultError,
        } = Core::Vault(error) => Self::Vault { error: error.into() }, error.row();
        /// The rollback guard cannot be read or written. If this comes from a payment, it is signed and in doubt, and no byte
        /// of it has left.
        Guard = Core::Guard(_) => Self::Guard, Code::GuardUnavailable;
        /// The device does not tell the time.
        Clock = Core::Clock(_) => Self::Clock, Code::ClockUnavailable;
        /// The operating system gives no randomness.
        Entropy = Core::Entropy(_) => Self::Entropy, Code::EntropyUnavailable;
    }
    own {
        /// An amount of more than 2^53 - 1 fen.
        InvalidAmount = Code::AmountTooLarge;
        /// Something that is not the name of a transfer, of a request, of an event, or of a place in the history.
        InvalidIdentifier = Code::Malformed;
        /// A name of no or more than 48 bytes, or with characters that hide or reorder text.
        InvalidName = Code::Malformed;
        /// This software failed in a way in which it should not: a panic. What is on the disk is sound; look before
        /// repeating anything. The packages for Kotlin and Swift say this; the library itself raises what the language
        /// has for it.
        Internal = Code::Internal;
    }
}

errors! {
    /// Why a wallet did not open, or was not made. Nothing has changed on the disk, but for the copy that `Damaged` names.
    OpenError = wallet_core::OpenError {
        /// Another instance owns the file, in this process or another.
        AlreadyOpen = Core::AlreadyOpen => Self::AlreadyOpen, Code::AlreadyOpen;
        /// There is no wallet at this path.
        NoWallet = Core::NoWallet => Self::NoWallet, wallet_core::OpenError::NoWallet.code();
        /// The wallet has a PIN: open it as a `LockedWallet`.
        PinRequired = Core::PinRequired => Self::PinRequired, Code::WalletLocked;
        /// The wallet has no PIN: open it as a `Wallet`.
        NoPin = Core::NoPin => Self::NoPin, Code::NoPin;
        /// The files are older than the wallet's PIN, or than its last change. The account's words restore the account, and
        /// the lost-phone path the money.
        Superseded = Core::Superseded => Self::Superseded, wallet_core::OpenError::Superseded.code();
        /// There is a wallet at this path already.
        WalletExists = Core::WalletExists => Self::WalletExists, wallet_core::OpenError::WalletExists.code();
        /// A newer version of the app wrote it.
        TooNew {
            /// The schema version in the file.
            found: u32,
            /// The newest that this version knows.
            known: u32,
        } = Core::TooNew { found, known } => Self::TooNew { found, known }, Code::StoreTooNew;
        /// The vault cannot unwrap its data key: the file belongs to another vault.
        WrongKey = Core::WrongKey => Self::WrongKey, Code::WrongKey;
        /// The platform destroyed the key that opens it. Restore the account from its words; the bank pays out what the old
        /// keys held when the claim window closes.
        DataKeyDestroyed = Core::DataKeyDestroyed => Self::DataKeyDestroyed, wallet_core::OpenError::DataKeyDestroyed.code();
        /// It does not read as it was written. The original is untouched.
        Damaged {
            /// Where a copy was set aside, if one could be made.
            copy: Option<String>,
        } = Core::Damaged { copy } => Self::Damaged { copy: copy.map(|path| path.display().to_string()) },
            Code::StoreDamaged;
        /// The file cannot be read or written.
        Unavailable = Core::Unavailable => Self::Unavailable, Code::StoreUnavailable;
        /// The key vault said no, or failed.
        Vault {
            /// Why.
            error: VaultError,
        } = Core::Vault(error) => Self::Vault { error: error.into() }, error.row();
        /// The rollback guard cannot be read or written.
        Guard = Core::Guard(_) => Self::Guard, Code::GuardUnavailable;
        /// The operating system gives no randomness.
        Entropy = Core::Entropy(_) => Self::Entropy, Code::EntropyUnavailable;
        /// The device does not tell the time.
        Clock = Core::Clock(_) => Self::Clock, Code::ClockUnavailable;
    }
    own {
        /// What should be the issuer's root key is none.
        InvalidRoot = Code::Malformed;
        /// See `WalletError.Internal`.
        Internal = Code::Internal;
    }
}

errors! {
    /// Why a PIN was not taken, or the wallet did not unlock.
    PinError = wallet_core::PinError {
        /// It is another PIN.
        Wrong {
            /// How many wrong ones there were in a row.
            failed: u32,
            /// In so many seconds the next one may be tried; 0: now.
            wait: u64,
        } = Core::Wrong { failed, wait } => Self::Wrong { failed, wait }, Code::WrongPin;
        /// There were too many wrong ones. This one was not looked at.
        TooSoon {
            /// In so many seconds one may be tried.
            wait: u64,
        } = Core::TooSoon { wait } => Self::TooSoon { wait }, Code::PinTooSoon;
        /// The wallet has a PIN: it can be changed.
        AlreadySet = Core::AlreadySet => Self::AlreadySet, Code::PinAlreadySet;
        /// The wallet has no PIN.
        NotSet = Core::NotSet => Self::NotSet, Code::NoPin;
        /// The wallet is unlocked.
        NotLocked = Core::NotLocked => Self::NotLocked, Code::NotLocked;
        /// The device has no memory for the price of a try.
        OutOfMemory = Core::OutOfMemory => Self::OutOfMemory, Code::PinOutOfMemory;
        /// The PIN is right, and the wallet does not open. It is closed now.
        Open {
            /// Why.
            error: OpenError,
        } = Core::Open(error) => Self::Open { error: error.into() }, error.row();
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
    }
    own {
        /// A PIN has 4 to 64 bytes.
        BadPin = Code::BadPin;
    }
}

errors! {
    /// Why a wallet was not restored. Nothing has changed.
    RestoreError = wallet_core::RestoreError {
        /// The backup is of another account: these are not its words.
        Foreign = Core::Foreign => Self::Foreign, Code::BackupForeign;
        /// It does not read as it was written, or it is no backup.
        Damaged = Core::Damaged => Self::Damaged, Code::BackupDamaged;
        /// A newer version of the app wrote it.
        TooNew {
            /// Its version.
            found: u8,
        } = Core::TooNew { found } => Self::TooNew { found }, Code::BackupTooNew;
        /// The new wallet could not be made.
        Open {
            /// Why.
            error: OpenError,
        } = Core::Open(error) => Self::Open { error: error.into() }, error.row();
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
    }
    own {}
}

errors! {
    /// Why no payment was signed. Nothing has changed, unless it says otherwise.
    PayError = wallet_core::PayError {
        /// See `WalletError`. After `Guard` the payment is signed and in doubt, and no byte of it has left.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
        /// Nothing can be paid with nothing.
        Zero = Core::Zero => Self::Zero, Code::AmountZero;
        /// More than can be spent now.
        NotEnough {
            /// What was asked for.
            asked: Amount,
            /// What can be spent now.
            spendable: Amount,
            /// What is in doubt.
            in_doubt: Amount,
            /// What only the bank takes.
            only_at_bank: Amount,
        } = Core::NotEnough { asked, spendable, in_doubt, only_at_bank } => Self::NotEnough {
            asked: asked.into(),
            spendable: spendable.into(),
            in_doubt: in_doubt.into(),
            only_at_bank: only_at_bank.into(),
        }, Code::NotEnough;
        /// Enough, but in more pieces than one payment carries.
        TooFragmented {
            /// What was asked for.
            asked: Amount,
            /// The most that one payment can move now.
            largest: Amount,
        } = Core::TooFragmented { asked, largest } => Self::TooFragmented {
            asked: asked.into(),
            largest: largest.into(),
        }, Code::TooFragmented;
        /// More than a limit leaves: the one that leaves least.
        Limit {
            /// Which limit.
            limit: Limit,
            /// What was asked for.
            asked: Amount,
            /// The most that it leaves for one payment now.
            left: Amount,
            /// What makes the rest possible.
            lifts: Lift,
        } = Core::Limit { limit, asked, left, lifts } => Self::Limit {
            limit: limit.into(),
            asked: asked.into(),
            left: left.into(),
            lifts: lifts.into(),
        }, wallet_core::Limit::from(*limit).code();
        /// The payee wants keys that are kept better than those that could pay this.
        AssuranceTooLow {
            /// How well it wants them to be kept.
            demanded: Assurance,
        } = Core::AssuranceTooLow { demanded } => Self::AssuranceTooLow { demanded: demanded.into() },
            Code::AssuranceTooLow;
        /// This wallet has been without news for longer than its policy permits: sync.
        TrustTooOld {
            /// How old its news are, in days.
            age_days: u32,
        } = Core::TrustTooOld { age_days } => Self::TrustTooOld { age_days }, Code::TrustTooOld;
        /// The payee must not be paid: its certificate does not hold, or its key is revoked.
        Payee {
            /// Why.
            reason: Reason,
        } = Core::Payee(error) => Self::Payee { reason: error.code().into() }, reason.row();
        /// The payee's policy is not known: sync.
        UnknownPolicy = Core::UnknownPolicy => Self::UnknownPolicy, Code::UnknownPolicy;
        /// The request is this wallet's own.
        OwnRequest = Core::OwnRequest => Self::OwnRequest, Code::WrongPayee;
        /// The payee did not sign this request, or it has the name of another one that was paid.
        RequestForged = Core::RequestForged => Self::RequestForged, Code::RequestForged;
        /// The holder has not agreed to this amount: ask, and tap again with `Consent.To`.
        ConfirmOnDevice {
            /// What was asked for.
            amount: Amount,
        } = Core::ConfirmOnDevice { amount } => Self::ConfirmOnDevice { amount: amount.into() },
            Code::ConfirmOnDevice;
        /// The request leaves the amount open, and the holder has not chosen one.
        AmountOpen = Core::AmountOpen => Self::AmountOpen, Code::AmountOpen;
        /// The payee asks for nothing, and nothing is to be resumed with it.
        NothingAsked = Core::NothingAsked => Self::NothingAsked, Code::NothingAsked;
    }
    own {}
}

errors! {
    /// Why a request was not made, or nothing can be received for it. Nothing has changed.
    ReceiveError = wallet_core::ReceiveError {
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
        /// A request for nothing.
        Zero = Core::Zero => Self::Zero, Code::AmountZero;
        /// This wallet never made such a request, or no such payment.
        UnknownRequest = Core::UnknownRequest => Self::UnknownRequest, Code::UnknownRequest;
        /// Another payment has paid this request already.
        RequestPaid = Core::RequestPaid => Self::RequestPaid, Code::RequestPaid;
        /// The key that the request names is retired: make another one.
        KeyRetired = Core::KeyRetired => Self::KeyRetired, Code::KeyRetired;
        /// This wallet has been without news for longer than its policy permits: sync.
        TrustTooOld {
            /// How old its news are, in days.
            age_days: u32,
        } = Core::TrustTooOld { age_days } => Self::TrustTooOld { age_days }, Code::TrustTooOld;
        /// The wallet may not hold that much.
        BalanceLimit {
            /// How much it may still receive.
            room: Amount,
        } = Core::BalanceLimit { room } => Self::BalanceLimit { room: room.into() }, Code::BalanceLimit;
        /// More than the policy permits in one payment.
        PaymentLimit {
            /// The policy's limit.
            limit: Amount,
        } = Core::PaymentLimit { limit } => Self::PaymentLimit { limit: limit.into() }, Code::PaymentLimit;
        /// What came is no payment of this request that may be taken.
        NotTaken {
            /// Why.
            reason: Reason,
        } = error @ (Core::ReceiptForged | Core::RefundTooLarge { .. } | Core::Decode(_) | Core::Verify(_))
            => Self::NotTaken { reason: error.code().into() }, reason.row();
    }
    own {}
}

errors! {
    /// Why nothing is refunded. Nothing has changed, unless `WalletError` says otherwise.
    RefundError = wallet_core::RefundError {
        /// This wallet took no such payment for a request of its own.
        UnknownPayment = Core::UnknownPayment => Self::UnknownPayment, Code::UnknownPayment;
        /// More than is left of the payment.
        TooLarge {
            /// How much was not given back yet.
            left: Amount,
        } = Core::TooLarge { left } => Self::TooLarge { left: left.into() }, Code::RefundTooLarge;
        /// There is nothing to refund it with.
        Pay {
            /// Why.
            error: PayError,
        } = Core::Pay(error) => Self::Pay { error: error.into() }, error.row();
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
    }
    own {}
}

errors! {
    /// Why there is no receipt to show.
    ReceiptError = wallet_core::ReceiptError {
        /// This wallet knows no such transfer, or has no payee's receipt for it yet.
        NoReceipt = Core::NoReceipt => Self::NoReceipt, Code::NoReceipt;
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
    }
    own {
        /// A receipt file proves nothing: it is none, or what it says does not hold under this root.
        NotProven {
            /// Why.
            reason: Reason,
        } = reason.row();
    }
}

errors! {
    /// Why a tap ended before its handoff did. What was committed stays committed: hold the phones together again.
    TapError = wallet_core::TapError {
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Handoff(Talk::Fault(error)) => Self::Wallet { error: error.into() }, error.row();
        /// The encrypted channel failed: tampering, or another device continued.
        Channel = Core::Handoff(Talk::Channel(_)) => Self::Channel, Code::ChannelFailed;
        /// The other side said something that is not a message, or does not belong here.
        Malformed {
            /// What about it.
            reason: Reason,
        } = Core::Handoff(error @ (Talk::Decode(_) | Talk::OutOfOrder | Talk::ReceiptForged))
            => Self::Malformed { reason: error.code().into() }, reason.row();
        /// The handoff is over: another payment takes another one.
        Over = Core::Handoff(Talk::Closed) => Self::Over, Code::SessionClosed;
        /// The other device is not ready: its user has to arm it.
        NotArmed = Core::Link(LinkError::NotArmed) => Self::NotArmed, Code::NotArmed;
        /// The other device speaks another version of the protocol.
        UnsupportedVersion {
            /// The version that it speaks.
            version: u8,
        } = Core::Link(LinkError::UnsupportedVersion { version }) => Self::UnsupportedVersion { version },
            Code::Incompatible;
        /// The other side does not keep to ISO 7816-4, or refuses.
        Link = Core::Link(_) => Self::Link, Code::LinkFailed;
        /// Both devices want to pay, or both to be paid; or this one was made for the other side of the link.
        SameRole = Core::SameRole => Self::SameRole, Code::Incompatible;
    }
    own {
        /// A response, and no tap was begun.
        NoTap = Code::OutOfOrder;
    }
}

errors! {
    /// Why a code or a file is no request, payment or receipt.
    SlipError = wallet_core::link::qr::SlipError {
        /// A code of something else. A camera sees many: go on looking.
        Foreign = Core::Foreign => Self::Foreign, Code::NotASlip;
        /// It begins like one, and is none.
        Malformed {
            /// What about it.
            reason: Reason,
        } = Core::Decode(error) => Self::Malformed { reason: error.code().into() }, reason.row();
        /// More than fits into codes.
        TooLarge = Core::TooLarge { .. } => Self::TooLarge, Code::TooLarge;
    }
    own {}
}

errors! {
    /// Why something with the bank did not happen. What was ordered and not answered is asked again by the next sync.
    BankError = wallet_core::BankError {
        /// See `WalletError`.
        Wallet {
            /// What failed.
            error: WalletError,
        } = Core::Fault(error) => Self::Wallet { error: error.into() }, error.row();
        /// No answer came, or none of the bank's.
        Transport {
            /// What happened on the way.
            error: crate::platform::TransportError,
        } = Core::Transport(error) => Self::Transport { error: error.into() }, error.row();
        /// The answer is not one, not to this call, or not signed by the operator.
        InvalidAnswer = Core::InvalidAnswer => Self::InvalidAnswer, Code::BankAnswerInvalid;
        /// The bank's trust bundle is not to be believed.
        Trust {
            /// Why.
            reason: Reason,
        } = Core::Trust(error) => Self::Trust { reason: error.code().into() }, reason.row();
        /// The bank said no; nothing has changed.
        Refused {
            /// Its reason.
            reason: Reason,
        } = Core::Refused { code } => Self::Refused { reason: code.into() }, reason.row();
        /// There is nothing to pay the deposit with, or no room for what is to be loaded.
        Pay {
            /// Why.
            error: PayError,
        } = Core::Pay(error) => Self::Pay { error: error.into() }, error.row();
    }
    own {}
}

/// A call with an argument that makes no sense is a fault of the wallet's family, in every family.
macro_rules! wraps_wallet_error {
    ($($name:ident),*) => {
        $(
            impl From<WalletError> for $name {
                fn from(error: WalletError) -> Self {
                    Self::Wallet { error }
                }
            }
        )*
    };
}

wraps_wallet_error!(
    PinError,
    RestoreError,
    PayError,
    ReceiveError,
    RefundError,
    ReceiptError,
    TapError,
    BankError
);

impl From<OpenError> for PinError {
    fn from(error: OpenError) -> Self {
        Self::Open { error }
    }
}

impl From<OpenError> for RestoreError {
    fn from(error: OpenError) -> Self {
        Self::Open { error }
    }
}

impl From<wallet_core::HandoffError> for TapError {
    fn from(error: wallet_core::HandoffError) -> Self {
        wallet_core::TapError::from(error).into()
    }
}

/// These are not the words of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum WordsError {
    /// An unknown word, a wrong checksum, or another count than 12 or 24.
    Bad,
    /// The operating system gives no randomness.
    Entropy,
}

impl Row for WordsError {
    fn row(&self) -> Code {
        match self {
            Self::Bad => Code::BadMnemonic,
            Self::Entropy => Code::EntropyUnavailable,
        }
    }
}

asked!(WordsError);

#[cfg(test)]
mod tests;

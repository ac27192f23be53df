//! Why a verb failed: a sentence, a stable code, whether trying again can help, and what to do about it.

use protocol::{Amount, AmountError, Code, Coded, Language, ReceiptFileError, Retry, certificate::BadName};
use std::{io, path::PathBuf};
use wallet_core::{
    BankError, Fault, HandoffError, OpenError, PayError, ReceiptError, ReceiveError, RefundError, TapError,
    link::qr::SlipError,
};

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line does not make sense.
    #[error("{0}")]
    Usage(String),
    /// An argument that should be an amount.
    #[error("{text:?}: {source}")]
    Amount { text: String, source: AmountError },
    /// An argument that should be the name of a merchant.
    #[error(transparent)]
    MerchantName(#[from] BadName),
    /// An argument that should be a root key.
    #[error("{text:?} is not a root key: 64 hexadecimal digits, as `wallet init` and the bank print them")]
    RootKey { text: String },
    /// There is no wallet in this folder.
    #[error("there is no wallet in {}", .home.display())]
    NoWallet { home: PathBuf },
    /// There is something in this folder already.
    #[error("{} is not empty", .home.display())]
    HomeTaken { home: PathBuf },
    /// The guard would be copied along with the wallet.
    #[error("the guard must not lie inside the wallet's own folder, {}", .home.display())]
    GuardInsideHome { home: PathBuf },
    /// A file of the wallet's home cannot be read or written.
    #[error("cannot {doing} {}: {source}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// A file of the wallet's home holds something else than was written there.
    #[error("{} does not read as it was written", .path.display())]
    FileDamaged { path: PathBuf },

    /// Nobody listens at this address.
    #[error("cannot connect to {address}: {source}")]
    Peer { address: String, source: io::Error },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: io::Error },
    /// The connection ended in the middle.
    #[error("the connection broke off before the payment was complete")]
    Torn,
    /// The other side said no.
    #[error("the other side refused: {}{}", .code.summary(), limit_remark(*.at_most))]
    Refused { code: Code, at_most: Option<Amount> },
    /// As above, after money may have moved.
    #[error("{failure}; {in_doubt} is in doubt")]
    InDoubt { failure: Box<Failure>, in_doubt: Amount },

    /// What is asked for was never signed here, or only for the bank.
    #[error("this wallet has signed no such payment for anybody")]
    NothingToShow,
    /// See [`SlipError`].
    #[error(transparent)]
    Slip(#[from] SlipError),

    /// See [`OpenError`].
    #[error(transparent)]
    Open(#[from] OpenError),
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
    /// See [`PayError`].
    #[error(transparent)]
    Pay(#[from] PayError),
    /// See [`ReceiveError`].
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// See [`wallet_core::PinError`].
    #[error(transparent)]
    Pin(#[from] wallet_core::PinError),
    /// Too short or too long.
    #[error(transparent)]
    BadPin(#[from] wallet_core::BadPin),
    /// See [`wallet_core::RestoreError`].
    #[error(transparent)]
    Restore(#[from] wallet_core::RestoreError),
    /// See [`ReceiptError`].
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// See [`ReceiptFileError`].
    #[error(transparent)]
    ReceiptFile(#[from] ReceiptFileError),
    /// See [`RefundError`].
    #[error(transparent)]
    Refund(#[from] RefundError),
    /// See [`TapError`].
    #[error(transparent)]
    Tap(#[from] TapError),
    /// See [`BankError`].
    #[error(transparent)]
    Bank(#[from] BankError),
    /// An order that stands, and was not answered.
    #[error("{0}")]
    Unanswered(BankError),
    /// The bank's own house, when this process is the bank.
    #[error(transparent)]
    BankHouse(#[from] bank::BankError),
    /// Never in practice: the words are made here.
    #[error(transparent)]
    Words(#[from] wallet_core::BadWords),
    /// No randomness for new words or keys.
    #[error(transparent)]
    Entropy(#[from] wallet_core::platform::EntropyUnavailable),
}

fn limit_remark(limit: Option<Amount>) -> String {
    limit.map_or_else(String::new, |limit| format!(" At most {limit} would do."))
}

impl Failure {
    /// What went wrong with a file.
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }

    /// The stable name, for programs.
    pub(crate) fn code(&self) -> &'static str {
        self.row().map_or("usage", Code::name)
    }

    /// Whether the same command may succeed later.
    pub(crate) fn retryable(&self) -> bool {
        match self {
            // Other trouble with files may pass; these two folders stay as they are.
            Self::NoWallet { .. } | Self::HomeTaken { .. } => false,
            _ => self.row().is_some_and(|code| code.retry() == Retry::May),
        }
    }

    /// 2 if the command line is at fault, else 1.
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self, Self::Amount { .. }) || self.row().is_none() {
            2
        } else {
            1
        }
    }

    /// What a holder would read on a phone. What goes wrong on a command line only, with its files and addresses, has no
    /// such sentence.
    pub(crate) fn sentence(&self, language: Language) -> Option<&'static str> {
        match self {
            Self::NoWallet { .. }
            | Self::HomeTaken { .. }
            | Self::File { .. }
            | Self::FileDamaged { .. }
            | Self::Peer { .. }
            | Self::Listen { .. } => None,
            Self::InDoubt { failure, .. } => failure.sentence(language),
            _ => self.row().map(|code| code.sentence(language)),
        }
    }

    /// What to do now, where that is not obvious.
    pub(crate) fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::NoWallet { .. } => "make one with `dcep wallet --home DIR init --bank URL`",
            Self::HomeTaken { .. } => "a new wallet goes into a new folder",
            Self::GuardInsideHome { .. } => "choose a folder that no copy of the wallet contains",
            Self::Peer { .. } => "start the other side with --listen first",
            Self::Torn => "no money of this wallet is in doubt; run both sides again",
            Self::InDoubt { .. } => {
                "it is neither spendable nor gone. Run `pay` again with the same payee, however often: \
                 the same payment is sent, and paid once"
            }
            Self::Pay(PayError::ConfirmOnDevice { amount }) => {
                return Some(format!("run `pay --exactly {amount}` to agree to it"));
            }
            Self::Pay(PayError::AmountOpen) => {
                "the payee leaves the amount to you: use `pay --exactly AMOUNT`"
            }
            Self::Unanswered(_) => "the order is kept: `sync` repeats it, and it is carried out once",
            Self::Open(OpenError::AlreadyOpen) => {
                "another `dcep` is using this wallet; wait until it is done"
            }
            _ => return None,
        };
        Some(advice.to_owned())
    }

    /// The row in the protocol's table of errors; a wrong command line has none.
    fn row(&self) -> Option<Code> {
        Some(match self {
            Self::Usage(_) | Self::MerchantName(_) | Self::RootKey { .. } | Self::GuardInsideHome { .. } => {
                return None;
            }
            Self::Amount { source, .. } => source.code(),
            Self::NoWallet { .. } | Self::HomeTaken { .. } | Self::File { .. } => Code::StoreUnavailable,
            Self::FileDamaged { .. } => Code::StoreDamaged,
            Self::Peer { .. } | Self::Listen { .. } => Code::LinkFailed,
            Self::Torn => Code::ChannelFailed,
            Self::Refused { code, .. } => *code,
            Self::InDoubt { failure, .. } => return failure.row(),
            Self::NothingToShow => Code::UnknownPayment,
            Self::Slip(error) => error.code(),
            Self::Open(error) => error.code(),
            Self::Fault(error) => error.code(),
            Self::Pay(error) => error.code(),
            Self::Receive(error) => error.code(),
            Self::Pin(error) => error.code(),
            Self::BadPin(error) => error.code(),
            Self::Restore(error) => error.code(),
            Self::Receipt(error) => error.code(),
            Self::ReceiptFile(error) => error.code(),
            Self::Refund(error) => error.code(),
            Self::Tap(error) => error.code(),
            Self::Bank(error) | Self::Unanswered(error) => error.code(),
            Self::BankHouse(error) => error.code(),
            Self::Words(error) => error.code(),
            Self::Entropy(_) => Code::EntropyUnavailable,
        })
    }
}

impl From<HandoffError> for Failure {
    fn from(error: HandoffError) -> Self {
        Self::Tap(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_keeps_the_code_of_its_cause() {
        let failure = Failure::InDoubt {
            failure: Box::new(Failure::Torn),
            in_doubt: "5.00".parse().unwrap(),
        };
        assert_eq!(
            (failure.code(), failure.retryable(), failure.exit_code()),
            ("channel-failed", true, 1)
        );
        assert!(failure.to_string().contains("5.00 is in doubt"));
        assert!(failure.advice().unwrap().contains("paid once"));
    }

    #[test]
    fn a_wrong_command_line_is_told_from_a_refusal() {
        let source = "1".parse::<Amount>().unwrap_err();
        let failure = Failure::Amount {
            text: "1".to_owned(),
            source,
        };
        assert_eq!((failure.code(), failure.exit_code()), ("amount-malformed", 2));
        let usage = Failure::Usage(String::new());
        assert_eq!(
            (usage.code(), usage.exit_code(), usage.retryable()),
            ("usage", 2, false)
        );
    }
}

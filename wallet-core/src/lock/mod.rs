//! The lock: who may have the data key.
//!
//! Without a PIN the vault wraps the data key, and that is all. With one, the vault wraps a random *share*, and the data key
//! is sealed under share and PIN together: without the vault no PIN can be tried, and without the PIN the vault opens
//! nothing. See [`envelope`](self) for the bytes, and `docs/adr/0020` for the reasons.
//!
//! What must be known *before* the data key stands in the [rollback guard](crate::guard), where no copy of the files
//! reaches: how many wrong PINs there were, since when, and which envelope is the newest. So neither a restart, nor a
//! crash, nor an older copy of the files gives a try back, or brings an old PIN back to life.

mod envelope;
mod pin;
mod tries;

pub(crate) use envelope::{Envelope, Share};
pub use pin::{BadPin, Pin, PinCost};
pub(crate) use tries::Lock;

use protocol::code::{Code, Coded};

use crate::{error::Fault, platform::ClockUnavailable, store::OpenError};

/// Why a call that needs the PIN did nothing. After [`PinError::Wrong`] one more wrong PIN is counted; otherwise nothing has
/// changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PinError {
    /// It is another PIN.
    #[error("the PIN is wrong; the next one may be tried in {wait} s")]
    Wrong {
        /// How many wrong ones there were in a row.
        failed: u32,
        /// In so many seconds the next one may be tried.
        wait: u64,
    },
    /// There were too many wrong ones. This one was not looked at.
    #[error("the next PIN may be tried in {wait} s")]
    TooSoon {
        /// In so many seconds one may be tried.
        wait: u64,
    },
    /// The wallet has a PIN: it can be changed.
    #[error("the wallet has a PIN already")]
    AlreadySet,
    /// The wallet has no PIN.
    #[error("the wallet has no PIN")]
    NotSet,
    /// The wallet is unlocked.
    #[error("the wallet is not locked")]
    NotLocked,
    /// The device has no memory for the price of a try: see [`PinCost`].
    #[error("there is not enough memory to check a PIN")]
    OutOfMemory,
    /// The PIN is right, and the wallet does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// See [`Fault`].
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Coded for PinError {
    fn code(&self) -> Code {
        match self {
            Self::Wrong { .. } => Code::WrongPin,
            Self::TooSoon { .. } => Code::PinTooSoon,
            Self::AlreadySet => Code::PinAlreadySet,
            Self::NotSet => Code::NoPin,
            Self::NotLocked => Code::NotLocked,
            Self::OutOfMemory => Code::PinOutOfMemory,
            Self::Open(error) => error.code(),
            Self::Fault(error) => error.code(),
        }
    }
}

impl From<ClockUnavailable> for PinError {
    fn from(error: ClockUnavailable) -> Self {
        Self::Fault(error.into())
    }
}

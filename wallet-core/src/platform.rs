//! What the wallet asks of the world: time, randomness and a line to the bank. (Keys: [`crate::vault`]; the second
//! place for the journal's head: [`crate::guard`].)
//!
//! All of it is synchronous and fallible, and called while the wallet holds no lock and no
//! transaction, so that a test can hold every piece in its hand and a platform can take its time.

use protocol::{
    Timestamp,
    code::{Code, Coded},
};

/// Tells the time. Neither trusted nor required to be right: see the time floor in [`crate::Wallet`].
pub trait Clock: Send + Sync {
    /// Now, by the device.
    ///
    /// # Errors
    /// [`ClockUnavailable`], when the platform cannot tell.
    fn now(&self) -> Result<Timestamp, ClockUnavailable>;
}

/// The platform cannot tell the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the device does not tell the time")]
pub struct ClockUnavailable;

/// A source of cryptographically secure random bytes. In production this is the operating system's, and nothing else.
pub trait Entropy: Send + Sync {
    /// Fills `buffer`.
    ///
    /// # Errors
    /// [`EntropyUnavailable`], when the platform has none to give.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable>;
}

/// The platform has no randomness to give.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the device gives no randomness")]
pub struct EntropyUnavailable;

/// A line to the operator, such as HTTPS. The wallet trusts it with nothing but delivery: calls are signed, and what
/// comes back is checked piece by piece.
pub trait BankTransport: Send + Sync {
    /// Delivers a signed call (`POST /v1/calls`) and returns the answer's bytes.
    ///
    /// # Errors
    /// [`TransportError`], when no answer came. The bank may have acted all the same; the wallet will ask again.
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError>;

    /// Fetches the current trust bundle (`GET /v1/trust`).
    ///
    /// # Errors
    /// [`TransportError`], when no answer came.
    fn trust(&self) -> Result<Vec<u8>, TransportError>;
}

/// No answer came from the bank.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made.
    #[error("the bank cannot be reached")]
    Unreachable,
    /// A connection was made, and nothing came back in time.
    #[error("the bank did not answer in time")]
    TimedOut,
    /// Something answered that does not speak the protocol.
    #[error("the bank answered with status {status}")]
    Status {
        /// The HTTP status, or its equal on another line.
        status: u16,
    },
}

impl Coded for TransportError {
    fn code(&self) -> Code {
        match self {
            Self::Unreachable | Self::TimedOut => Code::BankUnreachable,
            Self::Status { .. } => Code::BankAnswerInvalid,
        }
    }
}

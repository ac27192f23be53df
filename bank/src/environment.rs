//! What the bank asks of the world outside: the time, and randomness. Nothing in the library calls the operating
//! system for either, so a test holds both in its hand.

use protocol::{Code, Coded, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    ///
    /// # Errors
    /// [`ClockError`] if the time is not known.
    fn now(&self) -> Result<Timestamp, ClockError>;
}

/// Gives random bytes that nobody can guess: keys, serial numbers and order ids are made of them.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`EntropyError`] if there is no randomness to be had; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The time is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the clock cannot be read")]
pub struct ClockError;

/// No randomness.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no randomness is available")]
pub struct EntropyError;

impl Coded for ClockError {
    fn code(&self) -> Code {
        Code::ClockUnavailable
    }
}

impl Coded for EntropyError {
    fn code(&self) -> Code {
        Code::EntropyUnavailable
    }
}

/// So many random bytes.
pub(crate) fn random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

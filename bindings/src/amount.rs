//! Money.

use protocol::Code;

use crate::{error::Row, mirror::asked};

/// An amount of money: a whole number of fen, 1/100 yuan, from 0 to 2^53 - 1. There is no floating point number anywhere
/// near it.
///
/// A record can be built with any number; one that is out of range is refused by whatever call it is given to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Amount {
    /// How many fen.
    pub fen: u64,
}

/// Yuan with two decimals, `37.45`. Total: an amount out of range is written all the same.
impl core::fmt::Display for Amount {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{:02}", self.fen / 100, self.fen % 100)
    }
}

/// Reads yuan with exactly two decimals, such as `37.45`: what an amount prints.
///
/// # Errors
/// [`AmountError`].
#[uniffi::export]
pub fn parse_amount(yuan: &str) -> Result<Amount, AmountError> {
    let amount: protocol::Amount = yuan.parse()?;
    Ok(amount.into())
}

/// The largest amount there can be.
#[uniffi::export]
#[must_use]
pub fn largest_amount() -> Amount {
    protocol::Amount::MAX.into()
}

/// Why something is not an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum AmountError {
    /// Not yuan with two decimals.
    Malformed,
    /// More than 2^53 - 1 fen.
    TooLarge,
    /// Zero, where only a positive amount makes sense.
    Zero,
}

impl From<protocol::AmountError> for AmountError {
    fn from(error: protocol::AmountError) -> Self {
        match error {
            protocol::AmountError::Malformed => Self::Malformed,
            protocol::AmountError::TooLarge => Self::TooLarge,
            protocol::AmountError::Zero => Self::Zero,
        }
    }
}

impl Row for AmountError {
    fn row(&self) -> Code {
        match self {
            Self::Malformed => Code::AmountMalformed,
            Self::TooLarge => Code::AmountTooLarge,
            Self::Zero => Code::AmountZero,
        }
    }
}

asked!(AmountError);

impl From<protocol::Amount> for Amount {
    fn from(amount: protocol::Amount) -> Self {
        Self { fen: amount.fen() }
    }
}

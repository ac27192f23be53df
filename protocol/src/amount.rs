//! Money: whole fen, bounded, never a floating point number.

use core::{fmt, iter, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// An amount of money in fen (1/100 yuan), from zero to [`Amount::MAX`].
///
/// Every value of this type is in range: it can only be made by a checked constructor, and
/// arithmetic returns an option instead of wrapping. It prints and parses as yuan with exactly
/// two decimals, `"37.45"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount, 2^53 - 1 fen: about 90 trillion yuan, several times the cash of any
    /// country, and the largest integer that JSON readers in every language keep exact.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// An amount of so many fen.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] above [`Amount::MAX`].
    pub const fn from_fen(fen: u64) -> Result<Self, AmountError> {
        if fen > Self::MAX.0 {
            Err(AmountError::TooLarge)
        } else {
            Ok(Self(fen))
        }
    }

    /// How many fen this is.
    #[must_use]
    pub const fn fen(self) -> u64 {
        self.0
    }

    /// Whether this is nothing at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` above [`Amount::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_fen(self.0.checked_add(other.0)?).ok()
    }

    /// The difference, or `None` below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The difference, or zero where it would be negative.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum of all amounts, or `None` above [`Amount::MAX`].
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

/// Why something is not an [`Amount`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AmountError {
    /// Not of the form `digits.dd`.
    #[error("an amount is written in yuan with two decimals, like 37.45")]
    Malformed,
    /// Above [`Amount::MAX`].
    #[error("the amount is above the largest possible one, {}", Amount::MAX)]
    TooLarge,
    /// Zero where only a positive amount makes sense.
    #[error("the amount must be more than zero")]
    Zero,
}

/// Yuan with two decimals: `"0.00"`, `"37.45"`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} yuan")
    }
}

/// The exact inverse of `Display`: ASCII digits without sign, space or needless leading zero,
/// a point, two decimals.
impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (yuan, fen) = text.split_once('.').ok_or(AmountError::Malformed)?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(fen) || fen.len() != 2 || (yuan.len() > 1 && yuan.starts_with('0')) {
            return Err(AmountError::Malformed);
        }
        iter::once(yuan)
            .chain([fen])
            .flat_map(str::bytes)
            .try_fold(0_u64, |total, digit| {
                total.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
            })
            .ok_or(AmountError::TooLarge)
            .and_then(Self::from_fen)
    }
}

impl<C> Encode<C> for Amount {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.u64(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Amount {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        Self::from_fen(d.u64()?).map_err(|e| decode::Error::custom(e).at(at))
    }
}

/// `#[cbor(with = "crate::amount::positive")]`: an amount that is never zero on the wire.
pub(crate) mod positive {
    use minicbor::{
        Decode, Decoder, Encode, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    use super::{Amount, AmountError};

    pub(crate) fn encode<C, W: Write>(
        amount: &Amount,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        amount.encode(e, ctx)
    }

    pub(crate) fn decode<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Amount, DecodeError> {
        let at = d.position();
        match Amount::decode(d, ctx)? {
            Amount::ZERO => Err(DecodeError::custom(AmountError::Zero).at(at)),
            amount => Ok(amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_and_parses_exactly() {
        for (fen, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (3745, "37.45"),
            (100, "1.00"),
            (Amount::MAX.0, "90071992547409.91"),
        ] {
            assert_eq!(Amount(fen).to_string(), text);
            assert_eq!(text.parse(), Ok(Amount(fen)));
        }
        assert_eq!(format!("{:>8}", Amount(3745)), "   37.45");
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "", ".", "1", "1.", ".50", "1.5", "1.505", "-1.00", "+1.00", " 1.00", "1.00 ", "01.00", "00.10",
            "1,00", "1e2", "１.00", "1.0０", "NaN", "1.00.00",
        ] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::Malformed), "{text:?}");
        }
        for text in ["90071992547409.92", "99999999999999999999999.00"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::TooLarge), "{text:?}");
        }
        assert_eq!(Amount::from_fen(1 << 53), Err(AmountError::TooLarge));
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
        assert_eq!(Amount(1).checked_sub(Amount(2)), None);
        assert_eq!(Amount::checked_sum([Amount::MAX, Amount(1)]), None);
        assert_eq!(Amount::checked_sum([Amount(1), Amount(2)]), Some(Amount(3)));
    }

    proptest! {
        #[test]
        fn text_round_trips(fen in 0..=Amount::MAX.0) {
            prop_assert_eq!(Amount(fen).to_string().parse(), Ok(Amount(fen)));
        }

        #[test]
        fn whatever_parses_prints_the_same(text in "[0-9.]{1,20}") {
            if let Ok(amount) = text.parse::<Amount>() {
                prop_assert_eq!(amount.to_string(), text);
            }
        }
    }
}

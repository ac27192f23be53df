//! A slip, as the texts of codes.

use protocol::Slip;
use ur::Encoder;

use super::{MAX_FRAGMENT, MAX_MESSAGE, MAX_STATIC, STATIC, SlipError, UR_TYPE};

/// How many rounds of frames there are before they repeat: the first in plain parts, the others mixed, so that whoever
/// missed one gets it from any of several.
const ROUNDS: usize = 8;

/// The texts of the codes that show one slip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frames {
    texts: Vec<String>,
    count: usize,
}

impl Frames {
    /// Cuts a slip into frames.
    ///
    /// # Errors
    /// [`SlipError::TooLarge`]; of what a wallet makes nothing is.
    pub fn of(slip: &Slip) -> Result<Self, SlipError> {
        let bytes = slip.encode();
        if bytes.len() <= MAX_STATIC {
            return Ok(Self {
                texts: vec![format!("{STATIC}{}", base45::encode(&bytes))],
                count: 1,
            });
        }
        let too_large = SlipError::TooLarge { bytes: bytes.len() };
        if bytes.len() > MAX_MESSAGE {
            return Err(too_large);
        }
        let mut encoder = Encoder::new(&bytes, MAX_FRAGMENT, UR_TYPE).map_err(|_| too_large.clone())?;
        let count = encoder.fragment_count();
        let texts = (0..count * ROUNDS)
            .map(|_| encoder.next_part().map(|text| text.to_ascii_uppercase()))
            .collect::<Result<_, _>>()
            .map_err(|_| too_large)?;
        Ok(Self { texts, count })
    }

    /// How many frames it takes at least: with 1 the code stands still, with more they have to change, some five times a
    /// second, for as long as nobody says to have read them.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The text of a frame. There is one for every number: they repeat after some rounds.
    #[must_use]
    pub fn text(&self, number: usize) -> &str {
        let place = number.checked_rem(self.texts.len());
        place
            .and_then(|place| self.texts.get(place))
            .map_or("", String::as_str)
    }
}

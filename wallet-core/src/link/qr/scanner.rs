//! The texts of codes, as a slip again.

use protocol::{DecodeError, Slip};
use ur::Decoder;

use super::{MAX_FRAGMENTS, MAX_STATIC, STATIC, SlipError, UR_TYPE, read_file};

/// What every frame of many begins with.
const UR: &str = "UR:";

/// The longest text of a frame of many that is looked into: as much as a code of version 12 holds.
const MAX_FRAME: usize = 535;

/// How many frames for each that is needed are listened to, before it begins anew. An honest slip is read after two.
const PATIENCE: usize = 5;

/// Reads a slip from the codes that a camera sees, in any order, with any of them missed.
///
/// It follows what is shown: a frame of another slip begins that one.
#[derive(Default)]
pub struct Scanner {
    decoder: Decoder,
    heard: usize,
    /// A camera sees each frame several times.
    last: String,
}

impl Scanner {
    /// Takes the text of a code. `Some`: this was the last that was needed, and the scanner is as new.
    ///
    /// # Errors
    /// [`SlipError`]: this text is no frame of a slip, and what was read before stays; or the frames were of no slip, and the
    /// scanner is as new.
    pub fn scan(&mut self, text: &str) -> Result<Option<Slip>, SlipError> {
        if let Some(whole) = text.strip_prefix(STATIC) {
            let slip = read_static(whole)?;
            *self = Self::default();
            return Ok(Some(slip));
        }
        check_head(text)?;
        if text.len() > MAX_FRAME {
            return Err(too_large(MAX_FRAME));
        }
        if self.last == text {
            return Ok(None);
        }
        // One decoder takes the parts of one message: what does not fit begins another.
        if self.heard >= self.decoder.fragment_count().saturating_mul(PATIENCE)
            || self.decoder.receive(text).is_err()
        {
            let mut another = Decoder::default();
            another.receive(text).map_err(|_| malformed("a frame of no UR"))?;
            self.decoder = another;
            self.heard = 0;
        }
        self.heard += 1;
        text.clone_into(&mut self.last);
        if !self.decoder.complete() {
            return Ok(None);
        }
        let read = core::mem::take(self).decoder.message();
        let bytes = read
            .ok()
            .flatten()
            .ok_or_else(|| malformed("frames of no message"))?;
        Ok(Some(read_file(&bytes)?))
    }

    /// How much of the slip is read, in percent; 0 before the first frame.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let resolved = self.decoder.resolved_fragment_count().unwrap_or_default();
        let percent = (resolved * 100).checked_div(self.decoder.fragment_count());
        percent
            .and_then(|percent| u8::try_from(percent).ok())
            .unwrap_or_default()
    }
}

impl core::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Scanner({} %)", self.percent())
    }
}

fn read_static(text: &str) -> Result<Slip, SlipError> {
    // Three characters for two bytes.
    if text.len() > MAX_STATIC / 2 * 3 {
        return Err(too_large(MAX_STATIC));
    }
    let bytes = base45::decode(text).map_err(|_| malformed("not base45"))?;
    if base45::encode(&bytes) != text {
        return Err(DecodeError::NotCanonical { object: "slip" }.into());
    }
    Ok(Slip::decode(&bytes)?)
}

/// `UR:DCEP-SLIP/n-m/…`, with few enough parts: the decoder keeps a table of as many as the first frame says.
fn check_head(text: &str) -> Result<(), SlipError> {
    let head = text.get(..UR.len()).filter(|head| head.eq_ignore_ascii_case(UR));
    let mut parts = head
        .and_then(|head| text.get(head.len()..))
        .ok_or(SlipError::Foreign)?
        .split('/');
    if !parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case(UR_TYPE))
    {
        return Err(SlipError::Foreign);
    }
    let total = parts.next().and_then(|sequence| sequence.split_once('-'));
    match total.and_then(|(_, total)| total.parse::<usize>().ok()) {
        Some(1..=MAX_FRAGMENTS) => Ok(()),
        Some(_) => Err(too_large(MAX_FRAGMENTS)),
        None => Err(malformed("a frame without a number")),
    }
}

fn too_large(limit: usize) -> SlipError {
    let object = "slip";
    SlipError::Decode(DecodeError::TooLarge { object, limit })
}

fn malformed(reason: &str) -> SlipError {
    SlipError::Decode(DecodeError::Malformed {
        object: "slip",
        reason: reason.to_owned(),
    })
}

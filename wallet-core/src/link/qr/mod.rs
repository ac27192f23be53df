//! Slips as QR codes (ISO/IEC 18004), for devices that cannot tap: one shows, the other reads.
//!
//! | slip | the text of a code |
//! | --- | --- |
//! | up to [`MAX_STATIC`] bytes | `DCEP1:` and the slip in base45 (RFC 9285): one code that stands still |
//! | more | `UR:DCEP-SLIP/`*n*`-`*m*`/`…, a multipart UR (BCR-2020-005): codes one after the other, in any order, until the fountain has given enough |
//!
//! Both kinds of text are in the code's alphanumeric alphabet, 5.5 bits a character, since raw bytes do not come whole through
//! every system's camera. A first-hop payment stands still in one code of version 15 with error correction L; a frame of a
//! longer one is a code of version 12 or less.
//!
//! ```
//! use wallet_core::link::qr::{Frames, Scanner};
//! # use protocol::{RequestId, Slip};
//! # let slip = Slip::Payment { request: RequestId::from_bytes([7; 16]), answer: vec![1; 2_000] };
//!
//! let frames = Frames::of(&slip)?;
//! let mut scanner = Scanner::default();
//! // Every third frame, and from the middle on: no order is needed.
//! let read = (5..).step_by(3).find_map(|number| scanner.scan(frames.text(number)).transpose());
//! assert_eq!(read.unwrap()?, slip);
//! # Ok::<(), wallet_core::link::qr::SlipError>(())
//! ```

mod code;
mod frames;
mod scanner;

pub use code::Code;
pub use frames::Frames;
pub use scanner::Scanner;

use protocol::{Code as Row, Coded, DecodeError, Slip};

use super::MAX_MESSAGE;

/// The largest slip that is one code, in bytes: as much as base45 gets into version 15 with error correction L.
pub const MAX_STATIC: usize = 500;

/// How many bytes of a slip are in one frame of many.
const MAX_FRAGMENT: usize = 200;

/// The most frames that a slip is cut into.
const MAX_FRAGMENTS: usize = MAX_MESSAGE.div_ceil(MAX_FRAGMENT);

/// What a text begins with that is a whole slip, in base45 after it.
const STATIC: &str = "DCEP1:";

/// The type of a slip's UR.
const UR_TYPE: &str = "dcep-slip";

/// Reads a slip that came as a file: its bytes as they are.
///
/// # Errors
/// [`SlipError`].
pub fn read_file(bytes: &[u8]) -> Result<Slip, SlipError> {
    if bytes.len() > MAX_MESSAGE {
        return Err(SlipError::TooLarge { bytes: bytes.len() });
    }
    Ok(Slip::decode(bytes)?)
}

/// Why a code or a file is no slip, or a slip no code.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SlipError {
    /// A code of something else. A camera sees many.
    #[error("this code is not of a slip")]
    Foreign,
    /// A code or a file that begins like a slip, and is none.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// More than a slip may have.
    #[error("a slip of {bytes} bytes is longer than {MAX_MESSAGE}")]
    TooLarge {
        /// The size of the slip.
        bytes: usize,
    },
}

impl Coded for SlipError {
    fn code(&self) -> Row {
        match self {
            Self::Foreign => Row::NotASlip,
            Self::Decode(error) => error.code(),
            Self::TooLarge { .. } => Row::TooLarge,
        }
    }
}

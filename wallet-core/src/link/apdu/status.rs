//! The status word that ends every response (ISO/IEC 7816-4:2005, section 5.1.3).

use core::fmt;

/// Two status bytes, SW1 the higher. Constants have the standard's names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(u16);

impl StatusWord {
    /// `9000`: no further qualification, that is success.
    pub const SUCCESS: Self = Self(0x9000);
    /// `6700`: wrong length; no further indication.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// `6883`: last command of the chain expected.
    pub const LAST_COMMAND_EXPECTED: Self = Self(0x6883);
    /// `6884`: command chaining not supported.
    pub const CHAINING_NOT_SUPPORTED: Self = Self(0x6884);
    /// `6982`: security status not satisfied.
    pub const SECURITY_STATUS_NOT_SATISFIED: Self = Self(0x6982);
    /// `6985`: conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// `6A80`: incorrect parameters in the command data field.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// `6A82`: file or application not found.
    pub const APPLICATION_NOT_FOUND: Self = Self(0x6A82);
    /// `6A86`: incorrect parameters P1-P2.
    pub const WRONG_PARAMETERS: Self = Self(0x6A86);
    /// `6D00`: instruction code not supported or invalid.
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6D00);
    /// `6E00`: class not supported.
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x6E00);
    /// `6F00`: no precise diagnosis.
    pub const NO_PRECISE_DIAGNOSIS: Self = Self(0x6F00);

    /// `61xx`: success, and so many bytes of the reply are still available. `xx` is `00` for 256
    /// and for everything above.
    #[must_use]
    pub fn bytes_available(bytes: usize) -> Self {
        let low = u8::try_from(bytes).unwrap_or(0);
        Self(u16::from_be_bytes([0x61, low]))
    }

    /// The `xx` of `61xx`, which is the Le of the GET RESPONSE that fetches as much; `None` for
    /// any other status.
    #[must_use]
    pub const fn available(self) -> Option<u8> {
        match self.0.to_be_bytes() {
            [0x61, low] => Some(low),
            _ => None,
        }
    }

    /// As on the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// The standard's words for the status, or `None` for one that no card of ours sends.
    #[must_use]
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self {
            Self::SUCCESS => "success",
            Self::WRONG_LENGTH => "wrong length",
            Self::LAST_COMMAND_EXPECTED => "last command of the chain expected",
            Self::CHAINING_NOT_SUPPORTED => "command chaining not supported",
            Self::SECURITY_STATUS_NOT_SATISFIED => "security status not satisfied",
            Self::CONDITIONS_NOT_SATISFIED => "conditions of use not satisfied",
            Self::WRONG_DATA => "incorrect parameters in the command data field",
            Self::APPLICATION_NOT_FOUND => "file or application not found",
            Self::WRONG_PARAMETERS => "incorrect parameters P1-P2",
            Self::INSTRUCTION_NOT_SUPPORTED => "instruction code not supported or invalid",
            Self::CLASS_NOT_SUPPORTED => "class not supported",
            Self::NO_PRECISE_DIAGNOSIS => "no precise diagnosis",
            Self(0x6100..=0x61FF) => "response bytes still available",
            Self(_) => return None,
        })
    }
}

impl From<[u8; 2]> for StatusWord {
    fn from(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }
}

/// `6A82 (file or application not found)`, or the four digits alone.
impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)?;
        self.meaning().map_or(Ok(()), |meaning| write!(f, " ({meaning})"))
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({:04X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_bytes_are_told_up_to_256() {
        for (bytes, low) in [(1, 0x01), (255, 0xFF), (256, 0x00), (257, 0x00), (40_000, 0x00)] {
            let status = StatusWord::bytes_available(bytes);
            assert_eq!(status.to_bytes(), [0x61, low]);
            assert_eq!(status.available(), Some(low));
        }
        assert_eq!(StatusWord::SUCCESS.available(), None);
        assert_eq!(StatusWord::from([0x6C, 0x10]).available(), None);
    }

    #[test]
    fn prints_digits_and_meaning() {
        assert_eq!(
            StatusWord::APPLICATION_NOT_FOUND.to_string(),
            "6A82 (file or application not found)"
        );
        assert_eq!(
            StatusWord::from([0x61, 0x0A]).to_string(),
            "610A (response bytes still available)"
        );
        assert_eq!(StatusWord::from([0x0A, 0x0B]).to_string(), "0A0B");
        assert_eq!(format!("{:?}", StatusWord::SUCCESS), "StatusWord(9000)");
    }

    #[test]
    fn every_pair_of_bytes_round_trips() {
        for bytes in (0..=u16::MAX).map(u16::to_be_bytes) {
            assert_eq!(StatusWord::from(bytes).to_bytes(), bytes);
        }
    }
}

//! What SELECT names and what the card answers: the application identifier and the file control
//! information (ISO/IEC 7816-4:2005, sections 8.2.1.2 and 5.3.3).

use super::LinkError;

/// The application identifier: `F`, an identifier of the proprietary, unregistered category, then
/// `DCEP` in ASCII, then the major version of this framing.
pub const AID: [u8; 6] = [0xF0, b'D', b'C', b'E', b'P', 0x01];

/// The version of the protocol inside the messages that this code speaks.
pub const PROTOCOL_VERSION: u8 = 1;

/// What the card is in the payment; the reader is the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CardRole {
    /// The card is paid by the reader.
    Payee,
    /// The card pays the reader.
    Payer,
}

impl CardRole {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Payee => 1,
            Self::Payer => 2,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Payee),
            2 => Some(Self::Payer),
            _ => None,
        }
    }
}

/// FCI template (tag 6F) with proprietary data (A5): our data object 80, version and role.
pub(super) const fn control_information(role: CardRole) -> [u8; 8] {
    [
        0x6F,
        0x06,
        0xA5,
        0x04,
        0x80,
        0x02,
        PROTOCOL_VERSION,
        role.to_byte(),
    ]
}

/// Understands [`control_information`]. The version is the first byte of data object 80 for ever,
/// whatever a later version adds behind it.
///
/// # Errors
/// [`LinkError::UnsupportedVersion`], [`LinkError::MalformedSelection`].
pub(super) fn parse_control_information(bytes: &[u8]) -> Result<CardRole, LinkError> {
    match *bytes {
        [0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, PROTOCOL_VERSION, role] => {
            CardRole::from_byte(role).ok_or(LinkError::MalformedSelection)
        }
        [0x6F, _, 0xA5, _, 0x80, _, version, ..] if version != PROTOCOL_VERSION => {
            Err(LinkError::UnsupportedVersion { version })
        }
        _ => Err(LinkError::MalformedSelection),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden() {
        assert_eq!(AID, [0xF0, 0x44, 0x43, 0x45, 0x50, 0x01]);
        assert_eq!(
            control_information(CardRole::Payee),
            [0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x01, 0x01]
        );
        assert_eq!(
            control_information(CardRole::Payer),
            [0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x01, 0x02]
        );
    }

    #[test]
    fn understands_both_roles_and_nothing_else() {
        for role in [CardRole::Payee, CardRole::Payer] {
            let bytes = control_information(role);
            assert_eq!(parse_control_information(&bytes), Ok(role));
            for length in 0..bytes.len() {
                assert_eq!(
                    parse_control_information(&bytes[..length]),
                    Err(LinkError::MalformedSelection)
                );
            }
            let longer = [&bytes[..], &[0]].concat();
            assert_eq!(
                parse_control_information(&longer),
                Err(LinkError::MalformedSelection)
            );
            for at in 0..6 {
                let mut changed = bytes;
                changed[at] ^= 0x01;
                assert_eq!(
                    parse_control_information(&changed),
                    Err(LinkError::MalformedSelection),
                    "byte {at}"
                );
            }
        }
        for role in (0..=u8::MAX).filter(|role| ![1, 2].contains(role)) {
            let bytes = [0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x01, role];
            assert_eq!(
                parse_control_information(&bytes),
                Err(LinkError::MalformedSelection)
            );
        }
    }

    #[test]
    fn recognises_other_versions_even_when_they_add_something() {
        let same_length = [0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x02, 0x01];
        let longer = [0x6F, 0x07, 0xA5, 0x05, 0x80, 0x03, 0x02, 0x01, 0x77];
        for bytes in [&same_length[..], &longer] {
            assert_eq!(
                parse_control_information(bytes),
                Err(LinkError::UnsupportedVersion { version: 2 })
            );
        }
    }
}

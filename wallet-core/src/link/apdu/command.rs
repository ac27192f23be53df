//! Command APDUs (ISO/IEC 7816-4:2005, section 5.1): a header of four bytes, then
//!
//! | case | short | extended |
//! | --- | --- | --- |
//! | 1: no data, no reply | | |
//! | 2: reply | Le | `00` Le Le |
//! | 3: data | Lc *data* | `00` Lc Lc *data* |
//! | 4: data and reply | Lc *data* Le | `00` Lc Lc *data* Le Le |
//!
//! Lc is the number of data bytes, never zero. Le is the greatest number of reply bytes wanted; all
//! zeros stand for 256 in a short field and 65,536 in an extended one. Each sequence of bytes
//! is one command or none, and each command is one sequence of bytes.

/// How a command writes its two lengths, and with that, how much fits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FrameSize {
    /// In one byte each: up to 255 bytes of data, 256 of reply. Every reader and card can.
    Short,
    /// In two bytes each: up to 65,535 bytes of data, 65,536 of reply. Whether both devices can
    /// has to be tried out.
    Extended,
}

impl FrameSize {
    /// The most data one command can carry, in bytes.
    #[must_use]
    pub const fn max_data(self) -> usize {
        match self {
            Self::Short => 255,
            Self::Extended => 65_535,
        }
    }

    /// The longest reply one command can ask for, in bytes.
    #[must_use]
    pub const fn max_expected(self) -> usize {
        match self {
            Self::Short => 256,
            Self::Extended => 65_536,
        }
    }
}

/// The first four bytes of a command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// CLA.
    pub class: u8,
    /// INS.
    pub instruction: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
}

/// One command APDU. Its lengths are in range for its frame size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command<'a> {
    header: Header,
    data: &'a [u8],
    lengths: Lengths,
}

/// The length fields as they are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lengths {
    Short { lc: u8, le: Option<u8> },
    Extended { lc: u16, le: Option<u16> },
}

/// Why something is not a [`Command`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CommandError {
    /// The bytes end within the header.
    #[error("a command has at least four bytes")]
    Truncated,
    /// The length fields do not account for the bytes that are there.
    #[error("the length fields of the command do not add up")]
    WrongLength,
    /// More data than the frame size carries.
    #[error("{bytes} bytes of data do not fit one command")]
    DataTooLong {
        /// The length of the data, in bytes.
        bytes: usize,
    },
    /// A reply of no bytes, or of more than the frame size can ask for.
    #[error("one command cannot ask for a reply of {bytes} bytes")]
    ExpectedOutOfRange {
        /// The length asked for, in bytes.
        bytes: usize,
    },
}

impl<'a> Command<'a> {
    /// A command with this data that wants up to `expected` bytes of reply, `None` for no reply.
    ///
    /// With neither data nor reply there is no length to write, and the command is the same in
    /// both sizes: it counts as short.
    ///
    /// # Errors
    /// [`CommandError::DataTooLong`], [`CommandError::ExpectedOutOfRange`].
    pub fn new(
        header: Header,
        data: &'a [u8],
        expected: Option<usize>,
        size: FrameSize,
    ) -> Result<Self, CommandError> {
        let bytes = data.len();
        let too_long = |_| CommandError::DataTooLong { bytes };
        let lengths = match size {
            FrameSize::Extended if bytes > 0 || expected.is_some() => {
                let lc = u16::try_from(bytes).map_err(too_long)?;
                Lengths::Extended {
                    lc,
                    le: expected.map(|bytes| length_expected(bytes, size)).transpose()?,
                }
            }
            _ => {
                let lc = u8::try_from(bytes).map_err(too_long)?;
                Lengths::Short {
                    lc,
                    le: expected.map(|bytes| length_expected(bytes, size)).transpose()?,
                }
            }
        };
        Ok(Self {
            header,
            data,
            lengths,
        })
    }

    /// The command in these bytes.
    ///
    /// # Errors
    /// [`CommandError::Truncated`], [`CommandError::WrongLength`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CommandError> {
        let (&[class, instruction, p1, p2], body) =
            bytes.split_first_chunk().ok_or(CommandError::Truncated)?;
        let (data, lengths) = decode_body(body).ok_or(CommandError::WrongLength)?;
        Ok(Self {
            header: Header {
                class,
                instruction,
                p1,
                p2,
            },
            data,
            lengths,
        })
    }

    /// The command on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Header {
            class,
            instruction,
            p1,
            p2,
        } = self.header;
        let mut bytes = vec![class, instruction, p1, p2];
        match self.lengths {
            Lengths::Short { lc, le } => {
                if lc > 0 {
                    bytes.push(lc);
                    bytes.extend(self.data);
                }
                bytes.extend(le);
            }
            Lengths::Extended { lc, le } => {
                bytes.push(0);
                if lc > 0 {
                    bytes.extend(lc.to_be_bytes());
                    bytes.extend(self.data);
                }
                bytes.extend(le.into_iter().flat_map(u16::to_be_bytes));
            }
        }
        bytes
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The data, possibly empty.
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The longest reply that is wanted, in bytes; `None` if none is.
    #[must_use]
    pub fn expected(&self) -> Option<usize> {
        let le = match self.lengths {
            Lengths::Short { le, .. } => le.map(usize::from),
            Lengths::Extended { le, .. } => le.map(usize::from),
        };
        le.map(|le| if le == 0 { self.size().max_expected() } else { le })
    }

    /// How the lengths are written.
    #[must_use]
    pub const fn size(&self) -> FrameSize {
        match self.lengths {
            Lengths::Short { .. } => FrameSize::Short,
            Lengths::Extended { .. } => FrameSize::Extended,
        }
    }
}

/// Le for a reply of up to so many bytes: the greatest possible number is written as zero.
fn length_expected<L: TryFrom<usize> + Default>(bytes: usize, size: FrameSize) -> Result<L, CommandError> {
    let out_of_range = CommandError::ExpectedOutOfRange { bytes };
    match bytes {
        0 => Err(out_of_range),
        _ if bytes == size.max_expected() => Ok(L::default()),
        _ => L::try_from(bytes).map_err(|_| out_of_range),
    }
}

/// What follows the header: the table above, read from the other side.
fn decode_body(body: &[u8]) -> Option<(&[u8], Lengths)> {
    match *body {
        [] => Some((&[], Lengths::Short { lc: 0, le: None })),
        [le] => Some((&[], Lengths::Short { lc: 0, le: Some(le) })),
        [0, high, low] => Some((
            &[],
            Lengths::Extended {
                lc: 0,
                le: Some(u16::from_be_bytes([high, low])),
            },
        )),
        [0, high, low, ref rest @ ..] => {
            let lc = u16::from_be_bytes([high, low]);
            let (data, le) = rest.split_at_checked(lc.into())?;
            let le = match *le {
                [] => None,
                [high, low] => Some(u16::from_be_bytes([high, low])),
                _ => return None,
            };
            (lc > 0).then_some((data, Lengths::Extended { lc, le }))
        }
        [lc, ref rest @ ..] => {
            let (data, le) = rest.split_at_checked(lc.into())?;
            let le = match *le {
                [] => None,
                [le] => Some(le),
                _ => return None,
            };
            (lc > 0).then_some((data, Lengths::Short { lc, le }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FrameSize::{Extended, Short};

    const HEADER: Header = Header {
        class: 0x80,
        instruction: 0x50,
        p1: 0x07,
        p2: 0x00,
    };
    const HEADER_BYTES: [u8; 4] = [0x80, 0x50, 0x07, 0x00];

    fn encoded(data: &[u8], expected: Option<usize>, size: FrameSize) -> Vec<u8> {
        Command::new(HEADER, data, expected, size).unwrap().encode()
    }

    fn with_header(body: &[u8]) -> Vec<u8> {
        [&HEADER_BYTES, body].concat()
    }

    #[test]
    fn all_cases_golden() {
        let data = &[0xAA, 0xBB];
        for (data, expected, size, body) in [
            (&[][..], None, Short, &[][..]),
            (&[], None, Extended, &[]),
            (&[], Some(1), Short, &[0x01]),
            (&[], Some(256), Short, &[0x00]),
            (&[], Some(256), Extended, &[0x00, 0x01, 0x00]),
            (&[], Some(65_536), Extended, &[0x00, 0x00, 0x00]),
            (data, None, Short, &[0x02, 0xAA, 0xBB]),
            (data, None, Extended, &[0x00, 0x00, 0x02, 0xAA, 0xBB]),
            (data, Some(255), Short, &[0x02, 0xAA, 0xBB, 0xFF]),
            (data, Some(256), Short, &[0x02, 0xAA, 0xBB, 0x00]),
            (
                data,
                Some(1),
                Extended,
                &[0x00, 0x00, 0x02, 0xAA, 0xBB, 0x00, 0x01],
            ),
            (
                data,
                Some(65_536),
                Extended,
                &[0x00, 0x00, 0x02, 0xAA, 0xBB, 0x00, 0x00],
            ),
        ] {
            assert_eq!(encoded(data, expected, size), with_header(body));
        }
    }

    #[test]
    fn every_case_round_trips_at_the_boundaries() {
        let data = vec![0x5A; 65_535];
        for (size, lengths) in [
            (Short, &[0, 1, 2, 254, 255][..]),
            (Extended, &[0, 1, 2, 255, 256, 257, 40_000, 65_534, 65_535]),
        ] {
            for &length in lengths {
                for expected in [
                    None,
                    Some(1),
                    Some(2),
                    Some(255),
                    Some(256),
                    Some(65_535),
                    Some(65_536),
                ] {
                    if expected > Some(size.max_expected()) {
                        continue;
                    }
                    let command = Command::new(HEADER, &data[..length], expected, size).unwrap();
                    let bytes = command.encode();
                    assert_eq!(Command::decode(&bytes), Ok(command));
                    assert_eq!((command.header(), command.data()), (HEADER, &data[..length]));
                    assert_eq!(command.expected(), expected);
                    if length > 0 || expected.is_some() {
                        assert_eq!(command.size(), size);
                    }
                    for cut in 0..4 {
                        assert_eq!(Command::decode(&bytes[..cut]), Err(CommandError::Truncated));
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_not_made() {
        let data = [0; 65_536];
        let refused = |length: usize, expected, size| {
            Command::new(HEADER, &data[..length], expected, size).unwrap_err()
        };
        assert_eq!(
            refused(256, None, Short),
            CommandError::DataTooLong { bytes: 256 }
        );
        assert_eq!(
            refused(65_536, None, Extended),
            CommandError::DataTooLong { bytes: 65_536 }
        );
        for (bytes, size) in [(0, Short), (257, Short), (0, Extended), (65_537, Extended)] {
            assert_eq!(
                refused(1, Some(bytes), size),
                CommandError::ExpectedOutOfRange { bytes }
            );
        }
    }

    #[test]
    fn lengths_that_do_not_add_up_are_refused() {
        for body in [
            &[0x00, 0x00][..],                           // Lc of zero, or half an extended Le
            &[0x01, 0xAA, 0x00, 0x00],                   // a byte too many
            &[0x02, 0xAA],                               // a byte too few
            &[0x00, 0x00, 0x00, 0x00],                   // extended Lc of zero
            &[0x00, 0x00, 0x00, 0x00, 0x00],             // the same with an Le
            &[0x00, 0x00, 0x01, 0xAA, 0x00],             // half an Le
            &[0x00, 0x00, 0x01, 0xAA, 0x00, 0x00, 0x00], // a byte too many
            &[0x00, 0x00, 0x03, 0xAA, 0xBB],             // a byte too few
        ] {
            assert_eq!(
                Command::decode(&with_header(body)),
                Err(CommandError::WrongLength),
                "{body:02X?}"
            );
        }
    }

    /// Whatever is a command at all is the only way to write that command: tried on all bodies of up
    /// to six bytes over a few telling values, and on longer ones with every first byte.
    #[test]
    fn there_is_one_encoding() {
        let mut bodies = vec![Vec::new()];
        let mut longest = bodies.clone();
        for _ in 0..6 {
            longest = longest
                .iter()
                .flat_map(|body| {
                    [0x00, 0x01, 0x02, 0x03, 0xFF].map(|byte| [body.as_slice(), &[byte]].concat())
                })
                .collect();
            bodies.extend(longest.clone());
        }
        bodies.extend((0..=u8::MAX).flat_map(|first| {
            (0..600)
                .step_by(7)
                .map(move |length| [vec![first], vec![0x01; length]].concat())
        }));

        let mut commands = 0;
        for bytes in bodies.iter().map(|body| with_header(body)) {
            if let Ok(command) = Command::decode(&bytes) {
                commands += 1;
                assert_eq!(command.encode(), bytes);
                let again = Command::new(HEADER, command.data(), command.expected(), command.size());
                assert_eq!(again, Ok(command));
            }
        }
        assert!(commands > 500, "{commands} of {} are commands", bodies.len());
    }
}

//! The air between two devices: it counts what passes, and does to it what a test wants.

use wallet_core::handoff::Direction;

/// What passed in one tap, link headers included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Commands that reached the card.
    pub commands: usize,
    /// Bytes of commands.
    pub bytes_to_card: usize,
    /// Bytes of responses.
    pub bytes_to_reader: usize,
}

impl Traffic {
    /// All bytes, both ways.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes_to_card + self.bytes_to_reader
    }
}

/// The air of one tap.
#[derive(Clone, Debug, Default)]
pub struct Air {
    /// Tears the link when this many bytes have passed.
    cut_after: Option<usize>,
    /// Flips one bit of the byte with this number.
    flip: Option<(usize, u8)>,
    traffic: Traffic,
    transcript: Vec<(Direction, Vec<u8>)>,
}

impl Air {
    /// Air that lets everything pass.
    #[must_use]
    pub fn perfect() -> Self {
        Self::default()
    }

    /// A phone slips away when `bytes` bytes have passed, in whichever direction.
    #[must_use]
    pub fn cut_after(bytes: usize) -> Self {
        Self {
            cut_after: Some(bytes),
            ..Self::default()
        }
    }

    /// One bit of the byte with this number arrives wrong.
    #[must_use]
    pub fn flip(byte: usize, bit: u8) -> Self {
        Self {
            flip: Some((byte, bit)),
            ..Self::default()
        }
    }

    /// What passed so far.
    #[must_use]
    pub const fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Everything that was sent, as it was sent, in order.
    #[must_use]
    pub fn transcript(&self) -> &[(Direction, Vec<u8>)] {
        &self.transcript
    }

    /// Carries one frame. `None` if the link tore before its last byte.
    pub fn carry(&mut self, direction: Direction, mut frame: Vec<u8>) -> Option<Vec<u8>> {
        self.transcript.push((direction, frame.clone()));
        let before = self.traffic.bytes();
        if let Some((byte, bit)) = self.flip
            && let Some(hit) = byte.checked_sub(before).and_then(|at| frame.get_mut(at))
        {
            *hit ^= 1 << (bit % 8);
        }
        let passed = match self.cut_after {
            Some(limit) => frame.len().min(limit.saturating_sub(before)),
            None => frame.len(),
        };
        match direction {
            Direction::ToCard => {
                self.traffic.bytes_to_card += passed;
                self.traffic.commands += usize::from(passed == frame.len());
            }
            Direction::ToReader => self.traffic.bytes_to_reader += passed,
        }
        (passed == frame.len()).then_some(frame)
    }
}

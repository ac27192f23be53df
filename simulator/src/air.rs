//! The air between two devices: it counts what passes, and does to it what a test wants.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
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

/// What happens to one frame on its way. Older frames are counted back from this one, among those that were sent the
/// same way, in this tap or an earlier one in the same air.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// It never arrives.
    Drop,
    /// It arrives twice.
    Duplicate,
    /// Only its first bytes arrive.
    Truncate(usize),
    /// One bit of this byte arrives wrong; of a frame too short for that, its last byte.
    Flip(usize, u8),
    /// It arrives late: ahead of the next frame that goes the same way, which is one of a later tap.
    Delay,
    /// It is overtaken: it arrives behind the next frame that goes the same way.
    Overtake,
    /// An older frame arrives once more, and then this one.
    Echo(usize),
    /// An older frame arrives in its place.
    Replace(usize),
}

impl Mishap {
    /// One of every kind, gentle numbers.
    pub const KINDS: [Self; 8] = [
        Self::Drop,
        Self::Duplicate,
        Self::Truncate(1),
        Self::Flip(0, 0),
        Self::Delay,
        Self::Overtake,
        Self::Echo(1),
        Self::Replace(1),
    ];

    /// Any kind, with any numbers.
    fn draw(random: &mut ChaCha20Rng) -> Self {
        let mut below = |limit: u32| random.next_u32() % limit;
        let (kind, bit) = (below(8), below(8).to_le_bytes()[0]);
        let (byte, back) = (below(600) as usize, 1 + below(6) as usize);
        match kind {
            0 => Self::Drop,
            1 => Self::Duplicate,
            2 => Self::Truncate(byte),
            3 => Self::Flip(byte, bit),
            4 => Self::Delay,
            5 => Self::Overtake,
            6 => Self::Echo(back),
            _ => Self::Replace(back),
        }
    }
}

/// The air of one tap, and what still hangs in it from taps before.
#[derive(Clone, Debug, Default)]
pub struct Air {
    /// Tears the link when this many bytes have passed.
    cut_after: Option<usize>,
    /// Flips one bit of the byte with this number.
    flip: Option<(usize, u8)>,
    /// What happens to the frame with this number.
    mishaps: BTreeMap<usize, Mishap>,
    traffic: Traffic,
    frames: usize,
    held: Vec<Held>,
    transcript: Vec<(Direction, Vec<u8>)>,
}

/// A frame that waits for the next one that goes its way.
#[derive(Clone, Debug)]
struct Held {
    direction: Direction,
    frame: Vec<u8>,
    overtaken: bool,
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

    /// These frames meet with these mishaps. Frames of both directions are counted together, from 0.
    #[must_use]
    pub fn with(mishaps: impl IntoIterator<Item = (usize, Mishap)>) -> Self {
        Self {
            mishaps: mishaps.into_iter().collect(),
            ..Self::default()
        }
    }

    /// About one frame in six meets with a mishap. The seed says which one with what.
    #[must_use]
    pub fn stormy(seed: u64) -> Self {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        // Longer than any tap.
        let unlucky: Vec<usize> = (0..32).filter(|_| random.next_u32().is_multiple_of(6)).collect();
        Self::with(
            unlucky
                .into_iter()
                .map(|frame| (frame, Mishap::draw(&mut random))),
        )
    }

    /// This air, blown into by an earlier tap's: what was held back there arrives here, and what was sent there can be
    /// heard again.
    #[must_use]
    pub fn after(self, earlier: Self) -> Self {
        Self {
            held: earlier.held,
            transcript: earlier.transcript,
            ..self
        }
    }

    /// What passed so far, in this tap.
    #[must_use]
    pub const fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Everything that was sent, as it was sent, in order; earlier taps in the same air included.
    #[must_use]
    pub fn transcript(&self) -> &[(Direction, Vec<u8>)] {
        &self.transcript
    }

    /// Carries one frame, and returns what arrives now, in order: usually just that frame.
    pub fn carry(&mut self, direction: Direction, frame: Vec<u8>) -> Vec<Vec<u8>> {
        self.transcript.push((direction, frame.clone()));
        let mishap = self.mishaps.get(&self.frames).copied();
        self.frames += 1;
        let waited = self.release(direction);
        let mut arriving = self.meet(mishap, direction, frame);
        for Held { frame, overtaken, .. } in waited {
            let place = if overtaken { arriving.len() } else { 0 };
            arriving.insert(place, frame);
        }
        arriving
            .into_iter()
            .filter_map(|frame| self.pass(direction, frame))
            .collect()
    }

    /// What has waited for a frame in this direction.
    fn release(&mut self, direction: Direction) -> Vec<Held> {
        let (waited, held) = core::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| held.direction == direction);
        self.held = held;
        waited
    }

    /// What becomes of the frame.
    fn meet(&mut self, mishap: Option<Mishap>, direction: Direction, mut frame: Vec<u8>) -> Vec<Vec<u8>> {
        match mishap {
            None => vec![frame],
            Some(Mishap::Drop) => Vec::new(),
            Some(Mishap::Duplicate) => vec![frame.clone(), frame],
            Some(Mishap::Truncate(length)) => {
                frame.truncate(length);
                vec![frame]
            }
            Some(Mishap::Flip(byte, bit)) => {
                let last = frame.len().saturating_sub(1);
                flip(&mut frame, byte.min(last), bit);
                vec![frame]
            }
            Some(late @ (Mishap::Delay | Mishap::Overtake)) => {
                self.held.push(Held {
                    direction,
                    frame,
                    overtaken: late == Mishap::Overtake,
                });
                Vec::new()
            }
            Some(Mishap::Echo(back)) => self.older(direction, back).into_iter().chain([frame]).collect(),
            Some(Mishap::Replace(back)) => self.older(direction, back).into_iter().collect(),
        }
    }

    /// The frame sent so many frames before the last one, the same way.
    fn older(&self, direction: Direction, back: usize) -> Option<Vec<u8>> {
        self.transcript
            .iter()
            .rev()
            .filter(|(other, _)| *other == direction)
            .nth(back)
            .map(|(_, frame)| frame.clone())
    }

    /// Lets one frame pass, and counts it. `None` if the link tore before its last byte.
    fn pass(&mut self, direction: Direction, mut frame: Vec<u8>) -> Option<Vec<u8>> {
        let before = self.traffic.bytes();
        if let Some((byte, bit)) = self.flip
            && let Some(at) = byte.checked_sub(before)
        {
            flip(&mut frame, at, bit);
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

/// Turns over one bit, if there is such a byte.
fn flip(frame: &mut [u8], byte: usize, bit: u8) {
    if let Some(hit) = frame.get_mut(byte) {
        *hit ^= 1 << (bit % 8);
    }
}

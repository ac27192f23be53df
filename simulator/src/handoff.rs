//! Two phones, one payment, any number of taps.

use std::collections::VecDeque;

use wallet_core::{
    HandoffError, Outcome, PayError, Session, Side, TapError,
    handoff::{Direction, Tap},
    link::apdu::{Card, FrameSize},
};

use crate::air::{Air, Traffic};

/// Who is the card. The other one is the reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Roles {
    /// The payee answers as a card: Noise NX.
    PayeeIsCard,
    /// The payer answers as a card: Noise XN.
    PayerIsCard,
}

impl Roles {
    /// Both assignments.
    pub const ALL: [Self; 2] = [Self::PayeeIsCard, Self::PayerIsCard];

    /// The payer's side of the link.
    #[must_use]
    pub const fn payer(self) -> Side {
        match self {
            Self::PayeeIsCard => Side::Reader,
            Self::PayerIsCard => Side::Card,
        }
    }

    /// The payee's side of the link.
    #[must_use]
    pub const fn payee(self) -> Side {
        match self {
            Self::PayeeIsCard => Side::Card,
            Self::PayerIsCard => Side::Reader,
        }
    }
}

/// The frames of a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frames {
    /// Extended length.
    Extended,
    /// At most 255 bytes of data.
    Short,
}

impl Frames {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Extended, Self::Short];

    const fn size(self) -> FrameSize {
        match self {
            Self::Extended => FrameSize::Extended,
            Self::Short => FrameSize::Short,
        }
    }
}

/// What carries the messages of a contact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// Commands and responses, as in NFC.
    Apdus(Frames),
    /// The messages as they are, as over a socket.
    Messages,
}

impl Link {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::Apdus(Frames::Extended),
        Self::Apdus(Frames::Short),
        Self::Messages,
    ];

    /// A link of the other kind.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Apdus(_) => Self::Messages,
            Self::Messages => Self::Apdus(Frames::Extended),
        }
    }
}

/// A payer's and a payee's session, held together.
#[derive(Debug)]
pub struct Handoff {
    /// The payer's side.
    pub payer: Session,
    /// The payee's side.
    pub payee: Session,
}

/// What one tap came to.
#[derive(Debug)]
pub struct TapReport {
    /// `true` if the conversation came to its end; `false` if the link tore.
    pub result: Result<bool, TapError>,
    /// What passed.
    pub traffic: Traffic,
    /// What the payer knows.
    pub payer: Option<Outcome>,
    /// What the payee knows.
    pub payee: Option<Outcome>,
}

impl TapReport {
    /// Why the payer declined, if it did.
    #[must_use]
    pub const fn declined(&self) -> Option<PayError> {
        match &self.payer {
            Some(Outcome::Declined { reason, .. }) => Some(*reason),
            _ => None,
        }
    }

    /// Whether the tap came to its end, with the payment taken and receipted.
    #[must_use]
    pub const fn completed(&self) -> bool {
        matches!(
            (&self.result, &self.payer, &self.payee),
            (
                Ok(true),
                Some(Outcome::Paid { .. }),
                Some(Outcome::Received { .. })
            )
        )
    }
}

impl Handoff {
    /// Holds the phones together once: commands and responses, as NFC carries them.
    pub fn tap(&mut self, frames: Frames, air: &mut Air) -> TapReport {
        self.over(Link::Apdus(frames), air)
    }

    /// Connects the phones once over a link of another kind, a socket say: it carries the sessions' messages as they are.
    pub fn converse(&mut self, air: &mut Air) -> TapReport {
        self.over(Link::Messages, air)
    }

    /// Connects the phones once, over this link.
    pub fn over(&mut self, link: Link, air: &mut Air) -> TapReport {
        let result = self.connect(link, |direction, frame| air.carry(direction, frame));
        TapReport {
            result,
            traffic: air.traffic(),
            payer: self.payer.outcome().cloned(),
            payee: self.payee.outcome().cloned(),
        }
    }

    /// Connects the phones once. Every frame that leaves one of them goes to `carry`, which tells what arrives at the other.
    ///
    /// # Errors
    /// [`TapError`]. A link that tore is none: then it returns `Ok(false)`.
    pub fn connect(
        &mut self,
        link: Link,
        mut carry: impl FnMut(Direction, Vec<u8>) -> Vec<Vec<u8>>,
    ) -> Result<bool, TapError> {
        let (reader, card) = self.sides();
        match link {
            Link::Apdus(frames) => {
                let mut slot = Card::default();
                let (mut tap, select) = Tap::begin(reader, frames.size())?;
                exchange(
                    &mut carry,
                    select,
                    |command| Ok(Some(slot.process(card, command))),
                    |response| tap.receive(reader, response),
                )
            }
            Link::Messages => {
                let first = begin(reader, card)?;
                Ok(exchange(
                    &mut carry,
                    first,
                    |message| card.hear(message),
                    |message| reader.hear(message),
                )?)
            }
        }
    }

    const fn sides(&mut self) -> (&mut Session, &mut Session) {
        match self.payer.side() {
            Side::Reader => (&mut self.payer, &mut self.payee),
            Side::Card => (&mut self.payee, &mut self.payer),
        }
    }
}

/// Both sides of a link without a handshake of its own.
fn begin(reader: &mut Session, card: &mut Session) -> Result<Vec<u8>, HandoffError> {
    card.begin()?;
    reader.begin()?.ok_or(HandoffError::OutOfOrder)
}

/// Carries frames to and fro. The card hears all that arrives; the reader waits for one answer to each frame of its
/// own. `Ok(true)` when the reader has nothing more to say, `Ok(false)` when it waits in vain.
fn exchange<E>(
    carry: &mut impl FnMut(Direction, Vec<u8>) -> Vec<Vec<u8>>,
    mut frame: Vec<u8>,
    mut card: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, E>,
    mut reader: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, E>,
) -> Result<bool, E> {
    // After a duplicate one answer too many is on its way: the reader takes it for the answer to its next frame.
    let mut answers = VecDeque::new();
    loop {
        for arrived in carry(Direction::ToCard, frame) {
            if let Some(answer) = card(&arrived)? {
                answers.extend(carry(Direction::ToReader, answer));
            }
        }
        let Some(answer) = answers.pop_front() else {
            return Ok(false);
        };
        match reader(&answer)? {
            Some(next) => frame = next,
            None => return Ok(true),
        }
    }
}

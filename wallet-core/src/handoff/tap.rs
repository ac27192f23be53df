//! A tap over APDUs: the session's messages inside the link's frames.

use super::{Session, Side};
use crate::{
    error::{HandoffError, TapError},
    link::apdu::{Card, CardApplication, CardFailure, CardRole, FrameSize, Reader, Step},
};

/// The reader's side of one tap. Begin a new one for every contact; the session lives on.
#[derive(Debug)]
pub struct Tap {
    reader: Reader,
}

impl Tap {
    /// A tap in which this session is the reader, with the command to transmit first.
    ///
    /// # Errors
    /// [`TapError::SameRole`] if the session was made for the card's side.
    pub fn begin(session: &Session, frames: FrameSize) -> Result<(Self, Vec<u8>), TapError> {
        if session.side() != Side::Reader {
            return Err(TapError::SameRole);
        }
        let mut reader = Reader::new(frames);
        let select = reader.select();
        Ok((Self { reader }, select))
    }

    /// Takes the card's response and returns the next command; `None` when the handoff is over. The session is the one
    /// that the tap began with.
    ///
    /// # Errors
    /// [`TapError`]; the tap is over, and another may begin.
    pub fn receive(&mut self, session: &mut Session, response: &[u8]) -> Result<Option<Vec<u8>>, TapError> {
        let message = match self.reader.receive(response)? {
            Step::Transmit(command) => return Ok(Some(command)),
            Step::Selected(card) => {
                let same = matches!(
                    (card, session.is_payee()),
                    (CardRole::Payee, true) | (CardRole::Payer, false)
                );
                if same {
                    return Err(TapError::SameRole);
                }
                session.begin()?
            }
            Step::Message(reply) => session.hear(&reply)?,
        };
        Ok(message.map(|message| self.reader.send(&message)).transpose()?)
    }
}

/// The card's side: give it to [`Card::process`] with every command that arrives.
impl CardApplication for Session {
    fn role(&self) -> Option<CardRole> {
        match (self.side, self.is_payee()) {
            (Side::Reader, _) => None,
            (Side::Card, true) => Some(CardRole::Payee),
            // A payer that has paid is no longer armed.
            (Side::Card, false) if self.is_spent() => None,
            (Side::Card, false) => Some(CardRole::Payer),
        }
    }

    fn select(&mut self) {
        // What goes wrong here shows at the first message, which then finds the line closed.
        let _begun = self.begin();
    }

    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, CardFailure> {
        match self.hear(message) {
            Ok(answer) => Ok(answer.unwrap_or_default()),
            Err(HandoffError::Channel(_)) => Err(CardFailure::SecurityStatusNotSatisfied),
            Err(HandoffError::Decode(_) | HandoffError::OutOfOrder) => Err(CardFailure::WrongData),
            Err(HandoffError::Fault(_) | HandoffError::Closed | HandoffError::ReceiptForged) => {
                Err(CardFailure::ConditionsNotSatisfied)
            }
        }
    }
}

/// Carries commands from a reader's tap to a card in the same process until the handoff is over, through `air`,
/// which may change, count, or cut what passes: `None` from it is a torn tap.
///
/// # Errors
/// [`TapError`] of the reader's side. A torn tap is no error of this function: it returns `Ok(false)`.
pub fn connect(
    reader: &mut Session,
    card: &mut Session,
    frames: FrameSize,
    mut air: impl FnMut(Direction, Vec<u8>) -> Option<Vec<u8>>,
) -> Result<bool, TapError> {
    let mut slot = Card::default();
    let (mut tap, mut command) = Tap::begin(reader, frames)?;
    loop {
        let Some(arrived) = air(Direction::ToCard, command) else {
            return Ok(false);
        };
        let response = slot.process(card, &arrived);
        let Some(arrived) = air(Direction::ToReader, response) else {
            return Ok(false);
        };
        match tap.receive(reader, &arrived)? {
            Some(next) => command = next,
            None => return Ok(true),
        }
    }
}

/// Which way a frame goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// A command.
    ToCard,
    /// A response.
    ToReader,
}

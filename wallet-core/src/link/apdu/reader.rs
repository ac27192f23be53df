//! The reader's side: says which command to transmit next.

use core::mem;

use super::{
    AID, CHAINING, CLASS_INTERINDUSTRY, CLASS_PROPRIETARY, CardRole, Command, FrameSize, Header,
    INS_EXCHANGE, INS_GET_RESPONSE, INS_SELECT, Response, StatusWord, selection::parse_control_information,
};
use crate::link::MAX_MESSAGE;

/// Why an exchange failed on the reader's side.
///
/// After an error of [`Reader::receive`] the session is over, and only [`Reader::select`] begins
/// another; an error of [`Reader::send`] changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LinkError {
    /// Nobody there is ready: no wallet, or its user has not armed it.
    #[error("the other device is not ready: its user has to arm it")]
    NotArmed,
    /// The card speaks another version of the protocol.
    #[error("the other device speaks version {version} of the protocol, which this one does not know")]
    UnsupportedVersion {
        /// The version that it speaks.
        version: u8,
    },
    /// The card's answer to SELECT is not that of a wallet.
    #[error("the other device does not introduce itself as a wallet")]
    MalformedSelection,
    /// The card refuses the message, or fails.
    #[error("the other device refuses with status {status}")]
    Refused {
        /// What it says.
        status: StatusWord,
    },
    /// The card's response is shorter than a status word, or says that the reply goes on where
    /// it cannot.
    #[error("the response of the other device is malformed")]
    MalformedResponse,
    /// The card's reply is longer than [`MAX_MESSAGE`].
    #[error("the reply of the other device is longer than {MAX_MESSAGE} bytes")]
    ReplyTooLong,
    /// A message to send is longer than [`MAX_MESSAGE`].
    #[error("a message of {bytes} bytes is longer than {MAX_MESSAGE}")]
    MessageTooLong {
        /// The length of the message, in bytes.
        bytes: usize,
    },
    /// A session has no more than 256 messages.
    #[error("the session has no message left")]
    Exhausted,
    /// A message to send, and no session: it begins with [`Step::Selected`].
    #[error("no card is selected")]
    NotSelected,
    /// A message to send before the reply to the one before.
    #[error("the reply to the last message is outstanding")]
    ReplyOutstanding,
    /// A response, and no command that it could answer.
    #[error("no response is expected")]
    NothingOutstanding,
}

/// What a response leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Transmit this command.
    Transmit(Vec<u8>),
    /// The card is selected, in this role; send the first message.
    Selected(CardRole),
    /// The exchange is complete, and this is the reply.
    Message(Vec<u8>),
}

/// A reader and its session with one card.
#[derive(Debug)]
pub struct Reader {
    size: FrameSize,
    /// The number of the session's next message; `None` after message 255.
    next: Option<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// There is no session.
    Deselected,
    /// SELECT is transmitted.
    Selecting,
    /// The next message can be sent.
    Ready,
    /// A command of a chain is transmitted, and not its last. `unsent` is never empty.
    Sending { number: u8, unsent: Vec<u8> },
    /// All of the message is transmitted, and so much of its reply is here.
    Receiving { number: u8, reply: Vec<u8> },
}

impl Reader {
    /// A reader that writes commands of this size. Whether extended ones pass is known only by
    /// trying; short ones always do.
    #[must_use]
    pub const fn new(size: FrameSize) -> Self {
        Self {
            size,
            next: None,
            state: State::Deselected,
        }
    }

    /// The command that begins a session, ending the one before, in whatever state it is. It is
    /// short in both sizes, so that every card understands it.
    #[must_use]
    pub fn select(&mut self) -> Vec<u8> {
        self.next = Some(0);
        self.state = State::Selecting;
        [
            &[CLASS_INTERINDUSTRY, INS_SELECT, 0x04, 0x00, 0x06],
            &AID[..],
            &[0x00],
        ]
        .concat()
    }

    /// The first command of the next message.
    ///
    /// # Errors
    /// [`LinkError::MessageTooLong`], [`LinkError::NotSelected`], [`LinkError::ReplyOutstanding`],
    /// [`LinkError::Exhausted`]; nothing changed.
    pub fn send(&mut self, message: &[u8]) -> Result<Vec<u8>, LinkError> {
        match self.state {
            State::Ready => {}
            State::Deselected | State::Selecting => return Err(LinkError::NotSelected),
            State::Sending { .. } | State::Receiving { .. } => return Err(LinkError::ReplyOutstanding),
        }
        if message.len() > MAX_MESSAGE {
            return Err(LinkError::MessageTooLong { bytes: message.len() });
        }
        let number = self.next.ok_or(LinkError::Exhausted)?;
        self.transmit(number, message.to_vec())
    }

    /// What to do now that the card has answered the command transmitted last.
    ///
    /// # Errors
    /// What the card did wrong, or [`LinkError::NothingOutstanding`]; the session is over.
    pub fn receive(&mut self, response: &[u8]) -> Result<Step, LinkError> {
        let state = mem::replace(&mut self.state, State::Deselected);
        let response = Response::decode(response).ok_or(LinkError::MalformedResponse)?;
        match state {
            State::Deselected | State::Ready => Err(LinkError::NothingOutstanding),
            State::Selecting => self.selected(&response),
            State::Sending { number, unsent } => {
                check_empty_success(&response)?;
                self.transmit(number, unsent).map(Step::Transmit)
            }
            State::Receiving { number, reply } => self.replied(number, reply, &response),
        }
    }

    fn selected(&mut self, response: &Response) -> Result<Step, LinkError> {
        match response.status {
            StatusWord::SUCCESS => {
                let role = parse_control_information(&response.data)?;
                self.state = State::Ready;
                Ok(Step::Selected(role))
            }
            StatusWord::APPLICATION_NOT_FOUND => Err(LinkError::NotArmed),
            status => Err(LinkError::Refused { status }),
        }
    }

    /// A command with as much of the message as fits; the last one asks for the reply.
    fn transmit(&mut self, number: u8, mut message: Vec<u8>) -> Result<Vec<u8>, LinkError> {
        let bytes = message.len();
        let unsent = message.split_off(bytes.min(self.size.max_data()));
        let last = unsent.is_empty();
        let header = Header {
            class: if last {
                CLASS_PROPRIETARY
            } else {
                CLASS_PROPRIETARY | CHAINING
            },
            instruction: INS_EXCHANGE,
            p1: number,
            p2: 0x00,
        };
        let expected = last.then_some(self.size.max_expected());
        let command = Command::new(header, &message, expected, self.size)
            .map_err(|_| LinkError::MessageTooLong { bytes })?
            .encode();
        self.state = if last {
            State::Receiving {
                number,
                reply: Vec::new(),
            }
        } else {
            State::Sending { number, unsent }
        };
        Ok(command)
    }

    /// A part of the reply, or all of it. Each part but the last has data, so a reply comes to an
    /// end whatever the card does.
    fn replied(&mut self, number: u8, mut reply: Vec<u8>, response: &Response) -> Result<Step, LinkError> {
        let more = match response.status {
            StatusWord::SUCCESS => None,
            status => Some(status.available().ok_or(LinkError::Refused { status })?),
        };
        if reply.len() + response.data.len() > MAX_MESSAGE {
            return Err(LinkError::ReplyTooLong);
        }
        reply.extend(&response.data);
        match more {
            None => {
                self.next = number.checked_add(1);
                self.state = State::Ready;
                Ok(Step::Message(reply))
            }
            Some(_) if response.data.is_empty() => Err(LinkError::MalformedResponse),
            Some(available) => {
                self.state = State::Receiving { number, reply };
                Ok(Step::Transmit(vec![
                    CLASS_INTERINDUSTRY,
                    INS_GET_RESPONSE,
                    0x00,
                    0x00,
                    available,
                ]))
            }
        }
    }
}

/// The answer to a command of a chain before the last.
fn check_empty_success(response: &Response) -> Result<(), LinkError> {
    match response.status {
        StatusWord::SUCCESS if response.data.is_empty() => Ok(()),
        StatusWord::SUCCESS => Err(LinkError::MalformedResponse),
        status => Err(LinkError::Refused { status }),
    }
}

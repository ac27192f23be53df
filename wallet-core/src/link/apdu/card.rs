//! The card's side: answers one command at a time and never fails.

use core::mem;

use super::{
    AID, CHAINING, CLASS_INTERINDUSTRY, CLASS_PROPRIETARY, CardRole, Command, FrameSize, Header,
    INS_EXCHANGE, INS_GET_RESPONSE, INS_SELECT, Response, StatusWord, selection::control_information,
};
use crate::link::MAX_MESSAGE;

/// What a [`Card`] delivers messages to.
pub trait CardApplication {
    /// What this device is ready to be, or `None` while its user has not armed it: then the card
    /// answers as if there were no wallet. Asked on SELECT only; a session that was opened
    /// lasts until [`CardApplication::exchange`] refuses.
    fn role(&self) -> Option<CardRole>;

    /// A new session begins; the one before, if any, is over.
    fn select(&mut self);

    /// The reply to the session's next message. Messages arrive whole, in order and once.
    /// The reply is at most [`MAX_MESSAGE`] bytes long.
    ///
    /// # Errors
    /// A [`CardFailure`] ends the session; the reader learns which one it was, and nothing else.
    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, CardFailure>;
}

/// A phone that its user has not armed: for [`Card::process`] while there is no session. Whatever a reader says, it hears
/// what it would hear from a phone without a wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unarmed;

impl CardApplication for Unarmed {
    fn role(&self) -> Option<CardRole> {
        None
    }

    fn select(&mut self) {}

    fn exchange(&mut self, _: &[u8]) -> Result<Vec<u8>, CardFailure> {
        Err(CardFailure::ConditionsNotSatisfied)
    }
}

/// Why an application refuses a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum CardFailure {
    /// Not in this state: `6985`.
    #[error("conditions of use not satisfied")]
    ConditionsNotSatisfied,
    /// The message is not authentic or not permitted: `6982`.
    #[error("security status not satisfied")]
    SecurityStatusNotSatisfied,
    /// The message makes no sense: `6A80`.
    #[error("wrong data")]
    WrongData,
}

impl From<CardFailure> for StatusWord {
    fn from(failure: CardFailure) -> Self {
        match failure {
            CardFailure::ConditionsNotSatisfied => Self::CONDITIONS_NOT_SATISFIED,
            CardFailure::SecurityStatusNotSatisfied => Self::SECURITY_STATUS_NOT_SATISFIED,
            CardFailure::WrongData => Self::WRONG_DATA,
        }
    }
}

/// A card with one application, at first not selected.
#[derive(Debug, Default)]
pub struct Card {
    /// The number of the session's next message; `None` while the application is not selected.
    /// A message has one byte for its number: none matches 256, and the session is exhausted.
    next: Option<u16>,
    unfinished: Unfinished,
}

/// What the next command may continue, and any other drops.
#[derive(Debug, Default)]
enum Unfinished {
    #[default]
    Nothing,
    /// A message of which the last part has not arrived. Never empty, at most [`MAX_MESSAGE`].
    Message(Vec<u8>),
    /// The part of a reply that has not been fetched. Never empty.
    Reply(Vec<u8>),
}

impl Card {
    /// The response to a command. Any bytes are a command; what is none of ours is refused with
    /// the status word that ISO 7816-4 has for it.
    pub fn process(&mut self, application: &mut dyn CardApplication, command: &[u8]) -> Vec<u8> {
        self.answer(application, command)
            .unwrap_or_else(Response::status)
            .encode()
    }

    /// The reader is gone: ends the session.
    pub fn deactivate(&mut self) {
        *self = Self::default();
    }

    fn answer(
        &mut self,
        application: &mut dyn CardApplication,
        bytes: &[u8],
    ) -> Result<Response, StatusWord> {
        let unfinished = mem::take(&mut self.unfinished);
        let command = Command::decode(bytes).map_err(|_| StatusWord::WRONG_LENGTH)?;
        let Header {
            class, instruction, ..
        } = command.header();
        let more_follow = class & CHAINING != 0;
        match (class & !CHAINING, instruction) {
            (CLASS_INTERINDUSTRY, INS_SELECT | INS_GET_RESPONSE) if more_follow => {
                Err(StatusWord::CHAINING_NOT_SUPPORTED)
            }
            (CLASS_INTERINDUSTRY, INS_SELECT) => self.select(application, &command),
            (CLASS_INTERINDUSTRY, INS_GET_RESPONSE) => self.get_response(&command, unfinished),
            (CLASS_PROPRIETARY, INS_EXCHANGE) => {
                self.exchange(application, &command, more_follow, unfinished)
            }
            (CLASS_INTERINDUSTRY | CLASS_PROPRIETARY, _) => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
            _ => Err(StatusWord::CLASS_NOT_SUPPORTED),
        }
    }

    /// SELECT by name, first or only occurrence, return control information (section 7.1.1).
    /// Whatever it selects, it ends the session before.
    fn select(
        &mut self,
        application: &mut dyn CardApplication,
        command: &Command<'_>,
    ) -> Result<Response, StatusWord> {
        self.next = None;
        check_parameters(command, 0x04, 0x00)?;
        check_short(command)?;
        if command.data() != AID {
            return Err(StatusWord::APPLICATION_NOT_FOUND);
        }
        let role = application.role().ok_or(StatusWord::APPLICATION_NOT_FOUND)?;
        application.select();
        self.next = Some(0);
        // A phone's own stack may select us before the app does, and not want the answer.
        Ok(match command.expected() {
            Some(expected) => self.reply(control_information(role).to_vec(), expected),
            None => Response::status(StatusWord::SUCCESS),
        })
    }

    /// EXCHANGE: a message, or a part of one (section 5.1.1.1).
    fn exchange(
        &mut self,
        application: &mut dyn CardApplication,
        command: &Command<'_>,
        more_follow: bool,
        unfinished: Unfinished,
    ) -> Result<Response, StatusWord> {
        let number = self.next.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let expected_p1 = u8::try_from(number).map_err(|_| StatusWord::WRONG_PARAMETERS)?;
        check_parameters(command, expected_p1, 0x00)?;

        let chain = match unfinished {
            Unfinished::Message(received) => Some(received),
            Unfinished::Reply(_) | Unfinished::Nothing => None,
        };
        let message = extend(chain, command, more_follow)?;
        if more_follow {
            self.unfinished = Unfinished::Message(message);
            return Ok(Response::status(StatusWord::SUCCESS));
        }
        let expected = command.expected().ok_or(StatusWord::WRONG_LENGTH)?;
        // Until the application has answered there is no session, and without a reply none after.
        self.next = None;
        let reply = application.exchange(&message)?;
        if reply.len() > MAX_MESSAGE {
            return Err(StatusWord::NO_PRECISE_DIAGNOSIS);
        }
        self.next = Some(number + 1);
        Ok(self.reply(reply, expected))
    }

    /// GET RESPONSE: the next part of a reply (section 7.6.1).
    fn get_response(
        &mut self,
        command: &Command<'_>,
        unfinished: Unfinished,
    ) -> Result<Response, StatusWord> {
        check_parameters(command, 0x00, 0x00)?;
        check_short(command)?;
        let expected = command
            .expected()
            .filter(|_| command.data().is_empty())
            .ok_or(StatusWord::WRONG_LENGTH)?;
        match unfinished {
            Unfinished::Reply(rest) => Ok(self.reply(rest, expected)),
            Unfinished::Message(_) => Err(StatusWord::LAST_COMMAND_EXPECTED),
            Unfinished::Nothing => Err(StatusWord::CONDITIONS_NOT_SATISFIED),
        }
    }

    /// As much of `reply` as is expected; the rest is kept for GET RESPONSE.
    fn reply(&mut self, mut reply: Vec<u8>, expected: usize) -> Response {
        let rest = reply.split_off(expected.min(reply.len()));
        if rest.is_empty() {
            return Response {
                data: reply,
                status: StatusWord::SUCCESS,
            };
        }
        let status = StatusWord::bytes_available(rest.len());
        self.unfinished = Unfinished::Reply(rest);
        Response { data: reply, status }
    }
}

fn check_parameters(command: &Command<'_>, p1: u8, p2: u8) -> Result<(), StatusWord> {
    let header = command.header();
    if (header.p1, header.p2) == (p1, p2) {
        Ok(())
    } else {
        Err(StatusWord::WRONG_PARAMETERS)
    }
}

fn check_short(command: &Command<'_>) -> Result<(), StatusWord> {
    if command.size() == FrameSize::Short {
        Ok(())
    } else {
        Err(StatusWord::WRONG_LENGTH)
    }
}

/// The data of one more command behind what its chain has brought before, `None` outside a chain.
///
/// Only short commands are chained. Each of them has data, so that a chain comes to an end, and
/// those before the last want no reply.
fn extend(chain: Option<Vec<u8>>, command: &Command<'_>, more_follow: bool) -> Result<Vec<u8>, StatusWord> {
    if command.size() == FrameSize::Extended && more_follow {
        return Err(StatusWord::CHAINING_NOT_SUPPORTED);
    }
    if command.size() == FrameSize::Extended && chain.is_some() {
        return Err(StatusWord::LAST_COMMAND_EXPECTED);
    }
    let empty_part = (more_follow || chain.is_some()) && command.data().is_empty();
    let early_reply = more_follow && command.expected().is_some();
    let mut message = chain.unwrap_or_default();
    if empty_part || early_reply || message.len() + command.data().len() > MAX_MESSAGE {
        return Err(StatusWord::WRONG_LENGTH);
    }
    message.extend(command.data());
    Ok(message)
}

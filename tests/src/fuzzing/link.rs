//! Both sides of the APDU link, each against an invented other side.

use wallet_core::link::{
    MAX_MESSAGE,
    apdu::{
        AID, Card, CardApplication, CardFailure, CardRole, Command, FrameSize, Header, LinkError, Reader,
        Step,
    },
};

use super::input::Input;

/// What the card is for: it answers with what it heard, or with something worse.
struct Echo {
    manner: Manner,
    /// Messages heard since the last SELECT.
    heard: usize,
}

#[derive(Clone, Copy)]
enum Manner {
    Echo,
    Long,
    TooLong,
    Refuse(CardFailure),
}

const MANNERS: [Manner; 6] = [
    Manner::Echo,
    Manner::Long,
    Manner::TooLong,
    Manner::Refuse(CardFailure::ConditionsNotSatisfied),
    Manner::Refuse(CardFailure::SecurityStatusNotSatisfied),
    Manner::Refuse(CardFailure::WrongData),
];

const ROLES: [Option<CardRole>; 3] = [Some(CardRole::Payee), Some(CardRole::Payer), None];

struct Application {
    role: Option<CardRole>,
    echo: Echo,
}

impl CardApplication for Application {
    fn role(&self) -> Option<CardRole> {
        self.role
    }

    fn select(&mut self) {
        assert!(self.role.is_some(), "a card that is not armed was selected");
        self.echo.heard = 0;
    }

    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, CardFailure> {
        assert!(message.len() <= MAX_MESSAGE);
        self.echo.heard += 1;
        assert!(self.echo.heard <= 256, "a message number was used twice");
        match self.echo.manner {
            Manner::Echo => Ok(message.to_vec()),
            Manner::Long => Ok(message.repeat(40).into_iter().take(MAX_MESSAGE).collect()),
            Manner::TooLong => Ok(vec![0; MAX_MESSAGE + 1]),
            Manner::Refuse(failure) => Err(failure),
        }
    }
}

/// The first two bytes are what the card is and how it answers, then come commands: whole ones, and the parts of good ones.
pub fn apdu_card(data: &[u8]) {
    let mut input = Input::new(data);
    let mut application = Application {
        role: *input.one_of(&ROLES),
        echo: Echo {
            manner: *input.one_of(&MANNERS),
            heard: 0,
        },
    };
    let mut card = Card::default();
    while !input.is_empty() {
        let command = match input.byte() % 8 {
            0 => input.chunk().to_vec(),
            1 => command([0x00, 0xA4, 0x04, 0x00], &AID, Some(256), FrameSize::Short),
            2 => exchange(0x80, &mut input, FrameSize::Short),
            3 => exchange(0x90, &mut input, FrameSize::Short),
            4 => exchange(0x80, &mut input, FrameSize::Extended),
            5 => command([0x00, 0xC0, 0x00, 0x00], &[], Some(256), FrameSize::Short),
            6 => {
                application.echo.manner = *input.one_of(&MANNERS);
                continue;
            }
            _ => {
                card.deactivate();
                continue;
            }
        };
        let response = card.process(&mut application, &command);
        check_answer(&command, &response);
    }
}

/// There is always an answer, and never more of it than the command wanted.
fn check_answer(bytes: &[u8], response: &[u8]) {
    let data = response
        .len()
        .checked_sub(2)
        .expect("a response has a status word");
    match Command::decode(bytes) {
        Ok(command) => {
            assert_eq!(command.encode(), bytes, "a command has one encoding");
            assert!(data <= command.expected().unwrap_or_default());
        }
        Err(_) => assert_eq!(response, [0x67, 0x00]),
    }
}

fn exchange(class: u8, input: &mut Input<'_>, size: FrameSize) -> Vec<u8> {
    let number = input.byte();
    let repeated = 1 + input.below(200);
    let message = input.chunk().repeat(repeated);
    let message = &message[..message.len().min(size.max_data())];
    let expected = (class & 0x10 == 0).then_some(size.max_expected());
    command([class, 0x50, number, 0x00], message, expected, size)
}

fn command(
    [class, instruction, p1, p2]: [u8; 4],
    data: &[u8],
    expected: Option<usize>,
    size: FrameSize,
) -> Vec<u8> {
    let header = Header {
        class,
        instruction,
        p1,
        p2,
    };
    Command::new(header, data, expected, size)
        .expect("it fits")
        .encode()
}

/// The first byte is the size of frames, then come responses, or messages to send.
pub fn apdu_reader(data: &[u8]) {
    let mut input = Input::new(data);
    let size = *input.one_of(&[FrameSize::Short, FrameSize::Extended]);
    let mut reader = Reader::new(size);
    // What may be sent next, by what the reader has said so far.
    let mut ready = false;
    while !input.is_empty() {
        match input.byte() % 8 {
            0 => {
                check_command(&reader.select(), FrameSize::Short);
                ready = false;
            }
            1 => {
                let repeated = 1 + input.below(200);
                let message = input.chunk().repeat(repeated);
                match reader.send(&message) {
                    Ok(command) => {
                        assert!(ready && message.len() <= MAX_MESSAGE);
                        check_command(&command, size);
                        ready = false;
                    }
                    Err(LinkError::MessageTooLong { bytes }) => {
                        assert!(ready && bytes > MAX_MESSAGE);
                    }
                    Err(LinkError::Exhausted) => assert!(ready),
                    Err(LinkError::NotSelected | LinkError::ReplyOutstanding) => assert!(!ready),
                    Err(other) => panic!("sending failed with {other}"),
                }
            }
            2 => ready = hear(&mut reader, size, &selection(&mut input)),
            3 => {
                let status = [0x61, input.byte()];
                let part = [input.chunk(), &status].concat();
                ready = hear(&mut reader, size, &part);
            }
            4 => {
                let repeated = 1 + input.below(200);
                let reply = [&input.chunk().repeat(repeated), [0x90, 0x00].as_slice()].concat();
                ready = hear(&mut reader, size, &reply);
            }
            _ => ready = hear(&mut reader, size, input.chunk()),
        }
    }
}

/// What a card says when it is selected, more or less.
fn selection(input: &mut Input<'_>) -> Vec<u8> {
    let (version, role) = (input.below(3) as u8, input.below(4) as u8);
    vec![0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, version, role, 0x90, 0x00]
}

/// Whether the next message can be sent now.
fn hear(reader: &mut Reader, size: FrameSize, response: &[u8]) -> bool {
    match reader.receive(response) {
        Ok(Step::Transmit(command)) => {
            check_command(&command, size);
            false
        }
        Ok(Step::Message(reply)) => {
            assert!(reply.len() <= MAX_MESSAGE);
            true
        }
        Ok(Step::Selected(_)) => true,
        Err(_) => false,
    }
}

/// Whatever is to be transmitted is a command, of the size that was asked for.
fn check_command(bytes: &[u8], size: FrameSize) {
    let command = Command::decode(bytes).expect("a reader sends commands");
    assert!(size == FrameSize::Extended || command.size() == FrameSize::Short);
}

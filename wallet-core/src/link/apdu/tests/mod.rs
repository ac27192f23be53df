//! Reader and card together and one by one.

mod card;
mod exchange;
mod reader;

use super::{Card, CardApplication, CardFailure, CardRole, LinkError, Reader, Step};

/// An application that keeps what it is told and replies as the test wants.
struct TestApplication {
    role: Option<CardRole>,
    sessions: usize,
    messages: Vec<Vec<u8>>,
    reply: Result<Vec<u8>, CardFailure>,
}

impl TestApplication {
    fn new(reply: impl Into<Vec<u8>>) -> Self {
        Self {
            role: Some(CardRole::Payee),
            sessions: 0,
            messages: Vec::new(),
            reply: Ok(reply.into()),
        }
    }
}

impl CardApplication for TestApplication {
    fn role(&self) -> Option<CardRole> {
        self.role
    }

    fn select(&mut self) {
        self.sessions += 1;
    }

    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, CardFailure> {
        self.messages.push(message.to_vec());
        self.reply.clone()
    }
}

/// So many bytes, no two neighbourhoods of them alike.
fn bytes(length: usize) -> Vec<u8> {
    (0_u32..)
        .map(|n| (n.wrapping_mul(0x9E37_79B1) >> 24) as u8)
        .take(length)
        .collect()
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }
}

/// Hands commands to the card and responses to the reader until something other than
/// transmitting is to be done. Returns that and the number of commands.
fn run(
    reader: &mut Reader,
    card: &mut Card,
    application: &mut TestApplication,
    mut command: Vec<u8>,
) -> (Result<Step, LinkError>, usize) {
    for commands in 1.. {
        let response = card.process(application, &command);
        match reader.receive(&response) {
            Ok(Step::Transmit(next)) => command = next,
            outcome => return (outcome, commands),
        }
    }
    unreachable!()
}

/// Selects the card.
fn selected(reader: &mut Reader, card: &mut Card, application: &mut TestApplication) -> CardRole {
    let select = reader.select();
    match run(reader, card, application, select) {
        (Ok(Step::Selected(role)), 1) => role,
        outcome => panic!("{outcome:?}"),
    }
}

/// Sends a message and returns the reply and the number of commands.
fn exchanged(
    reader: &mut Reader,
    card: &mut Card,
    application: &mut TestApplication,
    message: &[u8],
) -> (Vec<u8>, usize) {
    let command = reader.send(message).unwrap();
    match run(reader, card, application, command) {
        (Ok(Step::Message(reply)), commands) => (reply, commands),
        outcome => panic!("{outcome:?}"),
    }
}

//! What a card answers to commands that a reader of ours never sends.

use super::{Random, TestApplication, bytes, exchanged, selected};
use crate::link::{
    MAX_MESSAGE,
    apdu::{AID, Card, CardFailure, CardRole, FrameSize, Reader},
};

const SELECT: [u8; 12] = [
    0x00, 0xA4, 0x04, 0x00, 0x06, 0xF0, 0x44, 0x43, 0x45, 0x50, 0x01, 0x00,
];
const GET_RESPONSE: [u8; 5] = [0x00, 0xC0, 0x00, 0x00, 0x00];
/// Message 0, `AA`, in one short command.
const MESSAGE: [u8; 7] = [0x80, 0x50, 0x00, 0x00, 0x01, 0xAA, 0x00];
/// The beginning of message 0, `BB`.
const PART: [u8; 6] = [0x90, 0x50, 0x00, 0x00, 0x01, 0xBB];

/// A card under test with its application, at first selected.
struct Fixture {
    card: Card,
    application: TestApplication,
}

impl Fixture {
    fn selected(reply: impl Into<Vec<u8>>) -> Self {
        let mut fixture = Self {
            card: Card::default(),
            application: TestApplication::new(reply),
        };
        fixture.expect_data(
            &SELECT,
            &[0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x01, 0x01],
            [0x90, 0x00],
        );
        fixture
    }

    fn expect(&mut self, command: &[u8], status: [u8; 2]) {
        self.expect_data(command, &[], status);
    }

    fn expect_data(&mut self, command: &[u8], data: &[u8], status: [u8; 2]) {
        let response = self.card.process(&mut self.application, command);
        assert_eq!(response, [data, &status].concat(), "to {command:02X?}");
    }
}

#[test]
fn unarmed_or_unselected_it_is_not_there() {
    let mut fixture = Fixture::selected(b"reply");
    fixture.card = Card::default();
    fixture.expect(&MESSAGE, [0x69, 0x85]);
    fixture.expect(&PART, [0x69, 0x85]);
    fixture.expect(&GET_RESPONSE, [0x69, 0x85]);

    fixture.application.role = None;
    fixture.expect(&SELECT, [0x6A, 0x82]);
    fixture.expect(&MESSAGE, [0x69, 0x85]);
    fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
    assert!(fixture.application.messages.is_empty());
    assert_eq!(fixture.application.sessions, 1);
}

/// A session that was opened goes on: the receipt must get through to a payer whose payment has
/// used up what its user armed it for.
#[test]
fn disarming_does_not_cut_a_session() {
    let mut fixture = Fixture::selected(b"reply");
    fixture.application.role = None;
    fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);
    fixture.expect(&SELECT, [0x6A, 0x82]);
    fixture.expect(&[0x80, 0x50, 0x01, 0x00, 0x00], [0x69, 0x85]);
}

#[test]
fn every_select_ends_the_session_and_only_ours_begins_one() {
    let other_aid = [
        0x00, 0xA4, 0x04, 0x00, 0x06, 0xF0, 0x44, 0x43, 0x45, 0x50, 0x02, 0x00,
    ];
    let truncated_aid = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x44, 0x43, 0x45, 0x50, 0x00];
    let longer_aid = [
        0x00, 0xA4, 0x04, 0x00, 0x07, 0xF0, 0x44, 0x43, 0x45, 0x50, 0x01, 0x00, 0x00,
    ];
    let no_aid = [0x00, 0xA4, 0x04, 0x00, 0x00];
    let next_occurrence = [&[0x00, 0xA4, 0x04, 0x02, 0x06], &AID[..], &[0x00]].concat();
    let by_file = [0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00, 0x00];
    let extended = [
        &[0x00, 0xA4, 0x04, 0x00, 0x00, 0x00, 0x06],
        &AID[..],
        &[0x00, 0x00],
    ]
    .concat();
    for (command, status) in [
        (&other_aid[..], [0x6A, 0x82]),
        (&truncated_aid, [0x6A, 0x82]),
        (&longer_aid, [0x6A, 0x82]),
        (&no_aid, [0x6A, 0x82]),
        (&next_occurrence, [0x6A, 0x86]),
        (&by_file, [0x6A, 0x86]),
        (&extended, [0x67, 0x00]),
    ] {
        let mut fixture = Fixture::selected(b"reply");
        fixture.expect(command, status);
        fixture.expect(&MESSAGE, [0x69, 0x85]);
        assert_eq!(fixture.application.sessions, 1);
        assert!(fixture.application.messages.is_empty());
    }
}

#[test]
fn select_may_want_no_answer_or_less_of_it() {
    let mut fixture = Fixture::selected(b"reply");
    fixture.expect(&SELECT[..11], [0x90, 0x00]);
    fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);

    let wants_four = [&SELECT[..11], &[0x04]].concat();
    fixture.expect_data(&wants_four, &[0x6F, 0x06, 0xA5, 0x04], [0x61, 0x04]);
    fixture.expect_data(&GET_RESPONSE, &[0x80, 0x02, 0x01, 0x01], [0x90, 0x00]);
    assert_eq!(fixture.application.sessions, 3);
}

#[test]
fn a_new_select_resets_everything() {
    let mut fixture = Fixture::selected(bytes(300));
    fixture.expect_data(&MESSAGE, &bytes(256), [0x61, 44]);
    assert!(
        fixture
            .card
            .process(&mut fixture.application, &SELECT)
            .ends_with(&[0x90, 0x00])
    );
    fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
    fixture.expect(&PART, [0x90, 0x00]);
    assert!(
        fixture
            .card
            .process(&mut fixture.application, &SELECT)
            .ends_with(&[0x90, 0x00])
    );
    fixture.expect_data(&MESSAGE, &bytes(256), [0x61, 44]);
    assert_eq!(fixture.application.messages, [[0xAA], [0xAA]]);
}

#[test]
fn losing_the_field_resets_everything() {
    let mut fixture = Fixture::selected(bytes(300));
    fixture.expect_data(&MESSAGE, &bytes(256), [0x61, 44]);
    fixture.card.deactivate();
    fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
    fixture.expect(&[0x80, 0x50, 0x01, 0x00, 0x00], [0x69, 0x85]);
}

#[test]
fn unknown_classes_and_instructions() {
    for class in 0..=u8::MAX {
        for instruction in 0..=u8::MAX {
            let expected = match (class, instruction) {
                (0x00 | 0x10, 0xA4 | 0xC0) | (0x80 | 0x90, 0x50) => continue,
                (0x00 | 0x10 | 0x80 | 0x90, _) => [0x6D, 0x00],
                _ => [0x6E, 0x00],
            };
            let mut fixture = Fixture::selected(b"reply");
            fixture.expect(&[class, instruction, 0x00, 0x00], expected);
            fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);
        }
    }
}

#[test]
fn commands_that_are_none() {
    for command in [
        &[][..],
        &[0x00],
        &[0x80, 0x50, 0x00],
        &[0x80, 0x50, 0x00, 0x00, 0x02, 0xAA],
    ] {
        let mut fixture = Fixture::selected(b"reply");
        fixture.expect(command, [0x67, 0x00]);
        fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);
    }
}

#[test]
fn repeated_reordered_and_misnumbered_messages_change_nothing() {
    let mut fixture = Fixture::selected(b"reply");
    let message = |number, p2| [0x80, 0x50, number, p2, 0x01, number, 0x00];
    for number in 0..4 {
        for wrong in (0..=u8::MAX).filter(|wrong| *wrong != number) {
            fixture.expect(&message(wrong, 0x00), [0x6A, 0x86]);
        }
        fixture.expect(&message(number, 0x01), [0x6A, 0x86]);
        fixture.expect_data(&message(number, 0x00), b"reply", [0x90, 0x00]);
        fixture.expect(&message(number, 0x00), [0x6A, 0x86]);
    }
    assert_eq!(fixture.application.messages, [[0], [1], [2], [3]]);
}

#[test]
fn malformed_exchanges_change_nothing() {
    let too_long = [
        &[0x80, 0x50, 0x00, 0x00, 0x00, 0x9C, 0x41][..],
        &bytes(MAX_MESSAGE + 1),
        &[0x00, 0x00],
    ]
    .concat();
    for (command, status) in [
        (&[0x80, 0x50, 0x00, 0x00][..], [0x67, 0x00]),         // no Le
        (&[0x80, 0x50, 0x00, 0x00, 0x01, 0xAA], [0x67, 0x00]), // no Le
        (&[0x80, 0x50, 0x00, 0x00, 0x00, 0x00, 0x01, 0xAA], [0x67, 0x00]), // no Le, extended
        (&too_long, [0x67, 0x00]),
        (&[0x90, 0x50, 0x00, 0x00], [0x67, 0x00]), // an empty part
        (&[0x90, 0x50, 0x00, 0x00, 0x00], [0x67, 0x00]), // an empty part with an Le
        (&[0x90, 0x50, 0x00, 0x00, 0x01, 0xAA, 0x00], [0x67, 0x00]), // a part with an Le
        (&[0x90, 0x50, 0x00, 0x00, 0x00, 0x00, 0x01, 0xAA], [0x68, 0x84]), // an extended part
        (
            &[0x90, 0x50, 0x00, 0x00, 0x00, 0x00, 0x01, 0xAA, 0x00, 0x00],
            [0x68, 0x84],
        ),
        (&[0x10, 0xA4, 0x04, 0x00], [0x68, 0x84]),
        (&[0x10, 0xC0, 0x00, 0x00, 0x00], [0x68, 0x84]),
        (&GET_RESPONSE, [0x69, 0x85]),
    ] {
        let mut fixture = Fixture::selected(b"reply");
        fixture.expect(command, status);
        assert!(fixture.application.messages.is_empty());
        fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);
        assert_eq!(fixture.application.messages, [[0xAA]]);
    }
}

#[test]
fn an_interrupted_chain_is_dropped() {
    for (command, status) in [
        (&GET_RESPONSE[..], [0x68, 0x83]),
        (
            &[0x80, 0x50, 0x00, 0x00, 0x00, 0x00, 0x01, 0xAA, 0x00, 0x00],
            [0x68, 0x83],
        ), // extended
        (&[0x80, 0x50, 0x00, 0x00, 0x00], [0x67, 0x00]), // a last part without data
        (&[0x80, 0x50, 0x01, 0x00, 0x01, 0xAA, 0x00], [0x6A, 0x86]), // another message
        (&[0x90, 0x50, 0x01, 0x00, 0x01, 0xAA], [0x6A, 0x86]),
        (&[0x00, 0xB0, 0x00, 0x00, 0x00], [0x6D, 0x00]),
        (&[0xFF, 0x50, 0x00, 0x00, 0x00], [0x6E, 0x00]),
        (&[0x80], [0x67, 0x00]),
    ] {
        let mut fixture = Fixture::selected(b"reply");
        fixture.expect(&PART, [0x90, 0x00]);
        fixture.expect(command, status);
        fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);
        assert_eq!(fixture.application.messages, [[0xAA]], "after {command:02X?}");
    }
}

#[test]
fn a_reply_is_dropped_by_any_command_but_get_response() {
    for command in [
        &MESSAGE[..],
        &PART,
        &[0x00, 0xB0, 0x00, 0x00],
        &[0x00, 0xC0, 0x00, 0x01, 0x00],
        &[0x00],
    ] {
        let mut fixture = Fixture::selected(bytes(300));
        fixture.expect_data(&MESSAGE, &bytes(256), [0x61, 44]);
        fixture.card.process(&mut fixture.application, command);
        fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
        // The session goes on with the next message.
        fixture.expect_data(&[0x80, 0x50, 0x01, 0x00, 0x00], &bytes(256), [0x61, 44]);
        assert_eq!(fixture.application.messages, [&[0xAA][..], &[]]);
    }
}

#[test]
fn malformed_get_responses() {
    for (command, status) in [
        (&[0x00, 0xC0, 0x00, 0x00][..], [0x67, 0x00]), // no Le
        (&[0x00, 0xC0, 0x00, 0x00, 0x01, 0xAA, 0x00], [0x67, 0x00]), // data
        (&[0x00, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00], [0x67, 0x00]), // extended
        (&[0x00, 0xC0, 0x01, 0x00, 0x00], [0x6A, 0x86]),
        (&[0x00, 0xC0, 0x00, 0x01, 0x00], [0x6A, 0x86]),
    ] {
        let mut fixture = Fixture::selected(bytes(300));
        fixture.expect_data(&MESSAGE, &bytes(256), [0x61, 44]);
        fixture.expect(command, status);
    }
}

#[test]
fn a_reply_is_fetched_in_whatever_parts_are_asked_for() {
    let reply = bytes(600);
    let extended_wants_300 = [0x80, 0x50, 0x00, 0x00, 0x00, 0x00, 0x01, 0xAA, 0x01, 0x2C];
    let mut fixture = Fixture::selected(reply.clone());
    fixture.expect_data(&extended_wants_300, &reply[..300], [0x61, 0x00]);
    fixture.expect_data(&[0x00, 0xC0, 0x00, 0x00, 0x2C], &reply[300..344], [0x61, 0x00]);
    fixture.expect_data(&[0x00, 0xC0, 0x00, 0x00, 0x01], &reply[344..345], [0x61, 0xFF]);
    fixture.expect_data(&[0x00, 0xC0, 0x00, 0x00, 0x00], &reply[345..], [0x90, 0x00]);
    fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
}

#[test]
fn parts_of_any_length_make_one_message() {
    let mut fixture = Fixture::selected(b"reply");
    for length in 1..=255 {
        fixture.expect(
            &[&[0x90, 0x50, 0x00, 0x00, length], &bytes(length.into())[..]].concat(),
            [0x90, 0x00],
        );
    }
    fixture.expect_data(&MESSAGE, b"reply", [0x90, 0x00]);
    let whole = (1..=255).flat_map(bytes).chain([0xAA]).collect::<Vec<_>>();
    assert_eq!(fixture.application.messages, [whole]);
}

#[test]
fn a_chain_does_not_grow_beyond_the_longest_message() {
    let part = [&[0x90, 0x50, 0x00, 0x00, 0xFA], &bytes(250)[..]].concat();
    let mut fixture = Fixture::selected(b"reply");
    for _ in 0..2 {
        for _ in 0..MAX_MESSAGE / 250 {
            fixture.expect(&part, [0x90, 0x00]);
        }
        fixture.expect(&PART, [0x67, 0x00]);
        fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
    }
    for _ in 0..MAX_MESSAGE / 250 - 1 {
        fixture.expect(&part, [0x90, 0x00]);
    }
    let last = [&[0x80, 0x50, 0x00, 0x00, 0xFA], &bytes(250)[..], &[0x00]].concat();
    fixture.expect_data(&last, b"reply", [0x90, 0x00]);
    assert_eq!(fixture.application.messages[0].len(), MAX_MESSAGE);
}

#[test]
fn an_application_that_fails_ends_the_session_without_data() {
    for (failure, status) in [
        (CardFailure::ConditionsNotSatisfied, [0x69, 0x85]),
        (CardFailure::SecurityStatusNotSatisfied, [0x69, 0x82]),
        (CardFailure::WrongData, [0x6A, 0x80]),
    ] {
        let mut fixture = Fixture::selected([]);
        fixture.application.reply = Err(failure);
        fixture.expect(&MESSAGE, status);
        for number in 0..=u8::MAX {
            fixture.expect(&[0x80, 0x50, number, 0x00, 0x00], [0x69, 0x85]);
        }
        assert_eq!(fixture.application.messages.len(), 1);
    }

    let mut fixture = Fixture::selected(bytes(MAX_MESSAGE + 1));
    fixture.expect(&MESSAGE, [0x6F, 0x00]);
    fixture.expect(&GET_RESPONSE, [0x69, 0x85]);
    fixture.expect(&[0x80, 0x50, 0x01, 0x00, 0x00], [0x69, 0x85]);
}

impl Random {
    /// Noise, or something close to a command that means something in this session.
    fn command(&mut self, next: usize) -> Vec<u8> {
        let number = next as u8;
        let length = self.below(256) as u8;
        let data = self.bytes(length.into());
        let mut command = match self.below(8) {
            0 => {
                let length = self.below(300);
                self.bytes(length)
            }
            1 => SELECT.to_vec(),
            2 | 3 => vec![0x00, 0xC0, 0x00, 0x00, self.byte()],
            4 => [&[0x80, 0x50, number, 0x00, length], &data[..], &[self.byte()]].concat(),
            5 => [
                &[0x80, 0x50, number, 0x00, 0x00, 0x00, length],
                &data[..],
                &[0x00, self.byte()],
            ]
            .concat(),
            _ => [&[0x90, 0x50, number, 0x00, length], &data[..]].concat(),
        };
        if self.below(4) == 0 && !command.is_empty() {
            let at = self.below(command.len().min(12));
            command[at] ^= 1 << self.below(8);
        }
        if self.below(16) == 0 {
            command.truncate(self.below(command.len() + 1));
        }
        command
    }
}

#[test]
fn twenty_thousand_random_commands_get_a_status() {
    let mut random = Random(2026);
    let (mut card, mut application) = (Card::default(), TestApplication::new([]));
    let (mut next, mut delivered, mut data) = (0, 0, 0);
    for n in 0..20_000 {
        application.role = [
            None,
            Some(CardRole::Payee),
            Some(CardRole::Payer),
            Some(CardRole::Payer),
        ][random.below(4)];
        application.reply = match random.below(20) {
            0 => Err(CardFailure::WrongData),
            1 => Ok(bytes(MAX_MESSAGE + 1)),
            _ => Ok(bytes(random.below(1000))),
        };
        application.sessions = 0;
        let command = random.command(next);
        let response = card.process(&mut application, &command);
        let (body, status) = response.split_last_chunk::<2>().unwrap();
        match status {
            [0x90, 0x00] | [0x61, _] => data += body.len(),
            [0x67 | 0x6D | 0x6E | 0x6F, 0x00]
            | [0x68, 0x83 | 0x84]
            | [0x69, 0x85]
            | [0x6A, 0x80 | 0x82 | 0x86] => assert!(body.is_empty()),
            _ => panic!("command {n}: status {status:02X?}"),
        }
        let messages = application
            .messages
            .drain(..)
            .inspect(|message| assert!(message.len() <= MAX_MESSAGE))
            .count();
        next = if application.sessions > 0 {
            0
        } else {
            next + messages
        };
        delivered += messages;
    }
    assert!(
        delivered > 1_000 && data > 100_000,
        "{delivered} messages, {data} bytes of replies"
    );
}

#[test]
fn a_real_exchange_works_after_any_noise() {
    let mut random = Random(7);
    let (mut card, mut application) = (Card::default(), TestApplication::new(b"reply"));
    for size in [FrameSize::Short, FrameSize::Extended]
        .into_iter()
        .cycle()
        .take(200)
    {
        for _ in 0..random.below(20) {
            let command = random.command(0);
            card.process(&mut application, &command);
        }
        let mut reader = Reader::new(size);
        selected(&mut reader, &mut card, &mut application);
        let (reply, _) = exchanged(&mut reader, &mut card, &mut application, &bytes(600));
        assert_eq!(reply, b"reply");
    }
}

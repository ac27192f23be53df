//! What reader and card say to each other when all goes well.

use super::{TestApplication, bytes, exchanged, run, selected};
use crate::link::{
    MAX_MESSAGE,
    apdu::{Card, CardRole, FrameSize, LinkError, Reader, Step},
};

const BOUNDARIES: [usize; 16] = [
    0,
    1,
    254,
    255,
    256,
    257,
    510,
    511,
    512,
    513,
    32_767,
    32_768,
    39_780,
    39_781,
    MAX_MESSAGE - 1,
    MAX_MESSAGE,
];

/// Short commands: one per 255 bytes of message, then one more per 256 bytes of reply after the
/// first 256 that come with the last of them.
fn short_commands(message: usize, reply: usize) -> usize {
    message.div_ceil(255).max(1) + reply.div_ceil(256).max(1) - 1
}

fn check(size: FrameSize, message: usize, reply: usize) {
    let (mut reader, mut card) = (Reader::new(size), Card::default());
    let mut application = TestApplication::new(bytes(reply));
    selected(&mut reader, &mut card, &mut application);
    let sent = bytes(message);
    let (received, commands) = exchanged(&mut reader, &mut card, &mut application, &sent);
    assert!(
        received == bytes(reply) && application.messages == [sent],
        "{size:?} {message} {reply}"
    );
    let expected = match size {
        FrameSize::Extended => 1,
        FrameSize::Short => short_commands(message, reply),
    };
    assert_eq!(commands, expected, "{size:?} {message} {reply}");
}

#[test]
fn every_length_round_trips_in_so_many_commands() {
    for size in [FrameSize::Short, FrameSize::Extended] {
        for length in 0..=2000 {
            check(size, length, 2000 - length);
            check(size, length, length);
        }
        for message in BOUNDARIES {
            for reply in BOUNDARIES {
                check(size, message, reply);
            }
        }
    }
}

#[test]
fn a_session_has_many_exchanges_and_a_reader_many_sessions() {
    for size in [FrameSize::Short, FrameSize::Extended] {
        let (mut reader, mut card) = (Reader::new(size), Card::default());
        let mut application = TestApplication::new(bytes(300));
        for session in 1..=3 {
            selected(&mut reader, &mut card, &mut application);
            assert_eq!(application.sessions, session);
            for length in [0, 10, 300, 1000] {
                application.messages.clear();
                exchanged(&mut reader, &mut card, &mut application, &bytes(length));
                assert_eq!(application.messages, [bytes(length)]);
            }
        }
    }
}

#[test]
fn a_session_ends_after_256_messages() {
    let (mut reader, mut card) = (Reader::new(FrameSize::Short), Card::default());
    let mut application = TestApplication::new([]);
    selected(&mut reader, &mut card, &mut application);
    for number in 0..=u8::MAX {
        exchanged(&mut reader, &mut card, &mut application, &[number]);
    }
    assert_eq!(reader.send(&[0]), Err(LinkError::Exhausted));
    for p1 in 0..=u8::MAX {
        assert_eq!(
            card.process(&mut application, &[0x80, 0x50, p1, 0x00, 0x01, 0xAA, 0x00]),
            [0x6A, 0x86]
        );
    }
    assert_eq!(
        application.messages,
        (0..=u8::MAX).map(|number| vec![number]).collect::<Vec<_>>()
    );

    selected(&mut reader, &mut card, &mut application);
    exchanged(&mut reader, &mut card, &mut application, b"again");
}

#[test]
fn golden_selection() {
    let select = [
        0x00, 0xA4, 0x04, 0x00, 0x06, 0xF0, 0x44, 0x43, 0x45, 0x50, 0x01, 0x00,
    ];
    for (role, byte) in [(CardRole::Payee, 0x01), (CardRole::Payer, 0x02)] {
        let (mut card, mut application) = (Card::default(), TestApplication::new([]));
        application.role = Some(role);
        for size in [FrameSize::Short, FrameSize::Extended] {
            let mut reader = Reader::new(size);
            assert_eq!(reader.select(), select);
            let response = card.process(&mut application, &select);
            assert_eq!(
                response,
                [0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x01, byte, 0x90, 0x00]
            );
            assert_eq!(reader.receive(&response), Ok(Step::Selected(role)));
        }
    }
}

/// Runs an exchange after SELECT and compares every command and response.
fn check_golden(size: FrameSize, message: &[u8], reply: &[u8], golden: &[(Vec<u8>, Vec<u8>)]) {
    let (mut reader, mut card) = (Reader::new(size), Card::default());
    let mut application = TestApplication::new(reply);
    selected(&mut reader, &mut card, &mut application);
    let mut step = Step::Transmit(reader.send(message).unwrap());
    for (command, response) in golden {
        assert_eq!(step, Step::Transmit(command.clone()));
        assert_eq!(&card.process(&mut application, command), response);
        step = reader.receive(response).unwrap();
    }
    assert_eq!(step, Step::Message(reply.to_vec()));
}

#[test]
fn golden_extended_exchange() {
    let command = vec![
        0x80, 0x50, 0x00, 0x00, 0x00, 0x00, 0x03, 0x11, 0x22, 0x33, 0x00, 0x00,
    ];
    let response = vec![0x44, 0x55, 0x90, 0x00];
    check_golden(
        FrameSize::Extended,
        &[0x11, 0x22, 0x33],
        &[0x44, 0x55],
        &[(command, response)],
    );

    let (message, reply) = (bytes(600), bytes(700));
    let command = [
        &[0x80, 0x50, 0x00, 0x00, 0x00, 0x02, 0x58],
        &message[..],
        &[0x00, 0x00],
    ]
    .concat();
    let response = [&reply[..], &[0x90, 0x00]].concat();
    check_golden(FrameSize::Extended, &message, &reply, &[(command, response)]);
}

#[test]
fn golden_chained_exchange() {
    let (message, reply) = (bytes(600), bytes(600));
    let golden = [
        (
            [&[0x90, 0x50, 0x00, 0x00, 0xFF], &message[..255]].concat(),
            vec![0x90, 0x00],
        ),
        (
            [&[0x90, 0x50, 0x00, 0x00, 0xFF], &message[255..510]].concat(),
            vec![0x90, 0x00],
        ),
        (
            [&[0x80, 0x50, 0x00, 0x00, 0x5A], &message[510..], &[0x00]].concat(),
            [&reply[..256], &[0x61, 0x00]].concat(),
        ),
        (
            vec![0x00, 0xC0, 0x00, 0x00, 0x00],
            [&reply[256..512], &[0x61, 0x58]].concat(),
        ),
        (
            vec![0x00, 0xC0, 0x00, 0x00, 0x58],
            [&reply[512..], &[0x90, 0x00]].concat(),
        ),
    ];
    check_golden(FrameSize::Short, &message, &reply, &golden);
}

#[test]
fn golden_empty_exchange() {
    let response = vec![0x90, 0x00];
    let short = vec![0x80, 0x50, 0x00, 0x00, 0x00];
    check_golden(FrameSize::Short, &[], &[], &[(short, response.clone())]);
    let extended = vec![0x80, 0x50, 0x00, 0x00, 0x00, 0x00, 0x00];
    check_golden(FrameSize::Extended, &[], &[], &[(extended, response)]);
}

#[test]
fn longer_messages_are_not_sent_and_longer_replies_not_delivered() {
    for size in [FrameSize::Short, FrameSize::Extended] {
        let (mut reader, mut card) = (Reader::new(size), Card::default());
        let mut application = TestApplication::new([]);
        selected(&mut reader, &mut card, &mut application);
        let refused = reader.send(&bytes(MAX_MESSAGE + 1));
        assert_eq!(
            refused,
            Err(LinkError::MessageTooLong {
                bytes: MAX_MESSAGE + 1
            })
        );

        exchanged(&mut reader, &mut card, &mut application, b"still selected");
        application.reply = Ok(bytes(MAX_MESSAGE + 1));
        let command = reader.send(b"say too much").unwrap();
        let (outcome, commands) = run(&mut reader, &mut card, &mut application, command);
        assert!(matches!(outcome, Err(LinkError::Refused { status }) if status.to_bytes() == [0x6F, 0x00]));
        assert_eq!(commands, 1);
    }
}

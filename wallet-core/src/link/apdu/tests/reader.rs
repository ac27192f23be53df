//! What a reader makes of a card that does something wrong, and of a caller that does.

use super::{Random, TestApplication, bytes, exchanged, run, selected};
use crate::link::{
    MAX_MESSAGE,
    apdu::{Card, CardRole, FrameSize, LinkError, Reader, StatusWord, Step},
};

/// A reader that has selected a card.
fn ready(size: FrameSize) -> Reader {
    let mut reader = Reader::new(size);
    selected(&mut reader, &mut Card::default(), &mut TestApplication::new([]));
    reader
}

/// A reader that has sent a message of this length.
fn sent(size: FrameSize, length: usize) -> Reader {
    let mut reader = ready(size);
    reader.send(&bytes(length)).unwrap();
    reader
}

fn check_closed(mut reader: Reader) {
    assert_eq!(reader.send(b"next"), Err(LinkError::NotSelected));
    assert_eq!(reader.receive(&[0x90, 0x00]), Err(LinkError::NothingOutstanding));
    let role = selected(&mut reader, &mut Card::default(), &mut TestApplication::new([]));
    assert_eq!(role, CardRole::Payee);
}

#[test]
fn messages_are_sent_only_when_it_is_their_time() {
    let mut reader = Reader::new(FrameSize::Short);
    assert_eq!(reader.send(b"early"), Err(LinkError::NotSelected));
    let _ = reader.select();
    assert_eq!(reader.send(b"early"), Err(LinkError::NotSelected));

    for length in [1, 300] {
        let (mut reader, mut card) = (Reader::new(FrameSize::Short), Card::default());
        let mut application = TestApplication::new([]);
        selected(&mut reader, &mut card, &mut application);
        let command = reader.send(&bytes(length)).unwrap();
        assert_eq!(reader.send(b"impatient"), Err(LinkError::ReplyOutstanding));
        let (outcome, _) = run(&mut reader, &mut card, &mut application, command);
        assert_eq!(outcome, Ok(Step::Message(Vec::new())));
        exchanged(&mut reader, &mut card, &mut application, b"patient");
    }
}

#[test]
fn responses_nobody_asked_for_are_refused() {
    for mut reader in [Reader::new(FrameSize::Short), ready(FrameSize::Short)] {
        assert_eq!(reader.receive(&[0x90, 0x00]), Err(LinkError::NothingOutstanding));
        check_closed(reader);
    }
}

#[test]
fn answers_to_select() {
    for (response, error) in [
        (&[0x6A, 0x82][..], LinkError::NotArmed),
        (
            &[0x6F, 0x00],
            LinkError::Refused {
                status: StatusWord::NO_PRECISE_DIAGNOSIS,
            },
        ),
        (
            &[0x61, 0x08],
            LinkError::Refused {
                status: StatusWord::bytes_available(8),
            },
        ),
        (&[0x90, 0x00], LinkError::MalformedSelection),
        (
            &[0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x01, 0x03, 0x90, 0x00],
            LinkError::MalformedSelection,
        ),
        (
            &[0x6F, 0x06, 0xA5, 0x04, 0x80, 0x02, 0x02, 0x01, 0x90, 0x00],
            LinkError::UnsupportedVersion { version: 2 },
        ),
        (&[0x90], LinkError::MalformedResponse),
        (&[], LinkError::MalformedResponse),
    ] {
        let mut reader = Reader::new(FrameSize::Extended);
        let _ = reader.select();
        assert_eq!(reader.receive(response), Err(error), "{response:02X?}");
        check_closed(reader);
    }
}

#[test]
fn refusals_end_the_session_wherever_they_come() {
    let refused = LinkError::Refused {
        status: StatusWord::SECURITY_STATUS_NOT_SATISFIED,
    };
    for (size, length) in [
        (FrameSize::Short, 1),
        (FrameSize::Short, 300),
        (FrameSize::Extended, 300),
    ] {
        let mut reader = sent(size, length);
        assert_eq!(reader.receive(&[0x69, 0x82]), Err(refused));
        check_closed(reader);

        let mut reader = sent(size, length);
        assert_eq!(reader.receive(&[0x90]), Err(LinkError::MalformedResponse));
        check_closed(reader);
    }
    let mut reader = sent(FrameSize::Short, 1);
    reader.receive(&[0xAA, 0x61, 0x01]).unwrap();
    assert_eq!(reader.receive(&[0x69, 0x82]), Err(refused));
    check_closed(reader);
}

#[test]
fn data_before_the_last_command_of_a_chain_is_refused() {
    for (response, error) in [
        (&[0xAA, 0x90, 0x00][..], LinkError::MalformedResponse),
        (
            &[0x61, 0x10],
            LinkError::Refused {
                status: StatusWord::bytes_available(16),
            },
        ),
    ] {
        let mut reader = sent(FrameSize::Short, 256);
        assert_eq!(reader.receive(response), Err(error));
        check_closed(reader);
    }
}

#[test]
fn replies_that_never_end_are_refused() {
    let mut reader = sent(FrameSize::Extended, 1);
    assert_eq!(reader.receive(&[0x61, 0x10]), Err(LinkError::MalformedResponse));
    check_closed(reader);

    let mut reader = sent(FrameSize::Extended, 1);
    for _ in 0..MAX_MESSAGE {
        assert_eq!(
            reader.receive(&[0xAA, 0x61, 0x10]),
            Ok(Step::Transmit(vec![0x00, 0xC0, 0x00, 0x00, 0x10]))
        );
    }
    assert_eq!(reader.receive(&[0xAA, 0x61, 0x10]), Err(LinkError::ReplyTooLong));
    check_closed(reader);

    let mut reader = sent(FrameSize::Extended, 1);
    let response = [bytes(MAX_MESSAGE + 1), vec![0x90, 0x00]].concat();
    assert_eq!(reader.receive(&response), Err(LinkError::ReplyTooLong));
    check_closed(reader);
}

#[test]
fn select_starts_again_from_anywhere() {
    for mut reader in [
        Reader::new(FrameSize::Short),
        ready(FrameSize::Short),
        sent(FrameSize::Short, 1),
        sent(FrameSize::Short, 300),
        sent(FrameSize::Extended, 300),
    ] {
        let (mut card, mut application) = (Card::default(), TestApplication::new(b"reply"));
        selected(&mut reader, &mut card, &mut application);
        let (reply, _) = exchanged(&mut reader, &mut card, &mut application, b"message");
        assert_eq!(reply, b"reply");
    }
}

/// Whatever a card answers, each exchange comes to an end, and the next one works.
#[test]
fn any_answers_come_to_an_end() {
    let mut random = Random(11);
    for n in 0..2_000 {
        let size = if n % 2 == 0 {
            FrameSize::Short
        } else {
            FrameSize::Extended
        };
        let mut reader = match random.below(3) {
            0 => ready(size),
            1 => sent(size, random.below(1000)),
            _ => {
                let mut reader = Reader::new(size);
                let _ = reader.select();
                reader
            }
        };
        for answers in 0.. {
            assert!(answers <= 2 * MAX_MESSAGE);
            let length = random.below(20);
            let data = random.bytes(length);
            let status = match random.below(8) {
                0 => [random.byte(), random.byte()],
                1..=3 => [0x90, 0x00],
                _ => [0x61, random.byte()],
            };
            let response = [data, status.to_vec()].concat();
            match reader.receive(&response) {
                Ok(Step::Transmit(_)) => {}
                Ok(Step::Message(_) | Step::Selected(_)) => break,
                Err(_) => {
                    check_closed(reader);
                    break;
                }
            }
        }
    }
}

//! What may go wrong on a channel. That the bytes are those of the Noise specification is shown
//! with published vectors in the workspace member `tests`.

use super::*;

const PROLOGUE: &[u8] = b"prologue";
const PATTERNS: [Pattern; 2] = [Pattern::Nx, Pattern::Xn];
/// Handshake messages carry these payloads in turn.
const PAYLOADS: [&[u8]; 3] = [b"first", b"", b"the third"];

fn secret() -> StaticSecret {
    StaticSecret::from_bytes([3; 32])
}

fn initiator(pattern: Pattern, prologue: &[u8]) -> Handshake {
    match pattern {
        Pattern::Nx => Handshake::anonymous(pattern, prologue, [1; 32]),
        Pattern::Xn => Handshake::authenticated(pattern, prologue, [1; 32], &secret()),
    }
    .unwrap()
}

fn responder(pattern: Pattern, prologue: &[u8]) -> Handshake {
    match pattern {
        Pattern::Nx => Handshake::authenticated(pattern, prologue, [2; 32], &secret()),
        Pattern::Xn => Handshake::anonymous(pattern, prologue, [2; 32]),
    }
    .unwrap()
}

/// Runs a handshake and one message each way through `wire`, which is given the number of each message
/// and may change it. The first error ends the run and is returned with the number of the
/// message at which it happened.
fn run(
    mut initiator: Handshake,
    mut responder: Handshake,
    mut wire: impl FnMut(usize, &mut Vec<u8>),
) -> Result<(Channel, Channel), (usize, NoiseError)> {
    let messages = initiator.pattern.overheads().len();
    for (number, payload) in PAYLOADS.into_iter().enumerate().take(messages) {
        let (from, to) = match number % 2 {
            0 => (&mut initiator, &mut responder),
            _ => (&mut responder, &mut initiator),
        };
        let mut message = from.write(payload).map_err(|error| (number, error))?;
        wire(number, &mut message);
        let read = to.read(&message).map_err(|error| {
            assert_eq!(to.write(b""), Err(NoiseError::Closed));
            assert_eq!(to.read(&message), Err(NoiseError::Closed));
            assert_eq!(to.remote_static(), None);
            (number, error)
        })?;
        if number > 0 {
            assert_eq!(read, payload);
        }
    }
    let mut channels = (
        initiator.into_channel().unwrap(),
        responder.into_channel().unwrap(),
    );
    for number in [messages, messages + 1] {
        let (from, to) = match number - messages {
            0 => (&mut channels.0, &mut channels.1),
            _ => (&mut channels.1, &mut channels.0),
        };
        let mut message = from.encrypt(b"transport").unwrap();
        wire(number, &mut message);
        let read = to.decrypt(&message).map_err(|error| {
            assert_eq!(to.decrypt(&message), Err(NoiseError::Closed));
            assert_eq!(to.encrypt(b""), Err(NoiseError::Closed));
            (number, error)
        })?;
        assert_eq!(read, b"transport");
    }
    Ok(channels)
}

fn run_honest(
    pattern: Pattern,
    wire: impl FnMut(usize, &mut Vec<u8>),
) -> Result<(Channel, Channel), (usize, NoiseError)> {
    run(initiator(pattern, PROLOGUE), responder(pattern, PROLOGUE), wire)
}

/// The length of every message of [`run`].
fn lengths(pattern: Pattern) -> Vec<usize> {
    let mut lengths = Vec::new();
    run_honest(pattern, |_, message| lengths.push(message.len())).unwrap();
    lengths
}

#[test]
fn both_sides_agree() {
    for pattern in PATTERNS {
        let (initiator, responder) = run_honest(pattern, |_, _| ()).unwrap();
        assert_eq!(initiator.handshake_hash(), responder.handshake_hash());
        let (anonymous, authenticated) = match pattern {
            Pattern::Nx => (initiator, responder),
            Pattern::Xn => (responder, initiator),
        };
        assert_eq!(anonymous.remote_static(), Some(secret().public()));
        assert_eq!(authenticated.remote_static(), None);
    }
}

#[test]
fn every_message_is_as_long_as_promised() {
    for pattern in PATTERNS {
        let handshake = pattern
            .overheads()
            .iter()
            .zip(PAYLOADS)
            .map(|(overhead, payload)| overhead + payload.len());
        let transport = [TAG_LENGTH + b"transport".len(); 2];
        assert_eq!(lengths(pattern), handshake.chain(transport).collect::<Vec<_>>());
    }
}

#[test]
fn seeds_decide_every_byte() {
    let message = |seed| {
        Handshake::anonymous(Pattern::Nx, PROLOGUE, seed)
            .unwrap()
            .write(b"")
            .unwrap()
    };
    assert_eq!(message([1; 32]), message([1; 32]));
    assert_ne!(message([1; 32]), message([4; 32]));
    assert_eq!(message([1; 32]), StaticSecret::from_bytes([1; 32]).public());
}

/// A changed byte of message 0 is found out by message 1, of any other at once.
#[test]
fn every_changed_byte_is_found_out() {
    for pattern in PATTERNS {
        for (number, length) in lengths(pattern).into_iter().enumerate() {
            for at in 0..length {
                for change in [0x01, 0x80, 0xFF] {
                    let outcome = run_honest(pattern, |n, message| {
                        if n == number {
                            message[at] ^= change;
                        }
                    });
                    let (found, error) = outcome.map(drop).unwrap_err();
                    assert_eq!(found, number.max(1), "{pattern:?} message {number}, byte {at}");
                    assert_eq!(error, NoiseError::NotAuthentic);
                }
            }
        }
    }
}

#[test]
fn every_truncated_or_extended_message_is_found_out() {
    for pattern in PATTERNS {
        for (number, length) in lengths(pattern).into_iter().enumerate() {
            let least = pattern.overheads().get(number).copied().unwrap_or(TAG_LENGTH);
            for bytes in (0..length).chain([length + 1, MAX_MESSAGE, MAX_MESSAGE + 1]) {
                let outcome = run_honest(pattern, |n, message| {
                    if n == number {
                        message.resize(bytes, 0);
                    }
                });
                let expected = if bytes < least {
                    (number, NoiseError::TooShort { bytes, least })
                } else if bytes > MAX_MESSAGE {
                    (number, NoiseError::TooLong { bytes })
                } else {
                    (number.max(1), NoiseError::NotAuthentic)
                };
                assert_eq!(
                    outcome.map(drop).unwrap_err(),
                    expected,
                    "{pattern:?} message {number} of {bytes} bytes"
                );
            }
        }
    }
}

/// The ephemeral key is the front of messages 0 and 1; message 0 is refused when its receiver
/// first computes with it, to write message 1.
#[test]
fn ephemeral_keys_of_low_order_are_refused() {
    for pattern in PATTERNS {
        for number in [0, 1] {
            let outcome = run_honest(pattern, |n, message| {
                if n == number {
                    message[..32].fill(0);
                }
            });
            assert_eq!(outcome.map(drop).unwrap_err(), (1, NoiseError::LowOrderPoint));
        }
    }
}

#[test]
fn the_refusal_of_a_low_order_key_closes_the_writer() {
    let mut responder = responder(Pattern::Nx, PROLOGUE);
    responder.read(&[0; 32]).unwrap();
    assert_eq!(responder.write(b""), Err(NoiseError::LowOrderPoint));
    assert_eq!(responder.write(b""), Err(NoiseError::Closed));
}

#[test]
fn different_prologues_do_not_meet() {
    for pattern in PATTERNS {
        let outcome = run(
            initiator(pattern, b"one"),
            responder(pattern, b"other"),
            |_, _| (),
        );
        assert_eq!(outcome.map(drop).unwrap_err(), (1, NoiseError::NotAuthentic));
    }
}

#[test]
fn different_patterns_do_not_meet() {
    let (mut initiator, mut responder) = (initiator(Pattern::Nx, PROLOGUE), responder(Pattern::Xn, PROLOGUE));
    responder.read(&initiator.write(b"").unwrap()).unwrap();
    let message = responder.write(b"").unwrap();
    assert_eq!(
        initiator.read(&message),
        Err(NoiseError::TooShort { bytes: 48, least: 96 })
    );

    let (mut initiator, mut responder) = (
        self::initiator(Pattern::Xn, PROLOGUE),
        self::responder(Pattern::Nx, PROLOGUE),
    );
    responder.read(&initiator.write(b"").unwrap()).unwrap();
    let message = responder.write(b"").unwrap();
    assert_eq!(initiator.read(&message), Err(NoiseError::NotAuthentic));
}

#[test]
fn messages_out_of_turn_change_nothing() {
    for pattern in PATTERNS {
        let (mut initiator, mut responder) = (initiator(pattern, PROLOGUE), responder(pattern, PROLOGUE));
        for number in 0..pattern.overheads().len() {
            let (from, to) = match number % 2 {
                0 => (&mut initiator, &mut responder),
                _ => (&mut responder, &mut initiator),
            };
            assert_eq!(from.read(&[0; 96]), Err(NoiseError::OutOfTurn));
            assert_eq!(to.write(b""), Err(NoiseError::OutOfTurn));
            assert!(!from.is_finished() && !to.is_finished());
            to.read(&from.write(b"").unwrap()).unwrap();
            assert_eq!(from.handshake_hash(), to.handshake_hash());
        }
        for side in [&mut initiator, &mut responder] {
            assert!(side.is_finished());
            assert_eq!(side.write(b""), Err(NoiseError::HandshakeComplete));
            assert_eq!(side.read(&[0; 96]), Err(NoiseError::HandshakeComplete));
        }
        let (mut one, mut other) = (
            initiator.into_channel().unwrap(),
            responder.into_channel().unwrap(),
        );
        assert_eq!(
            other.decrypt(&one.encrypt(b"hello").unwrap()).as_deref(),
            Ok(&b"hello"[..])
        );
    }
}

#[test]
fn an_unfinished_or_failed_handshake_is_no_channel() {
    let unfinished = initiator(Pattern::Nx, PROLOGUE);
    assert_eq!(
        unfinished.into_channel().map(drop),
        Err(NoiseError::HandshakeIncomplete)
    );

    let mut failed = responder(Pattern::Nx, PROLOGUE);
    assert!(failed.read(b"short").is_err());
    assert_eq!(failed.into_channel().map(drop), Err(NoiseError::Closed));
}

#[test]
fn repeated_and_reordered_messages_are_refused() {
    for pattern in PATTERNS {
        let (mut from, mut to) = run_honest(pattern, |_, _| ()).unwrap();
        let message = from.encrypt(b"once").unwrap();
        to.decrypt(&message).unwrap();
        assert_eq!(to.decrypt(&message), Err(NoiseError::NotAuthentic));

        let (mut from, mut to) = run_honest(pattern, |_, _| ()).unwrap();
        from.encrypt(b"lost").unwrap();
        assert_eq!(
            to.decrypt(&from.encrypt(b"late").unwrap()),
            Err(NoiseError::NotAuthentic)
        );

        let (mut from, _) = run_honest(pattern, |_, _| ()).unwrap();
        let reflected = from.encrypt(b"mine").unwrap();
        assert_eq!(from.decrypt(&reflected), Err(NoiseError::NotAuthentic));
    }
}

#[test]
fn the_longest_messages_fit_and_longer_ones_change_nothing() {
    for pattern in PATTERNS {
        let (mut initiator, mut responder) = (initiator(pattern, PROLOGUE), responder(pattern, PROLOGUE));
        for (number, overhead) in pattern.overheads().iter().enumerate() {
            let (from, to) = match number % 2 {
                0 => (&mut initiator, &mut responder),
                _ => (&mut responder, &mut initiator),
            };
            let payload = vec![0x5A; MAX_MESSAGE - overhead + 1];
            assert_eq!(
                from.write(&payload),
                Err(NoiseError::TooLong {
                    bytes: MAX_MESSAGE + 1
                })
            );
            let message = from.write(&payload[1..]).unwrap();
            assert_eq!(message.len(), MAX_MESSAGE);
            assert_eq!(to.read(&message).unwrap(), &payload[1..]);
        }
        let (mut one, mut other) = (
            initiator.into_channel().unwrap(),
            responder.into_channel().unwrap(),
        );
        let plaintext = vec![0x5A; MAX_MESSAGE - TAG_LENGTH + 1];
        assert_eq!(
            one.encrypt(&plaintext),
            Err(NoiseError::TooLong {
                bytes: MAX_MESSAGE + 1
            })
        );
        let message = one.encrypt(&plaintext[1..]).unwrap();
        assert_eq!(message.len(), MAX_MESSAGE);
        assert_eq!(other.decrypt(&message).unwrap(), &plaintext[1..]);
    }
}

#[test]
fn nothing_secret_is_printed() {
    let secret = StaticSecret::from_bytes([0xA7; 32]);
    let handshake = Handshake::authenticated(Pattern::Nx, PROLOGUE, [0xA7; 32], &secret).unwrap();
    let (channel, _) = run_honest(Pattern::Nx, |_, _| ()).unwrap();
    assert_eq!(format!("{secret:?}"), "StaticSecret(..)");
    assert_eq!(
        format!("{handshake:?}"),
        "Handshake { pattern: Nx, passed: 0, closed: false, .. }"
    );
    assert_eq!(format!("{channel:?}"), "Channel { closed: false, .. }");
}

#[test]
fn a_channel_may_move_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Handshake>();
    check::<Channel>();
    check::<StaticSecret>();
}

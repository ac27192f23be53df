//! A wallet and a bank that is unreachable, slow, confused or false. Whatever comes back, no fen is made or lost.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Mutex;

use protocol::{
    Amount, Code, Note, Signed, TrustBundle,
    bank::{Answer, Call, Order, Reply},
    cbor,
    message::Refusal,
};
use simulator::{BankLine, Phone, World, seed_from_environment};
use tests::phones::{spendable, yuan};
use wallet_core::{
    BankError,
    platform::{BankTransport, TransportError},
};

fn world() -> World {
    World::new(seed_from_environment(2)).unwrap()
}

/// A line on which a test decides what comes back.
struct Tampered<F: Fn(&[u8], Vec<u8>) -> Result<Vec<u8>, TransportError>> {
    line: BankLine,
    answer: F,
    sent: Mutex<Vec<Vec<u8>>>,
}

impl<F: Fn(&[u8], Vec<u8>) -> Result<Vec<u8>, TransportError>> Tampered<F> {
    fn new(world: &World, answer: F) -> Self {
        Self {
            line: world.line(),
            answer,
            sent: Mutex::default(),
        }
    }
}

impl<F: Fn(&[u8], Vec<u8>) -> Result<Vec<u8>, TransportError> + Send + Sync> BankTransport for Tampered<F> {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.sent.lock().unwrap().push(call.to_vec());
        (self.answer)(call, self.line.call(call)?)
    }

    fn trust(&self) -> Result<Vec<u8>, TransportError> {
        self.line.trust()
    }
}

/// A phone with 50.00 on the account and nothing loaded.
fn customer(world: &mut World, name: &str) -> Phone {
    let phone = world.phone(name).unwrap();
    world
        .bank()
        .pay_in(&phone.wallet().account().unwrap(), yuan("50.00"))
        .unwrap();
    phone
}

fn assert_loaded_once(world: &World, phone: &Phone) {
    assert_eq!(spendable(phone), yuan("20.00"));
    assert_eq!(
        phone.wallet().account_balance(&world.line()).unwrap(),
        yuan("30.00")
    );
    let books = world.books().unwrap();
    assert!(books.balanced);
    assert_eq!(books.outstanding, yuan("20.00"));
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_very_same_bytes() {
    let mut world = world();
    let phone = customer(&mut world, "Alice");
    for failure in [TransportError::TimedOut, TransportError::Status { status: 502 }] {
        let line = Tampered::new(&world, |_, _| Err(failure));
        if failure == TransportError::TimedOut {
            assert_eq!(
                phone.wallet().load(&line, yuan("20.00")).err(),
                Some(BankError::Transport(failure))
            );
        } else {
            assert_eq!(
                phone.wallet().sync(&line).err(),
                Some(BankError::Transport(failure))
            );
        }
        assert_eq!(spendable(&phone), Amount::ZERO);
    }
    let line = Tampered::new(&world, |_, answer| Ok(answer));
    assert_eq!(phone.wallet().sync(&line).unwrap().answered, 1);
    assert_loaded_once(&world, &phone);
    assert_eq!(phone.wallet().sync(&line).unwrap().answered, 0);
    assert_loaded_once(&world, &phone);
}

#[test]
fn the_order_outlives_the_app() {
    let mut world = world();
    let mut phone = customer(&mut world, "Alice");
    let line = Tampered::new(&world, |_, _| Err(TransportError::TimedOut));
    phone.wallet().load(&line, yuan("20.00")).unwrap_err();
    assert_eq!(phone.restart().unwrap().orders, 1);
    let again = Tampered::new(&world, |_, answer| Ok(answer));
    phone.wallet().sync(&again).unwrap();
    assert_eq!(
        again.sent.lock().unwrap().first(),
        line.sent.lock().unwrap().first(),
        "byte for byte"
    );
    assert_loaded_once(&world, &phone);
}

/// The bank's reply with another answer in it, under the old signature.
fn with_answer(reply: &[u8], edit: impl FnOnce(&mut Answer)) -> Vec<u8> {
    let mut reply: Signed<Reply> = cbor::decode("reply", reply).unwrap();
    edit(&mut reply.body.answer);
    cbor::encode(&reply)
}

fn notes(answer: &mut Answer) -> &mut Vec<Signed<Note>> {
    match answer {
        Answer::Loaded { notes } => notes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn garbage_is_no_answer_and_the_order_stands() {
    type Spoil = fn(Vec<u8>) -> Vec<u8>;
    let spoils: [(&str, Spoil); 9] = [
        ("nothing", |_| Vec::new()),
        ("noise", |_| b"<html>captive portal</html>".to_vec()),
        ("cut short", |reply| reply[..reply.len() - 1].to_vec()),
        ("one byte more", |reply| [reply, vec![0]].concat()),
        ("a bare answer", |_| {
            cbor::encode(&Answer::Certified { certificates: vec![] })
        }),
        ("no notes", |reply| {
            with_answer(&reply, |answer| notes(answer).clear())
        }),
        ("a note twice", |reply| {
            with_answer(&reply, |answer| {
                let first = notes(answer)[0].clone();
                notes(answer).push(first);
            })
        }),
        ("a changed amount", |reply| {
            with_answer(&reply, |answer| notes(answer)[0].body.amount = yuan("10.01"))
        }),
        ("a refusal that the bank never made", |reply| {
            with_answer(&reply, |answer| {
                *answer = Answer::Refused(Refusal {
                    code: Code::AccountTooLow,
                    at_most: None,
                });
            })
        }),
    ];
    let mut world = world();
    let phone = customer(&mut world, "Alice");
    for (number, (what, spoil)) in spoils.into_iter().enumerate() {
        let line = Tampered::new(&world, move |call, answer| {
            let call: Signed<Call> = cbor::decode("call", call).unwrap();
            Ok(if matches!(call.body.order, Order::Load { .. }) {
                spoil(answer)
            } else {
                answer
            })
        });
        let result = match number {
            0 => phone.wallet().load(&line, yuan("20.00")).err(),
            _ => phone.wallet().sync(&line).err(),
        };
        assert_eq!(result, Some(BankError::InvalidAnswer), "{what}");
        assert_eq!(spendable(&phone), Amount::ZERO, "{what}");
    }
    phone.wallet().sync(&world.line()).unwrap();
    assert_loaded_once(&world, &phone);
}

#[test]
fn somebody_elses_notes_are_not_taken() {
    let mut world = world();
    let (alice, bob) = (customer(&mut world, "Alice"), customer(&mut world, "Bob"));
    let kept = Mutex::new(Vec::new());
    let keep = Tampered::new(&world, |_, answer| {
        *kept.lock().unwrap() = answer.clone();
        Ok(answer)
    });
    bob.wallet().load(&keep, yuan("20.00")).unwrap();
    let replay = Tampered::new(&world, |_, _| Ok(kept.lock().unwrap().clone()));
    // To Alice, whose keys they do not name; and to Bob again, who has them already.
    assert_eq!(
        alice.wallet().load(&replay, yuan("20.00")).err(),
        Some(BankError::InvalidAnswer)
    );
    assert_eq!(
        bob.wallet().load(&replay, yuan("20.00")).err(),
        Some(BankError::InvalidAnswer)
    );
    assert_eq!(
        (spendable(&alice), spendable(&bob)),
        (Amount::ZERO, yuan("20.00"))
    );
}

#[test]
fn a_refused_load_is_over_and_an_unanswered_deposit_is_not() {
    let mut world = world();
    let phone = customer(&mut world, "Alice");
    let too_low = BankError::Refused {
        code: Code::AccountTooLow,
    };
    assert_eq!(
        phone.wallet().load(&world.line(), yuan("50.01")).err(),
        Some(too_low)
    );
    assert_eq!(
        phone.wallet().sync(&world.line()).unwrap().answered,
        0,
        "the bank had done nothing"
    );
    phone.wallet().load(&world.line(), yuan("20.00")).unwrap();

    // A captive portal, a proxy, a liar: none of them signs for the bank.
    let refuse = Tampered::new(&world, |_, reply| {
        Ok(with_answer(&reply, |answer| {
            *answer = Answer::Refused(Refusal {
                code: Code::BankFailed,
                at_most: None,
            });
        }))
    });
    let invalid = Some(BankError::InvalidAnswer);
    assert_eq!(phone.wallet().deposit(&refuse, Some(yuan("5.00"))).err(), invalid);
    let balance = phone.wallet().balance().unwrap();
    assert_eq!(
        (balance.spendable, balance.in_doubt),
        (yuan("15.00"), yuan("5.00")),
        "signed is signed"
    );
    assert_eq!(phone.wallet().sync(&world.line()).unwrap().answered, 1);
    assert_eq!(phone.wallet().balance().unwrap().in_doubt, Amount::ZERO);
    assert_eq!(
        phone.wallet().account_balance(&world.line()).unwrap(),
        yuan("35.00")
    );
    assert!(world.books().unwrap().balanced);
}

#[test]
fn a_false_receipt_ends_no_doubt() {
    let mut world = world();
    let phone = customer(&mut world, "Alice");
    phone.wallet().load(&world.line(), yuan("20.00")).unwrap();
    let forge = Tampered::new(&world, |_, reply| {
        Ok(with_answer(&reply, |answer| {
            if let Answer::Deposited { receipt } = answer {
                receipt.body.transfer = protocol::Id::from_bytes([7; 32]);
            }
        }))
    });
    let invalid = Some(BankError::InvalidAnswer);
    assert_eq!(phone.wallet().deposit(&forge, Some(yuan("5.00"))).err(), invalid);
    assert_eq!(phone.wallet().balance().unwrap().in_doubt, yuan("5.00"));
    phone.wallet().sync(&world.line()).unwrap();
    assert_eq!(phone.wallet().balance().unwrap().in_doubt, Amount::ZERO);
}

#[test]
fn trust_comes_from_the_root_and_from_nobody_else() {
    struct False(TrustBundle);
    impl BankTransport for False {
        fn call(&self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            Err(TransportError::Unreachable)
        }
        fn trust(&self) -> Result<Vec<u8>, TransportError> {
            Ok(cbor::encode(&self.0))
        }
    }
    let mut first = world();
    let phone = customer(&mut first, "Alice");
    let other = World::new(99).unwrap();
    let bundle = other.bank().trust_bundle().unwrap();
    assert!(matches!(
        phone.wallet().sync(&False(bundle)).err(),
        Some(BankError::Trust(_))
    ));
    phone.wallet().sync(&first.line()).unwrap();
}

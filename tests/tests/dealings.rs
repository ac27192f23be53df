//! A wallet and a bank that is unreachable, slow, confused or false. Whatever comes back, no fen is made or lost.

use std::sync::Mutex;

use protocol::{
    Amount, Code, Signed, TrustBundle,
    bank::{Answer, Call, Order},
    cbor,
    message::Refusal,
};
use simulator::{BankLine, Phone, World, seed_from_environment};
use wallet_core::{
    BankError,
    platform::{BankTransport, TransportError},
};

fn world() -> World {
    World::new(seed_from_environment(2)).unwrap()
}

fn yuan(text: &str) -> Amount {
    text.parse().unwrap()
}

fn spendable(phone: &Phone) -> Amount {
    phone.wallet().balance().unwrap().spendable
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

#[test]
fn garbage_is_no_answer_and_the_order_stands() {
    let mut world = world();
    let phone = customer(&mut world, "Alice");
    let other = customer(&mut world, "Bob");
    other.wallet().load(&world.line(), yuan("20.00")).unwrap();
    type Spoil = Box<dyn Fn(&[u8], Vec<u8>) -> Vec<u8> + Send + Sync>;
    let notes = |edit: fn(&mut Vec<_>)| -> Spoil {
        Box::new(move |_, answer| match cbor::decode("answer", &answer) {
            Ok(Answer::Loaded { mut notes }) => {
                edit(&mut notes);
                cbor::encode(&Answer::Loaded { notes })
            }
            _ => answer,
        })
    };
    let spoils: Vec<(&str, Spoil)> = vec![
        ("nothing", Box::new(|_, _| Vec::new())),
        ("noise", Box::new(|_, _| b"<html>captive portal</html>".to_vec())),
        (
            "cut short",
            Box::new(|_, answer| answer[..answer.len() - 1].to_vec()),
        ),
        ("one byte more", Box::new(|_, answer| [answer, vec![0]].concat())),
        (
            "another answer",
            Box::new(|_, _| cbor::encode(&Answer::Certified { certificates: vec![] })),
        ),
        ("no notes", notes(Vec::clear)),
        ("a note missing", notes(|notes| drop(notes.pop()))),
        ("a note twice", notes(|notes| notes.push(notes[0].clone()))),
        (
            "a changed amount",
            notes(|notes| notes[0].body.amount = "10.01".parse().unwrap()),
        ),
        (
            "a forged signature",
            notes(|notes| notes[0].signature = notes[1].signature),
        ),
    ];
    for (number, (what, spoil)) in spoils.into_iter().enumerate() {
        let line = Tampered::new(&world, move |call, answer| {
            let call: Signed<Call> = cbor::decode("call", call).unwrap();
            Ok(if matches!(call.body.order, Order::Load { .. }) {
                spoil(&[], answer)
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
    assert_eq!(spendable(&phone), yuan("20.00"));
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
fn a_refused_load_is_over_and_a_refused_deposit_is_not() {
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

    let refuse = Tampered::new(&world, |_, _| {
        Ok(cbor::encode(&Answer::Refused(Refusal {
            code: Code::BankFailed,
            at_most: None,
        })))
    });
    let failed = BankError::Refused {
        code: Code::BankFailed,
    };
    assert_eq!(
        phone.wallet().deposit(&refuse, Some(yuan("5.00"))).err(),
        Some(failed)
    );
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
    let forge = Tampered::new(&world, |_, answer| match cbor::decode("answer", &answer) {
        Ok(Answer::Deposited { mut receipt }) => {
            receipt.body.transfer = protocol::Id::from_bytes([7; 32]);
            Ok(cbor::encode(&Answer::Deposited { receipt }))
        }
        _ => Ok(answer),
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

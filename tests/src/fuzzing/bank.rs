//! The bank's front door: any bytes, and calls that are properly signed and ask for anything.

use std::{cell::RefCell, sync::Arc};

use bank::{Bank, BankConfig, Books, Place};
use protocol::{
    Algorithm, Amount, Assurance, Code, ForkProof, HolderCertificate, Id, Name, Note, Outpoint, Output,
    Payment, Receipt, Reference, Signed, SignedTransfer, SigningKey, StaticKeyHash, Transfer, VerifyingKey,
    WalletClass,
    bank::{Answer, Call, IdempotencyKey, KeyApplication, Order, Reply},
    cbor,
    fraud::{Branch, Origin},
    message::ShortReceipt,
};
use simulator::{SeededEntropy, VirtualClock};

use super::input::Input;
use crate::mint::{NOW, fen, signing_key};

/// A bank with two customers who hold notes. Each of them signs whatever the input says.
struct House {
    bank: Bank,
    clock: VirtualClock,
    settlement: VerifyingKey,
    certifying: VerifyingKey,
    customers: Vec<Customer>,
    calls: u16,
}

struct Customer {
    account: SigningKey,
    keys: Vec<SigningKey>,
    certificates: Vec<Signed<HolderCertificate>>,
    notes: Vec<Signed<Note>>,
}

thread_local! {
    static HOUSE: RefCell<Option<House>> = const { RefCell::new(None) };
}

/// The first byte says whether raw bytes follow, or signed calls; see `House::order`.
///
/// There is always a signed answer. No call disturbs the books, and one that is refused leaves them as they are.
pub fn bank(data: &[u8]) {
    let _changed = changed(data);
}

/// Whether something was granted.
pub(super) fn changed(data: &[u8]) -> bool {
    HOUSE.with_borrow_mut(|slot| {
        let house = slot.get_or_insert_with(House::new);
        let mut input = Input::new(data);
        let mut changed = false;
        if input.byte().is_multiple_of(8) {
            changed = house.call(input.rest());
        } else {
            house.clock.set(NOW);
            for _ in 0..16 {
                if input.is_empty() {
                    break;
                }
                changed |= house.step(&mut input);
            }
            changed |= house.clock.now() != NOW;
        }
        if changed {
            house.audit();
            // The next input finds a bank that knows nothing of this one.
            *slot = None;
        }
        changed
    })
}

impl House {
    fn new() -> Self {
        let clock = VirtualClock::at(NOW);
        let config = BankConfig::new(Place::Memory, Name::new("Bank of Fuzz").expect("a name"));
        let entropy = Arc::new(SeededEntropy::new(1, 0));
        let bank = Bank::open(config, Arc::new(clock.clone()), entropy).expect("a bank");
        let operator = bank.trust_bundle().expect("a bundle").operators[0].body.clone();
        let mut house = Self {
            bank,
            clock,
            settlement: operator.settlement_key,
            certifying: operator.certifying_key,
            customers: Vec::new(),
            calls: 0,
        };
        for (label, algorithm) in [("one", Algorithm::Ed25519), ("two", Algorithm::P256)] {
            let customer = house.customer(label, algorithm);
            house.customers.push(customer);
        }
        house
    }

    /// A customer of class II with three certified keys, a note of 50.00 to each of two, and 50.00 on the account.
    fn customer(&mut self, label: &str, algorithm: Algorithm) -> Customer {
        let account = signing_key(1, Algorithm::Ed25519, &format!("account/{label}"));
        let keys: Vec<_> = (0..3)
            .map(|number| signing_key(1, algorithm, &format!("key/{label}/{number}")))
            .collect();
        self.granted(
            &account,
            Order::Enrol {
                class: WalletClass::Ii,
                name: None,
            },
        );
        let paid_in = self.bank.pay_in(&account.verifying_key(), fen(15_000));
        paid_in.expect("the account is open");
        let applications = keys.iter().map(|key| application(&account, key)).collect();
        let Answer::Certified { certificates } =
            self.granted(&account, Order::Certify { keys: applications })
        else {
            panic!("keys were not certified");
        };
        let mut notes = Vec::new();
        for key in &keys[..2] {
            let order = Order::Load {
                amount: fen(5_000),
                keys: vec![key.verifying_key()],
            };
            let Answer::Loaded { notes: loaded } = self.granted(&account, order) else {
                panic!("nothing was loaded");
            };
            notes.extend(loaded);
        }
        Customer {
            account,
            keys,
            certificates,
            notes,
        }
    }

    fn granted(&mut self, account: &SigningKey, order: Order) -> Answer {
        self.calls += 1;
        let [high, low] = self.calls.to_be_bytes();
        let call = Call {
            account: account.verifying_key(),
            idempotency_key: IdempotencyKey::from_bytes([
                high, low, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ]),
            order,
        };
        self.bank.try_call(&Signed::sign(call, account)).expect("granted")
    }

    /// One call. Whether it changed anything.
    fn step(&self, input: &mut Input<'_>) -> bool {
        let customer = input.one_of(&self.customers);
        let stranger = signing_key(1, Algorithm::P256, "account/stranger");
        let account = if input.byte() % 8 == 7 {
            &stranger
        } else {
            &customer.account
        };
        let idempotency_key = IdempotencyKey::from_bytes([input.byte() % 4; 16]);
        let Some(order) = self.order(customer, account, &idempotency_key, input) else {
            return false;
        };
        let call = Call {
            account: account.verifying_key(),
            idempotency_key,
            order,
        };
        self.call(&cbor::encode(&Signed::sign(call, account)))
    }

    fn order(
        &self,
        customer: &Customer,
        account: &SigningKey,
        key: &IdempotencyKey,
        input: &mut Input<'_>,
    ) -> Option<Order> {
        let amount = fen(u64::from(input.number()));
        Some(match input.byte() % 12 {
            0 => {
                // In front of the account's own signature, the order is whatever the bytes say.
                let order = input.chunk();
                minicbor::decode(order).ok()?
            }
            1 => Order::Enrol {
                class: *input.one_of(&[WalletClass::I, WalletClass::Ii, WalletClass::Iii, WalletClass::Iv]),
                name: Name::new(String::from_utf8_lossy(input.chunk())).ok(),
            },
            2 => Order::Certify {
                keys: vec![application(account, input.one_of(&customer.keys)); input.below(3)],
            },
            3 => Order::Load {
                amount,
                keys: vec![input.one_of(&customer.keys).verifying_key(); input.below(3)],
            },
            4 => {
                let reference = Reference::to_deposit(&account.verifying_key(), key.as_bytes());
                Order::Deposit {
                    payment: self.payment(self.settlement, reference, input)?.encode(),
                }
            }
            5 => {
                let payee = input.one_of(&self.customers);
                let (payee, reference) = (
                    input.one_of(&payee.keys),
                    Reference::from_bytes([input.byte(); 16]),
                );
                let payment = self.payment(payee.verifying_key(), reference, input)?;
                let receipt = (input.byte() % 2 == 1).then(|| ShortReceipt {
                    taken_at: NOW,
                    signature: Signed::sign(
                        Receipt {
                            transfer: payment.id(),
                            taken_at: NOW,
                        },
                        payee,
                    )
                    .signature,
                    returned: None,
                });
                Order::Report {
                    payment: payment.encode(),
                    receipt,
                }
            }
            6 => Order::Collect {
                after: u64::from(input.byte()),
            },
            7 => Order::Accuse {
                proof: Box::new(self.proof(input)?),
            },
            8 => Order::Retire {
                keys: vec![input.one_of(&customer.keys).verifying_key(); input.below(3)],
            },
            9 => Order::Inquire {
                transfers: vec![Id::from_bytes([input.byte(); 32]); input.below(3)],
            },
            10 => {
                let days = u64::from(input.byte()) * 4;
                self.clock.advance(days * 86_400);
                // Windows close because time passes, not because of what is asked next.
                self.bank.close_windows().expect("windows can be closed");
                Order::Account
            }
            _ => Order::Account,
        })
    }

    /// A payment out of one or two notes, with two steps if the input wants them, and with bytes changed if it wants that.
    fn payment(&self, payee: VerifyingKey, reference: Reference, input: &mut Input<'_>) -> Option<Payment> {
        let customer = input.one_of(&self.customers);
        let shape = input.byte();
        let all = if shape & 1 == 0 { 1 } else { customer.notes.len() };
        let notes: Vec<_> = customer
            .notes
            .iter()
            .cycle()
            .skip(input.below(4))
            .take(all)
            .cloned()
            .collect();
        let total = Amount::checked_sum(notes.iter().map(|note| note.body.amount))?;
        let amount = fen(u64::from(input.number()).max(1)).min(total);
        let mut outputs = vec![Output {
            holder_key: payee,
            amount,
        }];
        let change = total.checked_sub(amount)?;
        if !change.is_zero() {
            outputs.push(Output {
                holder_key: notes[0].body.holder_key,
                amount: change,
            });
        }
        let transfer = Transfer {
            inputs: notes.iter().map(|note| note_output(&note.body)).collect(),
            outputs,
            reference,
        };
        let message = protocol::Body::message(&transfer);
        let mut signers: Vec<usize> = Vec::new();
        for note in &notes {
            let owns = |key: &SigningKey| key.verifying_key() == note.body.holder_key;
            let owner = customer.keys.iter().position(owns)?;
            if !signers.contains(&owner) {
                signers.push(owner);
            }
        }
        let key = |number: &usize| {
            if shape & 2 == 0 {
                &customer.keys[*number]
            } else {
                &customer.keys[2]
            }
        };
        let signatures = signers.iter().map(|number| key(number).sign(&message)).collect();
        let certificates = signers
            .iter()
            .map(|number| customer.certificates[*number].clone());
        Payment::new(
            notes,
            vec![SignedTransfer { transfer, signatures }],
            certificates.collect(),
        )
        .ok()
    }

    /// Two transfers of one note, signed by its owner or by somebody else.
    fn proof(&self, input: &mut Input<'_>) -> Option<ForkProof> {
        let customer = input.one_of(&self.customers);
        let note = input.one_of(&customer.notes).body.clone();
        let signer = input.one_of(&customer.keys);
        let mut branch = || {
            let transfer = Transfer {
                inputs: vec![note_output(&note)],
                outputs: vec![Output {
                    holder_key: self.settlement,
                    amount: note.amount,
                }],
                reference: Reference::from_bytes([input.byte(); 16]),
            };
            Branch {
                signature: signer.sign(&protocol::Body::message(&transfer)),
                transfer,
            }
        };
        let (first, second) = (branch(), branch());
        Some(ForkProof {
            origin: Origin::Note(note),
            output: input.byte() % 2,
            first,
            second,
        })
    }

    /// Whether the call changed anything.
    fn call(&self, bytes: &[u8]) -> bool {
        let before = self.bank.books().expect("books");
        let answer = self.bank.handle_call(bytes);
        let reply: Signed<Reply> = cbor::decode("reply", &answer).expect("an answer is a reply");
        reply
            .verify(&self.certifying)
            .expect("the operator signs every answer");
        let Answer::Refused(refusal) = reply.body.answer else {
            return true;
        };
        assert_ne!(refusal.code, Code::BankFailed, "a call made the bank fail");
        // A second claim of one outpoint is refused, and the proof that it is one stays.
        let after = self.bank.books().expect("books");
        let changed = after.forks != before.forks;
        let forks = before.forks.max(after.forks);
        assert_eq!(after.forks, forks, "a proof is gone");
        assert_eq!(after, Books { forks, ..before }, "a refusal moved money");
        changed
    }

    fn audit(&self) {
        self.bank
            .audit()
            .expect("books can be read")
            .expect("books are in order");
    }
}

fn note_output(note: &Note) -> Outpoint {
    Outpoint {
        origin: protocol::Body::id(note),
        output: 0,
    }
}

fn application(account: &SigningKey, key: &SigningKey) -> Signed<KeyApplication> {
    let body = KeyApplication {
        account: account.verifying_key(),
        holder_key: key.verifying_key(),
        static_key: StaticKeyHash::of(&[5; 32]),
        assurance: Assurance::Software,
        device: None,
    };
    Signed::sign(body, key)
}

//! The other side of the counter: a clock and a source of randomness that the test holds, and a wallet that keeps just
//! enough to call the bank.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use bank::{Bank, BankConfig, Clock, ClockError, Entropy, EntropyError, Place};
use protocol::{
    Amount, Assurance, Body, Code, HolderCertificate, Name, Note, Outpoint, Output, Payment, Receipt,
    Reference, Signed, SignedTransfer, SigningKey, StaticKeyHash, Timestamp, Transfer, Trust, VerifyingKey,
    WalletClass,
    bank::{Answer, Call, Delivery, IdempotencyKey, KeyApplication, Order, Reply},
    cbor,
    key::Algorithm,
    message::ShortReceipt,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// 2026-11-24, noon.
pub(crate) const START: u64 = 20_781 * 86_400 + 43_200;

/// A clock that stands until it is moved.
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(START)))
    }

    pub(crate) fn pass_days(&self, days: u64) {
        self.0.fetch_add(days * 86_400, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Result<Timestamp, ClockError> {
        Ok(Timestamp::from_seconds(self.0.load(Ordering::SeqCst)))
    }
}

/// Randomness that a seed repeats.
pub(crate) struct Seeded(Mutex<ChaCha20Rng>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed))))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap().fill_bytes(&mut bytes);
        bytes
    }

    /// A number below `bound`.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        u64::from_be_bytes(self.bytes()) % bound
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap().fill_bytes(bytes);
        Ok(())
    }
}

pub(crate) fn fen(fen: u64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

pub(crate) fn config(place: Place) -> BankConfig {
    BankConfig::new(place, Name::new("Bank of Tests").unwrap())
}

/// A bank in memory, its clock, and randomness for the wallets.
pub(crate) struct World {
    pub(crate) bank: Bank,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) random: Arc<Seeded>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, config(Place::Memory))
    }

    pub(crate) fn with(seed: u64, config: BankConfig) -> Self {
        let (clock, random) = (TestClock::new(), Seeded::new(seed));
        let bank = Bank::open(config, clock.clone(), Seeded::new(seed ^ 0xba_4c)).unwrap();
        Self { bank, clock, random }
    }

    /// A customer with so much on the account, and so many certified keys.
    pub(crate) fn customer(&self, keys: usize, balance: u64) -> Wallet {
        let mut wallet = Wallet::new(&self.random);
        wallet.enrol(&self.bank);
        wallet.certify(&self.bank, keys);
        if balance > 0 {
            self.bank.pay_in(&wallet.account(), fen(balance)).unwrap();
        }
        wallet
    }

    pub(crate) fn settlement_key(&self) -> VerifyingKey {
        settlement_key(&self.bank)
    }

    /// Everybody who answers for a fork, as a stranger would conclude.
    pub(crate) fn accused(&self) -> Vec<VerifyingKey> {
        let mut trust = Trust::new(self.bank.root());
        trust.merge(&self.bank.trust_bundle().unwrap()).unwrap();
        let attributions = self.bank.attributions().unwrap();
        let mut accused: Vec<_> = attributions
            .iter()
            .flat_map(|attribution| attribution.verify(&trust).unwrap())
            .collect();
        accused.sort_unstable();
        accused.dedup();
        accused
    }

    /// The wallets of which all keys are on the status list, and no others.
    pub(crate) fn assert_listed(&self, expected: &[(&Wallet, bool)]) {
        let status = self.bank.trust_bundle().unwrap().status.remove(0);
        for (wallet, listed) in expected {
            for certificate in &wallet.certificates {
                assert_eq!(status.body.contains(&certificate.body.holder_key), *listed);
            }
        }
    }

    /// The books agree, and a full audit finds nothing.
    pub(crate) fn check(&self) {
        let books = self.bank.books().unwrap();
        assert!(books.balanced, "{books:#?}");
        assert_eq!(self.bank.audit().unwrap(), Ok(()));
    }
}

pub(crate) fn settlement_key(bank: &Bank) -> VerifyingKey {
    bank.trust_bundle().unwrap().operators[0].body.settlement_key
}

/// Value that a wallet holds, with its history.
#[derive(Clone)]
pub(crate) struct Piece {
    pub(crate) notes: Vec<Signed<Note>>,
    pub(crate) transfers: Vec<SignedTransfer>,
    pub(crate) outpoint: Outpoint,
    pub(crate) output: Output,
}

impl Piece {
    pub(crate) fn of_note(note: Signed<Note>) -> Self {
        Self {
            outpoint: Outpoint {
                origin: note.body.id(),
                output: 0,
            },
            output: Output {
                holder_key: note.body.holder_key,
                amount: note.body.amount,
            },
            notes: vec![note],
            transfers: Vec::new(),
        }
    }

    /// An output of a payment's final transfer.
    pub(crate) fn of_payment(payment: &Payment, number: u8) -> Self {
        Self {
            notes: payment.notes().to_vec(),
            transfers: payment.transfers().to_vec(),
            outpoint: Outpoint {
                origin: payment.id(),
                output: number,
            },
            output: payment.final_transfer().outputs[usize::from(number)],
        }
    }
}

/// A customer.
pub(crate) struct Wallet {
    pub(crate) account_key: SigningKey,
    pub(crate) keys: Vec<SigningKey>,
    pub(crate) certificates: Vec<Signed<HolderCertificate>>,
    pub(crate) random: Arc<Seeded>,
}

impl Wallet {
    pub(crate) fn new(random: &Arc<Seeded>) -> Self {
        Self {
            account_key: new_key(random),
            keys: Vec::new(),
            certificates: Vec::new(),
            random: random.clone(),
        }
    }

    pub(crate) fn account(&self) -> VerifyingKey {
        self.account_key.verifying_key()
    }

    pub(crate) fn key(&self, number: usize) -> VerifyingKey {
        self.keys[number].verifying_key()
    }

    pub(crate) fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey::from_bytes(self.random.bytes())
    }

    /// The bytes of a call.
    pub(crate) fn call(&self, idempotency_key: IdempotencyKey, order: Order) -> Vec<u8> {
        let call = Call {
            account: self.account(),
            idempotency_key,
            order,
        };
        cbor::encode(&Signed::sign(call, &self.account_key))
    }

    /// Calls under a fresh idempotency key.
    pub(crate) fn ask(&self, bank: &Bank, order: Order) -> Answer {
        answer(&bank.handle_call(&self.call(self.idempotency_key(), order)))
    }

    pub(crate) fn enrol(&self, bank: &Bank) {
        let order = Order::Enrol {
            class: WalletClass::I,
            name: None,
        };
        assert!(matches!(self.ask(bank, order), Answer::Enrolled { .. }));
    }

    pub(crate) fn application(&self, key: &SigningKey) -> Signed<KeyApplication> {
        Signed::sign(
            KeyApplication {
                account: self.account(),
                holder_key: key.verifying_key(),
                static_key: StaticKeyHash::of(&self.random.bytes()),
                assurance: Assurance::Software,
                device: None,
            },
            key,
        )
    }

    pub(crate) fn certify(&mut self, bank: &Bank, count: usize) {
        let new: Vec<_> = (0..count).map(|_| new_key(&self.random)).collect();
        let keys = new.iter().map(|key| self.application(key)).collect();
        match self.ask(bank, Order::Certify { keys }) {
            Answer::Certified { certificates } => self.certificates.extend(certificates),
            other => panic!("{other:?}"),
        }
        self.keys.extend(new);
    }

    /// A key that nobody certified, with a certificate that it signed itself. Its number.
    pub(crate) fn hide(&mut self) -> usize {
        let hidden = new_key(&self.random);
        let body = HolderCertificate {
            holder_key: hidden.verifying_key(),
            ..self.certificates[0].body.clone()
        };
        self.certificates.push(Signed::sign(body, &hidden));
        self.keys.push(hidden);
        self.keys.len() - 1
    }

    pub(crate) fn any_reference(&self) -> Reference {
        Reference::from_bytes(self.random.bytes())
    }

    /// Pays one piece in part or whole, to no request in particular.
    pub(crate) fn give(&self, piece: &Piece, payee: VerifyingKey, amount: u64) -> Payment {
        self.pay(std::slice::from_ref(piece), payee, amount, self.any_reference())
    }

    /// Pays one piece in whole.
    pub(crate) fn give_all(&self, piece: &Piece, payee: VerifyingKey) -> Payment {
        self.give(piece, payee, piece.output.amount.fen())
    }

    /// Deposits whole pieces.
    pub(crate) fn hand_in(&self, bank: &Bank, pieces: &[Piece]) -> Answer {
        let (key, order) = self.deposit(bank, pieces);
        answer(&bank.handle_call(&self.call(key, order)))
    }

    pub(crate) fn load(&self, bank: &Bank, amount: u64) -> Vec<Piece> {
        let order = Order::Load {
            amount: fen(amount),
            keys: self.keys.iter().map(SigningKey::verifying_key).collect(),
        };
        match self.ask(bank, order) {
            Answer::Loaded { notes } => notes.into_iter().map(Piece::of_note).collect(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn balance(&self, bank: &Bank) -> Amount {
        match self.ask(bank, Order::Account) {
            Answer::Account { balance, .. } => balance,
            other => panic!("{other:?}"),
        }
    }

    /// A payment of `amount` out of these pieces to `payee`; change comes back to the first piece's key.
    pub(crate) fn pay(
        &self,
        pieces: &[Piece],
        payee: VerifyingKey,
        amount: u64,
        reference: Reference,
    ) -> Payment {
        let total = Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)).unwrap();
        let mut outputs = vec![Output {
            holder_key: payee,
            amount: fen(amount),
        }];
        let change = total.checked_sub(fen(amount)).unwrap();
        if !change.is_zero() {
            outputs.push(Output {
                holder_key: pieces[0].output.holder_key,
                amount: change,
            });
        }
        let transfer = Transfer {
            inputs: pieces.iter().map(|piece| piece.outpoint).collect(),
            outputs,
            reference,
        };
        let mut owners: Vec<VerifyingKey> = Vec::new();
        for piece in pieces {
            if !owners.contains(&piece.output.holder_key) {
                owners.push(piece.output.holder_key);
            }
        }
        let (mut notes, mut transfers) = (Vec::new(), Vec::new());
        for piece in pieces {
            for note in &piece.notes {
                if !notes.contains(note) {
                    notes.push(note.clone());
                }
            }
            for transfer in &piece.transfers {
                if !transfers.contains(transfer) {
                    transfers.push(transfer.clone());
                }
            }
        }
        transfers.push(SignedTransfer {
            signatures: owners
                .iter()
                .map(|owner| self.signing_key(owner).sign(&transfer.message()))
                .collect(),
            transfer,
        });
        let certificates = owners.iter().map(|owner| self.certificate(owner)).collect();
        Payment::new(notes, transfers, certificates).unwrap()
    }

    /// "I took this."
    pub(crate) fn receipt(&self, payment: &Payment) -> ShortReceipt {
        let payee = payment.final_transfer().outputs[0].holder_key;
        let receipt = Receipt {
            transfer: payment.id(),
            taken_at: Timestamp::from_seconds(START),
        };
        ShortReceipt {
            taken_at: receipt.taken_at,
            signature: Signed::sign(receipt, self.signing_key(&payee)).signature,
            returned: None,
        }
    }

    /// Reports a payment under a fresh key.
    pub(crate) fn report(&self, bank: &Bank, payment: &Payment, receipt: Option<ShortReceipt>) -> Answer {
        let payment = payment.encode();
        self.ask(bank, Order::Report { payment, receipt })
    }

    /// Everything in the mailbox, page by page.
    pub(crate) fn collect(&self, bank: &Bank) -> Vec<Delivery> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            match self.ask(bank, Order::Collect { after }) {
                Answer::Delivered {
                    deliveries,
                    last,
                    more,
                } => {
                    all.extend(deliveries);
                    if !more {
                        return all;
                    }
                    assert!(last > after);
                    after = last;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// A deposit order of whole pieces, and the key it is bound to.
    pub(crate) fn deposit(&self, bank: &Bank, pieces: &[Piece]) -> (IdempotencyKey, Order) {
        let key = self.idempotency_key();
        let total = Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)).unwrap();
        let reference = Reference::to_deposit(&self.account(), key.as_bytes());
        let payment = self.pay(pieces, settlement_key(bank), total.fen(), reference);
        (
            key,
            Order::Deposit {
                payment: payment.encode(),
            },
        )
    }

    pub(crate) fn signing_key(&self, owner: &VerifyingKey) -> &SigningKey {
        self.keys
            .iter()
            .find(|key| key.verifying_key() == *owner)
            .unwrap()
    }

    fn certificate(&self, owner: &VerifyingKey) -> Signed<HolderCertificate> {
        self.certificates
            .iter()
            .find(|certificate| certificate.body.holder_key == *owner)
            .unwrap()
            .clone()
    }
}

pub(crate) fn new_key(random: &Seeded) -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, &random.bytes()).unwrap()
}

/// The answer in a bank's reply, or an operator's bare answer.
pub(crate) fn answer(bytes: &[u8]) -> Answer {
    match cbor::decode::<Signed<Reply>>("reply", bytes) {
        Ok(reply) => reply.body.answer,
        Err(_) => cbor::decode("answer", bytes).unwrap(),
    }
}

pub(crate) fn code(answer: &Answer) -> Code {
    match answer {
        Answer::Refused(refusal) => refusal.code,
        other => panic!("{other:?}"),
    }
}

//! A crash between any two steps: nothing is lost, nothing happens twice.
//!
//! Everything that the banks ask of the world — the time, randomness, each other — is a step at which the machine may
//! stop. After a stop nothing answers any more, until both banks are opened again.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::common::{Piece, Seeded, TestClock, Wallet, answer, config, fen, new_key};
use bank::{
    Books, Clock, ClockError, Entropy, EntropyError, Place,
    issuer::{
        Issuer, IssuerConfig,
        api::{
            Accepted, Accused, Closing, Due, IssuerApi, IssuerError, OperatorApplication, OrderId,
            Settlement, Statement, Testimony,
        },
    },
    operator::{CallError, Operator},
};
use protocol::{
    Amount, ForkProof, HolderCertificate, Id, Note, OperatorId, Outpoint, Output, Payment, Receipt,
    Reference, Signed, Timestamp, TrustBundle, VerifyingKey, WalletClass,
    bank::{Answer, Call, IdempotencyKey, Order},
    cbor,
};

/// Stops the machine after so many steps; never while it is negative.
#[derive(Default)]
struct Stopper(AtomicI64);

impl Stopper {
    const NEVER: i64 = -1;

    fn arm(&self, steps: i64) {
        self.0.store(steps, Ordering::SeqCst);
    }

    /// One step. Once the machine has stopped, every step fails.
    fn step(&self) -> Result<(), ClockError> {
        let update = |steps: i64| match steps {
            0 => None,
            Self::NEVER => Some(Self::NEVER),
            left => Some(left - 1),
        };
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, update)
            .map(drop)
            .map_err(|_| ClockError)
    }

    fn stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
}

struct Stopping<T: ?Sized> {
    stopper: Arc<Stopper>,
    inner: Arc<T>,
}

impl Clock for Stopping<TestClock> {
    fn now(&self) -> Result<Timestamp, ClockError> {
        self.stopper.step()?;
        self.inner.now()
    }
}

impl Entropy for Stopping<Seeded> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.stopper.step().map_err(|_| EntropyError)?;
        self.inner.fill(bytes)
    }
}

impl Stopping<Issuer> {
    /// The machine may stop before the issuer hears of a call, and before its answer is heard.
    fn across<T>(&self, call: impl FnOnce(&Issuer) -> Result<T, IssuerError>) -> Result<T, IssuerError> {
        self.stopper.step().map_err(IssuerError::no_answer)?;
        let answer = call(&self.inner);
        self.stopper.step().map_err(IssuerError::no_answer)?;
        answer
    }
}

impl IssuerApi for Stopping<Issuer> {
    fn register(&self, application: &OperatorApplication) -> Result<(), IssuerError> {
        self.across(|issuer| issuer.register(application))
    }

    fn issue(
        &self,
        order: OrderId,
        operator: OperatorId,
        outputs: &[Output],
    ) -> Result<Vec<Signed<Note>>, IssuerError> {
        self.across(|issuer| issuer.issue(order, operator, outputs))
    }

    fn settle(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
        accepted: &Accepted,
    ) -> Result<Settlement, IssuerError> {
        self.across(|issuer| issuer.settle(order, operator, payment, accepted))
    }

    fn due(&self, after: Option<Outpoint>) -> Result<Vec<Due>, IssuerError> {
        self.across(|issuer| issuer.due(after))
    }

    fn close(
        &self,
        order: OrderId,
        operator: OperatorId,
        outpoint: Outpoint,
        certificate: &Signed<HolderCertificate>,
        accepted: &Accepted,
    ) -> Result<Closing, IssuerError> {
        self.across(|issuer| issuer.close(order, operator, outpoint, certificate, accepted))
    }

    fn record(&self, payment: &Payment, receipt: Option<&Signed<Receipt>>) -> Result<(), IssuerError> {
        self.across(|issuer| issuer.record(payment, receipt))
    }

    fn accuse(&self, proof: &ForkProof) -> Result<(), IssuerError> {
        self.across(|issuer| issuer.accuse(proof))
    }

    fn known(&self, transfers: &[Id]) -> Result<Vec<Id>, IssuerError> {
        self.across(|issuer| issuer.known(transfers))
    }

    fn questions(&self, operator: OperatorId) -> Result<Vec<VerifyingKey>, IssuerError> {
        self.across(|issuer| issuer.questions(operator))
    }

    fn testify(&self, operator: OperatorId, testimonies: &[Testimony]) -> Result<(), IssuerError> {
        self.across(|issuer| issuer.testify(operator, testimonies))
    }

    fn accused(&self, after: u64) -> Result<Vec<Accused>, IssuerError> {
        self.across(|issuer| issuer.accused(after))
    }

    fn revoke(&self, keys: &[VerifyingKey]) -> Result<(), IssuerError> {
        self.across(|issuer| issuer.revoke(keys))
    }

    fn trust_bundle(&self) -> Result<TrustBundle, IssuerError> {
        self.across(Issuer::trust_bundle)
    }

    fn statement(&self, operator: OperatorId, orders: &[OrderId]) -> Result<Statement, IssuerError> {
        self.inner.statement(operator, orders)
    }
}

/// Two banks on disk that can be stopped and started.
struct Banks {
    /// The limit of the operator's guarantee.
    guarantee: u64,
    folder: tempfile::TempDir,
    stopper: Arc<Stopper>,
    clock: Arc<TestClock>,
    random: Arc<Seeded>,
    open: Option<(Arc<Issuer>, Operator)>,
}

const OPERATOR: OperatorId = OperatorId(1);

impl Banks {
    fn found(reserve: u64) -> Self {
        Self::guaranteeing(reserve, 1_000)
    }

    fn guaranteeing(reserve: u64, guarantee: u64) -> Self {
        let mut banks = Self {
            guarantee,
            folder: tempfile::tempdir().unwrap(),
            stopper: Arc::new(Stopper(AtomicI64::new(Stopper::NEVER))),
            clock: TestClock::new(),
            random: Seeded::new(1),
            open: None,
        };
        banks.start();
        banks.issuer().fund(OPERATOR, b"reserve", fen(reserve)).unwrap();
        banks.operator().record_funding(b"reserve", fen(reserve)).unwrap();
        banks
    }

    /// Both banks are closed and opened again, on a machine that works.
    fn start(&mut self) {
        self.open = None;
        self.stopper.arm(Stopper::NEVER);
        let place = Place::Folder(self.folder.path().to_path_buf());
        let clock = Arc::new(Stopping {
            stopper: self.stopper.clone(),
            inner: self.clock.clone(),
        });
        let entropy = Arc::new(Stopping {
            stopper: self.stopper.clone(),
            inner: self.random.clone(),
        });
        let issuer =
            Arc::new(Issuer::open(IssuerConfig::default(), &place, clock.clone(), entropy.clone()).unwrap());
        let link = Arc::new(Stopping {
            stopper: self.stopper.clone(),
            inner: issuer.clone(),
        });
        let mut config = config(place.clone()).operator;
        config.guarantee = fen(self.guarantee);
        let operator = Operator::open(config, &place, link, clock, entropy).unwrap();
        self.open = Some((issuer, operator));
    }

    fn issuer(&self) -> &Issuer {
        &self.open.as_ref().unwrap().0
    }

    fn operator(&self) -> &Operator {
        &self.open.as_ref().unwrap().1
    }

    fn ask(&self, bytes: &[u8]) -> Result<Vec<u8>, CallError> {
        let signed: Signed<Call> = cbor::decode("call", bytes).unwrap();
        self.operator().answer(&signed.body)
    }

    fn books(&self) -> Books {
        Books::of(self.issuer(), self.operator()).unwrap()
    }

    /// The books of a machine that has stopped, as they lie on the disk.
    fn books_while_stopped(&self) -> Books {
        self.stopper.arm(Stopper::NEVER);
        self.books()
    }

    fn customer(&self, balance: u64) -> Wallet {
        let mut wallet = Wallet::new(&self.random);
        let enrol = Order::Enrol {
            class: WalletClass::I,
            name: None,
        };
        self.ask(&wallet.call(wallet.idempotency_key(), enrol)).unwrap();
        let key = new_key(&self.random);
        let certify = Order::Certify {
            keys: vec![wallet.application(&key)],
        };
        let bytes = self.ask(&wallet.call(wallet.idempotency_key(), certify)).unwrap();
        let Answer::Certified { certificates } = answer(&bytes) else {
            panic!()
        };
        wallet.certificates = certificates;
        wallet.keys.push(key);
        self.operator().pay_in(&wallet.account(), fen(balance)).unwrap();
        wallet
    }

    fn load(&self, wallet: &Wallet, amount: u64) -> Vec<Piece> {
        let bytes = self
            .ask(&load_call(wallet, wallet.idempotency_key(), amount))
            .unwrap();
        let Answer::Loaded { notes } = answer(&bytes) else {
            panic!()
        };
        notes.into_iter().map(Piece::of_note).collect()
    }

    fn balance(&self, wallet: &Wallet) -> Amount {
        self.operator().balance(&wallet.account()).unwrap()
    }
}

fn load_call(wallet: &Wallet, key: IdempotencyKey, amount: u64) -> Vec<u8> {
    let order = Order::Load {
        amount: fen(amount),
        keys: vec![wallet.key(0)],
    };
    wallet.call(key, order)
}

fn deposit_call(banks: &Banks, wallet: &Wallet, pieces: &[Piece]) -> Vec<u8> {
    let key = wallet.idempotency_key();
    let total = Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)).unwrap();
    let payee = banks.operator().trust_bundle().unwrap().operators[0]
        .body
        .settlement_key;
    let reference = Reference::to_deposit(&wallet.account(), key.as_bytes());
    let payment = wallet.pay(pieces, payee, total.fen(), reference);
    let order = Order::Deposit {
        payment: payment.encode(),
    };
    wallet.call(key, order)
}

/// Stops the machine at every step of `call`, one after another; `make` sets the scene, `done` looks at it afterwards.
fn stop_everywhere(make: impl Fn() -> (Banks, Wallet, Vec<u8>), done: impl Fn(&Banks, &Wallet)) {
    let mut left_pending = 0;
    for steps in 1.. {
        let (mut banks, wallet, call) = make();
        banks.stopper.arm(steps);
        let first = banks.ask(&call);
        let stopped = banks.stopper.stopped();
        banks.stopper.arm(Stopper::NEVER);
        let books = banks.books();
        assert!(books.balanced, "stopped after {steps} steps: {books:#?}");
        left_pending += books.pending_orders;

        banks.start();
        let books = banks.books();
        assert!(books.balanced, "started after {steps} steps: {books:#?}");
        assert_eq!(books.pending_orders, 0, "stopped after {steps} steps");
        let answered = banks.ask(&call).unwrap();
        if let Ok(first) = first {
            assert_eq!(answered, first);
        }
        assert_eq!(banks.ask(&call).unwrap(), answered);
        done(&banks, &wallet);
        assert!(banks.books().balanced);
        assert_eq!(banks.issuer().audit().unwrap(), Ok(()));
        assert_eq!(banks.operator().audit().unwrap(), Ok(()));
        if !stopped {
            assert!(left_pending >= 3, "the test stopped in the middle of things");
            return;
        }
    }
}

#[test]
fn a_load_survives_a_stop_at_every_step() {
    stop_everywhere(
        || {
            let banks = Banks::found(5_000);
            let wallet = banks.customer(1_000);
            let call = load_call(&wallet, wallet.idempotency_key(), 300);
            (banks, wallet, call)
        },
        |banks, wallet| {
            assert_eq!(banks.balance(wallet), fen(700));
            assert_eq!(banks.books().issued, fen(300));
        },
    );
}

#[test]
fn a_deposit_survives_a_stop_at_every_step() {
    stop_everywhere(
        || {
            let banks = Banks::found(5_000);
            let wallet = banks.customer(1_000);
            let pieces = banks.load(&wallet, 300);
            let call = deposit_call(&banks, &wallet, &pieces[..2]);
            (banks, wallet, call)
        },
        |banks, wallet| {
            let books = banks.books();
            assert_eq!((books.redeemed, books.outstanding), (fen(200), fen(100)));
            assert_eq!(banks.balance(wallet), fen(900));
        },
    );
}

/// Two branches of a fork are reported, and the machine stops at the second: it is recorded and delivered once, and the
/// culprit's keys are listed.
#[test]
fn a_report_survives_a_stop_at_every_step() {
    let mut scenes = 0;
    for steps in 1.. {
        let mut banks = Banks::found(5_000);
        let (mallory, bob) = (banks.customer(1_000), banks.customer(1));
        let note = banks.load(&mallory, 500).remove(0);
        let report = |number: u8| {
            let amount = note.output.amount.fen();
            let reference = Reference::from_bytes([number; 16]);
            let payment = mallory.pay(std::slice::from_ref(&note), bob.key(0), amount, reference);
            let order = Order::Report {
                payment: payment.encode(),
                receipt: None,
            };
            mallory.call(mallory.idempotency_key(), order)
        };
        let (first, second) = (report(1), report(2));
        banks.ask(&first).unwrap();
        banks.stopper.arm(steps);
        let answered = banks.ask(&second);
        let stopped = banks.stopper.stopped();
        scenes += u64::from(banks.books_while_stopped().pending_orders > 0);

        banks.start();
        assert_eq!(banks.books().pending_orders, 0);
        let again = banks.ask(&second).unwrap();
        assert_eq!(answer(&again), Answer::Recorded);
        if let Ok(answered) = answered {
            assert_eq!(answered, again);
        }
        assert_eq!(banks.books().forks, 1);
        let status = banks.operator().trust_bundle().unwrap().status.remove(0);
        assert!(status.body.contains(&mallory.key(0)) && !status.body.contains(&bob.key(0)));
        let collect = bob.call(bob.idempotency_key(), Order::Collect { after: 0 });
        let Answer::Delivered { deliveries, .. } = answer(&banks.ask(&collect).unwrap()) else {
            panic!()
        };
        assert_eq!(deliveries.len(), 2, "one of each");
        assert_eq!(banks.issuer().audit().unwrap(), Ok(()));
        assert_eq!(banks.operator().audit().unwrap(), Ok(()));
        if !stopped {
            assert!(scenes >= 3, "the test stopped in the middle of things");
            return;
        }
    }
}

/// The issuer refuses, the machine stops, the reserve is filled up meanwhile: the old order stays refused, so the customer
/// is given back the money once, and a new order is a new one.
#[test]
fn a_refused_load_survives_a_stop_at_every_step() {
    for steps in 1.. {
        let mut banks = Banks::found(100);
        let wallet = banks.customer(1_000);
        let call = load_call(&wallet, wallet.idempotency_key(), 300);
        banks.stopper.arm(steps);
        assert!(banks.ask(&call).is_err());
        let stopped = banks.stopper.stopped();
        banks.stopper.arm(Stopper::NEVER);
        assert!(banks.books().balanced);
        banks.issuer().fund(OPERATOR, b"more", fen(1_000)).unwrap();
        banks.operator().record_funding(b"more", fen(1_000)).unwrap();

        banks.start();
        let books = banks.books();
        assert!(books.balanced, "{books:#?}");
        let issued = books.issued;
        assert_eq!(banks.balance(&wallet), fen(1_000).checked_sub(issued).unwrap());
        assert!(matches!(
            answer(&banks.ask(&call).unwrap()),
            Answer::Loaded { .. }
        ));
        assert_eq!(banks.balance(&wallet), fen(700));
        assert_eq!(banks.books().issued, fen(300));
        assert!(banks.books().balanced);
        if !stopped {
            return;
        }
    }
}

/// A forked note, claimed once by its victim, and the call with which the victim claims the other branch. The culprit has
/// this much on its account.
fn forked(banks: &Banks, culprit_has: u64) -> (Wallet, Wallet, Vec<u8>) {
    let mallory = banks.customer(500 + culprit_has);
    let victim = banks.customer(1);
    let note = banks.load(&mallory, 500).remove(0);
    let pay = |number: u8| {
        let reference = Reference::from_bytes([number; 16]);
        let amount = note.output.amount.fen();
        let paid = mallory.pay(std::slice::from_ref(&note), victim.key(0), amount, reference);
        Piece::of_payment(&paid, 0)
    };
    banks.ask(&deposit_call(banks, &victim, &[pay(1)])).unwrap();
    let call = deposit_call(banks, &victim, &[pay(2)]);
    (mallory, victim, call)
}

fn assert_culprit_listed(banks: &Banks, culprit: &Wallet, victim: &Wallet) {
    let status = banks.operator().trust_bundle().unwrap().status.remove(0);
    assert!(status.body.contains(&culprit.key(0)) && !status.body.contains(&victim.key(0)));
    assert_eq!(banks.issuer().attributions().unwrap().len(), 1);
}

/// The second claim of a forked note, paid partly by the culprit and partly by the guarantee.
#[test]
fn an_excess_deposit_survives_a_stop_at_every_step() {
    let mallory = std::cell::RefCell::new(None);
    stop_everywhere(
        || {
            let banks = Banks::found(5_000);
            let (culprit, victim, call) = forked(&banks, 30);
            *mallory.borrow_mut() = Some(culprit);
            (banks, victim, call)
        },
        |banks, victim| {
            let books = banks.books();
            let excess = books.excess.fen();
            assert!(excess > 30);
            assert_eq!((books.forks, books.unattributed), (1, 0));
            assert_eq!((books.redeemed, books.guarantee), (fen(excess), fen(excess - 30)));
            assert_eq!(banks.balance(victim), fen(1 + 2 * excess));
            let mallory = mallory.borrow();
            let mallory = mallory.as_ref().unwrap();
            assert_eq!(banks.balance(mallory), fen(0));
            assert_culprit_listed(banks, mallory, victim);
        },
    );
}

/// Nobody covers the second claim, and the machine stops: the fork is proven, attributed and listed all the same, and the
/// victim's account is as it was.
#[test]
fn a_refused_deposit_survives_a_stop_at_every_step() {
    for steps in 1.. {
        let mut banks = Banks::guaranteeing(5_000, 0);
        let (mallory, victim, call) = forked(&banks, 30);
        let before = banks.balance(&victim);
        banks.stopper.arm(steps);
        assert!(banks.ask(&call).is_err());
        let stopped = banks.stopper.stopped();
        banks.stopper.arm(Stopper::NEVER);
        assert!(banks.books().balanced);

        banks.start();
        for _ in 0..2 {
            assert_eq!(banks.books().pending_orders, 0);
            assert!(banks.books().balanced);
            assert_eq!(
                (banks.balance(&victim), banks.balance(&mallory)),
                (before, fen(30))
            );
            assert!(matches!(banks.ask(&call), Err(CallError::CoverExhausted)));
        }
        assert_culprit_listed(&banks, &mallory, &victim);
        assert_eq!(banks.operator().audit().unwrap(), Ok(()));
        if !stopped {
            return;
        }
    }
}

/// Windows close, and the machine stops: everybody is credited once, and told once.
#[test]
fn closings_survive_a_stop_at_every_step() {
    let mut left_pending = 0;
    for steps in 1.. {
        let mut banks = Banks::found(5_000);
        let (alice, bob) = (banks.customer(1_000), banks.customer(1));
        let note = banks.load(&alice, 500).remove(0);
        for number in 0..2 {
            let reference = Reference::from_bytes([number; 16]);
            let payment = alice.pay(std::slice::from_ref(&note), bob.key(0), 100, reference);
            let order = Order::Report {
                payment: payment.encode(),
                receipt: None,
            };
            banks.ask(&bob.call(bob.idempotency_key(), order)).unwrap();
        }
        banks.clock.pass_days(2_000);
        banks.stopper.arm(steps);
        let _stopped_or_not = banks.operator().close_windows();
        let stopped = banks.stopper.stopped();
        banks.stopper.arm(Stopper::NEVER);
        let books = banks.books();
        assert!(books.balanced, "stopped after {steps} steps: {books:#?}");
        left_pending += books.pending_orders;

        banks.start();
        for _ in 0..2 {
            let books = banks.books();
            assert!(books.balanced, "{books:#?}");
            assert_eq!((books.pending_orders, books.outstanding), (0, Amount::ZERO));
            assert_eq!(banks.balance(&bob), fen(201));
            // A hundred she paid, and a hundred she answers for.
            assert_eq!(banks.balance(&alice), fen(800));
            let collect = bob.call(bob.idempotency_key(), Order::Collect { after: 0 });
            let Answer::Delivered { deliveries, .. } = answer(&banks.ask(&collect).unwrap()) else {
                panic!()
            };
            assert_eq!(deliveries.len(), 2, "one of each");
            assert_eq!(banks.operator().close_windows().unwrap().count, 0);
        }
        assert_eq!(banks.issuer().audit().unwrap(), Ok(()));
        assert_eq!(banks.operator().audit().unwrap(), Ok(()));
        if !stopped {
            assert!(left_pending >= 5, "the test stopped in the middle of things");
            return;
        }
    }
}

/// While an order waits for the issuer, its idempotency key is taken.
#[test]
fn a_pending_order_holds_its_key() {
    let banks = Banks::found(5_000);
    let wallet = banks.customer(1_000);
    let key = wallet.idempotency_key();
    // The clock is read, the issuer is asked for the status list, reads its clock and answers, the order is named; then the
    // issuer is out of reach.
    banks.stopper.arm(5);
    assert!(matches!(
        banks.ask(&load_call(&wallet, key, 300)),
        Err(CallError::Issuer(IssuerError::NoAnswer { .. }))
    ));
    banks.stopper.arm(Stopper::NEVER);
    assert_eq!(banks.books().loads_in_flight, fen(300));
    assert!(matches!(
        banks.ask(&load_call(&wallet, key, 301)),
        Err(CallError::IdempotencyConflict)
    ));
    assert!(matches!(
        banks.ask(&wallet.call(key, Order::Account)),
        Err(CallError::IdempotencyConflict)
    ));
    assert!(banks.ask(&load_call(&wallet, key, 300)).is_ok());
    assert_eq!(banks.books().loads_in_flight, Amount::ZERO);
}

#[test]
fn books_have_one_owner() {
    let banks = Banks::found(5_000);
    let place = Place::Folder(banks.folder.path().to_path_buf());
    let second = bank::Bank::open(config(place), banks.clock.clone(), banks.random.clone());
    let refused = second.err().unwrap();
    assert_eq!(protocol::Coded::code(&refused), protocol::Code::AlreadyOpen);
}

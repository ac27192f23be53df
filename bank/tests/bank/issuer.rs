//! The issuer's side of the boundary, held to its word: one order, one outcome, for ever.

use bank::{
    Place,
    issuer::{
        Issuer, IssuerConfig, MAX_NOTES,
        api::{Accepted, IssuerApi as _, IssuerError, IssuerRefusal, OperatorApplication},
    },
};
use protocol::{Amount, Name, OperatorId, Output, Payment, Reference, SigningKey};

use crate::common::{Piece, Seeded, TestClock, Wallet, World, fen, new_key};

const OPERATOR: OperatorId = OperatorId(1);

/// An issuer with one operator, and a key to issue to.
struct Counter {
    issuer: Issuer,
    application: OperatorApplication,
    holder: SigningKey,
}

impl Counter {
    fn open(reserve: u64) -> Self {
        let (clock, random) = (TestClock::new(), Seeded::new(1));
        let issuer = Issuer::open(IssuerConfig::default(), &Place::Memory, clock, random.clone()).unwrap();
        let application = OperatorApplication {
            operator: OPERATOR,
            name: Name::new("Bank of Tests").unwrap(),
            certifying_key: new_key(&random).verifying_key(),
            settlement_key: new_key(&random).verifying_key(),
        };
        issuer.register(&application).unwrap();
        issuer.fund(OPERATOR, b"reserve", fen(reserve)).unwrap();
        Self {
            issuer,
            application,
            holder: new_key(&random),
        }
    }

    fn outputs(&self, amounts: &[u64]) -> Vec<Output> {
        let holder_key = self.holder.verifying_key();
        amounts
            .iter()
            .map(|amount| Output {
                holder_key,
                amount: fen(*amount),
            })
            .collect()
    }

    fn refusal(&self, order: u8, outputs: &[Output]) -> IssuerRefusal {
        refusal(self.issuer.issue([order; 16], OPERATOR, outputs))
    }

    fn reserve(&self) -> Amount {
        self.issuer.statement(OPERATOR, &[]).unwrap().reserve
    }
}

fn refusal<T>(result: Result<T, IssuerError>) -> IssuerRefusal {
    match result.err().unwrap() {
        IssuerError::Refused(refusal) => refusal,
        no_answer @ IssuerError::NoAnswer { .. } => panic!("{no_answer:?}"),
    }
}

#[test]
fn the_same_order_is_issued_once() {
    let counter = Counter::open(1_000);
    let outputs = counter.outputs(&[300, 200]);
    let notes = counter.issuer.issue([1; 16], OPERATOR, &outputs).unwrap();
    assert_eq!(counter.issuer.issue([1; 16], OPERATOR, &outputs).unwrap(), notes);
    assert_eq!(counter.reserve(), fen(500));
    assert_eq!(
        counter.refusal(1, &counter.outputs(&[200, 300])),
        IssuerRefusal::OrderDiffers
    );
    let statement = counter.issuer.statement(OPERATOR, &[[1; 16], [2; 16]]).unwrap();
    assert_eq!(statement.issued, fen(500));
}

/// An operator that was refused has given the money back: a late copy of the order must not be carried out.
#[test]
fn a_refused_order_stays_refused() {
    let counter = Counter::open(100);
    let outputs = counter.outputs(&[101]);
    assert_eq!(counter.refusal(1, &outputs), IssuerRefusal::ReserveTooLow);
    counter.issuer.fund(OPERATOR, b"more", fen(100)).unwrap();
    assert_eq!(counter.refusal(1, &outputs), IssuerRefusal::ReserveTooLow);
    assert_eq!(counter.reserve(), fen(200));
    assert!(counter.issuer.issue([2; 16], OPERATOR, &outputs).is_ok());
    assert_eq!(counter.issuer.audit().unwrap(), Ok(()));
}

#[test]
fn orders_for_nothing_or_too_much_are_refused() {
    let counter = Counter::open(1_000);
    assert_eq!(counter.refusal(1, &[]), IssuerRefusal::Nothing);
    assert_eq!(
        counter.refusal(1, &counter.outputs(&[5, 0])),
        IssuerRefusal::Nothing
    );
    assert_eq!(
        counter.refusal(1, &counter.outputs(&[1; MAX_NOTES + 1])),
        IssuerRefusal::TooLarge
    );
    assert_eq!(
        counter.refusal(1, &counter.outputs(&[Amount::MAX.fen(), 1])),
        IssuerRefusal::TooLarge
    );
    let stranger = counter
        .issuer
        .issue([1; 16], OperatorId(2), &counter.outputs(&[5]));
    assert!(matches!(refusal(stranger), IssuerRefusal::UnknownOperator { .. }));
}

#[test]
fn a_reserve_is_paid_up_once_for_one_cause() {
    let counter = Counter::open(1_000);
    assert_eq!(
        counter.issuer.fund(OPERATOR, b"reserve", fen(7)).unwrap(),
        fen(1_000)
    );
    assert_eq!(counter.reserve(), fen(1_000));
}

#[test]
fn an_operator_keeps_its_keys() {
    let counter = Counter::open(0);
    counter.issuer.register(&counter.application).unwrap();
    let mut other = counter.application.clone();
    other.settlement_key = counter.holder.verifying_key();
    assert_eq!(
        refusal(counter.issuer.register(&other)),
        IssuerRefusal::OperatorDiffers
    );
}

/// A payment from a customer of `world` to its operator.
fn payment(world: &World, wallet: &Wallet, pieces: &[Piece]) -> Payment {
    let total = Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)).unwrap();
    let reference = Reference::from_bytes(world.random.bytes());
    wallet.pay(pieces, world.settlement_key(), total.fen(), reference)
}

#[test]
fn a_payment_is_settled_once_whatever_it_is_called() {
    let world = World::new(3);
    let alice = world.customer(1, 1_000);
    let pieces = alice.load(&world.bank, 1_000);
    let (first, second) = (
        payment(&world, &alice, &pieces[..1]),
        payment(&world, &alice, &pieces[1..2]),
    );
    let issuer = world.bank.issuer();

    let settlement = issuer
        .settle([1; 16], OPERATOR, &first, &Accepted::new())
        .unwrap();
    assert_eq!(settlement.redeemed, pieces[0].output.amount);
    for order in [[1; 16], [2; 16]] {
        assert_eq!(
            issuer.settle(order, OPERATOR, &first, &Accepted::new()).unwrap(),
            settlement
        );
    }
    let another = issuer.settle([1; 16], OPERATOR, &second, &Accepted::new());
    assert_eq!(refusal(another), IssuerRefusal::OrderDiffers);
    assert_eq!(world.bank.books().unwrap().redeemed, settlement.redeemed);
    assert_eq!(issuer.audit().unwrap(), Ok(()));
}

/// Eight counters, one payment each of the same note: one is settled, seven are forks.
#[test]
fn claims_that_race_for_one_outpoint_settle_once() {
    let world = World::new(4);
    let alice = world.customer(1, 1_000);
    let note = alice.load(&world.bank, 1_000).remove(0);
    let issuer = world.bank.issuer();
    let claims: Vec<Payment> = (0..8)
        .map(|_| payment(&world, &alice, std::slice::from_ref(&note)))
        .collect();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0_u8..)
            .zip(&claims)
            .map(|(order, claim)| {
                scope.spawn(move || issuer.settle([order; 16], OPERATOR, claim, &Accepted::new()))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let settled = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(settled, 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        let IssuerRefusal::Uncovered { excess } = refusal(outcome) else {
            panic!()
        };
        assert_eq!(excess[0].amount, note.output.amount);
        assert_eq!(excess[0].proof.verify().unwrap().culprit, alice.key(0));
    }
    assert_eq!(world.bank.books().unwrap().redeemed, note.output.amount);
    assert_eq!(world.bank.books().unwrap().forks, 7);
    assert_eq!(issuer.audit().unwrap(), Ok(()));
}

//! Random lives of a few customers, from seeds that replay them. After every single step the books balance to the fen,
//! and every account holds what this test says it must.

use std::collections::BTreeMap;

use crate::common::{Piece, Wallet, World, answer, fen};
use protocol::{
    Amount, Code, Reference, VerifyingKey,
    bank::{Answer, Order},
};

const SEEDS: u64 = 24;
const STEPS: usize = 60;

/// The world, and what ought to be true of it.
struct Model {
    world: World,
    wallets: Vec<Wallet>,
    /// What each wallet believes it can spend.
    purses: Vec<Vec<Piece>>,
    /// What must stand on each account.
    balances: BTreeMap<VerifyingKey, u64>,
    /// Everything ever sent to the bank by whom, and what came back.
    sent: Vec<(usize, Vec<u8>, Vec<u8>)>,
    /// Value that was forked at least once: somebody will not be paid.
    forked: bool,
    /// What the guarantee line had paid, in fen.
    guaranteed: u64,
}

impl Model {
    fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let wallets: Vec<_> = (0..4).map(|_| world.customer(3, 0)).collect();
        Self {
            purses: vec![Vec::new(); wallets.len()],
            balances: wallets.iter().map(|wallet| (wallet.account(), 0)).collect(),
            sent: Vec::new(),
            forked: false,
            guaranteed: 0,
            wallets,
            world,
        }
    }

    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.world.random.below(bound as u64)).unwrap()
    }

    fn step(&mut self) {
        let who = self.below(self.wallets.len());
        match self.below(12) {
            0 | 1 => self.pay_in(who),
            2..=4 => self.load(who),
            5..=7 => self.pay(who),
            8 => self.deposit(who),
            9 => self.repeat(),
            10 => self.fork(who),
            _ => self.world.clock.pass_days(self.world.random.below(20)),
        }
    }

    fn pay_in(&mut self, who: usize) {
        let amount = 1 + self.world.random.below(100_000);
        let account = self.wallets[who].account();
        self.world.bank.pay_in(&account, fen(amount)).unwrap();
        *self.balances.get_mut(&account).unwrap() += amount;
    }

    fn load(&mut self, who: usize) {
        let wallet = &self.wallets[who];
        let amount = self.world.random.below(60_000);
        let order = Order::Load {
            amount: fen(amount),
            keys: (0..3).map(|number| wallet.key(number)).collect(),
        };
        let balance = self.balances.get_mut(&wallet.account()).unwrap();
        let call = wallet.call(wallet.idempotency_key(), order);
        let bytes = self.world.bank.handle_call(&call);
        match answer(&bytes) {
            Answer::Loaded { notes } => {
                *balance -= amount;
                self.purses[who].extend(notes.into_iter().map(Piece::of_note));
            }
            Answer::Refused(refusal) if amount == 0 => assert_eq!(refusal.code, Code::AmountZero),
            Answer::Refused(refusal) => {
                assert_eq!(
                    (refusal.code, refusal.at_most),
                    (Code::AccountTooLow, Some(fen(*balance)))
                );
                assert!(amount > *balance);
            }
            other => panic!("{other:?}"),
        }
        self.sent.push((who, call, bytes));
    }

    /// One or two pieces to somebody, in whole or with change.
    fn pay(&mut self, who: usize) {
        let count = self.purses[who].len().min(1 + self.below(2));
        if count == 0 {
            return;
        }
        let pieces = take_last(&mut self.purses[who], count);
        let to = self.below(self.wallets.len());
        let payment = self.payment(who, to, &pieces);
        self.purses[to].push(Piece::of_payment(&payment, 0));
        if payment.final_transfer().outputs.len() > 1 {
            self.purses[who].push(Piece::of_payment(&payment, 1));
        }
    }

    fn payment(&self, who: usize, to: usize, pieces: &[Piece]) -> protocol::Payment {
        let total = Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)).unwrap();
        let amount = 1 + self.world.random.below(total.fen());
        let payee = self.wallets[to].key(self.below(3));
        let reference = Reference::from_bytes(self.world.random.bytes());
        self.wallets[who].pay(pieces, payee, amount, reference)
    }

    /// A rooted phone pays two people with one piece.
    fn fork(&mut self, who: usize) {
        let Some(piece) = self.purses[who].pop() else {
            return;
        };
        for _ in 0..2 {
            let to = self.below(self.wallets.len());
            let payment = self.payment(who, to, std::slice::from_ref(&piece));
            self.purses[to].push(Piece::of_payment(&payment, 0));
        }
        self.forked = true;
    }

    fn deposit(&mut self, who: usize) {
        let wallet = &self.wallets[who];
        let count = self.purses[who].len().min(1 + self.below(4));
        if count == 0 {
            return;
        }
        let pieces = take_last(&mut self.purses[who], count);
        let total = Amount::checked_sum(pieces.iter().map(|piece| piece.output.amount)).unwrap();
        let (key, order) = wallet.deposit(&self.world.bank, &pieces);
        let call = wallet.call(key, order);
        let bytes = self.world.bank.handle_call(&call);
        match answer(&bytes) {
            Answer::Deposited { .. } => {
                *self.balances.get_mut(&wallet.account()).unwrap() += total.fen();
                self.pay_for_forks();
            }
            Answer::Refused(refusal) => {
                assert_eq!(refusal.code, Code::CoverExhausted);
                assert!(self.forked, "nobody honest is refused");
            }
            other => panic!("{other:?}"),
        }
        self.sent.push((who, call, bytes));
    }

    /// What a second branch brought was taken from whoever forked, or is on the guarantee line: nothing else has moved.
    fn pay_for_forks(&mut self) {
        if !self.forked {
            return;
        }
        let deposits: u64 = self.balances.values().sum();
        for (account, balance) in &mut self.balances {
            *balance = self.world.bank.balance(account).unwrap().fen();
        }
        let books = self.world.bank.books().unwrap();
        let guaranteed = books.guarantee.fen() - self.guaranteed;
        self.guaranteed = books.guarantee.fen();
        let now: u64 = self.balances.values().sum();
        // Who forks is not paid for its own second branch: so at most this much came.
        assert!(now <= deposits, "{now} {deposits}");
        assert!(guaranteed <= deposits);
    }

    /// Somebody sends again what was sent before: a granted call is answered as before, and nothing moves.
    fn repeat(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        let number = self.below(self.sent.len());
        let (who, call, before) = self.sent[number].clone();
        let again = self.world.bank.handle_call(&call);
        match (answer(&before), answer(&again)) {
            // What was refused may be granted by now.
            (Answer::Refused(_), Answer::Loaded { notes }) => {
                let sum = Amount::checked_sum(notes.iter().map(|note| note.body.amount)).unwrap();
                *self.balances.get_mut(&self.wallets[who].account()).unwrap() -= sum.fen();
                self.purses[who].extend(notes.into_iter().map(Piece::of_note));
                self.sent[number].2 = again;
            }
            (Answer::Refused(_), Answer::Refused(_)) => {}
            (before, again) => assert_eq!(before, again),
        }
    }

    fn check(&self) {
        let books = self.world.bank.books().unwrap();
        assert!(books.balanced, "{books:#?}");
        assert_eq!(books.pending_orders, 0);
        assert_eq!(books.customer_deposits, fen(self.balances.values().sum()));
        for (account, balance) in &self.balances {
            assert_eq!(self.world.bank.balance(account).unwrap(), fen(*balance));
        }
        let proofs = self.world.bank.issuer().fork_proofs().unwrap();
        assert!(self.forked || proofs.is_empty());
        if !self.forked {
            let purses = self.purses.iter().flatten().map(|piece| piece.output.amount);
            assert_eq!(
                Amount::checked_sum(purses),
                Some(books.outstanding),
                "every fen is somewhere"
            );
        }
    }
}

fn take_last(purse: &mut Vec<Piece>, count: usize) -> Vec<Piece> {
    purse.split_off(purse.len() - count)
}

#[test]
fn the_books_balance_after_every_step() {
    let mut forks = 0;
    for seed in 0..SEEDS {
        println!("seed {seed}");
        let mut model = Model::new(seed);
        for _ in 0..STEPS {
            model.step();
            model.check();
        }
        forks += model.world.bank.books().unwrap().forks;
        model.world.check();
    }
    assert!(forks > 0, "some forks came to light");
}

/// Everybody is honest, and at the end everybody takes everything home: nothing stays out.
#[test]
fn honest_money_all_comes_home() {
    for seed in 100..100 + SEEDS / 2 {
        println!("seed {seed}");
        let mut model = Model::new(seed);
        for _ in 0..STEPS {
            let who = model.below(4);
            match model.below(4) {
                0 => model.pay_in(who),
                1 => model.load(who),
                _ => model.pay(who),
            }
            model.check();
        }
        while let Some(who) = model.purses.iter().position(|purse| !purse.is_empty()) {
            model.deposit(who);
            model.check();
        }
        assert_eq!(model.world.bank.books().unwrap().outstanding, Amount::ZERO);
        model.world.check();
    }
}

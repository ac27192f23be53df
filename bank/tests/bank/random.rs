//! Random lives of a few customers, from seeds that replay them. After every single step the books balance to the fen,
//! and every account holds what this test says it must.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Every payment that somebody was made, in whole.
    received: Vec<(usize, protocol::Payment)>,
    /// Those who forked.
    culprits: BTreeSet<usize>,
    /// Whether anybody did.
    forked: bool,
}

impl Model {
    fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let wallets: Vec<_> = (0..4).map(|_| world.customer(3, 0)).collect();
        Self {
            purses: vec![Vec::new(); wallets.len()],
            balances: wallets.iter().map(|wallet| (wallet.account(), 0)).collect(),
            sent: Vec::new(),
            received: Vec::new(),
            culprits: BTreeSet::new(),
            forked: false,
            wallets,
            world,
        }
    }

    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.world.random.below(bound as u64)).unwrap()
    }

    fn step(&mut self) {
        let who = self.below(self.wallets.len());
        match self.below(15) {
            0 | 1 => self.pay_in(who),
            2..=4 => self.load(who),
            5..=7 => self.pay(who),
            8 | 9 => self.deposit(who),
            10 => self.repeat(),
            11 => self.fork(who),
            12 | 13 => self.report(who),
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
            Answer::Refused(refusal) if refusal.code == Code::HolderRevoked => {
                assert!(self.culprits.contains(&who), "nobody honest is refused");
            }
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
        self.received.push((to, payment.clone()));
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
        for _ in 0..2 + self.below(2) {
            let to = self.below(self.wallets.len());
            let payment = self.payment(who, to, std::slice::from_ref(&piece));
            self.purses[to].push(Piece::of_payment(&payment, 0));
            self.received.push((to, payment));
        }
        self.forked = true;
        self.culprits.insert(who);
    }

    /// Everybody gets what it brings, in whole, but for what it would get out of a fork of its own. What others pay for a
    /// fork is taken from their accounts.
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
        let (before, balance) = (self.books(), self.balance_at_bank(who));
        let bytes = self.world.bank.handle_call(&call);
        let (after, new_balance) = (self.books(), self.balance_at_bank(who));
        match answer(&bytes) {
            Answer::Deposited { .. } => {
                let denied = after.excess_denied.fen() - before.excess_denied.fen();
                assert_eq!(new_balance, balance + total.fen() - denied);
                assert!(
                    denied == 0 || self.culprits.contains(&who),
                    "nobody honest is denied a fen"
                );
                assert!(self.forked || after.excess.is_zero());
            }
            Answer::Refused(refusal) => {
                assert_eq!(refusal.code, Code::CoverExhausted);
                assert!(self.forked, "nobody honest is refused");
                self.purses[who].extend(pieces);
            }
            other => panic!("{other:?}"),
        }
        self.settle_up();
        self.sent.push((who, call, bytes));
    }

    fn books(&self) -> bank::Books {
        self.world.bank.books().unwrap()
    }

    fn balance_at_bank(&self, who: usize) -> u64 {
        let account = self.wallets[who].account();
        self.world.bank.balance(&account).unwrap().fen()
    }

    /// What the bank says now is what this test expects from now on. Only culprits may have less than before.
    fn settle_up(&mut self) {
        for who in 0..self.wallets.len() {
            let now = self.balance_at_bank(who);
            let expected = self.balances.get_mut(&self.wallets[who].account()).unwrap();
            assert!(
                now >= *expected || self.culprits.contains(&who),
                "only culprits pay"
            );
            *expected = now;
        }
    }

    /// The windows of everything that was issued so far close.
    fn close(&mut self) {
        self.world.clock.pass_days(1_200);
        self.world.bank.close_windows().unwrap();
        self.settle_up();
        for purse in &mut self.purses {
            purse.clear();
        }
    }

    /// Somebody reports what it holds, as its payee.
    fn report(&mut self, who: usize) {
        let Some(payment) = self.received.iter().rfind(|(to, _)| *to == who) else {
            return;
        };
        let answer = self.wallets[who].report(&self.world.bank, &payment.1, None);
        assert_eq!(answer, Answer::Recorded);
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
            (Answer::Refused(_), Answer::Deposited { .. }) => {
                self.settle_up();
                self.sent[number].2 = again;
            }
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

    /// After every step, both properties to the fen: nothing is created but excess, each fen of which is paid or denied and
    /// booked against a proof; and everything is accounted for.
    fn check(&self) {
        let books = self.books();
        assert!(books.balanced, "{books:#?}");
        assert_eq!(books.pending_orders, 0);
        assert_eq!(books.customer_deposits, fen(self.balances.values().sum()));
        for (account, balance) in &self.balances {
            assert_eq!(self.world.bank.balance(account).unwrap(), fen(*balance));
        }
        assert_eq!(
            Amount::checked_sum([books.issued, books.excess]),
            Amount::checked_sum([
                books.outstanding,
                books.redeemed,
                books.excess_paid,
                books.excess_denied
            ])
        );
        assert_eq!(books.unattributed, 0);
        assert!(self.forked || (books.forks == 0 && books.excess.is_zero()));
        let guilty = |key: &VerifyingKey| {
            let owns = |who: &usize| {
                self.wallets[*who]
                    .keys
                    .iter()
                    .any(|own| own.verifying_key() == *key)
            };
            self.culprits.iter().any(owns)
        };
        assert!(
            self.world.accused().iter().all(guilty),
            "nobody honest is accused"
        );
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
    let (mut forks, mut excess) = (0, 0);
    for seed in 0..SEEDS {
        println!("seed {seed}");
        let mut model = Model::new(seed);
        for _ in 0..STEPS {
            model.step();
            model.check();
        }
        model.close();
        model.check();
        let books = model.books();
        forks += books.forks;
        excess += books.excess.fen();
        model.world.check();
    }
    assert!(forks > 0 && excess > 0, "some forks came to light");
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

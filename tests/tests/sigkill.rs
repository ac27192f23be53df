//! A process with two wallets in real files hands money from one to the other, and is killed, again and again.
//!
//! `DCEP_KILLS` says how often; a few dozen unless it is set.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it went through"
)]

use std::{
    env, fs, hint,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use protocol::{Algorithm, Amount, WalletClass};
use simulator::{Roles, World, seed_from_environment};
use tempfile::TempDir;
use tests::{
    killed::{Home, Whose, hand_over},
    phones::yuan,
};
use wallet_core::{AccountWords, Kind, NewWallet, OpenReport, State, Wallet, WordCount, WordList};
use zeroize::Zeroizing;

/// How many payments of 1.00 the process makes, unless it is killed first.
const TIMES: u8 = 8;

/// The moment at which a process is killed.
#[derive(Debug)]
struct Instant {
    /// How many lines it has said.
    lines: u8,
    /// And how many turns of a loop passed since.
    turns: u32,
}

impl Instant {
    /// Some moment, near and far alike.
    fn number(seed: u64, kill: u64) -> Self {
        let random = seed.wrapping_add(kill).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let random = (random ^ (random >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let [lines, scale, turns @ ..] = random.to_be_bytes();
        let [.., a, b, c] = turns;
        Self {
            lines: 1 + lines % (TIMES + 2),
            turns: u32::from_be_bytes([0, a, b, c]) >> (4 + scale % 8),
        }
    }
}

/// Starts the process, and kills it then.
fn start_and_kill(home: &Home, process: u64, instant: &Instant) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hand-over"))
        .arg(&home.folder)
        .args([home.seed, home.now.seconds(), process, u64::from(TIMES)].map(|number| number.to_string()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines.by_ref().take(instant.lines.into()) {
        line.unwrap();
    }
    for _ in 0..instant.turns {
        hint::spin_loop();
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_ne!(status.code(), Some(101), "it panicked before it was killed");
}

fn create(world: &World, home: &Home, whose: Whose) -> Wallet {
    let secret = Zeroizing::new([whose as u8; 32]);
    let new = NewWallet {
        words: &AccountWords::from_entropy(&secret, WordCount::Twelve, WordList::English).unwrap(),
        root: world.bank().root(),
        algorithm: Algorithm::Ed25519,
    };
    let wallet = Wallet::create(home.file(whose), home.platform(whose, 0), &new).unwrap();
    wallet.enrol(&world.line(), WalletClass::Ii, None).unwrap();
    wallet
}

fn owned(wallet: &Wallet) -> Amount {
    let balance = wallet.balance().unwrap();
    balance.spendable.checked_add(balance.only_at_bank).unwrap()
}

/// Takes all value to the bank, so that the next process begins with short histories.
fn settle(world: &World, payer: &Wallet, payee: &Wallet) {
    for wallet in [payer, payee] {
        if owned(wallet) != Amount::ZERO {
            wallet.deposit(&world.line(), None).unwrap();
        }
    }
    let account = payer.account().unwrap();
    let there = payer.account_balance(&world.line()).unwrap();
    let missing = start().checked_sub(there);
    if let Some(missing) = missing.filter(|missing| *missing != Amount::ZERO) {
        world.bank().pay_in(&account, missing).unwrap();
    }
    payer.load(&world.line(), start()).unwrap();
}

/// What the payer begins with.
fn start() -> Amount {
    yuan("10.00")
}

/// What the reports added up to.
#[derive(Default, Debug)]
struct Counts {
    in_doubt: usize,
    already_taken: usize,
    guard_caught_up: usize,
}

impl Counts {
    fn add(&mut self, report: &OpenReport, wallet: &Wallet) {
        assert!(!report.rolled_back, "a crash is no rollback");
        assert_eq!(report.in_doubt, unfinished(wallet));
        self.in_doubt += report.in_doubt;
        self.guard_caught_up += usize::from(report.guard_caught_up);
    }
}

fn unfinished(wallet: &Wallet) -> usize {
    let history = wallet.history().unwrap();
    history
        .iter()
        .filter(|entry| entry.state == State::InDoubt)
        .count()
}

fn transfers(wallet: &Wallet, kind: impl Fn(&Kind) -> bool) -> Vec<protocol::Id> {
    let history = wallet.history().unwrap();
    let mut transfers: Vec<_> = history
        .iter()
        .filter(|entry| kind(&entry.kind))
        .filter_map(|entry| entry.transfer)
        .collect();
    transfers.sort_unstable();
    transfers
}

#[test]
fn a_process_that_is_killed_at_any_instant_creates_and_loses_no_fen() {
    let kills = env::var("DCEP_KILLS").map_or(40, |kills| kills.parse().unwrap());
    let seed = seed_from_environment(10);
    let world = World::new(seed).unwrap();
    let folder = TempDir::new().unwrap();
    let home = Home {
        folder: folder.path().to_owned(),
        seed,
        now: world.clock().now(),
    };
    fs::create_dir(home.folder.join("guard")).unwrap();
    let (mut payer, mut payee) = (
        create(&world, &home, Whose::Payer),
        create(&world, &home, Whose::Payee),
    );
    let mut counts = Counts::default();
    for kill in 0..kills {
        settle(&world, &payer, &payee);
        payer.close().unwrap();
        payee.close().unwrap();
        let instant = Instant::number(seed, kill);
        start_and_kill(&home, 2 * kill + 1, &instant);

        let (report, other);
        (payer, report) = home.open(Whose::Payer, 2 * kill + 2);
        (payee, other) = home.open(Whose::Payee, 2 * kill + 2);
        counts.add(&report, &payer);
        counts.add(&other, &payee);
        let in_doubt = payer.balance().unwrap().in_doubt;
        let sum = owned(&payer).checked_add(owned(&payee)).unwrap();
        let taken = sum == start();
        assert!(
            taken || sum.checked_add(in_doubt) == Some(start()),
            "{instant:?} {sum} {in_doubt}"
        );
        if report.in_doubt > 0 {
            assert_eq!(report.in_doubt, 1);
            counts.already_taken += usize::from(taken);
            let roles = Roles::ALL
                .into_iter()
                .cycle()
                .nth(usize::from(instant.lines))
                .unwrap();
            hand_over(&payer, &payee, yuan("1.00"), roles).result.unwrap();
        }
        assert_eq!(unfinished(&payer), 0, "{instant:?}");
        assert_eq!(
            owned(&payer).checked_add(owned(&payee)),
            Some(start()),
            "{instant:?}"
        );
        if kill % 50 == 49 || kill + 1 == kills {
            let paid = transfers(&payer, |kind| matches!(kind, Kind::Paid));
            let received = transfers(&payee, |kind| matches!(kind, Kind::Received));
            assert_eq!(paid, received);
            let books = world.books().unwrap();
            assert!(books.balanced && books.outstanding == start(), "{books:?}");
        }
    }
    let payments = transfers(&payer, |kind| matches!(kind, Kind::Paid)).len();
    println!(
        "sigkill: {kills} kills, {payments} payments, created=0 lost=0; after a kill {} were in doubt, {} of them \
         already taken, and {} times the guard had to catch up",
        counts.in_doubt, counts.already_taken, counts.guard_caught_up
    );
}

//! Hands money from one wallet to another until it is killed. It says what it is about to do, a line each time.

#![allow(clippy::expect_used, reason = "a failed test tells its story by panicking")]

use std::env;

use protocol::{Amount, Timestamp};
use simulator::Roles;
use tests::killed::{Home, Whose, hand_over};

#[expect(clippy::print_stdout, reason = "the one that kills it listens")]
fn main() {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().expect("folder, seed, seconds, process, times");
    let folder = next().into();
    let mut number = || next().parse::<u64>().expect("a number");
    let home = Home {
        folder,
        seed: number(),
        now: Timestamp::from_seconds(number()),
    };
    let (process, times) = (number(), number());
    println!("opening");
    let (payer, _) = home.open(Whose::Payer, process);
    let (payee, _) = home.open(Whose::Payee, process);
    let amount = Amount::from_fen(100).expect("one yuan");
    for roles in Roles::ALL
        .into_iter()
        .cycle()
        .take(usize::try_from(times).expect("few"))
    {
        println!("paying");
        let report = hand_over(&payer, &payee, amount, roles);
        assert!(report.completed(), "{report:?}");
    }
    println!("closing");
}

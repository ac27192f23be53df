//! Towns: phones that live a life, with everything checked after every step. `DCEP_SEED` lives another set of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use std::thread;

use simulator::{
    seed_from_environment,
    town::{Counts, End, Town, TownOptions, Verdict, town_seed},
};

/// How many towns the default run lives: a minute or so on two cores.
const TOWNS: u64 = 40;

const CORES: u64 = 2;

fn live(seed: u64, handoffs: u64) -> End {
    let options = TownOptions {
        handoffs,
        ..TownOptions::default()
    };
    Town::live(seed, &options).unwrap_or_else(|broken| panic!("{broken}"))
}

#[test]
fn no_value_created_and_all_value_accounted() {
    let run = seed_from_environment(1);
    println!("towns of seed {run}: live them again with DCEP_SEED={run}");
    let lives = |core: u64| -> Vec<End> {
        let mine = (0..TOWNS).filter(|number| number % CORES == core);
        mine.map(|number| live(town_seed(run, number), 100)).collect()
    };
    let ends: Vec<End> = thread::scope(|scope| {
        let cores: Vec<_> = (0..CORES).map(|core| scope.spawn(move || lives(core))).collect();
        cores.into_iter().flat_map(|core| core.join().unwrap()).collect()
    });
    let (mut counts, mut verdict) = (Counts::default(), Verdict::default());
    for end in &ends {
        counts.add(&end.counts);
        verdict.add(&end.verdict);
    }
    println!("{counts}\n{verdict}");
    assert!(verdict.is_clean());
}

#[test]
fn a_town_lived_twice_is_the_same_byte_for_byte() {
    for number in 0..2 {
        let seed = town_seed(seed_from_environment(7), number);
        let (once, again) = thread::scope(|scope| {
            let again = scope.spawn(|| live(seed, 60));
            (live(seed, 60), again.join().unwrap())
        });
        assert!(once.log.len() > 60);
        for (one, other) in once.log.iter().zip(&again.log) {
            assert_eq!(one, other);
        }
        assert_eq!(once, again);
        assert_ne!(
            live(seed ^ 1, 20).log.first(),
            once.log.first(),
            "another seed is another town"
        );
    }
}

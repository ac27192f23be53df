//! Towns: phones that live a life, with everything checked after every step. `DCEP_SEED` lives another set of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use std::thread;

use bank::operator::policies::OfflineRules;
use protocol::OfflineLimits;
use simulator::{
    Rules, seed_from_environment,
    town::{Character, Counts, End, Guarantee, Town, TownOptions, Verdict, town_seed},
};
use tests::{counts::tell, phones::yuan};

/// How many towns of each kind the default run lives: a minute or so on two cores.
const TOWNS: u64 = 24;

const CORES: u64 = 2;

const HONEST: [Character; 6] = [
    Character::Careful,
    Character::Careful,
    Character::Crashing,
    Character::Crashing,
    Character::Restoring,
    Character::Cloning,
];

fn live(seed: u64, options: &TownOptions) -> End {
    Town::live(seed, options).unwrap_or_else(|broken| panic!("{broken}"))
}

/// Lives towns on two cores, and tells what they went through.
fn live_all(test: &str, run: u64, options: &TownOptions) -> Verdict {
    live_and_count(test, run, options).0
}

fn live_and_count(test: &str, run: u64, options: &TownOptions) -> (Verdict, Counts) {
    println!("towns of seed {run}: live them again with DCEP_SEED={run}");
    let lives = |core: u64| -> Vec<End> {
        let mine = (0..TOWNS).filter(|number| number % CORES == core);
        mine.map(|number| live(town_seed(run, number), options)).collect()
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
    tell(test, &format!("{counts}; {verdict}"));
    (verdict, counts)
}

#[test]
fn among_honest_people_no_fen_is_created_and_none_is_lost() {
    let options = TownOptions {
        cast: HONEST.to_vec(),
        ..TownOptions::default()
    };
    let verdict = live_all("honest towns", seed_from_environment(1), &options);
    assert!(verdict.is_clean(), "{verdict}");
}

#[test]
fn with_a_rooted_phone_among_them_nobody_honest_loses_a_fen_or_is_accused() {
    let verdict = live_all("rooted towns", seed_from_environment(2), &TownOptions::default());
    assert!(verdict.is_clean(), "{verdict}");
}

#[test]
fn under_the_limits_of_a_real_operator_nobody_exceeds_one() {
    let options = TownOptions {
        rules: Rules::Only(OfflineRules::default()),
        ..TownOptions::default()
    };
    let verdict = live_all("towns under limits", seed_from_environment(4), &options);
    assert!(verdict.is_clean(), "{verdict}");
}

/// Everybody may pay so little that the limits of days and of years are met all the time, and those of what needs no confirmation;
/// and clocks jump.
#[test]
fn under_narrow_limits_nobody_exceeds_one() {
    let usual = OfflineRules::default();
    let options = TownOptions {
        rules: Rules::Only(OfflineRules {
            offline: OfflineLimits {
                payments: u32::MAX,
                ..usual.offline
            },
            per_day: Some(yuan("40.00")),
            per_year: Some(yuan("60.00")),
            unconfirmed_each: yuan("10.00"),
            unconfirmed_total: yuan("15.00"),
            ..usual
        }),
        ..TownOptions::default()
    };
    let (verdict, counts) = live_and_count("towns under narrow limits", seed_from_environment(5), &options);
    assert!(verdict.is_clean(), "{verdict}");
    assert!(
        counts.day_limits > TOWNS && counts.year_limits > TOWNS,
        "{counts}"
    );
}

/// The checks can fail: rooted phones that are taken for honest are found out.
#[test]
fn a_forger_who_is_taken_for_honest_breaks_the_town() {
    let options = TownOptions {
        handoffs: 400,
        cast: vec![Character::Careful, Character::Careful, Character::Rooted],
        naive: true,
        ..TownOptions::default()
    };
    let broken = Town::live(town_seed(3, 0), &options).unwrap_err();
    let guarantee = broken.violation.guarantee;
    assert!(
        matches!(guarantee, Guarantee::NoHonestFork | Guarantee::NoValueCreated),
        "{broken}"
    );
    assert!(broken.to_string().contains(&format!("--town {}", broken.seed)));
}

#[test]
fn a_town_lived_twice_is_the_same_byte_for_byte() {
    let options = TownOptions {
        handoffs: 60,
        ..TownOptions::default()
    };
    for number in 0..2 {
        let seed = town_seed(seed_from_environment(7), number);
        let (once, again) = thread::scope(|scope| {
            let again = scope.spawn(|| live(seed, &options));
            (live(seed, &options), again.join().unwrap())
        });
        assert!(once.log.len() > 60);
        for (one, other) in once.log.iter().zip(&again.log) {
            assert_eq!(one, other);
        }
        assert_eq!(once, again);
        assert_ne!(
            live(seed ^ 1, &options).log.first(),
            once.log.first(),
            "another seed is another town"
        );
    }
}

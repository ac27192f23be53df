//! Replays what the fuzzer begins with and what it has found, with no need of a fuzzer.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use tests::fuzzing::{TARGETS, Target, corpus, seeds::seeds};

fn files(target: &Target) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(corpus(target.name))
        .unwrap_or_else(|error| panic!("{}: {error}", corpus(target.name).display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let files = files(target);
    assert!(!files.is_empty(), "{name} has no corpus");
    let failed: Vec<_> = files
        .iter()
        .filter(|file| {
            let bytes = fs::read(file).unwrap();
            catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes))).is_err()
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    println!("{name}: {} inputs", files.len());
}

macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = BTreeSet::from([$(stringify!($name)),*]);
            let targets = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(replayed, targets);
        }
    };
}

replayed!(decoders codes apdu_card apdu_reader payer payee rows bank);

#[test]
fn every_target_has_its_program_and_its_seeds() {
    let seeded: BTreeSet<_> = seeds().iter().map(|seed| seed.target).collect();
    for target in TARGETS {
        let name = target.name;
        assert!(seeded.contains(name), "{name}");
        let program = corpus(name).join(format!("../../fuzz_targets/{name}.rs"));
        let program = fs::read_to_string(program).unwrap();
        assert!(program.contains(&format!("tests::fuzzing::{name}(")), "{name}");
    }
}

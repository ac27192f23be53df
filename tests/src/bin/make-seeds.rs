//! Writes the seeds of the fuzzer's corpora anew: `fuzz/corpus/TARGET/seed-*`. What the fuzzer found stays.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for developers")]

use std::fs;

use tests::fuzzing::{TARGETS, corpus, seeds::seeds};

fn main() {
    for target in TARGETS {
        let folder = corpus(target.name);
        fs::create_dir_all(&folder).unwrap();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("seed-") {
                fs::remove_file(path).unwrap();
            }
        }
    }
    for seed in seeds() {
        let path = corpus(seed.target).join(format!("seed-{}", seed.name));
        fs::write(path, seed.bytes).unwrap();
    }
}

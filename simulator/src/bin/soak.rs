//! Many towns, on every core there is. `cargo xtask soak` runs it.
//!
//! Town number `n` of a run follows from the run's seed and from `n` alone, so neither the number of cores nor chance
//! changes what a run comes to.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that is run to be read"
)]

use std::{
    env,
    ops::Range,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use simulator::town::{Broken, Counts, End, Town, TownOptions, Verdict, town_seed};

const USAGE: &str = "\
usage: soak --handoffs N [--seed S] [--towns A..B]
                          live towns until N payments were begun; or only those from number A on and before B,
                          so that a long run can be had in pieces
       soak --town SEED   live one town, and print its log";

/// Payments in one town.
const PER_TOWN: u64 = 100;

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().ok();
    match words.as_slice() {
        ["--handoffs", handoffs, more @ ..] => number(handoffs).and_then(|handoffs| {
            let mut run = Run::of(handoffs);
            for pair in more.chunks(2) {
                match pair {
                    ["--seed", seed] => run.seed = number(seed)?,
                    ["--towns", piece] => run.take(piece)?,
                    _ => return None,
                }
            }
            Some(soak(&run))
        }),
        ["--town", seed] => number(seed).map(one_town),
        _ => None,
    }
    .unwrap_or_else(|| {
        eprintln!("{USAGE}");
        ExitCode::from(2)
    })
}

/// What is asked for.
struct Run {
    handoffs: u64,
    seed: u64,
    /// Which of its towns.
    towns: Range<u64>,
}

impl Run {
    const fn of(handoffs: u64) -> Self {
        Self {
            handoffs,
            seed: 1,
            towns: 0..handoffs.div_ceil(PER_TOWN),
        }
    }

    /// Only this piece of it, as `A..B`.
    fn take(&mut self, piece: &str) -> Option<()> {
        let (first, after) = piece.split_once("..")?;
        let piece = first.parse().ok()?..after.parse().ok()?;
        self.towns = (piece.start < piece.end && piece.end <= self.towns.end).then_some(piece)?;
        Some(())
    }

    const fn count(&self) -> u64 {
        self.towns.end.saturating_sub(self.towns.start)
    }

    /// Payments in the town of this number: the last one may have fewer.
    fn payments(&self, number: u64) -> u64 {
        PER_TOWN.min(self.handoffs.saturating_sub(number.saturating_mul(PER_TOWN)))
    }
}

/// One town, told from its first day to its last.
fn one_town(seed: u64) -> ExitCode {
    let options = TownOptions {
        handoffs: PER_TOWN,
        ..TownOptions::default()
    };
    match Town::live(seed, &options) {
        Ok(end) => {
            end.log.iter().for_each(|line| println!("{line}"));
            println!("{}\n{}", end.counts, end.verdict);
            code(end.verdict.is_clean())
        }
        Err(broken) => {
            println!("{broken}");
            ExitCode::FAILURE
        }
    }
}

/// What all towns so far came to.
#[derive(Default)]
struct Sum {
    verdict: Verdict,
    counts: Counts,
    broken: Vec<Broken>,
    /// Seeds of towns that lived to their end, and were not clean.
    unclean: Vec<u64>,
}

impl Sum {
    fn add(&mut self, seed: u64, lived: Result<End, Box<Broken>>) {
        match lived {
            Ok(end) => {
                self.verdict.add(&end.verdict);
                self.counts.add(&end.counts);
                if !end.verdict.is_clean() {
                    self.unclean.push(seed);
                }
            }
            Err(broken) => {
                self.verdict.add(&Verdict::of(&broken.violation));
                self.broken.push(*broken);
            }
        }
    }
}

fn soak(run: &Run) -> ExitCode {
    let begun = Instant::now();
    let (next, over, sum) = (
        AtomicU64::new(run.towns.start),
        AtomicBool::new(false),
        Mutex::new(Sum::default()),
    );
    let locked = || sum.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..thread::available_parallelism().map_or(1, usize::from))
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= run.towns.end {
                            break;
                        }
                        let options = TownOptions {
                            handoffs: run.payments(number),
                            ..TownOptions::default()
                        };
                        let seed = town_seed(run.seed, number);
                        // Lived before the sum is locked: a receiver is evaluated before its arguments.
                        let lived = Town::live(seed, &options);
                        locked().add(seed, lived);
                    }
                })
            })
            .collect();
        let watch = scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                thread::park_timeout(PROGRESS);
                let done = locked().counts;
                eprintln!(
                    "{:>5} s: {} handoffs in {} of {} towns",
                    begun.elapsed().as_secs(),
                    done.handoffs,
                    done.towns,
                    run.count(),
                );
            }
        });
        for worker in workers {
            // A town that panics is a failure like any other; its worker's towns are then missing from the sum.
            if worker.join().is_err() {
                eprintln!("a town panicked");
            }
        }
        over.store(true, Ordering::SeqCst);
        watch.thread().unpark();
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    report(&sum, run, begun.elapsed())
}

fn report(sum: &Sum, run: &Run, took: Duration) -> ExitCode {
    for broken in &sum.broken {
        println!("{broken}");
    }
    for seed in &sum.unclean {
        println!("town {seed} is not clean (see it: cargo xtask soak --town {seed})");
    }
    let Range { start, end } = run.towns;
    println!(
        "seed {}, towns {start}..{end}, {} s: {}",
        run.seed,
        took.as_secs(),
        sum.counts
    );
    println!("{}", sum.verdict);
    let towns = run.count();
    let complete = sum.counts.towns == towns && sum.broken.is_empty();
    if !complete {
        println!("FAILED: {} of {towns} towns lived to their end", sum.counts.towns);
    }
    code(complete && sum.verdict.is_clean())
}

fn code(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

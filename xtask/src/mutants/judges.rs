//! The test programs that mutants are held against, and how each is run.

use std::{
    iter,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::weave::ALIVE;
use crate::programs::Program;

/// How long a program may take on whole code.
const AT_MOST: Duration = Duration::from_secs(600);

/// How long it may take at least if a mutant lives.
const AT_LEAST: Duration = Duration::from_secs(60);

/// How often a running test is looked at.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) struct Judges {
    /// Each with how long it may take; the quickest come first.
    programs: Vec<(Program, Duration)>,
    /// The one that noticed a mutant last.
    last: AtomicUsize,
}

/// What all of them say of a mutant.
pub(crate) enum Verdict {
    /// These tests noticed.
    Caught(String),
    /// These tests never came to an end.
    TimedOut(String),
    Missed,
}

/// What one program came to.
#[derive(PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    TimedOut,
}

impl Judges {
    /// Runs the tests on whole code: they must pass, and get ten times as long for a mutant, or a minute.
    pub(crate) fn measured(programs: Vec<Program>) -> Result<Self, String> {
        let mut timed = Vec::new();
        for program in programs {
            let start = Instant::now();
            if run(&program, 0, AT_MOST)? != Outcome::Passed {
                return Err(format!("{}: fails without a mutant", program.label));
            }
            let took = start.elapsed();
            println!("{}: {:.1} s", program.label, took.as_secs_f64());
            timed.push((took, program));
        }
        timed.sort_by_key(|(took, _)| *took);
        let patient = |(took, program): (Duration, Program)| (program, (took * 10).max(AT_LEAST));
        Ok(Self {
            programs: timed.into_iter().map(patient).collect(),
            last: AtomicUsize::new(0),
        })
    }

    /// Asks one test program after another, until one notices: first the one that noticed the last mutant, for neighbours are
    /// often noticed by the same tests.
    pub(crate) fn judge(&self, alive: usize) -> Result<Verdict, String> {
        let last = self.last.load(Ordering::Relaxed);
        let others = (0..self.programs.len()).filter(|number| *number != last);
        for number in iter::once(last).chain(others) {
            let Some((program, at_most)) = self.programs.get(number) else {
                continue;
            };
            let noticed = match run(program, alive, *at_most)? {
                Outcome::Passed => continue,
                Outcome::Failed => Verdict::Caught(program.label.clone()),
                Outcome::TimedOut => Verdict::TimedOut(program.label.clone()),
            };
            self.last.store(number, Ordering::Relaxed);
            return Ok(noticed);
        }
        Ok(Verdict::Missed)
    }
}

/// Runs a program up to its first failure, with this mutant alive.
fn run(program: &Program, alive: usize, at_most: Duration) -> Result<Outcome, String> {
    let told = |error: std::io::Error| format!("{}: {error}", program.label);
    // A mutant that never stops asking for memory must not take it from the others.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 8000000; exec \"$0\" \"$@\""]);
    let mut child = program
        .surround(command.arg(&program.executable))
        .args(["-Z", "unstable-options", "--fail-fast"])
        .env(ALIVE, alive.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(told)?;
    let start = Instant::now();
    while start.elapsed() <= at_most {
        match child.try_wait().map_err(told)? {
            Some(status) if status.success() => return Ok(Outcome::Passed),
            Some(_) => return Ok(Outcome::Failed),
            None => thread::sleep(LOOK),
        }
    }
    child.kill().and_then(|()| child.wait()).map_err(told)?;
    Ok(Outcome::TimedOut)
}

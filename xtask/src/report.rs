//! What happened: the seconds of every stage, the tests, and the end that is printed last.

use std::process::ExitCode;
use std::time::{Duration, Instant};

const SLOWEST: usize = 10;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The tests of one run of one test program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tests {
    pub(crate) counts: Counts,
    pub(crate) failed: Vec<String>,
    pub(crate) seconds: Vec<(Duration, String)>,
}

impl Tests {
    pub(crate) fn add(&mut self, other: Self) {
        self.counts.add(other.counts);
        self.failed.extend(other.failed);
        self.seconds.extend(other.seconds);
    }
}

/// Everything to be said at the end.
#[derive(Default)]
pub(crate) struct Report {
    stages: Vec<(Duration, String)>,
    tests: Tests,
    failures: Vec<String>,
    skipped: Vec<String>,
}

impl Report {
    /// Announces a stage, does it, and keeps its time. A stage that fails is a failure, and the next may go on.
    pub(crate) fn stage<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, String>) -> Option<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        self.stages.push((start.elapsed(), name.to_owned()));
        match outcome {
            Ok(value) => Some(value),
            Err(reason) => {
                self.fail(format!("{name}: {reason}"));
                None
            }
        }
    }

    /// Something other than a test went wrong.
    pub(crate) fn fail(&mut self, reason: String) {
        println!("FAILED {reason}");
        self.failures.push(reason);
    }

    /// A whole part could not be run here. In CI, where it must run, that is a failure.
    pub(crate) fn skip(&mut self, part: &str, reason: &str) {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        let said = format!("{part}: {reason}");
        print_banner(&said);
        if in_ci {
            self.fail(format!("{said} (a skip fails in CI)"));
        } else {
            self.tests.counts.skipped += 1;
            self.skipped.push(said);
        }
    }

    /// Adds the tests of one run.
    pub(crate) fn add(&mut self, tests: Tests) {
        self.tests.add(tests);
    }

    /// Prints the end and gives the exit code. The last line is plain, for people and machines alike.
    pub(crate) fn finish(mut self) -> ExitCode {
        let counts = self.tests.counts;
        if counts.passed + counts.failed == 0 {
            self.failures.push("no test ran".to_owned());
        }

        println!("\n== seconds per stage");
        print_seconds(&self.stages);
        self.tests
            .seconds
            .sort_by_key(|(time, _)| std::cmp::Reverse(*time));
        self.tests.seconds.truncate(SLOWEST);
        if !self.tests.seconds.is_empty() {
            println!("\n== slowest tests");
            print_seconds(&self.tests.seconds);
        }
        if !self.tests.failed.is_empty() || !self.failures.is_empty() {
            println!("\n== failed");
            self.tests
                .failed
                .iter()
                .chain(&self.failures)
                .for_each(|what| println!("  {what}"));
        }
        self.skipped.iter().for_each(|what| print_banner(what));
        println!(
            "\n{} passed, {} failed, {} skipped",
            counts.passed, counts.failed, counts.skipped
        );

        if counts.failed == 0 && self.tests.failed.is_empty() && self.failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn print_seconds(rows: &[(Duration, String)]) {
    for (time, name) in rows {
        println!("{:>6}.{:03}  {name}", time.as_secs(), time.subsec_millis());
    }
}

fn print_banner(what: &str) {
    let line = "*".repeat(what.chars().count() + 12);
    println!("\n{line}\n* SKIPPED {what} *\n{line}");
}

/// Reads seconds with decimals, such as `12.034`, without floating point.
pub(crate) fn parse_seconds(text: &str) -> Option<Duration> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let nanos = format!("{decimals:0<9}");
    Some(Duration::new(whole.parse().ok()?, nanos.get(..9)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_to_the_nanosecond() {
        assert_eq!(parse_seconds("12.034"), Some(Duration::from_millis(12_034)));
        assert_eq!(parse_seconds("0.0000000019"), Some(Duration::from_nanos(1)));
        assert_eq!(parse_seconds("7"), Some(Duration::from_secs(7)));
        assert_eq!(parse_seconds("1.x"), None);
        assert_eq!(parse_seconds(""), None);
    }
}

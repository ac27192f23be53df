//! The words of Rust's own test harness: shown as they come, and understood.

use std::io::{BufRead, BufReader, Read, Write};
use std::time::Duration;

use crate::report::{Counts, Tests, parse_seconds};

/// What one harness said of its tests.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The sum of all `test result:` lines, of which doctests print several; `None` if there was not even one.
    pub(crate) counts: Option<Counts>,
    failed: Vec<String>,
    seconds: Vec<(Duration, String)>,
}

impl Heard {
    /// Passes a harness's output on line by line and listens.
    pub(crate) fn listen(output: impl Read) -> Result<Self, String> {
        let mut heard = Self::default();
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .map_err(|error| format!("reading test output: {error}"))?
            > 0
        {
            let mut stdout = std::io::stdout().lock();
            stdout
                .write_all(&line)
                .and_then(|()| stdout.flush())
                .map_err(|error| format!("stdout: {error}"))?;
            heard.note(&without_colour(&String::from_utf8_lossy(&line)));
            line.clear();
        }
        Ok(heard)
    }

    fn note(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ").and_then(read_counts) {
            self.counts.get_or_insert_default().add(counts);
        } else if let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|test| test.rsplit_once(" ... "))
        {
            if outcome.starts_with("FAILED") {
                self.failed.push(name.to_owned());
            }
            self.seconds
                .extend(read_time(outcome).map(|time| (time, name.to_owned())));
        }
    }

    /// The tests, each name led by the program it belongs to. A program that gave no result, or failed
    /// without naming a test, counts as one failed test.
    pub(crate) fn tests_of(self, program: &str, success: bool) -> Tests {
        let mut counts = self.counts.unwrap_or_default();
        let label = |name: &String| format!("{program}: {name}");
        let mut failed: Vec<String> = self.failed.iter().map(label).collect();
        if self.counts.is_none() {
            counts.failed += 1;
            failed.push(format!("{program}: ended without a test result"));
        } else if !success && counts.failed == 0 {
            counts.failed += 1;
            failed.push(format!("{program}: ended with an error, although no test failed"));
        }
        let seconds = self
            .seconds
            .iter()
            .map(|(time, name)| (*time, label(name)))
            .collect();
        Tests {
            counts,
            failed,
            seconds,
        }
    }
}

/// `ok. 3 passed; 1 failed; 2 ignored; ...`
fn read_counts(result: &str) -> Option<Counts> {
    let (_, numbers) = result.split_once(". ")?;
    let number = |word: &str| {
        let part = numbers
            .split("; ")
            .find_map(|part| part.trim().strip_suffix(word))?;
        part.trim().parse::<usize>().ok()
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
        skipped: number("ignored")?,
    })
}

/// `ok <0.012s>`
fn read_time(outcome: &str) -> Option<Duration> {
    let (_, time) = outcome.trim_end().strip_suffix("s>")?.split_once('<')?;
    parse_seconds(time)
}

/// The line without the escape sequences that colour it.
fn without_colour(line: &str) -> String {
    let mut pieces = line.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(output: &str) -> Heard {
        let mut heard = Heard::default();
        output.lines().for_each(|line| heard.note(&without_colour(line)));
        heard
    }

    #[test]
    fn counts_failures_and_times_are_heard() {
        let tests = hear("test a::b ... ok <0.002s>\n\
             test c - should panic ... FAILED <1.500s>\n\
             test d ... ignored, needs a phone\n\
             test slow has been running for over 60 seconds\n\
             test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.50s\n")
        .tests_of("wallet", false);
        assert_eq!(
            tests.counts,
            Counts {
                passed: 1,
                failed: 1,
                skipped: 1
            }
        );
        assert_eq!(tests.failed, ["wallet: c - should panic"]);
        assert_eq!(
            tests.seconds,
            [
                (Duration::from_millis(2), "wallet: a::b".to_owned()),
                (Duration::from_millis(1500), "wallet: c - should panic".to_owned())
            ]
        );
    }

    #[test]
    fn colour_does_not_hide_a_failure() {
        let heard = hear("test a ... \u{1b}[31mFAILED\u{1b}[m\n");
        assert_eq!(heard.failed, ["a"]);
    }

    #[test]
    fn several_results_are_added() {
        let line =
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        let tests = hear(&line.repeat(2)).tests_of("doc", true);
        assert_eq!(
            tests.counts,
            Counts {
                passed: 4,
                failed: 0,
                skipped: 2
            }
        );
    }

    #[test]
    fn a_program_that_dies_is_a_failure() {
        assert_eq!(
            hear("test a ... ok <0.002s>\n").tests_of("x", true).counts.failed,
            1
        );
        let line =
            "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        assert_eq!(hear(line).tests_of("x", false).counts.failed, 1);
    }
}

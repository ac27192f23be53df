//! What people see: results on stdout, everything that is only for the moment on stderr. With `--json`, stdout holds
//! exactly one JSON document.

use anstyle::{AnsiColor, Style};
use protocol::{Day, Language, Timestamp};
use serde_json::{Value, json};
use std::{
    fmt,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// For titles.
pub(crate) const BOLD: Style = Style::new().bold();
/// For what is well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For what is not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// For what can be skipped.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// After how long a wait is explained.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a verb has to say, for people and for programs.
#[derive(Debug)]
pub(crate) struct Report {
    /// For people.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// The verb did its work, and what it found is bad: the exit code says so too.
    pub(crate) bad: bool,
}

impl Report {
    /// Of something that has said all there is to say already.
    pub(crate) const fn silent() -> Self {
        Self {
            text: String::new(),
            json: Value::Null,
            bad: false,
        }
    }

    /// Of something that went well.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            bad: false,
        }
    }
}

/// Where results go, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// `--json`.
    pub(crate) json: bool,
    /// `--lang`, or the environment's.
    pub(crate) language: Language,
}

impl Terminal {
    /// Prints a result.
    pub(crate) fn report(self, report: &Report) {
        if self.json && !report.json.is_null() {
            anstream::println!("{:#}", report.json);
        } else if !self.json && !report.text.is_empty() {
            anstream::println!("{}", report.text.trim_end());
        }
    }

    /// Prints why there is no result.
    pub(crate) fn failure(self, failure: &Failure) {
        let (code, advice) = (failure.code(), failure.advice());
        let sentence = failure.sentence(self.language);
        if self.json {
            let document = json!({
                "error": {
                    "code": code,
                    "message": failure.to_string(),
                    "sentence": sentence,
                    "retryable": failure.retryable(),
                    "advice": advice,
                }
            });
            anstream::println!("{document:#}");
        } else {
            let (heading, headline, more) = headlines(self.language, failure.to_string(), sentence, advice);
            anstream::eprintln!("{BAD}{heading}{BAD:#} {headline} [{code}]");
            for line in more {
                anstream::eprintln!("       {line}");
            }
        }
    }

    /// Prints a line of a story while it goes on; programs wait for the end.
    pub(crate) fn tell(self, line: &dyn fmt::Display) {
        if !self.json {
            anstream::println!("{line}");
        }
    }
}

/// How a failure is told: in English what happened comes first, with its figures, and then what to do; in any other
/// language the sentence comes first, as the figures exist in English only.
fn headlines(
    language: Language,
    failure: String,
    sentence: Option<&str>,
    advice: Option<String>,
) -> (&'static str, String, Vec<String>) {
    match (language, sentence) {
        (Language::English, sentence) => {
            let to_do = advice.or_else(|| sentence.map(str::to_owned));
            ("error:", failure, to_do.into_iter().collect())
        }
        (Language::SimplifiedChinese, None) => ("错误：", failure, advice.into_iter().collect()),
        (Language::SimplifiedChinese, Some(sentence)) => {
            let more = [Some(failure), advice].into_iter().flatten().collect();
            ("错误：", sentence.to_owned(), more)
        }
    }
}

/// The language of the environment, as POSIX looks for it: the first variable that says anything decides.
pub(crate) fn language() -> Language {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .find(|locale| !locale.is_empty())
        .map_or(Language::English, |locale| Language::for_locale(&locale))
}

/// Says something that is only for the moment.
pub(crate) fn note(line: impl fmt::Display) {
    anstream::eprintln!("{FAINT}{line}{FAINT:#}");
}

/// Does `work`; if it takes longer than a second, says what is being waited for.
pub(crate) fn patiently<T>(waiting_for: &str, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, over) = mpsc::channel::<()>();
        scope.spawn(move || {
            if over.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                note(format_args!("waiting for {waiting_for} …"));
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// How long something took, in whole microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Took(u64);

impl Took {
    /// Since `start`.
    pub(crate) fn since(start: Instant) -> Self {
        Self(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// As a number.
    pub(crate) const fn microseconds(self) -> u64 {
        self.0
    }
}

/// `4.123 ms`.
impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} ms", self.0 / 1000, self.0 % 1000)
    }
}

/// `2026-11-24 04:05:06`, in UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    let day: Day = at.day();
    let second = at.seconds() % 86_400;
    format!(
        "{day} {:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_printed_without_fractions_of_anything() {
        assert_eq!(Took(4_123).to_string(), "4.123 ms");
        assert_eq!(Took(1_000_007).to_string(), "1000.007 ms");
        assert_eq!(moment(Timestamp::from_seconds(86_399)), "1970-01-01 23:59:59");
    }
}

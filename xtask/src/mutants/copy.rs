//! A copy of the workspace, to be broken.
//!
//! It is built in a folder of its own: cargo would take the copy's crates for the workspace's, and the tests of one for those of the
//! other.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::weave::ALIVE;
use crate::cargo::{self, Workspace, text};

/// How often a running test is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A tree of sources of its own.
pub(crate) struct Copy {
    root: PathBuf,
    target: PathBuf,
    /// From the root.
    files: Vec<String>,
}

/// Which tests a package is held against.
#[derive(Clone, Copy)]
pub(crate) struct Tests {
    pub(crate) package: &'static str,
    /// Programs of `tests`.
    pub(crate) programs: &'static [&'static str],
    /// Whether these tests need wallets. Without them, `tests` is built in a moment.
    pub(crate) phones: bool,
}

/// What the compiler came to.
pub(crate) enum Built {
    Programs(Vec<Program>),
    Errors(Vec<Complaint>),
}

/// An error of the compiler.
pub(crate) struct Complaint {
    /// The file from the root, and the line; of each place that is wrong.
    pub(crate) places: Vec<(String, usize)>,
    /// A function that was called where only a `const` one can be.
    pub(crate) must_be_const: Option<String>,
    pub(crate) rendered: String,
}

/// A test program.
pub(crate) struct Program {
    pub(crate) name: String,
    file: PathBuf,
    folder: PathBuf,
}

/// What a test program came to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    TimedOut,
}

impl Copy {
    /// Copies every file that is or could be committed.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, String> {
        let root = workspace.target.join("mutants").join("tree");
        if root.exists() {
            fs::remove_dir_all(&root).map_err(|error| format!("{}: {error}", root.display()))?;
        }
        let mut list = Command::new("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let files = cargo::text_of(list.current_dir(&workspace.root))?;
        let mut copy = Self {
            root,
            files: Vec::new(),
            target: workspace.target.join("mutants").join("build"),
        };
        for file in files.split('\0').filter(|file| !file.is_empty()) {
            let from = workspace.root.join(file);
            // Deleted, and not committed yet; or a link between folders, which no Rust goes over.
            if from.is_file() {
                let bytes = fs::read(&from).map_err(|error| format!("{file}: {error}"))?;
                copy.write(file, bytes)?;
                copy.files.push(file.to_owned());
            }
        }
        Ok(copy)
    }

    /// The sources of a package, by their paths from the root.
    pub(crate) fn sources(&self, package: &str) -> Result<BTreeMap<String, String>, String> {
        let folder = format!("{package}/src/");
        let its = self
            .files
            .iter()
            .filter(|file| file.starts_with(&folder) && file.ends_with(".rs"));
        its.map(|file| {
            let source = fs::read_to_string(self.root.join(file));
            source
                .map(|source| (file.clone(), source))
                .map_err(|error| format!("{file}: {error}"))
        })
        .collect()
    }

    pub(crate) fn write(&self, file: &str, bytes: impl AsRef<[u8]>) -> Result<(), String> {
        let path = self.root.join(file);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|error| format!("{file}: {error}"))
    }

    /// Builds these tests and the package's own.
    pub(crate) fn build(&self, tests: Tests) -> Result<Built, String> {
        let mut words = vec!["test", "--no-run", "--quiet", "--message-format=json"];
        words.extend(["-p", tests.package, "-p", "tests", "--lib"]);
        tests
            .programs
            .iter()
            .for_each(|name| words.extend(["--test", name]));
        if !tests.phones {
            words.push("--no-default-features");
        }
        let mut command = self.cargo(&words);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", cargo::shown(&command)))?;
        let (mut programs, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for line in BufReader::new(child.stdout.take().ok_or("cargo has no output")?).lines() {
            let line = line.map_err(|error| format!("cargo: {error}"))?;
            let Ok(message) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            programs.extend(Program::read(&message));
            // The library and its own tests are both compiled, and complain alike.
            let complaint = Complaint::read(&message);
            errors.extend(complaint.filter(|complaint| seen.insert(complaint.rendered.clone())));
        }
        let status = child.wait().map_err(|error| format!("cargo: {error}"))?;
        if status.success() {
            Ok(Built::Programs(programs))
        } else if errors.is_empty() {
            Err(format!("{}: {status}", cargo::shown(&command)))
        } else {
            Ok(Built::Errors(errors))
        }
    }

    fn cargo(&self, words: &[&str]) -> Command {
        let mut command = cargo::command(words);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

impl Complaint {
    fn read(message: &Value) -> Option<Self> {
        let message = message.get("message")?;
        if text(message, "level")? != "error" {
            return None;
        }
        let spans = message.get("spans")?.as_array()?;
        let place = |span: &Value| {
            span.get("is_primary")?.as_bool()?.then_some(())?;
            let line = usize::try_from(span.get("line_start")?.as_u64()?).ok()?;
            Some((text(span, "file_name")?.to_owned(), line))
        };
        let code = message.get("code").and_then(|code| text(code, "code"));
        let called = text(message, "message")?.split('`').nth(1);
        let called = called.and_then(|path| path.rsplit("::").next());
        // The last "error" only counts the others, and has no place.
        (!spans.is_empty()).then_some(())?;
        Some(Self {
            places: spans.iter().filter_map(place).collect(),
            must_be_const: called.filter(|_| code == Some("E0015")).map(str::to_owned),
            rendered: text(message, "rendered")?.to_owned(),
        })
    }
}

impl Program {
    fn read(message: &Value) -> Option<Self> {
        let executable = text(message, "executable")?;
        let is_test = message.get("profile")?.get("test")?.as_bool()?;
        let folder = Path::new(text(message, "manifest_path")?).parent()?;
        is_test.then(|| Self {
            name: message
                .get("target")
                .and_then(|target| text(target, "name"))
                .unwrap_or("?")
                .to_owned(),
            file: executable.into(),
            folder: folder.into(),
        })
    }

    /// Runs it up to its first failure, with this mutant alive.
    pub(crate) fn run(&self, alive: usize, at_most: Duration) -> Result<Outcome, String> {
        let told = |error: std::io::Error| format!("{}: {error}", self.file.display());
        let mut child = Command::new("sh")
            // A mutant that never stops asking for memory must not take it from the others.
            .args(["-c", "ulimit -v 8000000; exec \"$0\" \"$@\""])
            .arg(&self.file)
            .args(["-Z", "unstable-options", "--fail-fast"])
            // The stable harness knows the option, and wants to be told that we know that it may change.
            .env("RUSTC_BOOTSTRAP", "1")
            .env(ALIVE, alive.to_string())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(told)?;
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(told)? {
                return Ok(if status.success() {
                    Outcome::Passed
                } else {
                    Outcome::Failed
                });
            }
            if start.elapsed() > at_most {
                child.kill().and_then(|()| child.wait()).map_err(told)?;
                return Ok(Outcome::TimedOut);
            }
            thread::sleep(LOOK);
        }
    }
}

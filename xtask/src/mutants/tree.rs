//! A copy of the workspace, to be broken.
//!
//! It is built in a folder of its own: cargo would take the copy's crates for the workspace's, and the tests of one for those of the
//! other.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    cargo::{self, Workspace, text},
    programs::Program,
};

/// A tree of sources of its own.
pub(crate) struct Tree {
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

impl Tree {
    /// Copies every file that is or could be committed.
    pub(crate) fn copied(workspace: &Workspace) -> Result<Self, String> {
        let folder = workspace.target.join("mutants");
        let mut tree = Self {
            root: folder.join("tree"),
            target: folder.join("build"),
            files: Vec::new(),
        };
        if tree.root.exists() {
            fs::remove_dir_all(&tree.root).map_err(|error| format!("{}: {error}", tree.root.display()))?;
        }
        let mut list = Command::new("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let files = cargo::text_of(list.current_dir(&workspace.root))?;
        for file in files.split('\0').filter(|file| !file.is_empty()) {
            let from = workspace.root.join(file);
            // Deleted, and not committed yet; or a link between folders, which no Rust goes over.
            if from.is_file() {
                let bytes = fs::read(&from).map_err(|error| format!("{file}: {error}"))?;
                tree.write(file, bytes)?;
                tree.files.push(file.to_owned());
            }
        }
        Ok(tree)
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
        let mut command = cargo::command(&words);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .stderr(Stdio::null());
        let (messages, status) = cargo::messages(&mut command)?;
        if status.success() {
            let programs = Program::all(&messages, &Workspace::load_in(&self.root)?);
            return Ok(Built::Programs(programs));
        }
        // The library and its own tests are both compiled, and complain alike.
        let mut seen = HashSet::new();
        let complaints = messages.iter().filter_map(Complaint::read);
        let complaints: Vec<Complaint> = complaints
            .filter(|complaint| seen.insert(complaint.rendered.clone()))
            .collect();
        if complaints.is_empty() {
            return Err(format!("{}: {status}", cargo::shown(&command)));
        }
        Ok(Built::Errors(complaints))
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

//! What CI checks. Every check runs, whatever the ones before it said, so that one run tells everything.

use std::process::ExitCode;

use crate::cargo::{self, Workspace};
use crate::report::Report;
use crate::test::{self, Part};
use crate::{ship, targets};

const LINTS: [&str; 7] = [
    "clippy",
    "--workspace",
    "--all-targets",
    "--all-features",
    "--",
    "-D",
    "warnings",
];
const DOCS: [&str; 4] = ["doc", "--workspace", "--no-deps", "--all-features"];
const DEPENDENCIES: [&str; 5] = ["deny", "check", "licenses", "bans", "sources"];

/// Format, lints, docs, dependencies, other machines, tests.
pub(crate) fn run() -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    let cargo = |arguments: &[&str]| {
        let mut command = cargo::command(arguments);
        command.current_dir(&workspace.root);
        command
    };
    let mut report = Report::default();
    report.stage("format", || {
        cargo::succeed(&mut cargo(&["fmt", "--all", "--check"]))
    });
    report.stage("lints", || cargo::succeed(&mut cargo(&LINTS)));
    report.stage("docs", || {
        cargo::succeed(cargo(&DOCS).env("RUSTDOCFLAGS", "-D warnings"))
    });
    report.stage("dependencies", || {
        let hint = "if cargo-deny is missing: .ci/run, or cargo install --locked cargo-deny";
        cargo::succeed(&mut cargo(&DEPENDENCIES)).map_err(|error| format!("{error} ({hint})"))
    });
    report.stage("size of what ships", || {
        ship::report(&workspace, &ship::build(&workspace)?, true)
    });
    targets::check_all(&workspace, &mut report);
    test::run_parts(&Part::ALL, &workspace, &mut report);
    Ok(report.finish())
}

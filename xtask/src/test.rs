//! The test command: every part, one report.

use std::process::ExitCode;

use crate::cargo::Workspace;
use crate::report::Report;
use crate::{kotlin_tests, python_tests, rust_tests, swift_tests};

/// A language whose tests can be asked for alone.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Rust,
    Python,
    Kotlin,
    Swift,
}

impl Part {
    pub(crate) const ALL: [Self; 4] = [Self::Rust, Self::Python, Self::Kotlin, Self::Swift];
}

/// Runs these parts; fails if a test fails or none ran.
pub(crate) fn run(parts: &[Part]) -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    let mut report = Report::default();
    run_parts(parts, &workspace, &mut report);
    Ok(report.finish())
}

/// Runs these parts into a report.
pub(crate) fn run_parts(parts: &[Part], workspace: &Workspace, report: &mut Report) {
    for part in parts {
        match part {
            Part::Rust => rust_tests::run(report, workspace),
            Part::Python => python_tests::run(report, workspace),
            Part::Kotlin => kotlin_tests::run(report, workspace),
            Part::Swift => swift_tests::run(report, workspace),
        }
    }
}

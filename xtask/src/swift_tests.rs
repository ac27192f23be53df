//! The Swift tests: the package in `bindings/swift`, against the library as it was just built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bindings;
use crate::cargo::{self, Workspace};
use crate::junit;
use crate::report::{Report, Tests};

const FOLDER: &str = "bindings/swift";
/// Finds or installs Swift, and runs what is to be run with it.
const TOOLCHAIN: &str = ".ci/swift-toolchain";

/// Builds the library, generates the Swift code that calls it, then runs the package's tests.
pub(crate) fn run(report: &mut Report, workspace: &Workspace) {
    if !toolchain_is_here(workspace) {
        report.skip("swift", &format!("there is no Swift 6 here; {TOOLCHAIN} install"));
        return;
    }
    let library = report.stage("swift: library", || {
        let library = bindings::build(workspace)?;
        bindings::generate_swift(workspace, &library, &workspace.root.join(FOLDER))?;
        Ok(library)
    });
    let Some(library) = library else { return };
    if report
        .stage("swift: build", || build(workspace, &library))
        .is_none()
    {
        return;
    }
    if let Some(tests) = report.stage("swift: tests", || test(workspace, &library)) {
        report.add(tests);
    }
}

fn toolchain_is_here(workspace: &Workspace) -> bool {
    let mut check = Command::new(workspace.root.join(TOOLCHAIN));
    check
        .arg("check")
        .env("CARGO_TARGET_DIR", &workspace.target)
        .status()
        .is_ok_and(|status| status.success())
}

/// Swift's package manager, for this package and this library.
fn swift(workspace: &Workspace, library: &Path, verb: &str) -> Result<Command, String> {
    let folder = library.parent().ok_or("the library is in no folder")?.display();
    let mut command = Command::new(workspace.root.join(TOOLCHAIN));
    command
        .args(["run", "swift", verb, "--package-path"])
        .arg(workspace.root.join(FOLDER))
        .arg("--scratch-path")
        .arg(scratch(workspace).join("build"))
        .args(["-Xlinker".to_owned(), format!("-L{folder}")])
        .args(["-Xlinker", "-rpath", "-Xlinker"])
        .arg(folder.to_string())
        .env("CARGO_TARGET_DIR", &workspace.target)
        .current_dir(&workspace.root);
    cargo::forget_this_package(&mut command);
    Ok(command)
}

fn scratch(workspace: &Workspace) -> PathBuf {
    workspace.target.join("swift")
}

fn build(workspace: &Workspace, library: &Path) -> Result<(), String> {
    cargo::succeed(swift(workspace, library, "build")?.arg("--build-tests"))
}

/// The counts come from the file that Swift Testing writes: what it prints is mixed with what tests print. If the tests'
/// process dies, there is no file.
fn test(workspace: &Workspace, library: &Path) -> Result<Tests, String> {
    let results = scratch(workspace).join("results-swift-testing.xml");
    if results.exists() {
        fs::remove_file(&results).map_err(|error| format!("{}: {error}", results.display()))?;
    }
    let mut command = swift(workspace, library, "test")?;
    command
        .args(["--skip-build", "--disable-xctest", "--xunit-output"])
        .arg(scratch(workspace).join("results.xml")); // to which Swift adds which of its two frameworks it was
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", cargo::shown(&command)))?;
    let xml =
        fs::read_to_string(&results).map_err(|_| format!("the tests did not come to an end: {status}"))?;
    let tests = junit::read_results("swift", &xml);
    match (status.success(), tests.counts.failed) {
        (true, 0) if tests.counts.passed == 0 => Err(format!("no test ran in {FOLDER}")),
        (true, 0) | (false, 1..) => Ok(tests),
        _ => Err(format!(
            "swift test: {status}, with {} failed",
            tests.counts.failed
        )),
    }
}

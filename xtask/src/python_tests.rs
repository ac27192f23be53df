//! The Python tests: an independent reading of the wire format, and the package for Python; in a virtual environment of
//! their own.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::bindings::{self, Language};
use crate::cargo::{self, Workspace};
use crate::package::Wheel;
use crate::report::{Report, Tests, parse_seconds};

const FOLDER: &str = "tests/python";
/// The tests of the package.
const PACKAGE_FOLDER: &str = "bindings/python/tests";

/// Makes the environment if it is not there yet, then runs the tests in it.
pub(crate) fn run(report: &mut Report, workspace: &Workspace) {
    if let Err(reason) = python_is_usable() {
        report.skip("python", &reason);
        return;
    }
    let Some(python) = report.stage("python: environment", || environment(workspace)) else {
        return;
    };
    let Some(bank) = report.stage("python: package", || install_package(&python, workspace)) else {
        return;
    };
    if let Some(tests) = report.stage("python: tests", || run_pytest(&python, workspace, &bank)) {
        report.add(tests);
    }
}

/// Makes a wheel with the sandbox in it and installs it, and builds the bank that its tests start. Returns the bank.
fn install_package(python: &Path, workspace: &Workspace) -> Result<PathBuf, String> {
    let made = bindings::make(workspace, Language::Python)?;
    let wheel = Wheel {
        sources: &made.sources,
        library: &made.library,
        sandbox: true,
        stored: true,
    }
    .assemble(workspace, &workspace.target.join("package").join("python-tests"))?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--no-deps",
        "--force-reinstall",
    ];
    cargo::succeed(Command::new(python).args(install).arg(&wheel))?;

    let mut build = cargo::command(&["build", "-p", "bank", "--features", "http", "--bin", "dcep-bank"]);
    cargo::succeed(build.current_dir(&workspace.root))?;
    Ok(workspace
        .target
        .join("debug")
        .join(format!("dcep-bank{EXE_SUFFIX}")))
}

fn python_is_usable() -> Result<(), String> {
    let script = "import sys; sys.exit('python3 is older than 3.10' if sys.version_info < (3, 10) else 0)";
    ask("python3", &["-c", script])?;
    ask("python3", &["-c", "import venv, ensurepip"])
        .map(|_| ())
        .map_err(|_| "python3 has no venv and pip (Debian: python3-venv)".to_owned())
}

/// What a program prints, or the last thing it complains of.
fn ask(program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).output();
    let output = output.map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint
        .lines()
        .last()
        .unwrap_or("python3 does not work")
        .to_owned())
}

/// The interpreter of an environment that has exactly the pinned requirements. It is kept as long as they,
/// and the Python it was made from, stay the same.
fn environment(workspace: &Workspace) -> Result<PathBuf, String> {
    let requirements = workspace.root.join(FOLDER).join("requirements.txt");
    let wanted =
        fs::read_to_string(&requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let made_from = ask(
        "python3",
        &["-c", "import sys; print('#', sys.executable, sys.version)"],
    )?;
    let wanted = format!("{wanted}{made_from}\n");

    let folder = workspace.target.join("python-venv");
    let stamp = folder.join("made-from.txt");
    let python = folder.join("bin").join("python");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        println!("kept {}", folder.display());
        return Ok(python);
    }
    cargo::succeed(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ];
    cargo::succeed(Command::new(&python).args(install).arg(&requirements))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}

fn run_pytest(python: &Path, workspace: &Workspace, bank: &Path) -> Result<Tests, String> {
    let results = workspace.target.join("python-tests.xml");
    fs::write(&results, "").map_err(|error| format!("{}: {error}", results.display()))?;
    let mut command = Command::new(python);
    command
        .args([
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--continue-on-collection-errors",
            FOLDER,
            PACKAGE_FOLDER,
        ])
        .arg(format!("--junit-xml={}", results.display()))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("DCEP_BANK_PROGRAM", bank)
        .current_dir(&workspace.root);
    cargo::forget_this_package(&mut command);
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", cargo::shown(&command)))?;

    let xml = fs::read_to_string(&results).map_err(|error| format!("{}: {error}", results.display()))?;
    let tests = read_results(&xml);
    match status.code() {
        Some(0) if tests.counts.passed > 0 => Ok(tests),
        Some(1 | 2) if tests.counts.failed > 0 => Ok(tests),
        Some(0 | 5) => Err(format!("no test ran in {FOLDER} and {PACKAGE_FOLDER}")),
        _ => Err(format!("pytest: {status}")),
    }
}

/// Reads pytest's JUnit file: one `testcase` element per test, holding `failure`, `error` or `skipped` if it did not pass.
fn read_results(xml: &str) -> Tests {
    let mut tests = Tests::default();
    for case in xml.split("<testcase ").skip(1) {
        let name = format!(
            "python: {}::{}",
            attribute(case, "classname").unwrap_or_default(),
            attribute(case, "name").unwrap_or_default()
        );
        if case.contains("<failure") || case.contains("<error") {
            tests.counts.failed += 1;
            tests.failed.push(name.clone());
        } else if case.contains("<skipped") {
            tests.counts.skipped += 1;
        } else {
            tests.counts.passed += 1;
        }
        let time: Option<Duration> = attribute(case, "time").and_then(parse_seconds);
        tests.seconds.extend(time.map(|time| (time, name)));
    }
    tests
}

/// The value of an attribute in the element whose text begins right after its name.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = element.split_once('>')?;
    let start = format!("{name}=\"");
    let at = head
        .match_indices(&start)
        .map(|(at, _)| at)
        .find(|&at| at == 0 || head.get(..at).is_some_and(|before| before.ends_with(' ')))?;
    let (value, _) = head.get(at + start.len()..)?.split_once('"')?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Counts;

    #[test]
    fn results_are_read() {
        let tests = read_results(
            r#"<testsuites><testsuite name="pytest" tests="4"><testcase classname="t.test_a" name="test_x" time="0.250" />
            <testcase classname="t.test_a" name="test_y[a&gt;b]" time="0.001"><failure message="no">no</failure></testcase>
            <testcase classname="t.test_a" name="test_z" time="0.000"><skipped message="later" /></testcase>
            <testcase classname="" name="t.test_b" time="0.000"><error message="collection failure">no</error></testcase></testsuite></testsuites>"#,
        );
        assert_eq!(
            tests.counts,
            Counts {
                passed: 1,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(
            tests.failed,
            ["python: t.test_a::test_y[a&gt;b]", "python: ::t.test_b"]
        );
        let slowest = tests.seconds.iter().max();
        assert_eq!(
            slowest,
            Some(&(Duration::from_millis(250), "python: t.test_a::test_x".to_owned()))
        );
    }
}

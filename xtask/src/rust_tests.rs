//! The Rust tests: every test program is built once and run by itself, so that each test has its time.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::cargo::{self, Workspace, text};
use crate::libtest::Heard;
use crate::report::{Report, Tests};

/// Builds and runs all of them.
pub(crate) fn run(report: &mut Report, workspace: &Workspace) {
    let Some(programs) = report.stage("rust: build", || build(workspace)) else {
        return;
    };
    let tests = report.stage("rust: tests", || {
        Ok(programs.iter().map(run_program).collect::<Vec<_>>())
    });
    tests.into_iter().flatten().for_each(|tests| report.add(tests));
    if let Some(tests) = report.stage("rust: doctests", || run_doctests(workspace)) {
        report.add(tests);
    }
}

/// A test program and the surroundings that `cargo test` would give it.
struct Program {
    label: String,
    package_id: String,
    executable: PathBuf,
    package_root: PathBuf,
    variables: Vec<(String, String)>,
}

/// A program that is not a test.
struct Binary {
    package_id: String,
    name: String,
    path: String,
}

fn build(workspace: &Workspace) -> Result<Vec<Program>, String> {
    let mut command = cargo::command(&[
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]);
    let (mut child, output) = start(command.current_dir(&workspace.root))?;
    let mut programs = Vec::new();
    let mut binaries = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| format!("reading cargo's messages: {error}"))?;
        let message =
            serde_json::from_str(&line).map_err(|error| format!("cargo's message {line:?}: {error}"))?;
        programs.extend(read_program(&message, workspace));
        binaries.extend(read_binary(&message));
    }
    let status = wait(&mut child)?;
    if !status.success() {
        return Err(format!("cargo test --no-run: {status}"));
    }
    for program in &mut programs {
        let own = binaries
            .iter()
            .filter(|binary| binary.package_id == program.package_id);
        program
            .variables
            .extend(own.map(|binary| (format!("CARGO_BIN_EXE_{}", binary.name), binary.path.clone())));
    }
    programs.sort_by(|a, b| a.label.cmp(&b.label)); // cargo announces them in the order in which they were finished
    Ok(programs)
}

/// The program that a message of cargo announces, if it announces one that holds tests.
fn read_program(message: &Value, workspace: &Workspace) -> Option<Program> {
    if text(message, "reason") != Some("compiler-artifact") || message.pointer("/profile/test")? != true {
        return None;
    }
    let package_id = text(message, "package_id")?;
    let package = workspace.package(package_id)?;
    let target = message.pointer("/target/name")?.as_str()?;
    let is_library = message.pointer("/target/kind/0")?.as_str()?.ends_with("lib");
    let package_root = package.manifest.parent()?;
    let variables = [
        ("CARGO_MANIFEST_DIR", package_root.to_string_lossy().into_owned()),
        (
            "CARGO_MANIFEST_PATH",
            package.manifest.to_string_lossy().into_owned(),
        ),
        ("CARGO_PKG_NAME", package.name.clone()),
        ("CARGO_PKG_VERSION", package.version.clone()),
    ];
    Some(Program {
        label: if is_library {
            package.name.clone()
        } else {
            format!("{}/{target}", package.name)
        },
        package_id: package_id.to_owned(),
        executable: text(message, "executable")?.into(),
        package_root: package_root.into(),
        variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
    })
}

/// The finished binary that a message of cargo announces, which integration tests of its package may start.
fn read_binary(message: &Value) -> Option<Binary> {
    let is_binary = message.pointer("/target/kind/0")? == "bin" && message.pointer("/profile/test")? == false;
    is_binary.then_some(Binary {
        package_id: text(message, "package_id")?.to_owned(),
        name: message.pointer("/target/name")?.as_str()?.to_owned(),
        path: text(message, "executable")?.to_owned(),
    })
}

/// Runs one program to its end, whatever that is.
fn run_program(program: &Program) -> Tests {
    println!("\n-- {}", program.label);
    let mut command = Command::new(&program.executable);
    cargo::forget_this_package(&mut command);
    command
        .current_dir(&program.package_root)
        .envs(program.variables.iter().cloned())
        // The times of single tests are an unstable option of the harness; this opens it in this program only.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Z", "unstable-options", "--report-time"]);
    match hear(&mut command) {
        Ok((heard, status)) => {
            if !status.success() {
                println!("-- {}: {status}", program.label);
            }
            heard.tests_of(&program.label, status.success())
        }
        Err(reason) => {
            println!("{reason}");
            Heard::default().tests_of(&program.label, false)
        }
    }
}

fn run_doctests(workspace: &Workspace) -> Result<Tests, String> {
    let mut command = cargo::command(&["test", "--workspace", "--doc", "--no-fail-fast"]);
    run_together("doctests", command.current_dir(&workspace.root))
}

/// Runs a command of several test programs, whose tests are told apart by nothing but its label.
pub(crate) fn run_together(label: &str, command: &mut Command) -> Result<Tests, String> {
    let (heard, status) = hear(command)?;
    Ok(heard.tests_of(label, status.success()))
}

fn hear(command: &mut Command) -> Result<(Heard, ExitStatus), String> {
    let (mut child, output) = start(command)?;
    let heard = Heard::listen(output)?;
    Ok((heard, wait(&mut child)?))
}

fn start(command: &mut Command) -> Result<(Child, std::process::ChildStdout), String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", cargo::shown(command)))?;
    let output = child
        .stdout
        .take()
        .ok_or_else(|| format!("{}: no output", cargo::shown(command)))?;
    Ok((child, output))
}

fn wait(child: &mut Child) -> Result<ExitStatus, String> {
    child
        .wait()
        .map_err(|error| format!("waiting for a child: {error}"))
}

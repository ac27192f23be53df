//! The Rust tests: every test program is built once and run by itself, so that each test has its time.

use std::process::{Command, ExitStatus};

use crate::cargo::{self, Workspace};
use crate::libtest::Heard;
use crate::programs::Program;
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

fn build(workspace: &Workspace) -> Result<Vec<Program>, String> {
    let mut command = cargo::command(&[
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]);
    let (messages, status) = cargo::messages(command.current_dir(&workspace.root))?;
    if !status.success() {
        return Err(format!("cargo test --no-run: {status}"));
    }
    Ok(Program::all(&messages, workspace))
}

/// Runs one program to its end, whatever that is.
fn run_program(program: &Program) -> Tests {
    println!("\n-- {}", program.label);
    let mut command = Command::new(&program.executable);
    program
        .surround(&mut command)
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
    let (mut child, output) = cargo::start(command)?;
    let heard = Heard::listen(output)?;
    Ok((heard, cargo::wait(&mut child)?))
}

//! The soak: many simulated towns, on every core, for as long as asked.

use std::process::ExitCode;

use crate::cargo;

/// Builds the soak in release and runs it with these words. Its exit code is ours.
pub(crate) fn run(words: &[&str]) -> Result<ExitCode, String> {
    let build = [
        "run",
        "--quiet",
        "--release",
        "-p",
        "simulator",
        "--bin",
        "soak",
        "--",
    ];
    let mut command = cargo::command(&[&build, words].concat());
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", cargo::shown(&command)))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

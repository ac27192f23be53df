//! The machines that this runs on and that are not this one: phones, as far as a compiler can tell without one, and an
//! ARM64 under emulation.

use std::{
    env, fs,
    process::{Command, ExitCode},
};

use crate::{
    cargo::{self, Workspace},
    report::{Report, Tests},
    rust_tests,
};

/// What a phone is, to a compiler.
const PHONES: [&str; 5] = [
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "x86_64-linux-android",
    "aarch64-apple-ios",
    "aarch64-apple-ios-sim",
];

const ARM64: &str = "aarch64-unknown-linux-gnu";

/// `cargo xtask targets`.
pub(crate) fn run() -> Result<ExitCode, String> {
    let mut report = Report::default();
    check_all(&Workspace::load()?, &mut report);
    Ok(report.finish())
}

/// Checks the bindings for every phone, and runs the core's tests on an emulated ARM64.
pub(crate) fn check_all(workspace: &Workspace, report: &mut Report) {
    for target in PHONES {
        report.stage(&format!("check {target}"), || check(workspace, target));
    }
    if let Some(tests) = report.stage("tests on arm64", || run_arm64(workspace)) {
        report.add(tests);
    }
}

/// Type checks everything that ships. No linker and no C compiler of the target is asked: SQLite is taken to be there.
fn check(workspace: &Workspace, target: &str) -> Result<(), String> {
    let mut command = cargo::command(&["check", "-p", "bindings", "--target", target]);
    with_standard_library(workspace, target, &mut command)?;
    command
        .env("LIBSQLITE3_SYS_USE_PKG_CONFIG", "1")
        .env("SQLITE3_NO_PKG_CONFIG", "1")
        .env("SQLITE3_LIB_DIR", env::temp_dir());
    cargo::succeed(&mut command)
}

/// The tests of the two crates that hold the money, and of the surface above them, in ARM64 instructions.
fn run_arm64(workspace: &Workspace) -> Result<Tests, String> {
    let mut command = cargo::command(&[
        "test",
        "-p",
        "protocol",
        "-p",
        "wallet-core",
        "-p",
        "bindings",
        "--lib",
        "--test",
        "surface",
        "--target",
        ARM64,
    ]);
    with_standard_library(workspace, ARM64, &mut command)?;
    if env::consts::ARCH != "aarch64" {
        command
            .env(
                "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
                "aarch64-linux-gnu-gcc",
            )
            .env("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc")
            .env(
                "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
                "qemu-aarch64-static -L /usr/aarch64-linux-gnu",
            );
    }
    rust_tests::run_together("arm64", &mut command).map_err(|error| {
        format!("{error} (it needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user-static)")
    })
}

/// The target's own standard library, if rustup has installed it; else one that is built from its sources.
fn with_standard_library(workspace: &Workspace, target: &str, command: &mut Command) -> Result<(), String> {
    // Folders of their own: other flags would make every build begin anew.
    command.current_dir(&workspace.root);
    if is_installed(target)? {
        command.env("CARGO_TARGET_DIR", workspace.target.join("cross"));
        return Ok(());
    }
    command.env("CARGO_TARGET_DIR", workspace.target.join("cross-std"));
    let mut find = Command::new(workspace.root.join(".ci").join("rust-src"));
    let sources = cargo::text_of(find.env("CARGO_TARGET_DIR", &workspace.target))?;
    command
        .args(["-Z", "build-std=std,panic_unwind,test,proc_macro"])
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", sources.trim())
        .env("RUSTC_BOOTSTRAP", "1");
    Ok(())
}

/// Whether this compiler has the target's standard library.
pub(crate) fn is_installed(target: &str) -> Result<bool, String> {
    let mut ask = Command::new("rustc");
    let folder = cargo::text_of(ask.args(["--print", "target-libdir", "--target", target]))?;
    // Without the target there is no folder, or an empty one.
    Ok(fs::read_dir(folder.trim()).is_ok_and(|mut entries| entries.next().is_some()))
}

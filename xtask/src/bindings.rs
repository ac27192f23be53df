//! What every foreign language starts from: the bindings as a shared library, and the code generated from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cargo::{self, Workspace};
use crate::swift_names;

/// The crate that is seen from other languages.
const CRATE: &str = "bindings";
/// Its library, without what each system puts around the name.
const LIBRARY: &str = "dcep_wallet";
/// Opens the bank and the second phone in the same process, and the errors that are raised on purpose.
const SANDBOX: &str = "sandbox";
/// The generators: crates of their own, so that nothing of them ships.
const GENERATORS: &str = "bindings-generate";

/// Writes the generated sources of one language where its package looks for them.
pub(crate) fn run(language: &str) -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    match language {
        "swift" => {
            let library = build(&workspace)?;
            generate_swift(&workspace, &library, &workspace.root.join("bindings/swift"))?;
            Ok(ExitCode::SUCCESS)
        }
        other => Err(format!("{other}: nothing is generated for that")),
    }
}

/// The shared library for tests on this machine, not stripped: the generators read it.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf, String> {
    cargo::succeed(
        cargo::command(&["build", "--package", CRATE, "--features", SANDBOX]).current_dir(&workspace.root),
    )?;
    let name = format!(
        "{}{LIBRARY}{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let library = workspace.target.join("debug").join(name);
    if library.is_file() {
        Ok(library)
    } else {
        Err(format!("there is no {}", library.display()))
    }
}

/// Puts the Swift sources and the C header of `library` into a package: each in the folder of its own target.
pub(crate) fn generate_swift(workspace: &Workspace, library: &Path, package: &Path) -> Result<(), String> {
    for (what, folder) in [
        ("--swift-sources", "Sources/DcepWallet/Generated"),
        ("--headers", "Sources/DcepWalletFFI"),
    ] {
        let mut command = cargo::command(&["run", "--quiet", "--package", GENERATORS]);
        command
            .args(["--bin", "generate-swift", "--", what, "--config"])
            .arg(workspace.root.join("uniffi.toml"))
            .arg(library)
            .arg(package.join(folder));
        cargo::succeed(command.current_dir(&workspace.root))?;
    }
    let source = package.join("Sources/DcepWallet/Generated/DcepWallet.swift");
    let said = |error| format!("{}: {error}", source.display());
    let generated = fs::read_to_string(&source).map_err(said)?;
    fs::write(&source, swift_names::lower_error_cases(&generated)).map_err(said)
}

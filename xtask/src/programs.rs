//! Test programs: what cargo built, and the surroundings that `cargo test` would give each.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::cargo::{self, Workspace, text};

/// A test program.
pub(crate) struct Program {
    /// The package, and the program in it unless that is the library's own.
    pub(crate) label: String,
    pub(crate) executable: PathBuf,
    package_id: String,
    package_root: PathBuf,
    variables: Vec<(String, String)>,
}

/// A program that is not a test.
struct Binary {
    package_id: String,
    name: String,
    path: String,
}

impl Program {
    /// All that cargo announces in its messages, by their labels: it announces them in the order in which they were finished.
    pub(crate) fn all(messages: &[Value], workspace: &Workspace) -> Vec<Self> {
        let binaries: Vec<Binary> = messages.iter().filter_map(Binary::read).collect();
        let announced = messages
            .iter()
            .filter_map(|message| Self::read(message, workspace));
        let mut programs: Vec<Self> = announced
            .map(|mut program| {
                let own = binaries
                    .iter()
                    .filter(|binary| binary.package_id == program.package_id);
                program.variables.extend(
                    own.map(|binary| (format!("CARGO_BIN_EXE_{}", binary.name), binary.path.clone())),
                );
                program
            })
            .collect();
        programs.sort_by(|a, b| a.label.cmp(&b.label));
        programs
    }

    fn read(message: &Value, workspace: &Workspace) -> Option<Self> {
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
        Some(Self {
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

    /// Gives a command that will run this program its folder and its variables, and opens the unstable options of the harness, in
    /// this program only.
    pub(crate) fn surround<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        cargo::forget_this_package(command);
        command
            .current_dir(&self.package_root)
            .envs(self.variables.iter().cloned())
            .env("RUSTC_BOOTSTRAP", "1")
    }
}

impl Binary {
    /// The finished binary that a message of cargo announces, which integration tests of its package may start.
    fn read(message: &Value) -> Option<Self> {
        let is_binary =
            message.pointer("/target/kind/0")? == "bin" && message.pointer("/profile/test")? == false;
        is_binary.then_some(Self {
            package_id: text(message, "package_id")?.to_owned(),
            name: message.pointer("/target/name")?.as_str()?.to_owned(),
            path: text(message, "executable")?.to_owned(),
        })
    }
}

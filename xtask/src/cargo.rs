//! Cargo as seen from here: how to call it, and what it knows of the workspace.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use serde_json::Value;

/// The cargo that runs us, with `arguments`.
///
/// `cargo run` describes this crate to us in variables. Passed on, they would describe it to the tests and
/// build scripts of other crates, and build scripts that watch them would run again for nothing.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments);
    forget_this_package(&mut command);
    command
}

/// Removes the variables with which `cargo run` describes this crate.
pub(crate) fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if ours {
            command.env_remove(name);
        }
    }
}

/// Maven in this folder, for a machine that reads what it says.
pub(crate) fn maven(folder: &Path) -> Command {
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--no-transfer-progress"])
        .current_dir(folder);
    forget_this_package(&mut maven);
    maven
}

/// Whether there is such a program, and it runs.
pub(crate) fn answers(program: &str, argument: &str) -> bool {
    let answer = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    answer.is_ok_and(|status| status.success())
}

/// Runs a command to its end; anything but success is an error that says which command it was.
pub(crate) fn succeed(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", shown(command)))
    }
}

/// What a command prints; anything but success is an error that says which command it was. What it complains of is shown.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", shown(command)))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{}: {}", shown(command), output.status))
    }
}

/// The same as text.
pub(crate) fn text_of(command: &mut Command) -> Result<String, String> {
    output(command).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Starts a command, and hands out what it prints as it comes.
pub(crate) fn start(command: &mut Command) -> Result<(Child, ChildStdout), String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", shown(command)))?;
    let output = child
        .stdout
        .take()
        .ok_or_else(|| format!("{}: no output", shown(command)))?;
    Ok((child, output))
}

/// Waits for what was started.
pub(crate) fn wait(child: &mut Child) -> Result<ExitStatus, String> {
    child
        .wait()
        .map_err(|error| format!("waiting for a child: {error}"))
}

/// Runs cargo to its end, and returns the messages that it prints in one of its formats of JSON.
pub(crate) fn messages(command: &mut Command) -> Result<(Vec<Value>, ExitStatus), String> {
    let (mut child, output) = start(command)?;
    let mut messages = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| format!("reading cargo's messages: {error}"))?;
        let message = serde_json::from_str(&line);
        messages.push(message.map_err(|error| format!("cargo's message {line:?}: {error}"))?);
    }
    Ok((messages, wait(&mut child)?))
}

/// A command as one would type it, without the folder of the program.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Where the workspace is and which packages it has.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    packages: Vec<Package>,
}

/// One member of the workspace.
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest: PathBuf,
}

impl Workspace {
    /// Asks cargo for the one that we are in.
    pub(crate) fn load() -> Result<Self, String> {
        Self::load_in(Path::new("."))
    }

    /// Asks cargo for the one that this folder is in.
    pub(crate) fn load_in(folder: &Path) -> Result<Self, String> {
        let mut command = command(&["metadata", "--no-deps", "--format-version", "1"]);
        let printed = output(command.current_dir(folder))?;
        let metadata: Value =
            serde_json::from_slice(&printed).map_err(|error| format!("cargo metadata: {error}"))?;
        Self::read(&metadata).ok_or_else(|| "cargo metadata: a field is missing".to_owned())
    }

    fn read(metadata: &Value) -> Option<Self> {
        Some(Self {
            root: text(metadata, "workspace_root")?.into(),
            target: text(metadata, "target_directory")?.into(),
            packages: metadata
                .get("packages")?
                .as_array()?
                .iter()
                .map(Package::read)
                .collect::<Option<_>>()?,
        })
    }

    /// The member with this id.
    pub(crate) fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }

    /// The version of the member with this name.
    pub(crate) fn version(&self, name: &str) -> Result<&str, String> {
        let package = self.packages.iter().find(|package| package.name == name);
        package
            .map(|package| package.version.as_str())
            .ok_or_else(|| format!("{name}: not a member of the workspace"))
    }
}

impl Package {
    fn read(package: &Value) -> Option<Self> {
        Some(Self {
            id: text(package, "id")?.to_owned(),
            name: text(package, "name")?.to_owned(),
            version: text(package, "version")?.to_owned(),
            manifest: text(package, "manifest_path")?.into(),
        })
    }
}

/// The string in this field of a JSON object.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

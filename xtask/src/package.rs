//! What is handed to people who embed the wallet: `cargo xtask package PLATFORM`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::android;
use crate::bindings::{self, Language};
use crate::cargo::{self, Workspace};
use crate::ship::{self, Shipped};

/// What there is a package for.
#[derive(Clone, Copy)]
enum Platform {
    Android,
    Ios,
    Python,
}

/// The command: what to package, and `--sandbox` for a variant that is for tests.
pub(crate) fn run(words: &[&str]) -> Result<ExitCode, String> {
    let (platform, sandbox) = match words {
        ["android"] => (Platform::Android, false),
        ["ios"] => (Platform::Ios, false),
        ["python"] => (Platform::Python, false),
        ["python", "--sandbox"] => (Platform::Python, true),
        _ => return Err("package android|ios|python; python takes --sandbox".to_owned()),
    };
    let workspace = Workspace::load()?;
    match platform {
        Platform::Android => android::package(&workspace),
        // Says itself what it takes, and what of that is missing.
        Platform::Ios => cargo::succeed(&mut Command::new(
            workspace.root.join("bindings/swift/make-xcframework.sh"),
        ))
        .map(|()| ExitCode::SUCCESS),
        Platform::Python => python(&workspace, sandbox),
    }
}

/// A wheel for this machine, and how large it is.
fn python(workspace: &Workspace, sandbox: bool) -> Result<ExitCode, String> {
    let package = if sandbox { "python-sandbox" } else { "python" };
    let folder = workspace.target.join("package").join(package);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let shipped = if sandbox {
        with_sandbox(workspace, &folder)?
    } else {
        ship::build(workspace)?
    };
    let sources = bindings::generate(workspace, Language::Python, &shipped.whole, package)?;
    let stripped = shipped.stripped;
    let wheel = Wheel {
        sources: &sources,
        library: &stripped,
        sandbox,
        stored: false,
    }
    .assemble(workspace, &folder)?;
    println!("library {} bytes, stripped", size(&stripped)?);
    println!("wheel   {} bytes: {}", size(&wheel)?, wheel.display());
    Ok(ExitCode::SUCCESS)
}

/// What a wheel is made of.
pub(crate) struct Wheel<'a> {
    /// The folder of the module that was generated from the library.
    pub(crate) sources: &'a Path,
    /// The library.
    pub(crate) library: &'a Path,
    /// Whether the library has the sandbox in it: the wheel's version says so.
    pub(crate) sandbox: bool,
    /// Not compressed, for whoever installs it at once.
    pub(crate) stored: bool,
}

impl Wheel<'_> {
    /// Puts it together in `folder`, where it is the only wheel then.
    pub(crate) fn assemble(&self, workspace: &Workspace, folder: &Path) -> Result<PathBuf, String> {
        let tool = workspace.root.join("bindings/python/tools/make_wheel.py");
        let version = workspace.version("bindings")?;
        let mut make = Command::new("python3");
        make.arg(&tool)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("--generated")
            .arg(self.sources.join("dcep_wallet.py"))
            .arg("--library")
            .arg(self.library)
            .args(["--version", version, "--out"])
            .arg(folder);
        make.args(self.sandbox.then_some("--sandbox"));
        make.args(self.stored.then_some("--stored"));
        cargo::succeed(&mut make)?;
        let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        files
            .filter_map(|file| file.ok().map(|file| file.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or_else(|| format!("{}: there is no wheel", folder.display()))
    }
}

/// The library with the sandbox in it, for tests elsewhere: fast rather than small.
fn with_sandbox(workspace: &Workspace, folder: &Path) -> Result<Shipped, String> {
    let mut build = cargo::command(&["build", "--release", "-p", "bindings", "--features", "sandbox"]);
    cargo::succeed(build.current_dir(&workspace.root))?;
    let name = bindings::library_name();
    let whole = workspace.target.join("release").join(&name);
    let stripped = folder.join(&name);
    ship::strip(&whole, &stripped)?;
    Ok(Shipped { whole, stripped })
}

fn size(path: &Path) -> Result<u64, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(metadata.len())
}

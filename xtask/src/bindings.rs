//! The library for other languages, and what is generated from it: the same for the tests, the packages, and a curious
//! reader.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{
    cargo::{self, Workspace},
    kotlin_source, swift_polish,
};

/// A language that is generated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Kotlin,
    Swift,
    Python,
}

impl Language {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
            Self::Python => "python",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Kotlin, Self::Swift, Self::Python]
            .into_iter()
            .find(|language| language.name() == name)
    }
}

/// A built library, and what was generated from it.
pub(crate) struct Bindings {
    /// The shared library, with the sandbox in it.
    pub(crate) library: PathBuf,
    /// The folder with the generated sources.
    pub(crate) sources: PathBuf,
}

/// `cargo xtask bindings LANGUAGE`: says where everything is.
pub(crate) fn print(name: &str) -> Result<ExitCode, String> {
    let language =
        Language::named(name).ok_or_else(|| format!("{name}: not one of kotlin, swift, python"))?;
    let made = make(&Workspace::load()?, language)?;
    println!("library   {}", made.library.display());
    println!("generated {}", made.sources.display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the library for tests, and generates a language from it.
pub(crate) fn make(workspace: &Workspace, language: Language) -> Result<Bindings, String> {
    let mut build = cargo::command(&["build", "-p", "bindings", "--features", "sandbox"]);
    cargo::succeed(build.current_dir(&workspace.root))?;
    let library = workspace.target.join("debug").join(library_name());
    let sources = generate(workspace, language, &library, "sandbox")?;
    Ok(Bindings { library, sources })
}

/// What the shared library is called here.
pub(crate) fn library_name() -> String {
    format!("{DLL_PREFIX}dcep_wallet{DLL_SUFFIX}")
}

/// The bank that tests of other languages start, as it was just built.
pub(crate) fn bank(workspace: &Workspace) -> Result<PathBuf, String> {
    let mut build = cargo::command(&["build", "-p", "bank", "--features", "http", "--bin", "dcep-bank"]);
    cargo::succeed(build.current_dir(&workspace.root))?;
    Ok(workspace
        .target
        .join("debug")
        .join(format!("dcep-bank{EXE_SUFFIX}")))
}

/// Generates a language from a library that is not stripped, into a folder of that name.
pub(crate) fn generate(
    workspace: &Workspace,
    language: Language,
    library: &Path,
    name: &str,
) -> Result<PathBuf, String> {
    let folder = workspace.target.join("bindings").join(name).join(language.name());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let settings = workspace.root.join("uniffi.toml");
    let (binary, words): (&str, Vec<&OsStr>) = match language {
        Language::Kotlin | Language::Python => (
            "generate-bindings",
            vec![
                "generate".as_ref(),
                library.as_ref(),
                "--language".as_ref(),
                language.name().as_ref(),
                "--no-format".as_ref(),
                "--out-dir".as_ref(),
                folder.as_ref(),
            ],
        ),
        Language::Swift => (
            "generate-swift",
            vec![
                "--swift-sources".as_ref(),
                "--headers".as_ref(),
                library.as_ref(),
                folder.as_ref(),
            ],
        ),
    };
    let mut run = cargo::command(&["run", "--quiet", "-p", "bindings-generate", "--bin", binary, "--"]);
    run.args(words).arg("--config").arg(&settings);
    cargo::succeed(run.current_dir(&workspace.root))?;
    let source = folder.join(match language {
        Language::Kotlin => "org/dcep/wallet/dcep_wallet.kt",
        Language::Swift => "DcepWallet.swift",
        Language::Python => return Ok(folder),
    });
    let said = |error| format!("{}: {error}", source.display());
    let generated = fs::read_to_string(&source).map_err(said)?;
    let mended = match language {
        Language::Kotlin => kotlin_source::mend(&generated)?,
        _ => swift_polish::polish(&generated)?,
    };
    fs::write(&source, mended).map_err(said)?;
    Ok(folder)
}

/// `cargo xtask bindings polish-swift FILE`: for the script that makes the XCFramework, which generates by itself.
pub(crate) fn polish_swift(file: &str) -> Result<ExitCode, String> {
    let said = |error| format!("{file}: {error}");
    let generated = fs::read_to_string(file).map_err(said)?;
    fs::write(file, swift_polish::polish(&generated)?).map_err(said)?;
    Ok(ExitCode::SUCCESS)
}

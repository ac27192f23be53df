//! Fuzzing: builds the programs of `fuzz/` and runs them. What they find goes to the target folder, or with `--keep` into
//! the corpora that `cargo test` replays.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cargo::{self, Workspace};

const TARGETS: [&str; 8] = [
    "decoders",
    "codes",
    "apdu_card",
    "apdu_reader",
    "payer",
    "payee",
    "rows",
    "bank",
];

const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";

/// What is asked: `[TARGET] [--seconds N] [--keep]`.
struct Asked {
    targets: Vec<&'static str>,
    seconds: u32,
    keep: bool,
}

/// Runs each target for so long, one after another; fails at the first finding.
pub(crate) fn run(words: &[&str]) -> Result<ExitCode, String> {
    let asked = read(words)?;
    let workspace = Workspace::load()?;
    let house = House::new(&workspace)?;
    for target in asked.targets {
        house.fuzz(target, asked.seconds)?;
        if asked.keep {
            house.keep(target)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(words: &[&str]) -> Result<Asked, String> {
    let mut asked = Asked {
        targets: Vec::new(),
        seconds: 60,
        keep: false,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--keep" => asked.keep = true,
            "--seconds" => {
                let seconds = words.next().and_then(|seconds| seconds.parse().ok());
                asked.seconds = seconds.ok_or("--seconds takes a number")?;
            }
            name => {
                let target = TARGETS.into_iter().find(|target| *target == name);
                asked.targets.push(target.ok_or_else(|| {
                    format!(
                        "{name}: there is no such target; there are {}",
                        TARGETS.join(", ")
                    )
                })?);
            }
        }
    }
    if asked.targets.is_empty() {
        asked.targets = TARGETS.to_vec();
    }
    Ok(asked)
}

/// Where things are.
struct House {
    root: PathBuf,
    /// Built programs, and what they found.
    target: PathBuf,
    /// A folder with cargo-fuzz in it, unless it is on the path anyway.
    tools: Option<PathBuf>,
}

impl House {
    fn new(workspace: &Workspace) -> Result<Self, String> {
        let target = workspace.target.join("fuzz");
        let installed = Command::new("cargo-fuzz").arg("--version").output();
        let tools = if installed.is_ok_and(|output| output.status.success()) {
            None
        } else {
            let tools = workspace.target.join("tools").join("cargo-fuzz");
            if !tools.join("bin").join("cargo-fuzz").exists() {
                let mut install = cargo::command(&["install", "--locked", CARGO_FUZZ, "--root"]);
                cargo::succeed(install.arg(&tools))?;
            }
            Some(tools.join("bin"))
        };
        Ok(Self {
            root: workspace.root.clone(),
            target,
            tools,
        })
    }

    fn fuzz(&self, target: &str, seconds: u32) -> Result<(), String> {
        let found = self.found(target);
        fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
        let mut run = self.cargo_fuzz("run", target);
        run.arg(&found)
            .arg(self.corpus(target))
            .args(["--", "-print_final_stats=1", "-timeout=600"])
            .arg(format!("-max_total_time={seconds}"));
        cargo::succeed(&mut run)
    }

    /// Takes over what reaches something that the corpus does not.
    fn keep(&self, target: &str) -> Result<(), String> {
        let mut merge = self.cargo_fuzz("run", target);
        merge.arg(self.corpus(target)).arg(self.found(target)).args([
            "--",
            "-set_cover_merge=1",
            "-max_len=4096",
        ]);
        cargo::succeed(&mut merge)
    }

    /// Without a sanitizer: it would look for what safe Rust cannot do, at half the speed.
    fn cargo_fuzz(&self, verb: &str, target: &str) -> Command {
        let mut command = cargo::command(&["fuzz", verb, "--release", "--sanitizer", "none", target]);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC_WRAPPER", self.root.join("fuzz").join("rustc-ours-only"));
        // Every input writes a wallet's file: best where no disk has to follow.
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            command.env("TMPDIR", memory);
        }
        if let Some(tools) = &self.tools {
            let path = env::var_os("PATH").unwrap_or_default();
            let paths = std::iter::once(tools.clone()).chain(env::split_paths(&path));
            if let Ok(path) = env::join_paths(paths) {
                command.env("PATH", path);
            }
        }
        command
    }

    fn found(&self, target: &str) -> PathBuf {
        self.target.join("found").join(target)
    }

    fn corpus(&self, target: &str) -> PathBuf {
        self.root.join("fuzz").join("corpus").join(target)
    }
}

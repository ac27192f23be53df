//! The test vectors under `tests/vectors`, which other implementations read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cargo::{self, Workspace};

/// Writes them anew.
pub(crate) fn make() -> Result<ExitCode, String> {
    make_in(&Workspace::load()?)
}

/// Writes them anew and fails if that changed, added or removed one. What was written stays, to be looked at.
pub(crate) fn check() -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    let folder = workspace.root.join("tests").join("vectors");
    let before = contents(&folder)?;
    make_in(&workspace)?;
    let after = contents(&folder)?;
    if after.is_empty() {
        return Err(format!("there are no vectors in {}", folder.display()));
    }
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed: Vec<_> = names
        .into_iter()
        .filter(|&name| before.get(name) != after.get(name))
        .collect();
    changed
        .iter()
        .for_each(|name| eprintln!("changed: {}", name.display()));
    if changed.is_empty() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(format!("{} vectors changed", changed.len()))
    }
}

fn make_in(workspace: &Workspace) -> Result<ExitCode, String> {
    let mut command = cargo::command(&["run", "--quiet", "--package", "tests", "--bin", "make-vectors"]);
    cargo::succeed(command.current_dir(&workspace.root))?;
    Ok(ExitCode::SUCCESS)
}

/// Every file of a folder and of the folders in it.
fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(contents(&path)?);
        } else {
            let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            files.insert(path, bytes);
        }
    }
    Ok(files)
}

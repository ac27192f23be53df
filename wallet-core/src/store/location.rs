//! Where a store is: which file, on which file system, and whose.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::OpenError;

/// Where a wallet's file is: a path, on the device's own file system or on one that the embedder has registered with
/// SQLite.
///
/// A path alone is enough wherever a location is asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    path: PathBuf,
    vfs: Option<String>,
}

impl Location {
    /// A file on the virtual file system that is registered with SQLite under the name `vfs`.
    ///
    /// It needs no shared memory: the wallet holds its file exclusively. Whoever registers it answers for what the
    /// device's own file system answers for otherwise, above all that what was synced is still there after a power cut,
    /// and that no other process has the file open.
    pub fn on_vfs(vfs: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            vfs: Some(vfs.into()),
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the file system, if it is not the device's own.
    #[must_use]
    pub fn vfs(&self) -> Option<&str> {
        self.vfs.as_deref()
    }

    /// The file itself, whatever links lead to it: it has one owner, and so one lock.
    pub(super) fn resolved(&self) -> Result<Self, OpenError> {
        match self.vfs {
            Some(_) => Ok(self.clone()),
            None => real_path(&self.path).map(Self::from),
        }
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self { path, vfs: None }
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}

impl From<&Location> for Location {
    fn from(location: &Location) -> Self {
        location.clone()
    }
}

/// The right to the store, until this is dropped or the process ends, however it ends.
pub(super) enum OwnerLock {
    /// A lock on a file beside the store's. Other processes see it.
    File(#[expect(dead_code, reason = "the lock lasts as long as the open file")] File),
    /// An entry among the stores that this process owns, for a file system on which only this process looks.
    Entry(Location),
}

/// The stores on virtual file systems that have an owner.
static OWNED: Mutex<BTreeSet<Location>> = Mutex::new(BTreeSet::new());

impl Drop for OwnerLock {
    fn drop(&mut self) {
        if let Self::Entry(location) = self {
            OWNED
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(location);
        }
    }
}

/// Takes ownership of the store at a resolved location.
pub(super) fn own(location: &Location) -> Result<OwnerLock, OpenError> {
    if location.vfs.is_some() {
        let mut owned = OWNED.lock().unwrap_or_else(PoisonError::into_inner);
        return if owned.insert(location.clone()) {
            Ok(OwnerLock::Entry(location.clone()))
        } else {
            Err(OpenError::AlreadyOpen)
        };
    }
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(&location.path, ".lock"))
        .map_err(|_| OpenError::Unavailable)?;
    match lock.try_lock() {
        Ok(()) => Ok(OwnerLock::File(lock)),
        Err(TryLockError::WouldBlock) => Err(OpenError::AlreadyOpen),
        Err(TryLockError::Error(_)) => Err(OpenError::Unavailable),
    }
}

/// Copies the file and its write-ahead log to the first free name beside it, unless the very same file was copied before.
/// The original stays as it is. There is no copy of a file that is not on the device's own file system: whoever brought
/// that one along can read it.
pub(super) fn set_aside(location: &Location) -> Option<PathBuf> {
    if location.vfs.is_some() {
        return None;
    }
    let path = &location.path;
    let damaged = fs::read(path).ok()?;
    for number in 1..1_000 {
        let copy = beside(path, &format!(".damaged-{number}"));
        match fs::read(&copy) {
            Ok(earlier) if earlier == damaged => return Some(copy),
            Ok(_) => {}
            Err(_) => {
                for suffix in ["-wal", "-shm"] {
                    let side = beside(path, suffix);
                    if side.exists() {
                        fs::copy(side, beside(&copy, suffix)).ok()?;
                    }
                }
                fs::write(&copy, damaged).ok()?;
                return Some(copy);
            }
        }
    }
    None
}

fn real_path(path: &Path) -> Result<PathBuf, OpenError> {
    if let Ok(real) = fs::canonicalize(path) {
        return Ok(real);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(OpenError::Unavailable)?;
    fs::canonicalize(folder)
        .map(|folder| folder.join(name))
        .map_err(|_| OpenError::Unavailable)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

//! All of an app's files at one moment, as a backup, a thief or a careless restore would have them.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use wallet_core::guard::Head;

/// A copy of every file of a phone's app. What the hardware keeps is not in it; only the guard of a rooted phone, which
/// lies, can be turned back to what it said then.
#[derive(Clone, Debug)]
pub struct Snapshot {
    files: BTreeMap<OsString, Vec<u8>>,
    pub(super) head: Option<Head>,
}

impl Snapshot {
    /// Reads every file in a folder.
    pub(super) fn take(folder: &Path, head: Option<Head>) -> io::Result<Self> {
        let files = fs::read_dir(folder)?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name(), fs::read(entry.path())?))
            })
            .collect::<io::Result<_>>()?;
        Ok(Self { files, head })
    }

    /// Makes a folder hold these files and no others.
    pub(super) fn put(&self, folder: &Path) -> io::Result<()> {
        clear(folder)?;
        self.files
            .iter()
            .try_for_each(|(name, content)| fs::write(folder.join(name), content))
    }
}

/// Deletes every file in a folder.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::read_dir(folder)?.try_for_each(|entry| fs::remove_file(entry?.path()))
}

/// Where the wallet's file is in an app's folder.
pub(super) fn wallet_in(folder: &Path) -> PathBuf {
    folder.join("wallet.sqlite")
}

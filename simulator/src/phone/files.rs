//! Where a phone's app keeps its files: in a folder, or on a simulated disk; and all of them at one moment, as a backup, a
//! thief or a careless restore would have them.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use wallet_core::{Location, guard::Head};

use crate::disk::{self, Disk};

/// The name of the wallet's file.
const WALLET: &str = "wallet.sqlite";

/// Where an app keeps its files.
#[derive(Clone, Debug)]
pub(crate) enum Files {
    /// Real ones.
    Folder(PathBuf),
    /// On a disk of the phone's own.
    Disk(Disk),
}

impl Files {
    /// Where the wallet's file is.
    pub(super) fn wallet(&self) -> Location {
        match self {
            Self::Folder(folder) => folder.join(WALLET).into(),
            Self::Disk(disk) => disk.location(WALLET),
        }
    }

    /// Deletes them all.
    pub(super) fn clear(&self) -> io::Result<()> {
        match self {
            Self::Folder(folder) => clear(folder),
            Self::Disk(disk) => {
                disk.format();
                Ok(())
            }
        }
    }

    /// Copies them all. What the guard says goes along for those whose guard lies.
    pub(super) fn copy(&self, head: Option<Head>) -> io::Result<Snapshot> {
        let copy = match self {
            Self::Folder(folder) => Copy::Folder(read(folder)?),
            Self::Disk(disk) => Copy::Disk(disk.snapshot()),
        };
        Ok(Snapshot { copy, head })
    }

    /// Makes them what they were when the copy was made, and no others.
    pub(super) fn put(&self, snapshot: &Snapshot) -> io::Result<()> {
        match (self, &snapshot.copy) {
            (Self::Folder(folder), Copy::Folder(files)) => {
                clear(folder)?;
                files
                    .iter()
                    .try_for_each(|(name, content)| fs::write(folder.join(name), content))
            }
            (Self::Disk(disk), Copy::Disk(files)) => {
                disk.restore(files);
                Ok(())
            }
            _ => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a copy of a folder is no copy of a simulated disk",
            )),
        }
    }
}

/// A copy of every file of a phone's app. What the hardware keeps is not in it; only the guard of a rooted phone, which
/// lies, can be turned back to what it said then.
#[derive(Clone, Debug)]
pub struct Snapshot {
    copy: Copy,
    pub(super) head: Option<Head>,
}

#[derive(Clone, Debug)]
enum Copy {
    Folder(BTreeMap<OsString, Vec<u8>>),
    Disk(disk::Snapshot),
}

fn read(folder: &Path) -> io::Result<BTreeMap<OsString, Vec<u8>>> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), fs::read(entry.path())?))
        })
        .collect()
}

fn clear(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::read_dir(folder)?.try_for_each(|entry| fs::remove_file(entry?.path()))
}

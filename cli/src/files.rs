//! Small files: those that must be whole or absent, and those from outside.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use crate::failure::Failure;

/// Writes a new file that only its owner can read. Fails if there is one already.
pub(crate) fn create_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Replaces a file: whatever happens, the old contents are there or the new ones, and when this returns the new ones.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create_private(&fresh, contents)?;
    fs::rename(&fresh, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Reads a file of somebody else's: no more than one byte above what it may have, which shows that it is too long.
pub(crate) fn read_at_most(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(Failure::file("read", path))?;
    Ok(bytes)
}

/// A new file for something that is yet to be made: what could not be written is better not begun. Unless it is written
/// whole, it goes again.
pub(crate) struct NewFile<'a> {
    path: &'a Path,
    file: File,
    is_whole: bool,
}

impl<'a> NewFile<'a> {
    pub(crate) fn make(path: &'a Path) -> Result<Self, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        Ok(Self {
            path,
            file: file.map_err(Failure::file("make the file", path))?,
            is_whole: false,
        })
    }

    /// Returns where it is.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<&'a Path, Failure> {
        self.file
            .write_all(bytes)
            .map_err(Failure::file("write", self.path))?;
        self.is_whole = true;
        Ok(self.path)
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            let _gone = fs::remove_file(self.path);
        }
    }
}

/// Makes the names in a folder durable, where the system has such a call.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Makes a folder that only its owner can enter, and those above it.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

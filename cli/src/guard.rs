//! The rollback guard of a development machine: one small file per wallet, in a folder apart from the wallets' own.
//!
//! A phone keeps the head of the journal in its key store. Here a file has to do: it finds out a wallet that was copied
//! or restored without it, and a person who restores both gets away with it.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use wallet_core::guard::{GuardUnavailable, Head, RollbackGuard, WalletId};

use crate::files;

/// Heads in `<wallet id>.json` in one folder.
#[derive(Clone, Debug)]
pub(crate) struct FileGuard {
    folder: PathBuf,
}

/// What such a file holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    wallet: String,
    number: u64,
    digest: String,
}

impl FileGuard {
    /// A guard over this folder, which must exist: a folder that is gone is not an empty one.
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn file(&self, wallet: &WalletId) -> PathBuf {
        self.folder
            .join(HEXLOWER.encode(&wallet.0))
            .with_extension("json")
    }

    fn load(&self, wallet: &WalletId) -> io::Result<Option<Head>> {
        let text = match fs::read(self.file(wallet)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.folder.is_dir() => return Ok(None),
            Err(error) => return Err(error),
        };
        let stored: Stored = serde_json::from_slice(&text)?;
        let head = Head {
            wallet: WalletId(bytes(&stored.wallet)?),
            number: stored.number,
            digest: bytes(&stored.digest)?,
        };
        if head.wallet == *wallet {
            Ok(Some(head))
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    /// Nobody else reads and writes between our reading and our writing.
    fn turn(&self, wallet: &WalletId) -> io::Result<fs::File> {
        let path = self.file(wallet).with_extension("lock");
        let lock = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        lock.lock()?;
        Ok(lock)
    }

    fn store(&self, head: &Head) -> io::Result<()> {
        let stored = Stored {
            wallet: HEXLOWER.encode(&head.wallet.0),
            number: head.number,
            digest: HEXLOWER.encode(&head.digest),
        };
        files::replace(&self.file(&head.wallet), &serde_json::to_vec(&stored)?)
    }
}

impl RollbackGuard for FileGuard {
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        self.load(wallet).map_err(|_| GuardUnavailable)
    }

    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable> {
        let _turn = self.turn(&head.wallet).map_err(|_| GuardUnavailable)?;
        let stored = self.read(&head.wallet)?;
        if stored.as_ref() == known {
            self.store(head).map_err(|_| GuardUnavailable)?;
        }
        self.read(&head.wallet)?.ok_or(GuardUnavailable)
    }
}

/// Where guards go unless told otherwise: the place for what programs remember on this machine.
pub(crate) fn default_folder() -> Option<PathBuf> {
    let folder = |variable| {
        let path = PathBuf::from(std::env::var_os(variable)?);
        path.is_absolute().then_some(path)
    };
    folder("XDG_STATE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".local/state")))
        .map(|state| state.join(Path::new("dcep/guard")))
}

fn bytes<const N: usize>(hex: &str) -> io::Result<[u8; N]> {
    HEXLOWER
        .decode(hex.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALLET: WalletId = WalletId([7; 16]);

    fn head(number: u64) -> Head {
        Head {
            wallet: WALLET,
            number,
            digest: [9; 32],
        }
    }

    #[test]
    fn the_last_head_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let guard = FileGuard::new(folder.path());
        assert_eq!(guard.read(&WALLET), Ok(None));
        assert_eq!(guard.advance(None, &head(1)), Ok(head(1)));
        assert_eq!(guard.advance(Some(&head(1)), &head(2)), Ok(head(2)));
        assert_eq!(
            guard.advance(Some(&head(1)), &head(3)),
            Ok(head(2)),
            "somebody else has gone on"
        );
        assert_eq!(guard.advance(None, &head(3)), Ok(head(2)));
        assert_eq!(FileGuard::new(folder.path()).read(&WALLET), Ok(Some(head(2))));
        assert_eq!(guard.read(&WalletId([8; 16])), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_not_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let guard = FileGuard::new(folder.path());
        for contents in ["", "{}", "{\"wallet\":\"07\",\"number\":1,\"digest\":\"09\"}"] {
            fs::write(guard.file(&WALLET), contents).unwrap();
            assert_eq!(guard.read(&WALLET), Err(GuardUnavailable), "{contents}");
        }
        let gone = FileGuard::new(folder.path().join("gone"));
        assert_eq!(gone.read(&WALLET), Err(GuardUnavailable));
        assert_eq!(gone.advance(None, &head(1)), Err(GuardUnavailable));
    }

    #[test]
    fn a_crash_while_writing_leaves_the_last_head() {
        let folder = tempfile::tempdir().unwrap();
        let guard = FileGuard::new(folder.path());
        guard.advance(None, &head(1)).unwrap();
        fs::write(guard.file(&WALLET).with_extension("new"), "{\"wal").unwrap();
        assert_eq!(guard.read(&WALLET), Ok(Some(head(1))));
        assert_eq!(guard.advance(Some(&head(1)), &head(2)), Ok(head(2)));
    }
}

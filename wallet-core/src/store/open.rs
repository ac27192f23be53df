//! Opening: own the file, know its version, find out whose it is.

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use super::{OpenError, Store, StoreError, genesis};
use crate::{
    guard::{Head, WalletId},
    seal::Sealer,
};

/// One file per step of the schema's history; the file's number is the version it leads to.
const MIGRATIONS: &[&str] = &[include_str!("0001_initial.sql")];

/// The right to the store, until this is dropped or the process ends, however it ends.
pub(super) struct OwnerLock(#[expect(dead_code, reason = "the lock lasts as long as the open file")] File);

/// A store that is owned and migrated, but not unlocked: its data key is still wrapped.
pub(crate) struct Unopened {
    path: PathBuf,
    db: Connection,
    owner: OwnerLock,
}

/// What a store file holds in clear.
pub(crate) struct Found {
    pub(crate) wallet: WalletId,
    pub(crate) wrapped_key: Vec<u8>,
}

impl Unopened {
    /// Takes ownership of the file at `path` (made if there is none) and brings its schema up to date.
    pub(crate) fn new(path: &Path) -> Result<Self, OpenError> {
        let path = &real_path(path)?;
        let owner = own(path)?;
        let connect = || -> Result<Connection, StoreError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let db = Connection::open_with_flags(path, flags)?;
            // On Apple's systems a plain fsync leaves data in the drive's cache: `fullfsync` does not.
            // `secure_delete` overwrites what is deleted; `trusted_schema` off runs no function a damaged schema names.
            db.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
                 PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;",
            )?;
            Ok(db)
        };
        let mut db = connect().map_err(|error| report(error, path))?;
        migrate(&mut db, path)?;
        Ok(Self {
            path: path.to_owned(),
            db,
            owner,
        })
    }

    /// Whose wallet this is; `None` if there is none in it yet.
    pub(crate) fn find(&self) -> Result<Option<Found>, OpenError> {
        let read = || {
            self.db
                .query_row("SELECT wallet_id, wrapped_key FROM wallet", [], |row| {
                    Ok(Found {
                        wallet: WalletId(row.get(0)?),
                        wrapped_key: row.get(1)?,
                    })
                })
                .optional()
        };
        read().map_err(|error| report(error.into(), &self.path))
    }

    /// A store without a wallet, ready for [`Store::found`].
    pub(crate) fn unborn(self, wallet: WalletId, data_key: &[u8; 32]) -> Store {
        self.into_store(genesis(wallet), data_key)
    }

    /// The store of the wallet found in it.
    pub(crate) fn unlock(self, wallet: WalletId, data_key: &[u8; 32]) -> Result<Store, OpenError> {
        let read = || {
            self.db.query_row(
                "SELECT number, digest FROM journal ORDER BY number DESC LIMIT 1",
                [],
                |row| {
                    let number: i64 = row.get(0)?;
                    Ok(Head {
                        wallet,
                        number: number.try_into().unwrap_or_default(),
                        digest: row.get(1)?,
                    })
                },
            )
        };
        // A journal without rows is damage too: a wallet begins with its first.
        let head = read().map_err(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => report(StoreError::Damaged, &self.path),
            other => report(other.into(), &self.path),
        })?;
        Ok(self.into_store(head, data_key))
    }

    fn into_store(self, head: Head, data_key: &[u8; 32]) -> Store {
        Store {
            db: self.db,
            sealer: Sealer::new(data_key),
            head,
            guarded: 0,
            _owner: self.owner,
        }
    }
}

/// A store error while opening the file at `path`: damage is set aside.
pub(crate) fn report(error: StoreError, path: &Path) -> OpenError {
    match error {
        StoreError::Damaged => OpenError::Damaged {
            copy: set_aside(path),
        },
        StoreError::Overtaken => OpenError::AlreadyOpen,
        StoreError::Full | StoreError::Unavailable => OpenError::Unavailable,
    }
}

/// The file itself, whatever links lead to it: it has one owner, and so one lock.
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

fn own(path: &Path) -> Result<OwnerLock, OpenError> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))
        .map_err(|_| OpenError::Unavailable)?;
    match lock.try_lock() {
        Ok(()) => Ok(OwnerLock(lock)),
        Err(TryLockError::WouldBlock) => Err(OpenError::AlreadyOpen),
        Err(TryLockError::Error(_)) => Err(OpenError::Unavailable),
    }
}

fn migrate(db: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found: u32 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| report(error.into(), path))?;
    if found > known {
        return Err(OpenError::TooNew { found, known });
    }
    for (version, step) in (1..=known).zip(MIGRATIONS).skip(found as usize) {
        let mut run = || -> Result<(), StoreError> {
            let transaction = db.transaction()?;
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", version)?;
            Ok(transaction.commit()?)
        };
        run().map_err(|error| report(error, path))?;
    }
    Ok(())
}

/// Copies the file and its write-ahead log to the first free name beside it, unless the very same file was copied before.
/// The original stays as it is.
fn set_aside(path: &Path) -> Option<PathBuf> {
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

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

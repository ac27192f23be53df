//! Opening: own the file, know its version, find out whose it is.

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row};

use super::{
    Location, OpenError, Store, StoreError, genesis,
    location::{OwnerLock, own, set_aside},
};
use crate::{
    guard::{Head, WalletId},
    lock::Envelope,
    seal::Sealer,
};

/// One file per step of the schema's history; the file's number is the version it leads to.
const MIGRATIONS: &[&str] = &[include_str!("0001_initial.sql")];

/// A store that is owned and migrated, but not unlocked: its data key is still wrapped.
pub(crate) struct Unopened {
    pub(super) location: Location,
    pub(super) db: Connection,
    pub(super) owner: OwnerLock,
}

/// What a store file holds in clear.
pub(crate) struct Found {
    pub(crate) wallet: WalletId,
    pub(crate) envelope: Envelope,
}

impl Unopened {
    /// Takes ownership of the file at `location` (made if there is none) and brings its schema up to date.
    pub(crate) fn new(location: &Location) -> Result<Self, OpenError> {
        let location = location.resolved()?;
        let owner = own(&location)?;
        let mut db = connect(&location).map_err(|error| report(error, &location))?;
        migrate(&mut db, &location)?;
        Ok(Self { location, db, owner })
    }

    /// Whose wallet this is; `None` if there is none in it yet.
    pub(crate) fn find(&self) -> Result<Option<Found>, OpenError> {
        let read = || {
            self.db
                .query_row("SELECT wrapped_key, pin, wallet_id FROM wallet", [], |row| {
                    Ok(Found {
                        wallet: WalletId(row.get(2)?),
                        envelope: envelope(row)?,
                    })
                })
                .optional()
        };
        read().map_err(|error| report(error.into(), &self.location))
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
            rusqlite::Error::QueryReturnedNoRows => report(StoreError::Damaged, &self.location),
            other => report(other.into(), &self.location),
        })?;
        Ok(self.into_store(head, data_key))
    }

    fn into_store(self, head: Head, data_key: &[u8; 32]) -> Store {
        Store {
            db: self.db,
            sealer: Sealer::new(data_key),
            head,
            guarded: 0,
            location: self.location,
            owner: self.owner,
        }
    }
}

/// Out of the columns `wrapped_key` and `pin`.
pub(super) fn envelope(row: &Row<'_>) -> rusqlite::Result<Envelope> {
    Ok(Envelope {
        wrapped: row.get(0)?,
        pin: row.get(1)?,
    })
}

fn connect(location: &Location) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = match location.vfs() {
        None => Connection::open_with_flags(location.path(), flags)?,
        Some(vfs) => {
            let db = Connection::open_with_flags_and_vfs(location.path(), flags, vfs)?;
            // A file system of the embedder's own has no shared memory: with one owner for good, none is needed.
            db.execute_batch("PRAGMA locking_mode = EXCLUSIVE;")?;
            db
        }
    };
    use_write_ahead_log(&db)?;
    // On Apple's systems a plain fsync leaves data in the drive's cache: `fullfsync` does not.
    // `secure_delete` overwrites what is deleted; `trusted_schema` off runs no function a damaged schema names.
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
         PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;",
    )?;
    Ok(db)
}

/// SQLite first answers that it has changed the mode, and then does. If that fails it stays in the old mode, in which a
/// power cut may undo a commit by bringing a deleted journal back: so it is listened to until it has nothing more to say.
fn use_write_ahead_log(db: &Connection) -> Result<(), StoreError> {
    let mut statement = db.prepare("PRAGMA journal_mode = WAL")?;
    let modes: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if modes == ["wal"] {
        Ok(())
    } else {
        Err(StoreError::Unavailable)
    }
}

/// A store error while opening the file at `location`: damage is set aside.
pub(crate) fn report(error: StoreError, location: &Location) -> OpenError {
    match error {
        StoreError::Damaged => OpenError::Damaged {
            copy: set_aside(location),
        },
        StoreError::Overtaken => OpenError::AlreadyOpen,
        StoreError::Full | StoreError::Unavailable => OpenError::Unavailable,
    }
}

fn migrate(db: &mut Connection, location: &Location) -> Result<(), OpenError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found: u32 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| report(error.into(), location))?;
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
        run().map_err(|error| report(error, location))?;
    }
    Ok(())
}

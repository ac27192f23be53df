//! One SQLite database: opened, brought up to date, and used one transaction at a time.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use protocol::{Code, Coded, DecodeError};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

/// Where the bank keeps its books.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Nowhere: they are gone when the bank is dropped. For tests and simulations.
    Memory,
    /// In `issuer.sqlite` and `operator.sqlite` in this folder. The files hold secret keys.
    Folder(PathBuf),
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("the books are open in another process")]
    InUse,
    /// A newer version of this software wrote it.
    #[error("the books are of version {found}, this software knows up to {known}")]
    TooNew {
        /// The version of the database.
        found: u32,
        /// The newest version this software knows.
        known: u32,
    },
    /// It holds something that this software never writes there.
    #[error("the books are damaged: {what}")]
    Damaged {
        /// What was found wrong.
        what: &'static str,
    },
    /// The folder cannot be made.
    #[error("the folder of the books cannot be made")]
    Folder(#[source] std::io::Error),
    /// SQLite reports trouble.
    #[error("the books cannot be read or written")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged {
                what: "not a sound database file",
            },
            _ => Self::Sqlite(error),
        }
    }
}

/// An object that was written in its canonical encoding no longer decodes.
impl From<DecodeError> for StoreError {
    fn from(_: DecodeError) -> Self {
        Self::Damaged {
            what: "a stored object does not decode",
        }
    }
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::InUse => Code::AlreadyOpen,
            Self::TooNew { .. } => Code::StoreTooNew,
            Self::Damaged { .. } => Code::StoreDamaged,
            Self::Folder(_) | Self::Sqlite(_) => Code::StoreUnavailable,
        }
    }
}

/// A database that is open. One connection behind a lock: SQLite has one writer anyway.
pub(crate) struct Store(Mutex<Connection>);

impl Store {
    /// Opens `file` in `place`, and applies those of the `migrations` that it has not seen.
    ///
    /// A database is locked for as long as it is open: money has one book-keeper.
    pub(crate) fn open(place: &Place, file: &str, migrations: &[&str]) -> Result<Self, StoreError> {
        let mut connection = match place {
            Place::Memory => Connection::open_in_memory()?,
            Place::Folder(folder) => {
                make_private_folder(folder).map_err(StoreError::Folder)?;
                Connection::open(folder.join(file))?
            }
        };
        connection.busy_timeout(Duration::ZERO)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;",
        )?;
        use_write_ahead_log(&connection)?;
        migrate(&mut connection, migrations)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Does `work` in one transaction: all of it is durable when this returns, or none of it has happened.
    pub(crate) fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic while the lock was held dropped its transaction, which rolled it back: the connection is sound.
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(result)
    }

    /// Does `work` on one consistent state of the database.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(&connection)
    }
}

/// The version of a database is the number of migrations it has seen.
fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for (version, migration) in (1_u32..).zip(migrations) {
        if version > found {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", version)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// SQLite first answers that it has changed the mode, and then does. If that fails it stays in the old mode, in which a
/// power cut may undo a commit by bringing a deleted journal back: so it is listened to until it has nothing more to say.
fn use_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
    let modes: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // A database in memory has no log.
    if modes == ["wal"] || modes == ["memory"] {
        Ok(())
    } else {
        Err(StoreError::Damaged {
            what: "the database takes no write-ahead log",
        })
    }
}

/// Makes the folder, readable by its owner only where the system knows such a thing.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

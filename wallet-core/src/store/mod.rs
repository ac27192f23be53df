//! The store: one SQLite file, one owner, every row sealed, every commit in a journal.
//!
//! - *Durable*: write-ahead log with `synchronous = FULL`; a commit returns after the disk has it.
//! - *Atomic*: a commit is a list of changes and one transaction.
//! - *Owned*: a lock file beside the database, or, on a file system of the embedder's own, an entry in this process; a
//!   second open gets [`OpenError::AlreadyOpen`].
//! - *Journalled*: commit `n` has the digest SHA-256(`dcep/1/journal` ‖ 0 ‖ wallet id ‖ digest of `n - 1` ‖ `n` ‖ rows
//!   written). The rollback guard holds a digest; the file is genuine if its journal passes through it.
//!
//! The file is money. What cannot be read is copied aside and reported, and never deleted or repaired.

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod location;
mod open;
mod rows;

pub use location::Location;
pub(crate) use open::{Unopened, report};
use rows::Row;

use protocol::code::{Code, Coded};
use rusqlite::{Connection, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

use crate::{
    guard::{GuardUnavailable, Head, WalletId},
    lock::Envelope,
    model::Change,
    platform::{ClockUnavailable, EntropyUnavailable},
    seal::{Place, Sealer},
    vault::VaultError,
};

/// Draws a fresh nonce. Prepared before the store is locked, so it cannot fail.
pub(crate) type Nonces<'a> = dyn FnMut() -> [u8; 24] + 'a;

/// An open store.
pub(crate) struct Store {
    db: Connection,
    sealer: Sealer,
    head: Head,
    /// The newest commit that the guard is known to hold: older journal rows are not needed.
    guarded: u64,
    location: Location,
    owner: location::OwnerLock,
}

/// The store cannot do what was asked of it; nothing has changed on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// No space left.
    #[error("the disk is full")]
    Full,
    /// A row, or the file, does not read as it was written.
    #[error("the store is damaged")]
    Damaged,
    /// Somebody else has written to the file since it was opened here.
    #[error("somebody else has written to the store")]
    Overtaken,
    /// Any other trouble with the file.
    #[error("the store cannot be read or written")]
    Unavailable,
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Damaged => Code::StoreDamaged,
            Self::Overtaken => Code::AlreadyOpen,
            Self::Full | Self::Unavailable => Code::StoreUnavailable,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full,
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged,
            _ => Self::Unavailable,
        }
    }
}

/// Why a store did not open. Nothing has changed on disk, but for the copy that `Damaged` names.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// Another instance owns it, in this process or another.
    #[error("the wallet is already open")]
    AlreadyOpen,
    /// There is no wallet in it.
    #[error("there is no wallet here")]
    NoWallet,
    /// The wallet has a PIN: [`crate::LockedWallet::open`] it.
    #[error("the wallet opens with its PIN")]
    PinRequired,
    /// The wallet has no PIN: [`crate::Wallet::open`] it.
    #[error("the wallet has no PIN")]
    NoPin,
    /// The files are older than the wallet's PIN, or than its last change: they would open with a PIN that is no more, or
    /// without one. The account's words restore the account, and the lost-phone path the money.
    #[error("the files are older than the wallet's PIN")]
    Superseded,
    /// There is a wallet in it already.
    #[error("there is a wallet here already")]
    WalletExists,
    /// A newer version wrote it.
    #[error("the store has schema {found}, this version knows {known}")]
    TooNew {
        /// The schema version in the file.
        found: u32,
        /// The newest schema this software knows.
        known: u32,
    },
    /// The vault cannot unwrap its data key.
    #[error("the store was sealed with another key")]
    WrongKey,
    /// It does not read as it was written. The original is untouched.
    #[error("the store is damaged; a copy was set aside")]
    Damaged {
        /// Where the copy is, if one could be made.
        copy: Option<PathBuf>,
    },
    /// Any other trouble with the file.
    #[error("the store cannot be read or written")]
    Unavailable,
    /// The vault did not unwrap the data key, or make one.
    #[error(transparent)]
    Vault(VaultError),
    /// The second place for the journal's head cannot be read or written.
    #[error(transparent)]
    Guard(#[from] GuardUnavailable),
    /// The platform has no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The device does not tell the time.
    #[error(transparent)]
    Clock(#[from] ClockUnavailable),
}

impl From<VaultError> for OpenError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::WrongKey => Self::WrongKey,
            other => Self::Vault(other),
        }
    }
}

impl Coded for OpenError {
    fn code(&self) -> Code {
        match self {
            Self::AlreadyOpen => Code::AlreadyOpen,
            Self::TooNew { .. } => Code::StoreTooNew,
            Self::WrongKey => Code::WrongKey,
            Self::Damaged { .. } => Code::StoreDamaged,
            Self::PinRequired => Code::WalletLocked,
            Self::NoPin => Code::NoPin,
            Self::Superseded => Code::Superseded,
            Self::Clock(_) => Code::ClockUnavailable,
            Self::NoWallet | Self::WalletExists | Self::Unavailable => Code::StoreUnavailable,
            Self::Vault(error) => error.code(),
            Self::Guard(error) => error.code(),
            Self::Entropy(_) => Code::EntropyUnavailable,
        }
    }
}

impl Store {
    /// The head of the journal.
    pub(crate) const fn head(&self) -> Head {
        self.head
    }

    /// Whether the journal passes through `head`.
    pub(crate) fn passes_through(&self, head: &Head) -> Result<bool, StoreError> {
        if head.wallet != self.head.wallet {
            return Ok(false);
        }
        let digest: Option<Vec<u8>> = self
            .db
            .prepare_cached("SELECT digest FROM journal WHERE number = ?1")?
            .query_map([i64::try_from(head.number).unwrap_or(i64::MAX)], |row| row.get(0))?
            .next()
            .transpose()?;
        Ok(digest.is_some_and(|digest| digest == head.digest))
    }

    /// Tells the store that the guard holds `head`, so that the journal before it can go with the next commit.
    pub(crate) const fn guarded(&mut self, head: &Head) {
        self.guarded = head.number;
    }

    /// Forgets all keys, and keeps the file.
    pub(crate) fn shut(self) -> Unopened {
        Unopened {
            location: self.location,
            db: self.db,
            owner: self.owner,
        }
    }

    /// Where it is.
    pub(crate) const fn location(&self) -> &Location {
        &self.location
    }

    /// The wrapped data key.
    pub(crate) fn envelope(&self) -> Result<Envelope, StoreError> {
        Ok(self
            .db
            .query_row("SELECT wrapped_key, pin FROM wallet", [], open::envelope)?)
    }

    /// Puts another envelope around the data key, durably.
    pub(crate) fn commit_envelope(
        &mut self,
        envelope: &Envelope,
        nonces: &mut Nonces<'_>,
    ) -> Result<(), StoreError> {
        let head = self.head;
        self.commit_with(&[], nonces, |db| {
            check_newest(db, &head)?;
            db.execute(
                "UPDATE wallet SET wrapped_key = ?1, pin = ?2",
                params![envelope.wrapped, envelope.pin],
            )?;
            Ok(())
        })
    }

    /// Writes all changes durably, or none.
    pub(crate) fn commit(&mut self, changes: &[Change], nonces: &mut Nonces<'_>) -> Result<(), StoreError> {
        let head = self.head;
        self.commit_with(changes, nonces, |db| check_newest(db, &head))
    }

    /// Writes the wallet's first row and first changes: before this, there is no wallet.
    pub(crate) fn found(
        &mut self,
        wrapped_key: &[u8],
        changes: &[Change],
        nonces: &mut Nonces<'_>,
    ) -> Result<(), StoreError> {
        let genesis = self.head;
        self.commit_with(changes, nonces, |db| {
            db.execute(
                "INSERT INTO wallet (only, wallet_id, wrapped_key) VALUES (1, ?1, ?2)",
                params![genesis.wallet.0.as_slice(), wrapped_key],
            )?;
            db.execute(
                "INSERT INTO journal (number, digest) VALUES (0, ?1)",
                [genesis.digest.as_slice()],
            )?;
            Ok(())
        })
    }

    fn commit_with(
        &mut self,
        changes: &[Change],
        nonces: &mut Nonces<'_>,
        first: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let number = self.head.number + 1;
        let version = i64::try_from(number).map_err(|_| StoreError::Unavailable)?;
        let mut digest = Sha256::new();
        digest.update(b"dcep/1/journal\0");
        digest.update(self.head.wallet.0);
        digest.update(self.head.digest);
        digest.update(number.to_be_bytes());

        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        first(&transaction)?;
        for Row { table, key, content } in changes.iter().flat_map(rows::rows) {
            let name = self.sealer.name(table.name(), &key);
            digest.update(table.name().as_bytes());
            digest.update(name);
            if let Some(content) = content {
                let place = Place {
                    table: table.name(),
                    name: &name,
                    version: number,
                };
                let sealed = self.sealer.seal(&place, nonces(), &content);
                digest.update((sealed.len() as u64).to_be_bytes());
                digest.update(&sealed);
                transaction
                    .prepare_cached(table.put())?
                    .execute(params![name, version, sealed])?;
            } else {
                digest.update(u64::MAX.to_be_bytes());
                transaction.prepare_cached(table.delete())?.execute([name])?;
            }
        }
        let digest: [u8; 32] = digest.finalize().into();
        transaction
            .prepare_cached("INSERT INTO journal (number, digest) VALUES (?1, ?2)")?
            .execute(params![version, digest])?;
        transaction
            .prepare_cached("DELETE FROM journal WHERE number < ?1")?
            .execute([i64::try_from(self.guarded).unwrap_or(i64::MAX)])?;
        transaction.commit()?;
        self.head = Head {
            number,
            digest,
            ..self.head
        };
        Ok(())
    }
}

/// The purse in memory stands for what this journal says. If the file has gone on without it, stop.
fn check_newest(db: &Connection, head: &Head) -> Result<(), StoreError> {
    let newest: (i64, [u8; 32]) = db
        .prepare_cached("SELECT number, digest FROM journal ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if u64::try_from(newest.0) == Ok(head.number) && newest.1 == head.digest {
        Ok(())
    } else {
        Err(StoreError::Overtaken)
    }
}

/// The head of a journal without commits.
pub(crate) fn genesis(wallet: WalletId) -> Head {
    let mut digest = Sha256::new();
    digest.update(b"dcep/1/journal\0");
    digest.update(wallet.0);
    Head {
        wallet,
        number: 0,
        digest: digest.finalize().into(),
    }
}

#[cfg(test)]
mod tests;

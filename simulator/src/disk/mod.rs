//! A disk in memory that forgets what was not synced, fails when it is told to, and is a file system of SQLite's.
//!
//! A file has two contents: what programs see, and what was synced. [`Disk::power_off`] takes away the difference, or
//! part of it, sector by sector. Every operation has a number, and [`Disk::plan`] makes one of them go wrong, so that a
//! test can go through all of them:
//!
//! ```
//! use rusqlite::{Connection, OpenFlags};
//! use simulator::disk::{Disk, Kept};
//!
//! let disk = Disk::new().unwrap();
//! let place = disk.location("notes.sqlite");
//! let open = || {
//!     let db = Connection::open_with_flags_and_vfs(place.path(), OpenFlags::default(), place.vfs().unwrap()).unwrap();
//!     db.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").unwrap();
//!     db
//! };
//! let db = open();
//! db.execute_batch("CREATE TABLE note (text); INSERT INTO note VALUES ('synced');").unwrap();
//! disk.power_off(Kept::Nothing);
//! drop(db);
//! disk.power_on();
//! let text: String = open().query_row("SELECT text FROM note", [], |row| row.get(0)).unwrap();
//! assert_eq!(text, "synced");
//! ```
//!
//! A disk is one phone's: it lets nobody open a database that is open already. Any number of disks live in one process,
//! and know nothing of each other.

mod content;
mod state;
mod trouble;
mod vfs;

pub use content::Kept;
pub use trouble::{Operation, Operations, Trouble};

use std::{collections::BTreeMap, sync::Arc};

use content::Content;
use state::Shared;
use trouble::Planned;
use vfs::Socket;
use wallet_core::Location;

/// A disk. Clones are the same disk.
#[derive(Clone)]
pub struct Disk(Arc<Socket>);

/// All files of a disk at one moment, synced or not. It costs next to nothing.
#[derive(Clone)]
pub struct Snapshot(BTreeMap<String, Content>);

/// There is no simulated disk: SQLite did not take it, or a phone keeps its wallet in a real file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no simulated disk")]
pub struct NoDisk;

impl core::fmt::Debug for Disk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Disk({})", self.0.name())
    }
}

impl core::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Disk {
    /// An empty disk, powered on.
    ///
    /// # Errors
    /// [`NoDisk`].
    pub fn new() -> Result<Self, NoDisk> {
        Socket::plug().map(|socket| Self(Arc::new(socket)))
    }

    /// Where a file of this name is, for a wallet.
    #[must_use]
    pub fn location(&self, name: &str) -> Location {
        Location::on_vfs(self.0.name(), self.0.path(name))
    }

    /// Makes one thing go wrong, after so many more operations. There is one plan at a time.
    pub fn plan(&self, trouble: Trouble, after: u64) {
        self.state().planned = Some(Planned { trouble, after });
    }

    /// Gives up the plan. `true` if it had not come to pass yet.
    pub fn forget_plan(&self) -> bool {
        self.state().planned.take().is_some()
    }

    /// How often what was done since the disk was made.
    #[must_use]
    pub fn operations(&self) -> Operations {
        self.state().operations
    }

    /// Cuts the power: what was not synced is lost, or not, and nothing works any more. Files that are open never work
    /// again.
    pub fn power_off(&self, kept: Kept) {
        self.state().power_off(kept);
    }

    /// Switches the power on again.
    pub fn power_on(&self) {
        self.state().powered = true;
    }

    /// Whether it is powered.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.state().powered
    }

    /// From here on the files can have this many bytes in all.
    pub fn limit_to(&self, bytes: usize) {
        self.state().capacity = bytes;
    }

    /// There is room for everything again.
    pub fn make_room(&self) {
        self.limit_to(usize::MAX);
    }

    /// How many bytes all files have.
    #[must_use]
    pub fn used(&self) -> usize {
        self.state().used()
    }

    /// All files.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.state().files.clone())
    }

    /// Puts all files back to what they were. Files that are open never work again.
    pub fn restore(&self, snapshot: &Snapshot) {
        let mut state = self.state();
        state.expel();
        state.files.clone_from(&snapshot.0);
    }

    /// Deletes all files. Files that are open never work again.
    pub fn format(&self) {
        self.restore(&Snapshot(BTreeMap::new()));
    }

    /// What is in a file now, if there is one.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.state().files.get(name)?.bytes().map(<[u8]>::to_vec)
    }

    /// Puts a file on the disk, synced, in the place of what had its name.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.state()
            .files
            .insert(name.to_owned(), Content::durable(bytes));
    }

    fn state(&self) -> Shared<'_> {
        self.0.state()
    }
}

#[cfg(test)]
mod tests;

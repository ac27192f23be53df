//! What can go wrong with a disk, and when.

use super::content::Kept;

/// What is done to a disk. Every call of one of these is one operation, and has a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// A file is opened; it may be made.
    Open,
    /// Bytes are read.
    Read,
    /// Bytes are written.
    Write,
    /// A file is made shorter or longer.
    Resize,
    /// What was done to a file is made durable.
    Sync,
    /// A file is deleted.
    Delete,
    /// Whether a file is there, and how long it is.
    Look,
}

impl Operation {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Read,
        Self::Write,
        Self::Resize,
        Self::Sync,
        Self::Delete,
        Self::Look,
    ];
}

/// How often what was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Operations([u64; Operation::ALL.len()]);

impl Operations {
    /// How many of one kind.
    #[must_use]
    pub fn of(&self, kind: Operation) -> u64 {
        self.0.get(kind as usize).copied().unwrap_or_default()
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(super) fn count(&mut self, kind: Operation) {
        if let Some(count) = self.0.get_mut(kind as usize) {
            *count += 1;
        }
    }
}

/// One thing that goes wrong with a disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// One operation fails, and has done nothing.
    FailsBefore,
    /// One operation reports a failure, but has done all it was asked to.
    FailsAfter,
    /// From this operation on nothing can grow, until [`Disk::make_room`](super::Disk::make_room).
    Full,
    /// Before this operation the power goes; nothing works until [`Disk::power_on`](super::Disk::power_on).
    PowerCut(Kept),
}

/// A trouble, and how many operations come before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) trouble: Trouble,
    pub(super) after: u64,
}

//! All of one disk, and how an operation comes to pass on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::MutexGuard,
};

use super::{
    content::{Content, Kept, Survival},
    trouble::{Operation, Operations, Planned, Trouble},
};

pub(super) type Shared<'a> = MutexGuard<'a, State>;

/// One disk.
#[derive(Default)]
pub(super) struct State {
    /// Its number in this process; 0 is no disk.
    pub(super) serial: u64,
    pub(super) files: BTreeMap<String, Content>,
    pub(super) powered: bool,
    pub(super) capacity: usize,
    pub(super) planned: Option<Planned>,
    pub(super) operations: Operations,
    /// Goes up whenever all that is open is cut off.
    pub(super) era: u64,
    /// Databases that are open in this era.
    pub(super) in_use: BTreeSet<String>,
    /// How many temporary files there were.
    pub(super) temporary: u64,
}

impl State {
    /// An empty disk, powered on.
    pub(super) fn new(serial: u64) -> Self {
        Self {
            serial,
            powered: true,
            capacity: usize::MAX,
            ..Self::default()
        }
    }

    pub(super) fn used(&self) -> usize {
        self.files.values().map(Content::len).sum()
    }

    /// What is open now never works again.
    pub(super) fn expel(&mut self) {
        self.era += 1;
        self.in_use.clear();
    }

    pub(super) fn power_off(&mut self, kept: Kept) {
        self.expel();
        self.powered = false;
        let mut survival = Survival::new(kept);
        self.files.values_mut().for_each(|file| file.lose(&mut survival));
    }

    /// One operation: counted, and whatever is planned for it happens.
    pub(super) fn operate<T>(
        &mut self,
        kind: Operation,
        effect: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> io::Result<T> {
        if !self.powered {
            return Err(failed());
        }
        self.operations.count(kind);
        let trouble = match &mut self.planned {
            Some(Planned { trouble, after: 0 }) => Some(*trouble),
            Some(Planned { after, .. }) => {
                *after -= 1;
                None
            }
            None => None,
        };
        if trouble.is_some() {
            self.planned = None;
        }
        match trouble {
            None => effect(self),
            Some(Trouble::FailsBefore) => Err(failed()),
            Some(Trouble::FailsAfter) => effect(self).and_then(|_| Err(failed())),
            Some(Trouble::Full) => {
                self.capacity = self.used();
                effect(self)
            }
            Some(Trouble::PowerCut(kept)) => {
                self.power_off(kept);
                Err(failed())
            }
        }
    }

    /// Syncs a file. The first sync of a new file syncs the folder too, as SQLite's own file systems do: without that, a
    /// journal that was deleted long ago could come back and undo all that was written since.
    pub(super) fn sync(&mut self, name: &str) -> io::Result<()> {
        let file = self.files.get_mut(name).filter(|file| file.bytes().is_some());
        let file = file.ok_or(io::ErrorKind::NotFound)?;
        let new = file.is_new();
        file.sync();
        if new {
            self.files.values_mut().for_each(Content::sync_name);
        }
        Ok(())
    }

    /// Changes a file that is there, after which it is as long as it is, or so long: if the disk has room.
    pub(super) fn change(
        &mut self,
        name: &str,
        len: usize,
        change: impl FnOnce(&mut Content),
    ) -> io::Result<()> {
        let used = self.used();
        let file = self.files.get_mut(name).filter(|file| file.bytes().is_some());
        let file = file.ok_or(io::ErrorKind::NotFound)?;
        let growth = len.saturating_sub(file.len());
        if growth > 0 && used.saturating_add(growth) > self.capacity {
            return Err(io::ErrorKind::WriteZero.into());
        }
        change(file);
        Ok(())
    }
}

/// What a broken drive says.
pub(super) fn failed() -> io::Error {
    io::Error::other("the simulated disk failed")
}

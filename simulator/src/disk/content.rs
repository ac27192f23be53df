//! One file: what is in it now, and what a power cut would leave of it.

use std::sync::Arc;

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

/// What a drive writes whole or not at all.
const SECTOR: usize = 512;

/// What a power cut leaves of that which was not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// Nothing of it.
    Nothing,
    /// All of it: the kindest drive, and also what a killed app leaves behind.
    Everything,
    /// Some of it, as this seed decides sector by sector, in whatever order the drive liked: later writes may have
    /// arrived without earlier ones, and single writes in part.
    Some(u64),
}

/// Decides what arrived.
pub(super) struct Survival {
    kept: Kept,
    random: ChaCha20Rng,
    /// Out of 256, how likely it is that something arrived.
    odds: u32,
}

impl Survival {
    pub(super) fn new(kept: Kept) -> Self {
        let seed = match kept {
            Kept::Some(seed) => seed,
            Kept::Nothing | Kept::Everything => 0,
        };
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let odds = 32 + random.next_u32() % 192;
        Self { kept, random, odds }
    }

    fn arrived(&mut self) -> bool {
        match self.kept {
            Kept::Nothing => false,
            Kept::Everything => true,
            Kept::Some(_) => self.random.next_u32() % 256 < self.odds,
        }
    }
}

/// Bytes that are copied only when they are changed, so that a snapshot costs nothing.
type Bytes = Arc<Vec<u8>>;

/// Something that was done to a file and not synced yet.
#[derive(Clone)]
enum Change {
    Created,
    Written { offset: usize, bytes: Arc<[u8]> },
    Resized(usize),
    Deleted,
}

/// What is known under one name.
#[derive(Clone, Default)]
pub(super) struct Content {
    /// What programs see.
    now: Option<Bytes>,
    /// What was synced.
    durable: Option<Bytes>,
    /// What leads from the one to the other, in order.
    unsynced: Vec<Change>,
}

impl Content {
    /// A file that is on the disk, synced.
    pub(super) fn durable(bytes: Vec<u8>) -> Self {
        let bytes = Arc::new(bytes);
        Self {
            now: Some(Arc::clone(&bytes)),
            durable: Some(bytes),
            unsynced: Vec::new(),
        }
    }

    /// The bytes, if there is a file.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.now.as_ref().map(|bytes| bytes.as_slice())
    }

    pub(super) fn len(&self) -> usize {
        self.bytes().map_or(0, <[u8]>::len)
    }

    pub(super) fn create(&mut self) {
        self.change(Change::Created);
    }

    pub(super) fn delete(&mut self) {
        self.change(Change::Deleted);
    }

    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        self.change(Change::Written {
            offset,
            bytes: bytes.into(),
        });
    }

    pub(super) fn resize(&mut self, len: usize) {
        self.change(Change::Resized(len));
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.unsynced.push(change);
    }

    /// From here on a power cut takes nothing of what is there now.
    pub(super) fn sync(&mut self) {
        // The old bytes are let go of first: then what follows changes them in place, and copies nothing.
        let mut durable = self.durable.take();
        for change in self.unsynced.drain(..) {
            apply(&mut durable, &change);
        }
        self.durable = durable;
    }

    /// Whether a power cut could take the file itself.
    pub(super) fn is_new(&self) -> bool {
        self.unsynced
            .iter()
            .any(|change| matches!(change, Change::Created))
    }

    /// From here on a power cut does not bring back what was deleted, nor take away that the file is there. What is in
    /// it is another matter.
    pub(super) fn sync_name(&mut self) {
        let naming = |change: &Change| matches!(change, Change::Created | Change::Deleted);
        let Some(last) = self.unsynced.iter().rposition(naming) else {
            return;
        };
        self.durable = None;
        // What was written before went into a file that is gone.
        for change in self.unsynced.drain(..=last) {
            if naming(&change) {
                apply(&mut self.durable, &change);
            }
        }
    }

    /// The power goes: what was not synced is there, or is not.
    pub(super) fn lose(&mut self, survival: &mut Survival) {
        // Writes reach the file that was meant, or none: not one of the same name that came before or after.
        let mut meant = true;
        for change in self.unsynced.drain(..) {
            match &change {
                Change::Created | Change::Deleted => {
                    meant = survival.arrived();
                    if meant {
                        apply(&mut self.durable, &change);
                    }
                }
                Change::Resized(_) => {
                    if survival.arrived() && meant {
                        apply(&mut self.durable, &change);
                    }
                }
                Change::Written { offset, bytes } => {
                    for (offset, sector) in sectors(*offset, bytes) {
                        if survival.arrived() && meant {
                            write(&mut self.durable, offset, sector);
                        }
                    }
                }
            }
        }
        self.now.clone_from(&self.durable);
    }
}

fn apply(file: &mut Option<Bytes>, change: &Change) {
    match change {
        Change::Created => *file = Some(Bytes::default()),
        Change::Deleted => *file = None,
        Change::Resized(len) => {
            if let Some(file) = file {
                Arc::make_mut(file).resize(*len, 0);
            }
        }
        Change::Written { offset, bytes } => write(file, *offset, bytes),
    }
}

fn write(file: &mut Option<Bytes>, offset: usize, bytes: &[u8]) {
    let Some(file) = file else { return };
    let file = Arc::make_mut(file);
    let end = offset.saturating_add(bytes.len());
    if file.len() < end {
        file.resize(end, 0);
    }
    if let Some(place) = file.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

/// A write, cut where the sectors of the file end.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let (first, rest) = bytes.split_at(bytes.len().min(SECTOR - offset % SECTOR));
    let start = offset + first.len();
    let others = rest.chunks(SECTOR).enumerate();
    core::iter::once((offset, first)).chain(others.map(move |(n, sector)| (start + n * SECTOR, sector)))
}

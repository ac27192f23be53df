//! How every call runs: through the gate, with a moment of its own, in steps under a short lock.

use protocol::{SigningKey, Timestamp, VerifyingKey};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

use super::Platform;
use crate::{
    account::account_key,
    error::Fault,
    event::EventId,
    gate::{Gate, Pass},
    guard::Head,
    model::{Change, Outgoing, SecretName},
    purse::Purse,
    store::{Store, StoreError, Unopened},
};

/// What all clones of a wallet, and its sessions, share.
pub(crate) struct Inner {
    pub(super) platform: Platform,
    gate: Gate,
    /// Held only while our own code runs.
    life: Mutex<Life>,
}

/// Whether there is anything to be asked.
pub(super) enum Life {
    Open(Box<Core>),
    /// The file is owned, and everything that could read it is forgotten.
    Locked(Unopened),
    Closed,
}

impl Life {
    fn core(&mut self) -> Result<&mut Core, Fault> {
        match self {
            Self::Open(core) => Ok(core),
            Self::Locked(_) => Err(Fault::Locked),
            Self::Closed => Err(Fault::Closed),
        }
    }
}

/// The store and the purse that follows it.
pub(crate) struct Core {
    pub(crate) store: Store,
    pub(crate) purse: Purse,
    /// What the guard holds.
    guarded: Head,
    /// A commit that signed value away is not in the guard yet: until it is, nothing leaves.
    pub(super) guard_is_behind: bool,
    /// The time floor was raised and is not on the disk yet.
    floor_is_new: bool,
}

impl Core {
    /// `guarded` is what the guard holds.
    pub(super) const fn new(store: Store, purse: Purse, guarded: Head) -> Self {
        Self {
            store,
            purse,
            guarded,
            guard_is_behind: false,
            floor_is_new: false,
        }
    }

    /// Writes all changes, then follows them in memory. Events get their ids here.
    pub(crate) fn commit(&mut self, mut changes: Vec<Change>, moment: &mut Moment) -> Result<(), StoreError> {
        let events = changes.iter_mut().filter_map(|change| match change {
            Change::Event(event) => Some(event),
            _ => None,
        });
        for (event, number) in events.zip(0..) {
            event.id = EventId::new(self.next_commit(), number);
        }
        // The time floor rides on whatever is written anyway.
        let floor = self.purse.profile.time_floor;
        let written = changes.iter_mut().find_map(|change| match change {
            Change::Profile(profile) => Some(profile),
            _ => None,
        });
        match written {
            Some(profile) => profile.time_floor = profile.time_floor.max(floor),
            None if self.floor_is_new => changes.push(Change::Profile(self.purse.profile.clone())),
            None => {}
        }
        self.store.commit(&changes, &mut || moment.draw())?;
        self.floor_is_new = false;
        changes.iter().for_each(|change| self.purse.apply(change));
        Ok(())
    }

    /// The number of the commit that comes next.
    pub(crate) const fn next_commit(&self) -> u64 {
        self.store.head().number.saturating_add(1)
    }

    /// Whether the guard knows of the commit that stored this transfer: until then, no byte of it has left.
    pub(super) fn guard_knows(&self, outgoing: &Outgoing) -> bool {
        !self.guard_is_behind || outgoing.commit <= self.guarded.number
    }

    /// A time that the bank has signed: the wallet's time never lies before it again. The device's own clock raises no
    /// floor, so that one wrong setting does not last for ever.
    pub(super) fn raise_time_floor(&mut self, signed: Timestamp) {
        if signed > self.purse.profile.time_floor {
            self.purse.profile.time_floor = signed;
            self.floor_is_new = true;
        }
    }

    /// The account, by its key.
    pub(crate) const fn account(&self) -> VerifyingKey {
        self.purse.profile.account
    }

    /// The account's signing key, out of its row: to be used and dropped.
    pub(crate) fn account_key(&self) -> Result<SigningKey, StoreError> {
        Ok(account_key(self.store.secret(&SecretName::Account)?.expose()))
    }
}

/// One call's time and randomness, fetched before any lock is taken.
pub(crate) struct Moment {
    /// The wallet's time: never before what the bank has signed.
    pub(crate) now: Timestamp,
    /// What the device says.
    pub(super) device: Timestamp,
    random: ChaCha20Rng,
}

impl Moment {
    pub(crate) fn new(now: Timestamp, seed: &Zeroizing<[u8; 32]>) -> Self {
        Self {
            now,
            device: now,
            random: ChaCha20Rng::from_seed(**seed),
        }
    }

    /// Fresh random bytes.
    pub(crate) fn draw<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fresh random bytes, put where they are to be.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.random.fill_bytes(bytes);
    }
}

/// A call that has passed the gate.
pub(crate) struct Operation<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) moment: Moment,
    pass: Pass<'a>,
}

impl Inner {
    pub(super) fn new(platform: Platform, life: Life) -> Self {
        Self {
            platform,
            gate: Gate::default(),
            life: Mutex::new(life),
        }
    }

    /// Begins a call on an open wallet.
    pub(crate) fn operation(&self) -> Result<Operation<'_>, Fault> {
        let mut operation = self.enter()?;
        let floor = operation.with(|core, _| Ok::<_, Fault>(core.purse.profile.time_floor))?;
        operation.moment.now = operation.moment.now.max(floor);
        Ok(operation)
    }

    /// Begins a call on a wallet that may be locked: its time is the device's.
    pub(super) fn enter(&self) -> Result<Operation<'_>, Fault> {
        let mut seed = Zeroizing::new([0; 32]);
        let now = self.visit(|platform| -> Result<_, Fault> {
            platform.entropy.fill(seed.as_mut_slice())?;
            Ok(platform.clock.now()?)
        })??;
        let pass = self.gate.enter()?;
        Ok(Operation {
            inner: self,
            moment: Moment::new(now, &seed),
            pass,
        })
    }

    /// Calls the platform, or the bank, while other calls go on.
    pub(crate) fn visit<T>(&self, call: impl FnOnce(&Platform) -> T) -> Result<T, Fault> {
        Ok(self.gate.visit(|| call(&self.platform))?)
    }

    pub(super) fn close(&self) -> Result<(), Fault> {
        let _pass = self.gate.enter()?;
        *self.life() = Life::Closed;
        Ok(())
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        // A panic inside may have left store and purse at odds; whoever finds the lock poisoned finds the wallet
        // closed, and opening it again reads the truth from the disk.
        self.life.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            let mut life = poisoned.into_inner();
            *life = Life::Closed;
            life
        })
    }
}

impl Operation<'_> {
    /// A step in our own code: under the lock, without the platform.
    pub(crate) fn with<T, E: From<Fault>>(
        &mut self,
        step: impl FnOnce(&mut Core, &mut Moment) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut life = self.inner.life();
        step(life.core()?, &mut self.moment)
    }

    /// A step from one life to another. What `step` was given and does not give back is closed.
    pub(super) fn live<T>(&mut self, step: impl FnOnce(Life) -> (Life, T)) -> T {
        let mut life = self.inner.life();
        let (next, result) = step(mem::replace(&mut *life, Life::Closed));
        *life = next;
        result
    }

    /// A step in the platform's code: without the lock.
    pub(crate) fn outside<T>(&self, call: impl FnOnce(&Platform) -> T) -> T {
        self.pass.outside(|| call(&self.inner.platform))
    }

    /// Brings the rollback guard up to the journal's head although nothing was signed away, so that a copy made before now
    /// is known as one. For moments when nobody waits: the guard may be slow. If it cannot be written, the next time will do.
    pub(crate) fn settle_guard(&mut self) -> Result<(), Fault> {
        self.with(|core, _| {
            core.guard_is_behind |= core.guarded != core.store.head();
            Ok::<_, Fault>(())
        })?;
        match self.advance_guard() {
            Err(Fault::Guard(_)) => Ok(()),
            done => done,
        }
    }

    /// Brings the rollback guard up to the journal's head, unless it is there already. Before this has succeeded,
    /// nothing that was signed may leave.
    pub(crate) fn advance_guard(&mut self) -> Result<(), Fault> {
        let behind = self.with(|core, _| {
            Ok::<_, Fault>(core.guard_is_behind.then(|| (core.guarded, core.store.head())))
        })?;
        let Some((known, head)) = behind else {
            return Ok(());
        };
        let mut stored = self.outside(|platform| platform.guard.advance(Some(&known), &head))?;
        // A write that failed, as far as this wallet was told, may have taken effect all the same.
        if stored != head && self.with(|core, _| core.store.passes_through(&stored).map_err(Fault::from))? {
            stored = self.outside(|platform| platform.guard.advance(Some(&stored), &head))?;
        }
        if stored != head {
            // Another copy of this wallet has moved the guard on. Opening this one again will find it rolled back.
            *self.inner.life() = Life::Closed;
            return Err(Fault::RolledBack);
        }
        self.with(|core, _| {
            core.guarded = head;
            core.guard_is_behind = false;
            core.store.guarded(&head);
            Ok(())
        })
    }
}

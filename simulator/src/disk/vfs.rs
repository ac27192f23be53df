//! How SQLite gets at a disk.
//!
//! A file system that SQLite knows cannot be taken back, so there are sockets: each is registered once, and holds one
//! disk at a time. A disk has a socket to itself and serves one wallet, which makes one call at a time: the library
//! between SQLite and us counts on that.

use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenKind, OpenOptions, Vfs, WalDisabled};
use std::{
    io::{self, ErrorKind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    NoDisk,
    content::Content,
    state::{Shared, State, failed},
    trouble::Operation,
};

/// Sockets without a disk.
static VACANT: Mutex<Vec<Port>> = Mutex::new(Vec::new());
static PORTS: AtomicU64 = AtomicU64::new(0);
static SERIALS: AtomicU64 = AtomicU64::new(1);

/// A file system that SQLite knows, and the disk that is in it.
#[derive(Clone)]
struct Port {
    name: String,
    state: Arc<Mutex<State>>,
}

impl Port {
    fn register() -> Result<Self, NoDisk> {
        let port = Self {
            name: format!("dcep-disk-{}", PORTS.fetch_add(1, Ordering::Relaxed)),
            state: Arc::new(Mutex::new(State::default())),
        };
        sqlite_vfs::register(&port.name, port.clone(), false).map_err(|_| NoDisk)?;
        Ok(port)
    }

    fn state(&self) -> Shared<'_> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disk, and what the file is called on it, if the path is one of the disk that is in here now.
    fn find<'a>(&self, path: &'a str) -> io::Result<(Shared<'_>, &'a str)> {
        let state = self.state();
        let (serial, name) = path.split_once('/').ok_or(ErrorKind::NotFound)?;
        if serial.parse() == Ok(state.serial) {
            Ok((state, name))
        } else {
            Err(ErrorKind::NotFound.into())
        }
    }
}

/// A port with a disk in it, for as long as this lives.
pub(super) struct Socket {
    serial: u64,
    port: Port,
}

impl Socket {
    pub(super) fn plug() -> Result<Self, NoDisk> {
        let vacant = VACANT.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let port = vacant.map_or_else(Port::register, Ok)?;
        let serial = SERIALS.fetch_add(1, Ordering::Relaxed);
        *port.state() = State::new(serial);
        Ok(Self { serial, port })
    }

    pub(super) fn name(&self) -> &str {
        &self.port.name
    }

    /// No two disks of a process have a path in common, so nothing that was meant for one reaches another.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.serial)
    }

    pub(super) fn state(&self) -> Shared<'_> {
        self.port.state()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        *self.port.state() = State::default();
        VACANT
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.port.clone());
    }
}

/// An open file.
pub(super) struct Handle {
    port: Port,
    serial: u64,
    era: u64,
    name: String,
    kind: OpenKind,
    lock: LockKind,
}

impl Handle {
    fn operate<T>(
        &self,
        kind: Operation,
        effect: impl FnOnce(&mut State, &str) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.port.state();
        if (state.serial, state.era) != (self.serial, self.era) {
            return Err(failed());
        }
        state.operate(kind, |state| effect(state, &self.name))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.port.state();
        if self.kind == OpenKind::MainDb && (state.serial, state.era) == (self.serial, self.era) {
            state.in_use.remove(&self.name);
        }
    }
}

impl Vfs for Port {
    type Handle = Handle;

    fn open(&self, path: &str, options: OpenOptions) -> io::Result<Handle> {
        let (mut state, name) = self.find(path)?;
        let database = options.kind == OpenKind::MainDb;
        if database && state.in_use.contains(name) {
            return Err(ErrorKind::ResourceBusy.into());
        }
        state.operate(Operation::Open, |state| {
            let file = state.files.entry(name.to_owned()).or_default();
            match (file.bytes(), options.access) {
                (None, OpenAccess::Create | OpenAccess::CreateNew) => file.create(),
                (None, _) => return Err(ErrorKind::NotFound.into()),
                (Some(_), OpenAccess::CreateNew) => return Err(ErrorKind::AlreadyExists.into()),
                (Some(_), _) => {}
            }
            Ok(())
        })?;
        if database {
            state.in_use.insert(name.to_owned());
        }
        Ok(Handle {
            port: self.clone(),
            serial: state.serial,
            era: state.era,
            name: name.to_owned(),
            kind: options.kind,
            lock: LockKind::None,
        })
    }

    fn delete(&self, path: &str) -> io::Result<()> {
        let (mut state, name) = self.find(path)?;
        state.operate(Operation::Delete, |state| state.change(name, 0, Content::delete))
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        let (mut state, name) = self.find(path)?;
        state.operate(Operation::Look, |state| {
            Ok(state.files.get(name).is_some_and(|file| file.bytes().is_some()))
        })
    }

    fn temporary_name(&self) -> String {
        let mut state = self.state();
        state.temporary += 1;
        format!("{}/temporary-{}", state.serial, state.temporary)
    }

    /// SQLite asks its usual file system for randomness, not this one.
    fn random(&self, buffer: &mut [i8]) {
        buffer.fill(0);
    }

    /// Nobody waits for a simulated disk.
    fn sleep(&self, duration: Duration) -> Duration {
        duration
    }
}

impl DatabaseHandle for Handle {
    type WalIndex = WalDisabled;

    fn size(&self) -> io::Result<u64> {
        self.operate(Operation::Look, |state, name| {
            let len = state.files.get(name).map_or(0, Content::len);
            Ok(len as u64)
        })
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.operate(Operation::Read, |state, name| {
            let bytes = state.files.get(name).and_then(|file| file.bytes());
            let bytes = bytes.ok_or(ErrorKind::NotFound)?;
            let there = bytes.get(position(offset)?..).unwrap_or_default();
            let len = there.len().min(buffer.len());
            let (found, missing) = buffer.split_at_mut(len);
            found.copy_from_slice(there.get(..len).unwrap_or_default());
            missing.fill(0);
            if missing.is_empty() {
                Ok(())
            } else {
                Err(ErrorKind::UnexpectedEof.into())
            }
        })
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.operate(Operation::Write, |state, name| {
            let offset = position(offset)?;
            let end = offset.saturating_add(bytes.len());
            state.change(name, end, |file| file.write(offset, bytes))
        })
    }

    fn sync(&mut self, _data_only: bool) -> io::Result<()> {
        self.operate(Operation::Sync, |state, name| state.sync(name))
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.operate(Operation::Resize, |state, name| {
            let len = position(len)?;
            state.change(name, len, |file| file.resize(len))
        })
    }

    fn lock(&mut self, lock: LockKind) -> io::Result<bool> {
        // A database is open once, so there is nobody to lock out.
        self.lock = lock;
        Ok(true)
    }

    fn reserved(&mut self) -> io::Result<bool> {
        Ok(self.lock >= LockKind::Reserved)
    }

    fn current_lock(&self) -> io::Result<LockKind> {
        Ok(self.lock)
    }

    fn wal_index(&self, _readonly: bool) -> io::Result<WalDisabled> {
        Ok(WalDisabled)
    }
}

fn position(offset: u64) -> io::Result<usize> {
    offset.try_into().map_err(|_| ErrorKind::FileTooLarge.into())
}

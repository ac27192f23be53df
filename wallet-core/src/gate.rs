//! One call at a time, and never a deadlock.
//!
//! A wallet serialises its calls. While it waits for the platform (a vault that shows a prompt, a
//! clock, the bank) it holds no lock, only the gate; and whoever knocks then is told so at once,
//! because the callback may itself be waiting for the one who knocks.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// Serialises the calls of one wallet.
#[derive(Default)]
pub(crate) struct Gate {
    inside: Mutex<Option<Inside>>,
    left: Condvar,
}

struct Inside {
    thread: ThreadId,
    in_callback: bool,
}

/// Why a call was turned away at the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turned {
    /// The caller is a callback of the very call that is going on.
    Reentrant,
    /// Another call is waiting for the platform.
    Busy,
}

impl Gate {
    /// Enters, after whoever is inside and not waiting for the platform has left.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, Turned> {
        let mut inside = self.lock();
        loop {
            match &*inside {
                None => break,
                Some(other) if other.thread == thread::current().id() => return Err(Turned::Reentrant),
                Some(other) if other.in_callback => return Err(Turned::Busy),
                Some(_) => inside = self.left.wait(inside).unwrap_or_else(PoisonError::into_inner),
            }
        }
        *inside = Some(Inside {
            thread: thread::current().id(),
            in_callback: false,
        });
        Ok(Pass(self))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Inside>> {
        // The guarded value is replaced whole, so a panic elsewhere leaves it sound.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to act on the wallet. Given back when dropped, also by a panic.
pub(crate) struct Pass<'a>(&'a Gate);

impl Pass<'_> {
    /// Calls the platform. The caller must hold no lock and no transaction.
    pub(crate) fn outside<T>(&self, callback: impl FnOnce() -> T) -> T {
        struct Back<'a>(&'a Gate);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                if let Some(inside) = &mut *self.0.lock() {
                    inside.in_callback = false;
                }
            }
        }
        if let Some(inside) = &mut *self.0.lock() {
            inside.in_callback = true;
        }
        // Those who queued while we were working must not wait for the platform.
        self.0.left.notify_all();
        let _back = Back(self.0);
        callback()
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_turned_away_and_so_is_everybody_meanwhile() {
        let gate = Gate::default();
        let pass = gate.enter().unwrap();
        pass.outside(|| {
            assert_eq!(gate.enter().err(), Some(Turned::Reentrant));
            thread::scope(|s| {
                s.spawn(|| assert_eq!(gate.enter().err(), Some(Turned::Busy)));
            });
        });
        drop(pass);
        assert!(gate.enter().is_ok());
    }

    #[test]
    fn a_panicking_callback_leaves_the_gate_open() {
        let gate = Gate::default();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            gate.enter().unwrap().outside(|| panic!("the platform fell over"));
        }));
        assert!(caught.is_err());
        assert!(gate.enter().is_ok());
    }

    #[test]
    fn calls_take_turns() {
        let (gate, counter) = (Gate::default(), Mutex::new(0_u64));
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..1_000 {
                        let _pass = gate.enter().unwrap();
                        let before = *counter.lock().unwrap();
                        thread::yield_now();
                        *counter.lock().unwrap() = before + 1;
                    }
                });
            }
        });
        assert_eq!(*counter.lock().unwrap(), 4_000);
    }
}

//! One call at a time, and never a deadlock.
//!
//! A wallet serialises its calls. While a call waits for the platform with the gate closed behind it (a vault that
//! shows a prompt), it holds no lock, and whoever knocks is told so at once, because the callback may itself be waiting
//! for the one who knocks. What can be asked of the platform before entering, or after leaving (the time, randomness, the
//! bank), is asked outside the gate, where nobody has to wait for it.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// Serialises the calls of one wallet.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    inside: Option<Inside>,
    /// Threads that are in the platform's code on behalf of a call, and not inside.
    visiting: Vec<ThreadId>,
}

struct Inside {
    thread: ThreadId,
    in_callback: bool,
}

/// Why a call was turned away at the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turned {
    /// The caller is a callback of a call that is going on.
    Reentrant,
    /// Another call is waiting for the platform.
    Busy,
}

impl Gate {
    /// Enters, after whoever is inside and not waiting for the platform has left.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, Turned> {
        let here = thread::current().id();
        let mut state = self.lock();
        loop {
            if state.visiting.contains(&here) {
                return Err(Turned::Reentrant);
            }
            match &state.inside {
                None => break,
                Some(other) if other.thread == here => return Err(Turned::Reentrant),
                Some(other) if other.in_callback => return Err(Turned::Busy),
                Some(_) => state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
        state.inside = Some(Inside {
            thread: here,
            in_callback: false,
        });
        Ok(Pass(self))
    }

    /// Calls the platform from outside: other calls go on meanwhile.
    pub(crate) fn visit<T>(&self, callback: impl FnOnce() -> T) -> Result<T, Turned> {
        struct Back<'a>(&'a Gate, ThreadId);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.lock().visiting.retain(|thread| *thread != self.1);
            }
        }
        let here = thread::current().id();
        {
            let mut state = self.lock();
            let inside = state.inside.as_ref().is_some_and(|inside| inside.thread == here);
            if inside || state.visiting.contains(&here) {
                return Err(Turned::Reentrant);
            }
            state.visiting.push(here);
        }
        let _back = Back(self, here);
        Ok(callback())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is a single assignment, so a panic elsewhere leaves the state sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to act on the wallet. Given back when dropped, also by a panic.
pub(crate) struct Pass<'a>(&'a Gate);

impl Pass<'_> {
    /// Calls the platform from inside: what was begun must be ended before anybody else acts. The caller must hold no
    /// lock and no transaction.
    pub(crate) fn outside<T>(&self, callback: impl FnOnce() -> T) -> T {
        struct Back<'a>(&'a Gate);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                if let Some(inside) = &mut self.0.lock().inside {
                    inside.in_callback = false;
                }
            }
        }
        if let Some(inside) = &mut self.0.lock().inside {
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
        self.0.lock().inside = None;
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
    fn a_visit_keeps_nobody_else_waiting() {
        let gate = Gate::default();
        gate.visit(|| {
            assert_eq!(gate.enter().err(), Some(Turned::Reentrant));
            assert_eq!(gate.visit(|| ()).err(), Some(Turned::Reentrant));
            thread::scope(|s| {
                s.spawn(|| assert!(gate.enter().is_ok()));
            });
        })
        .unwrap();
        let _pass = gate.enter().unwrap();
        assert_eq!(gate.visit(|| ()).err(), Some(Turned::Reentrant));
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

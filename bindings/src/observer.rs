//! Waking the app: without a payload, and outside of all locks.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use uniffi::UnexpectedUniFFICallbackError;

use crate::{error::Row, mirror::asked};

/// Is told that there is something to hear. What that is, `next_event` says, and nothing else: the observer may be called
/// too often, and an app that misses a call loses nothing.
#[uniffi::export(rust, foreign)]
pub trait EventObserver: Send + Sync {
    /// `next_event` has something new. Called on the thread of the call that brought it, after that call has done its work;
    /// it may call the wallet.
    fn events_waiting(&self) -> Result<(), ObserverError>;
}

/// The observer failed. Nothing comes of that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum ObserverError {
    /// In whatever way.
    Failed,
}

impl Row for ObserverError {
    fn row(&self) -> protocol::Code {
        protocol::Code::Busy
    }
}

asked!(ObserverError);

impl From<UnexpectedUniFFICallbackError> for ObserverError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Who is woken, and up to which event it was.
#[derive(Default)]
pub(crate) struct Alarm {
    observer: Mutex<Option<Arc<dyn EventObserver>>>,
    woken_for: AtomicU64,
}

impl Alarm {
    pub(crate) fn set(&self, observer: Option<Arc<dyn EventObserver>>) {
        *self.observer.lock().unwrap_or_else(PoisonError::into_inner) = observer;
        self.woken_for.store(0, Ordering::Relaxed);
    }

    /// Wakes the observer if the wallet has news since it was woken last.
    pub(crate) fn ring(&self, wallet: &wallet_core::Wallet) {
        let observer = self
            .observer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(observer) = observer else { return };
        // A wallet that cannot say so now has nothing to tell now.
        let Ok(Some(newest)) = wallet.newest_event() else {
            return;
        };
        if self.woken_for.fetch_max(newest.number(), Ordering::Relaxed) < newest.number() {
            let _heard = observer.events_waiting();
        }
    }
}

//! The rollback guard: the journal's head, in a second place that a copy of the app's files does not contain.
//!
//! The wallet writes its head there after every commit that signs value away, *before* a byte of it leaves. Whoever
//! later opens an older copy of the files, or the same files on another device, is found out: the copy does not contain
//! the head, or there is none at all. And of two copies that are open at once, only one can move the head on.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use minicbor::{Decode, Encode};
use protocol::code::{Code, Coded};

/// The random name of one wallet on one device. Never leaves it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct WalletId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// The head of a wallet's journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Head {
    /// Whose journal.
    #[n(0)]
    pub wallet: WalletId,
    /// How many commits it has.
    #[n(1)]
    pub number: u64,
    /// The digest over all of them, see [`crate::store`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub digest: [u8; 32],
}

/// Keeps the head of the journal where backups, restores and copies of the app's files cannot reach: inside the
/// platform's key store, say. A file beside the database is *not* such a place.
pub trait RollbackGuard: Send + Sync {
    /// The head last stored for this wallet; `None` if there is none.
    ///
    /// # Errors
    /// [`GuardUnavailable`]. An unreadable place is not an empty one.
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable>;

    /// Stores `head` durably if what is stored now is `known` (`None`: nothing is), as one step that no other call can
    /// come between; and returns what is stored now.
    ///
    /// The wallet compares: another head than its own means that another copy of its files has gone on, and it stops.
    ///
    /// # Errors
    /// [`GuardUnavailable`]; then nothing that depends on this write leaves the wallet.
    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable>;
}

/// The second place cannot be read or written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the rollback guard cannot be read or written")]
pub struct GuardUnavailable;

impl Coded for GuardUnavailable {
    fn code(&self) -> Code {
        Code::GuardUnavailable
    }
}

/// A guard that lasts as long as this process: for tests and simulations, where it plays the hardware.
#[derive(Default, Debug)]
pub struct MemoryGuard(Mutex<BTreeMap<WalletId, Head>>);

impl RollbackGuard for MemoryGuard {
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(wallet)
            .copied())
    }

    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable> {
        let mut heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match heads.get(&head.wallet) {
            Some(other) if known != Some(other) => Ok(*other),
            _ => {
                heads.insert(head.wallet, *head);
                Ok(*head)
            }
        }
    }
}

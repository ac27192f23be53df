//! What the device lends to the wallet, as traits that Kotlin, Swift and Python implement; and the adapters that make
//! them what the core expects.
//!
//! All of it is synchronous, fallible, and called while the wallet holds no lock and no transaction, on whatever thread
//! the call into the wallet came from. A callback that calls the same wallet gets `Reentrant`. An exception that is not
//! of the declared type counts as "unavailable": its text is dropped, because it may say anything.
//!
//! Every callback that matters returns something that a callback which failed without a word does not: an `Error` in
//! Kotlin, or a `BaseException` in Python, would otherwise look like success.

use protocol::{Code, Coded as _, Timestamp, VerifyingKey};
use std::{sync::Arc, time::SystemTime};
use uniffi::UnexpectedUniFFICallbackError;
use wallet_core::{
    guard,
    platform::{self, ClockUnavailable},
    vault::{self, SignJob},
};
use zeroize::Zeroizing;

use crate::{
    Algorithm, Amount, Assurance,
    error::Row,
    mirror::{asked, mirrored},
};

/// What the device lends to the wallet.
#[derive(Clone, uniffi::Record)]
pub struct Platform {
    /// Keeps the keys.
    pub vault: Arc<dyn KeyVault>,
    /// Keeps the head of the wallet's journal out of reach of file copies.
    pub guard: Arc<dyn RollbackGuard>,
    /// The line to the operator.
    pub bank: Arc<dyn BankTransport>,
    /// Tells the time; the operating system's clock if left out.
    #[uniffi(default = None)]
    pub clock: Option<Arc<dyn Clock>>,
}

/// Holds keys that never leave it: the door to a security chip.
///
/// One vault may serve several wallets of a device, and keeps their keys apart by `wallet`. It sees whole messages that
/// the wallet composed itself; what it answers is believed only after it was verified.
#[uniffi::export(rust, foreign)]
pub trait KeyVault: Send + Sync {
    /// Makes a signing key for this wallet, of an algorithm that the hardware has.
    fn create_key(&self, wallet: Vec<u8>, algorithm: Algorithm) -> Result<VaultKey, VaultError>;

    /// Signs every message with the key beside it: all of them, or none; the answers in the same order. Ed25519: 64 bytes.
    /// ECDSA with SHA-256: DER as Keystore and Secure Enclave return it, or 64 bytes; s in either half.
    fn sign_all(&self, requests: Vec<SignRequest>) -> Result<Vec<Vec<u8>>, VaultError>;

    /// The handles of the keys of this wallet that can still sign; without those that the platform destroyed. `None`: the
    /// vault stores no keys, each follows from a secret and its handle. A list that cannot be complete now is an error.
    fn list_keys(&self, wallet: Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, VaultError>;

    /// Forgets a key for ever, and returns its handle. One that is not there is forgotten already.
    fn delete_key(&self, handle: Vec<u8>) -> Result<Vec<u8>, VaultError>;

    /// Makes sure that it is the holder who agrees: by a fingerprint, a face, the device's code; and returns the amount
    /// that was agreed to. Called before a tap, never during one, and may take as long as it takes. A vault that cannot
    /// tell who holds the device returns the amount at once.
    fn authorize(&self, what: Confirmation) -> Result<Amount, VaultError>;

    /// Wraps the wallet's data key of 32 bytes, so that only this vault can unwrap it.
    fn wrap(&self, data_key: Vec<u8>) -> Result<Vec<u8>, VaultError>;

    /// The inverse of `wrap`. `WrongKey` for bytes that this vault did not wrap, `KeyInvalidated` if the key that wrapped
    /// them is gone.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, VaultError>;
}

/// A key that a vault made.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct VaultKey {
    /// The name by which the vault finds it again.
    pub handle: Vec<u8>,
    /// Its public half: 32 bytes for Ed25519; for P-256 the SEC1 point, 33 bytes or 65.
    pub public_key: Vec<u8>,
    /// Of which algorithm it is.
    pub algorithm: Algorithm,
    /// Where it really lives.
    pub assurance: Assurance,
}

/// A message to sign, and with which key.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SignRequest {
    /// The handle of the key.
    pub key: Vec<u8>,
    /// The whole message; the vault hashes it as its algorithm demands.
    pub message: Vec<u8>,
}

/// What the holder is about to agree to, for the prompt. Every confirmation is for one payment.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Confirmation {
    /// To pay whatever is asked, up to this amount.
    UpTo {
        /// The most.
        amount: Amount,
    },
    /// To pay exactly this.
    Exactly {
        /// How much.
        amount: Amount,
    },
    /// To pay this very request, which the holder was shown.
    Request {
        /// Its id.
        request: String,
        /// How much.
        amount: Amount,
    },
}

mirrored! {
    /// Why a vault did not do what it was asked. In every case nothing was signed that leaves.
    VaultError as error = vault::VaultError {
        /// The user dismissed the prompt. Asking again is all it takes.
        UserCancelled,
        /// The device is locked. Asking again once it is unlocked is all it takes.
        Locked,
        /// The platform destroyed the key, for example because a fingerprint was enrolled. Never said of a key that may sign
        /// again later: the wallet retires it for ever.
        KeyInvalidated,
        /// The hardware does not answer, or the vault failed in a way of its own.
        Unavailable,
        /// These bytes were wrapped by another vault.
        WrongKey,
        /// The answer is not a valid one. The wallet says this of a vault; no vault needs to.
        Misbehaved,
    }
}

impl Row for VaultError {
    fn row(&self) -> Code {
        vault::VaultError::from(*self).code()
    }
}

asked!(VaultError);

impl From<UnexpectedUniFFICallbackError> for VaultError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

/// The head of a wallet's journal.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Record)]
pub struct Head {
    /// Whose journal: the random id of a wallet, 16 bytes.
    pub wallet: Vec<u8>,
    /// How many commits it has.
    pub number: u64,
    /// The digest over all of them, 32 bytes.
    pub digest: Vec<u8>,
}

/// Keeps the head of the journal where backups, restores and copies of the app's files do not reach: inside the platform's
/// key store. A file beside the database is *not* such a place.
#[uniffi::export(rust, foreign)]
pub trait RollbackGuard: Send + Sync {
    /// The head last stored for this wallet; `None` if there is none. An unreadable place is not an empty one.
    fn read(&self, wallet: Vec<u8>) -> Result<Option<Head>, GuardError>;

    /// Stores `head` durably if what is stored for its wallet now is `known` (`None`: nothing is), as one step that no other
    /// call comes between; and returns what is stored now. The wallet compares.
    fn advance(&self, known: Option<Head>, head: Head) -> Result<Head, GuardError>;
}

/// Why the rollback guard did not answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum GuardError {
    /// It cannot be read or written. Nothing that depends on this write leaves the wallet.
    Unavailable,
}

impl Row for GuardError {
    fn row(&self) -> Code {
        Code::GuardUnavailable
    }
}

asked!(GuardError);

impl From<UnexpectedUniFFICallbackError> for GuardError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

/// A line to the operator, such as HTTPS. It is trusted with nothing but delivery.
#[uniffi::export(rust, foreign)]
pub trait BankTransport: Send + Sync {
    /// Delivers a signed call (`POST /v1/calls`, `application/cbor`) and returns the answer's bytes.
    fn call(&self, call: Vec<u8>) -> Result<Vec<u8>, TransportError>;

    /// Fetches the current trust bundle (`GET /v1/trust`).
    fn trust(&self) -> Result<Vec<u8>, TransportError>;
}

/// No answer came from the bank. It may have acted all the same; the wallet asks again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum TransportError {
    /// No connection could be made.
    Unreachable,
    /// A connection was made, and nothing came back in time.
    TimedOut,
    /// Something answered that does not speak the protocol.
    Status {
        /// The HTTP status.
        status: u16,
    },
}

impl From<platform::TransportError> for TransportError {
    fn from(error: platform::TransportError) -> Self {
        match error {
            platform::TransportError::Unreachable => Self::Unreachable,
            platform::TransportError::TimedOut => Self::TimedOut,
            platform::TransportError::Status { status } => Self::Status { status },
        }
    }
}

impl From<TransportError> for platform::TransportError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unreachable => Self::Unreachable,
            TransportError::TimedOut => Self::TimedOut,
            TransportError::Status { status } => Self::Status { status },
        }
    }
}

impl Row for TransportError {
    fn row(&self) -> Code {
        platform::TransportError::from(*self).code()
    }
}

asked!(TransportError);

impl From<UnexpectedUniFFICallbackError> for TransportError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Unreachable
    }
}

/// Tells the time. It need not be right: the wallet's own time never goes back.
#[uniffi::export(rust, foreign)]
pub trait Clock: Send + Sync {
    /// Now, by the device.
    fn now(&self) -> Result<SystemTime, ClockError>;
}

/// Why the clock did not answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Error)]
#[uniffi::export(Display)]
pub enum ClockError {
    /// The device does not tell the time.
    Unavailable,
}

impl Row for ClockError {
    fn row(&self) -> Code {
        Code::ClockUnavailable
    }
}

asked!(ClockError);

impl From<UnexpectedUniFFICallbackError> for ClockError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

/// Something of the app's, where the core expects something of its own.
pub(crate) struct Lent<T: ?Sized>(pub(crate) Arc<T>);

impl vault::KeyVault for Lent<dyn KeyVault> {
    fn create_key(
        &self,
        wallet: &guard::WalletId,
        algorithm: protocol::Algorithm,
    ) -> Result<vault::VaultKey, vault::VaultError> {
        let key = self.0.create_key(wallet.0.to_vec(), algorithm.into())?;
        if protocol::Algorithm::from(key.algorithm) != algorithm {
            return Err(vault::VaultError::Misbehaved);
        }
        Ok(vault::VaultKey {
            public: public_key(algorithm, &key.public_key).ok_or(vault::VaultError::Misbehaved)?,
            handle: vault::KeyHandle(key.handle),
            assurance: key.assurance.into(),
        })
    }

    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, vault::VaultError> {
        let requests = jobs.iter().map(|job| SignRequest {
            key: job.key.0.clone(),
            message: job.message.clone(),
        });
        Ok(self.0.sign_all(requests.collect())?)
    }

    fn list_keys(&self, wallet: &guard::WalletId) -> Result<vault::Inventory, vault::VaultError> {
        let handles = self.0.list_keys(wallet.0.to_vec())?;
        Ok(handles.map_or(vault::Inventory::Derived, |handles| {
            vault::Inventory::Keys(handles.into_iter().map(vault::KeyHandle).collect())
        }))
    }

    fn delete_key(&self, key: &vault::KeyHandle) -> Result<(), vault::VaultError> {
        // A callback that failed without a word has returned nothing: the handle says that this one did not.
        if self.0.delete_key(key.0.clone())? == key.0 {
            Ok(())
        } else {
            Err(vault::VaultError::Misbehaved)
        }
    }

    fn authorize(&self, what: &vault::Confirmation) -> Result<(), vault::VaultError> {
        if self.0.authorize((*what).into())? == what.amount().into() {
            Ok(())
        } else {
            Err(vault::VaultError::Misbehaved)
        }
    }

    fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, vault::VaultError> {
        Ok(self.0.wrap(data_key.to_vec())?)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, vault::VaultError> {
        let data_key = Zeroizing::new(self.0.unwrap(wrapped.to_vec())?);
        let exact: [u8; 32] = data_key
            .as_slice()
            .try_into()
            .map_err(|_| vault::VaultError::Misbehaved)?;
        Ok(Zeroizing::new(exact))
    }
}

/// A public key as platforms export it, in the one form that the protocol has.
fn public_key(algorithm: protocol::Algorithm, bytes: &[u8]) -> Option<VerifyingKey> {
    let compressed = match (algorithm, bytes) {
        // An uncompressed point: x and y. The parity of y says which of the two y it is.
        (protocol::Algorithm::P256, [4, point @ ..]) if point.len() == 64 => {
            let (x, y) = point.split_at(32);
            let parity = y.last()? & 1;
            [&[2 + parity], x].concat()
        }
        _ => bytes.to_vec(),
    };
    let tagged = [&[algorithm as u8], compressed.as_slice()].concat();
    VerifyingKey::from_bytes(&tagged).ok()
}

impl From<vault::Confirmation> for Confirmation {
    fn from(what: vault::Confirmation) -> Self {
        match what {
            vault::Confirmation::UpTo(amount) => Self::UpTo {
                amount: amount.into(),
            },
            vault::Confirmation::Exactly(amount) => Self::Exactly {
                amount: amount.into(),
            },
            vault::Confirmation::Request(request, amount) => Self::Request {
                request: request.to_string(),
                amount: amount.into(),
            },
        }
    }
}

impl guard::RollbackGuard for Lent<dyn RollbackGuard> {
    fn read(&self, wallet: &guard::WalletId) -> Result<Option<guard::Head>, guard::GuardUnavailable> {
        let head = self
            .0
            .read(wallet.0.to_vec())
            .map_err(|_| guard::GuardUnavailable)?;
        head.map(|head| head.try_into()).transpose()
    }

    fn advance(
        &self,
        known: Option<&guard::Head>,
        head: &guard::Head,
    ) -> Result<guard::Head, guard::GuardUnavailable> {
        let stored = self.0.advance(known.copied().map(Head::from), (*head).into());
        stored.map_err(|_| guard::GuardUnavailable)?.try_into()
    }
}

impl From<guard::Head> for Head {
    fn from(head: guard::Head) -> Self {
        Self {
            wallet: head.wallet.0.to_vec(),
            number: head.number,
            digest: head.digest.to_vec(),
        }
    }
}

/// A head of another shape is what an unreadable place says.
impl TryFrom<Head> for guard::Head {
    type Error = guard::GuardUnavailable;

    fn try_from(head: Head) -> Result<Self, guard::GuardUnavailable> {
        let wallet = head.wallet.try_into().map_err(|_| guard::GuardUnavailable)?;
        let digest = head.digest.try_into().map_err(|_| guard::GuardUnavailable)?;
        Ok(Self {
            wallet: guard::WalletId(wallet),
            number: head.number,
            digest,
        })
    }
}

impl platform::BankTransport for Lent<dyn BankTransport> {
    fn call(&self, call: &[u8]) -> Result<Vec<u8>, platform::TransportError> {
        Ok(self.0.call(call.to_vec())?)
    }

    fn trust(&self) -> Result<Vec<u8>, platform::TransportError> {
        Ok(self.0.trust()?)
    }
}

impl platform::Clock for Lent<dyn Clock> {
    fn now(&self) -> Result<Timestamp, ClockUnavailable> {
        let now = self.0.now().map_err(|_| ClockUnavailable)?;
        Ok(crate::input::timestamp(now))
    }
}

impl Platform {
    /// What the core calls a platform, and the line to the bank.
    pub(crate) fn lend(self) -> (wallet_core::Platform, Arc<dyn BankTransport>) {
        let clock: Arc<dyn platform::Clock> = match self.clock {
            Some(clock) => Arc::new(Lent(clock)),
            None => Arc::new(crate::system::SystemClock),
        };
        let platform = wallet_core::Platform {
            vault: Arc::new(Lent(self.vault)),
            guard: Arc::new(Lent(self.guard)),
            clock,
            entropy: Arc::new(crate::system::SystemEntropy),
        };
        (platform, self.bank)
    }
}

#[cfg(test)]
mod tests;

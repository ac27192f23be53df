//! Locking: a PIN is set, changed and removed; a wallet is locked, and unlocked.

use std::sync::Arc;
use zeroize::Zeroizing;

use super::{
    Inner, OpenReport, Platform, Wallet,
    life::wake,
    operation::{Life, Operation},
};
use crate::{
    error::Fault,
    guard::WalletId,
    lock::{Envelope, Lock, Pin, PinError, Share},
    store::{Location, OpenError, Unopened},
};

/// A wallet that its PIN opens. It owns its file, holds no secret, and answers nothing about money.
///
/// ```no_run
/// # fn lend() -> wallet_core::Platform { unimplemented!() }
/// # fn ask_for_the_pin() -> wallet_core::Pin { unimplemented!() }
/// use std::path::Path;
/// use wallet_core::{LockedWallet, OpenError, PinError, Wallet};
///
/// let path = Path::new("wallet.sqlite");
/// let (wallet, report) = match Wallet::open(path, lend()) {
///     Err(OpenError::PinRequired) => {
///         let locked = LockedWallet::open(path, lend())?;
///         loop {
///             match locked.unlock(&ask_for_the_pin()) {
///                 Err(PinError::Wrong { .. } | PinError::TooSoon { .. }) => continue,
///                 unlocked => break unlocked?,
///             }
///         }
///     }
///     opened => opened?,
/// };
/// // When the screen goes dark:
/// let locked = wallet.lock()?;
/// # Ok::<_, PinError>(())
/// ```
#[derive(Clone)]
pub struct LockedWallet {
    inner: Arc<Inner>,
}

impl core::fmt::Debug for LockedWallet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LockedWallet(…)")
    }
}

impl LockedWallet {
    /// Takes ownership of the wallet at `path`, which has a PIN, and leaves it locked.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::NoPin`] if it has none: then [`Wallet::open`] it.
    pub fn open(path: impl Into<Location>, platform: Platform) -> Result<Self, OpenError> {
        let unopened = Unopened::new(&path.into())?;
        let found = unopened.find()?.ok_or(OpenError::NoWallet)?;
        let now = platform.clock.now()?;
        Lock::admit(&*platform.guard, &found.wallet, &found.envelope, now)?;
        if !found.envelope.has_pin() {
            return Err(OpenError::NoPin);
        }
        Ok(Self {
            inner: Arc::new(Inner::new(platform, Life::Locked(unopened))),
        })
    }

    /// Unlocks the wallet. All its handles are the open wallet again, also those from before it was locked.
    ///
    /// Wrong PINs slow down, and never destroy: after five in a row the next try waits for half a minute, then twice as long
    /// each time, up to an hour. Neither a restart nor an older copy of the files gives a try back.
    ///
    /// # Errors
    /// [`PinError`]. After [`PinError::Open`] the wallet is closed; everything else leaves it locked.
    pub fn unlock(&self, pin: &Pin) -> Result<(Wallet, OpenReport), PinError> {
        let mut operation = self.inner.enter()?;
        let (wallet, envelope) = operation.live(look)?;
        let (data_key, _) = try_pin(&mut operation, &wallet, &envelope, pin)?;
        let unopened = operation.live(|life| match life {
            Life::Locked(unopened) => (Life::Closed, Ok(unopened)),
            other => (other, Err(PinError::NotLocked)),
        })?;
        let (core, report) = operation.outside(|platform| wake(unopened, wallet, &data_key, platform))?;
        operation.live(|_| (Life::Open(Box::new(core)), ()));
        if envelope.cost().is_ok_and(|cost| pin.cost().is_above(cost)) {
            // The price has gone up since. If paying it fails now, the next time will do.
            let _raised = replace(&mut operation, Some(pin), &data_key);
        }
        drop(operation);
        let inner = Arc::clone(&self.inner);
        Ok((Wallet { inner }, report))
    }

    /// In how many seconds a PIN may be tried; 0: now.
    ///
    /// # Errors
    /// [`PinError::NotLocked`], [`PinError::Fault`], [`PinError::Open`].
    pub fn wait(&self) -> Result<u64, PinError> {
        let mut operation = self.inner.enter()?;
        let (wallet, envelope) = operation.live(look)?;
        let now = operation.moment.now;
        let lock = operation.outside(|platform| Lock::admit(&*platform.guard, &wallet, &envelope, now))?;
        Ok(lock.map_or(0, |lock| lock.wait(now)))
    }

    /// Closes the wallet, as [`Wallet::close`] does.
    ///
    /// # Errors
    /// [`Fault::Reentrant`] or [`Fault::Busy`].
    pub fn close(&self) -> Result<(), Fault> {
        self.inner.close()
    }
}

impl Wallet {
    /// Locks the wallet with its PIN: it forgets its keys and all that it knows of its money, and keeps its file. Until it is
    /// unlocked, every other call of every handle gets [`Fault::Locked`]. A session that is in the middle of a tap is cut off;
    /// drop it, for it holds a key of its channel.
    ///
    /// # Errors
    /// [`PinError::NotSet`] if there is no PIN to unlock it with; [`Fault`].
    pub fn lock(&self) -> Result<LockedWallet, PinError> {
        let mut operation = self.inner.operation()?;
        let envelope = operation.with(|core, _| core.store.envelope().map_err(Fault::from))?;
        if !envelope.has_pin() {
            return Err(PinError::NotSet);
        }
        operation.live(|life| match life {
            Life::Open(core) => (Life::Locked(core.store.shut()), ()),
            other => (other, ()),
        });
        drop(operation);
        let inner = Arc::clone(&self.inner);
        Ok(LockedWallet { inner })
    }

    /// Whether the wallet has a PIN.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn has_pin(&self) -> Result<bool, Fault> {
        let mut operation = self.inner.operation()?;
        operation.with(|core, _| Ok(core.store.envelope()?.has_pin()))
    }

    /// Gives the wallet a PIN. From then on it takes both to open it, the device's vault and the PIN; and whoever forgets the
    /// PIN restores the account from its words, and gets the money back on the lost-phone path.
    ///
    /// A crash at any moment leaves a wallet without the PIN, or with it.
    ///
    /// # Errors
    /// [`PinError::AlreadySet`], [`PinError::OutOfMemory`], [`PinError::Fault`]. After [`Fault::Store`] or [`Fault::Guard`] the
    /// PIN may be set all the same; [`Wallet::has_pin`] tells.
    pub fn set_pin(&self, pin: &Pin) -> Result<(), PinError> {
        let mut operation = self.inner.operation()?;
        let (_, envelope) = known(&mut operation)?;
        if envelope.has_pin() {
            return Err(PinError::AlreadySet);
        }
        let data_key = operation
            .outside(|platform| platform.vault.unwrap(&envelope.wrapped))
            .map_err(Fault::from)?;
        replace(&mut operation, Some(pin), &data_key)
    }

    /// Puts a new PIN in the place of the old one, which must be given once more: the phone may be in other hands.
    ///
    /// A crash at any moment leaves a wallet with the old PIN or with the new one.
    ///
    /// # Errors
    /// As [`LockedWallet::unlock`] for the old PIN, as [`Wallet::set_pin`] for the new one.
    pub fn change_pin(&self, old: &Pin, new: &Pin) -> Result<(), PinError> {
        self.exchange(old, Some(new))
    }

    /// Removes the PIN: the vault alone opens the wallet again.
    ///
    /// # Errors
    /// As [`Wallet::change_pin`].
    pub fn remove_pin(&self, pin: &Pin) -> Result<(), PinError> {
        self.exchange(pin, None)
    }

    /// Asks whether this is the PIN, before something that the holder is to agree to. It is a try like any other: a wrong one
    /// is counted, and may have to wait.
    ///
    /// # Errors
    /// As [`LockedWallet::unlock`].
    pub fn check_pin(&self, pin: &Pin) -> Result<(), PinError> {
        let mut operation = self.inner.operation()?;
        try_known(&mut operation, pin).map(drop)
    }

    fn exchange(&self, old: &Pin, new: Option<&Pin>) -> Result<(), PinError> {
        let mut operation = self.inner.operation()?;
        let data_key = try_known(&mut operation, old)?;
        replace(&mut operation, new, &data_key)
    }
}

/// What a locked file says in clear.
fn look(life: Life) -> (Life, Result<(WalletId, Envelope), PinError>) {
    let found = match &life {
        Life::Locked(unopened) => match unopened.find() {
            Ok(Some(found)) => Ok((found.wallet, found.envelope)),
            Ok(None) => Err(OpenError::NoWallet.into()),
            Err(error) => Err(error.into()),
        },
        Life::Open(_) => Err(PinError::NotLocked),
        Life::Closed => Err(Fault::Closed.into()),
    };
    (life, found)
}

/// The same of an open one.
fn known(operation: &mut Operation<'_>) -> Result<(WalletId, Envelope), Fault> {
    operation.with(|core, _| Ok((core.store.head().wallet, core.store.envelope()?)))
}

/// Tries a PIN of an open wallet.
fn try_known(operation: &mut Operation<'_>, pin: &Pin) -> Result<Zeroizing<[u8; 32]>, PinError> {
    let (wallet, envelope) = known(operation)?;
    if !envelope.has_pin() {
        return Err(PinError::NotSet);
    }
    let (data_key, _) = try_pin(operation, &wallet, &envelope, pin)?;
    Ok(data_key)
}

/// Tries a PIN. The try is counted before it is made.
fn try_pin(
    operation: &mut Operation<'_>,
    wallet: &WalletId,
    envelope: &Envelope,
    pin: &Pin,
) -> Result<(Zeroizing<[u8; 32]>, Lock), PinError> {
    // By the device's clock, in the open wallet too: the guard compares what it was told with what it is told.
    let now = operation.outside(|platform| platform.clock.now())?;
    let lock = operation.outside(|platform| Lock::admit(&*platform.guard, wallet, envelope, now))?;
    let lock = lock.ok_or(PinError::NotSet)?;
    match lock.wait(now) {
        0 => {}
        wait => return Err(PinError::TooSoon { wait }),
    }
    // Whoever cannot be asked for the share has not been tried.
    let share = operation.outside(|platform| platform.vault.unwrap(&envelope.wrapped));
    let share = Share(share.map_err(OpenError::from)?);
    let lock = operation
        .outside(|platform| lock.charged(&*platform.guard, now))
        .map_err(Fault::from)?;
    let Some(data_key) = envelope.open(wallet, &share, pin)? else {
        return Err(PinError::Wrong {
            failed: lock.failed(),
            wait: lock.wait(now),
        });
    };
    let lock = operation
        .outside(|platform| lock.cleared(&*platform.guard))
        .map_err(Fault::from)?;
    Ok((data_key, lock))
}

/// Puts another envelope around the data key. The guard knows of it before the file has it, and forgets the old one
/// afterwards: in between, either opens the wallet.
fn replace(operation: &mut Operation<'_>, pin: Option<&Pin>, data_key: &[u8; 32]) -> Result<(), PinError> {
    let (wallet, old) = known(operation)?;
    let new = match pin {
        None => Envelope {
            wrapped: operation
                .outside(|platform| platform.vault.wrap(data_key))
                .map_err(Fault::from)?,
            pin: None,
        },
        Some(pin) => {
            let share = Share::draw(&mut operation.moment);
            let wrapped = operation
                .outside(|platform| platform.vault.wrap(&share.0))
                .map_err(Fault::from)?;
            Envelope::seal(&wallet, &share, wrapped, pin, data_key, &mut operation.moment)?
        }
    };
    let now = operation.moment.now;
    let lock = operation.outside(|platform| Lock::admit(&*platform.guard, &wallet, &old, now))?;
    let lock = lock.unwrap_or_else(|| Lock::first(&wallet, &old));
    let lock = operation
        .outside(|platform| lock.expecting(&*platform.guard, &new))
        .map_err(Fault::from)?;
    operation.with(|core, moment| {
        core.store
            .commit_envelope(&new, &mut || moment.draw())
            .map_err(Fault::from)
    })?;
    operation
        .outside(|platform| lock.settled(&*platform.guard))
        .map_err(Fault::from)?;
    Ok(())
}

//! Birth and waking: creating a wallet, and opening it after whatever happened to it.

use protocol::{Algorithm, Timestamp, Trust, VerifyingKey, bank::DeviceId};
use std::sync::Arc;
use zeroize::Zeroizing;

use super::{
    Inner, Wallet, keys,
    operation::{Core, Life, Moment},
};
use crate::{
    account::{AccountWords, account_key},
    event::{Event, EventId, EventKind},
    guard::{GuardUnavailable, Head, RollbackGuard, WalletId},
    lock::Lock,
    model::{Change, Device, Outgoing, Profile, Secret, SecretName, Standing, Usage},
    platform::{Clock, Entropy},
    purse::{LoadError, Purse},
    store::{Location, OpenError, Store, StoreError, Unopened, genesis, report},
    vault::KeyVault,
};

/// What the device lends to the wallet.
#[derive(Clone)]
pub struct Platform {
    /// Keeps the keys.
    pub vault: Arc<dyn KeyVault>,
    /// Keeps the journal's head out of reach of file copies.
    pub guard: Arc<dyn RollbackGuard>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// What a new wallet is made of.
#[derive(Debug)]
pub struct NewWallet<'a> {
    /// The account it acts for.
    pub words: &'a AccountWords,
    /// The issuer's root, as it comes with the app.
    pub root: VerifyingKey,
    /// The algorithm of its holder keys: what the vault's hardware can do.
    pub algorithm: Algorithm,
}

/// What `open` found and did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenReport {
    /// The files were rolled back or copied: all holder keys were retired, for ever. The bank pays out what they held.
    pub rolled_back: bool,
    /// The last commit had not reached the rollback guard; it has now.
    pub guard_caught_up: bool,
    /// Transfers that are signed and confirmed by nobody: payments, deposits, returns.
    pub in_doubt: usize,
    /// Of these, how many never leave again, because the wallet was rolled back or copied after they were signed.
    pub frozen: usize,
    /// Payments, made and taken, that the bank does not know of yet.
    pub unrecorded: usize,
    /// Fraud proofs that the bank does not have yet.
    pub proofs: usize,
    /// Events that were not acknowledged.
    pub events: usize,
    /// Orders to the bank that are not answered.
    pub orders: usize,
    /// Pieces of value.
    pub pieces: usize,
}

impl Wallet {
    /// Makes a wallet in a new file at `path`.
    ///
    /// # Errors
    /// [`OpenError`]. Then there is no wallet at `path`; or, if the disk failed at the very last moment, a whole one that
    /// can be opened, never half a one.
    pub fn create(
        path: impl Into<Location>,
        platform: Platform,
        new: &NewWallet<'_>,
    ) -> Result<Self, OpenError> {
        Self::create_with(&path.into(), platform, new, Trust::new(new.root), Vec::new())
    }

    /// The same, with whom it believes from the first moment, and what else it knows.
    pub(super) fn create_with(
        path: &Location,
        platform: Platform,
        new: &NewWallet<'_>,
        trust: Trust,
        known: Vec<Change>,
    ) -> Result<Self, OpenError> {
        let unopened = Unopened::new(path)?;
        if unopened.find()?.is_some() {
            return Err(OpenError::WalletExists);
        }
        let mut seed = Zeroizing::new([0; 32]);
        platform.entropy.fill(seed.as_mut_slice())?;
        let mut moment = Moment::new(Timestamp::default(), &seed);
        let wallet = WalletId(moment.draw());
        let data_key = Zeroizing::new(moment.draw());
        let wrapped = platform.vault.wrap(&data_key)?;

        // The guard first: a wallet in a file whose guard knows nothing of it is a copy from another device.
        let head = genesis(wallet);
        if platform.guard.advance(None, &head)? != head {
            return Err(GuardUnavailable.into());
        }
        let seed = Secret::new(&new.words.account_seed());
        let account = account_key(seed.expose()).verifying_key();
        let profile = Profile::new(account, new.root, new.algorithm);
        let device = Device {
            id: DeviceId::from_bytes(moment.draw()),
            standing: Standing::Good,
            wish: None,
        };
        let mut first = vec![
            Change::Profile(profile.clone()),
            Change::Secret(SecretName::Account, seed),
            Change::Device(device),
        ];
        first.extend(known);
        let mut store = unopened.unborn(wallet, &data_key);
        store
            .found(&wrapped, &first, &mut || moment.draw())
            .map_err(|error| report(error, path))?;
        let purse = Purse::new(profile, trust, device);
        let core = Core::new(store, purse, head);
        Ok(Self::living(platform, Life::Open(Box::new(core))))
    }

    /// Opens the wallet at `path`, brings it back to a sound state after any crash, and says what it found.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::PinRequired`] if the wallet has a PIN: then [`LockedWallet::open`](crate::LockedWallet::open) it.
    pub fn open(path: impl Into<Location>, platform: Platform) -> Result<(Self, OpenReport), OpenError> {
        let unopened = Unopened::new(&path.into())?;
        let found = unopened.find()?.ok_or(OpenError::NoWallet)?;
        if found.envelope.has_pin() {
            return Err(OpenError::PinRequired);
        }
        // Without a PIN no time matters, but an envelope from before there was one does.
        Lock::admit(
            &*platform.guard,
            &found.wallet,
            &found.envelope,
            Timestamp::default(),
        )?;
        let data_key = platform.vault.unwrap(&found.envelope.wrapped)?;
        let (core, report) = wake(unopened, found.wallet, &data_key, &platform)?;
        Ok((Self::living(platform, Life::Open(Box::new(core))), report))
    }

    pub(super) fn living(platform: Platform, life: Life) -> Self {
        Self {
            inner: Arc::new(Inner::new(platform, life)),
        }
    }
}

/// From a file and its data key to a wallet that can be asked.
pub(super) fn wake(
    unopened: Unopened,
    wallet: WalletId,
    data_key: &[u8; 32],
    platform: &Platform,
) -> Result<(Core, OpenReport), OpenError> {
    let mut store = unopened.unlock(wallet, data_key)?;
    let path = store.location().clone();
    let mut purse = Purse::load(&store).map_err(|error| match error {
        LoadError::Store(error) => report(error, &path),
        LoadError::Trust => report(StoreError::Damaged, &path),
    })?;
    let mut counts = OpenReport::default();
    let head = check_rollback(&mut store, &mut purse, platform, &mut counts, &path)?;
    count(&store, &purse, &mut counts).map_err(|error| report(error, &path))?;
    Ok((Core::new(store, purse, head), counts))
}

fn count(store: &Store, purse: &Purse, counts: &mut OpenReport) -> Result<(), StoreError> {
    counts.in_doubt = purse.in_doubt().len();
    counts.frozen = purse.in_doubt().values().filter(|doubt| doubt.frozen).count();
    counts.pieces = purse.pieces().count();
    counts.orders = store.orders()?.len();
    let waiting = store.waiting()?;
    counts.unrecorded = waiting.unrecorded;
    counts.proofs = waiting.proofs;
    counts.events = waiting.events;
    Ok(())
}

/// Compares the journal with the head in the guard (DESIGN section 6, rule 6), and returns the head that both have then.
fn check_rollback(
    store: &mut Store,
    purse: &mut Purse,
    platform: &Platform,
    counts: &mut OpenReport,
    path: &Location,
) -> Result<Head, OpenError> {
    let guarded = platform.guard.read(&store.head().wallet)?;
    let genuine = match &guarded {
        Some(head) => store.passes_through(head).map_err(|error| report(error, path))?,
        None => false,
    };
    if !genuine {
        counts.rolled_back = true;
        retire_all(store, purse, platform, path)?;
    }
    let head = store.head();
    if guarded != Some(head) {
        // Either a crash came between a commit and the guard, or less than a payment was committed since.
        counts.guard_caught_up = genuine;
        if platform.guard.advance(guarded.as_ref(), &head)? != head {
            return Err(GuardUnavailable.into());
        }
    }
    store.guarded(&head);
    Ok(head)
}

/// No key of a rolled-back or copied wallet ever signs again: its twin may have signed already. For the same reason what
/// it has signed and not yet finished is frozen: the twin may have signed something else with the same pieces.
fn retire_all(
    store: &mut Store,
    purse: &mut Purse,
    platform: &Platform,
    path: &Location,
) -> Result<(), OpenError> {
    let mut seed = Zeroizing::new([0; 32]);
    platform.entropy.fill(seed.as_mut_slice())?;
    let mut moment = Moment::new(Timestamp::default(), &seed);
    let retired = purse.keys().cloned().map(keys::retired);
    let in_doubt = store.in_doubt().map_err(|error| report(error, path))?;
    let frozen = in_doubt.into_iter().map(|outgoing| {
        Change::Outgoing(Outgoing {
            frozen: true,
            ..outgoing
        })
    });
    // A wallet that crashed before the guard knew of its retirement has told of it.
    let live = purse.keys().any(|key| key.usage != Usage::Retired);
    let told = (live || !purse.profile.rolled_back).then(|| {
        Change::Event(Event {
            id: EventId::new(store.head().number.saturating_add(1), 0),
            at: purse.profile.time_floor,
            kind: EventKind::RolledBack { held: purse.total() },
        })
    });
    let mut profile = purse.profile.clone();
    profile.retirement_undeclared = true;
    profile.rolled_back = true;
    let mut changes: Vec<_> = retired.chain(frozen).collect();
    changes.push(Change::Profile(profile));
    changes.extend(told);
    store
        .commit(&changes, &mut || moment.draw())
        .map_err(|error| report(error, path))?;
    changes.iter().for_each(|change| purse.apply(change));
    Ok(())
}

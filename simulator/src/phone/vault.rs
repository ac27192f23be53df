//! A phone's key vault: a software vault that behaves like a chip, well or badly, and remembers what it did.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use p256::ecdsa;
use protocol::{Algorithm, Body, Id, Transfer, VerifyingKey};
use wallet_core::{
    guard::WalletId,
    vault::{Confirmation, Inventory, KeyHandle, KeyVault, SignJob, SoftwareVault, VaultError, VaultKey},
};
use zeroize::Zeroizing;

use crate::{
    disk::{Disk, Kept},
    environment::{SeededEntropy, VirtualClock},
    town::VaultRefusal,
};

/// What goes wrong with one call to a vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VaultTrouble {
    /// It does nothing, and says so.
    Refuses(VaultError),
    /// It does what was asked, and nobody hears of it.
    LosesAnswer,
    /// It makes a signature too few.
    SignsTooLittle,
    /// It makes a wrong signature.
    Garbles,
    /// The phone's power fails before it has done anything.
    PowerFailsBefore,
    /// The phone's power fails when it has done everything.
    PowerFailsAfter,
}

impl VaultTrouble {
    /// One of every kind.
    pub const ALL: [Self; 9] = [
        Self::Refuses(VaultError::UserCancelled),
        Self::Refuses(VaultError::Locked),
        Self::Refuses(VaultError::KeyInvalidated),
        Self::Refuses(VaultError::Unavailable),
        Self::LosesAnswer,
        Self::SignsTooLittle,
        Self::Garbles,
        Self::PowerFailsBefore,
        Self::PowerFailsAfter,
    ];
}

/// How a vault behaves when nothing goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VaultManners {
    /// It answers ECDSA signatures in DER, with s in the upper half: as the platforms do, half of the time.
    pub awkward_form: bool,
    /// So many seconds pass with every call.
    pub seconds_per_call: u64,
}

/// A vault that remembers which keys it made and which transfers it signed: the one place that no signature of an honest
/// phone can go past. It can lose keys, and be in trouble.
pub struct WitnessedVault {
    inner: SoftwareVault,
    clock: VirtualClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    witness: Witness,
    keys: BTreeMap<KeyHandle, Held>,
    data_key_destroyed: bool,
    manners: VaultManners,
    calls: usize,
    troubles: BTreeMap<usize, VaultTrouble>,
    disk: Option<Disk>,
}

#[derive(Default)]
struct Witness {
    keys: Vec<VerifyingKey>,
    transfers: Vec<Id>,
    signers: Vec<VerifyingKey>,
    messages: Vec<Vec<u8>>,
}

/// A key that the vault has.
#[derive(Clone)]
struct Held {
    wallet: WalletId,
    public: VerifyingKey,
}

impl WitnessedVault {
    pub(super) fn new(
        master: Zeroizing<[u8; 32]>,
        entropy: &Arc<SeededEntropy>,
        clock: VirtualClock,
    ) -> Self {
        Self {
            inner: SoftwareVault::new(master, entropy.clone()),
            clock,
            state: Mutex::default(),
        }
    }

    /// Takes over the keys that another vault with the same secrets has. What that one witnessed stays with it.
    pub(super) fn with_keys_of(self, other: &Self) -> Self {
        let keys = other.state().keys.clone();
        self.state().keys = keys;
        self
    }

    /// The disk that loses its power together with this vault.
    pub(crate) fn share_power_with(&self, disk: &Disk) {
        self.state().disk = Some(disk.clone());
    }

    /// The keys it made since `known` of them were there.
    #[must_use]
    pub fn keys_after(&self, known: usize) -> Vec<VerifyingKey> {
        self.state()
            .witness
            .keys
            .get(known..)
            .unwrap_or_default()
            .to_vec()
    }

    /// The transfers it signed since `known` signatures were made, one for every key that signed.
    #[must_use]
    pub fn transfers_after(&self, known: usize) -> Vec<Id> {
        let state = self.state();
        state.witness.transfers.get(known..).unwrap_or_default().to_vec()
    }

    /// With which keys it signed those transfers.
    #[must_use]
    pub fn signers_after(&self, known: usize) -> Vec<VerifyingKey> {
        let state = self.state();
        state.witness.signers.get(known..).unwrap_or_default().to_vec()
    }

    /// Every message it signed, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Vec<u8>> {
        self.state().witness.messages.clone()
    }

    /// The keys it has now.
    #[must_use]
    pub fn held(&self) -> Vec<VerifyingKey> {
        self.state().keys.values().map(|held| held.public).collect()
    }

    /// How it behaves from now on.
    pub fn behave(&self, manners: VaultManners) {
        self.state().manners = manners;
    }

    /// How often it was called.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// After so many calls more that go well, one meets with this trouble.
    pub fn trouble_after(&self, calls: usize, trouble: VaultTrouble) {
        let mut state = self.state();
        let number = state.calls + calls;
        state.troubles.insert(number, trouble);
    }

    /// Nothing goes wrong from now on. Whether something still would have.
    pub fn mend(&self) -> bool {
        let troubles = core::mem::take(&mut self.state().troubles);
        !troubles.is_empty()
    }

    /// One of the next calls is refused, if this is one.
    pub(crate) fn will_refuse(&self, refusal: Option<VaultRefusal>) {
        if let Some(VaultRefusal { why, after }) = refusal {
            self.trouble_after(after, VaultTrouble::Refuses(why));
        }
    }

    /// The platform destroys a key. Whether it had it.
    pub fn destroy(&self, key: &VerifyingKey) -> bool {
        let mut state = self.state();
        let before = state.keys.len();
        state.keys.retain(|_, held| held.public != *key);
        state.keys.len() < before
    }

    /// The platform destroys every signing key, as some do when a fingerprint is enrolled.
    pub fn destroy_all(&self) {
        self.state().keys.clear();
    }

    /// The platform destroys the key that wraps data keys.
    pub fn destroy_data_key(&self) {
        self.state().data_key_destroyed = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call, with all that goes wrong with it. `spoil` makes an answer wrong, if there is a way.
    fn call<T>(
        &self,
        work: impl FnOnce() -> Result<T, VaultError>,
        spoil: impl FnOnce(T, VaultTrouble) -> T,
    ) -> Result<T, VaultError> {
        let (trouble, seconds) = {
            let mut state = self.state();
            let number = state.calls;
            state.calls += 1;
            (state.troubles.remove(&number), state.manners.seconds_per_call)
        };
        self.clock.advance(seconds);
        match trouble {
            None => work(),
            Some(VaultTrouble::Refuses(error)) => Err(error),
            Some(VaultTrouble::LosesAnswer) => {
                let _lost = work();
                Err(VaultError::Unavailable)
            }
            Some(VaultTrouble::PowerFailsBefore) => {
                self.power_off();
                Err(VaultError::Unavailable)
            }
            Some(VaultTrouble::PowerFailsAfter) => {
                let answer = work();
                self.power_off();
                answer
            }
            Some(trouble @ (VaultTrouble::SignsTooLittle | VaultTrouble::Garbles)) => {
                Ok(spoil(work()?, trouble))
            }
        }
    }

    fn power_off(&self) {
        let disk = self.state().disk.clone();
        if let Some(disk) = disk.filter(Disk::is_powered) {
            disk.power_off(Kept::Nothing);
        }
    }

    fn sign(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        let mut state = self.state();
        if jobs.iter().any(|job| !state.keys.contains_key(&job.key)) {
            return Err(VaultError::KeyInvalidated);
        }
        let mut answers = self.inner.sign_all(jobs)?;
        for job in jobs {
            if let Some(transfer) = transfer_in(&job.message) {
                let signer = state.keys.get(&job.key).map(|key| key.public);
                state.witness.transfers.push(transfer);
                state.witness.signers.extend(signer);
            }
            state.witness.messages.push(job.message.clone());
        }
        if state.manners.awkward_form {
            for (job, answer) in jobs.iter().zip(&mut answers) {
                let key = state.keys.get(&job.key);
                if key.is_some_and(|key| key.public.algorithm() == Algorithm::P256) {
                    *answer = awkward(answer).unwrap_or_default();
                }
            }
        }
        Ok(answers)
    }
}

impl KeyVault for WitnessedVault {
    fn create_key(&self, wallet: &WalletId, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        let work = || {
            let key = self.inner.create_key(wallet, algorithm)?;
            let mut state = self.state();
            state.witness.keys.push(key.public);
            let held = Held {
                wallet: *wallet,
                public: key.public,
            };
            state.keys.insert(key.handle.clone(), held);
            Ok(key)
        };
        self.call(work, |key, _| key)
    }

    fn sign_all(&self, jobs: &[SignJob]) -> Result<Vec<Vec<u8>>, VaultError> {
        self.call(
            || self.sign(jobs),
            |mut answers, trouble| {
                let last = answers.pop();
                if let (VaultTrouble::Garbles, Some(mut wrong)) = (trouble, last) {
                    wrong.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1);
                    answers.push(wrong);
                }
                answers
            },
        )
    }

    fn list_keys(&self, wallet: &WalletId) -> Result<Inventory, VaultError> {
        let work = || {
            let state = self.state();
            let own = state.keys.iter().filter(|(_, held)| held.wallet == *wallet);
            Ok(Inventory::Keys(own.map(|(handle, _)| handle.clone()).collect()))
        };
        self.call(work, |inventory, _| inventory)
    }

    fn delete_key(&self, key: &KeyHandle) -> Result<(), VaultError> {
        let work = || {
            self.state().keys.remove(key);
            Ok(())
        };
        self.call(work, |(), _| ())
    }

    /// Whoever holds a simulated phone is its holder.
    fn authorize(&self, what: &Confirmation) -> Result<(), VaultError> {
        self.inner.authorize(what)
    }

    fn wrap(&self, data_key: &[u8; 32]) -> Result<Vec<u8>, VaultError> {
        self.call(|| self.inner.wrap(data_key), |wrapped, _| wrapped)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let work = || {
            if self.state().data_key_destroyed {
                Err(VaultError::KeyInvalidated)
            } else {
                self.inner.unwrap(wrapped)
            }
        };
        self.call(work, |data_key, _| data_key)
    }
}

/// The same ECDSA signature with s in the upper half, in DER.
fn awkward(signature: &[u8]) -> Option<Vec<u8>> {
    let low = ecdsa::Signature::from_slice(signature).ok()?;
    let high = ecdsa::Signature::from_scalars(low.r().to_bytes(), (-low.s()).to_bytes()).ok()?;
    Some(high.to_der().as_bytes().to_vec())
}

/// The transfer that a message to sign stands for, if it stands for one: see [`Body::message`].
fn transfer_in(message: &[u8]) -> Option<Id> {
    let id = message
        .strip_prefix(Transfer::TAG.as_bytes())?
        .strip_prefix(&[0])?;
    Some(Id::from_bytes(id.try_into().ok()?))
}

//! What any vault must pass before money is kept in it: for the tests of whoever embeds the wallet.
//!
//! [`check`] needs no test framework, and a device in the hand serves as well as a fake. It makes keys and deletes them, and
//! asks for some twenty signatures: a vault that prompts for each of them is asked to be patient.

use protocol::{Algorithm, Signature};

use super::{CheckedJob, Inventory, KeyHandle, KeyVault, SignJob, VaultError, VaultKey, sign_checked};
use crate::guard::WalletId;

/// What a vault did not do as [`KeyVault`] says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{check}: {found}")]
pub struct Broken {
    /// Which of the checks, by its name.
    pub check: &'static str,
    /// What it found.
    pub found: Found,
}

/// What a check found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Found {
    /// The vault refused what it must do.
    #[error("the vault refused: {0}")]
    Refused(VaultError),
    /// The vault refused as it must, but with another error.
    #[error("the vault refused with another error: {0}")]
    OtherError(VaultError),
    /// The vault did what it must refuse.
    #[error("the vault did not refuse")]
    NotRefused,
    /// What came back is not what was asked for.
    #[error("{0}")]
    Wrong(&'static str),
}

/// One check, under its name.
type Check = (&'static str, fn(&Subject<'_>) -> Result<(), Found>);

const CHECKS: [Check; 8] = [
    ("keys sign", keys_sign),
    ("keys are apart", keys_are_apart),
    ("one call signs all", one_call_signs_all),
    ("all or none", all_or_none),
    ("keys are listed, by wallet", keys_are_listed),
    ("a deleted key is gone", a_deleted_key_is_gone),
    ("data keys come back", data_keys_come_back),
    ("other bytes are not unwrapped", other_bytes_are_not_unwrapped),
];

/// Checks a vault that has no keys of these two wallets yet. Every key that was made is deleted again.
///
/// # Errors
/// The first check that the vault does not pass.
pub fn check(vault: &dyn KeyVault, algorithm: Algorithm, wallets: [WalletId; 2]) -> Result<(), Broken> {
    let [wallet, other] = wallets;
    let subject = Subject {
        vault,
        algorithm,
        wallet,
        other,
    };
    for (check, run) in CHECKS {
        run(&subject).map_err(|found| Broken { check, found })?;
    }
    Ok(())
}

/// The vault, and what it is asked with.
struct Subject<'a> {
    vault: &'a dyn KeyVault,
    algorithm: Algorithm,
    wallet: WalletId,
    other: WalletId,
}

impl Subject<'_> {
    fn make(&self) -> Result<VaultKey, Found> {
        self.vault
            .create_key(&self.wallet, self.algorithm)
            .map_err(Found::Refused)
    }

    fn delete(&self, keys: &[&VaultKey]) -> Result<(), Found> {
        keys.iter()
            .try_for_each(|key| self.vault.delete_key(&key.handle))
            .map_err(Found::Refused)
    }

    fn sign(&self, jobs: Vec<CheckedJob>) -> Result<Vec<Signature>, VaultError> {
        sign_checked(self.vault, jobs)
    }
}

fn job(key: &VaultKey, what: &str) -> CheckedJob {
    CheckedJob {
        public: key.public,
        job: SignJob {
            key: key.handle.clone(),
            // Like every message of a wallet: a domain tag, a zero byte, and what is meant.
            message: [b"dcep/1/conformance\0", what.as_bytes()].concat(),
        },
    }
}

/// Whether the vault refused with this very error.
fn refused<T>(answer: Result<T, VaultError>, expected: VaultError) -> Result<(), Found> {
    match answer {
        Err(error) if error == expected => Ok(()),
        Err(error) => Err(Found::OtherError(error)),
        Ok(_) => Err(Found::NotRefused),
    }
}

fn keys_sign(subject: &Subject<'_>) -> Result<(), Found> {
    let key = subject.make()?;
    if key.public.algorithm() != subject.algorithm {
        return Err(Found::Wrong("a key of another algorithm"));
    }
    // Half of all ECDSA signatures have a high s, and a length of their own in DER.
    for what in ["one", "two", "three", "four", "five", "six", "seven", "eight"] {
        subject.sign(vec![job(&key, what)]).map_err(Found::Refused)?;
    }
    subject.delete(&[&key])
}

fn keys_are_apart(subject: &Subject<'_>) -> Result<(), Found> {
    let (first, second) = (subject.make()?, subject.make()?);
    if first.handle == second.handle {
        return Err(Found::Wrong("two keys with one handle"));
    }
    if first.public == second.public {
        return Err(Found::Wrong("the same key twice"));
    }
    subject.delete(&[&first, &second])
}

fn one_call_signs_all(subject: &Subject<'_>) -> Result<(), Found> {
    let (first, second) = (subject.make()?, subject.make()?);
    let jobs = vec![
        job(&second, "receipt"),
        job(&first, "transfer"),
        job(&second, "return"),
    ];
    // In the order of the jobs: each answer is checked with the key of its own.
    subject.sign(jobs).map_err(Found::Refused)?;
    let nothing = subject.vault.sign_all(&[]).map_err(Found::Refused)?;
    if !nothing.is_empty() {
        return Err(Found::Wrong("a signature of nothing"));
    }
    subject.delete(&[&first, &second])
}

fn all_or_none(subject: &Subject<'_>) -> Result<(), Found> {
    let (gone, here) = (subject.make()?, subject.make()?);
    if subject.inventory(&subject.wallet)? == Inventory::Derived {
        // Here no key can be gone, but a handle can be of no key.
        let nobody = VaultKey {
            handle: KeyHandle(Vec::new()),
            ..gone.clone()
        };
        let jobs = vec![job(&here, "one"), job(&nobody, "two")];
        refused(subject.sign(jobs), VaultError::KeyInvalidated)?;
    } else {
        subject.delete(&[&gone])?;
        let jobs = vec![job(&here, "one"), job(&gone, "two")];
        refused(subject.sign(jobs), VaultError::KeyInvalidated)?;
    }
    // The one that is here has taken no harm.
    subject.sign(vec![job(&here, "three")]).map_err(Found::Refused)?;
    subject.delete(&[&gone, &here])
}

impl Subject<'_> {
    fn inventory(&self, wallet: &WalletId) -> Result<Inventory, Found> {
        self.vault.list_keys(wallet).map_err(Found::Refused)
    }

    /// `None` if the vault keeps no list.
    fn lists(&self, wallet: &WalletId, key: &VaultKey) -> Result<Option<bool>, Found> {
        Ok(match self.inventory(wallet)? {
            Inventory::Keys(keys) => Some(keys.contains(&key.handle)),
            Inventory::Derived => None,
        })
    }
}

fn keys_are_listed(subject: &Subject<'_>) -> Result<(), Found> {
    let key = subject.make()?;
    if subject.lists(&subject.wallet, &key)? == Some(false) {
        return Err(Found::Wrong("a key is missing in its wallet's list"));
    }
    if subject.lists(&subject.other, &key)? == Some(true) {
        return Err(Found::Wrong("a key is in the list of another wallet"));
    }
    subject.delete(&[&key])
}

fn a_deleted_key_is_gone(subject: &Subject<'_>) -> Result<(), Found> {
    let (gone, here) = (subject.make()?, subject.make()?);
    subject.delete(&[&gone])?;
    match subject.lists(&subject.wallet, &gone)? {
        Some(true) => return Err(Found::Wrong("a deleted key is still listed")),
        Some(false) => refused(subject.sign(vec![job(&gone, "one")]), VaultError::KeyInvalidated)?,
        // A derived key comes back with its handle: the wallet forgets that.
        None => {}
    }
    // Deleting twice is deleting once, and takes nothing else along.
    subject.delete(&[&gone])?;
    subject.sign(vec![job(&here, "two")]).map_err(Found::Refused)?;
    subject.delete(&[&here])
}

fn data_keys_come_back(subject: &Subject<'_>) -> Result<(), Found> {
    for data_key in [
        [0; 32],
        [0xff; 32],
        core::array::from_fn(|at| u8::try_from(at).unwrap_or(0)),
    ] {
        let wrapped = subject.vault.wrap(&data_key).map_err(Found::Refused)?;
        if wrapped.windows(data_key.len()).any(|window| window == data_key) {
            return Err(Found::Wrong("the data key stands in clear in what wraps it"));
        }
        let unwrapped = subject.vault.unwrap(&wrapped).map_err(Found::Refused)?;
        if *unwrapped != data_key {
            return Err(Found::Wrong("another data key came back"));
        }
    }
    Ok(())
}

fn other_bytes_are_not_unwrapped(subject: &Subject<'_>) -> Result<(), Found> {
    let wrapped = subject.vault.wrap(&[7; 32]).map_err(Found::Refused)?;
    for at in (0..wrapped.len()).step_by(7) {
        let mut changed = wrapped.clone();
        changed.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
        refused(subject.vault.unwrap(&changed), VaultError::WrongKey)?;
        let cut = wrapped.iter().copied().take(at).collect::<Vec<_>>();
        refused(subject.vault.unwrap(&cut), VaultError::WrongKey)?;
    }
    Ok(())
}

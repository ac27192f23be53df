//! The vault and the wallet compared: keys that are missing, and keys that are left over.

use std::collections::BTreeSet;

use protocol::VerifyingKey;

use super::super::{Inner, keys::retire_destroyed};
use crate::{
    error::Fault,
    model::{HolderKey, Usage},
    vault::{Inventory, KeyHandle},
};

/// Looks which keys the vault has, and retires those that the platform destroyed. Returns what it has.
///
/// No call makes keys meanwhile: one that is listed here and in no row is in none later.
pub(super) fn find_destroyed(inner: &Inner) -> Result<Inventory, Fault> {
    let mut operation = inner.operation()?;
    let wallet = operation.with(|core, _| Ok::<_, Fault>(core.store.head().wallet))?;
    let inventory = operation.outside(|platform| platform.vault.list_keys(&wallet))?;
    if let Inventory::Keys(listed) = &inventory {
        let listed: BTreeSet<_> = listed.iter().collect();
        let missing: Vec<VerifyingKey> = operation.with(|core, _| {
            let keys = core.purse.keys().filter(|key| key.usage != Usage::Retired);
            let missing = keys.filter(|key| !listed.contains(&key.handle));
            Ok::<_, Fault>(missing.map(|key| key.public).collect())
        })?;
        retire_destroyed(&mut operation, &missing)?;
    }
    Ok(inventory)
}

/// Deletes from the vault what is in no row of this wallet (a crash came between making a key and storing it), and what is
/// retired and known as that to the bank. Returns how many keys that were.
pub(super) fn delete_surplus(inner: &Inner, inventory: &Inventory) -> Result<usize, Fault> {
    let Inventory::Keys(listed) = inventory else {
        return Ok(0);
    };
    let mut operation = inner.operation()?;
    let surplus: Vec<&KeyHandle> = operation.with(|core, _| {
        let declared = !core.purse.profile.retirement_undeclared;
        let known = |key: &HolderKey| declared || key.certificate.is_none();
        let keys = core.purse.keys();
        let needed = keys.filter(|key| key.usage != Usage::Retired || !known(key));
        let needed: BTreeSet<_> = needed.map(|key| &key.handle).collect();
        Ok::<_, Fault>(listed.iter().filter(|key| !needed.contains(key)).collect())
    })?;
    operation.outside(|platform| surplus.iter().try_for_each(|key| platform.vault.delete_key(key)))?;
    Ok(surplus.len())
}

//! The phones of a customer: one declares the others lost; and who forked gets no new keys.
//!
//! Every phone has a random name, and every key belongs to the phone it was first certified for. A frozen phone can still
//! do what brings money home: report, deposit, collect. It cannot have keys certified, load, or freeze in its turn.

use protocol::{
    Timestamp, VerifyingKey,
    bank::{Answer, DeviceId},
};
use rusqlite::Connection;

use super::{CallError, Operator, accounts, calls::Incoming, mailbox};
use crate::{sql::Sql, store::StoreError};

/// Status lists are extended by so many keys at once.
const KEYS_AT_ONCE: usize = 1_024;

impl Operator {
    /// Freezes every phone of the customer but one. Asking again freezes those that came since.
    pub(super) fn freeze(&self, incoming: &Incoming, device: &DeviceId) -> Result<Vec<u8>, CallError> {
        if let Some(answer) = self.answered(incoming)? {
            return Ok(answer);
        }
        // Written down first: from here on none of those phones gets another key, so none can slip through below.
        let keys = self.store.write::<_, CallError>(|tx| {
            let customer = accounts::find(tx, &incoming.account)?.ok_or(CallError::UnknownAccount)?;
            check_device(tx, customer.number, device)?;
            tx.prepare_cached(
                "INSERT INTO frozen (customer, device, frozen_at, told)
                 SELECT DISTINCT customer, device, ?3, 0 FROM holder WHERE customer = ?1 AND device <> ?2
                 ON CONFLICT DO NOTHING",
            )?
            .execute((customer.number, device.as_bytes(), Sql(incoming.at)))?;
            Ok(frozen_keys(tx, customer.number)?)
        })?;
        for keys in keys.chunks(KEYS_AT_ONCE) {
            self.issuer.revoke(keys)?;
        }
        self.once(incoming, |tx, customer| {
            for device in untold(tx, customer.number)? {
                mailbox::deliver_frozen(tx, customer.number, &device)?;
            }
            tx.prepare_cached("UPDATE frozen SET told = 1 WHERE customer = ?1")?
                .execute([customer.number])?;
            Ok(Answer::Frozen)
        })
    }

    /// The customer has answered for what its keys forked, and may have new ones again. Whether that was in question.
    ///
    /// # Errors
    /// [`CallError::UnknownAccount`] or [`CallError::Failed`].
    pub fn readmit(&self, account: &VerifyingKey) -> Result<bool, CallError> {
        self.store.write(|tx| {
            let customer = accounts::find(tx, account)?.ok_or(CallError::UnknownAccount)?;
            let removed = tx
                .prepare_cached("DELETE FROM barred WHERE customer = ?1")?
                .execute([customer.number])?;
            Ok(removed == 1)
        })
    }
}

/// The phone was not declared lost.
pub(super) fn check_device(
    connection: &Connection,
    customer: i64,
    device: &DeviceId,
) -> Result<(), CallError> {
    let frozen = connection
        .prepare_cached("SELECT 1 FROM frozen WHERE customer = ?1 AND device = ?2")?
        .exists((customer, device.as_bytes()))?;
    if frozen {
        Err(CallError::DeviceFrozen)
    } else {
        Ok(())
    }
}

/// The key is on a phone that was not declared lost.
pub(super) fn check_key(connection: &Connection, key: &VerifyingKey) -> Result<(), CallError> {
    let frozen = connection
        .prepare_cached(
            "SELECT 1 FROM holder JOIN frozen USING (customer, device) WHERE holder.holder_key = ?1",
        )?
        .exists([Sql(*key)])?;
    if frozen {
        Err(CallError::DeviceFrozen)
    } else {
        Ok(())
    }
}

/// No key of the customer forked, or somebody has answered for it.
pub(super) fn check_barred(connection: &Connection, customer: i64) -> Result<(), CallError> {
    let barred = connection
        .prepare_cached("SELECT 1 FROM barred WHERE customer = ?1")?
        .exists([customer])?;
    if barred { Err(CallError::Barred) } else { Ok(()) }
}

/// A key of the customer forked.
pub(super) fn bar(connection: &Connection, customer: i64, at: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO barred (customer, barred_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((customer, Sql(at)))?;
    Ok(())
}

fn frozen_keys(connection: &Connection, customer: i64) -> Result<Vec<VerifyingKey>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT holder_key FROM holder JOIN frozen USING (customer, device) WHERE customer = ?1",
        )?
        .query_map([customer], |row| row.get(0).map(|Sql(key)| key))?
        .collect::<Result<_, _>>()?)
}

fn untold(connection: &Connection, customer: i64) -> Result<Vec<DeviceId>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT device FROM frozen WHERE customer = ?1 AND told = 0")?
        .query_map([customer], |row| row.get(0).map(DeviceId::from_bytes))?
        .collect::<Result<_, _>>()?)
}

//! The status list: holder keys from which nobody may accept a payment any more. It only grows, and every change is a
//! new version.

use protocol::{Signed, StatusList, VerifyingKey, cbor, key::KeyHash};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Issuer, failure::IssuerFailure};
use crate::{
    sql::{Sql, stored},
    store::StoreError,
};

impl Issuer {
    /// Puts keys on the list. If all of them are there already, nothing changes.
    pub(super) fn add_to_status_list(&self, keys: &[VerifyingKey]) -> Result<(), IssuerFailure> {
        let changed = self
            .store
            .write::<_, IssuerFailure>(|tx| self.publish_status_list(tx, keys))?;
        if changed { self.reload_trust() } else { Ok(()) }
    }

    /// Signs the next version of the list, unless these keys are on it. Whether it did.
    pub(super) fn publish_status_list(
        &self,
        connection: &Connection,
        keys: &[VerifyingKey],
    ) -> Result<bool, IssuerFailure> {
        let newest = newest(connection)?;
        let news = |list: &StatusList| keys.iter().any(|key| !list.contains(key));
        if newest.as_ref().is_some_and(|list| !news(list)) {
            return Ok(false);
        }
        let listed: Vec<KeyHash> = newest.as_ref().map_or(&[][..], StatusList::keys).to_vec();
        let version = newest.map_or(1, |list| list.version.saturating_add(1));
        let all = listed.into_iter().chain(keys.iter().map(VerifyingKey::hash));
        let signed = self.status.signed(StatusList::new(version, self.now()?, all));
        connection.execute(
            "INSERT INTO status_list (version, signed) VALUES (?1, ?2)",
            (Sql(version), cbor::encode(&signed)),
        )?;
        Ok(true)
    }
}

fn newest(connection: &Connection) -> Result<Option<StatusList>, StoreError> {
    let bytes: Option<Vec<u8>> = connection
        .query_row(
            "SELECT signed FROM status_list ORDER BY version DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    bytes
        .map(|bytes| stored::<Signed<StatusList>>(&bytes).map(|signed| signed.body))
        .transpose()
}

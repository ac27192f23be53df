//! Testimony: what the registry says of keys that had to do with a fork.
//!
//! The issuer asks until it can say who answers for every fork. Then everything that the accused customers hold goes on the
//! status list, not only the key that forked: who signs twice with one key does so with the next.

use protocol::{Timestamp, VerifyingKey, attribution::NeverCertified};
use rusqlite::{Connection, OptionalExtension as _};

use super::{CallError, Operator, OperatorFailure, devices, registry};
use crate::{issuer::api::Testimony, sql::Sql, store::StoreError};

/// The name of the issuer's list of those who answer for forks.
const ACCUSED: &str = "accused";

impl Operator {
    /// Answers all questions there are, and draws the consequences. Whether there were any.
    pub(super) fn testify(&self) -> Result<bool, CallError> {
        let me = self.config.operator;
        let mut said_something = false;
        loop {
            let questions = self.issuer.questions(me)?;
            if questions.is_empty() {
                break;
            }
            let at = self.now()?;
            let testimonies: Vec<_> = self.store.write::<_, CallError>(|tx| {
                let keys = questions.iter();
                keys.map(|key| self.testimony(tx, key, at)).collect()
            })?;
            self.issuer.testify(me, &testimonies)?;
            said_something = true;
        }
        self.revoke_the_accused()?;
        Ok(said_something)
    }

    /// Statements are written down before they leave: a key of which this operator swore that it never certified it will
    /// never be certified.
    fn testimony(
        &self,
        connection: &Connection,
        key: &VerifyingKey,
        at: Timestamp,
    ) -> Result<Testimony, CallError> {
        if let Some(certificate) = registry::first_certificate(connection, key)? {
            return Ok(Testimony::Certified(Box::new(certificate)));
        }
        connection
            .prepare_cached(
                "INSERT INTO sworn (holder_key, sworn_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute((Sql(*key), Sql(at)))?;
        Ok(Testimony::Never(self.certifying.signed(NeverCertified {
            operator: self.config.operator,
            holder_key: *key,
            at,
        })))
    }

    fn revoke_the_accused(&self) -> Result<(), CallError> {
        let after = self.store.read(read_up_to)?;
        for accused in self.issuer.accused(after)? {
            let keys = self.store.read::<_, OperatorFailure>(|connection| {
                Ok(match registry::owner(connection, &accused.holder_key)? {
                    Some(customer) => registry::keys_of(connection, customer)?,
                    None => Vec::new(),
                })
            })?;
            if !keys.is_empty() {
                self.issuer.revoke(&keys)?;
            }
            let at = self.now()?;
            self.store.write::<_, OperatorFailure>(|tx| {
                if let Some(customer) = registry::owner(tx, &accused.holder_key)? {
                    devices::bar(tx, customer, at)?;
                }
                tx.prepare_cached(
                    "INSERT INTO read_up_to (list, number) VALUES (?1, ?2)
                     ON CONFLICT DO UPDATE SET number = max(number, excluded.number)",
                )?
                .execute((ACCUSED, Sql(accused.number)))?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn read_up_to(connection: &Connection) -> Result<u64, StoreError> {
    let number = connection
        .prepare_cached("SELECT number FROM read_up_to WHERE list = ?1")?
        .query_row([ACCUSED], |row| row.get(0))
        .optional()?;
    Ok(number.map_or(0, |Sql(number)| number))
}

/// Whether this operator swore that it never certified the key.
pub(super) fn is_sworn(connection: &Connection, key: &VerifyingKey) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM sworn WHERE holder_key = ?1")?
        .exists([Sql(*key)])?)
}

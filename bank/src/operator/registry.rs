//! The registry of certificates: append-only, and written before anything is handed out. It is what an operator swears on
//! when a key is said to be nobody's.

use protocol::{
    Day, Grant, HolderCertificate, Signed, Validity, VerifyingKey,
    bank::{Answer, DeviceId, KeyApplication},
    cbor,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{CallError, Operator, accounts::Customer, calls::Incoming, devices, testify};
use crate::{
    sql::{Sql, stored},
    store::StoreError,
};

/// The most keys in one order: a pool for months.
pub const MAX_KEYS: usize = 64;

impl Operator {
    /// Certifies keys: all of them or none. A key that this account owns already gets a new certificate.
    pub(super) fn certify(
        &self,
        incoming: &Incoming,
        applications: &[Signed<KeyApplication>],
    ) -> Result<Vec<u8>, CallError> {
        if !(1..=MAX_KEYS).contains(&applications.len()) {
            return Err(CallError::KeyCount {
                found: applications.len(),
            });
        }
        for application in applications {
            check_application(application, &incoming.account)?;
        }
        let status = self.issuer.trust_bundle()?.status;
        self.once(incoming, |tx, customer| {
            // A key on the status list gets no new certificate.
            let revoked = |key| status.iter().any(|list| list.body.contains(key));
            if applications
                .iter()
                .any(|application| revoked(&application.body.holder_key))
            {
                return Err(CallError::KeyRevoked);
            }
            devices::check_barred(tx, customer.number)?;
            for application in applications {
                devices::check_device(tx, customer.number, &device_of(&application.body))?;
            }
            let certificates = applications
                .iter()
                .map(|application| self.certify_key(tx, incoming, customer, &application.body))
                .collect::<Result<_, CallError>>()?;
            Ok(Answer::Certified { certificates })
        })
    }

    fn certify_key(
        &self,
        connection: &Connection,
        incoming: &Incoming,
        customer: &Customer,
        application: &KeyApplication,
    ) -> Result<Signed<HolderCertificate>, CallError> {
        let key = application.holder_key;
        match owner(connection, &key)? {
            Some(owner) if owner != customer.number => return Err(CallError::KeyTaken),
            Some(_) => {}
            None if testify::is_sworn(connection, &key)? => return Err(CallError::KeyRevoked),
            None => {
                connection
                    .prepare_cached("INSERT INTO holder (holder_key, customer, device) VALUES (?1, ?2, ?3)")?
                    .execute((Sql(key), customer.number, device_of(application).as_bytes()))?;
            }
        }
        let certificate = self.certifying.signed(HolderCertificate {
            holder_key: key,
            static_key: application.static_key,
            grant: Grant {
                operator: self.config.operator,
                class: customer.class,
                assurance: application.assurance,
                validity: self.certificate_validity(incoming.at.day()),
                name: customer.name.clone(),
            },
        });
        connection
            .prepare_cached(
                "INSERT INTO certificate (holder_key, registered_at, signed) VALUES (?1, ?2, ?3)",
            )?
            .execute((Sql(key), Sql(incoming.at), cbor::encode(&certificate)))?;
        Ok(certificate)
    }

    /// Yesterday counts too: the clock of whoever looks at the certificate may lag behind.
    fn certificate_validity(&self, today: Day) -> Validity {
        Validity {
            from: Day::from_number(today.number().saturating_sub(1)),
            until: today.plus(self.config.certificate_days),
        }
    }
}

/// Phones that give no name are one phone.
fn device_of(application: &KeyApplication) -> DeviceId {
    application
        .device
        .unwrap_or_else(|| DeviceId::from_bytes([0; 16]))
}

/// The key signed the application itself, and it is for the account that hands it in.
fn check_application(application: &Signed<KeyApplication>, account: &VerifyingKey) -> Result<(), CallError> {
    let proven = application.verify(&application.body.holder_key).is_ok();
    if proven && application.body.account == *account {
        Ok(())
    } else {
        Err(CallError::KeyNotProven)
    }
}

/// Whose key this is.
pub(super) fn owner(connection: &Connection, key: &VerifyingKey) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT customer FROM holder WHERE holder_key = ?1")?
        .query_row([Sql(*key)], |row| row.get(0))
        .optional()?)
}

/// The oldest certificate of this key.
pub(super) fn first_certificate(
    connection: &Connection,
    key: &VerifyingKey,
) -> Result<Option<Signed<HolderCertificate>>, StoreError> {
    let signed: Option<Vec<u8>> = connection
        .prepare_cached("SELECT signed FROM certificate WHERE holder_key = ?1 ORDER BY certificate LIMIT 1")?
        .query_row([Sql(*key)], |row| row.get(0))
        .optional()?;
    signed.map(|signed| stored(&signed)).transpose()
}

/// Whether this very certificate was ever handed out.
pub(super) fn is_registered(
    connection: &Connection,
    certificate: &Signed<HolderCertificate>,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM certificate WHERE holder_key = ?1 AND signed = ?2")?
        .exists((Sql(certificate.body.holder_key), cbor::encode(certificate)))?)
}

/// Every key of a customer.
pub(super) fn keys_of(connection: &Connection, customer: i64) -> Result<Vec<VerifyingKey>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT holder_key FROM holder WHERE customer = ?1")?
        .query_map([customer], |row| row.get(0).map(|Sql(key)| key))?
        .collect::<Result<_, _>>()?)
}

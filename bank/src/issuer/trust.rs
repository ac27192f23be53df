//! What the root signs: operators, series, the status authority. Each is renewed well before it ends, so that wallets
//! which sync now and then never meet a gap.

use std::sync::Arc;

use minicbor::{Decode, Encode};
use protocol::{
    Day, OperatorCertificate, Series, SeriesId, Signed, StatusAuthority, StatusList, Trust, TrustBundle,
    Validity, VerifyingKey, cbor,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{IssuerError, IssuerRefusal, OperatorApplication},
    failure::{IssuerFailure, Stop},
};
use crate::{
    keys,
    ledger::{Ledger, Side},
    sql::{Sql, stored},
    store::StoreError,
};

/// So many days before a series or a certificate ends, the next one is made.
const LEAD_DAYS: u32 = 60;

/// What the root has signed, checked as a stranger would, and the day on which something has to be renewed.
pub(super) struct Believed {
    pub(super) trust: Arc<Trust>,
    renew_on: Day,
}

impl Believed {
    pub(super) fn nothing(root: VerifyingKey) -> Self {
        Self {
            trust: Arc::new(Trust::new(root)),
            renew_on: Day::default(),
        }
    }
}

impl Issuer {
    /// Certifies an operator. The same application again changes nothing.
    pub(super) fn admit(&self, application: &OperatorApplication) -> Result<(), IssuerError> {
        let today = self.now()?.day();
        self.store.write::<_, Stop>(|tx| {
            let OperatorApplication {
                operator,
                name,
                certifying_key,
                settlement_key,
            } = application;
            if let Some(known) = operator_certificate(tx, operator.0)? {
                let same = known.name == *name
                    && known.certifying_key == *certifying_key
                    && known.settlement_key == *settlement_key;
                return if same {
                    Ok(())
                } else {
                    Err(IssuerRefusal::OperatorDiffers.into())
                };
            }
            let account = Ledger::in_(tx).account(&format!("reserve/{}", operator.0), Side::Credit)?;
            tx.execute(
                "INSERT INTO operator (operator, reserve_account, version, valid_until, certificate)
                 VALUES (?1, ?2, 0, 0, x'')",
                (operator.0, account.0),
            )?;
            self.certify_operator(
                tx,
                OperatorCertificate {
                    operator: *operator,
                    version: 1,
                    name: name.clone(),
                    certifying_key: *certifying_key,
                    settlement_key: *settlement_key,
                    validity: self.authority_validity(today),
                },
            )?;
            Ok(())
        })?;
        Ok(self.reload_trust()?)
    }

    /// Makes the next series, and renews certificates, where their end is near. Costs nothing on all other days.
    pub(super) fn renew(&self) -> Result<(), IssuerFailure> {
        let today = self.now()?.day();
        if today < self.believed().renew_on {
            return Ok(());
        }
        self.store.write::<_, IssuerFailure>(|tx| {
            self.renew_series(tx, today)?;
            self.renew_authority(tx, today)?;
            self.renew_operators(tx, today)
        })?;
        self.reload_trust()
    }

    /// Reads what the root has signed, and believes it only as far as its signatures go.
    pub(super) fn reload_trust(&self) -> Result<(), IssuerFailure> {
        let (bundle, renew_on) = self.store.read::<_, IssuerFailure>(|connection| {
            Ok((read_bundle(connection)?, read_renew_on(connection)?))
        })?;
        let mut trust = Trust::new(self.root.verifying_key());
        trust.merge(&bundle).map_err(|_| IssuerFailure::Inconsistent {
            what: "what the root signed does not verify",
        })?;
        let mut believed = self.believed();
        believed.trust = Arc::new(trust);
        believed.renew_on = renew_on;
        Ok(())
    }

    /// The first series follows today; every later one follows its predecessor without a gap.
    fn renew_series(&self, connection: &Connection, today: Day) -> Result<(), IssuerFailure> {
        let newest: Option<(u32, Sql<Day>)> = connection
            .query_row(
                "SELECT series, issue_until FROM series ORDER BY series DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (number, from) = match newest {
            Some((_, Sql(until))) if until >= today.plus(LEAD_DAYS) => return Ok(()),
            Some((number, Sql(until))) => (number.saturating_add(1), until.plus(1).max(today)),
            None => (1, today),
        };
        let key = keys::key_for(&series_purpose(SeriesId(number)), connection, &*self.entropy)?;
        // A day's start ahead of the calendar is no harm; a gap would be.
        let until = from.plus(self.config.series_days.max(LEAD_DAYS * 2));
        let spend_until = until.plus(self.config.spend_days);
        let series = self.root.signed(Series {
            series: SeriesId(number),
            note_key: key.verifying_key(),
            issue: Validity { from, until },
            spend_until,
            claim_until: spend_until.plus(self.config.claim_days),
        });
        connection.execute(
            "INSERT INTO series (series, issue_from, issue_until, claim_until, signed) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                number,
                Sql(from),
                Sql(until),
                Sql(series.body.claim_until),
                cbor::encode(&series),
            ),
        )?;
        Ok(())
    }

    fn renew_authority(&self, connection: &Connection, today: Day) -> Result<(), IssuerFailure> {
        let newest: Option<(Sql<u64>, Sql<Day>)> = connection
            .query_row(
                "SELECT version, valid_until FROM status_authority ORDER BY version DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let version = match newest {
            Some((_, Sql(until))) if until >= today.plus(LEAD_DAYS) => return Ok(()),
            Some((Sql(version), _)) => version.saturating_add(1),
            None => 1,
        };
        let validity = self.authority_validity(today);
        let authority = self.root.signed(StatusAuthority {
            version,
            key: self.status.verifying_key(),
            validity,
        });
        connection.execute(
            "INSERT INTO status_authority (version, valid_until, signed) VALUES (?1, ?2, ?3)",
            (Sql(version), Sql(validity.until), cbor::encode(&authority)),
        )?;
        if newest.is_none() {
            self.publish_status_list(connection, &[])?;
        }
        Ok(())
    }

    fn renew_operators(&self, connection: &Connection, today: Day) -> Result<(), IssuerFailure> {
        let ending: Vec<u32> = connection
            .prepare_cached("SELECT operator FROM operator WHERE valid_until < ?1")?
            .query_map([Sql(today.plus(LEAD_DAYS))], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for operator in ending {
            if let Some(certificate) = operator_certificate(connection, operator)? {
                let renewed = OperatorCertificate {
                    version: certificate.version.saturating_add(1),
                    validity: self.authority_validity(today),
                    ..certificate
                };
                self.certify_operator(connection, renewed)?;
            }
        }
        Ok(())
    }

    fn certify_operator(
        &self,
        connection: &Connection,
        certificate: OperatorCertificate,
    ) -> Result<(), IssuerFailure> {
        let (operator, version) = (certificate.operator.0, certificate.version);
        let until = certificate.validity.until;
        let signed = self.root.signed(certificate);
        connection.execute(
            "UPDATE operator SET version = ?2, valid_until = ?3, certificate = ?4 WHERE operator = ?1",
            (operator, Sql(version), Sql(until), cbor::encode(&signed)),
        )?;
        Ok(())
    }

    /// Yesterday counts too: a wallet's clock may lag behind.
    fn authority_validity(&self, today: Day) -> Validity {
        Validity {
            from: Day::from_number(today.number().saturating_sub(1)),
            until: today.plus(self.config.authority_days.max(LEAD_DAYS * 2)),
        }
    }
}

/// Under which name the key of a series is kept.
pub(super) fn series_purpose(series: SeriesId) -> String {
    format!("series/{}", series.0)
}

fn operator_certificate(
    connection: &Connection,
    operator: u32,
) -> Result<Option<OperatorCertificate>, StoreError> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT certificate FROM operator WHERE operator = ?1")?
        .query_row([operator], |row| row.get(0))
        .optional()?;
    bytes
        .map(|bytes| stored::<Signed<OperatorCertificate>>(&bytes).map(|signed| signed.body))
        .transpose()
}

fn read_bundle(connection: &Connection) -> Result<TrustBundle, StoreError> {
    Ok(TrustBundle {
        operators: read_all(connection, "SELECT certificate FROM operator ORDER BY operator")?,
        series: read_all(connection, "SELECT signed FROM series ORDER BY series")?,
        policies: Vec::new(),
        authority: read_all::<Signed<StatusAuthority>>(
            connection,
            "SELECT signed FROM status_authority ORDER BY version DESC LIMIT 1",
        )?,
        status: read_all::<Signed<StatusList>>(
            connection,
            "SELECT signed FROM status_list ORDER BY version DESC LIMIT 1",
        )?,
    })
}

fn read_all<T: Encode<()> + for<'b> Decode<'b, ()>>(
    connection: &Connection,
    query: &str,
) -> Result<Vec<T>, StoreError> {
    let blobs: Vec<Vec<u8>> = connection
        .prepare_cached(query)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    blobs.iter().map(|bytes| stored(bytes)).collect()
}

/// The first day on which a renewal is due: the earliest end, less the lead. Day zero while something is missing.
fn read_renew_on(connection: &Connection) -> Result<Day, StoreError> {
    let earliest: Option<Sql<Day>> = connection.query_row(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM series) AND EXISTS (SELECT 1 FROM status_authority) THEN (
            SELECT min(until) FROM (
                SELECT max(issue_until) AS until FROM series
                UNION ALL SELECT max(valid_until) FROM status_authority
                UNION ALL SELECT valid_until FROM operator
            ) WHERE until IS NOT NULL
        ) END",
        [],
        |row| row.get(0),
    )?;
    Ok(earliest.map_or(Day::default(), |Sql(until)| {
        Day::from_number(until.number().saturating_sub(LEAD_DAYS).saturating_add(1))
    }))
}

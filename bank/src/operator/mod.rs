//! The commercial bank: it knows its customers, certifies their keys, and turns deposits into notes and back.
//!
//! Its books:
//!
//! | account | side | what stands on it |
//! | --- | --- | --- |
//! | `reserve` | debit | what the issuer owes it |
//! | `cash` | debit | paper money in the till |
//! | `gifts` | debit | what it gave away to welcome customers |
//! | `capital` | credit | what its owners put in |
//! | `customer/<account key>` | credit | what it owes a customer |
//! | `loads in flight` | credit | what customers paid for notes that the issuer has not yet been heard of |
//! | `covers in flight` | credit | what is held for the excess of claims that the issuer has not yet been heard of |
//! | `guarantee` | debit | what it paid for second claims of forked value, because those who answer for the fork could not |
//! | `late claims` | debit | what it paid to rightful holders, because those who had been credited before had spent it |
//!
//! | what happens | debit | credit |
//! | --- | --- | --- |
//! | the owners pay up the reserve | `reserve` | `capital` |
//! | cash over the counter | `cash` | `customer/…` |
//! | a welcome | `gifts` | `customer/…` |
//! | a load is ordered | `customer/…` | `loads in flight` |
//! | … and issued | `loads in flight` | `reserve` |
//! | … or refused | `loads in flight` | `customer/…` |
//! | a deposit is settled, as far as it was in circulation | `reserve` | `customer/…` |
//! | … excess is provided for | `customer/…` of the culprit, then `guarantee` | `covers in flight` |
//! | … and paid | `covers in flight` | `customer/…` |
//! | … or not needed | `covers in flight` | `customer/…` of the culprit, `guarantee` |
//! | … a part of it was credited to an earlier holder | `customer/…` of that one, then `late claims` | `customer/…` |
//! | a claim window closes | as a deposit | `customer/…` |
//!
//! # What is remembered
//!
//! The answer to every *granted* call is kept, byte for byte: the same call again gets it again, and another call under
//! the same idempotency key is a conflict. Only pure reads, collecting a mailbox and inquiring after transfers, are
//! answered anew each time. A *refusal* changes nothing and leaves nothing behind, so that the same call
//! may be granted once its reason is gone (the account was too low, the issuer did not answer). Refusals with a lasting
//! reason repeat themselves, because the reason does.

mod accounts;
mod audit;
mod breaches;
mod calls;
mod close;
mod cover;
pub mod denominations;
mod deposit;
mod devices;
mod error;
mod load;
mod mailbox;
mod orders;
pub mod policies;
mod refresh;
mod registry;
mod report;
mod statements;
mod steps;
mod testify;

use std::sync::{Arc, Mutex, PoisonError};

use protocol::{
    Amount, Day, Id, Name, OperatorId, Policy, Signed, Timestamp, TrustBundle,
    bank::{Answer, Call, Order, Reply},
    cbor,
};
use rusqlite::Connection;

pub(crate) use self::audit::OperatorTotals;
pub use self::{
    audit::OperatorFault,
    breaches::{Breach, Breaking},
    close::Closings,
    error::{CallError, OperatorFailure},
    mailbox::MAX_DELIVERED_BYTES,
    registry::MAX_KEYS,
    statements::MAX_INQUIRED,
};
use self::{
    calls::Incoming,
    policies::{OfflineRules, Profile},
};
use crate::{
    environment::{Clock, Entropy},
    issuer::api::{IssuerApi, IssuerError, OperatorApplication},
    keys::{self, Signer},
    ledger::{self, Account, Entry, Ledger, Reason, Side},
    sql::{Sql, stored},
    store::{Place, Store, StoreError},
};

/// What can be chosen about an operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorConfig {
    /// The number it is admitted under.
    pub operator: OperatorId,
    /// Its registered name.
    pub name: Name,
    /// The published limits it follows.
    pub profile: Profile,
    /// Limits that the publications leave open.
    pub rules: OfflineRules,
    /// For how many days a holder certificate is valid. Short, so that the status list stays short; longer than the
    /// greatest age of value, so that nobody's certificate ends while they are offline and in good standing.
    pub certificate_days: u32,
    /// Credited to every new account. For sandboxes.
    pub welcome: Option<Amount>,
    /// The most that the operator pays by itself for second claims of forked value, in all.
    pub guarantee: Amount,
}

/// The commercial bank.
pub struct Operator {
    config: OperatorConfig,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    issuer: Arc<dyn IssuerApi>,
    store: Store,
    certifying: Box<dyn Signer>,
    settlement: Box<dyn Signer>,
    chart: Chart,
    /// The day on which claim windows were last closed. Whoever holds this closes them.
    windows_closed_on: Mutex<Option<Day>>,
    /// Whoever holds this has something covered.
    covering: Mutex<()>,
}

/// The accounts that are always there.
struct Chart {
    reserve: Account,
    cash: Account,
    gifts: Account,
    capital: Account,
    in_flight: Account,
    covers_in_flight: Account,
    guarantee: Account,
    late_claims: Account,
}

impl Chart {
    fn open(ledger: Ledger<'_>) -> Result<Self, OperatorFailure> {
        Ok(Self {
            reserve: ledger.account("reserve", Side::Debit)?,
            cash: ledger.account("cash", Side::Debit)?,
            gifts: ledger.account("gifts", Side::Debit)?,
            capital: ledger.account("capital", Side::Credit)?,
            in_flight: ledger.account("loads in flight", Side::Credit)?,
            covers_in_flight: ledger.account("covers in flight", Side::Credit)?,
            guarantee: ledger.account("guarantee", Side::Debit)?,
            late_claims: ledger.account("late claims", Side::Debit)?,
        })
    }
}

impl Operator {
    /// Opens the operator's books; makes them, its keys and its policies the first time. Orders that were pending when
    /// the books were last closed, however that happened, are driven to their end.
    ///
    /// # Errors
    /// [`CallError::Issuer`] if the issuer does not certify it, [`CallError::Failed`] for its own troubles.
    pub fn open(
        config: OperatorConfig,
        place: &Place,
        issuer: Arc<dyn IssuerApi>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, CallError> {
        let migrations = [
            ledger::MIGRATION,
            include_str!("../../migrations/operator_0001.sql"),
        ];
        let store = Store::open(place, "operator.sqlite", &migrations)?;
        let (certifying, settlement, chart) = store.write::<_, OperatorFailure>(|tx| {
            Ok((
                keys::key_for("certifying", tx, &*entropy)?,
                keys::key_for("settlement", tx, &*entropy)?,
                Chart::open(Ledger::in_(tx))?,
            ))
        })?;
        issuer.register(&OperatorApplication {
            operator: config.operator,
            name: config.name.clone(),
            certifying_key: certifying.verifying_key(),
            settlement_key: settlement.verifying_key(),
        })?;
        let operator = Self {
            config,
            clock,
            entropy,
            issuer,
            store,
            certifying,
            settlement,
            chart,
            windows_closed_on: Mutex::new(None),
            covering: Mutex::new(()),
        };
        operator.publish_policies()?;
        operator.finish_pending_orders()?;
        operator.catch_up()?;
        Ok(operator)
    }

    /// What a crash may have left undone, or the calendar brought. An issuer that does not answer now leaves it for later.
    fn catch_up(&self) -> Result<(), CallError> {
        match self.testify().and_then(|_| self.close_windows()) {
            Ok(_) | Err(CallError::Issuer(IssuerError::NoAnswer { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The first call of a day finds the windows of yesterday closed. A test needs no timer for that, and a bank that nobody
    /// calls owes nobody an answer.
    fn begin_day(&self, today: Day) -> Result<(), CallError> {
        let closed_on = *self
            .windows_closed_on
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if closed_on == Some(today) {
            Ok(())
        } else {
            self.catch_up()
        }
    }

    /// Answers a call whose signature was checked: an encoded [`protocol::bank::Answer`].
    ///
    /// # Errors
    /// [`CallError`].
    pub fn answer(&self, call: &Call) -> Result<Vec<u8>, CallError> {
        let incoming = Incoming::new(call, self.now()?);
        self.begin_day(incoming.at.day())?;
        match &call.order {
            Order::Enrol { class, name } => self.enrol(&incoming, *class, name.as_ref()),
            Order::Certify { keys } => self.certify(&incoming, keys),
            Order::Load { amount, keys } => self.load(&incoming, *amount, keys),
            Order::Deposit { payment } => self.deposit(&incoming, payment),
            Order::Account => self.account(&incoming),
            Order::Report { payment, receipt } => self.report(&incoming, payment, *receipt),
            Order::Collect { after } => self.collect(&incoming, *after),
            Order::Accuse { proof } => self.accuse(&incoming, proof),
            Order::Retire { keys } => self.retire(&incoming, keys),
            Order::Freeze { device } => self.freeze(&incoming, device),
            Order::Inquire { transfers } => self.inquire(&incoming, transfers),
            Order::Refresh { payment, keys } => self.refresh(&incoming, payment, keys),
        }
    }

    /// Signs an answer to the call of this id.
    pub fn reply(&self, call: Id, answer: Answer) -> Signed<Reply> {
        // Who cannot read the clock says so by a time that moves nobody's.
        let at = self.now().unwrap_or_default();
        self.certifying.signed(Reply {
            operator: self.config.operator,
            call,
            at,
            answer,
        })
    }

    /// Everything a wallet must believe: what the issuer signs, and this operator's policies.
    ///
    /// # Errors
    /// [`CallError::Issuer`] or [`CallError::Failed`].
    pub fn trust_bundle(&self) -> Result<TrustBundle, CallError> {
        let mut bundle = self.issuer.trust_bundle()?;
        bundle.policies = self.store.read(newest_policies)?;
        Ok(bundle)
    }

    /// Books what the owners paid up at the issuer. The same `cause` is booked once.
    ///
    /// # Errors
    /// [`OperatorFailure`].
    pub fn record_funding(&self, cause: &[u8], amount: Amount) -> Result<(), OperatorFailure> {
        let at = self.now()?;
        self.store.write(|tx| {
            let ledger = Ledger::in_(tx);
            if amount.is_zero() || ledger.moved(Reason::Funding, cause)?.is_some() {
                return Ok(());
            }
            Ok(ledger.post(&Entry {
                debit: self.chart.reserve,
                credit: self.chart.capital,
                amount,
                reason: Reason::Funding,
                cause,
                at,
            })?)
        })
    }

    /// Signs the policies of the configured profile, in a new version where they differ from the newest.
    fn publish_policies(&self) -> Result<(), OperatorFailure> {
        let wanted = policies::policies(self.config.operator, self.config.profile, &self.config.rules)
            .map_err(|_| OperatorFailure::Inconsistent {
                what: "a profile without a name",
            })?;
        self.store.write(|tx| {
            let published = newest_policies(tx)?;
            for policy in wanted {
                let newest = published
                    .iter()
                    .map(|signed| &signed.body)
                    .find(|old| old.class == policy.class);
                let version = newest.map_or(0, |old| old.version);
                if newest.is_some_and(|old| {
                    *old == Policy {
                        version,
                        ..policy.clone()
                    }
                }) {
                    continue;
                }
                let next = Policy {
                    version: version.saturating_add(1),
                    ..policy
                };
                tx.execute(
                    "INSERT INTO policy (class, version, signed) VALUES (?1, ?2, ?3)",
                    (
                        Sql(next.class),
                        Sql(next.version),
                        cbor::encode(&self.certifying.signed(next)),
                    ),
                )?;
            }
            Ok(())
        })
    }

    fn now(&self) -> Result<Timestamp, OperatorFailure> {
        Ok(self.clock.now()?)
    }
}

fn newest_policies(connection: &Connection) -> Result<Vec<Signed<Policy>>, OperatorFailure> {
    let blobs: Vec<Vec<u8>> = connection
        .prepare_cached(
            "SELECT signed FROM policy AS p
             WHERE version = (SELECT max(version) FROM policy WHERE class = p.class) ORDER BY class",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(blobs
        .iter()
        .map(|bytes| stored(bytes))
        .collect::<Result<_, StoreError>>()?)
}

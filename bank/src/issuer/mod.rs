//! The central bank: it admits operators, issues notes against their reserves, and settles what comes back.
//!
//! Its books:
//!
//! | account | side | what stands on it |
//! | --- | --- | --- |
//! | `backing` | debit | what the issuer holds against the reserves and the notes |
//! | `reserve/<n>` | credit | what it owes operator *n* |
//! | `circulation` | credit | what it owes whoever holds its notes: the outstanding cash |
//!
//! | what happens | debit | credit |
//! | --- | --- | --- |
//! | an operator pays up its reserve | `backing` | `reserve/<n>` |
//! | notes are issued | `reserve/<n>` | `circulation` |
//! | a payment to the operator is settled, as far as it was still in circulation | `circulation` | `reserve/<n>` |
//! | value that nobody presented is closed, likewise | `circulation` | `reserve/<n>` |
//!
//! Every fen of a note comes home once. What a fork makes of it a second time never enters these books but as a row of
//! `excess`, with its proof: `issued = outstanding + redeemed` holds whatever anybody forges.

pub mod api;
mod attribution;
mod audit;
mod close;
mod evidence;
mod failure;
mod history;
mod issue;
mod record;
mod redeem;
mod settle;
mod status;
mod trust;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{
    Amount, ForkProof, HolderCertificate, Id, OperatorId, Outpoint, Output, Payment, Receipt, Signed,
    Timestamp, TrustBundle, VerifyingKey,
};
use rusqlite::{Connection, OptionalExtension as _};

use self::{
    api::{
        Accepted, Accused, Closing, Due, IssuerApi, IssuerError, IssuerRefusal, OperatorApplication, OrderId,
        Settlement, Statement, Testimony,
    },
    failure::Stop,
    trust::Believed,
};
pub use self::{audit::IssuerFault, failure::IssuerFailure, issue::MAX_NOTES};
pub(crate) use self::{audit::IssuerTotals, close::outpoint_bytes};
use crate::{
    environment::{Clock, Entropy},
    keys::{self, Signer},
    ledger::{self, Account, Entry, Ledger, Reason, Side},
    sql::{Sql, stored},
    store::{Place, Store, StoreError},
};

/// What can be chosen about an issuer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuerConfig {
    /// For how many days notes of one series are issued.
    pub series_days: u32,
    /// For how many days after the last day of issue value of a series may be paid on offline.
    pub spend_days: u32,
    /// For how many days after that a claim is certain. Months: this is how long an honest holder has to sync.
    pub claim_days: u32,
    /// For how many days certificates of operators and of the status authority are valid. They are renewed in time.
    pub authority_days: u32,
}

impl Default for IssuerConfig {
    /// A year of issue, a year more to spend, half a year more to claim. Authorities are certified for two years.
    fn default() -> Self {
        Self {
            series_days: 365,
            spend_days: 365,
            claim_days: 180,
            authority_days: 730,
        }
    }
}

/// The central bank.
pub struct Issuer {
    config: IssuerConfig,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    store: Store,
    root: Box<dyn Signer>,
    status: Box<dyn Signer>,
    chart: Chart,
    /// What its root has signed so far, as anybody would check it.
    believed: Mutex<Believed>,
}

/// The accounts that are always there.
struct Chart {
    backing: Account,
    circulation: Account,
}

impl Issuer {
    /// Opens the issuer's books; makes them, and its keys, the first time.
    ///
    /// # Errors
    /// [`IssuerFailure`].
    pub fn open(
        config: IssuerConfig,
        place: &Place,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, IssuerFailure> {
        let migrations = [
            ledger::MIGRATION,
            include_str!("../../migrations/issuer_0001.sql"),
        ];
        let store = Store::open(place, "issuer.sqlite", &migrations)?;
        let (root, status, chart) = store.write::<_, IssuerFailure>(|tx| {
            let ledger = Ledger::in_(tx);
            let chart = Chart {
                backing: ledger.account("backing", Side::Debit)?,
                circulation: ledger.account("circulation", Side::Credit)?,
            };
            Ok((
                keys::key_for("root", tx, &*entropy)?,
                keys::key_for("status", tx, &*entropy)?,
                chart,
            ))
        })?;
        let believed = Mutex::new(Believed::nothing(root.verifying_key()));
        let issuer = Self {
            config,
            clock,
            entropy,
            store,
            root,
            status,
            chart,
            believed,
        };
        issuer.reload_trust()?;
        issuer.renew()?;
        Ok(issuer)
    }

    /// The key that every wallet pins.
    #[must_use]
    pub fn root(&self) -> VerifyingKey {
        self.root.verifying_key()
    }

    /// Pays up an operator's reserve, from outside these books. The first amount under a `cause` is the one that counts;
    /// it is returned.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub fn fund(&self, operator: OperatorId, cause: &[u8], amount: Amount) -> Result<Amount, IssuerError> {
        let at = self.now()?;
        let funded = self.store.write::<_, Stop>(|tx| {
            let ledger = Ledger::in_(tx);
            if let Some(earlier) = ledger.moved(Reason::Funding, cause)? {
                return Ok(earlier);
            }
            if !amount.is_zero() {
                ledger.post(&Entry {
                    debit: self.chart.backing,
                    credit: reserve(tx, operator)?,
                    amount,
                    reason: Reason::Funding,
                    cause,
                    at,
                })?;
            }
            Ok(amount)
        })?;
        Ok(funded)
    }

    /// Every fraud proof on file, the oldest first.
    ///
    /// # Errors
    /// [`IssuerFailure`].
    pub fn fork_proofs(&self) -> Result<Vec<ForkProof>, IssuerFailure> {
        self.store.read(|connection| {
            let blobs: Vec<Vec<u8>> = connection
                .prepare_cached("SELECT proof FROM fork ORDER BY fork")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(blobs
                .iter()
                .map(|bytes| stored(bytes))
                .collect::<Result<_, StoreError>>()?)
        })
    }

    fn now(&self) -> Result<Timestamp, IssuerFailure> {
        Ok(self.clock.now()?)
    }

    fn believed(&self) -> MutexGuard<'_, Believed> {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IssuerApi for Issuer {
    fn register(&self, application: &OperatorApplication) -> Result<(), IssuerError> {
        self.admit(application)
    }

    fn issue(
        &self,
        order: OrderId,
        operator: OperatorId,
        outputs: &[Output],
    ) -> Result<Vec<Signed<protocol::Note>>, IssuerError> {
        self.issue_notes(order, operator, outputs)
    }

    fn settle(
        &self,
        order: OrderId,
        operator: OperatorId,
        payment: &Payment,
        accepted: &Accepted,
    ) -> Result<Settlement, IssuerError> {
        self.settle_payment(order, operator, payment, accepted)
    }

    fn due(&self, after: Option<Outpoint>) -> Result<Vec<Due>, IssuerError> {
        Ok(self.sweep(after)?)
    }

    fn close(
        &self,
        order: OrderId,
        operator: OperatorId,
        outpoint: Outpoint,
        certificate: &Signed<HolderCertificate>,
        accepted: &Accepted,
    ) -> Result<Closing, IssuerError> {
        self.close_outpoint(order, operator, outpoint, certificate, accepted)
    }

    fn record(&self, payment: &Payment, receipt: Option<&Signed<Receipt>>) -> Result<(), IssuerError> {
        self.record_payment(payment, receipt)
    }

    fn accuse(&self, proof: &ForkProof) -> Result<(), IssuerError> {
        self.file_proof(proof)
    }

    fn known(&self, transfers: &[Id]) -> Result<Vec<Id>, IssuerError> {
        Ok(self.known_transfers(transfers)?)
    }

    fn questions(&self, operator: OperatorId) -> Result<Vec<VerifyingKey>, IssuerError> {
        Ok(self.investigate(operator)?)
    }

    fn testify(&self, operator: OperatorId, testimonies: &[Testimony]) -> Result<(), IssuerError> {
        self.hear(operator, testimonies)
    }

    fn accused(&self, after: u64) -> Result<Vec<Accused>, IssuerError> {
        Ok(self.accused_after(after)?)
    }

    fn revoke(&self, keys: &[VerifyingKey]) -> Result<(), IssuerError> {
        Ok(self.add_to_status_list(keys)?)
    }

    fn trust_bundle(&self) -> Result<TrustBundle, IssuerError> {
        self.renew()?;
        Ok(self.believed().trust.bundle())
    }

    fn statement(&self, operator: OperatorId, orders: &[OrderId]) -> Result<Statement, IssuerError> {
        Ok(self
            .store
            .read::<_, Stop>(|connection| statement(connection, operator, orders))?)
    }
}

/// The account of an operator's reserve.
fn reserve(connection: &Connection, operator: OperatorId) -> Result<Account, Stop> {
    connection
        .prepare_cached("SELECT reserve_account FROM operator WHERE operator = ?1")?
        .query_row([operator.0], |row| row.get(0))
        .optional()?
        .map(Account)
        .ok_or(Stop::Refused(IssuerRefusal::UnknownOperator { operator }))
}

fn statement(connection: &Connection, operator: OperatorId, orders: &[OrderId]) -> Result<Statement, Stop> {
    let sum = |query: &str| -> Result<Amount, Stop> {
        let mut of_order = connection.prepare_cached(query)?;
        let mut sum = Amount::ZERO;
        for order in orders {
            let Sql(amount) = of_order.query_row((operator.0, order), |row| row.get(0))?;
            sum = sum
                .checked_add(amount)
                .ok_or(Stop::Refused(IssuerRefusal::TooLarge))?;
        }
        Ok(sum)
    };
    Ok(Statement {
        reserve: Ledger::in_(connection).balance(reserve(connection, operator)?)?,
        issued: sum("SELECT coalesce(sum(total), 0) FROM issue_order
             WHERE operator = ?1 AND order_id = ?2 AND state = 'issued'")?,
        settled: sum("SELECT coalesce(sum(redeemed), 0) FROM (
                SELECT redeemed FROM claim WHERE operator = ?1 AND order_id = ?2
                UNION ALL SELECT redeemed FROM closing WHERE operator = ?1 AND order_id = ?2
             )")?,
        excess: sum("SELECT coalesce(sum(amount), 0) FROM excess JOIN (
                SELECT transfer AS origin, 0 AS output FROM claim WHERE operator = ?1 AND order_id = ?2
                UNION ALL SELECT origin, output FROM closing WHERE operator = ?1 AND order_id = ?2
             ) USING (origin, output)")?,
        excess_of_all: connection
            .prepare_cached(
                "SELECT coalesce(sum(amount), 0) FROM excess JOIN (
                    SELECT transfer AS origin, 0 AS output FROM claim WHERE operator = ?1
                    UNION ALL SELECT origin, output FROM closing WHERE operator = ?1
                 ) USING (origin, output)",
            )?
            .query_row([operator.0], |row| row.get(0).map(|Sql(amount)| amount))?,
    })
}

//! The audit of the operator, and what its books say in all.

use protocol::{Amount, HolderCertificate, Signed, VerifyingKey};
use rusqlite::Connection;

use super::{
    CallError, Operator, OperatorFailure,
    accounts::LEDGER_PREFIX,
    closing,
    load::sum,
    orders::{self, Notes, Work},
};
use crate::{
    issuer::api::{OrderId, Statement},
    ledger::{Ledger, LedgerFault},
    sql::{Sql, stored},
    store::StoreError,
};

/// What an audit of the operator can find.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OperatorFault {
    /// In the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// A registered certificate is not signed by this operator, or names another key than its row.
    #[error("a registered certificate is not what the registry says")]
    Certificate,
    /// The money of loads in flight is not the sum of the pending loads.
    #[error("loads in flight do not add up to the pending orders")]
    InFlight,
}

/// What the operator's books say in all, at one instant, and what the issuer says of it at that instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OperatorTotals {
    pub(crate) reserve: Amount,
    pub(crate) cash: Amount,
    pub(crate) gifts: Amount,
    pub(crate) guarantee: Amount,
    pub(crate) late_claims: Amount,
    pub(crate) capital: Amount,
    pub(crate) customers: Amount,
    pub(crate) in_flight: Amount,
    /// The sum of the notes in pending loads.
    pub(crate) pending_loads: Amount,
    pub(crate) pending_orders: u64,
    /// The issuer's side.
    pub(crate) statement: Statement,
}

impl Operator {
    /// The totals. The books stand still while the issuer is asked, so that both sides speak of the same orders.
    pub(crate) fn totals(&self) -> Result<OperatorTotals, CallError> {
        self.store.read(|connection| {
            let ledger = Ledger::in_(connection);
            let pending = orders::all(connection)?;
            let mut ids: Vec<OrderId> = pending.iter().map(|order| order.id).collect();
            ids.extend(closing::pending_orders(connection)?);
            Ok(OperatorTotals {
                reserve: ledger.balance(self.chart.reserve)?,
                cash: ledger.balance(self.chart.cash)?,
                gifts: ledger.balance(self.chart.gifts)?,
                guarantee: ledger.balance(self.chart.guarantee)?,
                late_claims: ledger.balance(self.chart.late_claims)?,
                capital: ledger.balance(self.chart.capital)?,
                customers: ledger.balance_of_all(LEDGER_PREFIX)?,
                in_flight: ledger.balance(self.chart.in_flight)?,
                pending_loads: pending_loads(connection)?,
                pending_orders: pending.len() as u64,
                statement: self.issuer.statement(self.config.operator, &ids)?,
            })
        })
    }

    /// Checks everything. Reads all books, and verifies every certificate in them.
    ///
    /// # Errors
    /// [`OperatorFailure`] if the books cannot be read; what they hold wrong is the value returned.
    pub fn audit(&self) -> Result<Result<(), OperatorFault>, OperatorFailure> {
        let certifying = self.certifying.verifying_key();
        self.store.read(|connection| {
            let ledger = Ledger::in_(connection);
            let in_flight = ledger.balance(self.chart.in_flight)?;
            let findings = [
                ledger.audit()?.map_err(OperatorFault::from),
                registry(connection, &certifying)?,
                if in_flight == pending_loads(connection)? {
                    Ok(())
                } else {
                    Err(OperatorFault::InFlight)
                },
            ];
            Ok(findings.into_iter().collect())
        })
    }
}

fn pending_loads(connection: &Connection) -> Result<Amount, OperatorFailure> {
    let pending = orders::all(connection)?;
    sum(pending.iter().flat_map(|order| {
        match &order.work {
            Work::Load(Notes(outputs)) => outputs.as_slice(),
            Work::Deposit(_) | Work::Report(_) => &[],
        }
        .iter()
        .map(|output| output.amount)
    }))
}

fn registry(
    connection: &Connection,
    certifying: &VerifyingKey,
) -> Result<Result<(), OperatorFault>, StoreError> {
    let mut statement = connection.prepare("SELECT holder_key, signed FROM certificate")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Sql(key): Sql<VerifyingKey> = row.get(0)?;
        let certificate: Signed<HolderCertificate> = stored(&row.get::<_, Vec<u8>>(1)?)?;
        if certificate.body.holder_key != key || certificate.verify(certifying).is_err() {
            return Ok(Err(OperatorFault::Certificate));
        }
    }
    Ok(Ok(()))
}

//! The audit of the operator, and what its books say in all.

use protocol::{Amount, HolderCertificate, Payment, Signed, VerifyingKey, bank::Delivery};
use rusqlite::Connection;

use super::{
    CallError, Operator, OperatorFailure,
    accounts::LEDGER_PREFIX,
    cover,
    load::sum,
    orders::{self, Notes, Work},
};
use crate::{
    issuer::api::{OrderId, Statement},
    ledger::{Ledger, LedgerFault, Reason},
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
    /// What is held for excess is not the sum of the covers of pending orders.
    #[error("covers in flight do not add up to the pending orders")]
    CoversInFlight,
    /// Excess was paid that has no cover with its proof, or a cover that was used paid nothing.
    #[error("excess was paid without its cover, or a cover without its payment")]
    Excess,
    /// The window of some value was closed, and its holder was not told.
    #[error("a closing that nobody was told of")]
    Closing,
    /// Something in a mailbox is no delivery.
    #[error("something in a mailbox is no delivery")]
    Delivery,
}

/// What the operator's books say in all, at one instant, and what the issuer says of it at that instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OperatorTotals {
    pub(crate) reserve: Amount,
    pub(crate) cash: Amount,
    pub(crate) gifts: Amount,
    pub(crate) capital: Amount,
    pub(crate) customers: Amount,
    pub(crate) in_flight: Amount,
    /// The sum of the notes in pending loads.
    pub(crate) pending_loads: Amount,
    pub(crate) pending_orders: u64,
    pub(crate) covers_in_flight: Amount,
    /// The covers of pending orders, counted one by one.
    pub(crate) pending_covers: Amount,
    pub(crate) guarantee: Amount,
    pub(crate) late_claims: Amount,
    /// Excess that was paid, and that was denied, cover by cover.
    pub(crate) excess_paid: Amount,
    pub(crate) excess_denied: Amount,
    /// The issuer's side.
    pub(crate) statement: Statement,
}

impl Operator {
    /// The totals. The books stand still while the issuer is asked, so that both sides speak of the same orders.
    pub(crate) fn totals(&self) -> Result<OperatorTotals, CallError> {
        self.store.read(|connection| {
            let ledger = Ledger::in_(connection);
            let pending = orders::all(connection)?;
            let ids: Vec<OrderId> = pending.iter().map(|order| order.id).collect();
            Ok(OperatorTotals {
                reserve: ledger.balance(self.chart.reserve)?,
                cash: ledger.balance(self.chart.cash)?,
                gifts: ledger.balance(self.chart.gifts)?,
                capital: ledger.balance(self.chart.capital)?,
                customers: ledger.balance_of_all(LEDGER_PREFIX)?,
                in_flight: ledger.balance(self.chart.in_flight)?,
                pending_loads: pending_loads(connection)?,
                pending_orders: pending.len() as u64,
                covers_in_flight: ledger.balance(self.chart.covers_in_flight)?,
                pending_covers: covers(connection, "claimed IS NULL AND source <> 'denied'")?,
                guarantee: ledger.balance(self.chart.guarantee)?,
                late_claims: ledger.balance(self.chart.late_claims)?,
                excess_paid: covers(connection, "claimed IS NOT NULL AND source <> 'denied'")?,
                excess_denied: covers(connection, "claimed IS NOT NULL AND source = 'denied'")?,
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
                self.covers_hold(connection)?,
                excess_holds(connection)?,
                if connection.prepare(UNTOLD)?.exists([])? {
                    Err(OperatorFault::Closing)
                } else {
                    Ok(())
                },
                deliveries_hold(connection)?,
            ];
            Ok(findings.into_iter().collect())
        })
    }
}

impl Operator {
    fn covers_hold(&self, connection: &Connection) -> Result<Result<(), OperatorFault>, OperatorFailure> {
        let held = Ledger::in_(connection).balance(self.chart.covers_in_flight)?;
        let orphaned = "SELECT 1 FROM cover WHERE claimed IS NULL
            AND order_id NOT IN (SELECT order_id FROM pending_order)";
        let holds = held == covers(connection, "claimed IS NULL AND source <> 'denied'")?
            && !connection.prepare(orphaned)?.exists([])?;
        Ok(if holds {
            Ok(())
        } else {
            Err(OperatorFault::CoversInFlight)
        })
    }
}

/// Closings in the ledger of which no mailbox knows.
const UNTOLD: &str = "SELECT 1 FROM ledger_entry WHERE reason = 'closing'
    AND NOT EXISTS (SELECT 1 FROM delivery WHERE subject = cause)";

fn covers(connection: &Connection, which: &str) -> Result<Amount, StoreError> {
    let query = format!("SELECT coalesce(sum(amount), 0) FROM cover WHERE {which}");
    Ok(connection
        .prepare(&query)?
        .query_row([], |row| row.get(0).map(|Sql(amount)| amount))?)
}

/// Every cover that was used has paid its amount once, under the name of its proof, and nothing else was paid as excess.
fn excess_holds(connection: &Connection) -> Result<Result<(), OperatorFault>, OperatorFailure> {
    let ledger = Ledger::in_(connection);
    let mut statement = connection
        .prepare("SELECT cover, proof, amount FROM cover WHERE claimed IS NOT NULL AND source <> 'denied'")?;
    let mut rows = statement.query([])?;
    let mut entries = 0_u64;
    while let Some(row) = rows.next()? {
        let (number, Sql(proof), Sql(amount)) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if ledger.moved(Reason::Excess, &cover::cause(&proof, number))? != Some(amount) {
            return Ok(Err(OperatorFault::Excess));
        }
        entries = entries.saturating_add(1);
    }
    let Sql(paid): Sql<u64> = connection.query_row(
        "SELECT count(*) FROM ledger_entry WHERE reason = 'excess'",
        [],
        |row| row.get(0),
    )?;
    Ok(if paid == entries {
        Ok(())
    } else {
        Err(OperatorFault::Excess)
    })
}

fn deliveries_hold(connection: &Connection) -> Result<Result<(), OperatorFault>, StoreError> {
    let mut statement = connection.prepare("SELECT content FROM delivery")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let delivery = stored::<Delivery>(&row.get::<_, Vec<u8>>(0)?);
        let holds = match delivery {
            Ok(Delivery::Payment { payment }) => Payment::decode(&payment).is_ok(),
            Ok(Delivery::Closed { .. } | Delivery::Frozen { .. }) => true,
            Err(_) => false,
        };
        if !holds {
            return Ok(Err(OperatorFault::Delivery));
        }
    }
    Ok(Ok(()))
}

fn pending_loads(connection: &Connection) -> Result<Amount, OperatorFailure> {
    let pending = orders::all(connection)?;
    sum(pending.iter().flat_map(|order| {
        match &order.work {
            Work::Load(Notes(outputs)) => outputs.as_slice(),
            Work::Reissue(reissue) => reissue.notes.0.as_slice(),
            Work::Deposit(_) | Work::Refresh(_) | Work::Report(_) | Work::Close(..) => &[],
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

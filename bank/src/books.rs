//! The books of both banks on one page, and whether they agree.

use protocol::Amount;
use serde::{Serialize, Serializer};

use crate::{
    bank::BankError,
    issuer::{Issuer, IssuerTotals},
    operator::{Operator, OperatorTotals},
};

/// What both banks' books say. In JSON, every amount is a whole number of fen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Books {
    /// The notes ever issued, counted one by one.
    #[serde(serialize_with = "fen")]
    pub issued: Amount,
    /// The cash in circulation, from the issuer's ledger.
    #[serde(serialize_with = "fen")]
    pub outstanding: Amount,
    /// The fen that ever came home, counted run by run.
    #[serde(serialize_with = "fen")]
    pub redeemed: Amount,
    /// What of it was credited because its claim window closed.
    #[serde(serialize_with = "fen")]
    pub closed: Amount,
    /// What claims brought beside what they redeemed, because it had come home before: late claims, and the excess of forks.
    #[serde(serialize_with = "fen")]
    pub covered: Amount,
    /// What was claimed a second time, by another branch of a fork. It was never issued, and the issuer never pays it.
    #[serde(serialize_with = "fen")]
    pub excess: Amount,
    /// What the operator paid of that.
    #[serde(serialize_with = "fen")]
    pub excess_paid: Amount,
    /// What it denied to those who answer for the forks.
    #[serde(serialize_with = "fen")]
    pub excess_denied: Amount,
    /// What the issuer holds against reserves and notes.
    #[serde(serialize_with = "fen")]
    pub backing: Amount,
    /// The operator's reserve, in the issuer's books.
    #[serde(serialize_with = "fen")]
    pub reserve: Amount,
    /// The operator's reserve, in its own books.
    #[serde(serialize_with = "fen")]
    pub operator_reserve: Amount,
    /// Paper money in the operator's till.
    #[serde(serialize_with = "fen")]
    pub cash: Amount,
    /// What the operator gave away to welcome customers.
    #[serde(serialize_with = "fen")]
    pub gifts: Amount,
    /// What the operator paid for second claims, because those who answer for the forks could not.
    #[serde(serialize_with = "fen")]
    pub guarantee: Amount,
    /// What the operator paid to rightful holders, because those who had been credited before had spent it.
    #[serde(serialize_with = "fen")]
    pub late_claims: Amount,
    /// What the operator's owners put in.
    #[serde(serialize_with = "fen")]
    pub capital: Amount,
    /// What the operator owes its customers.
    #[serde(serialize_with = "fen")]
    pub customer_deposits: Amount,
    /// What customers paid for notes that the issuer has not yet been heard of.
    #[serde(serialize_with = "fen")]
    pub loads_in_flight: Amount,
    /// What is held for the excess of orders that the issuer has not yet been heard of.
    #[serde(serialize_with = "fen")]
    pub covers_in_flight: Amount,
    /// Orders to the issuer whose outcome is not in the operator's books yet.
    pub pending_orders: u64,
    /// Fraud proofs that the issuer holds.
    pub forks: u64,
    /// Those of them with a branch on record for which nobody answers.
    pub unattributed: u64,
    /// Every equation that must hold, and whether it does.
    pub checks: Vec<Check>,
    /// Whether all of them do.
    pub balanced: bool,
}

/// One equation between sums that were taken independently.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    /// The equation.
    pub equation: &'static str,
    /// What its left side comes to; absent if that is above every amount.
    #[serde(serialize_with = "fen_or_null")]
    pub left: Option<Amount>,
    /// What its right side comes to.
    #[serde(serialize_with = "fen_or_null")]
    pub right: Option<Amount>,
    /// Whether they are the same.
    pub holds: bool,
}

impl Check {
    fn new<const L: usize, const R: usize>(
        equation: &'static str,
        left: [Amount; L],
        right: [Amount; R],
    ) -> Self {
        let (left, right) = (Amount::checked_sum(left), Amount::checked_sum(right));
        Self {
            equation,
            left,
            right,
            holds: left.is_some() && left == right,
        }
    }
}

impl Books {
    /// What both banks' books say now.
    ///
    /// # Errors
    /// [`BankError`] if they cannot be read.
    pub fn of(issuer: &Issuer, operator: &Operator) -> Result<Self, BankError> {
        Ok(Self::new(&issuer.totals()?, &operator.totals()?))
    }

    fn new(issuer: &IssuerTotals, operator: &OperatorTotals) -> Self {
        let statement = operator.statement;
        let checks = vec![
            Check::new(
                "issued = outstanding + redeemed",
                [issuer.issued],
                [issuer.outstanding, issuer.redeemed],
            ),
            Check::new(
                "backing = reserves + outstanding",
                [issuer.backing],
                [issuer.reserves, issuer.outstanding],
            ),
            Check::new(
                "operator reserve + cash + gifts + guarantee + late claims = capital + customer deposits + loads in flight + covers in flight",
                [
                    operator.reserve,
                    operator.cash,
                    operator.gifts,
                    operator.guarantee,
                    operator.late_claims,
                ],
                [
                    operator.capital,
                    operator.customers,
                    operator.in_flight,
                    operator.covers_in_flight,
                ],
            ),
            Check::new(
                "loads in flight = pending loads",
                [operator.in_flight],
                [operator.pending_loads],
            ),
            Check::new(
                "covers in flight = covers of pending orders",
                [operator.covers_in_flight],
                [operator.pending_covers],
            ),
            Check::new(
                "excess = excess paid + excess denied + excess of pending",
                [statement.excess_of_all],
                [operator.excess_paid, operator.excess_denied, statement.excess],
            ),
            Check::new(
                "operator reserve + settled of pending = issuer's reserve + issued of pending",
                [operator.reserve, statement.settled],
                [statement.reserve, statement.issued],
            ),
        ];
        Self {
            issued: issuer.issued,
            outstanding: issuer.outstanding,
            redeemed: issuer.redeemed,
            closed: issuer.closed,
            covered: issuer.covered,
            excess: issuer.excess,
            excess_paid: operator.excess_paid,
            excess_denied: operator.excess_denied,
            backing: issuer.backing,
            reserve: statement.reserve,
            operator_reserve: operator.reserve,
            cash: operator.cash,
            gifts: operator.gifts,
            guarantee: operator.guarantee,
            late_claims: operator.late_claims,
            capital: operator.capital,
            customer_deposits: operator.customers,
            loads_in_flight: operator.in_flight,
            covers_in_flight: operator.covers_in_flight,
            pending_orders: operator.pending_orders,
            forks: issuer.forks,
            unattributed: issuer.unattributed,
            balanced: checks.iter().all(|check| check.holds),
            checks,
        }
    }
}

fn fen<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(amount.fen())
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn fen_or_null<S: Serializer>(amount: &Option<Amount>, serializer: S) -> Result<S::Ok, S::Error> {
    amount.map(Amount::fen).serialize(serializer)
}

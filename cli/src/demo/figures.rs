//! The figures at the end: the bank's books and the wallets, counted apart and compared to the fen.

use bank::Books;
use protocol::Amount;
use serde_json::{Value, json};
use std::fmt;

use super::{phone::Phone, stage::Stage, step::Holding};
use crate::{
    failure::Failure,
    terminal::{BAD, BOLD, FAINT, GOOD},
};

/// What everybody says they have.
pub(super) struct Figures {
    /// What the bank says.
    pub(super) books: Books,
    /// What the bank finds when it checks every signature in its books.
    pub(super) audit: Result<(), bank::Fault>,
    /// What was brought to the counter.
    pub(super) paid_in: Amount,
    /// What the wallets say, and what they are told about their accounts.
    pub(super) holdings: Vec<Holding>,
}

/// Two sums that must be the same. In fen, and wide enough for any sum of amounts.
struct Equation {
    name: &'static str,
    left: u128,
    right: u128,
}

impl Figures {
    /// Asks everybody.
    pub(super) fn read(stage: &Stage) -> Result<Self, Failure> {
        Ok(Self {
            books: stage.bank.books()?,
            audit: stage.bank.audit()?,
            paid_in: stage.paid_in,
            holdings: stage
                .phones()
                .into_iter()
                .map(Phone::holding)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whether every fen is where it should be.
    pub(super) fn balanced(&self) -> bool {
        self.books.balanced && self.audit.is_ok() && self.equations().iter().all(Equation::holds)
    }

    fn equations(&self) -> [Equation; 4] {
        let books = &self.books;
        let cash = sum(self
            .holdings
            .iter()
            .flat_map(|holding| [holding.spendable, holding.in_doubt, holding.only_at_bank]));
        let accounts = sum(self
            .holdings
            .iter()
            .map(|holding| holding.account.unwrap_or_default()));
        let outstanding = sum([books.outstanding]);
        [
            Equation {
                name: "issued = outstanding + redeemed",
                left: sum([books.issued]),
                right: sum([books.outstanding, books.redeemed]),
            },
            Equation {
                name: "outstanding = cash in all wallets, in doubt included",
                left: outstanding,
                right: cash,
            },
            Equation {
                name: "what the bank owes = what is on the accounts",
                left: sum([books.customer_deposits]),
                right: accounts,
            },
            Equation {
                name: "paid in at the counter = cash in all wallets + accounts",
                left: sum([self.paid_in]),
                right: cash.saturating_add(accounts),
            },
        ]
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "bank": self.books,
            "audit": self.audit.as_ref().err().map(bank::Fault::to_string),
            "paid_in": self.paid_in.fen(),
            "wallets": self.holdings.iter().map(Holding::json).collect::<Vec<_>>(),
            "equations": self.equations().iter().map(Equation::json).collect::<Vec<_>>(),
        })
    }
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> u128 {
    amounts.into_iter().map(|amount| u128::from(amount.fen())).sum()
}

impl Equation {
    const fn holds(&self) -> bool {
        self.left == self.right
    }

    fn json(&self) -> Value {
        json!({
            "equation": self.name,
            "left": u64::try_from(self.left).ok(),
            "right": u64::try_from(self.right).ok(),
            "holds": self.holds(),
        })
    }
}

/// Fen as yuan.
struct Yuan(u128);

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

/// The books on half a page.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let books = &self.books;
        writeln!(f, "{BOLD}The books{BOLD:#}")?;
        for (name, amount) in [
            ("issued", books.issued),
            ("outstanding", books.outstanding),
            ("redeemed", books.redeemed),
        ] {
            writeln!(f, "    {name:<12}{amount:>10}")?;
        }
        for holding in &self.holdings {
            writeln!(f, "    {holding}")?;
        }
        for equation in self.equations() {
            let (style, mark) = if equation.holds() {
                (GOOD, "ok ")
            } else {
                (BAD, "OFF")
            };
            let (left, right) = (Yuan(equation.left), Yuan(equation.right));
            write!(
                f,
                "    {style}{mark}{style:#} {:<55} {left:>8} = {right:>8}",
                equation.name
            )?;
            if equation.holds() {
                writeln!(f)?;
            } else {
                let off = Yuan(equation.left.abs_diff(equation.right));
                writeln!(f, "  {BAD}off by {off}{BAD:#}")?;
            }
        }
        match &self.audit {
            Ok(()) => writeln!(
                f,
                "    {GOOD}ok {GOOD:#} the bank's own audit {FAINT}(every signature, claim and entry){FAINT:#}"
            )?,
            Err(fault) => writeln!(f, "    {BAD}OFF{BAD:#} the bank's own audit: {fault}")?,
        }
        if self.balanced() {
            write!(f, "{GOOD}{BOLD}Every fen is accounted for.{BOLD:#}{GOOD:#}")
        } else {
            write!(f, "{BAD}The books do not balance.{BAD:#}")
        }
    }
}

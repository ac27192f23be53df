//! What a check finds.

use core::fmt;

/// The guarantees that are checked, as the design numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guarantee {
    /// G1: no value created.
    NoValueCreated,
    /// G2: all value accounted.
    AllValueAccounted,
    /// G3: no honest wallet emits signatures on two transfers for one outpoint.
    NoHonestFork,
    /// G4: every fork is attributed, and nobody honest is accused.
    Attribution,
    /// G5: a tap ends in exactly one payment or none.
    ExactlyOnce,
    /// Money is given back to who paid it and to nobody else, and never more than was paid.
    Refund,
    /// A limit of a policy.
    Limit,
    /// What a wallet shows agrees with what it holds.
    View,
    /// Something failed that never may.
    Working,
}

impl Guarantee {
    const fn name(self) -> &'static str {
        match self {
            Self::NoValueCreated => "G1 no value created",
            Self::AllValueAccounted => "G2 all value accounted",
            Self::NoHonestFork => "G3 no honest fork",
            Self::Attribution => "G4 every fork attributed, nobody honest accused",
            Self::ExactlyOnce => "G5 exactly one payment or none",
            Self::Refund => "refunds go to who paid, and never exceed the payment",
            Self::Limit => "limits hold",
            Self::View => "views agree with the notes",
            Self::Working => "everything works",
        }
    }
}

/// A guarantee that does not hold, and how that shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which.
    pub guarantee: Guarantee,
    /// What was expected, and what was found.
    pub what: String,
}

impl Violation {
    pub(super) fn new(guarantee: Guarantee, what: impl Into<String>) -> Self {
        Self {
            guarantee,
            what: what.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.guarantee.name(), self.what)
    }
}

/// Whatever fails that a simulation did not mean to fail.
impl<E: std::error::Error> From<E> for Violation {
    fn from(error: E) -> Self {
        Self::new(Guarantee::Working, error.to_string())
    }
}

/// A town in which something went wrong, and how to see it again.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The town's own seed.
    pub seed: u64,
    /// The number of the step after which it showed.
    pub step: u64,
    /// What went wrong.
    pub violation: Violation,
    /// The last lines of the town's log.
    pub log: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.log {
            writeln!(f, "    {line}")?;
        }
        write!(
            f,
            "town {}, step {}: {}\n(see it again: cargo xtask soak --town {})",
            self.seed, self.step, self.violation, self.seed
        )
    }
}

impl std::error::Error for Broken {}

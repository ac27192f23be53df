//! The money in a wallet, and what of it may be paid.

use crate::{Amount, CalendarDay, Limit, OnlyAtBank, WalletClass, records::counted};

/// The money in a wallet, by what can be done with it. Nothing here is to be added up but `spendable`, `in_doubt` and
/// `only_at_bank`.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Balance {
    /// Can be paid, offline, now. May take several payments: see `largest_payment`.
    pub spendable: Amount,
    /// The part of `spendable` that was received offline and is not known to the bank yet.
    pub unsettled: Amount,
    /// Signed away, possibly sent, not receipted: neither spendable nor gone.
    pub in_doubt: Amount,
    /// Owned, but only the bank takes it.
    pub only_at_bank: Amount,
    /// Why, each reason with how much.
    pub reasons: Vec<AtBank>,
    /// The most that a single payment can move now.
    pub largest_payment: Amount,
    /// Why that is not all of `spendable`.
    pub because: LargestBecause,
}

/// A reason why value can only be taken to the bank, and how much.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct AtBank {
    /// The reason.
    pub reason: OnlyAtBank,
    /// How much.
    pub amount: Amount,
}

/// Why the largest possible payment is as large as it is.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum LargestBecause {
    /// It is everything spendable.
    Everything,
    /// The policy permits no more today.
    Limit {
        /// The limit that leaves least.
        limit: Limit,
        /// What gives more.
        lifts: Lift,
    },
    /// The value is in more pieces than one payment can carry. A sync renews them.
    TooFragmented {
        /// How many pieces one payment can carry at most.
        pieces: u32,
    },
}

impl From<wallet_core::Balance> for Balance {
    fn from(balance: wallet_core::Balance) -> Self {
        use wallet_core::LargestBecause as Because;
        let reasons = balance.reasons.into_iter();
        Self {
            spendable: balance.spendable.into(),
            unsettled: balance.unsettled.into(),
            in_doubt: balance.in_doubt.into(),
            only_at_bank: balance.only_at_bank.into(),
            reasons: reasons
                .map(|(reason, amount)| AtBank {
                    reason: reason.into(),
                    amount: amount.into(),
                })
                .collect(),
            largest_payment: balance.largest_payment.into(),
            because: match balance.because {
                Because::Everything => LargestBecause::Everything,
                Because::Limit { limit, lifts } => LargestBecause::Limit {
                    limit: limit.into(),
                    lifts: lifts.into(),
                },
                Because::TooFragmented { pieces } => LargestBecause::TooFragmented {
                    pieces: counted(pieces),
                },
            },
        }
    }
}

/// What gives more under a limit.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Enum)]
pub enum Lift {
    /// Nothing does in this wallet's class: a smaller amount is possible, perhaps several times.
    SmallerAmount,
    /// Waiting.
    Waiting {
        /// From this day on; days begin at midnight UTC.
        until: CalendarDay,
    },
    /// The next sync that reaches the bank.
    Sync,
    /// The holder's confirmation.
    Confirmation,
    /// Paying or depositing some of what the wallet holds.
    Spending,
    /// Depositing what is too old or has come too far, and loading it anew.
    Renewal,
    /// The payee makes room in its wallet.
    PayeeSpending,
}

impl From<wallet_core::Lift> for Lift {
    fn from(lift: wallet_core::Lift) -> Self {
        use wallet_core::Lift as Core;
        match lift {
            Core::SmallerAmount => Self::SmallerAmount,
            Core::Waiting(day) => Self::Waiting { until: day.into() },
            Core::Sync => Self::Sync,
            Core::Confirmation => Self::Confirmation,
            Core::Spending => Self::Spending,
            Core::Renewal => Self::Renewal,
            Core::PayeeSpending => Self::PayeeSpending,
        }
    }
}

/// What a limit counts.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Enum)]
pub enum Quantity {
    /// Money.
    Money {
        /// How much.
        amount: Amount,
    },
    /// Payments.
    Payments {
        /// How many.
        count: u32,
    },
    /// Transfers from phone to phone.
    Hops {
        /// How many.
        count: u32,
    },
    /// Days.
    Days {
        /// How many.
        count: u32,
    },
}

impl From<wallet_core::Quantity> for Quantity {
    fn from(quantity: wallet_core::Quantity) -> Self {
        use wallet_core::Quantity as Core;
        match quantity {
            Core::Money(amount) => Self::Money {
                amount: amount.into(),
            },
            Core::Payments(count) => Self::Payments { count },
            Core::Hops(count) => Self::Hops { count },
            Core::Days(count) => Self::Days { count },
        }
    }
}

/// One limit, and where the wallet stands with it.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Allowance {
    /// Which.
    pub limit: Limit,
    /// How much the policy permits.
    pub most: Quantity,
    /// How much of it is used.
    pub used: Quantity,
    /// How much is left of it.
    pub left: Quantity,
    /// What gives more.
    pub lifts: Lift,
}

/// All limits of a wallet.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Allowances {
    /// The class that the operator gave the wallet.
    pub wallet_class: WalletClass,
    /// The published profile that the operator's policy follows, such as `cn-2021`.
    pub profile: String,
    /// The policy's version.
    pub version: u64,
    /// Every limit that the policy sets.
    pub limits: Vec<Allowance>,
}

impl From<wallet_core::Allowances> for Allowances {
    fn from(all: wallet_core::Allowances) -> Self {
        let limits = all.limits.into_iter().map(|one| Allowance {
            limit: one.limit.into(),
            most: one.most.into(),
            used: one.used.into(),
            left: one.left.into(),
            lifts: one.lifts.into(),
        });
        Self {
            wallet_class: all.class.into(),
            profile: all.profile.as_str().to_owned(),
            version: all.version,
            limits: limits.collect(),
        }
    }
}

//! Limits as people meet them: which there are, what is used and what is left of each, and what gives more.
//!
//! The limits themselves are the operator's policy. Whoever is refused is told one of them: that which leaves least.

use core::fmt;
use protocol::{Amount, Code, Coded, Day, Limits, Name, WalletClass};

use crate::{error::PayError, purse::Purse, spending::Spending};

/// One limit of the policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Limit {
    /// What the wallet may hold.
    Balance,
    /// What one payment may move, by the limits of payer and payee.
    PerPayment,
    /// What the wallet may pay in one day. Days begin at midnight UTC.
    PerDay,
    /// What it may pay in one calendar year.
    PerYear,
    /// What it may pay in all between two contacts with the bank.
    OfflineTotal,
    /// How many payments it may make between two contacts with the bank.
    OfflinePayments,
    /// How often value may be passed on from phone to phone before it goes past the bank.
    Hops,
    /// How many days old value may be before it goes past the bank.
    Age,
    /// What one payment may move that the holder did not confirm.
    UnconfirmedEach,
    /// What all such payments may move since the last one that the holder confirmed.
    UnconfirmedTotal,
    /// What the payee may still take.
    PayeeBalance,
}

impl Limit {
    /// What a limit is of, after "the limit".
    const fn subject(self) -> &'static str {
        match self {
            Self::Balance => "on what the wallet may hold",
            Self::PerPayment => "of one payment",
            Self::PerDay => "of a day",
            Self::PerYear => "of a year",
            Self::OfflineTotal => "on what may be paid between two contacts with the bank",
            Self::OfflinePayments => "on payments between two contacts with the bank",
            Self::Hops => "on passing value on without the bank",
            Self::Age => "on the age of value",
            Self::UnconfirmedEach => "of one payment without confirmation",
            Self::UnconfirmedTotal => "on payments without confirmation",
            Self::PayeeBalance => "on what the payee may hold",
        }
    }
}

/// `the limit of a day`
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the limit {}", self.subject())
    }
}

impl Coded for Limit {
    fn code(&self) -> Code {
        match self {
            Self::Balance | Self::PayeeBalance => Code::BalanceLimit,
            Self::PerPayment => Code::PaymentLimit,
            Self::PerDay => Code::DayLimit,
            Self::PerYear => Code::YearLimit,
            Self::OfflineTotal => Code::OfflineTotalLimit,
            Self::OfflinePayments => Code::OfflineCountLimit,
            Self::Hops => Code::TooManyHops,
            Self::Age => Code::TooOld,
            Self::UnconfirmedEach | Self::UnconfirmedTotal => Code::ConfirmOnDevice,
        }
    }
}

/// What gives more under a limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lift {
    /// Nothing does in this wallet's class: a smaller amount is possible, perhaps several times.
    SmallerAmount,
    /// Waiting: that day begins anew. Days begin at midnight UTC.
    Waiting(Day),
    /// The next sync that reaches the bank.
    Sync,
    /// The holder's confirmation.
    Confirmation,
    /// Paying or depositing some of what the wallet holds.
    Spending,
    /// Depositing what has come too far, or is too old, and loading it anew.
    Renewal,
    /// The payee makes room in its wallet.
    PayeeSpending,
}

/// `possible again from 2026-11-25`
impl fmt::Display for Lift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SmallerAmount => "a smaller amount is possible",
            Self::Waiting(day) => return write!(f, "more is possible from {day}"),
            Self::Sync => "more is possible after the next contact with the bank",
            Self::Confirmation => "more is possible with a confirmation",
            Self::Spending => "more is possible after paying or depositing something",
            Self::Renewal => "the bank renews it",
            Self::PayeeSpending => "more is possible when the payee has made room",
        })
    }
}

/// What a limit counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantity {
    /// Money.
    Money(Amount),
    /// Payments.
    Payments(u32),
    /// Transfers from phone to phone.
    Hops(u32),
    /// Days.
    Days(u32),
}

/// One limit, and where the wallet stands with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// All limits of a wallet: see [`crate::Wallet::limits`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowances {
    /// The class that the operator gave the wallet.
    pub class: WalletClass,
    /// The published profile that the operator's policy follows.
    pub profile: Name,
    /// The policy's version.
    pub version: u64,
    /// Every limit that the policy sets. [`Limit::PayeeBalance`] is never among them.
    pub limits: Vec<Allowance>,
}

impl Allowances {
    /// Where the wallet stands with this limit; `None` if the policy does not set it.
    #[must_use]
    pub fn of(&self, limit: Limit) -> Option<&Allowance> {
        self.limits.iter().find(|allowance| allowance.limit == limit)
    }
}

/// What one limit leaves for a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Left {
    pub(crate) limit: Limit,
    pub(crate) most: Amount,
    pub(crate) left: Amount,
    lifts: Lift,
}

impl Left {
    /// A limit of which nothing is ever used up.
    pub(crate) const fn always(limit: Limit, most: Amount, lifts: Lift) -> Self {
        Self {
            limit,
            most,
            left: most,
            lifts,
        }
    }

    /// A limit of which so much is used up.
    pub(crate) const fn of(limit: Limit, most: Amount, used: Amount, lifts: Lift) -> Self {
        Self {
            limit,
            most,
            left: most.saturating_sub(used),
            lifts,
        }
    }

    /// What makes `asked` possible: no waiting does for more than the limit ever permits.
    pub(crate) fn lifts(&self, asked: Amount) -> Lift {
        if asked > self.most {
            Lift::SmallerAmount
        } else {
            self.lifts
        }
    }

    /// The refusal of a payment that is more than it leaves.
    pub(crate) fn exceeded(&self, asked: Amount) -> PayError {
        PayError::Limit {
            limit: self.limit,
            asked,
            left: self.left,
            lifts: self.lifts(asked),
        }
    }

    const fn allowance(&self) -> Allowance {
        Allowance {
            limit: self.limit,
            most: Quantity::Money(self.most),
            used: Quantity::Money(self.most.saturating_sub(self.left)),
            left: Quantity::Money(self.left),
            lifts: self.lifts,
        }
    }
}

/// What the limit on the balance leaves, with what the bank has been asked for.
pub(crate) fn room(limits: &Limits, purse: &Purse) -> Left {
    Left::of(Limit::Balance, limits.balance, purse.expected(), Lift::Spending)
}

/// What the limits on paying leave for one payment today, except for the one that counts payments. Of two that leave the
/// same, the one that is lifted last comes first.
fn sums(limits: &Limits, spent: &Spending, today: Day) -> impl Iterator<Item = Left> + use<> {
    let year = limits.per_year.map(|most| {
        let used = spent.in_year_of(today);
        Left::of(Limit::PerYear, most, used, Lift::Waiting(today.next_new_year()))
    });
    let day = Left::of(
        Limit::PerDay,
        limits.per_day,
        spent.on(today),
        Lift::Waiting(today.plus(1)),
    );
    let total = limits.offline.total;
    let offline = Left::of(Limit::OfflineTotal, total, spent.offline(), Lift::Sync);
    let per_payment = Left::always(Limit::PerPayment, limits.per_payment, Lift::SmallerAmount);
    [Some(per_payment), year, Some(day), Some(offline)]
        .into_iter()
        .flatten()
}

/// The limit that leaves least for one payment today.
pub(crate) fn tightest(limits: &Limits, spent: &Spending, today: Day) -> Left {
    let exhausted = spent.payments() >= limits.offline.payments;
    let count = exhausted.then_some(Left {
        limit: Limit::OfflinePayments,
        most: limits.per_payment,
        left: Amount::ZERO,
        lifts: Lift::Sync,
    });
    let per_payment = Left::always(Limit::PerPayment, limits.per_payment, Lift::SmallerAmount);
    let all = sums(limits, spent, today).chain(count);
    all.min_by_key(|left| left.left).unwrap_or(per_payment)
}

/// What may be paid without confirmation: at once, and in all.
fn unconfirmed(limits: &Limits, spent: &Spending) -> [Left; 2] {
    let total = limits.unconfirmed_total;
    [
        Left::always(
            Limit::UnconfirmedEach,
            limits.unconfirmed_each,
            Lift::Confirmation,
        ),
        Left::of(
            Limit::UnconfirmedTotal,
            total,
            spent.unconfirmed(),
            Lift::Confirmation,
        ),
    ]
}

/// The most that may be paid now without confirmation.
pub(crate) fn without_confirmation(limits: &Limits, spent: &Spending) -> Amount {
    let [each, total] = unconfirmed(limits, spent);
    each.left.min(total.left)
}

/// Every limit of the policy, in the order of [`Limit`]; `None` if the wallet has no policy.
pub(crate) fn all(purse: &Purse, today: Day) -> Option<Allowances> {
    let policy = purse.policy()?;
    let (limits, spent) = (&policy.limits, purse.spending());
    let counted = |limit, quantity: fn(u32) -> Quantity, most: u32, used: u32, lifts| Allowance {
        limit,
        most: quantity(most),
        used: quantity(used),
        left: quantity(most.saturating_sub(used)),
        lifts,
    };
    let hops = purse.pieces().map(|piece| piece.hops).max();
    let age = purse.pieces().map(|piece| today.since(piece.issued)).max();
    let mut allowances = vec![
        room(limits, purse).allowance(),
        counted(
            Limit::OfflinePayments,
            Quantity::Payments,
            limits.offline.payments,
            spent.payments(),
            Lift::Sync,
        ),
        counted(
            Limit::Hops,
            Quantity::Hops,
            limits.offline.hops,
            hops.unwrap_or_default(),
            Lift::Renewal,
        ),
        counted(
            Limit::Age,
            Quantity::Days,
            limits.offline.age_days,
            age.unwrap_or_default(),
            Lift::Renewal,
        ),
    ];
    let money = sums(limits, spent, today).chain(unconfirmed(limits, spent));
    allowances.extend(money.map(|left| left.allowance()));
    allowances.sort_by_key(|allowance| allowance.limit);
    Some(Allowances {
        class: policy.class,
        profile: policy.profile.clone(),
        version: policy.version,
        limits: allowances,
    })
}

//! What a person can be told about the money in the wallet, without adding up things that are not alike.

use protocol::Amount;

use crate::{
    limits::{self, Lift, Limit},
    purse::{Purse, sum},
    rules::{OnlyAtBank, Rules},
    selection::{self, MAX_INPUTS},
};

/// The money in a wallet, by what can be done with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    /// Can be paid, offline, now. May take several payments: see `largest_payment`.
    pub spendable: Amount,
    /// The part of `spendable` that was received offline and is not known to the bank yet.
    pub unsettled: Amount,
    /// Signed away, possibly sent, not receipted: neither spendable nor gone.
    pub in_doubt: Amount,
    /// Owned, but only the bank takes it, and for which reasons.
    pub only_at_bank: Amount,
    /// The reasons for `only_at_bank`, each with how much.
    pub reasons: Vec<(OnlyAtBank, Amount)>,
    /// The most that a single payment can move now.
    pub largest_payment: Amount,
    /// Why that is not all of `spendable`.
    pub because: LargestBecause,
}

/// Why the largest possible payment is as large as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LargestBecause {
    /// It is everything spendable.
    Everything,
    /// The policy permits no more today: the limit that leaves least.
    Limit {
        /// Which.
        limit: Limit,
        /// What gives more.
        lifts: Lift,
    },
    /// The value is in more pieces, or has longer histories, than one payment can carry. The bank renews them.
    TooFragmented {
        /// How many pieces one payment can carry at most.
        pieces: usize,
    },
}

impl Balance {
    pub(crate) fn of(purse: &Purse, rules: &Rules) -> Self {
        let (mut spendable, mut unsettled) = (Amount::ZERO, Amount::ZERO);
        let mut reasons = std::collections::BTreeMap::<OnlyAtBank, Amount>::new();
        for piece in purse.pieces() {
            match purse.check(piece, rules) {
                Ok(()) => {
                    spendable = sum([spendable, piece.amount].into_iter());
                    if piece.unsettled {
                        unsettled = sum([unsettled, piece.amount].into_iter());
                    }
                }
                Err(why) => {
                    let total = reasons.entry(why).or_default();
                    *total = sum([*total, piece.amount].into_iter());
                }
            }
        }
        let carried = selection::largest(purse, rules);
        let permitted = purse
            .limits()
            .map(|limits| limits::tightest(limits, purse.spending(), rules.today()));
        let (largest_payment, because) = match permitted {
            Some(permitted) if permitted.left < carried => {
                let (limit, lifts) = (permitted.limit, permitted.lifts(carried.min(permitted.most)));
                (permitted.left, LargestBecause::Limit { limit, lifts })
            }
            _ if carried < spendable => (carried, LargestBecause::TooFragmented { pieces: MAX_INPUTS }),
            _ => (carried, LargestBecause::Everything),
        };
        Self {
            spendable,
            unsettled,
            in_doubt: sum(purse.in_doubt().values().map(|doubt| doubt.amount)),
            only_at_bank: sum(reasons.values().copied()),
            reasons: reasons.into_iter().collect(),
            largest_payment,
            because,
        }
    }
}

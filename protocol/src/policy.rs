//! Policies: the limits of one class of wallets, signed by the operator. Data, never constants.

use core::num::NonZeroU32;

use minicbor::{Decode, Encode};

use crate::{
    amount::Amount,
    certificate::{Name, OperatorId, WalletClass},
    signed::Body,
};

/// The limits that an operator sets for its wallets of one class. Signed by the operator's certifying key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Policy {
    /// Who sets it.
    #[n(0)]
    pub operator: OperatorId,
    /// For which wallets.
    #[n(1)]
    pub class: WalletClass,
    /// Counts up whenever the policy changes; the highest counts.
    #[n(2)]
    pub version: u64,
    /// The published profile it follows, such as `cn-2020`.
    #[n(3)]
    pub profile: Name,
    /// The limits themselves.
    #[n(4)]
    pub limits: Limits,
    /// After how many days without news of the trust bundle a wallet has to sync before it pays or asks for money. Absent
    /// where the operator sets no such term. Never zero: no wallet could ever pay offline then, and who means "no term" leaves it out.
    #[n(5)]
    pub stale_after_days: Option<NonZeroU32>,
}

impl Body for Policy {
    const TAG: &'static str = "dcep/1/policy";
}

/// Limits on one wallet. `None` where the profile sets none.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Limits {
    /// The most a wallet may hold.
    #[n(0)]
    pub balance: Amount,
    /// The most one payment may move.
    #[n(1)]
    pub per_payment: Amount,
    /// The most a wallet may pay in one day.
    #[n(2)]
    pub per_day: Amount,
    /// The most a wallet may pay in one year.
    #[n(3)]
    pub per_year: Option<Amount>,
    /// What holds between two contacts with the operator.
    #[n(4)]
    pub offline: OfflineLimits,
    /// The most one payment may move without the holder's confirmation, and all such payments since the last confirmation.
    #[n(5)]
    pub unconfirmed_each: Amount,
    /// See `unconfirmed_each`.
    #[n(6)]
    pub unconfirmed_total: Amount,
}

/// Limits that hold from one contact with the operator to the next.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OfflineLimits {
    /// The most a wallet may pay in total.
    #[n(0)]
    pub total: Amount,
    /// How many payments it may make.
    #[n(1)]
    pub payments: u32,
    /// The longest path of transfers back to a note that a payment may have, itself included.
    #[n(2)]
    pub hops: u32,
    /// The greatest age, in days since issue, of any note a payment goes back to.
    #[n(3)]
    pub age_days: u32,
}

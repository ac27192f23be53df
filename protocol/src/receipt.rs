//! Receipts: the payee's signature that it took a payment.

use minicbor::{Decode, Encode};

use crate::{id::Id, signed::Body, time::Timestamp};

/// "I took what this transfer gave me." Signed by the holder key of the transfer's output 0.
///
/// Taking is what attributes a fork to a holder whose payer nobody ever certified; being named in
/// somebody's output is not.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Receipt {
    /// The transfer that was taken. Elided inside a channel, where only one transfer can be meant.
    #[n(0)]
    pub transfer: Id,
    /// When, by the payee's clock.
    #[n(1)]
    pub taken_at: Timestamp,
}

impl Body for Receipt {
    const TAG: &'static str = "dcep/1/receipt";
}

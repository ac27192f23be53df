//! Receipts for third persons.

use protocol::{Coded as _, ReceiptFile};
use std::time::SystemTime;

use crate::{
    Amount,
    error::{Reason, ReceiptError},
    input,
};

/// What a receipt file proves.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct ProvenReceipt {
    /// By which transfer.
    pub transfer: String,
    /// How much was paid.
    pub amount: Amount,
    /// When the payee took it, by its clock.
    pub taken_at: SystemTime,
    /// The payee's registered name, if it is a merchant.
    pub payee: Option<String>,
    /// The key that was paid.
    pub payee_key: String,
    /// The key that paid, the first if several did.
    pub payer_key: String,
    /// The name of the operator that certified the payee.
    pub operator: String,
}

/// Checks a receipt that a wallet exported, with nothing but the issuer's root key: needs no wallet.
#[uniffi::export]
pub fn verify_receipt(file: Vec<u8>, root: &str) -> Result<ProvenReceipt, ReceiptError> {
    let root = input::root(root).map_err(|_| not_proven(protocol::Code::Malformed))?;
    let file = ReceiptFile::decode(&file).map_err(|error| not_proven(error.code()))?;
    let proven = file.verify(root).map_err(|error| not_proven(error.code()))?;
    Ok(ProvenReceipt {
        transfer: proven.transfer.to_string(),
        amount: proven.amount.into(),
        taken_at: input::system_time(proven.taken_at),
        payee: proven.payee.map(|name| name.as_str().to_owned()),
        payee_key: proven.payee_key.to_string(),
        payer_key: proven.payer_key.to_string(),
        operator: proven.operator.as_str().to_owned(),
    })
}

fn not_proven(code: protocol::Code) -> ReceiptError {
    ReceiptError::NotProven {
        reason: Reason::from(code),
    }
}

//! Between the account and this device: load and deposit.

use protocol::Amount;
use serde_json::json;
use wallet_core::BankError;

use super::{Opened, balance_json, view::holdings};
use crate::{
    failure::Failure,
    terminal::{Report, patiently},
};

/// Turns account money into cash.
pub(super) fn load(opened: &Opened, amount: Amount) -> Result<Report, Failure> {
    let bank = opened.bank()?;
    patiently("the bank", || opened.wallet.load(&bank, amount)).map_err(ordered)?;
    let balance = opened.balance()?;
    let text = format!("Loaded {amount}.\n{}", holdings(&balance));
    let json = json!({ "loaded": amount.fen(), "balance": balance_json(&balance) });
    Ok(Report::new(text, json))
}

/// Turns cash into account money: so much, or all.
pub(super) fn deposit(opened: &Opened, amount: Option<Amount>) -> Result<Report, Failure> {
    let bank = opened.bank()?;
    let deposited = patiently("the bank", || opened.wallet.deposit(&bank, amount)).map_err(ordered)?;
    let account = patiently("the bank", || opened.wallet.account_balance(&bank))?;
    let balance = opened.balance()?;
    let text = format!(
        "Deposited {deposited}; the account holds {account}.\n{}",
        holdings(&balance)
    );
    let json = json!({
        "deposited": deposited.fen(),
        "account": account.fen(),
        "balance": balance_json(&balance),
    });
    Ok(Report::new(text, json))
}

/// No answer does not mean no order.
fn ordered(error: BankError) -> Failure {
    match error {
        error @ (BankError::Transport(_) | BankError::InvalidAnswer) => Failure::Unanswered(error),
        error => error.into(),
    }
}

//! Money back: deciding on it, bringing it, taking it.

use protocol::{Amount, Id};
use serde_json::json;
use wallet_core::Outcome;

use super::{
    Opened, balance_json,
    contact::{conclude, doubtful, given_back, meet, paid, side},
    view::holdings,
};
use crate::{
    args::MeetArgs,
    failure::Failure,
    terminal::{BOLD, Report},
};

/// Signs a refund; it has to be brought yet.
pub(super) fn sign(opened: &Opened, payment: &Id, amount: Option<Amount>) -> Result<Report, Failure> {
    let amount = match amount {
        Some(amount) => amount,
        None => opened.wallet.refundable(payment)?,
    };
    let transfer = opened.wallet.refund(payment, amount)?;
    let left = opened.wallet.refundable(payment)?;
    let text = format!(
        "{BOLD}{amount} is to go back to who paid it.{BOLD:#} It is in doubt until it has arrived: run `resume` here and \
         `take-refund` there, or `sync`."
    );
    let json = json!({
        "refund": amount.fen(),
        "of": payment.to_string(),
        "transfer": transfer.to_string(),
        "left": left.fen(),
    });
    Ok(Report::new(text, json))
}

/// Brings whatever is in doubt with whoever is at the other end.
pub(super) fn resume(opened: &Opened, args: &MeetArgs) -> Result<Report, Failure> {
    let mut session = opened.wallet.resume(side(&args.contact))?;
    let ended = meet(&args.contact, args.frames.size(), "the payee", &mut session)?;
    match conclude(&session, ended) {
        Ok(Some(Outcome::Refunded { amount, .. })) => gave(opened, amount),
        Ok(Some(Outcome::Returned { amount, .. })) => given_back(opened, amount, "The payee took"),
        Ok(Some(Outcome::Paid {
            amount,
            payee,
            mended,
            ..
        })) => paid(opened, amount, &payee, mended),
        Ok(_) => Err(doubtful(opened, Failure::Torn)?),
        Err(failure) => Err(doubtful(opened, failure)?),
    }
}

/// Takes a refund from whoever is at the other end.
pub(super) fn take(opened: &Opened, payment: &Id, args: &MeetArgs) -> Result<Report, Failure> {
    let mut session = opened.wallet.await_refund(payment, side(&args.contact))?;
    let ended = meet(&args.contact, args.frames.size(), "who was paid", &mut session)?;
    match conclude(&session, ended)? {
        Some(Outcome::Refunded { amount, .. } | Outcome::Returned { amount, .. }) => got(opened, amount),
        _ => Err(Failure::Torn),
    }
}

/// A refund of this wallet's has arrived.
pub(super) fn gave(opened: &Opened, amount: Amount) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let text = format!("{BOLD}Refunded {amount}.{BOLD:#}\n{}", holdings(&balance));
    let json = json!({ "refunded": amount.fen(), "balance": balance_json(&balance) });
    Ok(Report::new(text, json))
}

/// A refund came in.
pub(super) fn got(opened: &Opened, amount: Amount) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let text = format!("{BOLD}Got {amount} back.{BOLD:#}\n{}", holdings(&balance));
    let json = json!({ "got_back": amount.fen(), "balance": balance_json(&balance) });
    Ok(Report::new(text, json))
}

//! Looking: the balance and the history.

use protocol::{Amount, Name};
use serde_json::{Value, json};
use std::fmt::Write as _;
use wallet_core::{Balance, Entry, Kind, LargestBecause, OnlyAtBank, State};

use super::{Opened, balance_json};
use crate::{
    failure::Failure,
    terminal::{BOLD, FAINT, Report, moment, patiently},
};

/// The money, by what can be done with it.
pub(super) fn balance(opened: &Opened, ask_account: bool) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let account: Option<Amount> = if ask_account {
        let bank = opened.bank()?;
        Some(patiently("the bank", || opened.wallet.account_balance(&bank))?)
    } else {
        None
    };
    let mut text = holdings(&balance);
    let mut json = balance_json(&balance);
    if let (Some(account), Value::Object(members)) = (account, &mut json) {
        let _infallible = write!(text, "\naccount        {account:>12}");
        members.insert("account".to_owned(), account.fen().into());
    }
    Ok(Report::new(text, json))
}

/// A balance, one line for each kind of money there is.
pub(super) fn holdings(balance: &Balance) -> String {
    let mut lines = vec![format!("{BOLD}spendable      {:>12}{BOLD:#}", balance.spendable)];
    let mut line = |name: &str, amount: Amount, remark: &str| {
        if !amount.is_zero() {
            lines.push(format!("{name:<15}{amount:>12}  {FAINT}{remark}{FAINT:#}"));
        }
    };
    line(
        "  unsettled",
        balance.unsettled,
        "of it, received offline and not known to the bank",
    );
    line(
        "in doubt",
        balance.in_doubt,
        "signed, not receipted: pay the same payee again",
    );
    for (reason, amount) in &balance.reasons {
        line("only at bank", *amount, only_at_bank(*reason));
    }
    match balance.because {
        LargestBecause::Everything => {}
        LargestBecause::PolicyLimit { .. } => {
            line(
                "at most",
                balance.largest_payment,
                "in one payment: the policy permits no more",
            );
        }
        LargestBecause::TooFragmented { .. } => {
            line(
                "at most",
                balance.largest_payment,
                "in one payment: too many small pieces",
            );
        }
    }
    lines.join("\n")
}

const fn only_at_bank(reason: OnlyAtBank) -> &'static str {
    match reason {
        OnlyAtBank::KeyRetired => "the wallet was rolled back or copied",
        OnlyAtBank::SeriesExpired => "past the last day it may be paid on",
        OnlyAtBank::TooOld => "older than the policy permits",
        OnlyAtBank::TooManyHops => "passed on as often as the policy permits",
        OnlyAtBank::CertificateExpired => "its key has no valid certificate today",
        OnlyAtBank::Contested => "somebody in its history spent it twice",
    }
}

/// What happened to the money.
pub(super) fn history(opened: &Opened) -> Result<Report, Failure> {
    let entries = opened.wallet.history()?;
    let lines: Vec<String> = entries.iter().map(line).collect();
    let text = if lines.is_empty() {
        "Nothing has happened yet.".to_owned()
    } else {
        lines.join("\n")
    };
    let entries: Vec<Value> = entries.iter().map(entry_json).collect();
    Ok(Report::new(text, json!({ "entries": entries })))
}

fn line(entry: &Entry) -> String {
    let (sign, name) = match &entry.kind {
        Kind::Paid { .. } => ('-', "paid"),
        Kind::Received => ('+', "received"),
        Kind::Loaded => ('+', "loaded"),
        Kind::Deposited => ('-', "deposited"),
        Kind::GaveBack => ('-', "gave back"),
        Kind::GaveRefund => ('-', "refunded"),
        Kind::GotRefund => ('+', "got refund"),
        Kind::Closed => ('-', "paid out"),
    };
    let mut line = format!(
        "{FAINT}{}{FAINT:#}  {name:<10}{:>13}",
        moment(entry.at),
        format!("{sign}{}", entry.amount)
    );
    if let Some(name) = &entry.name {
        let _infallible = write!(line, "  {} {name}", if sign == '-' { "to" } else { "from" });
    }
    if !entry.refunded.is_zero() && entry.state != State::Returned {
        let _infallible = write!(line, "  {} of it given back", entry.refunded);
    }
    line.push_str(match entry.state {
        State::InDoubt => "  in doubt",
        State::Returned => "  given back",
        State::PaidBack => "  never arrived; on the account",
        State::Done => "",
    });
    line
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "at": entry.at.seconds(),
        "kind": match &entry.kind {
            Kind::Paid { .. } => "paid",
            Kind::Received => "received",
            Kind::Loaded => "loaded",
            Kind::Deposited => "deposited",
            Kind::GaveBack => "gave-back",
            Kind::GaveRefund => "gave-refund",
            Kind::GotRefund => "got-refund",
            Kind::Closed => "closed",
        },
        "name": entry.name.as_ref().map(Name::as_str),
        "amount": entry.amount.fen(),
        "state": match entry.state {
            State::InDoubt => "in-doubt",
            State::Done => "done",
            State::Returned => "returned",
            State::PaidBack => "paid-back",
        },
        "transfer": entry.transfer.map(|id| id.to_string()),
        "refund_of": entry.refund_of.map(|id| id.to_string()),
        "refunds": entry.refunds.iter().map(Id::to_string).collect::<Vec<_>>(),
        "refunded": entry.refunded.fen(),
    })
}

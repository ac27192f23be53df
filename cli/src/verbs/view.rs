//! Looking: the balance and the history.

use protocol::{Amount, Day, Id, Name, Timestamp};
use serde_json::{Value, json};
use std::fmt::Write as _;
use wallet_core::{Balance, Entry, HistoryQuery, Kind, LargestBecause, OnlyAtBank, State, Verdict};

use super::{Opened, balance_json, claimed, parse_optional};
use crate::{
    args::{HistoryArgs, StateName},
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
        LargestBecause::Limit { limit, lifts } => {
            let remark = format!("in one payment: {limit} leaves no more; {lifts}");
            lines.push(format!(
                "{:<15}{:>12}  {FAINT}{remark}{FAINT:#}",
                "at most", balance.largest_payment
            ));
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
        OnlyAtBank::KeyFrozen => "another phone declared this one lost",
        OnlyAtBank::SeriesExpired => "past the last day it may be paid on",
        OnlyAtBank::TooOld => "older than the policy permits",
        OnlyAtBank::TooManyHops => "passed on as often as the policy permits",
        OnlyAtBank::CertificateExpired => "its key has no valid certificate today",
        OnlyAtBank::Contested => "somebody in its history spent it twice",
    }
}

/// How old is what the wallet believes.
pub(super) fn freshness(opened: &Opened) -> Result<Report, Failure> {
    let freshness = opened.wallet.freshness()?;
    let (word, meaning) = match freshness.verdict {
        Verdict::Fresh => ("fresh", "all is well"),
        Verdict::Ageing => ("ageing", "`sync` soon"),
        Verdict::TooOld => ("too-old", "`sync` before you pay or ask for money"),
    };
    let limit = freshness
        .too_old_after_days
        .map_or_else(String::new, |days| format!(" of {days}"));
    let text = format!(
        "As of {} (UTC), {}{limit} days ago: {meaning}.\nStatus list {}{}",
        moment(freshness.as_of),
        freshness.age_days,
        freshness.status_version,
        freshness
            .status_issued_at
            .map_or_else(String::new, |at| format!(", made {}", moment(at))),
    );
    let json = json!({
        "as_of": freshness.as_of.seconds(),
        "age_days": freshness.age_days,
        "too_old_after_days": freshness.too_old_after_days,
        "signer_until": freshness.signer_until.map(|day| day.to_string()),
        "status_version": freshness.status_version,
        "status_issued_at": freshness.status_issued_at.map(Timestamp::seconds),
        "verdict": word,
    });
    Ok(Report::new(text, json))
}

/// What is to be looked for.
pub(super) fn query(args: &HistoryArgs) -> Result<HistoryQuery, Failure> {
    let amount = |text: &Option<String>| parse_optional(text.as_deref());
    let since = args.since.as_deref().map(parse_day).transpose()?;
    let until = args.until.as_deref().map(parse_day).transpose()?;
    Ok(HistoryQuery {
        since: since.map(Day::start),
        until: until.map(|day| Timestamp::from_seconds(day.plus(1).start().seconds().saturating_sub(1))),
        name: args.name.clone(),
        at_least: amount(&args.min)?,
        at_most: amount(&args.max)?,
        state: args.state.map(StateName::state),
        limit: args.limit,
        ..HistoryQuery::default()
    })
}

/// A day as it is printed.
fn parse_day(text: &str) -> Result<Day, Failure> {
    let numbers: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    // Days of the Gregorian calendar, counted from a first of March as in the Julian one; printing tells whether it exists.
    let day = match numbers[..] {
        [year @ 1970..=9999, month @ 1..=12, day @ 1..=31] => {
            let (year, month) = if month > 2 {
                (year, month - 3)
            } else {
                (year - 1, month + 9)
            };
            let leap_days = year / 4 - year / 100 + year / 400;
            (365 * year + leap_days + (153 * month + 2) / 5 + day - 1).checked_sub(719_468)
        }
        _ => None,
    };
    day.map(Day::from_number)
        .filter(|day| day.to_string() == text)
        .ok_or_else(|| Failure::Usage(format!("{text:?} is not a day, like 2026-11-24")))
}

/// What happened to the money.
pub(super) fn history(opened: &Opened, query: &HistoryQuery) -> Result<Report, Failure> {
    let page = opened.wallet.search(query)?;
    let entries = page.entries;
    let lines: Vec<String> = entries.iter().map(line).collect();
    let text = match (lines.is_empty(), query == &HistoryQuery::default()) {
        (true, true) => "Nothing has happened yet.".to_owned(),
        (true, false) => "Nothing of that kind has happened.".to_owned(),
        (false, _) if page.next.is_some() => format!("{}\n… and more.", lines.join("\n")),
        (false, _) => lines.join("\n"),
    };
    let entries: Vec<Value> = entries.iter().map(entry_json).collect();
    Ok(Report::new(text, json!({ "entries": entries })))
}

fn line(entry: &Entry) -> String {
    let (sign, name) = match &entry.kind {
        Kind::Paid => ('-', "paid"),
        Kind::Received => ('+', "received"),
        Kind::Loaded => ('+', "loaded"),
        Kind::Deposited => ('-', "deposited"),
        Kind::Refreshed => ('=', "refreshed"),
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
    if !entry.name.is_unnamed() {
        let _infallible = write!(
            line,
            "  {} {}",
            if sign == '-' { "to" } else { "from" },
            entry.name
        );
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
            Kind::Paid => "paid",
            Kind::Received => "received",
            Kind::Loaded => "loaded",
            Kind::Deposited => "deposited",
            Kind::Refreshed => "refreshed",
            Kind::GaveBack => "gave-back",
            Kind::GaveRefund => "gave-refund",
            Kind::GotRefund => "got-refund",
            Kind::Closed => "closed",
        },
        "name": entry.name.registered().map(Name::as_str),
        "unverified_name": claimed(&entry.name),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_it_is_printed() {
        for number in (0..40_000).step_by(13) {
            let day = Day::from_number(number);
            assert_eq!(parse_day(&day.to_string()).unwrap(), day);
        }
        for nonsense in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "2026-1-1",
            "1969-12-31",
            "24.11.2026",
        ] {
            assert!(parse_day(nonsense).is_err(), "{nonsense}");
        }
    }
}

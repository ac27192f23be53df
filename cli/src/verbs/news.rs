//! What is in doubt, and what has happened that nobody was told yet.

use protocol::{Amount, Name, PayeeName};
use serde_json::{Value, json};
use wallet_core::{Doubtful, EndsBy, Event, EventKind, InDoubt, ReturnReason};

use super::{Opened, claimed};
use crate::{
    failure::Failure,
    terminal::{FAINT, Report, moment},
};

/// What is signed, perhaps sent, and confirmed by nobody; and what ends that.
pub(super) fn doubts(opened: &Opened) -> Result<Report, Failure> {
    let doubts = opened.wallet.in_doubt()?;
    let text = if doubts.is_empty() {
        "Nothing is in doubt.".to_owned()
    } else {
        lines(doubts.iter().map(doubt))
    };
    let doubts: Vec<Value> = doubts
        .iter()
        .map(|doubt| {
            json!({
                "transfer": doubt.transfer.to_string(),
                "what": what(doubt.what),
                "payee": doubt.payee.to_string(),
                "name": doubt.name.registered().map(Name::as_str),
                "unverified_name": claimed(&doubt.name),
                "amount": doubt.amount.fen(),
                "since": doubt.since.seconds(),
                "age": doubt.age,
                "ends_by": match doubt.ends_by {
                    EndsBy::TapOrSync => "tap-or-sync",
                    EndsBy::Sync => "sync",
                    EndsBy::Bank => "bank",
                },
            })
        })
        .collect();
    Ok(Report::new(text, json!({ "in_doubt": doubts })))
}

fn doubt(doubt: &InDoubt) -> String {
    let to = shown(&doubt.name).map_or_else(|| doubt.payee.to_string(), ToString::to_string);
    let ends = match doubt.ends_by {
        EndsBy::TapOrSync => "hold the phones together again, or `sync`",
        EndsBy::Sync => "`sync`",
        EndsBy::Bank => "the bank ends it; `sync` asks",
    };
    format!(
        "{FAINT}{}{FAINT:#}  {:<8}{:>12}  to {to}: {ends}",
        moment(doubt.since),
        what(doubt.what),
        doubt.amount
    )
}

const fn what(what: Doubtful) -> &'static str {
    match what {
        Doubtful::Payment => "payment",
        Doubtful::Return => "return",
        Doubtful::Refund => "refund",
        Doubtful::Deposit => "deposit",
        Doubtful::Refresh => "refresh",
    }
}

/// What has happened since somebody last looked. Shown once, unless the telling is only a look.
pub(super) fn events(opened: &Opened, keep: bool) -> Result<Report, Failure> {
    let mut told = Vec::new();
    while let Some(event) = opened.wallet.next_event()? {
        let id = event.id;
        told.push(event);
        if keep {
            break;
        }
        opened.wallet.acknowledge_event(id)?;
    }
    let text = if told.is_empty() {
        "Nothing new has happened.".to_owned()
    } else {
        lines(
            told.iter()
                .map(|event| format!("{FAINT}{}{FAINT:#}  {}", moment(event.at), sentence(&event.kind))),
        )
    };
    let told: Vec<Value> = told.iter().map(event_json).collect();
    Ok(Report::new(text, json!({ "events": told })))
}

fn event_json(event: &Event) -> Value {
    json!({ "at": event.at.seconds(), "what": name(&event.kind), "sentence": sentence(&event.kind) })
}

const fn name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Received { .. } => "received",
        EventKind::Paid { .. } => "paid",
        EventKind::InDoubt { .. } => "in-doubt",
        EventKind::Recorded { .. } => "recorded",
        EventKind::GaveBack { .. } => "gave-back",
        EventKind::Returned { .. } => "returned",
        EventKind::LimitReached { .. } => "limit-reached",
        EventKind::SeriesExpiring { .. } => "series-expiring",
        EventKind::RolledBack { .. } => "rolled-back",
        EventKind::KeysDestroyed { .. } => "keys-destroyed",
        EventKind::KeysRanOut => "keys-ran-out",
        EventKind::ForkFound { .. } => "fork-found",
        EventKind::WindowClosed { .. } => "window-closed",
        EventKind::Refunded { .. } => "refunded",
        EventKind::NotRefreshed { .. } => "not-refreshed",
        EventKind::ClockWrong { .. } => "clock-wrong",
        EventKind::DeviceFrozen { .. } => "device-frozen",
        EventKind::OthersFrozen => "others-frozen",
    }
}

fn sentence(kind: &EventKind) -> String {
    match kind {
        EventKind::DeviceFrozen { held } => {
            format!("Another phone declared this one lost. It still holds {held}: `deposit` brings it to the account.")
        }
        EventKind::OthersFrozen => {
            "The other phones of this account are frozen; the bank credits in time what they hold.".to_owned()
        }
        EventKind::Received { amount, payer, .. } => {
            format!("Received {amount}{}.", party("from", payer.as_ref()))
        }
        EventKind::Paid {
            amount,
            payee,
            mended,
            ..
        } => {
            let mended = if *mended {
                " A torn tap is mended; nothing was paid twice."
            } else {
                ""
            };
            format!("Paid {amount}{}.{mended}", party("to", shown(payee)))
        }
        EventKind::InDoubt { amount, payee, .. } => {
            let to = party("to", shown(payee));
            format!("{amount}{to} is in doubt: hold the phones together again, or `sync`.")
        }
        EventKind::Recorded { amount, .. } => {
            format!("{amount} was in doubt, and is on record at the bank now: the payee gets it from there.")
        }
        EventKind::GaveBack { amount, reason, .. } => {
            let why = match reason {
                ReturnReason::PaidTwice => "its request had been paid already",
                ReturnReason::Withdrawn => "its request had been withdrawn",
                ReturnReason::BalanceLimit => "this wallet may not hold so much",
                ReturnReason::AssuranceTooLow => "the payer's keys are not kept as well as you demand",
            };
            format!("{amount} came in and was given back: {why}.")
        }
        EventKind::Returned { amount, payee, .. } => {
            format!("{amount} was given back{}.", party("by", shown(payee)))
        }
        EventKind::LimitReached { balance } => {
            format!("The wallet holds as much as it may, {balance}: pay or deposit before you receive more.")
        }
        EventKind::SeriesExpiring { spend_until, amount } => {
            format!("{amount} can be paid on until {spend_until}: `sync` before then renews it; after that only the bank takes it.")
        }
        EventKind::RolledBack { held } => rolled_back(*held),
        EventKind::KeysRanOut => {
            "All keys are in use: payments can be linked to each other until the next `sync` brings new ones.".to_owned()
        }
        EventKind::KeysDestroyed { held, .. } => {
            format!(
                "This device destroyed keys of the wallet. What they held, {held}, is paid out by the bank when its claim \
                 window closes."
            )
        }
        EventKind::ForkFound { .. } => {
            "Somebody paid with money that was spent already. The proof goes to the bank with the next `sync`.".to_owned()
        }
        EventKind::WindowClosed { amount, .. } => {
            format!("{amount} that could not be reached any more is on the account now.")
        }
        EventKind::Refunded { amount, payee, .. } => {
            format!("{amount} was refunded{}.", party("by", shown(payee)))
        }
        EventKind::NotRefreshed { amount } => {
            format!("The bank had no fresh notes for {amount}: it is on the account now.")
        }
        EventKind::ClockWrong { ahead, seconds } => clock_wrong(*ahead, *seconds),
    }
}

fn clock_wrong(ahead: bool, seconds: u64) -> String {
    let way = if ahead { "ahead of" } else { "behind" };
    let by = match seconds {
        0..7_200 => "an hour".to_owned(),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    };
    format!("This device's clock is {by} {way} the bank's: please set it right.")
}

fn rolled_back(held: Amount) -> String {
    format!(
        "These files were copied or restored. Their keys are retired for ever; the bank pays out what they held \
         ({held}, as far as these files know) when its claim window closes. After the next `sync` this wallet receives again."
    )
}

/// The name, if there is one to show.
fn shown(name: &PayeeName) -> Option<&PayeeName> {
    Some(name).filter(|name| !name.is_unnamed())
}

fn party(preposition: &str, name: Option<&impl core::fmt::Display>) -> String {
    name.map_or_else(String::new, |name| format!(" {preposition} {name}"))
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

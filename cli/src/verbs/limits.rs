//! The limits, one line for each.

use serde_json::{Value, json};
use wallet_core::{Allowance, Lift, Limit, Quantity};

use super::Opened;
use crate::{
    failure::Failure,
    terminal::{BOLD, FAINT, Report},
};

/// Every limit of the wallet's policy.
pub(super) fn limits(opened: &Opened) -> Result<Report, Failure> {
    let shown = opened.wallet.limits()?;
    let class = format!("{:?}", shown.class).to_uppercase();
    let mut lines = vec![
        format!("{BOLD}class {class} of {}{BOLD:#}", shown.profile),
        format!(
            "{FAINT}{:<22}{:>14}{:>14}{:>14}{FAINT:#}",
            "", "permitted", "used", "left"
        ),
    ];
    lines.extend(shown.limits.iter().map(line));
    let limits: Vec<Value> = shown.limits.iter().map(limit_json).collect();
    let json = json!({
        "class": class,
        "profile": shown.profile.as_str(),
        "version": shown.version,
        "limits": limits,
    });
    Ok(Report::new(lines.join("\n"), json))
}

fn line(allowance: &Allowance) -> String {
    let Allowance {
        limit,
        most,
        used,
        left,
        lifts,
    } = allowance;
    let title = name(*limit).replace('-', " ");
    let [most, used, left] = [most, used, left].map(|quantity| text(*quantity));
    format!("{title:<22}{most:>14}{used:>14}{left:>14}  {FAINT}{lifts}{FAINT:#}")
}

fn limit_json(allowance: &Allowance) -> Value {
    json!({
        "limit": name(allowance.limit),
        "unit": unit(allowance.most),
        "permitted": number(allowance.most),
        "used": number(allowance.used),
        "left": number(allowance.left),
        "lifts": lift(allowance.lifts),
        "on": match allowance.lifts {
            Lift::Waiting(day) => Some(day.to_string()),
            _ => None,
        },
    })
}

const fn name(limit: Limit) -> &'static str {
    match limit {
        Limit::Balance => "balance",
        Limit::PerPayment => "per-payment",
        Limit::PerDay => "per-day",
        Limit::PerYear => "per-year",
        Limit::OfflineTotal => "offline-total",
        Limit::OfflinePayments => "offline-payments",
        Limit::Hops => "hops",
        Limit::Age => "age",
        Limit::UnconfirmedEach => "unconfirmed-each",
        Limit::UnconfirmedTotal => "unconfirmed-total",
        Limit::PayeeBalance => "payee-balance",
    }
}

const fn lift(lift: Lift) -> &'static str {
    match lift {
        Lift::SmallerAmount => "smaller-amount",
        Lift::Waiting(_) => "waiting",
        Lift::Sync => "sync",
        Lift::Confirmation => "confirmation",
        Lift::Spending => "spending",
        Lift::Renewal => "renewal",
        Lift::PayeeSpending => "payee-spending",
    }
}

fn text(quantity: Quantity) -> String {
    match quantity {
        Quantity::Money(amount) => amount.to_string(),
        Quantity::Payments(number) => number.to_string(),
        Quantity::Hops(number) => format!("{number} hops"),
        Quantity::Days(number) => format!("{number} days"),
    }
}

const fn unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Money(_) => "fen",
        Quantity::Payments(_) => "payments",
        Quantity::Hops(_) => "hops",
        Quantity::Days(_) => "days",
    }
}

fn number(quantity: Quantity) -> u64 {
    match quantity {
        Quantity::Money(amount) => amount.fen(),
        Quantity::Payments(number) | Quantity::Hops(number) | Quantity::Days(number) => number.into(),
    }
}

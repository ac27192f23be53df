//! Paying without a line between the two: what one wallet shows as codes or writes as a file, another reads.

use data_encoding::HEXLOWER_PERMISSIVE;
use protocol::{Amount, Id, Name, Request, RequestId, Slip};
use serde_json::{Value, json};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, Read as _, Write as _},
    path::Path,
};
use wallet_core::{
    Consent, Outcome,
    link::{
        MAX_MESSAGE,
        qr::{self, Frames, Scanner, SlipError},
    },
};

use super::{Opened, balance_json, claimed, contact, refund, view::holdings};
use crate::{
    args::ScanArgs,
    code,
    failure::Failure,
    terminal::{BOLD, Report, note},
};

/// Shows a request of this wallet, or something that it signed for somebody.
pub(super) fn show(opened: &Opened, id: &str, file: Option<&Path>) -> Result<Report, Failure> {
    let bytes = HEXLOWER_PERMISSIVE.decode(id.as_bytes()).unwrap_or_default();
    let slip = if let Ok(request) = <[u8; 16]>::try_from(bytes.as_slice()) {
        opened.wallet.request_slip(&RequestId::from_bytes(request))?
    } else if let Ok(transfer) = <[u8; 32]>::try_from(bytes.as_slice()) {
        let slip = opened.wallet.slip_of(&Id::from_bytes(transfer))?;
        slip.ok_or(Failure::NothingToShow)?
    } else {
        return Err(Failure::Usage(format!(
            "{id:?} is neither the id of a request nor that of a transfer: 32 or 64 hexadecimal digits"
        )));
    };
    shown(&slip, file, String::new(), json!({}))
}

/// Reads what another wallet shows: pays a request, takes a payment, ends a doubt.
pub(super) fn scan(opened: &Opened, args: &ScanArgs) -> Result<Report, Failure> {
    let consent = contact::may_consent(&args.agreed)?;
    let slip = match &args.file {
        Some(file) => qr::read_file(&read(file)?)?,
        None => watch()?,
    };
    match (slip, consent) {
        (Slip::Request(request), None) => asked(opened, &request),
        (Slip::Request(request), Some(consent)) => pay(opened, &request, consent, args.answer.as_deref()),
        (slip, _) => take(opened, &slip, args.answer.as_deref()),
    }
}

/// Says what is asked, and pays nothing.
fn asked(opened: &Opened, request: &Request) -> Result<Report, Failure> {
    opened.wallet.check_request(request)?;
    let payee = request.payee_name();
    let whom = if payee.is_unnamed() {
        "Somebody without a name".to_owned()
    } else {
        payee.to_string()
    };
    let what = request
        .amount
        .map_or_else(|| "whatever you give".to_owned(), |amount| amount.to_string());
    let text =
        format!("{BOLD}{whom} asks for {what}.{BOLD:#} Scan it again with `--exactly` or `--up-to` to pay.");
    let json = json!({
        "slip": "request",
        "request": request.id.to_string(),
        "amount": request.amount.map(Amount::fen),
        "payee": payee.registered().map(Name::as_str),
        "unverified_payee": claimed(&payee),
    });
    Ok(Report::new(text, json))
}

fn pay(opened: &Opened, request: &Request, consent: Consent, file: Option<&Path>) -> Result<Report, Failure> {
    let paid = opened.wallet.pay_request(request, consent)?;
    let balance = opened.balance()?;
    let text = format!(
        "{BOLD}{} is signed, and in doubt until the payee's receipt is read here.{BOLD:#} Show this to the payee; `show {}` shows \
         it again.\n{}\n",
        paid.amount,
        paid.transfer,
        holdings(&balance),
    );
    let json = json!({
        "signed": paid.amount.fen(),
        "transfer": paid.transfer.to_string(),
        "balance": balance_json(&balance),
    });
    shown(&paid.slip, file, text, json)
}

fn take(opened: &Opened, slip: &Slip, file: Option<&Path>) -> Result<Report, Failure> {
    let took = opened.wallet.take(slip)?;
    let is_payee = !matches!(slip, Slip::Receipt { .. });
    let report = match took.outcome {
        Outcome::Paid {
            amount,
            payee,
            mended,
            ..
        } => contact::paid(opened, amount, &payee, mended),
        Outcome::Received { amount, request, .. } => received(opened, amount, request),
        Outcome::Returned { amount, .. } if is_payee => {
            contact::given_back(opened, amount, "This wallet took")
        }
        Outcome::Returned { amount, .. } => contact::given_back(opened, amount, "The payee took"),
        Outcome::Refunded { amount, .. } if is_payee => refund::got(opened, amount),
        Outcome::Refunded { amount, .. } => refund::gave(opened, amount),
        Outcome::Declined { reason, .. } => Err(reason.into()),
        Outcome::Refused { refusal } => Err(Failure::Refused {
            code: refusal.code,
            at_most: refusal.at_most,
        }),
    }?;
    match took.answer {
        None => Ok(report),
        Some(receipt) => {
            let text = format!("{}\nShow this to the other side:\n", report.text.trim_end());
            shown(&receipt, file, text, report.json)
        }
    }
}

fn received(opened: &Opened, amount: Amount, request: RequestId) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let text = format!("{BOLD}Received {amount}.{BOLD:#}\n{}", holdings(&balance));
    let json = json!({
        "received": amount.fen(),
        "request": request.to_string(),
        "balance": balance_json(&balance),
    });
    Ok(Report::new(text, json))
}

/// A slip, as codes or in a file, after what else there is to say.
fn shown(slip: &Slip, file: Option<&Path>, mut text: String, mut json: Value) -> Result<Report, Failure> {
    let bytes = slip.encode();
    let frames = Frames::of(slip)?;
    let texts: Vec<&str> = (0..frames.count()).map(|number| frames.text(number)).collect();
    if let Some(file) = file {
        write(file, &bytes)?;
        text += &format!("{BOLD}{}{BOLD:#} holds it.", file.display());
    } else if let [text_of_code] = texts[..] {
        text += &code::draw(text_of_code)?;
        text += text_of_code;
    } else {
        code::animate(&frames)?;
        text += &texts.join("\n");
    }
    let shows = json!({
        "slip": match slip {
            Slip::Request(_) => "request",
            Slip::Payment { .. } => "payment",
            Slip::Receipt { .. } => "receipt",
            Slip::Refund { .. } => "refund",
        },
        "bytes": bytes.len(),
        "codes": texts,
    });
    if let Some(json) = json.as_object_mut() {
        json.insert("shows".to_owned(), shows);
    }
    Ok(Report::new(text, json))
}

/// Reads the texts of codes, one a line, as `zbarcam --raw` prints them, until they are a slip.
fn watch() -> Result<Slip, Failure> {
    let mut scanner = Scanner::default();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(Failure::file("read", "stdin"))?;
        match scanner.scan(line.trim_end_matches('\r')) {
            Ok(Some(slip)) => return Ok(slip),
            Ok(None) => note(format_args!("{} %", scanner.percent())),
            Err(error) => note(error),
        }
    }
    Err(SlipError::Foreign.into())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_MESSAGE as u64 + 1).read_to_end(&mut bytes))
        .map_err(Failure::file("read", path))?;
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(Failure::file("write", path))
}

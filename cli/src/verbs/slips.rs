//! Paying without a line between the two: what one wallet shows as codes or writes as a file, another reads.

use data_encoding::HEXLOWER_PERMISSIVE;
use protocol::{Amount, Id, Name, Request, RequestId, Signed, Slip};
use serde_json::{Value, json};
use std::{
    io::{self, BufRead as _, Read as _},
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
    files::{NewFile, read_at_most},
    terminal::{BOLD, Report, note},
};

/// More than any code holds.
const MAX_LINE: u64 = 8_192;

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
    shown(
        &slip,
        file.map(NewFile::make).transpose()?,
        String::new(),
        json!({}),
    )
}

/// Reads what another wallet shows: pays a request, takes a payment, ends a doubt.
pub(super) fn scan(opened: &Opened, args: &ScanArgs) -> Result<Report, Failure> {
    let consent = contact::may_consent(&args.agreed)?;
    // Before anything is paid or taken: what cannot be written could not be shown.
    let answer = args.answer.as_deref().map(NewFile::make).transpose()?;
    let slip = match &args.file {
        Some(file) => qr::read_file(&read_at_most(file, MAX_MESSAGE)?)?,
        None => watch()?,
    };
    match (slip, consent) {
        (Slip::Request(request), None) => asked(opened, &request),
        (Slip::Request(request), Some(consent)) => pay(opened, &request, consent, answer),
        (slip, _) => take(opened, &slip, answer),
    }
}

/// Says what is asked, and pays nothing.
fn asked(opened: &Opened, request: &Signed<Request>) -> Result<Report, Failure> {
    opened.wallet.check_request(request)?;
    let request = &request.body;
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

fn pay(
    opened: &Opened,
    request: &Signed<Request>,
    consent: Consent,
    answer: Option<NewFile<'_>>,
) -> Result<Report, Failure> {
    let paid = opened.wallet.pay_request(request, consent)?;
    let balance = opened.balance()?;
    let signed = if paid.repeated {
        "had been signed before, and nothing is paid twice"
    } else {
        "is signed"
    };
    let text = format!(
        "{BOLD}{} {signed}; it is in doubt until the payee's receipt is read here.{BOLD:#} Show this to the payee; `show {}` shows \
         it again.\n{}\n",
        paid.amount,
        paid.transfer,
        holdings(&balance),
    );
    let json = json!({
        "signed": paid.amount.fen(),
        "repeated": paid.repeated,
        "transfer": paid.transfer.to_string(),
        "balance": balance_json(&balance),
    });
    shown(&paid.slip, answer, text, json)
}

fn take(opened: &Opened, slip: &Slip, answer: Option<NewFile<'_>>) -> Result<Report, Failure> {
    let took = opened.wallet.take(slip)?;
    let is_payee = !matches!(slip, Slip::Receipt { .. });
    let report = match took.outcome {
        Outcome::Paid {
            amount,
            payee,
            mended,
            ..
        } => contact::paid(opened, amount, &payee, mended),
        Outcome::Received { amount, request, .. } => received(opened, amount, request, took.repeated),
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
            shown(&receipt, answer, text, report.json)
        }
    }
}

fn received(opened: &Opened, amount: Amount, request: RequestId, repeated: bool) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let what = if repeated {
        format!("These {amount} had been received before: nothing new was paid.")
    } else {
        format!("Received {amount}.")
    };
    let text = format!("{BOLD}{what}{BOLD:#}\n{}", holdings(&balance));
    let json = json!({
        "received": amount.fen(),
        "repeated": repeated,
        "request": request.to_string(),
        "balance": balance_json(&balance),
    });
    Ok(Report::new(text, json))
}

/// A slip, as codes or in a file, after what else there is to say.
fn shown(
    slip: &Slip,
    answer: Option<NewFile<'_>>,
    mut text: String,
    mut json: Value,
) -> Result<Report, Failure> {
    let bytes = slip.encode();
    let frames = Frames::of(slip)?;
    let texts: Vec<&str> = (0..frames.count()).map(|number| frames.text(number)).collect();
    if let Some(file) = answer {
        text += &format!("{BOLD}{}{BOLD:#} holds it.", file.write(&bytes)?.display());
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

/// Reads the texts of codes, one a line, as `zbarcam --raw` prints them, until they are a slip. What is no text is no slip's.
fn watch() -> Result<Slip, Failure> {
    let mut scanner = Scanner::default();
    let mut percent = 0;
    let mut stdin = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = (&mut stdin).take(MAX_LINE).read_until(b'\n', &mut line);
        if read.map_err(Failure::file("read", "stdin"))? == 0 {
            return Err(SlipError::Foreign.into());
        }
        match scanner.scan(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n'])) {
            Ok(Some(slip)) => return Ok(slip),
            Ok(None) if scanner.percent() == percent => {}
            Ok(None) => {
                percent = scanner.percent();
                note(format_args!("{percent} %"));
            }
            Err(error) => note(error),
        }
    }
}

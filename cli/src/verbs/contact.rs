//! Two wallets in contact: asking, paying, being paid. None of it needs the bank.

use data_encoding::HEXLOWER_PERMISSIVE;
use protocol::{Amount, Assurance, Name, PayeeName, Request, RequestId};
use serde_json::json;
use wallet_core::{Consent, Outcome, PayError, Session, Side, link::apdu::FrameSize};

use super::{Opened, balance_json, claimed, parse_amount, parse_optional, refund, view::holdings};
use crate::{
    args::{Agreed, Contact, Demand, PayArgs, ReceiveArgs},
    failure::Failure,
    socket::{self, Ended},
    terminal::{BOLD, Report, note, patiently},
};

/// Makes a request, for later.
pub(super) fn request(opened: &Opened, asked: Asked) -> Result<Report, Failure> {
    let amount = asked.amount;
    let request = asked.of(opened)?;
    let asked = amount.map_or_else(
        || "whatever the payer gives".to_owned(),
        |amount| amount.to_string(),
    );
    let text = format!(
        "A request for {asked}:\n\n    {BOLD}{}{BOLD:#}\n\nUse it with `receive --request ID`; it is paid at most once.",
        request.id
    );
    let json = json!({ "request": request.id.to_string(), "amount": amount.map(Amount::fen) });
    Ok(Report::new(text, json))
}

/// Says how well payers must keep their keys, or only shows it.
pub(super) fn demand(opened: &Opened, least: Option<Demand>) -> Result<Report, Failure> {
    if let Some(least) = least {
        opened.wallet.demand_assurance(least.assurance())?;
    }
    let (text, name) = match opened.wallet.demanded_assurance()? {
        None | Some(Assurance::Software) => ("Payers may keep their keys as they like.", None),
        Some(Assurance::TrustedEnvironment) => (
            "Payers must keep their keys in a trusted execution environment or better.",
            Some("trusted-environment"),
        ),
        Some(Assurance::SecureElement) => (
            "Payers must keep their keys in a security chip.",
            Some("secure-element"),
        ),
    };
    Ok(Report::new(text, json!({ "demanded": name })))
}

/// Pays whoever is at the other end, within what was agreed to.
pub(super) fn pay(opened: &Opened, consent: Consent, args: &PayArgs) -> Result<Report, Failure> {
    let mut session = opened.wallet.pay(consent, side(&args.contact))?;
    let ended = meet(&args.contact, args.frames.size(), "the payee", &mut session)?;
    match conclude(&session, ended) {
        Ok(Some(Outcome::Paid {
            amount,
            payee,
            mended,
            ..
        })) => paid(opened, amount, &payee, mended),
        Ok(Some(Outcome::Returned { amount, .. })) => given_back(opened, amount, "The payee took"),
        Ok(Some(Outcome::Refunded { amount, .. })) => refund::gave(opened, amount),
        Ok(_) => Err(doubtful(opened, Failure::Torn)?),
        Err(failure) => Err(doubtful(opened, failure)?),
    }
}

/// What the payer agrees to before the contact.
pub(super) fn consent(agreed: &Agreed) -> Result<Consent, Failure> {
    may_consent(agreed)?
        .ok_or_else(|| Failure::Usage("say how much, with --up-to, --exactly or --unconfirmed".to_owned()))
}

/// What the payer agrees to, if it does.
pub(super) fn may_consent(agreed: &Agreed) -> Result<Option<Consent>, Failure> {
    Ok(match (&agreed.up_to, &agreed.exactly) {
        (Some(most), _) => Some(Consent::UpTo(parse_amount(most)?)),
        (_, Some(amount)) => Some(Consent::Exactly(parse_amount(amount)?)),
        (None, None) => agreed.unconfirmed.then_some(Consent::Unconfirmed),
    })
}

pub(super) fn paid(
    opened: &Opened,
    amount: Amount,
    payee: &PayeeName,
    mended: bool,
) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let to = if payee.is_unnamed() {
        String::new()
    } else {
        format!(" to {payee}")
    };
    let remark = if mended {
        " This payment was signed in an earlier contact and is complete now; nothing was paid twice."
    } else {
        ""
    };
    let text = format!("{BOLD}Paid {amount}{to}.{BOLD:#}{remark}\n{}", holdings(&balance));
    let json = json!({
        "paid": amount.fen(),
        "payee": payee.registered().map(Name::as_str),
        "unverified_payee": claimed(payee),
        "mended": mended,
        "balance": balance_json(&balance),
    });
    Ok(Report::new(text, json))
}

/// Nobody wanted the money, and so it is where it was.
pub(super) fn given_back(opened: &Opened, amount: Amount, who: &str) -> Result<Report, Failure> {
    let balance = opened.balance()?;
    let text = format!(
        "{BOLD}{who} {amount} and gave it back.{BOLD:#} The request had been paid or withdrawn, or the payee may not hold so much.\n{}",
        holdings(&balance)
    );
    let json = json!({ "returned": amount.fen(), "balance": balance_json(&balance) });
    Ok(Report::new(text, json))
}

/// Asks for a request no more.
pub(super) fn withdraw(opened: &Opened, request: &str) -> Result<Report, Failure> {
    let id = parse_request(request)?;
    opened.wallet.withdraw(&id)?;
    let text = "Withdrawn. If somebody has signed a payment of it already, it is taken and given back in the same tap.";
    Ok(Report::new(text, json!({ "withdrawn": id.to_string() })))
}

/// The failure, with what it left in doubt.
pub(super) fn doubtful(opened: &Opened, failure: Failure) -> Result<Failure, Failure> {
    let in_doubt = opened.balance()?.in_doubt;
    Ok(if in_doubt.is_zero() {
        failure
    } else {
        Failure::InDoubt {
            failure: Box::new(failure),
            in_doubt,
        }
    })
}

/// A request to be made.
pub(super) struct Asked {
    /// So much, or whatever the payer gives.
    amount: Option<Amount>,
    /// By what name.
    name: Option<Name>,
}

impl Asked {
    /// What the command line says of it.
    pub(super) fn parse(amount: Option<&str>, name: Option<&str>) -> Result<Self, Failure> {
        Ok(Self {
            amount: parse_optional(amount)?,
            name: name.map(Name::new).transpose()?,
        })
    }

    fn of(self, opened: &Opened) -> Result<Request, Failure> {
        Ok(match self.name {
            Some(name) => opened.wallet.request_as(self.amount, name)?,
            None => opened.wallet.request(self.amount)?,
        })
    }
}

/// What a payee sits over.
pub(super) enum Waiting {
    /// An earlier request.
    Earlier(RequestId),
    /// One that is to be made.
    New(Asked),
}

/// What the payee decides before the contact.
pub(super) fn waiting(args: &ReceiveArgs) -> Result<Waiting, Failure> {
    Ok(match &args.request {
        Some(text) => Waiting::Earlier(parse_request(text)?),
        None => Waiting::New(Asked::parse(args.amount.as_deref(), args.name.as_deref())?),
    })
}

/// Is paid by whoever is at the other end.
pub(super) fn receive(opened: &Opened, waiting: Waiting, args: &ReceiveArgs) -> Result<Report, Failure> {
    let id = match waiting {
        Waiting::Earlier(id) => id,
        Waiting::New(asked) => asked.of(opened)?.id,
    };
    let mut session = opened.wallet.receive(&id, side(&args.contact))?;
    let ended = meet(&args.contact, args.frames.size(), "the payer", &mut session)?;
    let torn = ended.is_err();
    let received = match conclude(&session, ended)? {
        Some(Outcome::Received { amount, .. }) => Some(amount),
        Some(Outcome::Returned { amount, .. }) => {
            return given_back(opened, amount, "This wallet took");
        }
        Some(Outcome::Refunded { amount, .. }) => return refund::got(opened, amount),
        _ => None,
    };
    let balance = opened.balance()?;
    let remark = if torn {
        " The payer may not have heard of it: if its payment is in doubt, run `receive` again, and it gets the receipt."
    } else {
        ""
    };
    let text = match received {
        Some(amount) => format!("{BOLD}Received {amount}.{BOLD:#}{remark}\n{}", holdings(&balance)),
        None => format!(
            "Nothing new was paid: the payer asked for the receipt of an earlier payment, and has it now.\n{}",
            holdings(&balance)
        ),
    };
    let json = json!({
        "received": received.map(Amount::fen),
        "request": id.to_string(),
        "balance": balance_json(&balance),
    });
    Ok(Report::new(text, json))
}

fn parse_request(text: &str) -> Result<RequestId, Failure> {
    HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .map(RequestId::from_bytes)
        .ok_or_else(|| {
            Failure::Usage(format!(
                "{text:?} is not the id of a request: 32 hexadecimal digits"
            ))
        })
}

/// Who listens is the card, who connects is the reader.
pub(super) const fn side(contact: &Contact) -> Side {
    if contact.listen.is_some() {
        Side::Card
    } else {
        Side::Reader
    }
}

/// One contact with the other side, from the first frame to the last.
pub(super) fn meet(
    contact: &Contact,
    frames: FrameSize,
    other: &str,
    session: &mut Session,
) -> Result<Result<(), Ended>, Failure> {
    if let Some(address) = &contact.listen {
        let listening = |address: &str| note(format_args!("listening on {address}, waiting for {other}"));
        let mut line = socket::accept(address, listening)?;
        Ok(patiently(other, || socket::as_card(&mut line, session)))
    } else {
        let address = contact.connect.as_deref().unwrap_or_default();
        let mut line = patiently(other, || socket::connect(address))?;
        Ok(patiently(other, || socket::as_reader(&mut line, session, frames)))
    }
}

/// What a contact came to. What is on the disk counts for more than how the contact ended.
pub(super) fn conclude(session: &Session, ended: Result<(), Ended>) -> Result<Option<Outcome>, Failure> {
    match (session.outcome().cloned(), ended) {
        (Some(Outcome::Declined { reason, request }), _) => {
            // Whoever is to confirm has to know whom it pays.
            if let (PayError::ConfirmOnDevice { .. }, Some(request)) = (&reason, request)
                && !request.payee_name().is_unnamed()
            {
                note(format!("The payee is {}.", request.payee_name()));
            }
            Err(reason.into())
        }
        (Some(Outcome::Refused { refusal }), _) => Err(Failure::Refused {
            code: refusal.code,
            at_most: refusal.at_most,
        }),
        (Some(outcome), _) => Ok(Some(outcome)),
        (None, Ok(())) => Ok(None),
        (None, Err(Ended::Torn)) => Err(Failure::Torn),
        (None, Err(Ended::Tap(error))) => Err(error.into()),
    }
}

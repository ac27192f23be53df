//! What a person can do with a wallet: one function per verb.

mod account;
mod cash;
mod contact;
mod limits;
mod news;
pub(crate) mod receipt;
mod refund;
mod safety;
mod slips;
mod view;

use data_encoding::HEXLOWER_PERMISSIVE;
use protocol::{Amount, Id, PayeeName};
use serde_json::{Value, json};
use wallet_core::{Balance, Wallet};

use crate::{
    args::{WalletArgs, WalletVerb},
    failure::Failure,
    home::{Home, Settings},
    http::HttpBank,
    terminal::{self, Report},
};

/// Does what the command line says.
pub(crate) fn run(args: &WalletArgs) -> Result<Report, Failure> {
    let home = Home::in_folder(&args.home);
    match &args.verb {
        WalletVerb::Init(init) => account::init(&home, init),
        WalletVerb::Load { amount } => {
            let amount = parse_amount(amount)?;
            cash::load(&Opened::of(&home)?, amount)
        }
        WalletVerb::Deposit { amount } => {
            let amount = parse_all(amount)?;
            cash::deposit(&Opened::of(&home)?, amount)
        }
        WalletVerb::Request { amount, name } => {
            let asked = contact::Asked::parse(amount.as_deref(), name.as_deref())?;
            contact::request(&Opened::of(&home)?, asked)
        }
        WalletVerb::Demand { least } => contact::demand(&Opened::of(&home)?, *least),
        WalletVerb::Pay(pay) => {
            let consent = contact::consent(&pay.agreed)?;
            contact::pay(&Opened::of(&home)?, consent, pay)
        }
        WalletVerb::Receive(receive) => {
            let waiting = contact::waiting(receive)?;
            contact::receive(&Opened::of(&home)?, waiting, receive)
        }
        WalletVerb::Pin { verb } => safety::pin(&Opened::of(&home)?, *verb),
        WalletVerb::Backup { file } => safety::backup(&Opened::of(&home)?, file),
        WalletVerb::Freeze => safety::freeze(&Opened::of(&home)?),
        WalletVerb::Sync => account::sync(&Opened::of(&home)?),
        WalletVerb::Balance { account } => view::balance(&Opened::of(&home)?, *account),
        WalletVerb::History(args) => {
            let query = view::query(args)?;
            view::history(&Opened::of(&home)?, &query)
        }
        WalletVerb::ExportReceipt { transfer, file } => {
            let transfer = parse_id(transfer)?;
            receipt::export(&Opened::of(&home)?, &transfer, file)
        }
        WalletVerb::Freshness => view::freshness(&Opened::of(&home)?),
        WalletVerb::Limits => limits::limits(&Opened::of(&home)?),
        WalletVerb::Doubts => news::doubts(&Opened::of(&home)?),
        WalletVerb::Events { keep } => news::events(&Opened::of(&home)?, *keep),
        WalletVerb::Refund { payment, amount } => {
            let amount = parse_optional(amount.as_deref())?;
            refund::sign(&Opened::of(&home)?, &parse_id(payment)?, amount)
        }
        WalletVerb::Resume(args) => refund::resume(&Opened::of(&home)?, args),
        WalletVerb::TakeRefund { payment, args } => {
            let payment = parse_id(payment)?;
            refund::take(&Opened::of(&home)?, &payment, args)
        }
        WalletVerb::Show { id, file } => slips::show(&Opened::of(&home)?, id, file.as_deref()),
        WalletVerb::Scan(args) => slips::scan(&Opened::of(&home)?, args),
        WalletVerb::Withdraw { request } => contact::withdraw(&Opened::of(&home)?, request),
    }
}

/// A wallet that was opened for one verb.
struct Opened {
    wallet: Wallet,
    settings: Settings,
}

impl Opened {
    /// Opens it, and says what opening found.
    fn of(home: &Home) -> Result<Self, Failure> {
        let (wallet, report, settings) = home.open()?;
        if report.rolled_back {
            terminal::note(
                "these files were copied or restored: their keys are retired for ever, and only the bank takes \
                 what they hold [rolled-back]",
            );
        }
        Ok(Self { wallet, settings })
    }

    fn bank(&self) -> Result<HttpBank, Failure> {
        HttpBank::at(&self.settings.bank)
    }

    fn balance(&self) -> Result<Balance, Failure> {
        Ok(self.wallet.balance()?)
    }
}

/// An amount from the command line.
pub(crate) fn parse_amount(text: &str) -> Result<Amount, Failure> {
    text.parse().map_err(|source| Failure::Amount {
        text: text.to_owned(),
        source,
    })
}

fn parse_optional(text: Option<&str>) -> Result<Option<Amount>, Failure> {
    text.map(parse_amount).transpose()
}

/// The id of a transfer, as `history --json` prints it.
fn parse_id(text: &str) -> Result<Id, Failure> {
    HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .map(Id::from_bytes)
        .ok_or_else(|| {
            Failure::Usage(format!(
                "{text:?} is not the id of a transfer: 64 hexadecimal digits"
            ))
        })
}

/// `None` stands for all.
fn parse_all(text: &str) -> Result<Option<Amount>, Failure> {
    parse_optional(Some(text).filter(|text| *text != "all"))
}

/// What a payee calls itself, for programs, which must not take it for a registered name.
fn claimed(name: &PayeeName) -> Option<&str> {
    match name {
        PayeeName::Unverified(name) => Some(name.claimed().as_str()),
        PayeeName::Registered(_) | PayeeName::Unnamed => None,
    }
}

/// A balance, for programs.
fn balance_json(balance: &Balance) -> Value {
    json!({
        "spendable": balance.spendable.fen(),
        "unsettled": balance.unsettled.fen(),
        "in_doubt": balance.in_doubt.fen(),
        "only_at_bank": balance.only_at_bank.fen(),
        "largest_payment": balance.largest_payment.fen(),
    })
}

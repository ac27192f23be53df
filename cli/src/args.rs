//! The command line.

mod choices;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

pub(crate) use choices::{Class, Demand, Frames, Keys, Language, ProfileName, StateName, Words};

/// Offline digital cash from a terminal.
///
/// Amounts are written in yuan with two decimals, like 37.45; in JSON they are whole numbers of fen.
#[derive(Parser, Debug)]
#[command(name = "dcep", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Print one JSON document instead of text, also for errors.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language in which errors are explained; left out, the one of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Language>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// A bank and three people in one story: load, pay offline, pay on, tear a tap, deposit; meet a limit, refund, lose a
    /// phone; check the books.
    Demo(DemoArgs),
    /// Be the bank.
    #[command(subcommand)]
    Bank(BankVerb),
    /// Use a wallet.
    Wallet(WalletArgs),
    /// Check what others show.
    #[command(subcommand)]
    Receipt(ReceiptVerb),
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// The signatures of the wallets' keys.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) keys: Keys,
    /// Keep the files of the bank and the wallets in this folder, which must be empty. They end years from now, when the
    /// claim window of the lost phone has closed.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum BankVerb {
    /// Serve an issuer and an operator over HTTP, until interrupted.
    Serve(ServeArgs),
}

#[derive(Subcommand, Debug)]
pub(crate) enum ReceiptVerb {
    /// Say what a receipt file proves: exits with 0 if it holds, with 1 if it does not.
    Verify {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The issuer's root key.
        #[arg(long, value_name = "HEX", required_unless_present = "home")]
        root: Option<String>,
        /// Instead of a root key: a wallet's folder, whose root is believed.
        #[arg(long, value_name = "DIR", env = "DCEP_HOME")]
        home: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7070")]
    pub(crate) listen: String,
    /// The folder of the books. It holds the bank's secret keys.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Credit this to every new account: for trying things out.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) welcome: Option<String>,
    /// The published limits to follow.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) profile: ProfileName,
}

#[derive(Args, Debug)]
pub(crate) struct WalletArgs {
    /// The wallet's folder.
    #[arg(long, value_name = "DIR", env = "DCEP_HOME")]
    pub(crate) home: PathBuf,
    #[command(subcommand)]
    pub(crate) verb: WalletVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum WalletVerb {
    /// Make a wallet and enrol it. Shows the account's words, this once.
    Init(InitArgs),
    /// Turn account money into cash on this device.
    Load {
        /// How much.
        amount: String,
    },
    /// Show the money, by what can be done with it.
    Balance {
        /// Ask the bank for the account too.
        #[arg(long)]
        account: bool,
    },
    /// Make a request, to be paid later with `receive --request`.
    Request {
        /// How much; left out, the payer chooses.
        amount: Option<String>,
        /// What you call yourself: the payer sees it, marked as unverified.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Say how well payers must keep their keys, or show it. Each request keeps what was said when it was made; a payer who
    /// cannot meet it signs nothing.
    Demand {
        /// From now on; left out, nothing changes.
        #[arg(value_enum, value_name = "LEAST")]
        least: Option<Demand>,
    },
    /// Ask for a request no more: what still comes for it is given back.
    Withdraw {
        /// The request.
        #[arg(value_name = "ID")]
        request: String,
    },
    /// Pay somebody, or complete a payment in doubt. Needs no bank.
    Pay(PayArgs),
    /// Be paid. Needs no bank.
    Receive(ReceiveArgs),
    /// Give back a payment that this wallet took, or a part of it. Needs no bank; the one who paid gets it by `resume` here
    /// and `take-refund` there, or through the bank.
    Refund {
        /// The payment, by its transfer: see `history`.
        #[arg(value_name = "ID")]
        payment: String,
        /// How much; left out, all that is left of it.
        amount: Option<String>,
    },
    /// Bring what is in doubt to whom it is for, and pay nothing new. Needs no bank.
    Resume(MeetArgs),
    /// Take what is given back of a payment that this wallet made. Needs no bank.
    TakeRefund {
        /// The payment, by its transfer: see `history`.
        #[arg(value_name = "ID")]
        payment: String,
        #[command(flatten)]
        args: MeetArgs,
    },
    /// Show a request, or what this wallet signed for somebody, as a QR code, or several. Needs no bank.
    Show {
        /// The request, or the payment by its transfer.
        #[arg(value_name = "ID")]
        id: String,
        /// Write it into this new file instead.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Read what another wallet shows: say what a request asks, or pay it; take a payment; end a doubt by its receipt. Needs no bank.
    Scan(ScanArgs),
    /// Turn cash on this device into account money.
    Deposit {
        /// How much, or `all`.
        #[arg(default_value = "all")]
        amount: String,
    },
    /// Set, change or remove the PIN. It is asked for, or read as a line from stdin.
    Pin {
        #[command(subcommand)]
        verb: PinVerb,
    },
    /// Write an encrypted backup of history, contacts and open requests. It holds no money and no keys.
    Backup {
        /// A file that is not there yet.
        file: PathBuf,
    },
    /// Declare all other phones of this account lost.
    Freeze,
    /// Do everything that contact with the bank allows.
    Sync,
    /// Show every limit: what it permits, what is used and left of it, and what gives more.
    Limits,
    /// Show what happened to the money, newest first.
    History(HistoryArgs),
    /// Write the receipt for a payment into a file that anybody can check with `dcep receipt verify`. It shows the whole history
    /// of the money.
    ExportReceipt {
        /// The payment, by its transfer: see `history`.
        #[arg(value_name = "ID")]
        transfer: String,
        /// The file, which must not exist yet.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show how old is what the wallet knows of whom to trust.
    Freshness,
    /// Show what is in doubt, and what ends it.
    Doubts,
    /// Show what happened since you last looked.
    Events {
        /// Show the oldest one only, and show it again the next time.
        #[arg(long)]
        keep: bool,
    },
}

/// What to do about the PIN.
#[derive(Clone, Copy, Subcommand, Debug)]
pub(crate) enum PinVerb {
    /// Give the wallet a PIN.
    Set,
    /// Put another PIN in its place.
    Change,
    /// Remove the PIN.
    Remove,
}

#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// Restore the account from words, which are asked for, or read as a line from stdin, instead of making new ones.
    #[arg(long)]
    pub(crate) restore: bool,
    /// Take in the backup of an earlier phone.
    #[arg(long, value_name = "FILE", requires = "restore")]
    pub(crate) backup: Option<PathBuf>,
    /// The bank's address.
    #[arg(long, value_name = "URL")]
    pub(crate) bank: String,
    /// The issuer's root key. Without it, the bank is asked, and believed this once.
    #[arg(long, value_name = "HEX")]
    pub(crate) root: Option<String>,
    /// The folder of the rollback guard: outside of the home, so that no copy of the home contains it.
    #[arg(long, value_name = "DIR")]
    pub(crate) guard: Option<PathBuf>,
    /// How many words restore the account.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) words: Words,
    /// Their language.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) language: Language,
    /// The wallet class to apply for.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) class: Class,
    /// The registered name, for a merchant.
    #[arg(long, value_name = "NAME")]
    pub(crate) merchant: Option<String>,
    /// The signatures of the wallet's keys.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) keys: Keys,
}

/// Exactly one of them.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Contact {
    /// Wait for the other side here, as the card; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Go to the other side there, as the reader.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) connect: Option<String>,
}

/// At most one of them.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Agreed {
    /// Agree to whatever is asked, up to this.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) up_to: Option<String>,
    /// Agree to exactly this, also where the payee leaves the amount open.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) exactly: Option<String>,
    /// Agree to nothing in particular: pay what the policy permits without confirmation.
    #[arg(long)]
    pub(crate) unconfirmed: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ScanArgs {
    /// A file that the other wallet wrote; left out, the texts of codes are read from stdin, one a line.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// If it is a request: what is agreed to. Left out, nothing is paid.
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    /// Write what is to be shown in answer into this new file, instead of showing it.
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct PayArgs {
    #[command(flatten)]
    pub(crate) agreed: Agreed,
    #[command(flatten)]
    pub(crate) contact: Contact,
    /// How long commands may be; the reader decides.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) frames: Frames,
}

#[derive(Args, Debug)]
pub(crate) struct ReceiveArgs {
    /// How much to ask for; left out, the payer chooses.
    pub(crate) amount: Option<String>,
    /// Use a request that was made before.
    #[arg(long, value_name = "ID", conflicts_with = "amount")]
    pub(crate) request: Option<String>,
    /// What you call yourself: the payer sees it, marked as unverified.
    #[arg(long, value_name = "NAME", conflicts_with = "request")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) contact: Contact,
    /// How long commands may be; the reader decides.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) frames: Frames,
}

/// What to look for. All of it must match.
#[derive(Args, Debug)]
pub(crate) struct HistoryArgs {
    /// From this day on, in UTC.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) since: Option<String>,
    /// Until this day, in UTC.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: Option<String>,
    /// A part of the other side's registered name.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// At least so much.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) min: Option<String>,
    /// At most so much.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) max: Option<String>,
    /// How far it has come.
    #[arg(long, value_enum)]
    pub(crate) state: Option<StateName>,
    /// At most so many lines.
    #[arg(long, value_name = "LINES")]
    pub(crate) limit: Option<usize>,
}

/// A contact in which nothing new is agreed on.
#[derive(Args, Debug)]
pub(crate) struct MeetArgs {
    #[command(flatten)]
    pub(crate) contact: Contact,
    /// How long commands may be; the reader decides.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) frames: Frames,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}

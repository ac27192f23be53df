//! One step of the story: who, what, and what it took.

use protocol::{Amount, Code};
use serde_json::{Value, json};
use std::fmt;
use wallet_core::link::apdu::FrameSize;

use crate::terminal::{FAINT, Took};

/// A step that was taken.
pub(super) struct Step {
    /// What happens, in one line.
    pub(super) title: String,
    /// Whether the phones had a network.
    pub(super) online: bool,
    /// What is worth knowing about it.
    pub(super) remarks: Vec<String>,
    /// The tap, if phones touched.
    pub(super) tapped: Option<Tapped>,
    /// All of it, both sides, storage and network included.
    pub(super) took: Took,
    /// What the phones show afterwards.
    pub(super) holdings: Vec<Holding>,
}

/// Which of the two phones emulates a card; the other is the reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CardSide {
    /// The one that is paid.
    Payee,
    /// The one that pays.
    Payer,
}

/// Two phones touched.
pub(super) struct Tapped {
    pub(super) payer: &'static str,
    pub(super) payee: &'static str,
    pub(super) amount: Amount,
    pub(super) card: CardSide,
    pub(super) frames: FrameSize,
    /// Commands, counted as NFC does: one each way is one.
    pub(super) commands: u32,
    /// Both ways, headers and encryption included.
    pub(super) bytes: usize,
    pub(super) took: Took,
    pub(super) torn: bool,
    /// This completed a payment of an earlier tap.
    pub(super) mended: bool,
    /// Why the payer's phone signed nothing, if it did not.
    pub(super) declined: Option<Code>,
}

/// The money on one phone, and what its holder has with the bank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Holding {
    pub(super) name: &'static str,
    pub(super) spendable: Amount,
    pub(super) in_doubt: Amount,
    pub(super) only_at_bank: Amount,
    /// `None` while there is no network to ask.
    pub(super) account: Option<Amount>,
}

impl Tapped {
    /// What the frames would take over NFC: 10 bytes in a millisecond (106 kbit/s, less its overhead) and 20 ms for each command.
    fn modelled_milliseconds(&self) -> usize {
        let commands = usize::try_from(self.commands).unwrap_or(usize::MAX);
        (self.bytes / 10).saturating_add(commands.saturating_mul(20))
    }

    const fn frames_name(&self) -> &'static str {
        match self.frames {
            FrameSize::Short => "short",
            FrameSize::Extended => "extended",
        }
    }

    fn json(&self) -> Value {
        json!({
            "payer": self.payer,
            "payee": self.payee,
            "amount": self.amount.fen(),
            "card": match self.card {
                CardSide::Payee => "payee",
                CardSide::Payer => "payer",
            },
            "frames": self.frames_name(),
            "commands": self.commands,
            "bytes": self.bytes,
            "microseconds": self.took.microseconds(),
            "modelled_nfc_milliseconds": self.modelled_milliseconds(),
            "torn": self.torn,
            "mended": self.mended,
            "declined": self.declined.map(Code::name),
        })
    }
}

impl fmt::Display for Tapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let card = match self.card {
            CardSide::Payee => self.payee,
            CardSide::Payer => self.payer,
        };
        write!(
            f,
            "{card}'s phone is the card, {} frames: {} commands, {} bytes, {} here, {} ms over NFC",
            self.frames_name(),
            self.commands,
            self.bytes,
            self.took,
            self.modelled_milliseconds(),
        )
    }
}

impl Holding {
    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "spendable": self.spendable.fen(),
            "in_doubt": self.in_doubt.fen(),
            "only_at_bank": self.only_at_bank.fen(),
            "account": self.account.map(Amount::fen),
        })
    }
}

/// `Alice 62.55 (5.00 in doubt, account 150.00)`.
impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.spendable)?;
        let doubt = (!self.in_doubt.is_zero()).then(|| format!("{} in doubt", self.in_doubt));
        let bank = (!self.only_at_bank.is_zero()).then(|| format!("{} only at the bank", self.only_at_bank));
        let account = self.account.map(|account| format!("account {account}"));
        let more: Vec<String> = [doubt, bank, account].into_iter().flatten().collect();
        if more.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", more.join(", "))
        }
    }
}

impl Step {
    /// For programs.
    pub(super) fn json(&self, number: usize) -> Value {
        json!({
            "number": number,
            "title": self.title,
            "online": self.online,
            "remarks": self.remarks,
            "tap": self.tapped.as_ref().map(Tapped::json),
            "microseconds": self.took.microseconds(),
            "wallets": self.holdings.iter().map(Holding::json).collect::<Vec<_>>(),
        })
    }
}

/// Everything below the title.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for remark in &self.remarks {
            writeln!(f, "    {remark}")?;
        }
        match &self.tapped {
            Some(tapped) => writeln!(f, "    {FAINT}{tapped}{FAINT:#}")?,
            None => writeln!(f, "    {FAINT}{}{FAINT:#}", self.took)?,
        }
        let holdings: Vec<String> = self.holdings.iter().map(Holding::to_string).collect();
        if !holdings.is_empty() {
            writeln!(f, "    {}", holdings.join("   "))?;
        }
        Ok(())
    }
}

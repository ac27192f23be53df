//! Events: what the holder should hear of, kept until it was heard.

use std::time::SystemTime;

use crate::{Amount, CalendarDay, PayeeName, ReturnReason, input};

/// Something that happened. It comes again and again, over any number of restarts, until it is acknowledged.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Event {
    /// By this it is acknowledged. Later events have greater ones.
    pub id: u64,
    /// When, by the wallet's time.
    pub at: SystemTime,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum EventKind {
    /// Money came in, by a tap or through the bank.
    Received {
        /// The transfer.
        transfer: String,
        /// The request it answers.
        request: String,
        /// How much.
        amount: Amount,
        /// The payer's registered name, if it is a merchant.
        payer: Option<String>,
    },
    /// A payment was receipted.
    Paid {
        /// The transfer.
        transfer: String,
        /// How much.
        amount: Amount,
        /// The payee.
        payee: PayeeName,
        /// A torn tap was mended: the payment had been signed in an earlier one, and nothing was paid twice.
        mended: bool,
    },
    /// A payment is signed, perhaps sent, and not receipted. The next tap with this payee ends that, or the bank.
    InDoubt {
        /// The transfer.
        transfer: String,
        /// How much.
        amount: Amount,
        /// The payee.
        payee: PayeeName,
    },
    /// The bank has a payment on record that was in doubt: the payee gets it from there.
    Recorded {
        /// The transfer.
        transfer: String,
        /// How much.
        amount: Amount,
    },
    /// Money came in that this wallet does not want or may not hold, and was given back at once.
    GaveBack {
        /// The payment.
        transfer: String,
        /// How much.
        amount: Amount,
        /// Why.
        reason: ReturnReason,
    },
    /// The payee gave a payment back: the money is here again.
    Returned {
        /// The payment.
        transfer: String,
        /// How much.
        amount: Amount,
        /// The payee.
        payee: PayeeName,
    },
    /// The payee gave a part of a payment back, or gave it back out of other money: it is here again.
    Refunded {
        /// The payment.
        transfer: String,
        /// How much came back.
        amount: Amount,
        /// The payee.
        payee: PayeeName,
    },
    /// The wallet holds as much as it may: more would be given back.
    LimitReached {
        /// The most it may hold.
        balance: Amount,
    },
    /// Value can be paid on offline only until that day: sync before. The bank takes it later too.
    SeriesExpiring {
        /// The last day.
        spend_until: CalendarDay,
        /// How much.
        amount: Amount,
    },
    /// The wallet's files were rolled back or copied. Its keys are retired for ever, and the bank pays out what they held.
    RolledBack {
        /// What the retired keys hold, as far as these files know.
        held: Amount,
    },
    /// Somebody paid with money that was spent already. The bank gets the proof.
    ForkFound {
        /// The transfer or note whose value was signed away twice.
        transfer: String,
    },
    /// The platform destroyed keys. They are retired for ever, and the bank pays out what they held.
    KeysDestroyed {
        /// How many.
        keys: u32,
        /// What they hold.
        held: Amount,
    },
    /// No unused key is left: until the next sync, requests name keys that others have seen.
    KeysRanOut,
    /// The claim window of value of this wallet closed, and the bank credited it to the account.
    WindowClosed {
        /// The transfer or note.
        transfer: String,
        /// How much.
        amount: Amount,
    },
    /// The bank could not issue fresh cash for value that was to be refreshed: it is on the account.
    NotRefreshed {
        /// How much.
        amount: Amount,
    },
    /// The device's clock differs from the bank's by more than an hour: set it right.
    ClockWrong {
        /// Whether it is ahead; else it is behind.
        ahead: bool,
        /// By how many seconds.
        seconds: u64,
    },
    /// Another phone of the account declared this one lost. It pays nobody any more; the bank takes what it holds.
    DeviceFrozen {
        /// What this phone holds.
        held: Amount,
    },
    /// The other phones of the account are declared lost. What they hold comes back to the account.
    OthersFrozen,
}

impl From<wallet_core::Event> for Event {
    fn from(event: wallet_core::Event) -> Self {
        Self {
            id: event.id.number(),
            at: input::system_time(event.at),
            kind: event.kind.into(),
        }
    }
}

impl From<wallet_core::EventKind> for EventKind {
    fn from(kind: wallet_core::EventKind) -> Self {
        use wallet_core::EventKind as Core;
        match kind {
            Core::Received {
                transfer,
                request,
                amount,
                payer,
            } => Self::Received {
                transfer: transfer.to_string(),
                request: request.to_string(),
                amount: amount.into(),
                payer: payer.map(|name| name.as_str().to_owned()),
            },
            Core::Paid {
                transfer,
                amount,
                payee,
                mended,
            } => Self::Paid {
                transfer: transfer.to_string(),
                amount: amount.into(),
                payee: payee.into(),
                mended,
            },
            Core::InDoubt {
                transfer,
                amount,
                payee,
            } => Self::InDoubt {
                transfer: transfer.to_string(),
                amount: amount.into(),
                payee: payee.into(),
            },
            Core::Recorded { transfer, amount } => Self::Recorded {
                transfer: transfer.to_string(),
                amount: amount.into(),
            },
            Core::GaveBack {
                transfer,
                amount,
                reason,
            } => Self::GaveBack {
                transfer: transfer.to_string(),
                amount: amount.into(),
                reason: reason.into(),
            },
            Core::Returned {
                transfer,
                amount,
                payee,
            } => Self::Returned {
                transfer: transfer.to_string(),
                amount: amount.into(),
                payee: payee.into(),
            },
            Core::Refunded {
                transfer,
                amount,
                payee,
            } => Self::Refunded {
                transfer: transfer.to_string(),
                amount: amount.into(),
                payee: payee.into(),
            },
            Core::LimitReached { balance } => Self::LimitReached {
                balance: balance.into(),
            },
            Core::SeriesExpiring { spend_until, amount } => Self::SeriesExpiring {
                spend_until: spend_until.into(),
                amount: amount.into(),
            },
            Core::RolledBack { held } => Self::RolledBack { held: held.into() },
            Core::ForkFound { outpoint } => Self::ForkFound {
                transfer: outpoint.origin.to_string(),
            },
            Core::KeysDestroyed { keys, held } => Self::KeysDestroyed {
                keys,
                held: held.into(),
            },
            Core::KeysRanOut => Self::KeysRanOut,
            Core::WindowClosed { outpoint, amount } => Self::WindowClosed {
                transfer: outpoint.origin.to_string(),
                amount: amount.into(),
            },
            Core::NotRefreshed { amount } => Self::NotRefreshed {
                amount: amount.into(),
            },
            Core::ClockWrong { ahead, seconds } => Self::ClockWrong { ahead, seconds },
            Core::DeviceFrozen { held } => Self::DeviceFrozen { held: held.into() },
            Core::OthersFrozen => Self::OthersFrozen,
        }
    }
}

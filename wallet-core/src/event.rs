//! Events: what the holder should hear of, kept until it was heard.
//!
//! An event is written in the same commit as what it tells of, so neither can be there without the other.
//! [`Wallet::next_event`](crate::Wallet::next_event) gives the oldest one again and again, over any number of restarts,
//! until it is acknowledged: an app that dies between hearing and showing loses nothing.
//!
//! A payment that goes well tells of one thing, that it was paid. *In doubt* is written with the payment and taken back
//! with its receipt; who reads it, reads it because the receipt did not come.

use minicbor::{Decode, Encode};
use protocol::{Amount, Day, Id, Name, Outpoint, PayeeName, RequestId, Timestamp};

/// The name of an event. Later events have greater ones, and none is ever used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct EventId(#[n(0)] u64);

impl EventId {
    /// How many events one commit can bring.
    const PER_COMMIT: u64 = 1 << 16;

    /// The event of this number in the commit of that number.
    pub(crate) const fn new(commit: u64, number: u64) -> Self {
        Self(
            commit
                .saturating_mul(Self::PER_COMMIT)
                .saturating_add(number % Self::PER_COMMIT),
        )
    }

    /// As a number, for whoever keeps it outside.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The event of that number.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Event {
    /// By this it is acknowledged.
    #[n(0)]
    pub id: EventId,
    /// When, by the wallet's time.
    #[n(1)]
    pub at: Timestamp,
    /// What.
    #[n(2)]
    pub kind: EventKind,
}

impl Event {
    /// An event for the next commit, which gives it its id.
    pub(crate) const fn new(at: Timestamp, kind: EventKind) -> Self {
        Self {
            id: EventId(0),
            at,
            kind,
        }
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum EventKind {
    /// Money came in, by a tap or through the bank.
    #[n(0)]
    Received {
        /// The transfer.
        #[n(0)]
        transfer: Id,
        /// The request it answers.
        #[n(1)]
        request: RequestId,
        /// How much.
        #[n(2)]
        amount: Amount,
        /// The payer's registered name, if it is a merchant.
        #[n(3)]
        payer: Option<Name>,
    },
    /// A payment was receipted.
    #[n(1)]
    Paid {
        /// The transfer.
        #[n(0)]
        transfer: Id,
        /// How much.
        #[n(1)]
        amount: Amount,
        /// The payee's name, as it was shown before.
        #[n(2)]
        payee: PayeeName,
        /// A torn tap was mended: the payment had been signed in an earlier one, and nothing was paid twice.
        #[n(3)]
        mended: bool,
    },
    /// A payment is signed, perhaps sent, and not receipted. The next tap with this payee ends that, or the bank.
    #[n(2)]
    InDoubt {
        /// The transfer.
        #[n(0)]
        transfer: Id,
        /// How much.
        #[n(1)]
        amount: Amount,
        /// The payee's name, as it was shown before.
        #[n(2)]
        payee: PayeeName,
    },
    /// The bank has a payment on record that was in doubt: the payee gets it from there.
    #[n(3)]
    Recorded {
        /// The transfer.
        #[n(0)]
        transfer: Id,
        /// How much.
        #[n(1)]
        amount: Amount,
    },
    /// Money came in that this wallet does not want or may not hold, and was given back at once.
    #[n(4)]
    GaveBack {
        /// The payment.
        #[n(0)]
        transfer: Id,
        /// How much.
        #[n(1)]
        amount: Amount,
        /// Why.
        #[n(2)]
        reason: ReturnReason,
    },
    /// The payee gave a payment back: the money is here again.
    #[n(5)]
    Returned {
        /// The payment.
        #[n(0)]
        transfer: Id,
        /// How much.
        #[n(1)]
        amount: Amount,
        /// The payee's name, as it was shown before.
        #[n(2)]
        payee: PayeeName,
    },
    /// The wallet holds as much as it may: what is asked for from now on would be given back.
    #[n(6)]
    LimitReached {
        /// The most it may hold.
        #[n(0)]
        balance: Amount,
    },
    /// Value can be paid on offline only until that day. A sync before then refreshes it as soon as the bank has newer notes to
    /// give, and the bank takes it later too. Told once for each such day, 60 days before, by the wallet's time: also to a
    /// wallet that never goes online.
    #[n(7)]
    SeriesExpiring {
        /// The last day.
        #[n(0)]
        spend_until: Day,
        /// How much.
        #[n(1)]
        amount: Amount,
    },
    /// The wallet's files were rolled back or copied. Its keys are retired for ever; the bank pays out what they held when
    /// its claim window closes. After the next sync it receives again, with new keys.
    #[n(8)]
    RolledBack {
        /// What the retired keys hold, as far as these files know.
        #[n(0)]
        held: Amount,
    },
    /// Somebody paid with money that was spent already. It was refused, or is good only at the bank; the bank gets the proof.
    #[n(9)]
    ForkFound {
        /// What was signed away twice.
        #[n(0)]
        outpoint: Outpoint,
    },
    /// The platform destroyed keys of this wallet. They are retired for ever; the bank pays out what they held when its claim
    /// window closes. Everything else goes on.
    #[n(20)]
    KeysDestroyed {
        /// How many.
        #[n(0)]
        keys: u32,
        /// What they hold.
        #[n(1)]
        held: Amount,
    },
    /// No key is left that is in no payment and no request: from now on requests name keys that others have seen, and whoever
    /// sees two of them knows that they are one wallet's. Told once; the next sync brings new keys.
    #[n(21)]
    KeysRanOut,
    /// The claim window of value of this wallet closed, and the bank credited it to the account.
    #[n(10)]
    WindowClosed {
        /// The value.
        #[n(0)]
        outpoint: Outpoint,
        /// How much.
        #[n(1)]
        amount: Amount,
    },
    /// The payee gave a part of a payment back, or gave it back out of other money: it is here again.
    #[n(50)]
    Refunded {
        /// The payment.
        #[n(0)]
        transfer: Id,
        /// How much came back.
        #[n(1)]
        amount: Amount,
        /// The payee's name, as it was shown before.
        #[n(2)]
        payee: PayeeName,
    },
    /// The bank could not issue fresh notes for value that was to be refreshed: it is on the account.
    #[n(51)]
    NotRefreshed {
        /// How much.
        #[n(0)]
        amount: Amount,
    },
    /// The bank has told the time, and the device's clock differs from it by more than an hour. A clock that is ahead
    /// makes value look older than it is, and uses up the allowances of days to come; the wallet never takes it for the
    /// truth, and all is well again when it is set right.
    #[n(11)]
    ClockWrong {
        /// Whether it is ahead; else it is behind.
        #[n(0)]
        ahead: bool,
        /// By how many seconds.
        #[n(1)]
        seconds: u64,
    },
    /// Another phone of the account declared this one lost. It pays nobody any more; the bank takes what it holds, now, or by
    /// itself when its claim window closes.
    #[n(40)]
    DeviceFrozen {
        /// What this phone holds.
        #[n(0)]
        held: Amount,
    },
    /// The other phones of the account are declared lost. What they hold comes back to the account when they claim it, or
    /// when its claim window closes.
    #[n(41)]
    OthersFrozen,
}

/// Why money was given back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum ReturnReason {
    /// Its request had been paid by another payment meanwhile.
    #[n(0)]
    PaidTwice,
    /// Its request had been withdrawn.
    #[n(1)]
    Withdrawn,
    /// The wallet may not hold so much.
    #[n(2)]
    BalanceLimit,
    /// The payer's keys are not kept as well as the request demands.
    #[n(10)]
    AssuranceTooLow,
}

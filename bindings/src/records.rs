//! What a wallet tells about its money, as plain data.

use std::time::SystemTime;

use crate::{
    Amount, Assurance, Doubtful, EndsBy, HistoryKind, HistoryState, Limit, OnlyAtBank, PastKind,
    TrustVerdict, WalletClass, input,
};

/// A day in the calendar, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, uniffi::Record)]
#[uniffi::export(Display)]
pub struct CalendarDay {
    /// The year.
    pub year: u32,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
}

/// `2026-11-26`.
impl core::fmt::Display for CalendarDay {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<protocol::Day> for CalendarDay {
    fn from(day: protocol::Day) -> Self {
        let (year, month, day) = day.date();
        // Months and days of the month are small.
        let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        Self {
            year,
            month: small(month),
            day: small(day),
        }
    }
}

/// The name of the other side, and what it is worth.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Enum)]
#[uniffi::export(Display)]
pub enum PayeeName {
    /// It has none: a person.
    Unnamed,
    /// A merchant's, registered with its operator.
    Registered {
        /// The name.
        name: String,
    },
    /// One that the other side gave itself. Nobody has checked it, and it may well be somebody else's: show it marked.
    Unverified {
        /// What is claimed.
        claimed: String,
    },
}

/// A registered name as it is, an unverified one with a mark in front, and nothing for who has none.
impl core::fmt::Display for PayeeName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unnamed => Ok(()),
            Self::Registered { name } => f.write_str(name),
            Self::Unverified { claimed } => write!(f, "{} “{claimed}”", protocol::UnverifiedName::MARK),
        }
    }
}

impl From<protocol::PayeeName> for PayeeName {
    fn from(name: protocol::PayeeName) -> Self {
        match name {
            protocol::PayeeName::Unnamed => Self::Unnamed,
            protocol::PayeeName::Registered(name) => Self::Registered {
                name: name.as_str().to_owned(),
            },
            protocol::PayeeName::Unverified(name) => Self::Unverified {
                claimed: name.claimed().as_str().to_owned(),
            },
        }
    }
}

/// The money in a wallet, by what can be done with it. Nothing here is to be added up but `spendable`, `in_doubt` and
/// `only_at_bank`.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Balance {
    /// Can be paid, offline, now. May take several payments: see `largest_payment`.
    pub spendable: Amount,
    /// The part of `spendable` that was received offline and is not known to the bank yet.
    pub unsettled: Amount,
    /// Signed away, possibly sent, not receipted: neither spendable nor gone.
    pub in_doubt: Amount,
    /// Owned, but only the bank takes it.
    pub only_at_bank: Amount,
    /// Why, each reason with how much.
    pub reasons: Vec<AtBank>,
    /// The most that a single payment can move now.
    pub largest_payment: Amount,
    /// Why that is not all of `spendable`.
    pub because: LargestBecause,
}

/// A reason why value can only be taken to the bank, and how much.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct AtBank {
    /// The reason.
    pub reason: OnlyAtBank,
    /// How much.
    pub amount: Amount,
}

/// Why the largest possible payment is as large as it is.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum LargestBecause {
    /// It is everything spendable.
    Everything,
    /// The policy permits no more today.
    Limit {
        /// The limit that leaves least.
        limit: Limit,
        /// What gives more.
        lifts: Lift,
    },
    /// The value is in more pieces than one payment can carry. A sync renews them.
    TooFragmented {
        /// How many pieces one payment can carry at most.
        pieces: u32,
    },
}

impl From<wallet_core::Balance> for Balance {
    fn from(balance: wallet_core::Balance) -> Self {
        use wallet_core::LargestBecause as Because;
        let reasons = balance.reasons.into_iter();
        Self {
            spendable: balance.spendable.into(),
            unsettled: balance.unsettled.into(),
            in_doubt: balance.in_doubt.into(),
            only_at_bank: balance.only_at_bank.into(),
            reasons: reasons
                .map(|(reason, amount)| AtBank {
                    reason: reason.into(),
                    amount: amount.into(),
                })
                .collect(),
            largest_payment: balance.largest_payment.into(),
            because: match balance.because {
                Because::Everything => LargestBecause::Everything,
                Because::Limit { limit, lifts } => LargestBecause::Limit {
                    limit: limit.into(),
                    lifts: lifts.into(),
                },
                Because::TooFragmented { pieces } => LargestBecause::TooFragmented {
                    pieces: counted(pieces),
                },
            },
        }
    }
}

/// What gives more under a limit.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Enum)]
pub enum Lift {
    /// Nothing does in this wallet's class: a smaller amount is possible, perhaps several times.
    SmallerAmount,
    /// Waiting.
    Waiting {
        /// From this day on; days begin at midnight UTC.
        until: CalendarDay,
    },
    /// The next sync that reaches the bank.
    Sync,
    /// The holder's confirmation.
    Confirmation,
    /// Paying or depositing some of what the wallet holds.
    Spending,
    /// Depositing what is too old or has come too far, and loading it anew.
    Renewal,
    /// The payee makes room in its wallet.
    PayeeSpending,
}

impl From<wallet_core::Lift> for Lift {
    fn from(lift: wallet_core::Lift) -> Self {
        use wallet_core::Lift as Core;
        match lift {
            Core::SmallerAmount => Self::SmallerAmount,
            Core::Waiting(day) => Self::Waiting { until: day.into() },
            Core::Sync => Self::Sync,
            Core::Confirmation => Self::Confirmation,
            Core::Spending => Self::Spending,
            Core::Renewal => Self::Renewal,
            Core::PayeeSpending => Self::PayeeSpending,
        }
    }
}

/// What a limit counts.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Enum)]
pub enum Quantity {
    /// Money.
    Money {
        /// How much.
        amount: Amount,
    },
    /// Payments.
    Payments {
        /// How many.
        count: u32,
    },
    /// Transfers from phone to phone.
    Hops {
        /// How many.
        count: u32,
    },
    /// Days.
    Days {
        /// How many.
        count: u32,
    },
}

impl From<wallet_core::Quantity> for Quantity {
    fn from(quantity: wallet_core::Quantity) -> Self {
        use wallet_core::Quantity as Core;
        match quantity {
            Core::Money(amount) => Self::Money {
                amount: amount.into(),
            },
            Core::Payments(count) => Self::Payments { count },
            Core::Hops(count) => Self::Hops { count },
            Core::Days(count) => Self::Days { count },
        }
    }
}

/// One limit, and where the wallet stands with it.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Allowance {
    /// Which.
    pub limit: Limit,
    /// How much the policy permits.
    pub most: Quantity,
    /// How much of it is used.
    pub used: Quantity,
    /// How much is left of it.
    pub left: Quantity,
    /// What gives more.
    pub lifts: Lift,
}

/// All limits of a wallet.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Allowances {
    /// The class that the operator gave the wallet.
    pub wallet_class: WalletClass,
    /// The published profile that the operator's policy follows, such as `cn-2021`.
    pub profile: String,
    /// The policy's version.
    pub version: u64,
    /// Every limit that the policy sets.
    pub limits: Vec<Allowance>,
}

impl From<wallet_core::Allowances> for Allowances {
    fn from(all: wallet_core::Allowances) -> Self {
        let limits = all.limits.into_iter().map(|one| Allowance {
            limit: one.limit.into(),
            most: one.most.into(),
            used: one.used.into(),
            left: one.left.into(),
            lifts: one.lifts.into(),
        });
        Self {
            wallet_class: all.class.into(),
            profile: all.profile.as_str().to_owned(),
            version: all.version,
            limits: limits.collect(),
        }
    }
}

/// What a payee asks.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Record)]
pub struct PaymentRequest {
    /// Its random name: 32 hexadecimal digits.
    pub id: String,
    /// How much is asked; `None` leaves it to the payer.
    pub amount: Option<Amount>,
    /// Whom it pays: to show *before* the holder confirms.
    pub payee: PayeeName,
    /// How well the payer's keys must be kept, if that is demanded.
    pub assurance: Option<Assurance>,
}

impl From<protocol::Request> for PaymentRequest {
    fn from(request: protocol::Request) -> Self {
        Self {
            id: request.id.to_string(),
            amount: request.amount.map(Into::into),
            payee: request.payee_name().into(),
            assurance: request.terms.assurance.map(Into::into),
        }
    }
}

/// A transfer that is signed, possibly sent, and confirmed by nobody: its value counts neither as spendable nor as gone.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct InDoubt {
    /// The transfer: 64 hexadecimal digits.
    pub transfer: String,
    /// What it was signed for.
    pub what: Doubtful,
    /// To whom.
    pub name: PayeeName,
    /// How much.
    pub amount: Amount,
    /// When it was signed, by the wallet's time.
    pub since: SystemTime,
    /// How many seconds ago that is.
    pub age: u64,
    /// What will end it.
    pub ends_by: EndsBy,
}

impl From<wallet_core::InDoubt> for InDoubt {
    fn from(doubt: wallet_core::InDoubt) -> Self {
        Self {
            transfer: doubt.transfer.to_string(),
            what: doubt.what.into(),
            name: doubt.name.into(),
            amount: doubt.amount.into(),
            since: input::system_time(doubt.since),
            age: doubt.age,
            ends_by: doubt.ends_by.into(),
        }
    }
}

/// What is looked for in the history. Everything left out matches everything; what is given must all match.
#[derive(Clone, PartialEq, Eq, Debug, Default, uniffi::Record)]
pub struct HistoryQuery {
    /// Not before this.
    #[uniffi(default = None)]
    pub since: Option<SystemTime>,
    /// Not after this.
    #[uniffi(default = None)]
    pub until: Option<SystemTime>,
    /// A part of the other side's name, in capital or small letters.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Not less than this.
    #[uniffi(default = None)]
    pub at_least: Option<Amount>,
    /// Not more than this.
    #[uniffi(default = None)]
    pub at_most: Option<Amount>,
    /// Only what has come so far.
    #[uniffi(default = None)]
    pub state: Option<HistoryState>,
    /// Only what is of this kind.
    #[uniffi(default = None)]
    pub kind: Option<HistoryKind>,
    /// Only what comes after the page that ended with this: `HistoryPage.next`.
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// How many lines a page has at most; all of them if left out.
    #[uniffi(default = None)]
    pub limit: Option<u32>,
}

impl TryFrom<HistoryQuery> for wallet_core::HistoryQuery {
    type Error = crate::WalletError;

    fn try_from(query: HistoryQuery) -> Result<Self, crate::WalletError> {
        Ok(Self {
            since: query.since.map(input::timestamp),
            until: query.until.map(input::timestamp),
            name: query.name,
            at_least: input::optional(query.at_least)?,
            at_most: input::optional(query.at_most)?,
            state: query.state.map(Into::into),
            kind: query.kind.map(Into::into),
            after: query.after.as_deref().map(input::cursor).transpose()?,
            limit: query
                .limit
                .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
        })
    }
}

/// A page of the history, newest first.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct HistoryPage {
    /// What was found.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page begins, if there is more: for `HistoryQuery.after`. It stays true when new lines come in.
    pub next: Option<String>,
}

/// One line of the history.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct HistoryEntry {
    /// When it was signed or taken, by this device's time.
    pub at: SystemTime,
    /// What happened.
    pub kind: HistoryKind,
    /// How much it moved.
    pub amount: Amount,
    /// The other side.
    pub name: PayeeName,
    /// How far it has come.
    pub state: HistoryState,
    /// The transfer, 64 hexadecimal digits; a load has none.
    pub transfer: Option<String>,
    /// The payment of which this gives back.
    pub refund_of: Option<String>,
    /// The transfers that gave back of this payment, oldest first.
    pub refunds: Vec<String>,
    /// How much they gave back together.
    pub refunded: Amount,
    /// Where it stands in the history.
    pub cursor: String,
}

impl From<wallet_core::Page> for HistoryPage {
    fn from(page: wallet_core::Page) -> Self {
        Self {
            entries: page.entries.into_iter().map(Into::into).collect(),
            next: page.next.map(input::cursor_text),
        }
    }
}

impl From<wallet_core::Entry> for HistoryEntry {
    fn from(entry: wallet_core::Entry) -> Self {
        Self {
            at: input::system_time(entry.at),
            kind: entry.kind.into(),
            amount: entry.amount.into(),
            name: entry.name.into(),
            state: entry.state.into(),
            transfer: entry.transfer.map(|transfer| transfer.to_string()),
            refund_of: entry.refund_of.map(|paid| paid.to_string()),
            refunds: entry.refunds.iter().map(ToString::to_string).collect(),
            refunded: entry.refunded.into(),
            cursor: input::cursor_text(entry.cursor),
        }
    }
}

/// What opening a wallet found and did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, uniffi::Record)]
pub struct OpenReport {
    /// The files were rolled back or copied: all keys were retired, for ever. The bank pays out what they held.
    pub rolled_back: bool,
    /// The last commit had not reached the rollback guard; it has now.
    pub guard_caught_up: bool,
    /// Transfers that are signed and confirmed by nobody.
    pub in_doubt: u32,
    /// Of these, how many never leave again, because the wallet was rolled back or copied after they were signed.
    pub frozen: u32,
    /// Payments, made and taken, that the bank does not know of yet.
    pub unrecorded: u32,
    /// Proofs of double payments by others that the bank does not have yet.
    pub proofs: u32,
    /// Events that were not acknowledged.
    pub events: u32,
    /// Orders to the bank that are not answered.
    pub orders: u32,
    /// Pieces of value.
    pub pieces: u32,
}

impl From<wallet_core::OpenReport> for OpenReport {
    fn from(report: wallet_core::OpenReport) -> Self {
        Self {
            rolled_back: report.rolled_back,
            guard_caught_up: report.guard_caught_up,
            in_doubt: counted(report.in_doubt),
            frozen: counted(report.frozen),
            unrecorded: counted(report.unrecorded),
            proofs: counted(report.proofs),
            events: counted(report.events),
            orders: counted(report.orders),
            pieces: counted(report.pieces),
        }
    }
}

/// What a sync did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SyncReport {
    /// Orders and deposits that were sent before and are answered now.
    pub answered: u32,
    /// Keys that were newly certified.
    pub new_keys: u32,
    /// Whether the trust bundle had news.
    pub trust_changed: bool,
    /// Payments, made and taken, that the bank put on record.
    pub recorded: u32,
    /// Doubts that ended.
    pub doubts_ended: u32,
    /// Payments to this wallet, and returns, that others had reported.
    pub delivered: u32,
    /// Proofs of double payments by others that were handed in.
    pub accused: u32,
    /// Whether the retirement of keys was declared.
    pub retired: bool,
    /// Keys that were deleted from the vault.
    pub deleted_keys: u32,
    /// How much became fresh cash.
    pub refreshed: Amount,
}

impl From<wallet_core::SyncReport> for SyncReport {
    fn from(report: wallet_core::SyncReport) -> Self {
        Self {
            answered: counted(report.answered),
            new_keys: counted(report.new_keys),
            trust_changed: report.trust_changed,
            recorded: counted(report.recorded),
            doubts_ended: counted(report.doubts_ended),
            delivered: counted(report.delivered),
            accused: counted(report.accused),
            retired: report.retired,
            deleted_keys: counted(report.deleted_keys),
            refreshed: report.refreshed.into(),
        }
    }
}

/// How old is what the wallet believes about keys and policies.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Freshness {
    /// As of when it is known to be the newest, by the bank's time; `None` if the bank has never said so.
    pub as_of: Option<SystemTime>,
    /// How many whole days ago that is.
    pub age_days: u32,
    /// After how many days the policy calls that too old, if it does.
    pub too_old_after_days: Option<u32>,
    /// The version of the list of revoked keys; 0 if there is none.
    pub status_version: u64,
    /// What that means.
    pub verdict: TrustVerdict,
}

impl From<wallet_core::Freshness> for Freshness {
    fn from(freshness: wallet_core::Freshness) -> Self {
        let as_of = freshness.as_of;
        Self {
            as_of: (as_of.seconds() > 0).then(|| input::system_time(as_of)),
            age_days: freshness.age_days,
            too_old_after_days: freshness.too_old_after_days,
            status_version: freshness.status_version,
            verdict: freshness.verdict.into(),
        }
    }
}

/// What a backup says of an earlier phone. It is there to be read; no money hangs on it.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Past {
    /// When the backup was made.
    pub made_at: SystemTime,
    /// The class of the wallet, to enrol with again; `None` if it was never enrolled.
    pub wallet_class: Option<WalletClass>,
    /// A merchant's registered name, to enrol with again.
    pub name: Option<String>,
    /// What happened to the money, newest first.
    pub entries: Vec<PastEntry>,
    /// Requests that nobody had paid.
    pub requests: Vec<PaymentRequest>,
}

/// A line of the history of an earlier phone.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PastEntry {
    /// When.
    pub at: SystemTime,
    /// What.
    pub kind: PastKind,
    /// How much.
    pub amount: Amount,
    /// The payee's registered name, if it was a merchant.
    pub name: Option<String>,
    /// The transfer; a load has none.
    pub transfer: Option<String>,
}

impl From<wallet_core::Past> for Past {
    fn from(past: wallet_core::Past) -> Self {
        let text = |name: protocol::Name| name.as_str().to_owned();
        let entries = past.entries.into_iter().map(|entry| PastEntry {
            at: input::system_time(entry.at),
            kind: entry.kind.into(),
            amount: entry.amount.into(),
            name: entry.name.map(text),
            transfer: entry.transfer.map(|transfer| transfer.to_string()),
        });
        Self {
            made_at: input::system_time(past.made_at),
            wallet_class: past.class.map(Into::into),
            entries: entries.collect(),
            name: past.name.map(text),
            requests: past.requests.into_iter().map(Into::into).collect(),
        }
    }
}

/// A count; more than four billion of anything are four billion.
pub(crate) fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

//! Names, requests, doubts and reports, as plain data.

use std::time::SystemTime;

use crate::{Amount, Assurance, Doubtful, EndsBy, TrustVerdict, input};

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

/// A count; more than four billion of anything are four billion.
pub(crate) fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

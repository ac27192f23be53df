//! What happened to the money: on this phone, and on an earlier one.

use std::time::SystemTime;

use crate::{Amount, HistoryKind, HistoryState, PastKind, PayeeName, PaymentRequest, WalletClass, input};

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

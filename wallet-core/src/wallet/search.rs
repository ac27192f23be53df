//! Searching the history: by time, by whom, by how much, by how far it has come; a page at a time.

use protocol::{Amount, Id, PayeeName, Timestamp};

use super::{Entry, Inner, Kind, State, history};
use crate::error::Fault;

/// What is looked for in the history. Everything that is left out matches everything; what is given must all match.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HistoryQuery {
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
    /// A part of the other side's registered name, in capital or small letters.
    pub name: Option<String>,
    /// Not less than this.
    pub at_least: Option<Amount>,
    /// Not more than this.
    pub at_most: Option<Amount>,
    /// Only what has come so far.
    pub state: Option<State>,
    /// Only what is of this kind.
    pub kind: Option<Kind>,
    /// Only what comes after the page that ended with this.
    pub after: Option<Cursor>,
    /// How many lines a page has at most; all of them if left out.
    pub limit: Option<usize>,
}

/// A place in the history. It stays where it is when new lines come in above it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cursor(core::cmp::Reverse<Timestamp>, Id);

impl Cursor {
    pub(super) const fn new(at: Timestamp, tie: Id) -> Self {
        Self(core::cmp::Reverse(at), tie)
    }

    /// As bytes, for whoever keeps it outside: the time in seconds, big-endian, and 32 bytes that tell lines of one
    /// second apart.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 40] {
        let mut bytes = [0; 40];
        let (at, tie) = bytes.split_at_mut(8);
        at.copy_from_slice(&self.0.0.seconds().to_be_bytes());
        tie.copy_from_slice(self.1.as_bytes());
        bytes
    }

    /// The inverse of [`Cursor::to_bytes`]. Every place is one, whether a line stands there or not.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 40]) -> Self {
        let (at, tie) = (bytes.first_chunk::<8>(), bytes.last_chunk::<32>());
        let at = at.map_or(0, |at| u64::from_be_bytes(*at));
        Self::new(
            Timestamp::from_seconds(at),
            Id::from_bytes(tie.copied().unwrap_or_default()),
        )
    }
}

/// A page of the history, newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// What was found.
    pub entries: Vec<Entry>,
    /// For the next page, if there is more.
    pub next: Option<Cursor>,
}

impl HistoryQuery {
    fn matches(&self, entry: &Entry) -> bool {
        let name = |part: &String| {
            let part = part.to_lowercase();
            let name = match &entry.name {
                PayeeName::Registered(name) => Some(name),
                PayeeName::Unverified(name) => Some(name.claimed()),
                PayeeName::Unnamed => None,
            };
            name.is_some_and(|name| name.as_str().to_lowercase().contains(&part))
        };
        self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at <= until)
            && self.name.as_ref().is_none_or(name)
            && self.at_least.is_none_or(|least| entry.amount >= least)
            && self.at_most.is_none_or(|most| entry.amount <= most)
            && self.state.is_none_or(|state| entry.state == state)
            && self.kind.is_none_or(|kind| entry.kind == kind)
            && self.after.is_none_or(|after| entry.cursor > after)
    }
}

pub(super) fn search(inner: &Inner, query: &HistoryQuery) -> Result<Page, Fault> {
    let mut entries = history::history(inner)?;
    entries.retain(|entry| query.matches(entry));
    let mut next = None;
    if let Some(limit) = query.limit.map(|limit| limit.max(1))
        && entries.len() > limit
    {
        entries.truncate(limit);
        next = entries.last().map(|entry| entry.cursor);
    }
    Ok(Page { entries, next })
}

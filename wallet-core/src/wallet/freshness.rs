//! How old is what the wallet believes: its trust bundle, and the list of keys from which nobody may take a payment.
//!
//! Both are as new as the bank's last word on them: the time that the bank signed when the bundle was last fetched, or the
//! issue of a list that another phone has passed on since. The policy says how old is too old. Until then everything goes on,
//! with a warning in the second half; after that the wallet neither pays nor asks for money until it has synced. What
//! somebody has signed for it is taken all the same: to refuse it would help nobody.

use core::num::NonZeroU32;

use protocol::{Day, Timestamp};

use super::{Inner, operation::Core};
use crate::{error::Fault, purse::Purse};

/// How old is what the wallet believes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Freshness {
    /// As of when it is known to be the newest, by the bank's time. Zero if the bank has never said so.
    pub as_of: Timestamp,
    /// How many whole days ago that is.
    pub age_days: u32,
    /// After how many days the policy calls that too old, if it does.
    pub too_old_after_days: Option<u32>,
    /// The last day on which the signer of the status list is to be believed.
    pub signer_until: Option<Day>,
    /// The version of the status list; 0 if there is none.
    pub status_version: u64,
    /// When the status list was made.
    pub status_issued_at: Option<Timestamp>,
    /// What that means.
    pub verdict: Verdict,
}

/// What the age of trust means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// Nothing.
    Fresh,
    /// More than half of the permitted time has passed: a good moment to go online.
    Ageing,
    /// Nothing is paid and nothing asked for before a sync.
    TooOld,
}

impl Freshness {
    pub(crate) fn of(purse: &Purse, now: Timestamp) -> Self {
        let list = purse.trust.status();
        let status_issued_at = list.map(|list| list.issued_at);
        let as_of = purse.trust_seen().max(status_issued_at.unwrap_or_default());
        let age_days = now.day().since(as_of.day());
        let too_old_after_days = purse
            .policy()
            .and_then(|policy| policy.stale_after_days.map(NonZeroU32::get));
        let signer_until = purse.trust.status_authority().map(|signer| signer.validity.until);
        let verdict = if signer_until.is_some_and(|until| now.day() > until)
            || too_old_after_days.is_some_and(|days| age_days > days)
        {
            Verdict::TooOld
        } else if too_old_after_days.is_some_and(|days| age_days > days / 2) {
            Verdict::Ageing
        } else {
            Verdict::Fresh
        };
        Self {
            as_of,
            age_days,
            too_old_after_days,
            signer_until,
            status_version: purse.status_version(),
            status_issued_at,
            verdict,
        }
    }
}

/// Whether a sync has to come first; and then, how many days too late.
pub(crate) fn too_old(core: &Core, now: Timestamp) -> Option<u32> {
    let freshness = Freshness::of(&core.purse, now);
    (freshness.verdict == Verdict::TooOld).then_some(freshness.age_days)
}

pub(super) fn freshness(inner: &Inner) -> Result<Freshness, Fault> {
    inner
        .operation()?
        .with(|core, moment| Ok(Freshness::of(&core.purse, moment.now)))
}

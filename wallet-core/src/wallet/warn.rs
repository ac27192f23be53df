//! A warning well before value can no longer be paid on offline.
//!
//! It needs no bank: a wallet that never goes online is the one that has to hear of it. So it is looked for whenever somebody
//! asks what has happened, and at every sync. It goes by the wallet's own time.

use super::operation::{Core, Moment};
use crate::{
    error::Fault,
    event::{Event, EventKind},
    model::Change,
    purse::sum,
};

/// So many days before the last day the holder is warned.
pub(super) const DAYS_BEFORE: u32 = 60;

/// Tells of the series that expires next, once.
pub(super) fn of_expiring_series(core: &mut Core, moment: &mut Moment) -> Result<(), Fault> {
    let (today, warned) = (moment.now.day(), core.purse.profile.warned_until);
    let soon = today.plus(DAYS_BEFORE);
    let expiring = |until| until >= today && until <= soon && until > warned;
    let days = core.purse.pieces().map(|piece| piece.spend_until);
    let Some(spend_until) = days.filter(|until| expiring(*until)).min() else {
        return Ok(());
    };
    let pieces = core.purse.pieces();
    let expiring = pieces.filter(|piece| piece.spend_until == spend_until);
    let kind = EventKind::SeriesExpiring {
        spend_until,
        amount: sum(expiring.map(|piece| piece.amount)),
    };
    let mut profile = core.purse.profile.clone();
    profile.warned_until = spend_until;
    let event = Change::Event(Event::new(moment.now, kind));
    Ok(core.commit(vec![Change::Profile(profile), event], moment)?)
}

/// The same for who only wants to hear what has happened. If the warning cannot be written down now, the next call finds the
/// same; and what was written before is told.
pub(super) fn if_it_can_be_written(core: &mut Core, moment: &mut Moment) {
    let _warned = of_expiring_series(core, moment);
}

//! Whether the device's clock is right: whenever the bank tells the time, the two are compared.
//!
//! A clock that is far ahead ages value and uses up the allowances of days to come; one that is far behind dates payments
//! wrongly. Neither can be mended from here, so the holder is told, once for every time the clock goes wrong.

use protocol::Timestamp;

use super::super::operation::{Core, Moment};
use crate::{
    error::Fault,
    event::{Event, EventKind},
    model::{Change, DeviceClock},
};

/// So many seconds the two may differ. A clock that a person set by hand, or an answer that took its time on the way, is
/// inside; a wrong time zone is not.
const TOLERANCE: u64 = 3_600;

/// Compares the device's clock with a time that the bank has just signed.
pub(super) fn compare(core: &mut Core, moment: &mut Moment, signed: Timestamp) -> Result<(), Fault> {
    // A bank that cannot read its own clock signs the beginning of time.
    if signed == Timestamp::default() {
        return Ok(());
    }
    let (device, signed) = (moment.device.seconds(), signed.seconds());
    let seconds = device.abs_diff(signed);
    let found = match (seconds > TOLERANCE, device > signed) {
        (false, _) => DeviceClock::Right,
        (true, true) => DeviceClock::Ahead,
        (true, false) => DeviceClock::Behind,
    };
    if found == core.purse.device_clock() {
        return Ok(());
    }
    let mut changes = vec![Change::DeviceClock(found)];
    if found != DeviceClock::Right {
        let kind = EventKind::ClockWrong {
            ahead: found == DeviceClock::Ahead,
            seconds,
        };
        changes.push(Change::Event(Event::new(moment.now, kind)));
    }
    Ok(core.commit(changes, moment)?)
}

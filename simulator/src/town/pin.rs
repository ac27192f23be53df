//! PINs: somebody guesses, waits, and guesses again; the owner gets in all the same, and everything is where it was.

use wallet_core::{Pin, PinCost, PinError};

use super::{
    Town,
    cast::Who,
    violation::{Guarantee, Violation},
};

/// What a try costs: next to nothing, for there are many, and whether they cost enough is not asked here.
const COST: Option<PinCost> = PinCost::new(8, 1);

const RIGHT: &[u8] = b"2718";
const WRONG: &[u8] = b"3141";

impl Town {
    /// A wallet with a PIN is in other hands for a while. Each try is made in an app that was started anew, as soon as one is
    /// let. Then its owner unlocks it, and takes the PIN away again.
    pub(super) fn guess_pin(&mut self, who: Who, tries: u32) -> Result<String, Violation> {
        self.drop_sessions(who);
        let (right, wrong) = (pin(RIGHT)?, pin(WRONG)?);
        let clock = self.world.clock().clone();
        let person = self.person_mut(who)?;
        // An older copy of the files would open without the PIN, so the guard lets it open no more.
        person.snapshots.clear();
        let phone = &mut person.phone;
        phone.wallet().set_pin(&right)?;
        let mut waited = 0;
        for number in 1..=tries {
            let wait = match phone.unlock(&wrong) {
                Err(PinError::Wrong { failed, wait }) if failed == number && wait == due(number) => wait,
                other => return Err(broken(who, format!("try {number} with a wrong PIN: {other:?}"))),
            };
            if wait > 0 {
                // Not even the right one is looked at before that.
                match phone.unlock(&right) {
                    Err(PinError::TooSoon { .. }) => {}
                    other => return Err(broken(who, format!("{wait} s too soon: {other:?}"))),
                }
                clock.advance(wait);
                waited += wait;
            }
        }
        let report = phone.unlock(&right)?;
        phone.wallet().remove_pin(&right)?;
        self.counts.wrong_pins += u64::from(tries);
        let said = self.opened(who, &report)?;
        Ok(format!("{tries} wrong, {waited} s, {said}"))
    }
}

/// How long the wait is after so many wrong PINs, in seconds: none up to the fourth, then half a minute, then twice as much
/// with each, and an hour at most.
fn due(number: u32) -> u64 {
    let doublings = number.checked_sub(5);
    doublings.map_or(0, |doublings| {
        30_u64.checked_shl(doublings).unwrap_or(u64::MAX).min(3_600)
    })
}

fn pin(typed: &[u8]) -> Result<Pin, Violation> {
    let pin = Pin::new(typed)
        .ok()
        .zip(COST)
        .map(|(pin, cost)| pin.at_cost(cost));
    pin.ok_or_else(|| Violation::new(Guarantee::Working, "that is no PIN"))
}

fn broken(who: Who, what: String) -> Violation {
    Violation::new(Guarantee::Working, format!("{who}: {what}"))
}

//! Phones that are lost, restored elsewhere, frozen, and now and then found again.

use super::{
    Town,
    cast::{Person, Who},
    violation::{Guarantee, Violation},
};
use crate::line::LineTrouble;

impl Town {
    /// The owner puts an encrypted backup away.
    pub(super) fn back_up(&mut self, who: Who) -> Result<String, Violation> {
        let person = self.person_mut(who)?;
        person.backup = Some(person.phone.wallet().backup()?);
        self.look(&[who])?;
        Ok("put away".to_owned())
    }

    /// A phone is gone, and its owner sets up another one with the same words, and with the backup if there is one.
    pub(super) fn lose(&mut self, who: Who) -> Result<String, Violation> {
        self.drop_sessions(who);
        let person = self.person_mut(who)?;
        person.gone = true;
        let (owner, character) = (person.phone.owner().clone(), person.character);
        let backup = person.backup.clone();
        person.phone.wallet().close()?;
        self.checker.mislaid(who)?;
        self.counts.losses += 1;
        let device = self.world.device(&format!("after {who}"))?;
        device.line.listen();
        let phone = self.world.restore_from_words(device, owner, backup.as_deref())?;
        if phone.wallet().past()?.is_some() != backup.is_some() {
            let what = format!("a backup of {who} told nothing of the past");
            return Err(Violation::new(Guarantee::Working, what));
        }
        let mut person = Person::new(phone, character);
        person.backup = backup;
        let new = self.move_in(person)?;
        self.look(&[new])?;
        Ok(format!("{new} from now on"))
    }

    /// Every other phone of the same owner is declared lost.
    pub(super) fn freeze(&mut self, who: Who, line: &[LineTrouble]) -> Result<String, Violation> {
        self.counts.freezes += 1;
        self.checker.retires_keys(who)?;
        self.online(who, line, None, |phone| {
            let frozen = phone.wallet().freeze_others(phone.line());
            frozen.map(|()| "all others frozen".to_owned())
        })
    }

    /// A lost phone turns up, and has not heard of anything that happened since.
    pub(super) fn find(&mut self, who: Who) -> Result<String, Violation> {
        let person = self.person_mut(who)?;
        if !person.gone {
            return Ok("it is not lost".to_owned());
        }
        person.gone = false;
        let report = person.phone.restart()?;
        self.counts.found += 1;
        let phone = &self.people.get(who.0).ok_or_else(|| super::nobody(who))?.phone;
        self.checker.found(phone, who)?;
        self.opened(who, &report)
    }
}

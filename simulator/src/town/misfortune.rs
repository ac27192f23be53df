//! What happens to phones: crashes, restores, copies, wrong clocks.

use wallet_core::{EventKind, Fault, OpenReport};

use super::{
    Town,
    cast::{Character, Person, Who},
    violation::{Guarantee, Violation},
};
use crate::{disk::Kept, world::WorldError};

/// How many copies of its files somebody keeps.
const KEPT: usize = 4;

impl Town {
    /// The battery falls out, or the app is killed; and the app starts again.
    pub(super) fn crash(&mut self, who: Who, kept: Kept) -> Result<String, Violation> {
        self.counts.crashes += 1;
        self.drop_sessions(who);
        let report = self.person_mut(who)?.phone.crash(kept)?;
        self.opened(who, &report)
    }

    pub(super) fn snapshot(&mut self, who: Who) -> Result<String, Violation> {
        let person = self.person_mut(who)?;
        person.snapshots.push(person.phone.snapshot()?);
        if person.snapshots.len() > KEPT {
            person.snapshots.remove(0);
        }
        Ok("copied".to_owned())
    }

    pub(super) fn restore(&mut self, who: Who, snapshot: usize) -> Result<String, Violation> {
        self.drop_sessions(who);
        let Person {
            phone,
            character,
            snapshots,
            ..
        } = self.person_mut(who)?;
        let Some(snapshot) = snapshots.get(snapshot) else {
            return Ok("there is no such copy".to_owned());
        };
        let report = if *character == Character::Rooted {
            phone.restore_with_guard(snapshot)?
        } else {
            phone.restore(snapshot)?
        };
        self.counts.restores += 1;
        let phone = &self.people.get(who.0).ok_or_else(|| super::nobody(who))?.phone;
        self.checker.restored(phone, who, report.rolled_back)?;
        self.opened(who, &report)
    }

    /// A copy is opened on another device. Without the vault's secrets it opens for nobody; with them it opens, and has no
    /// guard: it may receive, and that is all.
    pub(super) fn clone_phone(
        &mut self,
        who: Who,
        snapshot: usize,
        with_vault: bool,
    ) -> Result<String, Violation> {
        let name = format!("copy of {who}");
        let person = self.people.get(who.0).ok_or_else(|| super::nobody(who))?;
        let Some(snapshot) = person.snapshots.get(snapshot) else {
            return Ok("there is no such copy".to_owned());
        };
        let device = if with_vault {
            self.world.device_with_vault_of(&name, &person.phone)?
        } else {
            self.world.device(&name)?
        };
        self.counts.clones += 1;
        let (phone, report) = match person.phone.clone_to(device, snapshot) {
            Ok(opened) => opened,
            Err(WorldError::Open(error)) if !with_vault => return Ok(format!("not opened: {error}")),
            Err(error) => return Err(error.into()),
        };
        if !report.rolled_back {
            let what = format!("a copy of {who} opened on another device, and did not notice");
            return Err(Violation::new(Guarantee::NoHonestFork, what));
        }
        phone.line().listen();
        let copy = self.move_in(Person::new(phone, Character::Careful))?;
        let phone = &self.people.get(copy.0).ok_or_else(|| super::nobody(copy))?.phone;
        self.checker.restored(phone, copy, true)?;
        self.opened(copy, &report)
    }

    pub(super) fn reinstall(&mut self, who: Who) -> Result<String, Violation> {
        self.drop_sessions(who);
        self.checker.lost(who)?;
        self.counts.reinstalls += 1;
        let person = self.person_mut(who)?;
        person.snapshots.clear();
        person.phone.reinstall()?;
        let enrolled = person.phone.enrol();
        self.look(&[who])?;
        Ok(match enrolled {
            Ok(()) => "installed again".to_owned(),
            Err(error) => format!("installed again: {error}"),
        })
    }

    /// The platform destroys one of a phone's keys, or all of them. It says nothing; the wallet finds out when it asks.
    pub(super) fn destroy_keys(&mut self, who: Who, key: Option<usize>) -> Result<String, Violation> {
        let vault = self.phone(who)?.hardware().vault();
        let destroyed = match key {
            None => {
                let all = vault.held().len();
                vault.destroy_all();
                all
            }
            Some(key) => {
                let key = vault.held().get(key).copied();
                usize::from(key.is_some_and(|key| vault.destroy(&key)))
            }
        };
        self.counts.keys_destroyed += destroyed as u64;
        self.checker.retires_keys(who)?;
        self.look(&[who])?;
        Ok(format!("{destroyed} keys destroyed"))
    }

    pub(super) fn set_clock(&mut self, who: Who, seconds: Option<i64>) -> Result<String, Violation> {
        let clock = self.phone(who)?.clock();
        match seconds {
            Some(seconds) => clock.jump(seconds),
            None => clock.set_right(),
        }
        self.counts.clock_jumps += u64::from(seconds.is_some());
        self.look(&[who])?;
        Ok("set".to_owned())
    }

    pub(super) fn withdraw(&mut self, who: Who, request: usize) -> Result<String, Violation> {
        let wallet = self.phone(who)?.wallet();
        let open = wallet.open_requests()?;
        let Some(request) = open.get(request) else {
            return Ok("there is no such request".to_owned());
        };
        wallet.withdraw(&request.id)?;
        self.counts.withdrawals += 1;
        self.look(&[who])?;
        Ok("withdrawn".to_owned())
    }

    /// Hears and acknowledges every event. The next one is the same until it is acknowledged.
    pub(super) fn read_events(&mut self, who: Who) -> Result<String, Violation> {
        let wallet = &self
            .people
            .get(who.0)
            .ok_or_else(|| super::nobody(who))?
            .phone
            .wallet();
        let (mut read, mut came) = (0, Vec::new());
        while let Some(event) = wallet.next_event()? {
            if wallet.next_event()?.as_ref() != Some(&event) {
                let what = format!("{who} forgot {event:?} before it was acknowledged");
                return Err(Violation::new(Guarantee::View, what));
            }
            if let EventKind::Received {
                transfer, request, ..
            } = event.kind
            {
                self.checker.received(who, request, transfer)?;
                came.push(transfer);
            }
            wallet.acknowledge_event(event.id)?;
            read += 1;
        }
        for transfer in came {
            self.sold(who, transfer);
        }
        self.counts.events += read;
        self.look(&[who])?;
        Ok(format!("{read} events"))
    }

    pub(super) fn pass(&mut self, days: u32) -> Result<String, Violation> {
        self.world.clock().advance(u64::from(days) * 86_400);
        self.counts.days += u64::from(days);
        // What the bank does every night.
        self.world.bank().close_windows()?;
        Ok("passed".to_owned())
    }

    /// A wallet that closed itself, or a phone without power, is started again, as its owner would do.
    pub(super) fn reopen(&mut self, who: Who) -> Result<(), Violation> {
        let disk = self.phone(who)?.disk();
        if disk.is_some_and(|disk| !disk.is_powered()) {
            self.counts.crashes += 1;
            self.drop_sessions(who);
            let report = self.person_mut(who)?.phone.crash(Kept::Nothing)?;
            return self.note_rollback(who, &report);
        }
        match self.phone(who)?.wallet().journal_head() {
            Err(Fault::Closed) => {
                self.drop_sessions(who);
                let report = self.person_mut(who)?.phone.restart()?;
                self.note_rollback(who, &report)
            }
            other => Ok(other.map(drop)?),
        }
    }

    pub(super) fn opened(&mut self, who: Who, report: &OpenReport) -> Result<String, Violation> {
        self.note_rollback(who, report)?;
        self.look(&[who])?;
        Ok(format!("{report:?}"))
    }

    fn note_rollback(&mut self, who: Who, report: &OpenReport) -> Result<(), Violation> {
        if report.rolled_back {
            self.counts.rollbacks += 1;
            let person = self.people.get(who.0).ok_or_else(|| super::nobody(who))?;
            self.checker.restored(&person.phone, who, true)?;
        }
        Ok(())
    }

    pub(super) fn drop_sessions(&mut self, who: Who) {
        for encounter in self.torn.iter_mut().filter(|encounter| encounter.concerns(who)) {
            encounter.handoff = None;
        }
    }
}

//! Paying, and tapping again.

use protocol::{Amount, RequestId};
use wallet_core::{
    Consent, Outcome, Session, TapError,
    handoff::{Direction, connect},
    link::apdu::FrameSize,
};

use super::{
    Town,
    cast::{Encounter, Who},
    step::{Agreed, Sessions, Tap, Weather},
    violation::Violation,
};
use crate::{
    air::Air,
    handoff::{Frames, Roles},
};

/// How many torn handoffs people remember.
const REMEMBERED: usize = 12;

impl Town {
    /// The payee asks, the payer agrees, and they tap.
    pub(super) fn pay(
        &mut self,
        payer: Who,
        payee: Who,
        asked: Option<Amount>,
        agreed: Agreed,
        tap: &Tap,
    ) -> Result<String, Violation> {
        self.counts.handoffs += 1;
        let request = match self.phone(payee)?.wallet().request(asked) {
            Ok(request) => request,
            Err(error) => {
                self.counts.declined += 1;
                return Ok(format!("no request: {error}"));
            }
        };
        let encounter = Encounter {
            payer,
            payee,
            request: request.id,
            amount: agreed.amount(),
            sessions: None,
        };
        self.meet(encounter, agreed.consent(), tap)
    }

    /// A handoff that was torn is gone on with.
    pub(super) fn again(
        &mut self,
        encounter: usize,
        sessions: Sessions,
        tap: &Tap,
    ) -> Result<String, Violation> {
        if encounter >= self.torn.len() {
            return Ok("nothing is torn".to_owned());
        }
        let mut encounter = self.torn.remove(encounter);
        let (payer, payee) = (encounter.payer, encounter.payee);
        if self.person(payer)?.gone || self.person(payee)?.gone {
            return Ok("one of them is gone".to_owned());
        }
        if sessions != Sessions::Same {
            encounter.sessions = None;
        }
        if matches!(sessions, Sessions::PayerRestarts | Sessions::BothRestart) {
            self.restart(payer)?;
        }
        if matches!(sessions, Sessions::PayeeRestarts | Sessions::BothRestart) {
            self.restart(payee)?;
        }
        let consent = Consent::To(encounter.request, encounter.amount);
        self.meet(encounter, consent, tap)
    }

    /// One contact, with the sessions of an earlier one if there are any; and what is left of it is remembered.
    fn meet(&mut self, mut encounter: Encounter, consent: Consent, tap: &Tap) -> Result<String, Violation> {
        let (payer, payee) = (encounter.payer, encounter.payee);
        let Some(mut sessions) = (match encounter.sessions.take() {
            Some(sessions) => Some(sessions),
            None => self.sessions(payer, payee, &encounter.request, consent, tap.roles)?,
        }) else {
            return Ok("no session".to_owned());
        };
        let said = self.tap(payer, payee, &mut sessions, tap)?;
        self.look(&[payer, payee])?;
        let over = matches!(
            sessions.0.outcome(),
            Some(Outcome::Paid { .. } | Outcome::Returned { .. })
        );
        // Some people tap again although they have paid.
        if !over || self.dice.chance(10) {
            encounter.sessions = Some(sessions);
            self.torn.push(encounter);
            if self.torn.len() > REMEMBERED {
                self.torn.remove(0);
            }
        }
        Ok(said)
    }

    fn sessions(
        &self,
        payer: Who,
        payee: Who,
        request: &RequestId,
        consent: Consent,
        roles: Roles,
    ) -> Result<Option<(Session, Session)>, Violation> {
        let paying = self.phone(payer)?.wallet().pay(consent, roles.payer())?;
        // A payee that lost its memory, or its keys, knows the request no more.
        let receiving = self.phone(payee)?.wallet().receive(request, roles.payee()).ok();
        Ok(receiving.map(|receiving| (paying, receiving)))
    }

    /// Holds two phones together. Before each frame leaves one of them, the checker looks at what it has signed.
    fn tap(
        &mut self,
        payer: Who,
        payee: Who,
        (paying, receiving): &mut (Session, Session),
        tap: &Tap,
    ) -> Result<String, Violation> {
        self.counts.taps += 1;
        if let Some(trouble) = tap.guard {
            self.phone(payer)?.hardware().guard().fail_once(trouble);
            self.counts.guard_failures += 1;
        }
        let (reader, card, of_reader, of_card) = match paying.side() {
            wallet_core::Side::Reader => (&mut *paying, &mut *receiving, payer, payee),
            wallet_core::Side::Card => (&mut *receiving, &mut *paying, payee, payer),
        };
        let frames = match tap.frames {
            Frames::Extended => FrameSize::Extended,
            Frames::Short => FrameSize::Short,
        };
        let mut air = match tap.weather {
            Weather::Fine => Air::perfect(),
            Weather::Cut(bytes) => Air::cut_after(bytes),
            Weather::Flip(byte, bit) => Air::flip(byte, bit),
        };
        let (people, checker) = (&self.people, &mut self.checker);
        let mut found = None;
        let result = connect(reader, card, frames, |direction, frame| {
            let from = match direction {
                Direction::ToCard => of_reader,
                Direction::ToReader => of_card,
            };
            let phone = &people.get(from.0)?.phone;
            match checker.leaving(phone, from) {
                Ok(()) => air.carry(direction, frame),
                Err(violation) => {
                    found.get_or_insert(violation);
                    None
                }
            }
        });
        self.phone(payer)?.hardware().guard().mend();
        if let Some(violation) = found {
            return Err(violation);
        }
        self.count(tap, &result, paying.outcome(), receiving.outcome());
        let said = |outcome: Option<&Outcome>| outcome.map_or("nothing", summary);
        Ok(format!(
            "{} bytes, payer: {}, payee: {}, {}",
            air.traffic().bytes(),
            said(paying.outcome()),
            said(receiving.outcome()),
            match result {
                Ok(true) => "done".to_owned(),
                Ok(false) => "torn".to_owned(),
                Err(error) => error.to_string(),
            }
        ))
    }

    fn count(
        &mut self,
        tap: &Tap,
        result: &Result<bool, TapError>,
        paying: Option<&Outcome>,
        receiving: Option<&Outcome>,
    ) {
        let counts = &mut self.counts;
        match result {
            Ok(true) => {}
            Ok(false) => counts.cuts += 1,
            Err(_) => counts.errors += 1,
        }
        counts.garbled += u64::from(matches!(tap.weather, Weather::Flip(..)));
        match paying {
            Some(Outcome::Paid { mended, .. }) => {
                counts.paid += 1;
                counts.mended += u64::from(*mended);
            }
            Some(Outcome::Returned { .. }) => counts.returns += 1,
            Some(Outcome::Declined { .. }) => counts.declined += 1,
            _ => {}
        }
        counts.refused += u64::from(matches!(receiving, Some(Outcome::Refused { .. })));
    }
}

/// An outcome in a word.
const fn summary(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Paid { mended: false, .. } => "paid",
        Outcome::Paid { mended: true, .. } => "paid earlier",
        Outcome::Received { .. } => "received",
        Outcome::Returned { .. } => "given back",
        Outcome::Declined { .. } => "declined",
        Outcome::Refused { .. } => "refused",
    }
}

//! Paying, and tapping again.

use protocol::{Amount, Id, RequestId};
use wallet_core::{Consent, Limit, Outcome, PayError, Side, TapError, handoff::Direction};

use super::{
    Town,
    cast::{Encounter, Who},
    checker::Paid,
    remember,
    step::{Agreed, Sessions, Tap, Trouble, Weather},
    violation::Violation,
};
use crate::{
    air::Air,
    disk::Kept,
    handoff::{Handoff, Roles},
};

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
                self.look(&[payee])?;
                return Ok(format!("no request: {error}"));
            }
        };
        let encounter = Encounter {
            payer,
            payee,
            request: request.id,
            amount: agreed.amount(),
            handoff: None,
            air: Air::perfect(),
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
            encounter.handoff = None;
        }
        if matches!(sessions, Sessions::PayerRestarts | Sessions::BothRestart) {
            self.crash(payer, Kept::Everything)?;
        }
        if matches!(sessions, Sessions::PayeeRestarts | Sessions::BothRestart) {
            self.crash(payee, Kept::Everything)?;
        }
        let consent = Consent::To(encounter.request, encounter.amount);
        self.meet(encounter, consent, tap)
    }

    /// Somebody else pays what a torn handoff was about. Of the two payments one is given back.
    pub(super) fn instead(&mut self, encounter: usize, payer: Who, tap: &Tap) -> Result<String, Violation> {
        let Some(torn) = self.torn.get(encounter) else {
            return Ok("nothing is torn".to_owned());
        };
        if torn.concerns(payer) || self.person(torn.payee)?.gone {
            return Ok("not this one".to_owned());
        }
        let other = Encounter {
            payer,
            payee: torn.payee,
            request: torn.request,
            amount: torn.amount,
            handoff: None,
            air: Air::perfect(),
        };
        self.counts.handoffs += 1;
        let consent = Consent::To(other.request, other.amount);
        self.meet(other, consent, tap)
    }

    /// One contact, with the sessions of an earlier one if there are any; and what is left of it is remembered.
    fn meet(&mut self, mut encounter: Encounter, consent: Consent, tap: &Tap) -> Result<String, Violation> {
        let (payer, payee) = (encounter.payer, encounter.payee);
        let begun = match encounter.handoff.take() {
            Some(handoff) => Some(handoff),
            None => self.begin(payer, payee, &encounter.request, consent, tap.roles)?,
        };
        let Some(mut handoff) = begun else {
            return Ok("no session".to_owned());
        };
        encounter.air = weather(tap.weather).after(encounter.air);
        let said = self.tap(payer, payee, &mut handoff, &mut encounter.air, tap)?;
        self.look(&[payer, payee])?;
        if consent != Consent::Unconfirmed {
            self.checker.confirmed(payer)?;
        }
        if let Some(Outcome::Paid {
            transfer,
            amount,
            mended: false,
            ..
        }) = handoff.payer.outcome()
        {
            let (transfer, amount) = (*transfer, *amount);
            self.check_allowances(payer, transfer, amount, consent)?;
        }
        let over = matches!(
            handoff.payer.outcome(),
            Some(Outcome::Paid { .. } | Outcome::Returned { .. } | Outcome::Refunded { .. })
        );
        // Some people tap again although they have paid.
        if !over || self.dice.chance(10) {
            encounter.handoff = Some(handoff);
            remember(&mut self.torn, encounter);
        }
        Ok(said)
    }

    /// What was just paid is within the limits on being offline, and on paying without being asked.
    pub(super) fn check_allowances(
        &mut self,
        payer: Who,
        transfer: Id,
        amount: Amount,
        consent: Consent,
    ) -> Result<(), Violation> {
        let confirmed = consent != Consent::Unconfirmed;
        self.counts.unconfirmed += u64::from(!confirmed);
        let phone = &self
            .people
            .get(payer.0)
            .ok_or_else(|| super::nobody(payer))?
            .phone;
        self.checker.paid(
            phone,
            payer,
            Paid {
                transfer,
                amount,
                confirmed,
            },
        )
    }

    fn begin(
        &self,
        payer: Who,
        payee: Who,
        request: &RequestId,
        consent: Consent,
        roles: Roles,
    ) -> Result<Option<Handoff>, Violation> {
        let paying = self.phone(payer)?.wallet().pay(consent, roles.payer())?;
        // A payee that lost its memory, or its keys, knows the request no more.
        let receiving = self.phone(payee)?.wallet().receive(request, roles.payee()).ok();
        Ok(receiving.map(|receiving| Handoff {
            payer: paying,
            payee: receiving,
        }))
    }

    /// Holds two phones together. Before each frame leaves one of them, the checker looks at what it has signed.
    pub(super) fn tap(
        &mut self,
        payer: Who,
        payee: Who,
        handoff: &mut Handoff,
        air: &mut Air,
        tap: &Tap,
    ) -> Result<String, Violation> {
        self.counts.taps += 1;
        self.begin_trouble(payer, payee, &tap.trouble)?;
        let (reader, card) = match handoff.payer.side() {
            Side::Reader => (payer, payee),
            Side::Card => (payee, payer),
        };
        let (people, checker) = (&self.people, &mut self.checker);
        let mut found = None;
        let result = handoff.connect(tap.link, |direction, frame| {
            let from = match direction {
                Direction::ToCard => reader,
                Direction::ToReader => card,
            };
            let seen = people
                .get(from.0)
                .map_or(Ok(()), |person| checker.leaving(&person.phone, from));
            match seen {
                Ok(()) => air.carry(direction, frame),
                Err(violation) => {
                    found.get_or_insert(violation);
                    Vec::new()
                }
            }
        });
        self.end_trouble(payer, payee, &tap.trouble)?;
        if let Some(violation) = found {
            return Err(violation);
        }
        let (paying, receiving) = (handoff.payer.outcome(), handoff.payee.outcome());
        if let Some(Outcome::Received {
            request, transfer, ..
        }) = receiving
        {
            self.checker.received(payee, *request, *transfer)?;
            self.sold(payee, *transfer);
        }
        self.count(tap, &result, paying, receiving);
        let said = |outcome: Option<&Outcome>| outcome.map_or_else(|| "nothing".to_owned(), summary);
        Ok(format!(
            "{} bytes, payer: {}, payee: {}, {}",
            air.traffic().bytes(),
            said(paying),
            said(receiving),
            match result {
                Ok(true) => "done".to_owned(),
                Ok(false) => "torn".to_owned(),
                Err(error) => error.to_string(),
            }
        ))
    }

    /// From now on things go wrong in two phones, as planned.
    pub(super) fn begin_trouble(
        &mut self,
        payer: Who,
        payee: Who,
        trouble: &Trouble,
    ) -> Result<(), Violation> {
        if let Some(trouble) = trouble.guard {
            self.phone(payer)?.hardware().guard().fail_once(trouble);
            self.counts.guard_failures += 1;
        }
        if let Some(broken) = trouble.disk
            && let Some(disk) = self.phone(broken.whose(payer, payee))?.disk()
        {
            disk.plan(broken.trouble, broken.after);
        }
        self.phone(payer)?
            .hardware()
            .vault()
            .will_refuse(trouble.payer_vault);
        self.phone(payee)?
            .hardware()
            .vault()
            .will_refuse(trouble.payee_vault);
        Ok(())
    }

    /// From now on nothing does.
    pub(super) fn end_trouble(&mut self, payer: Who, payee: Who, trouble: &Trouble) -> Result<(), Violation> {
        self.phone(payer)?.hardware().guard().mend();
        self.appease(payer, trouble.payer_vault)?;
        self.appease(payee, trouble.payee_vault)?;
        if let Some(broken) = trouble.disk
            && let Some(disk) = self.phone(broken.whose(payer, payee))?.disk()
        {
            let failed = !disk.forget_plan();
            disk.make_room();
            self.counts.disk_failures += u64::from(failed);
        }
        Ok(())
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
        counts.garbled += u64::from(matches!(tap.weather, Weather::Flip(..) | Weather::Storm(_)));
        if let Some(paying) = paying {
            self.came_to(paying);
        }
        self.counts.refused += u64::from(matches!(receiving, Some(Outcome::Refused { .. })));
    }

    /// What a payer knows in the end.
    pub(super) fn came_to(&mut self, paying: &Outcome) {
        let counts = &mut self.counts;
        match paying {
            Outcome::Paid { mended, .. } => {
                counts.paid += 1;
                counts.mended += u64::from(*mended);
            }
            Outcome::Returned { .. } => counts.returns += 1,
            Outcome::Refunded { .. } => counts.refunded += 1,
            Outcome::Declined { reason, .. } => self.declined(reason),
            _ => {}
        }
    }

    pub(super) fn declined(&mut self, reason: &PayError) {
        self.counts.declined += 1;
        if let PayError::Limit { limit, .. } = reason {
            self.counts.day_limits += u64::from(*limit == Limit::PerDay);
            self.counts.year_limits += u64::from(*limit == Limit::PerYear);
        }
    }
}

pub(super) fn weather(weather: Weather) -> Air {
    match weather {
        Weather::Fine => Air::perfect(),
        Weather::Cut(bytes) => Air::cut_after(bytes),
        Weather::Flip(byte, bit) => Air::flip(byte, bit),
        Weather::Storm(seed) => Air::stormy(seed),
    }
}

/// An outcome in a few words.
pub(super) fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Paid { mended: false, .. } => "paid".to_owned(),
        Outcome::Paid { mended: true, .. } => "paid earlier".to_owned(),
        Outcome::Received { .. } => "received".to_owned(),
        Outcome::Returned { .. } => "given back".to_owned(),
        Outcome::Refunded { .. } => "refunded".to_owned(),
        Outcome::Declined { reason, .. } => format!("declined ({reason})"),
        Outcome::Refused { refusal } => format!("refused ({})", refusal.code.summary()),
    }
}

//! Paying by codes: one shows, another reads, and either may put the phone away at any time.

use core::mem;
use protocol::{Amount, Slip};
use wallet_core::{
    Consent, Fault, Outcome,
    link::qr::{Frames, Scanner, SlipError},
};

use super::{
    Town,
    cast::{Encounter, Who},
    remember,
    step::{Agreed, Trouble},
    tap::summary,
    violation::{Guarantee, Violation},
};
use crate::air::Air;

/// Request, payment, receipt.
const COMPLETE: usize = 3;

impl Town {
    /// The payee shows a request, the payer the payment, the payee the receipt.
    pub(super) fn codes(
        &mut self,
        payer: Who,
        payee: Who,
        asked: Option<Amount>,
        agreed: Agreed,
        reads: usize,
        trouble: &Trouble,
    ) -> Result<String, Violation> {
        self.counts.handoffs += 1;
        self.begin_trouble(payer, payee, trouble)?;
        let said = self.show_request(payer, payee, asked, agreed, reads);
        self.end_trouble(payer, payee, trouble)?;
        self.look(&[payer, payee])?;
        said
    }

    fn show_request(
        &mut self,
        payer: Who,
        payee: Who,
        asked: Option<Amount>,
        agreed: Agreed,
        reads: usize,
    ) -> Result<String, Violation> {
        let wallet = self.phone(payee)?.wallet();
        let shown = wallet
            .request(asked)
            .and_then(|request| wallet.request_slip(&request.id));
        let request = match shown.as_ref().map(read) {
            Ok(Ok(Slip::Request(request))) => request,
            Ok(Ok(_)) => return Err(misread(None)),
            Ok(Err(violation)) => return Err(violation),
            Err(error) => {
                self.counts.declined += 1;
                return Ok(format!("no request: {error}"));
            }
        };
        if reads < COMPLETE {
            let encounter = Encounter {
                payer,
                payee,
                request: request.body.id,
                amount: agreed.amount(),
                handoff: None,
                air: Air::perfect(),
            };
            remember(&mut self.torn, encounter);
        }
        if reads == 0 {
            return Ok("the request is not read".to_owned());
        }
        self.counts.slips += 1;
        let consent = agreed.consent();
        let paid = match self.phone(payer)?.wallet().pay_request(&request, consent) {
            Ok(paid) => paid,
            Err(reason) => {
                self.declined(&reason);
                return Ok(format!("declined ({reason})"));
            }
        };
        if consent != Consent::Unconfirmed {
            self.checker.confirmed(payer)?;
        }
        // Only now, because the signature is the first that is known of it.
        self.look_at_what_leaves(payer)?;
        self.check_allowances(payer, paid.transfer, paid.amount, consent)?;
        self.hand(payer, payee, paid.slip, reads - 1)
    }

    /// Somebody shows whatever it has in doubt to another, who may not be the one that it is for.
    pub(super) fn show(&mut self, who: Who, to: Who, reads: usize) -> Result<String, Violation> {
        if who == to {
            return Ok("nobody looks".to_owned());
        }
        let wallet = self.phone(who)?.wallet();
        let doubts = wallet.in_doubt()?;
        let mut slips = Vec::new();
        for doubt in &doubts {
            match wallet.slip_of(&doubt.transfer) {
                Ok(slip) => slips.extend(slip),
                // What a rolled-back wallet signed does not leave it again.
                Err(Fault::RolledBack | Fault::Closed) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        let mut said = vec![format!("{} in doubt", doubts.len())];
        for slip in slips {
            said.push(self.hand(who, to, slip, reads)?);
        }
        self.look(&[who, to])?;
        Ok(said.join("; "))
    }

    /// The checker sees what somebody's phone has signed.
    fn look_at_what_leaves(&mut self, who: Who) -> Result<(), Violation> {
        let person = self.people.get(who.0).ok_or_else(|| super::nobody(who))?;
        self.checker.leaving(&person.phone, who)
    }

    /// A slip goes over, its answer back, and so on, as long as somebody reads. Before each is shown, the checker looks at
    /// what its phone has signed.
    fn hand(
        &mut self,
        mut from: Who,
        mut to: Who,
        mut slip: Slip,
        reads: usize,
    ) -> Result<String, Violation> {
        let mut said = Vec::new();
        for _ in 0..reads {
            self.look_at_what_leaves(from)?;
            self.counts.slips += 1;
            let took = match self.phone(to)?.wallet().take(&read(&slip)?) {
                Ok(took) => took,
                Err(error) => {
                    said.push(format!("{to}: {error}"));
                    break;
                }
            };
            said.push(format!("{to}: {}", summary(&took.outcome)));
            match &took.outcome {
                Outcome::Received {
                    request, transfer, ..
                } => {
                    self.checker.received(to, *request, *transfer)?;
                    self.sold(to, *transfer);
                }
                Outcome::Refused { .. } => self.counts.refused += 1,
                outcome if matches!(slip, Slip::Receipt { .. }) => self.came_to(outcome),
                _ => {}
            }
            let Some(answer) = took.answer else { break };
            slip = answer;
            mem::swap(&mut from, &mut to);
        }
        Ok(said.join(", "))
    }
}

/// What a camera makes of what is shown.
fn read(slip: &Slip) -> Result<Slip, Violation> {
    let frames = Frames::of(slip).map_err(|error| misread(Some(error)))?;
    let mut scanner = Scanner::default();
    for number in 0..frames.count() {
        match scanner.scan(frames.text(number)) {
            Ok(Some(read)) if read == *slip => return Ok(read),
            Ok(None) => {}
            other => return Err(misread(other.err())),
        }
    }
    Err(misread(None))
}

fn misread(why: Option<SlipError>) -> Violation {
    let why = why.map_or_else(|| "as something else".to_owned(), |why| why.to_string());
    Violation::new(Guarantee::Working, format!("a slip is read {why}"))
}

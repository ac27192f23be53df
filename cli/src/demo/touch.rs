//! Two phones touch, with the air between them: no transport is in reach of it.

use protocol::{Amount, Coded as _, Id, RequestId};
use std::time::Instant;
use wallet_core::{
    Consent, Outcome, Session, Side,
    handoff::{Direction, connect},
    link::apdu::FrameSize,
};

use super::{
    phone::Phone,
    step::{CardSide, Tapped},
};
use crate::{failure::Failure, terminal::Took};

/// How two phones touch.
#[derive(Clone, Copy)]
pub(super) struct Touch {
    pub(super) amount: Amount,
    pub(super) card: CardSide,
    pub(super) frames: FrameSize,
    /// The phones part after so many commands.
    pub(super) torn_after: Option<u32>,
}

/// A tap, and what it came to for the one who gives.
pub(super) struct Met {
    pub(super) tapped: Tapped,
    pub(super) outcome: Option<Outcome>,
}

impl Touch {
    /// One tap, in which the payer agrees to exactly the amount.
    pub(super) fn tap(self, payer: &Phone, payee: &Phone, request: &RequestId) -> Result<Tapped, Failure> {
        let met = self.offer(payer, payee, request, Consent::Exactly(self.amount))?;
        match met.outcome {
            Some(Outcome::Paid { .. }) => Ok(met.tapped),
            None if self.torn_after.is_some() => Ok(met.tapped),
            outcome => Err(unforeseen(outcome)),
        }
    }

    /// One tap, in which the payer agrees to this and to nothing else; whatever comes of it.
    pub(super) fn offer(
        self,
        payer: &Phone,
        payee: &Phone,
        request: &RequestId,
        consent: Consent,
    ) -> Result<Met, Failure> {
        let (giver, taker) = self.sides();
        let giver = payer.wallet.pay(consent, giver)?;
        let taker = payee.wallet.receive(request, taker)?;
        self.meet([payer.name, payee.name], giver, taker)
    }

    /// One tap that brings a refund of the payment to the one who made it.
    pub(super) fn refund(self, giver: &Phone, taker: &Phone, paid: &Id) -> Result<Tapped, Failure> {
        let names = [giver.name, taker.name];
        let (giving, taking) = self.sides();
        let giving = giver.wallet.resume(giving)?;
        let taking = taker.wallet.await_refund(paid, taking)?;
        let met = self.meet(names, giving, taking)?;
        match met.outcome {
            Some(Outcome::Refunded { .. }) => Ok(met.tapped),
            outcome => Err(unforeseen(outcome)),
        }
    }

    /// Which side the giver is on, and which the taker.
    const fn sides(self) -> (Side, Side) {
        match self.card {
            CardSide::Payee => (Side::Reader, Side::Card),
            CardSide::Payer => (Side::Card, Side::Reader),
        }
    }

    fn meet(
        self,
        [payer, payee]: [&'static str; 2],
        mut giver: Session,
        mut taker: Session,
    ) -> Result<Met, Failure> {
        let (reader, card) = match self.card {
            CardSide::Payee => (&mut giver, &mut taker),
            CardSide::Payer => (&mut taker, &mut giver),
        };
        let (mut commands, mut bytes) = (0_u32, 0_usize);
        let start = Instant::now();
        let whole = connect(reader, card, self.frames, |direction, frame| {
            if direction == Direction::ToCard {
                if self.torn_after == Some(commands) {
                    return None;
                }
                commands = commands.saturating_add(1);
            }
            bytes = bytes.saturating_add(frame.len());
            Some(frame)
        })?;
        let took = Took::since(start);
        let outcome = giver.outcome().cloned();
        let (mended, declined) = match &outcome {
            Some(Outcome::Paid { mended, .. }) => (*mended, None),
            Some(Outcome::Declined { reason, .. }) => (false, Some(reason.code())),
            _ => (false, None),
        };
        let tapped = Tapped {
            payer,
            payee,
            amount: self.amount,
            card: self.card,
            frames: self.frames,
            commands,
            bytes,
            took,
            torn: !whole,
            mended,
            declined,
        };
        Ok(Met { tapped, outcome })
    }
}

/// The failure of a story that goes on only if something else had come of a tap.
pub(super) fn unforeseen(outcome: Option<Outcome>) -> Failure {
    match outcome {
        Some(Outcome::Declined { reason, .. }) => reason.into(),
        Some(Outcome::Refused { refusal }) => Failure::Refused {
            code: refusal.code,
            at_most: refusal.at_most,
        },
        _ => Failure::Torn,
    }
}

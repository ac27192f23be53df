//! Two phones, one payment, any number of taps.

use wallet_core::{Outcome, Session, Side, TapError, handoff::connect, link::apdu::FrameSize};

use crate::air::{Air, Traffic};

/// Who is the card. The other one is the reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Roles {
    /// The payee answers as a card: Noise NX.
    PayeeIsCard,
    /// The payer answers as a card: Noise XN.
    PayerIsCard,
}

impl Roles {
    /// Both assignments.
    pub const ALL: [Self; 2] = [Self::PayeeIsCard, Self::PayerIsCard];

    /// The payer's side of the link.
    #[must_use]
    pub const fn payer(self) -> Side {
        match self {
            Self::PayeeIsCard => Side::Reader,
            Self::PayerIsCard => Side::Card,
        }
    }

    /// The payee's side of the link.
    #[must_use]
    pub const fn payee(self) -> Side {
        match self {
            Self::PayeeIsCard => Side::Card,
            Self::PayerIsCard => Side::Reader,
        }
    }
}

/// The frames of a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frames {
    /// Extended length.
    Extended,
    /// At most 255 bytes of data.
    Short,
}

impl Frames {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Extended, Self::Short];

    const fn size(self) -> FrameSize {
        match self {
            Self::Extended => FrameSize::Extended,
            Self::Short => FrameSize::Short,
        }
    }
}

/// A payer's and a payee's session, held together.
#[derive(Debug)]
pub struct Handoff {
    /// The payer's side.
    pub payer: Session,
    /// The payee's side.
    pub payee: Session,
}

/// What one tap came to.
#[derive(Debug)]
pub struct TapReport {
    /// `true` if the conversation came to its end; `false` if the link tore.
    pub result: Result<bool, TapError>,
    /// What passed.
    pub traffic: Traffic,
    /// What the payer knows.
    pub payer: Option<Outcome>,
    /// What the payee knows.
    pub payee: Option<Outcome>,
}

impl TapReport {
    /// Whether the tap came to its end, with the payment taken and receipted.
    #[must_use]
    pub const fn completed(&self) -> bool {
        matches!(
            (&self.result, &self.payer, &self.payee),
            (
                Ok(true),
                Some(Outcome::Paid { .. }),
                Some(Outcome::Received { .. })
            )
        )
    }
}

impl Handoff {
    /// Holds the phones together once.
    pub fn tap(&mut self, frames: Frames, air: &mut Air) -> TapReport {
        let (reader, card) = match self.payer.side() {
            Side::Reader => (&mut self.payer, &mut self.payee),
            Side::Card => (&mut self.payee, &mut self.payer),
        };
        let result = connect(reader, card, frames.size(), |direction, frame| {
            air.carry(direction, frame)
        });
        TapReport {
            result,
            traffic: air.traffic(),
            payer: self.payer.outcome().cloned(),
            payee: self.payee.outcome().cloned(),
        }
    }
}

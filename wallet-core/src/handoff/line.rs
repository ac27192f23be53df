//! The encrypted line of one tap: a Noise handshake, then the channel it leads to.

use protocol::StaticKeyHash;

use crate::{
    error::HandoffError,
    noise::{Channel, Handshake, Pattern, StaticSecret},
};

/// Both sides agree on what they are about to do.
const PROLOGUE: &[u8] = b"dcep/1/handoff";

/// One tap's line.
pub(super) enum Line {
    /// Not begun, or over.
    Closed,
    /// Getting acquainted.
    Handshake(Box<Handshake>),
    /// Encrypted both ways, the payee authenticated.
    Open(Channel),
}

impl Line {
    /// A new line. `seed` must be fresh random bytes; `secret` is the payee's, the payer has none.
    pub(super) fn open(
        pattern: Pattern,
        seed: [u8; 32],
        secret: Option<&StaticSecret>,
    ) -> Result<Self, HandoffError> {
        let handshake = match secret {
            Some(secret) => Handshake::authenticated(pattern, PROLOGUE, seed, secret),
            None => Handshake::anonymous(pattern, PROLOGUE, seed),
        };
        Ok(Self::Handshake(Box::new(handshake?)))
    }

    pub(super) fn read(&mut self, message: &[u8]) -> Result<Vec<u8>, HandoffError> {
        self.step(
            |handshake| handshake.read(message),
            |channel| channel.decrypt(message),
        )
    }

    pub(super) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, HandoffError> {
        self.step(
            |handshake| handshake.write(payload),
            |channel| channel.encrypt(payload),
        )
    }

    pub(super) const fn in_handshake(&self) -> bool {
        matches!(self, Self::Handshake(_))
    }

    /// The hash of the handshake: different in every tap, equal on both sides.
    pub(super) fn handshake_hash(&self) -> Result<[u8; 32], HandoffError> {
        match self {
            Self::Open(channel) => Ok(*channel.handshake_hash()),
            Self::Closed | Self::Handshake(_) => Err(HandoffError::OutOfOrder),
        }
    }

    /// The key that the payee proved to own, by its hash.
    pub(super) fn payee_key(&self) -> Result<StaticKeyHash, HandoffError> {
        match self {
            Self::Open(channel) => channel.remote_static().as_ref().map(StaticKeyHash::of),
            Self::Closed | Self::Handshake(_) => None,
        }
        .ok_or(HandoffError::OutOfOrder)
    }

    /// One message either way; the last one of the handshake opens the channel.
    fn step(
        &mut self,
        handshake_step: impl FnOnce(&mut Handshake) -> Result<Vec<u8>, crate::noise::NoiseError>,
        channel_step: impl FnOnce(&mut Channel) -> Result<Vec<u8>, crate::noise::NoiseError>,
    ) -> Result<Vec<u8>, HandoffError> {
        match core::mem::replace(self, Self::Closed) {
            Self::Closed => Err(HandoffError::Closed),
            Self::Handshake(mut handshake) => {
                let bytes = handshake_step(&mut handshake)?;
                *self = if handshake.is_finished() {
                    Self::Open(handshake.into_channel()?)
                } else {
                    Self::Handshake(handshake)
                };
                Ok(bytes)
            }
            Self::Open(mut channel) => {
                let bytes = channel_step(&mut channel)?;
                *self = Self::Open(channel);
                Ok(bytes)
            }
        }
    }
}

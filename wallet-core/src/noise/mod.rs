//! The encrypted channel of an interactive link: `Noise_NX_25519_ChaChaPoly_SHA256` and
//! `Noise_XN_25519_ChaChaPoly_SHA256` (Noise specification, revision 34).
//!
//! Only one side has a static key, the *authenticated* one; the other is *anonymous*. Who speaks
//! first decides the pattern (section 7.5), and the number of bytes each handshake message has
//! besides its payload:
//!
//! | message | [`Pattern::Nx`]: the responder is authenticated | [`Pattern::Xn`]: the initiator is |
//! | --- | --- | --- |
//! | 0, initiator | `e`: 32 | `e`: 32 |
//! | 1, responder | `e, ee, s, es`: 96 | `e, ee`: 48 |
//! | 2, initiator | | `s, se`: 64 |
//! | then, both | 16 | 16 |
//!
//! The payload of message 0 travels in clear and unauthenticated (section 7.7): changes to it
//! are found out one message later. The payload of message 1 is encrypted; in XN it is encrypted
//! to an initiator that has not shown its static key yet.
//!
//! Nothing here draws randomness: the caller hands in 32 fresh bytes for each handshake. A
//! message that fails to verify ends the handshake or the channel for good, and its keys are
//! dropped; what failed can only be started again from the beginning.
//!
//! Secret keys, of both ciphers too, are wiped when dropped. The chaining key, which `snow` keeps
//! to itself, and its intermediate results on the stack are not.

mod resolver;

use core::fmt;

use snow::{Builder, HandshakeState, TransportState, params::NoiseParams};
use x25519_dalek::PublicKey;

use self::resolver::Resolver;

/// The longest Noise message, in bytes, tags and keys included (section 3).
pub const MAX_MESSAGE: usize = 65_535;

/// The length of the tag that ends every ciphertext, in bytes (section 12.3).
pub const TAG_LENGTH: usize = 16;

/// Which side of a handshake is authenticated by a static key (section 7.5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pattern {
    /// The responder is; two messages.
    Nx,
    /// The initiator is; three messages.
    Xn,
}

impl Pattern {
    /// The full protocol name (section 8).
    #[must_use]
    pub const fn protocol_name(self) -> &'static str {
        match self {
            Self::Nx => "Noise_NX_25519_ChaChaPoly_SHA256",
            Self::Xn => "Noise_XN_25519_ChaChaPoly_SHA256",
        }
    }

    /// For each message of the handshake, how many bytes longer than its payload it is.
    #[must_use]
    pub const fn overheads(self) -> &'static [usize] {
        match self {
            Self::Nx => &[32, 32 + 32 + 2 * TAG_LENGTH],
            Self::Xn => &[32, 32 + TAG_LENGTH, 32 + 2 * TAG_LENGTH],
        }
    }
}

/// A static X25519 secret key, wiped when dropped and never printed.
#[derive(Clone)]
pub struct StaticSecret(x25519_dalek::StaticSecret);

impl StaticSecret {
    /// The key of these 32 uniformly random bytes; every value is a key (RFC 7748, section 5).
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.into())
    }

    /// The public key: what a certificate names and what the other side sees as
    /// [`Channel::remote_static`].
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        PublicKey::from(&self.0).to_bytes()
    }
}

impl fmt::Debug for StaticSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticSecret(..)")
    }
}

/// Why a handshake or channel went no further.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoiseError {
    /// The message or payload would not fit a Noise message (section 3). Sending again with less
    /// is possible; a *received* message of this length closes.
    #[error("a Noise message of {bytes} bytes is longer than {MAX_MESSAGE}")]
    TooLong {
        /// The length of the whole message, in bytes.
        bytes: usize,
    },
    /// A received message ends before its keys and tags do. Closes.
    #[error("a Noise message of {bytes} bytes is shorter than {least}")]
    TooShort {
        /// The length of the message, in bytes.
        bytes: usize,
        /// The length of this message with an empty payload, in bytes.
        least: usize,
    },
    /// A tag is wrong: the message was changed, repeated, reordered, or is not from the other
    /// side; or the two sides disagree on prologue or pattern. Closes.
    #[error("a Noise message is not authentic")]
    NotAuthentic,
    /// The other side's public key is a point of low order, which nobody honest has. Closes.
    #[error("the public key of the other side has low order")]
    LowOrderPoint,
    /// It is the other side's turn in the handshake. Nothing changed.
    #[error("this handshake message is the other side's to send")]
    OutOfTurn,
    /// The handshake has no further message: it continues as a [`Channel`]. Nothing changed.
    #[error("the handshake is complete")]
    HandshakeComplete,
    /// The handshake has messages left, so it is no [`Channel`] yet.
    #[error("the handshake is not complete")]
    HandshakeIncomplete,
    /// An earlier error closed this handshake or channel.
    #[error("the channel is closed after an earlier error")]
    Closed,
    /// `snow` refused what this module guarantees. Not expected ever; it is an error only so
    /// that it need not be a panic. Closes.
    #[error("the Noise library failed")]
    Library,
}

impl NoiseError {
    fn from_snow(error: snow::Error) -> Self {
        match error {
            snow::Error::Decrypt => Self::NotAuthentic,
            snow::Error::Dh => Self::LowOrderPoint,
            _ => Self::Library,
        }
    }
}

/// A handshake under way, one side of it.
pub struct Handshake {
    pattern: Pattern,
    /// How many messages have passed, in both directions.
    passed: usize,
    hash: [u8; 32],
    /// Taken out for each step and put back only if the step succeeded. Boxed, so that this moves a
    /// pointer and leaves no copies of chaining keys behind.
    state: Option<Box<HandshakeState>>,
}

impl Handshake {
    /// The side that proves it holds `secret`: the responder of [`Pattern::Nx`], the initiator
    /// of [`Pattern::Xn`].
    ///
    /// Both sides must give the same `prologue` (section 6). `ephemeral_seed` becomes the
    /// ephemeral secret key as it is: 32 bytes of fresh, uniform randomness, never used before.
    ///
    /// # Errors
    /// [`NoiseError::Library`] only.
    pub fn authenticated(
        pattern: Pattern,
        prologue: &[u8],
        ephemeral_seed: [u8; 32],
        secret: &StaticSecret,
    ) -> Result<Self, NoiseError> {
        Self::new(pattern, prologue, ephemeral_seed, Some(secret))
    }

    /// The side that stays anonymous: the initiator of [`Pattern::Nx`], the responder of
    /// [`Pattern::Xn`]. Parameters and errors as in [`Handshake::authenticated`].
    ///
    /// # Errors
    /// [`NoiseError::Library`] only.
    pub fn anonymous(
        pattern: Pattern,
        prologue: &[u8],
        ephemeral_seed: [u8; 32],
    ) -> Result<Self, NoiseError> {
        Self::new(pattern, prologue, ephemeral_seed, None)
    }

    fn new(
        pattern: Pattern,
        prologue: &[u8],
        ephemeral_seed: [u8; 32],
        secret: Option<&StaticSecret>,
    ) -> Result<Self, NoiseError> {
        let state = build(pattern, prologue, ephemeral_seed, secret).map_err(NoiseError::from_snow)?;
        Ok(Self {
            pattern,
            passed: 0,
            hash: handshake_hash(&state)?,
            state: Some(Box::new(state)),
        })
    }

    /// The next message of the handshake, carrying `payload`.
    ///
    /// # Errors
    /// [`NoiseError::OutOfTurn`], [`NoiseError::HandshakeComplete`], [`NoiseError::TooLong`]:
    /// nothing changed. [`NoiseError::LowOrderPoint`]: the key received before is refused, and
    /// the handshake is closed. [`NoiseError::Closed`], [`NoiseError::Library`].
    pub fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let overhead = self.overhead_if(true)?;
        let length = message_length(payload, overhead)?;
        self.step(|state| seal(payload, length, |payload, out| state.write_message(payload, out)))
    }

    /// The payload of the other side's next message. The first message's is neither secret nor
    /// authentic (section 7.7).
    ///
    /// # Errors
    /// [`NoiseError::OutOfTurn`], [`NoiseError::HandshakeComplete`]: nothing changed.
    /// [`NoiseError::NotAuthentic`], [`NoiseError::LowOrderPoint`], [`NoiseError::TooShort`],
    /// [`NoiseError::TooLong`]: the handshake is closed. [`NoiseError::Closed`],
    /// [`NoiseError::Library`].
    pub fn read(&mut self, message: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let overhead = self.overhead_if(false)?;
        self.step(|state| open(message, overhead, |message, out| state.read_message(message, out)))
    }

    /// Whether all messages have passed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.passed == self.pattern.overheads().len()
    }

    /// The static key of the authenticated side, once its message has been read. `None` on the
    /// authenticated side itself, and after an error.
    #[must_use]
    pub fn remote_static(&self) -> Option<[u8; 32]> {
        self.state.as_ref()?.get_remote_static()?.try_into().ok()
    }

    /// The hash of everything that has passed so far (`h`, section 5.2). Equal on both sides only
    /// if they saw the same; unique to this handshake once both ephemeral keys have passed, that is
    /// after message 1.
    #[must_use]
    pub fn handshake_hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The channel that a finished handshake leads to.
    ///
    /// # Errors
    /// [`NoiseError::HandshakeIncomplete`], [`NoiseError::Closed`], [`NoiseError::Library`].
    pub fn into_channel(self) -> Result<Channel, NoiseError> {
        let remote_static = self.remote_static();
        let finished = self.is_finished();
        let state = self.state.ok_or(NoiseError::Closed)?;
        if !finished {
            return Err(NoiseError::HandshakeIncomplete);
        }
        let transport = state.into_transport_mode().map_err(NoiseError::from_snow)?;
        Ok(Channel {
            transport: Some(transport),
            hash: self.hash,
            remote_static,
        })
    }

    /// The overhead of the next message, if it is `ours` to write, or else ours to read.
    fn overhead_if(&self, ours: bool) -> Result<usize, NoiseError> {
        let state = self.state.as_ref().ok_or(NoiseError::Closed)?;
        let overhead = self
            .pattern
            .overheads()
            .get(self.passed)
            .ok_or(NoiseError::HandshakeComplete)?;
        if state.is_my_turn() == ours {
            Ok(*overhead)
        } else {
            Err(NoiseError::OutOfTurn)
        }
    }

    /// Runs one message through the state; an error leaves none behind.
    fn step(
        &mut self,
        message: impl FnOnce(&mut HandshakeState) -> Result<Vec<u8>, NoiseError>,
    ) -> Result<Vec<u8>, NoiseError> {
        let mut state = self.state.take().ok_or(NoiseError::Closed)?;
        let output = message(&mut state)?;
        self.hash = handshake_hash(&state)?;
        self.passed += 1;
        self.state = Some(state);
        Ok(output)
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("pattern", &self.pattern)
            .field("passed", &self.passed)
            .field("closed", &self.state.is_none())
            .finish_non_exhaustive()
    }
}

/// The two ciphers of a finished handshake. Messages must arrive complete and in order.
pub struct Channel {
    /// Taken out for each message and put back only if the message was good.
    transport: Option<TransportState>,
    hash: [u8; 32],
    remote_static: Option<[u8; 32]>,
}

impl Channel {
    /// The next message to the other side, [`TAG_LENGTH`] bytes longer than `plaintext`.
    ///
    /// # Errors
    /// [`NoiseError::TooLong`]: nothing changed. [`NoiseError::Closed`], [`NoiseError::Library`].
    pub fn encrypt(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, NoiseError> {
        let length = message_length(plaintext, TAG_LENGTH)?;
        self.step(|transport| {
            seal(plaintext, length, |plaintext, out| {
                transport.write_message(plaintext, out)
            })
        })
    }

    /// What the other side's next message says.
    ///
    /// # Errors
    /// [`NoiseError::NotAuthentic`], [`NoiseError::TooShort`], [`NoiseError::TooLong`]: the channel is
    /// closed in both directions. [`NoiseError::Closed`], [`NoiseError::Library`].
    pub fn decrypt(&mut self, ciphertext: &[u8]) -> Result<Vec<u8>, NoiseError> {
        self.step(|transport| {
            open(ciphertext, TAG_LENGTH, |ciphertext, out| {
                transport.read_message(ciphertext, out)
            })
        })
    }

    /// The hash of the whole handshake: the same on both sides, and on no other channel
    /// (section 11.2).
    #[must_use]
    pub fn handshake_hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The static key the other side proved to hold; `None` if it is the anonymous one.
    #[must_use]
    pub fn remote_static(&self) -> Option<[u8; 32]> {
        self.remote_static
    }

    /// Runs one message through the ciphers; an error leaves none behind.
    fn step(
        &mut self,
        message: impl FnOnce(&mut TransportState) -> Result<Vec<u8>, NoiseError>,
    ) -> Result<Vec<u8>, NoiseError> {
        let mut transport = self.transport.take().ok_or(NoiseError::Closed)?;
        let output = message(&mut transport)?;
        self.transport = Some(transport);
        Ok(output)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("closed", &self.transport.is_none())
            .finish_non_exhaustive()
    }
}

/// The initial state of either side (section 5.3, `Initialize`).
fn build(
    pattern: Pattern,
    prologue: &[u8],
    ephemeral_seed: [u8; 32],
    secret: Option<&StaticSecret>,
) -> Result<HandshakeState, snow::Error> {
    let params: NoiseParams = pattern.protocol_name().parse()?;
    let builder =
        Builder::with_resolver(params, Box::new(Resolver::new(ephemeral_seed))).prologue(prologue)?;
    match (pattern, secret) {
        (Pattern::Nx, None) => builder.build_initiator(),
        (Pattern::Xn, Some(secret)) => builder.local_private_key(secret.0.as_bytes())?.build_initiator(),
        (Pattern::Nx, Some(secret)) => builder.local_private_key(secret.0.as_bytes())?.build_responder(),
        (Pattern::Xn, None) => builder.build_responder(),
    }
}

fn handshake_hash(state: &HandshakeState) -> Result<[u8; 32], NoiseError> {
    state
        .get_handshake_hash()
        .try_into()
        .map_err(|_| NoiseError::Library)
}

/// The length of a message of this payload, if a Noise message can be that long.
fn message_length(payload: &[u8], overhead: usize) -> Result<usize, NoiseError> {
    match payload.len().saturating_add(overhead) {
        bytes if bytes > MAX_MESSAGE => Err(NoiseError::TooLong { bytes }),
        bytes => Ok(bytes),
    }
}

/// Has `snow` write a message of exactly `length` bytes.
fn seal(
    payload: &[u8],
    length: usize,
    write: impl FnOnce(&[u8], &mut [u8]) -> Result<usize, snow::Error>,
) -> Result<Vec<u8>, NoiseError> {
    // `snow` wants room for a tag even where it writes none: behind the payload of message 0.
    let mut message = vec![0; length + TAG_LENGTH];
    let written = write(payload, &mut message).map_err(NoiseError::from_snow)?;
    if written != length {
        return Err(NoiseError::Library);
    }
    message.truncate(length);
    Ok(message)
}

/// Has `snow` read a message that is `overhead` bytes longer than its payload.
fn open(
    message: &[u8],
    overhead: usize,
    read: impl FnOnce(&[u8], &mut [u8]) -> Result<usize, snow::Error>,
) -> Result<Vec<u8>, NoiseError> {
    let bytes = message.len();
    if bytes > MAX_MESSAGE {
        return Err(NoiseError::TooLong { bytes });
    }
    let length = bytes.checked_sub(overhead).ok_or(NoiseError::TooShort {
        bytes,
        least: overhead,
    })?;
    let mut payload = vec![0; length];
    let read = read(message, &mut payload).map_err(NoiseError::from_snow)?;
    if read == length {
        Ok(payload)
    } else {
        Err(NoiseError::Library)
    }
}

#[cfg(test)]
mod tests;

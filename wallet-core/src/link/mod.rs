//! Links: how what two devices say to each other travels.
//!
//! An interactive link is a series of *exchanges*: one side, the reader, sends a message and the
//! other, the card, replies with one. Which of them pays is no concern of a link, nor what the
//! bytes mean: they are [Noise](crate::noise) messages.
//!
//! A one-way link is a code on a screen, or a file: it carries [slips](protocol::slip), in clear.
//!
//! Everything here is sans-IO: it turns messages into frames and frames into messages, and the
//! app moves the frames.

pub mod apdu;
pub mod qr;

/// The longest message of an interactive link, in bytes.
///
/// Well below the 65,535 bytes that a Noise message and the length fields of an extended APDU can
/// have, so that headers, tags and keys always fit; well above the largest payment a policy
/// permits, of some 7,000 bytes at 50 hops; and little enough for a phone to buffer for a
/// stranger.
pub const MAX_MESSAGE: usize = 40_000;

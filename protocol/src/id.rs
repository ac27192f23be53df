//! Names of things: hashes of canonical bytes, each under a domain tag of its own.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256};

use crate::cbor::byte_string;

byte_string! {
    /// The id of a signed object: SHA-256 over its domain tag, a zero byte, and its canonical bytes *without* signatures.
    Id, 32
}

/// SHA-256 over a domain tag, a zero byte (no tag contains one) and the parts one after another.
///
/// Callers keep the parts unambiguous: at most one of them varies in length, or they are canonical CBOR.
#[must_use]
pub(crate) fn hash(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(tag.as_bytes());
    hasher.update([0]);
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// The first 16 bytes of [`hash`]: 128 bits against a second preimage, which is all these names need.
#[must_use]
pub(crate) fn truncated_hash(tag: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut short = [0; 16];
    short
        .iter_mut()
        .zip(hash(tag, parts))
        .for_each(|(to, from)| *to = from);
    short
}

/// See [`hash`].
pub(crate) fn id(tag: &str, parts: &[&[u8]]) -> Id {
    Id::from_bytes(hash(tag, parts))
}

/// HMAC-SHA-256 (RFC 2104) over the parts one after another.
#[must_use]
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

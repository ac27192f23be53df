//! What comes from outside is checked again on every entry, whatever the other language thinks of its types; and what
//! goes out by a name or a time is written here.

use protocol::{Id, Name, RequestId, Timestamp, VerifyingKey};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wallet_core::Cursor;

use crate::{Amount, WalletError, error::OpenError};

/// The last second of the year 9999: the end of time in some of the languages that this is for.
const LAST_SECOND: u64 = 253_402_300_799;

impl TryFrom<Amount> for protocol::Amount {
    type Error = WalletError;

    fn try_from(amount: Amount) -> Result<Self, WalletError> {
        Self::from_fen(amount.fen).map_err(|_| WalletError::InvalidAmount)
    }
}

/// An amount that may be left out.
pub(crate) fn optional(amount: Option<Amount>) -> Result<Option<protocol::Amount>, WalletError> {
    amount.map(protocol::Amount::try_from).transpose()
}

/// The name of a transfer: 64 hexadecimal digits.
pub(crate) fn transfer(id: &str) -> Result<Id, WalletError> {
    bytes(id).map(Id::from_bytes)
}

/// The name of a request: 32 hexadecimal digits.
pub(crate) fn request(id: &str) -> Result<RequestId, WalletError> {
    bytes(id).map(RequestId::from_bytes)
}

/// A place in the history.
pub(crate) fn cursor(text: &str) -> Result<Cursor, WalletError> {
    bytes(text).map(|bytes| Cursor::from_bytes(&bytes))
}

/// A place in the history, as text.
pub(crate) fn cursor_text(cursor: Cursor) -> String {
    let digits = cursor.to_bytes().map(|byte| format!("{byte:02x}"));
    digits.concat()
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], WalletError> {
    hexadecimal(text).ok_or(WalletError::InvalidIdentifier)
}

/// Exactly so many bytes, two digits each, in capital or small letters.
fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(pairs) {
        let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? * 16 + low?).ok()?;
    }
    Some(bytes)
}

/// A name for people.
pub(crate) fn name(text: String) -> Result<Name, WalletError> {
    Name::new(text).map_err(|_| WalletError::InvalidName)
}

/// The issuer's root key as the bank publishes it: `ed25519:` and 64 hexadecimal digits.
pub(crate) fn root(text: &str) -> Result<VerifyingKey, OpenError> {
    let digits = text.strip_prefix("ed25519:").ok_or(OpenError::InvalidRoot)?;
    let key = hexadecimal(digits).ok_or(OpenError::InvalidRoot)?;
    Ok(VerifyingKey::Ed25519(key))
}

/// A time, not after the year 9999.
pub(crate) fn system_time(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(at.seconds().min(LAST_SECOND))
}

/// A time; one before 1970 counts as 1970.
pub(crate) fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_seconds(since.as_secs())
}

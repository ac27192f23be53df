//! What comes from outside is checked again on every entry, whatever the other language thinks of its types; and what
//! goes out by a name or a time is written here.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
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
    HEXLOWER.encode(&cursor.to_bytes())
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], WalletError> {
    let decoded = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
    let exact = decoded.ok().and_then(|bytes| bytes.try_into().ok());
    exact.ok_or(WalletError::InvalidIdentifier)
}

/// A name for people.
pub(crate) fn name(text: String) -> Result<Name, WalletError> {
    Name::new(text).map_err(|_| WalletError::InvalidName)
}

/// The issuer's root key as the bank publishes it: `ed25519:` and 64 hexadecimal digits.
pub(crate) fn root(text: &str) -> Result<VerifyingKey, OpenError> {
    let digits = text.strip_prefix("ed25519:").ok_or(OpenError::InvalidRoot)?;
    let key = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
    let key = key
        .and_then(|key| key.try_into().ok())
        .ok_or(OpenError::InvalidRoot)?;
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

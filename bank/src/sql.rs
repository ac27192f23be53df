//! How the objects of `protocol` stand in SQL columns: amounts and days as integers, ids and keys as blobs, everything
//! signed in its canonical encoding.

use minicbor::{Decode, Encode};
use protocol::{Amount, Day, Id, Timestamp, VerifyingKey, WalletClass, cbor};
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef},
};

use crate::store::StoreError;

/// A value on its way into or out of a column.
pub(crate) struct Sql<T>(pub(crate) T);

/// Integers.
macro_rules! integer {
    ($($type:ty: $to:expr, $from:expr;)*) => {$(
        impl ToSql for Sql<$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let number: u64 = $to(self.0);
                let number = i64::try_from(number).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
                Ok(ToSqlOutput::Owned(Value::Integer(number)))
            }
        }

        impl FromSql for Sql<$type> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let number = value.as_i64()?;
                u64::try_from(number)
                    .ok()
                    .and_then($from)
                    .map(Self)
                    .ok_or(FromSqlError::OutOfRange(number))
            }
        }
    )*};
}

integer! {
    Amount: Amount::fen, |fen| Amount::from_fen(fen).ok();
    Timestamp: Timestamp::seconds, |seconds| Some(Timestamp::from_seconds(seconds));
    Day: |day: Day| u64::from(day.number()), |number| u32::try_from(number).ok().map(Day::from_number);
    u64: |number| number, Some;
    WalletClass: class_number, class_of;
}

fn class_number(class: WalletClass) -> u64 {
    match class {
        WalletClass::I => 1,
        WalletClass::Ii => 2,
        WalletClass::Iii => 3,
        WalletClass::Iv => 4,
    }
}

fn class_of(number: u64) -> Option<WalletClass> {
    match number {
        1 => Some(WalletClass::I),
        2 => Some(WalletClass::Ii),
        3 => Some(WalletClass::Iii),
        4 => Some(WalletClass::Iv),
        _ => None,
    }
}

impl ToSql for Sql<Id> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Sql<Id> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        FromSql::column_result(value).map(|bytes| Self(Id::from_bytes(bytes)))
    }
}

impl ToSql for Sql<VerifyingKey> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Blob(self.0.to_bytes())))
    }
}

impl FromSql for Sql<VerifyingKey> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        VerifyingKey::from_bytes(value.as_blob()?)
            .map(Self)
            .map_err(|e| FromSqlError::Other(e.into()))
    }
}

/// The object in a stored blob.
pub(crate) fn stored<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    Ok(cbor::decode("stored object", bytes)?)
}

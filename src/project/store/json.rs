//! Records as JSON in a column, with a checksum: readable with any SQLite
//! tool, and open to new fields without a migration.
//!
//! What stands in the column is a list of two: the checksum and the record.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::support::hash;

/// Characters of the checksum, the beginning of a SHA-256.
const LENGTH: usize = 16;

/// A record to write.
///
/// It is read back first: JSON has no NaN, so a record that holds one would be
/// written and never read again.
pub(super) struct AsJson<'a, T>(pub(super) &'a T);

impl<T: Serialize + DeserializeOwned> ToSql for AsJson<'_, T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let failed = |e| rusqlite::Error::ToSqlConversionFailure(Box::new(e));
        let json = serde_json::to_string(self.0).map_err(failed)?;
        serde_json::from_str::<T>(&json).map_err(failed)?;
        Ok(with_sum(&json).into())
    }
}

/// A record that was read.
pub(super) struct FromJson<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for FromJson<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let json = without_sum(value.as_str()?).ok_or_else(|| {
            FromSqlError::Other("its checksum is not the one that was written".into())
        })?;
        serde_json::from_str(json)
            .map(FromJson)
            .map_err(|e| FromSqlError::Other(Box::new(e)))
    }
}

/// A record as it stands in a column.
pub(super) fn with_sum(json: &str) -> String {
    format!("[\"{}\",{json}]", sum(json))
}

/// The record in a column; `None` when it is not as it was written.
fn without_sum(column: &str) -> Option<&str> {
    let (said, rest) = column.strip_prefix("[\"")?.split_at_checked(LENGTH)?;
    let json = rest.strip_prefix("\",")?.strip_suffix(']')?;
    (sum(json) == said).then_some(json)
}

fn sum(json: &str) -> String {
    let mut sum = hash::bytes(json.as_bytes());
    sum.truncate(LENGTH);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// serde_json reads numbers to the last bit only when asked to.
    #[test]
    fn numbers_come_back_to_the_last_bit() {
        for seconds in [2.344_754_577_f64, 0.1 + 0.2, 5e-324, 1.0 / 3.0] {
            let written = AsJson(&seconds);
            let Ok(ToSqlOutput::Owned(rusqlite::types::Value::Text(json))) = written.to_sql()
            else {
                unreachable!("a number is written as text");
            };
            let read = FromJson::<f64>::column_result(ValueRef::Text(json.as_bytes()));
            assert_eq!(read.map(|read| read.0).ok(), Some(seconds));
        }
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let column = with_sum("{\"accuracy\":0.91}");
        for position in 0..column.len() {
            for bit in 0..7 {
                let mut bytes = column.clone().into_bytes();
                bytes[position] ^= 1 << bit;
                let read = FromJson::<serde_json::Value>::column_result(ValueRef::Text(&bytes));
                assert!(read.is_err(), "byte {position}, bit {bit}");
            }
        }
        let parsed: serde_json::Value = serde_json::from_str(&column).expect("is JSON");
        assert_eq!(parsed[1]["accuracy"], 0.91);
    }
}

//! Records as JSON in a column: readable with any SQLite tool, and open to
//! new fields without a migration.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
        Ok(json.into())
    }
}

/// A record that was read.
pub(super) struct FromJson<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for FromJson<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(FromJson)
            .map_err(|e| FromSqlError::Other(Box::new(e)))
    }
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
}

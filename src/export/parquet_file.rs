//! Tables as Apache Parquet: every column optional, rows in groups.

use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::table::Row;
use crate::support::figures::Cell;
use crate::support::{Error, Result, atomic_file};

/// Rows of a row group.
const GROUP: usize = 8192;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Texts.
    Text,
    /// Numbers in single precision, for probabilities and embeddings.
    Single,
}

/// Writes rows as a Parquet file.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn parquet(
    path: &Path,
    columns: &[(String, Kind)],
    mut rows: impl Iterator<Item = Row>,
) -> Result<()> {
    let build = |rows: &mut dyn Iterator<Item = Row>| -> Result<Vec<u8>, ParquetError> {
        let fields = columns.iter().map(|column| field(column).map(Arc::new));
        let schema = Type::group_type_builder("rows")
            .with_fields(fields.collect::<Result<_, _>>()?)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
        loop {
            let group: Vec<Row> = rows.take(GROUP).collect();
            if group.is_empty() {
                break;
            }
            let mut out = writer.next_row_group()?;
            for (position, (_, kind)) in columns.iter().enumerate() {
                let cells = group
                    .iter()
                    .map(|row| row.get(position).unwrap_or(&Cell::Empty));
                write_column(&mut out, *kind, cells)?;
            }
            out.close()?;
        }
        writer.close()?;
        Ok(bytes)
    };
    let bytes = build(&mut rows)
        .map_err(|e| Error::program(format!("cannot lay out `{}`", path.display())).because(e))?;
    atomic_file::write(path, |out| out.write_all(&bytes))
}

fn field((name, kind): &(String, Kind)) -> Result<Type, ParquetError> {
    let physical = match kind {
        Kind::Text => Physical::BYTE_ARRAY,
        Kind::Single => Physical::FLOAT,
    };
    let logical = (*kind == Kind::Text).then_some(LogicalType::String);
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn write_column<'a>(
    out: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    kind: Kind,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), ParquetError> {
    match kind {
        Kind::Text => write_as::<ByteArrayType>(out, cells, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.as_str())),
            _ => None,
        }),
        Kind::Single => write_as::<FloatType>(out, cells, |cell| match cell {
            Cell::Single(number) => Some(*number),
            _ => None,
        }),
    }
}

fn write_as<'a, T: DataType>(
    out: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    cells: impl Iterator<Item = &'a Cell>,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let cells: Vec<Option<T::T>> = cells.map(value).collect();
    let present: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    let Some(mut column) = out.next_column()? else {
        return Ok(());
    };
    column
        .typed::<T>()
        .write_batch(&values, Some(&present), None)?;
    column.close()
}

//! Apache Parquet through the crate's record API, row by row.

use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::source::Source;
use super::{Format, Layout, RowRead, Table, damaged, features, guarded};
use crate::dataset::cell::{Cell, Kind, Value};
use crate::support::{Error, Result};

struct ParquetFile {
    rows: RowIter<'static>,
    row: u32,
    cells: Vec<Cell>,
    /// What a column holds in nanoseconds, which the record API gives as whole
    /// numbers.
    nanoseconds: Vec<Option<Nanoseconds>>,
    name: String,
}

/// Nanoseconds since 1970, or since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nanoseconds {
    Moment,
    TimeOfDay,
}

/// Opens a Parquet file; its first row is row 1, since it has no header.
pub(super) fn open(source: &Source) -> Result<(Box<dyn Table>, Layout)> {
    let (name, file) = (source.name(), source.file()?);
    guarded(name, || {
        let reader =
            SerializedFileReader::new(file).map_err(|error| damaged(name).because(error))?;
        let about = reader.metadata().file_metadata();
        let fields = about.schema().get_fields();
        let columns: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
        refuse_doubled(&columns, name)?;
        let mut layout = Layout::new(Format::Parquet, columns);
        let entries = about.key_value_metadata().into_iter().flatten();
        let huggingface = entries.filter(|entry| entry.key == "huggingface");
        let huggingface = huggingface.filter_map(|entry| entry.value.as_deref());
        layout.label_names = huggingface.flat_map(features::of_metadata).collect();
        let nanoseconds = fields.iter().map(|field| nanoseconds(field)).collect();
        let table = ParquetFile {
            cells: vec![Cell::default(); layout.columns.len()],
            nanoseconds,
            rows: RowIter::from_file_into(Box::new(reader)),
            row: 0,
            name: name.to_owned(),
        };
        Ok((Box::new(table) as Box<dyn Table>, layout))
    })
}

fn nanoseconds(field: &Type) -> Option<Nanoseconds> {
    match field.get_basic_info().logical_type_ref()? {
        LogicalType::Timestamp(about) if about.unit == TimeUnit::NANOS => Some(Nanoseconds::Moment),
        LogicalType::Time(about) if about.unit == TimeUnit::NANOS => Some(Nanoseconds::TimeOfDay),
        _ => None,
    }
}

/// The record API finds columns by their names: of two that are called the
/// same it gives one twice.
fn refuse_doubled(columns: &[String], name: &str) -> Result<()> {
    for (at, column) in columns.iter().enumerate() {
        if columns[..at].contains(column) {
            return Err(Error::input(format!(
                "`{name}` has two columns called `{column}`, which are not told apart in Parquet"
            ))
            .hint("rename one of them and write the file again"));
        }
    }
    Ok(())
}

impl Table for ParquetFile {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let name = &self.name;
        let rows = &mut self.rows;
        let next = guarded(name, || {
            let row = rows.next().transpose();
            row.map_err(|error| damaged(name).because(error))
        })?;
        let Some(row) = next else {
            return Ok(None);
        };
        self.row = self.row.saturating_add(1);
        let fields = row.into_columns().into_iter().zip(&self.nanoseconds);
        for (((_, field), nanoseconds), cell) in fields.zip(&mut self.cells) {
            let value = match field {
                Field::Long(since) => match nanoseconds {
                    None => Value::Whole(since.to_string()),
                    Some(Nanoseconds::Moment) => Value::parts_since_1970(since, 1_000_000_000),
                    Some(Nanoseconds::TimeOfDay) => {
                        Value::parts_since_midnight(since, 1_000_000_000)
                    }
                },
                field => value(field),
            };
            *cell = value.cell();
        }
        Ok(Some(RowRead::Row(self.row)))
    }

    fn cell(&self, column: usize) -> &str {
        Cell::text_of(&self.cells, column)
    }

    fn kind(&self, column: usize) -> Kind {
        Cell::kind_of(&self.cells, column)
    }
}

fn value(field: Field) -> Value {
    match field {
        Field::Null => Value::Missing,
        Field::Str(text) => Value::Text(text),
        Field::Bool(truth) => Value::Truth(truth),
        Field::Float16(number) => Value::Single(number.to_f32()),
        Field::Float(number) => Value::Single(number),
        Field::Double(number) => Value::Number(number),
        // Files written without a logical type hold texts as bytes.
        Field::Bytes(bytes) => Value::of_bytes(bytes.data()),
        Field::Date(days) => Value::date(i64::from(days)),
        Field::TimestampMillis(since) => Value::parts_since_1970(since, 1_000),
        Field::TimestampMicros(since) => Value::parts_since_1970(since, 1_000_000),
        Field::Decimal(_) => Value::Decimal(field.to_string()),
        Field::ListInternal(list) => {
            Value::List(list.elements().iter().cloned().map(value).collect())
        }
        Field::Group(row) => {
            let fields = row.into_columns().into_iter();
            Value::Object(fields.map(|(key, field)| (key, value(field))).collect())
        }
        Field::MapInternal(map) => {
            let entries = map.entries().iter().cloned();
            Value::Object(
                entries
                    .map(|(key, field)| (value(key).cell().text, value(field)))
                    .collect(),
            )
        }
        Field::TimeMillis(since) => Value::parts_since_midnight(i64::from(since), 1_000),
        Field::TimeMicros(since) => Value::parts_since_midnight(since, 1_000_000),
        Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_) => Value::Whole(field.to_string()),
    }
}

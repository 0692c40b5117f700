//! Arrow IPC: streams, as Hugging Face `datasets` keeps its data, and files.

use std::io::Read;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{DataType, TimeUnit};

use super::source::Source;
use super::{Format, Layout, RowRead, Table, damaged, features, guarded};
use crate::dataset::cell::{Cell, Kind, Value};
use crate::support::Result;

/// What an Arrow *file* begins with; a stream follows, and a list of its parts.
pub(super) const MAGIC: &[u8] = b"ARROW1\0\0";

struct ArrowFile {
    batches: StreamReader<Box<dyn Read>>,
    batch: Option<RecordBatch>,
    next_in_batch: usize,
    row: u32,
    cells: Vec<Cell>,
    name: String,
}

/// Opens an Arrow stream or file; its first row is row 1, since it has no
/// header.
pub(super) fn open(source: &Source) -> Result<(Box<dyn Table>, Layout)> {
    let name = source.name();
    let mut start = vec![0; MAGIC.len()];
    let read = source.bytes()?.read_exact(&mut start);
    let mut bytes: Box<dyn Read> = source.bytes()?;
    if read.is_ok() && start == MAGIC {
        bytes = behind_magic(bytes).map_err(|error| source.unreadable(error))?;
    }
    guarded(name, || {
        let batches =
            StreamReader::try_new(bytes, None).map_err(|error| damaged(name).because(error))?;
        let schema = batches.schema();
        let columns: Vec<String> = (schema.fields().iter())
            .map(|field| field.name().to_owned())
            .collect();
        let mut layout = Layout::new(Format::Arrow, columns);
        let about = schema.metadata().get("huggingface");
        layout.label_names = about.map_or_else(Vec::new, |json| features::of_metadata(json));
        let table = ArrowFile {
            batches,
            batch: None,
            next_in_batch: 0,
            row: 0,
            cells: vec![Cell::default(); layout.columns.len()],
            name: name.to_owned(),
        };
        Ok((Box::new(table) as Box<dyn Table>, layout))
    })
}

/// The stream in a file: it begins behind the magic and the zeros that bring it
/// to a multiple of 8 bytes, or of 64 as some writers have it.
fn behind_magic(mut bytes: Box<dyn Read>) -> std::io::Result<Box<dyn Read>> {
    let mut word = [0; 8];
    bytes.read_exact(&mut word)?;
    for _ in 0..8 {
        bytes.read_exact(&mut word)?;
        if word != [0; 8] {
            break;
        }
    }
    Ok(Box::new(std::io::Cursor::new(word).chain(bytes)))
}

impl Table for ArrowFile {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        while self
            .batch
            .as_ref()
            .is_none_or(|batch| self.next_in_batch >= batch.num_rows())
        {
            let name = &self.name;
            let batches = &mut self.batches;
            self.batch = guarded(name, || {
                let batch = batches.next().transpose();
                batch.map_err(|error| damaged(name).because(error))
            })?;
            self.next_in_batch = 0;
            if self.batch.is_none() {
                return Ok(None);
            }
        }
        let Some(batch) = &self.batch else {
            return Ok(None);
        };
        let row = self.next_in_batch;
        let cells = guarded(&self.name, || {
            let columns = batch.columns().iter();
            Ok(columns
                .map(|column| value(column.as_ref(), row).cell())
                .collect())
        })?;
        self.cells = cells;
        self.next_in_batch += 1;
        self.row = self.row.saturating_add(1);
        Ok(Some(RowRead::Row(self.row)))
    }

    fn cell(&self, column: usize) -> &str {
        Cell::text_of(&self.cells, column)
    }

    fn kind(&self, column: usize) -> Kind {
        Cell::kind_of(&self.cells, column)
    }
}

/// The value of an array at a place.
fn value(array: &dyn Array, at: usize) -> Value {
    if array.is_null(at) {
        return Value::Missing;
    }
    macro_rules! whole {
        ($kind:ty) => {
            Value::Whole(array.as_primitive::<$kind>().value(at).to_string())
        };
    }
    match array.data_type() {
        DataType::Null => Value::Missing,
        DataType::Boolean => Value::Truth(array.as_boolean().value(at)),
        DataType::Int8 => whole!(Int8Type),
        DataType::Int16 => whole!(Int16Type),
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt8 => whole!(UInt8Type),
        DataType::UInt16 => whole!(UInt16Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Float16 => Value::Single(array.as_primitive::<Float16Type>().value(at).to_f32()),
        DataType::Float32 => Value::Single(array.as_primitive::<Float32Type>().value(at)),
        DataType::Float64 => Value::Number(array.as_primitive::<Float64Type>().value(at)),
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(at).to_owned()),
        DataType::LargeUtf8 => Value::Text(array.as_string::<i64>().value(at).to_owned()),
        DataType::Utf8View => Value::Text(array.as_string_view().value(at).to_owned()),
        DataType::Binary => Value::of_bytes(array.as_binary::<i32>().value(at)),
        DataType::LargeBinary => Value::of_bytes(array.as_binary::<i64>().value(at)),
        DataType::BinaryView => Value::of_bytes(array.as_binary_view().value(at)),
        DataType::FixedSizeBinary(_) => Value::of_bytes(array.as_fixed_size_binary().value(at)),
        DataType::Decimal128(..) => {
            Value::Decimal(array.as_primitive::<Decimal128Type>().value_as_string(at))
        }
        DataType::Decimal256(..) => {
            Value::Decimal(array.as_primitive::<Decimal256Type>().value_as_string(at))
        }
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => moment(array, at),
        DataType::Time32(_) | DataType::Time64(_) => time_of_day(array, at),
        _ => nested(array, at),
    }
}

fn moment(array: &dyn Array, at: usize) -> Value {
    match array.data_type() {
        DataType::Date32 => Value::date(i64::from(array.as_primitive::<Date32Type>().value(at))),
        DataType::Timestamp(TimeUnit::Second, _) => {
            Value::since_1970(array.as_primitive::<TimestampSecondType>().value(at), 0)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let since = array.as_primitive::<TimestampMicrosecondType>().value(at);
            Value::parts_since_1970(since, 1_000_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let since = array.as_primitive::<TimestampNanosecondType>().value(at);
            Value::parts_since_1970(since, 1_000_000_000)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            let since = array.as_primitive::<TimestampMillisecondType>().value(at);
            Value::parts_since_1970(since, 1_000)
        }
        _ => Value::parts_since_1970(array.as_primitive::<Date64Type>().value(at), 1_000),
    }
}

fn time_of_day(array: &dyn Array, at: usize) -> Value {
    let (since, parts) = match array.data_type() {
        DataType::Time32(TimeUnit::Second) => {
            (array.as_primitive::<Time32SecondType>().value(at).into(), 1)
        }
        DataType::Time32(_) => (
            array
                .as_primitive::<Time32MillisecondType>()
                .value(at)
                .into(),
            1_000,
        ),
        DataType::Time64(TimeUnit::Microsecond) => (
            array.as_primitive::<Time64MicrosecondType>().value(at),
            1_000_000,
        ),
        _ => (
            array.as_primitive::<Time64NanosecondType>().value(at),
            1_000_000_000,
        ),
    };
    Value::parts_since_midnight(since, parts)
}

fn nested(array: &dyn Array, at: usize) -> Value {
    let list = |elements: &dyn Array| {
        let elements = (0..elements.len()).map(|at| value(elements, at));
        Value::List(elements.collect())
    };
    match array.data_type() {
        DataType::List(_) => list(array.as_list::<i32>().value(at).as_ref()),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(at).as_ref()),
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(at).as_ref()),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let fields = fields.iter().zip(columns);
            Value::Object(
                fields
                    .map(|(field, column)| (field.name().to_owned(), value(column.as_ref(), at)))
                    .collect(),
            )
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(at);
            let entry = |at| {
                let key = value(entries.column(0).as_ref(), at).cell().text;
                (key, value(entries.column(1).as_ref(), at))
            };
            Value::Object((0..entries.len()).map(entry).collect())
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let key = value(dictionary.keys(), at).cell().text.parse::<usize>();
            let values = dictionary.values();
            let known = key.ok().filter(|key| *key < values.len());
            known.map_or(Value::Missing, |key| value(values.as_ref(), key))
        }
        other => {
            Value::Unusable(format!("a value of Arrow's type {other}, which is not read").into())
        }
    }
}

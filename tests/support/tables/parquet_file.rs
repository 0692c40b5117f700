//! A table as a Parquet file.

use std::fmt::Write as _;
use std::sync::Arc;

use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::{Cells, Table};

pub(super) fn written(table: &Table) -> Vec<u8> {
    let mut schema = String::from("message rows {");
    for (name, cells) in &table.columns {
        write!(schema, " {}", declared(name, cells)).expect("writes");
    }
    let schema = parse_message_type(&(schema + " }")).expect("schema");
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).expect("writer");
    let mut group = writer.next_row_group().expect("row group");
    for (_, cells) in &table.columns {
        let mut column = group.next_column().expect("works").expect("a column");
        fill(&mut column, cells);
        column.close().expect("column ends");
    }
    group.close().expect("row group ends");
    writer.close().expect("file ends");
    bytes
}

fn declared(name: &str, cells: &Cells) -> String {
    match cells {
        Cells::Texts(_) => format!("optional binary {name} (UTF8);"),
        Cells::Whole(_) => format!("optional int64 {name};"),
        Cells::Numbers(_) => format!("optional double {name};"),
        Cells::Truths(_) => format!("optional boolean {name};"),
        Cells::Dates(_) => format!("optional int32 {name} (DATE);"),
        Cells::Lists(_) => format!(
            "optional group {name} (LIST) {{ repeated group list {{ optional binary element \
             (UTF8); }} }}"
        ),
    }
}

fn fill(column: &mut SerializedColumnWriter<'_>, cells: &Cells) {
    match cells {
        Cells::Texts(all) => {
            let bytes = |text: &Option<String>| text.as_deref().map(ByteArray::from);
            flat::<ByteArrayType>(column, all.iter().map(bytes));
        }
        Cells::Whole(all) => flat::<Int64Type>(column, all.iter().copied()),
        Cells::Numbers(all) => flat::<DoubleType>(column, all.iter().copied()),
        Cells::Truths(all) => flat::<BoolType>(column, all.iter().copied()),
        Cells::Dates(all) => flat::<Int32Type>(column, all.iter().copied().map(Some)),
        Cells::Lists(all) => lists(column, all),
    }
}

fn flat<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = Option<T::T>>,
) {
    let cells: Vec<Option<T::T>> = cells.collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let filled: Vec<T::T> = cells.into_iter().flatten().collect();
    let typed = column.typed::<T>();
    typed
        .write_batch(&filled, Some(&levels), None)
        .expect("cells");
}

fn lists(column: &mut SerializedColumnWriter<'_>, all: &[Vec<String>]) {
    let (mut values, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
    for list in all {
        for (at, element) in list.iter().enumerate() {
            values.push(ByteArray::from(element.as_str()));
            levels.push(3);
            repeats.push(i16::from(at > 0));
        }
        if list.is_empty() {
            levels.push(1);
            repeats.push(0);
        }
    }
    let typed = column.typed::<ByteArrayType>();
    typed
        .write_batch(&values, Some(&levels), Some(&repeats))
        .expect("lists");
}

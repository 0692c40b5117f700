//! Writes small binary files for the tests: Parquet with the crate's writer,
//! and a spreadsheet.

use std::fmt::Write as _;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::workbook;

type Rows = [(String, &'static str)];

/// A Parquet file with the columns text and label.
pub(crate) fn parquet(rows: &Rows) -> Vec<u8> {
    let schema = "message rows { required binary text (UTF8); required binary label (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).expect("schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("writer");
    let mut group = writer.next_row_group().expect("row group");
    for column in 0..2 {
        let cell = |(text, label): &(String, &str)| match column {
            0 => ByteArray::from(text.as_str()),
            _ => ByteArray::from(*label),
        };
        let cells: Vec<ByteArray> = rows.iter().map(cell).collect();
        let mut column = group.next_column().expect("column").expect("two columns");
        let typed = column.typed::<ByteArrayType>();
        typed.write_batch(&cells, None, None).expect("cells");
        column.close().expect("column ends");
    }
    group.close().expect("row group ends");
    writer.close().expect("file ends");
    bytes
}

/// A spreadsheet with the columns text and label.
pub(crate) fn xlsx(rows: &Rows) -> Vec<u8> {
    let mut sheet = String::new();
    let header = [("text".to_owned(), "label")];
    for (number, (text, label)) in header.iter().chain(rows).enumerate() {
        let row = number + 1;
        let (text, label) = (workbook::inline(text), workbook::inline(label));
        write!(
            sheet,
            "<row r=\"{row}\"><c r=\"A{row}\" {text}</c><c r=\"B{row}\" {label}</c></row>"
        )
        .expect("writes to a string");
    }
    workbook::workbook(&sheet)
}

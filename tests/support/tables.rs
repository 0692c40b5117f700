//! One table in every format that the program reads: what a file of each
//! format looks like that other programs write.

#[path = "tables/columns.rs"]
mod columns;
#[path = "tables/parquet_file.rs"]
mod parquet_file;

use std::fmt::Write as _;
use std::io::Write as _;

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};

use crate::workbook;
pub(crate) use columns::{Cells, workbook_date};

/// The formats that the documentation has a column for, and their suffixes.
pub(crate) const FORMATS: [(&str, &str); 6] = [
    ("CSV", "csv"),
    ("TSV", "tsv"),
    ("JSON Lines", "jsonl"),
    ("Parquet", "parquet"),
    ("Arrow", "arrow"),
    ("xlsx", "xlsx"),
];

/// Columns of one length, each with its name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(String, Cells)>,
}

impl Table {
    pub(crate) fn new<const N: usize>(columns: [(&str, Cells); N]) -> Self {
        let named = |(name, cells): (&str, Cells)| (name.to_owned(), cells);
        Self {
            columns: columns.map(named).into(),
        }
    }

    pub(crate) fn with(mut self, name: &str, cells: Cells) -> Self {
        self.columns.push((name.to_owned(), cells));
        self
    }

    pub(crate) fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// The table in the format of a suffix.
    pub(crate) fn written(&self, suffix: &str) -> Vec<u8> {
        if let Some(inner) = suffix.strip_suffix(".gz") {
            return gzip(&self.written(inner));
        }
        if let Some(inner) = suffix.strip_suffix(".zst") {
            return zstd::stream::encode_all(&self.written(inner)[..], 1).expect("packs");
        }
        match suffix {
            "csv" => self.delimited(b','),
            "tsv" => self.delimited(b'\t'),
            "jsonl" | "ndjson" => self.json_lines(),
            "parquet" => parquet_file::written(self),
            "arrow" => self.arrow_stream(),
            "feather" => self.arrow_file(),
            _ => self.xlsx(),
        }
    }

    fn delimited(&self, delimiter: u8) -> Vec<u8> {
        let mut builder = csv::WriterBuilder::new();
        let mut writer = builder.delimiter(delimiter).from_writer(Vec::new());
        let names = self.columns.iter().map(|(name, _)| name);
        writer.write_record(names).expect("header");
        let columns: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|(_, cells)| cells.printed())
            .collect();
        for row in 0..self.rows() {
            let cells = columns.iter().map(|cells| &cells[row]);
            writer.write_record(cells).expect("row");
        }
        writer.into_inner().expect("bytes")
    }

    fn json_lines(&self) -> Vec<u8> {
        let columns: Vec<(&String, Vec<serde_json::Value>)> = self
            .columns
            .iter()
            .map(|(name, cells)| (name, cells.json()))
            .collect();
        let mut lines = String::new();
        for row in 0..self.rows() {
            // By hand: a name may come twice.
            let fields: Vec<String> = columns
                .iter()
                .map(|(name, cells)| format!("{}: {}", serde_json::json!(name), cells[row]))
                .collect();
            writeln!(lines, "{{{}}}", fields.join(", ")).expect("writes");
        }
        lines.into_bytes()
    }

    fn xlsx(&self) -> Vec<u8> {
        let columns: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|(_, cells)| cells.of_workbook())
            .collect();
        let mut rows = String::new();
        let mut row_of = |row: usize, cells: &[&str]| {
            write!(rows, "<row r=\"{row}\">").expect("writes");
            for (letter, cell) in ('A'..='Z').zip(cells) {
                if !cell.is_empty() {
                    write!(rows, "<c r=\"{letter}{row}\" {cell}</c>").expect("writes");
                }
            }
            rows += "</row>";
        };
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| workbook::inline(name))
            .collect();
        row_of(1, &names.iter().map(String::as_str).collect::<Vec<_>>());
        for row in 0..self.rows() {
            let cells: Vec<&str> = columns.iter().map(|cells| cells[row].as_str()).collect();
            row_of(row + 2, &cells);
        }
        workbook::workbook(&rows)
    }

    fn batch(&self) -> RecordBatch {
        let (fields, arrays): (Vec<_>, Vec<_>) = self
            .columns
            .iter()
            .map(|(name, cells)| {
                let array = cells.arrow();
                let field = arrow_schema::Field::new(name, array.data_type().clone(), true);
                (field, array)
            })
            .unzip();
        // Not from pairs of names and arrays: a name may come twice.
        let schema = arrow_schema::Schema::new(fields);
        RecordBatch::try_new(schema.into(), arrays).expect("a batch")
    }

    fn arrow_stream(&self) -> Vec<u8> {
        let batch = self.batch();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a stream");
        writer.write(&batch).expect("written");
        writer.finish().expect("ends");
        writer.into_inner().expect("bytes")
    }

    fn arrow_file(&self) -> Vec<u8> {
        let batch = self.batch();
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).expect("a file");
        writer.write(&batch).expect("written");
        writer.finish().expect("ends");
        writer.into_inner().expect("bytes")
    }
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(content).expect("writes");
    out.finish().expect("finishes")
}

//! One table of a text and a label, written in every format.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::workbook;

/// The labels of the rows.
#[derive(Debug, Clone)]
pub(crate) enum Labels {
    Texts(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Truths(Vec<Option<bool>>),
    Lists(Vec<Vec<String>>),
}

pub(crate) const FORMATS: [(&str, &str); 6] = [
    ("CSV", "csv"),
    ("TSV", "tsv"),
    ("JSON Lines", "jsonl"),
    ("Parquet", "parquet"),
    ("Arrow", "arrow"),
    ("xlsx", "xlsx"),
];

impl Labels {
    pub(crate) fn len(&self) -> usize {
        match self {
            Labels::Texts(all) => all.len(),
            Labels::Whole(all) => all.len(),
            Labels::Numbers(all) => all.len(),
            Labels::Truths(all) => all.len(),
            Labels::Lists(all) => all.len(),
        }
    }

    /// As JSON has them.
    fn json(&self) -> Vec<serde_json::Value> {
        match self {
            Labels::Texts(all) => all.iter().map(|label| label.clone().into()).collect(),
            Labels::Whole(all) => all.iter().map(|label| (*label).into()).collect(),
            Labels::Numbers(all) => all.iter().map(|label| (*label).into()).collect(),
            Labels::Truths(all) => all.iter().map(|label| (*label).into()).collect(),
            Labels::Lists(all) => all.iter().map(|label| label.clone().into()).collect(),
        }
    }

    /// As a table without types has them.
    fn texts(&self) -> Vec<String> {
        let json = self.json().into_iter();
        json.map(|label| match label {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        })
        .collect()
    }
}

/// The table in a format.
pub(crate) fn written(suffix: &str, texts: &[String], labels: &Labels) -> Vec<u8> {
    match suffix {
        "csv" => delimited(b',', texts, labels),
        "tsv" => delimited(b'\t', texts, labels),
        "jsonl" => json_lines(texts, labels),
        "parquet" => parquet(texts, labels),
        "arrow" => arrow(texts, labels),
        _ => xlsx(texts, labels),
    }
}

fn delimited(delimiter: u8, texts: &[String], labels: &Labels) -> Vec<u8> {
    let mut builder = csv::WriterBuilder::new();
    let mut writer = builder.delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(["text", "label"]).expect("header");
    for (text, label) in texts.iter().zip(labels.texts()) {
        writer.write_record([text, &label]).expect("row");
    }
    writer.into_inner().expect("bytes")
}

fn json_lines(texts: &[String], labels: &Labels) -> Vec<u8> {
    let rows = texts.iter().zip(labels.json());
    let lines = rows.map(|(text, label)| {
        let row = serde_json::json!({ "text": text, "label": label });
        format!("{row}\n")
    });
    lines.collect::<String>().into_bytes()
}

fn xlsx(texts: &[String], labels: &Labels) -> Vec<u8> {
    let label = |label: serde_json::Value| match label {
        serde_json::Value::Null => String::new(),
        serde_json::Value::Bool(truth) => format!("t=\"b\"><v>{}</v>", u8::from(truth)),
        serde_json::Value::Number(number) => format!("><v>{number}</v>"),
        serde_json::Value::String(text) => workbook::inline(&text),
        list => workbook::inline(&list.to_string()),
    };
    let mut rows = String::new();
    let header = (&"text".to_owned(), serde_json::Value::from("label"));
    let all = texts.iter().zip(labels.json());
    for (at, (text, value)) in std::iter::once(header).chain(all).enumerate() {
        let row = at + 1;
        let text = workbook::inline(text);
        write!(rows, "<row r=\"{row}\"><c r=\"A{row}\" {text}</c>").expect("writes");
        match label(value) {
            cell if cell.is_empty() => {}
            cell => write!(rows, "<c r=\"B{row}\" {cell}</c>").expect("writes"),
        }
        rows += "</row>";
    }
    workbook::workbook(&rows)
}

fn arrow(texts: &[String], labels: &Labels) -> Vec<u8> {
    let label: ArrayRef = match labels.clone() {
        Labels::Texts(all) => Arc::new(StringArray::from(all)),
        Labels::Whole(all) => Arc::new(Int64Array::from(all)),
        Labels::Numbers(all) => Arc::new(Float64Array::from(all)),
        Labels::Truths(all) => Arc::new(BooleanArray::from(all)),
        Labels::Lists(all) => {
            let mut lists = ListBuilder::new(StringBuilder::new());
            for list in all {
                lists.append_value(list.into_iter().map(Some));
            }
            Arc::new(lists.finish())
        }
    };
    let text: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
    let batch = RecordBatch::try_from_iter([("text", text), ("label", label)]).expect("a batch");
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a stream");
    writer.write(&batch).expect("written");
    writer.into_inner().expect("bytes")
}

fn parquet(texts: &[String], labels: &Labels) -> Vec<u8> {
    let label = match labels {
        Labels::Texts(_) => "optional binary label (UTF8);",
        Labels::Whole(_) => "optional int64 label;",
        Labels::Numbers(_) => "optional double label;",
        Labels::Truths(_) => "optional boolean label;",
        Labels::Lists(_) => {
            "optional group label (LIST) { repeated group list { optional binary element (UTF8); } }"
        }
    };
    let schema = format!("message rows {{ required binary text (UTF8); {label} }}");
    let schema = Arc::new(parse_message_type(&schema).expect("schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("writer");
    let mut group = writer.next_row_group().expect("row group");
    let mut column = group.next_column().expect("column").expect("text");
    let cells: Vec<ByteArray> = texts.iter().map(|text| text.as_str().into()).collect();
    let typed = column.typed::<ByteArrayType>();
    typed.write_batch(&cells, None, None).expect("texts");
    column.close().expect("column ends");
    let mut column = group.next_column().expect("column").expect("label");
    macro_rules! filled {
        ($all:expr, $kind:ty) => {{
            let levels: Vec<i16> = $all
                .iter()
                .map(|label| i16::from(label.is_some()))
                .collect();
            let filled: Vec<_> = $all.iter().flatten().cloned().collect();
            let typed = column.typed::<$kind>();
            typed
                .write_batch(&filled, Some(&levels), None)
                .expect("labels");
        }};
    }
    match labels {
        Labels::Texts(all) => {
            let all: Vec<Option<ByteArray>> = all
                .iter()
                .map(|label| label.as_deref().map(ByteArray::from))
                .collect();
            filled!(all, ByteArrayType);
        }
        Labels::Whole(all) => filled!(all, Int64Type),
        Labels::Numbers(all) => filled!(all, DoubleType),
        Labels::Truths(all) => filled!(all, BoolType),
        Labels::Lists(all) => {
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
    }
    column.close().expect("column ends");
    group.close().expect("row group ends");
    writer.close().expect("file ends");
    bytes
}

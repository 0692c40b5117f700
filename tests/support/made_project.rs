//! A made-up project of any size: a black box's predictions and embeddings
//! from a seeded generator, for measuring what large data cost.
//!
//! Each class has a direction of its own in the space of embeddings. Some rows
//! are about one of a few things that the black box mistakes, whatever their
//! class: these are the blind spots to be found.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blindspot::support::rng;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, FloatType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use rand::Rng as _;

/// Things that the black box mistakes.
pub(crate) const TOPICS: usize = 24;
/// One row in this many is about one of them.
const TOPIC_ONE_IN: usize = 16;
/// Rows of a row group of the predictions' file.
const GROUP: usize = 4096;

/// How large it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Rows of all roles.
    pub rows: usize,
    /// Labels.
    pub classes: usize,
    /// Numbers of an embedding.
    pub width: usize,
}

/// Writes `project.toml` and the data, and gives the file of predictions that
/// is to be imported.
pub(crate) fn write(folder: &Path, size: Size) -> PathBuf {
    let labels: Vec<String> = (0..size.classes)
        .map(|n| format!("\"class {n}\""))
        .collect();
    let manifest = format!(
        "name = \"Made up\"\nlabels = [{}]\n\n[data]\nfiles = [{{ path = \"rows.csv\" }}]\n\n\
         [model]\nbase = \"predictions\"\n",
        labels.join(", ")
    );
    std::fs::write(folder.join("project.toml"), manifest).expect("writes");
    let mut made = Maker::new(size);
    let rows: Vec<Row> = (0..size.rows).map(|number| made.row(number)).collect();
    let data = File::create(folder.join("rows.csv")).expect("creates");
    let mut data = std::io::BufWriter::new(data);
    writeln!(data, "id,text,label,role").expect("writes");
    for (number, row) in rows.iter().enumerate() {
        let (text, label, role) = (row.text(number), row.truth, row.role);
        writeln!(data, "row-{number},{text},class {label},{role}").expect("writes");
    }
    data.flush().expect("writes");
    let path = folder.join("predictions.parquet");
    predictions(&path, size, &rows, &mut made);
    path
}

/// What a row is about, and what the black box says.
struct Row {
    truth: usize,
    said: usize,
    topic: Option<usize>,
    role: &'static str,
}

impl Row {
    fn text(&self, number: usize) -> String {
        let topic = self.topic.map_or_else(
            || format!("plain{}", number % 97),
            |topic| format!("topic{topic} about{topic}"),
        );
        format!(
            "text {number} of kind{} with {topic} and word{} word{}",
            self.truth,
            number % 1013,
            number % 911
        )
    }
}

struct Maker {
    rng: rng::Rng,
    size: Size,
    classes: Vec<Vec<f32>>,
    topics: Vec<Vec<f32>>,
}

impl Maker {
    fn new(size: Size) -> Self {
        let mut rng = rng::seeded(11, "made project");
        let mut directions = |count: usize| -> Vec<Vec<f32>> {
            let mut direction = || (0..size.width).map(|_| rng.gen_range(-1.0..1.0)).collect();
            (0..count).map(|_| direction()).collect()
        };
        let (classes, topics) = (directions(size.classes), directions(TOPICS));
        Self {
            rng,
            size,
            classes,
            topics,
        }
    }

    fn row(&mut self, number: usize) -> Row {
        let truth = number % self.size.classes;
        let about = self.rng.gen_range(0..TOPIC_ONE_IN) == 0;
        let topic = about.then(|| self.rng.gen_range(0..TOPICS));
        let is_wrong = topic.is_some() || self.rng.gen_range(0..50) == 0;
        let other = self.rng.gen_range(1..self.size.classes);
        Row {
            truth,
            said: if is_wrong {
                (truth + other) % self.size.classes
            } else {
                truth
            },
            topic,
            role: [
                "discovery",
                "discovery",
                "discovery",
                "validation",
                "check",
                "final",
            ][self.rng.gen_range(0..6)],
        }
    }

    fn embedding(&mut self, row: &Row) -> Vec<f32> {
        let class = &self.classes[row.truth];
        let topic = row.topic.map(|topic| &self.topics[topic]);
        let rng = &mut self.rng;
        let value = |axis: usize| {
            let about = topic.map_or(0.0, |topic| 1.5 * topic[axis]);
            class[axis] + about + rng.gen_range(-0.8..0.8)
        };
        (0..self.size.width).map(value).collect()
    }

    /// Probabilities that sum to 1, nine in ten confident.
    fn probabilities(&mut self, row: &Row) -> Vec<f32> {
        let sure = self.rng.gen_range(0..10) > 0;
        let top: f32 = if sure {
            self.rng.gen_range(0.91..0.999)
        } else {
            self.rng.gen_range(0.5..0.9)
        };
        let rest = (1.0 - top) / (self.size.classes - 1) as f32;
        let of = |label: usize| if label == row.said { top } else { rest };
        (0..self.size.classes).map(of).collect()
    }
}

fn predictions(path: &Path, size: Size, rows: &[Row], made: &mut Maker) {
    let column = |name: String, of: Physical, logical: Option<LogicalType>| {
        let column = Type::primitive_type_builder(&name, of).with_logical_type(logical);
        let column = column.with_repetition(Repetition::REQUIRED).build();
        Arc::new(column.expect("a column"))
    };
    let mut fields = vec![column(
        "id".into(),
        Physical::BYTE_ARRAY,
        Some(LogicalType::String),
    )];
    let labels = (0..size.classes).map(|label| format!("p_class {label}"));
    let numbers = labels.chain((0..size.width).map(|axis| format!("embedding_{axis}")));
    fields.extend(numbers.map(|name| column(name, Physical::FLOAT, None)));
    let schema = Type::group_type_builder("rows").with_fields(fields).build();
    let file = File::create(path).expect("creates");
    let properties = Arc::new(
        WriterProperties::builder()
            .set_dictionary_enabled(false)
            .build(),
    );
    let schema = Arc::new(schema.expect("a schema"));
    let mut writer = SerializedFileWriter::new(file, schema, properties).expect("starts");
    for (group, rows) in rows.chunks(GROUP).enumerate() {
        let ids = (0..rows.len()).map(|row| format!("row-{}", group * GROUP + row));
        let ids: Vec<ByteArray> = ids.map(|id| ByteArray::from(id.as_str())).collect();
        let values: Vec<Vec<f32>> = (rows.iter())
            .map(|row| [made.probabilities(row), made.embedding(row)].concat())
            .collect();
        let mut out = writer.next_row_group().expect("a group");
        let mut first = out.next_column().expect("a column").expect("the ids");
        let column = first.typed::<ByteArrayType>();
        column.write_batch(&ids, None, None).expect("writes");
        first.close().expect("closes");
        for position in 0..size.classes + size.width {
            let column: Vec<f32> = values.iter().map(|row| row[position]).collect();
            let mut next = out.next_column().expect("a column").expect("numbers");
            let typed = next.typed::<FloatType>();
            typed.write_batch(&column, None, None).expect("writes");
            next.close().expect("closes");
        }
        out.close().expect("closes");
    }
    writer.close().expect("closes");
}

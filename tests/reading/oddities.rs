//! Oddities that people meet with files of their own, in every format: each is
//! read as it was meant, or told, or refused; none is read otherwise in
//! silence.

#[path = "oddities/dialects.rs"]
mod dialects;
#[path = "oddities/encodings.rs"]
mod encodings;
#[path = "oddities/values.rs"]
mod values;
#[path = "oddities/workbooks.rs"]
mod workbooks;

use std::collections::BTreeMap;

use blindspot::dataset::Loaded;
use blindspot::records::Role;
use blindspot::support::Error;

use crate::tables::{Cells, FORMATS, Table};
use crate::{helps, is_documented, load_beside};

/// What an outcome begins with that no file may have.
const WRONG: &str = "wrong in silence: ";

/// Rows of a data set.
const ROWS: usize = 60;

/// A file with an oddity, and what it means.
struct Given {
    bytes: Vec<u8>,
    toml: &'static str,
    beside: Vec<(&'static str, String)>,
    meant: BTreeMap<String, Row>,
}

/// A row as it is meant; its role only where that is given.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    text: String,
    label: String,
    role: Option<Role>,
}

/// How an oddity is written in a format; nothing where the format has none such.
type Written = Box<dyn Fn(&str) -> Option<Given>>;

/// The plain rows that the oddities are made of.
#[derive(Debug, Clone)]
struct Plain {
    texts: Vec<String>,
    labels: [&'static str; 2],
}

impl Plain {
    fn english() -> Self {
        let text = |row| format!("The ferry number {row}, which was late");
        Self {
            texts: (0..ROWS).map(text).collect(),
            labels: ["good", "bad"],
        }
    }

    fn role(row: usize) -> Role {
        Role::ALL[row / 2 % Role::ALL.len()]
    }

    fn ids() -> impl Iterator<Item = String> {
        (0..ROWS).map(|row| format!("r{row}"))
    }

    fn label(&self, row: usize) -> &'static str {
        self.labels[row % 2]
    }

    /// The columns id, text, label and role.
    fn table(&self) -> Table {
        Table::new([
            ("id", Cells::texts(Self::ids())),
            ("text", Cells::texts(&self.texts)),
            ("label", Cells::texts((0..ROWS).map(|row| self.label(row)))),
            (
                "role",
                Cells::texts((0..ROWS).map(|row| Self::role(row).name())),
            ),
        ])
    }

    fn meant(&self) -> BTreeMap<String, Row> {
        let row = |(row, id): (usize, String)| {
            let meant = Row {
                text: self.texts[row].clone(),
                label: self.label(row).to_owned(),
                role: Some(Self::role(row)),
            };
            (id, meant)
        };
        Self::ids().enumerate().map(row).collect()
    }

    /// These rows in some bytes.
    fn given(&self, bytes: Vec<u8>) -> Given {
        Given {
            bytes,
            toml: "",
            beside: Vec::new(),
            meant: self.meant(),
        }
    }
}

impl Given {
    fn with(mut self, toml: &'static str) -> Self {
        self.toml = toml;
        self
    }

    /// What comes of reading it, in a few words.
    fn outcome(&self, suffix: &str) -> String {
        match load_beside(suffix, &self.bytes, self.toml, &self.beside) {
            Err(error) => refused(&error),
            Ok(loaded) => self.read(&loaded),
        }
    }

    fn read(&self, loaded: &Loaded) -> String {
        if let Some(what) = self.wrong(loaded) {
            return format!("{WRONG}{what}");
        }
        let report = &loaded.report;
        let left_out = self.meant.len() - loaded.dataset.examples.len();
        let told = !report.doubts.is_empty() || !report.spellings.is_empty();
        let noted = report
            .files
            .iter()
            .any(|file| !file.layout.notes.is_empty());
        match (left_out, told, noted) {
            (0, true, _) => "read, told".to_owned(),
            (0, false, true) => "read, noted".to_owned(),
            (0, false, false) => "read".to_owned(),
            (count, ..) => format!("{count} left out, told"),
        }
    }

    /// What is read otherwise than it is meant.
    fn wrong(&self, loaded: &Loaded) -> Option<String> {
        let dataset = &loaded.dataset;
        for example in &dataset.examples {
            let Some(meant) = self.meant.get(&example.key.0) else {
                return Some(format!("no row has the id `{}`", example.key));
            };
            let text = example.text().map(|text| text.first.as_str());
            let label = dataset.label_name(example.label);
            let is_meant = text.is_none_or(|text| text == meant.text)
                && label == meant.label
                && meant.role.is_none_or(|role| role == example.role);
            if !is_meant {
                return Some(format!("{text:?}, {label}, {} for {meant:?}", example.role));
            }
        }
        let gone = self.meant.len() - dataset.examples.len();
        let skipped: usize = loaded.report.skipped_counts.values().sum();
        (gone != skipped).then(|| format!("{gone} rows are gone, {skipped} are told"))
    }
}

fn refused(error: &Error) -> String {
    helps(error);
    "refused".to_owned()
}

#[test]
fn no_oddity_of_any_format_is_wrong_in_silence_as_the_documentation_says() {
    let all = values::all()
        .into_iter()
        .chain(encodings::all())
        .chain(dialects::all())
        .chain(workbooks::all());
    let rows: Vec<_> = all
        .map(|(kind, written)| {
            let outcome = |suffix| written(suffix).map(|given| given.outcome(suffix));
            let outcomes = FORMATS.map(|(_, suffix)| outcome(suffix).unwrap_or_else(|| "–".into()));
            (kind, outcomes)
        })
        .collect();
    for (kind, outcomes) in &rows {
        let wrong = outcomes.iter().find(|outcome| outcome.starts_with(WRONG));
        assert!(wrong.is_none(), "{kind}: {outcomes:?}");
    }
    is_documented("oddity", &rows);
}

//! A data set of any texts, labels, ids, roles, groups, sources and pairs comes
//! out of every format as it went in.

use std::collections::{BTreeMap, BTreeSet};

use blindspot::dataset::{self, Dataset, Loaded};
use blindspot::export::labelled::{Column, DatasetsFolder, Row, What};
use blindspot::records::{Manifest, Role};
use blindspot::support::Progress;
use proptest::prelude::*;

use crate::load;
use crate::tables::{Cells, FORMATS, Table};

/// Other ways of writing one of the formats.
const PACKED: [&str; 6] = [
    "csv.gz",
    "tsv.zst",
    "jsonl.gz",
    "jsonl.zst",
    "feather",
    "ndjson",
];

/// What a data set holds, as it was meant.
#[derive(Debug, Clone)]
struct Meant {
    texts: Vec<String>,
    seconds: Option<Vec<String>>,
    labels: Labels,
    ids: Option<Ids>,
    /// Each group keeps within its role; `None`: the row is in no group.
    groups: Option<Vec<Option<u8>>>,
    sources: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
enum Labels {
    Names(Vec<String>),
    Whole(Vec<i64>),
    Halves(Vec<i64>),
    Truths,
}

#[derive(Debug, Clone)]
enum Ids {
    Texts(String),
    Whole(i64),
    Padded,
    Floats,
}

/// Pieces that some format, dialect or program gives a meaning of its own.
const PIECES: [&str; 43] = [
    "=1+1",
    "+49 30",
    "-5",
    "@me",
    "'",
    "''",
    "'=x",
    "\"",
    "\"\"",
    "\\\"",
    "\\",
    "\\n",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    ",",
    ";",
    "|",
    ", \"",
    "\",",
    "#",
    "# no",
    "sep=;",
    "NaN",
    "null",
    "None",
    "1.0",
    "1e5",
    "1,000",
    "2026-01-02",
    "TRUE",
    "\u{200b}",
    "e\u{301}",
    "é",
    "🙂👍🏽",
    "שלום",
    "日本",
    "_x0041_",
    "&amp;",
    "<b>",
    "[1, 2]",
    "{\"a\": 1}",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Zà-žа-я ]{1,12}",
        2 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => "\\PC{1,8}",
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

fn meant() -> impl Strategy<Value = Meant> {
    (48..72_usize).prop_flat_map(|rows| {
        let all = || prop::collection::vec(text(), rows);
        let groups = prop::collection::vec(prop::option::of(0..3_u8), rows);
        let sources = prop::sample::select(vec!["film", "tweets; short", "=x", "7"]);
        let sources = prop::collection::vec(sources.prop_map(str::to_owned), rows);
        (
            all(),
            prop::option::of(all()),
            labels(),
            prop::option::of(ids()),
            prop::option::of(groups),
            prop::option::of(sources),
        )
            .prop_map(|(texts, seconds, labels, ids, groups, sources)| Meant {
                texts: numbered(texts),
                seconds: seconds.map(numbered),
                labels,
                ids,
                groups,
                sources,
            })
    })
}

/// Distinct, so that none is another's copy, and with ends that nobody trims.
fn numbered(texts: Vec<String>) -> Vec<String> {
    let number = |(row, text): (usize, String)| match row % 2 {
        0 => format!("{text} number {row}.").trim_start().to_owned(),
        _ => format!("Number {row}: {text}."),
    };
    texts.into_iter().enumerate().map(number).collect()
}

fn labels() -> impl Strategy<Value = Labels> {
    let names = prop::collection::btree_set("[a-zà-ž日本][a-zà-ž日本 _/+#=-]{0,8}[a-z]", 2..5);
    let numbers = || prop::collection::btree_set(-3..12_i64, 2..5);
    let of = |numbers: BTreeSet<i64>| numbers.into_iter().collect();
    prop_oneof![
        names.prop_map(|names| Labels::Names(names.into_iter().collect())),
        numbers().prop_map(move |numbers| Labels::Whole(of(numbers))),
        numbers().prop_map(move |numbers| Labels::Halves(of(numbers))),
        Just(Labels::Truths),
    ]
}

fn ids() -> impl Strategy<Value = Ids> {
    prop_oneof![
        prop::sample::select(&PIECES[..]).prop_map(|piece| Ids::Texts(piece.to_owned())),
        (-9_000_000_000_000_000..9_000_000_000_000_000_i64).prop_map(Ids::Whole),
        Just(Ids::Padded),
        Just(Ids::Floats),
    ]
}

impl Labels {
    fn cells(&self, rows: usize) -> Cells {
        let in_turn = 0..rows;
        match self {
            Labels::Names(names) => Cells::texts(in_turn.map(|row| &names[row % names.len()])),
            Labels::Whole(all) => {
                Cells::Whole(in_turn.map(|row| Some(all[row % all.len()])).collect())
            }
            Labels::Halves(all) => {
                let half = |row: usize| Some(all[row % all.len()] as f64 / 2.0);
                Cells::Numbers(in_turn.map(half).collect())
            }
            Labels::Truths => Cells::Truths(in_turn.map(|row| Some(row % 2 == 0)).collect()),
        }
    }

    /// The name of a row's label.
    fn name(&self, row: usize) -> String {
        match self {
            Labels::Names(names) => names[row % names.len()].clone(),
            Labels::Whole(all) => all[row % all.len()].to_string(),
            Labels::Halves(all) if all.iter().all(|number| number % 2 == 0) => {
                (all[row % all.len()] / 2).to_string()
            }
            Labels::Halves(all) => format!("{:?}", all[row % all.len()] as f64 / 2.0),
            Labels::Truths => row.is_multiple_of(2).to_string(),
        }
    }
}

impl Ids {
    fn cells(&self, rows: usize) -> Cells {
        match self {
            Ids::Texts(_) | Ids::Padded => Cells::texts((0..rows).map(|row| self.name(row))),
            Ids::Whole(first) => {
                Cells::Whole((0..rows).map(|row| Some(first + row as i64)).collect())
            }
            Ids::Floats => Cells::Numbers((0..rows).map(|row| Some(row as f64)).collect()),
        }
    }

    fn name(&self, row: usize) -> String {
        match self {
            Ids::Texts(piece) => format!("{row}{piece}x{row}"),
            Ids::Padded => format!("{row:06}"),
            Ids::Whole(first) => (first + row as i64).to_string(),
            Ids::Floats => row.to_string(),
        }
    }
}

impl Meant {
    fn role(row: usize) -> Role {
        Role::ALL[row / 4 % Role::ALL.len()]
    }

    /// A group that no other role has.
    fn group(&self, row: usize) -> Option<String> {
        let group = self.groups.as_ref()?[row]?;
        Some(format!("{}-{group}", Self::role(row)))
    }

    fn table(&self) -> Table {
        let rows = self.texts.len();
        let mut table = Table::new([("text", Cells::texts(&self.texts))])
            .with("label", self.labels.cells(rows))
            .with(
                "role",
                Cells::texts((0..rows).map(|row| Self::role(row).name())),
            );
        if let Some(seconds) = &self.seconds {
            table = table.with("text_b", Cells::texts(seconds));
        }
        if let Some(ids) = &self.ids {
            table = table.with("id", ids.cells(rows));
        }
        if self.groups.is_some() {
            let groups = (0..rows).map(|row| self.group(row));
            table = table.with("group", Cells::Texts(groups.collect()));
        }
        if let Some(sources) = &self.sources {
            table = table.with("source", Cells::texts(sources));
        }
        table
    }

    /// Asserts that a data set is this one.
    fn is_in(&self, loaded: &Loaded, suffix: &str) -> Result<(), TestCaseError> {
        let dataset = &loaded.dataset;
        prop_assert_eq!(dataset.examples.len(), self.texts.len(), "{}", suffix);
        let mut groups: BTreeMap<String, u32> = BTreeMap::new();
        for (row, example) in dataset.examples.iter().enumerate() {
            prop_assert_eq!(example.role, Self::role(row), "{}", suffix);
            if let Some(text) = example.text() {
                prop_assert_eq!(&text.first, &self.texts[row], "{}", suffix);
                let second = self.seconds.as_ref().map(|all| &all[row]);
                prop_assert_eq!(text.second.as_ref(), second, "{}", suffix);
            }
            prop_assert_eq!(
                dataset.label_name(example.label),
                self.labels.name(row),
                "{}",
                suffix
            );
            if let Some(ids) = &self.ids {
                prop_assert_eq!(&example.key.0, &ids.name(row), "{}", suffix);
            }
            if let Some(sources) = &self.sources {
                let source = &dataset.sources[usize::from(example.source)];
                prop_assert_eq!(source, &sources[row], "{}", suffix);
            }
            if let Some(group) = self.group(row) {
                let known = *groups.entry(group).or_insert(example.group);
                prop_assert_eq!(known, example.group, "{}", suffix);
            }
        }
        let distinct: BTreeSet<u32> = groups.values().copied().collect();
        prop_assert_eq!(distinct.len(), groups.len(), "{}", suffix);
        Ok(())
    }
}

/// What reading gave, handed on for `datasets` and read as a new project.
fn handed_on(loaded: &Loaded) -> Loaded {
    let dataset = &loaded.dataset;
    let mut columns = vec![
        Column::new("id", What::Id),
        Column::new("text", What::Text),
        Column::new("text_b", What::Text),
        Column::new("label", What::Label(dataset.labels.clone())),
        Column::new("role", What::Note),
        Column::new("source", What::Note),
        Column::new("group", What::Note),
    ];
    if !dataset.has_pairs() {
        columns.remove(2);
    }
    let visible = dataset.examples.iter().filter_map(|example| {
        let text = example.text()?;
        let mut row: Row = vec![example.key.0.as_str().into(), text.first.as_str().into()];
        if dataset.has_pairs() {
            row.push(text.second.as_deref().into());
        }
        row.extend([
            dataset.label_name(example.label).into(),
            example.role.name().into(),
            dataset.sources[usize::from(example.source)].as_str().into(),
            format!("group {}", example.group).into(),
        ]);
        Some(row)
    });
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut sets = DatasetsFolder::begin(&folder.path().join("sets"), &columns).expect("begins");
    sets.split("all", visible).expect("writes");
    sets.finish().expect("finishes");
    // Of the sealed rows nothing is handed on.
    let toml = "teaching_only = true\n[data]\nfiles = [{ path = \"sets/all/data-00000-of-00001.arrow\" }]\n";
    let manifest = Manifest::parse(toml, "project.toml").expect("parses");
    dataset::load(&manifest, folder.path(), &Progress::silent()).expect("reads")
}

/// Asserts that what was handed on is what was read, but for sealed rows.
fn is_handed_on(loaded: &Loaded) -> Result<(), TestCaseError> {
    let (before, after) = (&loaded.dataset, handed_on(loaded).dataset);
    prop_assert_eq!(&before.labels, &after.labels);
    let visible: Vec<_> = before
        .examples
        .iter()
        .filter(|example| example.text().is_some())
        .collect();
    prop_assert_eq!(visible.len(), after.examples.len());
    let mut groups = BTreeMap::new();
    for (one, other) in visible.into_iter().zip(&after.examples) {
        prop_assert_eq!(one.text(), other.text());
        prop_assert_eq!(&one.key, &other.key);
        prop_assert_eq!((one.label, one.role), (other.label, other.role));
        let source = |dataset: &Dataset, number: u16| dataset.sources[usize::from(number)].clone();
        prop_assert_eq!(source(before, one.source), source(&after, other.source));
        prop_assert_eq!(*groups.entry(one.group).or_insert(other.group), other.group);
    }
    Ok(())
}

/// Reads data sets out of every format.
fn tried(cases: u32) {
    let mut runner = prop::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let suffixes = FORMATS.map(|(_, suffix)| suffix);
    let read = runner.run(&meant(), |meant| {
        let table = meant.table();
        for suffix in suffixes.into_iter().chain(PACKED) {
            let loaded = load(suffix, &table.written(suffix), "");
            let loaded =
                loaded.map_err(|error| TestCaseError::fail(format!("{suffix}: {error}")))?;
            meant.is_in(&loaded, suffix)?;
            if suffix == "jsonl" {
                is_handed_on(&loaded)?;
            }
        }
        Ok(())
    });
    read.expect("every data set comes out as it went in");
}

#[test]
fn data_sets_come_out_of_every_format_as_they_went_in() {
    tried(24);
}

#[test]
#[ignore = "minutes: cargo test --release --test reading -- --ignored"]
fn two_thousand_data_sets_come_out_of_every_format_as_they_went_in() {
    tried(2_000);
}

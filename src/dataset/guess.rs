//! What a file seems to hold, for the dialog that makes a new project: by the
//! names of its columns, and where those say nothing, by what is in them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::columns::{self, Part};
use super::table::{self, Layout, RowRead};
use crate::records::{ColumnNames, DataSpec, Role};
use crate::support::{Progress, Result};

/// Rows that are looked at for what the columns hold.
const SAMPLE_ROWS: usize = 400;
/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;
/// Mean number of words from which a column may hold texts.
const LEAST_WORDS: f64 = 3.0;
/// How often a value of a label column occurs on average at least.
const LEAST_REPEATS: usize = 3;
/// Letters that a label has at most.
const LONGEST_LABEL: usize = 60;

/// Values of a column that are told at most.
const FEW_VALUES: usize = 12;

/// A column of a file and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The part that it seems to play.
    #[serde(skip)]
    pub part: Option<Part>,
    /// Whether its contents rather than its name say so.
    pub by_content: bool,
    /// Its values, if there are few: what a role column calls the roles.
    #[serde(skip)]
    pub values: Vec<String>,
}

/// A first look at a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// Format, delimiter and encoding.
    pub layout: Layout,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The first rows; each has a cell for every column.
    pub preview: Vec<Vec<String>>,
}

impl Guess {
    /// The column names to write into project.toml.
    pub fn column_names(&self) -> ColumnNames {
        let name = |part| {
            let column = self.columns.iter().find(|column| column.part == Some(part));
            column.map(|column| column.name.clone())
        };
        ColumnNames {
            text: name(Part::Text),
            text_b: name(Part::TextB),
            label: name(Part::Label),
            source: name(Part::Source),
            group: name(Part::Group),
            id: name(Part::Id),
            role: name(Part::Role),
        }
    }
}

/// Looks at a file and shows its first `rows` rows. `spec` may name delimiter,
/// encoding and columns; what it leaves open is recognised.
///
/// Rows that a role column seals are not shown.
///
/// # Errors
/// When the file cannot be read.
pub fn guess(path: &Path, spec: &DataSpec, rows: usize, progress: &Progress) -> Result<Guess> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let (mut table, mut layout) = table::open(path, &name, spec, progress)?;
    let assignment = columns::recognise(&layout.columns, &spec.columns.or(&layout.suggested));
    layout.doubts.extend(assignment.odd_names().iter().cloned());
    let mut contents = vec![Contents::default(); layout.columns.len()];
    let mut preview = Vec::new();
    let role = assignment.of(Part::Role);
    let mut looked_at = 0;
    // Beyond the sample only roles are looked for: a sealed part of the data
    // may come last.
    while looked_at < SAMPLE_ROWS || role.is_some() {
        let Some(step) = table.advance()? else {
            break;
        };
        looked_at += 1;
        if looked_at.is_multiple_of(CHECK_EVERY) {
            progress.check()?;
        }
        if matches!(step, RowRead::Broken(..)) {
            continue;
        }
        if looked_at > SAMPLE_ROWS {
            if let Some(column) = role {
                contents[column].add(table.cell(column));
            }
            continue;
        }
        for (column, seen) in contents.iter_mut().enumerate() {
            seen.add(table.cell(column));
        }
        let named = role.map(|column| table.cell(column));
        let sealed = named.and_then(Role::from_name) == Some(Role::Final);
        if preview.len() < rows && !sealed {
            let cells = (0..contents.len()).map(|column| table.cell(column).to_owned());
            preview.push(cells.collect());
        }
    }
    let named = layout.columns.iter().enumerate();
    let mut columns: Vec<Column> = named
        .zip(&contents)
        .map(|((at, name), seen)| Column {
            name: name.clone(),
            part: assignment.part_of(at),
            by_content: false,
            values: match seen.values.len() {
                0..=FEW_VALUES => seen.values.keys().cloned().collect(),
                _ => Vec::new(),
            },
        })
        .collect();
    for (part, suits) in [
        (
            Part::Text,
            Contents::suits_text as fn(&Contents) -> Option<f64>,
        ),
        (Part::Label, Contents::suits_label),
    ] {
        assign_by_content(part, suits, &contents, &mut columns);
    }
    Ok(Guess {
        columns,
        layout,
        preview,
    })
}

/// Gives a part that no name suggests to the free column that suits it best;
/// the first of equals.
fn assign_by_content(
    part: Part,
    suits: impl Fn(&Contents) -> Option<f64>,
    contents: &[Contents],
    columns: &mut [Column],
) {
    if columns.iter().any(|column| column.part == Some(part)) {
        return;
    }
    let mut best: Option<(f64, &mut Column)> = None;
    for (column, seen) in columns.iter_mut().zip(contents) {
        if column.part.is_some() {
            continue;
        }
        if let Some(how_well) = suits(seen)
            && best.as_ref().is_none_or(|(most, _)| how_well > *most)
        {
            best = Some((how_well, column));
        }
    }
    if let Some((_, column)) = best {
        column.part = Some(part);
        column.by_content = true;
    }
}

/// What the first cells of a column hold.
#[derive(Debug, Clone, Default)]
struct Contents {
    /// Cells that are not empty.
    filled: usize,
    words: usize,
    longest: usize,
    numbers: usize,
    /// How often each value occurs.
    values: BTreeMap<String, usize>,
}

impl Contents {
    fn add(&mut self, cell: &str) {
        let cell = cell.trim();
        if cell.is_empty() {
            return;
        }
        self.filled += 1;
        // A column with so many values plays no part that these decide.
        let few = self.values.len() <= SAMPLE_ROWS;
        self.words += cell.split_whitespace().count();
        self.longest = self.longest.max(cell.chars().count());
        // Dates, times and prices count as numbers too: no label has digits
        // and signs only.
        self.numbers += usize::from(!cell.contains(char::is_alphabetic));
        if few {
            *self.values.entry(cell.to_owned()).or_default() += 1;
        }
    }

    /// Texts have several words and seldom repeat: the longer the likelier.
    fn suits_text(&self) -> Option<f64> {
        let mean = self.words as f64 / self.filled.max(1) as f64;
        let distinct = self.values.len() * 2 > self.filled;
        (mean >= LEAST_WORDS && distinct).then_some(mean)
    }

    /// Labels are short and repeat; of several such columns the one that
    /// tells most about a row (its entropy is largest). Numbers may be
    /// labels too, but names come first.
    fn suits_label(&self) -> Option<f64> {
        let repeats = self.values.len() >= 2 && self.values.len() * LEAST_REPEATS <= self.filled;
        if !repeats || self.longest > LONGEST_LABEL {
            return None;
        }
        let filled = self.filled as f64;
        let entropy = self.values.values().map(|&count| {
            let share = count as f64 / filled;
            -share * share.ln()
        });
        let names = self.numbers * 2 < self.filled;
        Some(entropy.sum::<f64>() + if names { filled.ln() } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &str) -> ColumnNames {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("x.csv");
        std::fs::write(&path, content).expect("writes");
        let found = guess(&path, &DataSpec::default(), 5, &Progress::silent());
        found.expect("guesses").column_names()
    }

    #[test]
    fn unknown_headers_are_guessed_from_what_is_below_them() {
        let rows: String = (0..90)
            .map(|i| {
                let (ort, urgent) = (["Nord", "Süd", "West"][i % 3], ["ja", "nein"][i % 2]);
                format!(
                    "2026-01-{:02};Zeile {i} klagt über Lärm;{urgent};{ort}\n",
                    i % 28 + 1
                )
            })
            .collect();
        let names = of(&format!("Eingang;Wortlaut;Eilt;Amt\n{rows}"));
        assert_eq!(names.text.as_deref(), Some("Wortlaut"));
        assert_eq!(names.label.as_deref(), Some("Amt"));
    }

    #[test]
    fn roles_are_known_however_late_they_come() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("x.csv");
        let role = |row| if row < 5_000 { "train" } else { "final" };
        let rows: String = (0..5_010)
            .map(|row| format!("text {row},a,{}\n", role(row)))
            .collect();
        std::fs::write(&path, format!("text,label,role\n{rows}")).expect("writes");
        let found = guess(&path, &DataSpec::default(), 5, &Progress::silent()).expect("guesses");
        assert_eq!(found.columns[2].values, ["final", "train"]);
    }

    #[test]
    fn sealed_rows_are_not_shown() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("x.csv");
        let rows = "text,label,role\nopen,a,train\nsecret,b,final\nfree,a,check\n";
        std::fs::write(&path, rows).expect("writes");
        let found = guess(&path, &DataSpec::default(), 5, &Progress::silent()).expect("guesses");
        let texts: Vec<&str> = found.preview.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(texts, ["open", "free"]);
    }

    #[test]
    fn names_win_over_contents_and_nothing_is_guessed_of_numbers_alone() {
        let rows: String = (0..30)
            .map(|i| format!("a long remark number {i} on it,{},x{}\n", i % 2, i % 3))
            .collect();
        let names = of(&format!("remark,label,other\n{rows}"));
        assert_eq!(names.label.as_deref(), Some("label"));
        let unique: String = (0..30).map(|i| format!("{i},{}\n", i * 7)).collect();
        let names = of(&format!("a,b\n{unique}"));
        assert_eq!((names.text, names.label), (None, None));
    }
}

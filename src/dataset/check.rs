//! What `blindspot check` says about a data set: counts, balance, lengths,
//! duplicates, over-long rows, encoding trouble. It names files and rows and
//! shows no text.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::as_read::{Alike, AsRead, OtherLanguage, UnknownWords, Unseen};
use super::keys::TextHashes;
use super::report::{NAMED_ROWS, ReadReport, rows};
use super::wrapped::Wrapping;
use super::{Dataset, Example, keys, odd_texts};
use crate::records::{Role, Text};
use crate::support::text::{agreeing, many};
use crate::support::{Progress, Result};

/// Examples between two looks at the cancel flag.
const CHECK_EVERY: usize = 1_024;

/// Examples of one role and source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// Role.
    pub role: Role,
    /// Source name.
    pub source: String,
    /// Examples.
    pub examples: usize,
    /// Groups.
    pub groups: usize,
    /// Examples of each label, in the order of the labels.
    pub by_label: Vec<usize>,
    /// Mean number of tokens.
    pub mean_tokens: f64,
    /// Largest number of tokens.
    pub most_tokens: usize,
}

/// Equal texts (after folding) inside the data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// Texts that occur more than once.
    pub texts: usize,
    /// Rows beyond the first of each.
    pub extra_rows: usize,
    /// Texts that occur with several labels.
    pub with_several_labels: usize,
    /// `file:row` of the first such rows, joined per text.
    pub places: Vec<String>,
    /// `file:row` of the first rows whose text has several labels.
    pub several_labels_places: Vec<String>,
}

/// Rows with some trouble: how many, and where the first are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Places {
    /// Number of rows.
    pub count: usize,
    /// `file:row` of the first of them.
    pub places: Vec<String>,
}

impl Places {
    pub(super) fn add(&mut self, place: impl FnOnce() -> String) {
        self.count += 1;
        if self.places.len() < NAMED_ROWS {
            self.places.push(place());
        }
    }

    /// The first of them, for a sentence.
    pub(super) fn first(&self) -> String {
        first_of(&self.places)
    }
}

/// The outcome of checking a data set.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CheckReport {
    /// Label names.
    pub labels: Vec<String>,
    /// Counts by role and source; only what has examples.
    pub cells: Vec<Cell>,
    /// Texts are cut to this number of tokens.
    pub max_tokens: usize,
    /// Rows longer than that: their end is not read.
    pub over_long: Places,
    /// Rows with characters that a wrong encoding leaves behind.
    pub encoding_trouble: Places,
    /// Rows with characters that are written out: `&amp;`, `\n`.
    pub escapes: Places,
    /// Sources with words that the model's vocabulary lacks.
    pub unknown_words: Vec<UnknownWords>,
    /// Sources with texts in a language that the model does not read.
    pub other_languages: Vec<OtherLanguage>,
    /// Texts that are the same to the model and not to a person.
    pub alike: Alike,
    /// Rows whose text is wrapped as for a mail or an address, with how.
    pub wrapped: Vec<(String, Places)>,
    /// Equal texts.
    pub duplicates: Duplicates,
    /// What reading found.
    pub reading: ReadReport,
}

/// Checks a data set. `read` says what the model makes of a text.
pub fn check(
    dataset: &Dataset,
    reading: &ReadReport,
    max_tokens: usize,
    read: &dyn Fn(&Text) -> AsRead,
    progress: &Progress,
) -> Result<CheckReport> {
    let examples = &dataset.examples;
    progress.stage("Checking the data", Some(examples.len() as u64));
    let mut report = CheckReport {
        labels: dataset.labels.clone(),
        max_tokens,
        reading: reading.clone(),
        ..CheckReport::default()
    };
    let mut tallies: BTreeMap<(Role, u16), Tally> = BTreeMap::new();
    let mut unseen = Unseen::default();
    let mut wrapped: BTreeMap<Wrapping, Places> = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        if index.is_multiple_of(CHECK_EVERY) {
            progress.check()?;
            progress.done(index as u64);
        }
        let text = example.sealed_text();
        let as_read = read(text);
        unseen.add(dataset, index, as_read);
        let length = as_read.tokens;
        if length > max_tokens {
            report.over_long.add(|| dataset.place(example));
        }
        if odd_texts::looks_misread(text) {
            report.encoding_trouble.add(|| dataset.place(example));
        }
        if odd_texts::holds_escapes(text) {
            report.escapes.add(|| dataset.place(example));
        }
        if let Some(wrapping) = Wrapping::of(text) {
            wrapped
                .entry(wrapping)
                .or_default()
                .add(|| dataset.place(example));
        }
        let tally = tallies.entry((example.role, example.source)).or_default();
        tally.add(example, length, dataset.labels.len());
    }
    let cells = tallies
        .into_iter()
        .map(|((role, source), tally)| tally.cell(dataset, role, source));
    report.cells = cells.collect();
    let texts: Vec<&Text> = examples.iter().map(Example::sealed_text).collect();
    let hashes = keys::hashes(&texts);
    report.unknown_words = unseen.unknown_words(dataset);
    report.other_languages = unseen.other_languages(dataset);
    report.alike = unseen.alike(dataset, &hashes);
    report.duplicates = duplicates(dataset, &hashes);
    let wrapped = wrapped.into_iter();
    report.wrapped = wrapped
        .map(|(how, rows)| (how.described().to_owned(), rows))
        .collect();
    Ok(report)
}

#[derive(Default)]
struct Tally {
    examples: usize,
    groups: Vec<u32>,
    by_label: Vec<usize>,
    tokens: usize,
    most_tokens: usize,
}

impl Tally {
    fn add(&mut self, example: &Example, length: usize, labels: usize) {
        self.by_label.resize(labels, 0);
        if let Some(count) = self.by_label.get_mut(usize::from(example.label)) {
            *count += 1;
        }
        self.examples += 1;
        self.groups.push(example.group);
        self.tokens += length;
        self.most_tokens = self.most_tokens.max(length);
    }

    fn cell(mut self, dataset: &Dataset, role: Role, source: u16) -> Cell {
        self.groups.sort_unstable();
        self.groups.dedup();
        let name = dataset.sources.get(usize::from(source));
        Cell {
            role,
            source: name.cloned().unwrap_or_default(),
            examples: self.examples,
            groups: self.groups.len(),
            by_label: self.by_label,
            mean_tokens: self.tokens as f64 / self.examples.max(1) as f64,
            most_tokens: self.most_tokens,
        }
    }
}

fn duplicates(dataset: &Dataset, hashes: &[TextHashes]) -> Duplicates {
    let mut order: Vec<usize> = (0..hashes.len()).collect();
    order.sort_by_key(|index| (hashes[*index].folded, *index));
    let equal = order.chunk_by(|a, b| hashes[*a].folded == hashes[*b].folded);
    let mut families: Vec<&[usize]> = equal.filter(|family| family.len() > 1).collect();
    families.sort_by_key(|family| family[0]);
    let mut found = Duplicates::default();
    for family in families {
        let places = || {
            let places = family
                .iter()
                .map(|index| dataset.place(&dataset.examples[*index]));
            places.take(6).collect::<Vec<_>>().join(", ")
        };
        found.texts += 1;
        found.extra_rows += family.len() - 1;
        if found.places.len() < NAMED_ROWS {
            found.places.push(places());
        }
        let first = dataset.examples[family[0]].label;
        if family
            .iter()
            .any(|index| dataset.examples[*index].label != first)
        {
            found.with_several_labels += 1;
            if found.several_labels_places.len() < NAMED_ROWS {
                found.several_labels_places.push(places());
            }
        }
    }
    found
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table(f)?;
        writeln!(f)?;
        for file in &self.reading.files {
            let (kept, read) = (file.kept, rows(file.rows));
            let described = file.layout.described();
            writeln!(f, "{}: {described}, {kept} examples from {read}", file.file)?;
            for line in file.decided() {
                writeln!(f, "{}: {line}", file.file)?;
            }
        }
        for note in &self.reading.notes {
            writeln!(f, "{note}")?;
        }
        for warning in self.warnings() {
            writeln!(f, "! {warning}")?;
        }
        Ok(())
    }
}

impl CheckReport {
    /// Everything that a user should know, as sentences: what reading found,
    /// equal texts, labels that cannot be learnt, texts that are cut, letters
    /// that look misread, what the model cannot see.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.reading.warnings();
        let duplicates = &self.duplicates;
        if duplicates.texts > 0 {
            warnings.push(format!(
                "duplicates: {} {} more than once within a role ({} more), for instance {}",
                many(duplicates.texts, "text"),
                agreeing(duplicates.texts, "occurs", "occur"),
                rows(duplicates.extra_rows),
                first_of(&duplicates.places)
            ));
        }
        if duplicates.with_several_labels > 0 {
            warnings.push(format!(
                "{} of them {} several labels: {}",
                duplicates.with_several_labels,
                agreeing(duplicates.with_several_labels, "has", "have"),
                first_of(&duplicates.several_labels_places)
            ));
        }
        warnings.extend(self.about_labels());
        warnings.extend(self.about_validation());
        let cut = format!(
            "longer than {} tokens, of which the end is not read",
            self.max_tokens
        );
        let misread = "as if read in a wrong encoding (such as \"Ã¤\" for \"ä\")";
        let escaped = "with characters that are written out, such as \"&amp;\" for \"&\" or \
                       \"\\n\" for a new line, which are read as they stand";
        for (places, what) in [
            (&self.over_long, cut.as_str()),
            (&self.encoding_trouble, misread),
            (&self.escapes, escaped),
        ] {
            if places.count > 0 {
                let first = first_of(&places.places);
                warnings.push(format!("{} {what}: {first}", rows(places.count)));
            }
        }
        warnings.extend(self.about_languages());
        warnings.extend(self.unknown_words.iter().filter_map(UnknownWords::warning));
        warnings.extend(self.alike.warning());
        warnings.extend(self.wrapped.iter().map(|(how, places)| {
            format!(
                "{} {} still written {how}, which is read as it stands: {}; write the texts \
                 themselves",
                rows(places.count),
                agreeing(places.count, "seems", "seem"),
                first_of(&places.places)
            )
        }));
        warnings
    }

    /// Sources with many texts in a language that the model does not read.
    pub fn about_languages(&self) -> impl Iterator<Item = String> {
        self.other_languages
            .iter()
            .filter_map(OtherLanguage::warning)
    }

    /// Labels that *train* lacks, or that it alone has.
    fn about_labels(&self) -> Vec<String> {
        let roles_of = |position: usize| -> Vec<Role> {
            let has = |cell: &&Cell| cell.by_label.get(position).is_some_and(|count| *count > 0);
            let mut roles: Vec<Role> = self.cells.iter().filter(has).map(|c| c.role).collect();
            roles.dedup();
            roles
        };
        let read = |role: &Role| matches!(role, Role::Discovery | Role::Check | Role::Final);
        if !self.has(Role::Train) {
            return Vec::new();
        }
        let labels = self.labels.iter().enumerate();
        labels
            .filter_map(|(position, label)| {
                let roles = roles_of(position);
                let elsewhere: Vec<&str> =
                    roles.iter().filter(|r| read(r)).map(|r| r.name()).collect();
                match (roles.contains(&Role::Train), elsewhere.is_empty()) {
                    (false, false) => Some(format!(
                        "label `{label}` occurs in {} and not in train: no model can learn it",
                        elsewhere.join(", ")
                    )),
                    (true, true) => Some(format!(
                        "label `{label}` occurs in train and not in discovery, check or final: \
                         nothing will show whether it was learnt"
                    )),
                    _ => None,
                }
            })
            .collect()
    }

    fn about_validation(&self) -> Option<String> {
        let lacks = self.has(Role::Train) && !self.has(Role::Validation);
        lacks
            .then(|| "no row has the role validation, so confidences are not calibrated".to_owned())
    }

    fn has(&self, role: Role) -> bool {
        self.cells.iter().any(|cell| cell.role == role)
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![
            ["role", "source", "examples", "groups", "tokens", "longest"]
                .map(str::to_owned)
                .to_vec(),
        ];
        lines[0].extend(self.labels.iter().cloned());
        for cell in &self.cells {
            let mut line = vec![
                cell.role.to_string(),
                cell.source.clone(),
                cell.examples.to_string(),
                cell.groups.to_string(),
                format!("{:.1}", cell.mean_tokens),
                cell.most_tokens.to_string(),
            ];
            let share = |count: &usize| 100.0 * *count as f64 / cell.examples.max(1) as f64;
            line.extend(
                cell.by_label
                    .iter()
                    .map(|count| format!("{:.0} %", share(count))),
            );
            lines.push(line);
        }
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        for line in &lines {
            let cells = line
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| {
                    if column < 2 {
                        format!("{cell:<width$}")
                    } else {
                        format!("{cell:>width$}")
                    }
                });
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// The first three places.
fn first_of(places: &[String]) -> String {
    let more = if places.len() > 3 { "; …" } else { "" };
    let first: Vec<&str> = places.iter().take(3).map(String::as_str).collect();
    format!("{}{more}", first.join("; "))
}

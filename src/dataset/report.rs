//! What reading found worth telling: how each file was read, rows left out,
//! leaks between roles, and how roles came about.

use std::collections::BTreeMap;

use serde::Serialize;

use super::roles::Tie;
use super::table::Layout;
use super::{columns, spelling};
use crate::records::Role;
use crate::support::Progress;
use crate::support::text::{agreeing, many};

/// Rows named one by one; beyond this they are only counted.
pub const NAMED_ROWS: usize = 50;

/// How one file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its name, relative to the project.
    pub file: String,
    /// Which of the files that project.toml names it is, or belongs to if that
    /// is a folder.
    #[serde(skip)]
    pub entry: usize,
    /// Format, delimiter, encoding, columns.
    pub layout: Layout,
    /// Parts that were recognised rather than named, as "text = `Satz`".
    pub recognised: Vec<String>,
    /// The names that the numbers of its label column stand for, from 0, where
    /// the file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels_named_by_file: Option<Vec<String>>,
    /// Columns that play no part.
    pub unused: Vec<String>,
    /// Rows read.
    pub rows: usize,
    /// Rows that became examples (before leaks were left out).
    pub kept: usize,
}

impl FileReport {
    /// What was decided on its columns and labels, a sentence each.
    pub fn decided(&self) -> Vec<String> {
        let mut said = self.layout.evidence.clone();
        if !self.unused.is_empty() {
            said.push(format!(
                "columns not used: {}",
                columns::listed(&self.unused)
            ));
        }
        if let Some(names) = &self.labels_named_by_file {
            let names = names.iter().enumerate();
            let names: Vec<String> = names
                .map(|(number, name)| format!("{number} `{}`", spelling::shown(name)))
                .collect();
            said.push(format!(
                "its numbers of labels mean, as the file itself says: {}",
                names.join(", ")
            ));
        }
        said
    }
}

/// Why a row was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// No text.
    EmptyText,
    /// No label.
    EmptyLabel,
    /// A label that project.toml does not name.
    UnknownLabel,
    /// The row cannot be split into cells.
    Malformed,
    /// No annotator has labelled it.
    Unannotated,
    /// Its annotator skipped or discarded it.
    Skipped,
    /// Its annotator rejected the label: that says what it is not.
    Rejected,
    /// What its annotator answered is a draft.
    Draft,
    /// Its annotators disagree.
    Disagreement,
    /// Parts of the text are labelled, not the text.
    Spans,
}

impl Skip {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Skip::EmptyText => "empty text",
            Skip::EmptyLabel => "no label",
            Skip::UnknownLabel => "unknown label",
            Skip::Malformed => "malformed row",
            Skip::Unannotated => "not annotated",
            Skip::Skipped => "skipped or discarded by its annotator",
            Skip::Rejected => "its label was rejected",
            Skip::Draft => "a draft only",
            Skip::Disagreement => "its annotators disagree",
            Skip::Spans => "parts of the text are labelled and not the text",
        }
    }
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// `file:row`.
    pub place: String,
    /// Why.
    pub why: Skip,
    /// More on it, empty if there is no more.
    pub detail: String,
}

/// A row left out since a later role holds its text or its group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeakReport {
    /// `file:row`.
    pub place: String,
    /// The role it had, if any.
    pub role: Option<Role>,
    /// `file:row` of a row that it belongs together with.
    pub twin: String,
    /// The role that keeps the group.
    pub kept_by: Role,
    /// Why they belong together.
    pub tie: Tie,
}

/// Labels that are spellings of one: they differ in case, spaces, characters
/// that nobody sees or the way of writing a letter or number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spelling {
    /// Each with its number of rows, the most frequent first.
    pub variants: Vec<(String, usize)>,
}

impl Spelling {
    /// The rarer spellings, each with the most frequent one that it would be
    /// read as: what `[data.join]` needs.
    pub fn joined(&self) -> Vec<(String, String)> {
        let names = self.variants.iter().map(|(name, _)| name.clone());
        let usual = names.clone().next().unwrap_or_default();
        names.skip(1).map(|name| (name, usual.clone())).collect()
    }

    fn told(&self) -> String {
        let shown = |(name, count): &(String, usize)| {
            format!("`{}` ({})", spelling::shown(name), rows(*count))
        };
        let variants: Vec<String> = self.variants.iter().map(shown).collect();
        let joined: Vec<String> = self
            .joined()
            .iter()
            .map(|(name, usual)| {
                format!("{} = {}", spelling::quoted(name), spelling::quoted(usual))
            })
            .collect();
        format!(
            "labels that differ in their spelling only count as different: {}; to join them, \
             write under [data.join] {}",
            variants.join(", "),
            joined.join(" and ")
        )
    }
}

/// Everything that reading has to tell. It holds no text of the data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadReport {
    /// The files in order.
    pub files: Vec<FileReport>,
    /// Number of rows left out, by reason.
    pub skipped_counts: BTreeMap<Skip, usize>,
    /// The first of them.
    pub skipped: Vec<Skipped>,
    /// Number of rows left out because of leaks.
    pub leak_count: usize,
    /// The first of them.
    pub leaks: Vec<LeakReport>,
    /// Rows whose role was drawn.
    pub drawn: usize,
    /// Number of ids that several rows have.
    pub repeated_ids: usize,
    /// What may have been read otherwise than it was meant.
    pub doubts: Vec<String>,
    /// Labels that are probably one.
    pub spellings: Vec<Spelling>,
    /// What is good to know and no trouble.
    pub notes: Vec<String>,
}

impl ReadReport {
    pub(crate) fn skip(&mut self, place: String, why: Skip, detail: String) {
        *self.skipped_counts.entry(why).or_default() += 1;
        if self.skipped.len() < NAMED_ROWS {
            self.skipped.push(Skipped { place, why, detail });
        }
    }

    /// How many rows were left out and why, to stand behind a message; nothing
    /// if none were.
    pub(crate) fn left_out(&self) -> String {
        let all = self.skipped_counts.iter();
        let all: Vec<String> = all
            .map(|(why, count)| {
                let first = self.skipped.iter().find(|skipped| skipped.why == *why);
                let first = first.map_or("?", |skipped| skipped.place.as_str());
                format!(
                    "{} left out, {}, the first {first}",
                    rows(*count),
                    why.reason()
                )
            })
            .collect();
        match all.is_empty() {
            true => String::new(),
            false => format!(" ({})", all.join("; ")),
        }
    }

    /// Tells everything: trouble as warnings, the rest as notes.
    pub fn tell(&self, progress: &Progress) {
        for note in &self.notes {
            progress.note(note.clone());
        }
        for warning in self.warnings() {
            progress.warn(warning);
        }
    }

    /// All trouble as sentences, the most important first; at most a handful of
    /// rows are named for each kind of it.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.leak_count > 0 {
            let examples = self.leaks.iter().take(3).map(|leak| {
                let role = leak.role.map_or("no role", Role::name);
                format!(
                    "{} ({role}) with {} ({})",
                    leak.place, leak.twin, leak.kept_by
                )
            });
            warnings.push(format!(
                "leakage: {} {} left out because a later role holds the same text or group, \
                 for instance {}",
                rows(self.leak_count),
                agreeing(self.leak_count, "was", "were"),
                examples.collect::<Vec<_>>().join("; ")
            ));
        }
        warnings.extend(self.doubts.iter().cloned());
        warnings.extend(self.spellings.iter().map(Spelling::told));
        for (why, count) in &self.skipped_counts {
            let of_kind = self.skipped.iter().filter(|skipped| skipped.why == *why);
            let examples = of_kind.take(3).map(|skipped| {
                let open = if skipped.detail.is_empty() { "" } else { ": " };
                format!("{}{open}{}", skipped.place, skipped.detail)
            });
            let examples: Vec<String> = examples.collect();
            warnings.push(format!(
                "{} left out, {}: {}{}",
                rows(*count),
                why.reason(),
                examples.join("; "),
                if *count > examples.len() { "; …" } else { "" }
            ));
        }
        if self.repeated_ids > 0 {
            warnings.push(format!(
                "{} {} more than once: the second row of an id is named ID~2, the third ID~3",
                many(self.repeated_ids, "id"),
                agreeing(self.repeated_ids, "occurs", "occur")
            ));
        }
        warnings
    }
}

/// "1 row", "5 rows".
pub(crate) fn rows(count: usize) -> String {
    many(count, "row")
}

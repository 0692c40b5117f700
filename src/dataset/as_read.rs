//! What the model cannot see of the data: words that its vocabulary lacks, and
//! rows that are one text to it and several to a person.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Dataset;
use super::check::Places;
use super::keys::TextHashes;
use super::report::rows;
use crate::support::text::{agreeing, many};

/// Share of a source's rows from which words that the vocabulary lacks are told.
const WORTH_TELLING: f64 = 0.01;

/// Share of a source's rows from which another language is told.
const MANY_FOREIGN: f64 = 0.05;

/// What a model makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsRead {
    /// Tokens before cutting.
    pub tokens: usize,
    /// Whether some stand for what the vocabulary lacks.
    pub has_unknown: bool,
    /// The same for texts of the same tokens; `None` where nobody knows what
    /// the model reads.
    pub fingerprint: Option<u64>,
    /// Whether it seems to be in a language that the model does not read.
    pub foreign: bool,
}

impl AsRead {
    /// Of a text of which only the length is known.
    pub fn long(tokens: usize) -> Self {
        Self {
            tokens,
            has_unknown: false,
            fingerprint: None,
            foreign: false,
        }
    }
}

/// Rows of a source that hold what the vocabulary lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UnknownWords {
    /// Name of the source.
    pub source: String,
    /// Its rows.
    pub rows: usize,
    /// Those with unknown tokens.
    pub with_unknown: Places,
}

/// Rows of a source that seem to be in a language that the model does not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OtherLanguage {
    /// Name of the source.
    pub source: String,
    /// Its rows.
    pub rows: usize,
    /// Those in another language.
    pub foreign: Places,
}

/// Texts that are the same to the model and not to a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Alike {
    /// Groups of such texts.
    pub groups: usize,
    /// Rows in them.
    pub rows: usize,
    /// Groups with several labels, which no such model can tell apart.
    pub with_several_labels: usize,
    /// `file:row` of the first of these or, without any, of the first groups,
    /// joined per group.
    pub places: Vec<String>,
}

/// Gathers what is told, row after row.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    sources: BTreeMap<u16, OfSource>,
    by_tokens: BTreeMap<u64, Vec<usize>>,
}

/// What is told of a source.
#[derive(Debug, Default)]
struct OfSource {
    rows: usize,
    with_unknown: Places,
    foreign: Places,
}

impl Unseen {
    pub(super) fn add(&mut self, dataset: &Dataset, row: usize, read: AsRead) {
        let example = &dataset.examples[row];
        let of_source = self.sources.entry(example.source).or_default();
        of_source.rows += 1;
        if read.has_unknown {
            of_source.with_unknown.add(|| dataset.place(example));
        }
        if read.foreign {
            of_source.foreign.add(|| dataset.place(example));
        }
        if let Some(fingerprint) = read.fingerprint {
            self.by_tokens.entry(fingerprint).or_default().push(row);
        }
    }

    /// Sources with unknown words.
    pub(super) fn unknown_words(&self, dataset: &Dataset) -> Vec<UnknownWords> {
        let sources = self.sources.iter();
        let with_unknown = sources.filter(|(_, of)| of.with_unknown.count > 0);
        with_unknown
            .map(|(source, of)| UnknownWords {
                source: source_name(dataset, *source),
                rows: of.rows,
                with_unknown: of.with_unknown.clone(),
            })
            .collect()
    }

    /// Sources with texts in other languages.
    pub(super) fn other_languages(&self, dataset: &Dataset) -> Vec<OtherLanguage> {
        let foreign = self.sources.iter().filter(|(_, of)| of.foreign.count > 0);
        foreign
            .map(|(source, of)| OtherLanguage {
                source: source_name(dataset, *source),
                rows: of.rows,
                foreign: of.foreign.clone(),
            })
            .collect()
    }

    /// Texts that the model takes for one, though they differ in more than
    /// case, spaces and punctuation. `hashes` are those of all rows.
    pub(super) fn alike(&self, dataset: &Dataset, hashes: &[TextHashes]) -> Alike {
        let mut alike = Alike::default();
        let (mut told, mut others) = (Vec::new(), Vec::new());
        for rows in self.by_tokens.values() {
            let texts: BTreeSet<u128> = rows.iter().map(|row| hashes[*row].folded).collect();
            if texts.len() < 2 {
                continue;
            }
            let labels: BTreeSet<_> = rows
                .iter()
                .map(|row| dataset.examples[*row].label)
                .collect();
            alike.groups += 1;
            alike.rows += rows.len();
            alike.with_several_labels += usize::from(labels.len() > 1);
            let into = if labels.len() > 1 {
                &mut told
            } else {
                &mut others
            };
            into.push(rows);
        }
        let named = if told.is_empty() { others } else { told };
        alike.places = (named.into_iter().take(super::report::NAMED_ROWS))
            .map(|rows| {
                let places = rows.iter().take(6);
                let places = places.map(|row| dataset.place(&dataset.examples[*row]));
                places.collect::<Vec<_>>().join(", ")
            })
            .collect();
        alike
    }
}

fn source_name(dataset: &Dataset, source: u16) -> String {
    let name = dataset.sources.get(usize::from(source));
    name.cloned().unwrap_or_default()
}

impl UnknownWords {
    /// The sentence for a user, where it is more than a stray character.
    pub(super) fn warning(&self) -> Option<String> {
        let count = self.with_unknown.count;
        (count as f64 >= WORTH_TELLING * self.rows as f64).then(|| {
            format!(
                "{count} of {} of {} hold characters or words that the model's vocabulary lacks \
                 (such as emoji); it reads each as the same unknown token: {}",
                rows(self.rows),
                self.source,
                self.with_unknown.first()
            )
        })
    }
}

impl OtherLanguage {
    /// The sentence for a user, where it is more than a quotation or two.
    pub(super) fn warning(&self) -> Option<String> {
        let count = self.foreign.count;
        (count as f64 >= MANY_FOREIGN * self.rows as f64).then(|| {
            format!(
                "{count} of {} of {} {} to be in another language, and the built-in model reads \
                 English only: {}; take a model of that language, a folder in Hugging Face layout",
                rows(self.rows),
                self.source,
                agreeing(count, "seems", "seem"),
                self.foreign.first()
            )
        })
    }
}

impl Alike {
    /// The sentence for a user, if there are any.
    pub(super) fn warning(&self) -> Option<String> {
        (self.groups > 0).then(|| {
            let labels = match self.with_several_labels {
                0 => String::new(),
                several => format!(
                    "; {several} of these groups {} several labels, which no training can tell \
                     apart",
                    agreeing(several, "has", "have")
                ),
            };
            format!(
                "{} in {} are the same to the model and not to a person{labels}, for instance {}",
                rows(self.rows),
                many(self.groups, "group"),
                self.places.first().map_or("", String::as_str)
            )
        })
    }
}

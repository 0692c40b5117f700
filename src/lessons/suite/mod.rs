//! Lessons kept as tests: the third of each lesson that nothing trains on, the
//! pairs of an example and its edit, and changed texts whose answer must stay.
//! What it says of a model, [`crate::comparison::behaviour`] says.

pub mod perturb;

use std::collections::BTreeMap;

use regex::Regex;
use serde::Serialize;

use self::perturb::{Perturbation, rewritten};
use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::records::{BlindSpotId, Label, Lesson, Pattern, RecordId, Rewrite, Role, Sample, Text};
use crate::support::hash::StepHash;
use crate::support::{Error, Result};

/// Rows of *check* that a pattern tests with, at most.
const MOST_ROWS: usize = 300;

/// Everything that models are asked, and what is made of their answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Suite {
    /// What models are asked, each text once.
    pub texts: Vec<Asked>,
    /// The lessons that have anything to test.
    pub lessons: Vec<LessonCases>,
    /// Changes that must not change the answer.
    pub perturbations: Vec<Variants>,
    /// Accepted test samples left out, since the data do not have their label.
    pub left_out: usize,
}

/// A text that every model is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// Names it in files: the id of the sample or of the example, for a changed
    /// text with what was done to it behind.
    pub id: String,
    /// The text.
    #[serde(flatten)]
    pub text: Text,
}

/// What a lesson tests. Texts are positions in [`Suite::texts`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LessonCases {
    /// The lesson.
    pub lesson: RecordId,
    /// The blind spot that it teaches.
    pub blind_spot: BlindSpotId,
    /// Version of the snapshot that the blind spot was frozen in.
    pub snapshot: u32,
    /// Its teacher.
    pub teacher: String,
    /// The pattern of one of its hypotheses, if the texts are the rows of
    /// *check* that it holds for; none if they are its test samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The texts.
    pub cases: Vec<Case>,
    /// Those that are edits of an example, each with it.
    pub pairs: Vec<Pair>,
}

/// A text with its right answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The text.
    pub text: usize,
    /// Its label.
    pub label: Label,
}

/// An example and its minimal edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The example.
    pub original: Case,
    /// Its edit.
    pub edit: Case,
}

/// Texts and what a kind of change made of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variants {
    /// Name of the change.
    pub name: String,
    /// Text and changed text.
    pub pairs: Vec<(usize, usize)>,
}

/// What a suite is made from.
#[derive(Clone, Copy)]
pub struct Collecting<'a> {
    /// The data, for labels and for the examples that samples are edits of.
    pub dataset: &'a Dataset,
    /// True labels.
    pub truths: &'a Truths,
    /// All lessons.
    pub lessons: &'a [&'a Lesson],
    /// The project's own changes.
    pub rewrites: &'a [Rewrite],
    /// Seed of the changes.
    pub seed: u64,
}

impl Suite {
    /// Collects what lessons test.
    ///
    /// Edits of a sealed example, and of one whose label nobody can say, make
    /// no pair.
    ///
    /// # Errors
    /// When a change of the project is no regular expression.
    pub fn collect(from: &Collecting<'_>) -> Result<Self> {
        let (mut suite, mut texts) = (Self::default(), Texts::default());
        for lesson in from.lessons {
            let mut cases = LessonCases::begun(lesson);
            for sample in lesson.test_samples() {
                let Some(label) = from.dataset.label_of(&sample.label) else {
                    suite.left_out += 1;
                    continue;
                };
                let text = texts.add(&sample.id.0, &sample.text);
                let edit = Case { text, label };
                cases.cases.push(edit);
                if let Some(original) = original(sample, from, &mut texts) {
                    cases.pairs.push(Pair { original, edit });
                }
            }
            let patterns = lesson.hypotheses.iter();
            let patterns = patterns.filter_map(|hypothesis| hypothesis.pattern.as_ref());
            let of_patterns = patterns.map(|pattern| LessonCases {
                pattern: Some(pattern.typed().to_owned()),
                cases: matching(pattern, from, &mut texts),
                ..LessonCases::begun(lesson)
            });
            let all = std::iter::once(cases).chain(of_patterns);
            suite.lessons.extend(all.filter(|of| !of.cases.is_empty()));
        }
        suite.perturbations = variants(from, &suite.lessons, &mut texts)?;
        suite.texts = texts.all;
        Ok(suite)
    }

    /// Checksum of what models are asked, in its order.
    pub fn fingerprint(&self) -> String {
        let all = self.texts.iter().fold(StepHash::default(), |hash, asked| {
            let hash = hash.with("text", asked.text.first.as_bytes());
            match &asked.text.second {
                Some(second) => hash.with("second", second.as_bytes()),
                None => hash,
            }
        });
        all.finish()
    }

    /// Whether no lesson tests anything.
    pub fn is_empty(&self) -> bool {
        self.lessons.is_empty()
    }
}

impl LessonCases {
    /// A lesson without any texts yet.
    fn begun(lesson: &Lesson) -> Self {
        Self {
            lesson: lesson.id.clone(),
            blind_spot: lesson.blind_spot,
            snapshot: lesson.snapshot,
            teacher: lesson.teacher.clone(),
            pattern: None,
            cases: Vec::new(),
            pairs: Vec::new(),
        }
    }
}

/// Rows of *check* that a pattern holds for, spread evenly where there are
/// more than [`MOST_ROWS`]: no arm trains on them.
fn matching(pattern: &Pattern, from: &Collecting<'_>, texts: &mut Texts) -> Vec<Case> {
    let dataset = from.dataset;
    let rows = dataset.with_role(Role::Check).into_iter();
    let found: Vec<(usize, Label)> = rows
        .filter(|row| {
            let example = &dataset.examples[*row];
            let source = dataset.sources.get(usize::from(example.source));
            let source = source.map(String::as_str);
            example
                .text()
                .is_some_and(|text| pattern.matches_from(text, source))
        })
        .filter_map(|row| Some((row, from.truths.of(dataset, row)?)))
        .collect();
    let stride = found.len().div_ceil(MOST_ROWS).max(1);
    let taken = found.into_iter().step_by(stride);
    let case = taken.filter_map(|(row, label)| {
        let example = &dataset.examples[row];
        let text = texts.add(&example.key.0, example.text()?);
        Some(Case { text, label })
    });
    case.collect()
}

/// The texts so far, each once.
#[derive(Default)]
struct Texts {
    all: Vec<Asked>,
    places: BTreeMap<Text, usize>,
}

impl Texts {
    fn add(&mut self, id: &str, text: &Text) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.all.len();
        self.all.push(Asked {
            id: id.to_owned(),
            text: text.clone(),
        });
        self.places.insert(text.clone(), place);
        place
    }
}

/// The example that a sample is an edit of, with its true label.
fn original(sample: &Sample, from: &Collecting<'_>, texts: &mut Texts) -> Option<Case> {
    let key = sample.edit_of.as_ref()?;
    let index = from.dataset.index_of(key)?;
    let example = &from.dataset.examples[index];
    let text = example.text().filter(|_| example.role != Role::Final)?;
    let label = from.truths.of(from.dataset, index)?;
    Some(Case {
        text: texts.add(&key.0, text),
        label,
    })
}

fn variants(
    from: &Collecting<'_>,
    lessons: &[LessonCases],
    texts: &mut Texts,
) -> Result<Vec<Variants>> {
    // Rows that a pattern finds are the data's own business.
    let samples = lessons.iter().filter(|lesson| lesson.pattern.is_none());
    let cases = samples.flat_map(|lesson| &lesson.cases);
    let mut tested: Vec<usize> = cases.map(|case| case.text).collect();
    tested.sort_unstable();
    tested.dedup();
    let mut all = Vec::new();
    let mut add = |name: &str, texts: &mut Texts, change: &dyn Fn(&Text) -> Option<Text>| {
        let changed: Vec<(usize, String, Text)> = (tested.iter())
            .filter_map(|place| {
                let of = &texts.all[*place];
                Some((*place, format!("{}~{name}", of.id), change(&of.text)?))
            })
            .collect();
        let pairs = changed.into_iter();
        let pairs = pairs.map(|(place, id, text)| (place, texts.add(&id, &text)));
        all.push(Variants {
            name: name.to_owned(),
            pairs: pairs.collect(),
        });
    };
    for kind in Perturbation::ALL {
        add(kind.name(), texts, &|text| kind.of(text, from.seed));
    }
    for rewrite in from.rewrites {
        let pattern = pattern(rewrite)?;
        add(&rewrite.name, texts, &|text| {
            rewritten(text, &pattern, rewrite)
        });
    }
    Ok(all)
}

fn pattern(rewrite: &Rewrite) -> Result<Regex> {
    Regex::new(&rewrite.find).map_err(|e| {
        Error::input(format!(
            "`find` of the change `{}` is no regular expression",
            rewrite.name
        ))
        .because(e)
        .hint("correct it under [[tests.rewrites]] in project.toml")
    })
}

//! Lessons kept as tests: every model of the history, and any other one, on the
//! texts that lessons test with.

pub(super) mod answers;
pub mod figures;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::comparison::behaviour::{Answered, Call, Change, Matrix};
use crate::lessons::suite::{Collecting, Suite};
use crate::records::{Arm, Document, Lesson, Round};
use crate::steps::OpenProject;
use crate::steps::suite::answers::Source;
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

/// A model that can be tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRef {
    /// The reference base.
    Base,
    /// The model of a round.
    Round(u32),
    /// A folder in Hugging Face layout, or a file of predictions.
    Elsewhere(PathBuf),
}

impl ModelRef {
    /// What somebody means: `base`, the number of a round (`2` or `round-2`),
    /// or a path.
    pub fn named(typed: &str) -> Self {
        let number = typed.strip_prefix("round-").unwrap_or(typed).parse();
        match (typed, number) {
            ("base", _) | (_, Ok(0)) => Self::Base,
            (_, Ok(number)) => Self::Round(number),
            (path, _) => Self::Elsewhere(PathBuf::from(path)),
        }
    }

    /// Its name in tables.
    pub fn name(&self) -> String {
        match self {
            Self::Base => Arm::Base.to_string(),
            Self::Round(number) => format!("round {number}"),
            Self::Elsewhere(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
        }
    }
}

/// What is to be tested.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SuiteOrder {
    /// The model that is tested. Where none is named: the one in use, or the
    /// last round's where that is the base and nobody has decided on the round.
    pub model: Option<ModelRef>,
    /// The model that it is held against; the base where none is named.
    pub baseline: Option<ModelRef>,
    /// What classes of models from elsewhere mean: class → label.
    pub labels: BTreeMap<String, String>,
    /// Seed of the changed texts.
    pub seed: u64,
}

/// A model with its place in the matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestedModel {
    /// Which one.
    #[serde(rename = "model")]
    pub which: ModelRef,
    /// Its name in tables.
    pub name: String,
}

/// The outcome of a test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuiteResult {
    /// The models, in the order of the matrix.
    pub models: Vec<TestedModel>,
    /// The model that is tested and the one it is held against, by their
    /// places.
    pub held: (usize, usize),
    /// Names of the blind spots that the lessons teach.
    pub names: Vec<String>,
    /// What was asked.
    pub suite: Suite,
    /// What came of it.
    pub matrix: Matrix,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl SuiteResult {
    /// What a row of a lesson is called: its blind spot, its teacher, and the
    /// pattern that it is about.
    pub fn lesson_name(&self, row: usize) -> String {
        let name = self.names.get(row).map_or("", String::as_str);
        let Some(lesson) = self.suite.lessons.get(row) else {
            return name.to_owned();
        };
        match &lesson.pattern {
            None => format!("{name} ({})", lesson.teacher),
            Some(pattern) => format!("{name} ({}), pattern {pattern}", lesson.teacher),
        }
    }

    /// The lesson on which the model is worse, each in a sentence.
    pub fn complaints(&self) -> Vec<String> {
        let rows = self.matrix.lessons.iter().enumerate();
        let worse = rows.filter_map(|(row, lesson)| {
            let change = lesson.change.as_ref()?;
            (change.call == Call::Worse).then(|| self.complaint(row, change))
        });
        worse.collect()
    }

    fn complaint(&self, row: usize, change: &Change) -> String {
        format!(
            "`{}` is worse on the lesson “{}” than `{}`: {}",
            self.tested(),
            self.lesson_name(row),
            self.against(),
            said(change)
        )
    }

    /// Name of the model that is tested.
    pub fn tested(&self) -> &str {
        &self.models[self.held.0].name
    }

    /// Name of the model that it is held against.
    pub fn against(&self) -> &str {
        &self.models[self.held.1].name
    }
}

/// A change in figures: “7 texts lost, 1 gained (one-sided p = 0.035)”.
pub fn said(change: &Change) -> String {
    let p = match change.p < 0.001 {
        true => "p < 0.001".to_owned(),
        false => format!("p = {:.3}", change.p),
    };
    let (lost, gained) = (change.lost.len(), change.gained.len());
    format!(
        "{} lost, {gained} gained (one-sided {p})",
        many(lost, "text")
    )
}

/// The model in use; as long as that is the base, the last round's if nobody
/// has kept or discarded it, since that is what is to be decided on.
fn usually_tested(document: &Document, rounds: &[Round]) -> ModelRef {
    let last = rounds
        .last()
        .filter(|round| round.model().is_some() && !document.discarded.contains(&round.number));
    match (document.model_round, last) {
        (0, Some(round)) => ModelRef::Round(round.number),
        (0, None) => ModelRef::Base,
        (number, _) => ModelRef::Round(number),
    }
}

impl OpenProject {
    /// What the project's lessons test.
    ///
    /// # Errors
    /// When no lesson tests anything, or a change of project.toml is no
    /// regular expression.
    pub fn suite(&self, document: &Document, seed: u64) -> Result<Suite> {
        let lessons: Vec<&Lesson> = document.lessons.values().map(AsRef::as_ref).collect();
        let suite = Suite::collect(&Collecting {
            dataset: &self.workspace.dataset,
            truths: &self.truths(document),
            lessons: &lessons,
            rewrites: &self.workspace.manifest.tests.rewrites,
            seed,
        })?;
        if suite.is_empty() {
            return Err(Error::input("no lesson has a sample to test with yet").hint(
                "about a third of the accepted samples of a lesson is kept for testing: write, or \
                 accept, a few more",
            ));
        }
        Ok(suite)
    }

    /// Asks every model of the history, and those that are named, what the
    /// lessons test. What was asked before is not asked again.
    ///
    /// # Errors
    /// When there is nothing to test, when a model that is named is not there
    /// or cannot answer, or when cancelled.
    pub fn test_lessons(
        &self,
        document: &Document,
        order: &SuiteOrder,
        progress: &Progress,
    ) -> Result<SuiteResult> {
        let suite = self.suite(document, order.seed)?;
        let rounds = self.store.rounds()?;
        let tested = order.model.clone();
        let tested = tested.unwrap_or_else(|| usually_tested(document, &rounds));
        let against = order.baseline.clone().unwrap_or(ModelRef::Base);
        let mut columns = self.history(&rounds)?;
        for named in [&against, &tested] {
            if !columns.contains(named) {
                columns.push(named.clone());
            }
        }
        // What is named and not there is said before anything is computed.
        let sources = columns.iter().map(|column| Source::of(column, &rounds));
        let sources: Vec<Source<'_>> = sources.collect::<Result<_>>()?;
        let mut notes = Vec::new();
        if suite.left_out > 0 {
            notes.push(format!(
                "{} left out, whose label the data do not have",
                many(suite.left_out, "test sample")
            ));
        }
        let mut answers: Vec<Answered> = Vec::new();
        for (column, source) in columns.iter().zip(&sources) {
            progress.check()?;
            let part = progress.within(&column.name());
            answers.push(self.suite_answers(&suite, source, order, (&mut notes, &part))?);
        }
        // Both are among the columns.
        let place = |of| columns.iter().position(|column| column == of).unwrap_or(0);
        let held = (place(&tested), place(&against));
        if tested == against {
            notes.push(format!(
                "{} is held against nothing but itself: name another model to test or to hold it \
                 against",
                tested.name()
            ));
        }
        let names = columns.iter().map(|which| TestedModel {
            name: which.name(),
            which: which.clone(),
        });
        Ok(SuiteResult {
            models: names.collect(),
            held,
            names: self.names_of(&suite, document)?,
            // A model is not worse than itself: nothing is held against it then.
            matrix: Matrix::of(&suite, &answers, (held.0 != held.1).then_some(held)),
            suite,
            notes,
        })
    }

    /// The base and the models of all rounds, as far as there are any.
    fn history(&self, rounds: &[Round]) -> Result<Vec<ModelRef>> {
        let asks = !self.is_black_box()? && self.known_base()?.is_some();
        let base = asks.then_some(ModelRef::Base);
        let kept = rounds.iter().filter(|round| round.model().is_some());
        let rounds = kept.map(|round| ModelRef::Round(round.number));
        Ok(base.into_iter().chain(rounds).collect())
    }

    /// Names of the blind spots that lessons of a suite teach.
    fn names_of(&self, suite: &Suite, document: &Document) -> Result<Vec<String>> {
        let snapshots = self.snapshots()?;
        let name = |lesson: &crate::lessons::suite::LessonCases| {
            let mut all = snapshots.iter();
            match all.find(|snapshot| snapshot.version == lesson.snapshot) {
                Some(snapshot) => document.blind_spot_name(lesson.blind_spot, snapshot),
                None => format!("blind spot {}", lesson.blind_spot),
            }
        };
        Ok(suite.lessons.iter().map(name).collect())
    }
}

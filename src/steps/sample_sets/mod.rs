//! The samples of each lesson as a set: could they be data, how far do they
//! spread, do they reach the errors that were kept back, and are their labels
//! those of the data?

pub mod figures;

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom as _;
use serde::Serialize;

use crate::discovery::{AnswerTable, UnknownUnknown};
use crate::inference::{self, Predictions};
use crate::lessons::sample_set::{Realism, nearest_others, reached, realism, typical_spacing};
use crate::model::TokenizedText;
use crate::records::{
    BlindSpotId, Document, ExampleKey, Label, Lesson, RecordId, Review, Role, Sample,
};
use crate::steps::evidence::Evidence;
use crate::steps::{Basis, score};
use crate::support::folding::words;
use crate::support::{Progress, Result, rng};

/// Rows of the data for each sample, as far as there are so many.
const ROWS_FOR_EACH: usize = 4;
/// Draws of as many rows as there are samples, to see how far data spread.
const DRAWS: usize = 40;

/// How far samples spread, beside as many rows of the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Mean distance (1 − cosine) of a sample to the nearest other one.
    pub samples: f64,
    /// The same of as many rows with the same labels, mean over draws.
    pub data: f64,
    /// Below this lie 2.5 % of the draws.
    pub lower: f64,
    /// Above this lie 2.5 % of the draws.
    pub upper: f64,
    /// The same of the shown errors of the blind spot, mean over draws of as
    /// many of both as there are of the fewer: the samples, then the errors. A
    /// blind spot is narrower than the data. `None` of fewer than two errors.
    pub beside_errors: Option<(f64, f64)>,
}

/// How many of the errors that were kept back have a sample near.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// Kept-back errors of the blind spot.
    pub kept_back: usize,
    /// Those with a sample within the distance.
    pub reached: usize,
    /// Those with a shown error within it: what to compare with.
    pub by_shown: usize,
    /// The distance (1 − cosine): that of a shown error to the next one, in the
    /// median.
    pub within: f64,
}

/// A label among samples and data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelShare {
    /// Its name.
    pub label: String,
    /// Samples with it.
    pub samples: usize,
    /// Its share of the samples, 0 to 1.
    pub of_samples: f64,
    /// Its share of the rows of *discovery* from the same sources, 0 to 1.
    pub of_data: f64,
}

/// A lesson's samples as a set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleSet {
    /// The lesson.
    pub lesson: RecordId,
    /// The blind spot that it teaches.
    pub blind_spot: BlindSpotId,
    /// Name of the blind spot.
    pub name: String,
    /// Its teacher.
    pub teacher: String,
    /// Samples that were not rejected.
    pub samples: usize,
    /// Sources that the shown errors of the blind spot are from.
    pub sources: Vec<String>,
    /// Median number of words of the samples and of the rows that they are told
    /// from.
    pub median_words: (usize, usize),
    /// Whether they could be data; `None` where there are too few.
    pub realism: Option<Realism>,
    /// How far they spread; `None` of fewer than two.
    pub spread: Option<Spread>,
    /// What they reach; `None` where nothing was kept back, or fewer than two
    /// errors are shown.
    pub coverage: Option<Coverage>,
    /// Their labels.
    pub labels: Vec<LabelShare>,
}

impl SampleSet {
    /// Whether what was measured under one document stands under another: the
    /// samples, the judgements and the blind spots.
    pub fn stands(before: &Document, now: &Document) -> bool {
        let samples = |document: &Document| -> Vec<(RecordId, Vec<Sample>)> {
            let lessons = document.lessons.values();
            lessons
                .map(|lesson| (lesson.id.clone(), lesson.samples.clone()))
                .collect()
        };
        before.snapshot == now.snapshot
            && before.triage == now.triage
            && before.moves == now.moves
            && samples(before) == samples(now)
    }
}

impl Basis<'_> {
    /// Looks at the samples of every lesson on the blind spots in use. Errors
    /// that were kept back are counted, never shown, and are not among the data
    /// that samples are held against.
    ///
    /// # Errors
    /// When the base cannot read a sample, or when cancelled.
    pub fn sample_sets(&self, seed: u64, progress: &Progress) -> Result<Vec<SampleSet>> {
        let lessons = self.lessons().into_iter().filter(|lesson| {
            let is_here = self.snapshot.blind_spot(lesson.blind_spot).is_some();
            is_here && samples_of(lesson).next().is_some()
        });
        let mut lessons: Vec<&Lesson> = lessons.collect();
        lessons.sort_by_key(|lesson| (lesson.blind_spot, &lesson.teacher, &lesson.id));
        let answers = self.answers();
        let evidence = self.evidence();
        let looking = Looking {
            basis: self,
            answers: &answers,
            evidence: &evidence,
            seed,
        };
        progress.stage("Looking at the samples", Some(lessons.len() as u64));
        let mut sets = Vec::with_capacity(lessons.len());
        for lesson in lessons {
            progress.check()?;
            sets.push(looking.at(lesson, progress)?);
            progress.done(sets.len() as u64);
        }
        Ok(sets)
    }
}

/// Samples that count: those that nobody has rejected.
fn samples_of(lesson: &Lesson) -> impl Iterator<Item = &Sample> {
    let rejected = |sample: &&Sample| matches!(sample.review, Review::Rejected { .. });
    lesson
        .samples
        .iter()
        .filter(move |sample| !rejected(sample))
}

struct Looking<'a> {
    basis: &'a Basis<'a>,
    answers: &'a AnswerTable,
    evidence: &'a Evidence<'a>,
    seed: u64,
}

impl Looking<'_> {
    fn at(&self, lesson: &Lesson, progress: &Progress) -> Result<SampleSet> {
        let samples: Vec<&Sample> = samples_of(lesson).collect();
        let embedded = self.embedded(&samples, progress)?;
        let points: Vec<&[f32]> = (0..embedded.len())
            .map(|row| embedded.embedding(row))
            .collect();
        let (sources, pool) = self.pool(lesson.blind_spot);
        let wanted = self.labels(&samples);
        let told_from = self.drawn(&pool, &wanted, ROWS_FOR_EACH, 0);
        let dataset = self.answers.dataset();
        let document = self.basis.document;
        let told: Vec<&[f32]> = self.embeddings(&told_from);
        let shown = self.rows_of(self.evidence.shown(lesson.blind_spot));
        Ok(SampleSet {
            lesson: lesson.id.clone(),
            blind_spot: lesson.blind_spot,
            name: document.blind_spot_name(lesson.blind_spot, self.basis.snapshot),
            teacher: lesson.teacher.clone(),
            samples: samples.len(),
            sources: (sources.iter())
                .filter_map(|source| dataset.sources.get(usize::from(*source)).cloned())
                .collect(),
            median_words: (
                median(samples.iter().map(|sample| length(&sample.text)).collect()),
                self.median_words(&told_from),
            ),
            realism: realism(&points, &told, self.seed),
            spread: self.spread(&points, &shown, (&pool, &wanted)),
            coverage: self.coverage(lesson.blind_spot, &points),
            labels: self.shares(&wanted, &pool),
        })
    }

    /// The samples as the base sees them.
    fn embedded(&self, samples: &[&Sample], progress: &Progress) -> Result<Predictions> {
        let (workspace, model) = (&self.basis.project.workspace, &self.basis.base.model);
        let encode = |sample: &&Sample| workspace.encode(model, &sample.text);
        let tokens: Vec<TokenizedText> = samples.iter().map(encode).collect::<Result<_>>()?;
        let scores = inference::score(model, &tokens, progress)?;
        score::predictions((0..tokens.len()).collect(), scores)
    }

    /// The sources that the shown errors of a blind spot are from, and the rows
    /// of *discovery* from these, by label; without errors that were kept back.
    fn pool(&self, spot: BlindSpotId) -> (BTreeSet<u16>, BTreeMap<Label, Vec<usize>>) {
        let dataset = self.answers.dataset();
        let examples = &dataset.examples;
        let shown = self.evidence.shown(spot).iter();
        let sources: BTreeSet<u16> = shown.map(|error| examples[error.example].source).collect();
        let spots = self.basis.snapshot.blind_spots.iter();
        let hidden: BTreeSet<&ExampleKey> = spots.flat_map(|spot| &spot.kept_back).collect();
        let mut pool: BTreeMap<Label, Vec<usize>> = BTreeMap::new();
        for row in self.answers.rows_of(Role::Discovery) {
            let index = self.answers.index(row);
            let example = &examples[index];
            let wanted = sources.is_empty() || sources.contains(&example.source);
            let label = self.answers.truths().of(dataset, index);
            if let Some(label) = label.filter(|_| wanted && !hidden.contains(&example.key)) {
                pool.entry(label).or_default().push(row);
            }
        }
        (sources, pool)
    }

    /// How many samples have each label that the data have.
    fn labels(&self, samples: &[&Sample]) -> BTreeMap<Label, usize> {
        let dataset = self.answers.dataset();
        let mut counts = BTreeMap::new();
        for label in samples
            .iter()
            .filter_map(|one| dataset.label_of(&one.label))
        {
            *counts.entry(label).or_default() += 1;
        }
        counts
    }

    /// Rows in the shares of labels that samples have, so that no label tells
    /// them apart: `most` for each sample, or as many as there are of the
    /// rarest.
    fn drawn(
        &self,
        pool: &BTreeMap<Label, Vec<usize>>,
        wanted: &BTreeMap<Label, usize>,
        most: usize,
        draw: usize,
    ) -> Vec<usize> {
        let there = |label: &Label| pool.get(label).map_or(0, Vec::len);
        let times = wanted.iter().map(|(label, count)| there(label) / count);
        let times = times
            .filter(|times| *times > 0)
            .min()
            .unwrap_or(1)
            .min(most);
        let mut rows = Vec::new();
        for (label, count) in wanted {
            let mut of_label = pool.get(label).cloned().unwrap_or_default();
            let purpose = format!("rows beside samples {label} {draw}");
            of_label.shuffle(&mut rng::seeded(self.seed, &purpose));
            rows.extend(of_label.into_iter().take(times * count));
        }
        rows
    }

    fn embeddings(&self, rows: &[usize]) -> Vec<&[f32]> {
        let predictions = self.answers.predictions();
        rows.iter().map(|row| predictions.embedding(*row)).collect()
    }

    fn spread(
        &self,
        points: &[&[f32]],
        shown: &[usize],
        (pool, wanted): (&BTreeMap<Label, Vec<usize>>, &BTreeMap<Label, usize>),
    ) -> Option<Spread> {
        let samples = mean(&nearest_others(points))?;
        let draws = (1..=DRAWS).filter_map(|draw| {
            let rows = self.drawn(pool, wanted, 1, draw);
            mean(&nearest_others(&self.embeddings(&rows)))
        });
        let mut draws: Vec<f64> = draws.collect();
        draws.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * draws.len().saturating_sub(1) as f64).round() as usize;
            draws.get(place).copied()
        };
        Some(Spread {
            samples,
            data: mean(&draws)?,
            lower: at(0.025)?,
            upper: at(0.975)?,
            beside_errors: self.beside_errors(points, &self.embeddings(shown)),
        })
    }

    fn beside_errors(&self, points: &[&[f32]], errors: &[&[f32]]) -> Option<(f64, f64)> {
        let fewer = points.len().min(errors.len());
        let of = |all: &[&[f32]], what: &str| {
            let draws = (0..DRAWS).filter_map(|draw| {
                let purpose = format!("{what} beside each other {draw}");
                let mut some = all.to_vec();
                some.shuffle(&mut rng::seeded(self.seed, &purpose));
                some.truncate(fewer);
                mean(&nearest_others(&some))
            });
            mean(&draws.collect::<Vec<f64>>())
        };
        Some((of(points, "samples")?, of(errors, "errors")?))
    }

    fn rows_of(&self, errors: &[UnknownUnknown]) -> Vec<usize> {
        let rows = errors.iter();
        rows.filter_map(|error| self.answers.row_of(error.example))
            .collect()
    }

    fn coverage(&self, spot: BlindSpotId, points: &[&[f32]]) -> Option<Coverage> {
        let shown = self.rows_of(self.evidence.shown(spot));
        let kept_back = self.rows_of(self.evidence.kept_back(spot));
        let (shown, kept_back) = (self.embeddings(&shown), self.embeddings(&kept_back));
        let within = typical_spacing(&shown)?;
        (!kept_back.is_empty()).then(|| Coverage {
            kept_back: kept_back.len(),
            reached: reached(&kept_back, points, within),
            by_shown: reached(&kept_back, &shown, within),
            within,
        })
    }

    fn shares(
        &self,
        wanted: &BTreeMap<Label, usize>,
        pool: &BTreeMap<Label, Vec<usize>>,
    ) -> Vec<LabelShare> {
        let dataset = self.answers.dataset();
        let samples = wanted.values().sum::<usize>().max(1) as f64;
        let rows = pool.values().map(Vec::len).sum::<usize>().max(1) as f64;
        let labels: BTreeSet<Label> = wanted.keys().chain(pool.keys()).copied().collect();
        let share = |label: Label| {
            let count = wanted.get(&label).copied().unwrap_or(0);
            LabelShare {
                label: dataset.label_name(label).to_owned(),
                samples: count,
                of_samples: count as f64 / samples,
                of_data: pool.get(&label).map_or(0, Vec::len) as f64 / rows,
            }
        };
        labels.into_iter().map(share).collect()
    }

    fn median_words(&self, rows: &[usize]) -> usize {
        let examples = &self.answers.dataset().examples;
        let texts = rows
            .iter()
            .filter_map(|row| examples[self.answers.index(*row)].text());
        median(texts.map(length).collect())
    }
}

fn length(text: &crate::records::Text) -> usize {
    text.parts().map(|part| words(part).len()).sum()
}

fn median(mut values: Vec<usize>) -> usize {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

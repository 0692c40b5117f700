//! The samples as the models see them: yield, diversity, cost.

use std::collections::{BTreeMap, BTreeSet};

use crate::comparison::outcomes::Rate;
use crate::inference;
use crate::records::{
    Author, BlindSpotId, Cost, Familiarity, Lesson, RecordId, Review, Sample, Text,
};
use crate::steps::sample_checks::said;
use crate::steps::teachers::TeacherRow;
use crate::steps::{Basis, score};
use crate::support::folding::words;
use crate::support::{Progress, Result};

/// Samples with what the models say to them.
pub(super) struct Measured {
    /// L2-normalised embeddings of the pretrained encoder.
    embeddings: BTreeMap<RecordId, Vec<f32>>,
    /// Whether the base gets the sample wrong.
    fools: BTreeMap<RecordId, bool>,
}

impl Measured {
    pub(super) fn new(basis: &Basis<'_>, lessons: &[&Lesson], progress: &Progress) -> Result<Self> {
        let samples: Vec<&Sample> = lessons
            .iter()
            .flat_map(|lesson| &lesson.samples)
            .filter(|sample| sample.is_accepted())
            .collect();
        let texts: Vec<&Text> = samples.iter().map(|sample| &sample.text).collect();
        let workspace = &basis.project.workspace;
        let encoder = workspace.pretrained()?;
        let tokens = |model: &crate::model::Classifier| -> Result<Vec<_>> {
            let encode = |text: &&Text| workspace.encode(model, text);
            texts.iter().map(encode).collect()
        };
        let rows = (0..texts.len()).collect();
        let seen = inference::score(&encoder, &tokens(&encoder)?, progress)?;
        let seen = score::predictions(rows, seen)?;
        // The base as it is now: what was live when a sample was written may
        // have been another model.
        let model = &basis.base.model;
        let scores = inference::score(model, &tokens(model)?, progress)?;
        let fools = samples.iter().zip(scores.rows()).map(|(sample, logits)| {
            let fools = said(model, logits, 1.0).label != sample.label;
            (sample.id.clone(), fools)
        });
        let embeddings = samples.iter().enumerate();
        let embeddings =
            embeddings.map(|(row, sample)| (sample.id.clone(), seen.embedding(row).to_vec()));
        Ok(Self {
            embeddings: embeddings.collect(),
            fools: fools.collect(),
        })
    }

    pub(super) fn row(
        &self,
        teacher: &str,
        blind_spot: Option<BlindSpotId>,
        lessons: &[&Lesson],
        hourly_rate: Option<f64>,
    ) -> Result<TeacherRow> {
        let samples: Vec<&Sample> = lessons.iter().flat_map(|lesson| &lesson.samples).collect();
        let accepted: Vec<&Sample> = (samples.iter().copied())
            .filter(|sample| sample.is_accepted())
            .collect();
        let drafts = samples.iter().filter(|s| s.review == Review::Draft).count();
        let decided = samples.len() - drafts;
        let fooling = accepted
            .iter()
            .filter(|sample| self.fools[&sample.id])
            .count();
        let vectors: Vec<&[f32]> = accepted
            .iter()
            .map(|sample| self.embeddings[&sample.id].as_slice())
            .collect();
        let texts: Vec<&Text> = accepted.iter().map(|sample| &sample.text).collect();
        let costs = lessons.iter().map(|lesson| &lesson.cost);
        let is_model = lessons
            .iter()
            .any(|lesson| matches!(lesson.author, Author::Llm { .. }));
        let money = priced(costs.clone(), hourly_rate, is_model);
        Ok(TeacherRow {
            teacher: teacher.to_owned(),
            is_model,
            blind_spot,
            samples: samples.len(),
            drafts,
            accepted: Rate::new(accepted.len() as f64, decided),
            useful: Rate::new(fooling as f64, decided),
            mean_distance: mean_distance(&vectors),
            distinct_2: distinct_2(&texts),
            confirmed: confirmed(&samples),
            familiarity: familiarity(lessons),
            active_seconds: costs.clone().map(|cost| cost.active_seconds).sum(),
            seconds: costs
                .map(|cost| cost.active_seconds + cost.llm_seconds)
                .sum(),
            money,
            money_per_accepted: money
                .filter(|_| !accepted.is_empty())
                .map(|money| money / accepted.len() as f64),
        })
    }
}

/// Samples whose label was given apart from their writing, and agrees.
fn confirmed(samples: &[&Sample]) -> Rate {
    let judged = samples.iter();
    let judged = judged.filter_map(|sample| Some((&sample.label, sample.judged_label.as_ref()?)));
    let agree: Vec<bool> = judged.map(|(label, apart)| label == apart).collect();
    let same = agree.iter().filter(|same| **same).count();
    Rate::new(same as f64, agree.len())
}

/// What lessons say of the teacher, each once.
fn familiarity(lessons: &[&Lesson]) -> Vec<Familiarity> {
    let mut said: Vec<Familiarity> = Vec::new();
    for familiarity in lessons.iter().filter_map(|lesson| lesson.familiarity) {
        if !said.contains(&familiarity) {
            said.push(familiarity);
        }
    }
    said
}

/// What lessons cost, with the review of what a model wrote; none if a person
/// has no rate, or a model no price.
fn priced<'a>(
    costs: impl Iterator<Item = &'a Cost>,
    hourly_rate: Option<f64>,
    is_model: bool,
) -> Option<f64> {
    let (mut money, mut known) = (0.0, false);
    for cost in costs {
        money += cost.money;
        known |= cost.money > 0.0;
        if let Some(rate) = cost.hourly_rate.or(hourly_rate)
            && (!is_model || cost.active_seconds > 0.0)
        {
            money += rate * cost.active_seconds / 3600.0;
            known = true;
        }
    }
    known.then_some(money)
}

/// Mean over all pairs of 1 − cosine; vectors are L2-normalised.
fn mean_distance(vectors: &[&[f32]]) -> Option<f64> {
    let n = vectors.len();
    if n < 2 {
        return None;
    }
    // |Σv|² holds every pair twice and every vector's own product once.
    let width = vectors[0].len();
    let mut sum = vec![0.0_f64; width];
    let mut own = 0.0_f64;
    for vector in vectors {
        for (total, value) in sum.iter_mut().zip(*vector) {
            *total += f64::from(*value);
        }
        own += vector.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
    }
    let all: f64 = sum.iter().map(|value| value * value).sum();
    let pairs = (n * (n - 1)) as f64;
    Some(1.0 - (all - own) / pairs)
}

/// Different pairs of neighbouring words over all of them.
fn distinct_2(texts: &[&Text]) -> Option<f64> {
    let mut different: BTreeSet<(String, String)> = BTreeSet::new();
    let mut all = 0_usize;
    for text in texts {
        for part in text.parts() {
            for pair in words(part).windows(2) {
                all += 1;
                different.insert((pair[0].clone(), pair[1].clone()));
            }
        }
    }
    (all > 0).then(|| different.len() as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use crate::steps::teachers::measured::*;

    #[test]
    fn diversity_by_hand() {
        let texts = ["not bad at all", "not bad", "bad at all"].map(Text::single);
        let texts: Vec<&Text> = texts.iter().collect();
        // not-bad, bad-at, at-all among six pairs.
        assert_eq!(distinct_2(&texts), Some(0.5));
        assert_eq!(distinct_2(&[]), None);
        let vectors: [&[f32]; 3] = [&[1.0, 0.0], &[0.0, 1.0], &[1.0, 0.0]];
        let mean = mean_distance(&vectors).expect("pairs");
        assert!((mean - 2.0 / 3.0).abs() < 1e-9, "{mean}");
        assert_eq!(mean_distance(&vectors[..1]), None);
    }

    #[test]
    fn money_is_not_made_up() {
        let human = Cost {
            active_seconds: 1800.0,
            ..Cost::default()
        };
        assert_eq!(priced([&human].into_iter(), None, false), None);
        assert_eq!(priced([&human].into_iter(), Some(40.0), false), Some(20.0));
        let model = Cost {
            money: 0.25,
            ..Cost::default()
        };
        assert_eq!(priced([&model].into_iter(), Some(40.0), true), Some(0.25));
        let reviewed = Cost {
            active_seconds: 900.0,
            ..model
        };
        assert_eq!(
            priced([&reviewed].into_iter(), Some(40.0), true),
            Some(10.25)
        );
        assert_eq!(
            priced([&Cost::default()].into_iter(), Some(40.0), true),
            None
        );
    }
}

//! What one example costs in each arm.
//!
//! A project says so in `[costs]`. What it leaves out is taken from what its
//! own lessons cost, and then from Gilardi, Alizadeh and Kubli, *ChatGPT
//! outperforms crowd workers for text-annotation tasks* (PNAS 2023): less than
//! 0.003 USD for a text that a language model labels, and about thirty times
//! that for one that a crowd worker does.

use std::collections::BTreeMap;

use crate::comparison::sizes::Price;
use crate::comparison::{Comparison, Spent, main_arm};
use crate::records::{Arm, ArmRun, Costs, Document, Lesson, Manifest};
use crate::steps::data_sheet::{TeacherCost, costs};

/// Currency of the usual prices.
const USUAL_CURRENCY: &str = "USD";
/// What a crowd worker gets for a label, in that currency.
const USUAL_LABEL: f64 = 0.09;
/// What a language model gets for a text of its own or a label.
const USUAL_SAMPLE: f64 = 0.003;
const USUAL: &str = "usual price, Gilardi and others, PNAS 2023";
const OF_PROJECT: &str = "project.toml";
const OF_LESSONS: &str = "what these lessons cost";

/// The prices of a project, and their currency.
pub(super) fn prices(
    manifest: &Manifest,
    lessons: &[&Lesson],
    arms: &[Arm],
) -> (BTreeMap<Arm, Price>, String) {
    let currency = manifest
        .currency
        .clone()
        .unwrap_or_else(|| USUAL_CURRENCY.to_owned());
    let known = Known {
        costs: &manifest.costs,
        hourly_rate: manifest.hourly_rate,
        teachers: costs(lessons.iter().copied(), manifest.hourly_rate),
        // A price in another currency would be a made-up number.
        usual: currency == USUAL_CURRENCY,
    };
    let share = manifest.retrain.label_share;
    let priced = arms.iter().map(|arm| (arm.clone(), known.of(arm, share)));
    (priced.collect(), currency)
}

/// What the examples cost that the main arm of a comparison added; `None` of
/// one that these runs did not train.
pub fn spent(
    manifest: &Manifest,
    document: &Document,
    runs: &[ArmRun],
    comparison: &Comparison,
) -> Option<Spent> {
    let arm = main_arm(comparison)?;
    let run = runs.iter().find(|run| run.arm == *arm)?;
    let lessons: Vec<&Lesson> = document.lessons.values().map(AsRef::as_ref).collect();
    let (mut prices, currency) = prices(manifest, &lessons, std::slice::from_ref(arm));
    Some(Spent {
        examples: run.added,
        price: prices.remove(arm)?,
        currency,
    })
}

struct Known<'a> {
    costs: &'a Costs,
    hourly_rate: Option<f64>,
    teachers: Vec<TeacherCost>,
    usual: bool,
}

impl Known<'_> {
    fn of(&self, arm: &Arm, label_share: f64) -> Price {
        match arm {
            Arm::Reference | Arm::Base | Arm::Other(_) => Price {
                money: Some(0.0),
                minutes: Some(0.0),
                from: "nothing is added".to_owned(),
            },
            Arm::Extra | Arm::Uus | Arm::RandomDiscovery => self.label(),
            Arm::Lessons(teacher) => self.sample(Some(teacher)),
            Arm::Lesson(_) | Arm::AllLessons => self.sample(None),
            Arm::LessonsAndLabels => {
                let (sample, label) = (self.sample(None), self.label());
                let mixed = |a: Option<f64>, b: Option<f64>| {
                    Some((1.0 - label_share) * a? + label_share * b?)
                };
                Price {
                    money: mixed(sample.money, label.money),
                    minutes: mixed(sample.minutes, label.minutes),
                    from: format!("samples: {}; labels: {}", sample.from, label.from),
                }
            }
            Arm::LlmLabels | Arm::SamplesWithoutHypotheses | Arm::ExtrapolationWithoutClusters => {
                self.machine()
            }
        }
    }

    /// An ordinary label.
    fn label(&self) -> Price {
        let minutes = self.costs.label_seconds.map(|seconds| seconds / 60.0);
        let by_time = minutes
            .zip(self.hourly_rate)
            .map(|(minutes, rate)| minutes / 60.0 * rate);
        let (money, from) = match self.costs.label.or(by_time) {
            Some(money) => (Some(money), OF_PROJECT),
            None if self.usual => (Some(USUAL_LABEL), USUAL),
            None => (None, "unknown: [costs] label in project.toml says it"),
        };
        Price {
            money,
            minutes,
            from: from.to_owned(),
        }
    }

    /// A sample of one teacher, or of all together.
    fn sample(&self, teacher: Option<&String>) -> Price {
        let mine = self.teachers.iter();
        let mine = mine.filter(|cost| teacher.is_none_or(|name| cost.teacher == *name));
        let mine: Vec<&TeacherCost> = mine.filter(|cost| cost.accepted > 0).collect();
        let accepted: usize = mine.iter().map(|cost| cost.accepted).sum();
        let recorded = !mine.is_empty() && mine.iter().all(|cost| cost.is_recorded());
        let per_sample = |total: f64| total / accepted.max(1) as f64;
        let minutes = match self.costs.sample_seconds {
            Some(seconds) => Some(seconds / 60.0),
            None if recorded => Some(per_sample(
                mine.iter().map(|cost| 60.0 * cost.person_hours).sum(),
            )),
            None => None,
        };
        let money = mine
            .iter()
            .map(|cost| Some(cost.per_sample()? * cost.accepted as f64))
            .sum::<Option<f64>>()
            .filter(|_| recorded)
            .map(per_sample);
        if self.costs.sample.is_none()
            && let Some(money) = money
        {
            return Price {
                money: Some(money),
                minutes,
                from: OF_LESSONS.to_owned(),
            };
        }
        if mine.iter().any(|cost| !cost.is_llm) && self.costs.sample.is_none() {
            return Price {
                money: None,
                minutes,
                from: "unknown: a person wrote them, and no time was recorded".to_owned(),
            };
        }
        Price {
            minutes,
            ..self.machine()
        }
    }

    /// A text that a language model writes or labels.
    fn machine(&self) -> Price {
        let (money, from) = match self.costs.sample {
            Some(money) => (Some(money), OF_PROJECT),
            None if self.usual => (Some(USUAL_SAMPLE), USUAL),
            None => (None, "unknown: [costs] sample in project.toml says it"),
        };
        Price {
            money,
            minutes: self.costs.sample_seconds.map(|seconds| seconds / 60.0),
            from: from.to_owned(),
        }
    }
}

//! The arms of a comparison: what is added to the training data, everything
//! else being equal.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RecordId;

/// One way of spending the same training budget.
///
/// Every arm trains for the same number of optimiser steps with the same
/// schedule and batch composition, adds the same number N of examples with
/// the same weight, and differs in nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// The reference base as it is, not trained any further; `untouched` in
    /// files and on the command line.
    #[serde(rename = "untouched")]
    Reference,
    /// The same steps with nothing added.
    Base,
    /// N ordinary training rows held in reserve.
    Extra,
    /// N of the unknown unknowns themselves.
    Uus,
    /// N ordinary labelled discovery rows: what plain labelling would buy.
    RandomDiscovery,
    /// The training samples of the lessons by one teacher.
    Lessons(String),
    /// The training samples of one lesson, each once, also of one that is left
    /// out: no arm of a round, but how its interference is measured.
    Lesson(RecordId),
    /// The training samples of all lessons together.
    AllLessons,
    /// Training samples of all lessons and, beside them, ordinary labelled
    /// discovery rows, which a user has anyway: N together. Written
    /// `lessons+labels` on the command line.
    LessonsAndLabels,
    /// Real rows that a language model has labelled: what competes with its
    /// samples.
    LlmLabels,
    /// LLM samples written without hypotheses.
    SamplesWithoutHypotheses,
    /// LLM samples extrapolated from errors without clusters.
    ExtrapolationWithoutClusters,
    /// No arm of a round, but a second model, trained elsewhere; by its name.
    Other(String),
}

impl Arm {
    /// The controls that a claim needs beside the untouched base.
    pub const CONTROLS: [Arm; 4] = [Arm::Base, Arm::Extra, Arm::Uus, Arm::RandomDiscovery];

    /// The names of arms that can be trained, for people.
    pub const NAMES: &str = "base, extra, uus, random-discovery, lessons:TEACHER, all-lessons, \
                             lessons+labels, llm-labels, samples-without-hypotheses, extrapolation-without-clusters";

    /// Whether a claim for lessons must beat this arm.
    pub fn is_control(&self) -> bool {
        !matches!(
            self,
            Arm::Lesson(_)
                | Arm::Lessons(_)
                | Arm::AllLessons
                | Arm::LessonsAndLabels
                | Arm::Other(_)
        )
    }

    /// Whether it teaches one lesson alone, to see what that does elsewhere:
    /// its answers are kept, its weights are not.
    pub fn is_alone(&self) -> bool {
        matches!(self, Arm::Lesson(_))
    }

    /// Whether it is a second model beside the base, of which there is one and
    /// no seeds.
    pub fn is_other_model(&self) -> bool {
        matches!(self, Arm::Other(_))
    }

    /// One sentence for tooltips and reports.
    pub fn meaning(&self) -> String {
        match self {
            Arm::Reference => "the base model as it is".into(),
            Arm::Base => "as many training steps, nothing added".into(),
            Arm::Extra => "ordinary training rows that were held in reserve".into(),
            Arm::Uus => "the unknown unknowns themselves, with their labels".into(),
            Arm::RandomDiscovery => {
                "ordinary labelled discovery rows: what plain labelling would buy".into()
            }
            Arm::Lessons(teacher) => format!("training samples from the lessons by {teacher}"),
            Arm::Lesson(_) => "training samples from one lesson alone".into(),
            Arm::AllLessons => "training samples from all lessons together".into(),
            Arm::LessonsAndLabels => {
                "training samples from all lessons, and ordinary labelled discovery rows".into()
            }
            Arm::LlmLabels => "real rows with the labels that a language model gives them".into(),
            Arm::SamplesWithoutHypotheses => "LLM samples written without hypotheses".into(),
            Arm::ExtrapolationWithoutClusters => {
                "LLM samples extrapolated from errors without clusters".into()
            }
            Arm::Other(name) => format!("a second model, trained elsewhere: {name}"),
        }
    }

    /// What it is called in sentences for people who need not know its name.
    pub fn in_words(&self) -> String {
        match self {
            Arm::Reference => "the model as it was".into(),
            Arm::Base => "training on with nothing added".into(),
            Arm::Extra => "more of the ordinary training texts".into(),
            Arm::Uus => "the errors themselves".into(),
            Arm::RandomDiscovery => "plain labelling".into(),
            Arm::Lessons(teacher) => format!("the lessons by {teacher}"),
            Arm::Lesson(_) => "one lesson alone".into(),
            Arm::AllLessons => "all lessons".into(),
            Arm::LessonsAndLabels => "lessons beside plain labelling".into(),
            Arm::LlmLabels => "labels by a language model".into(),
            Arm::SamplesWithoutHypotheses => "samples without hypotheses".into(),
            Arm::ExtrapolationWithoutClusters => "extrapolation without blind spots".into(),
            Arm::Other(name) => format!("the model {name}"),
        }
    }

    /// Why the arm has nothing to add, for tables: never a number.
    pub fn nothing_to_add(&self) -> &'static str {
        match self {
            Arm::Reference | Arm::Base => "not trained",
            Arm::Extra => "no reserved training rows",
            Arm::Uus => "no unknown unknowns",
            Arm::RandomDiscovery => "no discovery rows",
            Arm::Lesson(_) | Arm::Lessons(_) | Arm::AllLessons | Arm::LessonsAndLabels => {
                "no lessons"
            }
            Arm::LlmLabels => {
                "no rows labelled by a language model; a table of them (text, label) comes in with \
                 `blindspot import-lessons PROJECT FILE --teacher llm-labels --llm MODEL`"
            }
            Arm::SamplesWithoutHypotheses => {
                "no such samples; a table of them (text, label) comes in with `blindspot \
                 import-lessons PROJECT FILE --teacher samples-without-hypotheses --llm MODEL`"
            }
            Arm::ExtrapolationWithoutClusters => {
                "no such samples; a table of them (text, label) comes in with `blindspot \
                 import-lessons PROJECT FILE --teacher extrapolation-without-clusters --llm MODEL`"
            }
            Arm::Other(_) => "trained elsewhere",
        }
    }

    /// The arm of a name as printed by `Display`: `base`, `lessons:NAME`, ….
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "untouched" => Arm::Reference,
            "base" => Arm::Base,
            "extra" => Arm::Extra,
            "uus" => Arm::Uus,
            "random-discovery" => Arm::RandomDiscovery,
            "all-lessons" => Arm::AllLessons,
            "lessons+labels" => Arm::LessonsAndLabels,
            "llm-labels" => Arm::LlmLabels,
            "samples-without-hypotheses" => Arm::SamplesWithoutHypotheses,
            "extrapolation-without-clusters" => Arm::ExtrapolationWithoutClusters,
            other => Arm::Lessons(other.strip_prefix("lessons:")?.to_owned()),
        })
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arm::Reference => f.write_str("untouched"),
            Arm::Base => f.write_str("base"),
            Arm::Extra => f.write_str("extra"),
            Arm::Uus => f.write_str("uus"),
            Arm::RandomDiscovery => f.write_str("random-discovery"),
            Arm::Lessons(teacher) => write!(f, "lessons:{teacher}"),
            Arm::Lesson(id) => write!(f, "lesson:{id}"),
            Arm::AllLessons => f.write_str("all-lessons"),
            Arm::LessonsAndLabels => f.write_str("lessons+labels"),
            Arm::LlmLabels => f.write_str("llm-labels"),
            Arm::SamplesWithoutHypotheses => f.write_str("samples-without-hypotheses"),
            Arm::ExtrapolationWithoutClusters => f.write_str("extrapolation-without-clusters"),
            Arm::Other(name) => write!(f, "other:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for arm in [
            Arm::Reference,
            Arm::Base,
            Arm::Extra,
            Arm::Uus,
            Arm::RandomDiscovery,
            Arm::Lessons("expert".into()),
            Arm::AllLessons,
            Arm::LessonsAndLabels,
            Arm::LlmLabels,
            Arm::SamplesWithoutHypotheses,
            Arm::ExtrapolationWithoutClusters,
        ] {
            assert_eq!(Arm::from_name(&arm.to_string()), Some(arm));
        }
        assert_eq!(Arm::from_name("control"), None);
    }
}

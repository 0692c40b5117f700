//! Samples as a set, as people read it, each figure with what to do.

use super::{LabelShare, SampleSet};
use crate::lessons::sample_set::{FEWEST, Realism};
use crate::support::figures::{Line, NOTHING, Sheet};
use crate::support::text::{agreeing, many, shortened};

/// Characters of a name of a lesson at most.
const LONGEST_NAME: usize = 48;
/// An area from which samples are told easily.
const EASILY: f64 = 0.8;
/// How many times as long samples are as data, or data as samples, from which
/// their length is named.
const LENGTHS: f64 = 1.5;
/// Share of samples that would have to change their label, from which labels
/// are called out of balance.
const UNBALANCED: f64 = 0.2;

/// One property of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Its figure.
    pub figure: String,
    /// Whether there is something to do.
    pub needs_care: bool,
    /// What to do, in a sentence.
    pub advice: String,
}

/// All properties of a set.
pub fn properties(set: &SampleSet) -> [Property; 4] {
    [realism(set), diversity(set), coverage(set), balance(set)]
}

/// A table of the figures of all sets; what to do follows for each.
pub fn sheet(sets: &[SampleSet]) -> Sheet {
    let mut sheet = Sheet::new("Samples as a set")
        .note("In embeddings of the base. Errors that were kept back are counted, never shown.")
        .words("lesson", "")
        .words("samples", "");
    if let Some(first) = sets.first() {
        for property in properties(first) {
            sheet = sheet.words(property.name, property.meaning);
        }
    }
    for set in sets {
        let line = Line::new(false)
            .words(shortened(&title(set), LONGEST_NAME))
            .words(set.samples.to_string());
        let properties = properties(set).into_iter();
        sheet.lines.push(properties.fold(line, |line, property| {
            line.explained(property.figure, Some(property.advice))
        }));
    }
    sheet
}

/// What a set is called: its blind spot and its teacher.
pub fn title(set: &SampleSet) -> String {
    format!("{} ({})", set.name, set.teacher)
}

fn from(set: &SampleSet) -> String {
    match set.sources.len() {
        0 => "the data".to_owned(),
        _ => set.sources.join(" and "),
    }
}

fn realism(set: &SampleSet) -> Property {
    let (figure, needs_care, advice) = match &set.realism {
        None => (
            NOTHING.to_owned(),
            false,
            format!("Fewer than {FEWEST} samples, or rows to hold them against: too few to tell"),
        ),
        Some(found) => {
            let figure = format!(
                "AUC {:.2} ({:.2}–{:.2})",
                found.auc, found.interval.lower, found.interval.upper
            );
            let (needs_care, advice) = told(set, found);
            (figure, needs_care, advice)
        }
    };
    Property {
        name: "realism",
        meaning: "How well a classifier tells the samples from data with the same labels, \
                  cross-validated: the area under the curve with its 95 % interval. 0.5 is best; \
                  what is about one blind spot is always told a little",
        figure,
        needs_care,
        advice,
    }
}

/// What to do about samples that are told so well from data.
fn told(set: &SampleSet, found: &Realism) -> (bool, String) {
    if found.interval.lower <= 0.5 {
        let advice = "Nothing tells them from the data: nothing to do";
        (false, advice.to_owned())
    } else if found.auc < EASILY {
        let advice = format!(
            "They differ somewhat from texts of {}: read the shown errors again and borrow their \
             wording{}",
            from(set),
            lengths(set)
        );
        (false, advice)
    } else {
        let advice = format!(
            "They are easily told from texts of {}: write as these are written, with their topics, \
             spelling and length{}",
            from(set),
            lengths(set)
        );
        (true, advice)
    }
}

/// “ (samples have 8 words, the data 21)” where that tells them apart.
fn lengths(set: &SampleSet) -> String {
    let (samples, data) = set.median_words;
    let ratio = samples.max(1) as f64 / data.max(1) as f64;
    match ratio >= LENGTHS || ratio <= 1.0 / LENGTHS {
        true => format!(" (in the median, samples have {samples} words and the data {data})"),
        false => String::new(),
    }
}

fn diversity(set: &SampleSet) -> Property {
    let (figure, needs_care, advice) = match &set.spread {
        None => (
            NOTHING.to_owned(),
            false,
            "Too few samples to tell".to_owned(),
        ),
        Some(spread) => {
            let beside = (spread.beside_errors).map_or_else(String::new, |(_, errors)| {
                format!(", shown errors {errors:.3}")
            });
            let figure = format!("{:.3} (data {:.3}{beside})", spread.samples, spread.data);
            let as_errors = (spread.beside_errors).is_some_and(|(own, errors)| own >= errors);
            let is_narrow = spread.samples < spread.lower && !as_errors;
            let advice = if is_narrow {
                "They lie closer together than texts of the data and than the shown errors: vary \
                 topic, wording and length, and drop those that say the same"
            } else if spread.samples > spread.upper {
                "They lie farther apart than as many texts of the data: nothing to do, unless they \
                 stray from the blind spot"
            } else {
                "They spread as far as the data or the shown errors do: nothing to do"
            };
            (figure, is_narrow, advice.to_owned())
        }
    };
    Property {
        name: "diversity",
        meaning: "Mean distance (1 − cosine) of a sample to the nearest other one, beside that of \
                  as many rows of the data with the same labels, and of the shown errors",
        figure,
        needs_care,
        advice,
    }
}

fn coverage(set: &SampleSet) -> Property {
    let (figure, needs_care, advice) = match &set.coverage {
        None => (
            NOTHING.to_owned(),
            false,
            "No error was kept back, or too few are shown, to tell what the samples reach"
                .to_owned(),
        ),
        Some(found) => {
            let figure = format!(
                "{} of {} (shown errors {})",
                found.reached, found.kept_back, found.by_shown
            );
            let missed = found.kept_back - found.reached;
            let falls_short = found.reached < found.by_shown;
            let advice = match falls_short {
                true => format!(
                    "{} {} no sample near, and shown errors reach more: write for shown errors \
                     that no sample is like",
                    many(missed, "kept-back error"),
                    agreeing(missed, "has", "have")
                ),
                false => "They reach as many as the shown errors do: nothing to do".to_owned(),
            };
            (figure, falls_short, advice)
        }
    };
    Property {
        name: "coverage",
        meaning: "Errors of the blind spot that were kept back and have a sample near: no farther \
                  than a shown error is from the next one, in the median. Beside it, how many \
                  have a shown error as near",
        figure,
        needs_care,
        advice,
    }
}

fn balance(set: &SampleSet) -> Property {
    let gap = |share: &LabelShare| share.of_samples - share.of_data;
    let moved = set.labels.iter().map(|share| gap(share).abs()).sum::<f64>() / 2.0;
    let most = set.labels.iter().max_by(|a, b| gap(a).total_cmp(&gap(b)));
    let needs_care = moved > UNBALANCED;
    let advice = match most.filter(|_| needs_care) {
        Some(share) => format!(
            "“{}” is {} of the samples and {} of {}: write contrasts, texts like the errors with \
             another label, or set balance = \"as-in-discovery\" under [retrain]",
            share.label,
            percent(share.of_samples),
            percent(share.of_data),
            from(set)
        ),
        None => "Labels are shared out much as in the data: nothing to do".to_owned(),
    };
    let shares: Vec<String> = (set.labels.iter())
        .filter(|share| share.samples > 0)
        .map(|share| {
            format!(
                "{} {} (data {})",
                share.label,
                percent(share.of_samples),
                percent(share.of_data)
            )
        })
        .collect();
    Property {
        name: "labels",
        meaning: "Share of each label among the samples, beside its share of discovery from the \
                  sources of the shown errors",
        figure: shares.join(", "),
        needs_care,
        advice,
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{BlindSpotId, RecordId};
    use crate::steps::sample_sets::{Coverage, Spread};
    use crate::support::statistics::Interval;

    fn set() -> SampleSet {
        let share = |label: &str, samples, of_samples, of_data| LabelShare {
            label: label.to_owned(),
            samples,
            of_samples,
            of_data,
        };
        SampleSet {
            lesson: RecordId("lesson-1".into()),
            blind_spot: BlindSpotId(1),
            name: "irony".into(),
            teacher: "ann".into(),
            samples: 20,
            sources: vec!["tweets".into()],
            median_words: (6, 20),
            realism: Some(Realism {
                auc: 0.95,
                interval: Interval {
                    lower: 0.85,
                    upper: 0.99,
                },
                rows: 80,
            }),
            spread: Some(Spread {
                samples: 0.02,
                data: 0.1,
                lower: 0.08,
                upper: 0.12,
                beside_errors: Some((0.02, 0.05)),
            }),
            coverage: Some(Coverage {
                kept_back: 9,
                reached: 2,
                by_shown: 6,
                within: 0.1,
            }),
            labels: vec![share("good", 18, 0.9, 0.5), share("bad", 2, 0.1, 0.5)],
        }
    }

    #[test]
    fn each_weakness_has_a_sentence_on_what_to_do() {
        let [realism, diversity, coverage, balance] = properties(&set());
        for property in [&realism, &diversity, &coverage, &balance] {
            assert!(property.needs_care, "{property:?}");
        }
        assert!(realism.advice.contains("6 words and the data 20"));
        assert!(coverage.advice.contains("7 kept-back errors"));
        assert!(balance.advice.contains("“good” is 90 %"));
        assert_eq!(coverage.figure, "2 of 9 (shown errors 6)");
    }

    #[test]
    fn a_sound_set_and_one_too_small_to_tell_need_no_care() {
        let mut sound = set();
        sound.median_words = (18, 20);
        if let Some(realism) = &mut sound.realism {
            (realism.auc, realism.interval.lower) = (0.55, 0.42);
        }
        if let Some(spread) = &mut sound.spread {
            spread.samples = 0.1;
        }
        if let Some(coverage) = &mut sound.coverage {
            coverage.reached = 6;
        }
        sound.labels[0].of_samples = 0.6;
        sound.labels[1].of_samples = 0.4;
        let mut small = sound.clone();
        (small.realism, small.spread, small.coverage) = (None, None, None);
        for set in [&sound, &small] {
            for property in properties(set) {
                assert!(!property.needs_care, "{property:?}");
            }
        }
        assert_eq!(properties(&small)[0].figure, NOTHING);
    }

    #[test]
    fn samples_need_not_be_less_alike_than_the_errors_are() {
        let mut as_errors = set();
        if let Some(spread) = &mut as_errors.spread {
            spread.beside_errors = Some((0.02, 0.015));
        }
        let [_, diversity, ..] = properties(&as_errors);
        assert!(!diversity.needs_care, "{diversity:?}");
    }
}

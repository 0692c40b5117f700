//! Suspect labels as every face lists them: what speaks against each label,
//! in words and in figures, and what people judged.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::dataset::{Dataset, Example};
use crate::discovery::{Suspect, suspects};
use crate::records::{Document, ExampleKey, Label, Snapshot, Text, Triage};
use crate::steps::State;
use crate::support::figures::{Figure, figure};
use crate::support::text::{agreeing, many};
use crate::support::{Progress, Result};

/// What the list is, for whoever reads it.
pub const MEANING: &str = "Confident errors of discovery, those first whose label is most at odds \
    with the model and with the labels of the nearest texts. A label that is judged wrong is no \
    error of the model: it leaves the unknown unknowns, and the corrected one counts in training, \
    discovery and comparison. Rows of check and final are never listed.";

/// A suspect label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Its place in the list, from 1.
    pub rank: usize,
    /// The example.
    pub id: String,
    /// File and row of the data.
    pub place: String,
    /// Where it comes from.
    pub source: String,
    /// The text; none if it is kept back from teachers, whom the list may
    /// reach.
    pub text: Option<Text>,
    /// The label that the data gives.
    pub label: String,
    /// The model's label.
    pub predicted: String,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
    /// The probability that the model gives to the label of the data, 0 to 1.
    pub self_confidence: f32,
    /// Nearest texts of *discovery* that were asked.
    pub neighbours_asked: usize,
    /// Those of them that are labelled as the data label this one.
    pub neighbours_side_with_data: usize,
    /// Those that are labelled as the model labels this one.
    pub neighbours_side_with_model: usize,
    /// Why it is suspect, in words.
    pub reason: String,
    /// The nearest texts with their labels, nearest first.
    pub neighbours: Vec<Near>,
    /// Whether it is kept back from teachers.
    pub kept_back: bool,
    /// What people judged, in words.
    pub judgement: Option<String>,
    /// Who judged, if they said so.
    pub judged_by: Option<String>,
    /// When they judged.
    pub judged_at: Option<String>,
}

/// A text near a suspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Near {
    /// The example.
    pub id: String,
    /// The label that the data gives.
    pub label: String,
    /// The text; none if it is kept back from teachers.
    pub text: Option<Text>,
}

impl State {
    /// The suspect labels under the current settings; none before the base was
    /// asked.
    ///
    /// # Errors
    /// When cancelled.
    pub fn suspects(&self, progress: &Progress) -> Result<Vec<Suspect>> {
        match self.answers() {
            Some(answers) => suspects(answers, progress),
            None => Ok(Vec::new()),
        }
    }

    /// Suspects as they may be handed on: without the texts that the snapshot
    /// in use keeps back.
    pub fn listed(&self, suspects: &[Suspect]) -> Vec<Listed> {
        let kept_back = self.snapshot().map(|snapshot| kept_back(snapshot));
        let kept_back = kept_back.unwrap_or_default();
        let ranked = (1..).zip(suspects);
        ranked
            .map(|(rank, suspect)| {
                listed(rank, suspect, (&self.dataset, &self.document), &kept_back)
            })
            .collect()
    }
}

fn kept_back(snapshot: &Snapshot) -> BTreeSet<&ExampleKey> {
    let spots = snapshot.blind_spots.iter();
    spots.flat_map(|spot| &spot.kept_back).collect()
}

fn listed(
    rank: usize,
    suspect: &Suspect,
    (dataset, document): (&Dataset, &Document),
    kept_back: &BTreeSet<&ExampleKey>,
) -> Listed {
    let example = &dataset.examples[suspect.example];
    let name = |label: Label| dataset.label_name(label).to_owned();
    let text = |example: &Example| {
        let open = example.text().filter(|_| !kept_back.contains(&example.key));
        open.cloned()
    };
    let near = |index: &usize| {
        let example = &dataset.examples[*index];
        Near {
            id: example.key.to_string(),
            label: name(example.label),
            text: text(example),
        }
    };
    let signature = document.judged.get(&example.key);
    let triage = document.triage.get(&example.key);
    Listed {
        rank,
        id: example.key.to_string(),
        place: dataset.place(example),
        source: dataset.sources[usize::from(example.source)].clone(),
        text: text(example),
        label: name(suspect.given),
        predicted: name(suspect.predicted),
        confidence: suspect.confidence,
        self_confidence: suspect.self_confidence,
        neighbours_asked: suspect.asked,
        neighbours_side_with_data: suspect.side_with_data,
        neighbours_side_with_model: suspect.side_with_model,
        reason: reason(suspect, dataset),
        neighbours: suspect.neighbours.iter().map(near).collect(),
        kept_back: kept_back.contains(&example.key),
        judgement: triage.map(|triage| judgement(*triage, dataset)),
        judged_by: signature.and_then(|signature| signature.by.clone()),
        judged_at: signature.map(|signature| signature.when.clone()),
    }
}

/// What speaks against a label, and what speaks for it.
pub fn reason(suspect: &Suspect, dataset: &Dataset) -> String {
    let (given, predicted) = (
        dataset.label_name(suspect.given),
        dataset.label_name(suspect.predicted),
    );
    let model = format!(
        "The model says {predicted} with {:.1} % and leaves {:.1} % to {given}",
        100.0 * suspect.confidence,
        100.0 * suspect.self_confidence
    );
    if suspect.asked == 0 {
        return format!("{model}; without embeddings there are no neighbours to ask");
    }
    let (with_data, with_model) = (suspect.side_with_data, suspect.side_with_model);
    let side = match with_model.cmp(&with_data) {
        std::cmp::Ordering::Greater => "they side with the model",
        std::cmp::Ordering::Equal => "they are divided",
        std::cmp::Ordering::Less => "they side with the data",
    };
    format!(
        "{model}; of the {} {with_model} {} labelled {predicted} and {with_data} {given}: {side}",
        many(suspect.asked, "nearest text"),
        agreeing(with_model, "is", "are"),
    )
}

/// A judgement in words.
pub fn judgement(triage: Triage, dataset: &Dataset) -> String {
    match triage {
        Triage::RealError => "real error".into(),
        Triage::WrongLabel(None) => "wrong label".into(),
        Triage::WrongLabel(Some(label)) => {
            format!("wrong label, should be {}", dataset.label_name(label))
        }
        Triage::Ambiguous => "ambiguous".into(),
    }
}

/// All figures of a suspect in files; the first says which it is.
pub fn figures() -> Vec<Figure<Listed>> {
    vec![
        figure("suspect")
            .print("{rank} {id}")
            .whole("rank", |one: &Listed| one.rank)
            .words("id", |one| one.id.clone())
            .words("place", |one| one.place.clone())
            .words("source", |one| one.source.clone()),
        figure("text")
            .words("text", |one: &Listed| {
                one.text.as_ref().map(|text| text.first.clone())
            })
            .words("text_b", |one| {
                one.text.as_ref().and_then(|text| text.second.clone())
            })
            .words("part", |one| if one.kept_back { "kept back" } else { "" }),
        figure("label → predicted")
            .print("{label} → {predicted}")
            .words("label", |one: &Listed| one.label.clone())
            .words("predicted", |one| one.predicted.clone())
            .meaning("The label that the data gives, and the model's."),
        figure("confidence")
            .print("{confidence} %")
            .share("confidence", 1, |one: &Listed| one.confidence)
            .share("self_confidence", 1, |one| one.self_confidence)
            .meaning("The probability that the model gives to its own answer."),
        figure("neighbours for the model : for the data")
            .print("{neighbours_side_with_model} : {neighbours_side_with_data}")
            .whole("neighbours_asked", |one: &Listed| one.neighbours_asked)
            .whole("neighbours_side_with_model", |one| {
                one.neighbours_side_with_model
            })
            .whole("neighbours_side_with_data", |one| {
                one.neighbours_side_with_data
            })
            .meaning(
                "How many of the nearest texts have the label that the model says, and how many \
                 the label that the data gives.",
            ),
        figure("judgement")
            .words("judgement", |one: &Listed| one.judgement.clone())
            .words("judged_by", |one| one.judged_by.clone())
            .words("judged_at", |one| one.judged_at.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;
    use crate::records::{Role, Signature};

    #[test]
    fn a_reason_names_both_voices_and_kept_back_texts_stay_out() {
        let mut fixture = Fixture::new(2, 0);
        for text in ["suspect", "near"] {
            fixture.add(text, 0, Role::Discovery, &[0.0, 4.0], &[]);
        }
        let (dataset, _) = fixture.build();
        let mut suspect = Suspect {
            example: 0,
            given: 0,
            predicted: 1,
            confidence: 0.982,
            self_confidence: 0.018,
            asked: 50,
            side_with_data: 1,
            side_with_model: 49,
            neighbours: vec![1],
            score: -5.0,
        };
        assert_eq!(
            reason(&suspect, &dataset),
            "The model says label1 with 98.2 % and leaves 1.8 % to label0; of the 50 nearest \
             texts 49 are labelled label1 and 1 label0: they side with the model"
        );
        (suspect.side_with_data, suspect.side_with_model) = (30, 20);
        assert!(reason(&suspect, &dataset).ends_with("they side with the data"));

        let key = |index: usize| dataset.examples[index].key.clone();
        let mut document = Document::default();
        document.triage.insert(key(0), Triage::WrongLabel(Some(1)));
        let signature = Signature {
            by: Some("a reader".into()),
            when: "2026-01-01T00:00:00Z".into(),
        };
        document.judged.insert(key(0), signature);
        let all = (&dataset, &document);
        let open = listed(1, &suspect, all, &BTreeSet::new());
        assert_eq!(open.text, Some(Text::single("suspect")));
        assert_eq!(open.neighbours[0].text, Some(Text::single("near")));
        assert_eq!(
            open.judgement.as_deref(),
            Some("wrong label, should be label1")
        );
        assert_eq!(open.judged_by.as_deref(), Some("a reader"));
        let keys = [key(0), key(1)];
        let hidden = listed(1, &suspect, all, &keys.iter().collect());
        assert!(hidden.kept_back && hidden.text.is_none());
        assert!(hidden.neighbours[0].text.is_none());
    }
}

//! Review of a language model's drafts: what passes the checks by rule, and
//! how a lesson that was taken up again keeps what a person decided.

use std::sync::Arc;

use super::llm::passes_label_check;
use crate::records::{Cost, Document, Lesson, Review, Sample};

/// Whether a draft may be accepted by the rule "accept all that pass": the
/// separate call gave it the intended label, and the sample checks found no
/// copy (those are rejected at once). Whether it fools the model is no
/// condition: contrasts should not.
pub fn passes(sample: &Sample) -> bool {
    passes_label_check(sample)
}

/// Accepts every draft of a lesson that [`passes`]; gives their number.
pub fn accept_passing(lesson: &mut Lesson) -> usize {
    let passing = lesson.samples.iter_mut().filter(|sample| passes(sample));
    passing
        .map(|sample| sample.review = Review::Accepted)
        .count()
}

/// A lesson that was taught again, beside what is already there under its id:
/// what a person accepted, rejected or edited stays, with the time it took;
/// what is new is added.
pub fn merged(old: &Lesson, new: Lesson) -> Lesson {
    let mut merged = Lesson {
        created: old.created.clone(),
        hypotheses: old.hypotheses.clone(),
        samples: old.samples.clone(),
        left_out: old.left_out,
        // The bill is the model's; it knows nothing of the time of review.
        cost: Cost {
            active_seconds: old.cost.active_seconds.max(new.cost.active_seconds),
            hourly_rate: old.cost.hourly_rate.or(new.cost.hourly_rate),
            ..new.cost
        },
        ..new
    };
    for hypothesis in new.hypotheses {
        if merged.hypotheses.iter().all(|h| h.id != hypothesis.id) {
            merged.hypotheses.push(hypothesis);
        }
    }
    for sample in new.samples {
        match merged.samples.iter_mut().find(|s| s.id == sample.id) {
            // A draft that nobody touched may have been labelled by now.
            Some(old) if old.review == Review::Draft && old.text == sample.text => *old = sample,
            Some(_) => {}
            None => merged.samples.push(sample),
        }
    }
    merged
}

/// Takes over lessons that a language model taught, or taught further:
/// what a person decided about their samples stays.
pub fn take_lessons(document: &mut Document, lessons: &[Lesson]) {
    for lesson in lessons {
        let merged = match document.lessons.get(&lesson.id) {
            Some(old) => merged(old, lesson.clone()),
            None => lesson.clone(),
        };
        document.lessons.insert(merged.id.clone(), Arc::new(merged));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Author, BlindSpotId, RecordId, Text};

    fn sample(id: &str, judged: Option<&str>) -> Sample {
        let author = Author::Llm {
            model: "m".into(),
            prompt: None,
        };
        Sample {
            review: Review::Draft,
            judged_label: judged.map(str::to_owned),
            ..Sample::new(RecordId(id.into()), Text::single(id), "good", author)
        }
    }

    fn lesson(samples: Vec<Sample>) -> Lesson {
        let (id, author) = (RecordId("lesson".into()), samples[0].author.clone());
        Lesson {
            samples,
            ..Lesson::new(id, (BlindSpotId(1), 1), "m", author)
        }
    }

    #[test]
    fn only_drafts_with_the_intended_label_are_accepted_by_rule() {
        let mut rejected = sample("copy", Some("good"));
        rejected.review = Review::Rejected {
            reason: "copy".into(),
        };
        let mut lesson = lesson(vec![
            sample("right", Some("good")),
            sample("mislabelled", Some("bad")),
            sample("not judged", None),
            rejected,
        ]);
        assert_eq!(accept_passing(&mut lesson), 1);
        assert_eq!(lesson.samples[0].review, Review::Accepted);
        assert_eq!(lesson.samples[1].review, Review::Draft);
        assert_eq!(lesson.samples[2].review, Review::Draft);
        assert_ne!(lesson.samples[3].review, Review::Accepted);
    }

    #[test]
    fn teaching_again_adds_and_labels_and_undoes_no_decision() {
        let mut old = lesson(vec![
            sample("a", None),
            sample("b", None),
            sample("c", None),
        ]);
        old.samples[0].review = Review::Accepted;
        old.samples[1].text = Text::single("edited");
        old.cost.active_seconds = 90.0;
        old.cost.money = 0.1;
        let all = ["a", "b", "c", "d"].map(|id| sample(id, Some("good")));
        let mut new = lesson(all.to_vec());
        new.cost.money = 0.3;
        let merged = merged(&old, new);
        assert_eq!(merged.cost.active_seconds, 90.0, "the review took place");
        assert_eq!(merged.cost.money, 0.3, "the bill counts all calls");
        assert_eq!(merged.samples[..2], old.samples[..2]);
        assert_eq!(merged.samples[2], all[2]);
        assert_eq!(merged.samples[3], all[3]);
        assert_eq!(merged.samples.len(), 4);
    }
}

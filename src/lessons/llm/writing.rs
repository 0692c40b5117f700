//! The third step of a lesson: samples in rounds, sifted and judged.

use super::asking::Answer;
use super::brief::LessonBrief;
use super::drafts::{self, Sieve, WrittenSamples};
use super::questions::Order;
use super::teach::{LessonInProgress, Plan, record_id};
use crate::records::{Author, Review, Sample, Text};
use crate::support::Result;

/// Calls in a round. What a round asks depends on the rounds before it and
/// not on the order in which replies arrive, so that a lesson can be resumed.
const ROUND: usize = 8;
/// Texts labelled in one call.
const JUDGED_TOGETHER: usize = 10;

/// State of the step.
pub(super) struct Writing<'a> {
    brief: &'a LessonBrief,
    plan: &'a Plan,
    sieve: Sieve<'a>,
    /// Calls made so far.
    calls: usize,
    /// Drafts so far (rejected ones do not count), by hypothesis.
    drafts: Vec<usize>,
    /// Samples that no reply may bring any more.
    left_out: usize,
}

/// What one call is for.
#[derive(Clone, Copy)]
struct Slot {
    hypothesis: usize,
    count: usize,
    contrast: bool,
    number: usize,
}

impl<'a> Writing<'a> {
    pub(super) fn new(brief: &'a LessonBrief, plan: &'a Plan) -> Self {
        Self {
            brief,
            plan,
            sieve: Sieve::new(brief),
            calls: 0,
            drafts: Vec::new(),
            left_out: 0,
        }
    }

    /// Writes until the plan is met or the model brings nothing new.
    pub(super) fn run(mut self, lesson: &mut LessonInProgress<'_>) -> Result<()> {
        self.drafts = vec![0; lesson.taught.hypotheses.len()];
        let target = self.plan.samples as u64;
        lesson.progress.stage("Writing samples", Some(target));
        let outcome = loop {
            let slots = self.next_round();
            if slots.is_empty() {
                break Ok(());
            }
            let first_new = lesson.taught.samples.len();
            if let Err(error) = self.round(lesson, &slots) {
                break Err(error);
            }
            if self.plan.judge
                && let Err(error) = self.judge(lesson, first_new)
            {
                break Err(error);
            }
            lesson
                .progress
                .done(self.drafts.iter().sum::<usize>() as u64);
        };
        self.conclude(lesson);
        outcome
    }

    fn conclude(&self, lesson: &mut LessonInProgress<'_>) {
        let notes = &mut lesson.taught.notes;
        let drafts: usize = self.drafts.iter().sum();
        if self.left_out > 0 {
            notes.push(format!(
                "{} samples more than anybody asked for were left out; they are in the \
                 transcript",
                self.left_out
            ));
        }
        if drafts < self.plan.samples && self.calls >= self.most_calls() {
            notes.push(format!(
                "{drafts} of {} samples after {} calls: the model brings too little that is new",
                self.plan.samples, self.calls
            ));
        }
    }

    /// Twice the calls that would do, and some: then the model has no more.
    fn most_calls(&self) -> usize {
        2 * self.plan.samples.div_ceil(self.plan.samples_per_call) + ROUND
    }

    /// The calls of the next round: hypotheses in turn, those with the fewest
    /// drafts first.
    fn next_round(&mut self) -> Vec<Slot> {
        let mut planned = self.drafts.clone();
        let mut slots = Vec::new();
        while slots.len() < ROUND && self.calls < self.most_calls() {
            let missing = self.plan.samples.saturating_sub(planned.iter().sum());
            let fewest = (0..planned.len()).min_by_key(|at| planned[*at]);
            let (Some(hypothesis), 1..) = (fewest, missing) else {
                break;
            };
            let count = missing.min(self.plan.samples_per_call);
            planned[hypothesis] += count;
            slots.push(Slot {
                hypothesis,
                count,
                contrast: self.is_contrast(self.calls),
                number: self.calls,
            });
            self.calls += 1;
        }
        slots
    }

    /// Spreads the contrasts evenly over the calls.
    fn is_contrast(&self, call: usize) -> bool {
        let so_far = |calls: usize| (calls as f64 * self.plan.contrast_share).floor();
        so_far(call + 1) > so_far(call)
    }

    fn round(&mut self, lesson: &mut LessonInProgress<'_>, slots: &[Slot]) -> Result<()> {
        let calls = slots.iter().map(|slot| {
            let hypothesis = &lesson.taught.hypotheses[slot.hypothesis];
            let of_it = lesson.taught.samples.iter().filter(|sample| {
                sample.hypothesis.as_ref() == Some(&hypothesis.id) && sample.review == Review::Draft
            });
            let written: Vec<&Text> = of_it.map(|sample| &sample.text).collect();
            let order = Order {
                number: slot.number,
                hypothesis,
                count: slot.count,
                contrast: slot.contrast,
                written: &written,
            };
            lesson.questions.samples(&order)
        });
        let calls = calls.collect();
        let pairs = self.brief.has_pairs();
        let asked: Vec<&str> = slots
            .iter()
            .map(|slot| lesson.questions.template_and_label(slot.contrast).1)
            .collect();
        let read = |at: usize, reply: &str| drafts::samples(reply, asked[at], pairs);
        let (answered, error) = lesson.ask(calls, read);
        for answer in answered {
            self.take(lesson, slots[answer.number], answer);
        }
        error.map_or(Ok(()), Err)
    }

    fn take(
        &mut self,
        lesson: &mut LessonInProgress<'_>,
        slot: Slot,
        answer: Answer<WrittenSamples>,
    ) {
        let written = match answer.outcome {
            Ok(written) => written,
            Err(reason) => {
                let note = format!("a call for samples brought nothing: {reason}");
                return lesson.taught.notes.push(note);
            }
        };
        self.left_out += written.left_out;
        let (template, _) = lesson.questions.template_and_label(slot.contrast);
        let author = lesson.author(template.version());
        let (right, _) = self.brief.confusion();
        let mut kept = 0;
        for (at, sample) in written.samples.into_iter().enumerate() {
            let sifted = match self.sieve.sift(&sample) {
                Ok(_) if kept == slot.count => Err("more than were asked for".to_owned()),
                sifted => sifted,
            };
            kept += usize::from(sifted.is_ok());
            let (label, contrast, review) = match sifted {
                Ok(label) => (label.clone(), label != right, Review::Draft),
                Err(reason) => {
                    let as_written = sample.label.chars().take(60).collect();
                    (as_written, slot.contrast, Review::Rejected { reason })
                }
            };
            let id = record_id("sample", &answer.key, at);
            lesson.taught.samples.push(Sample {
                hypothesis: Some(lesson.taught.hypotheses[slot.hypothesis].id.clone()),
                contrast,
                review,
                ..Sample::new(id, sample.text, label, author.clone())
            });
        }
        self.drafts[slot.hypothesis] += kept;
    }

    /// Has the new drafts labelled by calls that see their texts alone.
    fn judge(&self, lesson: &mut LessonInProgress<'_>, first_new: usize) -> Result<()> {
        let new = first_new..lesson.taught.samples.len();
        let drafts: Vec<usize> = new
            .filter(|at| lesson.taught.samples[*at].review == Review::Draft)
            .collect();
        let batches: Vec<&[usize]> = drafts.chunks(JUDGED_TOGETHER).collect();
        let calls = batches.iter().map(|batch| {
            let texts = batch.iter().map(|at| &lesson.taught.samples[*at].text);
            lesson.questions.judge(&texts.collect::<Vec<_>>())
        });
        let calls = calls.collect();
        let brief = self.brief;
        let (answered, error) = lesson.ask(calls, |at, reply| {
            drafts::judged(reply, brief, batches[at].len())
        });
        for answer in answered {
            match answer.outcome {
                Ok(labels) => {
                    for (at, label) in batches[answer.number].iter().zip(labels) {
                        lesson.taught.samples[*at].judged_label = label;
                    }
                }
                Err(reason) => {
                    let note = format!("a call for labels brought nothing: {reason}");
                    lesson.taught.notes.push(note);
                }
            }
        }
        error.map_or(Ok(()), Err)
    }
}

/// Whether a model's sample may be accepted by rule: still a draft, and the
/// separate call gave it the intended label.
pub fn passes_label_check(sample: &Sample) -> bool {
    let written_by_model = matches!(sample.author, Author::Llm { .. });
    written_by_model
        && sample.review == Review::Draft
        && sample.judged_label.as_deref() == Some(sample.label.as_str())
}

//! Language models as judges, within a budget, and as writers of a better
//! hypothesis.

use std::collections::BTreeMap;

use super::{CheckOrder, CheckedHypothesis, Checking, Checks};
use crate::lessons::check::{CheckRows, Sizes, reason};
use crate::lessons::llm::{
    Answers, Claim, Client, Estimate, Failing, Journal, Limits, Money, Prompts, Spent, Teacher,
    refine,
};
use crate::project::store::Store;
use crate::records::{Author, CheckVerdict, Hypothesis, HypothesisCheck, Judge, Lesson, RecordId};
use crate::steps::teach::setup::TeachingSetup;
use crate::support::hash::StepHash;
use crate::support::{Error, Progress, Result, hash};

/// Texts in one call, but for small models that are given one at a time.
const TOGETHER: usize = 10;

/// What asking a language model needs of a project.
pub struct Asking<'a> {
    /// Teachers and prompts.
    pub setup: &'a TeachingSetup,
    /// Where each answer is written down before it is used.
    pub store: &'a Store,
}

/// One hypothesis that is about to be asked about.
struct Planned<'a> {
    lesson: &'a Lesson,
    hypothesis: &'a Hypothesis,
    rows: CheckRows,
    job: String,
}

impl Checking {
    /// What an order to a language model will take, refinement aside.
    ///
    /// # Errors
    /// When the order names what is not there, or when cancelled.
    pub fn estimate(
        &self,
        order: &CheckOrder,
        setup: &TeachingSetup,
        teacher: &str,
        progress: &Progress,
    ) -> Result<Estimate> {
        let teacher = setup.teacher(teacher)?;
        let prompts = setup.checked_prompts()?;
        let mut all = Estimate::default();
        for planned in self.planned(&self.ordered(order)?, teacher, progress)? {
            let rows = self.drawn(&planned.rows, planned.hypothesis);
            let texts = self.texts(&rows.mixed(0));
            let claim = self.claim(&planned.hypothesis.text, teacher);
            all = all.plus(claim.estimate(&texts, &teacher.endpoint, &prompts));
        }
        Ok(all)
    }

    fn claim<'c>(&'c self, sentence: &'c str, teacher: &Teacher) -> Claim<'c> {
        Claim {
            task: self.task.trim(),
            sentence,
            together: match teacher.samples_per_call {
                1 => 1,
                _ => TOGETHER,
            },
        }
    }

    fn planned<'p>(
        &self,
        ordered: &[(&'p Lesson, &'p Hypothesis)],
        teacher: &Teacher,
        progress: &Progress,
    ) -> Result<Vec<Planned<'p>>> {
        let mut planned = Vec::new();
        for (lesson, hypothesis) in ordered {
            planned.push(Planned {
                lesson,
                hypothesis,
                rows: self.rows(self.spot(lesson.blind_spot)?, progress)?,
                job: self.job(&hypothesis.id, teacher),
            });
        }
        Ok(planned)
    }

    /// The journal of a model's answers on a hypothesis, for good.
    fn job(&self, hypothesis: &RecordId, teacher: &Teacher) -> String {
        let hash = StepHash::default()
            .with("teacher", teacher.name.as_bytes())
            .with("model", teacher.endpoint.model.as_bytes())
            .with("snapshot", &self.snapshot.version.to_le_bytes())
            .with("hypothesis", hypothesis.0.as_bytes())
            .finish();
        format!("check-{}", &hash[..16])
    }

    /// The rows that a model is asked about: others each time.
    fn drawn(&self, rows: &CheckRows, hypothesis: &Hypothesis) -> CheckRows {
        rows.drawn(&Sizes::MODEL, 0, hypothesis.tried)
    }

    pub(super) fn all_by_model(
        &self,
        ordered: &[(&Lesson, &Hypothesis)],
        order: &CheckOrder,
        (teacher, asking): (&str, &Asking<'_>),
        progress: &Progress,
    ) -> Result<Checks> {
        let teacher = asking.setup.teacher(teacher)?;
        if !asking.setup.is_confirmed(&teacher.endpoint) {
            return Err(Error::input(format!(
                "nobody has confirmed that texts of this project may go to {}",
                teacher.endpoint.host()
            ))
            .hint("confirm it in the window, or with `--yes`"));
        }
        let prompts = asking.setup.checked_prompts()?;
        let planned = self.planned(ordered, teacher, progress)?;
        let mut spent: Vec<Spent> = Vec::new();
        for one in &planned {
            spent.push(Journal::open(Box::new(asking.store.journal(&one.job)))?.spent());
        }
        let before = sum(&spent);
        let mut checks = Checks::default();
        for (position, one) in planned.iter().enumerate() {
            let limits = limits(teacher, order).left_by_others(&spent, position);
            let journal = Journal::open(Box::new(asking.store.journal(&one.job)))?;
            let client = Client::new(teacher.endpoint.clone(), limits, journal)?;
            let part = progress.within(&one.hypothesis.text);
            self.one_by_model(
                one,
                (teacher, &client, &prompts),
                order.refine,
                &part,
                &mut checks,
            )?;
            spent[position] = client.journal().spent();
            if checks.stopped.is_some() {
                break;
            }
        }
        let after = sum(&spent);
        checks.calls = after.calls.saturating_sub(before.calls);
        checks.money = Money(after.money.0.saturating_sub(before.money.0)).units();
        Ok(checks)
    }

    /// Asks about one hypothesis, and about better ones in its place as often
    /// as is allowed.
    fn one_by_model(
        &self,
        planned: &Planned<'_>,
        (teacher, client, prompts): (&Teacher, &dyn Answers, &Prompts),
        refinements: u32,
        progress: &Progress,
        checks: &mut Checks,
    ) -> Result<()> {
        let mut hypothesis = planned.hypothesis.clone();
        if is_of_model(&hypothesis.author, &teacher.endpoint.model) {
            checks.notes.push(format!(
                "“{}” is judged by the model that wrote it, in a call of its own; another model \
                 judges more freely",
                hypothesis.text
            ));
        }
        for left in (0..=refinements).rev() {
            let rows = self.drawn(&planned.rows, &hypothesis);
            let asked: Vec<usize> = rows.mixed(0);
            let texts = self.texts(&asked);
            let claim = self.claim(&hypothesis.text, teacher);
            let judged = claim.judge(&texts, client, prompts, progress);
            checks.notes.extend(judged.notes);
            if let Some(stopped) = judged.stopped {
                checks.stopped = Some(stopped.into());
                return Ok(());
            }
            let answered = asked.iter().zip(judged.said);
            let said: BTreeMap<usize, bool> = answered
                .filter_map(|(row, said)| Some((*row, said?)))
                .collect();
            let judge = Judge::Model {
                teacher: teacher.name.clone(),
                model: teacher.endpoint.model.clone(),
                prompt: prompts.check.version().to_owned(),
            };
            let check = self.concluded(judge, &hypothesis.text, &rows, &said);
            let fails = could_be_better(check.verdict) && left > 0;
            let failing = fails.then(|| self.failing(&hypothesis, &check, &rows, &said));
            let done = Self::checked(planned.lesson, &hypothesis, check);
            let tried = done.hypothesis.tried;
            let better = match &failing {
                None => Ok(None),
                Some(failing) => refine(failing, client, prompts, progress),
            };
            checks.checked.push(CheckedHypothesis {
                is_new: left < refinements,
                ..done
            });
            match better {
                Ok(Some((text, author))) => {
                    hypothesis = refined(&hypothesis, text, author, tried);
                }
                Ok(None) => break,
                Err(error) => {
                    checks.stopped = Some(error.into());
                    break;
                }
            }
        }
        Ok(())
    }

    /// What a writer may see of why a hypothesis failed: shown errors and
    /// right texts.
    fn failing<'f>(
        &'f self,
        hypothesis: &'f Hypothesis,
        check: &HypothesisCheck,
        rows: &CheckRows,
        said: &BTreeMap<usize, bool>,
    ) -> Failing<'f> {
        let (missed, also) = super::counter_examples(rows, said);
        let held = rows.shown.iter().copied();
        let held: Vec<usize> = held.filter(|row| said.get(row) == Some(&true)).collect();
        let why = reason(
            check.verdict,
            (check.kept_back, "errors"),
            check.right,
            self.thresholds,
        );
        Failing {
            task: self.task.trim(),
            sentence: &hypothesis.text,
            verdict: format!("{}: {why}", check.verdict.name()),
            held: self.texts(&held),
            missed: self.texts(&missed),
            also: self.texts(&also),
        }
    }
}

fn could_be_better(verdict: CheckVerdict) -> bool {
    use CheckVerdict::{NotSupported, TooBroad, TooNarrow};
    matches!(verdict, TooBroad | TooNarrow | NotSupported)
}

/// A hypothesis in place of another one. It inherits how often the kept-back
/// errors were asked.
fn refined(of: &Hypothesis, text: String, author: Author, tried: u32) -> Hypothesis {
    let id = format!("{} {text}", of.id);
    Hypothesis {
        tried,
        ..Hypothesis::new(
            RecordId(format!("hypothesis-{}", &hash::bytes(id.as_bytes())[..16])),
            of.kind,
            text,
            author,
        )
    }
}

fn is_of_model(author: &Author, model: &str) -> bool {
    matches!(author, Author::Llm { model: writer, .. } if writer == model)
}

fn limits(teacher: &Teacher, order: &CheckOrder) -> Limits {
    let own = teacher.limits();
    Limits {
        calls: order.max_calls.or(own.calls),
        money: order.budget.map(Money::of).or(own.money),
    }
}

fn sum(spent: &[Spent]) -> Spent {
    spent.iter().fold(Spent::default(), |all, one| Spent {
        calls: all.calls + one.calls,
        money: all.money.plus(one.money),
    })
}

/// Which texts go where, to be said before the first call.
pub fn statement(estimate: &Estimate, teacher: &Teacher) -> String {
    let endpoint = &teacher.endpoint;
    let place = match endpoint.is_local() {
        true => format!("the server {} on this machine", endpoint.host()),
        false => format!("{}, which is not this machine", endpoint.host()),
    };
    let money = estimate
        .money
        .map_or_else(String::new, |money| format!(", about {money:.4}"));
    format!(
        "{} texts of “discovery” will be sent to {place} in about {} calls (about {} tokens{money}) \
         to judge hypotheses, without labels. Errors that are kept back from teachers are among \
         them: the judge answers yes or no in calls of its own, remembers nothing, and no \
         kept-back text goes into a call that writes. Texts of “check” and “final” are never sent.",
        estimate.texts, estimate.calls, estimate.tokens
    )
}

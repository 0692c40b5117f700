//! Lessons by language models on a project's blind spots: briefed, asked
//! within a budget, checked, and kept as drafts.
//!
//! Every reply is in the project's journal before it is used. A lesson that
//! was stopped goes on where it stood when it is asked for again, and nothing
//! that was received is asked for twice.

pub mod brief;
mod choice;
mod order;
mod recordings;
pub mod setup;

use std::sync::Arc;

pub use self::order::{TaughtLessons, TeachOrder};
use crate::lessons::llm::{
    Answers, Client, Journal, LessonBrief, Limits, Money, Plan, Prompts, Spent, Taught, Teacher,
    may_record_to, teach,
};
use crate::records::{Author, BlindSpot, BlindSpotId, Cost, Lesson, RecordId};
use crate::steps::Basis;
use crate::steps::leakage_guard::LeakageGuard;
use crate::steps::sample_checks::check_drafts;
use crate::steps::teach::brief::{Briefed, Briefing};
use crate::steps::teach::setup::TeachingSetup;
use crate::support::hash::StepHash;
use crate::support::{Error, Progress, Result};

/// A lesson that is about to be asked for.
struct Planned {
    id: RecordId,
    blind_spot: BlindSpotId,
    name: String,
    briefed: Briefed,
    plan: Plan,
    /// How many of the drafts are kept; all where nobody says.
    keep: Option<usize>,
}

/// Where lessons by language models start from.
pub struct Teaching<'a> {
    /// The project, its blind spots, and what people wrote without copies of
    /// *check* and *final* ([`super::leakage_guard::without_copies`]).
    pub basis: Basis<'a>,
    /// Teachers and prompts.
    pub setup: &'a TeachingSetup,
}

impl Teaching<'_> {
    fn briefing(&self) -> Briefing<'_> {
        let workspace = &self.basis.project.workspace;
        Briefing {
            task: &workspace.manifest.task,
            meanings: &self.setup.meanings,
            answers: self.basis.answers(),
            snapshot: self.basis.snapshot,
            document: self.basis.document,
        }
    }

    /// Which texts go where: to be said before the first call.
    ///
    /// # Errors
    /// When the order names a teacher or a blind spot that is not there.
    pub fn statement(&self, order: &TeachOrder) -> Result<String> {
        let teacher = self.setup.teacher(&order.teacher)?;
        let planned = self.planned(teacher, order)?;
        let briefs: Vec<LessonBrief> = planned.into_iter().map(|p| p.briefed.brief).collect();
        Ok(LessonBrief::statement(&briefs, &teacher.endpoint))
    }

    /// Has a language model teach. An end that comes early is told in the
    /// result, beside what was received.
    ///
    /// # Errors
    /// When nothing could be asked: settings that cannot work, no key, a host
    /// that nobody has confirmed.
    pub fn run(&self, order: &TeachOrder, progress: &Progress) -> Result<TaughtLessons> {
        let teacher = self.setup.teacher(&order.teacher)?;
        if !self.setup.is_confirmed(&teacher.endpoint) {
            return Err(Error::input(format!(
                "nobody has confirmed that texts of this project may go to {}",
                teacher.endpoint.host()
            ))
            .hint("confirm it in the panel of the teachers, or with `blindspot teach --yes`"));
        }
        let planned = self.planned(teacher, order)?;
        for lesson in &planned {
            let sound = lesson.briefed.brief.check();
            sound.map_err(|error| error.context(&lesson.name))?;
        }
        if planned.is_empty() {
            return Err(Error::input("there is no blind spot with errors to teach")
                .hint("lower τ and freeze again, or take triage back"));
        }
        let prompts = self.setup.checked_prompts()?;
        // What takes time and can fail comes before the first paid call.
        order.record.as_deref().map_or(Ok(()), may_record_to)?;
        let guard = LeakageGuard::new(self.basis.project, progress)?;
        let store = &self.basis.project.store;
        let mut spent: Vec<Spent> = Vec::new();
        for lesson in &planned {
            spent.push(Journal::open(Box::new(store.journal(&lesson.id.0)))?.spent());
        }
        let mut out = TaughtLessons {
            teacher: teacher.name.clone(),
            lessons: Vec::new(),
            notes: Vec::new(),
            stopped: None,
        };
        for (position, lesson) in planned.iter().enumerate() {
            let limits = self.limits(teacher, order).left_by_others(&spent, position);
            let journal = Journal::open(Box::new(store.journal(&lesson.id.0)))?;
            let client = Client::new(teacher.endpoint.clone(), limits, journal)?;
            let part = progress.within(&lesson.name);
            let taught = self.ask(&client, lesson, &prompts, &part)?;
            spent[position] = client.journal().spent();
            let statement = statement(teacher, &prompts);
            let bill = client.journal().bill();
            self.keep(taught, lesson, (teacher, statement, bill), &guard, &mut out)?;
            if out.stopped.is_some() {
                break;
            }
        }
        if let Some(path) = &order.record {
            self.record(path, teacher, &planned[..out.lessons.len()])?;
        }
        Ok(out)
    }

    fn ask(
        &self,
        answers: &dyn Answers,
        lesson: &Planned,
        prompts: &Prompts,
        progress: &Progress,
    ) -> Result<Taught> {
        teach(
            answers,
            &lesson.briefed.brief,
            &lesson.plan,
            prompts,
            progress,
        )
    }

    /// Checks what was written and adds the lesson to the result.
    fn keep(
        &self,
        taught: Taught,
        planned: &Planned,
        (teacher, mut statement, cost): (&Teacher, String, Cost),
        guard: &LeakageGuard,
        out: &mut TaughtLessons,
    ) -> Result<()> {
        let mut samples = taught.samples;
        // Not the job's own progress: what was received is checked even after
        // a cancel.
        let model = (&*self.basis.base.model, self.basis.snapshot.temperature);
        let (project, document) = (self.basis.project, self.basis.document);
        check_drafts(project, model, guard, &mut samples, document)?;
        // A lesson that was stopped is chosen from once it is whole.
        if let Some(keep) = planned.keep.filter(|_| taught.stopped.is_none()) {
            let (spot, silent) = (planned.blind_spot, Progress::silent());
            let choice = self
                .basis
                .keep_covering(&mut samples, spot, keep, &silent)?;
            if let Some(choice) = choice {
                statement += &format!(" {choice}.");
                out.notes.push(format!("{}: {choice}", planned.name));
            }
        }
        let notes = taught.notes.into_iter();
        out.notes
            .extend(notes.map(|note| format!("{}: {note}", planned.name)));
        out.stopped = taught.stopped.map(Arc::new);
        let author = Author::Llm {
            model: teacher.endpoint.model.clone(),
            prompt: None,
        };
        let place = (planned.blind_spot, self.basis.snapshot.version);
        out.lessons.push(Lesson {
            statement,
            shown: planned.briefed.shown.clone(),
            hypotheses: taught.hypotheses,
            samples,
            cost,
            ..Lesson::new(planned.id.clone(), place, &teacher.name, author)
        });
        Ok(())
    }

    fn planned(&self, teacher: &Teacher, order: &TeachOrder) -> Result<Vec<Planned>> {
        let briefing = self.briefing();
        let spots: Vec<&BlindSpot> = if order.blind_spots.is_empty() {
            self.basis.snapshot.blind_spots.iter().collect()
        } else {
            let spot = |id: &BlindSpotId| {
                self.basis
                    .snapshot
                    .blind_spot(*id)
                    .ok_or_else(|| no_spot(*id))
            };
            order.blind_spots.iter().map(spot).collect::<Result<_>>()?
        };
        let all = order.blind_spots.is_empty();
        let mut planned = Vec::new();
        for spot in spots {
            let briefed = briefing.of(spot);
            // Triage or moves may have emptied it.
            if all && briefed.shown.is_empty() {
                continue;
            }
            planned.push(Planned {
                id: self.lesson_id(teacher, spot.id),
                blind_spot: spot.id,
                name: self
                    .basis
                    .document
                    .blind_spot_name(spot.id, self.basis.snapshot),
                briefed,
                plan: Plan {
                    samples: order.samples,
                    samples_per_call: teacher.samples_per_call.min(order.samples).max(1),
                    hypotheses: order.hypotheses.clone(),
                    ..Plan::default()
                },
                keep: order.keep,
            });
        }
        Ok(planned)
    }

    /// The lesson of a teacher on a blind spot, for good: asked again, it is
    /// taken up where it stood.
    fn lesson_id(&self, teacher: &Teacher, spot: BlindSpotId) -> RecordId {
        let endpoint = &teacher.endpoint;
        let hash = StepHash::default()
            .with("teacher", teacher.name.as_bytes())
            .with("model", endpoint.model.as_bytes())
            .with("base", self.basis.snapshot.model.as_bytes())
            .with("snapshot", &self.basis.snapshot.version.to_le_bytes())
            .with("blind spot", &spot.0.to_le_bytes())
            .finish();
        RecordId(format!("lesson-{}", &hash[..16]))
    }

    fn limits(&self, teacher: &Teacher, order: &TeachOrder) -> Limits {
        let own = teacher.limits();
        Limits {
            calls: order.max_calls.or(own.calls),
            money: order.budget.map(Money::of).or(own.money),
        }
    }
}

fn statement(teacher: &Teacher, prompts: &Prompts) -> String {
    let endpoint = &teacher.endpoint;
    let temperature = match endpoint.temperature {
        Some(temperature) => format!("temperature {temperature}"),
        None => "the server's temperature".to_owned(),
    };
    format!(
        "Written by the language model `{}` at {} ({temperature}, prompts {}), which was shown \
         the errors listed and their contrasts and nothing else. It labelled its samples again in \
         calls that did not see the intended label.",
        endpoint.model,
        endpoint.host(),
        &prompts.version()[..12],
    )
}

fn no_spot(id: BlindSpotId) -> Error {
    Error::input(format!(
        "there is no blind spot {id} in the snapshot in use"
    ))
    .hint("`blindspot discover PROJECT` lists them")
}

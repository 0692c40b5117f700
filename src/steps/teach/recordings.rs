//! Lessons that are recorded, and replayed without a network.

use std::path::Path;

use crate::lessons::llm::{
    Answers as _, Prompts, RecordedLesson, Replay, ReplyStore, Teacher, save,
};
use crate::steps::leakage_guard::LeakageGuard;
use crate::steps::teach::brief::Briefed;
use crate::steps::teach::{Planned, TaughtLessons, Teaching, statement};
use crate::support::{Error, Progress, Result, clock};

impl Teaching<'_> {
    /// Replays recorded lessons. They are taught by “NAME (recording)” and say
    /// so in their statements.
    ///
    /// # Errors
    /// When the file is no recording, or one of other blind spots.
    pub fn replay(&self, path: &Path, progress: &Progress) -> Result<TaughtLessons> {
        let recorded = Replay::open(path)?;
        let guard = LeakageGuard::new(self.basis.project, progress)?;
        let mut out = TaughtLessons {
            teacher: String::new(),
            lessons: Vec::new(),
            notes: Vec::new(),
            stopped: None,
        };
        for (lesson, replay) in recorded {
            let Some(spot) = self.basis.snapshot.blind_spot(lesson.blind_spot) else {
                return Err(Error::input(format!(
                    "`{}` is a recording for blind spot {}, which is not in the snapshot in use",
                    path.display(),
                    lesson.blind_spot
                ))
                .hint("use the snapshot that it was recorded with"));
            };
            let teacher = Teacher {
                name: format!("{} (recording)", lesson.teacher.name),
                ..lesson.teacher.clone()
            };
            let planned = Planned {
                id: self.lesson_id(&teacher, lesson.blind_spot),
                blind_spot: lesson.blind_spot,
                name: self
                    .basis
                    .document
                    .blind_spot_name(spot.id, self.basis.snapshot),
                briefed: Briefed {
                    brief: lesson.brief,
                    shown: lesson.shown,
                },
                plan: lesson.plan,
                keep: None,
            };
            let prompts = Prompts::from_texts(&lesson.prompts)?;
            let taught = self.ask(&replay, &planned, &prompts, progress)?;
            let statement = format!(
                "{} Recorded {}. {}",
                replay.label(),
                lesson.recorded,
                statement(&lesson.teacher, &prompts)
            );
            out.teacher.clone_from(&teacher.name);
            out.notes.push(replay.label());
            let bill = replay.journal().bill();
            self.keep(
                taught,
                &planned,
                (&teacher, statement, bill),
                &guard,
                &mut out,
            )?;
        }
        Ok(out)
    }

    /// Writes a recording of lessons whose replies are in their journals.
    pub(super) fn record(&self, path: &Path, teacher: &Teacher, lessons: &[Planned]) -> Result<()> {
        let store = &self.basis.project.store;
        let mut recorded = Vec::new();
        for lesson in lessons {
            recorded.push((
                RecordedLesson {
                    teacher: teacher.clone(),
                    recorded: clock::now(),
                    blind_spot: lesson.blind_spot,
                    snapshot: self.basis.snapshot.version,
                    shown: lesson.briefed.shown.clone(),
                    brief: lesson.briefed.brief.clone(),
                    plan: lesson.plan.clone(),
                    prompts: self.setup.prompts.clone(),
                },
                store.journal(&lesson.id.0),
            ));
        }
        let lessons = recorded
            .iter()
            .map(|(lesson, store)| (lesson.clone(), store as &dyn ReplyStore));
        save(&lessons.collect::<Vec<_>>(), path)
    }
}

//! The work of a session: each command that takes more than a moment is a job
//! here, which ends in an event.

use std::path::PathBuf;
use std::sync::Arc;

use super::event::Event;
use super::jobs::JobKind;
use super::live::Session;
use super::shared::Shared;
use crate::dataset::Example;
use crate::discovery::calibration::fit_temperature;
use crate::export::{self, ModelChoice, corrected};
use crate::inference::Predictions;
use crate::inference::saliency::saliency;
use crate::map::pca_map;
use crate::records::{
    AnswersFrom, Document, Endpoints, ExampleKey, MapMethod, MapPositions, ModelUse, RetrainPlan,
    Round, Snapshot,
};
use crate::report;
use crate::steps::clean::Unneeded;
use crate::steps::discover::Discovering;
use crate::steps::estimate::time_to_retrain;
use crate::steps::import_lessons::{Defaults, Unusual, checked_lessons};
use crate::steps::import_predictions::{ImportOutcome, import_predictions};
use crate::steps::round::Trained;
use crate::steps::save_lessons::save_lessons;
use crate::steps::{Basis, OpenProject, RoundResult, State, not_scored};
use crate::support::text::{agreeing, many, size};
use crate::support::{Error, Progress, Result};

impl Session {
    pub(super) fn fit(&mut self) -> Result<()> {
        self.writable()?;
        let shared = self.shared.clone();
        // There is nothing to fit about a model that brings its own head.
        let fits = !self.state.as_it_is;
        let title = match fits {
            true => "Fitting the base model",
            false => "Reading the model",
        };
        self.start(JobKind::Fit, title, move |progress| {
            let base = shared.project.base(fits, progress)?;
            let info = Arc::new(base.info.clone());
            shared.replace_base(base);
            Ok(Event::BaseReady(info))
        })
    }

    pub(super) fn fit_longer(&mut self) -> Result<()> {
        self.writable()?;
        let shared = self.shared.clone();
        let title = "Fitting the base model for longer";
        self.start(JobKind::Fit, title, move |progress| {
            let base = shared.project.fit_longer(progress)?;
            let info = Arc::new(base.info.clone());
            shared.replace_base(base);
            Ok(Event::BaseReady(info))
        })
    }

    pub(super) fn score(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        let truths = Arc::clone(self.state.truths());
        self.start(JobKind::Score, "Scoring the examples", move |progress| {
            let (base, predictions) = shared.reference(progress)?;
            let dataset = &shared.project.workspace.dataset;
            Ok(Event::Scored {
                base: base.id,
                temperature: fit_temperature(dataset, &predictions, &truths).temperature,
                predictions,
            })
        })
    }

    /// Scores with the base as it is now: what an earlier job is still asking
    /// is another one.
    pub(super) fn score_anew(&mut self) -> Result<()> {
        self.jobs.forget(JobKind::Score);
        self.score()
    }

    /// The map that comes at once, and after it the better one; both in the
    /// background, since even principal components of many rows take longer
    /// than a frame.
    pub(super) fn build_map(&mut self) -> Result<()> {
        let Some(predictions) = self.state.predictions.clone() else {
            return Err(not_scored());
        };
        if predictions.width() == 0 {
            return Ok(());
        }
        if self.state.map.is_some() {
            return self.neighbour_map(predictions);
        }
        self.start(JobKind::Map, "Laying out the map", move |progress| {
            let (embeddings, width) = (predictions.embeddings(), predictions.width());
            Ok(Event::Mapped(Arc::new(MapPositions {
                method: MapMethod::Pca,
                points: pca_map(embeddings, width, progress)?,
            })))
        })
    }

    fn neighbour_map(&mut self, predictions: Arc<Predictions>) -> Result<()> {
        let project = self.shared.project.clone();
        let Some(base) = self.state.base.clone() else {
            return Err(not_scored());
        };
        self.start(JobKind::Map, "Arranging the map", move |progress| {
            let map = project.make_map(&base, &predictions, progress)?;
            Ok(Event::Mapped(Arc::new(map)))
        })
    }

    pub(super) fn preview(&mut self) -> Result<()> {
        let (Some(answers), Some(base)) = (self.state.answers(), &self.state.base) else {
            return Ok(());
        };
        let (answers, base) = (Arc::clone(answers), Arc::clone(base));
        let settings = self.state.document.settings.clone();
        self.start(
            JobKind::Preview,
            "Looking for blind spots",
            move |progress| {
                let discovering = Discovering {
                    answers: &answers,
                    model: &base.id,
                    settings: &settings,
                };
                Ok(Event::Previewed(Arc::new(discovering.preview(progress)?)))
            },
        )
    }

    /// On one processor: nobody waits for it, and the rest is for what somebody
    /// waits for.
    pub(super) fn measure_stability(&mut self) -> Result<()> {
        let (Some(answers), Some(base)) = (self.state.answers(), &self.state.base) else {
            return Err(not_scored());
        };
        let (answers, base) = (Arc::clone(answers), Arc::clone(base));
        let settings = self.state.document.settings.clone();
        let title = "Trying each number of blind spots";
        self.start(JobKind::Stability, title, move |progress| {
            let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
            let alone = alone.map_err(|e| Error::program("cannot start a thread").because(e))?;
            let discovering = Discovering {
                answers: &answers,
                model: &base.id,
                settings: &settings,
            };
            let found = alone.install(|| discovering.stability(progress))?;
            Ok(Event::StabilityMeasured(Arc::new(found)))
        })
    }

    /// Sealed texts have no words to weigh.
    pub(super) fn compute_saliency(&mut self, key: &ExampleKey) -> Result<()> {
        let dataset = &self.state.dataset;
        let example = dataset.index_of(key).map(|index| &dataset.examples[index]);
        let Some(text) = example.and_then(Example::text).cloned() else {
            return Err(Error::input(format!("there is no text `{key}` to look at")));
        };
        if self.state.base.is_none() {
            return Err(not_scored());
        }
        if self.shared.project.is_black_box()? {
            // There is no model to ask; nothing is shown then.
            return Ok(());
        }
        let (shared, key) = (self.shared.clone(), key.clone());
        let temperature = self.state.effective_temperature();
        let run = self.state.run_in_use().cloned();
        self.start(
            JobKind::Saliency,
            "Looking for the words that matter",
            move |progress| {
                let model = shared.model(run.as_ref(), progress)?;
                let longest = shared.project.workspace.longest_text(&model);
                let found = saliency(&model, &text, longest, temperature, progress)?;
                Ok(Event::WordsWeighed(key, Arc::new(found)))
            },
        )
    }

    pub(super) fn freeze(&mut self) -> Result<()> {
        self.writable()?;
        let (Some(answers), Some(base)) = (self.state.answers(), &self.state.base) else {
            return Err(not_scored());
        };
        let (answers, base) = (Arc::clone(answers), Arc::clone(base));
        let settings = self.state.document.settings.clone();
        let earlier = self.state.snapshots.clone();
        let lessons: Vec<_> = self.state.document.lessons.values().cloned().collect();
        let project = self.shared.project.clone();
        self.start(JobKind::Freeze, "Freezing blind spots", move |progress| {
            let discovering = Discovering {
                answers: &answers,
                model: &base.id,
                settings: &settings,
            };
            let snapshot = discovering.freeze((&earlier, &lessons), progress)?;
            project.store.add_snapshot(&snapshot)?;
            Ok(Event::Frozen(Arc::new(snapshot)))
        })
    }

    pub(super) fn estimate_retraining(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        let lessons = self.state.document.lessons.values();
        let added = lessons
            .map(|lesson| lesson.training_samples().count())
            .sum();
        let title = "Measuring how long retraining takes";
        self.start(JobKind::Estimate, title, move |progress| {
            let base = shared.base(progress)?;
            let workspace = &shared.project.workspace;
            let times = time_to_retrain(workspace, &base, added, progress)?;
            Ok(Event::Estimated(times))
        })
    }

    pub(super) fn retrain(&mut self, plan: RetrainPlan) -> Result<()> {
        self.writable()?;
        let frozen = self.frozen()?;
        let arms = many(plan.trained_arms(), "arm");
        let title = format!("Retraining ({}, {arms})", plan.mode);
        let rounds = self.state.rounds.iter();
        let known: Vec<u32> = rounds.map(|result| result.round.number).collect();
        let (trained, seeds) = (plan.trained_arms(), plan.seeds.len());
        let expected = self.state.time_to_retrain(plan.mode, trained, seeds);
        let job = self.jobs.start(JobKind::Retrain, title, move |progress| {
            let result = frozen.on(progress, |basis| {
                let trained = basis.train(&plan, progress)?;
                basis.read_check(&trained, progress)?;
                result_of(basis.project, trained)
            })?;
            Ok(match known.contains(&result.round.number) {
                true => Event::RoundKnown(result),
                false => Event::RoundReady(result),
            })
        })?;
        self.jobs.expect(job, expected.map(|(time, _)| time));
        Ok(())
    }

    pub(super) fn open_final(
        &mut self,
        number: u32,
        (endpoints, reason): (Endpoints, String),
    ) -> Result<()> {
        self.writable()?;
        let Some(kept) = self.state.round(number) else {
            return Err(Error::input(format!("there is no round {number}")));
        };
        let record = kept.round.clone();
        let frozen = Frozen {
            snapshot: self.shared.project.snapshot_of(&record)?,
            ..self.frozen()?
        };
        self.start(JobKind::Compare, "Opening final", move |progress| {
            let result = frozen.on(progress, |basis| {
                let trained = basis.recall(&record)?;
                basis.open_final(&trained, (&endpoints, &reason), progress)?;
                result_of(basis.project, trained)
            })?;
            Ok(Event::RoundReady(result))
        })
    }

    /// Reads what the models of a round say, unless that is known or being
    /// read already.
    pub(super) fn look_at(&mut self, number: u32) -> Result<()> {
        let known = self.state.round(number);
        if known.is_none_or(|result| !result.answers.is_empty()) || !self.looking_at.insert(number)
        {
            return Ok(());
        }
        let wanted = self.looking_at.iter();
        let rounds: Vec<Round> = wanted
            .filter_map(|number| self.state.round(*number))
            .map(|result| result.round.clone())
            .collect();
        let project = self.shared.project.clone();
        let title = "Reading the answers of an earlier round";
        self.start(JobKind::LookAt, title, move |progress| {
            let read = rounds.iter().map(|round| {
                progress.check()?;
                Ok((round.number, project.answers_of(round)?))
            });
            Ok(Event::LookedAt(read.collect::<Result<_>>()?))
        })
    }

    pub(super) fn write_report(&mut self, path: PathBuf) -> Result<()> {
        let project = self.shared.project.clone();
        self.start(JobKind::Export, "Writing the report", move |progress| {
            report::write(&project, &path, progress)?;
            Ok(Event::Notice(format!(
                "report written to {}",
                path.display()
            )))
        })
    }

    pub(super) fn export(&mut self, folder: PathBuf) -> Result<()> {
        let project = self.shared.project.clone();
        self.start(JobKind::Export, "Exporting", move |progress| {
            let choice = ModelChoice::default();
            let exported = export::write(&project, &folder, &choice, progress)?;
            Ok(Event::Notice(format!(
                "{} files written to {}",
                exported.files.len(),
                folder.display()
            )))
        })
    }

    pub(super) fn write_corrected(&mut self, folder: PathBuf) -> Result<()> {
        let project = self.shared.project.clone();
        let title = "Writing the corrected data set";
        self.start(JobKind::Export, title, move |progress| {
            let written = corrected::write(&project, &folder, progress)?;
            Ok(Event::Notice(written.to_string()))
        })
    }

    pub(super) fn hand_over(&mut self, file: PathBuf) -> Result<()> {
        let frozen = self.frozen()?;
        let title = "Packing the blind spots for an expert";
        self.start(JobKind::Export, title, move |progress| {
            let out = frozen.on(progress, |basis| basis.hand_over(&file, progress))?;
            Ok(Event::Notice(format!(
                "{} blind spots with {} texts are in {}; the expert opens this file in Blindspot",
                out.blind_spots,
                out.texts,
                file.display()
            )))
        })
    }

    pub(super) fn find_unneeded(&mut self) -> Result<()> {
        let project = self.shared.project.clone();
        let title = "Looking through the computed files";
        self.start(JobKind::Export, title, move |_| {
            let unneeded = Unneeded::find(&project)?;
            Ok(Event::UnneededFound(Arc::new(unneeded)))
        })
    }

    /// Finds them anew: something may have begun to need one since.
    pub(super) fn remove_unneeded(&mut self) -> Result<()> {
        self.writable()?;
        if self.jobs.any_active() {
            // Its results are needed before anything refers to them.
            return Err(
                Error::input("a job is at work whose results could be removed")
                    .hint("wait for it or cancel it first"),
            );
        }
        let project = self.shared.project.clone();
        let title = "Removing files that nothing needs";
        // No retraining begins meanwhile.
        self.start(JobKind::Retrain, title, move |_| {
            let freed = Unneeded::find(&project)?.remove(&project)?;
            Ok(Event::Notice(format!("{} were freed", size(freed))))
        })
    }

    pub(super) fn save_lessons(&mut self, file: PathBuf) -> Result<()> {
        let project = self.shared.project.clone();
        let document = self.state.document.clone();
        let title = "Saving the lessons";
        self.start(JobKind::Export, title, move |progress| {
            let saved = save_lessons(&project, &document, &file, progress)?;
            // Whoever sends it has to find it.
            let file = std::path::absolute(&file).unwrap_or(file);
            Ok(Event::Notice(format!(
                "{} {} in {}; send this file back",
                many(saved, "lesson"),
                agreeing(saved, "is", "are"),
                file.display()
            )))
        })
    }

    pub(super) fn import_lessons(&mut self, file: PathBuf) -> Result<()> {
        self.writable()?;
        let project = self.shared.project.clone();
        let title = "Reading and checking the samples";
        self.start(JobKind::Export, title, move |progress| {
            let state = State::read(&project)?;
            let teacher = Defaults::default();
            // A person has picked the file and can take back what it brings.
            let agree = |_: &Unusual| Ok(());
            let file = (&*file, &teacher);
            let checked = checked_lessons(&project, &state, file, &agree, progress)?;
            Ok(Event::LessonsRead(checked))
        })
    }

    pub(super) fn import_predictions(&mut self, from: AnswersFrom) -> Result<()> {
        self.writable()?;
        let shared = self.shared.clone();
        let title = "Reading the predictions";
        self.start(JobKind::Fit, title, move |progress| {
            let imported = match import_predictions(&shared.project, &from, progress)? {
                ImportOutcome::Imported(imported) => imported,
                ImportOutcome::Asks(question) => return Ok(Event::PredictionsAsk(from, question)),
            };
            shared.forget_base();
            let base = shared.project.known_base()?.ok_or_else(not_scored)?;
            let said = imported.to_string();
            Ok(Event::PredictionsImported(Arc::new(base), said))
        })
    }

    /// Asks the model what its own classes answer.
    pub(super) fn ask_model(&mut self) -> Result<()> {
        let project = self.shared.project.clone();
        self.start(JobKind::Fit, "Asking the model", move |_| {
            let question = project.model_question(&State::read(&project)?)?;
            Ok(Event::ModelAsked(Arc::new(question)))
        })
    }

    /// What takes long may not be at work: opening the project again would end
    /// it. What follows from the answers is made anew anyway.
    pub(super) fn use_model_so(&mut self, wanted: ModelUse) -> Result<()> {
        self.writable()?;
        let long = [
            JobKind::Teach,
            JobKind::Retrain,
            JobKind::Interference,
            JobKind::Compare,
            JobKind::Export,
        ];
        if let Some(other) = long.into_iter().find_map(|kind| self.jobs.active(kind)) {
            return Err(Error::input(format!("“{}” is still running", other.title))
                .hint("wait for it or cancel it first"));
        }
        let project = self.shared.project.clone();
        self.start(
            JobKind::Fit,
            "Changing how the model is used",
            move |progress| {
                project.use_model_so(&wanted, progress)?;
                Ok(Event::ModelUseChanged)
            },
        )
    }

    /// What a job on the blind spots in use needs.
    pub(super) fn frozen(&self) -> Result<Frozen> {
        let snapshot = self.state.snapshot().cloned().ok_or_else(|| {
            Error::input("there are no frozen blind spots yet")
                .hint("freeze the blind spots first: lessons and figures attach to them")
        })?;
        Ok(Frozen {
            shared: self.shared.clone(),
            snapshot,
            document: self.state.document.clone(),
        })
    }
}

/// The blind spots and the document as they were when a job was asked for.
pub(super) struct Frozen {
    pub(super) shared: Shared,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) document: Document,
}

impl Frozen {
    /// Works on them with the base, which is loaded and scored when needed.
    pub(super) fn on<T>(
        &self,
        progress: &Progress,
        work: impl FnOnce(Basis<'_>) -> Result<T>,
    ) -> Result<T> {
        let base = self.shared.base(progress)?;
        let reference = self.shared.reference_of(&base, progress)?;
        work(Basis {
            project: &self.shared.project,
            base: &base,
            reference: &reference,
            snapshot: &self.snapshot,
            document: &self.document,
        })
    }
}

fn result_of(project: &OpenProject, trained: Trained) -> Result<Arc<RoundResult>> {
    Ok(Arc::new(RoundResult {
        comparisons: project.comparisons_of(trained.round.number)?,
        round: trained.round.clone(),
        answers: trained.answers(),
    }))
}

//! Second models beside the base: comparing, and looking at them again; all
//! models on what the lessons test, and on what each lesson does alone; and what
//! the model in use should leave to a person.

use std::sync::Arc;

use super::command::Command;
use super::event::Event;
use super::jobs::JobKind;
use super::live::Session;
use crate::inference::Predictions;
use crate::records::{AnswersFrom, Document};
use crate::steps::State;
use crate::steps::abstain::AbstainOrder;
use crate::steps::compare::second::{Beside, SecondOutcome, SecondResult};
use crate::steps::interference::Measured;
use crate::steps::suite::SuiteOrder;
use crate::support::Result;

impl Session {
    pub(super) fn compare_with(&mut self, wanted: &AnswersFrom) -> Result<()> {
        let frozen = self.frozen()?;
        let wanted = wanted.clone();
        let title = format!("Comparing with {}", wanted.name());
        self.start(JobKind::Compare, title, move |progress| {
            let (base, reference) = frozen.shared.reference(progress)?;
            let beside = Beside {
                base: &base,
                reference: &reference,
                snapshot: &frozen.snapshot,
                document: &frozen.document,
            };
            let project = &frozen.shared.project;
            Ok(match project.compare_with(&wanted, &beside, progress)? {
                SecondOutcome::Compared(result) => Event::SecondCompared(result),
                SecondOutcome::Asks(question) => Event::SecondAsks(wanted, question),
            })
        })
    }

    /// Asks the base and the models of all rounds what the lessons test.
    pub(super) fn test_lessons(&mut self) -> Result<()> {
        let (project, document) = (self.shared.project.clone(), self.state.document.clone());
        self.start(JobKind::Test, "Testing the lessons", move |progress| {
            let order = SuiteOrder::default();
            let result = project.test_lessons(&document, &order, progress)?;
            Ok(Event::LessonsTested(Arc::new(result)))
        })
    }

    /// Teaches each lesson alone, with so many seeds.
    pub(super) fn measure_interference(&mut self, seeds: u64) -> Result<()> {
        self.writable()?;
        let frozen = self.frozen()?;
        let title = "Teaching each lesson alone";
        self.start(JobKind::Interference, title, move |progress| {
            let measured = frozen.on(progress, |basis| {
                let plan = basis.interference_plan(seeds, 0)?;
                basis.interference(&plan, progress)
            })?;
            let under = Arc::new(frozen.document);
            Ok(Event::InterferenceMeasured(Arc::new(measured), under))
        })
    }

    /// Looks at the samples of each lesson as a set.
    pub(super) fn measure_samples(&mut self) -> Result<()> {
        let frozen = self.frozen()?;
        let title = "Looking at the samples as a set";
        self.start(JobKind::Samples, title, move |progress| {
            let sets = frozen.on(progress, |basis| basis.sample_sets(0, progress))?;
            let under = Arc::new(frozen.document);
            Ok(Event::SamplesMeasured(Arc::new(sets), under))
        })
    }

    pub(super) fn take_interference(&mut self, result: &Arc<Measured>, under: &Document) {
        if Measured::stands(under, &self.state.document) {
            self.state.interference = Some(Arc::clone(result));
            return;
        }
        self.said.push(Event::Notice(
            "Lessons, names or judgements were changed while the lessons were taught alone: \
             measure again. Lessons that are as they were are not taught again"
                .to_owned(),
        ));
    }

    /// Finds the confidences below which the model in use should not answer.
    pub(super) fn plan_abstaining(&mut self, order: &AbstainOrder) -> Result<()> {
        let (project, order) = (self.shared.project.clone(), order.clone());
        let title = "Looking for what to leave to a person";
        self.start(JobKind::Abstain, title, move |progress| {
            let state = State::read(&project)?;
            let table = project.abstain(&state, &order, progress)?;
            Ok(Event::AbstentionPlanned(Arc::new(table)))
        })
    }

    /// Reads what a second model says, unless that is known.
    pub(super) fn look_at_second(&mut self, number: u32) -> Result<()> {
        let result = self.state.require_second_model(number)?;
        if result.answers.is_some() {
            return Ok(());
        }
        let (model, project) = (result.model.clone(), self.shared.project.clone());
        let title = "Reading the answers of a second model";
        self.start(JobKind::LookAtSecond, title, move |_| {
            let said = project.answers_of_second(&model)?;
            Ok(Event::LookedAtSecond(model.number, said))
        })
    }

    /// Lists a second model, in place of the one of its number.
    ///
    /// # Errors
    /// When it had been taken off the list and cannot be put back.
    pub(super) fn keep_second(&mut self, result: Arc<SecondResult>) -> Result<()> {
        let number = result.model.number;
        let all = &mut self.state.all_second_models;
        all.retain(|other| other.model.number != number);
        all.push(result);
        all.sort_by_key(|other| other.model.number);
        self.state.refresh();
        if self.state.document.unlisted_seconds.contains(&number) {
            let listed = true;
            self.edit(&Command::ListSecond { number, listed })?;
        }
        Ok(())
    }

    pub(super) fn keep_second_answers(&mut self, number: u32, said: &Arc<Predictions>) {
        let mut all = self.state.all_second_models.iter_mut();
        if let Some(result) = all.find(|result| result.model.number == number) {
            Arc::make_mut(result).answers = Some(Arc::clone(said));
        }
        self.state.refresh();
    }
}

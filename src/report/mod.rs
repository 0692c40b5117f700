//! The report: one HTML file to hand on, with pictures, without scripts or
//! anything to fetch. It holds no sealed text and no kept-back error.

mod abstain;
mod blind_spots;
mod data;
mod in_short;
mod method;
mod next_actions;
mod picture;
mod results;
mod second_models;
mod sheet;
mod summary;
mod suspects;
mod teaching;
mod words;

use std::path::Path;
use std::sync::Arc;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::comparison::Comparison;
use crate::discovery::Suspect;
use crate::inference::Predictions;
use crate::records::{ArmRun, Opening, Role};
use crate::steps::abstain::{AbstainOrder, AbstainTable};
use crate::steps::leakage_guard::without_copies;
use crate::steps::next_action::{FollowUp, Proposal};
use crate::steps::shown_round::ShownRound;
use crate::steps::teachers::{TeacherTable, teacher_table};
use crate::steps::{Basis, OpenProject, RoundResult, State};
use crate::support::{Progress, Result, atomic_file, clock};

const STYLE: &str = include_str!("style.css");
/// How the title ends: reports are known by it.
const TITLE_END: &str = " – Blindspot report</title>";

/// What the report is about.
struct Told<'a> {
    project: &'a OpenProject,
    state: State,
    /// The teachers beside each other, where there are lessons and a model to
    /// measure them with.
    teachers: Option<TeacherTable>,
    /// What to leave to a person, if the model in use has answered *check*.
    abstention: Option<AbstainTable>,
    /// What to do next about each blind spot, and what came of it before.
    next: (Vec<Proposal>, Vec<FollowUp>),
    /// The errors by how suspect their labels are.
    suspects: Vec<Suspect>,
    /// What the models of the round that is shown say about the visible roles.
    answers: Vec<(ArmRun, Arc<Predictions>)>,
    /// The same of each second model, where that can be read.
    seconds: Vec<Option<Arc<Predictions>>>,
}

impl Told<'_> {
    /// The last round, or else the one that came with the project.
    fn last(&self) -> Option<&RoundResult> {
        self.state.shown_round().map(ShownRound::result)
    }

    /// The round and comparison that verdicts come from: the last one for
    /// which *final* was opened.
    fn sealed(&self) -> Option<(&RoundResult, &Comparison)> {
        let shipped = self.state.came_with().map(|shipped| &shipped.result);
        let rounds = self.state.rounds.iter().rev().map(AsRef::as_ref);
        rounds
            .chain(shipped)
            .find_map(|result| Some((result, result.comparison(Role::Final)?.as_ref())))
    }

    /// Openings of *final*, wherever what is shown was trained.
    fn openings(&self) -> &[Opening] {
        match self.state.shown_round() {
            Some(shown) => shown.openings(&self.state),
            None => &self.state.openings,
        }
    }
}

/// Checks that a report may be written to a path: nothing is there, or an
/// earlier report.
///
/// # Errors
/// When something else is there.
pub fn may_be_written_to(path: &Path) -> Result<()> {
    atomic_file::may_replace(path, "a report", |path| {
        let start = atomic_file::beginning(path);
        start.starts_with("<!DOCTYPE html>") && start.contains(TITLE_END)
    })
}

/// Writes the report of a project as it stands. Says so if the round in it is
/// not the project's own but came with it.
///
/// # Errors
/// When another file is in the way, the project's state cannot be read or the
/// file cannot be written, or when cancelled.
pub fn write(project: &OpenProject, path: &Path, progress: &Progress) -> Result<Option<String>> {
    may_be_written_to(path)?;
    progress.stage("Writing the report", None);
    let mut state = State::read(project)?;
    state.ensure_map(progress)?;
    state.document = without_copies(project, &state.document, progress)?;
    if let Some(why) = state.round_left_aside() {
        progress.warn(why);
    }
    let answers = match state.shown_round() {
        Some(ShownRound::Own(last)) => project.answers_of(&last.round).unwrap_or_else(|error| {
            progress.warn(format!("no map after retraining: {error}"));
            Vec::new()
        }),
        Some(ShownRound::CameWith(shipped)) => shipped.result.answers.clone(),
        None => Vec::new(),
    };
    let seconds = state.second_models.iter().map(|result| {
        let read = project.answers_of_second(&result.model);
        let warned = |error| {
            let name = result.model.name();
            progress.warn(format!("no map of the second model {name}: {error}"));
        };
        read.map_err(warned).ok()
    });
    let seconds = seconds.collect();
    progress.check()?;
    let order = AbstainOrder::usual(&state.manifest);
    let abstention = project.abstain(&state, &order, progress);
    let told = Told {
        abstention: abstention.ok(),
        next: {
            let doubted = state.doubted(progress)?;
            (state.proposals(&doubted), state.follow_ups(&doubted))
        },
        teachers: teachers(project, &state, progress),
        suspects: state.suspects(progress)?,
        project,
        state,
        answers,
        seconds,
    };
    let page = page(&told)?.into_string();
    atomic_file::write(path, |out| out.write_all(page.as_bytes()))?;
    Ok(told.state.shown_round().and_then(ShownRound::came_with))
}

/// Measures the teachers of the snapshot in use.
fn teachers(project: &OpenProject, state: &State, progress: &Progress) -> Option<TeacherTable> {
    let (snapshot, reference) = (state.snapshot()?, state.predictions.as_ref()?);
    if state.black_box || state.document.lessons.is_empty() {
        return None;
    }
    let measured = project.base(false, progress).and_then(|base| {
        let basis = Basis {
            project,
            base: &base,
            reference,
            snapshot,
            document: &state.document,
        };
        teacher_table(&basis, progress)
    });
    let warned = |error| progress.warn(format!("no table of the teachers: {error}"));
    measured.map_err(warned).ok()
}

fn page(told: &Told<'_>) -> Result<Markup> {
    let name = &told.state.name;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) " – Blindspot report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.eyebrow { "Blindspot report" }
                    h1 { (name) }
                    p.small { "Written " (clock::now()) " with Blindspot " (env!("CARGO_PKG_VERSION")) }
                    @if let Some(said) = told.state.shown_round().and_then(ShownRound::came_with) {
                        p { strong { (said) "." } }
                    }
                }
                main {
                    (in_short::section(told))
                    (summary::section(told))
                    (data::asked(told))
                    (picture::section(told))
                    (results::section(told))
                    (second_models::section(told))
                    (abstain::section(told))
                    (blind_spots::section(told))
                    (next_actions::section(told))
                    (suspects::section(told))
                    (teaching::hypotheses(told))
                    (teaching::section(told))
                    (teaching::teachers(told))
                    (data::section(told)?)
                    (method::section(told))
                    (method::limitations(told))
                    (method::reproduce(told))
                }
            }
        }
    })
}

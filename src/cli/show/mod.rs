//! `blindspot show`: what a window shows of a project, with the ids by which
//! `blindspot edit` names things.

mod example;
mod lessons;
mod overview;
mod view;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args::Place;
use crate::records::{BlindSpotId, ExampleKey};
use crate::session::Edited;
use crate::steps::{OpenProject, State, not_scored};
use crate::support::{Error, Progress, Result};

/// `show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub(crate) at: Place,
    /// What to look at; the whole project when left out.
    #[command(subcommand)]
    pub what: Option<Show>,
}

/// What can be looked at.
#[derive(Debug, Clone, Subcommand)]
pub enum Show {
    /// A blind spot: its errors, and what the model gets right near them.
    BlindSpot {
        /// Its number.
        number: u32,
    },
    /// An example: its text, its label, and what the models say to it.
    Example {
        /// Its id.
        id: String,
        /// Also which words the answer of the model in use rests on.
        #[arg(long)]
        words: bool,
        /// Also what the models of this round say.
        #[arg(long, value_name = "ROUND")]
        round: Option<u32>,
        /// Also what the second model of this number said when it was compared.
        #[arg(long, value_name = "N")]
        second: Option<u32>,
    },
    /// Lessons with their hypotheses and samples.
    Lessons {
        /// Id of a lesson; all of them when left out.
        lesson: Option<String>,
        /// Only samples that wait for a review.
        #[arg(long)]
        drafts: bool,
    },
    /// Where the examples lie on the map, which is made if there is none.
    Map,
    /// What a view selects that a window elsewhere handed on; nothing is changed.
    View {
        /// The file that “Save the view …” wrote, or a file with a copied view.
        file: PathBuf,
    },
    /// The prompts for language models.
    Prompts,
    /// The language models that may teach.
    LanguageModels,
}

/// Shows one thing.
///
/// # Errors
/// When it is not there, or the project cannot be read.
pub(super) fn show(args: &ShowArgs) -> Result<()> {
    let progress = args.at.progress();
    let project = args.at.open(&progress)?;
    let Some(what) = &args.what else {
        let edited = Edited::of(&project)?;
        return tell(&args.at, &overview::of(&edited, &progress)?);
    };
    let state = State::read(&project)?;
    match what {
        Show::BlindSpot { number } => tell(
            &args.at,
            &example::blind_spot(BlindSpotId(*number), &state, &progress)?,
        ),
        Show::Example {
            id,
            words,
            round,
            second,
        } => {
            let shown = example::Wanted {
                key: ExampleKey(id.clone()),
                words: *words,
                round: *round,
                second: *second,
            };
            tell(
                &args.at,
                &example::one(&shown, &project, &state, &progress)?,
            )
        }
        Show::Lessons { lesson, drafts } => {
            tell(&args.at, &lessons::of(lesson.as_deref(), *drafts, &state)?)
        }
        Show::Map => map(&args.at, &project, &state, &progress),
        Show::View { file } => tell(&args.at, &view::of(file, &project, state)?),
        Show::Prompts => {
            let prompts = &state.teaching.prompts;
            let names: Vec<&str> = prompts.keys().map(String::as_str).collect();
            args.at.tell(prompts, names.join("\n"))
        }
        Show::LanguageModels => {
            let teachers = &state.teaching.teachers;
            let lines = teachers.iter().map(|teacher| {
                let endpoint = &teacher.endpoint;
                format!(
                    "{}: {} at {}",
                    teacher.name,
                    endpoint.model,
                    endpoint.host()
                )
            });
            let lines: Vec<String> = lines.collect();
            args.at.tell(teachers, lines.join("\n"))
        }
    }
}

fn tell(at: &Place, shown: &(impl Serialize + std::fmt::Display)) -> Result<()> {
    at.tell(shown, shown)
}

fn map(at: &Place, project: &OpenProject, state: &State, progress: &Progress) -> Result<()> {
    #[derive(Serialize)]
    struct Point<'s> {
        id: &'s str,
        x: f32,
        y: f32,
    }
    let (Some(base), Some(predictions)) = (&state.base, &state.predictions) else {
        return Err(not_scored());
    };
    let map = match project.known_map(base)? {
        Some(map) => map,
        None if predictions.width() == 0 => {
            return Err(Error::input(
                "the predictions came without embeddings, so there is no map",
            )
            .hint("import them again with columns `embedding_0`, …"));
        }
        None => Arc::new(project.make_map(base, predictions, progress)?),
    };
    let rows = predictions.examples().iter();
    let points = rows.zip(&map.points).map(|(example, [x, y])| Point {
        id: &state.dataset.examples[*example].key.0,
        x: *x,
        y: *y,
    });
    let points: Vec<Point<'_>> = points.collect();
    let words = format!(
        "{} points; `--json` gives their places, `blindspot report` draws them",
        points.len()
    );
    at.tell(&points, words)
}

//! A model in Hugging Face layout with its model card.

use std::fmt::Write as _;
use std::path::Path;

use crate::comparison::figures::{CHECK_IS_FOR_CHOOSING, of_arm};
use crate::model::Precision;
use crate::records::{Arm, ArmRun, Role};
use crate::steps::abstain::{AbstainOrder, AbstainTable};
use crate::steps::workspace::Head;
use crate::steps::{OpenProject, RoundResult, State};
use crate::support::figures::Sheet;
use crate::support::text::times;
use crate::support::{Error, Progress, Result, atomic_file};

/// Which model to export.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelChoice {
    /// A round, 0 for the reference base. Without one: the model in use, or
    /// else the last round's.
    pub round: Option<u32>,
    /// An arm of the round; without one that of [`crate::records::Round::model`].
    pub arm: Option<Arm>,
    /// A seed of the arm; without one its first.
    pub seed: Option<u64>,
}

/// A model of the project.
pub(super) enum Chosen<'a> {
    /// The reference base.
    Base,
    /// One run of a round.
    Run(&'a RoundResult, &'a ArmRun),
}

impl ModelChoice {
    /// Finds the model that is meant.
    ///
    /// # Errors
    /// When there is no such round or run.
    pub(super) fn find<'a>(&self, state: &'a State) -> Result<Chosen<'a>> {
        let in_use = Some(state.document.model_round).filter(|round| *round > 0);
        let last = || state.rounds.last().map(|result| result.round.number);
        let Some(number) = self.round.or(in_use).or_else(last).filter(|n| *n > 0) else {
            return Ok(Chosen::Base);
        };
        let result = state.round(number).ok_or_else(|| {
            Error::input(format!("there is no round {number}"))
                .hint("`blindspot compare PROJECT` shows the last one; 0 is the base model")
        })?;
        let runs = &result.round.runs;
        if self.arm.is_none() && self.seed.is_none() {
            return Ok(result
                .round
                .model()
                .map_or(Chosen::Base, |run| Chosen::Run(result, run)));
        }
        let arm = self
            .arm
            .as_ref()
            .or_else(|| result.round.model().map(|run| &run.arm));
        let fits =
            |run: &&ArmRun| arm == Some(&run.arm) && self.seed.is_none_or(|seed| run.seed == seed);
        let run = runs.iter().find(fits).ok_or_else(|| {
            let known: Vec<String> = runs
                .iter()
                .map(|run| format!("{} with seed {}", run.arm, run.seed))
                .collect();
            Error::input(format!("round {number} has no such model"))
                .hint(format!("it has {}", known.join(", ")))
        })?;
        Ok(Chosen::Run(result, run))
    }
}

/// Writes the model and its card.
///
/// # Errors
/// When its weights are gone, or a file cannot be written.
pub(super) fn write(
    project: &OpenProject,
    state: &State,
    chosen: &Chosen<'_>,
    folder: &Path,
    progress: &Progress,
) -> Result<()> {
    let model = match chosen {
        Chosen::Base => (*project.base(false, progress)?.model).clone(),
        Chosen::Run(_, run) => project.retrained(run)?,
    };
    // Single precision loads everywhere with the same answers; transformers
    // would compute in half precision if the file were in it.
    model.save(folder, Precision::F32)?;
    let run = match chosen {
        Chosen::Base => None,
        Chosen::Run(_, run) => Some(*run),
    };
    let order = AbstainOrder::usual(&state.manifest);
    let thresholds = project.abstain_with(state, run, &order, progress);
    let thresholds = thresholds.map_err(|error| {
        progress.warn(format!("no thresholds in the model card: {error}"));
        error.to_string()
    });
    if let Ok(table) = &thresholds {
        super::json(&folder.join("abstain.json"), table)?;
    }
    let card = card((project, state, chosen), &thresholds)
        .map_err(|e| Error::program("cannot write the model card").because(e))?;
    atomic_file::write(&folder.join("README.md"), |out| {
        out.write_all(card.as_bytes())
    })
}

fn card(
    (project, state, chosen): (&OpenProject, &State, &Chosen<'_>),
    thresholds: &Result<AbstainTable, String>,
) -> Result<String, std::fmt::Error> {
    let dataset = &state.dataset;
    let mut out = String::from(
        "---\nlibrary_name: transformers\npipeline_tag: text-classification\ntags:\n- blindspot\n---\n\n",
    );
    writeln!(out, "# {}\n", one_line(&state.name))?;
    writeln!(out, "{}\n", one_line(&state.task))?;
    let what = match chosen {
        Chosen::Base if project.workspace.is_as_it_is() => {
            "The reference base model as it was brought: not trained here.".to_owned()
        }
        Chosen::Base => {
            "The reference base model: fine-tuned on *train*, not retrained.".to_owned()
        }
        Chosen::Run(result, run) => format!(
            "Retrained in round {} ({}): arm `{}`, seed {}, {} steps, {} examples added ({}).",
            result.round.number,
            result.round.plan.mode,
            run.arm,
            run.seed,
            run.steps,
            run.added,
            run.arm.meaning()
        ),
    };
    writeln!(out, "{what}\n")?;
    writeln!(
        out,
        "- **Labels**: {}\n- **Input**: {}, cut to {} tokens\n- **Trained from**: {}\n- **Training rows**: {}\n- **Made with**: Blindspot {}\n",
        dataset.labels.join(", "),
        if dataset.has_pairs() {
            "a pair of texts"
        } else {
            "one text"
        },
        project
            .workspace
            .manifest
            .max_tokens
            .unwrap_or(crate::steps::workspace::USUAL_MAX_TOKENS),
        match project.workspace.manifest.model.base.as_str() {
            "builtin" => "sentence-transformers/all-MiniLM-L6-v2",
            _ => "a model of the project's own",
        },
        dataset.with_role(Role::Train).len(),
        env!("CARGO_PKG_VERSION"),
    )?;
    if let Ok(named) = project.workspace.model()
        && let Head::AsItIs(matched) = &named.head
    {
        for (label, classes) in &matched.together {
            let classes: Vec<String> = classes.iter().map(|name| one_line(name)).collect();
            writeln!(
                out,
                "The classes {} of this model together mean the label {}: add up their \
                 probabilities.\n",
                classes.join(", "),
                one_line(label)
            )?;
        }
    }
    figures(&mut out, state, chosen)?;
    to_a_person(&mut out, thresholds)?;
    out.push_str(
        "## Limits\n\n\
         The figures hold for texts like those of the sources named above, with the labels as \
         the data gives them. Confidence is not a probability of being right: look at the \
         calibration in the report before you act on it. The licences of the pretrained model \
         and of the training data apply to this model too.\n\n\
         ## Use\n\n\
         ```python\n\
         from transformers import pipeline\n\
         classify = pipeline(\"text-classification\", model=\"path/to/this/folder\")\n\
         print(classify(\"a text\"))\n\
         ```\n",
    );
    Ok(out)
}

/// Means over the seeds of the model's arm: single runs are too noisy to say.
fn figures(out: &mut String, state: &State, chosen: &Chosen<'_>) -> std::fmt::Result {
    let (result, arm) = match chosen {
        Chosen::Run(result, run) => (Some(*result), run.arm.clone()),
        Chosen::Base => (state.rounds.last().map(AsRef::as_ref), Arm::Reference),
    };
    writeln!(out, "## Figures\n")?;
    let comparison = result.and_then(|result| {
        let sealed = result.comparison(Role::Final);
        sealed.or_else(|| result.comparison(Role::Check))
    });
    let Some(comparison) = comparison else {
        return writeln!(out, "None: nothing has been compared yet.\n");
    };
    let note = match comparison.role {
        Role::Final => format!("*final* was opened {}.", times(state.openings.len())),
        _ => CHECK_IS_FOR_CHOOSING.to_owned(),
    };
    writeln!(
        out,
        "Means over the seeds of arm `{arm}` on the role *{}*, τ = {:.2}. {note}\n",
        comparison.role, comparison.tau
    )?;
    table(out, &of_arm(comparison, &arm))?;
    for (_, figures, verdict) in comparison.verdicts() {
        if figures.arm == arm {
            writeln!(out, "- {}", verdict.sentence)?;
        }
    }
    writeln!(out)
}

/// Below which confidences a person should answer.
fn to_a_person(out: &mut String, thresholds: &Result<AbstainTable, String>) -> std::fmt::Result {
    match thresholds {
        Err(why) => writeln!(
            out,
            "## What to leave to a person\n\nNot known: {}.\n",
            one_line(why)
        ),
        Ok(thresholds) => {
            for sheet in thresholds.sheets() {
                writeln!(out, "## {}\n", sheet.title)?;
                for note in &sheet.notes {
                    writeln!(out, "{}\n", one_line(note))?;
                }
                table(out, &sheet)?;
            }
            writeln!(
                out,
                "`abstain.json` holds the same with risk–coverage curves.\n"
            )
        }
    }
}

/// A table in Markdown.
fn table(out: &mut String, sheet: &Sheet) -> std::fmt::Result {
    let heads: Vec<String> = sheet
        .heads
        .iter()
        .map(|head| one_line(&head.name))
        .collect();
    writeln!(
        out,
        "| {} |\n|{}",
        heads.join(" | "),
        "---|".repeat(heads.len())
    )?;
    for line in &sheet.lines {
        let cells: Vec<String> = line.cells.iter().map(|cell| one_line(&cell.text)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out)
}

/// Names come from project files: no line break or bar may break the card.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

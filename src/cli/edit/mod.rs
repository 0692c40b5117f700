//! `blindspot edit`: what a window changes, without one. Each is one
//! [`Command`], or the few that a window would send together.

pub mod args;
mod lessons;

use std::io::Read as _;
use std::path::Path;

use serde::Serialize;

use self::args::{Edit, EditArgs, Judgement, MoveArgs, SettingsArgs};
use self::lessons::{hypothesis, removed, reviewed, sample};
use crate::lessons::llm::Teacher;
use crate::records::{
    BlindSpotId, DiscoverySettings, ExampleKey, ModelUse, Placement, RecordId, Review, SampleUse,
    Triage,
};
use crate::session::{Command, Edited};
use crate::steps::teach::setup::{built_in_prompt, confirm_host, put_prompt, put_teacher};
use crate::steps::{OpenProject, State};
use crate::support::{Error, Progress, Result, user_file};

/// What `--json` prints.
#[derive(Debug, Default, Serialize)]
struct Output {
    /// Whether anything is otherwise than before.
    changed: bool,
    #[serde(flatten)]
    written: Written,
    /// What undo would take back now.
    undo: Option<String>,
    /// What redo would make again.
    redo: Option<String>,
}

/// Ids of what was written, and what the checks say of it.
#[derive(Debug, Default, Serialize)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    lesson: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hypothesis: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<RecordId>,
    /// What the model says to the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_says: Option<String>,
    /// Its confidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f32>,
    /// Whether that is another label than the sample's.
    #[serde(skip_serializing_if = "Option::is_none")]
    fools: Option<bool>,
    /// What the sample is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<SampleUse>,
}

/// Makes one change.
///
/// # Errors
/// When it names what is not there, or the project cannot be written.
pub(super) fn edit(args: &EditArgs) -> Result<()> {
    let progress = args.at.progress();
    let project = args.at.open(&progress)?;
    if let Some(said) = set_up(&args.what, &project, &progress)? {
        let result = serde_json::json!({ "changed": true });
        return args.at.tell(&result, said);
    }
    let mut edited = Edited::of(&project)?;
    let (commands, mut written) = commands(&args.what, &project, &edited.state, &progress)?;
    let undone = edited.history().undo_name().map(str::to_owned);
    let redone = edited.history().redo_name().map(str::to_owned);
    let changed = edited.apply(&commands)?;
    if let Some(id) = &written.sample
        && let Ok((_, sample)) = edited.state.require_sample(id)
    {
        written.purpose = Some(sample.purpose);
    }
    let history = edited.history();
    let output = Output {
        changed,
        written,
        undo: history.undo_name().map(str::to_owned),
        redo: history.redo_name().map(str::to_owned),
    };
    let words = match (&args.what, undone, redone) {
        (Edit::Undo, Some(name), _) => format!("undone: {name}"),
        (Edit::Redo, _, Some(name)) => format!("made again: {name}"),
        _ => said(&output),
    };
    args.at.tell(&output, words)
}

fn said(output: &Output) -> String {
    let mut said = match (output.changed, &output.undo) {
        (true, Some(name)) => format!("done: {name}"),
        (true, None) => "done".to_owned(),
        (false, _) => "nothing to change: it is so already".to_owned(),
    };
    let written = &output.written;
    let ids = [
        ("lesson", &written.lesson),
        ("hypothesis", &written.hypothesis),
        ("sample", &written.sample),
    ];
    for (what, id) in ids {
        if let Some(id) = id {
            said += &format!("\n{what}: {id}");
        }
    }
    if let (Some(label), Some(confidence)) = (&written.model_says, written.confidence) {
        let verdict = match written.fools {
            Some(true) => "this fools the model",
            _ => "the model gets this right",
        };
        said += &format!("\nthe model says {label} ({confidence:.2}): {verdict}");
    }
    said
}

/// What lies beside the document and no undo reaches; gives what to say of it.
fn set_up(what: &Edit, project: &OpenProject, progress: &Progress) -> Result<Option<String>> {
    let state = project.store.folder();
    let writable = || project.store.check_writable("your changes");
    Ok(match what {
        Edit::LanguageModel { file } => {
            writable()?;
            let text = user_file::text(file)?;
            let table = teacher_table(file, &text)?;
            let teacher =
                Teacher::from_table(&table).map_err(|error| error.context(file.display()))?;
            put_teacher(state, &teacher)?;
            Some(format!("{} may teach", teacher.name))
        }
        Edit::AllowHost { host } => {
            writable()?;
            confirm_host(state, host)?;
            Some(format!("texts of this project may go to {host}"))
        }
        Edit::Prompt { name, from } => {
            writable()?;
            let text = match from {
                Some(file) => user_file::text(file)?,
                None => built_in_prompt(name)?.to_owned(),
            };
            put_prompt(state, name, &text)?;
            Some(match from {
                Some(file) => format!("the prompt {name} is that of {}", file.display()),
                None => format!("the prompt {name} is the built-in one"),
            })
        }
        Edit::UseModelAs { refit, class } => {
            let wanted = ModelUse {
                refit: *refit,
                labels: class.iter().cloned().collect(),
            };
            project.use_model_so(&wanted, progress)?;
            Some("the model is used so from the next command on".to_owned())
        }
        _ => None,
    })
}

/// The table of a teacher: the file itself, or its one `[[teachers]]`.
fn teacher_table(file: &Path, text: &str) -> Result<toml::Table> {
    let bad = |why: String| {
        Error::input(format!("`{}` {why}", file.display()))
            .hint("it holds the lines of one `[[teachers]]` table; README.md shows some")
    };
    let table: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| bad("is no TOML".to_owned()).because(e))?;
    match table.get("teachers").and_then(toml::Value::as_array) {
        None => Ok(table),
        Some(tables) => match tables.as_slice() {
            [toml::Value::Table(one)] => Ok(one.clone()),
            several => Err(bad(format!("holds {} tables of teachers", several.len()))),
        },
    }
}

/// The commands that a change is, and what they will have written.
fn commands(
    what: &Edit,
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Result<(Vec<Command>, Written)> {
    let one = |command| Ok((vec![command], Written::default()));
    match what {
        Edit::Triage {
            examples,
            judgement,
            label,
            by,
        } => one(Command::Triage {
            examples: keys(examples),
            triage: triage(*judgement, label.as_deref(), state)?,
            by: by.clone(),
        }),
        Edit::Rename { blind_spot, name } => one(Command::Rename {
            blind_spot: BlindSpotId(*blind_spot),
            name: name.clone(),
        }),
        Edit::Move(args) => one(moved(args)),
        Edit::ChooseTeacher { blind_spot, choice } => one(Command::ChooseTeacher {
            blind_spot: BlindSpotId(*blind_spot),
            choice: *choice,
        }),
        Edit::Settings(args) => one(Command::SetDiscovery(settings(
            args,
            &state.document.settings,
        )?)),
        Edit::Hypothesis(args) => hypothesis(args, state),
        Edit::Sample(args) => sample(args, project, state, progress),
        Edit::Accept {
            passing: Some(lesson),
            ..
        } => one(Command::AcceptPassing(RecordId(lesson.clone()))),
        Edit::Accept { samples, .. } => {
            reviewed(samples, &Review::Accepted, project, state, progress)
        }
        Edit::Reject { samples, reason } => {
            let review = Review::Rejected {
                reason: reason.clone(),
            };
            reviewed(samples, &review, project, state, progress)
        }
        Edit::Remove { records } => removed(records, state),
        Edit::Signed {
            lesson,
            by,
            familiarity,
        } => {
            let lesson = state.require_lesson(&RecordId(lesson.clone()))?;
            one(Command::SetTeacher {
                lesson: lesson.id.clone(),
                teacher: by.trim().to_owned(),
                familiarity: familiarity.or(lesson.familiarity),
            })
        }
        Edit::LeaveOut { lesson, back } => one(Command::LeaveOut {
            lesson: RecordId(lesson.clone()),
            left_out: !back,
        }),
        Edit::Time { lesson, seconds } => {
            let lesson = state.require_lesson(&RecordId(lesson.clone()))?;
            let mut cost = lesson.cost.clone();
            cost.active_seconds = *seconds;
            cost.hourly_rate = cost.hourly_rate.or(state.hourly_rate);
            one(Command::SetCost {
                lesson: lesson.id.clone(),
                cost,
            })
        }
        Edit::UseSnapshot { version } => one(Command::UseSnapshot(*version)),
        Edit::UseModel { round } => one(Command::UseModel(*round)),
        Edit::DiscardModel { round } => one(Command::DiscardModel(*round)),
        Edit::RemoveSecond { number, back } => one(Command::ListSecond {
            number: *number,
            listed: *back,
        }),
        Edit::Undo => one(Command::Undo),
        Edit::Redo => one(Command::Redo),
        Edit::Commands { file } => Ok((read_commands(file)?, Written::default())),
        Edit::LanguageModel { .. }
        | Edit::AllowHost { .. }
        | Edit::UseModelAs { .. }
        | Edit::Prompt { .. } => Err(Error::program(
            "what is set up beside the document is no edit of it",
        )),
    }
}

fn keys(examples: &[String]) -> Vec<ExampleKey> {
    examples.iter().cloned().map(ExampleKey).collect()
}

fn triage(judgement: Judgement, label: Option<&str>, state: &State) -> Result<Option<Triage>> {
    if label.is_some() && judgement != Judgement::WrongLabel {
        return Err(
            Error::input("a right label goes with `--as wrong-label` alone")
                .hint("leave `--label` out, or say `--as wrong-label`"),
        );
    }
    let label = label.map(|name| state.require_label(name)).transpose()?;
    Ok(match judgement {
        Judgement::RealError => Some(Triage::RealError),
        Judgement::WrongLabel => Some(Triage::WrongLabel(label)),
        Judgement::Ambiguous => Some(Triage::Ambiguous),
        Judgement::Nothing => None,
    })
}

fn moved(args: &MoveArgs) -> Command {
    let to = args.to.map(|number| Placement::In(BlindSpotId(number)));
    Command::Place {
        examples: keys(&args.examples),
        placement: to.or(args.out.then_some(Placement::Dropped)),
    }
}

fn settings(args: &SettingsArgs, now: &DiscoverySettings) -> Result<DiscoverySettings> {
    let k = match args.usual_k {
        true => None,
        false => args.k.or(now.k),
    };
    let settings = DiscoverySettings {
        tau: args.tau.unwrap_or(now.tau),
        scale_temperature: args.scale_temperature.unwrap_or(now.scale_temperature),
        k,
        smallest_group: args.smallest_group.unwrap_or(now.smallest_group),
        mix_confusions: args.mix_confusions.unwrap_or(now.mix_confusions),
        seed: args.seed.unwrap_or(now.seed),
        ..now.clone()
    };
    Ok(settings)
}

/// A command a line, as a window would send them.
fn read_commands(file: &Path) -> Result<Vec<Command>> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|e| Error::input("standard input cannot be read as text").because(e))?;
        text
    } else {
        user_file::text(file)?
    };
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let commands: Vec<Command> = lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|e| {
                Error::input(format!(
                    "`{}`, line {number}, is no command",
                    file.display()
                ))
                .because(e)
                .hint("each line is one command as JSON, such as {\"use_model\": 1}")
            })
        })
        .collect::<Result<_>>()?;
    match commands.is_empty() {
        true => Err(
            Error::input(format!("`{}` holds no command", file.display()))
                .hint("write a command a line, as JSON"),
        ),
        false => Ok(commands),
    }
}

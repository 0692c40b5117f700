//! `blindspot new`: a project of data files, as the window's form makes one.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::args::{disagreement, meaning};
use super::how_read::HowArgs;
use super::say::{print_json, say};
use crate::records::{Disagreement, Role};
use crate::steps::draft::pasted::{MOST_BYTES, Origin};
use crate::steps::draft::{
    BUILTIN, Checked, Draft, DraftFile, FileRoles, LabelSettings, PREDICTIONS,
};
use crate::support::{Error, Progress, Result};

/// Stands for the standard input among the files.
const PIPE: &str = "-";

/// `new`.
#[derive(Debug, Clone, Args)]
pub struct NewArgs {
    /// Folder to make; its name is the project's unless `--name` says another.
    pub folder: PathBuf,
    /// Data files with a text and a label in each row; `-` reads one from the
    /// standard input. A role can be given to all rows of one: `train=FILE`,
    /// `final=-`.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub how: HowArgs,
    /// Name of the project.
    #[arg(long)]
    pub name: Option<String>,
    /// What the classifier is for, in a sentence.
    #[arg(long, default_value = "")]
    pub task: String,
    /// Column of the text; guessed when left out, as the others are.
    #[arg(long, value_name = "COLUMN")]
    pub text: Option<String>,
    /// Column of the label.
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// Column of the second text of pairs.
    #[arg(long, value_name = "COLUMN")]
    pub text_b: Option<String>,
    /// Column of what must not straddle roles (author, thread).
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// Column of the source.
    #[arg(long, value_name = "COLUMN")]
    pub source: Option<String>,
    /// Column of the role.
    #[arg(long, value_name = "COLUMN")]
    pub role: Option<String>,
    /// Column of the id.
    #[arg(long, value_name = "COLUMN")]
    pub id: Option<String>,
    /// Folder of a model in Hugging Face layout; the built-in one when left
    /// out.
    #[arg(long, value_name = "FOLDER")]
    pub model: Option<PathBuf>,
    /// The model is elsewhere: `import-predictions` brings its answers.
    #[arg(long, conflicts_with_all = ["model", "refit"])]
    pub black_box: bool,
    /// Fit a model that brings a head anew.
    #[arg(long)]
    pub refit: bool,
    /// Another spelling of a label: `SPELLING=LABEL`.
    #[arg(long, value_name = "SPELLING=LABEL", value_parser = pair)]
    pub join: Vec<(String, String)>,
    /// What counts where annotators disagree.
    #[arg(long, value_parser = disagreement())]
    pub disagreement: Option<Disagreement>,
    /// What a class of the model means: `CLASS=LABEL`.
    #[arg(long, value_name = "CLASS=LABEL", value_parser = meaning)]
    pub class: Vec<(String, String)>,
    /// Tokens of a text that the model reads.
    #[arg(long, value_name = "N")]
    pub max_tokens: Option<usize>,
    /// Leave the data files where they are.
    #[arg(long)]
    pub no_copy: bool,
    /// Only say what the project would be.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON for machines.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Output {
    project: PathBuf,
    made: bool,
    /// Whether its model is elsewhere.
    black_box: bool,
    columns: crate::records::ColumnNames,
    /// Columns that were guessed from what is in them.
    guessed_from_content: Vec<String>,
    roles: Vec<(Role, usize)>,
    labels: Vec<(String, usize)>,
    warnings: Vec<String>,
}

/// Makes a project, or with `--dry-run` says what it would be.
///
/// # Errors
/// When the files make no project, or the folder holds one already.
pub(super) fn new_project(args: &NewArgs) -> Result<()> {
    let progress = Progress::silent();
    let draft = draft(args)?;
    if let Some(missing) = draft.missing() {
        return Err(
            Error::input(format!("this makes no project yet: {missing}")).hint(format!(
                "name them with `--text COLUMN`, `--label COLUMN`, `--id COLUMN`; the columns are: {}",
                draft.column_choices().join(", ")
            )),
        );
    }
    let checked = draft.check(&progress)?;
    let folder = match args.dry_run {
        true => draft.folder(),
        false => draft.create()?,
    };
    let by_content = [&draft.columns.text, &draft.columns.label];
    let by_content = by_content.into_iter().flatten();
    let by_content = by_content.filter(|column| draft.is_by_content(column));
    let output = Output {
        made: !args.dry_run,
        black_box: args.black_box,
        columns: draft.columns.clone(),
        guessed_from_content: by_content.cloned().collect(),
        roles: checked.roles.clone(),
        labels: checked.labels.clone(),
        warnings: warnings(&checked),
        project: folder,
    };
    match args.json {
        true => print_json(&output),
        false => say(said(&output)),
    }
}

fn warnings(checked: &Checked) -> Vec<String> {
    let mut warnings = checked.warnings();
    if let Some(question) = &checked.check.label_question {
        warnings.push(question.refusal().to_string());
    }
    warnings
}

fn draft(args: &NewArgs) -> Result<Draft> {
    let folder =
        std::path::absolute(&args.folder).map_err(|e| Error::file("name", &args.folder, e))?;
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let mut draft = Draft {
        name: args.name.clone().or(name).unwrap_or_default(),
        task: args.task.clone(),
        at: Some(folder),
        refit: args.refit,
        copy: !args.no_copy,
        labels: LabelSettings {
            join: args.join.iter().cloned().collect(),
            ..LabelSettings::default()
        },
        classes: args.class.iter().cloned().collect(),
        disagreement: args.disagreement,
        ..Draft::default()
    };
    if let Some(model) = &args.model {
        if model.as_os_str() == BUILTIN {
            return Err(Error::input("the built-in model needs no `--model`"));
        }
        draft.model = model.display().to_string();
    }
    if args.black_box {
        draft.model = PREDICTIONS.to_owned();
    }
    if let Some(tokens) = args.max_tokens {
        draft.max_tokens = tokens;
    }
    let files: Vec<(Option<Role>, &str)> =
        args.files.iter().map(|named| named_file(named)).collect();
    let paths: Vec<&str> = files.iter().map(|(_, path)| *path).collect();
    if paths.iter().filter(|path| **path == PIPE).count() > 1 {
        return Err(Error::input("the standard input can be read once only")
            .hint("write one `-` among the files"));
    }
    for (role, path) in files {
        draft.add(file((role, path), &args.how, &paths)?);
    }
    let chosen = [
        (&args.text, &mut draft.columns.text),
        (&args.label, &mut draft.columns.label),
        (&args.text_b, &mut draft.columns.text_b),
        (&args.group, &mut draft.columns.group),
        (&args.source, &mut draft.columns.source),
        (&args.role, &mut draft.columns.role),
        (&args.id, &mut draft.columns.id),
    ];
    for (chosen, column) in chosen {
        if chosen.is_some() {
            column.clone_from(chosen);
        }
    }
    Ok(draft)
}

/// The role that is named for all rows of a file, and its path.
fn named_file(named: &str) -> (Option<Role>, &str) {
    let role = named.split_once('=').and_then(|(role, path)| {
        // A file may be called so itself.
        let role = Role::from_name(role).filter(|_| !Path::new(named).exists())?;
        Some((Some(role), path))
    });
    role.unwrap_or((None, named))
}

/// Looks at a file as it is to be read; `all` are those that were typed.
fn file((role, path): (Option<Role>, &str), how: &HowArgs, all: &[&str]) -> Result<DraftFile> {
    let how = how.of(path, all)?;
    let mut file = match path {
        PIPE => {
            let mut content = Vec::new();
            let mut input = std::io::stdin().lock().take(MOST_BYTES as u64 + 1);
            let read = input.read_to_end(&mut content);
            read.map_err(|e| Error::input("the standard input cannot be read").because(e))?;
            DraftFile::pasted(&content, Origin::Pipe, 0)?
        }
        path => {
            let path = PathBuf::from(path);
            let guess = DraftFile::look(&path, &how)?;
            DraftFile::new(path, guess)
        }
    };
    if file.kept.is_some() && how != file.how {
        file.guess = DraftFile::look(&file.path, &how)?;
    }
    (file.how, file.seen_as) = (how.clone(), how);
    if let Some(role) = role {
        file.roles = FileRoles::All(role);
        file.roles_chosen = true;
    }
    Ok(file)
}

fn pair(typed: &str) -> std::result::Result<(String, String), String> {
    let (left, right) = typed.split_once('=').ok_or("it has no `=`")?;
    Ok((left.to_owned(), right.to_owned()))
}

fn said(output: &Output) -> String {
    let folder = output.project.display();
    let mut said = match output.made {
        true => format!("made {folder}"),
        false => format!("would make {folder}"),
    };
    let column = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    let columns = &output.columns;
    said += &format!("\n  text: {}", column(&columns.text));
    if columns.text_b.is_some() {
        said += &format!(", second text: {}", column(&columns.text_b));
    }
    said += &format!(", label: {}", column(&columns.label));
    for column in &output.guessed_from_content {
        said += &format!("\n  “{column}” was guessed from its contents: please look at it");
    }
    let counted = |list: Vec<String>| list.join(", ");
    let roles = output.roles.iter().filter(|(_, rows)| *rows > 0);
    let roles = roles.map(|(role, rows)| format!("{rows} {role}")).collect();
    let labels = output.labels.iter();
    let labels = labels
        .map(|(label, rows)| format!("{label} ({rows})"))
        .collect();
    said += &format!(
        "\n  rows: {}\n  labels (rows of final stay sealed): {}",
        counted(roles),
        counted(labels)
    );
    for warning in &output.warnings {
        said += &format!("\n  warning: {warning}");
    }
    if output.made {
        said += &match output.black_box {
            true => format!(
                "\nnext: `blindspot import-predictions \"{folder}\" ANSWERS`, a file with id and \
                 a column probability_LABEL for each label"
            ),
            false => format!("\nnext: `blindspot discover \"{folder}\"`"),
        };
    }
    said
}

//! `blindspot test`: lessons kept as tests, for people and for a team's CI.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{Common, meaning};
use super::say::{print_json, say};
use super::table;
use crate::export::junit::write_junit;
use crate::lessons::suite::Suite;
use crate::steps::OpenProject;
use crate::steps::suite::figures::sheets;
use crate::steps::suite::{ModelRef, SuiteOrder, SuiteResult};
use crate::support::text::many;
use crate::support::{Error, Result, atomic_file};

/// `test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The model to test: `base`, the number of a round, a folder in Hugging
    /// Face layout, or a file of predictions for what `--texts` writes. When
    /// left out the model in use, or the last round's while that is the base
    /// and the round is neither kept nor discarded. All rounds stand beside it.
    #[arg(long, value_name = "ROUND|FOLDER|FILE")]
    pub model: Option<String>,
    /// The model that it is held against, named in the same ways; the base when
    /// left out.
    #[arg(long, value_name = "ROUND|FOLDER|FILE")]
    pub baseline: Option<String>,
    /// What a class of a model from elsewhere means where its name is not that
    /// of a label; nothing after the `=` leaves the class out. Once for each
    /// class.
    #[arg(long = "label", value_name = "CLASS=LABEL", value_parser = meaning)]
    pub labels: Vec<(String, String)>,
    /// Also write the outcome as JUnit XML, a test case for each lesson.
    #[arg(long, value_name = "FILE.xml")]
    pub junit: Option<PathBuf>,
    /// Test nothing: write the texts with their ids as JSON Lines, for a model
    /// that answers elsewhere.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["model", "baseline", "junit"])]
    pub texts: Option<PathBuf>,
}

/// Tests a model, and fails where it is worse on a lesson.
///
/// # Errors
/// When the model is worse, when there is nothing to test, a model cannot
/// answer, or a file cannot be written.
pub(super) fn test(args: &TestArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let document = project.document()?;
    let order = SuiteOrder {
        model: args.model.as_deref().map(ModelRef::named),
        baseline: args.baseline.as_deref().map(ModelRef::named),
        labels: args.labels.iter().cloned().collect(),
        seed: args.common.first_seed(),
    };
    if let Some(file) = &args.texts {
        let suite = project.suite(&document, order.seed)?;
        write_texts(&suite, file)?;
        let written = many(suite.texts.len(), "text");
        return args.common.at.tell(
            &serde_json::json!({"texts": suite.texts.len(), "file": file}),
            format_args!("{written} to answer written to `{}`", file.display()),
        );
    }
    let result = project.test_lessons(&document, &order, &progress)?;
    if let Some(file) = &args.junit {
        write_junit(&result, &title(&project), file)?;
    }
    tell(args, &result)?;
    match &result.complaints()[..] {
        [] => Ok(()),
        complaints => Err(Error::finding(complaints.join("\n"))
            .hint("`--junit FILE` and `--json` list the texts that were lost")),
    }
}

fn title(project: &OpenProject) -> String {
    project.workspace.manifest.name.clone()
}

fn tell(args: &TestArgs, result: &SuiteResult) -> Result<()> {
    if args.common.at.json {
        return print_json(result);
    }
    let tables: Vec<String> = sheets(result).iter().map(table::sheet).collect();
    say(tables.join("\n").trim_end())
}

/// Writes what models are asked, for one that answers elsewhere.
fn write_texts(suite: &Suite, file: &Path) -> Result<()> {
    let lines: Vec<String> = (suite.texts.iter())
        .map(|asked| {
            let mut line = serde_json::json!({"id": asked.id, "text": asked.text.first});
            if let Some(second) = &asked.text.second {
                line["text_b"] = second.as_str().into();
            }
            line.to_string()
        })
        .collect();
    atomic_file::write(file, |out| writeln!(out, "{}", lines.join("\n")))
}

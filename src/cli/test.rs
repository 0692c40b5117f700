//! `blindspot test`: lessons kept as tests, for people and for a team's CI.

use std::path::Path;

use super::args::TestArgs;
use super::say::{print_json, say};
use super::table;
use crate::export::junit::write_junit;
use crate::lessons::suite::Suite;
use crate::steps::OpenProject;
use crate::steps::suite::figures::sheets;
use crate::steps::suite::{ModelRef, SuiteOrder, SuiteResult};
use crate::support::text::many;
use crate::support::{Error, Result, atomic_file};

/// Tests a model, and fails where it is worse on a lesson.
///
/// # Errors
/// When the model is worse, when there is nothing to test, a model cannot
/// answer, or a file cannot be written.
pub(super) fn test(args: &TestArgs) -> Result<()> {
    let progress = args.common.progress();
    let project = args.common.open(&progress)?;
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
        return args.common.tell(
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
    if args.common.json {
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

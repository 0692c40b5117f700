//! `blindspot check`: what is in the data, what is wrong with it, how long
//! fitting takes and what *final* can show.

use super::args::Common;
use super::say::{print_json, say};
use super::table;
use crate::steps::check::{BaseIs, FirstRow};
use crate::steps::label_question::LabelQuestion;
use crate::steps::{self, Workspace};
use crate::support::Result;
use crate::support::figures::{Line, Sheet};
use crate::support::text::{many, shortened};

/// Characters of a text that are printed at most.
const LONGEST_TEXT: usize = 80;

/// Checks a project without writing anything.
///
/// # Errors
/// When the data cannot be read at all; anything milder is in the report.
pub(super) fn check(args: &Common) -> Result<()> {
    let progress = args.at.progress();
    let workspace = Workspace::in_use(&args.at.project, args.at.state_dir.as_deref(), &progress)?;
    let output = steps::check::check(&workspace, &progress)?;
    if args.at.json {
        print_json(&output)?;
        return match &output.label_question {
            Some(question) => Err(question.refusal()),
            None => Ok(()),
        };
    }
    say(&output.data)?;
    say(first_rows(&output.first_rows))?;
    if let Some(sentence) = said_of_base(&output.base) {
        say(sentence)?;
    }
    if let Some(question) = &output.label_question {
        say(examples(question))?;
        return Err(question.refusal());
    }
    if let Some(doubt) = &output.doubt {
        progress.warn(doubt.clone());
    }
    if let Some(seconds) = output.seconds_to_score {
        say(format_args!(
            "Scoring takes about {} on this machine.",
            minutes(seconds)
        ))?;
    }
    if let Some(seconds) = output.seconds_to_fit {
        let least = minutes(seconds);
        say(match output.seconds_to_fit_at_most.map(minutes) {
            None => format!("Fitting the base takes about {least} on this machine."),
            Some(most) => format!(
                "Fitting the base takes {least} to {most} on this machine: for as long as \
                 validation gains by it."
            ),
        })?;
    }
    for (source, power) in &output.power {
        say(format_args!(
            "final · {source} (expected from check): {}",
            power.sentence
        ))?;
    }
    Ok(())
}

/// The first rows as they are used, one in each line.
fn first_rows(rows: &[FirstRow]) -> String {
    let mut sheet = Sheet::new("The first rows, as they are used:");
    for name in ["row", "role", "source", "label", "text"] {
        sheet = sheet.words(name, "");
    }
    for row in rows {
        let text = row
            .text
            .as_ref()
            .map(|text| shortened(&text.joined(), LONGEST_TEXT));
        let line = Line::new(false)
            .words(&row.place)
            .words(row.role.name())
            .words(&row.source)
            .words(&row.label)
            .words(text.unwrap_or_else(|| "(sealed)".to_owned()));
        sheet.lines.push(line);
    }
    table::sheet(&sheet).trim_end().to_owned()
}

/// Where the base comes from; nothing to say of a black box.
fn said_of_base(base: &BaseIs) -> Option<String> {
    match base {
        BaseIs::AsItIs(None) => {
            Some("The model brings its own head: it is the base as it is.".into())
        }
        BaseIs::AsItIs(Some(said)) => Some(format!(
            "The model brings its own head: it is the base as it is ({said})."
        )),
        BaseIs::FittedHere => Some("The base is fitted here, on train.".into()),
        BaseIs::Imported => None,
    }
}

/// What the model answers on some rows, with texts, for a person to decide
/// what its classes mean.
pub(super) fn examples(question: &LabelQuestion) -> String {
    let rows = many(question.rows, "row");
    let mut text = format!("What the model says to {rows} of {}:", question.role);
    for (class, count) in question.classes.iter().zip(question.counts()) {
        text += &format!("\n  {count}");
        for example in &class.examples {
            text += &format!("\n    “{example}”");
        }
    }
    text
}

fn minutes(seconds: f64) -> String {
    if seconds < 90.0 {
        many(seconds.round() as usize, "second")
    } else {
        many((seconds / 60.0).round() as usize, "minute")
    }
}

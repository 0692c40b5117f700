//! The headless face: each step of the loop as a command. Standard output is
//! the result (a table, or JSON with `--json`); everything else goes to
//! standard error.

mod abstain;
pub mod args;
mod assistant;
mod bench;
mod caught;
mod check;
mod check_hypotheses;
mod clean;
mod cluster;
mod compare;
mod comparison;
mod demo;
mod discovered;
pub mod edit;
mod exchange;
mod experiment;
mod how_read;
mod interference;
mod new_project;
pub mod progress;
mod publish;
mod run;
mod samples;
mod say;
mod score;
mod show;
mod steps;
mod suspects;
mod table;
mod teach;
mod teachers;
mod test;
#[cfg(test)]
mod twins;

use std::path::Path;
use std::process::ExitCode;

use args::Command;
pub use caught::caught;
use clap::CommandFactory as _;

use crate::support::{Error, Result, terminal};

/// Carries out a headless command.
///
/// # Errors
/// Whatever went wrong, for [`fail`].
pub fn run(command: Command) -> Result<()> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Check(args) => check::check(&args),
        Command::Fit(args) => steps::fit(&args),
        Command::Discover(args) => steps::discover(&args),
        Command::Teach(args) => teach::teach(&args),
        Command::CheckHypotheses(args) => check_hypotheses::check_hypotheses(&args),
        Command::Teachers(args) => teachers::teachers(&args),
        Command::Abstain(args) => abstain::abstain(&args),
        Command::Retrain(args) => steps::retrain(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Experiment(args) => experiment::experiment(&args),
        Command::ImportLessons(args) | Command::Merge(args) => exchange::lessons(&args),
        Command::ImportPredictions(args) => exchange::predictions(&args),
        Command::Report(args) => exchange::report(&args),
        Command::Export(args) => exchange::export(&args),
        Command::Plant(args) => bench::plant_blind_spots(&args),
        Command::BenchDiscovery(args) => bench::bench_discovery(&args),
        Command::Suspects(args) => suspects::suspects(&args),
        Command::Corrected(args) => suspects::write_corrected(&args),
        Command::Publish(args) => publish::publish(&args),
        Command::HandOver(args) => exchange::hand_over(&args),
        Command::Score(args) => score::score(&args),
        Command::SaveLessons(args) => exchange::saved_lessons(&args),
        Command::New(args) => new_project::new_project(&args),
        Command::Show(args) => show::show(&args),
        Command::Edit(args) => edit::edit(&args),
        Command::Mcp(args) => assistant::mcp(&args),
        Command::Clean(args) => clean::clean(&args),
        Command::Test(args) => test::test(&args),
        Command::Interference(args) => interference::interference(&args),
        Command::Samples(args) => samples::samples(&args),
        Command::Reset(args) => steps::reset(&args),
    }
}

/// Checks that what was named without a command is there to be opened.
///
/// # Errors
/// When it is not: most likely a command was mistyped.
pub fn check_named(project: Option<&Path>) -> Result<()> {
    let Some(missing) = project.filter(|project| !project.exists()) else {
        return Ok(());
    };
    // A name with an end, or below a folder, is no command.
    if missing.extension().is_some() || missing.components().count() > 1 {
        return Err(
            Error::input(format!("no such file or folder: `{}`", missing.display()))
                .hint("check how it is written, and from which folder it is looked for"),
        );
    }
    let all = args::Cli::command();
    let commands: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
    Err(Error::input(format!(
        "there is no project folder or command `{}`",
        missing.display()
    ))
    .hint(format!("the commands are {}", commands.join(", "))))
}

/// Prints an error with its remedy and gives the process's exit code.
pub fn fail(error: &Error) -> ExitCode {
    eprintln!("error: {}", terminal::line(&error.to_string()));
    if let Some(hint) = error.remedy() {
        let lines: Vec<_> = hint.lines().map(terminal::line).collect();
        eprintln!("hint: {}", lines.join("\n  "));
    }
    ExitCode::from(error.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_file_is_no_mistyped_command() {
        let said = |named: &str| {
            let error = check_named(Some(Path::new(named))).expect_err("is not there");
            (
                error.to_string(),
                error.remedy().unwrap_or_default().to_owned(),
            )
        };
        for file in ["nofile.blindspot", "no/such", "./no"] {
            let (message, hint) = said(file);
            assert!(
                message.contains("no such file") && !hint.contains("retrain"),
                "{file}"
            );
        }
        assert!(said("retrian").1.contains("retrain"));
    }
}

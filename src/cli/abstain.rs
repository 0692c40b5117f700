//! `blindspot abstain`: below which confidence a person should answer.

use clap::Args;

use super::args::Place;
use super::say::{print_json, say};
use super::table::sheet;
use crate::comparison::abstain::{Costs, WANTED};
use crate::steps::State;
use crate::steps::abstain::AbstainOrder;
use crate::support::{Error, Result};

/// `abstain`.
#[derive(Debug, Clone, Args)]
pub struct AbstainArgs {
    #[command(flatten)]
    pub(crate) at: Place,
    /// Wanted shares of errors among answers, comma-separated: 0.02 is 2 %.
    #[arg(long, value_name = "SHARE", value_delimiter = ',', value_parser = share_of_errors, default_values_t = WANTED)]
    pub error: Vec<f64>,
    /// What a wrong answer costs; `error` under [costs] in project.toml when
    /// left out.
    #[arg(long, value_name = "X", value_parser = money)]
    pub cost_error: Option<f64>,
    /// What asking a person about a text costs; `person`, or else `label`,
    /// under [costs] in project.toml when left out.
    #[arg(long, value_name = "Y", value_parser = money)]
    pub cost_person: Option<f64>,
    /// Round whose model is meant, 0 for the base; the model in use when left
    /// out.
    #[arg(long)]
    pub round: Option<u32>,
}

fn share_of_errors(typed: &str) -> std::result::Result<f64, String> {
    let number = typed.parse().ok();
    let sound = number.filter(|share| *share > 0.0 && *share < 1.0);
    sound.ok_or_else(|| "it must be a share above 0 and below 1, such as 0.02 for 2 %".to_owned())
}

fn money(typed: &str) -> std::result::Result<f64, String> {
    let number: Option<f64> = typed.parse().ok();
    let sound = number.filter(|money| money.is_finite() && *money >= 0.0);
    sound.ok_or_else(|| "it must be a number from 0".to_owned())
}

/// Finds thresholds and prints them.
///
/// # Errors
/// When only one of two costs is known, or as
/// [`crate::steps::OpenProject::abstain`].
pub(super) fn abstain(args: &AbstainArgs) -> Result<()> {
    let progress = args.at.progress();
    let project = args.at.open(&progress)?;
    let state = State::read(&project)?;
    let order = order(args, AbstainOrder::usual(&state.manifest), &state)?;
    let table = project.abstain(&state, &order, &progress)?;
    if args.at.json {
        return print_json(&table);
    }
    for found in table.sheets() {
        say(sheet(&found))?;
    }
    Ok(())
}

/// What was typed, else what the project says.
fn order(args: &AbstainArgs, usual: AbstainOrder, state: &State) -> Result<AbstainOrder> {
    let of_project = &state.manifest.costs;
    let error = args.cost_error.or(of_project.error);
    let person = args.cost_person.or(of_project.person).or(of_project.label);
    let is_asked = args.cost_error.is_some() || args.cost_person.is_some();
    let costs = match (error, person) {
        (Some(error), Some(person)) => Some(Costs { error, person }),
        _ if !is_asked => usual.costs,
        (None, _) => return Err(lacking("a wrong answer", "--cost-error X", "error")),
        (_, None) => return Err(lacking("asking a person", "--cost-person Y", "person")),
    };
    Ok(AbstainOrder {
        wanted: args.error.clone(),
        costs,
        round: args.round,
    })
}

fn lacking(what: &str, option: &str, key: &str) -> Error {
    Error::input(format!("nobody says what {what} costs")).hint(format!(
        "say `{option}`, or `{key} = …` under [costs] in project.toml: the threshold of least cost \
         weighs errors against people"
    ))
}

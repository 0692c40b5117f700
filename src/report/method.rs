//! How the figures came about, what they cannot show, how to get them again.

use maud::{Markup, html};

use super::Told;
use crate::comparison::figures;
use crate::comparison::guard::GUARD_POINTS;
use crate::comparison::verdict::FEWEST_SEEDS;
use crate::records::{DiscoverySettings, RetrainPlan, Role, Round, machines, mixed_machines};
use crate::support::machine::Machine;
use crate::support::text::many;

/// The method, with the settings that were used.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let fit = &told.project.workspace.manifest.fit;
    let base = told.state.base.as_ref();
    let curve = base.and_then(|base| base.curve.as_ref());
    let last = told.last();
    html! {
        section {
            h2 { "Method" }
            p {
                @if told.project.workspace.is_as_it_is() {
                    "The base model was used as it is, with its own head; nothing was fitted here"
                } @else {
                    "The base model ("
                    @match &told.state.base { Some(base) => (base.origin), None => "none yet" }
                    ") was fine-tuned on train: "
                    @match curve { Some(curve) => (curve.said()), None => { (fit.epochs) " epochs" } }
                    ", learning rate "
                    (fit.learning_rate) ", batches of " (fit.batch_size) ", seed " (fit.seed)
                }
                ". Its unknown unknowns in discovery were clustered by k-means over the \
                 normalised embeddings of its last layer"
                @if !told.state.document.settings.mix_confusions { ", within each confusion (true → predicted)" }
                ". Unknown unknowns and blind spots were found once, on this base; seeds vary the \
                 retraining."
            }
            @if let Some(last) = last { (arms(&last.round, told.project.workspace.trained_role())) }
            p {
                (figures::ENDPOINT) " Intervals (95 %) carry the variance over \
                 seeds and, by a paired bootstrap, over groups of rows; p-values are the larger \
                 of Student's t and McNemar's test, adjusted by Holm over the arms that make a \
                 claim and over the endpoints that were named. A claim must beat every control, so \
                 also the best one; “worse” is said where the interval to the best control leaves \
                 out zero on the side of harm. “Improved” also \
                 needs the guard: a loss of more than " (GUARD_POINTS) " points of in-domain \
                 accuracy must be ruled out. No verdict below " (FEWEST_SEEDS) " seeds. All other \
                 figures are descriptive."
            }
            h3 { "What the figures mean" }
            dl {
                @for (name, meaning) in figures::glossary() { dt { (name) } dd { (meaning) } }
            }
        }
    }
}

fn arms(round: &Round, replayed: Role) -> Markup {
    let (steps, added) = round.runs.iter().fold((0, 0), |(steps, added), run| {
        (steps.max(run.steps), added.max(run.added))
    });
    html! {
        p {
            "Every arm of round " (round.number) " trained for the same " (steps)
            " optimiser steps (" (round.plan.mode) ") on "
            @match replayed {
                Role::Train => { "the same training rows" }
                _ => {
                    "the same rows of discovery that the base gets right, towards the base's own \
                     probabilities (there are no rows of train),"
                }
            }
            " and added the same number of examples, N = " (added) ":"
        }
        ul {
            @for arm in &round.plan.arms { li { strong { (arm) } ": " (arm.meaning()) } }
        }
    }
}

/// What a reader should keep in mind.
pub(super) fn limitations(told: &Told<'_>) -> Markup {
    let state = &told.state;
    let seeds = told.last().map_or(0, |last| last.round.plan.seeds.len());
    html! {
        section {
            h2 { "Limitations" }
            ul {
                li { "The figures hold for the sources, labels and base model named here, and for no others." }
                li { "Labels are taken as the data gives them; where people would disagree, a confident “error” may be none." }
                li { "Outcomes look back at rows that were picked for being wrong, so some turn right by chance in any retrained model: read them beside the controls." }
                li { "Discovery and check were looked at while working. Only final was not, and each opening makes it a little less sealed (" (told.openings().len()) " so far)." }
                li { "Descriptive figures are not corrected for their number." }
                @if seeds > 0 && seeds < 5 {
                    li { "Only " (many(seeds, "seed")) ": intervals over seeds are wide and rough. Five or more are better." }
                }
                @if state.snapshot().is_some_and(|s| s.stability.is_some_and(|v| v < crate::blind_spots::STABLE_FROM)) {
                    li { "The blind spots are not stable: other draws of the errors would give other groups." }
                }
                li { "Bit-identical figures are promised for one kind of processor; another may round differently and find other unknown unknowns." }
            }
        }
    }
}

/// Command, versions, checksums, machine.
pub(super) fn reproduce(told: &Told<'_>) -> Markup {
    let state = &told.state;
    html! {
        section {
            h2 { "How to reproduce" }
            pre { (command(told)) }
            ul {
                li { "Blindspot " (env!("CARGO_PKG_VERSION")) }
                @if let Some(base) = &state.base { li { "Base model, SHA-256 of its weights: " code { (base.id) } } }
                li { "Data, SHA-256 over all rows: " code { (told.project.workspace.fingerprint()) } }
                li { "This report was written on " (Machine::here()) }
                @if let Some(last) = told.last() {
                    li {
                        "Training time of the last round: "
                        (format!("{:.0}", last.round.runs.iter().map(|run| run.seconds).sum::<f64>()))
                        " s over " (last.round.runs.len()) " runs"
                    }
                    @for (kind, runs) in machines(&last.round.runs) {
                        li { "Trained on " (kind) ": " (many(runs, "run")) }
                    }
                    @if let Some(mix) = mixed_machines(&last.round.runs) { li { "Note: " (mix) } }
                }
            }
        }
    }
}

/// The headless commands that repeat the last round.
fn command(told: &Told<'_>) -> String {
    let state = &told.state;
    let folder = state.folder.canonicalize().ok();
    let folder = folder.as_deref().and_then(std::path::Path::file_name);
    let folder = folder.map_or("PROJECT".into(), |name| name.to_string_lossy());
    let folder = quoted(&folder);
    let Some(last) = told.last() else {
        return format!("blindspot run {folder}");
    };
    let of_project = &told.project.workspace.manifest.discovery;
    let mut snapshots = state.snapshots.iter();
    let snapshot = snapshots.find(|snapshot| snapshot.version == last.round.snapshot);
    let repeat = Repeat {
        folder: &folder,
        plan: &last.round.plan,
        frozen: snapshot.map_or(of_project, |snapshot| &snapshot.settings),
        of_project,
        opened: last.comparison(Role::Final).is_some(),
    };
    repeat.commands()
}

/// What has to be said to get the figures of a round again.
struct Repeat<'a> {
    folder: &'a str,
    plan: &'a RetrainPlan,
    /// How the blind spots of the round were frozen.
    frozen: &'a DiscoverySettings,
    /// What project.toml says, which need not be typed.
    of_project: &'a DiscoverySettings,
    opened: bool,
}

impl Repeat<'_> {
    fn commands(&self) -> String {
        let (folder, training) = (self.folder, self.training());
        let first = self.plan.seeds.first().copied().unwrap_or(0);
        let discovery = self.discovery();
        // `run` takes one seed for blind spots and training alike.
        let one_seed = if first == self.frozen.seed {
            format!(" --seed {first}")
        } else if first == 0 && self.frozen.seed == self.of_project.seed {
            String::new()
        } else {
            let seed = self.frozen.seed;
            let open = match self.opened {
                true => format!("\nblindspot compare {folder} --open-final"),
                false => String::new(),
            };
            return format!(
                "blindspot discover {folder} --seed {seed}{discovery}\n\
                 blindspot retrain {folder} --seed {first}{training}{open}"
            );
        };
        let sealed = if self.opened { "" } else { " --keep-sealed" };
        format!("blindspot run {folder}{one_seed}{discovery}{training}{sealed}")
    }

    fn discovery(&self) -> String {
        let mut said = String::new();
        if self.frozen.tau != self.of_project.tau {
            said += &format!(" --tau {}", self.frozen.tau);
        }
        let k = self.frozen.k.filter(|_| self.frozen.k != self.of_project.k);
        if let Some(k) = k {
            said += &format!(" --k {k}");
        }
        said
    }

    fn training(&self) -> String {
        let arms: Vec<String> = self.plan.arms.iter().map(ToString::to_string).collect();
        format!(
            " --seeds {} --mode {} --arms {}",
            self.plan.seeds.len(),
            self.plan.mode,
            quoted(&arms.join(","))
        )
    }
}

/// A word as a shell takes it, in quotation marks where it needs them.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_.,:/+".contains(letter);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Arm, Mode};
    use crate::steps::plan::usual_plan;

    #[test]
    fn the_commands_repeat_what_was_done_and_open_nothing_more() {
        let of_project = DiscoverySettings::default();
        let arms = vec![Arm::Base, Arm::Lessons("Ann B".into())];
        let commands = |frozen: &DiscoverySettings, first: u64, opened: bool| {
            let plan = usual_plan(arms.clone(), 2, first, Mode::Quick);
            let repeat = Repeat {
                folder: "tickets",
                plan: &plan,
                frozen,
                of_project: &of_project,
                opened,
            };
            repeat.commands()
        };
        let training = "--seeds 2 --mode quick --arms 'base,lessons:Ann B'";
        assert_eq!(
            commands(&of_project, 0, true),
            format!("blindspot run tickets --seed 0 {training}")
        );
        let asked = DiscoverySettings {
            tau: 0.8,
            k: Some(4),
            seed: 7,
            ..DiscoverySettings::default()
        };
        assert_eq!(
            commands(&asked, 7, false),
            format!("blindspot run tickets --seed 7 --tau 0.8 --k 4 {training} --keep-sealed")
        );
        assert_eq!(
            commands(&asked, 0, true),
            format!(
                "blindspot discover tickets --seed 7 --tau 0.8 --k 4\n\
                 blindspot retrain tickets --seed 0 {training}\n\
                 blindspot compare tickets --open-final"
            )
        );
    }
}

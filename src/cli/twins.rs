//! Everything that a window can ask for can be typed: each variant of
//! [`Command`] has a twin on the command line.

use clap::Parser as _;

use super::args::Cli;
use crate::session::Command;

/// What is typed for each command of the window, by its name in JSON. A
/// variant without a line here fails the test below.
const TWINS: &[(&str, &str)] = &[
    ("set_discovery", "edit P settings --tau 0.8 --k 3"),
    ("triage", "edit P triage a b --as wrong-label --label good"),
    ("rename", "edit P rename 1 irony"),
    ("place", "edit P move a b --to 2"),
    ("choose_teacher", "edit P choose-teacher 1 both"),
    ("put_lessons", "edit P commands lessons.jsonl"),
    (
        "set_teacher",
        "edit P signed lesson-1 --by ann --familiarity expert",
    ),
    (
        "put_hypothesis",
        "edit P hypothesis irony --blind-spot 1 --by ann",
    ),
    ("take_checks", "edit P commands checks.jsonl"),
    ("remove_hypothesis", "edit P remove hypothesis-1"),
    (
        "put_sample",
        "edit P sample text --label good --blind-spot 1",
    ),
    ("remove_sample", "edit P remove sample-1"),
    ("set_cost", "edit P time lesson-1 --seconds 90"),
    ("take_lessons", "edit P commands lessons.jsonl"),
    ("accept_passing", "edit P accept --passing lesson-1"),
    ("leave_out", "edit P leave-out lesson-1"),
    ("use_snapshot", "edit P use-snapshot 2"),
    ("use_model", "edit P use-model 1"),
    ("discard_model", "edit P discard-model 1"),
    ("list_second", "edit P remove-second 1"),
    ("undo", "edit P undo"),
    ("redo", "edit P redo"),
    // Each command is a step of its own.
    ("end_edit", "edit P commands -"),
    ("fit", "fit P --again"),
    ("fit_longer", "fit P --longer"),
    ("score", "discover P"),
    ("build_map", "show P map"),
    ("compute_saliency", "show P example a --words"),
    ("measure_stability", "discover P --each-k"),
    ("freeze", "discover P --freeze"),
    ("estimate_retraining", "retrain P --estimate"),
    (
        "retrain",
        "retrain P --mode full --arms base,lessons --seeds 2",
    ),
    (
        "open_final",
        "compare P --round 1 --open-final --reason enough",
    ),
    ("compare_with", "compare P --with m --label A=good"),
    ("look_at_second", "show P example a --second 1"),
    ("test_lessons", "test P --model 1"),
    ("measure_interference", "interference P --seeds 2"),
    ("measure_samples", "samples P"),
    ("ask_model", "check P"),
    ("use_model_so", "edit P use-model-as --class A=good"),
    ("hand_over", "hand-over P --out f"),
    ("save_lessons", "save-lessons P --out f"),
    ("import_lessons", "import-lessons P f"),
    ("import_predictions", "import-predictions P f"),
    ("look_at", "show P example a --round 1"),
    ("write_report", "report P --out f.html"),
    ("export", "export P --out d"),
    ("write_corrected", "corrected P --out d"),
    ("find_unneeded", "clean P --dry-run"),
    ("remove_unneeded", "clean P"),
    ("teach", "teach P --teacher m --blind-spot 1"),
    (
        "check_hypotheses",
        "check-hypotheses P --judge model --teacher m --blind-spot 1 --refine 3",
    ),
    ("replay", "teach P --replay f"),
    ("compare_teachers", "teachers P"),
    (
        "plan_abstaining",
        "abstain P --error 0.02 --cost-error 5 --cost-person 0.3",
    ),
    ("put_teacher", "edit P language-model f.toml"),
    ("confirm_host", "edit P allow-host api.example"),
    ("put_prompt", "edit P prompt judge.txt --from f"),
];

/// The names of all commands: serde lists them when it meets another one.
fn commands() -> Vec<String> {
    let none = serde_json::from_str::<Command>("{\"no such command\": null}");
    let said = none.expect_err("there is none").to_string();
    let named = said.split('`').skip(3).step_by(2);
    named.map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_window_has_a_headless_twin() {
    let commands = commands();
    assert!(commands.len() > 40, "{commands:?}");
    let twins: Vec<&str> = TWINS.iter().map(|(name, _)| *name).collect();
    for command in &commands {
        assert!(twins.contains(&command.as_str()), "`{command}` has no twin");
    }
    for (name, typed) in TWINS {
        assert!(
            commands.iter().any(|known| known == name),
            "`{name}` is gone"
        );
        let words = std::iter::once("blindspot").chain(typed.split(' '));
        let parsed = Cli::try_parse_from(words);
        assert!(parsed.is_ok(), "`blindspot {typed}` is not understood");
    }
}

#[test]
fn every_edit_of_the_window_prints_json_and_keeps_its_state_elsewhere() {
    for (_, typed) in TWINS {
        let typed = format!("blindspot {typed} --json --state-dir d");
        let parsed = Cli::try_parse_from(typed.split(' '));
        assert!(parsed.is_ok(), "`{typed}` is not understood");
    }
}

#[test]
fn the_window_is_opened_on_a_project_whose_state_is_elsewhere() {
    let typed = ["blindspot", "P", "--state-dir", "d"];
    let parsed = Cli::try_parse_from(typed).expect("is understood");
    assert_eq!(parsed.state_dir.as_deref(), Some(std::path::Path::new("d")));
    assert!(Cli::try_parse_from(["blindspot", "--state-dir", "d"]).is_err());
}

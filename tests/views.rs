//! A view that is handed on restores on another machine what was seen, says
//! what is another thing there, and is refused when it is damaged.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::collections::BTreeSet;
use std::path::Path;

use blindspot::discovery::Outcome;
use blindspot::records::{BlindSpotId, ExampleKey, Role};
use blindspot::session::Command;
use blindspot::session::view::{
    ColourBy, Column, Filters, HandedView, Looks, SpotOrder, SpotRef, Stage,
};
use blindspot::steps::{OpenProject, State};
use blindspot::support::Progress;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

/// A project that was opened elsewhere: the same files in another folder.
struct Elsewhere(tempfile::TempDir);

impl Elsewhere {
    fn of(project: &Project) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        for file in files_below(project.path()) {
            let inside = file.strip_prefix(project.path()).expect("is inside");
            let to = folder.path().join(inside);
            std::fs::create_dir_all(to.parent().expect("has one")).expect("makes");
            std::fs::copy(&file, to).expect("copies");
        }
        Self(folder)
    }

    fn change(&self, file: &str, change: impl FnOnce(String) -> String) {
        let path = self.0.path().join(file);
        let text = std::fs::read_to_string(&path).expect("reads");
        std::fs::write(&path, change(text)).expect("writes");
    }
}

fn open(folder: &Path) -> (OpenProject, State) {
    let project = OpenProject::open(folder, None, &Progress::silent()).expect("opens");
    let state = State::read(&project).expect("reads");
    (project, state)
}

/// Somebody looks at a blind spot, at some of its errors.
fn looks(state: &State) -> Looks {
    let members = &state.members()[&BlindSpotId(1)];
    Looks {
        stage: Stage::Explore,
        spot: Some(SpotRef::Frozen(BlindSpotId(1))),
        focus: members.first().cloned(),
        selected: members.iter().take(5).cloned().collect(),
        colour_by: ColourBy::Outcome,
        filters: Filters {
            search: "funny".to_owned(),
            true_labels: BTreeSet::from([1]),
            roles: BTreeSet::from([Role::Discovery]),
            sources: BTreeSet::from([0]),
            outcomes: BTreeSet::from([Outcome::UnknownUnknown]),
            only_spot: true,
            least_confidence: 0.5,
            ..Filters::default()
        },
        sort: Some((Column::Confidence, true)),
        spot_order: SpotOrder::Rate,
        compared: None,
    }
}

fn handed_on(looks: &Looks, (project, state): (&OpenProject, &State)) -> String {
    let view = HandedView::of(looks, project, state).expect("is small");
    view.written().expect("writes")
}

#[test]
fn a_view_comes_back_on_another_machine_and_what_differs_is_told() {
    let project = Project::new();
    project.json("discover", &[]);
    let (here, state) = open(project.path());
    let seen = looks(&state);
    let text = handed_on(&seen, (&here, &state));
    here.store.close();
    sealed_ids_are_as_unknown_ones(&here, &state);
    let texts = state.dataset.examples.iter();
    for text_of in texts.filter_map(|example| example.text()) {
        assert!(!text.contains(&text_of.first), "holds a text");
    }
    let place = project.path().display().to_string();
    assert!(!text.contains(&place) && !holds(text.as_bytes(), SEALED_WORD));
    let view = HandedView::read(&text).expect("is a view");

    // The same project in another folder.
    let same = Elsewhere::of(&project);
    let (there, other) = open(same.0.path());
    let edits = view.edits(&there, &other);
    assert_eq!(edits, Default::default());
    assert_eq!(view.looks(&other), (seen.clone(), Vec::new()));
    there.store.close();
    as_a_command(&same, &text, &seen);
    under_another_tau(&same, &view);
    of_other_data(&project, &view);
    of_an_unscored_project(&view);
}

fn sealed_ids_are_as_unknown_ones(project: &OpenProject, state: &State) {
    let told = |key: &ExampleKey| {
        let looks = Looks {
            focus: Some(key.clone()),
            selected: vec![key.clone()],
            ..Looks::default()
        };
        let view = HandedView::of(&looks, project, state).expect("is small");
        view.looks(state)
    };
    let of_role = |role| {
        let example = state.dataset.examples.iter().find(|of| of.role == role);
        told(&example.expect("has rows").key)
    };
    assert!(of_role(Role::Check).1.is_empty(), "it is shown");
    let unknown = told(&ExampleKey("nobody".to_owned()));
    assert_eq!(unknown.1.len(), 2, "{:?}", unknown.1);
    assert_eq!(of_role(Role::Final), unknown);
}

fn as_a_command(same: &Elsewhere, text: &str, seen: &Looks) {
    let file = same.0.path().join("sent.view.json");
    std::fs::write(&file, text).expect("writes");
    let shown = |more: &[&str]| {
        let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
        call.arg("show").arg(same.0.path()).arg("view").arg(&file);
        let output = call.args(more).output().expect("starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let json: serde_json::Value = serde_json::from_str(&shown(&["--json"])).expect("JSON");
    assert_eq!(json["notes"], serde_json::json!([]));
    let selected = json["selected"].as_array().expect("a list");
    assert_eq!(selected.len(), seen.selected.len());
    assert_eq!(selected[0]["id"], seen.selected[0].0.as_str());
    let passing = json["passing"].as_array().expect("a list").len();
    assert!(passing >= 5, "{json}");
    assert!(shown(&[]).contains(&format!("{passing} of ")));
}

/// τ is an edit that undo takes back; of a project for reading only it is told.
fn under_another_tau(same: &Elsewhere, view: &HandedView) {
    let set = |tau: &str| {
        let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
        call.arg("edit")
            .arg(same.0.path())
            .args(["settings", "--tau", tau]);
        assert!(call.output().expect("starts").status.success());
    };
    set("0.95");
    let (there, mut other) = open(same.0.path());
    let edits = view.edits(&there, &other);
    assert!(matches!(
        &edits.commands[..],
        [Command::SetDiscovery(settings)] if settings.tau == 0.8
    ));
    assert_eq!(edits.changes, ["τ = 0.80 instead of τ = 0.95"]);
    other.read_only = Some("somebody".to_owned());
    let edits = view.edits(&there, &other);
    assert!(edits.commands.is_empty() && edits.changes.is_empty());
    assert!(edits.notes[0].contains("τ = 0.80 instead"), "{edits:?}");
    there.store.close();
    set("0.8");
}

/// Other rows, labels under other names, no frozen blind spots: the rest is
/// shown all the same.
fn of_other_data(project: &Project, view: &HandedView) {
    let other = Elsewhere::of(project);
    let kept = |text: String, wanted: &dyn Fn(usize, &str) -> bool| -> String {
        let lines = text.lines().enumerate();
        let lines = lines.filter(|(number, line)| wanted(*number, line));
        lines.map(|(_, line)| format!("{line}\n")).collect()
    };
    let first = view_selected(view);
    other.change("data.csv", |text| {
        kept(text, &|_, line| {
            !line.starts_with(&format!("{},", first[0]))
        })
        .replace(",positive,", ",praise,")
    });
    other.change("project.toml", |text| {
        text.replace("\"positive\"", "\"praise\"")
    });
    let (there, state) = open(other.0.path());
    let edits = view.edits(&there, &state);
    assert!(edits.notes[0].contains("other data"), "{edits:?}");
    let (shown, notes) = view.looks(&state);
    let said = notes.join("\n");
    assert!(
        said.contains("1 label of the filter is not in this project: `positive`"),
        "{said}"
    );
    assert!(
        said.contains("5 of 5 selected examples are not shown"),
        "{said}"
    );
    assert_eq!(shown.colour_by, ColourBy::Outcome);
    assert!(shown.filters.true_labels.is_empty());
    assert_eq!(shown.filters.search, "funny");
    there.store.close();
}

/// Ids of the selection, as they stand in the document.
fn view_selected(view: &HandedView) -> Vec<String> {
    let value: serde_json::Value =
        serde_json::from_str(&view.written().expect("writes")).expect("JSON");
    let selected = value["selected"].as_array().expect("a list");
    let ids = selected.iter().map(|id| id.as_str().expect("an id"));
    ids.map(str::to_owned).collect()
}

fn of_an_unscored_project(view: &HandedView) {
    let fresh = Project::new();
    let (there, state) = open(fresh.path());
    let edits = view.edits(&there, &state);
    let notes = edits.notes.join("\n");
    assert!(notes.contains("no base model yet"), "{notes}");
    assert!(
        notes.contains("snapshot 1 is not in this project"),
        "{notes}"
    );
    let (shown, notes) = view.looks(&state);
    assert!(shown.selected.is_empty() && shown.focus.is_none());
    assert!(
        notes.iter().any(|note| note.contains("5 of 5")),
        "{notes:?}"
    );
    there.store.close();
}

#[test]
fn what_is_no_sound_view_is_refused_in_words() {
    let project = Project::new();
    let (here, state) = open(project.path());
    let usual = Looks::default();
    let text = handed_on(&usual, (&here, &state));
    assert!(HandedView::is_meant(&text) && HandedView::is_meant(&format!("\n {text}")));
    let read = |text: &str| HandedView::read(text).map(drop);
    assert!(read(&text).is_ok());

    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        text.replacen(from, to, 1)
    };
    for (damaged, why) in [
        (String::new(), "no view"),
        ("[]".to_owned(), "no view"),
        ("{\"format\": 1}".to_owned(), "no view"),
        (text[..text.len() / 2].to_owned(), "not whole"),
        (with("\"version\": 1", "\"version\": 2"), "version 2"),
        (with("\"version\": 1", "\"version\": -1"), "damaged"),
        (with("\"explore\"", "\"../explore\""), "damaged"),
        (with("\"tau\": 0.8", "\"tau\": 7.0"), "damaged"),
        (with("\"tau\": 0.8", "\"tau\": 1e999"), "damaged"),
        (with("\"k\": null", "\"k\": 0"), "damaged"),
        (with("\"search\": \"\"", "\"searches\": \"\""), "damaged"),
        (
            with(
                "\"search\": \"\"",
                &format!("\"search\": \"{}\"", "x".repeat(20_000)),
            ),
            "damaged",
        ),
        (
            with("\"least_confidence\": 0.0", "\"least_confidence\": -3"),
            "damaged",
        ),
        (with("\"selected\": []", "\"selected\": [1, 2]"), "damaged"),
        (
            with(
                "\"selected\": []",
                &format!("\"selected\": [{}\"x\"]", "\"x\",".repeat(200_000)),
            ),
            "damaged",
        ),
        (format!("{text}{}", " ".repeat(17 << 20)), "longer than"),
    ] {
        let error = read(&damaged).expect_err(why);
        let said = error.to_string();
        assert!(said.contains(why), "{why}: {said}");
        assert!(said.len() < 400 && error.exit_code() == 2, "{said}");
    }
    here.store.close();
}

#[test]
fn a_file_that_is_no_view_is_named() {
    let project = Project::new();
    let place = project.path().join("data.csv");
    assert!(!HandedView::is_meant_by(&place));
    assert!(!HandedView::is_meant_by(project.path()));
    let error = HandedView::open(&place).expect_err("is a table");
    assert!(error.to_string().contains("data.csv"), "{error}");
    let missing = HandedView::open(&project.path().join("none.json")).expect_err("is not there");
    assert!(missing.to_string().contains("none.json"), "{missing}");
}

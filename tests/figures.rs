//! The list of figures against the faces: each shows every figure of it, by
//! the name and the columns that the list gives.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[allow(dead_code, reason = "shared with other tests")]
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/window_on.rs"]
mod window_on;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::path::Path;
use std::time::{Duration, Instant};

use blindspot::comparison::figures::{
    CURVES, against_controls, answers, created, created_group, endpoint_against, errors, glossary,
    kept_back, region, size_figures, slice, spot, unseen, verdict, worth_figures,
};
use blindspot::records::Endpoint;
use blindspot::steps::data_sheet::cost_figures;
use blindspot::steps::discover::figures as of_discovery;
use blindspot::support::figures::Figure;
use egui_kittest::kittest::Queryable as _;
use tiny_project::Project;
use window_on::window_on;
use written_lesson::teach;

/// A project after a round with a lesson, and what `run` printed of it.
fn taught() -> (Project, String) {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let said = said(&project, "run", &["--seeds", "1"]);
    (project, said)
}

fn said(project: &Project, command: &str, more: &[&str]) -> String {
    let output = project.call(command, more);
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).expect("text")
}

fn names<R>(figures: &[Figure<R>]) -> Vec<&'static str> {
    figures.iter().map(|figure| figure.name).collect()
}

fn columns<R>(figures: &[Figure<R>]) -> Vec<&'static str> {
    figures.iter().flat_map(Figure::columns).collect()
}

/// The names that people must be shown of a comparison.
fn of_a_comparison() -> Vec<&'static str> {
    [
        names(&errors()),
        names(&answers()),
        names(&spot()),
        names(&region()),
        names(&kept_back()),
    ]
    .concat()
}

fn header(path: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).expect("the table is there");
    let header = reader.headers().expect("has a header");
    header.iter().map(str::to_owned).collect()
}

#[test]
fn every_face_shows_every_figure_of_the_list() {
    let (project, compared) = taught();
    let discovered = said(&project, "discover", &[]);
    for name in of_a_comparison() {
        assert!(compared.contains(name), "run lacks {name}:\n{compared}");
    }
    for endpoint in Endpoint::ALL {
        assert!(compared.contains(endpoint.name()), "run lacks {endpoint}");
    }
    for name in names(&of_discovery::figures()) {
        assert!(discovered.contains(name), "discover lacks {name}");
    }
    in_the_report(&project);
    in_the_export(&project);
    in_the_window(&project);
}

fn in_the_report(project: &Project) {
    let path = project.path().join("out.html");
    project.json("report", &["--out", &path.display().to_string()]);
    let html = std::fs::read_to_string(path).expect("was written");
    let curves = CURVES.iter().map(|curve| curve.name).collect();
    // The blind spot is the headline there.
    let found = names(&of_discovery::figures()[1..]);
    for name in [of_a_comparison(), curves, names(&cost_figures()), found].concat() {
        assert!(html.contains(name), "the report lacks {name}");
    }
    for (_, meaning) in glossary() {
        let meaning = meaning.replace('"', "&quot;");
        assert!(html.contains(&meaning), "the report lacks: {meaning}");
    }
}

fn in_the_export(project: &Project) {
    let folder = project.path().join("export");
    project.json("export", &["--out", &folder.display().to_string()]);
    let arms = [columns(&errors()), columns(&answers()), columns(&verdict())].concat();
    let regions = [columns(&region()), columns(&kept_back()), columns(&spot())].concat();
    let groups = [columns(&created()), columns(&created_group())].concat();
    for (table, expected) in [
        ("comparison", [arms, columns(&slice())].concat()),
        ("against_controls", columns(&against_controls())),
        ("endpoints", columns(&endpoint_against())),
        (
            "blind_spot_outcomes",
            [regions, columns(&[unseen()])].concat(),
        ),
        ("created_unknown_unknowns", groups),
        ("blind_spots", columns(&of_discovery::figures())),
        ("costs", columns(&cost_figures())),
    ] {
        let header = header(&folder.join(format!("{table}.csv")));
        for column in expected {
            let times = header.iter().filter(|name| *name == column).count();
            assert_eq!(times, 1, "{column} in {table}.csv: {header:?}");
        }
    }
    let curves = std::fs::read_to_string(folder.join("curves.csv")).expect("readable");
    for curve in CURVES {
        assert!(curves.contains(curve.key), "curves.csv lacks {}", curve.key);
    }
}

fn in_the_window(project: &Project) {
    let mut window = window_on(project.path());
    let began = Instant::now();
    while window.query_all_by_label_contains("Compare:").count() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "does not open");
        window.run_steps(1);
    }
    let step = window.get_all_by_label_contains("Compare:").next();
    step.expect("the step").click();
    window.run_steps(5);
    let curves = CURVES.iter().map(|curve| curve.name).collect();
    for name in [of_a_comparison(), curves].concat() {
        let shown = window.query_all_by_label(name).count();
        assert!(shown > 0, "the window lacks {name}");
    }
}

#[test]
fn an_experiment_over_sizes_has_curves_and_a_worth_on_every_face() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let over = ["--sizes", "1,all,9999", "--seeds", "3"];
    let result = project.json("experiment", &over);
    let rounds = result["rounds"].as_array().expect("rounds");
    assert_eq!(rounds.len(), 2, "of 9999 there are not so many");
    assert!(rounds[0]["check"].get("sizes").is_none());
    let curves = &rounds[1]["check"]["sizes"];
    let sizes = curves["sizes"].as_array().expect("sizes");
    assert_eq!((sizes.len(), sizes[0].as_u64()), (2, Some(1)));
    for source in curves["sources"].as_array().expect("sources") {
        for arm in source["arms"].as_array().expect("arms") {
            assert_eq!(arm["points"].as_array().map(Vec::len), Some(2), "{arm}");
        }
        let worth = source["worth"][0]["sentence"]
            .as_str()
            .expect("is worth something");
        assert!(worth.contains("ordinary labels"), "{worth}");
    }
    let printed = said(&project, "experiment", &over);
    assert!(
        printed.contains("What lessons are worth on check"),
        "{printed}"
    );
    let again = project.json("experiment", &over);
    assert_eq!(
        again["rounds"][1]["number"], rounds[1]["number"],
        "nothing is trained anew"
    );
    let folder = project.path().join("export");
    project.json("export", &["--out", &folder.display().to_string()]);
    for (table, figures) in [
        ("size_curves", columns(&size_figures())),
        ("worth_in_labels", columns(&worth_figures())),
    ] {
        let text = std::fs::read_to_string(folder.join(format!("{table}.csv"))).expect("is there");
        assert!(text.lines().count() > 1, "{table} is empty");
        let header = header(&folder.join(format!("{table}.csv")));
        assert!(
            figures
                .iter()
                .all(|column| header.iter().any(|name| name == column))
        );
    }
    let path = project.path().join("out.html");
    project.json("report", &["--out", &path.display().to_string()]);
    let html = std::fs::read_to_string(path).expect("was written");
    assert!(html.contains("ordinary labels") && html.contains("examples added"));
}

/// The columns published before there was a list: scripts read them.
#[test]
fn columns_that_scripts_read_keep_their_names() {
    let arms = [columns(&errors()), columns(&answers()), columns(&verdict())].concat();
    let arms = [arms, columns(&slice())].concat();
    for column in [
        "seeds",
        "rows",
        "groups",
        "confident_rows_of_base",
        "errors_among_most_confident",
        "best_control",
        "difference_to_best_control",
        "difference_lower",
        "difference_upper",
        "difference_standard_error",
        "unknown_unknowns",
        "unknown_unknowns_scaled",
        "corrected",
        "quieted",
        "remaining",
        "new",
        "accuracy",
        "accuracy_change_points",
        "accuracy_change_lower",
        "accuracy_change_upper",
        "accuracy_change_standard_error",
        "calibration_error",
        "calibration_error_scaled",
        "brier",
        "risk_coverage_area",
        "verdict",
        "p_adjusted",
        "verdict_sentence",
    ] {
        assert!(arms.contains(&column), "{column}");
    }
    let regions = [columns(&spot()), columns(&[unseen()])].concat();
    let regions = [regions, columns(&region()), columns(&kept_back())].concat();
    for column in [
        "blind_spot",
        "name",
        "taught",
        "rows",
        "enough_rows",
        "before",
        "after",
        "share_lower",
        "share_upper",
        "corrected",
        "quieted",
        "remaining",
        "new",
        "kept_back",
        "kept_back_corrected",
        "kept_back_quieted",
        "kept_back_remaining",
    ] {
        assert!(regions.contains(&column), "{column}");
    }
}

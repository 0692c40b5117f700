//! Blind spots that are planted: what the new project holds, and that nothing
//! but the planted rows was touched.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;

use blindspot::dataset::Dataset;
use blindspot::records::Role;
use blindspot::steps::Workspace;
use blindspot::steps::plant::{Fault, Plant, Slice, Wanted, plant, plants_of};
use blindspot::support::Progress;

const WORDS: [&str; 24] = [
    "river", "engine", "garden", "window", "copper", "letter", "island", "market", "violin",
    "winter", "bottle", "candle", "forest", "harbour", "kitchen", "ladder", "mirror", "needle",
    "orchard", "pepper", "quarry", "ribbon", "saddle", "thunder",
];

/// 900 rows to learn from, of two labels, and some to validate with.
fn project(folder: &Path) -> Workspace {
    let mut rows = "id,text,label,role\n".to_owned();
    for row in 0..960_usize {
        let role = match row {
            0..900 => "train",
            900..930 => "validation",
            930..940 => "discovery",
            940..950 => "check",
            _ => "final",
        };
        let word = |factor: usize| WORDS[(row * factor + row / 24 * (factor + 2)) % WORDS.len()];
        let length = 1 + row * 7 % 9;
        let more = (0..length).map(|at| WORDS[(row * 5 + at * 11) % WORDS.len()]);
        let more: Vec<&str> = more.collect();
        rows += &format!(
            "r{row},the {} and the {} {},{},{role}\n",
            word(1),
            word(7),
            more.join(" "),
            ["calm", "loud"][row / 3 % 2],
        );
    }
    std::fs::write(folder.join("data.csv"), rows).expect("writes");
    let toml = "name = \"words\"\n[data]\nfiles = [{ path = \"data.csv\" }]\n[model]\nbase = \"builtin\"\n";
    std::fs::write(folder.join("project.toml"), toml).expect("writes");
    Workspace::open(folder, &Progress::silent()).expect("opens")
}

/// Text and label of each row, by its id.
fn rows(dataset: &Dataset) -> BTreeMap<String, (String, String, Role)> {
    let rows = dataset.examples.iter().map(|example| {
        let text = example.text().map(|text| text.first.clone());
        let label = dataset.label_name(example.label).to_owned();
        let key = example.key.0.clone();
        (key, (text.unwrap_or_default(), label, example.role))
    });
    rows.collect()
}

#[test]
fn a_planted_project_holds_what_its_list_says_and_nothing_else_is_changed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let from = project(folder.path());
    let out = folder.path().join("planted");
    let wanted = Wanted { plants: 4, seed: 0 };
    let plants = plant(&from, wanted, &out, &Progress::silent()).expect("plants");
    assert_eq!(plants, plants_of(&out).expect("reads"));
    assert_eq!(plants.len(), 4);
    let planted = Workspace::open(&out, &Progress::silent()).expect("opens");
    let (before, after) = (rows(&from.dataset), rows(&planted.dataset));

    let named = |plant: &Plant| {
        plant
            .members
            .iter()
            .map(|key| key.0.clone())
            .collect::<Vec<_>>()
    };
    let mut changed = 0;
    for plant in &plants {
        for key in named(plant) {
            let (text, label, role) = &after[&key];
            assert_eq!(
                (label, *role),
                (&plant.label, Role::Discovery),
                "{}",
                plant.said()
            );
            let marked = text != &before[&key].0;
            assert_eq!(marked, plant.fault == Fault::Marker, "{}", plant.said());
            if let Slice::Term { word } = &plant.slice {
                assert!(text.contains(word.as_str()), "{word}: {text}");
            }
        }
        changed += plant.training_rows;
    }
    let mut found = 0;
    for (key, (text, label, role)) in &before {
        match after.get(key) {
            None => found += usize::from(*role == Role::Train),
            Some((_, now, Role::Train)) if now != label => found += 1,
            Some((now, _, Role::Train)) if now != text => {
                assert!(
                    plants
                        .iter()
                        .any(|p| p.fault == Fault::Marker && &p.taught == label)
                );
                found += 1;
            }
            Some((_, _, Role::Validation)) => assert_eq!(*role, Role::Validation),
            Some(_) => {}
        }
    }
    assert_eq!(found, changed, "training rows that are not as they were");

    let again = plant(&from, wanted, &out, &Progress::silent()).expect_err("is not empty");
    assert!(again.to_string().contains("planted"), "{again}");
    let elsewhere = folder.path().join("again");
    let same = plant(&from, wanted, &elsewhere, &Progress::silent()).expect("plants");
    assert_eq!(same, plants, "the same seed plants the same");
}

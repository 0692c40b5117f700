//! Files and folders of other programs: written by their own libraries and
//! read here, written here and read by their own libraries.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::path::Path;
use std::process::Command;

use blindspot::dataset;
use blindspot::export::labelled::{Column, DatasetsFolder, Row, What, argilla_records};
use blindspot::records::Manifest;
use blindspot::support::Progress;
use blindspot::support::figures::Cell;

/// Labels whose order is not that of the alphabet.
const NAMES: [&str; 3] = ["süß", "bitter", "a \"quoted\" one"];

fn columns() -> Vec<Column> {
    let names = || NAMES.map(str::to_owned).to_vec();
    vec![
        Column::new("id", What::Id),
        Column::new("text", What::Text),
        Column::new("label", What::Label(names())),
        Column::new("predicted", What::Label(names())),
        Column::new("confidence", What::Score),
        Column::new("aside", What::Note),
    ]
}

fn rows(split: &str, count: usize) -> Vec<Row> {
    let row = |at: usize| {
        let judged = !at.is_multiple_of(4);
        vec![
            format!("{split}-{at}").into(),
            format!("text {at} of {split}\nin two lines, with “quotes” and 🙂").into(),
            NAMES[at % 3].into(),
            judged.then_some(NAMES[(at + 1) % 3]).into(),
            judged.then_some(0.25_f32 * (at % 3) as f32).into(),
            Cell::Empty,
        ]
    };
    (0..count).map(row).collect()
}

/// The folder and the records of two splits, one of which takes two batches.
fn written(to: &Path) {
    let mut folder = DatasetsFolder::begin(&to.join("sets"), &columns()).expect("begins");
    for (split, count) in [("train", 1_500), ("none", 0), ("samples", 7)] {
        let rows = rows(split, count).into_iter();
        folder.split(split, rows).expect("writes the split");
    }
    folder.finish().expect("finishes");
    let all = rows("train", 40).into_iter().chain(rows("samples", 7));
    argilla_records(&to.join("argilla.json"), &columns(), all).expect("writes the records");
}

#[test]
fn rows_for_datasets_read_back_with_the_names_of_their_labels() {
    let folder = tempfile::tempdir().expect("temporary folder");
    written(folder.path());
    assert!(!folder.path().join("sets/none").exists());
    let files = "teaching_only = true\n[data]\nfiles = [{ path = \"sets/train/data-00000-of-00001.arrow\", role = \"discovery\" }]\n";
    let manifest = Manifest::parse(files, "project.toml").expect("parses");
    let read = dataset::read(&manifest, folder.path(), &Progress::silent()).expect("reads");
    assert_eq!(read.labels, NAMES);
    let wanted = rows("train", 1_500);
    assert_eq!(read.examples.len(), wanted.len());
    for (example, row) in read.examples.iter().zip(&wanted) {
        let text = example.text().map(|text| text.first.as_str().into());
        assert_eq!(Cell::from(example.key.0.as_str()), row[0]);
        assert_eq!(text.as_ref(), Some(&row[1]));
        assert_eq!(Cell::from(read.label_name(example.label)), row[2]);
    }
}

#[test]
fn a_split_cannot_lead_out_of_its_folder() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for name in ["", "..", "a/b", "../x", ".hidden", "a b"] {
        let mut sets = DatasetsFolder::begin(folder.path(), &columns()).expect("begins");
        let error = sets.split(name, rows("x", 1).into_iter());
        error.expect_err("no name of a split");
    }
    let left = std::fs::read_dir(folder.path()).expect("is there").count();
    assert_eq!(left, 0);
}

/// Opt-in, since it needs Python: `BLINDSPOT_PYTHON=.venv/bin/python cargo test
/// --test formats -- --ignored`.
#[test]
#[ignore = "needs Python with datasets (and argilla), named in BLINDSPOT_PYTHON"]
fn their_own_libraries_open_what_is_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    written(folder.path());
    let python = std::env::var("BLINDSPOT_PYTHON").expect("BLINDSPOT_PYTHON is set");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/open_exports.py");
    let run = Command::new(python)
        .arg(script)
        .args([
            folder.path().join("sets"),
            folder.path().join("argilla.json"),
        ])
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let answer: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(answer["joined"], 1_507);
    for (split, count) in [("train", 1_500), ("samples", 7)] {
        let read = &answer["splits"][split];
        let names: Vec<String> = columns().into_iter().map(|column| column.name).collect();
        assert_eq!(read["names"], serde_json::json!(NAMES));
        assert_eq!(read["columns"], serde_json::json!(names));
        for (at, row) in rows(split, count).iter().enumerate() {
            let found = &read["rows"][at];
            assert_eq!(found["id"], serde_json::json!(row[0]));
            assert_eq!(found["text"], serde_json::json!(row[1]));
            assert_eq!(found["label"], serde_json::json!(at % 3));
            let predicted = (at % 4 != 0).then_some((at + 1) % 3);
            assert_eq!(found["predicted"], serde_json::json!(predicted));
            assert_eq!(found["confidence"], serde_json::json!(row[4]));
        }
    }
    let Some(records) = answer["argilla"].as_array() else {
        return;
    };
    assert_eq!(records.len(), 47);
    for (record, row) in records.iter().zip(rows("train", 40)) {
        assert_eq!(record["fields"]["text"], serde_json::json!(row[1]));
        let label = &record["suggestions"]["label"];
        assert_eq!(label["value"], serde_json::json!(row[2]));
        let predicted = &record["suggestions"]["predicted"];
        assert_eq!(
            predicted["score"],
            serde_json::json!(row[4])
                .as_f64()
                .map_or(serde_json::Value::Null, |score| serde_json::json!(score))
        );
    }
}

/// The exports of annotation tools, with what project.toml must say of their
/// columns. In each, 20 texts of 24 have one label.
const EXPORTS: [(&str, &str); 8] = [
    ("label_studio.json", ""),
    ("label_studio_min.json", "label = \"eindruck\""),
    ("label_studio.csv", "label = \"eindruck\""),
    ("argilla.json", ""),
    ("argilla_flat.json", ""),
    ("argilla.parquet", ""),
    ("prodigy.jsonl", ""),
    ("doccano.jsonl", ""),
];

fn export(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/exports");
    folder.join(name).display().to_string()
}

/// Reads a file with such lines under `[data]` and `[data.columns]`.
fn load(path: &str, data: &str, columns: &str) -> blindspot::support::Result<dataset::Loaded> {
    let toml = format!(
        "teaching_only = true\n[data]\n{data}\nfiles = [{{ path = {path:?}, role = \"discovery\" \
         }}]\n[data.columns]\n{columns}\n"
    );
    let manifest = Manifest::parse(&toml, "project.toml").expect("parses");
    dataset::load(&manifest, Path::new("/"), &Progress::silent())
}

fn texts_and_labels(loaded: &dataset::Loaded) -> Vec<(String, String)> {
    let data = &loaded.dataset;
    let examples = data.examples.iter();
    examples
        .map(|example| {
            let text = example.text().expect("not sealed");
            (
                text.first.clone(),
                data.label_name(example.label).to_owned(),
            )
        })
        .collect()
}

#[test]
fn exports_of_annotation_tools_are_the_same_texts_with_the_same_labels() {
    let wanted = |count: usize| -> Vec<(String, String)> {
        let kinds = [("leuchtet", "Lob"), ("flackert", "Klage")];
        (0..count)
            .map(|at| if at == 20 { 23 } else { at })
            .map(|at| {
                let (does, label) = kinds[at % 2];
                (
                    format!("Vorgang {at}: die Lampe {does}, „wirklich“"),
                    label.to_owned(),
                )
            })
            .collect()
    };
    for (name, columns) in EXPORTS {
        let path = export(name);
        let left_out = "disagreement = \"leave-out\"";
        let loaded = load(&path, left_out, columns).expect(name);
        assert_eq!(texts_and_labels(&loaded), wanted(20), "{name}");
        let told = loaded.report.warnings().join("\n");
        assert!(told.contains("left out, "), "{name}: {told}");
        assert!(
            loaded.report.files[0]
                .layout
                .described()
                .contains("exported by"),
            "{name}"
        );
        if name.starts_with("doccano") {
            continue;
        }
        assert!(told.contains("its annotators disagree"), "{name}: {told}");
        let majority = load(&path, "disagreement = \"majority\"", columns).expect(name);
        assert_eq!(texts_and_labels(&majority), wanted(21), "{name}");
        let told = majority.report.warnings().join("\n");
        assert!(
            told.contains("annotators disagree on 1 of"),
            "{name}: {told}"
        );
        let refused = load(&path, "", columns).expect_err(name);
        let said = refused.to_string();
        assert!(said.contains(name), "{said}");
        assert!(said.contains("disagree on 1 of"), "{said}");
        assert!(said.contains("`Klage` by 2, `Lob` by 1"), "{said}");
        let hint = refused.remedy().expect("a hint");
        assert!(hint.contains("disagreement = \"majority\""), "{hint}");
    }
}

#[test]
fn why_annotators_gave_no_label_is_told() {
    for (name, columns, reasons) in [
        (
            "label_studio.json",
            "",
            &["skipped", "draft", "not annotated"][..],
        ),
        (
            "argilla_flat.json",
            "",
            &["skipped", "draft", "not annotated"],
        ),
        (
            "argilla.parquet",
            "",
            &["skipped", "draft", "not annotated"],
        ),
        ("argilla.json", "", &["draft", "not annotated"]),
        (
            "prodigy.jsonl",
            "",
            &["skipped", "rejected", "not annotated"],
        ),
        (
            "label_studio.csv",
            "label = \"eindruck\"",
            &["not annotated"],
        ),
        ("doccano.jsonl", "", &["not annotated"]),
    ] {
        let loaded = load(&export(name), "disagreement = \"leave-out\"", columns).expect(name);
        let told = loaded.report.warnings().join("\n");
        for reason in reasons {
            assert!(told.contains(reason), "{name}, {reason}: {told}");
        }
    }
}

#[test]
fn what_is_no_single_label_is_refused_with_counts_and_a_remedy() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let twice = |line: &str| format!("{line}\n{}\n", line.replace("text one", "text two"));
    let studio = |result: &str| {
        format!(
            "[{{\"id\": 1, \"data\": {{\"text\": \"text one\"}}, \"annotations\": [{{\"result\": \
             [{result}]}}]}}]"
        )
    };
    let choices =
        "{\"from_name\": \"q\", \"type\": \"choices\", \"value\": {\"choices\": [\"a\", \"b\"]}}";
    let span = "{\"from_name\": \"q\", \"type\": \"labels\", \"value\": {\"start\": 0, \"end\": 2, \
                \"text\": \"te\", \"labels\": [\"PER\"]}}";
    let spans = "{\"text\": \"text one\", \"label\": [[0, 4, \"PER\"]], \"Comments\": []}";
    let several = "{\"text\": \"text one\", \"label\": [\"a\", \"b\"], \"Comments\": []}";
    let asked = "{\"text\": \"text one\", \"label\": \"URGENT\", \"_input_hash\": 1, \"answer\": \"accept\"}\n\
                 {\"text\": \"text two\", \"label\": \"URGENT\", \"_input_hash\": 2, \"answer\": \"reject\"}\n";
    let marked = "{\"text\": \"text one\", \"spans\": [{\"start\": 0, \"end\": 4, \"label\": \"PER\"}], \
                  \"_input_hash\": 1, \"answer\": \"accept\"}\n";
    for (name, content, said) in [
        (
            "a.json",
            studio(choices),
            "in 1 of 1 task the answer to `q` has several labels",
        ),
        ("b.json", studio(span), "labels parts of the text"),
        (
            "c.jsonl",
            twice(spans),
            "in 2 of 2 tasks the answer to `label` labels parts",
        ),
        (
            "d.jsonl",
            twice(several),
            "in 2 of 2 tasks the answer to `label` has several labels",
        ),
        (
            "e.jsonl",
            asked.to_owned(),
            "asked about one label only, `URGENT`: 1 were accepted and 1",
        ),
        ("f.jsonl", marked.to_owned(), "labels parts of the text"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("writes");
        let refused = load(&path.display().to_string(), "", "").expect_err(name);
        let text = refused.to_string();
        assert!(text.contains(said) && text.contains(name), "{name}: {text}");
        assert!(refused.remedy().is_some(), "{name}");
    }
    let yes_or_no = folder.path().join("e.jsonl").display().to_string();
    let loaded = load(&yes_or_no, "rejected = \"calm\"", "").expect("yes or no");
    let labels: Vec<_> = texts_and_labels(&loaded)
        .into_iter()
        .map(|(_, label)| label)
        .collect();
    assert_eq!(labels, ["URGENT", "calm"]);
}

#[test]
fn folders_of_datasets_are_read_split_by_split_and_each_split_is_named() {
    for (name, files) in [("saved", 2), ("hub", 1)] {
        let train = load_split(name, Some("train")).expect(name);
        assert_eq!(train.dataset.labels, ["Lob", "Klage"], "{name}");
        assert_eq!(train.dataset.files.len(), files, "{name}");
        assert_eq!(train.dataset.examples.len(), 16, "{name}");
        let test = load_split(name, Some("test")).expect(name);
        assert_eq!(texts_and_labels(&test)[0].1, "Lob");
        assert_eq!(test.dataset.examples.len(), 8, "{name}");

        let unsaid = load_split(name, None).expect_err("what are they for?");
        assert!(unsaid.to_string().contains("several splits"), "{unsaid}");
        let hint = unsaid.remedy().expect("a hint");
        assert!(
            hint.contains("split = \"train\", role = \"train\""),
            "{hint}"
        );
        assert!(hint.contains("split = \"test\", shares = {"), "{hint}");
        let wrong = load_split(name, Some("dev")).expect_err("no such split");
        assert!(wrong.to_string().contains("`dev`"), "{wrong}");
    }
    let one = load_split("saved/test", None).expect("one split");
    assert_eq!(one.dataset.examples.len(), 8);
}

fn load_split(name: &str, split: Option<&str>) -> blindspot::support::Result<dataset::Loaded> {
    let split = split.map_or(String::new(), |split| format!("split = \"{split}\", "));
    let path = export(name);
    let toml = format!(
        "teaching_only = true\n[data]\nfiles = [{{ path = {path:?}, {split}role = \"discovery\" \
         }}]\n"
    );
    let manifest = Manifest::parse(&toml, "project.toml").expect("parses");
    dataset::load(&manifest, Path::new("/"), &Progress::silent())
}

#[test]
fn a_folders_description_leads_nowhere_else() {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("rows.arrow"), "").expect("writes");
    let inside = folder.path().join("set");
    std::fs::create_dir(&inside).expect("makes");
    let state = |file: &str| format!("{{\"_data_files\": [{{\"filename\": {file:?}}}]}}");
    for (file, content) in [
        ("state.json", state("../rows.arrow")),
        ("state.json", state("/etc/passwd")),
        ("state.json", state("..")),
        ("state.json", state("")),
        (
            "state.json",
            "{\"_data_files\": 18446744073709551615}".to_owned(),
        ),
        ("state.json", "{".to_owned()),
        (
            "state.json",
            "{\"_data_files\": [{\"filename\": \"a.arrow\"}], \"_indices_files\": [{}]}".to_owned(),
        ),
        ("dataset_dict.json", "{\"splits\": [\"../..\"]}".to_owned()),
        ("dataset_dict.json", "{\"splits\": []}".to_owned()),
        ("dataset_dict.json", "{\"splits\": [\"gone\"]}".to_owned()),
    ] {
        let description = inside.join(file);
        std::fs::write(&description, &content).expect("writes");
        let refused = load(&inside.display().to_string(), "", "").expect_err(&content);
        assert_eq!(refused.exit_code(), 2, "{content}: {refused}");
        assert!(refused.remedy().is_some(), "{content}: {refused}");
        assert!(refused.to_string().contains("set"), "{content}: {refused}");
        std::fs::remove_file(description).expect("removes");
    }
    let empty = load(&inside.display().to_string(), "", "").expect_err("no data");
    assert!(empty.to_string().contains("holds no data file"), "{empty}");
}

#[test]
fn texts_in_a_folder_for_each_label_are_rows() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let write = |file: &str, content: &[u8]| {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes");
        std::fs::write(path, content).expect("writes");
    };
    for split in ["train", "test"] {
        for at in 0..6 {
            let label = ["neg", "pos"][at % 2];
            let text = format!("{split} {at}: one line,\nanother \"line\"");
            write(&format!("{split}/{label}/{at}.txt"), text.as_bytes());
        }
    }
    write("train/urls.txt", b"a\nb\n");
    write("test/urls.txt", b"a\nb\n");
    write("train/pos/7.txt", b"");
    write("train/pos/8.txt", b"f\xfcr");
    let path = |inside: &str| folder.path().join(inside).display().to_string();
    let train = load(&path("train"), "", "").expect("reads");
    let wanted = [0, 2, 4, 1, 3, 5].map(|at| {
        let label = ["neg", "pos"][at % 2].to_owned();
        (format!("train {at}: one line,\nanother \"line\""), label)
    });
    assert_eq!(texts_and_labels(&train), wanted);
    assert_eq!(train.dataset.examples[0].key.0, "neg/0.txt");
    let told = train.report.warnings().join("\n");
    for said in [
        "8.txt`, line 1: it is not UTF-8",
        "empty text",
        "1 of its files",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let named = load(&path("train"), "encoding = \"windows-1252\"", "").expect("reads");
    assert!(texts_and_labels(&named).contains(&("für".to_owned(), "pos".to_owned())));
    let unsaid = load(&path(""), "", "").expect_err("train and test");
    let hint = unsaid.remedy().expect("a hint");
    assert!(hint.contains("split = \"test\", shares"), "{hint}");
}

//! How data gets into the form for a new project other than by a path, and how
//! it is read otherwise there and on the Data page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use blindspot::project::manifest::FILE_NAME;

use crate::tiny_project::{MANIFEST, Project};
use crate::walk::Walk;
use crate::workbook::{inline, workbook_of_sheets};

/// A file or folder as the desktop hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("a path is enough".into())
    }
}

impl Walk {
    fn drop_in(&mut self, path: &Path) {
        let dropped = Arc::new(Dropped(path.to_owned()));
        self.window.input_mut().dropped_files.push(dropped);
        self.window.run_steps(2);
    }

    fn paste(&mut self, text: &str) {
        self.window.event(egui::Event::Paste(text.to_owned()));
        self.window.run_steps(3);
    }

    /// Fills in what the form cannot know: a model that is quick to look at and
    /// the folder of projects.
    fn fill_the_form(&mut self) {
        let (projects, model) = (self.path().join("projects"), self.model());
        self.read("a folder in Hugging Face layout");
        self.press("a folder in Hugging Face layout");
        self.fill("Folder of the model", &model);
        self.fill("Folder", &projects.display().to_string());
    }

    /// Whether a text is on show.
    fn shows(&self, part: &str) -> bool {
        self.window
            .query_all_by_label_contains(part)
            .next()
            .is_some()
    }

    fn made(&mut self) -> (PathBuf, Vec<String>, usize) {
        self.read("makes ");
        self.press("Create the project");
        self.wait(|app| app.session().is_some());
        let state = self.window.state().session().expect("open").state();
        let dataset = &state.dataset;
        (
            state.folder.clone(),
            dataset.labels.clone(),
            dataset.examples.len(),
        )
    }
}

/// Rows of two labels, cells of spreadsheets with `between`.
fn rows(from: usize, between: char) -> String {
    let mut rows = String::new();
    for row in from..from + 200 {
        let label = ["good", "bad"][row % 2];
        writeln!(rows, "the film number {row} was so{between}{label}").expect("writes to a string");
    }
    rows
}

#[test]
fn a_table_is_pasted_and_becomes_a_file_of_the_project() {
    let mut walk = Walk::new();
    // A cell of two lines, as spreadsheets put it on the clipboard.
    let cells = format!(
        "text\tlabel\r\n\"a film\nof two lines\"\tgood\r\n{}",
        rows(0, '\t').replace('\n', "\r\n")
    );
    walk.paste(&cells);
    walk.read("Create the project");
    walk.read("pasted.tsv");
    walk.read("CSV with tabs");
    walk.fill_the_form();
    // A second one joins it, by the button.
    walk.press("Paste a table");
    let (json, rows) = (
        String::from("{\"text\":\"one more\",\"label\":\"bad\"}\n"),
        202,
    );
    walk.paste(&json);
    // One line is no table of cells, but may well be one of JSON.
    walk.read("pasted-2.jsonl");
    walk.press("copy the data files into the project");
    walk.read("A pasted table is copied all the same");
    walk.read("of two lines");
    let (folder, labels, found) = walk.made();
    assert_eq!(labels, ["bad", "good"]);
    assert_eq!(found, rows);
    let kept = std::fs::read_to_string(folder.join("data/pasted.tsv")).expect("is a file");
    assert_eq!(kept, cells);
    let settings = std::fs::read_to_string(folder.join(FILE_NAME)).expect("was written");
    assert!(
        settings.contains("path = \"data/pasted-2.jsonl\""),
        "{settings}"
    );
}

#[test]
fn what_is_pasted_elsewhere_or_is_no_table_makes_no_project() {
    let mut walk = Walk::new();
    // Into a field it is what is typed there.
    let csv = walk.path().join("films.csv");
    std::fs::write(&csv, format!("text,label\n{}", rows(0, ','))).expect("writes");
    walk.field("Path of a data file or project").focus();
    walk.window.run_steps(2);
    walk.paste(&csv.display().to_string());
    assert!(!walk.shows("Create the project"));
    // A path, as file managers copy files, is the file.
    walk.press("Paste a table");
    walk.paste(&format!("file://{}", csv.display()));
    walk.read("films.csv");
    walk.press("Back");
    walk.press("Paste a table");
    walk.paste("nothing but a line");
    walk.read("holds one line only");
    walk.press("Paste a table");
    walk.read("the clipboard holds no text");
    assert!(!walk.shows("Create the project"));
}

#[test]
fn folders_are_dropped_onto_the_form() {
    let mut walk = Walk::new();
    let texts = walk.path().join("texts");
    for row in 0..120 {
        let label = texts.join(["good", "bad"][row % 2]);
        std::fs::create_dir_all(&label).expect("makes");
        let text = format!("the film number {row} was so");
        std::fs::write(label.join(format!("{row}.txt")), text).expect("writes");
    }
    walk.drop_in(&texts);
    walk.read("folders of texts");
    // A folder with a file for each split joins it.
    let hub = walk.path().join("hub");
    std::fs::create_dir(&hub).expect("makes");
    for (split, from) in [("train", 1000), ("test", 2000)] {
        let content = format!("text,label\n{}", rows(from, ','));
        std::fs::write(hub.join(format!("{split}.csv")), content).expect("writes");
    }
    walk.drop_in(&hub);
    walk.read("split test");
    walk.read("split train");
    walk.fill_the_form();
    let (_, labels, found) = walk.made();
    assert_eq!(labels.len(), 2);
    assert_eq!(found, 520);
}

#[test]
fn a_folder_of_a_project_is_opened_and_one_without_data_says_so() {
    let project = Project::new();
    let mut walk = Walk::new();
    let empty = walk.path().join("empty");
    std::fs::create_dir(&empty).expect("makes");
    walk.drop_in(&empty);
    walk.read(FILE_NAME);
    assert!(!walk.shows("Create the project"));
    let mut walk = Walk::new();
    walk.drop_in(project.path());
    walk.wait(|app| app.session().is_some());
}

#[test]
fn delimiter_and_quotation_marks_are_changed_in_the_form() {
    let mut walk = Walk::new();
    let mut csv = String::from("text;label\n");
    for row in 0..200 {
        let label = ["good, yes", "bad, no"][row % 2];
        writeln!(csv, "\"the film number {row}\";{label}").expect("writes to a string");
    }
    let path = walk.path().join("films.csv");
    std::fs::write(&path, csv).expect("writes");
    walk.drop_in(&path);
    walk.fill_the_form();
    walk.read("First rows, as they will be read");
    assert!(!walk.shows("\"the film number 0\""));
    walk.press("How films.csv is read");
    walk.press("Quotation marks of films.csv");
    walk.press("are part of the texts");
    walk.read("\"the film number 0\"");
    walk.press("Delimiter of films.csv");
    walk.press("semicolon");
    walk.read("texts: as project.toml says");
    let (folder, labels, _) = walk.made();
    assert_eq!(labels, ["bad, no", "good, yes"]);
    let settings = std::fs::read_to_string(folder.join(FILE_NAME)).expect("was written");
    for line in ["delimiter = \";\"", "quotes = \"none\""] {
        assert!(settings.contains(line), "{settings}");
    }
}

#[test]
fn another_sheet_of_a_workbook_is_read() {
    let mut walk = Walk::new();
    let sheet = |labels: [&str; 2]| {
        let row = |row: usize, text: &str, label: &str| {
            let (text, label) = (inline(text), inline(label));
            format!("<row r=\"{row}\"><c r=\"A{row}\" {text}</c><c r=\"B{row}\" {label}</c></row>")
        };
        let rows = (0..200).map(|at| row(at + 2, &format!("the film number {at}"), labels[at % 2]));
        let rows = row(1, "text", "label") + &rows.collect::<String>();
        format!("<sheetData>{rows}</sheetData>")
    };
    let (first, second) = (sheet(["good", "bad"]), sheet(["yes", "no"]));
    let sheets = [("first", first.as_str()), ("second", second.as_str())];
    let path = walk.path().join("films.xlsx");
    std::fs::write(&path, workbook_of_sheets(&sheets, "")).expect("writes");
    walk.drop_in(&path);
    walk.fill_the_form();
    walk.read("First rows, as they will be read");
    walk.press("How films.xlsx is read");
    walk.press("Sheet of films.xlsx");
    walk.press("second");
    walk.read("Name of yes");
    let (folder, labels, _) = walk.made();
    assert_eq!(labels, ["no", "yes"]);
    let settings = std::fs::read_to_string(folder.join(FILE_NAME)).expect("was written");
    assert!(settings.contains("sheet = \"second\""), "{settings}");
}

#[test]
fn what_counts_where_annotators_disagree_is_chosen_in_the_form() {
    let mut walk = Walk::new();
    let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/exports");
    walk.drop_in(&exports.join("argilla.json"));
    walk.fill_the_form();
    walk.read("disagree on 1 of");
    walk.press("Where annotators disagree, what counts");
    walk.press("the label that most gave");
    walk.read("First rows, as they will be read");
    walk.read("annotators disagree on 1 of");
    let create = walk.window.get_by_label("Create the project");
    assert!(!create.accesskit_node().is_disabled(), "it can be made");
}

#[test]
fn what_is_tried_on_the_data_page_becomes_lines_for_the_settings() {
    let project = Project::new();
    // Two files that stand for one entry.
    let folder = project.path().join("parts");
    std::fs::create_dir(&folder).expect("makes");
    let from = std::fs::read_to_string(project.path().join("data.csv")).expect("is there");
    let (header, rows) = from.split_once('\n').expect("has rows");
    let rows: Vec<&str> = rows.lines().collect();
    for (at, part) in rows.chunks(rows.len().div_ceil(2)).enumerate() {
        let content = format!("{header}\n{}\n", part.join("\n"));
        std::fs::write(folder.join(format!("train-{at}.csv")), content).expect("writes");
    }
    let settings = MANIFEST.replace("data.csv", "parts");
    assert_ne!(settings, MANIFEST);
    std::fs::write(project.path().join(FILE_NAME), &settings).expect("writes");
    let mut walk = Walk::on(project.path());
    let mut found = walk.window.get_all_by_label_contains("Data:");
    found.next().expect("a step").click_accesskit();
    drop(found);
    walk.window.run_steps(4);
    walk.read("parts, 2 files");
    let headers = walk.window.query_all_by_label_contains("How parts");
    assert_eq!(headers.count(), 1, "one set of menus for one entry");
    assert!(walk.shows("First rows, as they are used"));
    walk.press("How parts is read");
    walk.press("Quotation marks of parts");
    walk.press("are part of the texts");
    walk.read("First rows, as they would be read");
    walk.read("project.toml is yours and stays as it is");
    walk.read("quotes = \"none\"");
    let now = std::fs::read_to_string(project.path().join(FILE_NAME)).expect("is there");
    assert_eq!(now, settings);
    walk.press("Leave it as it is");
    assert!(!walk.shows("First rows, as they would be read"));
}

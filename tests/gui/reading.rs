//! How the files of a new project are read is changed in the form.

use std::fmt::Write as _;

use blindspot::project::manifest::FILE_NAME;

use crate::walk::Walk;

impl Walk {
    /// Opens a file in the form, with a model that is quick to look at.
    fn form_for(&mut self, name: &str, content: &[u8]) {
        let (projects, model) = (self.path().join("projects"), self.model());
        let path = self.path().join(name);
        std::fs::write(&path, content).expect("writes the data");
        let path = path.display().to_string();
        self.fill("Path of a data file or project", &path);
        self.read("Create the project");
        self.press("a folder in Hugging Face layout");
        self.fill("Folder of the model", &model);
        self.fill("Folder", &projects.display().to_string());
        self.read("First rows, as they will be read");
    }

    /// Creates the project; its labels and its project.toml.
    fn created(&mut self) -> (Vec<String>, String) {
        self.read("makes ");
        self.press("Create the project");
        self.wait(|app| app.session().is_some());
        let state = self.window.state().session().expect("open").state();
        let settings = std::fs::read_to_string(state.folder.join(FILE_NAME));
        (state.dataset.labels.clone(), settings.expect("was written"))
    }
}

#[test]
fn spellings_of_one_label_are_joined_and_labels_named_with_a_press() {
    let mut walk = Walk::new();
    let mut csv = String::from("text,label\n");
    for row in 0..300 {
        let label = ["good", "bad", "Good ", "bad", "good", "NA"][row % 6];
        writeln!(csv, "the film number {row} was so,{label}").expect("writes to a string");
    }
    walk.form_for("films.csv", csv.as_bytes());
    walk.press("Read all spellings of “good” as one label");
    walk.read("“Good” is read as “good”");
    walk.press("NA is no label");
    walk.read("“NA” marks rows without a label");
    walk.fill("Name of bad", "negative");
    walk.read("negative");
    let (labels, settings) = walk.created();
    assert_eq!(labels, ["negative", "good"]);
    assert!(settings.contains("Good = \"good\""), "{settings}");
    assert!(settings.contains("missing_labels = [\"NA\"]"), "{settings}");
}

#[test]
fn another_encoding_shows_other_letters_at_once() {
    let mut walk = Walk::new();
    let mut csv = String::from("text;label\n");
    for row in 0..300 {
        let (text, label) = [("очень плохо", "плохо"), ("очень хорошо", "хорошо")][row % 2];
        writeln!(csv, "фильм номер {row} {text};{label}").expect("writes to a string");
    }
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(&csv);
    walk.form_for("films.csv", &bytes);
    walk.read("фильм номер 0 очень плохо");
    walk.press("How films.csv is read");
    walk.read("encoding windows-1251: guessed");
    walk.press("Encoding of films.csv");
    walk.press("koi8-r");
    let (other, ..) = encoding_rs::KOI8_R.decode(&bytes);
    let first = other.lines().nth(1).and_then(|line| line.split(';').next());
    let other = first.expect("a row").to_owned();
    assert_ne!(other, "фильм номер 0 очень плохо");
    // Labels of the old letters have gone with them.
    walk.read(&other);
    let (_, settings) = walk.created();
    assert!(settings.contains("encoding = \"koi8-r\""), "{settings}");
}

//! Reading data sets as a user meets it: files of several formats, and what
//! is said when something is wrong with them.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "dataset/formats.rs"]
mod formats;
#[path = "support/workbook.rs"]
mod workbook;

use std::collections::BTreeMap;
use std::path::Path;

use blindspot::dataset::{self, AsRead, Loaded};
use blindspot::model::Tokenizer;
use blindspot::records::{Manifest, Role, Text};
use blindspot::support::languages::seems_foreign;
use blindspot::support::{Error, Progress};

/// A project with one data file.
struct Project {
    folder: tempfile::TempDir,
    toml: String,
}

impl Project {
    fn new(file: &str, content: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        std::fs::write(folder.path().join(file), content).expect("writes");
        Self {
            folder,
            toml: format!("[data]\nfiles = [{{ path = \"{file}\" }}]\n"),
        }
    }

    fn with(mut self, toml: &str) -> Self {
        self.toml = format!("{toml}\n{}", self.toml);
        self
    }

    fn load(&self) -> Result<Loaded, Error> {
        let manifest = Manifest::parse(&self.toml, "project.toml")?;
        dataset::load(&manifest, self.folder.path(), &Progress::silent())
    }

    fn error(&self) -> String {
        let error = self.load().expect_err("an error");
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(error.remedy().is_some(), "no hint: {error}");
        assert!(!error.to_string().contains('\n'), "one paragraph: {error}");
        error.to_string()
    }
}

/// Enough rows to draw all roles from, as cells (text, label).
fn rows() -> Vec<(String, &'static str)> {
    let label = |row| if row % 2 == 0 { "good" } else { "bad" };
    (0..60)
        .map(|row| (format!("Sentence, number {row}; \"quoted\""), label(row)))
        .collect()
}

fn csv(delimiter: u8, header: [&str; 2]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    writer.write_record(header).expect("header");
    for (text, label) in rows() {
        writer.write_record([text.as_str(), label]).expect("row");
    }
    writer.into_inner().expect("bytes")
}

#[test]
fn the_demo_project_reads_as_its_source_note_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/sentiment");
    let manifest = Manifest::load(&folder).expect("manifest");
    let loaded = dataset::load(&manifest, &folder, &Progress::silent()).expect("data");
    assert_eq!(loaded.report.warnings(), Vec::<String>::new());
    let data = loaded.dataset;
    assert_eq!(data.labels, ["negative", "positive"]);
    assert_eq!(data.sources, ["film", "tweets", "products"]);
    let mut counts = BTreeMap::new();
    for example in &data.examples {
        let source = data.sources[usize::from(example.source)].as_str();
        *counts.entry((source, example.role)).or_insert(0) += 1;
    }
    let expected = BTreeMap::from([
        (("film", Role::Train), 6_000),
        (("film", Role::Reserve), 500),
        (("film", Role::Validation), 571),
        (("film", Role::Check), 1_001),
        (("film", Role::Final), 2_000),
        (("tweets", Role::Discovery), 1_373),
        (("tweets", Role::Check), 687),
        (("tweets", Role::Final), 1_372),
        (("products", Role::Discovery), 1_180),
        (("products", Role::Check), 624),
        (("products", Role::Final), 1_181),
    ]);
    assert_eq!(counts, expected);
    let mut roles_of_group: BTreeMap<u32, Role> = BTreeMap::new();
    for example in &data.examples {
        let role = roles_of_group.entry(example.group).or_insert(example.role);
        assert_eq!(*role, example.role, "{} straddles", data.place(example));
    }
}

#[test]
fn delimiters_marks_and_headers_are_recognised() {
    for (file, delimiter, header) in [
        ("a.csv", b',', ["text", "label"]),
        ("b.csv", b';', ["Satz", "Klasse"]),
        ("c.tsv", b'\t', ["sentence", "Class"]),
        ("d.txt", b'|', ["commentaire", "étiquette"]),
    ] {
        let mut content = b"\xef\xbb\xbf".to_vec();
        content.extend(csv(delimiter, header));
        let loaded = Project::new(file, &content).load().expect(file);
        assert_eq!(loaded.dataset.examples.len(), 60, "{file}");
        assert_eq!(loaded.dataset.labels, ["bad", "good"]);
        let layout = &loaded.report.files[0].layout;
        assert_eq!(layout.delimiter, Some(char::from(delimiter)), "{file}");
        let train = loaded.dataset.with_role(Role::Train);
        let text = loaded.dataset.examples[train[0]]
            .text()
            .expect("not sealed");
        assert!(text.first.ends_with("; \"quoted\""), "{}", text.first);
    }
}

#[test]
fn json_lines_parquet_and_spreadsheets_give_the_same_data() {
    let expected = Project::new("a.csv", &csv(b',', ["text", "label"]))
        .load()
        .expect("csv");
    let json: String = rows()
        .iter()
        .map(|(text, label)| format!("{}\n", serde_json::json!({"label": label, "text": text})))
        .collect();
    for (file, content) in [
        ("a.jsonl", json.into_bytes()),
        ("a.parquet", formats::parquet(&rows())),
        ("a.xlsx", formats::xlsx(&rows())),
    ] {
        let loaded = Project::new(file, &content).load().expect(file);
        let texts = |loaded: &Loaded| -> Vec<_> {
            let examples = loaded.dataset.examples.iter();
            examples
                .map(|example| (example.key.clone(), example.label, example.role))
                .collect()
        };
        assert_eq!(texts(&loaded), texts(&expected), "{file}");
        assert_eq!(loaded.dataset.labels, expected.dataset.labels);
    }
}

#[test]
fn integer_labels_sort_by_number_and_pairs_are_read() {
    let mut content = String::from("premise;hypothesis;label\n");
    for row in 0..120 {
        content += &format!("First {row};Second {row};{}\n", [2, 10, 1][row % 3]);
    }
    let data = Project::new("a.csv", content.as_bytes())
        .load()
        .expect("reads")
        .dataset;
    assert!(data.has_pairs());
    assert_eq!(data.labels, ["1", "2", "10"]);
    let train = data.with_role(Role::Train)[0];
    assert!(data.examples[train].text().expect("shown").second.is_some());
}

#[test]
fn windows_1252_is_recognised_and_said() {
    let mut content = b"Satz,Klasse\n".to_vec();
    for row in 0..60 {
        content.extend(format!("Sch{}n {row},{}\n", '#', row % 2).bytes());
    }
    for byte in content.iter_mut().filter(|byte| **byte == b'#') {
        *byte = 0xf6;
    }
    let loaded = Project::new("a.csv", &content).load().expect("reads");
    let train = loaded.dataset.with_role(Role::Train)[0];
    let text = loaded.dataset.examples[train].text().expect("shown");
    assert!(text.first.starts_with("Schön"), "{}", text.first);
    assert!(
        loaded
            .report
            .notes
            .iter()
            .any(|note| note.contains("windows-1252"))
    );
}

#[test]
fn rows_that_cannot_be_used_are_left_out_and_named() {
    let mut content = String::from_utf8(csv(b',', ["text", "label"])).expect("UTF-8");
    content += ",good\nno label,\na,b,c\n";
    let report = Project::new("a.csv", content.as_bytes())
        .load()
        .expect("reads")
        .report;
    let places: Vec<&str> = report
        .skipped
        .iter()
        .map(|row| row.place.as_str())
        .collect();
    assert_eq!(places, ["a.csv:62", "a.csv:63", "a.csv:64"]);
    let warnings = report.warnings().join("\n");
    assert!(warnings.contains("empty text: a.csv:62"), "{warnings}");
    assert!(
        warnings.contains("3 cells where the header has 2"),
        "{warnings}"
    );
}

#[test]
fn rows_are_numbered_by_the_line_that_they_begin_in() {
    for (end, last) in [("\n", "\n"), ("\r\n", "\r\n"), ("\n", ""), ("\r\n", "")] {
        let mut csv = format!("text,label{end}");
        let mut line = 2;
        let mut expected = Vec::new();
        for (row, (text, label)) in rows().into_iter().enumerate() {
            if row == 5 {
                csv.push_str(end);
                line += 1;
            }
            expected.push(format!("d.csv:{line}"));
            let text = text.replace('"', "\"\"");
            let (between, lines) = if row % 7 == 3 { (end, 2) } else { (" ", 1) };
            csv += &format!("\"{text}{between}and more\",{label}{end}");
            line += lines;
        }
        let csv = csv.trim_end().to_owned() + last;
        let data = Project::new("d.csv", csv.as_bytes())
            .load()
            .expect("loads")
            .dataset;
        let places: Vec<String> = data.examples.iter().map(|e| data.place(e)).collect();
        assert_eq!(places, expected, "{end:?}");
        assert_eq!(data.labels, ["bad", "good"], "{end:?}");
    }
}

#[test]
fn a_quotation_mark_that_swallows_rows_is_told() {
    let written = |special: &dyn Fn(usize) -> Option<&'static str>| -> String {
        let rows = (2..=150).map(|row| {
            let label = ["good", "bad"][row % 2];
            match special(row) {
                Some(text) => format!("{text},{label}\n"),
                None => format!("a plain sentence with number {row},{label}\n"),
            }
        });
        format!("text,label\n{}", rows.collect::<String>())
    };
    let open = |row| (row == 100).then_some("\"opened and not closed");
    let closed = |row| match row {
        130 => Some("\"this, however, is quoted\""),
        _ => open(row),
    };
    // Byte for byte a cell of many lines; but for their labels.
    let paired = |row| match row {
        130 => Some("closed at its end\""),
        _ => open(row),
    };
    for (special, wanted, kept) in [
        (
            &open as &dyn Fn(usize) -> Option<&'static str>,
            "the end of the file",
            98,
        ),
        (&closed, "row 130", 118),
        (&paired, "row 130", 118),
    ] {
        let loaded = Project::new("d.csv", written(special).as_bytes())
            .load()
            .expect("the other rows are read");
        let said = loaded.report.warnings().join("\n");
        let wanted = format!("a quotation mark opened in row 100 is not closed before {wanted}");
        assert!(
            said.contains(&wanted) && said.contains("d.csv:100"),
            "{said}"
        );
        assert_eq!(loaded.dataset.examples.len(), kept);
    }
}

#[test]
fn a_cell_whose_lines_hold_a_delimiter_each_is_a_text() {
    let line = |what: &str| {
        (0..12)
            .map(|n| format!("{what} {n}, and on it goes\n"))
            .collect()
    };
    let poem: String = line("verse");
    let list: String = line("item").replace(" and on it goes", "");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["text", "label"]).expect("header");
    for (row, (text, label)) in rows().into_iter().enumerate() {
        let text = match row {
            20 => &poem,
            40 => &list,
            _ => &text,
        };
        writer.write_record([text.as_str(), label]).expect("row");
    }
    let csv = writer.into_inner().expect("bytes");
    let loaded = Project::new("d.csv", &csv).load().expect("loads");
    assert_eq!(loaded.report.warnings(), Vec::<String>::new());
    assert_eq!(loaded.dataset.examples.len(), rows().len());
}

#[test]
fn a_leak_between_given_roles_is_told_and_final_stays_as_it_was() {
    let mut content = String::from("text,label,role\n");
    for (row, role) in ["train", "discovery", "check", "final"]
        .iter()
        .cycle()
        .take(40)
        .enumerate()
    {
        content += &format!("Sentence {row},{},{role}\n", row % 2);
    }
    content += "SENTENCE 3!,1,train\n";
    let loaded = Project::new("a.csv", content.as_bytes())
        .load()
        .expect("reads");
    assert_eq!(loaded.dataset.with_role(Role::Final).len(), 10);
    assert_eq!(loaded.dataset.with_role(Role::Train).len(), 10);
    let leak = &loaded.report.leaks[0];
    assert_eq!(
        (leak.place.as_str(), leak.twin.as_str()),
        ("a.csv:42", "a.csv:5")
    );
    assert!(loaded.report.warnings()[0].contains("a.csv:42 (train) with a.csv:5 (final)"));
}

#[test]
fn mistakes_in_the_data_are_explained() {
    let good = csv(b',', ["text", "label"]);
    let role = |role: &str| format!("text,label,role\nA,x,train\nB,y,{role}\n");
    let cases: Vec<(Project, &str)> = vec![
        (
            Project::new("a.csv", &good).with("labels = [\"good\", \"evil\"]"),
            "a.csv:3: unknown label `bad`; project.toml names `good`, `evil`",
        ),
        (
            Project::new("a.csv", &csv(b',', ["text", "stars"])),
            "`a.csv` has no column that looks like the label; its columns are `text`, `stars`",
        ),
        (Project::new("a.csv", b" \n"), "`a.csv` is empty"),
        (
            Project::new("a.csv", b"text,label\n"),
            "`a.csv` gives no example (0 rows under its header)",
        ),
        (
            Project::new("a.csv", b"text,label\n,x\n"),
            "`a.csv` gives no example (1 row under its header; a.csv:2: empty text)",
        ),
        (
            Project::new("a.csv", "text,label\nschön,x\nsch\u{0}n,y\n".as_bytes()),
            "`a.csv`, line 3: it holds a NUL character, which no text does (1 in all)",
        ),
        (
            Project::new("a.csv", b"text,label\nsch\xc3\xb6n,x\nsch\xf6n,y\n"),
            "`a.csv` is UTF-8 with broken bytes in it: the first is in line 3, 1 bytes in all",
        ),
        (
            Project::new("a.csv", b"text,label\nA,x\nB,x\n"),
            "the data has one class only: all 2 rows are `x`",
        ),
        (
            Project::new("a.csv", b"text,label\nA,x\nB,y\n"),
            "no row has the role discovery: 2 rows in 2 groups that may lie in different roles, with 2 \
             labels, are too few to draw every role from",
        ),
        (
            Project::new("a.csv", role("test").as_bytes()),
            "a.csv:3: unknown role `test` in column `role`; roles are train, reserve, validation, \
             discovery, check, final",
        ),
        (
            Project::new("a.csv", role("final").as_bytes()),
            "no row has the role discovery",
        ),
        (
            Project::new("a.csv", &formats::parquet(&rows())),
            "`a.csv` is not what its suffix says: a CSV file is expected, its content looks like \
             Parquet",
        ),
        (
            Project::new("a.parquet", &good),
            "`a.parquet` is not what its suffix says: a Parquet file is expected, its content \
             looks like CSV",
        ),
        (
            Project::new("a.xlsx", b"PK\x03\x04 and then nothing"),
            "`a.xlsx` is damaged or not what its suffix says",
        ),
        (
            Project::new("a.jsonl", b"{\"text\": \n"),
            "`a.jsonl`, row 1: no JSON object",
        ),
    ];
    for (project, message) in cases {
        let error = project.error();
        assert!(
            error.starts_with(message),
            "{error}\n  instead of\n{message}"
        );
    }
}

#[test]
fn names_of_columns_that_are_probably_data_are_told() {
    let mut content = String::from("A good film,good\n");
    for row in 0..80 {
        content += &format!("Film number {row},{}\n", ["good", "bad"][row % 2]);
    }
    let mut project = Project::new("a.csv", content.as_bytes());
    project.toml += "\n[data.columns]\ntext = \"A good film\"\nlabel = \"good\"\n";
    let doubts = project.load().expect("reads").report.doubts;
    assert!(
        doubts
            .iter()
            .any(|doubt| doubt.contains("the first row of `a.csv` is perhaps data")),
        "{doubts:?}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let mut project = Project::new("a.csv", b"");
    project.toml = "[data]\nfiles = [{ path = \"b.csv\" }]".to_owned();
    assert!(project.error().contains("b.csv"));
}

#[test]
fn what_the_check_says_names_rows_and_shows_no_text() {
    let mut content = String::from("text,label,role\n");
    for (row, role) in ["train", "discovery", "check", "final"]
        .iter()
        .cycle()
        .take(80)
        .enumerate()
    {
        content += &format!("Secret number {row},{},{role}\n", row % 2);
    }
    content += "Secret number 3,0,final\n\"Secret caffÃ© with rather many words\",1,final\n";
    let loaded = Project::new("a.csv", content.as_bytes())
        .load()
        .expect("reads");
    let words = |text: &Text| AsRead::long(text.first.split(' ').count());
    let report = dataset::check(
        &loaded.dataset,
        &loaded.report,
        5,
        &words,
        &Progress::silent(),
    );
    let report = report.expect("checks");
    assert_eq!(report.duplicates.places, ["a.csv:5, a.csv:82"]);
    assert_eq!(report.duplicates.with_several_labels, 1);
    assert_eq!(report.over_long.places, ["a.csv:83"]);
    assert_eq!(report.encoding_trouble.places, ["a.csv:83"]);
    let counts: usize = report.cells.iter().map(|cell| cell.examples).sum();
    assert_eq!(counts, 82);
    let printed = report.to_string();
    assert!(printed.contains("final"), "{printed}");
    assert!(!printed.contains("Secret"), "{printed}");
    for warning in [
        "! label `1` occurs in discovery, final and not in train",
        "! no row has the role validation",
        "! duplicates: 1 text occurs more than once",
        "! 1 of them has several labels",
    ] {
        assert!(printed.contains(warning), "{printed}");
    }
    assert!(printed.contains("\na.csv: columns recognised"), "{printed}");
    assert!(!printed.contains("! a.csv: columns"), "{printed}");
    let json = serde_json::to_string(&report).expect("JSON");
    assert!(!json.contains("Secret"));
}

#[test]
fn a_first_look_guesses_parts_and_shows_rows() {
    let project = Project::new("a.csv", &csv(b';', ["Kommentar", "Klasse"]));
    let path = project.folder.path().join("a.csv");
    let spec = blindspot::records::DataSpec::default();
    let guess = dataset::guess(&path, &spec, 3, &Progress::silent()).expect("guess");
    assert_eq!(guess.column_names().text.as_deref(), Some("Kommentar"));
    assert_eq!(guess.column_names().label.as_deref(), Some("Klasse"));
    assert_eq!(guess.preview.len(), 3);
    assert_eq!(guess.layout.delimiter, Some(';'));
}

#[test]
#[ignore = "a measurement: cargo test --test dataset -- --ignored --nocapture"]
fn a_million_rows_read_in_seconds() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut content = String::from("id,text,label\n");
    for row in 0..1_000_000_u32 {
        let label = ["good", "bad"][(row % 2) as usize];
        content += &format!(
            "{row},\"A sentence, of about fifteen words, with number {row} in it and \
                             nothing else to say\",{label}\n"
        );
    }
    std::fs::write(folder.path().join("a.csv"), content).expect("writes");
    let manifest = Manifest::parse("[data]\nfiles = [{ path = \"a.csv\" }]", "project.toml");
    let begun = std::time::Instant::now();
    let loaded = dataset::load(&manifest.expect("toml"), folder.path(), &Progress::silent());
    println!(
        "read {} rows in {:?}",
        loaded.expect("reads").dataset.examples.len(),
        begun.elapsed()
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400),
        start in 0..7_usize,
        file in proptest::sample::select(vec!["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.xlsx", "a"]),
    ) {
        let starts: [&[u8]; 7] = [
            b"", b"text,label\n", b"PAR1", b"PK\x03\x04", b"{\"text\": \"a\", \"label\": 1}\n",
            b"text\tlabel\n\"", b"\xff\xfe",
        ];
        let content = [starts[start], &bytes].concat();
        drop(Project::new(file, &content).load());
    }

    #[test]
    fn a_damaged_file_never_panics(
        at in 0..usize::MAX,
        byte in proptest::prelude::any::<u8>(),
        parquet in proptest::prelude::any::<bool>(),
    ) {
        let (file, mut content) = if parquet {
            ("a.parquet", formats::parquet(&rows()))
        } else {
            ("a.xlsx", formats::xlsx(&rows()))
        };
        let at = at % content.len();
        content[at] = byte;
        drop(Project::new(file, &content).load());
    }
}

#[test]
fn each_file_is_read_in_its_own_way() {
    let project = Project::new("a.csv", &csv(b';', ["text", "label"]));
    let polish = "text|label\n".to_owned() + &"książka była zła|bad\n".repeat(30);
    let (bytes, ..) = encoding_rs::ISO_8859_2.encode(&polish);
    std::fs::write(project.folder.path().join("b.csv"), bytes).expect("writes");
    let toml = "[data]\nfiles = [{ path = \"a.csv\" }, { path = \"b.csv\", encoding = \
                \"iso-8859-2\", delimiter = \"|\" }]\n";
    let project = Project {
        toml: toml.to_owned(),
        ..project
    };
    let loaded = project.load().expect("reads");
    let of = |file: usize| &loaded.report.files[file].layout;
    assert_eq!(
        (of(0).encoding, of(0).delimiter),
        (Some("UTF-8"), Some(';'))
    );
    assert_eq!(of(1).encoding, Some("ISO-8859-2"));
    assert_eq!(of(1).delimiter, Some('|'));
    let evidence = |file: usize| of(file).evidence.join("; ");
    assert!(evidence(0).contains("all its bytes fit"), "{}", evidence(0));
    assert!(evidence(0).contains("all its 60 rows have the 2 cells"));
    assert!(
        evidence(1).contains("as project.toml says"),
        "{}",
        evidence(1)
    );
    let texts = loaded.dataset.examples.iter().filter_map(|e| e.text());
    assert!({ texts }.any(|text| text.first == "książka była zła"));
}

#[test]
fn marks_for_missing_sources_and_ids_are_told_with_counts() {
    let mut content = String::from("text,label,source,id\n");
    for row in 0..60 {
        let source = ["mail", "N/A", "web"][row % 3];
        let id = match row {
            5 => "-1".to_owned(),
            7..10 => "none".to_owned(),
            row => format!("r{row}"),
        };
        let label = ["good", "bad"][row % 2];
        content += &format!("sentence number {row},{label},{source},{id}\n");
    }
    let loaded = Project::new("a.csv", content.as_bytes())
        .load()
        .expect("reads");
    let told = loaded.report.warnings();
    let tells = |part: &str| told.iter().any(|warning| warning.contains(part));
    assert!(tells("the source `N/A` (20 rows) looks like"), "{told:?}");
    assert!(tells("the id `none` (3 rows) looks like"), "{told:?}");
    // One row may be called so.
    assert!(!tells("the id `-1`"), "{told:?}");
}

#[test]
fn rows_that_the_sign_of_a_number_tells_apart_both_stay() {
    let kept = |texts: [&str; 2]| {
        let mut content = String::from("text,label,role\n");
        for row in 0..40 {
            let role = ["train", "discovery", "check", "final"][row % 4];
            content += &format!("sentence number {row} is so,{},{role}\n", row / 4 % 2);
        }
        content += &format!("{},0,train\n{},0,check\n", texts[0], texts[1]);
        let loaded = Project::new("a.csv", content.as_bytes()).load();
        loaded.expect("reads").dataset.examples.len() - 40
    };
    assert_eq!(kept(["-1", "1"]), 2);
    assert_eq!(kept(["it was -5 degrees", "It was 5 degrees!"]), 2);
    // Of a text in two roles the later one keeps it.
    assert_eq!(kept(["1!", "1"]), 1);
    assert_eq!(kept(["the 2020-21 season", "The 2020 21 season"]), 1);
}

#[test]
fn what_the_model_cannot_see_is_told_with_the_source_and_the_rows() {
    let encoder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/all-MiniLM-L6-v2");
    let tokenizer = Tokenizer::load(&encoder).expect("loads");
    let unknown = tokenizer.unknown().expect("has a token for what it lacks");
    let mut content = "text,label,role\n".to_owned();
    for row in 0..60 {
        let role = ["train", "discovery", "check", "final"][row % 4];
        content += &format!(
            "An ordinary sentence of number {row},{},{role}\n",
            row / 4 % 2
        );
    }
    content += "Fine for me 😀,1,train\nFine for me 😡,0,train\n";
    for row in 0..4 {
        content += &format!("Das ist ein Satz und nicht von hier {row},1,train\n");
    }
    let loaded = Project::new("a.csv", content.as_bytes())
        .load()
        .expect("reads");
    let read = |text: &Text| {
        let tokens = tokenizer.encode(&text.first, None, 64).expect("encodes");
        let ids = tokens.ids.iter();
        AsRead {
            tokens: tokens.len(),
            has_unknown: tokens.ids.contains(&unknown),
            fingerprint: Some(ids.fold(7, |sum: u64, id| {
                sum.wrapping_mul(1_000_003).wrapping_add(u64::from(*id))
            })),
            foreign: seems_foreign(&text.first),
        }
    };
    let silent = Progress::silent();
    let report = dataset::check(&loaded.dataset, &loaded.report, 64, &read, &silent);
    let report = report.expect("checks");
    assert_eq!(report.alike.groups, 1);
    assert_eq!(report.alike.with_several_labels, 1);
    assert_eq!(report.duplicates.texts, 0, "a person tells them apart");
    let warnings = report.warnings().join("\n");
    assert!(warnings.contains("2 of 66 rows"), "{warnings}");
    assert!(warnings.contains("a.csv:62, a.csv:63"), "{warnings}");
    let foreign = "4 of 66 rows of all seem to be in another language";
    assert!(warnings.contains(foreign), "{warnings}");
    assert!(warnings.contains("English only: a.csv:64"), "{warnings}");
}

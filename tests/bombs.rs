//! Small files that claim to be huge are refused soon, with the limit and the
//! file; and compressed files that are meant so are read like plain ones.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use blindspot::dataset::{self, Loaded};
use blindspot::records::Manifest;
use blindspot::support::{Progress, Result};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

fn load(folder: &Path, file: &str) -> Result<Loaded> {
    let toml = format!("[data]\nfiles = [{{ path = \"{file}\" }}]\n");
    let manifest = Manifest::parse(&toml, "project.toml")?;
    dataset::load(&manifest, folder, &Progress::silent())
}

/// Asserts that a file is refused within seconds: the crate is not optimised
/// in every run of this test.
fn refused(name: &str, content: &[u8], limit: &str) {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join(name), content).expect("writes");
    let started = Instant::now();
    let error = load(folder.path(), name).expect_err("is too much");
    let said = error.to_string();
    assert!(said.contains(name) && said.contains(limit), "{said}");
    assert_eq!(error.exit_code(), 2, "{said}");
    assert!(error.remedy().is_some(), "{said}");
    let seconds = started.elapsed().as_secs_f64();
    assert!(seconds < 20.0, "{name}: {seconds} s");
}

/// A Parquet file with the columns `text` and `label`, all rows the same.
fn parquet(text: &str, rows: usize) -> Vec<u8> {
    let schema = "message m { required binary text (UTF8); required binary label (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .build();
    let mut bytes = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).expect("begins");
    let mut group = file.next_row_group().expect("a group");
    for value in [text, "good"] {
        let mut column = group.next_column().expect("works").expect("a column");
        let value = ByteArray::from(value);
        for _ in 0..rows.div_ceil(1000) {
            let values = vec![value.clone(); 1000];
            let typed = column.typed::<ByteArrayType>();
            typed.write_batch(&values, None, None).expect("writes");
        }
        column.close().expect("closes");
    }
    group.close().expect("closes");
    file.close().expect("closes");
    bytes
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(content).expect("writes");
    out.finish().expect("finishes")
}

fn zstandard(content: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(content, 1).expect("packs")
}

#[test]
fn a_dictionary_that_repeats_a_long_text_is_refused() {
    let bomb = parquet(&"x".repeat(1 << 20), 2_000);
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    refused("d.parquet", &bomb, "in its cells");
}

#[test]
fn texts_that_unpack_without_end_and_lines_without_end_are_refused() {
    let zeros = vec![b'0'; 150 << 20];
    for (name, packed) in [("d.csv.gz", gzip(&zeros)), ("e.csv.zst", zstandard(&zeros))] {
        refused(name, &packed, "unpacks to more than");
    }
    let line = [b"text,label\n".as_slice(), &zeros[..70 << 20]].concat();
    refused("d.csv", &line, "in line 2, the limit for a line");
    let object = [b"{\"text\": \"".as_slice(), &zeros[..70 << 20]].concat();
    refused("d.jsonl", &object, "in line 1, the limit for a line");
}

/// A zip archive of one part whose headers lie about its size.
fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    deflated.write_all(content).expect("writes");
    let deflated = deflated.finish().expect("finishes");
    let two = |number: usize| u16::try_from(number).expect("short").to_le_bytes();
    let four = |number: usize| u32::try_from(number).expect("short").to_le_bytes();
    let about = [
        &two(20)[..],
        &two(0),
        &two(8),
        &two(0),
        &two(0),
        &four(0),
        &four(deflated.len()),
        &four(10),
        &two(name.len()),
        &two(0),
    ]
    .concat();
    let local = [b"PK\x03\x04", &about[..], name.as_bytes(), &deflated].concat();
    let entry = [
        b"PK\x01\x02",
        &two(20)[..],
        &about,
        &two(0),
        &two(0),
        &two(0),
        &four(0),
        &four(0),
        name.as_bytes(),
    ]
    .concat();
    let end = [
        b"PK\x05\x06",
        &two(0)[..],
        &two(0),
        &two(1),
        &two(1),
        &four(entry.len()),
        &four(local.len()),
        &two(0),
    ]
    .concat();
    [local, entry, end].concat()
}

#[test]
fn a_workbook_that_unpacks_without_end_is_refused_whatever_it_says_of_its_size() {
    let bomb = archive("xl/sharedStrings.xml", &vec![b'a'; 150 << 20]);
    assert!(bomb.len() < 4 << 20);
    refused("d.xlsx", &bomb, "unpacks to more than");
}

#[test]
fn deep_nesting_is_no_crash() {
    let deep = format!(
        "{{\"text\": {}1{}}}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("d.jsonl"), &deep).expect("writes");
    let error = load(folder.path(), "d.jsonl").expect_err("no object");
    assert!(error.to_string().contains("d.jsonl"), "{error}");
    let toml = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = Manifest::parse(&toml, "project.toml").expect_err("too deep");
    assert!(error.to_string().contains("project.toml"), "{error}");
}

#[test]
fn compressed_files_give_the_same_rows() {
    let csv: String = (0..60)
        .map(|row| {
            format!(
                "Sentence {row},{}\n",
                if row % 2 == 0 { "good" } else { "bad" }
            )
        })
        .collect();
    let csv = format!("text,label\n{csv}");
    let jsonl: String = (0..60)
        .map(|row| {
            let label = if row % 2 == 0 { "good" } else { "bad" };
            format!("{{\"text\": \"Sentence {row}\", \"label\": \"{label}\"}}\n")
        })
        .collect();
    let utf16: Vec<u8> = (std::iter::once(0xfeff).chain(csv.encode_utf16()))
        .flat_map(u16::to_le_bytes)
        .collect();
    let folder = tempfile::tempdir().expect("temporary folder");
    let texts = |name: &str, content: &[u8]| {
        std::fs::write(folder.path().join(name), content).expect("writes");
        let loaded = load(folder.path(), name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let examples = loaded.dataset.examples.iter();
        let mut texts: Vec<_> = examples
            .filter_map(|example| example.text().cloned())
            .collect();
        texts.sort_by(|a, b| a.first.cmp(&b.first));
        texts
    };
    let plain = texts("d.csv", csv.as_bytes());
    assert!(plain.len() > 30);
    for (name, content) in [
        ("d.csv.gz", gzip(csv.as_bytes())),
        ("d.csv.zst", zstandard(csv.as_bytes())),
        ("d.tsv.gz", gzip(csv.replace(',', "\t").as_bytes())),
        ("d.jsonl.gz", gzip(jsonl.as_bytes())),
        ("e.jsonl.zst", zstandard(jsonl.as_bytes())),
        ("u.csv.gz", gzip(&utf16)),
        ("named.csv", gzip(csv.as_bytes())),
        // Two parts, as programs leave them that append to a log.
        (
            "two.csv.gz",
            [gzip(&csv.as_bytes()[..200]), gzip(&csv.as_bytes()[200..])].concat(),
        ),
    ] {
        assert_eq!(texts(name, &content), plain, "{name}");
    }
    for (name, content) in [
        ("cut.csv.gz", gzip(csv.as_bytes())),
        ("cut.csv.zst", zstandard(csv.as_bytes())),
    ] {
        std::fs::write(folder.path().join(name), &content[..content.len() - 9]).expect("writes");
        let error = load(folder.path(), name).expect_err("is cut");
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

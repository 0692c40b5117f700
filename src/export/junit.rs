//! A test of lessons as JUnit XML, which Jenkins, GitLab and others read: a
//! test case for each lesson, which fails where the tested model is worse.
//!
//! A text that a model gets wrong is no failure by itself: the model that it
//! is held against may get it wrong too.

use std::fmt::Write as _;
use std::path::Path;

use crate::comparison::behaviour::{Call, Change};
use crate::steps::suite::{SuiteResult, said};
use crate::support::text::shortened;
use crate::support::{Result, atomic_file};

/// Characters of a text that are quoted at most.
const LONGEST: usize = 160;

/// Writes the test of a project of this name.
///
/// # Errors
/// When the file cannot be written.
pub fn write_junit(result: &SuiteResult, project: &str, path: &Path) -> Result<()> {
    let xml = junit(result, project);
    atomic_file::write(path, |file| file.write_all(xml.as_bytes()))
}

/// The test as XML.
fn junit(result: &SuiteResult, project: &str) -> String {
    let (tested, against) = (result.tested(), result.against());
    let rows = result.matrix.lessons.iter().enumerate();
    let changes: Vec<(usize, &Change)> = rows
        .filter_map(|(row, lesson)| Some((row, lesson.change.as_ref()?)))
        .collect();
    let count = |call: Call| changes.iter().filter(|(_, of)| of.call == call).count();
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"0\"",
        changes.len(),
        count(Call::Worse),
        count(Call::TooFew)
    );
    let title = attribute(&format!("{project}: {tested} against {against}"));
    let cases: String = changes
        .iter()
        .map(|(row, change)| case(result, *row, change))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{title}\" {totals}>\n  \
         <testsuite name=\"{title}\" {totals}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(result: &SuiteResult, row: usize, change: &Change) -> String {
    let name = attribute(&result.lesson_name(row));
    let class = attribute(&result.suite.lessons[row].lesson.0);
    let message = attribute(&said(change));
    let mut xml = format!("    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\">\n");
    let texts = texts(result, change);
    // Writing to a text cannot fail.
    let written = match change.call {
        Call::Worse => writeln!(
            xml,
            "      <failure type=\"worse\" message=\"{message}\">{texts}</failure>"
        ),
        Call::TooFew => writeln!(
            xml,
            "      <skipped message=\"too few texts to tell: {message}\"/>"
        ),
        Call::NotWorse => writeln!(xml, "      <system-out>{message}\n{texts}</system-out>"),
    };
    debug_assert!(written.is_ok());
    xml + "    </testcase>\n"
}

/// The texts that were lost and gained, one in each line.
fn texts(result: &SuiteResult, change: &Change) -> String {
    let line = |what: &str, text: &usize| {
        let asked = &result.suite.texts[*text];
        let text = shortened(&asked.text.joined(), LONGEST);
        content(&format!("{what} {}: {text}\n", asked.id))
    };
    let lost = change.lost.iter().map(|text| line("lost", text));
    let gained = change.gained.iter().map(|text| line("gained", text));
    lost.chain(gained).collect()
}

/// What stands between tags. XML 1.0 has no way to write most control
/// characters, not even escaped: they become spaces.
fn content(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' => escaped.push(letter),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push(' '),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The same for what stands in quotes, where line breaks would be lost.
fn attribute(text: &str) -> String {
    let line = content(text).replace(['\n', '\t'], " ");
    line.replace('"', "&quot;")
}

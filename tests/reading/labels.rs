//! Every kind of label means the same in every format, as the documentation
//! says.

use std::fmt::Write as _;

use blindspot::dataset::Loaded;
use blindspot::support::Error;

use crate::tables::{Cells, FORMATS, Table};
use crate::{helps, is_documented, load};

/// Rows of a data set: enough to draw all roles from.
const ROWS: usize = 60;

/// The kinds of labels.
fn kinds() -> Vec<(&'static str, Cells)> {
    let all = |some: &[&str]| {
        let filled = |label: &&str| (!label.is_empty()).then(|| (*label).to_owned());
        Cells::Texts(some.iter().cycle().take(ROWS).map(filled).collect())
    };
    let lists = |some: &[&[&str]]| {
        let list = |list: &&[&str]| list.iter().map(|label| (*label).to_owned()).collect();
        Cells::Lists(some.iter().cycle().take(ROWS).map(list).collect())
    };
    let numbers =
        |some: &[Option<f64>]| Cells::Numbers(some.iter().copied().cycle().take(ROWS).collect());
    let whole =
        |some: &[Option<i64>]| Cells::Whole(some.iter().copied().cycle().take(ROWS).collect());
    let truths = [Some(true), Some(false)].into_iter().cycle().take(ROWS);
    let dates = [20_455, 20_517].into_iter().cycle().take(ROWS);
    vec![
        ("names", all(&["good", "bad"])),
        ("whole numbers", whole(&[Some(0), Some(1), Some(10)])),
        ("numbers 1.0 and 2.0", numbers(&[Some(1.0), Some(2.0)])),
        ("numbers 0.5 and 1.5", numbers(&[Some(0.5), Some(1.5)])),
        ("numbers 1.0 and 2.5", numbers(&[Some(1.0), Some(2.5)])),
        ("-1 and 1", whole(&[Some(-1), Some(1)])),
        ("-1 beside others", whole(&[Some(-1), Some(0), Some(1)])),
        ("true and false", Cells::Truths(truths.collect())),
        ("null or an empty cell", all(&["good", "bad", ""])),
        ("`NA` beside others", all(&["good", "bad", "NA"])),
        ("two spellings", all(&["Good", "bad", "good"])),
        ("one in quotation marks", all(&["good", "bad", "\"good\""])),
        ("`good;bad` beside both", all(&["good", "bad", "good;bad"])),
        ("dates", Cells::Dates(dates.collect())),
        ("times", all(&["01:02:00", "03:05:00"])),
        ("lists of one", lists(&[&["good"], &["bad"]])),
        ("lists of several", lists(&[&["good"], &["good", "bad"]])),
    ]
}

/// What happens, in a few words.
fn outcome(loaded: Result<Loaded, Error>) -> String {
    match loaded {
        Err(error) => {
            helps(&error);
            "refused".to_owned()
        }
        Ok(loaded) => {
            let mut said = loaded.dataset.labels.join(", ");
            let left_out: usize = loaded.report.skipped_counts.values().sum();
            if left_out > 0 {
                write!(said, "; {left_out} of {ROWS} left out").expect("writes");
            }
            let doubts = loaded.report.doubts.len() + loaded.report.spellings.len();
            said + if doubts > 0 { "; told" } else { "" }
        }
    }
}

#[test]
fn every_kind_of_label_means_the_same_in_every_format_as_the_documentation_says() {
    let text = |row| format!("Sentence number {row}, with a \"quote\" and a ; mark");
    let mut rows = Vec::new();
    for (kind, labels) in kinds() {
        let table = Table::new([
            ("text", Cells::texts((0..ROWS).map(text))),
            ("label", labels),
        ]);
        let outcomes = FORMATS.map(|(_, suffix)| outcome(load(suffix, &table.written(suffix), "")));
        assert!(
            outcomes.iter().all(|outcome| *outcome == outcomes[0]),
            "{kind}: {outcomes:?}"
        );
        rows.push((kind, outcomes));
    }
    is_documented("labels", &rows);
}

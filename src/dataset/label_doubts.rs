//! What is doubtful of labels that nothing declares: marks for missing ones,
//! dates that a spreadsheet made, spellings that differ in nothing else.

use super::labels::LabelValues;
use super::report::{ReadReport, Spelling, rows};
use super::{Origin, spelling};

/// What many programs write where there is no value.
const PLACEHOLDERS: [&str; 37] = [
    "-",
    "--",
    "---",
    "-1",
    "-99",
    "-999",
    "-9999",
    "?",
    "??",
    ".",
    "...",
    "\\n",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "#null!",
    "#value!",
    "#ref!",
    "<na>",
    "<none>",
    "<null>",
    "(null)",
    "(none)",
    "nan",
    "nat",
    "none",
    "null",
    "nil",
    "missing",
    "not available",
    "undefined",
    "unlabeled",
    "unlabelled",
    "unsup",
    "no label",
    "tbd",
];

/// No mark is longer, in bytes: texts are long and many.
const LONGEST_PLACEHOLDER: usize = 16;

impl LabelValues {
    pub(super) fn tell_placeholders(
        &self,
        spelt: &[String],
        place: &dyn Fn(Origin) -> String,
        report: &mut ReadReport,
    ) {
        let two_sided = spelt.len() == 2 && spelt.iter().any(|value| value == "1");
        for (value, seen) in spelt.iter().zip(&self.seen) {
            if is_placeholder(value) && !(value == "-1" && two_sided) {
                report.doubts.push(format!(
                    "the label `{}` ({}, first {}) looks like a mark for a missing label: if it \
                     is one, write missing_labels = [{}] under [data]; if not, name all labels \
                     with labels = […]",
                    spelling::shown(value),
                    rows(seen.rows),
                    place(seen.first),
                    spelling::quoted(value)
                ));
            }
        }
    }

    pub(super) fn tell_dates(
        &self,
        spelt: &[String],
        place: &dyn Fn(Origin) -> String,
        report: &mut ReadReport,
    ) {
        let dates = spelt.iter().zip(&self.seen).filter(|(_, seen)| seen.date);
        let count: usize = dates.clone().map(|(_, seen)| seen.rows).sum();
        if let Some((first, seen)) = dates.clone().next() {
            report.doubts.push(format!(
                "the labels of {} are dates or times, the first `{first}` in {}: spreadsheets make dates of \
                 labels such as 1-2 or 3/5; if that happened, make the column text and write them \
                 anew",
                rows(count),
                place(seen.first)
            ));
        }
    }

    /// A label such as `a;b` beside labels `a` and `b` is two of them.
    pub(super) fn tell_several(
        &self,
        spelt: &[String],
        place: &dyn Fn(Origin) -> String,
        report: &mut ReadReport,
    ) {
        let is_label = |part: &str| spelt.iter().any(|value| value == part.trim());
        let several = spelt.iter().zip(&self.seen).filter(|(value, _)| {
            let splits = |sign: char| value.contains(sign) && value.split(sign).all(is_label);
            [',', ';', '|', '/', '+', '&'].into_iter().any(splits)
        });
        let count: usize = several.clone().map(|(_, seen)| seen.rows).sum();
        if let Some((first, seen)) = several.clone().next() {
            report.doubts.push(format!(
                "the labels of {} look like several labels at once, the first `{}` in {}: each \
                 counts as a label of its own; here a text has one label, so keep the rows with \
                 one, or make a data set of each label, with yes and no",
                rows(count),
                spelling::shown(first),
                place(seen.first)
            ));
        }
    }

    pub(super) fn tell_spellings(&self, spelt: &[String], report: &mut ReadReport) {
        let mut by_key: Vec<(String, Vec<(String, usize)>)> = Vec::new();
        for (value, seen) in spelt.iter().zip(&self.seen) {
            let key = spelling::key(value);
            let family = match by_key.iter().position(|(known, _)| *known == key) {
                Some(at) => &mut by_key[at].1,
                None => {
                    by_key.push((key, Vec::new()));
                    let last = by_key.len() - 1;
                    &mut by_key[last].1
                }
            };
            // Two values of the column may be one number.
            match family.iter_mut().find(|(known, _)| known == value) {
                Some((_, rows)) => *rows += seen.rows,
                None => family.push((value.clone(), seen.rows)),
            }
        }
        for (_, mut variants) in by_key {
            if variants.len() > 1 {
                variants.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
                report.spellings.push(Spelling { variants });
            }
        }
    }
}

/// Whether a value is what programs and people write where there is none.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.len() <= LONGEST_PLACEHOLDER && PLACEHOLDERS.contains(&value.to_lowercase().as_str())
}

/// A year, month and day, or a day and the name of a month, as spreadsheets
/// show dates.
pub(super) fn looks_like_a_date(value: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let date = value.split([' ', 'T']).next().unwrap_or_default();
    let is_time = value.matches(':').count() == 2 && value.parse::<jiff::civil::Time>().is_ok();
    if is_time || date.parse::<jiff::civil::Date>().is_ok() {
        return true;
    }
    let (Some((one, other)), true) = (value.split_once('-'), value.len() <= 6) else {
        return false;
    };
    let is_day = |text: &str| text.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
    let is_month = |text: &str| MONTHS.contains(&text.to_lowercase().as_str());
    (is_day(one) && is_month(other)) || (is_month(one) && is_day(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_other_labels() {
        for date in [
            "2026-01-02",
            "2026-01-02T10:00:00",
            "2-Jan",
            "Mar-5",
            "01:02:00",
        ] {
            assert!(looks_like_a_date(date), "{date}");
        }
        for label in [
            "1-2", "may", "jan-doe", "2026", "a-b", "45-Jan", "1:2", "a:b:c",
        ] {
            assert!(!looks_like_a_date(label), "{label}");
        }
    }
}

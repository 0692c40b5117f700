//! From the values of the label column to labels, once all rows are read: what
//! a value means is decided on all of them.

use std::collections::HashMap;

use super::columns::Part;
use super::report::{ReadReport, Spelling, rows};
use super::{Origin, cell, spelling};
use crate::records::{Label, LabelSpec};
use crate::support::text::agreeing;
use crate::support::{Error, Result};

/// More distinct values than this are no classes.
const MOST_LABELS: usize = 1_000;

/// Labels or values that a message lists at most.
const LISTED: usize = 20;

/// What many programs write where there is no value.
const PLACEHOLDERS: [&str; 15] = [
    "-",
    "--",
    "-1",
    "?",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "nan",
    "none",
    "null",
    "nil",
    "missing",
    "undefined",
    "unlabeled",
];

/// The distinct values of a column, numbered in order of appearance.
#[derive(Debug, Default)]
pub(crate) struct Values {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Values {
    /// Number of a value; whether it is new.
    pub(crate) fn number(&mut self, value: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(value) {
            return (*number, false);
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(value.to_owned(), number);
        self.names.push(value.to_owned());
        (number, true)
    }

    /// All values in order of appearance.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

/// The values of the label column with all that decides over them.
#[derive(Debug, Default)]
pub(super) struct LabelValues {
    values: Values,
    seen: Vec<Seen>,
}

/// How a value occurs.
#[derive(Debug)]
struct Seen {
    rows: usize,
    first: Origin,
    /// Whether the files have it as a number and not as a text.
    number: bool,
    date: bool,
}

/// The labels that the data must have: those of project.toml, or those that a
/// file brings.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) labels: Vec<LabelSpec>,
    /// Who says so, for messages.
    pub(super) by: String,
}

/// What each value means.
pub(super) struct Settled {
    /// The names of the labels.
    pub(super) names: Vec<String>,
    /// The label of each value; `None`: its rows are left out.
    pub(super) of_value: Vec<Option<Label>>,
}

/// Why a value means a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    /// It is the name, or a value that project.toml lists.
    Said,
    /// It is the name in other letters.
    Alike,
    /// It is a number, and labels that are names alone count from 0.
    Position,
}

impl LabelValues {
    /// Notes a row's value; gives its number and whether it is new.
    pub(super) fn note(&mut self, value: &str, kind: cell::Kind, at: Origin) -> (u32, bool) {
        let (number, new) = self.values.number(value);
        if new {
            self.seen.push(Seen {
                rows: 0,
                first: at,
                number: kind == cell::Kind::Number,
                date: kind == cell::Kind::Date || looks_like_a_date(value),
            });
        }
        if let Some(seen) = self.seen.get_mut(number as usize) {
            seen.rows += 1;
        }
        (number, new)
    }

    /// Number of distinct values.
    pub(super) fn distinct(&self) -> usize {
        self.seen.len()
    }

    /// A value by its number.
    pub(super) fn name(&self, number: u32) -> &str {
        let name = self.values.names().get(number as usize);
        name.map_or("", String::as_str)
    }

    /// All values as one rule spells numbers: whole if all are whole; else
    /// what a file has as a number keeps its point.
    fn spelt(&self) -> Vec<String> {
        let names = self.values.names().iter();
        if names
            .clone()
            .all(|name| cell::is_whole(cell::without_zeros(name)))
        {
            return names
                .map(|name| cell::without_zeros(name).to_owned())
                .collect();
        }
        let fraction = |(name, seen): (&String, &Seen)| {
            seen.number && !cell::is_whole(cell::without_zeros(name))
        };
        let fractions = names.clone().zip(&self.seen).any(fraction);
        let spelt = names.zip(&self.seen).map(|(name, seen)| {
            match fractions && seen.number && cell::is_whole(name) {
                true => format!("{name}.0"),
                false => name.clone(),
            }
        });
        spelt.collect()
    }

    /// Decides what each value means.
    ///
    /// # Errors
    /// Rows of labels that are not `declared`, unless they are to be skipped;
    /// numbers that cannot be told to count from 0.
    pub(super) fn settled(
        &self,
        declared: Option<&Declared>,
        skip_unknown: bool,
        place: &dyn Fn(Origin) -> String,
        report: &mut ReadReport,
    ) -> Result<Settled> {
        let spelt = self.spelt();
        self.tell_dates(&spelt, place, report);
        let Some(declared) = declared else {
            self.tell_placeholders(&spelt, place, report);
            self.tell_spellings(&spelt, report);
            let (names, labels) = from_values(&spelt);
            let of_value = labels.into_iter().map(Some).collect();
            return Ok(Settled { names, of_value });
        };
        let found: Vec<_> = spelt.iter().map(|value| declared.label(value)).collect();
        self.refuse_shifted(declared, &spelt, &found, place)?;
        let unknown = found.iter().position(Option::is_none);
        if let (Some(unknown), false) = (unknown, skip_unknown) {
            let at = place(self.seen[unknown].first);
            return Err(declared.unknown(&spelt[unknown], &at));
        }
        self.tell_declared(declared, &spelt, &found, report);
        let names = declared.labels.iter().map(|label| label.name.clone());
        Ok(Settled {
            names: names.collect(),
            of_value: found.into_iter().map(|found| Some(found?.0)).collect(),
        })
    }

    /// Names alone are counted from 0. Where the data has no 0, or numbers
    /// beyond the last, that would shift every label by one.
    fn refuse_shifted(
        &self,
        declared: &Declared,
        spelt: &[String],
        found: &[Option<(Label, Because)>],
        place: &dyn Fn(Origin) -> String,
    ) -> Result<()> {
        let counted =
            |found: &Option<(Label, Because)>| matches!(found, Some((_, Because::Position)));
        let is_number = |at: &usize| spelt[*at].parse::<usize>().is_ok();
        let none_named = found.iter().all(|found| found.is_none() || counted(found));
        let first = match found.iter().position(counted) {
            None if none_named && declared.names_alone() => (0..spelt.len()).find(is_number),
            first => first,
        };
        let Some(first) = first else {
            return Ok(());
        };
        let has_zero = spelt.iter().any(|value| value == "0");
        let beyond = |at: usize| found[at].is_none() && is_number(&at);
        if has_zero && !(0..spelt.len()).any(beyond) {
            return Ok(());
        }
        let mut numbers: Vec<usize> = spelt
            .iter()
            .filter_map(|value| value.parse().ok())
            .collect();
        numbers.sort_unstable();
        let shown: Vec<String> = numbers.iter().take(LISTED).map(usize::to_string).collect();
        Err(Error::input(format!(
            "{}: labels are numbers ({}), but {} names {} without saying which number means which, \
             and they do not count from 0 to {}",
            place(self.seen[first].first),
            shown.join(", "),
            declared.by,
            declared.listed(),
            declared.labels.len() - 1
        ))
        .hint(
            "say it for each label, whose meaning only you know: labels = [{ name = \"…\", \
             values = [\"…\"] }, …]",
        ))
    }

    fn tell_declared(
        &self,
        declared: &Declared,
        spelt: &[String],
        found: &[Option<(Label, Because)>],
        report: &mut ReadReport,
    ) {
        for (position, label) in declared.labels.iter().enumerate() {
            let of_label = |found: &Option<(Label, Because)>| {
                found.is_some_and(|(found, _)| usize::from(found) == position)
            };
            if !found.iter().any(of_label) {
                report.doubts.push(format!(
                    "no row has the label `{}`, which {} names",
                    spelling::shown(&label.name),
                    declared.by
                ));
            }
        }
        for ((value, found), seen) in spelt.iter().zip(found).zip(&self.seen) {
            match found {
                None => report.doubts.push(format!(
                    "{} of the label `{}` {} left out, which {} does not name",
                    rows(seen.rows),
                    spelling::shown(value),
                    agreeing(seen.rows, "was", "were"),
                    declared.by
                )),
                Some((label, Because::Alike)) => report.notes.push(format!(
                    "`{}` ({}) is read as the label `{}`",
                    spelling::shown(value),
                    rows(seen.rows),
                    declared.labels[usize::from(*label)].name
                )),
                Some(_) => {}
            }
        }
    }

    fn tell_placeholders(
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
                     is one, write missing_labels = [\"{}\"] under [data]; if not, name all labels \
                     with labels = […]",
                    spelling::shown(value),
                    rows(seen.rows),
                    place(seen.first),
                    spelling::shown(value)
                ));
            }
        }
    }

    fn tell_dates(
        &self,
        spelt: &[String],
        place: &dyn Fn(Origin) -> String,
        report: &mut ReadReport,
    ) {
        let dates = spelt.iter().zip(&self.seen).filter(|(_, seen)| seen.date);
        let count: usize = dates.clone().map(|(_, seen)| seen.rows).sum();
        if let Some((first, seen)) = dates.clone().next() {
            report.doubts.push(format!(
                "the labels of {} are dates, the first `{first}` in {}: spreadsheets make dates of \
                 labels such as 1-2 or 3/5; if that happened, make the column text and write them \
                 anew",
                rows(count),
                place(seen.first)
            ));
        }
    }

    fn tell_spellings(&self, spelt: &[String], report: &mut ReadReport) {
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

/// Whether a value is what programs write where there is none.
pub(super) fn is_placeholder(value: &str) -> bool {
    PLACEHOLDERS.contains(&value.trim().to_lowercase().as_str())
}

/// A year, month and day, or a day and the name of a month, as spreadsheets
/// show dates.
fn looks_like_a_date(value: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let date = value.split([' ', 'T']).next().unwrap_or_default();
    if date.parse::<jiff::civil::Date>().is_ok() {
        return true;
    }
    let (Some((one, other)), true) = (value.split_once('-'), value.len() <= 6) else {
        return false;
    };
    let is_day = |text: &str| text.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
    let is_month = |text: &str| MONTHS.contains(&text.to_lowercase().as_str());
    (is_day(one) && is_month(other)) || (is_month(one) && is_day(other))
}

impl Declared {
    /// The label that a value means: by name, by its other values, by the name
    /// in other letters, or, for names alone, by position.
    fn label(&self, value: &str) -> Option<(Label, Because)> {
        let labels = &self.labels;
        let value = cell::without_zeros(value);
        let is = |name: &str| cell::without_zeros(name) == value;
        let exact = labels.iter().position(|label| is(&label.name));
        let listed = || {
            labels
                .iter()
                .position(|label| label.values.iter().any(|v| is(v)))
        };
        let alike = || {
            let value = value.to_lowercase();
            let is = |label: &LabelSpec| label.name.trim().to_lowercase() == value;
            labels.iter().position(is)
        };
        let by_number = || {
            let number = value.parse::<usize>().ok()?;
            (self.names_alone() && number < labels.len()).then_some(number)
        };
        let (position, because) = exact
            .or_else(listed)
            .map(|position| (position, Because::Said))
            .or_else(|| Some((alike()?, Because::Alike)))
            .or_else(|| Some((by_number()?, Because::Position)))?;
        Some((Label::try_from(position).ok()?, because))
    }

    /// Whether no number is said to mean a label.
    fn names_alone(&self) -> bool {
        let number = |text: &String| text.trim().parse::<i64>().is_ok();
        !(self.labels.iter()).any(|label| number(&label.name) || label.values.iter().any(number))
    }

    /// Brings the names of a file's numbers together with these labels: what
    /// each number is read as. `None`: a label that these do not name.
    ///
    /// # Errors
    /// When these labels say otherwise than the file, with both lists.
    pub(super) fn agree(&self, file: &str, column: &str, names: &[String]) -> Result<Vec<String>> {
        let otherwise = || {
            let in_file: Vec<String> = names
                .iter()
                .take(LISTED)
                .enumerate()
                .map(|(number, name)| format!("{number} `{}`", spelling::shown(name)))
                .collect();
            Error::input(format!(
                "`{file}` says which label the numbers of its column `{column}` mean: {}; {} names \
                 {}",
                in_file.join(", "),
                self.by,
                self.listed()
            ))
            .hint(
                "list the labels as the file does, in its order, or leave `labels` out; another \
                 name for one of them: { name = \"…\", values = [\"the file's name\"] }",
            )
        };
        let mut means = Vec::with_capacity(names.len());
        let mut last = None;
        for (number, name) in names.iter().enumerate() {
            let by_name = self
                .label(name)
                .filter(|(_, why)| *why != Because::Position);
            let number = number.to_string();
            let by_number = self.label(&number).filter(|(_, why)| *why == Because::Said);
            let found = match (by_name, by_number) {
                (Some((by_name, _)), Some((by_number, _))) if by_name != by_number => {
                    return Err(otherwise());
                }
                (by_name, by_number) => by_name.or(by_number).map(|(label, _)| label),
            };
            if found.is_some() && found <= last {
                return Err(otherwise());
            }
            last = found.or(last);
            means.push(match found {
                Some(label) => self.labels[usize::from(label)].name.clone(),
                None => name.clone(),
            });
        }
        match last {
            None => Err(otherwise()),
            Some(_) => Ok(means),
        }
    }

    fn listed(&self) -> String {
        let names = self.labels.iter().take(LISTED);
        let names: Vec<String> = names.map(|label| format!("`{}`", label.name)).collect();
        names.join(", ")
    }

    /// The error of a value that is none of the labels.
    pub(super) fn unknown(&self, value: &str, place: &str) -> Error {
        let key = spelling::key(value);
        let near = self
            .labels
            .iter()
            .find(|label| spelling::key(&label.name) == key);
        let hint = match near {
            Some(label) => format!(
                "it is a spelling of `{}`: to read it so, write under [data.join] \"{}\" = \"{}\"",
                label.name,
                spelling::shown(value),
                label.name
            ),
            None => "mend the row, add the label to `labels` or the value to a label's `values`, \
                     or leave such rows out with skip_unknown_labels = true under [data]"
                .to_owned(),
        };
        Error::input(format!(
            "{place}: unknown label `{}`; {} names {}",
            spelling::shown(value),
            self.by,
            self.listed()
        ))
        .hint(hint)
    }
}

/// Names of the labels when none are declared: the values, sorted by number or
/// by name. Also gives the label of each value.
fn from_values(values: &[String]) -> (Vec<String>, Vec<Label>) {
    let mut names: Vec<&String> = values.iter().collect();
    names.sort_unstable();
    names.dedup();
    let numbers: Option<Vec<i64>> = names.iter().map(|value| value.parse().ok()).collect();
    if let Some(numbers) = numbers {
        let mut numbered: Vec<(i64, &String)> = numbers.into_iter().zip(names).collect();
        numbered.sort_by_key(|(number, _)| *number);
        names = numbered.into_iter().map(|(_, name)| name).collect();
    }
    let label = |value: &String| {
        let position = names.iter().position(|name| *name == value);
        position.and_then(|at| Label::try_from(at).ok())
    };
    let labels = values
        .iter()
        .map(|value| label(value).unwrap_or(Label::MAX));
    let labels = labels.collect();
    (names.into_iter().cloned().collect(), labels)
}

/// Fails while reading once the label column cannot hold classes.
pub(super) fn few_enough(distinct: usize, column: &str, file: &str) -> Result<()> {
    if distinct <= MOST_LABELS {
        return Ok(());
    }
    Err(Error::input(format!(
        "`{file}`: the label column `{column}` holds more than {MOST_LABELS} different values, \
         too many for classes"
    ))
    .hint(
        "name the right column under [data.columns] as label = \"…\"; ratings must be cut \
           into classes first",
    ))
}

/// The error of a cell that holds a list or an object where one value is
/// wanted; `None` of any other cell.
pub(super) fn not_one(part: Part, column: &str, found: &cell::Cell, place: &str) -> Option<Error> {
    let inside = || cell::spelt(&found.text);
    match found.kind {
        cell::Kind::List => {
            let count = match inside() {
                Some(cell::Value::List(elements)) => elements.len(),
                _ => 0,
            };
            let (what, hint) = match part {
                Part::Label => (
                    "this is a multi-label set, in which a text has several labels at once",
                    "keep the rows with one label, or make a data set of each label, with yes and \
                     no",
                ),
                _ => (
                    "one value is wanted",
                    "name another column, or join its values into one",
                ),
            };
            Some(
                Error::input(format!(
                    "{place}: the {} in column `{column}` is a list of {count}; {what}",
                    part.name()
                ))
                .hint(hint),
            )
        }
        cell::Kind::Object => {
            let paths = inside().map_or_else(Vec::new, |value| cell::paths(&value, column));
            let paths: Vec<String> = paths
                .iter()
                .map(|path| format!("{} = \"{path}\"", part.name()))
                .collect();
            Some(
                Error::input(format!(
                    "{place}: the {} in column `{column}` is an object, not one value",
                    part.name()
                ))
                .hint(format!(
                    "name the value inside of it under [data.columns]: {}",
                    paths.join(" or ")
                )),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Origin = Origin { file: 0, row: 2 };

    fn declared(toml: &str) -> Declared {
        let manifest = crate::records::Manifest::parse(toml, "project.toml").expect("manifest");
        Declared {
            labels: manifest.labels,
            by: "project.toml".into(),
        }
    }

    fn values(all: &[&str], kind: cell::Kind) -> LabelValues {
        let mut values = LabelValues::default();
        for value in all {
            values.note(value, kind, AT);
        }
        values
    }

    fn settle(values: &LabelValues, declared: Option<&Declared>, skip: bool) -> Result<Settled> {
        let mut report = ReadReport::default();
        values.settled(declared, skip, &|_| "x.csv:2".into(), &mut report)
    }

    #[test]
    fn values_mean_labels_by_name_value_case_and_position() {
        let with = declared(
            "[[labels]]\nname = \"bad\"\nvalues = [\"neg\"]\n[[labels]]\nname = \"Good\"\n",
        );
        for (value, label) in [("bad", 0), ("neg", 0), ("good", 1), ("1", 1), ("0", 0)] {
            assert_eq!(
                with.label(value).map(|(label, _)| label),
                Some(label),
                "{value}"
            );
        }
        assert_eq!(with.label("2"), None);
        let stars = declared("labels = [\"1\", \"2\"]");
        assert_eq!(stars.label("1"), Some((0, Because::Said)));
        assert_eq!(stars.label("1.0"), Some((0, Because::Said)));
        assert_eq!(stars.label("0"), None);
    }

    #[test]
    fn numbers_are_whole_if_all_are() {
        for (kind, found, spelt) in [
            (cell::Kind::Plain, &["1.0", "2"][..], &["1", "2"][..]),
            (cell::Kind::Number, &["1.0", "2.5"], &["1.0", "2.5"]),
            (cell::Kind::Number, &["1", "2.5"], &["1.0", "2.5"]),
            (
                cell::Kind::Plain,
                &["1.0", "1.1", "1.10"],
                &["1.0", "1.1", "1.10"],
            ),
            (
                cell::Kind::Plain,
                &["10", "2", "1", "-1"],
                &["10", "2", "1", "-1"],
            ),
        ] {
            assert_eq!(values(found, kind).spelt(), spelt);
        }
        let settled = settle(
            &values(&["10", "2.0", "1", "2"], cell::Kind::Plain),
            None,
            false,
        );
        let settled = settled.expect("settles");
        assert_eq!(settled.names, ["1", "2", "10"]);
        assert_eq!(settled.of_value, [Some(2), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn numbers_that_do_not_count_from_0_never_shift_labels() {
        for count in 2..6_usize {
            for first in [1, 2] {
                for more_names in 0..3 {
                    for skip in [false, true] {
                        let found: Vec<String> =
                            (first..first + count).map(|n| n.to_string()).collect();
                        let found: Vec<&str> = found.iter().map(String::as_str).collect();
                        let names: Vec<String> = (0..count + more_names)
                            .map(|n| format!("\"name {n}\""))
                            .collect();
                        let declared = declared(&format!("labels = [{}]", names.join(", ")));
                        let error =
                            settle(&values(&found, cell::Kind::Plain), Some(&declared), skip)
                                .err()
                                .expect("refused");
                        let hint = error.remedy().expect("a hint");
                        assert!(!hint.contains("skip_unknown"), "{hint}");
                    }
                }
            }
        }
        let fine = declared("labels = [\"a\", \"b\", \"c\"]");
        let settled = settle(
            &values(&["2", "0", "1"], cell::Kind::Plain),
            Some(&fine),
            false,
        );
        assert_eq!(
            settled.expect("settles").of_value,
            [Some(2), Some(0), Some(1)]
        );
    }

    #[test]
    fn a_files_names_and_those_of_project_toml_agree_or_both_are_told() {
        let names = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let file = names(&["good", "bad"]);
        for toml in [
            "labels = [\"bad\", \"good\"]",
            "labels = [\"schlecht\", \"gut\"]",
            "labels = [{ name = \"good\", values = [\"1\"] }, { name = \"bad\", values = [\"0\"] }]",
        ] {
            let error = declared(toml)
                .agree("x.parquet", "label", &file)
                .expect_err(toml);
            let text = error.to_string();
            assert!(text.contains("0 `good`, 1 `bad`"), "{text}");
        }
        for (toml, means) in [
            ("labels = [\"good\", \"bad\"]", &["good", "bad"]),
            ("labels = [\"good\", \"so-so\", \"bad\"]", &["good", "bad"]),
            (
                "labels = [{ name = \"gut\", values = [\"good\"] }, { name = \"mies\", values = [\"1\"] }]",
                &["gut", "mies"],
            ),
        ] {
            let agreed = declared(toml)
                .agree("x.parquet", "label", &file)
                .expect(toml);
            assert_eq!(agreed, means);
        }
    }

    #[test]
    fn dates_are_told_from_other_labels() {
        for date in ["2026-01-02", "2026-01-02T10:00:00", "2-Jan", "Mar-5"] {
            assert!(looks_like_a_date(date), "{date}");
        }
        for label in ["1-2", "may", "jan-doe", "2026", "a-b", "45-Jan"] {
            assert!(!looks_like_a_date(label), "{label}");
        }
    }
}

//! From the values of the label column to labels, once all rows are read: what
//! a value means is decided on all of them.

use std::collections::HashMap;

use super::declared::{Because, Declared, LISTED};
use super::label_doubts::looks_like_a_date;
use super::report::{ReadReport, rows};
use super::{Origin, cell, spelling};
use crate::records::Label;
use crate::support::text::agreeing;
use crate::support::{Error, Result};

/// More distinct values than this are no classes.
const MOST_LABELS: usize = 1_000;

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
    pub(super) seen: Vec<Seen>,
}

/// How a value occurs.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) rows: usize,
    pub(super) first: Origin,
    /// Whether the files have it as a number and not as a text.
    number: bool,
    pub(super) date: bool,
}

/// What each value means.
pub(super) struct Settled {
    /// The names of the labels.
    pub(super) names: Vec<String>,
    /// The label of each value; `None`: its rows are left out.
    pub(super) of_value: Vec<Option<Label>>,
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
            self.tell_several(&spelt, place, report);
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
}

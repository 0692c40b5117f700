//! The figures of the teachers' table, and the table for people.

use super::{AfterRetraining, Overlap, SourceFigures, TeacherRow, TeacherTable};
use crate::comparison::figures::AGAINST;
use crate::records::{BlindSpotId, ExampleKey};
use crate::support::figures::{Figure, Line, Sheet, figure};

/// What a teacher wrote.
pub fn written() -> Vec<Figure<TeacherRow>> {
    vec![
        figure("samples")
            .whole("samples", |row: &TeacherRow| row.samples)
            .meaning("Written, in all states."),
        figure("drafts")
            .whole("drafts", |row: &TeacherRow| row.drafts)
            .meaning("Samples that nobody has decided on."),
        figure("accepted")
            .words("accepted", |row: &TeacherRow| row.accepted.to_string())
            .meaning("Of those decided on, with 95 % bounds."),
        figure("useful")
            .words("useful", |row: &TeacherRow| row.useful.to_string())
            .meaning("Accepted and wrong for the base model, of those decided on."),
        figure("distance")
            .number("mean_distance", 2, |row: &TeacherRow| row.mean_distance)
            .meaning(
                "Mean pairwise distance of the accepted samples (1 − cosine, pretrained encoder).",
            ),
        figure("distinct-2")
            .number("distinct_2", 2, |row: &TeacherRow| row.distinct_2)
            .meaning("Different pairs of neighbouring words over all of them: 1 is no repetition."),
        figure("minutes")
            .number("minutes", 1, |row: &TeacherRow| row.seconds / 60.0)
            .meaning("A person's active time, or waiting for the model."),
        figure("money")
            .number("money", 4, |row: &TeacherRow| row.money)
            .meaning("A person's time at their hourly rate, and a model's calls."),
        figure("money per accepted")
            .number("money_per_accepted", 4, |row: &TeacherRow| {
                row.money_per_accepted
            })
            .meaning("Money for an accepted sample."),
    ]
}

/// Errors of a source after training on a teacher alone.
pub fn effects() -> Vec<Figure<SourceFigures>> {
    vec![
        figure("source").words("source", |of: &SourceFigures| of.source.clone()),
        figure("rows").whole("rows", |of: &SourceFigures| of.rows),
        figure("errors, nothing added")
            .number("base", 1, |of: &SourceFigures| of.base)
            .meaning("Errors in c of the arm with as many steps and nothing added."),
        figure("errors, this teacher")
            .number("errors", 1, |of: &SourceFigures| of.errors)
            .meaning("Errors in c of the teacher's arm, mean over seeds."),
        figure("against the best control (95 %)")
            .print("{difference} ({lower} to {upper}) vs {best_control}")
            .signed("difference", 1, |of: &SourceFigures| {
                of.against_best.map(|(mean, _)| mean)
            })
            .signed("lower", 1, |of| {
                of.against_best.map(|(_, interval)| interval.lower)
            })
            .signed("upper", 1, |of| {
                of.against_best.map(|(_, interval)| interval.upper)
            })
            .words("best_control", |of| {
                of.best_control.as_ref().map(ToString::to_string)
            })
            .meaning(AGAINST),
        figure("seeds").whole("seeds", |of: &SourceFigures| of.seeds),
    ]
}

/// What a teacher removed over all sources.
pub fn removed() -> Vec<Figure<AfterRetraining>> {
    vec![
        figure("errors removed")
            .signed("removed", 1, |after: &AfterRetraining| after.removed)
            .meaning("Errors in c fewer than the arm with nothing added, over all sources."),
        figure("money for each")
            .number("money_per_removed", 4, |after: &AfterRetraining| {
                after.money_per_removed
            })
            .meaning("Money for a removed error."),
    ]
}

/// Which errors two teachers removed.
pub fn overlap() -> Vec<Figure<Overlap>> {
    vec![
        figure("teachers")
            .print("{first} and {second}")
            .words("first", |pair: &Overlap| pair.first.clone())
            .words("second", |pair| pair.second.clone()),
        figure("UUs")
            .whole("of", |pair: &Overlap| pair.of)
            .meaning("Unknown unknowns of the base on check."),
        figure("both corrected")
            .whole("both", |pair: &Overlap| pair.both.len())
            .detail(|pair| ids(&pair.both))
            .meaning("Right in most seeds of both."),
        figure("the first alone")
            .whole("only_first", |pair: &Overlap| pair.only_first.len())
            .detail(|pair| ids(&pair.only_first)),
        figure("the second alone")
            .whole("only_second", |pair: &Overlap| pair.only_second.len())
            .detail(|pair| ids(&pair.only_second)),
    ]
}

fn ids(keys: &[ExampleKey]) -> String {
    let ids: Vec<&str> = keys.iter().map(|key| key.0.as_str()).collect();
    ids.join(", ")
}

impl TeacherTable {
    /// The table for people, in parts; `name` names a blind spot.
    pub fn sheets(&self, name: impl Fn(BlindSpotId) -> String) -> Vec<Sheet> {
        let (of_rows, of_sources, of_all) = (written(), effects(), removed());
        let mut rows = Sheet::new("What each teacher wrote")
            .words("teacher", "Who wrote the lessons.")
            .words("blind spot", "Each one, then all of them.")
            .figures(&of_rows);
        rows.lines.extend(self.rows.iter().map(|row| {
            let spot = row.blind_spot.map_or_else(|| "all".to_owned(), &name);
            let line = Line::new(row.blind_spot.is_none()).words(row.teacher.as_str());
            line.words(spot).figures(&of_rows, row)
        }));
        let after = |title: &str| {
            Sheet::new(title)
                .words("teacher", "Whose samples alone were trained on.")
                .words("round", "The last round that did.")
        };
        let mut sources = after("Trained on each teacher alone, on check")
            .note("Used for choosing, no verdict.")
            .figures(&of_sources);
        let mut all = after("The same over all sources").figures(&of_all);
        for after in &self.after {
            let line = || {
                let line = Line::new(false).words(after.teacher.as_str());
                line.words(after.round.to_string())
            };
            let figures = after.sources.iter();
            sources
                .lines
                .extend(figures.map(|of| line().figures(&of_sources, of)));
            all.lines.push(line().figures(&of_all, after));
        }
        let pairs = "Which errors each two teachers removed";
        let pairs = Sheet::of(pairs, &overlap(), &self.overlaps);
        [rows, sources, all, pairs]
            .into_iter()
            .filter(|sheet| !sheet.lines.is_empty())
            .map(|sheet| sheet.in_currency(self.currency.as_deref()))
            .collect()
    }
}

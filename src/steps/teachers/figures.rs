//! The figures of the teachers' table, and the table for people.

use super::{
    AfterRetraining, Overlap, PerRemoved, SourceFigures, TeacherRow, TeacherTable, TeachersAgree,
};
use crate::comparison::figures::AGAINST;
use crate::comparison::outcomes::Rate;
use crate::records::{BlindSpotId, ExampleKey};
use crate::support::figures::{Figure, Line, Sheet, figure};

/// Words that are listed at most.
const MOST_WORDS: usize = 12;

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
        figure("active minutes")
            .number("active_minutes", 1, |row: &TeacherRow| {
                row.active_seconds / 60.0
            })
            .number("minutes", 1, |row| row.seconds / 60.0)
            .meaning("A person's active time; of a language model that of its review."),
        figure("waiting, minutes")
            .number("waiting_minutes", 1, |row: &TeacherRow| {
                row.is_model
                    .then(|| (row.seconds - row.active_seconds) / 60.0)
            })
            .meaning("Waiting for the language model."),
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
        figure("errors removed (95 %)")
            .print("{removed} ({removed_low} to {removed_high})")
            .signed("removed", 1, |after: &AfterRetraining| {
                after.removed.map(|removed| removed.errors)
            })
            .signed("removed_low", 1, |after| {
                after.removed.map(|removed| removed.interval.lower)
            })
            .signed("removed_high", 1, |after| {
                after.removed.map(|removed| removed.interval.upper)
            })
            .words("removed_against", |after| after.against.to_string())
            .detail(|after| format!("against {}", after.against.meaning()))
            .meaning(
                "Errors in c on check fewer than with nothing added, over all sources, with the \
                 interval over seeds and groups of rows.",
            ),
        figure("money for samples")
            .number("samples_money", 4, |after: &AfterRetraining| after.money)
            .whole("samples_trained", |after| after.samples)
            .words("price_from", |after| after.price_from.clone())
            .detail(|after| format!("{} samples, price: {}", after.samples, after.price_from))
            .meaning("The samples that were trained on, at the project's prices."),
        figure("money for each removed error")
            .words("per_removed", per_removed)
            .number("money_per_removed", 4, |after: &AfterRetraining| {
                money(after, |(money, _, _)| money)
            })
            .number("money_per_removed_low", 4, |after| {
                money(after, |(_, lower, _)| lower)
            })
            .number("money_per_removed_high", 4, |after| {
                money(after, |(_, _, upper)| upper)
            })
            .meaning(
                "Money for samples over errors removed, with the bounds that those of the errors \
                 give. “None removed” where the interval of the errors includes none.",
            ),
    ]
}

fn money(after: &AfterRetraining, read: fn((f64, f64, f64)) -> f64) -> Option<f64> {
    match after.per_removed? {
        PerRemoved::Money {
            money,
            lower,
            upper,
        } => Some(read((money, lower, upper))),
        _ => None,
    }
}

fn per_removed(after: &AfterRetraining) -> Option<String> {
    Some(match after.per_removed? {
        PerRemoved::Money {
            money,
            lower,
            upper,
        } => format!("{money:.4} ({lower:.4} to {upper:.4})"),
        PerRemoved::NoneRemoved => "none removed".to_owned(),
        PerRemoved::Added => "errors added".to_owned(),
        PerRemoved::NoPrice => "no price".to_owned(),
    })
}

/// How far two teachers agree.
pub fn agreement() -> Vec<Figure<TeachersAgree>> {
    vec![
        figure("teachers")
            .print("{first} and {second}")
            .words("first", |pair: &TeachersAgree| pair.first.clone())
            .words("second", |pair| pair.second.clone()),
        figure("blind spots")
            .whole("blind_spots", |pair: &TeachersAgree| pair.blind_spots)
            .meaning("That both taught."),
        figure("same label")
            .words("same_label", |pair: &TeachersAgree| {
                pair.same_label.to_string()
            })
            .meaning(
                "Among nearly equal samples, one by each, those with the same label. A dash: \
                 neither wrote what the other did.",
            ),
        figure("both fooled it with")
            .words("common_words", |pair: &TeachersAgree| {
                let first = pair.common_words.iter().take(MOST_WORDS);
                let words: Vec<&str> = first.map(String::as_str).collect();
                words.join(", ")
            })
            .meaning("Words that samples of both have in common which fooled the model."),
    ]
}

/// A teacher in one line: who, what was written, what it cost, what it did.
#[derive(Debug, Clone)]
pub struct Whole {
    row: TeacherRow,
    after: Option<AfterRetraining>,
    /// Pairs of nearly equal samples, and those with the same label, with all
    /// other teachers.
    same_label: Rate,
}

/// All that is known of a teacher.
pub fn whole() -> Vec<Figure<Whole>> {
    vec![
        figure("kind").words("kind", |one: &Whole| match one.row.is_model {
            true => "language model",
            false => "person",
        }),
        figure("the domain")
            .words("familiarity", |one: &Whole| familiarity(&one.row))
            .meaning("How familiar the teacher is with what the texts are about, as they say."),
        figure("accepted").words("accepted", |one: &Whole| one.row.accepted.to_string()),
        figure("useful")
            .words("useful", |one: &Whole| one.row.useful.to_string())
            .meaning("Accepted and wrong for the base model, of those decided on."),
        figure("labels confirmed")
            .words("confirmed", |one: &Whole| one.row.confirmed.to_string())
            .meaning(
                "Samples with the label that a separate call gave them blindly, of those that \
                 were asked.",
            ),
        figure("agrees with others")
            .words("same_label", |one: &Whole| one.same_label.to_string())
            .meaning(
                "Among nearly equal samples of this and another teacher on the same blind spot, \
                 those with the same label.",
            ),
        figure("active minutes")
            .number("active_minutes", 1, |one: &Whole| {
                one.row.active_seconds / 60.0
            })
            .meaning("A person's active time; of a language model that of its review."),
        figure("money").number("money", 4, |one: &Whole| one.row.money),
        figure("errors removed (95 %)")
            .words("removed", |one: &Whole| {
                one.after.as_ref().map(|after| removed()[0].text(after))
            })
            .meaning(
                "Errors in c on check fewer than with nothing added, over all sources, after \
                 training on this teacher alone.",
            ),
        figure("money for each removed error")
            .words("per_removed", |one: &Whole| {
                one.after.as_ref().and_then(per_removed)
            })
            .meaning("At the project's prices; “none removed” where the interval includes none."),
    ]
}

fn familiarity(row: &TeacherRow) -> Option<String> {
    let said: Vec<&str> = row.familiarity.iter().map(|one| one.in_words()).collect();
    (!said.is_empty()).then(|| said.join(", "))
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
    /// Each teacher in one line, people and language models beside each other.
    fn whole(&self) -> Sheet {
        let figures = whole();
        let title = "People and language models as teachers";
        let mut sheet = Sheet::new(title)
            .words("teacher", "Who wrote the lessons.")
            .figures(&figures);
        let totals = self.rows.iter().filter(|row| row.blind_spot.is_none());
        for row in totals {
            let with_others = self.agreements.iter();
            let with_others =
                with_others.filter(|pair| [&pair.first, &pair.second].contains(&&row.teacher));
            let (mut same, mut pairs) = (0.0, 0);
            for pair in with_others {
                same += pair.same_label.count;
                pairs += pair.same_label.rows;
            }
            let mut after = self.after.iter();
            let one = Whole {
                row: row.clone(),
                after: after.find(|after| after.teacher == row.teacher).cloned(),
                same_label: Rate::new(same, pairs),
            };
            let line = Line::new(false).words(row.teacher.as_str());
            sheet.lines.push(line.figures(&figures, &one));
        }
        sheet
    }

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
        let agree = "How far each two teachers agree";
        let agree = Sheet::of(agree, &agreement(), &self.agreements);
        [self.whole(), rows, sources, all, agree, pairs]
            .into_iter()
            .filter(|sheet| !sheet.lines.is_empty())
            .map(|sheet| sheet.in_currency(self.currency.as_deref()))
            .collect()
    }
}

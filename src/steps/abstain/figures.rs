//! The thresholds as figures: described once for command line, window, report,
//! model card and files.

use super::{AbstainPart, AbstainTable, PartOf};
use crate::comparison::abstain::{AtError, Cheapest, Counted, Sure};
use crate::comparison::outcomes::FEWEST_ROWS;
use crate::support::figures::{Figure, Line, Sheet, figure};

/// What the tables are, for whoever reads them.
pub const MEANING: &str = "A confidence below which the model does not answer and a person is \
    asked: for a wanted share of errors among its answers the lowest one, so that most is answered.";

/// A part with one wanted share of errors; without a threshold where it has too
/// few rows.
#[derive(Debug, Clone)]
pub struct AbstainRow {
    /// Name of the part.
    pub part: String,
    /// `source`, `blind spot` or `all`.
    pub kind: &'static str,
    /// Its rows.
    pub rows: usize,
    /// Errors if the model answers all.
    pub all: Counted,
    /// The threshold.
    pub at: Option<AtError>,
    /// The threshold of least cost.
    pub cheapest: Option<Cheapest>,
}

impl AbstainRow {
    fn of(part: &AbstainPart, at: Option<&AtError>) -> Self {
        Self {
            part: part.name.clone(),
            kind: match part.part {
                PartOf::Everything => "all",
                PartOf::Source(_) => "source",
                PartOf::BlindSpot(_) => "blind spot",
            },
            rows: part.found.rows,
            all: part.found.errors,
            at: at.cloned(),
            cheapest: part.found.cheapest.clone(),
        }
    }

    fn at<T>(&self, read: impl FnOnce(&AtError) -> T) -> Option<T> {
        self.at.as_ref().map(read)
    }

    fn sure<T>(&self, read: impl FnOnce(&Sure) -> T) -> Option<T> {
        self.at.as_ref()?.sure.as_ref().map(read)
    }

    fn cost<T>(&self, read: impl FnOnce(&Cheapest) -> T) -> Option<T> {
        self.cheapest.as_ref().map(read)
    }
}

/// A threshold as it is written down; “0” answers everything.
fn written(threshold: Option<f64>) -> String {
    threshold.map_or_else(|| "none".to_owned(), |threshold| threshold.to_string())
}

/// For each wanted share of errors.
pub fn thresholds() -> Vec<Figure<AbstainRow>> {
    vec![
        figure("rows")
            .whole("rows", |row: &AbstainRow| row.rows)
            .meaning("Rows of check; below 30 there is no threshold."),
        figure("errors if all is answered")
            .print("{all_errors} %")
            .share("all_errors", 1, |row: &AbstainRow| row.all.share())
            .meaning("The share of errors where the model answers every text."),
        figure("wanted errors")
            .print("{wanted} %")
            .share("wanted", 1, |row: &AbstainRow| row.at(|at| at.wanted))
            .meaning("The largest share of errors among answers that is wanted."),
        figure("answer from")
            .words("threshold", |row: &AbstainRow| {
                row.at(|at| written(at.threshold))
            })
            .meaning(
                "The model answers where its confidence is at least this; a person answers the \
                 rest. 0: it answers everything. None: no confidence is safe enough.",
            ),
        figure("answered")
            .print("{answered} % ({answered_low}–{answered_high})")
            .share("answered", 0, |row: &AbstainRow| {
                row.at(|at| at.answered.share())
            })
            .share("answered_low", 0, |row| {
                row.at(|at| at.answered.bounds.lower)
            })
            .share("answered_high", 0, |row| {
                row.at(|at| at.answered.bounds.upper)
            })
            .meaning("Coverage: the share of texts that the model answers, with 95 % bounds."),
        figure("errors among these")
            .print("{errors} % ({errors_low}–{errors_high})")
            .share("errors", 1, |row: &AbstainRow| {
                row.at(|at| at.errors.share())
            })
            .share("errors_low", 1, |row| row.at(|at| at.errors.bounds.lower))
            .share("errors_high", 1, |row| row.at(|at| at.errors.bounds.upper))
            .meaning("The share of errors among what it answers, with 95 % bounds."),
        figure("wanted share")
            .words("held", |row: &AbstainRow| row.at(|at| at.held.name()))
            .meaning(
                "Whether the wanted share was kept on rows that did not choose the threshold, by \
                 the bounds.",
            ),
        figure("surely from")
            .print("{sure_threshold} (answers {sure_coverage} %)")
            .words("sure_threshold", |row: &AbstainRow| {
                row.sure(|sure| written(Some(sure.threshold)))
            })
            .share("sure_coverage", 0, |row| row.sure(|sure| sure.coverage))
            .meaning(
                "The lowest threshold, in steps of a tenth of the texts, for which these rows show \
                 with 95 % confidence that the wanted share is kept (Learn then Test).",
            ),
    ]
}

/// The threshold of least cost.
pub fn cheapest() -> Vec<Figure<AbstainRow>> {
    vec![
        figure("answer from")
            .words("cheapest_threshold", |row: &AbstainRow| {
                row.cost(|cost| written(cost.threshold))
            })
            .meaning("The confidence of least cost. None: ask a person about everything."),
        figure("answered")
            .print("{cheapest_answered} %")
            .share("cheapest_answered", 0, |row: &AbstainRow| {
                row.cost(|cost| cost.answered.share())
            })
            .meaning("The share of texts that the model answers."),
        figure("errors among these")
            .print("{cheapest_errors} %")
            .share("cheapest_errors", 1, |row: &AbstainRow| {
                row.cost(|cost| cost.errors.share())
            }),
        figure("money for 100 texts")
            .print("{cost} ({cost_low} to {cost_high})")
            .number("cost", 2, |row: &AbstainRow| {
                row.cost(|cost| cost.per_hundred)
            })
            .number("cost_low", 2, |row| row.cost(|cost| cost.bounds.lower))
            .number("cost_high", 2, |row| row.cost(|cost| cost.bounds.upper))
            .meaning(
                "Errors and people together, by cross-fitting, with 95 % bounds. People are taken \
                 to be right.",
            ),
        figure("the model alone")
            .number("cost_all_by_model", 2, |row: &AbstainRow| {
                row.cost(|cost| cost.all_by_model)
            })
            .meaning("The same where the model answers every text."),
        figure("people alone")
            .number("cost_all_by_person", 2, |row: &AbstainRow| {
                row.cost(|cost| cost.all_by_person)
            })
            .meaning("The same where a person answers every text."),
    ]
}

impl AbstainTable {
    /// A row for each part and wanted share; one without a threshold where
    /// there are too few rows.
    pub fn rows(&self) -> Vec<AbstainRow> {
        let rows = self.parts.iter().flat_map(|part| {
            let at = part.found.at.iter();
            let mut rows: Vec<_> = at.map(|at| AbstainRow::of(part, Some(at))).collect();
            if rows.is_empty() {
                rows.push(AbstainRow::of(part, None));
            }
            rows
        });
        rows.collect()
    }

    /// The tables for people: sources, blind spots, and least cost.
    pub fn sheets(&self) -> Vec<Sheet> {
        let rows = self.rows();
        let is_spot = |row: &&AbstainRow| row.kind == "blind spot";
        let mut sources = sheet("What to leave to a person", "source", &thresholds());
        sources.notes.push(format!("Under {}.", self.model));
        sources.notes.extend(self.notes.iter().cloned());
        fill(
            &mut sources,
            &thresholds(),
            rows.iter().filter(|row| !is_spot(row)),
        );
        let mut spots = sheet("The same in blind spots", "blind spot", &thresholds());
        spots.notes.push(format!(
            "In the region of a blind spot, as the base sees it. Those with fewer than \
             {FEWEST_ROWS} rows of check are left out."
        ));
        let enough = rows.iter().filter(is_spot).filter(|row| row.at.is_some());
        fill(&mut spots, &thresholds(), enough);
        let mut costs = sheet("Least cost", "source", &cheapest());
        let mut priced: Vec<&AbstainRow> =
            rows.iter().filter(|row| row.cheapest.is_some()).collect();
        priced.dedup_by(|a, b| a.part == b.part && a.kind == b.kind);
        fill(&mut costs, &cheapest(), priced.into_iter());
        [sources, spots, costs]
            .into_iter()
            .filter(|sheet| !sheet.lines.is_empty())
            .map(|sheet| sheet.in_currency(self.currency.as_deref()))
            .collect()
    }
}

fn sheet(title: &str, part: &str, figures: &[Figure<AbstainRow>]) -> Sheet {
    let sheet = Sheet::new(title).words(part, "Which texts of check.");
    sheet.figures(figures)
}

/// Adds a line for each row.
fn fill<'a>(
    sheet: &mut Sheet,
    figures: &[Figure<AbstainRow>],
    rows: impl Iterator<Item = &'a AbstainRow>,
) {
    for row in rows {
        let line = Line::new(false).words(row.part.as_str());
        sheet.lines.push(line.figures(figures, row));
    }
}

//! What a comparison is judged by.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A figure that arms can be judged by.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// Errors among as many most-confident rows as the base holds above τ.
    #[default]
    ErrorsAtMatchedCoverage,
    /// The largest share of rows that can be left to the model, most confident
    /// first, with 1 % errors among them at most; in hundredths.
    #[serde(rename = "coverage-at-1-percent")]
    CoverageAt1,
    /// The same at 2 %.
    #[serde(rename = "coverage-at-2-percent")]
    CoverageAt2,
    /// The same at 5 %.
    #[serde(rename = "coverage-at-5-percent")]
    CoverageAt5,
    /// Unknown unknowns at τ after temperature scaling of every model.
    ScaledUnknownUnknowns,
    /// Area under the risk–coverage curve.
    RiskCoverageArea,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Endpoint; 6] = [
        Endpoint::ErrorsAtMatchedCoverage,
        Endpoint::CoverageAt1,
        Endpoint::CoverageAt2,
        Endpoint::CoverageAt5,
        Endpoint::ScaledUnknownUnknowns,
        Endpoint::RiskCoverageArea,
    ];

    /// Its place in [`Endpoint::ALL`].
    pub fn place(self) -> usize {
        self as usize
    }

    /// Its name in files and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Endpoint::ErrorsAtMatchedCoverage => "errors-at-matched-coverage",
            Endpoint::CoverageAt1 => "coverage-at-1-percent",
            Endpoint::CoverageAt2 => "coverage-at-2-percent",
            Endpoint::CoverageAt5 => "coverage-at-5-percent",
            Endpoint::ScaledUnknownUnknowns => "scaled-unknown-unknowns",
            Endpoint::RiskCoverageArea => "risk-coverage-area",
        }
    }

    /// The endpoint of a name in files and on the command line.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.key() == key)
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::ErrorsAtMatchedCoverage => "errors at matched coverage",
            Endpoint::CoverageAt1 => "coverage at 1 % errors",
            Endpoint::CoverageAt2 => "coverage at 2 % errors",
            Endpoint::CoverageAt5 => "coverage at 5 % errors",
            Endpoint::ScaledUnknownUnknowns => "unknown unknowns after scaling",
            Endpoint::RiskCoverageArea => "area under risk–coverage",
        }
    }

    /// What it is, in a sentence or two.
    pub fn meaning(self) -> &'static str {
        match self {
            Endpoint::ErrorsAtMatchedCoverage => {
                "Errors among the c most confident rows, c being how many rows the base holds with \
                 confidence τ or more: models are compared on equally many rows. Where c is more \
                 than three quarters of the rows, this is accuracy by another name."
            }
            Endpoint::CoverageAt1 => {
                "The largest share of rows that can be left to the model, most confident first, \
                 with at most 1 % errors among them. Higher is better."
            }
            Endpoint::CoverageAt2 => {
                "The largest share of rows that can be left to the model, most confident first, \
                 with at most 2 % errors among them. Higher is better."
            }
            Endpoint::CoverageAt5 => {
                "The largest share of rows that can be left to the model, most confident first, \
                 with at most 5 % errors among them. Higher is better."
            }
            Endpoint::ScaledUnknownUnknowns => {
                "Unknown unknowns at τ after temperature scaling of every model, base included; \
                 each temperature is fitted on validation alone. Lower is better."
            }
            Endpoint::RiskCoverageArea => {
                "Area under the risk–coverage curve: the mean share of errors among the most \
                 confident rows, over all coverages. Lower is better."
            }
        }
    }

    /// The wanted share of errors, in hundredths, of a coverage.
    pub fn wanted_errors(self) -> Option<u32> {
        match self {
            Endpoint::CoverageAt1 => Some(1),
            Endpoint::CoverageAt2 => Some(2),
            Endpoint::CoverageAt5 => Some(5),
            _ => None,
        }
    }

    /// Whether a larger figure is a better one.
    pub fn higher_is_better(self) -> bool {
        self.wanted_errors().is_some()
    }

    /// Digits after the point that people are shown.
    pub fn digits(self) -> usize {
        match self {
            Endpoint::RiskCoverageArea => 4,
            _ => 1,
        }
    }

    /// What its figure, and a difference of two, is followed by.
    pub fn units(self) -> [&'static str; 2] {
        match self.wanted_errors() {
            Some(_) => [" %", " points"],
            None => ["", ""],
        }
    }

    /// What stands in for it where the base holds `confident` of `rows` rows
    /// with confidence ≥ τ: errors among more than three quarters of the rows
    /// are accuracy by another name and cannot judge confident errors. The area
    /// under the risk–coverage curve looks at the order of rows alone, as they
    /// do, and at every coverage.
    #[must_use]
    pub fn where_base_holds(self, confident: usize, rows: usize) -> Self {
        match self {
            Endpoint::ErrorsAtMatchedCoverage if is_accuracy(confident, rows) => {
                Endpoint::RiskCoverageArea
            }
            other => other,
        }
    }
}

/// Whether errors among `confident` of `rows` rows are accuracy by another
/// name.
pub fn is_accuracy(confident: usize, rows: usize) -> bool {
    4 * confident > 3 * rows
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The endpoints that are named before *final* is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpoints {
    /// The one that the verdict is about.
    pub primary: Endpoint,
    /// Others that are judged too. Each makes the correction for the number of
    /// tests (Holm) dearer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Endpoint>,
}

impl Endpoints {
    /// All that are judged on rows of which the base holds so many above τ,
    /// the primary one first, each once.
    pub fn judged(&self, confident: usize, rows: usize) -> Vec<Endpoint> {
        let named = std::iter::once(self.primary).chain(self.also.iter().copied());
        let mut judged = Vec::new();
        for endpoint in named.map(|named| named.where_base_holds(confident, rows)) {
            if !judged.contains(&endpoint) {
                judged.push(endpoint);
            }
        }
        judged
    }
}

impl fmt::Display for Endpoints {
    /// “errors at matched coverage”, or “…, and also …”.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.primary)?;
        for (number, also) in self.also.iter().enumerate() {
            let before = if number == 0 { ", and also " } else { ", " };
            write!(f, "{before}{also}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_places_are_those_of_the_list() {
        for (place, endpoint) in Endpoint::ALL.into_iter().enumerate() {
            assert_eq!(endpoint.place(), place);
            assert_eq!(Endpoint::from_key(endpoint.key()), Some(endpoint));
            let json = serde_json::to_string(&endpoint).expect("writes");
            assert_eq!(json, format!("\"{}\"", endpoint.key()));
        }
        assert_eq!(Endpoint::from_key("accuracy"), None);
    }

    #[test]
    fn errors_among_nearly_all_rows_judge_nothing() {
        let named = Endpoints {
            primary: Endpoint::ErrorsAtMatchedCoverage,
            also: vec![Endpoint::RiskCoverageArea, Endpoint::CoverageAt2],
        };
        assert_eq!(named.judged(75, 100).len(), 3);
        let instead = [Endpoint::RiskCoverageArea, Endpoint::CoverageAt2];
        assert_eq!(named.judged(76, 100), instead);
    }
}

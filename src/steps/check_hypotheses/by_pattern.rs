//! Patterns as judges: every *discovery* row answers at once.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Checking, Checks};
use crate::discovery::Outcome;
use crate::lessons::check::{CheckRows, reason, verdict};
use crate::records::{
    BlindSpot, CheckVerdict, ExampleKey, Hypothesis, HypothesisCheck, Judge, Lesson, Matches,
    Pattern, Risk, Role,
};
use crate::support::{Error, Progress, Result};

/// How a pattern that is still being typed does on errors that its writer
/// sees. Kept-back ones are not asked: whoever tries words until these match
/// has learnt them.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Shown errors.
    pub shown: Matches,
    /// Right rows of the same class.
    pub right: Matches,
    /// What a check would say if these were the kept-back errors.
    pub verdict: CheckVerdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Shown errors that it does not hold for, and right rows that it holds
    /// for.
    pub counter_examples: (Vec<ExampleKey>, Vec<ExampleKey>),
}

impl Checking {
    /// How a pattern does on what its writer may see.
    pub fn draft(&self, rows: &CheckRows, pattern: &Pattern) -> Draft {
        let seen = CheckRows {
            kept_back: Vec::new(),
            elsewhere: Vec::new(),
            ..rows.clone()
        };
        let asked: Vec<usize> = seen.shown.iter().chain(&seen.right).copied().collect();
        let said = self.said_by(pattern, &asked);
        let counts = seen.counts(&said);
        let (missed, also) = super::counter_examples(&seen, &said);
        let keys = |rows: Vec<usize>| rows.into_iter().map(|row| self.key(row)).collect();
        let verdict = verdict(counts.shown, counts.right, self.thresholds);
        Draft {
            shown: counts.shown,
            right: counts.right,
            reason: reason(
                verdict,
                (counts.shown, "shown errors"),
                counts.right,
                self.thresholds,
            ),
            verdict,
            counter_examples: (keys(missed), keys(also)),
        }
    }

    /// Asks a pattern of all rows.
    pub fn by_pattern(
        &self,
        sentence: &str,
        rows: &CheckRows,
        pattern: &Pattern,
    ) -> HypothesisCheck {
        let all: Vec<usize> = self.answers.rows_of(Role::Discovery).collect();
        let said = self.said_by(pattern, &all);
        let judge = Judge::Pattern {
            pattern: pattern.clone(),
        };
        HypothesisCheck {
            risk: Some(self.risk(&said)),
            ..self.concluded(judge, sentence, rows, &said)
        }
    }

    pub(super) fn said_by(&self, pattern: &Pattern, rows: &[usize]) -> BTreeMap<usize, bool> {
        let sources = &self.answers.dataset().sources;
        let said = rows.par_iter().filter_map(|row| {
            let example = self.answers.example(*row);
            let source = sources.get(usize::from(example.source));
            let holds = pattern.matches_from(example.text()?, source.map(String::as_str));
            Some((*row, holds))
        });
        said.collect()
    }

    /// Confident errors among the rows that it holds for and among the others;
    /// rows that were set aside count for neither.
    fn risk(&self, said: &BTreeMap<usize, bool>) -> Risk {
        let mut risk = Risk::default();
        for (row, holds) in said {
            let is_error = match self.answers.outcome(*row) {
                Outcome::SetAside => continue,
                outcome => outcome == Outcome::UnknownUnknown,
            };
            let side = match holds {
                true => &mut risk.matching,
                false => &mut risk.others,
            };
            side.count(is_error);
        }
        risk
    }

    pub(super) fn all_by_pattern(
        &self,
        ordered: &[(&Lesson, &Hypothesis)],
        pattern: Option<&Pattern>,
        progress: &Progress,
    ) -> Result<Checks> {
        if pattern.is_some() && ordered.len() > 1 {
            return Err(
                Error::input("one pattern can be asked for one hypothesis only")
                    .hint("name the hypothesis with `--hypothesis`"),
            );
        }
        let mut checks = Checks::default();
        let mut without = 0;
        for (lesson, hypothesis) in ordered {
            progress.check()?;
            let Some(pattern) = pattern.or(hypothesis.pattern.as_ref()) else {
                without += 1;
                continue;
            };
            let spot: &BlindSpot = self.spot(lesson.blind_spot)?;
            let rows = self.rows(spot, progress)?;
            let check = self.by_pattern(&hypothesis.text, &rows, pattern);
            checks
                .checked
                .push(Self::checked(lesson, hypothesis, check));
        }
        if checks.checked.is_empty() {
            return Err(Error::input("no hypothesis has a pattern yet").hint(
                "say what its texts hold, with `--hypothesis ID --pattern \"…\"`, or have a \
                 language model judge, with `--judge model`",
            ));
        }
        if without > 0 {
            checks.notes.push(format!(
                "{without} of {} hypotheses have no pattern and were not asked",
                ordered.len()
            ));
        }
        Ok(checks)
    }
}

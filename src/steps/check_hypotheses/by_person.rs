//! A person as the judge: twenty mixed texts, without a word on which of them
//! are errors.

use std::collections::BTreeMap;

use super::{Checking, Checks};
use crate::lessons::check::{CheckRows, Sizes};
use crate::records::{ExampleKey, Hypothesis, Judge, Lesson, Text};
use crate::support::{Error, Progress, Result};

/// The texts that a person is asked about, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Quiz {
    /// Key and text of each.
    pub texts: Vec<(ExampleKey, Text)>,
}

impl Checking {
    /// The texts for a hypothesis: the same until it was checked, others then.
    ///
    /// # Errors
    /// When its lesson's blind spot is not in the snapshot in use, when the
    /// blind spot has too few kept-back errors, or when cancelled.
    pub fn quiz(
        &self,
        lesson: &Lesson,
        hypothesis: &Hypothesis,
        progress: &Progress,
    ) -> Result<Quiz> {
        let rows = self.quiz_rows(lesson, hypothesis, progress)?;
        let mixed = rows.mixed(self.seed(hypothesis));
        let texts = mixed.into_iter().filter_map(|row| {
            let text = self.text(row)?.clone();
            Some((self.key(row), text))
        });
        Ok(Quiz {
            texts: texts.collect(),
        })
    }

    fn quiz_rows(
        &self,
        lesson: &Lesson,
        hypothesis: &Hypothesis,
        progress: &Progress,
    ) -> Result<CheckRows> {
        let spot = self.spot(lesson.blind_spot)?;
        let rows = self.rows(spot, progress)?;
        Ok(rows.drawn(&Sizes::QUIZ, self.seed(hypothesis), hypothesis.tried))
    }

    /// Another draw and order for each hypothesis: a person who judges two of
    /// a blind spot cannot go by their memory of the places.
    fn seed(&self, hypothesis: &Hypothesis) -> u64 {
        let bytes = hypothesis.id.0.bytes();
        bytes.fold(u64::from(self.snapshot.version), |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
        })
    }

    pub(super) fn one_by_person(
        &self,
        ordered: &[(&Lesson, &Hypothesis)],
        (by, said): (Option<&str>, &[(ExampleKey, bool)]),
        progress: &Progress,
    ) -> Result<Checks> {
        let [(lesson, hypothesis)] = ordered else {
            return Err(Error::input("a person judges one hypothesis at a time")
                .hint("name it with `--hypothesis`"));
        };
        let rows = self.quiz_rows(lesson, hypothesis, progress)?;
        let dataset = self.answers.dataset();
        let row = |key: &ExampleKey| self.answers.row_of(dataset.index_of(key)?);
        let asked = rows.mixed(0);
        let said: BTreeMap<usize, bool> = said
            .iter()
            .filter_map(|(key, yes)| Some((row(key)?, *yes)))
            .filter(|(row, _)| asked.contains(row))
            .collect();
        if said.is_empty() {
            return Err(Error::input("none of the texts was answered")
                .hint("judge the texts again: they may be others since an earlier check"));
        }
        let judge = Judge::Person {
            by: by.map(str::to_owned),
        };
        let check = self.concluded(judge, &hypothesis.text, &rows, &said);
        Ok(Checks {
            checked: vec![Self::checked(lesson, hypothesis, check)],
            ..Checks::default()
        })
    }
}

//! Marks for a missing value where a text or a group is wanted: read as they
//! stand, and told.

use super::label_doubts::is_placeholder;
use super::read::Reading;
use super::report::rows;
use super::spelling;
use crate::support::text::agreeing;

/// What stands for a group that nobody knows.
const UNKNOWN_GROUPS: [&str; 7] = [
    "unknown",
    "anonymous",
    "anon",
    "guest",
    "deleted",
    "[deleted]",
    "[removed]",
];

impl Reading<'_> {
    /// Tells what looks like a missing text or group.
    pub(super) fn tell_missing_marks(&mut self) {
        let told: Vec<String> = self
            .marks_for_texts()
            .into_iter()
            .chain(self.marks_for_groups())
            .collect();
        self.report.doubts.extend(told);
    }

    fn marks_for_texts(&self) -> Option<String> {
        let marked = || {
            self.rows
                .iter()
                .filter(|row| row.text.parts().any(is_placeholder))
        };
        let first = marked().next()?;
        let count = marked().count();
        let file = &self.files[usize::from(first.origin.file)];
        let mark = first
            .text
            .parts()
            .find(|part| is_placeholder(part))
            .unwrap_or_default();
        Some(format!(
            "the text of {} {} a mark for a missing text, the first `{}` in {file}:{}: if they \
             are, empty these cells or delete the rows",
            rows(count),
            agreeing(count, "looks like", "look like"),
            spelling::shown(mark),
            first.origin.row
        ))
    }

    /// Rows of one group stay together in one role, which is wrong of rows that
    /// have nothing in common but an unknown author.
    fn marks_for_groups(&self) -> Vec<String> {
        let mut counts = vec![0_usize; self.groups.names().len()];
        for group in self.rows.iter().filter_map(|row| row.group) {
            if let Some(count) = counts.get_mut(group as usize) {
                *count += 1;
            }
        }
        let named = self.groups.names().iter().zip(counts);
        let suspicious = named.filter(|(name, count)| {
            let lower = name.to_lowercase();
            *count > 1 && (is_placeholder(name) || UNKNOWN_GROUPS.contains(&lower.as_str()))
        });
        suspicious
            .map(|(name, count)| {
                format!(
                    "the group `{}` ({}) looks like a mark for a group that is not known, and keeps \
                     all of them in one role: if they do not belong together, empty these cells",
                    spelling::shown(name),
                    rows(count)
                )
            })
            .collect()
    }
}

//! Marks for a missing value where a text, group, source or id is wanted: read
//! as they stand, and told.

use std::collections::BTreeMap;

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
    /// Tells what looks like a missing text, group, source or id.
    pub(super) fn tell_missing_marks(&mut self) {
        let told: Vec<String> = self
            .marks_for_texts()
            .into_iter()
            .chain(self.marks_for_groups())
            .chain(self.marks_for_sources())
            .chain(self.marks_for_ids())
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

    /// Sources of a column; what project.toml calls the rows of a file is meant.
    fn marks_for_sources(&self) -> Vec<String> {
        let mut counts = vec![0_usize; self.sources.names().len()];
        for row in &self.rows {
            if let Some(count) = counts.get_mut(usize::from(row.source)) {
                *count += 1;
            }
        }
        let is_named = |name: &String| {
            let files = &mut self.manifest.data.files.iter();
            files.any(|file| file.source.as_ref() == Some(name))
        };
        let named = self.sources.names().iter().zip(counts);
        let suspicious =
            named.filter(|(name, count)| *count > 0 && is_placeholder(name) && !is_named(name));
        suspicious
            .map(|(name, count)| {
                format!(
                    "the source `{}` ({}) looks like a mark for a source that is not known: as it \
                     stands it is a source of its own; if it is none, empty these cells",
                    spelling::shown(name),
                    rows(count)
                )
            })
            .collect()
    }

    /// An id that several rows have; one row may well be called so.
    fn marks_for_ids(&self) -> Vec<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let ids = self.rows.iter().filter_map(|row| row.id.as_deref());
        for id in ids.filter(|id| is_placeholder(id)) {
            *counts.entry(id).or_default() += 1;
        }
        let suspicious = counts.into_iter().filter(|(_, count)| *count > 1);
        suspicious
            .map(|(id, count)| {
                format!(
                    "the id `{}` ({}) looks like a mark for a missing id: as it stands these rows \
                     are told apart by a number behind it; if it is one, empty these cells",
                    spelling::shown(id),
                    rows(count)
                )
            })
            .collect()
    }
}

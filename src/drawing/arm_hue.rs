//! The colour of an arm: the same in every plot, table and file, whatever
//! arms stand beside it and in whatever order they arrive.

use super::Hue;
use crate::records::{Arm, RecordId};

/// Hues for lessons by one teacher, by the teacher's name: no control has one
/// of them.
const OF_TEACHERS: [usize; 6] = [0, 16, 10, 7, 19, 17];

impl Hue {
    /// The colour of an arm.
    pub fn of_arm(arm: &Arm) -> Self {
        match arm {
            Arm::Reference => Hue::Ink,
            Arm::Base => Hue::Palette(1),
            Arm::Extra => Hue::Palette(4),
            Arm::Uus => Hue::Palette(5),
            Arm::RandomDiscovery => Hue::Palette(6),
            Arm::AllLessons => Hue::Palette(2),
            Arm::LessonsAndLabels => Hue::Palette(9),
            Arm::LlmLabels => Hue::Palette(3),
            Arm::SamplesWithoutHypotheses => Hue::Palette(12),
            Arm::ExtrapolationWithoutClusters => Hue::Palette(13),
            Arm::Lesson(RecordId(name)) | Arm::Lessons(name) | Arm::Other(name) => {
                let sum = name.bytes().fold(0_usize, |sum, byte| {
                    sum.wrapping_mul(31).wrapping_add(usize::from(byte))
                });
                Hue::Palette(OF_TEACHERS[sum % OF_TEACHERS.len()])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::colours::{ON_DARK, ON_LIGHT};

    #[test]
    fn no_control_looks_like_another_arm() {
        let mut arms = vec![Arm::Reference, Arm::AllLessons, Arm::LessonsAndLabels];
        arms.extend(Arm::CONTROLS);
        arms.push(Arm::Lessons("ann".into()));
        arms.extend([
            Arm::LlmLabels,
            Arm::SamplesWithoutHypotheses,
            Arm::ExtrapolationWithoutClusters,
        ]);
        for colours in [ON_DARK, ON_LIGHT] {
            let all: std::collections::BTreeSet<_> = arms
                .iter()
                .map(|arm| colours.hue(Hue::of_arm(arm)))
                .collect();
            assert_eq!(all.len(), arms.len());
        }
    }
}

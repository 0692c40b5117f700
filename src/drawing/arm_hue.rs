//! The colour of an arm: the same in every plot, table and file, whatever
//! arms stand beside it and in whatever order they arrive.

use std::collections::BTreeMap;

use super::Hue;
use crate::records::{Arm, RecordId};

/// Hues for arms that have a name of their own, lessons by one teacher and
/// second models: no control has one of them. The first six are preferred.
const OF_NAMES: [usize; 12] = [0, 16, 10, 7, 19, 17, 14, 20, 18, 11, 8, 15];
/// How many are preferred: what looks least like a control's.
const PREFERRED: usize = 6;

/// The colours of all arms of a project: each teacher, and each second model,
/// has one of its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArmHues(BTreeMap<Arm, Hue>);

impl ArmHues {
    /// Gives each arm with a name of its own a colour. Which one follows from
    /// the name; where another arm has that already, the next that is free. So
    /// arms that come later move no colour, if they come last in the list.
    pub fn of<'a>(arms: impl IntoIterator<Item = &'a Arm>) -> Self {
        let mut given = BTreeMap::new();
        let mut free: Vec<Option<usize>> = OF_NAMES.map(Some).to_vec();
        let mut further = 0;
        for arm in arms {
            let Some(wanted) = preferred(arm).filter(|_| !given.contains_key(arm)) else {
                continue;
            };
            let mut places = (wanted..PREFERRED)
                .chain(0..wanted)
                .chain(PREFERRED..free.len());
            let hue = match places.find_map(|place| free[place].take()) {
                Some(index) => Hue::Palette(index),
                None => {
                    further += 1;
                    Hue::Further(further - 1)
                }
            };
            given.insert(arm.clone(), hue);
        }
        Self(given)
    }

    /// The colour of an arm.
    pub fn hue(&self, arm: &Arm) -> Hue {
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
            Arm::Lesson(_) | Arm::Lessons(_) | Arm::Other(_) => {
                let unknown = || Hue::Palette(OF_NAMES[preferred(arm).unwrap_or(0)]);
                self.0.get(arm).copied().unwrap_or_else(unknown)
            }
        }
    }
}

/// The place in [`OF_NAMES`] that an arm with a name of its own would have.
fn preferred(arm: &Arm) -> Option<usize> {
    let (Arm::Lesson(RecordId(name)) | Arm::Lessons(name) | Arm::Other(name)) = arm else {
        return None;
    };
    let sum = name.bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(byte))
    });
    Some(sum % PREFERRED)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::drawing::colours::{ON_DARK, ON_LIGHT};

    /// Forty teachers and two second models, two of them called as teachers.
    fn named() -> Vec<Arm> {
        let teachers = (0..40).map(|number| Arm::Lessons(format!("teacher {number}")));
        let others = ["teacher 0", "teacher 1"].map(|name| Arm::Other(name.into()));
        teachers.chain(others).collect()
    }

    #[test]
    fn no_arm_looks_like_another() {
        let mut arms = vec![Arm::Reference, Arm::AllLessons, Arm::LessonsAndLabels];
        arms.extend(Arm::CONTROLS);
        arms.extend([
            Arm::LlmLabels,
            Arm::SamplesWithoutHypotheses,
            Arm::ExtrapolationWithoutClusters,
        ]);
        arms.extend(named());
        let hues = ArmHues::of(&arms);
        for colours in [ON_DARK, ON_LIGHT] {
            let all: BTreeSet<_> = arms.iter().map(|arm| colours.hue(hues.hue(arm))).collect();
            assert_eq!(all.len(), arms.len());
        }
    }

    #[test]
    fn arms_that_come_later_move_no_colour_and_one_alone_has_that_of_its_name() {
        let arms = named();
        let (few, all) = (ArmHues::of(&arms[..7]), ArmHues::of(&arms));
        assert!(arms[..7].iter().all(|arm| few.hue(arm) == all.hue(arm)));
        assert!(
            arms.iter()
                .all(|arm| { ArmHues::of([arm]).hue(arm) == ArmHues::default().hue(arm) })
        );
        let twice = ArmHues::of([&arms[0], &arms[1], &arms[0]]);
        assert_eq!(twice, ArmHues::of(&arms[..2]));
    }
}

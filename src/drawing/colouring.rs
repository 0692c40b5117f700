//! What the colours of the dots mean.

use super::Mark;
use super::colours::{Colours, Rgb};

/// One colour for each point, and the legend that explains them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Colouring {
    /// What is coloured by: “blind spot”, “true label”. A legend's toggles
    /// are remembered for as long as this stays the same.
    pub title: String,
    /// The values.
    pub values: Values,
}

/// The values that colours stand for, one for each point.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Each point belongs to a category, or to none.
    Categories {
        /// Index into `categories` for each point; [`NO_CATEGORY`] for none.
        of: Vec<u16>,
        /// The categories, in the order of the legend.
        categories: Vec<Category>,
    },
    /// Each point has a number, such as the model's confidence.
    Continuous {
        /// The numbers, one for each point; NaN where unknown.
        of: Vec<f32>,
        /// The numbers that get the first and the last colour.
        range: [f32; 2],
    },
}

/// The category of points that have none; drawn like [`Hue::Muted`].
pub const NO_CATEGORY: u16 = u16::MAX;

/// A category of points.
#[derive(Debug, Clone, PartialEq)]
pub struct Category {
    /// Its name in the legend.
    pub name: String,
    /// What it means; empty where the name says it.
    pub meaning: &'static str,
    /// Its colour.
    pub hue: Hue,
    /// The mark shown beside its name.
    pub mark: Mark,
}

/// The colour of a category, which the ground turns into a real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// The n-th colour of the palette.
    Palette(usize),
    /// The n-th of as many more as there may be, where the palette is used up.
    Further(usize),
    /// Grey: nothing special.
    Muted,
    /// As text: what everything else is held against.
    Ink,
    /// Better: a corrected error.
    Good,
    /// Half better: still wrong, but no longer with confidence.
    Caution,
    /// Worse or as bad as before.
    Bad,
}

impl Default for Values {
    fn default() -> Self {
        Values::Continuous {
            of: Vec::new(),
            range: [0.0, 1.0],
        }
    }
}

impl Category {
    /// A category of points that have a mark and are coloured by it.
    pub fn of_mark(mark: Mark) -> Self {
        Self {
            name: mark.name().to_owned(),
            meaning: mark.meaning(),
            hue: mark.hue(),
            mark,
        }
    }
}

impl Colouring {
    /// The four outcomes of a retraining as categories, with marks that tell
    /// them apart without colour: corrected, quieted, remaining, new, and
    /// whatever is none of these.
    ///
    /// `of` has one entry for each point: [`Mark::Plain`] for points that
    /// were right before and after or wrong without confidence.
    pub fn outcomes(of: &[Mark]) -> Self {
        let marks = [&Mark::OUTCOMES[..], &[Mark::Plain]].concat();
        Self::by_mark("outcome of retraining", &marks, of)
    }

    /// The unknown unknowns before a retraining, and all other points.
    pub fn before(of: &[Mark]) -> Self {
        Self::by_mark("before", &[Mark::UnknownUnknown, Mark::Plain], of)
    }

    fn by_mark(title: &str, marks: &[Mark], of: &[Mark]) -> Self {
        let category = |mark: &Mark| {
            let position = marks.iter().position(|other| other == mark);
            position.map_or(NO_CATEGORY, |position| position as u16)
        };
        Self {
            title: title.into(),
            values: Values::Categories {
                of: of.iter().map(category).collect(),
                categories: marks.iter().copied().map(Category::of_mark).collect(),
            },
        }
    }

    /// The category of a point, if it has one.
    pub fn category(&self, point: usize) -> Option<u16> {
        match &self.values {
            Values::Categories { of, .. } => {
                of.get(point).copied().filter(|&index| index != NO_CATEGORY)
            }
            Values::Continuous { .. } => None,
        }
    }

    /// Whether a point's colour says nothing special about it.
    pub fn is_muted(&self, point: usize) -> bool {
        match &self.values {
            Values::Categories { categories, .. } => self
                .category(point)
                .and_then(|index| categories.get(usize::from(index)))
                .is_none_or(|category| category.hue == Hue::Muted),
            Values::Continuous { of, .. } => of.get(point).is_none_or(|value| value.is_nan()),
        }
    }

    /// The colour of a point.
    pub fn colour(&self, point: usize, colours: &Colours) -> Rgb {
        if self.is_muted(point) {
            return colours.muted;
        }
        match &self.values {
            Values::Categories { of, categories } => {
                colours.hue(categories[usize::from(of[point])].hue)
            }
            Values::Continuous {
                of,
                range: [low, high],
            } => colours.continuous((of[point] - low) / (high - low)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::colours::ON_DARK;
    use super::*;

    #[test]
    fn points_without_category_or_value_are_muted_and_never_panic() {
        let outcomes = Colouring::outcomes(&[Mark::New, Mark::Plain, Mark::UnknownUnknown]);
        assert_eq!(outcomes.colour(0, &ON_DARK), ON_DARK.category(3));
        for point in 1..5 {
            assert_eq!(outcomes.colour(point, &ON_DARK), ON_DARK.muted);
        }
        let confidence = Colouring {
            title: "confidence".into(),
            values: Values::Continuous {
                of: vec![0.2, f32::NAN],
                range: [0.0, 1.0],
            },
        };
        assert_eq!(confidence.colour(0, &ON_DARK), ON_DARK.continuous(0.2));
        assert_eq!(confidence.colour(1, &ON_DARK), ON_DARK.muted);
        assert_eq!(confidence.colour(2, &ON_DARK), ON_DARK.muted);
    }
}

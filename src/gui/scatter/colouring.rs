//! What the colours of the dots mean.

use eframe::egui::Color32;

use super::Mark;
use crate::gui::theme::Tokens;

/// One colour for each point, and the legend that explains them.
#[derive(Debug, Clone, PartialEq)]
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
    /// Its colour.
    pub hue: Hue,
    /// The mark shown beside its name.
    pub mark: Mark,
}

/// The colour of a category, which the theme turns into a real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// The n-th colour of the palette.
    Palette(usize),
    /// Grey: nothing special.
    Muted,
    /// Better: a corrected error.
    Good,
    /// Half better: still wrong, but no longer with confidence.
    Caution,
    /// Worse or as bad as before.
    Bad,
}

impl Hue {
    /// The colour in a theme.
    pub fn colour(self, tokens: &Tokens) -> Color32 {
        match self {
            Hue::Palette(index) => tokens.category(index),
            Hue::Muted => tokens.muted_dot,
            Hue::Good => tokens.good,
            Hue::Caution => tokens.caution,
            Hue::Bad => tokens.bad,
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
        const ORDER: [(&str, Hue, Mark); 5] = [
            ("corrected", Hue::Good, Mark::Corrected),
            ("quieted", Hue::Caution, Mark::Quieted),
            ("remaining", Hue::Bad, Mark::Remaining),
            ("new", Hue::Palette(3), Mark::New),
            ("no unknown unknown", Hue::Muted, Mark::Plain),
        ];
        let of = of
            .iter()
            .map(|mark| {
                ORDER
                    .iter()
                    .position(|(_, _, other)| other == mark)
                    .map_or(NO_CATEGORY, |index| index as u16)
            })
            .collect();
        let categories = ORDER
            .map(|(name, hue, mark)| Category {
                name: name.into(),
                hue,
                mark,
            })
            .into();
        Self {
            title: "outcome of retraining".into(),
            values: Values::Categories { of, categories },
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
    pub(super) fn is_muted(&self, point: usize) -> bool {
        match &self.values {
            Values::Categories { categories, .. } => self
                .category(point)
                .and_then(|index| categories.get(usize::from(index)))
                .is_none_or(|category| category.hue == Hue::Muted),
            Values::Continuous { of, .. } => of.get(point).is_none_or(|value| value.is_nan()),
        }
    }

    /// The colour of a point.
    pub(super) fn colour(&self, point: usize, tokens: &Tokens) -> Color32 {
        if self.is_muted(point) {
            return tokens.muted_dot;
        }
        match &self.values {
            Values::Categories { of, categories } => {
                categories[usize::from(of[point])].hue.colour(tokens)
            }
            Values::Continuous {
                of,
                range: [low, high],
            } => tokens.continuous((of[point] - low) / (high - low)),
        }
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::Theme;

    use super::*;

    #[test]
    fn points_without_category_or_value_are_muted_and_never_panic() {
        let tokens = Tokens::of(Theme::Dark);
        let outcomes = Colouring::outcomes(&[Mark::New, Mark::Plain, Mark::UnknownUnknown]);
        assert_eq!(outcomes.colour(0, tokens), tokens.category(3));
        for point in 1..5 {
            assert_eq!(outcomes.colour(point, tokens), tokens.muted_dot);
        }
        let confidence = Colouring {
            title: "confidence".into(),
            values: Values::Continuous {
                of: vec![0.2, f32::NAN],
                range: [0.0, 1.0],
            },
        };
        assert_eq!(confidence.colour(0, tokens), tokens.continuous(0.2));
        assert_eq!(confidence.colour(1, tokens), tokens.muted_dot);
        assert_eq!(confidence.colour(2, tokens), tokens.muted_dot);
    }
}

//! Design tokens: every colour, size and font of the window is declared here
//! and nowhere else, but for the colours of data, which the window shares
//! with pictures in files ([`crate::drawing::colours`]).

use eframe::egui::{
    self, Color32, Context, CornerRadius, FontDefinitions, FontFamily, FontId, Stroke, TextStyle,
    Theme, Vec2, Visuals, vec2,
};

use crate::drawing::Hue;
use crate::drawing::colours::{Colours, ON_DARK, ON_LIGHT, Rgb};

/// Space inside cards and round panels, in points.
pub const PADDING: f32 = 12.0;
/// Space between related controls, in points.
pub const GAP: f32 = 8.0;
/// Corner radius of cards, buttons and tags, in points.
pub const RADIUS: u8 = 6;
/// Least height of anything that can be clicked, in points.
pub const CONTROL_HEIGHT: f32 = 26.0;
/// Size of body text, in points.
pub const BODY: f32 = 14.0;
/// Size of captions, tags and legends, in points.
pub const SMALL: f32 = 12.0;
/// Size of headings, in points.
pub const HEADING: f32 = 19.0;
/// Width of a page of text and forms at most, in points.
pub const PAGE_WIDTH: f32 = 860.0;
/// How long the camera flies from one view to another, in seconds.
pub const FLIGHT_SECONDS: f32 = 0.25;

/// The colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// Whether text is light on dark.
    pub dark: bool,
    /// Behind the map and behind text fields.
    pub canvas: Color32,
    /// Behind panels.
    pub surface: Color32,
    /// Behind cards, tags and buttons at rest.
    pub raised: Color32,
    /// Behind what the pointer is over.
    pub hovered: Color32,
    /// Thin lines between and round things.
    pub border: Color32,
    /// Text.
    pub text: Color32,
    /// Text of less weight: captions, hints.
    pub text_weak: Color32,
    /// The one next action, links, keyboard focus.
    pub accent: Color32,
    /// Text on [`Tokens::accent`].
    pub on_accent: Color32,
    /// Behind selected rows.
    pub selection: Color32,
    /// Better, done.
    pub good: Color32,
    /// Careful, stale.
    pub caution: Color32,
    /// Worse, failed.
    pub bad: Color32,
    /// Dots of the map that are not selected while others are, and categories
    /// that mean "nothing special".
    pub muted_dot: Color32,
    /// Soft shadow below tags and cards.
    pub shadow: Color32,
    /// The colours of data.
    pub data: Colours,
}

const DARK: Tokens = Tokens {
    dark: true,
    canvas: Color32::from_rgb(0x12, 0x15, 0x1b),
    surface: Color32::from_rgb(0x1a, 0x1e, 0x26),
    raised: Color32::from_rgb(0x25, 0x2b, 0x36),
    hovered: Color32::from_rgb(0x30, 0x38, 0x46),
    border: Color32::from_rgb(0x36, 0x3e, 0x4c),
    text: Color32::from_rgb(0xe8, 0xec, 0xf2),
    text_weak: Color32::from_rgb(0x9d, 0xa8, 0xb8),
    accent: Color32::from_rgb(0x6a, 0xb7, 0xff),
    on_accent: Color32::from_rgb(0x08, 0x1a, 0x2c),
    selection: Color32::from_rgb(0x1f, 0x42, 0x66),
    good: rgb(ON_DARK.good),
    caution: rgb(ON_DARK.caution),
    bad: rgb(ON_DARK.bad),
    muted_dot: rgb(ON_DARK.muted),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 110),
    data: ON_DARK,
};

const LIGHT: Tokens = Tokens {
    dark: false,
    canvas: Color32::from_rgb(0xff, 0xff, 0xff),
    surface: Color32::from_rgb(0xf5, 0xf6, 0xf8),
    raised: Color32::from_rgb(0xe9, 0xec, 0xf1),
    hovered: Color32::from_rgb(0xdd, 0xe2, 0xea),
    border: Color32::from_rgb(0xcd, 0xd4, 0xde),
    text: Color32::from_rgb(0x1b, 0x22, 0x2d),
    text_weak: Color32::from_rgb(0x5a, 0x66, 0x77),
    accent: Color32::from_rgb(0x00, 0x5f, 0xb3),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    selection: Color32::from_rgb(0xcf, 0xe5, 0xfb),
    good: rgb(ON_LIGHT.good),
    caution: rgb(ON_LIGHT.caution),
    bad: rgb(ON_LIGHT.bad),
    muted_dot: rgb(ON_LIGHT.muted),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 28),
    data: ON_LIGHT,
};

impl Tokens {
    /// The colours of a theme.
    pub fn of(theme: Theme) -> &'static Tokens {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The colour of a hue.
    pub fn hue(&self, hue: Hue) -> Color32 {
        rgb(self.data.hue(hue))
    }

    /// The colour of the category with this index.
    pub fn category(&self, index: usize) -> Color32 {
        rgb(self.data.category(index))
    }

    /// The colour of words that speak for the model's answer: orange.
    pub fn speaks_for(&self) -> Color32 {
        rgb(self.data.palette[0])
    }

    /// The colour of words that speak against it: blue, which no common
    /// colour vision takes for orange.
    pub fn speaks_against(&self) -> Color32 {
        rgb(self.data.palette[6])
    }

    /// Behind a word, by its effect from −1 (wholly against) to 1.
    pub fn word_ground(&self, effect: f32) -> Color32 {
        let colour = if effect < 0.0 {
            self.speaks_against()
        } else {
            self.speaks_for()
        };
        // More would leave the text too little contrast.
        self.canvas
            .lerp_to_gamma(colour, 0.45 * effect.abs().min(1.0))
    }

    /// The colour of a value between 0 and 1, lightness rising with it.
    pub fn continuous(&self, value: f32) -> Color32 {
        rgb(self.data.continuous(value))
    }
}

/// A colour of data on the screen.
pub const fn rgb([red, green, blue]: Rgb) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// The colours of the theme that `ctx` shows.
pub fn tokens(ctx: &Context) -> &'static Tokens {
    Tokens::of(ctx.theme())
}

/// Gives both themes of `ctx` our colours, sizes and fonts; call it once.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    if let Some(proportional) = fonts.families.get_mut(&FontFamily::Proportional) {
        // It has the arrows, which the others lack.
        proportional.push("Hack".to_owned());
    }
    ctx.set_fonts(fonts);
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_visuals_of(theme, visuals(theme));
        ctx.style_mut_of(theme, |style| {
            style.text_styles = [
                (TextStyle::Heading, HEADING),
                (TextStyle::Body, BODY),
                (TextStyle::Button, BODY),
                (TextStyle::Small, SMALL),
            ]
            .map(|(name, size)| (name, FontId::new(size, FontFamily::Proportional)))
            .into();
            style.text_styles.insert(
                TextStyle::Monospace,
                FontId::new(BODY - 1.0, FontFamily::Monospace),
            );
            style.spacing.item_spacing = Vec2::splat(GAP);
            style.spacing.button_padding = vec2(10.0, 4.0);
            style.spacing.interact_size.y = CONTROL_HEIGHT;
            style.spacing.tooltip_width = 380.0;
            style.interaction.tooltip_delay = 0.35;
        });
    }
}

fn visuals(theme: Theme) -> Visuals {
    let tokens = Tokens::of(theme);
    let mut visuals = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    visuals.panel_fill = tokens.surface;
    visuals.window_fill = tokens.surface;
    visuals.window_stroke = Stroke::new(1.0, tokens.border);
    visuals.window_corner_radius = CornerRadius::same(RADIUS + 2);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    visuals.extreme_bg_color = tokens.canvas;
    visuals.code_bg_color = tokens.raised;
    visuals.faint_bg_color = tokens
        .surface
        .lerp_to_gamma(tokens.raised, if tokens.dark { 0.4 } else { 0.55 });
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.caution;
    visuals.error_fg_color = tokens.bad;
    visuals.selection.bg_fill = tokens.selection;
    visuals.selection.stroke = Stroke::new(1.0, tokens.text);
    visuals.weak_text_color = Some(tokens.text_weak);
    style_widgets(&mut visuals.widgets, tokens);
    visuals
}

fn style_widgets(widgets: &mut egui::style::Widgets, tokens: &Tokens) {
    let states = [
        (&mut widgets.noninteractive, tokens.surface, tokens.border),
        (&mut widgets.inactive, tokens.raised, tokens.border),
        (&mut widgets.hovered, tokens.hovered, tokens.text_weak),
        (&mut widgets.active, tokens.hovered, tokens.accent),
        (&mut widgets.open, tokens.hovered, tokens.border),
    ];
    for (state, fill, outline) in states {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, outline);
        state.fg_stroke = Stroke::new(1.0, tokens.text);
        state.corner_radius = CornerRadius::same(RADIUS);
        state.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: Color32) -> f32 {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    fn contrast(one: Color32, other: Color32) -> f32 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_reads_on_every_background_and_dots_stand_out() {
        for tokens in [&DARK, &LIGHT] {
            for background in [tokens.canvas, tokens.surface, tokens.raised] {
                assert!(contrast(tokens.text, background) >= 7.0);
                assert!(contrast(tokens.text_weak, background) >= 4.5);
            }
            for status in [tokens.good, tokens.caution, tokens.bad, tokens.accent] {
                let seen = contrast(status, tokens.surface);
                assert!(seen >= 4.0, "{status:?} on a panel: {seen}");
            }
            for effect in [-1.0, 1.0] {
                let ground = tokens.word_ground(effect);
                assert!(contrast(tokens.text, ground) >= 4.5);
            }
            assert!(contrast(tokens.on_accent, tokens.accent) >= 4.5);
            for index in 0..tokens.data.palette.len() {
                let seen = contrast(tokens.category(index), tokens.canvas);
                assert!(seen >= 2.2, "category {index}: {seen}");
            }
        }
    }

    #[test]
    fn the_first_twenty_one_categories_differ() {
        for tokens in [&DARK, &LIGHT] {
            let colours: std::collections::BTreeSet<_> =
                (0..21).map(|i| tokens.category(i).to_array()).collect();
            assert_eq!(colours.len(), 21);
        }
    }
}

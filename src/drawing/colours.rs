//! The colours of data, on the screen and in files.
//!
//! Categories use the palette of Okabe and Ito (2008), made to be told apart
//! with any common colour vision; on a light ground its yellow is deepened,
//! since the original all but vanishes there. From the eighth category on the
//! hues repeat in another lightness, and names carry the rest: nothing may be
//! told apart by colour alone. Continuous values run through the anchors of
//! viridis, whose lightness rises evenly.

use super::Hue;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The colours of data on one kind of ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colours {
    /// Better, done.
    pub good: Rgb,
    /// Careful, stale.
    pub caution: Rgb,
    /// Worse, failed.
    pub bad: Rgb,
    /// Nothing special.
    pub muted: Rgb,
    /// As text.
    pub ink: Rgb,
    /// Categories.
    pub palette: [Rgb; 7],
    /// Whether the ground is dark.
    pub dark: bool,
}

/// On a dark ground.
pub const ON_DARK: Colours = Colours {
    good: [0x2f, 0xc2, 0x94],
    caution: [0xf0, 0xb4, 0x3c],
    bad: [0xff, 0x7f, 0x50],
    muted: [0x4c, 0x55, 0x64],
    ink: [0xe8, 0xec, 0xf2],
    palette: [
        [0xe6, 0x9f, 0x00], // orange
        [0x56, 0xb4, 0xe9], // sky blue
        [0x00, 0xb0, 0x82], // bluish green, a little lighter
        [0xcc, 0x79, 0xa7], // reddish purple
        [0xf0, 0xe4, 0x42], // yellow
        [0xe8, 0x6a, 0x17], // vermillion, a little lighter
        [0x52, 0x7c, 0xe0], // blue, lighter and further from sky blue
    ],
    dark: true,
};

/// On a light ground, as on paper.
pub const ON_LIGHT: Colours = Colours {
    good: [0x00, 0x7d, 0x5a],
    caution: [0xa8, 0x6b, 0x00],
    bad: [0xb8, 0x43, 0x00],
    muted: [0xc3, 0xcb, 0xd6],
    ink: [0x1b, 0x22, 0x2d],
    palette: [
        [0xd9, 0x8e, 0x00], // orange, a little deeper
        [0x3a, 0xa2, 0xde], // sky blue, a little deeper
        [0x00, 0x9e, 0x73], // bluish green
        [0xc0, 0x63, 0x97], // reddish purple, a little deeper
        [0xb9, 0xa8, 0x00], // yellow, deepened
        [0xd5, 0x5e, 0x00], // vermillion
        [0x00, 0x72, 0xb2], // blue
    ],
    dark: false,
};

const WHITE: Rgb = [0xff; 3];
const BLACK: Rgb = [0; 3];

const VIRIDIS: [Rgb; 5] = [
    [0x44, 0x01, 0x54],
    [0x3b, 0x52, 0x8b],
    [0x21, 0x91, 0x8c],
    [0x5e, 0xc9, 0x62],
    [0xfd, 0xe7, 0x25],
];

impl Colours {
    /// The colour of a hue.
    pub fn hue(&self, hue: Hue) -> Rgb {
        match hue {
            Hue::Palette(index) => self.category(index),
            Hue::Further(number) => self.further(number),
            Hue::Muted => self.muted,
            Hue::Ink => self.ink,
            Hue::Good => self.good,
            Hue::Caution => self.caution,
            Hue::Bad => self.bad,
        }
    }

    /// The colour of the category with this index (a blind spot, a label, a
    /// source). Hues repeat after seven, first lighter, then darker.
    pub fn category(&self, index: usize) -> Rgb {
        let hue = self.palette[index % self.palette.len()];
        match (index / self.palette.len()) % 3 {
            0 => hue,
            1 => between(hue, WHITE, 0.45),
            _ => between(hue, BLACK, 0.40),
        }
    }

    /// Colours without end: each turns the hue by the golden angle, which comes
    /// near to none of those before it for as long as can be.
    fn further(&self, number: usize) -> Rgb {
        const GOLDEN: f64 = 0.381_966_011_250_105;
        let turned = (0.05 + GOLDEN * number as f64).fract();
        let lightness = if self.dark { 0.72 } else { 0.38 };
        let chroma = 0.35 * (1.0 - (2.0 * lightness - 1.0_f64).abs());
        [0.0, 8.0, 4.0].map(|channel| {
            let place = (channel + 12.0 * turned) % 12.0;
            let ramp = (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
            (255.0 * (lightness - chroma * ramp))
                .round()
                .clamp(0.0, 255.0) as u8
        })
    }

    /// The colour of a value between 0 and 1, lightness rising with it.
    pub fn continuous(&self, value: f32) -> Rgb {
        // The end that would melt into the ground is left out.
        let value = if value.is_finite() {
            value.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let value = if self.dark {
            0.15 + 0.85 * value
        } else {
            0.9 * value
        };
        let at = value * (VIRIDIS.len() - 1) as f32;
        let low = (at as usize).min(VIRIDIS.len() - 2);
        between(VIRIDIS[low], VIRIDIS[low + 1], at - low as f32)
    }
}

fn between(from: Rgb, to: Rgb, share: f32) -> Rgb {
    [0, 1, 2].map(|part| {
        let (from, to) = (f32::from(from[part]), f32::from(to[part]));
        (from + (to - from) * share).round() as u8
    })
}

//! Maps and plots as SVG, for papers and slides: light colours on white, the
//! same marks as on the screen.

use std::fmt::Write as _;

use eframe::egui::{Color32, Theme};

use super::scatter::{Colouring, Hue, Mark, Values};
use super::theme::Tokens;

const MAP_SIDE: f32 = 900.0;
const MARGIN: f32 = 20.0;
const LEGEND: f32 = 190.0;
const PLOT: [f32; 2] = [640.0, 400.0];
/// Room for the axes of a plot.
const AXES: f32 = 50.0;
/// Steps of an axis.
const TICKS: usize = 5;

/// A map: what [`super::scatter`] draws of it.
pub struct MapPicture<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Position of each point.
    pub positions: &'a [[f32; 2]],
    /// Its colours.
    pub colouring: &'a Colouring,
    /// Its marks; empty if all are plain.
    pub marks: &'a [Mark],
    /// Which points are shown; empty if all are.
    pub visible: &'a [bool],
}

/// A map as SVG.
pub fn map(picture: &MapPicture<'_>) -> String {
    let tokens = Tokens::of(Theme::Light);
    let shown = |point: &usize| picture.visible.get(*point).copied().unwrap_or(true);
    let finite = |point: &usize| picture.positions[*point].iter().all(|x| x.is_finite());
    let mut points: Vec<usize> = (0..picture.positions.len())
        .filter(shown)
        .filter(finite)
        .collect();
    let mark = |point: usize| picture.marks.get(point).copied().unwrap_or_default();
    // Plain dots lie under the others.
    points.sort_by_key(|point| mark(*point) != Mark::Plain);
    let place = placing(&points, picture.positions);
    let height = MAP_SIDE + 2.0 * MARGIN;
    let mut svg = opening(height + LEGEND, height, picture.title);
    for point in points {
        let [x, y] = place(picture.positions[point]);
        let colour = colour_of(picture.colouring, point, tokens);
        dot(&mut svg, [x, y], mark(point), colour);
    }
    legend(&mut svg, picture.colouring, height, tokens);
    svg + "</svg>\n"
}

/// Fits points into the square of the map, one scale for both axes.
fn placing(points: &[usize], positions: &[[f32; 2]]) -> impl Fn([f32; 2]) -> [f32; 2] + use<> {
    let mut low = [f32::MAX; 2];
    let mut high = [f32::MIN; 2];
    for point in points.iter().map(|point| positions[*point]) {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let extent = (high[0] - low[0])
        .max(high[1] - low[1])
        .max(f32::MIN_POSITIVE);
    move |[x, y]| {
        let scale = MAP_SIDE / extent;
        [
            MARGIN + (x - low[0]) * scale,
            MARGIN + (high[1] - y) * scale,
        ]
    }
}

fn colour_of(colouring: &Colouring, point: usize, tokens: &Tokens) -> Color32 {
    match &colouring.values {
        Values::Categories { categories, .. } => {
            let category = colouring.category(point).map(usize::from);
            let hue = category.and_then(|category| categories.get(category));
            hue.map_or(Hue::Muted, |category| category.hue)
                .colour(tokens)
        }
        Values::Continuous { of, range } => {
            let value = of.get(point).copied().unwrap_or(f32::NAN);
            if value.is_nan() {
                return tokens.muted_dot;
            }
            tokens.continuous((value - range[0]) / (range[1] - range[0]).max(f32::MIN_POSITIVE))
        }
    }
}

fn dot(svg: &mut String, [x, y]: [f32; 2], mark: Mark, colour: Color32) {
    let colour = hex(colour);
    let text = match mark {
        Mark::Plain => format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="1.8" fill="{colour}"/>"#),
        Mark::UnknownUnknown | Mark::Remaining => format!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"/><circle cx="{x:.1}" cy="{y:.1}" r="5" fill="none" stroke="{colour}"/>"#
        ),
        Mark::Corrected => format!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="none" stroke="{colour}" stroke-width="1.5"/>"#
        ),
        Mark::Quieted => format!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="none" stroke="{colour}"/><path d="M{:.1} {y:.1}a4 4 0 0 1 8 0z" fill="{colour}"/>"#,
            x - 4.0
        ),
        Mark::New => format!(
            r#"<path d="M{x:.1} {:.1}l5 5l-5 5l-5 -5z" fill="{colour}"/>"#,
            y - 5.0
        ),
    };
    svg.push_str(&text);
    svg.push('\n');
}

fn legend(svg: &mut String, colouring: &Colouring, left: f32, tokens: &Tokens) {
    line(svg, [left, MARGIN + 4.0], &colouring.title, true);
    if let Values::Categories { categories, .. } = &colouring.values {
        for (number, category) in categories.iter().enumerate() {
            let y = MARGIN + 26.0 + 20.0 * number as f32;
            dot(
                svg,
                [left + 6.0, y],
                category.mark,
                category.hue.colour(tokens),
            );
            line(svg, [left + 18.0, y + 4.0], &category.name, false);
        }
    }
}

/// Curves as SVG: `axes` are the names of x and y.
pub fn plot(title: &str, axes: [&str; 2], series: &[(String, Vec<[f64; 2]>)]) -> String {
    let tokens = Tokens::of(Theme::Light);
    let all = || series.iter().flat_map(|(_, points)| points);
    let (x, y) = (bounds(all().map(|p| p[0])), bounds(all().map(|p| p[1])));
    // Counts and shares are read against zero.
    let y = [y[0].min(0.0), y[1]];
    let [width, height] = PLOT;
    let at = |point: &[f64; 2]| -> [f32; 2] {
        let share = |value: f64, [low, high]: [f64; 2]| ((value - low) / (high - low)) as f32;
        [
            AXES + share(point[0], x) * width,
            MARGIN + (1.0 - share(point[1], y)) * height,
        ]
    };
    let mut svg = opening(
        width + AXES + MARGIN + LEGEND,
        height + AXES + MARGIN,
        title,
    );
    for tick in 0..=TICKS {
        let share = tick as f64 / TICKS as f64;
        let (value_x, value_y) = (x[0] + share * (x[1] - x[0]), y[0] + share * (y[1] - y[0]));
        let ([left, bottom], [_, across]) = (at(&[value_x, y[0]]), at(&[x[0], value_y]));
        line(
            &mut svg,
            [left - 10.0, bottom + 18.0],
            &format!("{value_x:.2}"),
            false,
        );
        line(
            &mut svg,
            [6.0, across + 4.0],
            &format!("{value_y:.2}"),
            false,
        );
        rule(&mut svg, [AXES, across], [AXES + width, across]);
    }
    line(
        &mut svg,
        [AXES + width / 2.0, height + AXES + 10.0],
        axes[0],
        true,
    );
    line(&mut svg, [AXES, MARGIN - 6.0], axes[1], true);
    for (number, (name, points)) in series.iter().enumerate() {
        let colour = hex(tokens.category(number));
        let points: Vec<String> = points
            .iter()
            .map(at)
            .map(|[x, y]| format!("{x:.1},{y:.1}"))
            .collect();
        let points = points.join(" ");
        svg.push_str(&format!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n"
        ));
        let y = MARGIN + 10.0 + 20.0 * number as f32;
        let left = AXES + width + MARGIN;
        dot(
            &mut svg,
            [left, y - 4.0],
            Mark::UnknownUnknown,
            tokens.category(number),
        );
        line(&mut svg, [left + 12.0, y], name, false);
    }
    svg + "</svg>\n"
}

fn bounds(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    match low < high {
        true => [low, high],
        false if low == high => [low - 0.5, low + 0.5],
        false => [0.0, 1.0],
    }
}

fn opening(width: f32, height: f32, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        escaped(title)
    )
}

fn line(svg: &mut String, [x, y]: [f32; 2], text: &str, strong: bool) {
    let weight = if strong { " font-weight=\"bold\"" } else { "" };
    svg.push_str(&format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\"{weight}>{}</text>\n",
        escaped(text)
    ));
}

fn rule(svg: &mut String, from: [f32; 2], to: [f32; 2]) {
    svg.push_str(&format!(
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#ddd\"/>\n",
        from[0], from[1], to[0], to[1]
    ));
}

fn hex(colour: Color32) -> String {
    let mut text = String::from("#");
    for part in [colour.r(), colour.g(), colour.b()] {
        // Writing to a string cannot fail.
        let written = write!(text, "{part:02x}");
        debug_assert!(written.is_ok(), "a string takes everything");
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shown_point_is_drawn_once_inside_the_picture() {
        let positions = [[-1.0, -1.0], [1.0, 1.0], [0.0, 0.5], [f32::NAN, 0.0]];
        let marks = [Mark::New, Mark::Corrected, Mark::Plain, Mark::Plain];
        let colouring = Colouring::outcomes(&marks);
        let picture = MapPicture {
            title: "a < b",
            positions: &positions,
            colouring: &colouring,
            marks: &marks,
            visible: &[true, true, true, true],
        };
        let svg = map(&picture);
        assert!(svg.contains("<title>a &lt; b</title>"));
        assert!(svg.contains("cx=\"920.0\" cy=\"20.0\""), "top right corner");
        assert!(!svg.contains("NaN"));
        let fewer = map(&MapPicture {
            visible: &[true, false, true, true],
            ..picture
        });
        let circles = |svg: &str| svg.matches("r=\"4\"").count();
        assert_eq!(circles(&svg), circles(&fewer) + 1);
    }

    #[test]
    fn curves_stay_inside_their_axes() {
        let series = [("base".to_owned(), vec![[0.5, 80.0], [0.99, 20.0]])];
        let svg = plot("Errors", ["τ", "errors"], &series);
        assert!(svg.contains("points=\"50.0,20.0 690.0,320.0\""), "{svg}");
        assert!(svg.contains(">base</text>"));
    }
}

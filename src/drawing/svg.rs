//! Maps and plots as SVG, for reports, papers and slides: light colours on
//! white, the same marks as on the screen.

use std::collections::BTreeMap;

use super::colours::{ON_LIGHT, Rgb};
use super::{ArmHues, Category, Colouring, Mark, Values};
use crate::comparison::SliceTable;
use crate::comparison::figures::Curve;
use crate::comparison::sizes::{SizePoint, SourceCurves};

/// Side of the square that a map is drawn in.
const MAP_SIDE: f32 = 900.0;
const MARGIN: f32 = 20.0;
/// Size of the text beside a map, which is shown smaller than it is.
const MAP_TEXT: f32 = 18.0;
/// Height of a line of a legend, in sizes of its text.
const LINE: f32 = 1.6;
/// Entries from which a legend has two columns.
const TWO_COLUMNS_FROM: usize = 8;
const PLOT: [f32; 2] = [640.0, 400.0];
const PLOT_TEXT: f32 = 12.0;
/// Width of a plot's legend.
const LEGEND: f32 = 190.0;
/// Room for the axes of a plot.
const AXES: f32 = 50.0;
/// Steps of an axis.
const TICKS: usize = 5;

/// What a map shows.
pub struct MapPicture<'a> {
    /// What it shows, in words.
    pub title: &'a str,
    /// Position of each point; one that is not finite is not drawn.
    pub positions: &'a [[f32; 2]],
    /// Its colours.
    pub colouring: &'a Colouring,
    /// Its marks; empty if all are plain.
    pub marks: &'a [Mark],
    /// Which points are shown; empty if all are.
    pub visible: &'a [bool],
    /// Short names at places of the map.
    pub tags: &'a [(String, [f32; 2])],
}

/// A map as SVG.
pub fn map(picture: &MapPicture<'_>) -> String {
    let shown = |point: &usize| picture.visible.get(*point).copied().unwrap_or(true);
    let finite = |point: &usize| picture.positions[*point].iter().all(|x| x.is_finite());
    let points = (0..picture.positions.len()).filter(shown).filter(finite);
    let points: Vec<usize> = points.collect();
    let (place, height) = placing(&points, picture.positions);
    let legend = legend(picture.colouring, &points, height + 2.0 * MARGIN);
    let size = [MAP_SIDE + 2.0 * MARGIN, legend.top + legend.height];
    let mut svg = Svg::new(size, MAP_TEXT, picture.title);
    // Plain dots come first, so that the others lie on top. The points of a
    // kind are one path, which keeps a map of many thousands small.
    let mut kinds: BTreeMap<(Mark, Rgb), Vec<[f32; 2]>> = BTreeMap::new();
    for point in points {
        let mark = picture.marks.get(point).copied().unwrap_or_default();
        let colour = picture.colouring.colour(point, &ON_LIGHT);
        let places = kinds.entry((mark, colour)).or_default();
        places.push(place(picture.positions[point]));
    }
    for ((mark, colour), places) in kinds {
        svg.marks(mark, colour, &places);
    }
    for (name, at) in picture.tags {
        svg.tag(place(*at), name);
    }
    legend.draw(&mut svg, &picture.colouring.title);
    svg.end()
}

/// Fits points into the square of the map, one scale for both axes; gives the
/// height that they take.
fn placing(
    points: &[usize],
    positions: &[[f32; 2]],
) -> (impl Fn([f32; 2]) -> [f32; 2] + use<>, f32) {
    let mut low = [f32::MAX; 2];
    let mut high = [f32::MIN; 2];
    for point in points.iter().map(|point| positions[*point]) {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let [width, height] = [0, 1].map(|axis| (high[axis] - low[axis]).max(0.0));
    let scale = MAP_SIDE / width.max(height).max(f32::MIN_POSITIVE);
    // The window draws y upwards, SVG downwards.
    let place = move |[x, y]: [f32; 2]| {
        [
            MARGIN + (x - low[0]) * scale,
            MARGIN + (high[1] - y) * scale,
        ]
    };
    (place, height * scale)
}

/// The categories of a map that have points, below it.
struct MapLegend {
    entries: Vec<(Mark, Rgb, String)>,
    columns: usize,
    top: f32,
    height: f32,
}

fn legend(colouring: &Colouring, points: &[usize], top: f32) -> MapLegend {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for category in points.iter().filter_map(|point| colouring.category(*point)) {
        *counts.entry(category).or_default() += 1;
    }
    let entry = |(position, category): (usize, &Category)| {
        let count = counts.get(&u16::try_from(position).ok()?)?;
        let meaning = match category.meaning {
            "" => String::new(),
            meaning => format!(": {meaning}"),
        };
        let name = format!("{}{meaning} ({count})", category.name);
        Some((category.mark, ON_LIGHT.hue(category.hue), name))
    };
    let entries: Vec<_> = match &colouring.values {
        Values::Categories { categories, .. } => {
            categories.iter().enumerate().filter_map(entry).collect()
        }
        Values::Continuous { range, .. } => [0.0, 0.5, 1.0]
            .map(|share| {
                let value = range[0] + share * (range[1] - range[0]);
                (
                    Mark::Plain,
                    ON_LIGHT.continuous(share),
                    format!("{value:.2}"),
                )
            })
            .into(),
    };
    let columns = if entries.len() < TWO_COLUMNS_FROM {
        1
    } else {
        2
    };
    let lines = 1 + entries.len().div_ceil(columns);
    MapLegend {
        entries,
        columns,
        top,
        height: LINE * MAP_TEXT * lines as f32 + MARGIN,
    }
}

impl MapLegend {
    fn draw(&self, svg: &mut Svg, title: &str) {
        let line = LINE * MAP_TEXT;
        let y = |number: usize| self.top + line * number as f32 + MAP_TEXT;
        svg.text([MARGIN, y(0)], title, true);
        for (number, (mark, colour, name)) in self.entries.iter().enumerate() {
            let width = MAP_SIDE / self.columns as f32;
            let left = MARGIN + width * (number % self.columns) as f32;
            let y = y(1 + number / self.columns);
            svg.marks(*mark, *colour, &[[left + 6.0, y - 0.35 * MAP_TEXT]]);
            svg.text([left + 22.0, y], name, false);
        }
    }
}

/// A curve of every arm on a slice as SVG.
pub fn curve(curve: &Curve, slice: &SliceTable, scaled: bool, hues: &ArmHues) -> String {
    let series = slice.arms.iter().map(|arm| {
        let points = curve.of(&arm.curves, scaled).into_iter();
        Series {
            name: arm.arm.to_string(),
            colour: ON_LIGHT.hue(hues.hue(&arm.arm)),
            points: points.map(|point| [point.x, point.y]).collect(),
            band: Vec::new(),
        }
    });
    let title = format!("{}, {}", curve.name, slice.slice);
    plot(&title, curve.axes, &series.collect::<Vec<Series>>())
}

/// What a curve over sizes is drawn over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The number of what is added.
    Number,
    /// What that costs.
    Money,
    /// Minutes of a person.
    Minutes,
}

impl Over {
    /// Where a point lies, if that is known.
    pub fn of(self, point: &SizePoint) -> Option<f64> {
        match self {
            Over::Number => Some(point.size as f64),
            Over::Money => point.money,
            Over::Minutes => point.minutes,
        }
    }

    /// The name of the axis.
    pub fn axis(self, currency: &str) -> String {
        match self {
            Over::Number => "examples added".to_owned(),
            Over::Money => format!("price, {currency}"),
            Over::Minutes => "minutes of a person".to_owned(),
        }
    }
}

/// Every arm of a source over sizes, with bands, on the endpoint that judges;
/// nothing where no arm has two places.
pub fn sizes(source: &SourceCurves, currency: &str, over: Over, hues: &ArmHues) -> Option<String> {
    let place = source.endpoint.place();
    let series = source.arms.iter().map(|curve| {
        let points = curve.points.iter().filter_map(|point| {
            let (value, band) = point.figures.get(place)?;
            Some((over.of(point)?, *value, *band))
        });
        let points: Vec<_> = points.collect();
        Series {
            name: curve.arm.to_string(),
            colour: ON_LIGHT.hue(hues.hue(&curve.arm)),
            points: points.iter().map(|(x, y, _)| [*x, *y]).collect(),
            band: points
                .iter()
                .map(|(x, _, band)| [*x, band.lower, band.upper])
                .collect(),
        }
    });
    let series: Vec<Series> = series.collect();
    let apart = |one: &Series| one.points.windows(2).any(|pair| pair[0][0] < pair[1][0]);
    let title = format!("{}, source {}", source.endpoint, source.source);
    let axis = over.axis(currency);
    let axes = [axis.as_str(), source.endpoint.name()];
    series
        .iter()
        .any(apart)
        .then(|| plot(&title, axes, &series))
}

/// A curve with its name.
struct Series {
    name: String,
    colour: Rgb,
    points: Vec<[f64; 2]>,
    /// Lower and upper bounds at each place; empty for a curve alone.
    band: Vec<[f64; 3]>,
}

/// Curves as SVG: `axes` are the names of x and y.
fn plot(title: &str, axes: [&str; 2], series: &[Series]) -> String {
    let all = || series.iter().flat_map(|one| &one.points);
    let bands = || series.iter().flat_map(|one| &one.band);
    let heights = all()
        .map(|p| p[1])
        .chain(bands().flat_map(|b| [b[1], b[2]]));
    let (x, y) = (bounds(all().map(|p| p[0])), bounds(heights));
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
    let size = [width + AXES + MARGIN + LEGEND, height + AXES + MARGIN];
    let mut svg = Svg::new(size, PLOT_TEXT, title);
    for tick in 0..=TICKS {
        let share = tick as f64 / TICKS as f64;
        let (value_x, value_y) = (x[0] + share * (x[1] - x[0]), y[0] + share * (y[1] - y[0]));
        let ([left, bottom], [_, across]) = (at(&[value_x, y[0]]), at(&[x[0], value_y]));
        svg.text(
            [left - 10.0, bottom + 18.0],
            &format!("{value_x:.2}"),
            false,
        );
        svg.text([6.0, across + 4.0], &format!("{value_y:.2}"), false);
        svg.add(&format!(
            r##"<path d="M{AXES:.1} {across:.1}h{width:.1}" stroke="#ddd"/>"##
        ));
    }
    svg.text([AXES + width / 2.0, height + AXES + 10.0], axes[0], true);
    svg.text([AXES, MARGIN - 6.0], axes[1], true);
    for (number, one) in series.iter().enumerate() {
        let colour = one.colour;
        let lower = one.band.iter().map(|[x, lower, _]| [*x, *lower]);
        let upper = one.band.iter().rev().map(|[x, _, upper]| [*x, *upper]);
        let around: Vec<String> = lower
            .chain(upper)
            .map(|point| at(&point))
            .map(|[x, y]| format!("{x:.1},{y:.1}"))
            .collect();
        if !around.is_empty() {
            svg.add(&format!(
                r#"<polygon points="{}" fill="{}" fill-opacity="0.12"/>"#,
                around.join(" "),
                hex(colour)
            ));
        }
        let points = one.points.iter().map(at);
        let points: Vec<String> = points.map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
        svg.add(&format!(
            r#"<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>"#,
            points.join(" "),
            hex(colour)
        ));
        let y = MARGIN + 10.0 + 20.0 * number as f32;
        let left = AXES + width + MARGIN;
        svg.marks(Mark::UnknownUnknown, colour, &[[left, y - 4.0]]);
        svg.text([left + 12.0, y], &one.name, false);
    }
    svg.end()
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

/// A picture that is being written.
struct Svg(String);

impl Svg {
    fn new([width, height]: [f32; 2], text: f32, title: &str) -> Self {
        let mut svg = Self(String::new());
        svg.add(&format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="{text}" role="img">"#
        ));
        svg.add(&format!("<title>{}</title>", escaped(title)));
        svg.add(r#"<rect width="100%" height="100%" fill="white"/>"#);
        svg
    }

    fn end(mut self) -> String {
        self.add("</svg>");
        self.0
    }

    fn add(&mut self, element: &str) {
        self.0.push_str(element);
        self.0.push('\n');
    }

    fn text(&mut self, [x, y]: [f32; 2], text: &str, strong: bool) {
        let weight = if strong { r#" font-weight="bold""# } else { "" };
        let text = escaped(text);
        self.add(&format!(
            r#"<text x="{x:.1}" y="{y:.1}"{weight}>{text}</text>"#
        ));
    }

    /// A short name in the middle of a place, legible on any dots: on a
    /// broader white one, which every program that shows SVG understands.
    fn tag(&mut self, [x, y]: [f32; 2], text: &str) {
        let text = escaped(text);
        for style in [r#"stroke="white" stroke-width="6""#, r#"fill="black""#] {
            self.add(&format!(
                r#"<text x="{x:.0}" y="{y:.0}" text-anchor="middle" font-weight="bold" font-size="24" {style}>{text}</text>"#
            ));
        }
    }

    /// All points of a kind. Discs are strokes of no length with round ends:
    /// some ten bytes each.
    fn marks(&mut self, mark: Mark, colour: Rgb, places: &[[f32; 2]]) {
        let colour = hex(colour);
        let mut path = |shape: fn(f32, f32) -> String, style: &str| {
            let shapes: String = places.iter().map(|[x, y]| shape(*x, *y)).collect();
            self.add(&format!(r#"<path d="{shapes}" {style}/>"#));
        };
        let disc = |width: f32| {
            format!(r#"stroke="{colour}" stroke-width="{width}" stroke-linecap="round""#)
        };
        let line = |width: f32| format!(r#"fill="none" stroke="{colour}" stroke-width="{width}""#);
        let filled = format!(r#"fill="{colour}""#);
        let dot = |x: f32, y: f32| format!("M{x:.1} {y:.1}h0");
        match mark {
            Mark::Plain => path(dot, &disc(4.0)),
            Mark::UnknownUnknown | Mark::Remaining => {
                path(dot, &disc(6.0));
                path(|x, y| circle(x, y, 5.0), &line(1.0));
            }
            Mark::Corrected => path(|x, y| circle(x, y, 4.0), &line(1.5)),
            Mark::Quieted => {
                path(|x, y| circle(x, y, 4.0), &line(1.0));
                path(
                    |x, y| format!("M{:.1} {y:.1}a4 4 0 0 0 8 0z", x - 4.0),
                    &filled,
                );
            }
            Mark::New => path(
                |x, y| format!("M{x:.1} {:.1}l5 5l-5 5l-5 -5z", y - 5.0),
                &filled,
            ),
        }
    }
}

fn circle(x: f32, y: f32, radius: f32) -> String {
    let (left, across) = (x - radius, 2.0 * radius);
    format!(
        "M{left:.1} {y:.1}a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0 -{across} 0"
    )
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
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
            tags: &[("7".into(), [1.0, 1.0])],
        };
        let svg = map(&picture);
        assert!(svg.contains("<title>a &lt; b</title>"));
        assert!(svg.contains("M916.0 20.0a4 4"), "top right corner: {svg}");
        assert!(svg.starts_with("<svg ") && svg.contains("viewBox=\"0 0 940 "));
        assert!(svg.contains(">7</text>") && svg.contains(">corrected: right now (1)</text>"));
        assert!(
            svg.contains(">no unknown unknown (1)</text>"),
            "of two, one has no place"
        );
        assert!(!svg.contains("NaN"));
        let fewer = map(&MapPicture {
            visible: &[true, false, true, true],
            ..picture
        });
        assert!(!fewer.contains("a4 4") && !fewer.contains("corrected"));
    }

    #[test]
    fn curves_stay_inside_their_axes() {
        let series = [Series {
            name: "base".to_owned(),
            colour: ON_LIGHT.ink,
            points: vec![[0.5, 80.0], [0.99, 20.0]],
            band: Vec::new(),
        }];
        let svg = plot("Errors", ["τ", "errors"], &series);
        assert!(svg.contains("points=\"50.0,20.0 690.0,320.0\""), "{svg}");
        assert!(svg.contains(">base</text>"));
    }
}

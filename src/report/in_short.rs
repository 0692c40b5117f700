//! What the reader takes home, and one picture: each source before, after, and
//! with the best control.

use maud::{Markup, html};

use super::Told;
use crate::comparison::take_home::Standing;
use crate::comparison::{Comparison, Headline, TakeHome};
use crate::records::Role;
use crate::steps::RoundResult;
use crate::steps::prices::spent;

/// The first section: of the round that *final* was opened for, else of what
/// the last one came to on *check*.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let check = || {
        let last = told.last()?;
        Some((last, last.comparison(Role::Check)?.as_ref()))
    };
    let Some((result, comparison)) = told.sealed().or_else(check) else {
        return html! {};
    };
    let Some(found) = taken_home(told, result, comparison) else {
        return html! {};
    };
    let class = match found.standing {
        Standing::Worse | Standing::Mixed => "verdict worse",
        Standing::Better => "verdict improved",
        Standing::BetterThanBefore | Standing::Unclear => "verdict",
    };
    html! {
        section {
            h2 { "In short" }
            div class=(class) { p.lead { (found.sentence) } }
            (picture(&found))
        }
    }
}

fn taken_home<'a>(
    told: &Told<'_>,
    result: &RoundResult,
    comparison: &'a Comparison,
) -> Option<TakeHome<'a>> {
    let state = &told.state;
    let runs = &result.round.runs;
    let spent = spent(&state.manifest, &state.document, runs, comparison);
    TakeHome::new(comparison, spent.as_ref())
}

const WIDTH: f64 = 900.0;
/// Where bars begin, and how long the longest of a source is.
const LEFT: f64 = 330.0;
const LONGEST: f64 = 480.0;
const BAR: f64 = 20.0;
const LINE: f64 = 26.0;
/// Height of a source's name.
const HEAD: f64 = 30.0;
const BETWEEN: f64 = 14.0;

/// Bars for each source.
fn picture(found: &TakeHome<'_>) -> Markup {
    let mut top = 0.0;
    let mut parts = Vec::new();
    for headline in &found.headlines {
        let bars = bars(headline);
        let height = HEAD + LINE * bars.len() as f64 + BETWEEN;
        parts.push((top, headline, bars));
        top += height;
    }
    html! {
        figure {
            svg.plot viewBox=(format!("0 0 {WIDTH} {top:.0}")) role="img"
                aria-label="Before, after, and the best control, source by source" {
                @for (top, headline, bars) in &parts { (of_source(*top, headline, bars)) }
            }
            figcaption {
                "Each source before and after, and with the best of the controls. "
                @if let Some(headline) = found.headlines.first() { (headline.large().endpoint.meaning()) }
            }
        }
    }
}

/// A bar with its name.
struct Bar {
    name: String,
    value: f64,
    colour: &'static str,
}

fn bars(headline: &Headline<'_>) -> Vec<Bar> {
    let after = match headline.against_base() {
        Some(true) => "#2e7d4f",
        Some(false) => "#c0392b",
        None => "#1f6fb4",
    };
    let bar = |name: String, value, colour| Bar {
        name,
        value,
        colour,
    };
    let large = headline.large();
    let control = large
        .control
        .map(|(arm, value)| bar(large.control_called(arm), value, "#b6bec9"));
    let ours = [
        bar("before".into(), large.before, "#5b6675"),
        bar("after".into(), large.after, after),
    ];
    ours.into_iter().chain(control).collect()
}

fn of_source(top: f64, headline: &Headline<'_>, bars: &[Bar]) -> Markup {
    let longest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let large = headline.large();
    let length = |value: f64| match longest > 0.0 {
        true => value / longest * LONGEST,
        false => 0.0,
    };
    let at = |place: f64| format!("{place:.1}");
    let y = |number: usize| top + HEAD + LINE * number as f64;
    html! {
        text x="0" y=(at(top + 20.0)) font-weight="bold" {
            (headline.table.slice) ": " (large.of_what())
        }
        @for (number, bar) in bars.iter().enumerate() {
            @let middle = at(y(number) + BAR / 2.0);
            text x=(at(LEFT - 10.0)) y=(middle) text-anchor="end" dominant-baseline="middle" {
                (bar.name)
            }
            rect x=(at(LEFT)) y=(at(y(number))) width=(at(length(bar.value).max(1.0)))
                height=(at(BAR)) fill=(bar.colour) {}
            text x=(at(LEFT + length(bar.value) + 8.0)) y=(middle) dominant-baseline="middle" {
                (large.said(bar.value))
            }
        }
    }
}

//! Pictures of what is shown, as files.

use super::map_input;
use super::read::Read;
use super::shell::Widgets;
use super::view_state::{FilePurpose, Stage, ViewState};
use crate::drawing::svg::{self, MapPicture};
use crate::support::{Error, Result};

/// The drawing that a purpose is about.
///
/// # Errors
/// When what it shows is not there.
pub fn drawing(
    purpose: FilePurpose,
    read: &Read<'_>,
    view: &ViewState,
    widgets: &Widgets,
) -> Result<String> {
    let nothing = || {
        Error::input("there is nothing to draw yet")
            .hint("show the map or the comparison first, then save it")
    };
    let map = read.state.map.as_ref();
    match purpose {
        FilePurpose::Curves => widgets.compare.curves_svg(read, view),
        FilePurpose::Map if view.stage == Stage::Compare => {
            map.and_then(|map| widgets.compare.map_svg(&map.points))
        }
        FilePurpose::Map => map.map(|map| {
            let painted = map_input::Asked::of(read, view.colour_by).painted();
            svg::map(&MapPicture {
                title: &read.state.name,
                positions: &map.points,
                colouring: &painted.colouring,
                marks: &painted.marks,
                visible: &widgets.explore.visible.listed().flags,
                tags: &[],
            })
        }),
        _ => None,
    }
    .ok_or_else(nothing)
}

//! Exports of annotation tools: several people may have answered for a text,
//! or nobody, or somebody with several labels. An adapter for each tool says
//! what its rows mean; one [rule] decides what the label is.

mod argilla;
mod doccano;
mod label_studio;
mod prodigy;
mod row;
mod rule;
mod survey;
mod table;

use super::{Layout, Table};
use crate::records::DataSpec;
use crate::support::{Progress, Result};

use row::{Annotated, Cells};
use survey::Survey;
use table::Answered;

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    LabelStudio,
    LabelStudioRows,
    Doccano,
    Argilla,
    ArgillaFlat,
    Argilla1,
    Prodigy,
}

impl Tool {
    /// The tool that writes such columns.
    fn of(columns: &[String]) -> Option<Self> {
        let has = |name: &str| columns.iter().any(|column| column == name);
        if label_studio::is_json(has) {
            Some(Self::LabelStudio)
        } else if label_studio::is_rows(has) {
            Some(Self::LabelStudioRows)
        } else if prodigy::is_it(has) {
            Some(Self::Prodigy)
        } else if argilla::is_nested(has) {
            Some(Self::Argilla)
        } else if argilla::is_flat(columns) {
            Some(Self::ArgillaFlat)
        } else if argilla::is_version_1(has) {
            Some(Self::Argilla1)
        } else if doccano::is_it(has) {
            Some(Self::Doccano)
        } else {
            None
        }
    }

    /// Its name in messages.
    fn name(self) -> &'static str {
        match self {
            Self::LabelStudio | Self::LabelStudioRows => "Label Studio",
            Self::Doccano => "doccano",
            Self::Argilla | Self::ArgillaFlat | Self::Argilla1 => "Argilla",
            Self::Prodigy => "Prodigy",
        }
    }

    /// What a row says.
    fn read(self, cells: &Cells<'_>, spec: &DataSpec) -> Annotated {
        match self {
            Self::LabelStudio => label_studio::task(cells),
            Self::LabelStudioRows => label_studio::row(cells),
            Self::Doccano => doccano::task(cells),
            Self::Argilla => argilla::nested(cells),
            Self::ArgillaFlat => argilla::flat(cells),
            Self::Argilla1 => argilla::version_1(cells),
            Self::Prodigy => prodigy::task(cells, spec.rejected.as_deref()),
        }
    }
}

/// The table of texts and labels that an export stands for; any other table as
/// it is. `again` opens the same table from its first row.
///
/// # Errors
/// When the export cannot be read to its end.
pub(super) fn with(
    opened: (Box<dyn Table>, Layout),
    again: impl FnOnce() -> Result<(Box<dyn Table>, Layout)>,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let (mut first, mut layout) = opened;
    let Some(tool) = Tool::of(&layout.columns) else {
        return Ok((first, layout));
    };
    let source = std::mem::take(&mut layout.columns);
    let survey = Survey::of(first.as_mut(), tool, &source, spec, progress)?;
    drop(first);
    survey.describe(tool, spec, &mut layout);
    let (rows, _) = again()?;
    let table = Answered::new(rows, tool, source, survey, spec);
    Ok((Box::new(table), layout))
}

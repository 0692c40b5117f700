//! What a look at a project is made of: page, colours, sorting, what is chosen.

use serde::{Deserialize, Serialize};

use super::Filters;
use crate::records::{BlindSpotId, ExampleKey};

/// What the middle of the window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The data and its roles.
    Data,
    /// The map with the table of examples.
    #[default]
    Explore,
    /// Confident errors whose label looks wrong.
    Labels,
    /// A lesson on one blind spot.
    Teach,
    /// Arms, seeds, start.
    Retrain,
    /// Before against after.
    Compare,
}

/// What stands beside the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// A round, by its number.
    Round(u32),
    /// A second model, by its number.
    Second(u32),
    /// The round that came with the project.
    CameWith,
}

/// A blind spot on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpotRef {
    /// One of the snapshot in use.
    Frozen(BlindSpotId),
    /// A group of the preview.
    Group(usize),
}

/// What the dots of the map are coloured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourBy {
    /// The blind spot.
    #[default]
    BlindSpot,
    /// Right, unsure, unknown unknown.
    Outcome,
    /// The label given by the data.
    TrueLabel,
    /// The label predicted.
    PredictedLabel,
    /// The model's confidence.
    Confidence,
    /// Where the text comes from.
    Source,
}

impl ColourBy {
    /// All of them, in the order of the menu.
    pub const ALL: [ColourBy; 6] = [
        ColourBy::BlindSpot,
        ColourBy::Outcome,
        ColourBy::TrueLabel,
        ColourBy::PredictedLabel,
        ColourBy::Confidence,
        ColourBy::Source,
    ];

    /// Its name in menus and legends.
    pub fn name(self) -> &'static str {
        match self {
            ColourBy::BlindSpot => "blind spot",
            ColourBy::Outcome => "outcome",
            ColourBy::TrueLabel => "true label",
            ColourBy::PredictedLabel => "predicted label",
            ColourBy::Confidence => "confidence",
            ColourBy::Source => "source",
        }
    }
}

/// Columns of the table of examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The text.
    Text,
    /// The label given by the data, corrected by triage.
    TrueLabel,
    /// The label predicted.
    Predicted,
    /// The model's confidence.
    Confidence,
    /// Right, unsure, unknown unknown, set aside.
    Outcome,
    /// The blind spot.
    BlindSpot,
    /// The role.
    Role,
    /// The source.
    Source,
}

impl Column {
    /// All of them, left to right.
    pub const ALL: [Column; 8] = [
        Column::Text,
        Column::TrueLabel,
        Column::Predicted,
        Column::Confidence,
        Column::Outcome,
        Column::BlindSpot,
        Column::Role,
        Column::Source,
    ];

    /// Its header.
    pub fn name(self) -> &'static str {
        match self {
            Column::Text => "Text",
            Column::TrueLabel => "True",
            Column::Predicted => "Predicted",
            Column::Confidence => "Confidence",
            Column::Outcome => "Outcome",
            Column::BlindSpot => "Blind spot",
            Column::Role => "Role",
            Column::Source => "Source",
        }
    }
}

/// What the list of blind spots is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpotOrder {
    /// Number of errors.
    #[default]
    Size,
    /// UU rate of the region.
    Rate,
    /// Mean confidence.
    Confidence,
    /// True → predicted.
    Confusion,
    /// Untaught, taught, ….
    State,
}

impl SpotOrder {
    /// All of them, in the order of the menu.
    pub const ALL: [SpotOrder; 5] = [
        SpotOrder::Size,
        SpotOrder::Rate,
        SpotOrder::Confidence,
        SpotOrder::Confusion,
        SpotOrder::State,
    ];

    /// Its name in the menu.
    pub fn name(self) -> &'static str {
        match self {
            SpotOrder::Size => "size",
            SpotOrder::Rate => "region UU rate",
            SpotOrder::Confidence => "confidence",
            SpotOrder::Confusion => "confusion",
            SpotOrder::State => "state",
        }
    }
}

/// How a project is looked at, as far as that can be handed on: examples by
/// their ids, whatever row they have here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looks {
    /// What the middle shows.
    pub stage: Stage,
    /// The chosen blind spot.
    pub spot: Option<SpotRef>,
    /// The example that the inspector shows.
    pub focus: Option<ExampleKey>,
    /// What is selected, in the order of the data set.
    pub selected: Vec<ExampleKey>,
    /// What the map's dots are coloured by.
    pub colour_by: ColourBy,
    /// Which examples are shown.
    pub filters: Filters,
    /// Column that the table is sorted by, and whether it descends.
    pub sort: Option<(Column, bool)>,
    /// Order of the list of blind spots.
    pub spot_order: SpotOrder,
    /// What is compared with the base.
    pub compared: Option<Compared>,
}

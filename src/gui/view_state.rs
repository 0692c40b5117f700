//! What is looked at, and how: selection, filters, sorting, open windows.
//! Kept apart from the document, never undone, saved beside the project so
//! that reopening returns to the same view.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::palette::Palette;
use crate::comparison::verdict::why_no_verdict;
use crate::records::{AnswersFrom, BlindSpotId, Endpoints, ExampleKey, ModelUse, Round};
pub use crate::session::view::{ColourBy, Column, Compared, Filters, SpotOrder, SpotRef, Stage};
use crate::steps::State;
use crate::steps::clean::Unneeded;
use crate::steps::label_question::LabelQuestion;
use crate::steps::model_use::ModelQuestion;

/// How a project is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewState {
    /// What the middle shows.
    pub stage: Stage,
    /// The chosen blind spot.
    pub spot: Option<SpotRef>,
    /// Row of the predictions whose example the inspector shows.
    pub focus: Option<usize>,
    /// One flag for each row of the predictions.
    #[serde(skip)]
    pub selected: Vec<bool>,
    /// What the map's dots are coloured by.
    pub colour_by: ColourBy,
    /// Which examples are shown.
    pub filters: Filters,
    /// Column that the table is sorted by, and whether it descends.
    pub sort: Option<(Column, bool)>,
    /// Order of the list of blind spots.
    pub spot_order: SpotOrder,
    /// What is compared with the base; the last round if nothing is chosen.
    pub compared: Option<Compared>,
    /// Whether figures on *final* are shown rather than those on *check*.
    pub final_shown: bool,
    /// Whether the story is shown to others.
    pub presentation: bool,
    /// The page of it that is shown.
    pub page: Page,
    /// Which of the texts that fool the model that page shows.
    #[serde(skip)]
    pub fooled: usize,
    /// Only what a domain expert needs to teach.
    pub teach_mode: bool,
    /// Who judges labels here; empty if nobody said so.
    pub judge: String,
    /// Whether the shortcut sheet is open.
    #[serde(skip)]
    pub shortcuts_open: bool,
    /// The commands by name, while they are open.
    #[serde(skip)]
    pub palette: Option<Palette>,
    /// Whether the steps at the left are folded away.
    pub steps_folded: bool,
    /// Whether what is selected, at the right, is folded away.
    pub inspector_folded: bool,
    /// Name being typed for a blind spot.
    #[serde(skip)]
    pub name_draft: Option<(BlindSpotId, String)>,
    /// Where the focused row stood in the table when it was chosen or judged:
    /// it may have left since.
    #[serde(skip)]
    pub place: usize,
    /// Whether the table scrolls to the focused row in the next frame.
    #[serde(skip)]
    pub scroll_to_focus: bool,
    /// The card that was gone to on the page of a blind spot, by its row.
    #[serde(skip)]
    pub card: Option<usize>,
    /// Whether that page scrolls to the marked card in the next frame.
    #[serde(skip)]
    pub scroll_to_card: bool,
    /// Whether the marked card was in sight in the last frame.
    #[serde(skip)]
    pub card_in_sight: bool,
    /// A blind spot or selection the map flies to in the next frame.
    #[serde(skip)]
    pub fly_to: bool,
    /// Whether the search field takes the keyboard in the next frame.
    #[serde(skip)]
    pub focus_search: bool,
    /// The example whose words were asked about last, of the model of which
    /// round, and at what temperature.
    #[serde(skip)]
    pub words_asked: Option<(ExampleKey, u32, u32)>,
    /// Whether the window asks before it opens *final*.
    #[serde(skip)]
    pub confirm: Option<Confirm>,
}

/// A page of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// A text that fools the model.
    #[default]
    Fooled,
    /// Where such texts lie.
    Map,
    /// Why, in a teacher's words.
    Hypothesis,
    /// Each source before and after.
    BeforeAfter,
    /// What it comes to.
    Numbers,
}

impl Page {
    /// All of them, in their order.
    pub const ALL: [Page; 5] = [
        Page::Fooled,
        Page::Map,
        Page::Hypothesis,
        Page::BeforeAfter,
        Page::Numbers,
    ];

    /// 1 for the first.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The one after it; the last one stays.
    pub fn next(self) -> Self {
        Self::ALL.get(self.number()).copied().unwrap_or(self)
    }

    /// The one before it; the first one stays.
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }
}

/// What a file is written or read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilePurpose {
    /// The report as one HTML file.
    Report,
    /// Every table, score, lesson and a model as files in a folder.
    Export,
    /// The data set with its corrections, in a folder.
    Corrected,
    /// Blind spots for an expert on another machine.
    HandOver,
    /// The lessons of people, to be sent back.
    SaveLessons,
    /// Lessons that came back.
    MergeLessons,
    /// Lessons or samples that were written elsewhere.
    ImportLessons,
    /// What a black box says.
    ImportPredictions,
    /// A second model beside the base: its folder, or a file of its answers.
    CompareWith,
    /// The window as it is, as PNG.
    Window,
    /// The map as SVG.
    Map,
    /// The curves of the comparison as SVG.
    Curves,
    /// How the project is looked at, to be handed on.
    SaveView,
    /// How somebody elsewhere looked at the project.
    OpenView,
}

/// Something that is asked before it is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Confirm {
    /// Delete everything that the program wrote for the project.
    Reset,
    /// Remove computed files that nothing needs any more.
    Clean(Arc<Unneeded>),
    /// Write or read a file, at the path being typed.
    File {
        /// What for.
        purpose: FilePurpose,
        /// The path so far.
        path: String,
        /// What a path without a beginning belongs to: the project's folder.
        folder: PathBuf,
    },
    /// Open *final* for a round, with the reason being typed.
    OpenFinal(OpenFinal),
    /// Say what the classes of a second model, or of a black box, mean.
    ClassesAsked(ClassesAsked),
    /// Change how the model is used.
    ModelUse(ModelUseDraft),
    /// Leave while work is under way.
    Leave(Leaving),
}

/// Leaving a project while work on it is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The work, in the user's words.
    pub work: Vec<String>,
    /// Whether the window closes, rather than the project alone.
    pub window: bool,
}

/// Another use of the model that is being thought over.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelUseDraft {
    /// How it is used now, what it answers, and what a change costs.
    pub question: Arc<ModelQuestion>,
    /// What is chosen so far.
    pub chosen: ModelUse,
}

/// A model whose classes somebody has to name.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassesAsked {
    /// What its answers are read for.
    pub purpose: FilePurpose,
    /// Which model, and what is said of its classes so far.
    pub wanted: AnswersFrom,
    /// What it answers.
    pub question: Arc<LabelQuestion>,
}

/// An opening of *final* that is being thought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinal {
    /// The round.
    pub round: u32,
    /// The reason so far.
    pub reason: String,
    /// What it is to be judged by.
    pub endpoints: Endpoints,
    /// Why it can give no verdict, if so.
    pub no_verdict: Option<String>,
}

impl OpenFinal {
    /// The question for a round, with no reason yet.
    pub fn of(round: &Round, state: &State) -> Self {
        Self {
            round: round.number,
            reason: String::new(),
            endpoints: state.endpoints.clone(),
            no_verdict: why_no_verdict(&round.plan),
        }
    }
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            stage: Stage::default(),
            spot: None,
            focus: None,
            selected: Vec::new(),
            colour_by: ColourBy::default(),
            filters: Filters::default(),
            sort: Some((Column::Outcome, false)),
            spot_order: SpotOrder::default(),
            compared: None,
            final_shown: false,
            presentation: false,
            page: Page::default(),
            fooled: 0,
            teach_mode: false,
            judge: String::new(),
            shortcuts_open: false,
            palette: None,
            steps_folded: false,
            inspector_folded: false,
            name_draft: None,
            place: 0,
            scroll_to_focus: false,
            card: None,
            scroll_to_card: false,
            card_in_sight: false,
            fly_to: false,
            focus_search: false,
            words_asked: None,
            confirm: None,
        }
    }
}

impl ViewState {
    /// Begins the story at its first page, or ends it.
    pub fn present(&mut self) {
        self.presentation = !self.presentation;
        (self.page, self.fooled) = (Page::default(), 0);
    }

    /// The name that judgements are signed with, if one was typed.
    pub fn judge_name(&self) -> Option<String> {
        let name = self.judge.trim();
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// Number of selected rows.
    pub fn selected_count(&self) -> usize {
        self.selected.iter().filter(|selected| **selected).count()
    }

    /// How many filters keep something back: that for the chosen blind spot
    /// does nothing while none is chosen.
    pub fn active_filters(&self) -> usize {
        let idle = self.filters.only_spot && self.spot.is_none();
        self.filters.active() - usize::from(idle)
    }

    /// Makes one row the selection and shows it in the inspector.
    pub fn choose_row(&mut self, row: usize, rows: usize) {
        self.selected.clear();
        self.selected.resize(rows, false);
        if let Some(flag) = self.selected.get_mut(row) {
            *flag = true;
            self.focus = Some(row);
        }
    }

    /// Chooses a blind spot and selects its rows.
    pub fn choose_spot(&mut self, spot: SpotRef, members: &[usize], rows: usize) {
        self.spot = Some(spot);
        self.focus = None;
        self.name_draft = None;
        self.selected.clear();
        self.selected.resize(rows, false);
        for row in members {
            if let Some(flag) = self.selected.get_mut(*row) {
                *flag = true;
            }
        }
    }

    /// Chooses nothing.
    pub fn clear_selection(&mut self) {
        self.spot = None;
        self.focus = None;
        self.name_draft = None;
        self.selected.fill(false);
    }
}

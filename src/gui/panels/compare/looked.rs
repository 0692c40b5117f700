//! What stands beside the base: a round, the round that came with the project,
//! or a second model trained elsewhere.

use std::sync::Arc;

use crate::comparison::Comparison;
use crate::gui::read::Read;
use crate::gui::view_state::{Compared, ViewState};
use crate::inference::Predictions;
use crate::records::{ArmRun, Role};
use crate::session::{Command, JobKind};
use crate::steps::RoundResult;
use crate::steps::compare::second::SecondResult;
use crate::steps::shipped_round::ShippedRound;
use crate::steps::shown_round::ShownRound;

/// What is looked at.
#[derive(Clone, Copy)]
pub(in crate::gui::panels) enum Looked<'a> {
    /// A round of this project.
    Round(&'a RoundResult),
    /// The round that came with the project, without its models.
    CameWith(&'a ShippedRound),
    /// A second model.
    Second(&'a SecondResult),
}

impl<'a> Looked<'a> {
    /// What was chosen, else the round that is shown, else the last second
    /// model.
    pub(in crate::gui::panels) fn of(read: &Read<'a>, view: &ViewState) -> Option<Self> {
        let state = read.state;
        let round = |number| state.round(number).map(|of| Looked::Round(of));
        let second = |number| state.second_model(number).map(|of| Looked::Second(of));
        let chosen = view.compared.and_then(|chosen| match chosen {
            Compared::Round(number) => round(number),
            Compared::Second(number) => second(number),
            Compared::CameWith => state.came_with().map(Looked::CameWith),
        });
        let shown = || {
            Some(match state.shown_round()? {
                ShownRound::Own(result) => Looked::Round(result),
                ShownRound::CameWith(shipped) => Looked::CameWith(shipped),
            })
        };
        let last_second = || state.second_models.last().map(|of| Looked::Second(of));
        chosen.or_else(shown).or_else(last_second)
    }

    /// Everything that can be looked at, with its name in the menu.
    pub(super) fn all(read: &Read<'a>) -> Vec<(Compared, String)> {
        let rounds = read.state.rounds.iter().map(|of| Looked::Round(of));
        let rounds = rounds.chain(read.state.came_with().map(Looked::CameWith));
        let seconds = read.state.second_models.iter();
        let all = rounds.chain(seconds.map(|of| Looked::Second(of)));
        all.map(|looked| (looked.which(), looked.name())).collect()
    }

    pub(super) fn which(self) -> Compared {
        match self {
            Looked::Round(of) => Compared::Round(of.round.number),
            Looked::CameWith(_) => Compared::CameWith,
            Looked::Second(of) => Compared::Second(of.model.number),
        }
    }

    pub(in crate::gui::panels) fn name(self) -> String {
        match self {
            Looked::Round(of) => format!("Round {}", of.round.number),
            Looked::CameWith(_) => "The round that came with the project".to_owned(),
            Looked::Second(of) => format!("Second model {}: {}", of.model.number, of.model.name()),
        }
    }

    /// The role whose figures are shown: of a second model never *final*.
    pub(super) fn role(self, view: &ViewState) -> Role {
        match (self, view.final_shown) {
            (Looked::Round(_) | Looked::CameWith(_), true) => Role::Final,
            _ => Role::Check,
        }
    }

    pub(in crate::gui::panels) fn comparison(self, role: Role) -> Option<&'a Comparison> {
        match self {
            Looked::Round(of) => of.comparison(role).map(Arc::as_ref),
            Looked::CameWith(of) => of.result.comparison(role).map(Arc::as_ref),
            Looked::Second(of) => (role == Role::Check).then_some(&of.comparison),
        }
    }

    /// Version of the blind spots on which the figures stand.
    pub(super) fn snapshot(self) -> u32 {
        match self {
            Looked::Round(of) => of.round.snapshot,
            Looked::CameWith(of) => of.result.round.snapshot,
            Looked::Second(of) => of.model.snapshot,
        }
    }

    /// All that was trained for it.
    pub(in crate::gui::panels) fn trained(self) -> &'a [ArmRun] {
        match self {
            Looked::Round(of) => &of.round.runs,
            Looked::CameWith(of) => &of.result.round.runs,
            Looked::Second(_) => &[],
        }
    }

    /// The runs whose answers are to be had, of which the map shows one.
    pub(super) fn runs(self) -> &'a [ArmRun] {
        match self {
            Looked::CameWith(of) => of.answering().map_or(&[], std::slice::from_ref),
            Looked::Round(_) | Looked::Second(_) => self.trained(),
        }
    }

    /// The run that the map shows unless another is chosen.
    pub(super) fn usual_run(self) -> Option<&'a ArmRun> {
        match self {
            Looked::Round(of) => of.round.model(),
            Looked::CameWith(of) => of.answering(),
            Looked::Second(_) => None,
        }
    }

    /// What the model on the map says, once it was read.
    pub(super) fn answers(self, run: Option<&ArmRun>) -> Option<&'a Arc<Predictions>> {
        match self {
            Looked::Round(of) => of.answers_of(run?),
            Looked::CameWith(of) => of.result.answers_of(run?),
            Looked::Second(of) => of.answers.as_ref(),
        }
    }

    /// What reads the answers, as long as they are not there.
    pub(super) fn to_read(self) -> Option<Command> {
        match self {
            Looked::Round(of) => {
                let number = of.round.number;
                of.answers.is_empty().then_some(Command::LookAt(number))
            }
            Looked::CameWith(_) => None,
            Looked::Second(of) => {
                let number = of.model.number;
                (of.answers.is_none()).then_some(Command::LookAtSecond(number))
            }
        }
    }

    pub(super) fn is_being_read(self, read: &Read<'_>) -> bool {
        match self {
            Looked::Round(_) => read.is_busy(JobKind::LookAt),
            Looked::CameWith(_) => false,
            Looked::Second(_) => read.is_busy(JobKind::LookAtSecond),
        }
    }

    /// Why the figures may not stand for the project as it is now.
    pub(in crate::gui::panels) fn outdated(self, read: &Read<'_>) -> Option<String> {
        match self {
            Looked::Round(of) => read.state.outdated(&of.round),
            Looked::CameWith(of) => ShownRound::CameWith(of).outdated(read.state),
            Looked::Second(of) => read.state.outdated_second(of),
        }
    }
}

//! What to do next, kept beside the state that it follows from: doubted labels
//! in the background, proposals from them at every change.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::Context;

use super::following::{Following, MANY_ROWS, OfAnswers};
use crate::discovery::suspects;
use crate::records::{BlindSpotId, ExampleKey};
use crate::steps::State;
use crate::steps::next_action::{Doubted, FollowUp, NextAction, Proposal};
use crate::support::Progress;

/// Proposals, and what came of those before.
#[derive(Default)]
pub struct NextActions {
    /// Judgements do not move them.
    doubted: Following<OfAnswers, Doubted>,
    proposals: Vec<Proposal>,
    /// Of each blind spot how many labels are doubted, and of how many errors.
    labels: BTreeMap<BlindSpotId, (usize, usize)>,
    /// What was proposed before each round, and what came of it.
    pub followed_up: Vec<FollowUp>,
}

impl NextActions {
    /// Follows a change of the state.
    pub fn update(&mut self, state: &State, ctx: &Context) {
        self.follow(state, ctx);
        self.propose(state);
    }

    /// Takes in doubts that were looked for in the background.
    pub fn follow(&mut self, state: &State, ctx: &Context) {
        let Some(answers) = state.frozen_answers() else {
            self.doubted.clear();
            return;
        };
        let asked = Arc::clone(answers);
        // Silence is never cancelled.
        let make = move || {
            let found = suspects(&asked, &Progress::silent());
            Doubted::among(found.unwrap_or_default())
        };
        // Neighbours take longer than a frame, however few rows there are.
        if self
            .doubted
            .follow(OfAnswers::new(answers), MANY_ROWS, ctx, make)
        {
            self.propose(state);
        }
    }

    fn propose(&mut self, state: &State) {
        let doubted = self.doubted.value();
        self.proposals = doubted.map_or_else(Vec::new, |doubted| state.proposals(doubted));
        self.labels = doubted.map_or_else(BTreeMap::new, |doubted| state.doubted_labels(doubted));
        self.followed_up = doubted.map_or_else(Vec::new, |doubted| state.follow_ups(doubted));
    }

    /// What to do next about a blind spot.
    pub fn about(&self, spot: BlindSpotId) -> Option<&Proposal> {
        let mut proposals = self.proposals.iter();
        proposals.find(|proposal| proposal.blind_spot == spot)
    }

    /// Where the labels of a blind spot should be looked at before it is taught:
    /// how many are doubted, of how many errors.
    pub fn labels_first(&self, spot: BlindSpotId) -> Option<(usize, usize)> {
        let action = self.about(spot)?.action;
        let doubted = || self.labels.get(&spot).copied();
        (action == NextAction::Relabel).then(doubted)?
    }

    /// Labels to look at first, of all blind spots.
    pub fn all_labels_first(&self) -> usize {
        let spots = self.labels.keys();
        let doubted = spots.filter_map(|spot| self.labels_first(*spot));
        doubted.map(|(doubted, _)| doubted).sum()
    }

    /// What to do next about an error, and why.
    pub fn about_error(&self, key: &ExampleKey, state: &State) -> Option<(NextAction, String)> {
        let doubted = self.doubted.value()?;
        state.proposal_for(key, (doubted, &self.proposals))
    }
}

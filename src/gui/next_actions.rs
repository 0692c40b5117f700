//! What to do next, kept beside the state that it follows from: doubted labels
//! in the background, proposals from them at every change.

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
        self.followed_up = doubted.map_or_else(Vec::new, |doubted| state.follow_ups(doubted));
    }

    /// What to do next about a blind spot.
    pub fn about(&self, spot: BlindSpotId) -> Option<&Proposal> {
        let mut proposals = self.proposals.iter();
        proposals.find(|proposal| proposal.blind_spot == spot)
    }

    /// What to do next about an error, and why.
    pub fn about_error(&self, key: &ExampleKey, state: &State) -> Option<(NextAction, String)> {
        let doubted = self.doubted.value()?;
        state.proposal_for(key, (doubted, &self.proposals))
    }
}

//! The rules by which a next action is proposed: plain, in this order, from
//! counts that stand beside them in every face.
//!
//! 1. *nothing*: no error is left after triage.
//! 2. *relabel*: of its errors at least two, and a third, have a label that hardly
//!    any of their nearest texts has, and nobody has judged them.
//! 3. *retrain*: samples for it are accepted, and no round has trained on any.
//! 4. *collect*: fewer than six errors.
//! 5. After a round that taught it, by the errors that no teacher saw (those
//!    kept back, and those of *check* in its region):
//!    - *collect*: fewer than five were there to ask;
//!    - *nothing*: two thirds of them or more went away;
//!    - *drop*: in no such round did more go away than with nothing added, and
//!      no more of the lesson's own test samples came right;
//!    - *split*: it has two confusions, or its hypotheses hold for a part of
//!      it only;
//!    - *abstain*: fewer than a third went away;
//!    - *teach* again: else.
//! 6. Before any: *split* where it has two confusions, where its hypotheses hold
//!    for a part of it only, or where it is large and the groups are not
//!    stable; else *teach*.

use serde::{Deserialize, Serialize};

use crate::blind_spots::STABLE_FROM;
use crate::comparison::outcomes::FEWEST_ROWS;
use crate::support::text::{agreeing, many, mean_count};

/// Fewest suspect labels that are worth a look first.
const FEWEST_SUSPECTS: usize = 2;
/// Fewest errors that can show what they share.
const FEWEST_ERRORS: usize = 6;
/// Fewest errors that can tell what became of them.
const FEWEST_ASKED: f64 = 5.0;
/// Fewest errors of a second confusion that make it one of its own.
const SECOND_CONFUSION: usize = 5;
/// Divides many from few.
const THIRD: f64 = 1.0 / 3.0;

/// What could be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Look at the labels: the data may be wrong, not the model.
    Relabel,
    /// Label more texts like these.
    Collect,
    /// Write a lesson, or another one.
    Teach,
    /// Train on the lessons that there are.
    Retrain,
    /// Part it into blind spots that share more.
    Split,
    /// Leave the lesson out.
    Drop,
    /// Leave such texts to a person.
    Abstain,
    /// There is nothing to do.
    Nothing,
}

impl NextAction {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            NextAction::Relabel => "check the labels",
            NextAction::Collect => "collect",
            NextAction::Teach => "teach",
            NextAction::Retrain => "retrain",
            NextAction::Split => "split",
            NextAction::Drop => "drop the lesson",
            NextAction::Abstain => "abstain",
            NextAction::Nothing => "nothing to do",
        }
    }

    /// How it is done.
    pub fn how(self) -> &'static str {
        match self {
            NextAction::Relabel => {
                "go through the labels that look wrong (`blindspot suspects`), and judge each"
            }
            NextAction::Collect => {
                "label more texts like these, or lower τ, and freeze the blind spots anew"
            }
            NextAction::Teach => "write hypotheses and samples for it",
            NextAction::Retrain => {
                "train a round on the lessons (`blindspot retrain`) and see what became of its \
                 errors"
            }
            NextAction::Split => {
                "move errors to another blind spot by hand, or freeze with more blind spots"
            }
            NextAction::Drop => "reject its samples, so that nothing trains on them",
            NextAction::Abstain => {
                "have a person answer such texts (`blindspot abstain` finds the confidence)"
            }
            NextAction::Nothing => "go on with another blind spot",
        }
    }
}

/// What a round that taught a blind spot came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RoundFacts {
    pub(super) number: u32,
    /// Errors that no teacher saw and that were asked.
    pub(super) asked: f64,
    /// Those that the round's model gets right; a mean over seeds.
    pub(super) corrected: f64,
    /// The same after as many steps with nothing added, if that was trained.
    pub(super) with_nothing: Option<f64>,
    /// Test samples of its lessons that came right before and after.
    pub(super) tests: Option<(f64, f64)>,
}

impl RoundFacts {
    fn share(&self) -> f64 {
        self.corrected / self.asked
    }

    /// Whether it helped no more than nothing.
    fn is_idle(&self) -> bool {
        let with_nothing = self.with_nothing.unwrap_or(0.0);
        let learnt = self.tests.is_some_and(|(before, after)| after > before);
        self.corrected <= with_nothing && !learnt
    }
}

/// What is known of a blind spot.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Errors after triage and moves.
    pub(super) errors: usize,
    /// Those whose labels are doubted, and that nobody has judged.
    pub(super) suspects: usize,
    /// Samples to train on, where no round has taught it.
    pub(super) untrained: usize,
    /// Errors of its second confusion.
    pub(super) second_confusion: usize,
    /// Whether hypotheses on it were checked, some hold for a part of it, and
    /// none explains it.
    pub(super) is_partly_explained: bool,
    /// Stability of all groups, if there are several.
    pub(super) stability: Option<f32>,
    /// Rounds that taught it, in order.
    pub(super) rounds: Vec<RoundFacts>,
}

/// The action and why.
pub(super) fn decide(facts: &Facts) -> (NextAction, String) {
    let errors = many(facts.errors, "error");
    if facts.errors == 0 {
        let why = "no error is left in it after triage and moves";
        return (NextAction::Nothing, why.to_owned());
    }
    let some = facts.suspects >= FEWEST_SUSPECTS && is_third(facts.suspects, facts.errors);
    if some || facts.suspects == facts.errors {
        let why = format!(
            "{} of its {errors} {} a label that hardly any of the nearest texts has, and nobody \
             has judged them",
            facts.suspects,
            agreeing(facts.suspects, "has", "have"),
        );
        return (NextAction::Relabel, why);
    }
    if facts.untrained > 0 {
        let (samples, are) = (
            many(facts.untrained, "sample"),
            agreeing(facts.untrained, "is", "are"),
        );
        let why = format!("{samples} {are} accepted for it, and no round here has trained on them");
        return (NextAction::Retrain, why);
    }
    if facts.errors < FEWEST_ERRORS {
        let are = agreeing(facts.errors, "is", "are");
        let why = format!("{errors} {are} too few to tell what they share");
        return (NextAction::Collect, why);
    }
    match facts.rounds.last() {
        Some(last) => after_a_round(facts, last),
        None => match parts(facts).or_else(|| unstable(facts)) {
            Some(why) => (NextAction::Split, why),
            None => (
                NextAction::Teach,
                format!("{errors}, and no round has taught it"),
            ),
        },
    }
}

fn after_a_round(facts: &Facts, last: &RoundFacts) -> (NextAction, String) {
    let number = last.number;
    if last.asked < FEWEST_ASKED {
        let why = format!(
            "round {number} taught it, but only {} no teacher had seen were there to ask what \
             became of them",
            many(last.asked.round() as usize, "error")
        );
        return (NextAction::Collect, why);
    }
    let became = format!(
        "after round {number}, which taught it, {} of {} errors that no teacher saw are right",
        mean_count(last.corrected),
        mean_count(last.asked)
    );
    if last.share() >= 2.0 * THIRD {
        return (NextAction::Nothing, became);
    }
    if facts.rounds.iter().all(RoundFacts::is_idle) {
        let with_nothing = match last.with_nothing {
            Some(right) => format!(", {} with nothing added", mean_count(right)),
            None => String::new(),
        };
        let why = format!(
            "{became}{with_nothing}, and no more of the lesson's test samples: it never helped"
        );
        return (NextAction::Drop, why);
    }
    if let Some(why) = parts(facts) {
        return (NextAction::Split, format!("{became}, and {why}"));
    }
    match last.share() < THIRD {
        true => (NextAction::Abstain, format!("{became}: the others stay")),
        false => (
            NextAction::Teach,
            format!("{became}: another lesson may reach the rest"),
        ),
    }
}

/// Why it is made of parts that should be taught apart.
fn parts(facts: &Facts) -> Option<String> {
    let second = facts.second_confusion;
    if second >= SECOND_CONFUSION && is_third(second, facts.errors) {
        return Some(format!(
            "{second} of its {} are of another confusion",
            many(facts.errors, "error")
        ));
    }
    facts.is_partly_explained.then(|| {
        "its hypotheses hold for some of its errors and explain none of them all".to_owned()
    })
}

fn unstable(facts: &Facts) -> Option<String> {
    let stability = facts.stability.filter(|value| *value < STABLE_FROM)?;
    (facts.errors >= FEWEST_ROWS).then(|| {
        format!(
            "it is large, and the groups are not stable ({stability:.2} on resampled errors, \
             below {STABLE_FROM})"
        )
    })
}

fn is_third(part: usize, whole: usize) -> bool {
    3 * part >= whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untaught() -> Facts {
        Facts {
            errors: 18,
            ..Facts::default()
        }
    }

    fn taught(asked: f64, corrected: f64, with_nothing: f64) -> RoundFacts {
        RoundFacts {
            number: 2,
            asked,
            corrected,
            with_nothing: Some(with_nothing),
            tests: Some((1.0, 5.0)),
        }
    }

    fn after(rounds: Vec<RoundFacts>) -> Facts {
        Facts {
            rounds,
            ..untaught()
        }
    }

    #[test]
    fn each_rule_has_its_case_and_the_first_that_fits_counts() {
        use NextAction::{Abstain, Collect, Drop, Nothing, Relabel, Retrain, Split, Teach};
        let never_helped = RoundFacts {
            tests: Some((3.0, 3.0)),
            ..taught(12.0, 1.0, 2.0)
        };
        let cases = [
            (Facts::default(), Nothing),
            (untaught(), Teach),
            (
                Facts {
                    untrained: 28,
                    is_partly_explained: true,
                    ..untaught()
                },
                Retrain,
            ),
            (
                Facts {
                    untrained: 28,
                    suspects: 6,
                    ..untaught()
                },
                Relabel,
            ),
            (
                Facts {
                    suspects: 6,
                    ..untaught()
                },
                Relabel,
            ),
            (
                Facts {
                    suspects: 5,
                    ..untaught()
                },
                Teach,
            ),
            (
                Facts {
                    errors: 3,
                    suspects: 1,
                    ..untaught()
                },
                Collect,
            ),
            (
                Facts {
                    errors: 3,
                    suspects: 2,
                    ..untaught()
                },
                Relabel,
            ),
            (
                Facts {
                    errors: 1,
                    suspects: 1,
                    ..untaught()
                },
                Relabel,
            ),
            (
                Facts {
                    second_confusion: 6,
                    ..untaught()
                },
                Split,
            ),
            (
                Facts {
                    second_confusion: 5,
                    ..untaught()
                },
                Teach,
            ),
            (
                Facts {
                    is_partly_explained: true,
                    ..untaught()
                },
                Split,
            ),
            (
                Facts {
                    stability: Some(0.3),
                    ..untaught()
                },
                Teach,
            ),
            (
                Facts {
                    errors: 60,
                    stability: Some(0.3),
                    ..untaught()
                },
                Split,
            ),
            (after(vec![taught(4.0, 4.0, 0.0)]), Collect),
            (after(vec![taught(12.0, 9.0, 1.0)]), Nothing),
            (after(vec![taught(12.0, 6.0, 1.0)]), Teach),
            (after(vec![taught(12.0, 3.0, 1.0)]), Abstain),
            // Its test samples came right: it was learnt, and does not carry over.
            (after(vec![taught(12.0, 1.0, 2.0)]), Abstain),
            (after(vec![never_helped.clone()]), Drop),
            // It helped once.
            (
                after(vec![taught(12.0, 3.0, 1.0), never_helped.clone()]),
                Abstain,
            ),
            (
                Facts {
                    is_partly_explained: true,
                    ..after(vec![taught(12.0, 3.0, 1.0)])
                },
                Split,
            ),
        ];
        for (facts, action) in cases {
            let (decided, why) = decide(&facts);
            assert_eq!(decided, action, "{why}: {facts:?}");
            assert!(!why.is_empty() && !why.ends_with('.'), "{why}");
        }
    }
}

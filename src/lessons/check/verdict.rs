//! What the answers say of a hypothesis.
//!
//! Two shares decide: that of kept-back errors (*inside*) and that of right
//! rows of the same class (*outside*), each with its 95 % Wilson interval.
//! Kept-back errors are few (3 to 13 a blind spot), right rows many or as many
//! as one likes to ask. That makes the rule lopsided on purpose:
//!
//! - **Explains**: the share inside reaches the threshold (0.8), the *upper*
//!   bound outside lies below its threshold (0.4), and the *lower* bound
//!   inside lies above the upper bound outside. A lower bound of 0.8 inside
//!   would be out of reach: ten of ten have one of 0.72. What the bounds can
//!   hold with few errors, and what matters, is that the hypothesis tells
//!   errors from right texts. A sentence that holds for nothing in particular
//!   passes as good as never: one that is true of 40 % of all texts meets the
//!   first condition for 3 of 3 with 6 %, and then fails the second.
//! - **Too broad**: the *lower* bound outside lies above its threshold, and
//!   inside may still reach 0.8.
//! - **Too narrow**: the *upper* bound inside lies below 0.8, and the lower one
//!   above what holds outside: it is about something, but not about most.
//! - **Not supported**: the upper bound inside lies below 0.8, and nothing
//!   tells inside from outside.
//! - **Too few rows to tell**: everything else, and always below three
//!   kept-back answers.
//!
//! The nearest right rows and the errors elsewhere are shown beside and decide
//! nothing: both may share the cause without the hypothesis being wrong.

use crate::records::{CheckVerdict, Matches, Thresholds};
use crate::support::statistics::{Interval, wilson};

/// Answers on kept-back errors below which there is no verdict.
pub const FEWEST: usize = 3;
/// Confidence level of the intervals.
const LEVEL: f64 = 0.95;

/// The Wilson interval of a share.
pub fn interval(matches: Matches) -> Interval {
    wilson(matches.yes as f64, matches.of, LEVEL)
}

/// The verdict on a hypothesis that holds for so many kept-back errors and for
/// so many right rows: see the module.
pub fn verdict(inside: Matches, outside: Matches, thresholds: Thresholds) -> CheckVerdict {
    if inside.of < FEWEST {
        return CheckVerdict::TooFewRows;
    }
    let (within, beyond) = (interval(inside), interval(outside));
    let told_apart = within.lower > beyond.upper;
    let reaches = inside.share() >= thresholds.inside;
    let misses = within.upper < thresholds.inside;
    if reaches && told_apart && beyond.upper < thresholds.outside {
        CheckVerdict::Explains
    } else if beyond.lower > thresholds.outside && !misses {
        CheckVerdict::TooBroad
    } else if misses && told_apart {
        CheckVerdict::TooNarrow
    } else if misses {
        CheckVerdict::NotSupported
    } else {
        CheckVerdict::TooFewRows
    }
}

/// Why it is this verdict, in a sentence for whoever wrote the hypothesis.
/// `inside` says which errors were asked (“kept-back errors”).
pub fn reason(
    verdict: CheckVerdict,
    (inside, errors): (Matches, &str),
    outside: Matches,
    thresholds: Thresholds,
) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let (wanted, most) = (percent(thresholds.inside), percent(thresholds.outside));
    let both = format!(
        "{} of {} {errors} and {} of {} texts that the model gets right",
        inside.yes, inside.of, outside.yes, outside.of
    );
    match verdict {
        CheckVerdict::Explains => format!("it holds for {both}"),
        CheckVerdict::TooBroad => format!(
            "it holds for {both}: more than {most} of the right ones, so something else must \
             make the difference"
        ),
        CheckVerdict::TooNarrow => format!(
            "it holds for {both}: it is about some of the errors, but surely not about {wanted}"
        ),
        CheckVerdict::NotSupported => {
            format!("it holds for {both}: it does not tell the errors from the right ones")
        }
        CheckVerdict::TooFewRows if inside.of < FEWEST => format!(
            "only {} of the {errors} were answered, and {FEWEST} are needed",
            inside.of
        ),
        CheckVerdict::TooFewRows => format!(
            "it holds for {both}: too few to say whether that is {wanted} of the errors and less \
             than {most} of the right ones"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CheckVerdict::{Explains, NotSupported, TooBroad, TooFewRows, TooNarrow};

    fn of(inside: (usize, usize), outside: (usize, usize)) -> CheckVerdict {
        let matches = |(yes, of)| Matches { yes, of };
        verdict(matches(inside), matches(outside), Thresholds::default())
    }

    #[test]
    fn bounds_decide_and_few_errors_can_pass() {
        for (inside, outside, expected) in [
            ((3, 3), (5, 300), Explains),
            ((5, 5), (60, 300), Explains),
            ((4, 5), (5, 300), Explains),
            ((11, 13), (30, 300), Explains),
            // Half of the right texts too, or all of them.
            ((5, 5), (200, 300), TooBroad),
            ((13, 13), (300, 300), TooBroad),
            // Some of the errors and hardly a right text.
            ((2, 10), (3, 300), TooNarrow),
            ((4, 10), (3, 300), TooNarrow),
            // No more than right texts.
            ((0, 8), (3, 300), NotSupported),
            ((1, 10), (60, 300), NotSupported),
            ((2, 10), (200, 300), NotSupported),
            // Nobody can say.
            ((2, 2), (0, 300), TooFewRows),
            ((2, 3), (3, 300), TooFewRows),
            ((7, 10), (3, 300), TooFewRows),
            ((3, 3), (3, 8), TooFewRows),
            ((5, 5), (0, 0), TooFewRows),
            ((0, 0), (0, 0), TooFewRows),
        ] {
            assert_eq!(of(inside, outside), expected, "{inside:?} {outside:?}");
        }
    }

    #[test]
    fn a_slip_in_a_persons_quiz_is_forgiven_and_two_are_not() {
        assert_eq!(of((5, 6), (1, 12)), Explains);
        assert_eq!(of((6, 6), (1, 12)), Explains);
        assert_eq!(of((4, 6), (1, 12)), TooFewRows);
        assert_eq!(of((6, 6), (3, 12)), TooFewRows);
    }

    #[test]
    fn other_thresholds_move_the_verdict() {
        let strict = Thresholds {
            inside: 0.95,
            outside: 0.1,
        };
        let matches = |yes, of| Matches { yes, of };
        assert_eq!(verdict(matches(9, 10), matches(3, 300), strict), TooFewRows);
        assert_eq!(verdict(matches(10, 10), matches(60, 300), strict), TooBroad);
    }
}

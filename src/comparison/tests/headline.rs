//! The sentence says what the verdict says.

use super::table::{base, compare_as, lessons, model, runs};
use super::with_all_controls;
use crate::comparison::{Call, Comparison, Headline, headlines};
use crate::records::{Arm, Role};

pub(super) fn compared(role: Role, wrong: [usize; 3], labels: [usize; 3]) -> Comparison {
    let models = |wrong: [usize; 3]| wrong.map(|wrong| model(wrong, 1));
    let arms = [
        base(),
        runs(Arm::RandomDiscovery, models(labels)),
        lessons(models(wrong)),
    ];
    compare_as(role, &with_all_controls(&arms)).expect("valid input")
}

fn on_tweets(comparison: &Comparison) -> Headline<'_> {
    let all = headlines(comparison);
    let on_tweets = |headline: &Headline<'_>| headline.table.slice.to_string().ends_with("tweets");
    all.into_iter().find(on_tweets).expect("judged")
}

#[test]
fn a_gain_names_the_best_control_and_what_it_leaves() {
    let comparison = compared(Role::Final, [1, 1, 1], [18, 19, 20]);
    let headline = on_tweets(&comparison);
    assert_eq!(
        headline.verdict.call,
        Call::Improved,
        "{}",
        headline.verdict.sentence
    );
    let said = &headline.sentence;
    assert!(
        said.contains("made 19 of 20 confident errors on tweets go away"),
        "{said}"
    );
    assert!(
        said.contains("No control does as well: with the best, plain labelling, 19 are left"),
        "{said}"
    );
    assert_eq!((headline.before, headline.after), (20.0, 1.0));
}

#[test]
fn what_plain_labelling_does_as_well_is_said() {
    let comparison = compared(Role::Final, [5, 6, 7], [5, 7, 6]);
    let headline = on_tweets(&comparison);
    assert_eq!(headline.verdict.call, Call::NoEvidence);
    let said = &headline.sentence;
    assert!(said.contains("made 14 of 20"), "{said}");
    assert!(
        said.contains("Plain labelling would have done as well"),
        "{said}"
    );
}

#[test]
fn what_does_better_is_said_and_check_gives_hints_only() {
    let worse = compared(Role::Final, [18, 19, 20], [1, 1, 1]);
    let headline = on_tweets(&worse);
    assert_eq!(headline.verdict.call, Call::Worse);
    assert!(
        headline
            .sentence
            .contains("Plain labelling would do better"),
        "{}",
        headline.sentence
    );

    let check = compared(Role::Check, [1, 1, 1], [18, 19, 20]);
    let headline = on_tweets(&check);
    assert_eq!(headline.verdict.call, Call::NotJudged);
    assert!(
        headline.sentence.contains("a hint, and no verdict"),
        "{}",
        headline.sentence
    );
}

#[test]
fn what_training_on_makes_too_stands_beside_what_got_worse() {
    let models = [1, 1, 1].map(|wrong| model(wrong, 9));
    let arms = [
        runs(Arm::Base, [20, 20, 20].map(|wrong| model(wrong, 9))),
        lessons(models),
    ];
    let comparison = compare_as(Role::Final, &with_all_controls(&arms)).expect("valid input");
    let all = headlines(&comparison);
    let films = all
        .iter()
        .find(|of| of.table.slice.to_string().ends_with("films"));
    let worse = &films.expect("judged").worse;
    let accuracy = worse
        .iter()
        .find(|one| one.what.contains("answers right"))
        .expect("fell");
    assert_eq!(accuracy.by, "−2.0 points");
    assert_eq!(accuracy.with_nothing.as_deref(), Some("−2.0 points"));
    let new = worse
        .iter()
        .find(|one| one.what.contains("new errors"))
        .expect("new ones");
    assert_eq!(
        (new.by.as_str(), new.with_nothing.as_deref()),
        ("+8", Some("+8"))
    );
}

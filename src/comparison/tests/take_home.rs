//! What is taken home: as much as the figures say, what got worse first.

use super::headline::compared;
use super::table::{base, compare_as, lessons, model, runs};
use super::with_all_controls;
use crate::comparison::sizes::Price;
use crate::comparison::take_home::{Standing, TakeHome, Tone};
use crate::comparison::{Comparison, Spent};
use crate::records::{Arm, Role};

fn spent() -> Spent {
    Spent {
        examples: 128,
        price: Price {
            money: Some(0.003),
            minutes: Some(0.25),
            from: "usual price".into(),
        },
        currency: "USD".into(),
    }
}

fn home(comparison: &Comparison) -> TakeHome<'_> {
    TakeHome::new(comparison, Some(&spent())).expect("judged")
}

fn check(found: &TakeHome<'_>, standing: Standing, parts: &[&str]) {
    let said = &found.sentence;
    assert_eq!(found.standing, standing, "{said}");
    let mut from = 0;
    for part in parts {
        let at = said[from..].find(part);
        let at = at.unwrap_or_else(|| panic!("no “{part}” after byte {from}: {said}"));
        from += at + part.len();
    }
}

#[test]
fn what_got_better_is_said_with_its_price_and_the_verdict() {
    let comparison = compared(Role::Final, [1, 1, 1], [18, 19, 20]);
    let found = home(&comparison);
    check(
        &found,
        Standing::Better,
        &[
            "Retraining with the lessons by expert made 19 of 20 confident errors on tweets go away.",
            "No clear change on films (1 confident error before, 1 after).",
            "Nothing got clearly worse than it was.",
            "It took 128 samples: 0.38 USD and 32 minutes of a person (usual price).",
            "Verdict on final: no control does as well on tweets",
            "no evidence that it beats the best control on films",
        ],
    );
    let [gone, price, known] = &found.numbers[..] else {
        panic!("three numbers: {:?}", found.numbers);
    };
    assert_eq!((gone.number.as_str(), gone.tone), ("19 of 20", Tone::Good));
    assert!(gone.beside.contains("least on films"), "{}", gone.beside);
    assert_eq!((price.number.as_str(), price.tone), ("128", Tone::Plain));
    assert!(known.number.ends_with("points") && known.beside.contains("95 %"));
}

#[test]
fn without_evidence_that_is_said() {
    let comparison = compared(Role::Final, [5, 6, 7], [5, 7, 6]);
    check(
        &home(&comparison),
        Standing::BetterThanBefore,
        &[
            "made 14 of 20 confident errors on tweets go away.",
            "Verdict on final: there is no evidence that it beats the best control",
            "on tweets (plain labelling: 6 left)",
        ],
    );
    let nothing = compared(Role::Final, [19, 20, 21], [20, 20, 20]);
    let found = home(&nothing);
    check(
        &found,
        Standing::Unclear,
        &[
            "changed nothing that could be shown: ",
            "on tweets (20 confident errors before",
        ],
    );
    assert!(
        !found.sentence.contains("Nothing got"),
        "{}",
        found.sentence
    );
    assert_eq!(found.numbers[0].tone, Tone::Plain);
}

#[test]
fn what_got_worse_comes_first() {
    let comparison = compared(Role::Final, [34, 35, 36], [18, 19, 20]);
    let found = home(&comparison);
    check(
        &found,
        Standing::Worse,
        &[
            "Retraining with the lessons by expert made more confident errors: 15 more on tweets, \
             where there were 20.",
            "It took 128 samples",
            "Verdict on final: the best control does better",
        ],
    );
    assert!(!found.sentence.contains("go away"), "{}", found.sentence);

    let beaten = compared(Role::Final, [18, 20, 22], [1, 1, 1]);
    check(
        &home(&beaten),
        Standing::Worse,
        &[
            "changed nothing that could be shown",
            "the best control does better on tweets (plain labelling: 1 left)",
        ],
    );
}

#[test]
fn a_gain_that_cost_elsewhere_begins_with_what_it_cost() {
    let harmful = [60, 60, 60].map(|films| model(1, films));
    let arms = with_all_controls(&[base(), lessons(harmful)]);
    let comparison = compare_as(Role::Final, &arms).expect("valid input");
    let found = home(&comparison);
    check(
        &found,
        Standing::Mixed,
        &[
            "made more confident errors: 40 more on films, where there were 1.",
            "Fewer of all answers are right: ",
            "points on films",
            "made 19 of 20 confident errors on tweets go away.",
        ],
    );
    assert!(
        !found.sentence.contains("Nothing got"),
        "{}",
        found.sentence
    );
}

#[test]
fn all_lessons_together_are_taken_home_whatever_else_is_better() {
    let better = [1, 1, 1].map(|wrong| model(wrong, 1));
    let harmful = [60, 60, 60].map(|films| model(1, films));
    let arms = [base(), lessons(better), runs(Arm::AllLessons, harmful)];
    let comparison = compare_as(Role::Final, &with_all_controls(&arms)).expect("valid input");
    let found = home(&comparison);
    assert_eq!(found.arm, &Arm::AllLessons);
    assert_eq!(found.standing, Standing::Mixed);
}

#[test]
fn figures_on_check_are_no_verdict_and_an_unknown_price_is_not_free() {
    let comparison = compared(Role::Check, [1, 1, 1], [18, 19, 20]);
    let unpriced = Spent {
        price: Price::default(),
        ..spent()
    };
    let found = TakeHome::new(&comparison, Some(&unpriced)).expect("claims");
    check(
        &found,
        Standing::BetterThanBefore,
        &[
            "It took 128 samples, whose price nobody wrote down.",
            "On check, which is for choosing and gives no verdict: no control does as well on tweets",
        ],
    );
    let alone = [lessons([1, 1, 1].map(|wrong| model(wrong, 1)))];
    let comparison = compare_as(Role::Final, &alone).expect("valid input");
    let said = TakeHome::new(&comparison, None).expect("claims").sentence;
    assert!(
        said.contains("No control was trained") && !said.contains("It took"),
        "{said}"
    );
}

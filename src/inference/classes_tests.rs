//! What a model answers when some classes of its head are taken, in another
//! order.

use super::{classify, softmax};
use crate::model::fixture::tiny_model;
use crate::model::{Classifier, Precision, TokenizedText};
use crate::support::Progress;

#[test]
fn classes_keep_their_logits_in_another_order_and_without_some() {
    let dir = tempfile::tempdir().expect("temporary folder");
    tiny_model(dir.path()).expect("writes");
    let two = Classifier::load(dir.path()).expect("loads");
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let text: Vec<TokenizedText> = ["a good film", "the worst story of the year"]
        .map(|text| two.tokenizer().encode(text, None, 64).expect("encodes"))
        .into();
    let logits = |model: &Classifier| {
        let said = classify(model, &text, &Progress::silent()).expect("scores");
        said.logits
    };
    let each = |classes: &[usize]| classes.iter().map(|class| vec![*class]).collect::<Vec<_>>();
    let before = logits(&two);
    let turned = two.with_classes(&each(&[1, 0]), &names(&["x", "y"]));
    assert_eq!(turned.labels(), names(&["x", "y"]));
    for (old, new) in before.chunks(2).zip(logits(&turned).chunks(2)) {
        assert_eq!([old[1], old[0]], new, "the rows have changed places");
    }
    let back = turned.with_classes(&each(&[1, 0]), two.labels());
    assert_eq!(back.fingerprint(), two.fingerprint());
    let three = two.with_classes(&each(&[0, 1, 0]), &names(&["a", "b", "c"]));
    let without = three.with_classes(&each(&[2, 1]), two.labels());
    assert_eq!(logits(&without), before);
}

#[test]
fn classes_of_one_label_are_added_up() {
    let dir = tempfile::tempdir().expect("temporary folder");
    tiny_model(dir.path()).expect("writes");
    let two = Classifier::load(dir.path()).expect("loads");
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    // Rows that differ, so that a sum of others would show.
    let all = names(&["joy", "anger", "love", "fear"]);
    let four = two.clone().with_new_head(&all, 7);
    let labels = names(&["positive", "negative"]);
    let added = four.with_classes(&[vec![0, 2], vec![1]], &labels);
    assert_eq!(added.labels(), labels);
    let text = four.tokenizer().encode("a good film", None, 64);
    let text = [text.expect("encodes")];
    let probabilities = |model: &Classifier| {
        let said = classify(model, &text, &Progress::silent()).expect("scores");
        softmax(&said.logits, 1.0)
    };
    let (before, after) = (probabilities(&four), probabilities(&added));
    // “fear” is left out: the others share what it had.
    let rest = 1.0 - before[3];
    for (label, wanted) in [(before[0] + before[2]) / rest, before[1] / rest]
        .into_iter()
        .enumerate()
    {
        assert!((after[label] - wanted).abs() < 1e-6, "{after:?} {before:?}");
    }
    assert_ne!(added.fingerprint(), four.fingerprint());

    // It is written with its own classes, and comes back with them.
    let out = tempfile::tempdir().expect("temporary folder");
    added.save(out.path(), Precision::F32).expect("saves");
    let back = Classifier::load(out.path()).expect("loads");
    assert_eq!(back.labels(), names(&["joy", "love", "anger"]));
    let again = back.with_classes(&[vec![0, 1], vec![2]], &labels);
    assert_eq!(probabilities(&again), after);
}

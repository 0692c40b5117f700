//! What a model answers when some classes of its head are taken, in another
//! order.

use super::classify;
use crate::model::fixture::tiny_model;
use crate::model::{Classifier, TokenizedText};
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
    let before = logits(&two);
    let turned = two.with_classes(&[1, 0], &names(&["x", "y"]));
    assert_eq!(turned.labels(), names(&["x", "y"]));
    for (old, new) in before.chunks(2).zip(logits(&turned).chunks(2)) {
        assert_eq!([old[1], old[0]], new, "the rows have changed places");
    }
    let back = turned.with_classes(&[1, 0], two.labels());
    assert_eq!(back.fingerprint(), two.fingerprint());
    let three = two.with_classes(&[0, 1, 0], &names(&["a", "b", "c"]));
    let without = three.with_classes(&[2, 1], two.labels());
    assert_eq!(logits(&without), before);
}

//! Taking some classes of a head, under other names and in another order.

use super::Classifier;

impl Classifier {
    /// The same model with the classes `classes` of its head, in that order,
    /// under the names `labels`. Logits of the classes kept stay what they
    /// are; what the others had of the probability is shared out among them.
    #[must_use]
    pub fn with_classes(&self, classes: &[usize], labels: &[String]) -> Self {
        let mut model = self.clone().with_new_head(labels, 0);
        // What `with_new_head` made of the rows of the classifier is written
        // over: names alone do not say which class is which.
        for (to, from) in model
            .layout()
            .tensors()
            .to_vec()
            .iter()
            .zip(self.layout().tensors())
        {
            if !to.by_class {
                continue;
            }
            let old = self.values(&from.place);
            let width = (old.len() / self.labels().len().max(1)).max(1);
            let rows = model.values_mut(&to.place).chunks_exact_mut(width);
            for (row, class) in rows.zip(classes) {
                if let Some(kept) = old.chunks_exact(width).nth(*class) {
                    row.copy_from_slice(kept);
                }
            }
        }
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::classify;
    use crate::model::TokenizedText;
    use crate::model::fixture::tiny_model;
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
}

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

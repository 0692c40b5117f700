//! Taking some classes of a head, under other names, in another order, or
//! several of them together.

use super::Classifier;
use super::config::GroupedClass;

impl Classifier {
    /// The same model with the classes of each label, under the names `labels`.
    /// Logits of the classes kept stay what they are; what the others had of
    /// the probability is shared out among them. Several classes of one label
    /// stay in the head, and their probabilities are added up.
    #[must_use]
    pub fn with_classes(&self, classes: &[Vec<usize>], labels: &[String]) -> Self {
        let of_labels = classes.iter().enumerate();
        let kept: Vec<(usize, usize)> = of_labels
            .flat_map(|(label, of)| of.iter().map(move |class| (*class, label)))
            .collect();
        let is_grouped = kept.len() > labels.len();
        let grouped = kept.iter().filter(|_| is_grouped);
        let grouped = grouped.map(|(class, label)| GroupedClass {
            name: self.labels().get(*class).cloned().unwrap_or_default(),
            label: *label,
        });
        let mut model = self.clone().with_head_of(labels, grouped.collect(), 0);
        // What was made of the rows of the classifier is written over: names
        // alone do not say which class is which.
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
            let width = (old.len() / self.config().classes().max(1)).max(1);
            let rows = model.values_mut(&to.place).chunks_exact_mut(width);
            for (row, (class, _)) in rows.zip(&kept) {
                if let Some(of_class) = old.chunks_exact(width).nth(*class) {
                    row.copy_from_slice(of_class);
                }
            }
        }
        model
    }
}

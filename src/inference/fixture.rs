//! Small made-up data sets with predictions, for tests.

use rand::Rng as _;

use crate::dataset::{Dataset, Example, Origin};
use crate::inference::Predictions;
use crate::records::{ExampleKey, Label, Role, Text};
use crate::support::rng;

/// Collects examples with what a model says about them.
pub(crate) struct Fixture {
    dataset: Dataset,
    classes: usize,
    width: usize,
    logits: Vec<f32>,
    embeddings: Vec<f32>,
}

impl Fixture {
    pub(crate) fn new(classes: usize, width: usize) -> Self {
        Self {
            dataset: Dataset {
                labels: (0..classes).map(|i| format!("label{i}")).collect(),
                sources: vec!["all".to_owned()],
                files: vec!["made-up.csv".to_owned()],
                ..Dataset::default()
            },
            classes,
            width,
            logits: Vec::new(),
            embeddings: Vec::new(),
        }
    }

    /// Adds an example in a group of its own.
    pub(crate) fn add(
        &mut self,
        text: &str,
        label: Label,
        role: Role,
        logits: &[f32],
        embedding: &[f32],
    ) -> usize {
        let index = self.dataset.examples.len();
        let number = u32::try_from(index).unwrap();
        let origin = Origin {
            file: 0,
            row: number + 2,
        };
        let key = ExampleKey(format!("e{index}"));
        self.dataset.examples.push(Example::new(
            key,
            Text::single(text),
            label,
            role,
            0,
            number,
            origin,
        ));
        self.logits.extend(logits);
        self.embeddings.extend(embedding);
        index
    }

    /// Puts an example into the group of another one.
    pub(crate) fn join_group(&mut self, index: usize, other: usize) {
        self.dataset.examples[index].group = self.dataset.examples[other].group;
    }

    pub(crate) fn build(self) -> (Dataset, Predictions) {
        let predictions = Predictions::new(
            (0..self.dataset.examples.len()).collect(),
            self.classes,
            self.logits,
            self.width,
            self.embeddings,
        )
        .unwrap();
        (self.dataset, predictions)
    }
}

/// Discovery data of two classes with `groups` planted groups of `size`
/// confident errors each (0 taken for 1), whose texts hold "planted" and the
/// group's number as a word, among `correct` correctly classified examples of
/// class 0, all of which hold common words.
pub(crate) fn planted(groups: usize, size: usize, correct: usize) -> (Dataset, Predictions) {
    const WIDTH: usize = 16;
    const NUMBERS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
    let mut rng = rng::seeded(3, "planted groups");
    let mut fixture = Fixture::new(2, WIDTH);
    let mut around = |axis: Option<usize>| -> Vec<f32> {
        (0..WIDTH)
            .map(|i| rng.gen_range(-0.1..0.1) + f32::from(u8::from(Some(i) == axis)))
            .collect()
    };
    for i in 0..groups * size {
        let group = i % groups;
        let text = format!("the film was a planted {} of word{i}", NUMBERS[group]);
        fixture.add(&text, 0, Role::Discovery, &[0.0, 6.0], &around(Some(group)));
    }
    for i in 0..correct {
        let text = format!("the film was a thing of word{i}");
        let axis = (i % 3 == 0).then_some(i / 3 % groups);
        fixture.add(&text, 0, Role::Discovery, &[6.0, 0.0], &around(axis));
    }
    fixture.build()
}

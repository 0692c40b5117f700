//! What the classes of a model's own head mean, where their names do not say:
//! what the model answers on some rows, for a person to decide, and whether a
//! mapping can be right.

use std::sync::Arc;

use serde::Serialize;

use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::inference::{Predictions, classify};
use crate::model::Classifier;
use crate::model::label_names::{Open, listed};
use crate::records::{ModelBase, Role};
use crate::steps::Workspace;
use crate::steps::score;
use crate::steps::workspace::Head;
use crate::support::text::{many, shortened, times};
use crate::support::{Error, Progress, Result};

/// Rows that the model is asked about at most.
const ASKED: usize = 200;
/// Example texts of a class.
const EXAMPLES: usize = 2;
/// Characters of an example text.
const LONGEST: usize = 90;
/// Share of the rows that a swap of two labels must gain to be told.
const SWAP_GAIN: f64 = 0.05;
/// Fewest rows on which a mapping is doubted.
const FEWEST: usize = 10;

/// What a model answers, class by class, beside the labels of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelQuestion {
    /// The labels.
    pub labels: Vec<String>,
    /// The role of the rows that the model was asked about.
    pub role: Role,
    /// How many rows.
    pub rows: usize,
    /// The classes in the order of the head.
    pub classes: Vec<ClassSaid>,
}

/// One class of the head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassSaid {
    /// Its name in the model's files.
    pub name: String,
    /// What it means, as far as that is known or fits best with the rows: a
    /// label, empty for a class that is left out.
    pub meaning: Option<String>,
    /// Whether the meaning is known, and not just what fits best.
    pub is_known: bool,
    /// Rows that get it.
    pub predicted: usize,
    /// These rows by their label in the data, in the order of the labels.
    pub by_label: Vec<usize>,
    /// The first texts that get it, shortened.
    pub examples: Vec<String>,
}

impl Workspace {
    /// What has to be said about the model's classes before it can be used as
    /// it is; `None` if nothing has, as of a black box, whose classes are asked
    /// about when its answers come in.
    ///
    /// # Errors
    /// When the model cannot be read, or its classes can never be the labels.
    pub fn label_question(&self) -> Result<Option<LabelQuestion>> {
        if self.manifest.model_base(&self.folder)? == ModelBase::Predictions {
            return Ok(None);
        }
        match &self.model()?.head {
            Head::Open(open) => LabelQuestion::of(self, open).map(Some),
            Head::Fitted | Head::AsItIs(_) => Ok(None),
        }
    }
}

impl LabelQuestion {
    /// Asks the model about some rows of *validation* or, without it, of
    /// *discovery*.
    ///
    /// # Errors
    /// When the model cannot be read.
    pub(super) fn of(workspace: &Workspace, open: &Open) -> Result<Self> {
        let model = Arc::clone(&workspace.model()?.model);
        Self::about(workspace, &model, open)
    }

    /// The same about some model that is asked the project's texts.
    ///
    /// # Errors
    /// When it cannot read them.
    pub(super) fn about(workspace: &Workspace, model: &Classifier, open: &Open) -> Result<Self> {
        let (_, rows) = asked_rows(workspace);
        let silent = Progress::silent();
        let texts = score::read_by(workspace, model, &rows, &silent)?;
        let scores = classify(model, &texts, &silent)?;
        let said = score::predictions(rows, scores)?;
        Ok(Self::in_answers(workspace, (model.labels(), open), &said))
    }

    /// The same of answers that are known already, by class.
    pub(super) fn in_answers(
        workspace: &Workspace,
        (names, open): (&[String], &Open),
        said: &Predictions,
    ) -> Self {
        let dataset = &workspace.dataset;
        let labels = &dataset.labels;
        let (role, asked) = asked_rows(workspace);
        let mut classes: Vec<ClassSaid> = (names.iter().zip(&open.known))
            .map(|(name, known)| ClassSaid {
                name: name.clone(),
                meaning: known
                    .map(|label| label.map_or_else(String::new, |label| labels[label].clone())),
                is_known: known.is_some(),
                predicted: 0,
                by_label: vec![0; labels.len()],
                examples: Vec::new(),
            })
            .collect();
        let mut rows = 0;
        for example in asked {
            let Some(answer) = said.of_example(example, 1.0) else {
                continue;
            };
            rows += 1;
            let example = &dataset.examples[example];
            let Some(class) = classes.get_mut(usize::from(answer.label)) else {
                continue;
            };
            class.predicted += 1;
            if let Some(count) = class.by_label.get_mut(usize::from(example.label)) {
                *count += 1;
            }
            if let Some(text) = example.text().filter(|_| class.examples.len() < EXAMPLES) {
                class.examples.push(shortened(&text.joined(), LONGEST));
            }
        }
        propose(&mut classes, labels);
        Self {
            labels: labels.clone(),
            role,
            rows,
            classes,
        }
    }

    /// The lines for project.toml, with what fits best with the rows where
    /// nothing is known; `?` where no row tells.
    pub fn lines(&self) -> String {
        let mut lines = String::from("[model.labels]");
        for class in self.classes.iter().filter(|class| !class.is_known) {
            let meaning = class.meaning.as_deref().unwrap_or("?");
            let key = toml::Value::String(class.name.clone());
            let value = toml::Value::String(meaning.to_owned());
            lines.push_str(&format!("\n{key} = {value}"));
        }
        lines
    }

    /// How often each class is the answer, and for rows of which label.
    pub fn counts(&self) -> Vec<String> {
        self.classes
            .iter()
            .map(|class| {
                let labels = self.labels.iter().zip(&class.by_label);
                let found: Vec<String> = labels
                    .filter(|(_, count)| **count > 0)
                    .map(|(label, count)| format!("{count} labelled `{label}`"))
                    .collect();
                match found.is_empty() {
                    true => format!("`{}`: never", class.name),
                    false => format!(
                        "`{}`: {} ({})",
                        class.name,
                        times(class.predicted),
                        found.join(", ")
                    ),
                }
            })
            .collect()
    }

    /// The error of whoever cannot go on before it is answered.
    pub fn refusal(&self) -> Error {
        self.refused("the model's").hint(format!(
            "add to project.toml what each class means (\"\" leaves one out). What agrees most \
             with the labels of these rows would be the lines below; check them against what you \
             know of the model. `refit = true` under [model] fits it anew instead. In the window both \
             can be said under Data, “Change how it is used …”\n{}",
            self.lines()
        ))
    }

    /// The error of whoever cannot compare with a second model of this name
    /// before it is answered.
    pub fn refusal_of_second(&self, name: &str) -> Error {
        let open = self.classes.iter().filter(|class| !class.is_known);
        let options: Vec<String> = open
            .map(|class| {
                let meaning = class.meaning.as_deref().unwrap_or("?");
                format!("--label '{}={meaning}'", class.name)
            })
            .collect();
        self.refused(&format!("`{name}`'s")).hint(format!(
            "say what each class means (nothing after the = leaves one out). What agrees most with \
             the labels of these rows would be the options below; check them against what you \
             know of the model\n{}",
            options.join(" ")
        ))
    }

    fn refused(&self, whose: &str) -> Error {
        let names: Vec<String> = self
            .classes
            .iter()
            .map(|class| class.name.clone())
            .collect();
        Error::input(format!(
            "nobody has said what {whose} classes mean: they are called {}, the labels {}. Its \
             answers on {} of {}: {}",
            listed(&names),
            listed(&self.labels),
            many(self.rows, "row"),
            self.role,
            self.counts().join("; ")
        ))
    }
}

/// Up to [`ASKED`] rows with a role that may be looked at, spread evenly.
fn asked_rows(workspace: &Workspace) -> (Role, Vec<usize>) {
    let (role, rows) = judged_by(&workspace.dataset);
    let stride = rows.len().div_ceil(ASKED).max(1);
    (role, rows.into_iter().step_by(stride).collect())
}

/// The rows that a mapping is judged by: *validation*, else *discovery*.
fn judged_by(dataset: &Dataset) -> (Role, Vec<usize>) {
    match dataset.with_role(Role::Validation) {
        none if none.is_empty() => (Role::Discovery, dataset.with_role(Role::Discovery)),
        rows => (Role::Validation, rows),
    }
}

/// Gives the classes without a meaning those labels, one each, that agree with
/// as many rows as exchanging any two can reach; what agrees with no row stays
/// open. Classes beyond the number of labels are left out.
fn propose(classes: &mut [ClassSaid], labels: &[String]) {
    let open: Vec<usize> = (0..classes.len())
        .filter(|class| !classes[*class].is_known)
        .collect();
    let is_free = |label: &usize| {
        let mut known = classes.iter().filter_map(|class| class.meaning.as_ref());
        known.all(|meaning| *meaning != labels[*label])
    };
    let free = (0..labels.len()).filter(is_free).map(Some);
    let beyond = std::iter::repeat(None);
    let mut given: Vec<Option<usize>> = free.chain(beyond).take(open.len()).collect();
    let agree = |class: usize, label: Option<usize>| {
        label.map_or(0, |label| classes[open[class]].by_label[label])
    };
    let pairs = (0..open.len()).flat_map(|one| (0..one).map(move |other| (other, one)));
    let pairs: Vec<(usize, usize)> = pairs.collect();
    // Each exchange makes more rows agree, so this ends.
    while let Some((one, other)) = pairs.iter().copied().find(|&(one, other)| {
        agree(one, given[other]) + agree(other, given[one])
            > agree(one, given[one]) + agree(other, given[other])
    }) {
        given.swap(one, other);
    }
    let found: Vec<Option<String>> = (0..open.len())
        .map(|class| match given[class] {
            Some(label) if agree(class, given[class]) > 0 => Some(labels[label].clone()),
            Some(_) => None,
            None => Some(String::new()),
        })
        .collect();
    for (class, meaning) in open.into_iter().zip(found) {
        classes[class].meaning = meaning;
    }
}

/// Why the classes of a model that is used as it is may not mean the labels
/// that they are taken for; judged by *validation* or, without it, by
/// *discovery*.
pub fn doubt(dataset: &Dataset, said: &Predictions, truths: &Truths) -> Option<String> {
    let doubt = doubtful_mapping(dataset, said, truths)?;
    Some(format!("{doubt} (see [model.labels] in project.toml)"))
}

/// The same of any model that answers with the labels.
pub(super) fn doubtful_mapping(
    dataset: &Dataset,
    said: &Predictions,
    truths: &Truths,
) -> Option<String> {
    let (role, rows) = judged_by(dataset);
    let labels = dataset.labels.len();
    let mut table = vec![vec![0_usize; labels]; labels];
    for example in rows {
        let (Some(row), Some(truth)) = (said.row_of(example), truths.of(dataset, example)) else {
            continue;
        };
        let answer = usize::from(said.prediction(row, 1.0).label);
        if let Some(cell) = table
            .get_mut(usize::from(truth))
            .and_then(|r| r.get_mut(answer))
        {
            *cell += 1;
        }
    }
    doubtful(&table, &dataset.labels, role)
}

/// The same for a project whose rows have not been scored, from some of them.
///
/// # Errors
/// When the model cannot be read, or when cancelled.
pub(super) fn doubt_on_some_rows(
    workspace: &Workspace,
    progress: &Progress,
) -> Result<Option<String>> {
    let (_, rows) = asked_rows(workspace);
    let texts = score::texts(workspace, &rows, progress)?;
    let scores = classify(&*workspace.pretrained()?, &texts, progress)?;
    let said = score::predictions(rows, scores)?;
    Ok(doubt(&workspace.dataset, &said, &Truths::default()))
}

/// The same from the rows by label and answer.
fn doubtful(table: &[Vec<usize>], labels: &[String], role: Role) -> Option<String> {
    let rows: usize = table.iter().flatten().sum();
    let right: usize = (0..labels.len()).map(|label| table[label][label]).sum();
    if rows < FEWEST {
        return None;
    }
    let accuracy = right as f64 / rows as f64;
    let mut said = String::new();
    if accuracy < 1.0 / labels.len().max(1) as f64 {
        said = format!(
            "the model as it is is right on {right} of {} of {role}, less than chance: its \
             classes probably do not mean the labels that they are taken for",
            many(rows, "row")
        );
    }
    if let Some((gain, one, other)) = best_swap(table)
        && gain as f64 >= SWAP_GAIN * rows as f64
    {
        let swapped = format!(
            "with `{}` and `{}` exchanged it would be right on {} of {} of {role} instead of \
             {right}",
            labels[one],
            labels[other],
            right + gain,
            many(rows, "row")
        );
        said = match said.is_empty() {
            true => format!("what the model's classes mean may be wrong: {swapped}"),
            false => format!("{said}; {swapped}"),
        };
    }
    (!said.is_empty()).then_some(said)
}

/// The two labels whose exchange makes most rows right, with how many more.
fn best_swap(table: &[Vec<usize>]) -> Option<(usize, usize, usize)> {
    let pairs = (0..table.len()).flat_map(|one| (0..one).map(move |other| (other, one)));
    let gains = pairs.filter_map(|(one, other)| {
        let swapped = table[one][other] + table[other][one];
        let gain = swapped.checked_sub(table[one][one] + table[other][other])?;
        Some((gain, one, other))
    });
    gains
        .max_by_key(|(gain, ..)| *gain)
        .filter(|(gain, ..)| *gain > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_that_is_wrong_is_doubted_and_one_that_is_right_is_not() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let doubt = |table: &[&[usize]]| {
            let table: Vec<Vec<usize>> = table.iter().map(|row| row.to_vec()).collect();
            doubtful(&table, &names[..table.len()], Role::Validation)
        };
        assert_eq!(doubt(&[&[40, 10], &[12, 38]]), None);
        let swapped = doubt(&[&[3, 47], &[45, 5]]).expect("doubts");
        assert!(swapped.contains("less than chance"), "{swapped}");
        assert!(swapped.contains("`a` and `b`"), "{swapped}");
        // Right on more than chance, and two of three classes exchanged.
        let part = doubt(&[&[90, 0, 0], &[0, 4, 26], &[0, 26, 4]]).expect("doubts");
        assert!(part.contains("`b` and `c`"), "{part}");
        assert!(!part.contains("chance"), "{part}");
        assert_eq!(doubt(&[&[0, 3], &[3, 0]]), None, "too few rows");
    }

    #[test]
    fn the_lines_hold_what_agrees_most_and_leave_out_what_is_left() {
        let class = |name: &str, by_label: &[usize]| ClassSaid {
            name: name.into(),
            meaning: None,
            is_known: false,
            predicted: by_label.iter().sum(),
            by_label: by_label.to_vec(),
            examples: Vec::new(),
        };
        let labels = vec!["bad".to_owned(), "good".to_owned()];
        let lines = |mut classes: Vec<ClassSaid>| {
            propose(&mut classes, &labels);
            LabelQuestion {
                labels: labels.clone(),
                role: Role::Validation,
                rows: 0,
                classes,
            }
            .lines()
        };
        let three = vec![
            class("x", &[2, 9]),
            class("y", &[3, 2]),
            class("z", &[8, 5]),
        ];
        assert_eq!(
            lines(three),
            "[model.labels]\n\"x\" = \"good\"\n\"y\" = \"\"\n\"z\" = \"bad\""
        );
        // The commonest pair is not always part of what agrees most.
        let both = vec![class("x", &[48, 49]), class("y", &[0, 48])];
        assert_eq!(
            lines(both),
            "[model.labels]\n\"x\" = \"bad\"\n\"y\" = \"good\""
        );
        let silent = vec![class("x", &[5, 9]), class("y\"", &[0, 0])];
        assert_eq!(
            lines(silent),
            "[model.labels]\n\"x\" = \"good\"\n'y\"' = \"?\""
        );
    }
}

//! Which class of a model's head means which label of the data.
//!
//! Equal names are taken as they are; names that differ only in capitals,
//! spaces, hyphens or underscores are taken too, and said. Anything else needs
//! an explicit mapping: nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Error, Result};

/// A head that answers with the data's labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matched {
    /// The classes of each label; the probabilities of several are added up.
    pub classes: Vec<Vec<usize>>,
    /// Labels that several classes mean, with the names of these.
    pub together: Vec<(String, Vec<String>)>,
    /// Names of classes that mean no label.
    pub left_out: Vec<String>,
    /// Class and label whose names are alike but not the same.
    pub renamed: Vec<(String, String)>,
}

impl Matched {
    /// What a reader should know; nothing if every name is the same.
    pub fn said(&self) -> Option<String> {
        let mut said = Vec::new();
        if !self.renamed.is_empty() {
            let pairs = self.renamed.iter();
            let pairs: Vec<String> = pairs
                .map(|(class, label)| format!("`{class}` is `{label}`"))
                .collect();
            said.push(format!("of the model's classes, {}", pairs.join(", ")));
        }
        for (label, classes) in &self.together {
            said.push(format!(
                "{} together are `{label}`: their probabilities are added up",
                listed(classes)
            ));
        }
        if !self.left_out.is_empty() {
            let names: Vec<String> = self.left_out.iter().map(|n| format!("`{n}`")).collect();
            said.push(format!(
                "{} left out: what the model gives to it is shared out among the labels",
                names.join(", ")
            ));
        }
        (!said.is_empty()).then(|| said.join("; "))
    }
}

/// What is known when names do not say what all classes mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The label of each class, as far as it is known; `Some(None)` for a
    /// class that is left out.
    pub known: Vec<Option<Option<usize>>>,
}

/// The outcome of comparing names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// Every label has its class, every class its label or none on purpose.
    Matched(Matched),
    /// Somebody has to say what some classes mean.
    Open(Open),
}

/// Compares the names of a head's classes with the labels; `mapping` says what
/// classes mean (an empty label: nothing).
///
/// # Errors
/// When the mapping names a class or a label that there is not, when no class
/// means some label, or when the head has fewer classes than labels.
pub fn matching(
    classes: &[String],
    labels: &[String],
    mapping: &BTreeMap<String, String>,
) -> Result<Matching> {
    check(classes, labels, mapping)?;
    let known: Vec<Option<Option<usize>>> = classes
        .iter()
        .map(|class| match mapping.get(class).map(String::as_str) {
            Some("") => Some(None),
            Some(label) => labels.iter().position(|known| known == label).map(Some),
            None => by_name(class, classes, labels).map(Some),
        })
        .collect();
    let of_label = |label: usize| -> Vec<usize> {
        let meant = known.iter().enumerate();
        let meant = meant.filter(|(_, known)| **known == Some(Some(label)));
        meant.map(|(class, _)| class).collect()
    };
    let found: Vec<Vec<usize>> = (0..labels.len()).map(of_label).collect();
    let lacks = found.iter().any(Vec::is_empty);
    let all_said = known.iter().all(Option::is_some);
    Ok(match all_said {
        true if lacks => return Err(without_class(labels, &found)),
        false => Matching::Open(Open { known }),
        true => {
            let named = labels.iter().zip(&found);
            let alike =
                |label: &String, class: &String| label != class && !mapping.contains_key(class);
            let pairs = named
                .clone()
                .flat_map(|(label, of)| of.iter().map(move |class| (label, &classes[*class])));
            let renamed = pairs
                .filter(|(label, class)| alike(label, class))
                .map(|(label, class)| (class.clone(), label.clone()));
            let several = named.filter(|(_, of)| of.len() > 1);
            let together = several.map(|(label, of)| {
                let names = of.iter().map(|class| classes[*class].clone());
                (label.clone(), names.collect())
            });
            let left_out = classes.iter().zip(&known);
            Matching::Matched(Matched {
                renamed: renamed.collect(),
                together: together.collect(),
                left_out: left_out
                    .filter(|(_, known)| **known == Some(None))
                    .map(|(class, _)| class.clone())
                    .collect(),
                classes: found,
            })
        }
    })
}

/// The label of each class as far as its name says it.
pub fn known_by_name(classes: &[String], labels: &[String]) -> Vec<Option<Option<usize>>> {
    let known = classes.iter();
    known
        .map(|class| by_name(class, classes, labels).map(Some))
        .collect()
}

/// The label with a class's name: the same, else the only one that is the same
/// but for capitals, spaces, hyphens and underscores.
fn by_name(class: &str, classes: &[String], labels: &[String]) -> Option<usize> {
    let same = labels.iter().position(|label| label == class);
    same.or_else(|| {
        let alike = |name: &&String| folded(name) == folded(class);
        let only = classes.iter().filter(alike).count() == 1
            && labels.iter().filter(alike).count() == 1
            && !folded(class).is_empty();
        labels
            .iter()
            .position(|label| only && folded(label) == folded(class))
    })
}

fn folded(name: &str) -> String {
    let kept = name
        .chars()
        .filter(|c| !c.is_whitespace() && !['-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).collect()
}

fn check(classes: &[String], labels: &[String], mapping: &BTreeMap<String, String>) -> Result<()> {
    let unknown = |what: &str, name: &str, known: &[String]| {
        Error::input(format!(
            "the mapping of classes ([model.labels]) names the {what} `{name}`, which there is not"
        ))
        .hint(format!("it can be one of {}", listed(known)))
    };
    for (class, label) in mapping {
        if !classes.contains(class) {
            return Err(unknown("class", class, classes));
        }
        if !label.is_empty() && !labels.contains(label) {
            return Err(unknown("label", label, labels));
        }
    }
    let distinct: BTreeSet<&String> = classes.iter().collect();
    if distinct.len() < classes.len() {
        return Err(Error::input(format!(
            "two classes of the model have one name: {}",
            listed(classes)
        ))
        .hint("give each class its own name under `id2label` in config.json"));
    }
    if classes.len() < labels.len() {
        return Err(Error::input(format!(
            "the model knows {} ({}), but the data have {} labels ({})",
            match classes.len() {
                1 => "1 class".to_owned(),
                more => format!("{more} classes"),
            },
            listed(classes),
            labels.len(),
            listed(labels)
        ))
        .hint(
            "fit it anew with `refit = true` under [model] in project.toml, or keep only rows \
             with labels that it knows (labels = […] and skip_unknown_labels); where its \
             predictions come from a file, write a column for every label",
        ));
    }
    Ok(())
}

fn without_class(labels: &[String], found: &[Vec<usize>]) -> Error {
    let named = labels.iter().zip(found);
    let lacking: Vec<String> = named
        .filter(|(_, classes)| classes.is_empty())
        .map(|(name, _)| name.clone())
        .collect();
    Error::input(format!(
        "no class of the model means the label {}",
        listed(&lacking)
    ))
    .hint(
        "map a class to it under [model.labels] in project.toml, or fit the model anew with \
         `refit = true` under [model]",
    )
}

/// Names for a message: the first of many.
pub fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> = names.iter().take(MOST).map(|n| format!("`{n}`")).collect();
    if names.len() > MOST {
        shown.push(format!("and {} more", names.len() - MOST));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn found(classes: &[&str], labels: &[&str], mapping: &[(&str, &str)]) -> Result<Matching> {
        let mapping = mapping
            .iter()
            .map(|(class, label)| ((*class).to_owned(), (*label).to_owned()));
        matching(&names(classes), &names(labels), &mapping.collect())
    }

    fn classes_of(matching: &Matching) -> Vec<usize> {
        match matching {
            Matching::Matched(matched) => matched.classes.concat(),
            Matching::Open(open) => panic!("matched: {open:?}"),
        }
    }

    #[test]
    fn equal_names_are_taken_and_alike_ones_are_said() {
        let same = found(&["no", "yes"], &["yes", "no"], &[]).expect("fits");
        assert_eq!(classes_of(&same), [1, 0]);
        let Matching::Matched(matched) = &same else {
            panic!("matched");
        };
        assert_eq!(matched.said(), None);
        let alike = found(&["NO", "Not_Sure"], &["not sure", "no"], &[]).expect("fits");
        assert_eq!(classes_of(&alike), [1, 0]);
        let Matching::Matched(matched) = &alike else {
            panic!("matched");
        };
        let said = matched.said().expect("says it");
        assert!(said.contains("`Not_Sure` is `not sure`"), "{said}");
    }

    #[test]
    fn nothing_is_guessed() {
        let asked = [
            found(&["LABEL_0", "LABEL_1"], &["bad", "good"], &[]),
            found(&["NEGATIVE", "POSITIVE"], &["bad", "good"], &[]),
            // One name fits: the other is not taken by elimination.
            found(&["good", "NEGATIVE"], &["bad", "good"], &[]),
            // A third class is not left out unasked.
            found(&["good", "bad", "neutral"], &["bad", "good"], &[]),
            // Two classes that differ in capitals only fit one label.
            found(&["Good", "GOOD"], &["bad", "good"], &[]),
            found(&["0", "1"], &["LABEL_0", "LABEL_1"], &[]),
        ];
        for (number, asked) in asked.into_iter().enumerate() {
            let asked = asked.expect("asks");
            assert!(matches!(asked, Matching::Open(_)), "{number}: {asked:?}");
        }
    }

    #[test]
    fn a_mapping_settles_it_and_may_leave_classes_out() {
        let mapping = [("LABEL_0", "good"), ("LABEL_2", "bad"), ("LABEL_1", "")];
        let classes = ["LABEL_0", "LABEL_1", "LABEL_2"];
        let mapped = found(&classes, &["bad", "good"], &mapping).expect("fits");
        assert_eq!(classes_of(&mapped), [2, 0]);
        let Matching::Matched(matched) = &mapped else {
            panic!("matched");
        };
        assert_eq!(matched.left_out, ["LABEL_1"]);
        let part = found(&["good", "bad", "x"], &["bad", "good"], &[("x", "")]);
        assert_eq!(classes_of(&part.expect("fits")), [1, 0]);
    }

    #[test]
    fn several_classes_may_mean_one_label() {
        let classes = ["joy", "love", "anger", "surprise"];
        let mapping = [
            ("joy", "positive"),
            ("love", "positive"),
            ("anger", "negative"),
            ("surprise", ""),
        ];
        let found = found(&classes, &["negative", "positive"], &mapping).expect("fits");
        let Matching::Matched(matched) = &found else {
            panic!("matched: {found:?}");
        };
        assert_eq!(matched.classes, [vec![2], vec![0, 1]]);
        let said = matched.said().expect("says it");
        assert!(
            said.contains("`joy`, `love` together are `positive`"),
            "{said}"
        );
        assert!(said.contains("`surprise` left out"), "{said}");
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_remedy() {
        let two = ["LABEL_0", "LABEL_1"];
        let refused = [
            found(&two, &["a", "b", "c"], &[]),
            found(&two, &["a", "b"], &[("LABEL_7", "a")]),
            found(&two, &["a", "b"], &[("LABEL_0", "A")]),
            found(&two, &["a", "b"], &[("LABEL_0", "a"), ("LABEL_1", "a")]),
            found(&["a", "b"], &["a", "b"], &[("b", "")]),
            found(&["a", "a"], &["a", "b"], &[]),
        ];
        for (number, refused) in refused.into_iter().enumerate() {
            let error = refused.expect_err("refused");
            assert!(error.remedy().is_some(), "{number}: {error}");
        }
    }
}

//! Which column of a file of predictions holds what, and what a row of it says.

use super::rows::Scored;
use crate::dataset::Dataset;
use crate::dataset::table::Table;
use crate::inference::rounded;
use crate::support::{Error, Result};

/// The smallest probability that is told from 0; its logarithm is finite.
const SMALLEST: f32 = 1e-9;

/// Where the file has what.
pub(super) struct Columns {
    pub(super) id: usize,
    /// The column of each label's, or of each class's, probability.
    pub(super) probabilities: Vec<usize>,
    /// Columns of the embedding, in the order of its dimensions.
    embedding: Vec<usize>,
    /// A column that holds the whole embedding as a list.
    embedding_list: Option<usize>,
    /// Whether the probabilities are those of the labels, in their order.
    pub(super) is_by_label: bool,
}

impl Columns {
    pub(super) fn find(names: &[String], dataset: &Dataset, file: &str) -> Result<Self> {
        let id = position(names, "id").ok_or_else(|| no_id(names, file))?;
        let labels = &dataset.labels;
        let mut probabilities: Vec<Option<usize>> = labels
            .iter()
            .map(|label| column_called(names, label))
            .collect();
        // What no label is called exactly may be another spelling of one.
        for (at, name) in names.iter().enumerate() {
            let taken = probabilities.contains(&Some(at)) || at == id;
            let meant = after_prefix(name).and_then(|value| dataset.label_meant(value));
            if let (false, Some(label)) = (taken, meant) {
                probabilities[usize::from(label)].get_or_insert(at);
            }
        }
        let found = probabilities
            .into_iter()
            .zip(labels)
            .map(|(column, label)| {
                column.ok_or_else(|| {
                    let what = format!("the probability of the label `{label}`");
                    no_column(names, file, &what, &format!("`probability_{label}`"))
                })
            });
        let (embedding, embedding_list) = embeddings(names, file)?;
        Ok(Self {
            id,
            probabilities: found.collect::<Result<_>>()?,
            embedding,
            embedding_list,
            is_by_label: true,
        })
    }

    /// The columns of classes that are called otherwise than the labels.
    pub(super) fn of_classes(
        names: &[String],
        classes: &[(String, usize)],
        file: &str,
    ) -> Result<Self> {
        let id = position(names, "id").ok_or_else(|| no_id(names, file))?;
        let (embedding, embedding_list) = embeddings(names, file)?;
        Ok(Self {
            id,
            probabilities: classes.iter().map(|(_, column)| *column).collect(),
            embedding,
            embedding_list,
            is_by_label: false,
        })
    }

    /// The names of the columns that play no part.
    pub(super) fn unused(&self, names: &[String]) -> Vec<String> {
        let is_used = |at: &usize| {
            *at == self.id
                || self.probabilities.contains(at)
                || self.embedding.contains(at)
                || self.embedding_list == Some(*at)
        };
        let unused = (0..names.len()).filter(|at| !is_used(at));
        unused.map(|at| names[at].clone()).collect()
    }

    pub(super) fn read(&self, table: &dyn Table) -> Result<Scored> {
        let number = |column: &usize| number(table.cell(*column));
        let probabilities: Vec<f32> = (self.probabilities.iter())
            .map(number)
            .collect::<Result<_>>()?;
        let cells = self.probabilities.iter().map(|column| table.cell(*column));
        // Programs leave zeros at the end away.
        let decimals = cells.map(rounded::decimals).max().unwrap_or(0);
        let probabilities = rounded::sum_to_one(probabilities, decimals)?;
        let embedding = match self.embedding_list {
            Some(column) => list(table.cell(column))?,
            None => self.embedding.iter().map(number).collect::<Result<_>>()?,
        };
        Ok(Scored {
            // Scaling to a sum of 1 is what the softmax of these does.
            logits: probabilities.iter().map(|p| p.max(SMALLEST).ln()).collect(),
            embedding,
        })
    }
}

fn no_id(names: &[String], file: &str) -> Error {
    no_column(names, file, "the id of a row", "`id`")
}

fn no_column(names: &[String], file: &str, what: &str, wanted: &str) -> Error {
    Error::input(format!(
        "`{file}` has no column for {what}; it has {}",
        names.join(", ")
    ))
    .hint(format!("name it {wanted}"))
}

/// Columns of the embedding: numbered ones, or one with a list.
fn embeddings(names: &[String], file: &str) -> Result<(Vec<usize>, Option<usize>)> {
    let numbered = embedding_columns(names, file)?;
    let list = position(names, "embedding");
    if let (Some(_), false) = (list, numbered.is_empty()) {
        return Err(Error::input(format!(
            "`{file}` has the embeddings twice: in the column `embedding` and in numbered ones"
        ))
        .hint("keep one of them"));
    }
    Ok((numbered, list))
}

/// The classes that columns are called after, `probability_CLASS` or `p_CLASS`,
/// with their columns.
pub(super) fn classes_of(names: &[String]) -> Vec<(String, usize)> {
    let named = names.iter().enumerate().filter_map(|(at, name)| {
        let class = after_prefix(name).filter(|class| class.len() < name.trim().len())?;
        (!class.is_empty()).then(|| (class.to_owned(), at))
    });
    named.collect()
}

/// What a column of probabilities is called in front of its label.
const PREFIXES: [&str; 3] = ["probability_", "p_", ""];

fn position(names: &[String], wanted: &str) -> Option<usize> {
    let exact = names.iter().position(|name| name == wanted);
    let alike = || {
        names
            .iter()
            .position(|name| name.trim().eq_ignore_ascii_case(wanted))
    };
    exact.or_else(alike)
}

/// The column that is called exactly as a label's probability is.
fn column_called(names: &[String], label: &str) -> Option<usize> {
    let mut called = PREFIXES.iter().map(|prefix| format!("{prefix}{label}"));
    called.find_map(|wanted| names.iter().position(|name| name.trim() == wanted))
}

/// The label's part of a column's name.
fn after_prefix(name: &str) -> Option<&str> {
    let name = name.trim();
    PREFIXES.iter().find_map(|prefix| {
        let start = name.get(..prefix.len())?;
        start
            .eq_ignore_ascii_case(prefix)
            .then(|| &name[prefix.len()..])
    })
}

/// Columns `embedding_0`, `embedding_1`, … or counted from 1, in the order of
/// their numbers.
fn embedding_columns(names: &[String], file: &str) -> Result<Vec<usize>> {
    let numbered = names.iter().enumerate().filter_map(|(at, name)| {
        let name = name.trim().to_lowercase();
        let number = name.strip_prefix("embedding_")?.parse::<usize>().ok()?;
        Some((number, at))
    });
    let mut columns: Vec<(usize, usize)> = numbered.collect();
    columns.sort_unstable();
    let first = columns.first().map_or(0, |(number, _)| *number);
    for ((number, at), wanted) in columns.iter().zip(first..) {
        if first > 1 || *number != wanted {
            let what = match *number < wanted {
                true => format!("the column `{}` a second time", names[*at]),
                false => format!(
                    "no column `embedding_{}`",
                    if first > 1 { 0 } else { wanted }
                ),
            };
            return Err(Error::input(format!(
                "`{file}` has {what}, so its embeddings are not whole"
            ))
            .hint(
                "number their columns embedding_0, embedding_1, … without a gap, each once, or \
                 write one column `embedding` with lists",
            ));
        }
    }
    Ok(columns.into_iter().map(|(_, at)| at).collect())
}

fn number(cell: &str) -> Result<f32> {
    let parsed = cell.trim().parse::<f32>().ok();
    parsed.filter(|number| number.is_finite()).ok_or_else(|| {
        Error::input(format!("`{cell}` is no number"))
            .hint("write numbers with a decimal point and leave no cell empty")
    })
}

fn list(cell: &str) -> Result<Vec<f32>> {
    // A list of one number is that number.
    if let Ok(only) = number(cell) {
        return Ok(vec![only]);
    }
    serde_json::from_str(cell).map_err(|e| {
        Error::input("the embedding is no list of numbers")
            .because(e)
            .hint("write it as [0.1, -0.2, …]")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::cell::Kind;
    use crate::dataset::table::RowRead;
    use crate::inference::softmax;

    struct OneRow(Vec<String>);

    impl Table for OneRow {
        fn advance(&mut self) -> Result<Option<RowRead>> {
            Ok(None)
        }

        fn cell(&self, column: usize) -> &str {
            &self.0[column]
        }

        fn kind(&self, _: usize) -> Kind {
            Kind::Plain
        }
    }

    fn columns(names: &[&str], labels: &[&str]) -> Result<Columns> {
        let owned = |all: &[&str]| {
            all.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let dataset = Dataset {
            labels: owned(labels),
            ..Dataset::default()
        };
        Columns::find(&owned(names), &dataset, "p.csv")
    }

    #[test]
    fn each_label_has_a_column_of_its_own_however_it_is_written() {
        for (names, labels, found) in [
            (
                &["id", "probability_us", "probability_US"][..],
                &["US", "us"][..],
                &[2, 1][..],
            ),
            (&["id", "p_1.0", "p_2.0"], &["1", "2"], &[1, 2]),
            (
                &["ID", "Probability_Good", "probability_bad"],
                &["bad", "good"],
                &[2, 1],
            ),
            (&["id", "-1", "1"], &["-1", "1"], &[1, 2]),
        ] {
            let columns = columns(names, labels).expect("found");
            assert_eq!(columns.probabilities, found, "{names:?}");
        }
        assert!(columns(&["id", "probability_us"], &["US", "us"]).is_err());
    }

    #[test]
    fn embeddings_with_gaps_or_two_numberings_are_refused() {
        let with = |names: &[&str]| {
            let all: Vec<&str> = ["id", "p_a", "p_b"].iter().chain(names).copied().collect();
            columns(&all, &["a", "b"])
        };
        for (names, found) in [
            (&["embedding_1", "embedding_0"][..], &[4, 3][..]),
            (&["embedding_1", "embedding_2"], &[3, 4]),
            (&["embedding_00", "embedding_01"], &[3, 4]),
        ] {
            assert_eq!(with(names).expect("whole").embedding, found);
        }
        for names in [
            &["embedding_0", "embedding_2"][..],
            &["embedding_2", "embedding_3"],
            &["embedding_0", "embedding_1", "embedding_01"],
            &["embedding_0", "embedding"],
        ] {
            let error = with(names).err().expect("refused").to_string();
            assert!(error.contains("p.csv"), "{error}");
        }
    }

    #[test]
    fn two_decimals_of_150_classes_are_read_as_they_were_meant() {
        let mut cells = vec!["0.00".to_owned(); 150];
        cells[3] = "0.50".into();
        let columns = Columns {
            id: 0,
            probabilities: (0..150).collect(),
            embedding: Vec::new(),
            embedding_list: None,
            is_by_label: true,
        };
        let read = columns.read(&OneRow(cells)).expect("only rounded");
        let confidence = softmax(&read.logits, 1.0)[3];
        assert!((confidence - 0.5).abs() < 0.006, "{confidence}");
    }
}

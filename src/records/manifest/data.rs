//! What project.toml says about the data: files, columns, roles.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::records::Role;

/// Where the examples are and how to read them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataSpec {
    /// The files, read in this order.
    pub files: Vec<FileSpec>,
    /// Names of columns; those not named are recognised by common names.
    pub columns: ColumnNames,
    /// Delimiter of CSV files (`,`, `;`, tab, `|`); recognised if not given.
    pub delimiter: Option<char>,
    /// What quotation marks do in CSV files; recognised if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Quotes>,
    /// Encoding of text files by its web name (`windows-1252`, …);
    /// recognised if not given.
    pub encoding: Option<String>,
    /// Leave out rows whose label is none of [`Manifest::labels`] instead of
    /// stopping at the first.
    pub skip_unknown_labels: bool,
    /// The sheet of a workbook; the first visible one with rows if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Values of the label column that mark a row without a label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_labels: Vec<String>,
    /// What counts where annotators disagree; such files are refused if it is
    /// not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<Disagreement>,
    /// The label of texts for which an annotator rejected the only label that
    /// was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
    /// Spellings of labels, and the label that each is read as.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub join: BTreeMap<String, String>,
}

impl DataSpec {
    /// How one file is read: as it says itself, else as all are.
    #[must_use]
    pub fn of_file(&self, file: &FileSpec) -> Self {
        Self {
            files: Vec::new(),
            columns: self.columns.clone(),
            delimiter: file.delimiter.or(self.delimiter),
            quotes: file.quotes.or(self.quotes),
            encoding: file.encoding.clone().or_else(|| self.encoding.clone()),
            skip_unknown_labels: self.skip_unknown_labels,
            sheet: file.sheet.clone().or_else(|| self.sheet.clone()),
            missing_labels: self.missing_labels.clone(),
            disagreement: self.disagreement,
            rejected: self.rejected.clone(),
            join: self.join.clone(),
        }
    }
}

/// What counts where the annotators of a text disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disagreement {
    /// The label that most gave; without one the text is left out.
    Majority,
    /// Nothing: the text is left out.
    LeaveOut,
}

impl Disagreement {
    /// Every way of settling it.
    pub const ALL: [Self; 2] = [Self::Majority, Self::LeaveOut];

    /// Its name in project.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::LeaveOut => "leave-out",
        }
    }
}

/// What quotation marks do in CSV files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quotes {
    /// They enclose cells; those inside of cells are doubled.
    Doubled,
    /// They enclose cells; those inside of cells have a backslash in front.
    Backslash,
    /// They are part of the texts.
    None,
}

/// A data file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Relative to the project's folder, or absolute; a file, or the folder of a
    /// data set.
    pub path: PathBuf,
    /// The split of the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Source (domain) of its rows, unless a source column says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Role of all its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Shares to draw its rows' roles by, instead of those in `[roles]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<Shares>,
    /// Its delimiter, instead of that of all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What quotation marks do in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Quotes>,
    /// Its encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The sheet of this workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// Names of columns in the data files; `None`: recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnNames {
    /// The text, or the first of a pair.
    pub text: Option<String>,
    /// The second text of a pair.
    pub text_b: Option<String>,
    /// The label.
    pub label: Option<String>,
    /// Source (domain) of a row.
    pub source: Option<String>,
    /// Review, author, thread: rows with the same value never straddle roles.
    pub group: Option<String>,
    /// Lasting identity of a row.
    pub id: Option<String>,
    /// Role of a row.
    pub role: Option<String>,
}

impl ColumnNames {
    /// These names, and the others' where these say nothing.
    #[must_use]
    pub fn or(&self, others: &Self) -> Self {
        let either =
            |one: &Option<String>, other: &Option<String>| one.as_ref().or(other.as_ref()).cloned();
        Self {
            text: either(&self.text, &others.text),
            text_b: either(&self.text_b, &others.text_b),
            label: either(&self.label, &others.label),
            source: either(&self.source, &others.source),
            group: either(&self.group, &others.group),
            id: either(&self.id, &others.id),
            role: either(&self.role, &others.role),
        }
    }

    /// The names of all parts.
    pub fn all(&self) -> [Option<&str>; 7] {
        let Self {
            text,
            text_b,
            label,
            source,
            group,
            id,
            role,
        } = self;
        [text, text_b, label, source, group, id, role].map(Option::as_deref)
    }
}

/// How roles are drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleSpec {
    /// Share of each role.
    pub shares: Shares,
    /// Roles by the names that the role column uses, such as `test = "final"`.
    pub names: BTreeMap<String, Role>,
    /// Seed of the draw.
    pub seed: u64,
}

/// Shares of the roles; only their proportions count. A table that names some
/// roles leaves the others empty; all zero stands for [`Shares::USUAL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shares {
    /// Fits the model.
    pub train: f64,
    /// Feeds the control arm of ordinary extra examples.
    pub reserve: f64,
    /// Temperature, settings.
    pub validation: f64,
    /// Where unknown unknowns are looked for.
    pub discovery: f64,
    /// Read every round.
    pub check: f64,
    /// Sealed.
    #[serde(rename = "final")]
    pub sealed: f64,
}

impl Shares {
    /// What is used when nothing is said.
    pub const USUAL: Shares = Shares {
        train: 0.45,
        reserve: 0.05,
        validation: 0.05,
        discovery: 0.2,
        check: 0.1,
        sealed: 0.15,
    };

    /// What is used when nothing is said and the model is not fitted here.
    pub const WITHOUT_TRAINING: Shares = Shares {
        train: 0.0,
        reserve: 0.0,
        validation: 0.1,
        discovery: 0.5,
        check: 0.15,
        sealed: 0.25,
    };

    /// These shares, or the usual ones if all are zero.
    #[must_use]
    pub fn or_usual(self) -> Self {
        if self == Self::default() {
            Self::USUAL
        } else {
            self
        }
    }

    /// Share of a role.
    pub fn of(&self, role: Role) -> f64 {
        match role {
            Role::Train => self.train,
            Role::Reserve => self.reserve,
            Role::Validation => self.validation,
            Role::Discovery => self.discovery,
            Role::Check => self.check,
            Role::Final => self.sealed,
        }
    }
}

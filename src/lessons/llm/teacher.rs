//! A language model that may teach, by name: a `[[teachers]]` table of
//! `project.toml`, or one that was set up in the app.

use serde::{Deserialize, Serialize};

use super::budget::Limits;
use super::endpoint::Endpoint;
use super::money::Money;
use crate::support::{Error, Result};

/// Samples asked for in one call unless the table says otherwise.
const USUAL_PER_CALL: usize = 5;

/// A named language model with its limits. Holds no key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "toml::Table", into = "toml::Table")]
pub struct Teacher {
    /// Name; its lessons are the arm `lessons:NAME`.
    pub name: String,
    /// Where it is reached and what it costs.
    pub endpoint: Endpoint,
    /// Samples asked for in one call. Small models repeat themselves within
    /// an answer; give them 1.
    pub samples_per_call: usize,
    /// Most money for a run, in the currency of the prices.
    pub budget: Option<f64>,
    /// Most calls for a run.
    pub max_calls: Option<u64>,
}

impl Teacher {
    /// A teacher with the usual limits.
    pub fn new(name: impl Into<String>, endpoint: Endpoint) -> Self {
        Self {
            name: name.into(),
            endpoint,
            samples_per_call: USUAL_PER_CALL,
            budget: None,
            max_calls: None,
        }
    }

    /// Reads a `[[teachers]]` table.
    ///
    /// # Errors
    /// Input errors that name the teacher and the setting.
    pub fn from_table(table: &toml::Table) -> Result<Self> {
        let mut rest = table.clone();
        let name = match rest.remove("name") {
            Some(toml::Value::String(name)) if !name.trim().is_empty() => name.trim().to_owned(),
            _ => {
                return Err(Error::input("a table of `teachers` has no `name`")
                    .hint("give each teacher a name of its own, such as name = \"qwen\""));
            }
        };
        let number = |rest: &mut toml::Table, field: &str| match rest.remove(field) {
            None => Ok(None),
            Some(toml::Value::Integer(number)) if number >= 0 => Ok(Some(number as f64)),
            Some(toml::Value::Float(number)) if number >= 0.0 => Ok(Some(number)),
            Some(_) => Err(Error::input(format!(
                "the teacher `{name}`: `{field}` is no number of 0 or more"
            ))
            .hint("leave it out for the default")),
        };
        let count = |rest: &mut toml::Table, field: &str, least: u64| {
            let Some(value) = rest.remove(field) else {
                return Ok(None);
            };
            let count = value
                .as_integer()
                .and_then(|count| u64::try_from(count).ok());
            count
                .filter(|count| *count >= least)
                .map(Some)
                .ok_or_else(|| {
                    Error::input(format!(
                        "the teacher `{name}`: `{field}` is no whole number of {least} or more"
                    ))
                    .hint("leave it out for the default")
                })
        };
        let per_call = count(&mut rest, "samples_per_call", 1)?;
        let budget = number(&mut rest, "budget")?;
        let max_calls = count(&mut rest, "max_calls", 0)?;
        let endpoint = Endpoint::deserialize(toml::Value::Table(rest)).map_err(|error| {
            Error::input(format!("the teacher `{name}`: {}", error.message().trim()))
                .hint("README.md shows a table of each kind of server")
        })?;
        let teacher = Self {
            name,
            endpoint,
            samples_per_call: per_call.map_or(USUAL_PER_CALL, |count| count as usize),
            budget,
            max_calls,
        };
        let named = |error: Error| error.context(format!("the teacher `{}`", teacher.name));
        teacher.endpoint.check().map_err(named)?;
        Ok(teacher)
    }

    /// What may be spent unless a run says otherwise.
    pub fn limits(&self) -> Limits {
        Limits {
            calls: self.max_calls,
            money: self.budget.map(Money::of),
        }
    }
}

impl TryFrom<toml::Table> for Teacher {
    type Error = Error;

    fn try_from(table: toml::Table) -> Result<Self> {
        Self::from_table(&table)
    }
}

impl From<Teacher> for toml::Table {
    fn from(teacher: Teacher) -> Self {
        // An endpoint consists of texts, numbers and lists: all that TOML has.
        let mut table = match toml::Value::try_from(&teacher.endpoint) {
            Ok(toml::Value::Table(table)) => table,
            _ => toml::Table::new(),
        };
        let mut put = |field: &str, value: toml::Value| table.insert(field.to_owned(), value);
        put("name", teacher.name.into());
        put("samples_per_call", (teacher.samples_per_call as i64).into());
        if let Some(budget) = teacher.budget {
            put("budget", budget.into());
        }
        if let Some(calls) = teacher.max_calls {
            put("max_calls", i64::try_from(calls).unwrap_or(i64::MAX).into());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::Kind;
    use super::*;

    fn read(text: &str) -> Result<Teacher> {
        Teacher::from_table(&text.parse().expect("TOML"))
    }

    const SMALL: &str = "name = \"qwen\"\nkind = \"openai\"\nmodel = \"m\"\n\
                         base_url = \"http://127.0.0.1:11434/v1\"\n";

    #[test]
    fn a_table_reads_and_writes_back() {
        let more = "samples_per_call = 1\nbudget = 2\nmax_calls = 40\n\
                    prices = { input = 0.5, output = 2.0 }\n";
        let teacher = read(&format!("{SMALL}{more}")).expect("sound");
        assert_eq!(teacher.endpoint.kind, Kind::OpenAi);
        assert_eq!(teacher.samples_per_call, 1);
        assert_eq!(teacher.limits().money, Some(Money::of(2.0)));
        let json = serde_json::to_string(&teacher).expect("writes");
        let back: Teacher = serde_json::from_str(&json).expect("reads");
        assert_eq!(back, teacher);
        assert_eq!(read(SMALL).expect("sound").samples_per_call, USUAL_PER_CALL);
    }

    #[test]
    fn mistakes_name_the_teacher_and_the_setting() {
        for (line, named) in [
            ("modle = \"x\"", "unknown field `modle`"),
            ("budget = \"much\"", "`budget`"),
            ("samples_per_call = 0", "`samples_per_call`"),
            ("samples_per_call = 2.5", "`samples_per_call`"),
            ("max_calls = -1", "`max_calls`"),
            ("key = \"sk-123\"", "unknown field `key`"),
            ("key_env = \"sk-123\"", "`key_env`"),
        ] {
            let error = read(&format!("{SMALL}{line}")).expect_err(line);
            let text = format!("{error} {:?}", error.remedy());
            assert!(text.contains("qwen") && text.contains(named), "{text}");
            assert!(!text.contains("sk-123"), "{text}");
        }
        assert!(read("kind = \"openai\"").is_err(), "no name");
    }
}

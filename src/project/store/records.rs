//! What was computed: snapshots, rounds, comparisons, second models, openings
//! of *final*, finished steps.

use rusqlite::{OptionalExtension as _, params};
use serde::de::DeserializeOwned;

use super::Store;
use super::json::{AsJson, FromJson};
use crate::comparison::Comparison;
use crate::project::StepKey;
use crate::records::{Opening, Round, SecondModel, Snapshot};
use crate::support::{Error, Result};

/// The number of a second model, and record and figures unless damaged.
type SecondRow = (u32, Option<(SecondModel, Comparison)>);

impl Store {
    /// Adds a snapshot. Snapshots are never changed: names, moves and triage
    /// that are put on top of one are part of the document.
    ///
    /// # Errors
    /// If its version is taken, or if it cannot be saved.
    pub fn add_snapshot(&self, snapshot: &Snapshot) -> Result<()> {
        let add = "INSERT OR IGNORE INTO snapshot VALUES (?1, ?2)";
        let added = self.write("the blind spots", |transaction| {
            transaction.execute(add, params![snapshot.version, AsJson(snapshot)])
        })?;
        if added == 1 {
            return Ok(());
        }
        let version = snapshot.version;
        Err(Error::program(format!(
            "snapshot {version} exists already and is never changed"
        )))
    }

    /// All snapshots, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.list(
            "the blind spots",
            "SELECT content FROM snapshot ORDER BY version",
        )
    }

    /// Adds a round or replaces the one of its number. Saved after every run
    /// of an arm, it loses no finished run.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_round(&self, round: &Round) -> Result<()> {
        let put = "INSERT OR REPLACE INTO round VALUES (?1, ?2)";
        self.write("the round", |transaction| {
            transaction
                .execute(put, params![round.number, AsJson(round)])
                .map(drop)
        })
    }

    /// All rounds, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn rounds(&self) -> Result<Vec<Round>> {
        self.list("the rounds", "SELECT content FROM round ORDER BY number")
    }

    /// Keeps the comparison of a round on a role, in place of an earlier one.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_comparison(&self, round: u32, comparison: &Comparison) -> Result<()> {
        let put = "INSERT OR REPLACE INTO comparison VALUES (?1, ?2, ?3)";
        self.write("the comparison", |transaction| {
            let role = comparison.role.name();
            transaction
                .execute(put, params![round, role, AsJson(comparison)])
                .map(drop)
        })
    }

    /// All comparisons with their rounds, oldest round first, but for damaged
    /// ones: opening has told of these, and they can be made again.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn comparisons(&self) -> Result<Vec<(u32, Comparison)>> {
        let all = self.comparison_rows()?.into_iter();
        Ok(all
            .filter_map(|(round, _, comparison)| Some((round, comparison?)))
            .collect())
    }

    /// Keeps a second model with its comparison, in place of the one of its
    /// number.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_second_model(&self, model: &SecondModel, comparison: &Comparison) -> Result<()> {
        let put = "INSERT OR REPLACE INTO second_model VALUES (?1, ?2, ?3)";
        self.write("the comparison with a second model", |transaction| {
            let row = params![model.number, AsJson(model), AsJson(comparison)];
            transaction.execute(put, row).map(drop)
        })
    }

    /// All second models with their comparisons, by number, but for damaged
    /// ones: opening has told of these, and they can be made again.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn second_models(&self) -> Result<Vec<(SecondModel, Comparison)>> {
        let all = self.second_model_rows()?.into_iter();
        Ok(all.filter_map(|(_, whole)| whole).collect())
    }

    fn second_model_rows(&self) -> Result<Vec<SecondRow>> {
        self.read("the second models", |connection| {
            let all = "SELECT number, content, comparison FROM second_model ORDER BY number";
            let mut statement = connection.prepare(all)?;
            let rows = statement.query_map([], |row| {
                let record = row.get(1).ok().map(|FromJson(record)| record);
                let comparison = row.get(2).ok().map(|FromJson(comparison)| comparison);
                Ok((row.get(0)?, record.zip(comparison)))
            })?;
            rows.collect()
        })
    }

    /// Says which comparisons are damaged.
    pub(super) fn damaged_comparisons(&self) -> Result<Vec<String>> {
        let all = self.comparison_rows()?.into_iter();
        let damaged = all.filter(|(_, _, comparison)| comparison.is_none());
        let said = damaged.map(|(round, role, _)| {
            format!(
                "the comparison of round {round} on {role} is damaged and left out; \
                 `blindspot compare` makes that of the last round again"
            )
        });
        let seconds = self.second_model_rows()?.into_iter();
        let damaged_seconds = seconds.filter(|(_, whole)| whole.is_none());
        let said_of_seconds = damaged_seconds.map(|(number, _)| {
            format!(
                "the comparison with second model {number} is damaged and left out; \
                 `blindspot compare --with` makes it again"
            )
        });
        Ok(said.chain(said_of_seconds).collect())
    }

    fn comparison_rows(&self) -> Result<Vec<(u32, String, Option<Comparison>)>> {
        self.read("the comparisons", |connection| {
            let all = "SELECT round, role, content FROM comparison ORDER BY round, role";
            let mut statement = connection.prepare(all)?;
            let rows = statement.query_map([], |row| {
                let comparison = row.get(2).ok().map(|FromJson(comparison)| comparison);
                Ok((row.get(0)?, row.get(1)?, comparison))
            })?;
            rows.collect()
        })
    }

    /// Records that *final* is opened. Call it before anything is read from
    /// *final*: an opening that was not recorded must not happen.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn record_opening(&self, opening: &Opening) -> Result<()> {
        self.write("the opening of final", |transaction| {
            let add = "INSERT INTO opening (content) VALUES (?1)";
            transaction.execute(add, [AsJson(opening)]).map(drop)
        })
    }

    /// All openings of *final*, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn openings(&self) -> Result<Vec<Opening>> {
        self.list(
            "the openings of final",
            "SELECT content FROM opening ORDER BY id",
        )
    }

    /// The output of a step, if it finished with these very inputs, settings
    /// and code.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn step_output(&self, step: &StepKey) -> Result<Option<serde_json::Value>> {
        let find = "SELECT output FROM step WHERE name = ?1 AND hash = ?2";
        self.read("finished steps", |connection| {
            connection
                .query_row(find, [step.name(), step.hash()], |row| {
                    row.get(0).map(|FromJson(output)| output)
                })
                .optional()
        })
    }

    /// Records that a step finished. Its results must be durable already.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn finish_step(&self, step: &StepKey, output: &serde_json::Value) -> Result<()> {
        let put = "INSERT OR REPLACE INTO step VALUES (?1, ?2, ?3, ?4)";
        let now = jiff::Timestamp::now().to_string();
        self.write("a finished step", |transaction| {
            let row = params![step.name(), step.hash(), AsJson(output), now];
            transaction.execute(put, row).map(drop)
        })
    }

    fn list<T: DeserializeOwned>(&self, what: &str, sql: &str) -> Result<Vec<T>> {
        self.read(what, |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| row.get(0).map(|FromJson(item)| item))?;
            rows.collect()
        })
    }
}

//! Scoring a file of any size: rows are read, scored and written batch by
//! batch, so that memory stays flat over millions of rows and a stopped run
//! goes on where it was. Several machines can share the batches of a file, and
//! what they write is joined to what one would have written.

mod join;
mod shard;
mod unfinished;

use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use crate::dataset::{LeftOut, TextReader, Unlabelled};
use crate::inference::classify;
use crate::model::{Classifier, TokenizedText};
use crate::steps::Workspace;
use crate::support::hash::{self, StepHash};
use crate::support::machine::Machine;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, Share, atomic_file};

use shard::{Foot, Head};
use unfinished::{PART, Unfinished, csv_bytes, with_suffix};

pub use join::{Joined, join_shards};
pub use shard::{is_shard, shard_path};

/// Rows that are held at a time: enough for full packs on every thread, a few
/// seconds of work between two marks. Shards take turns with them.
const BATCH: usize = 4_096;

/// Columns before the probabilities.
const COLUMNS: [&str; 4] = ["row", "id", "predicted", "confidence"];

/// Raised when the output of the same file and model changes.
const VERSION: u32 = 2;

/// What was scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScoredFile {
    /// Rows in the output.
    pub rows: u64,
    /// Rows that an earlier, stopped run had scored.
    pub taken_over: u64,
    /// Rows of the input without a text, or broken ones.
    pub left_out: usize,
}

/// Scores every text of `input` and writes `output` as CSV: row, id, predicted
/// label, confidence (0 to 1), and the probability of each label.
///
/// The output appears when it is whole. Until then it grows as
/// `OUTPUT.part`, from which the next run goes on if input, model and how the
/// input is read are the same.
///
/// # Errors
/// When another file is in the way, a file cannot be read or written, a text
/// does not fit the model, or when cancelled: what was scored stays for the
/// next run.
pub fn score_file(
    workspace: &Workspace,
    model: &Classifier,
    (input, output): (&Path, &Path),
    progress: &Progress,
) -> Result<ScoredFile> {
    let scoring = Scoring::begin(workspace, model, (input, output), progress)?;
    let (key, head) = (scoring.key()?, header(model)?);
    let unfinished = Unfinished::open(output, key, &head)?;
    scoring.run(unfinished, Share::WHOLE, output, |_| Ok(Vec::new()))
}

/// Scores the texts of `input` that one of several machines has, and writes
/// them beside `output` ([`shard_path`]): every so many batches one, so that
/// all have as much to do. [`join_shards`] makes `output` of them.
///
/// # Errors
/// As [`score_file`].
pub fn score_shard(
    workspace: &Workspace,
    model: &Classifier,
    (input, output): (&Path, &Path),
    share: Share,
    progress: &Progress,
) -> Result<ScoredFile> {
    let output = shard_path(output, share);
    let scoring = Scoring::begin(workspace, model, (input, &output), progress)?;
    let head = Head {
        shard: share,
        key: scoring.key()?,
        machine: Machine::here().kind(),
    };
    let mut lines = head.line()?;
    lines.extend(header(model)?);
    // Machines of two kinds must not write to one shard.
    let unfinished = Unfinished::open(&output, head.name(), &lines)?;
    scoring.run(unfinished, share, &output, |foot| foot.line())
}

/// A file that is about to be scored.
struct Scoring<'a> {
    workspace: &'a Workspace,
    model: &'a Classifier,
    input: &'a Path,
    reader: TextReader,
    progress: &'a Progress,
}

impl<'a> Scoring<'a> {
    fn begin(
        workspace: &'a Workspace,
        model: &'a Classifier,
        (input, output): (&'a Path, &Path),
        progress: &'a Progress,
    ) -> Result<Self> {
        progress.stage("Looking at the file", None);
        may_be_written_to(input, output)?;
        let pairs = workspace.dataset.has_pairs();
        let reader = TextReader::open(input, &workspace.manifest.data, pairs, progress)?;
        Ok(Self {
            workspace,
            model,
            input,
            reader,
            progress,
        })
    }

    fn key(&self) -> Result<String> {
        fingerprint(self.workspace, self.model, self.input)
    }

    /// Scores the batches of a share and finishes the output; `foot` gives what
    /// comes after the rows.
    fn run(
        mut self,
        mut unfinished: Unfinished,
        share: Share,
        output: &Path,
        foot: impl FnOnce(&Foot) -> Result<Vec<u8>>,
    ) -> Result<ScoredFile> {
        let taken_over = unfinished.rows();
        self.progress.stage("Scoring rows", None);
        let (mut all, mut own) = (0, 0);
        for number in 0_usize.. {
            let batch = self.reader.next_batch(BATCH)?;
            if batch.is_empty() {
                break;
            }
            self.progress.check()?;
            all += batch.len() as u64;
            if !share.has_turn(number) {
                continue;
            }
            own += batch.len() as u64;
            if own > taken_over {
                let logits = self.scored(&batch)?;
                unfinished.append(&batch, &logits, self.model.labels())?;
                self.progress.done(unfinished.rows());
            }
        }
        if all == 0 {
            return Err(
                Error::input(format!("`{}` holds no text", self.input.display()))
                    .hint("it needs a header and rows with a text"),
            );
        }
        let rows = unfinished.rows();
        unfinished.finish(output, &foot(&Foot { rows, of: all })?)?;
        let left_out = self.reader.left_out();
        self.tell(left_out);
        Ok(ScoredFile {
            rows,
            taken_over,
            left_out: left_out.map_or(0, |left_out| left_out.count),
        })
    }

    /// Logits of a batch, `[batch, labels]`.
    fn scored(&self, batch: &[Unlabelled]) -> Result<Vec<f32>> {
        let encode = |unlabelled: &Unlabelled| self.workspace.encode(self.model, &unlabelled.text);
        let tokens: Vec<TokenizedText> = batch.par_iter().map(encode).collect::<Result<_>>()?;
        self.progress.check()?;
        // The stage counts rows of the whole file, not of each batch.
        Ok(classify(self.model, &tokens, &self.progress.cancel_only())?.logits)
    }

    fn tell(&self, left_out: Option<LeftOut>) {
        if let Some(left_out) = left_out {
            self.progress.warn(format!(
                "{}: {} left out for want of a text or for broken cells, first row {}",
                self.input.display(),
                many(left_out.count, "row"),
                left_out.first_row
            ));
        }
    }
}

/// The line of column names.
fn header(model: &Classifier) -> Result<Vec<u8>> {
    csv_bytes(|csv| {
        let columns = COLUMNS.map(str::to_owned);
        let labels = model.labels().iter().map(|label| format!("p({label})"));
        csv.write_record(columns.into_iter().chain(labels))
    })
}

/// Refuses to write over the input, or over anything that is not scored rows.
fn may_be_written_to(input: &Path, output: &Path) -> Result<()> {
    let input = input.canonicalize().ok();
    let is_ours = |path: &Path| {
        let beginning = atomic_file::beginning(path);
        let rows = shard::Head::of(&beginning).map_or(beginning.as_str(), |(_, rows)| rows);
        rows.starts_with(&COLUMNS.join(",")) && path.canonicalize().ok() != input
    };
    for path in [output, with_suffix(output, PART).as_path()] {
        atomic_file::may_replace(path, "a file of scored rows", is_ours)?;
    }
    Ok(())
}

/// Names everything that a row of the output depends on.
///
/// # Errors
/// When the input cannot be read.
pub fn fingerprint(workspace: &Workspace, model: &Classifier, input: &Path) -> Result<String> {
    let data = &workspace.manifest.data;
    let reading = (
        &data.columns,
        data.delimiter,
        &data.encoding,
        workspace.dataset.has_pairs(),
        workspace.longest_text(model),
    );
    let reading = serde_json::to_vec(&reading)
        .map_err(|e| Error::program("cannot describe how the file is read").because(e))?;
    Ok(StepHash::default()
        .with("version", &VERSION.to_le_bytes())
        .with("model", model.fingerprint().as_bytes())
        .with("tokenizer", model.tokenizer().to_json().as_bytes())
        .with("reading", &reading)
        .with("input", hash::file(input)?.as_bytes())
        .finish())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::{Arc, OnceLock};

    use crate::model::fixture::tiny_model;
    use crate::records::Manifest;
    use crate::steps::score_file::*;
    use crate::steps::workspace::USUAL_MAX_TOKENS;
    use crate::support::Update;

    fn project(folder: &Path) -> Workspace {
        tiny_model(&folder.join("model")).expect("writes the model");
        let rows: String = (0..40)
            .map(|i| format!("the film number {i} is so,{}\n", ["good", "bad"][i % 2]))
            .collect();
        std::fs::write(folder.join("data.csv"), format!("text,label\n{rows}")).expect("writes");
        let manifest =
            "[data]\nfiles = [{ path = \"data.csv\" }]\n[model]\nbase = \"model\"\nrefit = true\n";
        std::fs::write(folder.join("project.toml"), manifest).expect("writes");
        Workspace::open(folder, &Progress::silent()).expect("opens")
    }

    #[test]
    fn neither_the_input_nor_another_file_is_written_over() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let workspace = project(folder.path());
        let model = workspace.pretrained().expect("loads");
        let data = folder.path().join("data.csv");
        let scored = folder.path().join("scored.csv");
        let silent = Progress::silent();
        let score =
            |input: &Path, output: &Path| score_file(&workspace, &model, (input, output), &silent);
        let before = std::fs::read(&data).expect("there");
        for _ in 0..2 {
            score(&data, &scored).expect("an earlier result may be replaced");
        }
        // Scored rows with texts of their own can be scored again, elsewhere.
        let again = folder.path().join("again.csv");
        std::fs::write(&again, "row,id,predicted,confidence,text\n2,a,x,1,dull\n").expect("writes");
        for (input, output) in [(&data, &data), (&scored, &data), (&again, &again)] {
            let error = score(input, output).expect_err("would overwrite");
            assert!(error.to_string().contains("would overwrite"), "{error}");
        }
        let manifest = folder.path().join("project.toml");
        assert!(score(&data, &manifest).is_err());
        assert_eq!(std::fs::read(&data).expect("there"), before);
    }

    #[test]
    fn joined_shards_are_what_one_run_writes_byte_for_byte() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let workspace = project(folder.path());
        let model = workspace.pretrained().expect("loads");
        let mut csv = String::from("id,text\n");
        for row in 0..2 * BATCH + 100 {
            let text = ["", "the plot is dull", "good"][row % 3];
            writeln!(csv, "\"r,\n#{row}\",{text}").expect("to a string");
        }
        let input = folder.path().join("many.csv");
        std::fs::write(&input, csv).expect("writes");
        let output = folder.path().join("out.csv");
        let silent = Progress::silent();
        score_file(&workspace, &model, (&input, &output), &silent).expect("scores");
        let whole = std::fs::read(&output).expect("there");
        let files = (input.as_path(), output.as_path());
        // More shards than batches leave some empty.
        for of in [1, 4, 2] {
            for number in 1..=of {
                let share = Share { number, of };
                score_shard(&workspace, &model, files, share, &silent).expect("scores");
            }
            std::fs::remove_file(&output).expect("was there");
            let joined = join_shards(&workspace, &model, files, of, &silent).expect("joins");
            assert!(
                std::fs::read(&output).expect("there") == whole,
                "{of} shards"
            );
            assert_eq!(joined.machines.len(), 1);
        }

        let shard = shard_path(&output, Share { number: 2, of: 2 });
        let bytes = std::fs::read(&shard).expect("there");
        let join = || join_shards(&workspace, &model, files, 2, &silent);
        let refused = |why: &str| {
            let error = join().expect_err(why);
            assert!(error.remedy().is_some(), "{error}");
            error.to_string()
        };
        std::fs::write(&shard, &bytes[..bytes.len() - 200]).expect("cuts");
        assert!(refused("cut").contains("cut short"));
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let without = [&lines[..20], &lines[22..]].concat().concat();
        std::fs::write(&shard, without).expect("writes");
        assert!(refused("a row less").contains("rows are missing"));
        let other = std::fs::read(shard_path(&output, Share { number: 1, of: 2 })).expect("there");
        std::fs::write(&shard, other).expect("writes");
        assert!(refused("the wrong shard").contains("another"));
        std::fs::remove_file(&shard).expect("was there");
        assert!(refused("none").contains("1 shard of 2"));
        std::fs::write(&shard, &bytes).expect("as it was");
        join().expect("joins");
        std::fs::write(&input, "id,text\n1,other\n").expect("writes");
        assert!(refused("another file").contains("another file"));
    }

    #[test]
    fn a_stopped_run_goes_on_and_ends_as_if_it_had_not_stopped() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let workspace = project(folder.path());
        let model = workspace.pretrained().expect("loads");
        let mut csv = String::from("id,text\n");
        for row in 0..2 * BATCH + 100 {
            let text = if row == 7 { "" } else { "the plot is dull" };
            writeln!(csv, "r{row},{text}").expect("to a string");
        }
        let input = folder.path().join("many.csv");
        std::fs::write(&input, csv).expect("writes");
        let (whole, halting) = (
            folder.path().join("whole.csv"),
            folder.path().join("halting.csv"),
        );
        let silent = Progress::silent();
        let scored = score_file(&workspace, &model, (&input, &whole), &silent).expect("scores");
        assert_eq!(scored.rows, 2 * BATCH as u64 + 99);
        assert_eq!((scored.taken_over, scored.left_out), (0, 1));

        // The update comes from the work itself, which goes on only afterwards.
        let own: Arc<OnceLock<Progress>> = Arc::default();
        let stopper = Arc::clone(&own);
        let progress = Progress::new(move |update| {
            if matches!(update, Update::Done { done } if done == BATCH as u64) {
                stopper.get().expect("set before the work").cancel();
            }
        });
        own.set(progress.clone()).expect("set once");
        let stopped = score_file(&workspace, &model, (&input, &halting), &progress);
        let error = stopped.expect_err("was stopped");
        assert!(error.is_cancelled(), "{error}");
        assert!(!halting.exists(), "an unfinished output looks finished");
        // Half a row after the last mark, as a kill would leave it.
        let part = with_suffix(&halting, ".part");
        let mut bytes = std::fs::read(&part).expect("kept");
        bytes.extend(b"8200,r81");
        std::fs::write(&part, bytes).expect("writes");
        let scored = score_file(&workspace, &model, (&input, &halting), &silent).expect("goes on");
        assert_eq!(scored.taken_over, BATCH as u64);
        let read = |path: &Path| std::fs::read(path).expect("there");
        assert_eq!(read(&whole), read(&halting));
        assert!(!with_suffix(&halting, ".part.json").exists());
    }

    #[test]
    fn a_run_goes_on_only_if_the_file_is_read_the_same_way() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut workspace = project(folder.path());
        let model = workspace.pretrained().expect("loads");
        let input = folder.path().join("rows.csv");
        std::fs::write(&input, "text,comment\nthe plot is dull,so good\n").expect("writes");
        let usual = workspace.manifest.clone();
        let mut keys = std::collections::BTreeSet::new();
        let changes: [fn(&mut Manifest); 5] = [
            |_| {},
            |manifest| manifest.data.columns.text = Some("comment".into()),
            |manifest| manifest.data.delimiter = Some(';'),
            |manifest| manifest.data.encoding = Some("windows-1252".into()),
            |manifest| manifest.max_tokens = Some(5),
        ];
        for change in changes {
            workspace.manifest = usual.clone();
            change(&mut workspace.manifest);
            keys.insert(fingerprint(&workspace, &model, &input).expect("describes"));
        }
        assert_eq!(keys.len(), changes.len());

        workspace.manifest = usual;
        workspace.manifest.max_tokens = Some(USUAL_MAX_TOKENS);
        let explicit = fingerprint(&workspace, &model, &input).expect("describes");
        assert!(keys.contains(&explicit), "the usual length, written out");
    }
}

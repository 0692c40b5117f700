//! Scoring a file of any size: rows are read, scored and written batch by
//! batch, so that memory stays flat over millions of rows and a stopped run
//! goes on where it was.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dataset::{TextReader, Unlabelled};
use crate::inference::{Prediction, classify, softmax};
use crate::model::{Classifier, TokenizedText};
use crate::steps::Workspace;
use crate::support::hash::{self, StepHash};
use crate::support::text::{many, without_formula};
use crate::support::{Error, Progress, Result, atomic_file};

/// Rows that are held at a time: enough for full packs on every thread, a few
/// seconds of work between two marks.
const BATCH: usize = 4_096;

/// Columns before the probabilities.
const COLUMNS: [&str; 4] = ["row", "id", "predicted", "confidence"];

/// What the name of the output ends with until it is whole.
const PART: &str = ".part";

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

/// How far a stopped run came: written beside the unfinished output.
#[derive(Serialize, Deserialize)]
struct Mark {
    /// Names input, model and how the input is read; another key starts anew.
    key: String,
    rows: u64,
    bytes: u64,
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
    progress.stage("Looking at the file", None);
    may_be_written_to(input, output)?;
    let pairs = workspace.dataset.has_pairs();
    let mut reader = TextReader::open(input, &workspace.manifest.data, pairs, progress)?;
    let mut unfinished = Unfinished::open(output, key(workspace, model, input)?, model)?;
    let taken_over = unfinished.mark.rows;
    progress.stage("Scoring rows", None);
    skip(&mut reader, taken_over, progress)?;
    loop {
        let batch = reader.next_batch(BATCH)?;
        if batch.is_empty() {
            break;
        }
        let tokens: Vec<TokenizedText> = batch
            .par_iter()
            .map(|unlabelled| workspace.encode(model, &unlabelled.text))
            .collect::<Result<_>>()?;
        progress.check()?;
        // The stage counts rows of the whole file, not of each batch.
        let logits = classify(model, &tokens, &progress.cancel_only())?.logits;
        unfinished.append(&batch, &logits, model.labels())?;
        progress.done(unfinished.mark.rows);
    }
    let rows = unfinished.mark.rows;
    if rows == 0 {
        return Err(Error::input(format!("`{}` holds no text", input.display()))
            .hint("it needs a header and rows with a text"));
    }
    unfinished.finish(output)?;
    let left_out = reader.left_out();
    if let Some(left_out) = left_out {
        progress.warn(format!(
            "{}: {} left out for want of a text or for broken cells, first row {}",
            input.display(),
            many(left_out.count, "row"),
            left_out.first_row
        ));
    }
    Ok(ScoredFile {
        rows,
        taken_over,
        left_out: left_out.map_or(0, |left_out| left_out.count),
    })
}

/// Refuses to write over the input, or over anything that is not scored rows.
fn may_be_written_to(input: &Path, output: &Path) -> Result<()> {
    let input = input.canonicalize().ok();
    let is_ours = |path: &Path| {
        atomic_file::beginning(path).starts_with(&COLUMNS.join(","))
            && path.canonicalize().ok() != input
    };
    for path in [output, with_suffix(output, PART).as_path()] {
        atomic_file::may_replace(path, "a file of scored rows", is_ours)?;
    }
    Ok(())
}

/// Names everything that a row of the output depends on.
fn key(workspace: &Workspace, model: &Classifier, input: &Path) -> Result<String> {
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

fn skip(reader: &mut TextReader, rows: u64, progress: &Progress) -> Result<()> {
    let mut left = rows;
    while left > 0 {
        progress.check()?;
        let most = usize::try_from(left).map_or(BATCH, |left| left.min(BATCH));
        let skipped = reader.next_batch(most)?.len();
        if skipped == 0 {
            break;
        }
        left -= skipped as u64;
    }
    Ok(())
}

/// The output while it grows.
struct Unfinished {
    path: PathBuf,
    mark_path: PathBuf,
    file: File,
    mark: Mark,
}

impl Unfinished {
    /// Goes on with what an earlier run left for the same key, else begins
    /// with the header.
    fn open(output: &Path, key: String, model: &Classifier) -> Result<Self> {
        let path = with_suffix(output, PART);
        let mark_path = with_suffix(output, ".part.json");
        let kept = std::fs::read(&mark_path).ok();
        let kept: Option<Mark> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let long_enough =
            |mark: &Mark| std::fs::metadata(&path).is_ok_and(|file| file.len() >= mark.bytes);
        let kept = kept.filter(|mark| mark.key == key && long_enough(mark));
        let failed = |error| Error::file("write", &path, error);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let begins = kept.is_none();
        let mark = kept.unwrap_or(Mark {
            key,
            rows: 0,
            bytes: 0,
        });
        // Whatever was written after the last mark may be half a row.
        file.set_len(mark.bytes).map_err(failed)?;
        let mut unfinished = Self {
            path,
            mark_path,
            file,
            mark,
        };
        if begins {
            unfinished.write(0, |csv| {
                let columns = COLUMNS.map(str::to_owned);
                let labels = model.labels().iter().map(|label| format!("p({label})"));
                csv.write_record(columns.into_iter().chain(labels))
            })?;
        }
        Ok(unfinished)
    }

    /// Adds a batch: `logits` are `[batch, labels]`.
    fn append(&mut self, batch: &[Unlabelled], logits: &[f32], labels: &[String]) -> Result<()> {
        self.write(batch.len() as u64, |csv| {
            for (unlabelled, logits) in batch.iter().zip(logits.chunks(labels.len().max(1))) {
                let probabilities = softmax(logits, 1.0);
                let answer = Prediction::among(&probabilities);
                let label = labels.get(usize::from(answer.label));
                csv.write_field(unlabelled.row.to_string())?;
                csv.write_field(without_formula(
                    unlabelled.id.as_deref().unwrap_or_default(),
                ))?;
                csv.write_field(without_formula(label.map_or("", String::as_str)))?;
                csv.write_field(format!("{:.6}", answer.confidence))?;
                for probability in probabilities {
                    csv.write_field(format!("{probability:.6}"))?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
            Ok(())
        })
    }

    /// Writes rows, makes them durable, then sets the mark after them.
    fn write(
        &mut self,
        rows: u64,
        fill: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>,
    ) -> Result<()> {
        use std::io::Write as _;
        let mut csv = csv::Writer::from_writer(Vec::new());
        fill(&mut csv).map_err(|e| Error::program("cannot write CSV").because(e))?;
        let bytes = csv
            .into_inner()
            .map_err(|e| Error::program("cannot write CSV").because(e.into_error()))?;
        let failed = |error| Error::file("write", &self.path, error);
        self.file
            .seek(SeekFrom::Start(self.mark.bytes))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data())
            .map_err(failed)?;
        self.mark.bytes += bytes.len() as u64;
        self.mark.rows += rows;
        let mark = serde_json::to_vec(&self.mark)
            .map_err(|e| Error::program("cannot describe what was scored").because(e))?;
        atomic_file::write(&self.mark_path, |out| out.write_all(&mark))
    }

    fn finish(self, output: &Path) -> Result<()> {
        std::fs::rename(&self.path, output).map_err(|e| Error::file("write", output, e))?;
        std::fs::remove_file(&self.mark_path).map_err(|e| Error::file("delete", &self.mark_path, e))
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
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
            keys.insert(key(&workspace, &model, &input).expect("describes"));
        }
        assert_eq!(keys.len(), changes.len());

        workspace.manifest = usual;
        workspace.manifest.max_tokens = Some(USUAL_MAX_TOKENS);
        let explicit = key(&workspace, &model, &input).expect("describes");
        assert!(keys.contains(&explicit), "the usual length, written out");
    }
}

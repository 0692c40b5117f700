//! Samples in a table: one lesson for each teacher and blind spot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{CheckedLessons, Unusual, checked};
use crate::blind_spots::is_called;
use crate::blind_spots::nearest_blind_spot;
use crate::dataset::Dataset;
use crate::dataset::columns::{self, Part};
use crate::dataset::table::{self, Format, RowRead, Table};
use crate::inference;
use crate::records::{
    Author, BlindSpot, BlindSpotId, ColumnNames, DataSpec, Hypothesis, HypothesisKind, Lesson,
    ModelAnswer, RecordId, Review, Sample, Snapshot, Text,
};
use crate::steps::sample_checks::said;
use crate::steps::{OpenProject, State};
use crate::support::hash::StepHash;
use crate::support::text::with_formula;
use crate::support::{Error, Progress, Result, user_file};

/// What a table of samples does not say of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// Name of the teacher, for rows that name none.
    pub teacher: Option<String>,
    /// The language model that wrote the samples; a person if it is none.
    pub model: Option<String>,
}

/// Reads the samples of a table, checks them, and keeps nothing.
pub(super) fn checked_samples(
    project: &OpenProject,
    state: &State,
    (file, defaults): (&Path, &Defaults),
    agree: &dyn Fn(&Unusual) -> Result<()>,
    progress: &Progress,
) -> Result<CheckedLessons> {
    let snapshot = state.snapshot().ok_or_else(|| {
        Error::input("there are no frozen blind spots that lessons could belong to")
            .hint("`blindspot discover PROJECT --freeze` makes some")
    })?;
    let mut samples = read_samples(project, snapshot, file, progress)?;
    let is_placed = |row: &Row| row.hypothesis.is_some() || row.blind_spot.is_some();
    let says_what_for = samples.iter().any(is_placed);
    Unusual::of(samples.len(), says_what_for).map_or(Ok(()), |unusual| agree(&unusual))?;
    place(project, state, snapshot, &mut samples, progress)?;
    let (lessons, rows) = lessons_of(state, snapshot, samples, defaults)?;
    let known = rejected(&lessons);
    let mut checked = checked(project, state, lessons, progress)?;
    checked.refused.extend(known);
    for (sample, reason) in &mut checked.refused {
        if let Some(row) = rows.get(sample) {
            *reason = format!("{}:{row}: {reason}", file.display());
        }
    }
    Ok(checked)
}

/// Samples that an earlier import of the same rows was refused.
fn rejected(lessons: &[Lesson]) -> Vec<(RecordId, String)> {
    let samples = lessons.iter().flat_map(|lesson| &lesson.samples);
    samples
        .filter_map(|sample| match &sample.review {
            Review::Rejected { reason } => Some((sample.id.clone(), reason.clone())),
            _ => None,
        })
        .collect()
}

/// A row of a table of samples.
struct Row {
    number: u32,
    text: Text,
    label: String,
    hypothesis: Option<String>,
    teacher: Option<String>,
    blind_spot: Option<BlindSpotId>,
    contrast: bool,
    /// What the base says, where it was asked for the blind spot.
    said: Option<ModelAnswer>,
}

/// Positions of the columns of a table of samples.
struct Columns {
    text: usize,
    text_b: Option<usize>,
    label: usize,
    hypothesis: Option<usize>,
    teacher: Option<usize>,
    blind_spot: Option<usize>,
    contrast: Option<usize>,
}

impl Columns {
    fn find(names: &[String], dataset: &Dataset, file: &str) -> Result<Self> {
        let position = |wanted: &str| {
            let mut folded = names.iter().map(|name| name.trim().to_lowercase());
            folded.position(|name| name == wanted)
        };
        let recognised = columns::recognise(names, &ColumnNames::default());
        let needed = |part: Part| {
            recognised.of(part).ok_or_else(|| {
                Error::input(format!(
                    "`{file}` has no column that looks like the {}; it has {}",
                    part.name(),
                    names.join(", ")
                ))
                .hint("a table of samples has the columns text and label, and optionally text_b, hypothesis, teacher, blind_spot, contrast")
            })
        };
        let text_b = if dataset.has_pairs() {
            Some(needed(Part::TextB)?)
        } else {
            None
        };
        Ok(Self {
            text: needed(Part::Text)?,
            text_b,
            label: needed(Part::Label)?,
            // In data of inference this is the name of the second text.
            hypothesis: position("hypothesis").filter(|column| Some(*column) != text_b),
            teacher: position("teacher"),
            blind_spot: position("blind_spot"),
            contrast: position("contrast"),
        })
    }

    fn read(
        &self,
        number: u32,
        table: &dyn Table,
        (dataset, snapshot): (&Dataset, &Snapshot),
    ) -> Result<Row> {
        let cell = |column: usize| with_formula(table.cell(column).trim()).to_owned();
        let filled = |column: Option<usize>| column.map(cell).filter(|text| !text.is_empty());
        let text = Text {
            first: cell(self.text),
            second: self.text_b.map(cell),
        };
        if text.first.is_empty() || text.second.as_ref().is_some_and(String::is_empty) {
            return Err(
                Error::input("the sample has no text").hint("fill the cell or delete the row")
            );
        }
        let label = cell(self.label);
        let Some(label) = dataset.label_meant(&label) else {
            return Err(Error::input(format!("there is no label `{label}`"))
                .hint(format!("the labels are {}", dataset.labels.join(", "))));
        };
        let label = dataset.label_name(label).to_owned();
        let blind_spot = filled(self.blind_spot).map(|named| {
            let spots = snapshot.blind_spots.iter();
            let is_it = |spot: &&BlindSpot| {
                spot.id.to_string() == named || is_called(spot, &named, dataset)
            };
            let mut found = spots.filter(is_it);
            found.next().map(|spot| spot.id).ok_or_else(|| {
                let known: Vec<String> = snapshot
                    .blind_spots
                    .iter()
                    .map(|spot| format!("{} ({})", spot.id, spot.name))
                    .collect();
                Error::input(format!("there is no blind spot `{named}`"))
                    .hint(format!("the blind spots are {}", known.join("; ")))
            })
        });
        let yes = ["1", "true", "yes", "x"];
        Ok(Row {
            number,
            text,
            label,
            hypothesis: filled(self.hypothesis),
            teacher: filled(self.teacher),
            blind_spot: blind_spot.transpose()?,
            contrast: filled(self.contrast)
                .is_some_and(|said| yes.contains(&said.to_lowercase().as_str())),
            said: None,
        })
    }
}

fn read_samples(
    project: &OpenProject,
    snapshot: &Snapshot,
    file: &Path,
    progress: &Progress,
) -> Result<Vec<Row>> {
    let dataset = &project.workspace.dataset;
    let name = file.display().to_string();
    let (mut table, layout) = table::open(file, &name, &DataSpec::default(), progress)?;
    if layout.format == Format::JsonLines && !layout.is_unicode() {
        // JSON is Unicode by its standard, and a sample of a few words is no
        // evidence for anything else.
        user_file::text(file)?;
    }
    layout.tell(&name, progress);
    let columns = Columns::find(&layout.columns, dataset, &name)?;
    let mut rows = Vec::new();
    while let Some(step) = table.advance()? {
        let (number, row) = match step {
            RowRead::Row(number) => {
                let read = columns.read(number, table.as_ref(), (dataset, snapshot));
                (number, read)
            }
            RowRead::Broken(number, why) => (
                number,
                Err(Error::input(why).hint("correct the row or delete it")),
            ),
        };
        rows.push(row.map_err(|error| error.context(format!("{name}:{number}")))?);
    }
    if rows.is_empty() {
        return Err(Error::input(format!("`{name}` holds no sample"))
            .hint("it needs a header and rows with a text and a label"));
    }
    Ok(rows)
}

/// Sends each sample without a blind spot to the nearest one, as the base
/// model sees its text, and notes what the base says to it.
fn place(
    project: &OpenProject,
    state: &State,
    snapshot: &Snapshot,
    rows: &mut [Row],
    progress: &Progress,
) -> Result<()> {
    let mut homeless: Vec<&mut Row> = rows
        .iter_mut()
        .filter(|row| row.blind_spot.is_none())
        .collect();
    if homeless.is_empty() {
        return Ok(());
    }
    let base = project.base(false, progress)?;
    let tokens = homeless
        .iter()
        .map(|row| project.workspace.encode(&base.model, &row.text));
    let tokens: Vec<_> = tokens.collect::<Result<_>>()?;
    let scores = inference::score(&base.model, &tokens, progress)?;
    let embeddings = scores.embeddings.chunks(scores.width.max(1));
    let temperature = state.effective_temperature();
    for (row, (embedding, logits)) in homeless.iter_mut().zip(embeddings.zip(scores.rows())) {
        row.blind_spot = nearest_blind_spot(snapshot, embedding);
        row.said = Some(said(&base.model, logits, temperature));
    }
    Ok(())
}

/// One lesson for each teacher and blind spot, and the rows that the samples
/// stand in. The ids follow from the content, so that the same table changes
/// nothing when it comes in again; what became of a sample since stays.
fn lessons_of(
    state: &State,
    snapshot: &Snapshot,
    rows: Vec<Row>,
    defaults: &Defaults,
) -> Result<(Vec<Lesson>, BTreeMap<RecordId, u32>)> {
    let author = match &defaults.model {
        Some(model) => Author::Llm {
            model: model.clone(),
            prompt: None,
        },
        None => Author::Human,
    };
    let usual = defaults.teacher.as_deref().unwrap_or("imported");
    let mut lessons: BTreeMap<(String, BlindSpotId), Begun<'_>> = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    for row in rows {
        let spot = row.blind_spot.ok_or_else(|| {
            Error::input("there is no blind spot that the samples could belong to")
                .hint("lower τ, so that there are unknown unknowns to group")
        })?;
        let teacher = row.teacher.clone().unwrap_or_else(|| usual.to_owned());
        let lesson = lessons
            .entry((teacher.clone(), spot))
            .or_insert_with(|| Begun::new(teacher, (state, snapshot, spot), defaults, &author));
        let number = row.number;
        numbers.insert(lesson.add(row), number);
    }
    let lessons = lessons.into_values().map(|begun| begun.lesson).collect();
    Ok((lessons, numbers))
}

/// A lesson that is being put together.
struct Begun<'a> {
    lesson: Lesson,
    /// Samples that the project has of it already.
    known: BTreeMap<&'a RecordId, &'a Sample>,
    /// Ids of the samples so far.
    taken: BTreeSet<RecordId>,
}

impl<'a> Begun<'a> {
    fn new(
        teacher: String,
        (state, snapshot, spot): (&'a State, &Snapshot, BlindSpotId),
        defaults: &Defaults,
        author: &Author,
    ) -> Self {
        let id = lesson_id(&teacher, defaults, (snapshot.version, spot));
        let known = state.document.lessons.get(&id);
        let known = known.into_iter().flat_map(|lesson| &lesson.samples);
        Self {
            known: known.map(|sample| (&sample.id, sample)).collect(),
            taken: BTreeSet::new(),
            lesson: Lesson {
                statement: "Imported from a file.".into(),
                // Nobody knows what the writer saw; at most what may be shown.
                shown: state
                    .blind_spot(spot)
                    .map_or_else(Vec::new, |spot| spot.shown.clone()),
                ..Lesson::new(id, (spot, snapshot.version), teacher, author.clone())
            },
        }
    }

    /// Adds the sample of a row, or what the project has of it; gives its id.
    fn add(&mut self, row: Row) -> RecordId {
        let author = self.lesson.author.clone();
        let hypothesis = row
            .hypothesis
            .map(|text| hypothesis(&mut self.lesson, text, &author));
        let said = hypothesis.as_ref().map_or("", |id| id.0.as_str());
        let second = row.text.second.as_deref().unwrap_or_default();
        let id = |copy: u64| {
            id_of(
                "sample",
                StepHash::default()
                    .with("lesson", self.lesson.id.0.as_bytes())
                    .with("hypothesis", said.as_bytes())
                    .with("text", row.text.first.as_bytes())
                    .with("second", second.as_bytes())
                    .with("label", row.label.as_bytes())
                    .with("copy", &copy.to_le_bytes()),
            )
        };
        // A row that stands in the table twice is two samples, of which the
        // checks refuse the second.
        let id = (0..).map(id).find(|id| !self.taken.contains(id));
        let id = id.unwrap_or_else(|| RecordId::random("sample"));
        self.taken.insert(id.clone());
        let known = self.known.get(&id).map(|known| (*known).clone());
        self.lesson.samples.push(known.unwrap_or_else(|| Sample {
            hypothesis,
            contrast: row.contrast,
            model_answer: row.said,
            ..Sample::new(id.clone(), row.text, row.label, author)
        }));
        id
    }
}

fn lesson_id(teacher: &str, defaults: &Defaults, (snapshot, spot): (u32, BlindSpotId)) -> RecordId {
    let model = defaults.model.as_deref().unwrap_or_default();
    id_of(
        "lesson",
        StepHash::default()
            .with("teacher", teacher.as_bytes())
            .with("model", model.as_bytes())
            .with("snapshot", &snapshot.to_le_bytes())
            .with("blind spot", &spot.0.to_le_bytes()),
    )
}

/// The id of a hypothesis of the lesson; equal sentences are one.
fn hypothesis(lesson: &mut Lesson, text: String, author: &Author) -> RecordId {
    let hash = StepHash::default()
        .with("lesson", lesson.id.0.as_bytes())
        .with("hypothesis", text.as_bytes());
    let id = id_of("hypothesis", hash);
    if lesson.hypotheses.iter().all(|known| known.id != id) {
        lesson.hypotheses.push(Hypothesis::new(
            id.clone(),
            HypothesisKind::Abstraction,
            text,
            author.clone(),
        ));
    }
    id
}

fn id_of(kind: &str, hash: StepHash) -> RecordId {
    RecordId(format!("{kind}-{}", &hash.finish()[..16]))
}

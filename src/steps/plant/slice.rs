//! Which slices blind spots are planted in.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng as _;
use rand::seq::SliceRandom as _;

use super::{Chosen, Fault, Slice, Wanted};
use crate::dataset::{Dataset, Example};
use crate::inference::Predictions;
use crate::records::{Label, Role};
use crate::steps::{Workspace, score};
use crate::support::rng::{self, Rng};
use crate::support::{Error, Progress, Result};

/// Fewest rows of a slice in discovery.
const FEWEST: usize = 12;
/// Fewest rows of a slice in training: of fewer a model that is fitted for a
/// few epochs learns nothing wrong.
const FEWEST_TAUGHT: usize = 40;
/// Share of its label's training rows that a slice may be.
const SHARES: std::ops::RangeInclusive<f64> = 0.03..=0.2;
/// Share of the rows of a label that bear a marker.
const MARKED: f64 = 0.4;
/// Draws before a kind of slice is given up.
const TRIES: usize = 60;
/// One group in so many is not trained on.
const ONE_IN: usize = 3;
/// What becomes of these groups, in turn.
const AWAY: [Role; 8] = [
    Role::Discovery,
    Role::Discovery,
    Role::Discovery,
    Role::Check,
    Role::Discovery,
    Role::Discovery,
    Role::Discovery,
    Role::Final,
];

/// The rows that a planted project is made from.
pub(super) struct Rows<'a> {
    pub dataset: &'a Dataset,
    /// Role that each row gets there; other rows are left out.
    pub roles: BTreeMap<usize, Role>,
    words: BTreeMap<usize, BTreeSet<String>>,
    lengths: BTreeMap<usize, usize>,
    /// Embeddings of the model before it is fitted.
    before: Predictions,
}

impl<'a> Rows<'a> {
    pub(super) fn of(workspace: &'a Workspace, seed: u64, progress: &Progress) -> Result<Self> {
        let dataset: &Dataset = &workspace.dataset;
        let learnt = score::with_roles(workspace, &[Role::Train, Role::Reserve]);
        if learnt.is_empty() {
            return Err(Error::input("no row has the role `train`")
                .hint("blind spots are planted in training rows: give some rows that role"));
        }
        let roles = shared_out(dataset, &learnt, seed);
        let mut words = BTreeMap::new();
        let mut lengths = BTreeMap::new();
        for row in &learnt {
            let text = dataset.examples[*row]
                .text()
                .map(crate::records::Text::joined);
            let all: Vec<String> = words_of(text.as_deref().unwrap_or_default()).collect();
            lengths.insert(*row, all.len());
            words.insert(*row, all.into_iter().collect());
        }
        progress.stage("Looking for slices", None);
        let before = score::score(workspace, &*workspace.pretrained()?, learnt, progress)?;
        Ok(Self {
            dataset,
            roles,
            words,
            lengths,
            before,
        })
    }

    fn example(&self, row: usize) -> &Example {
        &self.dataset.examples[row]
    }

    /// Rows of a role and label that no plant has taken yet.
    fn free(&self, (role, label): (Role, Label), taken: &BTreeSet<usize>) -> Vec<usize> {
        let rows = self.roles.iter().filter(|(row, of)| {
            **of == role && self.example(**row).label == label && !taken.contains(row)
        });
        rows.map(|(row, _)| *row).collect()
    }

    fn belongs(&self, row: usize, slice: &Slice) -> bool {
        match slice {
            Slice::Term { word } => self
                .words
                .get(&row)
                .is_some_and(|words| words.contains(word)),
            Slice::Length { least, most } => {
                let length = self.lengths.get(&row).copied().unwrap_or(0);
                (*least..=*most).contains(&length)
            }
            Slice::Source { source } => {
                let of = usize::from(self.example(row).source);
                self.dataset.sources.get(of) == Some(source)
            }
            Slice::Region { around, cosine } => {
                let centre = self.dataset.index_of(around);
                centre.is_some_and(|centre| self.cosine(row, centre) >= *cosine)
            }
            Slice::Drawn => true,
        }
    }

    fn cosine(&self, a: usize, b: usize) -> f32 {
        let embedding = |row| Some(self.before.embedding(self.before.row_of(row)?));
        let pair = embedding(a).zip(embedding(b));
        pair.map_or(0.0, |(a, b)| a.iter().zip(b).map(|(x, y)| x * y).sum())
    }

    /// A slice of a kind among training rows of one label, drawn.
    fn draw(&self, kind: Kind, training: &[usize], rng: &mut Rng) -> Option<Slice> {
        let of = *training.choose(rng)?;
        match kind {
            Kind::Term => {
                let words: Vec<&String> = self.words.get(&of)?.iter().collect();
                let word = (*words.choose(rng)?).clone();
                Some(Slice::Term { word })
            }
            Kind::Length => {
                let mut lengths: Vec<usize> = training
                    .iter()
                    .filter_map(|row| self.lengths.get(row))
                    .copied()
                    .collect();
                lengths.sort_unstable();
                let share = rng.gen_range(0.04..0.1);
                let place = (lengths.len() as f64 * share) as usize;
                Some(match rng.gen_bool(0.5) {
                    true => Slice::Length {
                        least: 0,
                        most: *lengths.get(place)?,
                    },
                    false => Slice::Length {
                        least: *lengths.get(lengths.len().checked_sub(place + 1)?)?,
                        most: usize::MAX,
                    },
                })
            }
            Kind::Source => {
                let source = self
                    .dataset
                    .sources
                    .get(usize::from(self.example(of).source))?;
                Some(Slice::Source {
                    source: source.clone(),
                })
            }
            Kind::Region => {
                let mut near: Vec<f32> = training.iter().map(|row| self.cosine(*row, of)).collect();
                near.sort_by(|a, b| b.total_cmp(a));
                let place = (near.len() as f64 * 0.05) as usize;
                Some(Slice::Region {
                    around: self.example(of).key.clone(),
                    cosine: *near.get(place)?,
                })
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Term,
    Length,
    Source,
    Region,
}

/// The order in which plants are made; then from the beginning.
const ORDER: [(Fault, Kind); 8] = [
    (Fault::Mislabelled, Kind::Term),
    (Fault::Marker, Kind::Region),
    (Fault::Mislabelled, Kind::Region),
    (Fault::Removed, Kind::Region),
    (Fault::Mislabelled, Kind::Length),
    (Fault::Removed, Kind::Term),
    (Fault::Mislabelled, Kind::Source),
    (Fault::Removed, Kind::Length),
];

/// Slices that share no row.
pub(super) fn choose(rows: &Rows<'_>, wanted: Wanted, progress: &Progress) -> Result<Vec<Chosen>> {
    let mut rng = rng::seeded(wanted.seed, "plants");
    let mut taken = BTreeSet::new();
    let mut chosen = Vec::new();
    // Seeds begin at different kinds, so that few plants each make a mixture.
    let order = ORDER
        .iter()
        .cycle()
        .skip(wanted.seed as usize % ORDER.len() * wanted.plants);
    for (fault, kind) in order.take(4 * ORDER.len().max(wanted.plants)) {
        progress.check()?;
        if chosen.len() == wanted.plants {
            break;
        }
        if let Some(found) = one(rows, (*fault, *kind), &taken, &mut rng) {
            taken.extend(found.training.iter().chain(&found.discovery));
            chosen.push(found);
        }
    }
    match chosen.len() == wanted.plants {
        true => Ok(chosen),
        false => Err(Error::input(format!(
            "only {} of {} blind spots can be planted: the training rows have too few slices of \
             {FEWEST_TAUGHT} rows and more",
            chosen.len(),
            wanted.plants
        ))
        .hint("ask for fewer, or take a project with more training rows")),
    }
}

fn one(
    rows: &Rows<'_>,
    (fault, kind): (Fault, Kind),
    taken: &BTreeSet<usize>,
    rng: &mut Rng,
) -> Option<Chosen> {
    let labels = rows.dataset.labels.len();
    for _ in 0..TRIES {
        let label = rng.gen_range(0..labels) as Label;
        let taught = ((usize::from(label) + rng.gen_range(1..labels)) % labels) as Label;
        let training = rows.free((Role::Train, label), taken);
        let discovery = rows.free((Role::Discovery, label), taken);
        let slice = match fault {
            Fault::Marker => Slice::Drawn,
            Fault::Mislabelled | Fault::Removed => rows.draw(kind, &training, rng)?,
        };
        let (training, discovery) = match fault {
            Fault::Marker => {
                let mut bearing = rows.free((Role::Train, taught), taken);
                bearing.shuffle(rng);
                bearing.truncate((bearing.len() as f64 * MARKED) as usize);
                let mut bearers = discovery;
                bearers.shuffle(rng);
                bearers.truncate((bearers.len() / 12).max(FEWEST));
                (bearing, bearers)
            }
            Fault::Mislabelled | Fault::Removed => {
                let of = |all: &[usize]| -> Vec<usize> {
                    let inside = all.iter().filter(|row| rows.belongs(**row, &slice));
                    inside.copied().collect()
                };
                let inside = of(&training);
                let share = inside.len() as f64 / training.len().max(1) as f64;
                if !SHARES.contains(&share) {
                    continue;
                }
                (inside, of(&discovery))
            }
        };
        if training.len() >= FEWEST_TAUGHT && discovery.len() >= FEWEST {
            return Some(Chosen {
                fault,
                slice,
                label,
                taught,
                training,
                discovery,
            });
        }
    }
    None
}

/// *train* and, for a third of the groups, *discovery* for the most part, *check*
/// and *final*, which every project has; *validation* as it was.
fn shared_out(dataset: &Dataset, learnt: &[usize], seed: u64) -> BTreeMap<usize, Role> {
    let mut groups: Vec<u32> = learnt
        .iter()
        .map(|row| dataset.examples[*row].group)
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups.shuffle(&mut rng::seeded(seed, "planted roles"));
    groups.truncate(groups.len() / ONE_IN);
    let away: BTreeMap<u32, Role> = groups.into_iter().zip(AWAY.into_iter().cycle()).collect();
    let role = |row: &usize| {
        let group = dataset.examples[*row].group;
        away.get(&group).copied().unwrap_or(Role::Train)
    };
    let validation = dataset.with_role(Role::Validation).into_iter();
    let validation = validation.map(|row| (row, Role::Validation));
    learnt
        .iter()
        .map(|row| (*row, role(row)))
        .chain(validation)
        .collect()
}

fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
}

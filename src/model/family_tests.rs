//! Every family against PyTorch and transformers, from the files that
//! `tests/engine/make_family_fixtures.py` made: logits, embeddings, and the
//! gradient of every tensor, from the words and from a block on.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::attention::Queries;
use super::encoder::{ScoringBuffers, Start, TrainingBuffers};
use super::fixture::{noise, write_from_formula};
use super::head::cross_entropy;
use super::kernels::dropout::Dropout;
use super::layout::Place;
use super::pack::Pack;
use super::{Classifier, TokenizedText};

const FIXTURES: [&str; 15] = [
    "bert",
    "distilbert",
    "roberta",
    "xlm-roberta",
    "camembert",
    "electra",
    "electra-wide",
    "mpnet",
    "deberta-v3",
    "deberta-v2",
    "deberta-c2p",
    "deberta-conv",
    "deberta-conv-one",
    "modernbert",
    "modernbert-mean",
];

#[derive(Deserialize)]
struct Fixture {
    tensors: Vec<Named>,
    rows: Vec<Row>,
    step: Step,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Row {
    ids: Vec<u32>,
    types: Vec<u8>,
    logits: Vec<f32>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Step {
    batch: Vec<usize>,
    labels: Vec<u16>,
    loss: f64,
    /// Length, and products with directions.
    gradients: BTreeMap<String, Vec<f64>>,
}

impl Fixture {
    fn load(name: &str) -> (Self, Classifier) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/families");
        let path = folder.join(format!("{name}.json"));
        let text = std::fs::read_to_string(path).expect("fixture is there");
        let value: serde_json::Value = serde_json::from_str(&text).expect("fixture is JSON");
        let dir = tempfile::tempdir().expect("temporary folder");
        write_from_formula(dir.path(), &value).expect("model is written");
        let model = Classifier::load(dir.path()).expect("model loads");
        (serde_json::from_value(value).expect("fits"), model)
    }

    fn texts(&self) -> Vec<TokenizedText> {
        let text = |row: &Row| TokenizedText {
            ids: row.ids.clone(),
            type_ids: row.types.clone(),
        };
        self.rows.iter().map(text).collect()
    }

    fn batch(&self) -> Vec<TokenizedText> {
        let texts = self.texts();
        let batch = self.step.batch.iter();
        batch.map(|row| texts[*row].clone()).collect()
    }
}

fn close(what: &str, ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() < 1e-4, "{what}: {a} or {b}");
    }
}

#[test]
fn logits_and_embeddings_agree_with_transformers() {
    for name in FIXTURES {
        let (fixture, model) = Fixture::load(name);
        assert_eq!(fixture.rows.len(), 32);
        let texts = fixture.texts();
        let pack = Pack::new(&texts);
        let laid_out = model.weights().for_scoring(0);
        for weights in [model.weights(), model.weights().laid_out(&laid_out)] {
            for last in [Queries::All, Queries::First] {
                let mut buffers = ScoringBuffers::new(model.config(), pack.size(), last);
                let scored = buffers.score(weights, &pack, Start::Words);
                let logits = scored.logits.chunks(model.labels().len());
                for (number, (logits, row)) in logits.zip(&fixture.rows).enumerate() {
                    close(&format!("{name}, logits of {number}"), logits, &row.logits);
                }
                let embeddings = scored.embeddings.chunks(model.hidden_size());
                for (number, (embedding, row)) in embeddings.zip(&fixture.rows).enumerate() {
                    let what = format!("{name}, embedding of {number}");
                    close(&what, embedding, &row.embedding);
                }
            }
        }
    }
}

/// Loss, and the gradients of the part of the body that is trained.
fn gradients(
    model: &Classifier,
    fixture: &Fixture,
    from: Option<usize>,
) -> (f64, Vec<f32>, TrainingBuffers) {
    let texts = fixture.batch();
    let pack = Pack::new(&texts);
    let mut buffers = TrainingBuffers::new(model.config(), pack.size(), from, false);
    let mut start = 0;
    if let Some(block) = from {
        let mut lower = ScoringBuffers::new(model.config(), pack.size(), Queries::All);
        let states = lower.states(model.weights(), &pack, Start::Words, block);
        buffers.given_states()[..states.len()].copy_from_slice(states);
        start = match block < model.layers() {
            true => model.layout().block_range(block).start,
            false => model.layout().head_range().start,
        };
    }
    let mut lengths = Pack::default();
    let given: Vec<usize> = texts.iter().map(TokenizedText::len).collect();
    lengths.refill_lengths(&given);
    // From a block on nobody knows the words.
    let pack = if from.is_some() { lengths } else { pack };
    let logits = buffers.forward(model.weights(), &pack, Dropout::OFF);
    let weights = vec![1.0; texts.len()];
    let classes = model.labels().len();
    let loss = cross_entropy(logits, classes, &fixture.step.labels, &weights);
    let mut body = vec![f32::NAN; model.layout().body_length() - start];
    buffers.backward(model.weights(), &pack, Dropout::OFF, &mut body);
    (loss, body, buffers)
}

fn check_gradient(what: &str, stream: usize, ours: &[f32], theirs: &[f64]) {
    let length = ours.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>();
    let product = |k: usize| -> f64 {
        let pairs = ours.iter().enumerate();
        pairs
            .map(|(i, g)| f64::from(*g) * noise(i, 1000 * (k + 1) + stream))
            .sum()
    };
    let products = (0..theirs.len() - 1).map(product);
    let all = std::iter::once(length.sqrt()).chain(products);
    let tolerance = 1e-4 * theirs[0] + 1e-6;
    for (ours, theirs) in all.zip(theirs) {
        let difference = (ours - theirs).abs();
        assert!(difference < tolerance, "{what}: {ours} or {theirs}");
    }
}

#[test]
fn gradients_of_every_tensor_agree_with_pytorch() {
    for name in FIXTURES {
        let (fixture, model) = Fixture::load(name);
        let (loss, body, buffers) = gradients(&model, &fixture, None);
        assert!((loss - fixture.step.loss).abs() < 1e-5, "{name}: {loss}");
        let width = model.config().embedding;
        let mut words = vec![0.0; model.config().vocabulary * width];
        let of_tokens = buffers.word_gradients(model.config()).chunks(width);
        let ids = fixture.batch().into_iter().flat_map(|text| text.ids);
        for (id, gradient) in ids.zip(of_tokens) {
            // PyTorch keeps the row of the padding as it is.
            if id != model.config().padding {
                let row = &mut words[id as usize * width..][..width];
                row.iter_mut().zip(gradient).for_each(|(x, g)| *x += g);
            }
        }
        // Where query, key and value are one tensor, so they are in the body.
        for tensor in model.layout().tensors() {
            let stream = fixture.tensors.iter().position(|t| t.name == tensor.name);
            let stream = stream.expect("the fixture has it");
            let gradient = match &tensor.place {
                Place::Words => &words[..],
                Place::Body(range) => &body[range.clone()],
            };
            let theirs = &fixture.step.gradients[&tensor.name];
            let what = format!("{name}, gradient of {}", tensor.name);
            check_gradient(&what, stream, gradient, theirs);
        }
        assert_eq!(model.layout().tensors().len(), fixture.tensors.len());
    }
}

#[test]
fn training_from_a_block_on_gives_the_gradients_of_training_from_the_words() {
    for name in FIXTURES {
        let (fixture, model) = Fixture::load(name);
        let (loss, whole, _) = gradients(&model, &fixture, None);
        for block in 1..=model.layers() {
            let (upper_loss, upper, _) = gradients(&model, &fixture, Some(block));
            assert!((loss - upper_loss).abs() < 1e-5, "{name} from {block}");
            let of_whole = &whole[whole.len() - upper.len()..];
            let largest = of_whole.iter().map(|g| g.abs()).fold(0.0, f32::max);
            for (a, b) in upper.iter().zip(of_whole) {
                let difference = (a - b).abs();
                assert!(
                    difference < 1e-5 * largest.max(1.0),
                    "{name} from {block}: {a} or {b}"
                );
            }
        }
    }
}

/// Buffers for a text of 8,192 tokens fit into a few megabytes for each
/// thousand: a matrix of all pairs of its tokens would take 256 for each head.
#[test]
fn a_long_text_takes_memory_in_proportion_to_its_length() {
    let (_, model) = Fixture::load("modernbert");
    let mut config = model.config().clone();
    config.positions = 8192;
    let size = |length: usize| {
        let size = super::pack::PackSize::of([length]);
        let keep = super::block::Keep::ForBackward { dropout: true };
        let block = super::block::BlockBuffers::new(&config, 0, size, Queries::All, keep);
        let scratch = super::block::Scratch::new(&config, size);
        block.elements() + scratch.elements()
    };
    let (short, long) = (size(1024), size(8192));
    assert!(long <= 8 * short + 8 * 4096, "{short} and {long} elements");
}

//! Whole-model tests of the backward pass.

use super::attention::Queries;
use super::encoder::{ScoringBuffers, Start, TrainingBuffers};
use super::family::Family;
use super::fixture;
use super::head::cross_entropy;
use super::kernels::dropout::Dropout;
use super::layout::Place;
use super::pack::Pack;
use super::{Classifier, TokenizedText};
use crate::support::rng;
use rand::Rng as _;

fn tiny(family: Family) -> Classifier {
    let dir = tempfile::tempdir().expect("temporary folder");
    fixture::tiny_model_of(dir.path(), family, true).expect("fixture is written");
    Classifier::load(dir.path()).expect("fixture loads")
}

/// Texts of these lengths with random words.
fn texts(model: &Classifier, lengths: &[usize], seed: u64) -> Vec<TokenizedText> {
    let mut generator = rng::seeded(seed, "texts");
    let vocabulary = model.config().vocabulary as u32;
    lengths
        .iter()
        .map(|&length| TokenizedText {
            ids: (0..length)
                .map(|_| generator.gen_range(0..vocabulary))
                .collect(),
            type_ids: (0..length).map(|i| u8::from(i > length / 2)).collect(),
        })
        .collect()
}

/// Loss and gradients of the body and of each token's word row.
fn gradients(
    model: &Classifier,
    texts: &[TokenizedText],
    labels: &[u16],
    dropout: Dropout,
) -> (f64, Vec<f32>, Vec<f32>) {
    let pack = Pack::new(texts);
    let mut buffers = TrainingBuffers::new(model.config(), pack.size(), None, dropout.is_on());
    let logits = buffers.forward(model.weights(), &pack, dropout);
    let weights = vec![1.0; texts.len()];
    let loss = cross_entropy(logits, model.labels().len(), labels, &weights);
    let mut body = vec![f32::NAN; model.layout().body_length()];
    buffers.backward(model.weights(), &pack, dropout, &mut body);
    let words = buffers.word_gradients(model.config());
    let words = words[..pack.tokens() * model.config().embedding].to_vec();
    (loss, body, words)
}

const LENGTHS: [usize; 5] = [1, 2, 17, 128, 17];
const LABELS: [u16; 5] = [0, 1, 1, 0, 1];

#[test]
fn the_whole_gradient_agrees_with_finite_differences_along_random_directions() {
    for family in Family::ALL {
        for rate in [0.0, 0.1] {
            agrees_along_random_directions(&tiny(family), rate);
        }
    }
}

#[test]
fn so_does_that_of_a_head_whose_classes_are_added_up() {
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let classes = names(&["joy", "anger", "love", "fear"]);
    for family in [Family::Bert, Family::ModernBert] {
        let four = tiny(family).with_new_head(&classes, 7);
        let groups = [vec![0, 2], vec![3, 1]];
        let added = four.with_classes(&groups, &names(&["positive", "negative"]));
        agrees_along_random_directions(&added, 0.1);
    }
}

fn agrees_along_random_directions(model: &Classifier, rate: f32) {
    let texts = texts(model, &LENGTHS, 3);
    let dropout = Dropout::next(rate, &mut rng::seeded(5, "dropout"));
    let (_, of_body, of_tokens) = gradients(model, &texts, &LABELS, dropout);
    let of_words = by_word(model, &texts, &of_tokens);
    let mut generator = rng::seeded(9, "directions");
    let mut direction = |like: &[f32]| -> Vec<f32> {
        let sign = |_: &f32| if generator.r#gen() { 1.0 } else { -1.0 };
        like.iter().map(sign).collect()
    };
    let along = |gradient: &[f32], direction: &[f32]| -> f64 {
        let products = gradient.iter().zip(direction);
        products.map(|(g, d)| f64::from(g * d)).sum()
    };
    let shift = |weights: &mut [f32], distance: f32, direction: &[f32]| {
        let weights = weights.iter_mut().zip(direction);
        weights.for_each(|(w, d)| *w += distance * d);
    };
    for _ in 0..4 {
        let (body, words) = (direction(&of_body), direction(&of_words));
        let expected = along(&of_body, &body) + along(&of_words, &words);
        let loss_at = |distance: f32| {
            let mut moved = model.clone();
            shift(moved.body_mut(), distance, &body);
            shift(moved.words_mut(), distance, &words);
            gradients(&moved, &texts, &LABELS, dropout).0
        };
        // Short, lest a unit of DistilBERT's ReLU changes sides.
        let h = 1e-4;
        let slope = (loss_at(h) - loss_at(-h)) / (2.0 * f64::from(h));
        let error = (slope - expected).abs() / slope.abs().max(1.0);
        let family = model.config().family;
        assert!(error < 0.02, "{family:?}, {rate}: {slope} or {expected}");
    }
}

/// The gradient of the word embeddings, `[words, width]`: that of a word is the
/// sum over the tokens that are it.
fn by_word(model: &Classifier, texts: &[TokenizedText], of_tokens: &[f32]) -> Vec<f32> {
    let width = model.config().embedding;
    let mut of_words = vec![0.0; model.config().vocabulary * width];
    let ids = texts.iter().flat_map(|text| &text.ids);
    for (id, gradient) in ids.zip(of_tokens.chunks(width)) {
        let row = &mut of_words[*id as usize * width..][..width];
        row.iter_mut().zip(gradient).for_each(|(x, g)| *x += g);
    }
    of_words
}

#[test]
fn every_tensor_has_a_gradient_that_agrees_with_finite_differences() {
    for family in Family::ALL {
        every_tensor_of(family);
    }
}

/// A bias that shifts all scores of a row alike: no gradient but noise.
fn moves_nothing(model: &Classifier, name: &str) -> bool {
    let of_keys = name.ends_with("key.bias") || name.ends_with("k_lin.bias");
    of_keys || name.ends_with("attn.k.bias") && model.config().family == Family::MpNet
}

fn every_tensor_of(family: Family) {
    let model = tiny(family);
    let texts = texts(&model, &LENGTHS, 3);
    let (_, gradient, _) = gradients(&model, &texts, &LABELS, Dropout::OFF);
    for tensor in model.layout().tensors() {
        let Place::Body(range) = &tensor.place else {
            continue;
        };
        let own = &gradient[range.clone()];
        let length = own
            .iter()
            .map(|g| f64::from(*g).powi(2))
            .sum::<f64>()
            .sqrt();
        if moves_nothing(&model, &tensor.name) {
            assert!(length < 1e-5, "{} has the gradient {length}", tensor.name);
            continue;
        }
        assert!(length > 1e-4, "{} has the gradient {length}", tensor.name);
        // Along its own gradient the loss must rise by the gradient's length.
        let h = 1e-2;
        let loss_at = |distance: f64| {
            let mut moved = model.clone();
            for (w, g) in moved.body_mut()[range.clone()].iter_mut().zip(own) {
                *w += (distance * f64::from(*g) / length) as f32;
            }
            gradients(&moved, &texts, &LABELS, Dropout::OFF).0
        };
        let slope = (loss_at(h) - loss_at(-h)) / (2.0 * h);
        let error = (slope - length).abs() / length.max(1e-2);
        assert!(error < 0.02, "{}: {slope} or {length}", tensor.name);
    }
}

#[test]
fn changing_one_sequence_changes_no_other() {
    for family in Family::ALL {
        changes_no_other(&tiny(family));
    }
}

fn changes_no_other(model: &Classifier) {
    let before = texts(model, &LENGTHS, 3);
    let mut after = before.clone();
    after[2] = texts(model, &[9], 4).remove(0);
    let score = |texts: &[TokenizedText]| {
        let pack = Pack::new(texts);
        let mut buffers = ScoringBuffers::new(model.config(), pack.size(), Queries::All);
        let scored = buffers.score(model.weights(), &pack, Start::Words);
        (scored.logits.to_vec(), scored.embeddings.to_vec())
    };
    let (one, other) = (score(&before), score(&after));
    let hidden = model.hidden_size();
    for s in 0..LENGTHS.len() {
        let logits = |x: &(Vec<f32>, Vec<f32>)| x.0[s * 2..s * 2 + 2].to_vec();
        let embedding = |x: &(Vec<f32>, Vec<f32>)| x.1[s * hidden..(s + 1) * hidden].to_vec();
        assert_eq!(logits(&one) == logits(&other), s != 2, "logits of {s}");
        assert_eq!(
            embedding(&one) == embedding(&other),
            s != 2,
            "embedding of {s}"
        );
    }
    // The gradient of each token's word row is the sequence's own as well.
    let (_, _, one) = gradients(model, &before, &LABELS, Dropout::OFF);
    let (_, _, other) = gradients(model, &after, &LABELS, Dropout::OFF);
    let width = model.config().embedding;
    let first = 3 * width;
    assert_eq!(one[..first], other[..first]);
    let last = 128 * width + 17 * width;
    assert_eq!(one[one.len() - last..], other[other.len() - last..]);
}

#[test]
fn training_and_scoring_give_the_same_logits() {
    for family in Family::ALL {
        same_logits(&tiny(family));
    }
}

fn same_logits(model: &Classifier) {
    let texts = texts(model, &LENGTHS, 3);
    let pack = Pack::new(&texts);
    let mut training = TrainingBuffers::new(model.config(), pack.size(), None, false);
    let trained = training
        .forward(model.weights(), &pack, Dropout::OFF)
        .to_vec();
    for last in [Queries::All, Queries::First] {
        let mut scoring = ScoringBuffers::new(model.config(), pack.size(), last);
        let scored = scoring.score(model.weights(), &pack, Start::Words);
        for (a, b) in trained.iter().zip(scored.logits) {
            assert!((a - b).abs() < 1e-5, "{a} or {b}");
        }
        assert_eq!(scored.embeddings.is_empty(), last == Queries::First);
    }
}

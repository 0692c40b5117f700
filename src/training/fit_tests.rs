//! Fine-tuning of the tiny model.

use super::{
    Duration, Patience, QuickSettings, TrainingExample, TrainingSettings, Watched, fit,
    fit_watched, quick, replayed,
};
use crate::inference::{ActivationCache, score, softmax};
use crate::model::layout::Place;
use crate::model::{Classifier, fixture};
use crate::support::Progress;

fn tiny() -> Classifier {
    let dir = tempfile::tempdir().expect("temporary folder");
    fixture::tiny_model(dir.path()).expect("fixture is written");
    Classifier::load(dir.path()).expect("fixture loads")
}

fn examples(model: &Classifier) -> Vec<TrainingExample> {
    let texts = [
        ("a good film with a great story", 1),
        ("the worst and most boring movie", 0),
        ("a warm and funny comedy", 1),
        ("the plot is a terrible mess", 0),
        ("beautiful music and a clever script", 1),
        ("dull actors and a weak ending that never works", 0),
    ];
    texts
        .iter()
        .map(|(text, label)| TrainingExample {
            text: model.tokenizer().encode(text, None, 64).expect("encodes"),
            label: *label,
            soft: None,
            weight: 1.0,
        })
        .collect()
}

fn settings() -> TrainingSettings {
    TrainingSettings {
        learning_rate: 1e-3,
        duration: Duration::Epochs(15),
        batch_examples: 3,
        ..TrainingSettings::default()
    }
}

/// The bias of the last block's keys: it shifts all scores of a text alike.
const MOVES_NOTHING: &str = "bert.encoder.layer.1.attention.self.key.bias";

#[test]
fn learns_its_examples_and_moves_every_trained_tensor() {
    let before = tiny();
    let examples = examples(&before);
    let after = fit(before.clone(), &examples, &settings(), &Progress::silent()).expect("trains");
    let texts: Vec<_> = examples.iter().map(|e| e.text.clone()).collect();
    let scores = score(&after, &texts, &Progress::silent()).expect("scores");
    for (example, logits) in examples.iter().zip(scores.logits.chunks(2)) {
        assert_eq!(u16::from(logits[1] > logits[0]), example.label);
    }
    for tensor in before.layout().tensors() {
        let Place::Body(range) = &tensor.place else {
            assert_eq!(before.weights().words, after.weights().words);
            continue;
        };
        let moved = before.weights().body[range.clone()] != after.weights().body[range.clone()];
        assert_eq!(moved, tensor.name != MOVES_NOTHING, "{}", tensor.name);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let model = tiny();
    let examples = examples(&model);
    let trained = |threads: usize| {
        let settings = TrainingSettings {
            threads,
            train_word_embeddings: true,
            ..settings()
        };
        let model = fit(model.clone(), &examples, &settings, &Progress::silent()).expect("trains");
        model.fingerprint()
    };
    let one = trained(1);
    assert_eq!(one, trained(2));
    assert_eq!(one, trained(4));
    let other_seed = TrainingSettings {
        seed: 1,
        ..settings()
    };
    let other = fit(model.clone(), &examples, &other_seed, &Progress::silent()).expect("trains");
    assert_ne!(one, other.fingerprint());
}

#[test]
fn trains_word_embeddings_on_touched_rows_only() {
    let before = tiny();
    let examples = examples(&before);
    let settings = TrainingSettings {
        train_word_embeddings: true,
        ..settings()
    };
    let after = fit(before.clone(), &examples, &settings, &Progress::silent()).expect("trains");
    let hidden = before.hidden_size();
    let rows = before.weights().words.chunks(hidden);
    for (id, (row, new)) in rows.zip(after.weights().words.chunks(hidden)).enumerate() {
        let touched = examples.iter().any(|e| e.text.ids.contains(&(id as u32)));
        assert_eq!(row != new, touched, "row {id}");
    }
}

#[test]
fn a_weight_of_zero_is_as_good_as_absent() {
    let model = tiny();
    let examples = examples(&model);
    let settings = TrainingSettings {
        dropout: 0.0,
        batch_examples: 100,
        duration: Duration::Steps(1),
        ..settings()
    };
    let mut ignored = examples.clone();
    ignored[5].weight = 0.0;
    let with = fit(model.clone(), &ignored, &settings, &Progress::silent()).expect("trains");
    let without = fit(model, &examples[..5], &settings, &Progress::silent()).expect("trains");
    let pairs = with.weights().body.iter().zip(without.weights().body);
    for (a, b) in pairs {
        // Adam's first step is the sign of the gradient where that is not noise.
        assert!((a - b).abs() <= 2.1e-3);
    }
    let texts = [examples[0].text.clone()];
    let logits = |model: &Classifier| score(model, &texts, &Progress::silent()).expect("scores");
    let (a, b) = (logits(&with).logits, logits(&without).logits);
    assert!((a[0] - b[0]).abs() < 0.02, "{a:?} or {b:?}");
}

#[test]
fn a_weight_that_bursts_at_the_very_last_step_is_an_error() {
    let mut model = tiny();
    let tensors = model.layout().tensors().iter();
    let positions = tensors
        .filter(|tensor| tensor.name.ends_with("position_embeddings.weight"))
        .find_map(|tensor| match &tensor.place {
            Place::Body(range) => Some(range.clone()),
            Place::Words => None,
        })
        .expect("has positions");
    // No text is that long, so that the loss knows nothing of this weight.
    model.body_mut()[positions.end - 1] = 1e20;
    let examples = examples(&model);
    let decaying = |weight_decay: f32| TrainingSettings {
        duration: Duration::Steps(1),
        weight_decay,
        ..settings()
    };
    let train = |settings| fit(model.clone(), &examples, &settings, &Progress::silent());
    train(decaying(0.01)).expect("1e20 is a number");
    let error = train(decaying(1e30)).expect_err("a weight is infinite");
    assert!(
        error.to_string().contains("a weight is not finite"),
        "{error}"
    );
}

#[test]
fn stops_when_asked() {
    let model = tiny();
    let examples = examples(&model);
    let progress = Progress::silent();
    progress.cancel();
    let error = fit(model, &examples, &settings(), &progress).expect_err("was cancelled");
    assert!(error.is_cancelled());
}

#[test]
fn refuses_labels_beyond_the_head_and_an_empty_set() {
    let model = tiny();
    let mut examples = examples(&model);
    examples[0].label = 2;
    assert!(fit(model.clone(), &examples, &settings(), &Progress::silent()).is_err());
    assert!(fit(model, &[], &settings(), &Progress::silent()).is_err());
}

#[test]
fn quick_learns_what_was_added_and_leaves_the_lower_blocks_alone() {
    let base = tiny();
    let all = examples(&base);
    let settings = QuickSettings {
        upper_layers: 1,
        replay: 4,
        training: TrainingSettings {
            duration: Duration::Steps(60),
            ..settings()
        },
    };
    let chosen = replayed(all.len(), &settings);
    let rows: Vec<_> = chosen.iter().map(|&row| all[row].clone()).collect();
    let texts: Vec<_> = rows.iter().map(|row| row.text.clone()).collect();
    let silent = Progress::silent();
    let cache = ActivationCache::build(&base, &texts, 1, &silent).expect("builds");
    let added = [TrainingExample {
        text: base
            .tokenizer()
            .encode("hot phone battery", None, 64)
            .expect("encodes"),
        label: 1,
        soft: None,
        weight: 1.0,
    }];
    let trained = |threads: usize| {
        let mut settings = settings.clone();
        settings.training.threads = threads;
        quick(&base, &rows, &cache, &added, &settings, &silent).expect("trains")
    };
    let after = trained(1);
    assert_eq!(after.fingerprint(), trained(4).fingerprint());
    let scores = score(&after, &[added[0].text.clone()], &silent).expect("scores");
    assert!(scores.logits[1] > scores.logits[0], "{:?}", scores.logits);
    for tensor in base.layout().tensors() {
        let Place::Body(range) = &tensor.place else {
            continue;
        };
        let moved = base.weights().body[range.clone()] != after.weights().body[range.clone()];
        let upper = tensor.head || tensor.name.contains("layer.1.");
        let upper = upper && tensor.name != MOVES_NOTHING;
        assert_eq!(moved, upper, "{}", tensor.name);
    }
}

#[test]
fn quick_over_all_blocks_of_cached_embeddings_is_fit_without_the_embeddings() {
    let base = tiny();
    let rows = examples(&base);
    let texts: Vec<_> = rows.iter().map(|row| row.text.clone()).collect();
    let training = TrainingSettings {
        duration: Duration::Steps(1),
        batch_examples: 6,
        dropout: 0.0,
        clip_norm: 0.0,
        ..settings()
    };
    let silent = Progress::silent();
    let whole = fit(base.clone(), &rows, &training, &silent).expect("trains");
    let settings = QuickSettings {
        upper_layers: 2,
        replay: 6,
        training,
    };
    let cache = ActivationCache::build(&base, &texts, 2, &silent).expect("builds");
    let upper = quick(&base, &rows, &cache, &[], &settings, &silent).expect("trains");
    let from = base.layout().block_range(0).start;
    assert_eq!(whole.weights().body[from..], upper.weights().body[from..]);
}

/// Rows to watch: sentences of the same kind, and one whose label is wrong.
fn watched(model: &Classifier) -> Vec<TrainingExample> {
    let texts = [
        ("a clever story with beautiful actors", 1),
        ("a boring plot and terrible music", 0),
        ("the best comedy", 1),
        ("a weak and dull script", 0),
        ("a warm film with a great ending", 0),
        ("the worst mess that never works", 0),
    ];
    let mut rows = examples(model);
    rows.iter_mut().zip(texts).for_each(|(row, (text, label))| {
        row.text = model.tokenizer().encode(text, None, 64).expect("encodes");
        row.label = label;
    });
    rows
}

fn fit_watching(threads: usize, patience: Patience) -> Watched {
    let model = tiny();
    let rows = (examples(&model), watched(&model));
    let settings = TrainingSettings {
        learning_rate: 3e-4,
        threads,
        ..settings()
    };
    let rows = (rows.0.as_slice(), rows.1.as_slice());
    fit_watched(model, rows, &settings, patience, &Progress::silent()).expect("trains")
}

#[test]
fn what_is_kept_is_the_pass_that_said_least_wrong_of_validation() {
    let patience = Patience {
        passes: 2,
        most: 40,
    };
    let Watched { model, curve } = fit_watching(2, patience);
    let losses: Vec<f64> = curve.passes.iter().map(|pass| pass.loss).collect();
    let (held, last) = losses.split_at(losses.len() - 1);
    assert!(held.len() > 3 && held.len() < patience.most, "{losses:?}");
    let lowest = |of: &[f64]| of.iter().copied().fold(f64::MAX, f64::min);
    assert_eq!(losses[curve.best], lowest(&losses));
    // It went on as long as it should, and no longer.
    let best_held = held.iter().position(|loss| *loss == lowest(held));
    assert_eq!(best_held, Some(held.len() - 1 - patience.passes));
    let took_the_last = last[0] < lowest(held);
    assert_eq!(
        curve.length,
        held.len() - patience.passes + usize::from(took_the_last)
    );

    let rows = watched(&tiny());
    let texts: Vec<_> = rows.iter().map(|row| row.text.clone()).collect();
    let scores = score(&model, &texts, &Progress::silent()).expect("scores");
    let said = scores.rows().zip(&rows).map(|(logits, row)| {
        let probabilities = softmax(logits, 1.0);
        -f64::from(probabilities[usize::from(row.label)]).ln()
    });
    let loss = said.sum::<f64>() / rows.len() as f64;
    assert!((loss - losses[curve.best]).abs() < 1e-5, "{loss}");
}

#[test]
fn a_watched_fit_ends_at_its_limit_and_is_the_same_on_any_number_of_threads() {
    let patience = Patience { passes: 9, most: 3 };
    let one = fit_watching(1, patience);
    assert_eq!(one.curve.passes.len(), 4, "three and the last");
    let other = fit_watching(4, patience);
    assert_eq!(one.model.fingerprint(), other.model.fingerprint());
    assert_eq!(one.curve, other.curve);
}

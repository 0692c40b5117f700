//! Fine-tuning, Quick retraining and scoring of the embedded model, or of made-up
//! weights of another family's usual size, on the film sentences of the demo,
//! and one long text; one JSON line per measurement.
//!
//! `cargo bench --bench engine -- [--model NAME] [--train N] [--epochs N] [--only
//! WHAT]`; its counterpart is `benches/pytorch_peer.py`, and `benches/compare.sh`
//! and `benches/families.sh` run both in turn.
//!
//! A plain program instead of divan's loop: one measurement takes seconds to
//! minutes, its peer is another program, and what counts is their ratio.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use blindspot::inference::{ActivationCache, classify, classify_cached};
use blindspot::model::matrix::{Into, Matrix, MatrixMut, multiply};
use blindspot::model::{Classifier, Config, TokenizedText, Tokenizer, fixture};
use blindspot::support::Progress;
use blindspot::training::{
    Duration, QuickSettings, TrainingExample, TrainingSettings, fit, quick, replayed,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Options {
    model: String,
    /// Blocks, if not as many as the model usually has.
    layers: Option<usize>,
    /// Tokens of the long text.
    length: usize,
    train: usize,
    held_out: usize,
    epochs: usize,
    seed: u64,
    dropout: f32,
    train_words: bool,
    only: String,
}

fn main() -> Outcome<()> {
    let options = options()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = model(&root.join("assets/all-MiniLM-L6-v2"), &options)?;
    if options.only == "long" {
        return long_text(&model, &options);
    }
    let rows = sentences(&root.join("projects/sentiment/data/film.csv"), &model)?;
    let (held_out, train) = rows.split_at(options.held_out);
    let train = &train[..options.train.min(train.len())];
    let wanted = |what: &str| options.only.is_empty() || options.only == what;
    let rate = product_rate();
    say(
        &json!({ "what": "product rate", "gflop_per_s": round(rate), "threads": rayon::current_num_threads() }),
    );
    let fitted = if wanted("fit") || wanted("quick") {
        fine_tune(model, train, &options, rate)?
    } else {
        model
    };
    if wanted("score") || wanted("fit") {
        scoring(&fitted, held_out, &options.model, rate)?;
    }
    if wanted("quick") {
        quick_retraining(&fitted, train, held_out, &options)?;
    }
    Ok(())
}

/// The embedded model, or made-up weights with its tokenizer.
fn model(embedded: &Path, options: &Options) -> Outcome<Classifier> {
    if options.model == "minilm" {
        let labels = ["negative".into(), "positive".into()];
        return Ok(Classifier::load(embedded)?.with_new_head(&labels, options.seed));
    }
    let config = Config::parse(&usual_size(options)?.to_string())?;
    let tokenizer = Arc::new(Tokenizer::load(embedded)?);
    Ok(fixture::made_up(config, tokenizer))
}

/// The sizes of the first published model of a family.
fn usual_size(options: &Options) -> Outcome<Value> {
    let mut fields = match options.model.as_str() {
        "distilbert" => json!({
            "model_type": "distilbert", "vocab_size": 30522, "dim": 768, "n_layers": 6,
            "n_heads": 12, "hidden_dim": 3072, "max_position_embeddings": 512,
        }),
        "roberta-base" => json!({
            "model_type": "roberta", "vocab_size": 50265, "type_vocab_size": 1,
            "max_position_embeddings": 514, "layer_norm_eps": 1e-5,
            "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
            "intermediate_size": 3072,
        }),
        "modernbert-base" => json!({
            "model_type": "modernbert", "vocab_size": 50368, "max_position_embeddings": 8192,
            "hidden_size": 768, "num_hidden_layers": 22, "num_attention_heads": 12,
            "intermediate_size": 1152, "classifier_pooling": "mean",
        }),
        other => return Err(format!("unknown model {other}").into()),
    };
    fields["id2label"] = json!({"0": "negative", "1": "positive"});
    if let Some(layers) = options.layers {
        let name = if options.model == "distilbert" {
            "n_layers"
        } else {
            "num_hidden_layers"
        };
        fields[name] = json!(layers);
    }
    Ok(fields)
}

/// Scoring one long text, and one step of training on it.
fn long_text(model: &Classifier, options: &Options) -> Outcome<()> {
    let ids = (0..options.length).map(|place| 1000 + (place * 7919 % 20_000) as u32);
    let text = TokenizedText {
        ids: ids.collect(),
        type_ids: vec![0; options.length],
    };
    let silent = Progress::silent();
    let tell = |what: &str, start: Instant| {
        say(&json!({
            "what": what, "model": options.model, "layers": model.config().layers,
            "tokens": options.length, "seconds": round(start.elapsed().as_secs_f64()),
            "threads": rayon::current_num_threads(), "peak_rss_mib": peak_memory(),
        }));
    };
    say(&json!({ "what": "weights", "model": options.model, "peak_rss_mib": peak_memory() }));
    let start = Instant::now();
    classify(model, std::slice::from_ref(&text), &silent)?;
    tell("forward", start);
    let example = TrainingExample {
        text,
        label: 0,
        soft: None,
        weight: 1.0,
    };
    let settings = TrainingSettings {
        duration: Duration::Steps(1),
        ..settings(options)
    };
    let start = Instant::now();
    fit(model.clone(), &[example], &settings, &silent)?;
    tell("training step", start);
    Ok(())
}

fn options() -> Outcome<Options> {
    let mut options = Options {
        model: "minilm".into(),
        layers: None,
        length: 8192,
        train: 2000,
        held_out: 1000,
        epochs: 1,
        seed: 0,
        dropout: 0.1,
        train_words: false,
        only: String::new(),
    };
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--model" => options.model = value,
            "--layers" => options.layers = Some(value.parse()?),
            "--length" => options.length = value.parse()?,
            "--train" => options.train = value.parse()?,
            "--held-out" => options.held_out = value.parse()?,
            "--epochs" => options.epochs = value.parse()?,
            "--seed" => options.seed = value.parse()?,
            "--dropout" => options.dropout = value.parse()?,
            "--train-words" => options.train_words = value.parse()?,
            "--only" => options.only = value,
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(options)
}

/// Film sentences in an order that mixes the file (it is sorted by rating) and
/// that the peer repeats.
fn sentences(path: &Path, model: &Classifier) -> Outcome<Vec<TrainingExample>> {
    let mut rows = Vec::new();
    for (number, record) in csv::Reader::from_path(path)?.records().enumerate() {
        let record = record?;
        let example = TrainingExample {
            text: model.tokenizer().encode(&record[1], None, 128)?,
            label: u16::from(&record[2] == "positive"),
            soft: None,
            weight: 1.0,
        };
        // Knuth's multiplicative hash.
        rows.push(((number as u32).wrapping_mul(2_654_435_761), example));
    }
    rows.sort_by_key(|(hash, _)| *hash);
    Ok(rows.into_iter().map(|(_, example)| example).collect())
}

fn settings(options: &Options) -> TrainingSettings {
    TrainingSettings {
        duration: Duration::Epochs(options.epochs),
        seed: options.seed,
        dropout: options.dropout,
        train_word_embeddings: options.train_words,
        ..TrainingSettings::default()
    }
}

/// Single-precision products of this machine on all threads, in GFLOP a
/// second: the best of some at the shapes of a block.
fn product_rate() -> f64 {
    let (rows, inputs, outputs) = (1024, 384, 1536);
    let left = vec![0.5_f32; rows * inputs];
    let right = vec![0.25_f32; inputs * outputs];
    let mut product = vec![0.0_f32; rows * outputs];
    let once = || {
        let start = Instant::now();
        multiply(
            MatrixMut::new(&mut product, rows, outputs),
            Into::Overwrite,
            1.0,
            Matrix::new(&left, rows, inputs),
            Matrix::new(&right, inputs, outputs),
        );
        start.elapsed().as_secs_f64()
    };
    let best = std::iter::repeat_with(once)
        .take(100)
        .fold(f64::MAX, f64::min);
    2.0 * (rows * inputs * outputs) as f64 / best / 1e9
}

/// Useful operations of a forward pass in GFLOP: what the classifier needs, of
/// the last block only the first token of each sequence. Backward takes twice
/// as many.
fn forward_gflop(model: &Classifier, rows: &[TrainingExample]) -> f64 {
    let config = model.config();
    let hidden = config.hidden as f64;
    let wide = (config.intermediate + config.widened()) as f64;
    let projections = 4.0 * hidden * hidden + hidden * wide;
    let full = config.layers as f64 - 1.0;
    let of_row = |row: &TrainingExample| {
        let tokens = row.text.len() as f64;
        let attention = 2.0 * hidden * tokens;
        // Of the last block the first token alone, whose heads ask and mix
        // hidden states of full width.
        let last = projections + 2.0 * config.heads as f64 * hidden * tokens;
        full * tokens * (projections + attention) + last
    };
    2.0 * rows.iter().map(of_row).sum::<f64>() / 1e9
}

fn fine_tune(
    model: Classifier,
    train: &[TrainingExample],
    options: &Options,
    rate: f64,
) -> Outcome<Classifier> {
    let (start, busy) = (Instant::now(), cpu_seconds());
    let fitted = fit(model, train, &settings(options), &Progress::silent())?;
    let seconds = start.elapsed().as_secs_f64();
    let examples = train.len() * options.epochs;
    let useful = 3.0 * forward_gflop(&fitted, train) * options.epochs as f64 / seconds;
    let tokens: usize = train.iter().map(|e| e.text.len()).sum::<usize>() * options.epochs;
    say(&json!({
        "what": "fine-tune", "engine": "blindspot", "model": options.model, "examples": examples, "tokens": tokens,
        "seconds": round(seconds), "examples_per_s": round(examples as f64 / seconds),
        "gflop_per_s": round(useful), "share_of_product_rate": round(useful / rate),
        "cpu_seconds": round(cpu_seconds() - busy), "train_words": options.train_words, "peak_rss_mib": peak_memory(),
    }));
    Ok(fitted)
}

fn texts(rows: &[TrainingExample]) -> Vec<TokenizedText> {
    rows.iter().map(|row| row.text.clone()).collect()
}

fn accuracy(logits: &[f32], rows: &[TrainingExample]) -> f64 {
    let right = logits
        .chunks(2)
        .zip(rows)
        .filter(|(logits, row)| u16::from(logits[1] > logits[0]) == row.label)
        .count();
    right as f64 / rows.len() as f64
}

fn scoring(model: &Classifier, rows: &[TrainingExample], name: &str, rate: f64) -> Outcome<()> {
    let texts = texts(rows);
    let (start, busy) = (Instant::now(), cpu_seconds());
    let scores = classify(model, &texts, &Progress::silent())?;
    let seconds = start.elapsed().as_secs_f64();
    let useful = forward_gflop(model, rows) / seconds;
    say(&json!({
        "what": "score", "engine": "blindspot", "model": name, "examples": rows.len(),
        "gflop_per_s": round(useful), "share_of_product_rate": round(useful / rate),
        "seconds": round(seconds), "examples_per_s": round(rows.len() as f64 / seconds),
        "cpu_seconds": round(cpu_seconds() - busy),
        "accuracy": accuracy(&scores.logits, rows), "peak_rss_mib": peak_memory(),
    }));
    Ok(())
}

fn quick_retraining(
    base: &Classifier,
    rows: &[TrainingExample],
    held_out: &[TrainingExample],
    options: &Options,
) -> Outcome<()> {
    let silent = Progress::silent();
    let (added, rows) = rows.split_at(91.min(rows.len()));
    let settings = QuickSettings {
        training: TrainingSettings {
            duration: Duration::Epochs(2),
            ..settings(options)
        },
        ..QuickSettings::default()
    };
    let start = Instant::now();
    let chosen = replayed(rows.len(), &settings);
    let rows: Vec<_> = chosen.iter().map(|&row| rows[row].clone()).collect();
    let cache = ActivationCache::build(base, &texts(&rows), settings.upper_layers, &silent)?;
    let cold = start.elapsed().as_secs_f64();
    let (start, busy) = (Instant::now(), cpu_seconds());
    let retrained = quick(base, &rows, &cache, added, &settings, &silent)?;
    let seconds = start.elapsed().as_secs_f64();
    let busy = cpu_seconds() - busy;
    let check = ActivationCache::build(base, &texts(held_out), settings.upper_layers, &silent)?;
    let start = Instant::now();
    let scores = classify_cached(&retrained, &check, &silent)?;
    say(&json!({
        "what": "quick", "engine": "blindspot", "model": options.model, "examples": 2 * (rows.len() + added.len()), "cached_rows": rows.len(),
        "cache_seconds": round(cold), "seconds": round(seconds), "cpu_seconds": round(busy),
        "score_cached_seconds": round(start.elapsed().as_secs_f64()),
        "scored": held_out.len(), "accuracy": accuracy(&scores.logits, held_out),
        "peak_rss_mib": peak_memory(),
    }));
    Ok(())
}

fn say(figures: &serde_json::Value) {
    println!("{figures}");
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Seconds that the processor worked for this program, over all threads: on a
/// busy machine a fairer measure than the clock. 0 where the system does not
/// tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = |i: usize| fields.split(' ').nth(i).and_then(|x| x.parse::<f64>().ok());
    // User and system time, in hundredths of a second on Linux.
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

/// Highest resident memory so far in MiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024)
}

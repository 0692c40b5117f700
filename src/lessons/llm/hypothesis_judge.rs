//! A language model as the judge of a hypothesis: does it hold for a text?
//!
//! Texts are asked about in batches under numbers that tell nothing, and that
//! no slip in counting turns into those of their neighbours. What a reply
//! leaves out, or what cannot be read, is asked once more, and is then left
//! unanswered: it never counts as yes.
//!
//! A judge remembers nothing. Kept-back errors are among the texts here, and
//! in no call of [`refine`], by which a writer sees why a hypothesis failed.

use std::collections::BTreeMap;

use rand::seq::index::sample;
use serde::Serialize;
use serde_json::{Value, json};

use super::asking::{ask_all, ask_each_once};
use super::client::Answers;
use super::drafts;
use super::elements::{Element, Wanted, elements};
use super::endpoint::Endpoint;
use super::prompt::{Prompts, fields, lines, quoted};
use super::wire::Call;
use crate::records::{Author, Text};
use crate::support::{Error, Progress, Result, rng};

/// Numbers that texts are asked under.
const NUMBERS: std::ops::Range<usize> = 100..1000;
/// Tokens of one answer: brackets, number, word.
const TOKENS_OF_AN_ANSWER: u64 = 14;

const ANSWERS: Wanted = Wanted {
    list: "answers",
    fields: &["holds"],
};

/// A hypothesis as the question that it is.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// What the classifier decides, in a sentence.
    pub task: &'a str,
    /// The hypothesis.
    pub sentence: &'a str,
    /// Texts in one call.
    pub together: usize,
}

/// What a judge said.
#[derive(Debug)]
pub struct Judged {
    /// For each text whether the hypothesis holds; `None` without a usable
    /// answer.
    pub said: Vec<Option<bool>>,
    /// What the person in front should know.
    pub notes: Vec<String>,
    /// Why it ended early, if it did. Asked again, it goes on there.
    pub stopped: Option<Error>,
}

/// What asking will take, roughly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Texts.
    pub texts: usize,
    /// Calls, if no answer has to be asked for again.
    pub calls: usize,
    /// Tokens sent and received, by the usual four characters a token.
    pub tokens: u64,
    /// Money, where prices are known.
    pub money: Option<f64>,
}

impl Estimate {
    /// Both together; money is known where it is for each that asks anything.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let known = |one: &Self| one.money.or((one.calls == 0).then_some(0.0));
        Self {
            texts: self.texts + other.texts,
            calls: self.calls + other.calls,
            tokens: self.tokens + other.tokens,
            money: known(&self)
                .zip(known(&other))
                .map(|(one, other)| one + other),
        }
    }
}

/// One batch on its way.
struct Batch {
    /// Positions of the texts.
    texts: Vec<usize>,
    /// The number that each is asked under.
    numbers: Vec<u64>,
    call: Call,
}

impl Claim<'_> {
    /// Asks whether the hypothesis holds for each text.
    pub fn judge(
        &self,
        texts: &[&Text],
        answers: &dyn Answers,
        prompts: &Prompts,
        progress: &Progress,
    ) -> Judged {
        let mut judged = Judged {
            said: vec![None; texts.len()],
            notes: Vec::new(),
            stopped: None,
        };
        progress.stage("Asking whether it holds", Some(texts.len() as u64));
        let mut trouble = String::new();
        for turn in 0..2 {
            let open: Vec<usize> = (0..texts.len())
                .filter(|at| judged.said[*at].is_none())
                .collect();
            if open.is_empty() || judged.stopped.is_some() {
                break;
            }
            let again = (turn > 0).then_some(trouble.as_str());
            let batches = self.batches(&open, texts, again, answers.endpoint(), prompts);
            trouble = ask(&batches, answers, prompts, progress, &mut judged);
        }
        let open = judged.said.iter().filter(|said| said.is_none()).count();
        if open > 0 && judged.stopped.is_none() {
            judged.notes.push(format!(
                "{open} of {} texts got no usable answer, asked twice ({trouble}); they count as \
                 neither yes nor no",
                texts.len()
            ));
        }
        judged
    }

    /// What asking about some texts will take.
    pub fn estimate(&self, texts: &[&Text], endpoint: &Endpoint, prompts: &Prompts) -> Estimate {
        let all: Vec<usize> = (0..texts.len()).collect();
        let batches = self.batches(&all, texts, None, endpoint, prompts);
        let characters = batches.iter().map(|batch| {
            batch.call.system.chars().count() as u64 + batch.call.user.chars().count() as u64
        });
        let sent = characters.sum::<u64>() / 4;
        let received = TOKENS_OF_AN_ANSWER * texts.len() as u64;
        let prices = endpoint.prices.as_ref();
        Estimate {
            texts: texts.len(),
            calls: batches.len(),
            tokens: sent + received,
            money: prices.map(|prices| prices.cost(sent, received).units()),
        }
    }

    fn batches(
        &self,
        open: &[usize],
        texts: &[&Text],
        again: Option<&str>,
        endpoint: &Endpoint,
        prompts: &Prompts,
    ) -> Vec<Batch> {
        let batches = open.chunks(self.together.max(1)).enumerate();
        let batches = batches.map(|(number, positions)| {
            let numbers = numbers(number as u64, positions.len());
            let numbered = positions.iter().zip(&numbers).map(|(at, number)| {
                let mut line = fields(texts[*at]);
                line["number"] = json!(number);
                line
            });
            let (system, mut user) = prompts.check.fill(&[
                ("task", self.task),
                ("hypothesis", &quoted(&json!(self.sentence))),
                ("texts", &lines(numbered)),
                ("count", &positions.len().to_string()),
            ]);
            if let Some(reason) = again {
                user.push_str(&prompts.again.fill(&[("reason", reason)]).1);
            }
            Batch {
                texts: positions.to_vec(),
                numbers,
                call: Call {
                    step: "check".to_owned(),
                    system,
                    user,
                    schema: Some(answers_schema(positions.len())),
                    turn: 0,
                    max_output_tokens: endpoint.max_output_tokens,
                },
            }
        });
        batches.collect()
    }
}

/// Asks batches once each; gives what was wrong with the last unusable one.
fn ask(
    batches: &[Batch],
    answers: &dyn Answers,
    prompts: &Prompts,
    progress: &Progress,
    judged: &mut Judged,
) -> String {
    let calls = batches.iter().map(|batch| batch.call.clone()).collect();
    let read = |at: usize, reply: &str| read(reply, &batches[at].numbers);
    let (answered, stopped) = ask_each_once(answers, prompts, calls, read, progress);
    judged.stopped = stopped;
    let mut trouble = "it left texts out".to_owned();
    for answer in answered {
        let batch = &batches[answer.number];
        match answer.outcome {
            Ok(said) => {
                for (at, said) in batch.texts.iter().zip(said) {
                    judged.said[*at] = said;
                }
            }
            Err(reason) => trouble = reason,
        }
        let done = judged.said.iter().filter(|said| said.is_some()).count();
        progress.done(done as u64);
    }
    trouble
}

/// Numbers for the texts of a batch, the same whenever it is asked.
fn numbers(batch: u64, count: usize) -> Vec<u64> {
    let mut rng = rng::seeded(batch, "numbers of texts to check");
    let room = NUMBERS.len();
    let chosen = sample(&mut rng, room, count.min(room)).into_iter();
    chosen.map(|at| (NUMBERS.start + at) as u64).collect()
}

/// The answers in a reply, by the position of the text in its batch.
///
/// # Errors
/// What is wrong with a reply that answers nothing.
fn read(reply: &str, numbers: &[u64]) -> std::result::Result<Vec<Option<bool>>, String> {
    let found = elements(reply, ANSWERS);
    let numbered: Vec<Option<u64>> = found.iter().map(number).collect();
    // Answers without any number go by their place, where each text has one.
    let by_place = found.len() == numbers.len() && numbered.iter().all(Option::is_none);
    let mut said: BTreeMap<usize, Option<bool>> = BTreeMap::new();
    for (place, (element, number)) in found.iter().zip(numbered).enumerate() {
        let at = match number {
            Some(number) => numbers.iter().position(|asked| *asked == number),
            None => by_place.then_some(place),
        };
        let (Some(at), Some(yes)) = (at, yes(&element.value)) else {
            continue;
        };
        // Who says both says nothing.
        let same = said.get(&at).is_none_or(|before| *before == Some(yes));
        said.insert(at, same.then_some(yes));
    }
    let said: Vec<Option<bool>> = (0..numbers.len())
        .map(|at| said.get(&at).copied().flatten())
        .collect();
    match said.iter().all(Option::is_none) {
        true => Err("it held no “yes” or “no” under the numbers that were given".to_owned()),
        false => Ok(said),
    }
}

fn number(element: &Element) -> Option<u64> {
    match element.value.get("number") {
        Some(Value::String(number)) => number.trim().parse().ok(),
        Some(number) => number.as_u64(),
        None => element.number,
    }
}

fn yes(value: &Value) -> Option<bool> {
    let value = value.get("holds").unwrap_or(value);
    let word = match value {
        Value::Bool(yes) => return Some(*yes),
        Value::String(word) => word.trim().trim_end_matches(['.', '!']).to_lowercase(),
        _ => return None,
    };
    match word.as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn answers_schema(count: usize) -> Value {
    let word = json!({"type": "string", "enum": ["yes", "no"]});
    let item = drafts::object(json!({"number": {"type": "integer"}, "holds": word}));
    drafts::list("answers", item, count)
}

/// A hypothesis that did not pass, and what a writer may see of why.
#[derive(Debug, Clone, Default)]
pub struct Failing<'a> {
    /// What the classifier decides, in a sentence.
    pub task: &'a str,
    /// The hypothesis.
    pub sentence: &'a str,
    /// The verdict and its reason; no texts.
    pub verdict: String,
    /// Shown errors that it holds for.
    pub held: Vec<&'a Text>,
    /// Shown errors that it does not hold for.
    pub missed: Vec<&'a Text>,
    /// Right texts that it holds for.
    pub also: Vec<&'a Text>,
}

/// Has a language model write a better hypothesis; `None` if it brings none
/// that is new.
///
/// # Errors
/// As [`Answers::ask`].
pub fn refine(
    failing: &Failing<'_>,
    answers: &dyn Answers,
    prompts: &Prompts,
    progress: &Progress,
) -> Result<Option<(String, Author)>> {
    let texts = |texts: &[&Text]| lines(texts.iter().map(|text| fields(text)));
    let (system, user) = prompts.refine.fill(&[
        ("task", failing.task),
        ("hypothesis", &quoted(&json!(failing.sentence))),
        ("verdict", &failing.verdict),
        ("held", &texts(&failing.held)),
        ("missed", &texts(&failing.missed)),
        ("also", &texts(&failing.also)),
    ]);
    let endpoint = answers.endpoint();
    let call = Call {
        step: "refine".to_owned(),
        system,
        user,
        schema: Some(drafts::hypotheses_schema(1)),
        turn: 0,
        max_output_tokens: endpoint.max_output_tokens,
    };
    let read = |_, reply: &str| drafts::hypotheses(reply);
    let (answered, error) = ask_all(answers, prompts, vec![call], read, progress);
    error.map_or(Ok(()), Err)?;
    let written = answered
        .into_iter()
        .filter_map(|answer| answer.outcome.ok());
    let new = written.flatten().find(|text| text != failing.sentence);
    let author = Author::Llm {
        model: endpoint.model.clone(),
        prompt: Some(prompts.refine.version().to_owned()),
    };
    Ok(new.map(|text| (text, author)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_under_a_number_that_was_asked_is_one() {
        let numbers = [412, 977, 230];
        let both = |first, second, third| Ok(vec![first, second, third]);
        for (reply, expected) in [
            (
                r#"{"answers":[{"number":977,"holds":"no"},{"number":412,"holds":"Yes."},
                   {"number":230,"holds":true}]}"#,
                both(Some(true), Some(false), Some(true)),
            ),
            // Half a batch, in an odd shape.
            (r#"{"977":"yes"}"#, both(None, Some(true), None)),
            // Numbers of nobody, as when a model counts for itself.
            (
                r#"{"answers":[{"number":1,"holds":"yes"},{"number":2,"holds":"yes"},
                   {"number":412,"holds":"no"}]}"#,
                both(Some(false), None, None),
            ),
            // Both, and neither.
            (
                r#"[{"number":412,"holds":"yes"},{"number":412,"holds":"no"},
                   {"number":412,"holds":"yes"},
                   {"number":230,"holds":"perhaps"},{"number":977,"holds":"no"}]"#,
                both(None, Some(false), None),
            ),
            // Without numbers, where each text has an answer.
            (
                r#"["yes","no","yes"]"#,
                both(Some(true), Some(false), Some(true)),
            ),
        ] {
            assert_eq!(read(reply, &numbers), expected, "{reply}");
        }
        for nothing in [
            "",
            "yes",
            r#"["yes","yes"]"#,
            "{}",
            r#"{"answers":[]}"#,
            r#"{"answers":[{"number":1,"holds":"yes"}]}"#,
        ] {
            assert!(read(nothing, &numbers).is_err(), "{nothing}");
        }
    }

    #[test]
    fn numbers_are_distinct_and_the_same_each_time() {
        let mut drawn = numbers(3, 40);
        assert_eq!(drawn, numbers(3, 40));
        assert_ne!(drawn, numbers(4, 40));
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 40);
    }
}

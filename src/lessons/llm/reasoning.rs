//! Cuts off what a model wrote to itself before it answered.
//!
//! Chat templates mark reasoning in many ways: `<think>`, `[THINK]`,
//! `<|begin_of_thought|>`, channels (`<|channel|>analysis`), or a heading
//! alone; and servers swallow the mark at the beginning, or the tokens run out
//! before the one at the end. What is reasoning holds drafts that look just
//! like answers, so in doubt a text is reasoning: a question can be asked
//! again, a draft that was taken for an answer cannot be told any more.
//!
//! Marks inside a whole JSON value are part of a text and do not count.

use std::sync::LazyLock;

use regex::Regex;

use super::loose_json::{self, Effort};

/// Names of tags around reasoning, as models and their servers write them.
const THOUGHTS: [&str; 26] = [
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reason",
    "reasoning",
    "reflect",
    "reflection",
    "analysis",
    "scratchpad",
    "scratch_pad",
    "cot",
    "chain_of_thought",
    "monologue",
    "inner_monologue",
    "inner_thought",
    "inner_thoughts",
    "internal",
    "deliberation",
    "rationale",
    "plan",
    "planning",
    "draft",
    "drafts",
    "brainstorm",
    "critique",
];

/// Names of tags around the answer.
const ANSWERS: [&str; 9] = [
    "answer",
    "final",
    "final_answer",
    "response",
    "output",
    "solution",
    "result",
    "final_output",
    "final_response",
];

/// Longest mark that is looked for, in bytes.
const LONGEST_MARK: usize = 80;

/// A mark of a chat template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    ThoughtBegins,
    ThoughtEnds,
    AnswerBegins,
    AnswerEnds,
    /// The name of a channel follows.
    Channel,
    /// The text of a channel's message follows.
    Message,
    /// A message is over.
    MessageEnds,
}

/// A mark and where it stands.
#[derive(Debug, Clone, Copy)]
struct Placed {
    mark: Mark,
    start: usize,
    end: usize,
}

/// The parts of a reply that are meant as the answer, in their order; none
/// if all of it is reasoning.
pub(super) fn answer_parts(reply: &str) -> Vec<&str> {
    let text = after_spoken_thoughts(reply);
    let marks = marks(text);
    if marks.iter().any(|placed| placed.mark == Mark::Channel) {
        return final_channels(text, &marks);
    }
    let parts = outside_thoughts(text, &marks);
    let parts = parts.into_iter().map(|(start, end)| &text[start..end]);
    parts.filter(|part| !part.trim().is_empty()).collect()
}

/// Whether any part of `text` is reasoning.
pub(super) fn is_marked(text: &str) -> bool {
    !marks(text).is_empty()
}

/// All marks outside whole JSON values.
fn marks(text: &str) -> Vec<Placed> {
    let mut found = Vec::new();
    let mut effort = Effort::for_text(text);
    let mut at = 0;
    while let Some(next) = text[at..].find(['<', '[', '{', '◁']) {
        at += next;
        let rest = &text[at..];
        if let Some((mark, length)) = mark(rest) {
            let end = at + length;
            found.push(Placed {
                mark,
                start: at,
                end,
            });
            at = end;
            continue;
        }
        let json = rest
            .starts_with(['{', '['])
            .then(|| loose_json::parse(rest, &mut effort));
        match json.flatten() {
            Some(parsed) if parsed.complete => at += parsed.length,
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// The mark that `text` starts with, and its length in bytes.
fn mark(text: &str) -> Option<(Mark, usize)> {
    let mut chars = text.chars();
    let (open, close) = match chars.next()? {
        '<' => ('<', '>'),
        '[' => ('[', ']'),
        '◁' => ('◁', '▷'),
        _ => return None,
    };
    let inside = chars.as_str();
    let length = inside
        .char_indices()
        .take_while(|(at, c)| *at < LONGEST_MARK && *c != '\n' && *c != open)
        .find(|(_, c)| *c == close)?
        .0;
    let whole = open.len_utf8() + length + close.len_utf8();
    Some((meaning(&inside[..length], open == '[')?, whole))
}

/// What a mark means by what stands between its brackets.
fn meaning(inside: &str, square: bool) -> Option<Mark> {
    match inside {
        // One family of models closes its only channel, that of thoughts.
        "|channel" | "unused94" | "|inner_prefix|" => return Some(Mark::ThoughtBegins),
        "channel|" | "unused95" | "|inner_suffix|" => return Some(Mark::ThoughtEnds),
        "|channel|" => return Some(Mark::Channel),
        "|message|" => return Some(Mark::Message),
        "|end|" | "|return|" | "|call|" | "|start|" => return Some(Mark::MessageEnds),
        _ => {}
    }
    let bare = inside.trim_matches(['|', '｜', ' ']);
    let (closing, bare) = match bare.strip_prefix('/') {
        Some(bare) => (true, bare),
        None => (false, bare),
    };
    // `seed:think`, and `details type="reasoning"`.
    let attribute = bare.contains("\"reasoning\"") || bare.contains("\"thinking\"");
    let bare = bare.trim_matches(['|', '｜', ' ']);
    let name = bare.split([' ', '\t']).next().unwrap_or_default();
    let name = name.rsplit(':').next().unwrap_or_default();
    let name = name
        .trim_end_matches('/')
        .to_lowercase()
        .replace(['-', '▁'], "_");
    if attribute || (closing && name == "details") {
        return Some(if closing {
            Mark::ThoughtEnds
        } else {
            Mark::ThoughtBegins
        });
    }
    let (ends, name) = side(&name);
    let ends = ends.unwrap_or(closing);
    if THOUGHTS.contains(&name) {
        Some(if ends {
            Mark::ThoughtEnds
        } else {
            Mark::ThoughtBegins
        })
    } else if ANSWERS.contains(&name) && !square {
        Some(if ends {
            Mark::AnswerEnds
        } else {
            Mark::AnswerBegins
        })
    } else {
        None
    }
}

/// Whether a name says by itself which end it marks (`begin_of_thought`,
/// `END_THINKING`), and the name without that.
fn side(name: &str) -> (Option<bool>, &str) {
    let begins = ["begin_of_", "start_of_", "begin_", "start_"];
    let ends = ["end_of_", "end_"];
    let without = |affixes: &[&str]| affixes.iter().find_map(|affix| name.strip_prefix(affix));
    if let Some(name) = without(&begins) {
        return (Some(false), name);
    }
    if let Some(name) = without(&ends) {
        return (Some(true), name);
    }
    let after = |affix: &str| name.strip_suffix(affix);
    match (after("_start").or(after("_begin")), after("_end")) {
        (Some(name), _) => (Some(false), name),
        (None, Some(name)) => (Some(true), name),
        (None, None) => (None, name),
    }
}

/// The bodies of messages in the channel `final`. What stands before the
/// first channel, or in any other, is no answer.
fn final_channels<'t>(text: &'t str, marks: &[Placed]) -> Vec<&'t str> {
    let mut parts = Vec::new();
    for (at, placed) in marks.iter().enumerate() {
        if placed.mark != Mark::Channel {
            continue;
        }
        let next = marks.get(at + 1);
        let header_end = next.map_or(text.len(), |next| next.start);
        let header = &text[placed.end..header_end];
        let name = header.trim_start();
        if !name.starts_with("final") {
            continue;
        }
        let (start, until) = match next {
            Some(next) if next.mark == Mark::Message => (next.end, marks.get(at + 2)),
            // The mark between name and text was lost.
            _ => (header_end - name.len() + "final".len(), next),
        };
        parts.push(&text[start..until.map_or(text.len(), |next| next.start)]);
    }
    parts
}

/// What lies outside all thoughts; where answers are marked, inside those.
fn outside_thoughts(text: &str, marks: &[Placed]) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut answers = Vec::new();
    let mut thought = false;
    let mut answer_from = None;
    let mut from = 0;
    for placed in marks {
        match placed.mark {
            Mark::ThoughtBegins if !thought => {
                parts.push((from, placed.start));
                thought = true;
            }
            Mark::ThoughtEnds => {
                if !thought {
                    // Its beginning is nowhere: all so far was thought.
                    parts.clear();
                    answers.clear();
                    answer_from = None;
                }
                thought = false;
                from = placed.end;
            }
            Mark::AnswerBegins if !thought => answer_from = Some(placed.end),
            Mark::AnswerEnds if !thought => {
                answers.extend(answer_from.take().map(|start| (start, placed.start)));
            }
            _ => {}
        }
    }
    if !thought {
        parts.push((from, text.len()));
    }
    answers.extend(answer_from.map(|start| (start, text.len())));
    if answers.is_empty() {
        return parts;
    }
    let within = |(start, end): (usize, usize)| {
        let parts = parts.iter().copied();
        parts.filter_map(move |(from, to)| {
            let both = (from.max(start), to.min(end));
            (both.0 < both.1).then_some(both)
        })
    };
    answers.iter().copied().flat_map(within).collect()
}

static SPOKEN_THOUGHT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[\s#*>_-]*(?:(?:my|the|here is my|here's my)\s+)?(?:thought process|thinking(?: process)?|thoughts?|reasoning(?: process)?|chain of thought|analysis|scratchpad|drafts?|brainstorm(?:ing)?)[*_ ]*(?::|\n)",
    )
    .ok()
});

static SPOKEN_ANSWER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?im)^[\s#*>_-]*(?:(?:my|the|here is my|here's my)\s+)?(?:(?:final|revised)\s+)?(?:answer|response|output|solution|result|json|final)[*_ ]*(?::|$)",
    )
    .ok()
});

/// The text after reasoning that only words set off: a heading for the
/// thoughts and one for the answer, or the names of channels that a server
/// left when it took their marks away.
fn after_spoken_thoughts(reply: &str) -> &str {
    let text = reply.trim_start();
    if let Some(rest) = text.strip_prefix("Thinking...") {
        let done = rest.find("...done thinking.");
        return done.map_or("", |at| &rest[at + "...done thinking.".len()..]);
    }
    for channel in ["analysis", "commentary"] {
        let glued = text.strip_prefix(channel);
        let glued = glued
            .filter(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || "\"'{[(".contains(c)));
        if glued.is_some() {
            let end = text.rfind("assistantfinal");
            return end.map_or("", |at| &text[at + "assistantfinal".len()..]);
        }
    }
    if let (Some(thought), Some(answer)) = (&*SPOKEN_THOUGHT, &*SPOKEN_ANSWER)
        && thought.is_match(text)
        && let Some(last) = answer.find_iter(text).last()
    {
        return &text[last.end()..];
    }
    reply
}

#[cfg(test)]
mod tests;

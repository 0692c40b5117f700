use super::*;

const DRAFT: &str = r#"Perhaps {"samples": [{"text": "draft", "label": "good"}]}? No, [5]."#;
const ANSWER: &str = r#"{"samples": [{"text": "answer", "label": "good"}]}"#;

/// Ends of reasoning in the ways that models mark it: what opens it, and what
/// closes it.
const PAIRS: [(&str, &str); 16] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<THINK>", "</THINK>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<reasoning effort=\"high\">", "</reasoning>"),
    ("<analysis>", "</analysis>"),
    ("<scratchpad>", "</scratchpad>"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("<|think|>", "<|/think|>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<details type=\"reasoning\">", "</details>"),
];

fn answer_in(reply: &str) -> String {
    answer_parts(reply).concat()
}

#[test]
fn reasoning_is_cut_off_with_and_without_its_ends() {
    for (open, close) in PAIRS {
        let forms = [
            format!("{open}{DRAFT}{close}{ANSWER}"),
            format!("\n {open}\n{DRAFT}\n{close}\n\n{ANSWER}"),
            // The template opened it.
            format!("{DRAFT}{close}\n{ANSWER}"),
            // Twice, and once within another.
            format!("{open}{DRAFT}{close}{open}{DRAFT}{close}{ANSWER}"),
            format!("{open}{DRAFT}{open}{DRAFT}{close}{DRAFT}{close}{ANSWER}"),
            // After the answer, whether it ends or not.
            format!("{ANSWER}{open}{DRAFT}{close}"),
            format!("{ANSWER}\n{open}\n{DRAFT}"),
        ];
        for form in forms {
            let found = answer_in(&form);
            assert!(found.contains("answer"), "{form}");
            assert!(!found.contains("draft"), "{form}");
        }
        for thought in [
            format!("{open}{DRAFT}"),
            format!("{open}{DRAFT}{close}"),
            format!("{DRAFT}{close}"),
            format!("{DRAFT}{close}{open}{DRAFT}"),
        ] {
            assert_eq!(answer_in(&thought), "", "{thought}");
        }
    }
}

#[test]
fn only_the_final_channel_answers() {
    let answered = [
        format!(
            "<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>"
        ),
        format!(
            "<|start|>assistant<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>{ANSWER}"
        ),
        format!("<|channel|>analysis{DRAFT}<|channel|>final<|message|>{ANSWER}"),
        format!("analysis<|message|>{DRAFT}<|end|><|channel|>final<|message|>{ANSWER}<|end|>"),
        format!(
            "<|channel|>analysis<|message|>{DRAFT}<|channel|>commentary to=x<|message|>{DRAFT}<|call|><|channel|>final{ANSWER}"
        ),
        format!("analysisWe think. {DRAFT}assistantfinal{ANSWER}"),
    ];
    for reply in answered {
        assert_eq!(answer_in(&reply).trim(), ANSWER, "{reply}");
    }
    for reply in [
        format!("<|channel|>analysis<|message|>{DRAFT}"),
        format!("<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"),
        format!("<|channel|>commentary<|message|>{DRAFT}<|end|>"),
        format!("analysisWe think. {DRAFT}"),
    ] {
        assert_eq!(answer_in(&reply), "", "{reply}");
    }
}

#[test]
fn marked_answers_and_headings_set_the_answer_off() {
    for reply in [
        format!("{DRAFT}<answer>{ANSWER}</answer>"),
        format!("<think>{DRAFT}</think>{DRAFT}<answer>{ANSWER}</answer> {DRAFT}"),
        format!(
            "<|begin_of_thought|>{DRAFT}<|end_of_thought|><|begin_of_solution|>{ANSWER}<|end_of_solution|>"
        ),
        format!(
            "<|START_THINKING|>{DRAFT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>"
        ),
        format!("**Reasoning:** {DRAFT}\n\n**Final answer:**\n{ANSWER}"),
        format!("Here is my thought process:\n{DRAFT}\nHere is my response: {ANSWER}"),
        format!("# Thoughts\n{DRAFT}\n# Answer\n{ANSWER}"),
        format!("Thinking...\n{DRAFT}\n...done thinking.\n\n{ANSWER}"),
    ] {
        let found = answer_in(&reply);
        assert!(
            found.contains("answer\"") && !found.contains("draft"),
            "{reply}: {found}"
        );
    }
}

#[test]
fn plain_answers_are_left_alone() {
    for reply in [
        ANSWER.to_owned(),
        format!("Analysis: they share a negation.\n{ANSWER}"),
        format!("Sure <3 [as asked]\n{ANSWER}\nI <b>hope</b> it helps [1]."),
        r#"{"samples": [{"text": "say </think> and <|channel|>final", "label": "x"}],}"#.to_owned(),
    ] {
        assert_eq!(answer_parts(&reply), vec![reply.as_str()]);
    }
}

//! Texts that may become samples of the tiny project.

use std::path::Path;

use blindspot::records::Text;
use blindspot::steps::OpenProject;
use blindspot::steps::leakage_guard::LeakageGuard;
use blindspot::support::Progress;

/// Texts that no check refuses. The tiny encoder knows nothing, so that many
/// texts look to it like one of *check*.
pub(crate) fn allowed_texts(project: &Path, count: usize) -> Vec<String> {
    const WORDS: [&str; 24] = [
        "funny", "laugh", "smile", "car", "cold", "room", "never", "sister", "money", "watch",
        "happy", "phone", "broke", "life", "night", "silly", "waste", "world", "take", "fun",
        "hotel", "book", "ugly", "people",
    ];
    let candidates = (0..800_usize)
        .map(|number| {
            let words: Vec<&str> = (0..2 + number % 6)
                .map(|word| WORDS[(number * 7 + word * (number % 11 + 5)) % WORDS.len()])
                .collect();
            format!("funny {} {number}", words.join(" "))
        })
        .collect();
    let mut texts = allowed_among(project, candidates);
    texts.truncate(count);
    assert_eq!(texts.len(), count, "too many texts are refused");
    texts
}

/// Those of some texts that no check refuses.
pub(crate) fn allowed_among(project: &Path, candidates: Vec<String>) -> Vec<String> {
    let silent = Progress::silent();
    let project = OpenProject::open(project, None, &silent).expect("opens");
    let refusals = LeakageGuard::new(&project, &silent).expect("an encoder");
    let texts: Vec<Text> = candidates.iter().map(Text::single).collect();
    let texts: Vec<&Text> = texts.iter().collect();
    let judged = refusals.judge(&project, &texts, &silent).expect("judges");
    let judged = candidates.into_iter().zip(judged);
    judged
        .filter(|(_, copy)| copy.is_none())
        .map(|(text, _)| text)
        .collect()
}

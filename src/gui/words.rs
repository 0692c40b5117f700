//! The field's terms in plain words, in one place, so that every tooltip
//! says the same.

use crate::comparison::figures;
use crate::records::Role;

/// What a role is for.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Train => "fits the model",
        Role::Reserve => "ordinary extra examples for a control arm",
        Role::Validation => "temperature and settings",
        Role::Discovery => "where unknown unknowns are looked for",
        Role::Check => "read every round to keep or discard a model",
        Role::Final => "sealed; alone gives a verdict",
    }
}

/// What Quick replays of data without training rows.
pub const REPLAY_OF_RIGHT_ONES: &str = "Beside the samples, Quick replays texts of “discovery” \
    that the base gets right, towards its own answers, so that it keeps what it knows";

/// Unknown unknown.
pub const UU: &str = "An unknown unknown (UU) is a text that the model labels wrongly \
with confidence τ or more: it errs and does not know it.";
/// The errors, in the words of teach mode.
pub const MISTAKES: &str = "Texts that the computer labels wrongly although it is sure of \
itself. They were chosen since they are wrong in the same way.";
/// Blind spot.
pub const BLIND_SPOT: &str = "A blind spot is a group of unknown unknowns that lie close \
together in what the model sees and are confused in the same way. Explaining one \
explains many errors.";
/// τ.
pub const TAU: &str = "τ (tau) is the confidence from which a wrong label counts as an \
unknown unknown. A higher τ keeps only the most confident errors.";
/// k.
pub const K: &str = "The number of blind spots to look for, over all confusions. Left \
to itself it is about one for 15 unknown unknowns, 40 at most.";
/// Coverage.
pub const COVERAGE: &str = figures::ENDPOINT;
/// The four outcomes.
pub const OUTCOMES: &str = figures::BECAME;
/// Control arms.
pub const ARMS: &str = figures::ARM;
/// Abstraction.
pub const ABSTRACTION: &str = "Pattern I see: a sentence on what the errors that you see have \
in common. Researchers call it an abstraction.";
/// Extrapolation.
pub const EXTRAPOLATION: &str = "What may come next: a sentence on texts that you have not seen \
and that would fool the model for the same reason. Researchers call it an extrapolation.";
/// Check of a hypothesis: which rows.
pub const CHECKED_ROWS: &str = "Asked were errors of this blind spot that are kept back from \
its teachers, texts of the same class that the model gets right, the nearest of these, and \
confident errors elsewhere; all of “discovery”. The first two decide.";
/// Check of a hypothesis: what verdicts say.
pub const VERDICTS: &str = "Explains: it holds for errors that its writer has not seen, and not \
for what the model gets right. Too broad: it holds for much that is right as well. Too narrow: \
it misses many of the errors. Not supported: it does not tell errors from right texts.";
/// Check of a hypothesis: how it stands.
pub const STANDING: &str = "Supported: a pattern, a language model or a person found that it \
explains errors that its writer has not seen. Unsupported: it was checked and did not pass; it \
may be taught all the same, and says so in the lesson, the report and exports.";
/// Check of a hypothesis: a pattern.
pub const PATTERN: &str = "A hypothesis can be tested at once if words, a regular expression or a \
length say when it holds: funny + -not (both conditions), funny, hilarious (one of them), \
disappoint* (words that begin so), \"US\" (exactly so), /\\d{4}/, words > 30, source = tweets.";
/// Check of a hypothesis: the verdict while one types.
pub const LIVE_VERDICT: &str = "On the errors that you see. Those that are kept back are asked \
when you press Enter, and how often is counted: whoever tries words until they match has \
learnt nothing.";
/// Check of a hypothesis: a person.
pub const QUIZ: &str = "Twenty mixed texts, errors and right ones, without a word on which is \
which: y if the hypothesis holds for the text, n if not. Errors that are kept back are among \
them, so somebody who does not teach this blind spot judges best.";
/// Check of a hypothesis: a language model.
pub const MODEL_JUDGE: &str = "A language model says for some dozens of texts whether the hypothesis \
holds, in calls of its own and without labels. What it reads of kept-back errors goes into no call \
that writes.";
/// Freeze.
pub const FREEZE: &str = "Freezing makes a version of these blind spots that names and \
lessons attach to. Nothing that was written is lost: blind spots that continue an \
earlier one keep its name and lessons, the others are listed as orphans.";
/// Stability.
pub const STABILITY: &str = "How alike the groups come out when the errors are drawn \
again (mean adjusted Rand index of bootstrap runs): 1 is always the same, 0 is chance, \
below 0.5 the groups are not stable.";
/// Medoids.
pub const MEDOIDS: &str = "The most typical errors of the blind spot: the ones nearest \
to its centre.";
/// Contrasts.
pub const CONTRASTS: &str = "The nearest texts that the model gets right, with the same \
true label: compare them with the errors.";
/// Distinctive terms.
pub const TERMS: &str = "Words that are commoner in this blind spot than among texts \
that the model gets right. The numbers say how many errors and how many right texts \
hold the word.";
/// Kept back.
pub const KEPT_BACK: &str = "A third of the errors is kept back: nobody who teaches sees \
them, no person and no language model, and after retraining they tell whether a lesson carries over to \
errors it was not written from. Map and table do show them: whoever teaches should not \
look there.";
/// Triage.
pub const TRIAGE: &str = "Confident errors are often mistakes in the data. Say which \
are real: only real errors are taught. Keys 1, 2 and 3.";
/// What a judgement on a suspect label does.
pub const SUSPECTS: &str = "A wrong label is no error of the model: it leaves the unknown \
unknowns, and the corrected one counts in training, discovery and comparison. A label that is \
right makes a real error, which is taught. An ambiguous one is set aside. The data file stays \
as it is. Keys 1, 2 and 3.";
/// Neighbours of a suspect.
pub const NEIGHBOURS: &str = "Nearest by the model's own reading, so they lean towards its \
answer. Of the nearest texts: how many have the label that the model \
says, and how many the label that the data gives.";
/// Sealed texts.
pub const SEALED: &str = "The texts of “final” are sealed: they are only counted, and \
only once you open them. They alone give a verdict.";
/// Second models.
pub const SECOND_IS_NO_ARM: &str = "A second model is no arm of a round: nobody here knows what it \
was trained on, and no control stands beside it. If texts of “check” were among them, its figures \
flatter it. Two models and no seeds: intervals are over groups of rows alone.";
/// Orphans.
pub const ORPHANS: &str = "Blind spots of an earlier version that no current one \
continues. Their names and lessons are kept.";
/// Temperature scaling.
pub const TEMPERATURE: &str = "Temperature scaling makes confidences honest on average: \
it divides the model's scores by one number, fitted on “validation”.";
/// Lessons kept as tests.
pub const SUITE: &str = "About a third of each lesson's samples is never trained on. Every model \
is asked these, and texts that were changed in ways that must not change the answer: typos, case, \
a full stop, names, links, mentions. `blindspot test` does the same for a team's CI.";
/// What each lesson does elsewhere.
pub const INTERFERENCE: &str = "A lesson may help in its own blind spot and do harm in another. Each \
one is taught alone, Quick, with all its samples, and held against as many training steps with \
nothing added, on “check”: errors among the most confident rows of each blind spot's region and of \
each source. What was trained once is kept.";
/// A lesson's samples together.
pub const AS_A_SET: &str = "All samples of the lesson that were not rejected, together: whether a \
classifier tells them from data, how far they spread, how many kept-back errors have one near, and \
how their labels are shared out. Kept-back errors are only counted; whoever writes until the count \
rises knows of them, and they prove less then.";
/// What marks a blind spot.
pub const MARKS: &str = "Words and other simple traits that are commoner among the errors shown here \
than among the texts of the same class that the model gets right (and, for words such as “he”, \
than in the other blind spots). Pale ones may be chance. A click makes a hypothesis of one: a \
place to start from, not an answer.";
/// Mixed confusions.
pub const MIX: &str = "Blind spots normally hold one confusion (what is \
right, and what the model said instead). Tick to let them mix confusions.";
/// Smallest group.
pub const SMALLEST_GROUP: &str = "With three or more classes, confusions with fewer errors \
are pooled by a label that they share, so that there are not hundreds of blind spots with \
one error each. 1 leaves every confusion by itself, unless that makes more blind spots \
than k.";
/// Quick and full retraining.
pub const QUICK: &str = "Quick retrains the upper layers from the base model, in \
seconds to minutes. Full retrains all layers from the pretrained weights.";
/// Confidence.
pub const CONFIDENCE: &str = "The probability that the model gives to its own answer.";
/// The map.
pub const MAP: &str = "Each dot is a text; dots are near each other when the model sees \
their texts alike. Rings are unknown unknowns. Drag to move, scroll to zoom, \
double-click to fly to a blind spot.";
/// Test samples of a lesson.
pub const TEST_SAMPLES: &str = "About a third of a lesson's samples is kept for testing and \
never trained on; texts that are nearly the same stay together. They show whether the model learnt what \
the lesson is about.";
/// Active time.
pub const ACTIVE_TIME: &str = "Time with pauses of more than a minute left out.";
/// Nearest training example.
pub const NEAREST_TRAINING: &str = "How alike a sample is to the nearest text that the model \
was trained on, as a language model reads both: 1 is the same, 0 nothing in common. A sample that \
is nearly a training text teaches little.";
/// Length percentile.
pub const LENGTH_PERCENTILE: &str = "The share of training texts that are shorter. Samples \
far from the middle may teach the length rather than the meaning.";
/// Checks of a sample.
pub const SAMPLE_CHECK: &str = "Samples that copy a text of “check” or “final” are refused, \
since a model taught its own examination would pass it; two samples with the same text are \
one.";
/// The built-in model's language.
pub const ENGLISH_ONLY: &str = "The built-in model reads English only";
/// A text that it cannot read.
pub const SEEMS_FOREIGN: &str = "This does not seem to be English, which is all that the built-in \
model reads: it would learn little from it";
/// The model in use.
pub const MODEL_IN_USE: &str = "Map, table, outcomes and live answers show what this model \
says. Blind spots stay those of the base, so that before and after can be compared.";
/// The round that came with a project.
pub const CAME_WITH: &str = "It was trained by whoever made the project, on these lessons. Its \
figures are here, its models are not: there is nothing to keep, and no other text can be asked.";
/// Words that matter.
pub const SALIENCY: &str = "Each word was left out in turn. The numbers say how many \
points of confidence in the model's answer it brings: above 0 it speaks for the answer, \
below 0 against it.";
/// Source.
pub const SOURCE: &str = "Where texts come from (mail, chat, a domain). Figures are given \
for each source, so that a gain in one cannot hide a loss in another.";
/// Group.
pub const GROUP: &str = "Texts that belong together (one author, review or thread) never \
straddle roles, so that no text is tested on its own twin.";
/// Role column.
pub const ROLE: &str = "A column that says which part of the work a row serves. Without \
one, roles are drawn in balance.";
/// Second text.
pub const PAIR: &str = "For tasks on pairs of texts, such as premise and hypothesis.";
/// Id column.
pub const ID: &str = "A lasting number or name of each row. Without one, rows are known by \
their text.";
/// Roles of a file.
pub const ROLES_OF_FILE: &str = "Which part of the work the rows serve. Drawn: 45 % train, \
20 % discovery, 15 % final, the rest in between. A held-out test set is best drawn for \
discovery, check and final.";
/// Model folder.
pub const MODEL_FOLDER: &str = "A folder with config.json, weights and a tokenizer, as \
transformers saves it. BERT, DistilBERT, RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA, MPNet, \
DeBERTa-v2/v3, ModernBERT.";
/// A black box.
pub const ANSWERS_IN_A_FILE: &str = "For a model that cannot be opened here, as behind a service: \
its answers come from a file with id and probability_LABEL for each label. Its blind spots can be \
explored, explained and handed on; retraining it happens elsewhere.";
/// Power.
pub const POWER: &str = "The smallest reduction of confident errors that “final” can tell \
from chance, if its texts err as often as those of “check”. More texts show smaller ones.";

/// Every term with what it means, for the sheet under “?”: those of the window,
/// then those of figures.
pub fn glossary() -> Vec<(&'static str, &'static str)> {
    let mut all = vec![
        ("unknown unknown, confident error", UU),
        ("τ", TAU),
        ("confidence", CONFIDENCE),
        ("blind spot", BLIND_SPOT),
        ("k", K),
        ("stability", STABILITY),
        ("freezing", FREEZE),
        ("orphans", ORPHANS),
        ("triage", TRIAGE),
        ("distinctive terms", TERMS),
        ("most typical", MEDOIDS),
        ("nearest that the model gets right", CONTRASTS),
        ("kept back", KEPT_BACK),
        ("pattern I see", ABSTRACTION),
        ("what may come next", EXTRAPOLATION),
        ("useful", USEFUL),
        ("test samples", TEST_SAMPLES),
        ("Quick and Full", QUICK),
        ("the errors themselves (uus)", ERRORS_THEMSELVES),
        ("plain labelling (random-discovery)", PLAIN_LABELLING),
        ("nothing added (base)", NOTHING_ADDED),
        ("final, sealed", SEALED),
        ("temperature scaling", TEMPERATURE),
        ("source", SOURCE),
        ("group", GROUP),
        ("what can be shown", POWER),
        ("seed", SEEDS),
        ("95 % interval, (a to b)", INTERVAL),
        ("may be chance", MAY_BE_CHANCE),
    ];
    all.extend(figures::glossary());
    all
}

/// Seeds of a round.
pub const SEEDS: &str = "Training has a share of chance, such as the order in which texts are \
read. A seed fixes it, so that a training can be repeated; training once for each of several \
seeds shows how much of a result is chance. A verdict needs at least 3.";
/// Intervals.
pub const INTERVAL: &str = "How sure a figure is: with other texts of the same kind, and other \
seeds, it would mostly lie between a and b. A change whose interval holds 0 may be none.";
/// What did not stand a correction for many looks.
pub const MAY_BE_CHANCE: &str = "Among so many words, some stand out by luck alone. This one \
does not stand out enough to rule that out.";
/// Useful samples.
pub const USEFUL: &str = "A sample is useful if it was accepted and the model gets it wrong \
now: it can learn something from it.";
/// The arm of the errors.
pub const ERRORS_THEMSELVES: &str = "A control: the model is retrained on as many of the errors \
themselves, with their right labels, instead of lessons.";
/// The arm of ordinary labels.
pub const PLAIN_LABELLING: &str = "A control: as many ordinary texts of “discovery” with their \
labels, as anybody would get by labelling on, instead of lessons.";
/// The arm without anything.
pub const NOTHING_ADDED: &str = "A control: as many training steps with nothing added. What it \
makes better or worse is no doing of lessons.";

/// Keys beside those of the shortcuts.
pub const MORE_KEYS: [&str; 6] = [
    "On the page of a blind spot: J and K go through its errors as the arrow keys do; 1, 2 and 3 \
     judge the marked one and go on",
    "On the map: drag moves, scroll zooms (Ctrl and scroll when comparing), Shift-drag draws a \
     box, L draws a lasso",
    "While teaching: Enter adds, Ctrl+1 … 9 chooses the label, Alt+Up and Alt+Down the hypothesis",
    "Before a project is open: Ctrl+V takes a table from the clipboard",
    "Tab reaches every control; Space or Enter presses it",
    "Pasting a copied view shows what somebody else saw",
];

/// Where one is, at the very first start.
pub const FIRST_START: &str = "This is a demo, in a copy of your own: a program that learnt from \
    film reviews whether a sentence is positive reads tweets and product reviews too, and each dot \
    is a text. Ringed dots are mistakes that it is sure of; those of one kind are grouped, as \
    listed at the right: press one to see why it errs. Present, above, tells all of it on five \
    pages; the project's name at the top left, and there Open another project, leads to two more \
    demos and to data of your own.";

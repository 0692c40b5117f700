//! A made-up world of rows and models, for testing the statistics on data
//! whose truth is known.

use rand::Rng as _;

use crate::comparison::{Answer, ArmRuns, Evaluation, Row};
use crate::support::rng::{Rng, seeded};

/// How the world is made. Every row has a margin (log-odds of the true label
/// over the other); a model sees it through its own noise.
#[derive(Clone)]
pub(super) struct World {
    /// Rows that the models may err on.
    pub(super) rows: usize,
    /// In-domain rows beside them, nearly all right.
    pub(super) in_domain: usize,
    /// Rows of a group share half of their margin's variance.
    pub(super) largest_group: usize,
    /// Share of hard rows, on which models tend to be wrong.
    pub(super) hard: f64,
    /// Standard deviation of a seed's shift of all hard rows together.
    pub(super) seed_shift: f64,
    /// Standard deviation of a seed's noise on each row.
    pub(super) row_noise: f64,
}

/// The rows of one draw of the world.
pub(super) struct Sample {
    pub(super) rows: Vec<Row>,
    margins: Vec<f64>,
    hard: Vec<bool>,
    shifts: World,
}

impl World {
    /// Draws rows; source 0 is the new domain, source 1 the in-domain rows.
    pub(super) fn sample(&self, generator: &mut Rng) -> Sample {
        let mut rows = Vec::new();
        let mut margins = Vec::new();
        let mut hard = Vec::new();
        let mut group = 0;
        while rows.len() < self.rows {
            let size = generator.gen_range(1..=self.largest_group);
            let shared = normal(generator);
            let is_hard = generator.gen_bool(self.hard);
            for _ in 0..size.min(self.rows - rows.len()) {
                let spread = (shared + normal(generator)) / 2.0_f64.sqrt();
                margins.push(if is_hard {
                    -1.5 + 2.0 * spread
                } else {
                    // The model is sure of two rows in three.
                    2.8 + 1.2 * spread
                });
                rows.push(Row {
                    truth: 1,
                    group,
                    source: 0,
                });
                hard.push(is_hard);
            }
            group += 1;
        }
        for _ in 0..self.in_domain {
            margins.push(3.0 + 1.5 * normal(generator));
            rows.push(Row {
                truth: 1,
                group,
                source: 1,
            });
            hard.push(false);
            group += 1;
        }
        Sample {
            rows,
            margins,
            hard,
            shifts: self.clone(),
        }
    }
}

impl Sample {
    /// A model of these rows: its seed's shift and noise come from `generator`.
    pub(super) fn model(&self, generator: &mut Rng) -> Evaluation {
        self.taught_model(&vec![false; self.rows.len()], generator)
    }

    /// A model that has learnt to get some rows right, as sure as before.
    pub(super) fn taught_model(&self, learnt: &[bool], generator: &mut Rng) -> Evaluation {
        let shift = self.shifts.seed_shift * normal(generator);
        let answers = (0..self.rows.len()).map(|row| {
            let shift = if self.hard[row] { shift } else { 0.0 };
            let noise = self.shifts.row_noise * normal(generator);
            let margin = self.margins[row] + shift + noise;
            answer(if learnt[row] { margin.abs() } else { margin })
        });
        Evaluation {
            answers: answers.collect(),
        }
    }

    /// Picks each row of the new domain with a chance, whole groups at a time.
    pub(super) fn pick(&self, chance: f64, generator: &mut Rng) -> Vec<bool> {
        let mut picked: Vec<bool> = Vec::with_capacity(self.rows.len());
        for (position, row) in self.rows.iter().enumerate() {
            let same = position > 0 && self.rows[position - 1].group == row.group;
            let pick = if same {
                picked[position - 1]
            } else {
                generator.gen_bool(chance)
            };
            picked.push(pick && row.source == 0);
        }
        picked
    }
}

/// The models of one arm over seeds 0, 1, ….
pub(super) fn arm(
    arm: crate::records::Arm,
    seeds: u64,
    mut model: impl FnMut() -> Evaluation,
) -> ArmRuns {
    ArmRuns {
        arm,
        runs: (0..seeds).map(|seed| (seed, model())).collect(),
    }
}

/// The same answers with every margin divided by a temperature.
pub(super) fn less_confident(evaluation: &Evaluation, temperature: f64) -> Evaluation {
    let answers = evaluation.answers.iter().map(|answer| {
        let confidence = f64::from(answer.confidence);
        let margin = (confidence / (1.0 - confidence)).ln() / temperature;
        Answer {
            confidence: sigmoid(margin),
            ..*answer
        }
    });
    Evaluation {
        answers: answers.collect(),
    }
}

/// The generator of one simulated study.
pub(super) fn generator(study: u64, purpose: &str) -> Rng {
    seeded(study, purpose)
}

fn answer(margin: f64) -> Answer {
    let confidence = sigmoid(margin.abs().min(12.0));
    Answer {
        predicted: u16::from(margin > 0.0),
        confidence,
        scaled: confidence,
    }
}

fn sigmoid(margin: f64) -> f32 {
    (1.0 / (1.0 + (-margin).exp())) as f32
}

/// A standard normal number (Box and Muller).
fn normal(generator: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - generator.gen_range(0.0..1.0_f64)).ln()).sqrt();
    radius * (std::f64::consts::TAU * generator.gen_range(0.0..1.0_f64)).cos()
}

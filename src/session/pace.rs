//! How far work of many equal parts is, and how long the rest takes: judged by
//! the parts that were really done, not by those that were read from files.

use std::time::{Duration, Instant};

/// What takes less was not computed but read.
const READ: Duration = Duration::from_millis(500);
/// How far off an expectation may be that rests on a measurement before the
/// work, as factors; and how far the parts to come may be from those done.
const OF_EXPECTED: [f64; 2] = [0.7, 1.5];
const OF_DONE: [f64; 2] = [0.9, 1.1];

/// Work of many equal parts, one after the other.
#[derive(Debug, Clone)]
pub struct Pace {
    done: u64,
    total: u64,
    part_began: Instant,
    stage_began: Instant,
    /// The longest stage of the part at work that has ended.
    longest: Duration,
    /// What all of it was expected to take before it began.
    expected: Option<Duration>,
    /// The parts that were computed.
    took: Vec<Took>,
}

/// What a part took.
#[derive(Debug, Clone, Copy)]
struct Took {
    whole: Duration,
    /// Its longest stage.
    longest: Duration,
}

impl Pace {
    /// Begins with so many parts finished; `expected` is what all parts
    /// together take by a measurement before the work.
    pub(super) fn new(done: u64, total: u64, expected: Option<Duration>) -> Self {
        let now = Instant::now();
        Self {
            done,
            total,
            part_began: now,
            stage_began: now,
            longest: Duration::ZERO,
            expected,
            took: Vec::new(),
        }
    }

    /// So many parts are finished now.
    pub(super) fn follow(&mut self, done: u64, total: u64) {
        self.next_stage();
        let whole = self.part_began.elapsed();
        if done > self.done && whole > READ {
            let longest = self.longest;
            self.took.push(Took { whole, longest });
        }
        (self.done, self.total) = (done, total);
        self.part_began = Instant::now();
        self.longest = Duration::ZERO;
    }

    /// Another stage of the part at work begins.
    pub(super) fn next_stage(&mut self) {
        self.longest = self.longest.max(self.stage_began.elapsed());
        self.stage_began = Instant::now();
    }

    /// Which part is at work, from 1, and how many there are.
    pub fn at(&self) -> (u64, u64) {
        ((self.done + 1).min(self.total), self.total)
    }

    /// Whether all parts are finished, and something comes after them.
    pub fn is_through(&self) -> bool {
        self.done >= self.total
    }

    /// Share of the whole that is finished, 0 to 1.
    pub fn fraction(&self) -> f32 {
        let share = match self.part() {
            Some([low, high]) if !self.is_through() => {
                let elapsed = self.part_began.elapsed().as_secs_f64();
                (2.0 * elapsed / (low + high).max(0.001)).min(0.98)
            }
            _ => 0.0,
        };
        let whole = (self.done as f64 + share) / self.total.max(1) as f64;
        whole.clamp(0.0, 1.0) as f32
    }

    /// Time left for all parts, at least and at most, once it can be judged.
    pub fn time_left(&self) -> Option<[Duration; 2]> {
        let after = self.total.saturating_sub(self.done).checked_sub(1)?;
        let elapsed = self.part_began.elapsed().as_secs_f64();
        let left = self.part()?.map(|part| {
            let seconds = (part - elapsed).max(0.0) + part * after as f64;
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        });
        Some(left)
    }

    /// How long a part takes in seconds, at least and at most. The first holds
    /// what is done once, so of it alone only its longest stage is sure to come
    /// again; with more it says nothing. None while nothing was expected or
    /// done: a stage alone tells nothing of the others.
    fn part(&self) -> Option<[f64; 2]> {
        match self.took[..] {
            [] => {
                let part = self.expected?.as_secs_f64() / self.total.max(1) as f64;
                Some(OF_EXPECTED.map(|of| of * part))
            }
            [first] => Some([first.longest.as_secs_f64(), first.whole.as_secs_f64()]),
            [_, ref others @ ..] => {
                let seconds = || others.iter().map(|took| took.whole.as_secs_f64());
                let mean = seconds().sum::<f64>() / others.len() as f64;
                let [low, high] = OF_DONE.map(|of| of * mean);
                // Of many the quick and the slow ones make up for each other.
                let spread = 1.0 / (others.len() as f64).sqrt();
                let towards = |end: f64| mean + (end - mean) * spread;
                let least = towards(seconds().fold(f64::MAX, f64::min));
                let most = towards(seconds().fold(0.0, f64::max));
                Some([low.min(least), high.max(most)])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Fifteen parts of which some were computed, each with its longest stage.
    fn after(done: u64, part_began: Duration, took: &[(u32, u32)]) -> Pace {
        let part_began = Instant::now() - part_began;
        let took = took.iter().map(|(whole, longest)| Took {
            whole: *whole * SECOND,
            longest: *longest * SECOND,
        });
        Pace {
            part_began,
            took: took.collect(),
            ..Pace::new(done, 15, None)
        }
    }

    fn is_near(left: Duration, seconds: f64) -> bool {
        left.abs_diff(Duration::from_secs_f64(seconds)) < SECOND
    }

    #[test]
    fn what_was_done_says_how_long_the_rest_takes() {
        // Six trainings, of which two were read from files; the first of the
        // others held what is done once.
        let pace = after(6, 10 * SECOND, &[(200, 40), (40, 30), (40, 30), (40, 30)]);
        let [low, high] = pace.time_left().expect("known");
        assert!(is_near(low, 26.0 + 8.0 * 36.0), "{low:?}");
        assert!(is_near(high, 34.0 + 8.0 * 44.0), "{high:?}");
        assert_eq!(pace.at(), (7, 15));
        let share = pace.fraction();
        assert!((share - 6.25 / 15.0).abs() < 0.01, "{share}");
    }

    #[test]
    fn before_the_first_is_done_only_what_was_measured_says_something() {
        let mut pace = after(0, 10 * SECOND, &[]);
        // However soon its stage seems to end.
        assert_eq!(pace.time_left(), None);
        assert_eq!(pace.fraction(), 0.0);
        pace.expected = Some(15 * 60 * SECOND);
        let [low, high] = pace.time_left().expect("known");
        assert!(is_near(low, 15.0 * 42.0 - 10.0), "{low:?}");
        assert!(is_near(high, 15.0 * 90.0 - 10.0), "{high:?}");
    }

    #[test]
    fn the_first_alone_is_judged_by_what_comes_again() {
        let pace = after(1, Duration::ZERO, &[(100, 20)]);
        let [low, high] = pace.time_left().expect("known");
        assert!(is_near(low, 14.0 * 20.0) && is_near(high, 14.0 * 100.0));
        // The second lies between, and the range closes round it: it never
        // leaves what was said before.
        let next = after(2, Duration::ZERO, &[(100, 20), (25, 20)]);
        let [then_low, then_high] = next.time_left().expect("known");
        assert!(low - 25 * SECOND <= then_low + SECOND && then_high <= high);
    }

    #[test]
    fn a_slow_part_moves_the_time_left_by_little() {
        let usual = [(100, 40), (40, 30), (44, 30), (38, 30), (42, 30), (41, 30)];
        let before = after(6, Duration::ZERO, &usual).time_left().expect("known");
        let slow = [&usual[..], &[(60, 50)]].concat();
        let then = after(7, Duration::ZERO, &slow).time_left().expect("known");
        // Ranges of what is to end at the same time overlap.
        assert!(then[0] < before[1] && before[0] < then[1] + 60 * SECOND);
        let ratio = then[1].as_secs_f64() / before[1].as_secs_f64();
        assert!((0.8..1.2).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_part_that_takes_longer_than_any_before_leaves_the_others() {
        let pace = after(10, 500 * SECOND, &[(50, 40), (40, 30), (40, 30)]);
        let [low, high] = pace.time_left().expect("known");
        assert!(is_near(low, 4.0 * 36.0) && is_near(high, 4.0 * 44.0));
        assert!(pace.fraction() < 11.0 / 15.0);
    }

    #[test]
    fn parts_that_were_read_say_nothing_of_the_pace() {
        let mut pace = Pace::new(0, 15, None);
        pace.follow(1, 15);
        pace.follow(2, 15);
        assert!(pace.took.is_empty());
        pace.follow(15, 15);
        assert!(pace.is_through());
        assert_eq!(pace.fraction(), 1.0);
        assert_eq!(pace.time_left(), None);
    }
}

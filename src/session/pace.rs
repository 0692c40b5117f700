//! How far work of many equal parts is, and how long the rest takes: judged by
//! the parts that were really done, not by those that were read from files.

use std::time::{Duration, Instant};

/// What takes less was not computed but read.
const READ: Duration = Duration::from_millis(500);

/// Work of many equal parts, one after the other.
#[derive(Debug, Clone)]
pub struct Pace {
    done: u64,
    total: u64,
    part_began: Instant,
    /// Time that parts took which were computed, and how many these are.
    took: (Duration, u32),
}

impl Pace {
    /// Begins with so many parts finished.
    pub(super) fn new(done: u64, total: u64) -> Self {
        Self {
            done,
            total,
            part_began: Instant::now(),
            took: (Duration::ZERO, 0),
        }
    }

    /// So many parts are finished now.
    pub(super) fn follow(&mut self, done: u64, total: u64) {
        let took = self.part_began.elapsed();
        if done > self.done && took > READ {
            self.took.0 += took;
            self.took.1 += 1;
        }
        (self.done, self.total) = (done, total);
        self.part_began = Instant::now();
    }

    /// Which part is at work, from 1, and how many there are.
    pub fn at(&self) -> (u64, u64) {
        ((self.done + 1).min(self.total), self.total)
    }

    /// Whether all parts are finished, and something comes after them.
    pub fn is_through(&self) -> bool {
        self.done >= self.total
    }

    /// Share of the whole that is finished, 0 to 1. `left_in_stage` is what the
    /// stage at work is judged to take.
    pub fn fraction(&self, left_in_stage: Option<Duration>) -> f32 {
        let elapsed = self.part_began.elapsed();
        let part = self.part(elapsed, left_in_stage);
        let share = part.map_or(0.0, |part| {
            (elapsed.as_secs_f32() / part.as_secs_f32().max(0.001)).min(0.98)
        });
        let share = if self.is_through() { 0.0 } else { share };
        ((self.done as f32 + share) / self.total.max(1) as f32).clamp(0.0, 1.0)
    }

    /// Time left for all parts, once it can be judged.
    pub fn time_left(&self, left_in_stage: Option<Duration>) -> Option<Duration> {
        let elapsed = self.part_began.elapsed();
        let part = self.part(elapsed, left_in_stage)?;
        let parts = u32::try_from(self.total.saturating_sub(self.done)).ok()?;
        (parts > 0).then(|| (part * parts).saturating_sub(elapsed))
    }

    /// How long a part takes: as those before did, or else by the one at work.
    fn part(&self, elapsed: Duration, left_in_stage: Option<Duration>) -> Option<Duration> {
        match self.took {
            (_, 0) => Some(elapsed + left_in_stage?),
            (took, parts) => Some(took / parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(done: u64, part_began: Duration, took: (Duration, u32)) -> Pace {
        Pace {
            done,
            total: 15,
            part_began: Instant::now() - part_began,
            took,
        }
    }

    #[test]
    fn what_was_done_says_how_long_the_rest_takes() {
        let seconds = Duration::from_secs;
        // Six trainings, of which two were read from files: 40 s each.
        let pace = after(6, seconds(10), (seconds(160), 4));
        let left = pace.time_left(Some(seconds(600))).expect("known");
        assert!(left.abs_diff(seconds(9 * 40 - 10)) < seconds(1), "{left:?}");
        assert_eq!(pace.at(), (7, 15));
        let share = pace.fraction(None);
        assert!((share - 6.25 / 15.0).abs() < 0.01, "{share}");
    }

    #[test]
    fn the_first_part_is_judged_by_its_own_stage() {
        let seconds = Duration::from_secs;
        let pace = after(0, seconds(10), (Duration::ZERO, 0));
        assert_eq!(pace.time_left(None), None);
        let left = pace.time_left(Some(seconds(20))).expect("known");
        assert!(
            left.abs_diff(seconds(15 * 30 - 10)) < seconds(1),
            "{left:?}"
        );
    }

    #[test]
    fn parts_that_were_read_say_nothing_of_the_pace() {
        let mut pace = Pace::new(0, 15);
        pace.follow(1, 15);
        pace.follow(2, 15);
        assert_eq!(pace.took.1, 0);
        pace.follow(15, 15);
        assert!(pace.is_through());
        assert_eq!(pace.fraction(None), 1.0);
        assert_eq!(pace.time_left(Some(Duration::from_secs(9))), None);
    }
}

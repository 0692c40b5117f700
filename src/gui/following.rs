//! Something that follows what it is made from: made at once where that is
//! quick; in a thread of its own where it would hold up frames, the last one
//! being shown meanwhile.

use std::sync::Arc;

use eframe::egui::Context;

use super::background::Pending;
use crate::discovery::AnswerTable;
use crate::inference::Predictions;

/// From so many rows on, what is made of all of them takes longer than a frame.
pub const MANY_ROWS: usize = 30_000;

/// Answers under a τ and a temperature, as a key.
pub struct OfAnswers {
    predictions: Arc<Predictions>,
    tau: f32,
    temperature: f32,
}

impl OfAnswers {
    /// The key of a table of answers.
    pub fn new(answers: &AnswerTable) -> Self {
        Self {
            predictions: Arc::clone(answers.predictions()),
            tau: answers.tau(),
            temperature: answers.temperature(),
        }
    }
}

impl PartialEq for OfAnswers {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.predictions, &other.predictions)
            && self.tau.to_bits() == other.tau.to_bits()
            && self.temperature.to_bits() == other.temperature.to_bits()
    }
}

/// A value and the key that it was made for.
pub struct Following<K, V> {
    made: Option<(K, Arc<V>)>,
    making: Option<(K, Pending<V>)>,
    /// Whether what is being made was forgotten meanwhile.
    unwanted: bool,
    /// Whether the background failed: then it is made in the open, where a
    /// mistake is seen.
    failed: bool,
}

impl<K, V> Default for Following<K, V> {
    fn default() -> Self {
        Self {
            made: None,
            making: None,
            unwanted: false,
            failed: false,
        }
    }
}

impl<K, V> Following<K, V>
where
    K: PartialEq,
    V: Send + Sync + 'static,
{
    /// The value that is shown: the last one that was made.
    pub fn value(&self) -> Option<&Arc<V>> {
        self.made.as_ref().map(|(_, value)| value)
    }

    /// Forgets the value, and what is being made once it is there: a thread
    /// cannot be stopped, and many of them would hold up frames.
    pub fn clear(&mut self) {
        self.made = None;
        self.unwanted = self.making.is_some();
    }

    /// Sees to it that the value of a key is made; whether the value has
    /// changed. While one is being made in the background, newer keys wait, and
    /// only the newest of them is made after it.
    pub fn follow(
        &mut self,
        key: K,
        rows: usize,
        ctx: &Context,
        make: impl FnOnce() -> V + Send + 'static,
    ) -> bool {
        let finished = self.take_finished();
        if self.made.as_ref().is_some_and(|(made, _)| *made == key) {
            return finished;
        }
        if rows < MANY_ROWS || self.failed {
            self.making = None;
            self.unwanted = false;
            self.made = Some((key, Arc::new(make())));
            return true;
        }
        if self.making.is_none() {
            self.making = Some((key, Pending::start(ctx, move || Ok(make()))));
        }
        finished
    }

    fn take_finished(&mut self) -> bool {
        let result = match &mut self.making {
            Some((_, making)) => making.take(),
            None => None,
        };
        let Some(result) = result else {
            return false;
        };
        let making = self.making.take();
        let unwanted = std::mem::take(&mut self.unwanted);
        self.failed = result.is_err();
        match (making, result) {
            (Some((key, _)), Ok(value)) if !unwanted => {
                self.made = Some((key, Arc::new(value)));
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_made_at_once_and_much_in_the_background() {
        let ctx = Context::default();
        let mut following = Following::default();
        assert!(following.follow(1, 10, &ctx, || 10));
        assert!(!following.follow(1, 10, &ctx, || 11), "is made already");
        assert_eq!(following.value(), Some(&Arc::new(10)));

        let until = |following: &mut Following<i32, i32>, key: i32| {
            while !following.follow(key, MANY_ROWS, &ctx, move || key * 10) {
                std::thread::yield_now();
            }
            **following.value().expect("made")
        };
        assert!(!following.follow(2, MANY_ROWS, &ctx, || 20));
        assert_eq!(following.value(), Some(&Arc::new(10)), "shown meanwhile");
        // 2 is made first, then 3, which waited.
        assert_eq!(until(&mut following, 3), 20);
        assert_eq!(until(&mut following, 3), 30);
    }

    #[test]
    fn one_thread_at_a_time_whatever_is_forgotten_meanwhile() {
        let ctx = Context::default();
        let mut following = Following::default();
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let first = move || {
            wait.recv().expect("released");
            1
        };
        assert!(!following.follow(1, MANY_ROWS, &ctx, first));
        for _ in 0..3 {
            following.clear();
            let other = || panic!("a second thread beside the first");
            assert!(!following.follow(2, MANY_ROWS, &ctx, other));
        }
        release.send(()).expect("waits");
        while !following.follow(2, MANY_ROWS, &ctx, || 2) {
            assert_eq!(following.value(), None, "what was forgotten came back");
            std::thread::yield_now();
        }
        assert_eq!(following.value(), Some(&Arc::new(2)));
    }
}

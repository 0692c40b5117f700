//! Code of others at work on files that may be damaged on purpose: what
//! panics in it must reach neither the user nor the terminal.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs somebody else's code; none if it panicked. What the panic says is not
/// printed: the caller knows the file and says what is wrong with it.
pub(crate) fn unless_it_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                usual(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    outcome.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing_and_the_next_call_works() {
        assert_eq!(unless_it_panics(|| -> u8 { panic!("of others") }), None);
        assert!(!QUIET.get());
        assert_eq!(unless_it_panics(|| 3), Some(3));
    }
}

//! Places at which tests kill the process, to show that nothing finished is
//! lost. Outside the crate's own tests they compile to nothing.

/// Environment variable that names the place at which a test process dies.
#[cfg(test)]
pub(crate) const CRASH_AT: &str = "BLINDSPOT_CRASH_AT";

/// Dies here, without any clean-up, if a test asked for it.
#[cfg(test)]
pub(crate) fn point(name: &str) {
    if std::env::var(CRASH_AT).is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn point(_: &str) {}

//! Which build of the program this is.

/// The version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the program was built with, in words.
pub fn built_with() -> String {
    let part = |is_in: bool, with: &str, without: &str| match is_in {
        true => with.to_owned(),
        false => without.to_owned(),
    };
    let parts = [
        format!("built for {}", target()),
        part(
            cfg!(debug_assertions),
            "with debug assertions",
            "without debug assertions",
        ),
        part(
            cfg!(feature = "gui"),
            "with the window",
            "without the window",
        ),
        part(
            cfg!(all(feature = "avx512", target_arch = "x86_64")),
            "AVX-512 where the processor has it",
            "no AVX-512",
        ),
        part(
            cfg!(feature = "carried"),
            "built-in model and demos inside",
            "built-in model and demos beside it",
        ),
    ];
    parts.join(", ")
}

/// Architecture, system and its C library.
fn target() -> String {
    let library = if cfg!(target_env = "gnu") {
        " (GNU)"
    } else if cfg!(target_env = "musl") {
        " (musl)"
    } else if cfg!(target_env = "msvc") {
        " (MSVC)"
    } else {
        ""
    };
    format!(
        "{} {}{library}",
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

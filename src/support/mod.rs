//! What every step of the loop leans on: errors with remedies, progress with
//! cancel, seeded randomness, checksums, text folding and files that are
//! either whole or absent.

pub mod assets;
pub mod atomic_file;
pub mod build;
pub mod clock;
pub(crate) mod crash;
pub mod error;
pub(crate) mod file_lock;
pub mod figures;
pub mod floats;
pub mod function_words;
pub mod folding;
pub(crate) mod guard;
pub mod hash;
pub mod languages;
pub mod machine;
pub mod progress;
pub mod rng;
pub mod share;
pub mod statistics;
pub mod tensor_file;
pub mod terminal;
pub mod text;
pub mod typed_path;
pub mod user_file;

pub use error::{Error, Fault, Result};
pub use floats::Floats;
pub use progress::{Progress, Update};
pub use share::Share;

//! The classifier itself: encoders of the families that descend from BERT,
//! forward and backward.
//!
//! From the outside: [`Tokenizer`] and [`Classifier`]. What families differ in
//! is said by `family`, `config/shape.rs` and `layout/names.rs`. The embedding
//! of a text is, in every family, the mean of its last hidden states over all
//! its tokens, behind the last LayerNorm, whatever the head reads. Inside, bottom up:
//! [`buffer`] (memory), [`matrix`] (products), [`kernels`] (everything between them),
//! [`sequences`] (what goes text by text), [`attention`],
//! [`linear`], [`block`], [`embeddings`], [`head`], [`encoder`], which chains them, and
//! [`scoring`], which runs it over many texts.
//! Texts of a batch are packed one after another without padding
//! ([`pack`]), and all weights but the word embeddings lie in one slice
//! ([`layout`]).

pub mod attention;
pub mod block;
pub(crate) mod buffer;
mod checkpoint;
mod classes;
mod classifier;
pub mod config;
mod differences;
pub mod embeddings;
pub mod encoder;
mod family;
mod files;
#[doc(hidden)]
pub mod fixture;
pub mod head;
mod in_order;
pub mod kernels;
pub mod label_names;
pub mod layout;
pub mod linear;
mod loading;
pub mod matrix;
pub mod pack;
pub(crate) mod scoring;
pub mod sequences;
mod stored;
pub mod tokenizer;
pub mod weights_file;

pub use classifier::Classifier;
pub use config::Config;
pub use family::Family;
pub use files::{model_checksum, tokenizer_checksum};
pub use loading::head_labels;
pub use tokenizer::{TokenizedText, Tokenizer};
pub use weights_file::Precision;

#[cfg(test)]
mod autograd_tests;
#[cfg(test)]
mod family_tests;
#[cfg(test)]
mod gradient_tests;
#[cfg(test)]
mod loading_tests;

//! Work that is spread over machines by an engine of the user's: a job array of
//! Slurm, which is submitted and followed, or an indexed Job of Kubernetes,
//! which is printed.
//!
//! The engine gets one command, `… --task I/N`, whose result is a file in a
//! folder that all machines share. That file alone says that a task is done:
//! whatever becomes of the engine, or of the process that follows it, the same
//! command goes on from the files that are there.

mod array;
mod follow;
mod kubernetes;
mod record;
mod slurm;

pub use array::Array;
pub use follow::{Alive, Queue, Results, Waits, follow};
pub use kubernetes::job;
pub use slurm::{Slurm, script};

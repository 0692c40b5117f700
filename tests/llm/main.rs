//! Language models as teachers, over real HTTP against a scripted server.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by a panic that something is wrong"
)]

mod checking;
mod connection;
mod faults;
mod lesson;
mod local_server;
mod model;
mod server;
mod storm;
mod support;

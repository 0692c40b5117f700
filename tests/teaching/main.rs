//! Teaching, retraining, comparing and handing over in the real window, on a
//! tiny project with a real model. Needs no graphics adapter.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "../support/allowed.rs"]
mod allowed;
#[path = "../support/black_box.rs"]
mod black_box;
#[path = "../support/tiny_project.rs"]
mod tiny_project;

mod again;
mod checking;
mod hand_over;
mod hypothesis;
mod imports;
mod keyboard;
mod kill;
mod latency;
mod pictures;
mod sight;
mod walk;
mod window;

//! The real app, driven by what a screen reader would call its controls. Needs
//! no graphics adapter.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "../support/allowed.rs"]
mod allowed;
#[path = "../support/black_box.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod black_box;
mod came_with;
mod cards;
mod choosing;
mod demo;
mod events;
mod faults;
mod files;
mod frames;
#[path = "../support/harmful_lesson.rs"]
mod harmful_lesson;
mod interference;
mod large;
mod layout;
#[path = "../support/made_project.rs"]
mod made_project;
mod names;
mod no_errors;
mod pictures;
mod progress;
mod reading;
mod second;
mod story;
mod support;
mod suspects;
#[path = "../support/tiny_project.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod tiny_project;
mod views;
mod walk;
#[path = "../support/workbook.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod workbook;
#[path = "../support/written_lesson.rs"]
mod written_lesson;

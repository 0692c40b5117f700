//! The panels of the window. Each reads the project, may change how it is
//! looked at, and asks for everything else.

pub mod blind_spot;
pub mod cards;
mod clock;
pub mod compare;
pub mod data;
pub mod data_files;
pub mod example;
pub mod explore;
pub mod filters;
pub mod form;
pub mod how_read;
pub mod inspector;
pub mod jobs;
pub mod label_form;
pub mod llm;
pub mod next_step;
mod no_errors;
pub mod presentation;
pub mod retrain;
pub mod salient_words;
mod sheet;
mod selection;
pub mod sliders;
mod stability;
pub mod spot_list;
pub mod steps;
pub mod suspects;
pub mod table;
pub mod teach;
pub mod to_teach;
pub mod toolbar;
pub mod widgets;

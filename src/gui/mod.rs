//! The window: an egui face over [`crate::session`]. It reads state, shows
//! it, and asks for changes with commands; nothing in the core knows of it.

pub mod scatter;
pub mod theme;

pub mod words;
pub mod view_state;
pub mod next_actions;
mod notices;
pub mod remembered;
pub mod command_text;
pub mod spot_state;
pub mod following;
pub mod handed;
mod rows;
pub mod derived;
pub mod read;
pub mod visible;
pub mod map_input;
pub mod panels;
pub mod label_table;
pub mod dialogs;
pub mod file_dialog;
pub mod palette;
pub mod shell;
pub mod screenshot;
pub mod pictures;

pub mod answers;
pub mod live;
pub mod live_checks;
pub mod background;
pub mod pick;
pub mod app_settings;
pub mod checked;
pub mod new_files;
pub mod new_model;
pub mod new_project;
mod in_order;
pub mod start;
pub mod app;

pub use app::open;

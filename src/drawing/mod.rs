//! What is drawn of maps and curves, said once: marks, colours, legends. The
//! window paints it on the screen ([`svg`] writes it into files and reports).

mod arm_hue;
mod colouring;
pub mod colours;
mod marks;
pub mod svg;

pub use arm_hue::ArmHues;
pub use colouring::{Category, Colouring, Hue, NO_CATEGORY, Values};
pub use marks::Mark;

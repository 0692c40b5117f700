//! Tables of figures as the report prints them.

use maud::{Markup, html};

use crate::support::figures::Sheet;
use crate::support::text::capitalised;

/// A sheet with its headline and notes.
pub(super) fn sheet(sheet: &Sheet) -> Markup {
    html! {
        h4 { (capitalised(&sheet.title)) }
        @for note in &sheet.notes { p.note { (note) } }
        (table(sheet))
    }
}

/// The table alone.
pub(super) fn table(sheet: &Sheet) -> Markup {
    let class = |is_words: bool| is_words.then_some("text");
    html! {
        div.scroll { table {
            thead { tr {
                @for head in &sheet.heads {
                    th class=[class(head.is_words)] title=[Some(head.meaning).filter(|m| !m.is_empty())] {
                        (head.name)
                    }
                }
            } }
            tbody {
                @for line in &sheet.lines {
                    tr class=[line.strong.then_some("lesson")] {
                        @for (cell, head) in line.cells.iter().zip(&sheet.heads) {
                            td class=[class(head.is_words)] title=[&cell.detail] { (cell.text) }
                        }
                    }
                }
            }
        } }
    }
}

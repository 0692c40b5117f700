//! Tables that a person reads on a terminal.

use std::borrow::Cow;

use crate::support::figures::Sheet;
use crate::support::terminal;

/// Widest column that others are lined up with, in characters.
const WIDEST: usize = 1_000;

/// A sheet with its headline and notes above the table.
pub(super) fn sheet(sheet: &Sheet) -> String {
    let notes = sheet.notes.iter().map(|note| format!("  {note}\n"));
    let notes: String = notes.collect();
    format!("{}\n{notes}{}", sheet.title, table(sheet))
}

/// The table of a sheet: words to the left, numbers to the right.
pub(super) fn table(sheet: &Sheet) -> String {
    let shown = |text| terminal::line(text);
    let heads = sheet.heads.iter().map(|head| shown(&head.name)).collect();
    let lines = sheet.lines.iter();
    let lines = lines.map(|line| line.cells.iter().map(|cell| shown(&cell.text)).collect());
    let rows: Vec<Vec<Cow<'_, str>>> = std::iter::once(heads).chain(lines).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        // The most that formatting can pad is 65,535.
        longest.min(WIDEST)
    };
    let widths: Vec<usize> = (0..sheet.heads.len()).map(width).collect();
    let columns = || sheet.heads.iter().zip(&widths);
    let line = |row: &Vec<Cow<'_, str>>| -> String {
        let cells = row.iter().zip(columns());
        let cells = cells.map(|(cell, (head, width))| match head.is_words {
            true => format!("  {cell:<width$}"),
            false => format!("  {cell:>width$}"),
        });
        cells.collect::<String>().trim_end().to_owned() + "\n"
    };
    let rule = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
    let mut text = line(&rows[0]);
    text += &format!("  {}\n", "─".repeat(rule));
    text + &rows[1..].iter().map(line).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::figures::{Line, figure};

    #[test]
    fn columns_line_up_whatever_the_alphabet() {
        let number = [figure("n").whole("n", |n: &f64| *n)];
        let mut counts = Sheet::new("counts").words("arm", "").figures(&number);
        for (arm, count) in [("ä", 1.0), ("base", 100.0)] {
            let line = Line::new(false).words(arm);
            counts.lines.push(line.figures(&number, &count));
        }
        let text = sheet(&counts);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "counts");
        assert_eq!(lines[3], "  ä       1");
        assert_eq!(lines[4], "  base  100");
    }
}

//! Tables that a person reads on a terminal.

use crate::support::figures::Sheet;

/// A sheet with its headline and notes above the table.
pub(super) fn sheet(sheet: &Sheet) -> String {
    let notes = sheet.notes.iter().map(|note| format!("  {note}\n"));
    let notes: String = notes.collect();
    format!("{}\n{notes}{}", sheet.title, table(sheet))
}

/// The table of a sheet: words to the left, numbers to the right.
pub(super) fn table(sheet: &Sheet) -> String {
    let heads = sheet.heads.iter().map(|head| head.name.as_str()).collect();
    let lines = sheet.lines.iter();
    let lines = lines.map(|line| line.cells.iter().map(|cell| cell.text.as_str()).collect());
    let rows: Vec<Vec<&str>> = std::iter::once(heads).chain(lines).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..sheet.heads.len()).map(width).collect();
    let columns = || sheet.heads.iter().zip(&widths);
    let line = |row: &Vec<&str>| -> String {
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

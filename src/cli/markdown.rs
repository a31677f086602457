//! Tables of Markdown whose columns line up, so that they can be read as they are too.

/// Returns the table of `rows`, of which the first is the head; all columns but the first are right-aligned. Missing
/// cells at the end of a row are empty.
#[must_use]
pub fn markdown_table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let widths: Vec<_> = (0..columns)
        .map(|column| {
            let width = |row: &Vec<String>| cell(row, column).chars().count();
            rows.iter().map(width).max().unwrap_or(0).max(2)
        })
        .collect();
    let line = |row: &[String]| {
        let cells = widths.iter().enumerate().map(|(column, &width)| {
            let text = cell(row, column);
            if column == 0 {
                format!(" {text:width$} |")
            } else {
                format!(" {text:>width$} |")
            }
        });
        format!("|{}\n", cells.collect::<String>())
    };
    let rule: Vec<_> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| match column {
            0 => "-".repeat(*width),
            _ => format!("{}:", "-".repeat(width - 1)),
        })
        .collect();
    let mut lines: Vec<_> = rows.iter().map(|row| line(row)).collect();
    lines.insert(lines.len().min(1), line(&rule));
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let table = markdown_table(&[row(&["measure", "%"]), row(&["ü", "12.5"]), row(&["b"])]);
        assert_eq!(
            table,
            "| measure |    % |\n\
             | ------- | ---: |\n\
             | ü       | 12.5 |\n\
             | b       |      |\n"
        );
    }
}

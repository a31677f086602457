//! The order in which a person reads lines: row by row, but one column after the other where two columns of prose
//! stand side by side.

/// A line on the page, straightened.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
    pub text: String,
}

/// Least width of the gap between two columns, in heights of a line.
const GUTTER: f32 = 1.5;
/// Least number of lines of a column.
const COLUMN: usize = 3;
/// Least part of a column's lines that are prose.
const PROSE: f32 = 0.65;
/// Least number of characters of a line of prose, and the part of them that are letters.
const WORDY: (usize, f32) = (6, 0.6);
/// Most lines of a left column that end in a colon; with more, the right column has their values.
const LABELS: f32 = 0.34;

impl Placed {
    fn height(&self) -> f32 {
        self.bottom - self.top
    }

    fn is_prose(&self) -> bool {
        let printed = self.text.chars().filter(|c| !c.is_whitespace());
        let (letters, all) = printed.fold((0, 0), |(letters, all), c| {
            (letters + usize::from(c.is_alphabetic()), all + 1)
        });
        all >= WORDY.0 && letters as f32 >= WORDY.1 * all as f32
    }
}

/// Returns the indices of `lines` in reading order.
pub fn reading_order(lines: &[Placed]) -> Vec<usize> {
    let rows = rows(lines);
    let mut order = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < rows.len() {
        if let Some((rest, left, right)) = columns(lines, &rows[at..]) {
            order.extend(left);
            order.extend(right);
            at = rows.len() - rest;
        } else {
            order.extend(&rows[at]);
            at += 1;
        }
    }
    order
}

/// Returns the rows from top to bottom, each from left to right.
fn rows(lines: &[Placed]) -> Vec<Vec<usize>> {
    let middle = |line: &Placed| f32::midpoint(line.top, line.bottom);
    let mut sorted: Vec<_> = (0..lines.len()).collect();
    sorted.sort_by(|a, b| middle(&lines[*a]).total_cmp(&middle(&lines[*b])));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for at in sorted {
        let line = &lines[at];
        let fits = |other: &usize| {
            let other = &lines[*other];
            let lower = line.height().min(other.height());
            let shared = line.bottom.min(other.bottom) - line.top.max(other.top);
            let beside = line.left.max(other.left) - line.right.min(other.right);
            shared >= lower / 2.0 && beside >= -lower / 2.0
        };
        match rows.last_mut().filter(|row| row.iter().all(fits)) {
            Some(row) => row.push(at),
            None => rows.push(vec![at]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| lines[*a].left.total_cmp(&lines[*b].left));
    }
    rows
}

/// Returns two columns of prose that begin with the first of `rows`: the number of rows below them, and their lines.
fn columns(lines: &[Placed], rows: &[Vec<usize>]) -> Option<(usize, Vec<usize>, Vec<usize>)> {
    let first = lines.get(*rows.first()?.first()?)?;
    let narrowest = GUTTER * first.height();
    let mut gutters = vec![(f32::NEG_INFINITY, f32::INFINITY)];
    let mut count = 0;
    for row in rows {
        let mut left = gutters.clone();
        for line in row.iter().map(|at| &lines[*at]) {
            left = left
                .into_iter()
                .flat_map(|(from, to)| [(from, to.min(line.left)), (from.max(line.right), to)])
                .filter(|(from, to)| to - from >= narrowest)
                .collect();
        }
        // The margins on both sides are always free.
        if !left
            .iter()
            .any(|(from, to)| from.is_finite() && to.is_finite())
            && count > 0
        {
            break;
        }
        gutters = left;
        count += 1;
    }
    let block = rows[..count].iter().flatten().copied();
    let gutters = gutters
        .into_iter()
        .filter(|(from, to)| from.is_finite() && to.is_finite());
    let sides = gutters.map(|(from, _)| {
        let (left, right): (Vec<_>, Vec<_>) =
            block.clone().partition(|at| lines[*at].right <= from);
        (rows.len() - count, left, right)
    });
    let mut sides = sides.filter(|(_, left, right)| are_columns(lines, left, right));
    sides.next()
}

fn are_columns(lines: &[Placed], left: &[usize], right: &[usize]) -> bool {
    let part = |side: &[usize], is: &dyn Fn(&Placed) -> bool| {
        let count = side.iter().filter(|at| is(&lines[**at])).count();
        count as f32 / side.len().max(1) as f32
    };
    left.len().min(right.len()) >= COLUMN
        && part(left, &Placed::is_prose) >= PROSE
        && part(right, &Placed::is_prose) >= PROSE
        && part(left, &|line| line.text.trim_end().ends_with(':')) <= LABELS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines 10 high at (left, top), 6 wide for each character.
    fn read(lines: &[(f32, f32, &str)]) -> String {
        let placed = lines.iter().map(|(left, top, text)| Placed {
            left: *left,
            right: left + 6.0 * text.chars().count() as f32,
            top: *top,
            bottom: top + 10.0,
            text: (*text).to_owned(),
        });
        let placed: Vec<_> = placed.collect();
        let order = reading_order(&placed).into_iter();
        order.map(|at| lines[at].2).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn items_and_their_prices_stand_in_one_row() {
        let found = read(&[
            (200.0, 41.0, "12.00"),
            (0.0, 0.0, "CORNER SHOP"),
            (0.0, 40.0, "Brown bread"),
            (200.0, 19.0, "3.50"),
            (0.0, 20.0, "Green apples"),
            (0.0, 62.0, "Chocolate"),
            (200.0, 60.0, "7.00"),
        ]);
        assert_eq!(
            found,
            "CORNER SHOP|Green apples|3.50|Brown bread|12.00|Chocolate|7.00"
        );
    }

    #[test]
    fn columns_of_prose_are_read_one_after_the_other() {
        let found = read(&[
            (0.0, 0.0, "A heading that is as wide as both of the columns"),
            (0.0, 20.0, "Seller Limited"),
            (200.0, 24.0, "Buyer and Sons"),
            (0.0, 35.0, "High Street"),
            (200.0, 39.0, "Low Avenue"),
            (0.0, 50.0, "London"),
            (200.0, 54.0, "Manchester"),
            (0.0, 80.0, "Another line across both of the columns again"),
        ]);
        assert_eq!(
            found,
            "A heading that is as wide as both of the columns|Seller Limited|High Street|London|Buyer and Sons|\
             Low Avenue|Manchester|Another line across both of the columns again"
        );
    }

    #[test]
    fn labels_stand_before_their_values() {
        let found = read(&[
            (0.0, 0.0, "Customer:"),
            (200.0, 0.0, "Maria Jones"),
            (0.0, 20.0, "Delivery:"),
            (200.0, 20.0, "By bicycle"),
            (0.0, 40.0, "Cashier:"),
            (200.0, 40.0, "Anna Smith"),
        ]);
        assert_eq!(
            found,
            "Customer:|Maria Jones|Delivery:|By bicycle|Cashier:|Anna Smith"
        );
    }

    #[test]
    fn nothing_and_one_line_are_in_order() {
        assert_eq!(read(&[]), "");
        assert_eq!(read(&[(5.0, 5.0, "one")]), "one");
    }

    proptest::proptest! {
        #[test]
        fn every_line_is_read_once(
            lines in proptest::collection::vec((0f32..300.0, 0f32..300.0, "[a-z0-9 :]{1,12}"), 0..40)
        ) {
            let placed: Vec<_> = lines
                .iter()
                .map(|(left, top, text)| Placed {
                    left: *left,
                    right: left + 6.0 * text.len() as f32,
                    top: *top,
                    bottom: top + 10.0,
                    text: text.clone(),
                })
                .collect();
            let mut order = reading_order(&placed);
            order.sort_unstable();
            proptest::prop_assert_eq!(order, (0..lines.len()).collect::<Vec<_>>());
        }
    }
}

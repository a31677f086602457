//! The order in which a person reads the lines of a page.

use super::{
    PageBox, TextLine,
    rows::{median, rows_of},
};

/// Number of rows of a block of columns at most.
const MAX_BLOCK: usize = 200;
/// Number of gaps in a row that may lie between columns of text.
const MAX_GUTTERS: usize = 8;
/// Number of columns of text beside one another at most; more are a table.
const MAX_COLUMNS: usize = 6;
/// Gap between rows, in heights of a line, at which columns of text end.
const BLOCK_GAP: f32 = 1.2;
/// Number of rows with text on both sides that make two columns at least.
const COLUMN_ROWS: usize = 2;
/// Mean number of characters of a line in a column of text at least; the cells of a table have
/// fewer.
const COLUMN_CHARACTERS: usize = 8;
/// Factor by which the share of a line's height in its width, a character, is larger if the line is
/// written sideways.
const SIDEWAYS: f32 = 3.5;
/// Number of characters from which on a line's box shows its direction.
const MIN_SIDEWAYS: usize = 4;

/// Puts lines into reading order: from top to bottom and from left to right, as the rows of a table
/// are read, but columns of running text one after the other. Lines that are written sideways come
/// last.
#[must_use]
pub fn in_reading_order(lines: Vec<TextLine>) -> Vec<TextLine> {
    let (upright, sideways) = by_direction(lines);
    let areas: Vec<_> = upright.iter().map(TextLine::area).collect();
    let rows = rows_of(&areas);
    let page = Page {
        lines: &upright,
        areas: &areas,
        height: median(areas.iter().map(|area| area.height).collect()),
    };
    let mut order = Vec::with_capacity(upright.len());
    page.order(&rows, MAX_COLUMNS, &mut order);
    let mut upright: Vec<_> = upright.into_iter().map(Some).collect();
    let mut ordered: Vec<_> = order
        .into_iter()
        .filter_map(|index| upright[index].take())
        .collect();
    ordered.extend(sideways);
    ordered
}

/// Separates lines that are written upright from those that are written sideways.
pub(super) fn by_direction(lines: Vec<TextLine>) -> (Vec<TextLine>, Vec<TextLine>) {
    // The sides of a box are fractions of sides of different lengths, so that lines can only be
    // compared with one another.
    let slimness = |line: &TextLine| {
        let area = line.area();
        area.height * characters(line) as f32 / area.width.max(f32::EPSILON)
    };
    let usual = median(lines.iter().map(slimness).collect());
    lines
        .into_iter()
        .partition(|line| characters(line) < MIN_SIDEWAYS || slimness(line) <= SIDEWAYS * usual)
}

fn characters(line: &TextLine) -> usize {
    line.words
        .iter()
        .map(|word| word.text.chars().count())
        .sum()
}

struct Page<'a> {
    lines: &'a [TextLine],
    areas: &'a [PageBox],
    /// Usual height of a line.
    height: f32,
}

/// A range of x without text.
#[derive(Clone, Copy)]
struct Gutter {
    left: f32,
    right: f32,
}

impl Page<'_> {
    /// Appends the indices of the lines of `rows`, which have at most that many columns, in reading
    /// order.
    fn order(&self, rows: &[Vec<usize>], columns: usize, order: &mut Vec<usize>) {
        let mut from = 0;
        while from < rows.len() {
            let block = self.columns(&rows[from..]).filter(|_| columns > 1);
            let Some((length, middle)) = block else {
                order.extend(&rows[from]);
                from += 1;
                continue;
            };
            for is_left in [true, false] {
                let side = rows[from..from + length].iter().map(|row| {
                    let row = row.iter().copied();
                    row.filter(|index| (self.areas[*index].x < middle) == is_left)
                        .collect::<Vec<_>>()
                });
                let side: Vec<_> = side.filter(|row| !row.is_empty()).collect();
                self.order(&side, columns - 1, order);
            }
            from += length;
        }
    }

    /// Returns the number of rows from the first on that stand in two columns of text, and an x
    /// between the two.
    fn columns(&self, rows: &[Vec<usize>]) -> Option<(usize, f32)> {
        let first = rows.first()?;
        let gutters = first.windows(2).take(MAX_GUTTERS).map(|pair| Gutter {
            left: self.areas[pair[0]].right(),
            right: self.areas[pair[1]].x,
        });
        gutters
            .filter_map(|gutter| self.block(rows, gutter))
            .max_by_key(|(length, _)| *length)
    }

    fn block(&self, rows: &[Vec<usize>], mut gutter: Gutter) -> Option<(usize, f32)> {
        let mut length = 0;
        let mut bottom = None;
        let mut shared = 0;
        let mut sides = [Vec::new(), Vec::new()];
        for row in rows.iter().take(MAX_BLOCK) {
            let areas = row.iter().map(|index| self.areas[*index]);
            let top = areas.clone().map(|area| area.y).fold(1.0, f32::min);
            if bottom.is_some_and(|bottom| top - bottom > BLOCK_GAP * self.height) {
                break;
            }
            let mut narrowed = gutter;
            for area in areas.clone() {
                if area.right() <= gutter.right && area.x < gutter.left {
                    narrowed.left = narrowed.left.max(area.right());
                } else {
                    narrowed.right = narrowed.right.min(area.x);
                }
            }
            if narrowed.left >= narrowed.right {
                break;
            }
            gutter = narrowed;
            let is_left = |index: &usize| self.areas[*index].x < gutter.left;
            let (left, right): (Vec<usize>, Vec<usize>) = row.iter().partition(|i| is_left(i));
            shared += usize::from(!left.is_empty() && !right.is_empty());
            sides[0].extend(left);
            sides[1].extend(right);
            bottom = areas.map(PageBox::bottom).reduce(f32::max);
            length += 1;
        }
        let is_text = shared >= COLUMN_ROWS && sides.iter().all(|side| self.is_running_text(side));
        is_text.then_some((length, f32::midpoint(gutter.left, gutter.right)))
    }

    /// Returns whether lines below one another look like an address or a paragraph, and not like
    /// the labels or the values of a table.
    fn is_running_text(&self, side: &[usize]) -> bool {
        let texts = side.iter().map(|index| self.lines[*index].text());
        let (mut letters, mut digits, mut labels) = (0, 0, 0);
        for text in texts {
            letters += text.chars().filter(|c| c.is_alphabetic()).count();
            digits += text.chars().filter(|c| c.is_numeric()).count();
            labels += usize::from(text.ends_with(':'));
        }
        letters + digits >= COLUMN_CHARACTERS * side.len()
            && letters > 2 * digits
            && 2 * labels < side.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{TextSource, Word};

    /// Makes a line of a page on which a character is a hundredth wide and high.
    fn line(text: &str, column: u8, row: u8) -> TextLine {
        let mut x = f32::from(column) / 100.0;
        let words = text.split(' ').map(|word| {
            let width = word.chars().count() as f32 / 100.0;
            let area = PageBox {
                x,
                y: f32::from(row) / 50.0,
                width,
                height: 0.01,
            };
            x += width + 0.01;
            Word {
                text: word.to_owned(),
                area,
                confidence: 1.0,
            }
        });
        TextLine {
            words: words.collect(),
            source: TextSource::Pdf,
        }
    }

    fn ordered(mut lines: Vec<TextLine>) -> Vec<String> {
        fastrand::Rng::with_seed(3).shuffle(&mut lines);
        let ordered = in_reading_order(lines);
        ordered.iter().map(TextLine::text).collect()
    }

    #[test]
    fn a_receipt_is_read_row_by_row() {
        let lines = vec![
            line("CORNER SHOP", 30, 1),
            line("Coffee with milk", 5, 3),
            line("2.50", 80, 3),
            line("Sandwich", 5, 4),
            line("6.50", 80, 4),
            line("Total", 5, 5),
            line("9.00", 80, 5),
        ];
        let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
        assert_eq!(ordered(lines), expected);
    }

    #[test]
    fn columns_of_text_are_read_one_after_the_other() {
        let lines = vec![
            line("Invoice", 5, 1),
            line("Kowalski Carpentry", 5, 3),
            line("Station Road 5", 5, 4),
            line("Springfield", 5, 5),
            line("Ferreira and Daughters", 55, 3),
            line("Harbour Street 12", 55, 4),
            line("Shelbyville", 55, 5),
            line("Invoice number:", 5, 8),
            line("2024-0017", 55, 8),
            line("Invoice date:", 5, 9),
            line("4 May 2024", 55, 9),
            line("Work", 5, 12),
            line("Hours", 40, 12),
            line("Amount", 80, 12),
            line("Shelves fitted", 5, 13),
            line("3", 40, 13),
            line("150.00", 80, 13),
        ];
        let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
        assert_eq!(ordered(lines), expected);
    }

    #[test]
    fn sideways_lines_come_last() {
        let mut margin = line("Printed by Springfield Press", 1, 1);
        let mut y = 0.1;
        for word in &mut margin.words {
            let height = word.area.width;
            word.area = PageBox {
                x: 0.01,
                y,
                width: 0.01,
                height,
            };
            y += height + 0.01;
        }
        let lines = vec![line("Coffee", 5, 8), line("Total 9.00", 5, 20), margin];
        let expected: Vec<_> = lines.iter().map(TextLine::text).collect();
        assert_eq!(ordered(lines), expected);
        assert_eq!(in_reading_order(Vec::new()), []);
    }

    #[test]
    fn a_high_word_keeps_the_lines_beside_it_apart() {
        let mut total = line("TOTAL", 5, 2);
        total.words[0].area.height = 0.03;
        let lines = vec![total, line("net 7.56", 40, 2), line("gross 9.00", 40, 3)];
        assert_eq!(ordered(lines).len(), 3);
    }
}

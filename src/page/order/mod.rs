//! The order in which a person reads the lines of a page.

#[cfg(test)]
mod tests;

use super::{
    PageText, TextLine,
    rows::{Place, median, rows_of},
    straight::straightened,
};

/// Number of rows of a block of columns at most.
const MAX_BLOCK: usize = 200;
/// Number of gaps in a row that may lie between columns of text.
const MAX_GUTTERS: usize = 8;
/// Number of columns of text beside one another at most; more are a table.
const MAX_COLUMNS: usize = 6;
/// Gap between columns of text, in heights of a line, at least.
const GUTTER: f32 = 1.5;
/// Gap between rows, in heights of a line, at which columns of text end.
const BLOCK_GAP: f32 = 1.2;
/// Gap between rows, in heights of a line, at which columns of text end if the rows before are closer together ...
const LOOSE_GAP: f32 = 0.5;
/// ... which they are if this many of their distances fit into the next one.
const WIDER: f32 = 1.6;
/// Number of rows with text on both sides that make two columns at least.
const COLUMN_ROWS: usize = 2;
/// Mean number of characters of a line in a column of text at least; the cells of a table have
/// fewer.
const COLUMN_CHARACTERS: usize = 8;
/// Factor by which the share of a line's height in its width, a character, is larger if the line is
/// written sideways.
const SIDEWAYS: f32 = 3.5;
/// Number of characters from which on a line's place shows its direction.
const MIN_SIDEWAYS: usize = 4;

/// Puts the lines of a page of `size` into reading order: from top to bottom and from left to
/// right, as the rows of a table are read, but columns of running text one after the other. Lines
/// that are written sideways come last.
#[must_use]
pub fn in_reading_order(lines: Vec<TextLine>, size: (u32, u32)) -> Vec<TextLine> {
    let Arrangement { places, rows, rest } = Arrangement::of(&lines, size);
    let heights = rows.iter().flatten().map(|index| places[*index].height());
    let page = Page {
        lines: &lines,
        height: median(heights.collect()),
        places: &places,
    };
    let mut order = Vec::with_capacity(lines.len());
    page.order(&rows, MAX_COLUMNS, &mut order);
    order.extend(rest);
    let mut lines: Vec<_> = lines.into_iter().map(Some).collect();
    let ordered = order.into_iter().filter_map(|index| lines[index].take());
    ordered.collect()
}

impl PageText {
    /// Returns the lines of each row from top to bottom and from left to right, by their indices. Lines that are
    /// written sideways are rows of their own at the end.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<usize>> {
        let Arrangement { rows, rest, .. } =
            Arrangement::of(&self.lines, (self.width, self.height));
        let rest = rest.into_iter().map(|index| vec![index]);
        rows.into_iter().chain(rest).collect()
    }
}

/// The rows of a page as it is read.
pub(super) struct Arrangement {
    /// The place of each line.
    pub places: Vec<Place>,
    /// The lines of each row from top to bottom and from left to right, by their indices.
    pub rows: Vec<Vec<usize>>,
    /// The lines that are written sideways.
    pub rest: Vec<usize>,
}

impl Arrangement {
    /// Finds the rows of a page of `size`.
    pub(super) fn of(lines: &[TextLine], size: (u32, u32)) -> Self {
        let places = straightened(lines, size);
        let slimness = |index: &usize| {
            let place = places[*index];
            place.height() * characters(&lines[*index]) as f32 / place.width().max(f32::EPSILON)
        };
        let usual = median((0..lines.len()).map(|index| slimness(&index)).collect());
        let (upright, rest): (Vec<_>, Vec<_>) = (0..lines.len()).partition(|index| {
            characters(&lines[*index]) < MIN_SIDEWAYS || slimness(index) <= SIDEWAYS * usual
        });
        let stand: Vec<_> = upright.iter().map(|index| places[*index]).collect();
        let mut rows = rows_of(&stand);
        for index in rows.iter_mut().flatten() {
            *index = upright[*index];
        }
        Self { places, rows, rest }
    }
}

fn characters(line: &TextLine) -> usize {
    line.words
        .iter()
        .map(|word| word.text.chars().count())
        .sum()
}

struct Page<'a> {
    lines: &'a [TextLine],
    places: &'a [Place],
    /// Usual height of a line.
    height: f32,
}

/// A range across the page without text.
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
                    row.filter(|index| (self.places[*index].left < middle) == is_left)
                        .collect::<Vec<_>>()
                });
                let side: Vec<_> = side.filter(|row| !row.is_empty()).collect();
                self.order(&side, columns - 1, order);
            }
            from += length;
        }
    }

    /// Returns the number of rows from the first on that stand in two columns of text, and where
    /// the gap between the two is.
    fn columns(&self, rows: &[Vec<usize>]) -> Option<(usize, f32)> {
        let first = rows.first()?;
        let gutters = first.windows(2).take(MAX_GUTTERS).map(|pair| Gutter {
            left: self.places[pair[0]].right,
            right: self.places[pair[1]].left,
        });
        gutters
            .filter_map(|gutter| self.block(rows, gutter))
            .max_by_key(|(length, _)| *length)
    }

    fn block(&self, rows: &[Vec<usize>], mut gutter: Gutter) -> Option<(usize, f32)> {
        let mut length = 0;
        let mut last: Option<(f32, f32)> = None;
        let mut distance = f32::INFINITY;
        let mut shared = 0;
        let mut sides = [Vec::new(), Vec::new()];
        for row in rows.iter().take(MAX_BLOCK) {
            let places = row.iter().map(|index| self.places[*index]);
            let top = places.clone().map(|place| place.top);
            let top = top.fold(f32::INFINITY, f32::min);
            if let Some((before, bottom)) = last {
                let gap = (top - bottom) / self.height.max(f32::EPSILON);
                let is_looser = gap > LOOSE_GAP && top - before > WIDER * distance;
                if gap > BLOCK_GAP || is_looser {
                    break;
                }
                distance = distance.min(top - before);
            }
            let mut narrowed = gutter;
            for place in places.clone() {
                if place.right <= gutter.right && place.left < gutter.left {
                    narrowed.left = narrowed.left.max(place.right);
                } else {
                    narrowed.right = narrowed.right.min(place.left);
                }
            }
            if narrowed.right - narrowed.left < GUTTER * self.height {
                break;
            }
            gutter = narrowed;
            let is_left = |index: &usize| self.places[*index].left < gutter.left;
            let (left, right): (Vec<usize>, Vec<usize>) = row.iter().partition(|i| is_left(i));
            shared += usize::from(!left.is_empty() && !right.is_empty());
            sides[0].extend(left);
            sides[1].extend(right);
            let bottom = places.map(|place| place.bottom).reduce(f32::max);
            last = bottom.map(|bottom| (top, bottom));
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

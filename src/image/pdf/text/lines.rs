//! Puts words together into lines.

use hayro::kurbo::{Rect, Vec2};

use super::run::{Piece, WORD_GAP};
use crate::page::{PageBox, TextLine, TextSource, Word, composed, in_reading_order};

/// Gap in heights of the font at which a line ends, as between the columns of a receipt.
const LINE_GAP: f64 = 1.6;
/// Distance in heights of the font by which words of one line stand above or below one another,
/// such as the cents of a price.
const SAME_LINE: f64 = 0.35;
/// Number of single letters from which on a row may be written with spaced letters.
const SPACED: usize = 4;
/// Gap between words in gaps between spaced letters.
const SPACED_GAP: f64 = 1.6;
/// Height of a word's area in heights of the font at least; a full stop has less ink.
const MIN_HEIGHT: f64 = 0.5;

/// The four directions of text, the page's own first.
const DIRECTIONS: [Vec2; 4] = [
    Vec2::new(1.0, 0.0),
    Vec2::new(0.0, 1.0),
    Vec2::new(0.0, -1.0),
    Vec2::new(-1.0, 0.0),
];

/// Returns the lines of a page of `size` pixels in reading order. Text in another direction than
/// the page's comes last.
pub(super) fn of_pieces<'a>(
    pieces: impl Iterator<Item = &'a Piece>,
    size: (u32, u32),
) -> Vec<TextLine> {
    let pieces: Vec<_> = pieces.collect();
    let mut lines = Vec::new();
    for (direction, is_upright) in DIRECTIONS.into_iter().zip([true, false, false, false]) {
        let ways = pieces
            .iter()
            .filter(|piece| nearest(piece.direction) == direction);
        let frame = Frame {
            direction,
            is_upright,
            size,
        };
        let found = frame.lines(ways.copied().collect());
        lines.extend(if is_upright {
            in_reading_order(found, size)
        } else {
            found
        });
    }
    lines
}

fn nearest(direction: Vec2) -> Vec2 {
    let along = |way: &Vec2| way.dot(direction);
    let mut ways = DIRECTIONS.into_iter();
    let first = ways.next().unwrap_or_default();
    ways.fold(first, |best, way| {
        if along(&way) > along(&best) {
            way
        } else {
            best
        }
    })
}

/// A direction of reading.
struct Frame {
    direction: Vec2,
    is_upright: bool,
    size: (u32, u32),
}

impl Frame {
    fn start(&self, piece: &Piece) -> f64 {
        piece.start.to_vec2().dot(self.direction)
    }

    fn end(&self, piece: &Piece) -> f64 {
        piece.end.to_vec2().dot(self.direction)
    }

    /// Returns how far down the piece stands, seen in this direction.
    fn base(&self, piece: &Piece) -> f64 {
        self.direction.cross(piece.start.to_vec2())
    }

    fn lines(&self, mut pieces: Vec<&Piece>) -> Vec<TextLine> {
        pieces.sort_by(|a, b| self.base(a).total_cmp(&self.base(b)));
        let mut rows: Vec<Vec<&Piece>> = Vec::new();
        for piece in pieces {
            let row = rows.last_mut().filter(|row| {
                let largest = row.iter().max_by(|a, b| a.size.total_cmp(&b.size));
                largest.is_some_and(|other| {
                    let off = self.base(piece) - self.base(other);
                    off.abs() <= SAME_LINE * piece.size.max(other.size)
                })
            });
            match row {
                Some(row) => row.push(piece),
                None => rows.push(vec![piece]),
            }
        }
        rows.into_iter().flat_map(|row| self.split(row)).collect()
    }

    /// Splits a row into lines and their words.
    fn split(&self, mut row: Vec<&Piece>) -> Vec<TextLine> {
        row.sort_by(|a, b| self.start(a).total_cmp(&self.start(b)));
        let word_gap = self.word_gap(&row);
        let mut lines: Vec<Vec<Vec<&Piece>>> = Vec::new();
        let mut last: Option<&Piece> = None;
        for piece in row {
            let gap = last.map_or(f64::INFINITY, |last| self.gap(last, piece));
            let words = lines.last_mut().filter(|_| gap.abs() <= LINE_GAP);
            match words {
                None => lines.push(vec![vec![piece]]),
                Some(words) => match words.last_mut().filter(|_| gap.abs() < word_gap) {
                    Some(word) => word.push(piece),
                    None => words.push(vec![piece]),
                },
            }
            last = Some(piece);
        }
        let lines = lines.into_iter().map(|words| TextLine {
            words: words.iter().map(|pieces| self.word(pieces)).collect(),
            source: TextSource::Pdf,
        });
        lines.collect()
    }

    /// Returns the gap between two pieces in heights of the font.
    fn gap(&self, left: &Piece, right: &Piece) -> f64 {
        (self.start(right) - self.end(left)) / left.size.max(right.size)
    }

    /// Returns the gap that separates the words of a row: a larger one if its letters are spaced.
    fn word_gap(&self, row: &[&Piece]) -> f64 {
        let is_letter = |piece: &&&Piece| {
            let text = piece.text.as_deref();
            text.is_some_and(|text| text.chars().nth(1).is_none())
        };
        let letters = row.iter().filter(is_letter).count();
        if letters < SPACED || 3 * letters < 2 * row.len() {
            return WORD_GAP;
        }
        let gaps = row.windows(2).map(|pair| self.gap(pair[0], pair[1]));
        let mut gaps: Vec<f64> = gaps.collect();
        gaps.sort_by(f64::total_cmp);
        let usual = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
        (SPACED_GAP * usual).clamp(WORD_GAP, LINE_GAP)
    }

    fn word(&self, pieces: &[&Piece]) -> Word {
        let text = pieces.iter().filter_map(|piece| piece.text.as_deref());
        let areas = pieces.iter().map(|piece| self.area(piece));
        let area = areas.reduce(|a, b| a.union(b)).unwrap_or_default();
        Word {
            text: composed(text.collect()),
            area: boxed(area, self.size),
            confidence: 1.0,
            alternatives: Vec::new(),
        }
    }

    fn area(&self, piece: &Piece) -> Rect {
        if !self.is_upright {
            return piece.area;
        }
        let middle = piece.start.y - MIN_HEIGHT * piece.size;
        let letters = Rect::new(piece.area.x0, middle, piece.area.x1, piece.start.y);
        piece.area.union(letters)
    }
}

/// Returns an area in pixels as a box on a page of `size` pixels.
pub(super) fn boxed(area: Rect, size: (u32, u32)) -> PageBox {
    PageBox::between(
        (area.x0 as f32, area.y0 as f32),
        (area.x1 as f32, area.y1 as f32),
        size,
    )
}

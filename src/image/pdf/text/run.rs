//! Letters that are drawn one after the other without a gap.

use hayro::kurbo::{BezPath, Point, Rect, Vec2};

use super::{
    mask::{Brightness, Window},
    visible::{self, Drawn, Visibility},
};

/// Gap in heights of the font that separates words.
pub(super) const WORD_GAP: f64 = 0.14;
/// Distance in heights of the font by which a letter may begin before the end of the last.
const BACK: f64 = 0.3;
/// Distance in heights of the font from the line on which the last letter stands.
const OFF_LINE: f64 = 0.1;
/// Number of letters that are judged together.
const MAX_LETTERS: usize = 64;

/// What letters are drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ink {
    /// Nothing: text for searching.
    None,
    /// One colour of this brightness, 0 to 1.
    Plain(f32),
    /// A pattern.
    Pattern,
}

/// A letter on the page; all places are in pixels.
pub(super) struct Letter {
    /// The characters; `None` if they are not known.
    pub(super) text: Option<String>,
    /// The outlines that ink fills.
    pub(super) outlines: Vec<BezPath>,
    /// The area of its ink.
    pub(super) area: Option<Rect>,
    /// The place on the line where the letter begins.
    pub(super) origin: Point,
    /// The place where the next begins.
    pub(super) end: Point,
    /// The direction of the line, of length 1.
    pub(super) direction: Vec2,
    /// The height of the font.
    pub(super) size: f64,
    /// What it is drawn with.
    pub(super) ink: Ink,
}

/// Letters without a gap; at least one.
pub(super) struct Run {
    first: Letter,
    rest: Vec<Letter>,
}

impl Run {
    pub(super) fn new(first: Letter) -> Self {
        Self {
            first,
            rest: Vec::new(),
        }
    }

    fn last(&self) -> &Letter {
        self.rest.last().unwrap_or(&self.first)
    }

    fn letters(&self) -> impl Iterator<Item = &Letter> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Returns whether a letter follows the last one without a gap and looks alike.
    pub(super) fn continues_with(&self, letter: &Letter) -> bool {
        let last = self.last();
        let gap = (letter.origin - last.end) / last.size;
        let along = gap.dot(last.direction);
        let across = gap.cross(last.direction).abs();
        self.rest.len() + 1 < MAX_LETTERS
            && letter.ink == last.ink
            && letter.direction.dot(last.direction) > 0.999
            && (letter.size / last.size - 1.0).abs() < 0.02
            && (-BACK..WORD_GAP).contains(&along)
            && across < OFF_LINE
    }

    pub(super) fn add(&mut self, letter: Letter) {
        self.rest.push(letter);
    }

    fn area(&self) -> Option<Rect> {
        let areas = self.letters().filter_map(|letter| letter.area);
        areas.reduce(|a, b| a.union(b))
    }

    /// Returns the number of pixels to compare.
    pub(super) fn pixels(&self, picture: &Brightness) -> usize {
        let window = |area| Window::around(area, 0.0, picture.page()).pixels();
        self.area().map_or(0, window)
    }

    /// Returns the letters with a judgement whether a person sees them; `None` if none has ink.
    /// `scale` is the number of pixels a point.
    pub(super) fn judged(self, picture: &Brightness, scale: f64) -> Option<Piece> {
        let area = self.area()?;
        let text = self
            .letters()
            .map(|letter| letter.text.as_deref())
            .collect();
        let Letter {
            origin,
            direction,
            size,
            ink,
            ..
        } = self.first;
        let end = self.last().end;
        let letters = std::iter::once(self.first).chain(self.rest);
        let (outlines, areas): (Vec<_>, Vec<_>) =
            letters.map(|letter| (letter.outlines, letter.area)).unzip();
        let drawn = Drawn {
            outlines: &outlines.concat(),
            areas: &areas,
            shade: match ink {
                Ink::Plain(shade) => Some(shade),
                Ink::None | Ink::Pattern => None,
            },
            size,
            points: size / scale,
        };
        let (visibility, misfit) = if ink == Ink::None {
            (Visibility::Hidden, 1.0)
        } else {
            let verdict = visible::judge(&drawn, picture);
            (verdict.visibility, verdict.misfit)
        };
        Some(Piece {
            text,
            area,
            start: origin,
            end,
            direction,
            size,
            visibility,
            misfit,
        })
    }
}

/// A word or a part of one; all places are in pixels.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The characters; `None` if some are not known.
    pub(super) text: Option<String>,
    /// The area of the ink.
    pub(super) area: Rect,
    /// The place on the line where it begins.
    pub(super) start: Point,
    /// The place on the line where it ends.
    pub(super) end: Point,
    /// The direction of the line, of length 1.
    pub(super) direction: Vec2,
    /// The height of the font.
    pub(super) size: f64,
    /// Whether a person sees it.
    pub(super) visibility: Visibility,
    /// The largest part of a letter's ink that differs from the picture.
    pub(super) misfit: f32,
}

impl Piece {
    /// Returns whether a person sees it, and its characters are known.
    pub(super) fn is_read(&self) -> bool {
        self.visibility == Visibility::Shown && self.text.is_some()
    }

    /// Returns whether something stands there that only the picture can tell.
    pub(super) fn is_unread(&self) -> bool {
        match self.visibility {
            Visibility::Shown => self.text.is_none(),
            Visibility::Hidden => false,
            Visibility::Doubtful => true,
        }
    }

    /// Returns whether the other continues the same word.
    pub(super) fn abuts(&self, other: &Self) -> bool {
        let size = self.size.max(other.size);
        let touches = |from: &Self, to: &Self| {
            let gap = (to.start - from.end) / size;
            (-BACK..WORD_GAP).contains(&gap.dot(from.direction))
                && gap.cross(from.direction).abs() < 0.5
        };
        touches(self, other) || touches(other, self)
    }
}

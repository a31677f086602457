//! A page prepared for looking values up: its characters with the words that they belong to, and
//! its rows.

use std::ops::Range;

use super::{
    Evidence,
    fold::{digit, fold},
};
use crate::page::{PageBox, PageText, TextLine, TextSource};

/// Share of a line's height within which the middles of lines of one row differ.
const ROW_SLACK: f32 = 0.5;

/// A page prepared for looking values up.
pub struct Sheet<'a> {
    /// Number of the page, counted from 1.
    number: usize,
    /// The lines in reading order.
    pub lines: &'a [TextLine],
    /// The characters of each line.
    pub prints: Vec<LineChars>,
    /// The folded letters and digits of each line.
    pub folded: Vec<Vec<FoldedLetter>>,
    /// The row of each line.
    rows: Vec<usize>,
    /// The lines of each row, from left to right.
    members: Vec<Vec<usize>>,
}

/// The characters of a line with a blank between each two words. Digits, dashes and apostrophes are
/// in their common form.
pub struct LineChars {
    /// The characters.
    pub chars: Vec<char>,
    /// The number of the word that each belongs to; a blank belongs to the word before it.
    words: Vec<usize>,
}

/// A folded letter or digit of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoldedLetter {
    /// The letter.
    pub c: char,
    /// The number of its word.
    pub word: usize,
    /// The number of its run: a mark within a word begins another one.
    pub run: usize,
}

/// Words on a page that may be the print of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// Index of the sheet.
    pub sheet: usize,
    /// Row of the first line.
    pub row: usize,
    /// The lines with the words in each; at least one.
    pub parts: Vec<(usize, Range<usize>)>,
    /// How unlikely it is that this is the print, 0 for the likeliest.
    pub cost: f32,
}

impl LineChars {
    fn of(line: &TextLine) -> Self {
        let (mut chars, mut words) = (Vec::new(), Vec::new());
        for (number, word) in line.words.iter().enumerate() {
            if number > 0 {
                chars.push(' ');
                words.push(number - 1);
            }
            chars.extend(word.text.chars().map(common));
            words.resize(chars.len(), number);
        }
        Self { chars, words }
    }

    /// Returns the words of a range of characters.
    pub fn words(&self, chars: &Range<usize>) -> Range<usize> {
        let word = |at: usize| self.words.get(at).copied().unwrap_or(0);
        word(chars.start)..word(chars.end.saturating_sub(1)) + 1
    }
}

fn common(c: char) -> char {
    match c {
        '‐'..='―' | '−' | '－' => '-',
        '’' | '‘' | '`' | '´' | 'ʼ' | '′' => '\'',
        '·' | '٫' | '．' => '.',
        '，' | '‚' => ',',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        other => digit(other).map_or(other, |value| char::from(b'0' + value)),
    }
}

impl<'a> Sheet<'a> {
    /// Prepares page `number`.
    pub fn new(number: usize, page: &'a PageText) -> Self {
        let rows = rows(&page.lines);
        let mut members = vec![Vec::new(); rows.iter().max().map_or(0, |last| last + 1)];
        for (line, &row) in rows.iter().enumerate() {
            members[row].push(line);
        }
        for row in &mut members {
            row.sort_by(|&a, &b| left(&page.lines[a]).total_cmp(&left(&page.lines[b])));
        }
        Self {
            number,
            lines: &page.lines,
            prints: page.lines.iter().map(LineChars::of).collect(),
            folded: page.lines.iter().map(folded_line).collect(),
            rows,
            members,
        }
    }

    /// Creates an occurrence on this sheet, which is number `sheet` of all.
    pub fn occurrence(
        &self,
        sheet: usize,
        parts: Vec<(usize, Range<usize>)>,
        cost: f32,
    ) -> Occurrence {
        let first = parts.first().and_then(|(line, _)| self.rows.get(*line));
        Occurrence {
            sheet,
            row: first.copied().unwrap_or(0),
            parts,
            cost,
        }
    }

    /// Returns what stands in the same row left of a word, folded.
    pub fn left_of(&self, line: usize, word: usize) -> String {
        let Some(area) = self.area(line, word) else {
            return String::new();
        };
        let lines = self.members[self.rows[line]].iter();
        let lefts = lines.flat_map(|&other| {
            let letters = self.folded[other].iter();
            letters.filter(move |letter| match self.area(other, letter.word) {
                Some(_) if other == line => letter.word < word,
                Some(place) => place.x + place.width / 2.0 < area.x,
                None => false,
            })
        });
        lefts.map(|letter| letter.c).collect()
    }

    /// Returns what stands in the row above a word and overlaps its width, folded.
    pub fn above(&self, line: usize, word: usize) -> String {
        let (Some(area), Some(above)) = (self.area(line, word), self.rows[line].checked_sub(1))
        else {
            return String::new();
        };
        let lines = self.members[above].iter();
        let over = lines.flat_map(|&other| {
            let letters = self.folded[other].iter();
            letters.filter(move |letter| {
                self.area(other, letter.word)
                    .is_some_and(|place| overlap(place, area) > 0.0)
            })
        });
        over.map(|letter| letter.c).collect()
    }

    /// Returns the line below that overlaps this one's width.
    pub fn below(&self, line: usize) -> Option<usize> {
        let area = self.lines[line].area();
        let rows = self.members.get(self.rows[line] + 1..)?;
        let mut lines = rows.iter().take(2).flatten().copied();
        lines.find(|&other| overlap(self.lines[other].area(), area) > 0.0)
    }

    /// Returns the line above that overlaps this one's width.
    pub fn above_line(&self, line: usize) -> Option<usize> {
        let area = self.lines[line].area();
        let rows = self.members.get(..self.rows[line])?;
        let mut lines = rows.iter().rev().take(2).flatten().copied();
        lines.find(|&other| overlap(self.lines[other].area(), area) > 0.0)
    }

    /// Returns whether the gap between two neighbouring words is no wider than a blank.
    pub fn are_close(&self, line: usize, word: usize) -> bool {
        let (Some(one), Some(next)) = (self.area(line, word), self.area(line, word + 1)) else {
            return true;
        };
        let letters = self.lines[line].words[word].text.chars().count().max(1);
        next.x - one.right() <= one.width / letters as f32 * 1.5
    }

    /// Returns the place and text of an occurrence.
    pub fn evidence(&self, occurrence: &Occurrence) -> Evidence {
        let mut evidence = Evidence {
            page: self.number,
            area: PageBox::default(),
            text: String::new(),
            source: TextSource::Pdf,
            confidence: 1.0,
        };
        for (line, words) in &occurrence.parts {
            let Some(line) = self.lines.get(*line) else {
                continue;
            };
            if line.source == TextSource::Reader {
                evidence.source = TextSource::Reader;
            }
            for word in line.words.get(words.clone()).unwrap_or_default() {
                if evidence.text.is_empty() {
                    evidence.area = word.area;
                } else {
                    evidence.text.push(' ');
                    evidence.area = evidence.area.around(word.area);
                }
                evidence.text.push_str(&word.text);
                evidence.confidence = evidence.confidence.min(word.confidence);
            }
        }
        evidence
    }

    fn area(&self, line: usize, word: usize) -> Option<PageBox> {
        Some(self.lines.get(line)?.words.get(word)?.area)
    }
}

/// Returns the folded letters of a line.
fn folded_line(line: &TextLine) -> Vec<FoldedLetter> {
    let mut letters = Vec::new();
    let mut run = 0;
    for (word, text) in line.words.iter().enumerate() {
        run += 1;
        for c in text.text.chars() {
            let before = letters.len();
            letters.extend(fold(c).map(|c| FoldedLetter { c, word, run }));
            if letters.len() == before {
                run += 1;
            }
        }
    }
    letters
}

fn left(line: &TextLine) -> f32 {
    line.words.first().map_or(0.0, |word| word.area.x)
}

/// Returns how much of the width of two areas is common.
fn overlap(one: PageBox, other: PageBox) -> f32 {
    one.right().min(other.right()) - one.x.max(other.x)
}

/// Returns the row of each line: lines whose middles are at one height are in one row.
fn rows(lines: &[TextLine]) -> Vec<usize> {
    let areas: Vec<_> = lines.iter().map(TextLine::area).collect();
    let middle = |line: usize| areas[line].y + areas[line].height / 2.0;
    let mut order: Vec<_> = (0..lines.len()).collect();
    order.sort_by(|&a, &b| middle(a).total_cmp(&middle(b)));
    let mut rows = vec![0; lines.len()];
    let mut row = 0;
    for pair in order.windows(2) {
        let (before, line) = (pair[0], pair[1]);
        let slack = areas[before].height.min(areas[line].height) * ROW_SLACK;
        if middle(line) - middle(before) >= slack {
            row += 1;
        }
        rows[line] = row;
    }
    rows
}

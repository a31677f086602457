//! A page prepared for looking values up: its characters with the words that they belong to, and
//! its rows.

use std::ops::Range;

use super::EvidenceSource;
use super::{
    Evidence,
    fold::{digit, fold},
};
use crate::page::{PageBox, PageText, TextLine, TextSource};

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
    /// Other readings of lines, in each of which one word with a digit differs.
    pub variants: Vec<LineVariant>,
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
    /// The word that has to be read otherwise for it, if one has to.
    pub other: Option<OtherWord>,
}

/// Another reading of a line.
pub struct LineVariant {
    /// The word that differs.
    pub place: OtherWord,
    /// The characters.
    pub print: LineChars,
}

/// A word, and which of its other readings is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherWord {
    /// Number of the line.
    pub line: usize,
    /// Number of the word in the line.
    pub word: usize,
    /// Number of the reading among the word's alternatives.
    pub reading: usize,
}

/// Cost of what is printed only if a word is read otherwise.
pub const OTHER_READING: f32 = 0.35;

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
        let members = page.rows();
        let mut rows = vec![0; page.lines.len()];
        for (row, lines) in members.iter().enumerate() {
            for &line in lines {
                rows[line] = row;
            }
        }
        Self {
            number,
            lines: &page.lines,
            prints: page.lines.iter().map(LineChars::of).collect(),
            folded: page.lines.iter().map(folded_line).collect(),
            variants: variants(&page.lines),
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
            other: None,
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

    /// Returns the number of rows.
    pub fn rows_count(&self) -> usize {
        self.members.len()
    }

    /// Returns the lines of a row, from left to right.
    pub fn lines_of(&self, row: usize) -> &[usize] {
        self.members.get(row).map_or(&[], Vec::as_slice)
    }

    /// Returns what stands in the same row right of a word, folded.
    pub fn right_of(&self, line: usize, word: usize) -> String {
        let Some(area) = self.area(line, word) else {
            return String::new();
        };
        let lines = self.members[self.rows[line]].iter();
        let rights = lines.flat_map(|&other| {
            let letters = self.folded[other].iter();
            letters.filter(move |letter| match self.area(other, letter.word) {
                Some(_) if other == line => letter.word > word,
                Some(place) => place.x > area.x + area.width / 2.0,
                None => false,
            })
        });
        rights.map(|letter| letter.c).collect()
    }

    /// Returns the line below that overlaps this one's width.
    pub fn below(&self, line: usize) -> Option<usize> {
        let area = self.lines[line].area();
        let rows = self.members.get(self.rows[line] + 1..)?;
        let mut lines = rows.iter().take(2).flatten().copied();
        lines.find(|&other| overlap(self.lines[other].area(), area) > 0.0)
    }

    /// Returns the next line in reading order.
    pub fn following(&self, line: usize) -> Option<usize> {
        Some(line + 1).filter(|next| *next < self.lines.len())
    }

    /// Returns the next line of the same row.
    pub fn right_of_line(&self, line: usize) -> Option<usize> {
        let row = &self.members[self.rows[line]];
        let at = row.iter().position(|other| *other == line)?;
        row.get(at + 1).copied()
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
            source: EvidenceSource::Text(TextSource::Pdf),
            confidence: 1.0,
        };
        for (at, words) in &occurrence.parts {
            let Some(line) = self.lines.get(*at) else {
                continue;
            };
            if line.source == TextSource::Reader {
                evidence.source = EvidenceSource::Text(TextSource::Reader);
            }
            let printed = line.words.get(words.clone()).unwrap_or_default();
            for (number, word) in words.clone().zip(printed) {
                let other = occurrence
                    .other
                    .filter(|other| (other.line, other.word) == (*at, number))
                    .and_then(|other| word.alternatives.get(other.reading));
                let (text, confidence) = match other {
                    Some(other) => (&other.text, other.probability),
                    None => (&word.text, word.confidence),
                };
                if evidence.text.is_empty() {
                    evidence.area = word.area;
                } else {
                    evidence.text.push(' ');
                    evidence.area = evidence.area.around(word.area);
                }
                evidence.text.push_str(text);
                evidence.confidence = evidence.confidence.min(confidence);
            }
        }
        evidence
    }

    /// Returns the place of a word.
    pub fn area(&self, line: usize, word: usize) -> Option<PageBox> {
        Some(self.lines.get(line)?.words.get(word)?.area)
    }
}

/// Returns the other readings of lines, of words that have a digit in any reading.
fn variants(lines: &[TextLine]) -> Vec<LineVariant> {
    let has_digit = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        for (word, printed) in line.words.iter().enumerate() {
            for (reading, other) in printed.alternatives.iter().enumerate() {
                if !has_digit(&printed.text) && !has_digit(&other.text) {
                    continue;
                }
                let mut line = line.clone();
                line.words[word].text.clone_from(&other.text);
                let place = OtherWord {
                    line: number,
                    word,
                    reading,
                };
                let print = LineChars::of(&line);
                found.push(LineVariant { place, print });
            }
        }
    }
    found
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

/// Returns how much of the width of two areas is common.
fn overlap(one: PageBox, other: PageBox) -> f32 {
    one.right().min(other.right()) - one.x.max(other.x)
}

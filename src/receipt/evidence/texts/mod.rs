//! Finds texts and identifiers on the pages.
//!
//! Texts are compared by edit distance over folded characters. A text may begin within a line and
//! go on in the lines that follow it in reading order or stand below it.

mod distance;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{
    fold::{folded, look_alike},
    sheet::{FoldedLetter, Occurrence, Sheet},
};
use distance::closest;

/// Most edits for each character of a text that is printed with other characters.
const MOST_EDITS: f32 = 0.2;

/// Fewest characters of a text that may be printed with other characters.
const LEAST_INEXACT: usize = 5;

/// Most characters that are compared; a longer text is sought by its beginning.
const LONGEST: usize = 200;

/// Fewest characters of a text that may be a part of a word.
const LEAST_WITHIN: usize = 6;

/// Most lines of one text.
const MOST_LINES: usize = 6;

/// Most lines at which a text is tried, by how many of its bigrams each has.
const MOST_STARTS: usize = 8;

/// Share of a text's bigrams in a line from which on the line is tried by itself.
const MOST_OF_IT: f32 = 0.5;

/// Cost of a text that is a part of a word.
const WITHIN: f32 = 0.15;

/// Cost of an identifier in which look-alikes differ.
const LOOK_ALIKES: f32 = 0.3;

type Bigram = [char; 2];

/// A sheet and a line on it.
type Start = (usize, usize);

/// The texts of all pages.
pub struct TextIndex {
    /// The sheet and the number of each line.
    lines: Vec<(usize, usize)>,
    /// The lines with each bigram.
    with: HashMap<Bigram, Vec<usize>>,
}

/// Characters of lines that follow each other.
struct Chain {
    letters: Vec<(usize, FoldedLetter)>,
}

impl TextIndex {
    /// Prepares the lines of all sheets.
    pub fn of(sheets: &[Sheet<'_>]) -> Self {
        let mut index = Self {
            lines: Vec::new(),
            with: HashMap::new(),
        };
        for (number, sheet) in sheets.iter().enumerate() {
            for (line, letters) in sheet.folded.iter().enumerate() {
                let place = index.lines.len();
                index.lines.push((number, line));
                let letters: Vec<_> = letters.iter().map(|letter| letter.c).collect();
                for bigram in bigrams(&letters) {
                    let places = index.with.entry(bigram).or_default();
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                }
            }
        }
        index
    }

    /// Returns the places where `text` is printed.
    pub fn find(&self, text: &str, sheets: &[Sheet<'_>]) -> Vec<Occurrence> {
        let mut pattern: Vec<char> = folded(text).chars().collect();
        if pattern.is_empty() {
            return marks(text, sheets);
        }
        pattern.truncate(LONGEST);
        let most = if pattern.len() < LEAST_INEXACT {
            0
        } else {
            (pattern.len() as f32 * MOST_EDITS) as usize
        };
        let (likely, others) = self.starts(&pattern, sheets);
        let found = tried(&likely, &pattern, most, sheets);
        if found.is_empty() {
            tried(&others, &pattern, most, sheets)
        } else {
            found
        }
    }

    /// Returns the lines that have most of a text, and those at which it may begin otherwise.
    fn starts(&self, pattern: &[char], sheets: &[Sheet<'_>]) -> (Vec<Start>, Vec<Start>) {
        if pattern.len() < 2 {
            return (self.lines.clone(), Vec::new());
        }
        let wanted: HashSet<_> = bigrams(pattern).collect();
        let mut counts = vec![0_usize; self.lines.len()];
        for place in wanted.iter().filter_map(|it| self.with.get(it)).flatten() {
            counts[*place] += 1;
        }
        let mut places: Vec<_> = (0..counts.len()).filter(|at| counts[*at] > 0).collect();
        places.sort_by_key(|at| std::cmp::Reverse(counts[*at]));
        places.truncate(MOST_STARTS);
        let most = places.first().map_or(0, |at| counts[*at]);
        // Where a line has all of it, one that has a part of it is no likelier.
        let enough = if most == wanted.len() {
            most
        } else {
            (wanted.len() as f32 * MOST_OF_IT).ceil() as usize
        };
        let has_most = |at: &usize| counts[*at] >= enough;
        let mut likely: Vec<_> = places.iter().copied().filter(has_most).collect();
        likely.sort_unstable();
        let likely = likely.into_iter().map(|at| self.lines[at]).collect();
        let mut starts = Vec::new();
        for (sheet, line) in places.into_iter().map(|at| self.lines[at]) {
            let (before, above) = (line.checked_sub(1), sheets[sheet].above_line(line));
            for line in [Some(line), before, above].into_iter().flatten() {
                if !starts.contains(&(sheet, line)) {
                    starts.push((sheet, line));
                }
            }
        }
        (likely, starts)
    }
}

/// Returns the places where an identifier is printed: the same letters and digits, or ones that
/// look like them.
pub fn find_identifier(text: &str, sheets: &[Sheet<'_>]) -> Vec<Occurrence> {
    let pattern: Vec<char> = folded(text).chars().collect();
    if pattern.is_empty() {
        return Vec::new();
    }
    let alike: Vec<char> = pattern.iter().copied().map(look_alike).collect();
    let mut found: Vec<Occurrence> = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        for line in 0..sheet.lines.len() {
            for chain in chains(sheet, line, 0) {
                for (start, letters) in chain.letters.windows(pattern.len()).enumerate() {
                    // Only what begins in this line: the others have their turn.
                    if letters[0].0 != line {
                        break;
                    }
                    let is_alike = letters
                        .iter()
                        .map(|(_, it)| look_alike(it.c))
                        .eq(alike.iter().copied());
                    if !is_alike || chain.cuts_run(start, start + pattern.len()) {
                        continue;
                    }
                    let is_exact = letters
                        .iter()
                        .map(|(_, it)| it.c)
                        .eq(pattern.iter().copied());
                    let cost = if is_exact { 0.0 } else { LOOK_ALIKES };
                    let parts = parts_of(letters);
                    let cost = cost + 0.05 * (parts.len() - 1) as f32;
                    found.push(sheet.occurrence(number, parts, cost));
                }
            }
        }
    }
    found
}

/// Returns where the texts that begin with these lines are the closest to `pattern`.
fn tried(starts: &[Start], pattern: &[char], most: usize, sheets: &[Sheet<'_>]) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = Vec::new();
    for &(sheet, line) in starts {
        for chain in chains(&sheets[sheet], line, pattern.len()) {
            let Some(occurrence) = chain.find(pattern, most, sheet, &sheets[sheet]) else {
                continue;
            };
            if !found.iter().any(|other| other.parts == occurrence.parts) {
                found.push(occurrence);
            }
        }
    }
    found
}

impl Chain {
    /// Returns the words that are the closest to `pattern`, if they differ by at most `most` edits.
    fn find(
        &self,
        pattern: &[char],
        most: usize,
        sheet: usize,
        of: &Sheet<'_>,
    ) -> Option<Occurrence> {
        let text: Vec<char> = self.letters.iter().map(|(_, letter)| letter.c).collect();
        let is_edge = |at: usize| self.is_word_edge(at);
        let (edits, range) = closest(pattern, &text, most, is_edge)?;
        let within = !is_edge(range.start) || !is_edge(range.end);
        if within {
            let is_cut = self.cuts_run(range.start, range.end);
            if is_cut && (pattern.len() < LEAST_WITHIN || edits * 2 > most) {
                return None;
            }
        }
        let letters = self
            .letters
            .get(range)
            .filter(|letters| !letters.is_empty())?;
        let parts = parts_of(letters);
        let cost = edits as f32 / pattern.len() as f32 + if within { WITHIN } else { 0.0 };
        Some(of.occurrence(sheet, parts, cost))
    }

    /// Returns whether a word begins or ends before the letter `at`.
    fn is_word_edge(&self, at: usize) -> bool {
        let place = |(line, letter): &(usize, FoldedLetter)| (*line, letter.run);
        let before = at.checked_sub(1).and_then(|at| self.letters.get(at));
        before.map(place) != self.letters.get(at).map(place)
    }

    /// Returns whether the range begins or ends within a run of letters or of digits of a word.
    fn cuts_run(&self, start: usize, end: usize) -> bool {
        let cuts = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.letters.get(at));
            match (before, self.letters.get(at)) {
                (Some((_, one)), Some((_, next))) => {
                    !self.is_word_edge(at) && one.c.is_numeric() == next.c.is_numeric()
                }
                _ => false,
            }
        };
        cuts(start) || cuts(end)
    }
}

/// Returns the chains that begin with a line: in reading order, and downwards. Each has at least
/// one and a half times `letters` letters, if there are so many.
fn chains(sheet: &Sheet<'_>, line: usize, letters: usize) -> Vec<Chain> {
    let follow = |next: &dyn Fn(usize) -> Option<usize>| {
        let (mut lines, mut length) = (vec![line], sheet.folded[line].len());
        let mut last = line;
        while length < sheet.folded[line].len() + letters + letters / 2 && lines.len() < MOST_LINES
        {
            let Some(following) = next(last) else {
                break;
            };
            length += sheet.folded[following].len();
            lines.push(following);
            last = following;
        }
        lines
    };
    let in_order = follow(&|line| Some(line + 1).filter(|next| *next < sheet.lines.len()));
    let downwards = follow(&|line| sheet.below(line));
    let mut all = vec![in_order];
    if !all.contains(&downwards) {
        all.push(downwards);
    }
    let chain = |lines: Vec<usize>| {
        let letters = lines.into_iter().flat_map(|line| {
            let letters = sheet.folded[line].iter();
            letters.map(move |letter| (line, *letter))
        });
        Chain {
            letters: letters.collect(),
        }
    };
    all.into_iter().map(chain).collect()
}

/// Returns the lines of letters with the words in each.
fn parts_of(letters: &[(usize, FoldedLetter)]) -> Vec<(usize, Range<usize>)> {
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    for (at, letter) in letters {
        match parts.last_mut() {
            Some((line, words)) if line == at => words.end = words.end.max(letter.word + 1),
            _ => parts.push((*at, letter.word..letter.word + 1)),
        }
    }
    parts
}

fn bigrams(letters: &[char]) -> impl Iterator<Item = Bigram> + '_ {
    letters.windows(2).map(|two| [two[0], two[1]])
}

/// Returns the words that hold a text without letters and digits, such as `%`.
fn marks(text: &str, sheets: &[Sheet<'_>]) -> Vec<Occurrence> {
    let text = text.trim();
    let mut found = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        for (line, words) in sheet.lines.iter().enumerate() {
            for (at, word) in words.words.iter().enumerate() {
                if !text.is_empty() && word.text.contains(text) {
                    found.push(sheet.occurrence(number, vec![(line, at..at + 1)], 0.0));
                }
            }
        }
    }
    found
}

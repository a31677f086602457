//! Compares what a file states with what the page reader sees in the same place.

use crate::page::{PageBox, TextLine, Word};

/// Likeness of texts below which they are not the same text.
const MIN_LIKENESS: f64 = 0.55;
/// Likeness of the spelling of a word, from which on one is a misreading of the other.
const SAME_WORD: f64 = 0.7;
/// Number of letters and digits compared from which on the likeness says something.
const MIN_COMPARED: usize = 8;
/// Number of digits from which on they say something of their own.
const MIN_DIGITS: usize = 6;
/// Confidence of the page reader from which on its digits contest the stated ones.
const SURE: f32 = 0.9;

/// Whether two readings of the same lines agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// They agree, or there is too little to compare.
    Same,
    /// They are different texts.
    Otherwise,
}

/// Compares stated lines with those that the reader found. Lines in whose place it found nothing,
/// and those in scripts that it does not know, say nothing.
pub(super) fn of_lines(stated: &[TextLine], found: &[TextLine]) -> Agreement {
    let (mut texts, mut digits) = (Likeness::default(), Likeness::default());
    for line in stated {
        let stated = line.text();
        if stated.chars().any(|c| c.is_alphabetic() && !is_latin(c)) {
            continue;
        }
        let seen = text_in(line.area(), found);
        if seen.is_empty() {
            continue;
        }
        texts.add(&folded(&stated), &folded(&seen));
        digits.add(&digits_of(&stated), &digits_of(&seen));
    }
    if texts.is_low(MIN_COMPARED) || digits.is_low(MIN_DIGITS) {
        Agreement::Otherwise
    } else {
        Agreement::Same
    }
}

/// Returns whether the reader is sure to see other digits in a word's place.
pub(super) fn contests(found: &[TextLine], word: &Word) -> bool {
    let stated = digits_of(&word.text);
    if stated.is_empty() {
        return false;
    }
    let seen: Vec<_> = words_in(word.area, found).collect();
    let digits: String = seen.iter().map(|word| digits_of(&word.text)).collect();
    digits.len() == stated.len()
        && digits != stated
        && seen.iter().all(|word| word.confidence >= SURE)
}

/// Returns whether one word is a misreading of the other at most: all digits are the same.
pub(super) fn is_same_word(stated: &str, seen: &str) -> bool {
    let has_digits = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    if stated == seen {
        return true;
    }
    // A letter that is read as a digit is no reason for a doubt in a word of letters.
    let is_word = !has_digits(stated) && stated.chars().filter(|c| c.is_alphabetic()).count() > 2;
    (is_word || digits_of(stated) == digits_of(seen))
        && strsim::normalized_levenshtein(&stated.to_lowercase(), &seen.to_lowercase()) >= SAME_WORD
}

/// The mean likeness of texts.
#[derive(Default)]
struct Likeness {
    characters: usize,
    alike: f64,
}

impl Likeness {
    fn add(&mut self, stated: &str, seen: &str) {
        let length = stated.chars().count();
        self.characters += length;
        self.alike += length as f64 * strsim::normalized_levenshtein(stated, seen);
    }

    fn is_low(&self, least: usize) -> bool {
        self.characters >= least && self.alike < MIN_LIKENESS * self.characters as f64
    }
}

fn words_in(area: PageBox, found: &[TextLine]) -> impl Iterator<Item = &Word> {
    let words = found.iter().flat_map(|line| &line.words);
    words.filter(move |word| area.holds_middle_of(word.area))
}

fn text_in(area: PageBox, found: &[TextLine]) -> String {
    let words = words_in(area, found).map(|word| word.text.as_str());
    words.collect()
}

fn folded(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_latin(character: char) -> bool {
    matches!(character, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misread_words_are_the_same_but_other_digits_are_not() {
        for (stated, seen, is_same) in [
            ("Total", "Total", true),
            ("Total", "T0tal", true),
            ("Total", "TotaI", true),
            ("9.00", "9.00", true),
            ("9.00", "9,00", true),
            ("1.00", "9.00", false),
            ("1.00", "l.00", false),
            ("100", "1", false),
            ("A1", "A", false),
            ("Total", "Tax", false),
        ] {
            assert_eq!(is_same_word(stated, seen), is_same, "{stated} {seen}");
        }
    }
}

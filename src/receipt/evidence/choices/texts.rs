//! The texts that are printed: lines, lines that stand below or beside each other, what stands
//! between marks and numbers of a line, and the larger part of a line from its beginning or to its
//! end. A single word out of the middle of a line is none, since a model that hesitates would end
//! there.

use std::collections::HashSet;

use super::super::sheet::Sheet;

/// Marks that part a label from what it stands before, and that may be left out around a text.
const MARKS: [char; 9] = [':', '#', '=', '*', ',', ';', '|', '~', '"'];

/// The mark that stands for the word number.
const NUMBER: &str = "#";

/// Most pieces of a run.
const MOST_PIECES: usize = 14;

/// Most lines that are joined to a text.
const MOST_LINES: usize = 3;

/// Most texts; further ones are left out, parts of lines first.
const MOST_TEXTS: usize = 2000;

/// Most characters of a text.
const LONGEST: usize = 100;

/// Most pieces of an identifier.
const MOST_IDENTIFIER_PIECES: usize = 5;

/// A word, or a part of one next to a mark.
struct Piece<'a> {
    text: &'a str,
    /// Whether no blank stands before it.
    is_glued: bool,
}

impl Piece<'_> {
    fn is_mark(&self) -> bool {
        self.text.chars().all(|c| MARKS.contains(&c))
    }

    /// Returns whether it is a mark, a number or a code.
    fn is_apart(&self) -> bool {
        self.is_mark()
            || self.text.chars().any(|c| c.is_ascii_digit())
            || !self.text.chars().any(char::is_alphanumeric)
    }
}

/// Returns the texts on the sheets: whole lines first, then joined lines, then parts of lines, then parts of lines that are
/// joined.
pub fn texts(sheets: &[Sheet<'_>]) -> Vec<String> {
    let mut found = Texts::default();
    let lines = || {
        let sheets = sheets.iter();
        sheets.flat_map(|sheet| (0..sheet.lines.len()).map(move |line| (sheet, line)))
    };
    for (sheet, line) in lines() {
        found.add(sheet.lines[line].text());
    }
    for (sheet, line) in lines() {
        for chain in chains(sheet, line) {
            let mut text = sheet.lines[line].text();
            for after in chain {
                text = format!("{text} {}", sheet.lines[after].text());
                found.add(text.clone());
            }
        }
    }
    for (sheet, line) in lines() {
        let pieces = pieces(sheet, line);
        for (start, end) in runs(&pieces, MOST_PIECES) {
            let is_bounded = is_cut(&pieces, start) && is_cut(&pieces, end);
            let is_end = start == 0 || end == pieces.len();
            let is_most = weight(&pieces[start..end]) * 2 >= weight(&pieces);
            if is_bounded || (is_end && is_most) {
                found.add(joined(&pieces[start..end]));
            }
        }
    }
    for (sheet, line) in lines() {
        for chain in chains(sheet, line) {
            // Numbers before a name that goes on, and behind its end, are counts.
            let mut texts = [sheet.lines[line].text(), without_count(sheet, line, true)];
            let is_counted = |line| pieces(sheet, line).first().is_some_and(Piece::is_apart);
            let has_word = |line| pieces(sheet, line).iter().any(|it| !it.is_apart());
            // A line that begins with a number as the first does is another row.
            let goes_on =
                |after: &usize| has_word(*after) && !(is_counted(line) && is_counted(*after));
            for after in chain.into_iter().take_while(goes_on) {
                for text in &mut texts {
                    found.add(format!("{text} {}", without_count(sheet, after, false)));
                    *text = format!("{text} {}", sheet.lines[after].text());
                    found.add(text.clone());
                }
            }
        }
    }
    found.all
}

/// Returns the lines that follow a line: those below it, those right of it, and those next in reading order.
fn chains(sheet: &Sheet<'_>, line: usize) -> Vec<Vec<usize>> {
    let chain = |next: &dyn Fn(usize) -> Option<usize>| {
        let lines = std::iter::successors(next(line), |last| next(*last));
        lines.take(MOST_LINES - 1).collect()
    };
    vec![
        chain(&|line| sheet.below(line)),
        chain(&|line| sheet.right_of_line(line)),
        chain(&|line| sheet.following(line)),
    ]
}

/// Returns a line without the numbers at its beginning, or without those at its end with an `x` before them.
fn without_count(sheet: &Sheet<'_>, line: usize, is_beginning: bool) -> String {
    let pieces = pieces(sheet, line);
    let first = pieces.iter().position(|piece| !piece.is_apart());
    let last = pieces
        .iter()
        .rposition(|piece| !piece.is_apart() && !matches!(piece.text, "x" | "X"));
    match (first, last) {
        (Some(first), _) if is_beginning => joined(&pieces[first..]),
        (_, Some(last)) if !is_beginning => joined(&pieces[..=last]),
        _ => sheet.lines[line].text(),
    }
}

/// Returns the runs of words on the sheets that have a digit, with and without the `#` that touches them.
pub fn identifiers(sheets: &[Sheet<'_>]) -> Vec<String> {
    let mut found = Texts::default();
    for sheet in sheets {
        for line in 0..sheet.lines.len() {
            let pieces = pieces(sheet, line);
            for (start, end) in runs(&pieces, MOST_IDENTIFIER_PIECES) {
                let text = dashed(&joined(&pieces[start..end]));
                if !text.chars().any(|c| c.is_ascii_digit()) {
                    continue;
                }
                let before = start.checked_sub(1).and_then(|before| pieces.get(before));
                if pieces[start].is_glued && before.is_some_and(|before| before.text == NUMBER) {
                    found.add(format!("{NUMBER}{text}"));
                }
                found.add(text);
            }
        }
    }
    found.all
}

/// Texts without repetition.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    known: HashSet<String>,
}

impl Texts {
    fn add(&mut self, text: String) {
        if self.all.len() < MOST_TEXTS
            && text.chars().count() <= LONGEST
            && text.chars().any(char::is_alphanumeric)
            && self.known.insert(text.clone())
        {
            self.all.push(text);
        }
    }
}

/// Returns where runs of pieces begin and end; none begins or ends with a mark.
fn runs(pieces: &[Piece<'_>], most: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for start in (0..pieces.len()).filter(|start| !pieces[*start].is_mark()) {
        for end in start + 1..=pieces.len().min(start + most) {
            if !pieces[end - 1].is_mark() {
                found.push((start, end));
            }
        }
    }
    found
}

/// Returns whether a text may begin or end before the piece `at`: at the ends of a line, and next
/// to a mark, a number, or a bracket.
fn is_cut(pieces: &[Piece<'_>], at: usize) -> bool {
    match (
        at.checked_sub(1).and_then(|at| pieces.get(at)),
        pieces.get(at),
    ) {
        (Some(before), Some(after)) => {
            before.is_apart()
                || after.is_apart()
                || before.text.ends_with(')')
                || after.text.starts_with('(')
        }
        _ => true,
    }
}

/// Returns the letters and digits of pieces.
fn weight(pieces: &[Piece<'_>]) -> usize {
    let letters = pieces.iter().flat_map(|piece| piece.text.chars());
    letters.filter(|c| c.is_alphanumeric()).count()
}

fn joined(pieces: &[Piece<'_>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        if !piece.is_glued && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(piece.text);
    }
    text
}

/// Returns an identifier without a blank on one side of a dash, which is none that is printed.
fn dashed(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for word in text.split(' ') {
        let last = written.rsplit(' ').next().unwrap_or_default();
        let goes_on =
            (word.starts_with('-') && word != "-") || (last.ends_with('-') && last != "-");
        if !written.is_empty() && !goes_on {
            written.push(' ');
        }
        written.push_str(word);
    }
    written
}

/// Returns the words of a line, with each mark as a piece of its own.
fn pieces<'a>(sheet: &Sheet<'a>, line: usize) -> Vec<Piece<'a>> {
    let mut found = Vec::new();
    let lines: &'a [_] = sheet.lines;
    for word in &lines[line].words {
        let mut is_glued = false;
        let mut rest = word.text.as_str();
        while let Some(first) = rest.chars().next() {
            let is_mark = MARKS.contains(&first);
            let end = if is_mark {
                first.len_utf8()
            } else {
                rest.find(MARKS).unwrap_or(rest.len())
            };
            let (text, after) = rest.split_at(end);
            found.push(Piece { text, is_glued });
            (is_glued, rest) = (true, after);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_has_blanks_on_both_sides_or_on_none() {
        for (text, written) in [
            ("SUB -77120", "SUB-77120"),
            ("INV- 7", "INV-7"),
            ("A - 7", "A - 7"),
            ("AB 12-3", "AB 12-3"),
        ] {
            assert_eq!(dashed(text), written);
        }
    }
}

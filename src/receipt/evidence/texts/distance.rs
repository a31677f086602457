//! The part of a text that is the closest to a pattern.

use std::ops::Range;

/// Edits for a digit that is another one, added or left out.
const OF_DIGIT: usize = 2;

/// An alignment of the beginning of the pattern that ends at the current character of the text.
#[derive(Clone, Copy)]
struct Aligned {
    edits: usize,
    /// Where it begins in the text.
    start: usize,
}

/// Returns the range of `text` that is the closest to `pattern`, with the number of edits, if there
/// is one of at most `most` edits. An end that is no edge counts as an edit where several are compared.
/// A digit that is another one, added or left out counts as two edits.
pub fn closest(
    pattern: &[char],
    text: &[char],
    most: usize,
    is_edge: impl Fn(usize) -> bool,
) -> Option<(usize, Range<usize>)> {
    let mut column = vec![Aligned { edits: 0, start: 0 }];
    for (row, &wanted) in pattern.iter().enumerate() {
        let edits = column[row].edits + weight(wanted);
        column.push(Aligned { edits, start: 0 });
    }
    // Edits, then whether the start and the end lie within words.
    let mut best: Option<(usize, usize, Range<usize>)> = None;
    for (at, &c) in text.iter().enumerate() {
        let mut diagonal = column[0];
        column[0] = Aligned {
            edits: 0,
            start: at + 1,
        };
        for (row, &wanted) in pattern.iter().enumerate() {
            let exchanged = Aligned {
                edits: diagonal.edits + cost(wanted, c),
                ..diagonal
            };
            let more = |aligned: Aligned, c: char| Aligned {
                edits: aligned.edits + weight(c),
                ..aligned
            };
            let (added, left_out) = (more(column[row + 1], c), more(column[row], wanted));
            diagonal = column[row + 1];
            column[row + 1] = [exchanged, added, left_out]
                .into_iter()
                .min_by_key(|it| (it.edits, usize::from(!is_edge(it.start))))
                .unwrap_or(exchanged);
        }
        let end = column[pattern.len()];
        if end.edits <= most && end.start <= at {
            let within = usize::from(!is_edge(end.start)) + usize::from(!is_edge(at + 1));
            let is_better = best
                .as_ref()
                .is_none_or(|(edits, inside, _)| end.edits + within < edits + inside);
            if is_better {
                best = Some((end.edits, within, end.start..at + 1));
            }
        }
    }
    best.map(|(edits, _, range)| (edits, range))
}

fn cost(wanted: char, there: char) -> usize {
    match (wanted == there, wanted.is_numeric() && there.is_numeric()) {
        (true, _) => 0,
        (false, true) => OF_DIGIT,
        (false, false) => 1,
    }
}

/// Returns the edits for a character that is added or left out.
fn weight(c: char) -> usize {
    if c.is_numeric() { OF_DIGIT } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, text: &str, most: usize) -> Option<(usize, String)> {
        let (pattern, text): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
        let found = closest(&pattern, &text, most, |_| false);
        found.map(|(edits, range)| (edits, text[range].iter().collect()))
    }

    #[test]
    fn the_closest_part_is_found() {
        for (pattern, text, expected) in [
            ("warung", "xxwarungyy", Some((0, "warung"))),
            ("warung", "varung", Some((1, "varung"))),
            ("warung", "wrung", Some((1, "wrung"))),
            ("item1", "item2", None),
            ("warung", "makan", None),
            ("warung", "", None),
        ] {
            let found = find(pattern, text, 1);
            let found = found.as_ref().map(|(edits, text)| (*edits, text.as_str()));
            assert_eq!(found, expected, "{pattern} in {text}");
        }
    }
}

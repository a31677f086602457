//! Turns the recognised characters of a line into words with their places.

use super::{
    recognise::{ReadLine, Recogniser},
    turn::PageTurn,
};
use crate::page::{PageBox, TextLine, TextSource, Word};

/// A word's characters: the first and the one after its last.
type Span = (usize, usize);

/// Returns the line of text, if there is any, with places on the page as given.
pub fn line(
    found: &ReadLine,
    recogniser: &Recogniser,
    size: (u32, u32),
    turn: PageTurn,
) -> Option<TextLine> {
    let is_blank = |at: usize| recogniser.is_blank(found.characters[at].class);
    let spans = spans(found.characters.len(), is_blank);
    let edges = edges(found);
    let words = spans.into_iter().map(|(first, end)| {
        let characters = &found.characters[first..end];
        let texts = characters.iter().map(|one| recogniser.character(one.class));
        let (left_top, right_bottom) = found.strip.area(edges[first].0, edges[end - 1].1);
        Word {
            text: texts.collect(),
            area: turn.back(PageBox::between(left_top, right_bottom, size)),
            confidence: characters.iter().map(|one| one.confidence).product(),
        }
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then_some(TextLine {
        words,
        source: TextSource::Reader,
    })
}

/// Returns the words among `count` characters.
fn spans(count: usize, is_blank: impl Fn(usize) -> bool) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut first = None;
    for at in 0..=count {
        if at == count || is_blank(at) {
            spans.extend(first.take().map(|first| (first, at)));
        } else {
            first.get_or_insert(at);
        }
    }
    spans
}

/// Returns where each character begins and ends along the line: half way to its neighbours, which for a word's ends
/// are blanks.
fn edges(found: &ReadLine) -> Vec<(f32, f32)> {
    let strip = &found.strip;
    let middle = |at: usize| {
        let column = (found.characters[at].step as f32 + 0.5) * found.step;
        strip
            .along(&found.cut, column)
            .clamp(strip.start, strip.end)
    };
    let last = found.characters.len().saturating_sub(1);
    let between = |at: usize| f32::midpoint(middle(at), middle(at + 1));
    let edges = (0..found.characters.len()).map(|at| {
        let start = if at == 0 {
            strip.start
        } else {
            between(at - 1)
        };
        let end = if at == last { strip.end } else { between(at) };
        (start, end)
    });
    edges.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_blanks() {
        let of = |text: &str| {
            let characters: Vec<_> = text.chars().collect();
            spans(characters.len(), |at| characters[at] == ' ')
        };
        assert_eq!(of("to pay  12"), [(0, 2), (3, 6), (8, 10)]);
        assert_eq!(of(" a "), [(1, 2)]);
        assert!(of("  ").is_empty());
        assert!(of("").is_empty());
    }
}

//! Turns the recognised words of a line into those of the page, with their places.

use super::{
    beam::Hypothesis,
    recognise::{ReadLine, Recogniser},
};
use crate::page::{PageBox, TextLine, TextSource, Word, WordAlternative, composed};

/// Returns the line of text, if there is any, of a page of `size`.
pub fn line(found: &ReadLine, recogniser: &Recogniser, size: (u32, u32)) -> Option<TextLine> {
    let edges = edges(found);
    let alternative = |reading: &Hypothesis| {
        let texts = reading.classes.iter();
        WordAlternative {
            text: composed(texts.map(|class| recogniser.character(*class)).collect()),
            probability: reading.probability,
        }
    };
    let words = found.words.iter().map(|word| {
        let characters = &found.characters[word.first..word.end];
        let texts = characters.iter().map(|one| recogniser.character(one.class));
        let (left_top, right_bottom) = found.strip.area(edges[word.first].0, edges[word.end - 1].1);
        Word {
            text: composed(texts.collect()),
            area: PageBox::between(left_top, right_bottom, size),
            confidence: characters.iter().map(|one| one.confidence).product(),
            alternatives: word.others.iter().map(alternative).collect(),
        }
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then_some(TextLine {
        words,
        source: TextSource::Reader,
    })
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

//! How well the pages of a document were read.

use super::{PageReading, TextSource};

/// Fewest words on all pages together of a document that was read: a receipt with fewer was hardly read.
const LEAST_WORDS: usize = 8;

/// Least mean confidence of the characters that the page reader read.
const LEAST_CONFIDENCE: f32 = 0.75;

/// How well the pages of a document were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legibility {
    /// Well enough to rely on their text.
    Good,
    /// The text of a page is not known.
    Unread,
    /// There are only a few words on them.
    LittleText,
    /// The words on them could not be read with confidence.
    Unsure,
}

impl Legibility {
    /// Judges the text of all pages of a document together.
    #[must_use]
    pub fn of(pages: &[PageReading]) -> Self {
        if pages.is_empty() || pages.iter().any(Result::is_err) {
            return Self::Unread;
        }
        let lines = pages.iter().flatten().flat_map(|page| &page.lines);
        let words = lines.flat_map(|line| line.words.iter().map(|word| (line.source, word)));
        let (mut count, mut letters, mut sure) = (0, 0.0, 0.0);
        for (source, word) in words {
            count += 1;
            if source == TextSource::Reader {
                // A word's confidence is that of all its characters together.
                let length = word.text.chars().count().max(1) as f32;
                letters += length;
                sure += length * word.confidence.powf(length.recip());
            }
        }
        if count < LEAST_WORDS {
            Self::LittleText
        } else if letters > 0.0 && sure / letters < LEAST_CONFIDENCE {
            Self::Unsure
        } else {
            Self::Good
        }
    }
}

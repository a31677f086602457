//! The text of a page: the lines that a person sees on it, and where each word stands.

mod boxes;
mod compose;
mod layout;
mod legibility;
mod order;
mod rows;
mod selection;
mod straight;

pub use boxes::PageBox;
pub use compose::composed;
pub use legibility::Legibility;
pub use order::in_reading_order;
pub use selection::PageSelection;

use thiserror::Error;

/// The text of one page, or why there is none.
pub type PageReading = Result<PageText, Unread>;

/// Why the text of a page was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unread {
    /// The page reader is off, and the page has no text of its own.
    #[error("the page reader is off")]
    Off,
    /// The page reader could not be loaded.
    #[error("the page reader could not be loaded")]
    Unloaded,
    /// Reading took longer than the settings allow.
    #[error("reading the page took too long")]
    Late,
}

impl Unread {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Off, Self::Unloaded, Self::Late];

    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Unloaded => "unloaded",
            Self::Late => "late",
        }
    }
}

/// The text of one page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageText {
    /// Width of the upright page in pixels.
    pub width: u32,
    /// Height of the upright page in pixels.
    pub height: u32,
    /// The lines in reading order.
    pub lines: Vec<TextLine>,
}

/// What stands on one line of print without a wide gap.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// The words from left to right; at least one.
    pub words: Vec<Word>,
    /// Where the text was taken from.
    pub source: TextSource,
}

/// A run of characters without a blank.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The characters, composed (see [`composed`]).
    pub text: String,
    /// The place on the upright page.
    pub area: PageBox,
    /// The probability that all characters are right, 0 to 1.
    pub confidence: f32,
    /// What else may stand there, the likeliest first; at most four. There are none where the page
    /// reader is sure, and none for the text that a PDF states.
    pub alternatives: Vec<WordAlternative>,
}

/// Another reading of a whole word.
#[derive(Debug, Clone, PartialEq)]
pub struct WordAlternative {
    /// The characters, composed (see [`composed`]).
    pub text: String,
    /// The probability of this reading, 0 to 1.
    pub probability: f32,
}

/// Where the text of a line was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextSource {
    /// The characters that a PDF states, which are visible on the page.
    Pdf,
    /// The page reader, from the picture.
    Reader,
}

impl TextSource {
    /// All sources.
    pub const ALL: [Self; 2] = [Self::Pdf, Self::Reader];

    /// Returns the name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Reader => "reader",
        }
    }
}

impl TextLine {
    /// Returns the words with a blank between each two.
    #[must_use]
    pub fn text(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    /// Returns the smallest area that holds all words.
    #[must_use]
    pub fn area(&self) -> PageBox {
        self.words
            .iter()
            .map(|word| word.area)
            .reduce(PageBox::around)
            .unwrap_or_default()
    }

    /// Returns the lowest confidence of a word.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        self.words
            .iter()
            .map(|word| word.confidence)
            .fold(1.0, f32::min)
    }
}

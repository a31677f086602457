//! What is told of the text of a page.

use crate::page::{PageReading, PageText, TextSource, Unread};

/// What is known of the text of one page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageFacts {
    /// Number of the page, counted from 1 over all files.
    pub page: usize,
    /// Counts of its text, or why there is none.
    pub text: Result<TextFacts, Unread>,
}

/// Counts of the text of one page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextFacts {
    /// Number of lines that the PDF states.
    pub pdf_lines: usize,
    /// Number of lines that the page reader read.
    pub reader_lines: usize,
    /// Mean confidence of the words; `None` if there are none.
    pub confidence: Option<f64>,
}

impl PageFacts {
    /// Returns the facts of all pages, in order.
    #[must_use]
    pub fn of(pages: &[PageReading]) -> Vec<Self> {
        let facts = pages.iter().zip(1..).map(|(reading, page)| Self {
            page,
            text: reading
                .as_ref()
                .map(TextFacts::of)
                .map_err(|unread| *unread),
        });
        facts.collect()
    }
}

impl TextFacts {
    fn of(page: &PageText) -> Self {
        let of_pdf = |source| source == TextSource::Pdf;
        let pdf_lines = page.lines.iter().filter(|line| of_pdf(line.source)).count();
        let words = page.lines.iter().flat_map(|line| &line.words);
        let (count, sum) = words.fold((0_usize, 0.0), |(count, sum), word| {
            (count + 1, sum + f64::from(word.confidence))
        });
        Self {
            pdf_lines,
            reader_lines: page.lines.len() - pdf_lines,
            confidence: (count > 0).then(|| sum / count as f64),
        }
    }
}

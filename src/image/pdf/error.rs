//! Why a PDF is refused.

use std::fmt;

use thiserror::Error;

/// Letters of a name that a refusal repeats.
const MAX_NAME: usize = 80;

/// A name out of a file, no longer than a sentence bears.
pub(super) fn short(name: &str) -> String {
    let mut short: String = name.chars().take(MAX_NAME).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// Why a PDF was refused.
#[derive(Debug, Clone, Error, PartialEq)]
pub enum PdfError {
    /// It opens with a password only.
    #[error("The PDF is protected by a password; send it without one.")]
    Encrypted,
    /// The file is damaged, or something else than a PDF.
    #[error("The PDF cannot be read: {0}")]
    Broken(String),
    /// Something that a page shows cannot be shown whole.
    #[error("Page {page} of the PDF cannot be shown whole: {what}{object} {why}.")]
    NotWhole {
        /// Counted from 1.
        page: usize,
        /// What the page shows.
        what: &'static str,
        /// Where it stands in the file.
        object: Spot,
        /// What is wrong with it.
        why: String,
    },
    /// Text in fonts that can be drawn by nobody who has the file alone.
    #[error(
        "Page {page} of the PDF has text that cannot be drawn, in fonts that are not in the file: \
         {fonts}. Send it with its fonts embedded, or as a picture."
    )]
    MissingGlyphs {
        /// Counted from 1.
        page: usize,
        /// Their names, and a letter that is missing.
        fonts: String,
    },
    /// A value of a form that is shown by nothing.
    #[error(
        "Page {page} of the PDF has a form field \"{field}\" whose value cannot be drawn: {why}. \
         Send it printed to a PDF, or as a picture."
    )]
    FormValue {
        /// Counted from 1.
        page: usize,
        /// Its full name.
        field: String,
        /// Why not.
        why: String,
    },
    /// A form whose pages are made by the program that shows it.
    #[error(
        "The PDF is an XFA form, whose pages only Adobe's programs make; send it printed to a PDF, \
         or as a picture."
    )]
    Xfa,
    /// Nothing to read.
    #[error("The PDF has no pages.")]
    NoPages,
    /// More pages than allowed.
    #[error("The PDF has {pages} pages; at most {limit} are read.")]
    TooManyPages {
        /// Pages in the file.
        pages: usize,
        /// Pages allowed.
        limit: usize,
    },
    /// A page without an area.
    #[error("Page {page} of the PDF has no size: it says {width} x {height} points.")]
    NoArea {
        /// Counted from 1.
        page: usize,
        /// Points across.
        width: f64,
        /// Points down.
        height: f64,
    },
    /// A picture in the file has more pixels than any scan of a page.
    #[error(
        "The PDF holds an image of {width} x {height} pixels; at most {max_pixels} in all are \
         read."
    )]
    ImageTooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Allowed in all.
        max_pixels: u64,
    },
    /// A small file with much in it: a decompression bomb.
    #[error("The PDF unpacks to more than {limit} bytes in one of its parts.")]
    UnpacksTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Encrypted, and larger than can be let through unseen.
    #[error(
        "The PDF is encrypted, and packs more than can be checked before it is opened; send it \
         without encryption."
    )]
    TooMuchEncrypted,
    /// A page that would take too long to draw.
    #[error("Page {page} of the PDF draws too much.")]
    TooComplex {
        /// Counted from 1.
        page: usize,
    },
}

/// Where something stands in a file: an object's number, or in a page's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot(pub Option<u32>);

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .map_or(Ok(()), |number| write!(f, " (object {number})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("Helvetica"), "Helvetica");
        assert_eq!(short(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
        assert_eq!(Spot(Some(5)).to_string(), " (object 5)");
    }
}

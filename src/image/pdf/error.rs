//! Errors of reading a PDF.

use std::fmt;

use thiserror::Error;

/// Maximum number of letters of a file's name in an error message.
const MAX_NAME: usize = 80;

/// Shortens a name out of a file to fit in a sentence.
pub(super) fn short(name: &str) -> String {
    let mut short: String = name.chars().take(MAX_NAME).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// An error of reading a PDF.
#[derive(Debug, Clone, Error, PartialEq)]
pub enum PdfError {
    /// The file cannot be opened without a password.
    #[error("The PDF is protected by a password; send it without one.")]
    Encrypted,
    /// The file is damaged or is not a PDF.
    #[error("The PDF cannot be read: {0}")]
    Broken(String),
    /// An item on a page cannot be drawn whole.
    #[error(
        "Page {page} of the PDF cannot be shown whole: {what}{object} {why}. Print it to a new \
         PDF, or send an image."
    )]
    NotWhole {
        /// Number of the page, counted from 1.
        page: usize,
        /// The kind of item.
        what: &'static str,
        /// The item's place in the file.
        object: Spot,
        /// The fault.
        why: String,
    },
    /// The page has text in fonts that are not in the file.
    #[error(
        "Page {page} of the PDF has text that cannot be drawn, in fonts that are not in the file: \
         {fonts}. Send it with its fonts embedded, or as a picture."
    )]
    MissingGlyphs {
        /// Number of the page, counted from 1.
        page: usize,
        /// The names of the fonts, and a missing letter.
        fonts: String,
    },
    /// The value of a form field has no appearance.
    #[error(
        "Page {page} of the PDF has a form field \"{field}\" whose value cannot be drawn: {why}. \
         Send it printed to a PDF, or as a picture."
    )]
    FormValue {
        /// Number of the page, counted from 1.
        page: usize,
        /// The full name of the field.
        field: String,
        /// The reason that the value cannot be drawn.
        why: String,
    },
    /// The file is a form whose pages are made by the viewing program.
    #[error(
        "The PDF is an XFA form, whose pages only Adobe's programs make; send it printed to a PDF, \
         or as a picture."
    )]
    Xfa,
    /// The file has no pages.
    #[error("The PDF has no pages; send one with pages.")]
    NoPages,
    /// The file has more pages than allowed.
    #[error("The PDF has {pages} pages, but {limit} at most are allowed. Send fewer.")]
    TooManyPages {
        /// Number of pages in the file.
        pages: usize,
        /// Maximum number of pages.
        limit: usize,
    },
    /// The page has no area.
    #[error("Page {page} of the PDF has no area: its size is {width} x {height} points.")]
    NoArea {
        /// Number of the page, counted from 1.
        page: usize,
        /// Width in points.
        width: f64,
        /// Height in points.
        height: f64,
    },
    /// An image in the file has more pixels than any scan of a page.
    #[error(
        "The PDF holds an image of {width} x {height} pixels; at most {max_pixels} are \
         allowed. Send an image."
    )]
    ImageTooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum number of pixels.
        max_pixels: u64,
    },
    /// A part of the file unpacks to too many bytes, as in a decompression bomb.
    #[error("The PDF unpacks to more than {limit} bytes in one of its parts. Send an image.")]
    UnpacksTooLarge {
        /// Maximum number of bytes.
        limit: u64,
    },
    /// The file is encrypted, and too large to be opened unchecked.
    #[error(
        "The PDF is encrypted, and packs more than can be checked before it is opened; send it \
         without encryption."
    )]
    TooMuchEncrypted,
    /// The page would take too long to draw.
    #[error("Page {page} of the PDF takes too long to draw. Send an image of it.")]
    TooComplex {
        /// Number of the page, counted from 1.
        page: usize,
    },
}

/// A place in a file: an object's number, or `None` for a page's own content.
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

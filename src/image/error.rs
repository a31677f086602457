//! The errors of pictures, and where among several files they occurred.

use std::fmt;

use thiserror::Error;

use super::{DecodeError, PdfError, SourceError, fetch::FetchError};
use crate::page::Unread;

/// An error of loading or preparing a picture.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The bytes are not a picture in a supported format.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The picture could not be downloaded.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The picture is too large, damaged or of an unsupported kind.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The PDF cannot be read.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The files have more pages than one receipt may have.
    #[error(
        "The files have more than {limit} pages, the most that one receipt may have. Send fewer."
    )]
    TooManyPages {
        /// Pages allowed.
        limit: usize,
    },
    /// No page has anything printed on it.
    #[error("{}", nothing_to_read(*pages))]
    NothingToRead {
        /// Number of pages examined.
        pages: usize,
    },
    /// A page has no text for a model that is shown text alone.
    #[error("The text of page {page}, which is all that the model is shown, is missing: {cause}.")]
    NoText {
        /// Number of the page, counted from 1 over all files.
        page: usize,
        /// The reason.
        cause: NoText,
    },
    /// An error in one of several files or pages.
    #[error("{place}: {error}")]
    At {
        /// The file and page.
        place: PagePosition,
        /// The error.
        error: Box<ImageError>,
    },
    /// The decoding thread ended without a result.
    #[error("The image could not be decoded: its decoder stopped. Send the request again.")]
    Lost,
}

impl ImageError {
    /// Adds the place of the error where there are several files or pages.
    #[must_use]
    pub fn at(self, place: PagePosition) -> Self {
        match self {
            // These concern all pages together.
            Self::TooManyPages { .. }
            | Self::NothingToRead { .. }
            | Self::NoText { .. }
            | Self::Lost => self,
            error if place.is_the_only_one() => error,
            error => Self::At {
                place,
                error: Box::new(error),
            },
        }
    }

    /// Returns the number of the file that it is about, counted from 1, if it is about one of several.
    #[must_use]
    pub fn file(&self) -> Option<usize> {
        match self {
            Self::At { place, .. } => Some(place.file.0),
            _ => None,
        }
    }

    /// Returns the error without its place.
    #[must_use]
    pub fn cause(&self) -> &Self {
        match self {
            Self::At { error, .. } => error.cause(),
            error => error,
        }
    }

    /// Returns whether a model that sees pictures may read the files all the same.
    #[must_use]
    pub fn is_lack_of_text(&self) -> bool {
        matches!(self.cause(), Self::NoText { .. })
    }
}

/// The reason that a page has no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoText {
    /// The page was not read.
    #[error(transparent)]
    Unread(Unread),
    /// Nothing was found on the page, though it is not blank.
    #[error("none was found")]
    Nothing,
}

fn nothing_to_read(pages: usize) -> String {
    match pages {
        0 | 1 => "Nothing is printed on the page. Send a page with print on it.".to_owned(),
        pages => {
            format!("Nothing is printed on any of the {pages} pages. Send a page with print on it.")
        }
    }
}

/// The place of an error: a file and a page of it, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagePosition {
    /// Number of the file, and the number of files.
    pub file: (usize, usize),
    /// Number of the page in its file, and the number of pages there.
    pub page: (usize, usize),
}

impl PagePosition {
    /// Creates the place of file `number` of `all`, without a page.
    #[must_use]
    pub fn file(number: usize, all: usize) -> Self {
        Self {
            file: (number, all),
            page: (1, 1),
        }
    }

    fn is_the_only_one(self) -> bool {
        self.file.1 == 1 && self.page.1 == 1
    }
}

impl fmt::Display for PagePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((file, files), (page, pages)) = (self.file, self.page);
        match (files, pages) {
            (1, _) => write!(f, "Page {page} of {pages}"),
            (_, 1) => write!(f, "File {file} of {files}"),
            _ => write!(f, "File {file} of {files}, page {page} of {pages}"),
        }
    }
}

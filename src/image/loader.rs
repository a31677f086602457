//! A picture from its source to its encoded file, and from there onto a model's grid.

use std::{fmt, sync::Arc};

use thiserror::Error;
use tokio::sync::Semaphore;

use super::{
    DecodeError, DecodeLimits, EncodedImage, ImageSource, Pages, PdfError, PdfLimits, Preparation,
    SourceError,
    fetch::{FetchError, Fetcher},
    sheets::Bench,
    source::{decode_data_uri, is_data_uri},
};
use crate::{
    metrics::{ImageStage, Metrics},
    telemetry,
};

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The bytes are no picture that is read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It could not be downloaded.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Its pixels are too many or damaged.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It is a PDF that is not read.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// More pages than one receipt may have.
    #[error("One receipt may have {limit} pages at most.")]
    TooManyPages {
        /// Pages allowed.
        limit: usize,
    },
    /// Nothing is printed on any page.
    #[error("{}", nothing_to_read(*pages))]
    NothingToRead {
        /// Pages that were looked at.
        pages: usize,
    },
    /// One of several pictures or pages.
    #[error("{place}: {error}")]
    At {
        /// Which one.
        place: Place,
        /// What is wrong with it.
        error: Box<ImageError>,
    },
    /// The decoding thread was lost.
    #[error("The image could not be decoded.")]
    Lost,
}

impl ImageError {
    /// Says where it happened, where there is a choice.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        match self {
            // Which are of all pages together.
            Self::TooManyPages { .. } | Self::NothingToRead { .. } | Self::Lost => self,
            error if place.is_the_only_one() => error,
            error => Self::At {
                place,
                error: Box::new(error),
            },
        }
    }

    /// What happened, wherever it was.
    #[must_use]
    pub fn cause(&self) -> &Self {
        match self {
            Self::At { error, .. } => error.cause(),
            error => error,
        }
    }
}

fn nothing_to_read(pages: usize) -> String {
    match pages {
        0 | 1 => "Nothing is printed on the page.".to_owned(),
        pages => format!("Nothing is printed on any of the {pages} pages."),
    }
}

/// Which picture, and which page of it; counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Number of the file, and how many there are.
    pub file: (usize, usize),
    /// Number of the page in it, and how many there are.
    pub page: (usize, usize),
}

impl Place {
    /// Of file `number` of `all`, as a whole.
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

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((file, files), (page, pages)) = (self.file, self.page);
        match (files, pages) {
            (1, _) => write!(f, "Page {page} of {pages}"),
            (_, 1) => write!(f, "File {file} of {files}"),
            _ => write!(f, "File {file} of {files}, page {page} of {pages}"),
        }
    }
}

/// Bounds on the contents of files.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// On a picture's header.
    pub decode: DecodeLimits,
    /// Pages of one receipt, over all its files.
    pub max_pages: usize,
    /// Resolution at which the pages of a PDF are rendered.
    pub pdf_dots_per_inch: f32,
}

impl Limits {
    /// For a PDF that may have `max_pages`. All pages of a receipt together get the pixels of one
    /// picture, since they are held at once.
    pub(super) fn pdf(self, max_pages: usize) -> PdfLimits {
        PdfLimits {
            max_pages,
            max_side: self.decode.max_side,
            max_pixels: self.decode.max_pixels / self.max_pages.max(1) as u64,
            dots_per_inch: self.pdf_dots_per_inch,
        }
    }
}

/// The operator's bounds.
#[derive(Debug, Clone, Copy)]
pub struct LoaderSettings {
    /// Bytes of a picture's file, at most.
    pub max_bytes: u64,
    /// Bounds on what is in it.
    pub limits: Limits,
    /// Pictures decoded at once, which bounds the memory that takes.
    pub decoders: usize,
    /// Pictures downloaded at once.
    pub downloads: usize,
}

/// Loads pictures within the operator's bounds.
pub struct ImageLoader {
    fetcher: Fetcher,
    max_bytes: u64,
    limits: Limits,
    decoders: Arc<Semaphore>,
    downloads: Semaphore,
    metrics: Arc<Metrics>,
}

impl ImageLoader {
    /// Nothing is loaded yet.
    #[must_use]
    pub fn new(fetcher: Fetcher, settings: LoaderSettings, metrics: Arc<Metrics>) -> Self {
        let LoaderSettings {
            max_bytes,
            limits,
            decoders,
            downloads,
        } = settings;
        Self {
            downloads: Semaphore::new(downloads),
            fetcher,
            metrics,
            max_bytes,
            limits,
            decoders: Arc::new(Semaphore::new(decoders)),
        }
    }

    /// Bytes of a picture's file, at most.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Bounds on what is decoded, which decide how it looks too.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Pages of one receipt, at most; a file has one at least.
    #[must_use]
    pub fn max_pages(&self) -> usize {
        self.limits.max_pages
    }

    /// The picture's file, downloaded or decoded from its URI where need be.
    ///
    /// # Errors
    /// [`ImageError::Source`] and [`ImageError::Fetch`].
    pub async fn load(&self, source: ImageSource) -> Result<EncodedImage, ImageError> {
        let bytes = match source {
            ImageSource::Bytes(bytes) => bytes,
            ImageSource::Url(url) if is_data_uri(&url) => decode_data_uri(&url, self.max_bytes)?,
            ImageSource::Url(url) => {
                let _place = self.downloads.acquire().await;
                let _timer = self.metrics.image(ImageStage::Download);
                self.fetcher.fetch(&url).await?
            }
        };
        Ok(EncodedImage::new(bytes, self.max_bytes)?)
    }

    /// The pages of each of `files` on a model's grid, decoded on a thread of their own.
    ///
    /// # Errors
    /// [`ImageError::Decode`], [`ImageError::Pdf`], [`ImageError::TooManyPages`] and
    /// [`ImageError::NothingToRead`].
    pub async fn prepare(
        &self,
        files: Vec<EncodedImage>,
        preparation: Preparation,
    ) -> Result<Pages, ImageError> {
        let bench = Bench {
            limits: self.limits,
            metrics: self.metrics.clone(),
            preparation,
        };
        let place = self.decoders.clone().acquire_owned().await;
        let decoding = telemetry::carried_over(move || {
            let _place = place;
            bench.prepare(&files)
        });
        let decoding = tokio::task::spawn_blocking(decoding);
        decoding.await.map_err(|_| ImageError::Lost)?
    }
}

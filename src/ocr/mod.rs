//! The page reader: finds the lines of a picture and recognises their characters.
//!
//! Two nets in ONNX do the work, run by rten on threads of their own: one marks where text stands on the page, the
//! other recognises the characters of single lines. Models of two forms can be used: those of `training/page_reader`,
//! and PP-OCR's.

mod beam;
mod ctc;
mod detect;
mod error;
mod files;
#[cfg(test)]
pub(crate) mod for_tests;
mod form;
mod light;
mod net;
mod read_word;
mod reader;
mod recognise;
mod regions;
mod strip;
#[cfg(test)]
mod tests;
mod turn;
mod words;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use image::RgbImage;

pub use error::OcrError;
pub use files::{FindReader, ReaderSource};

use crate::page::TextLine;
use files::ReaderFiles;
use reader::Nets;

/// How long a reader that could not be loaded is not tried again.
const PAUSE: Duration = Duration::from_secs(30);

/// The bounds of reading a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OcrSettings {
    /// Most pixels of a page as the detector sees it; pages that are many times as long as wide, or of small print,
    /// have up to four times as many.
    pub max_pixels: u32,
    /// Most lines of a page; of more, the longest are read.
    pub max_lines: usize,
    /// Longest time for a page.
    pub max_time: Duration,
    /// Longest time for all pages of a document.
    pub max_document_time: Duration,
    /// Threads of the nets; there are never more than the machine has cores.
    pub threads: usize,
}

/// Reads the text of pages from their pictures.
pub trait ReadPage: Send + Sync {
    /// Names the nets and the bounds, so that what different readers find is told apart.
    fn about(&self) -> String;

    /// Loads what is not loaded yet. Blocks meanwhile, and while files are downloaded.
    ///
    /// # Errors
    /// [`OcrError::File`], [`OcrError::Download`] and [`OcrError::Net`]; the same for a while after a failure, without
    /// another attempt.
    fn load(&self) -> Result<(), OcrError>;

    /// Returns the longest time for all pages of a document.
    fn document_time(&self) -> Duration;

    /// Returns the lines of a page in reading order, unless that takes longer than `until`. Blocks for tenths of a
    /// second or longer: keep it off the async threads.
    ///
    /// # Errors
    /// Any of [`OcrError`].
    fn read(&self, page: &RgbImage, until: Option<Instant>) -> Result<Vec<TextLine>, OcrError>;
}

/// A page reader that is loaded on first use.
pub struct Ocr {
    source: ReaderSource,
    settings: OcrSettings,
    nets: Mutex<Loading>,
}

/// The nets, as far as they are loaded.
enum Loading {
    NotYet,
    Loaded(Arc<Nets>),
    Failed(OcrError, Instant),
}

/// The time by which a page must be read.
#[derive(Debug, Clone, Copy)]
struct Deadline(Option<Instant>);

impl Deadline {
    fn check(self) -> Result<(), OcrError> {
        match self.0 {
            Some(end) if Instant::now() >= end => Err(OcrError::Late),
            _ => Ok(()),
        }
    }
}

impl Ocr {
    /// Creates a reader; nothing is loaded yet.
    #[must_use]
    pub fn new(source: ReaderSource, settings: OcrSettings) -> Self {
        Self {
            source,
            settings,
            nets: Mutex::new(Loading::NotYet),
        }
    }

    /// Checks that the files of the reader are there, unless they are to be downloaded. Loads no net.
    ///
    /// # Errors
    /// [`OcrError::File`].
    pub fn check(&self) -> Result<(), OcrError> {
        match self.source {
            ReaderSource::Elsewhere(_) => Ok(()),
            _ => ReaderFiles::read(&self.source).map(drop),
        }
    }

    fn nets(&self) -> Result<Arc<Nets>, OcrError> {
        let mut nets = self.nets.lock().unwrap_or_else(PoisonError::into_inner);
        match &*nets {
            Loading::Loaded(nets) => return Ok(nets.clone()),
            Loading::Failed(error, at) if at.elapsed() < PAUSE => return Err(error.clone()),
            Loading::Failed(..) | Loading::NotYet => {}
        }
        let loaded = ReaderFiles::read(&self.source)
            .and_then(|files| Nets::load(files, self.settings.threads))
            .map(Arc::new);
        *nets = match &loaded {
            Ok(loaded) => Loading::Loaded(loaded.clone()),
            Err(error) => Loading::Failed(error.clone(), Instant::now()),
        };
        loaded
    }
}

impl ReadPage for Ocr {
    fn about(&self) -> String {
        format!("{} {:?}", self.source.about(), self.settings)
    }

    fn load(&self) -> Result<(), OcrError> {
        self.nets().map(drop)
    }

    fn document_time(&self) -> Duration {
        self.settings.max_document_time
    }

    fn read(&self, page: &RgbImage, until: Option<Instant>) -> Result<Vec<TextLine>, OcrError> {
        let nets = self.nets()?;
        let of_page = Instant::now().checked_add(self.settings.max_time);
        let deadline = Deadline(of_page.into_iter().chain(until).min());
        nets.read(page, &self.settings, deadline)
    }
}

impl fmt::Debug for Ocr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ocr")
            .field("source", &self.source)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

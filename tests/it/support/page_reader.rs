//! A page reader that finds what a test wants.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use image::RgbImage;
use receipt_gateway::{
    ocr::{OcrError, ReadPage},
    page::{PageReading, TextLine, Unread},
};

/// Finds the given texts in turn, over and over.
pub struct ScriptedReader {
    pages: Vec<PageReading>,
    read: AtomicUsize,
}

impl ScriptedReader {
    /// Creates the reader, unless there are no texts.
    pub fn of(pages: &[PageReading]) -> Option<Arc<dyn ReadPage>> {
        let reader = Self {
            pages: pages.to_vec(),
            read: AtomicUsize::new(0),
        };
        (!pages.is_empty()).then(|| Arc::new(reader) as Arc<dyn ReadPage>)
    }
}

impl ReadPage for ScriptedReader {
    fn about(&self) -> String {
        format!("{:?}", self.pages)
    }

    fn load(&self) -> Result<(), OcrError> {
        Ok(())
    }

    fn document_time(&self) -> Duration {
        Duration::MAX
    }

    fn read(&self, _: &RgbImage, _: Option<Instant>) -> Result<Vec<TextLine>, OcrError> {
        let number = self.read.fetch_add(1, Ordering::Relaxed) % self.pages.len();
        match &self.pages[number] {
            Ok(page) => Ok(page.lines.clone()),
            Err(Unread::Late) => Err(OcrError::Late),
            Err(_) => Err(OcrError::Download("nowhere".into())),
        }
    }
}

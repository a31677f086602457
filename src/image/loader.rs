//! Loads pictures from their sources and places them on a model's grid.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{
    EncodedImage, ImageError, ImageSource, Limits, Pages, Preparation,
    fetch::Fetcher,
    sheets::Bench,
    source::{decode_data_uri, is_data_uri},
    text::TextBench,
};
use crate::{
    metrics::{ImageStage, Metrics},
    ocr::ReadPage,
    page::PageReading,
    telemetry,
};

/// The operator's settings of the image loader.
#[derive(Debug, Clone, Copy)]
pub struct LoaderSettings {
    /// Maximum size of a picture's file in bytes.
    pub max_bytes: u64,
    /// Bounds on the file's contents.
    pub limits: Limits,
    /// Number of pictures decoded at once, which bounds the memory in use.
    pub decoders: usize,
    /// Number of pictures downloaded at once.
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
    reader: Option<Arc<dyn ReadPage>>,
}

impl ImageLoader {
    /// Creates a loader; loads nothing yet.
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
            reader: None,
            max_bytes,
            limits,
            decoders: Arc::new(Semaphore::new(decoders)),
        }
    }

    /// Sets the page reader; `None` turns it off.
    #[must_use]
    pub fn with_reader(self, reader: Option<Arc<dyn ReadPage>>) -> Self {
        Self { reader, ..self }
    }

    /// Names the page reader and its bounds; `None` if it is off.
    #[must_use]
    pub fn about_reader(&self) -> Option<String> {
        self.reader.as_ref().map(|reader| reader.about())
    }

    /// Returns the maximum size of a picture's file in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Returns the bounds on the contents of files. They affect how a PDF's pages look.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns the maximum number of pages of one receipt.
    #[must_use]
    pub fn max_pages(&self) -> usize {
        self.limits.max_pages
    }

    /// Loads the picture's file: downloads it or decodes its `data:` URI where needed.
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

    /// Decodes the pages of `files` on a blocking thread and places them on a model's grid.
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

    /// Reads the text of the pages of `files`, one entry a page, in order, blank ones too. Works on a blocking thread.
    ///
    /// # Errors
    /// [`ImageError::Decode`], [`ImageError::Pdf`] and [`ImageError::TooManyPages`]. A page that the reader does not
    /// read is no error; its entry says why.
    pub async fn read_text(
        &self,
        files: Vec<EncodedImage>,
    ) -> Result<Vec<PageReading>, ImageError> {
        if let Some(reader) = self.reader.clone() {
            // Loading may download the nets, which must not keep a decoder's place. Its failure is in the pages.
            let loading = tokio::task::spawn_blocking(move || reader.load());
            let _ = loading.await.map_err(|_| ImageError::Lost)?;
        }
        let bench = TextBench {
            limits: self.limits,
            metrics: self.metrics.clone(),
            reader: self.reader.clone(),
        };
        let place = self.decoders.clone().acquire_owned().await;
        let reading = telemetry::carried_over(move || {
            let _place = place;
            bench.read(&files)
        });
        let reading = tokio::task::spawn_blocking(reading);
        reading.await.map_err(|_| ImageError::Lost)?
    }
}

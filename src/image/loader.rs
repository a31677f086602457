//! Loads pictures from their sources and places them on a model's grid.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{
    BlankPages, EncodedImage, ImageError, ImageSource, Limits, Pages, Preparation,
    fetch::Fetcher,
    sheets::{Bench, Survey},
    source::{decode_data_uri, is_data_uri},
    text::TextBench,
};
use crate::{
    metrics::{ImageStage, Metrics},
    ocr::ReadPage,
    page::{PageReading, PageSelection},
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
        let bench = self.bench(preparation.blank);
        self.decoding(move || bench.prepare(&files, preparation))
            .await
    }

    /// Counts the pages of `files` and finds the blank ones, on a blocking thread.
    ///
    /// # Errors
    /// [`ImageError::Decode`], [`ImageError::Pdf`] and [`ImageError::TooManyPages`].
    pub async fn survey(&self, files: Vec<EncodedImage>) -> Result<Survey, ImageError> {
        let bench = self.bench(BlankPages::LeaveOut);
        self.decoding(move || bench.survey(&files)).await
    }

    /// Reads the text of all pages of `files`, one entry a page, in order, blank ones too. Works on a blocking thread.
    ///
    /// # Errors
    /// [`ImageError::Decode`], [`ImageError::Pdf`] and [`ImageError::TooManyPages`]. A page that the reader does not
    /// read is no error; its entry says why.
    pub async fn read_text(
        &self,
        files: Vec<EncodedImage>,
    ) -> Result<Vec<PageReading>, ImageError> {
        let readings = self.read_pages(files, PageSelection::default()).await?;
        Ok(readings.into_iter().flatten().collect())
    }

    /// Reads the text of the `wanted` pages as [`Self::read_text`] does. The entries of other pages are empty.
    ///
    /// # Errors
    /// Those of [`Self::read_text`].
    pub async fn read_pages(
        &self,
        files: Vec<EncodedImage>,
        wanted: PageSelection,
    ) -> Result<Vec<Option<PageReading>>, ImageError> {
        if let Some(reader) = self.reader.clone() {
            // Loading may download the nets, which must not keep a decoder's place. Its failure is in the pages.
            let loading = tokio::task::spawn_blocking(move || reader.load());
            let _ = loading.await.map_err(|_| ImageError::Lost)?;
        }
        let bench = TextBench {
            limits: self.limits,
            metrics: self.metrics.clone(),
            reader: self.reader.clone(),
            wanted,
        };
        self.decoding(move || bench.read(&files)).await
    }

    fn bench(&self, blank: BlankPages) -> Bench {
        Bench {
            limits: self.limits,
            metrics: self.metrics.clone(),
            blank,
        }
    }

    /// Runs `work` on a blocking thread, with the place of a decoder.
    async fn decoding<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
    ) -> Result<T, ImageError> {
        let place = self.decoders.clone().acquire_owned().await;
        let work = telemetry::carried_over(move || {
            let _place = place;
            work()
        });
        let working = tokio::task::spawn_blocking(work);
        working.await.map_err(|_| ImageError::Lost)?
    }
}

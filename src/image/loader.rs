//! Loads pictures from their sources and places them on a model's grid.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{
    BlankPages, EncodedImage, ImageError, ImageSource, Limits, LoadedFile, Pages, PdfAttachment,
    Preparation,
    fetch::Fetcher,
    pdf,
    sheets::{Bench, Survey},
    source::{decode_data_uri, is_data_uri},
    text::{PageFindings, PageSought, SoughtText, TextBench},
};
use crate::{
    metrics::{ImageStage, Metrics},
    ocr::ReadPage,
    page::{PageReading, PageSelection},
    telemetry,
};

/// Resolution at which a PDF's page is drawn to see whether the text that it states is visible; small print is then
/// taken for text that is not.
const STATED_DOTS_PER_INCH: f32 = 100.0;

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

    /// Returns the metrics of the work on files.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
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
        self.open(self.fetch(source).await?)
    }

    /// Loads a document as [`Self::load`] does, or its text if it is a text file.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub async fn load_document(&self, source: ImageSource) -> Result<LoadedFile, ImageError> {
        let bytes = self.fetch(source).await?;
        Ok(LoadedFile::new(&bytes, self.max_bytes)?)
    }

    /// Returns the bytes of a file, whatever it is: downloads it or decodes its `data:` URI where needed.
    ///
    /// # Errors
    /// [`ImageError::Source`] and [`ImageError::Fetch`]. Bytes that come with the request may be too many.
    pub async fn fetch(&self, source: ImageSource) -> Result<Bytes, ImageError> {
        match source {
            ImageSource::Bytes(bytes) => Ok(bytes),
            ImageSource::Url(url) if is_data_uri(&url) => {
                Ok(decode_data_uri(&url, self.max_bytes)?)
            }
            ImageSource::Url(url) => {
                let _place = self.downloads.acquire().await;
                let _timer = self.metrics.image(ImageStage::Download);
                Ok(self.fetcher.fetch(&url).await?)
            }
        }
    }

    /// Checks the bytes of a picture's file.
    ///
    /// # Errors
    /// [`ImageError::Source`].
    pub fn open(&self, bytes: Bytes) -> Result<EncodedImage, ImageError> {
        Ok(EncodedImage::new(bytes, self.max_bytes)?)
    }

    /// Returns the XML files that a PDF carries, on a blocking thread.
    ///
    /// # Errors
    /// [`ImageError::Pdf`].
    pub async fn xml_files(&self, file: EncodedImage) -> Result<Vec<PdfAttachment>, ImageError> {
        self.decoding(move || Ok(pdf::xml_files(&file.bytes)?))
            .await
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

    /// Looks for what is `sought` on all pages of `files`, one entry a page, in order.
    ///
    /// # Errors
    /// Those of [`Self::read_text`].
    pub async fn look(
        &self,
        files: Vec<EncodedImage>,
        sought: PageSought,
    ) -> Result<Vec<PageFindings>, ImageError> {
        let found = self.find(files, PageSelection::default(), sought).await?;
        Ok(found.into_iter().flatten().collect())
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
        let found = self.find(files, wanted, PageSought::TEXT).await?;
        let texts = found.into_iter().map(|page| page.map(|page| page.text));
        Ok(texts.collect())
    }

    async fn find(
        &self,
        files: Vec<EncodedImage>,
        wanted: PageSelection,
        sought: PageSought,
    ) -> Result<Vec<Option<PageFindings>>, ImageError> {
        if let Some(reader) = self
            .reader
            .clone()
            .filter(|_| sought.text == SoughtText::Whole)
        {
            // Loading may download the nets, which must not keep a decoder's place. Its failure is in the pages.
            let loading = tokio::task::spawn_blocking(move || reader.load());
            let _ = loading.await.map_err(|_| ImageError::Lost)?;
        }
        let mut limits = self.limits;
        if sought.text == SoughtText::Stated {
            limits.pdf_dots_per_inch = limits.pdf_dots_per_inch.min(STATED_DOTS_PER_INCH);
        }
        let bench = TextBench {
            limits,
            metrics: self.metrics.clone(),
            reader: self.reader.clone(),
            wanted,
            sought,
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

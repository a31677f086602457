//! A picture from its source to its encoded file, and from there onto a model's grid.

use std::sync::Arc;

use image::RgbImage;
use thiserror::Error;
use tokio::sync::Semaphore;

use super::{
    DecodeError, DecodeLimits, EncodedImage, GridFit, ImageFormat, ImageSource, PatchGrid, Picture,
    SourceError, decode,
    fetch::{FetchError, Fetcher},
    pdf::{self, PdfError, PdfLimits},
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
    /// The decoding thread was lost.
    #[error("The image could not be decoded.")]
    Lost,
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
    fn pdf(self, max_pages: usize) -> PdfLimits {
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

    /// The pages of each of `files` on `grid`, decoded on a thread of their own. Together they take
    /// `room` tokens at most, shared evenly, so far as whole cells can.
    ///
    /// # Errors
    /// [`ImageError::Decode`], [`ImageError::Pdf`] and [`ImageError::TooManyPages`].
    pub async fn prepare(
        &self,
        files: Vec<EncodedImage>,
        grid: PatchGrid,
        fit: GridFit,
        room: usize,
    ) -> Result<Vec<Vec<Picture>>, ImageError> {
        let bench = Bench {
            limits: self.limits,
            metrics: self.metrics.clone(),
            grid,
            fit,
        };
        let place = self.decoders.clone().acquire_owned().await;
        let decoding = telemetry::carried_over(move || {
            let _place = place;
            bench.prepare(files, room)
        });
        let decoding = tokio::task::spawn_blocking(decoding);
        decoding.await.map_err(|_| ImageError::Lost)?
    }
}

/// A page before it is brought onto a grid.
enum Sheet {
    File(EncodedImage),
    Rendered(RgbImage),
}

/// Where files become pictures, on a thread of their own.
struct Bench {
    limits: Limits,
    metrics: Arc<Metrics>,
    grid: PatchGrid,
    fit: GridFit,
}

impl Bench {
    fn prepare(
        &self,
        files: Vec<EncodedImage>,
        room: usize,
    ) -> Result<Vec<Vec<Picture>>, ImageError> {
        let limits = self.limits;
        let mut files_sheets: Vec<Vec<Sheet>> = Vec::with_capacity(files.len());
        let mut pages = 0;
        for file in files {
            let left = limits.max_pages.saturating_sub(pages);
            if left == 0 {
                return Err(ImageError::TooManyPages {
                    limit: limits.max_pages,
                });
            }
            let sheets: Vec<_> = if file.format == ImageFormat::Pdf {
                let _timer = self.metrics.image(ImageStage::Decode);
                let rendered = pdf::render(&file.bytes, limits.pdf(left))?;
                rendered.into_iter().map(Sheet::Rendered).collect()
            } else {
                vec![Sheet::File(file)]
            };
            pages += sheets.len();
            files_sheets.push(sheets);
        }
        let share = u32::try_from(room / pages.max(1)).unwrap_or(u32::MAX);
        let fit = GridFit {
            max_tokens: self.fit.max_tokens.min(share).max(1),
            ..self.fit
        };
        let pictures = files_sheets.into_iter().map(|sheets| {
            let pictures = sheets.into_iter().map(|sheet| self.picture(sheet, fit));
            pictures.collect::<Result<_, _>>()
        });
        Ok(pictures.collect::<Result<_, _>>()?)
    }

    fn picture(&self, sheet: Sheet, fit: GridFit) -> Result<Picture, DecodeError> {
        let pixels = match sheet {
            Sheet::File(file) => {
                let _timer = self.metrics.image(ImageStage::Decode);
                decode::decode(&file, self.limits.decode)?
            }
            Sheet::Rendered(pixels) => pixels,
        };
        let _timer = self.metrics.image(ImageStage::Prepare);
        decode::place(pixels, self.grid, fit)
    }
}

//! A picture from its source to its encoded file, and from there onto a model's grid.

use std::sync::Arc;

use thiserror::Error;
use tokio::sync::Semaphore;

use super::{
    DecodeError, DecodeLimits, EncodedImage, GridFit, ImageSource, PatchGrid, Picture, SourceError,
    decode,
    fetch::{FetchError, Fetcher},
    source::{decode_data_uri, is_data_uri},
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
    /// The decoding thread was lost.
    #[error("The image could not be decoded.")]
    Lost,
}

/// The operator's bounds.
#[derive(Debug, Clone, Copy)]
pub struct LoaderSettings {
    /// Bytes of a picture's file, at most.
    pub max_bytes: u64,
    /// Bounds on its header.
    pub limits: DecodeLimits,
    /// Pictures decoded at once, which bounds the memory that takes.
    pub decoders: usize,
    /// Pictures downloaded at once.
    pub downloads: usize,
}

/// Loads pictures within the operator's bounds.
pub struct ImageLoader {
    fetcher: Fetcher,
    max_bytes: u64,
    limits: DecodeLimits,
    decoders: Arc<Semaphore>,
    downloads: Semaphore,
}

impl ImageLoader {
    /// Nothing is loaded yet.
    #[must_use]
    pub fn new(fetcher: Fetcher, settings: LoaderSettings) -> Self {
        let LoaderSettings {
            max_bytes,
            limits,
            decoders,
            downloads,
        } = settings;
        Self {
            downloads: Semaphore::new(downloads),
            fetcher,
            max_bytes,
            limits,
            decoders: Arc::new(Semaphore::new(decoders)),
        }
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
                self.fetcher.fetch(&url).await?
            }
        };
        Ok(EncodedImage::new(bytes, self.max_bytes)?)
    }

    /// The file's pixels on `grid`, decoded on a thread of its own.
    ///
    /// # Errors
    /// [`ImageError::Decode`].
    pub async fn prepare(
        &self,
        encoded: EncodedImage,
        grid: PatchGrid,
        fit: GridFit,
    ) -> Result<Picture, ImageError> {
        let limits = self.limits;
        let place = self.decoders.clone().acquire_owned().await;
        let decoding = tokio::task::spawn_blocking(move || {
            let _place = place;
            decode::prepare(&encoded, limits, grid, fit)
        });
        Ok(decoding.await.map_err(|_| ImageError::Lost)??)
    }
}

//! Pictures on their way to a model: where they come from, decoding within bounds, and the one
//! resize onto the model's patch grid. Knows neither HTTP nor an engine.

pub mod decode;
pub mod fetch;
mod grid;
mod jpeg;
mod loader;
mod pdf;
mod print;
mod sheets;
mod source;
mod tiff;
mod trim;
mod webp;

pub use decode::{DecodeError, DecodeLimits};
pub use grid::{GridFit, PatchGrid};
pub use loader::{ImageError, ImageLoader, Limits, LoaderSettings, Place};
pub use pdf::{PdfError, PdfLimits};
pub use sheets::{BlankPages, Pages, Preparation};
pub use source::{EncodedImage, ImageFormat, ImageSource, SourceError};

use image::{DynamicImage, RgbImage};

/// An upright RGB picture whose sides are multiples of the model's merged patch, so that the
/// engine resizes nothing again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(RgbImage);

impl Picture {
    /// Wraps pixels that already lie on a model's grid.
    #[must_use]
    pub fn new(pixels: RgbImage) -> Self {
        Self(pixels)
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// A copy for the engine.
    #[must_use]
    pub fn to_image(&self) -> DynamicImage {
        DynamicImage::ImageRgb8(self.0.clone())
    }
}

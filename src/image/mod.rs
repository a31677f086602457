//! Pictures: loading, decoding within bounds, and the one resize onto a model's patch grid. This
//! module knows neither HTTP nor an engine.

pub mod decode;
mod error;
pub mod fetch;
mod file;
mod grid;
mod jpeg;
mod limits;
mod loader;
mod pdf;
mod print;
mod sheets;
mod source;
mod text;
mod tiff;
mod trim;
mod webp;
mod written;

pub use error::{ImageError, NoText, PagePosition};
pub use file::LoadedFile;
pub use grid::{GridError, GridFit, PatchGrid};
pub use limits::{DecodeError, DecodeLimits};
pub use loader::{ImageLoader, LoaderSettings};
pub use pdf::{PdfAttachment, PdfError, PdfLimits};
pub use sheets::{BlankPages, Limits, Pages, Preparation, Survey};
pub use source::{EncodedImage, ImageFormat, ImageSource, SourceError};
pub use text::{PageFindings, PageSought, SoughtText};
pub use written::{WrittenPages, text_beside};

use image::{DynamicImage, RgbImage};

/// An upright RGB picture whose sides are multiples of the model's merged patch, so that the engine
/// does not resize it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(RgbImage);

impl Picture {
    /// Wraps pixels that already lie on a model's grid.
    #[must_use]
    pub fn new(pixels: RgbImage) -> Self {
        Self(pixels)
    }

    /// Returns the width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Returns the height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// Copies the picture for the engine.
    #[must_use]
    pub fn to_image(&self) -> DynamicImage {
        DynamicImage::ImageRgb8(self.0.clone())
    }
}

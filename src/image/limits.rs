//! Bounds on the header of a picture, and the errors of its file.

use thiserror::Error;

/// Bounds on the size in a picture's header, checked before decoding.
#[derive(Debug, Clone, Copy)]
pub struct DecodeLimits {
    /// Maximum length of a side in pixels.
    pub max_side: u32,
    /// Maximum width times height.
    pub max_pixels: u64,
    /// Maximum ratio of the longer side to the shorter one.
    pub max_aspect_ratio: f64,
}

impl DecodeLimits {
    /// Checks the width and height that a file declares.
    ///
    /// # Errors
    /// [`DecodeError::TooManyPixels`], [`DecodeError::TooNarrow`] and [`DecodeError::Broken`].
    pub fn check(self, width: u32, height: u32) -> Result<(), DecodeError> {
        let (long, short) = (width.max(height), width.min(height));
        if short == 0 {
            return Err(DecodeError::Broken("it has no pixels".into()));
        }
        if long > self.max_side || u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DecodeError::TooManyPixels {
                width,
                height,
                max_side: self.max_side,
                max_pixels: self.max_pixels,
            });
        }
        if f64::from(long) / f64::from(short) > self.max_aspect_ratio {
            return Err(DecodeError::TooNarrow {
                width,
                height,
                limit: self.max_aspect_ratio,
            });
        }
        Ok(())
    }
}

/// An error of decoding a picture's file.
#[derive(Debug, Error, PartialEq)]
pub enum DecodeError {
    /// The picture has more pixels than allowed.
    #[error(
        "The image is {width} x {height} pixels; at most {max_side} a side and {max_pixels} in \
         all are allowed. Send a smaller one."
    )]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum length of a side.
        max_side: u32,
        /// Maximum number of pixels.
        max_pixels: u64,
    },
    /// The picture is too narrow.
    #[error(
        "The image is {width} x {height} pixels; the longer side may be {limit} times the shorter \
         one at most. Send it in parts."
    )]
    TooNarrow {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Maximum ratio of the sides.
        limit: f64,
    },
    /// The file may be intact, but is of a kind of its format that is not supported.
    #[error("The image is of an unsupported kind: {0}.")]
    Unsupported(String),
    /// The file is damaged or cut off.
    #[error("The image cannot be decoded: {0}")]
    Broken(String),
}

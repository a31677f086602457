//! The patch grid of a vision model: the picture sizes that it takes, and their cost in tokens.

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Picture;

/// The patch grid that a vision model's `preprocessor_config.json` describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PatchGrid {
    /// Side in pixels of the square that becomes one token: patch size times merge size.
    pub cell: u32,
    /// Minimum number of pixels of a picture.
    pub min_pixels: u64,
    /// Maximum number of pixels of a picture.
    pub max_pixels: u64,
}

/// The operator's settings for fitting a picture onto the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridFit {
    /// Cuts off a scan's white margins first.
    pub trim: bool,
    /// Maximum length in pixels of the longer edge after the resize.
    pub max_edge: u32,
    /// Maximum number of tokens of a picture.
    pub max_tokens: u32,
}

#[derive(Deserialize)]
struct PreprocessorConfig {
    patch_size: Option<u32>,
    merge_size: Option<u32>,
    min_pixels: Option<u64>,
    max_pixels: Option<u64>,
    size: Option<Size>,
}

/// Pixel bounds as newer files write them. The names say edges; the values are areas.
#[derive(Deserialize)]
struct Size {
    shortest_edge: Option<u64>,
    longest_edge: Option<u64>,
    min_pixels: Option<u64>,
    max_pixels: Option<u64>,
}

/// An error of reading the patch grid of a model.
#[derive(Debug, Error)]
#[error("{path}: {reason}")]
pub struct GridError {
    /// The file.
    path: String,
    /// The fault.
    reason: String,
}

impl PatchGrid {
    /// Reads `preprocessor_config.json` of a model's folder.
    ///
    /// # Errors
    /// The file that cannot be read or parsed, and the reason.
    pub fn from_folder(folder: &Path) -> Result<Self, GridError> {
        let path = folder.join("preprocessor_config.json");
        let bad = |reason: String| GridError {
            path: path.display().to_string(),
            reason,
        };
        let text = std::fs::read(&path).map_err(|error| bad(error.to_string()))?;
        let config: PreprocessorConfig =
            serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
        let size = config.size.as_ref();
        let cell = config.patch_size.unwrap_or(14) * config.merge_size.unwrap_or(2);
        let min_pixels = config
            .min_pixels
            .or_else(|| size.and_then(|s| s.min_pixels.or(s.shortest_edge)))
            .unwrap_or(56 * 56);
        let max_pixels = config
            .max_pixels
            .or_else(|| size.and_then(|s| s.max_pixels.or(s.longest_edge)))
            .unwrap_or(14 * 14 * 4 * 1280);
        if cell == 0 || min_pixels == 0 || min_pixels > max_pixels {
            return Err(bad(format!(
                "patch_size times merge_size is {cell}, min_pixels {min_pixels}, max_pixels \
                 {max_pixels}"
            )));
        }
        Ok(Self {
            cell,
            min_pixels,
            max_pixels,
        })
    }

    /// Returns the number of tokens of a picture on this grid.
    #[must_use]
    pub fn tokens(&self, picture: &Picture) -> usize {
        let cells = |side: u32| (side / self.cell) as usize;
        cells(picture.width()) * cells(picture.height())
    }

    /// Returns the number of tokens of the largest picture that `fit` allows.
    #[must_use]
    pub fn max_tokens(&self, fit: GridFit) -> usize {
        let edge = u64::from(fit.max_edge / self.cell).max(1);
        let cell = u64::from(self.cell);
        let by_pixels = self.max_pixels / (cell * cell);
        let cells = (edge * edge).min(u64::from(fit.max_tokens)).min(by_pixels);
        usize::try_from(cells.max(1)).unwrap_or(usize::MAX)
    }

    /// Returns the size on the grid nearest to `width` by `height`: shrunk to the limits of `fit`
    /// and of the model, or enlarged to the model's minimum. The aspect ratio is kept as closely as
    /// whole cells allow.
    #[must_use]
    pub fn fit(&self, width: u32, height: u32, fit: GridFit) -> (u32, u32) {
        let cell = f64::from(self.cell);
        let (w, h) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let cells = |pixels: u64| pixels as f64 / (cell * cell);
        let most = cells(self.max_pixels)
            .min(f64::from(fit.max_tokens))
            .max(1.0);
        let least = cells(self.min_pixels).min(most);

        let area = w * h / (cell * cell);
        let mut scale = 1.0_f64.min(f64::from(fit.max_edge) / w.max(h));
        scale = scale.min((most / area).sqrt());
        scale = scale.max((least / area).sqrt());

        let longest = f64::from((fit.max_edge / self.cell).max(1));
        let side = |pixels: f64| (pixels * scale / cell).round().clamp(1.0, longest);
        let (mut columns, mut rows) = (side(w), side(h));
        // Rounding may have passed a bound: shorten or lengthen the longer side.
        while columns * rows > most && columns * rows > 1.0 {
            if columns >= rows {
                columns -= 1.0;
            } else {
                rows -= 1.0;
            }
        }
        while columns * rows < least {
            if columns >= rows {
                columns += 1.0;
            } else {
                rows += 1.0;
            }
        }
        let pixels = |cells: f64| (cells * cell) as u32;
        (pixels(columns), pixels(rows))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QWEN2_VL: PatchGrid = PatchGrid {
        cell: 28,
        min_pixels: 56 * 56,
        max_pixels: 12_845_056,
    };
    const FIT: GridFit = GridFit {
        trim: false,
        max_edge: 1024,
        max_tokens: 1280,
    };

    #[test]
    fn a_picture_on_the_grid_stays() {
        assert_eq!(QWEN2_VL.fit(280, 560, FIT), (280, 560));
    }

    #[test]
    fn a_large_one_shrinks_to_the_longest_edge() {
        assert_eq!(QWEN2_VL.fit(3000, 4000, FIT), (756, 1008));
    }

    #[test]
    fn a_tiny_one_grows_to_the_models_minimum() {
        assert_eq!(QWEN2_VL.fit(1, 1, FIT), (56, 56));
    }

    proptest! {
        #[test]
        fn bounds_hold(w in 1u32..20_000, h in 1u32..20_000, tokens in 4u32..4000) {
            prop_assume!(w.max(h) / w.min(h) < 200);
            let fit = GridFit { max_tokens: tokens, ..FIT };
            let (width, height) = QWEN2_VL.fit(w, h, fit);
            prop_assert!(width >= 28 && height >= 28 && width % 28 == 0 && height % 28 == 0);
            let cells = width / 28 * (height / 28);
            prop_assert!(cells <= tokens);
            prop_assert!(u64::from(width) * u64::from(height) >= QWEN2_VL.min_pixels);
            prop_assert!(width.max(height) / width.min(height) <= 200);
        }
    }
}

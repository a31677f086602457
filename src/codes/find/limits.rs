//! What finding codes may cost.

use std::time::Duration;

/// Bounds of finding codes on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLimits {
    /// Codes of a page, at most; 8 by default.
    pub most_codes: usize,
    /// Time after which nothing more is tried, 300 ms by default. What is under way is ended, which
    /// takes milliseconds.
    pub most_time: Duration,
    /// Pixels of a page, at most, 120 million by default; a larger one is not looked at.
    pub most_pixels: u64,
    /// The longer side, in pixels, that larger pages are reduced to; 2,400 by default.
    pub longer_side: u32,
    /// Corner marks in a picture, at most, 300 by default. With more of them it is a pattern rather
    /// than codes.
    pub most_marks: usize,
}

impl Default for CodeLimits {
    fn default() -> Self {
        Self {
            most_codes: 8,
            most_time: Duration::from_millis(300),
            most_pixels: 120_000_000,
            longer_side: 2400,
            most_marks: 300,
        }
    }
}

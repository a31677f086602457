//! `[images]` and `[fetch]`: bounds on pictures, and on downloads of them.

use serde::Deserialize;

use super::{ConfigError, within};

/// `[images]`
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ImageConfig {
    /// Bytes of a picture's file, at most.
    pub max_bytes: u64,
    /// Pixels along a side, at most, before the resize.
    pub max_side: u32,
    /// Pixels in all, at most, before the resize.
    pub max_pixels: u64,
    /// Longer side divided by the shorter one, at most.
    pub max_aspect_ratio: f64,
    /// Whether a scan's white margins are cut off before the resize.
    pub trim: bool,
    /// Longest edge in pixels after the resize.
    pub max_edge: u32,
    /// Tokens that a picture may take after the resize.
    pub max_tokens: u32,
    /// Pictures decoded at once.
    pub decoders: usize,
    /// Pages of one receipt, at most, over all its pictures and PDFs.
    pub max_pages: usize,
    /// Resolution at which pages of a PDF are rendered.
    pub pdf_dots_per_inch: f32,
}

impl Default for ImageConfig {
    fn default() -> Self {
        Self {
            max_bytes: 24_000_000,
            max_side: 16_384,
            max_pixels: 67_108_864,
            max_aspect_ratio: 50.0,
            trim: false,
            max_edge: 1024,
            max_tokens: 1280,
            decoders: 2,
            max_pages: 8,
            pdf_dots_per_inch: 150.0,
        }
    }
}

impl ImageConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("images.max_bytes", self.max_bytes, 1 << 10, 1 << 30)?;
        within("images.max_side", self.max_side, 64, 65_535)?;
        within("images.max_pixels", self.max_pixels, 4096, 1 << 30)?;
        // The engine refuses ratios over 200.
        within("images.max_aspect_ratio", self.max_aspect_ratio, 1.0, 190.0)?;
        within("images.max_edge", self.max_edge, 56, 8192)?;
        within("images.max_tokens", self.max_tokens, 4, 16_384)?;
        within("images.decoders", self.decoders, 1, 64)?;
        within("images.max_pages", self.max_pages, 1, 1000)?;
        within(
            "images.pdf_dots_per_inch",
            self.pdf_dots_per_inch,
            18.0,
            1200.0,
        )
    }
}

/// `[fetch]`
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct FetchConfig {
    /// Seconds for a whole download.
    pub timeout_seconds: u64,
    /// Seconds for a connection.
    pub connect_timeout_seconds: u64,
    /// Pictures downloaded at once.
    pub concurrency: usize,
    /// Redirects followed.
    pub max_redirects: usize,
    /// Hosts (`name`, `name:port`, `.suffix`) and networks (`10.0.0.0/8`) that may be downloaded
    /// from although their addresses are private.
    pub allowed_hosts: Vec<String>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            timeout_seconds: 10,
            connect_timeout_seconds: 5,
            concurrency: 16,
            max_redirects: 3,
            allowed_hosts: Vec::new(),
        }
    }
}

impl FetchConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("fetch.timeout_seconds", self.timeout_seconds, 1, 600)?;
        within(
            "fetch.connect_timeout_seconds",
            self.connect_timeout_seconds,
            1,
            600,
        )?;
        within("fetch.concurrency", self.concurrency, 1, 1024)?;
        within("fetch.max_redirects", self.max_redirects, 0, 20)
    }
}

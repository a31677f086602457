//! `[images]` and `[fetch]`: the limits of pictures, and of downloads of pictures.

use serde::Deserialize;

use super::{ConfigError, within};

/// The section `[images]`.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ImageConfig {
    /// Most bytes of a picture's file.
    pub max_bytes: u64,
    /// Most pixels along a side, before the resize.
    pub max_side: u32,
    /// Most pixels in all, before the resize.
    pub max_pixels: u64,
    /// Largest ratio of the longer side to the shorter one.
    pub max_aspect_ratio: f64,
    /// Whether a scan's white margins are cut off before the resize.
    pub trim: bool,
    /// Longest edge in pixels after the resize.
    pub max_edge: u32,
    /// Most tokens of a picture after the resize.
    pub max_tokens: u32,
    /// Most pictures decoded at once.
    pub decoders: usize,
    /// Most pages of one receipt, over all its pictures and PDFs.
    pub max_pages: usize,
    /// Resolution of the rendered pages of a PDF.
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

/// The section `[fetch]`.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct FetchConfig {
    /// Most seconds for a whole download.
    pub timeout_seconds: u64,
    /// Most seconds to connect.
    pub connect_timeout_seconds: u64,
    /// Most pictures downloaded at once.
    pub concurrency: usize,
    /// Most redirects followed.
    pub max_redirects: usize,
    /// Hosts (`name`, `name:port`, `.suffix`) and networks (`10.0.0.0/8`) whose private addresses are allowed.
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

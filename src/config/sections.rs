//! The sections of the file, field by field, with their defaults.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, within};
use crate::receipt::Currency;

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any that is free.
    pub port: u16,
    /// Bytes of a request body, at most.
    pub max_body_bytes: usize,
    /// Seconds that a client may take to send its body.
    pub body_timeout_seconds: u64,
    /// Seconds that running requests get to finish when the gateway stops.
    pub shutdown_grace_seconds: u64,
    /// Key that clients must send as `Authorization: Bearer`; none lets everybody in.
    pub api_key: Option<SecretString>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 8000,
            max_body_bytes: 32 << 20,
            body_timeout_seconds: 30,
            shutdown_grace_seconds: 30,
            api_key: None,
        }
    }
}

impl ServerConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within(
            "server.max_body_bytes",
            self.max_body_bytes,
            1 << 10,
            1 << 30,
        )?;
        within(
            "server.body_timeout_seconds",
            self.body_timeout_seconds,
            1,
            3600,
        )?;
        within(
            "server.shutdown_grace_seconds",
            self.shutdown_grace_seconds,
            0,
            3600,
        )
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter in the syntax of tracing's `EnvFilter`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Human,
            level: "info".to_owned(),
        }
    }
}

/// `[extract]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractConfig {
    /// Model that reads receipts, and answers chats that name no model.
    pub model: String,
    /// JSON Schema of an answer.
    pub schema: PathBuf,
    /// Text of the instructions.
    pub prompt: PathBuf,
    /// `IDR` or another code for invoices of one currency; `detect` to read it off the paper.
    #[serde(default = "rupiah")]
    pub currency: Currency,
    /// 0 for the likeliest token at each step.
    #[serde(default)]
    pub temperature: f64,
    /// Makes answers above temperature 0 repeatable, and so fit for the cache.
    #[serde(default)]
    pub seed: Option<u64>,
}

fn rupiah() -> Currency {
    Currency::Fixed("IDR".to_owned())
}

impl ExtractConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("extract.temperature", self.temperature, 0.0, 2.0)
    }
}

/// `[chat]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChatConfig {
    /// Tokens generated where a request sets no limit.
    pub max_tokens: usize,
    /// Temperature where a request sets none.
    pub temperature: f64,
    /// Answers asked for at once (`n`), at most.
    pub max_choices: usize,
    /// Pictures in one request, at most.
    pub max_images: usize,
    /// Seconds between comments that keep a silent stream open.
    pub keep_alive_seconds: u64,
}

impl Default for ChatConfig {
    fn default() -> Self {
        Self {
            max_tokens: 4096,
            temperature: 0.0,
            max_choices: 8,
            max_images: 8,
            keep_alive_seconds: 10,
        }
    }
}

impl ChatConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("chat.max_tokens", self.max_tokens, 1, 1 << 20)?;
        within("chat.temperature", self.temperature, 0.0, 2.0)?;
        within("chat.max_choices", self.max_choices, 1, 128)?;
        within("chat.max_images", self.max_images, 1, 128)?;
        within("chat.keep_alive_seconds", self.keep_alive_seconds, 1, 3600)
    }
}

/// `[images]`
#[derive(Debug, Clone, Deserialize)]
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
}

impl Default for ImageConfig {
    fn default() -> Self {
        Self {
            max_bytes: 10 << 20,
            max_side: 16_384,
            max_pixels: 50_000_000,
            max_aspect_ratio: 50.0,
            trim: false,
            max_edge: 1024,
            max_tokens: 1280,
            decoders: 2,
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
        within("images.decoders", self.decoders, 1, 64)
    }
}

/// `[fetch]`
#[derive(Debug, Clone, Deserialize)]
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

/// `[cache]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// Bytes of all answers together; 0 turns the cache off.
    pub max_bytes: u64,
    /// Seconds that an answer is kept.
    pub time_to_live_seconds: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            time_to_live_seconds: 24 * 3600,
        }
    }
}

impl CacheConfig {
    /// How long an answer is kept.
    #[must_use]
    pub fn time_to_live(&self) -> Duration {
        Duration::from_secs(self.time_to_live_seconds)
    }
}

/// `[hub]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubConfig {
    /// Never ask the hub: what is not in the cache is an error.
    pub offline: bool,
    /// Folder of downloaded models; else that of the Hugging Face tools.
    pub cache: Option<PathBuf>,
    /// Another hub with the same interface.
    pub endpoint: Option<String>,
}

//! What the commands ask of a gateway, whether it runs elsewhere or in this process.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use thiserror::Error;

/// What is asked with every file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Model that reads; the gateway's default where there is none.
    pub model: Option<String>,
    /// Schema of the answer; the gateway's default where there is none.
    pub schema: Option<String>,
    /// Whether the meta object is wanted.
    pub meta: bool,
    /// Whether the model must run, even where the answer is in a cache.
    pub fresh: bool,
}

/// A receipt that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The object that the schema describes.
    pub invoice: Value,
    /// How it came about, where that was asked for.
    pub meta: Option<Value>,
}

/// Why a file gave no receipt.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} ({code})")]
pub struct Fault {
    /// Text for people.
    pub message: String,
    /// Name for programs, `image_too_large`.
    pub code: String,
    /// Whether every other file would fare the same, so that there is no use in going on.
    pub fatal: bool,
}

impl Fault {
    /// A fault of one file.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: code.into(),
            fatal: false,
        }
    }

    /// A fault that ends the run.
    pub fn fatal(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            fatal: true,
            ..Self::new(code, message)
        }
    }
}

/// Reads receipts, several at a time.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Reads the receipt in `file`, which people know by `name`.
    ///
    /// # Errors
    /// The [`Fault`] that stands in place of a receipt. Whoever waits and tries again does so in
    /// here: a fault is final.
    async fn read(&self, file: Bytes, name: &str) -> Result<Reading, Fault>;
}

//! The interfaces through which the commands read receipts and page text, here or with a gateway elsewhere.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use thiserror::Error;

use crate::receipt::Grounding;

/// The options that are sent with every file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Model that reads; the gateway's default if none.
    pub model: Option<String>,
    /// Schema of the answer; the gateway's default if none.
    pub schema: Option<String>,
    /// Whether the meta object is wanted.
    pub meta: bool,
    /// Whether the model must run even if the answer is in a cache.
    pub fresh: bool,
    /// Whether values are held to what is printed; the model's setting if none.
    pub grounding: Option<Grounding>,
}

/// A receipt that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReading {
    /// The object that the schema describes.
    pub invoice: Value,
    /// The meta object, if it was wanted.
    pub meta: Option<Value>,
}

/// The reason why a file gave no receipt.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} ({code})")]
pub struct FileFault {
    /// Text for people.
    pub message: String,
    /// Name for programs, such as `image_too_large`.
    pub code: String,
    /// Whether every other file would fail in the same way, so that the run ends.
    pub fatal: bool,
}

impl FileFault {
    /// Creates a fault of one file.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: code.into(),
            fatal: false,
        }
    }

    /// Creates a fault that ends the run.
    pub fn fatal(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            fatal: true,
            ..Self::new(code, message)
        }
    }
}

/// A reader of receipts that reads several at once.
#[async_trait]
pub trait ReceiptReader: Send + Sync {
    /// Reads the receipt in `file`; `name` is its name in messages.
    ///
    /// # Errors
    /// Returns the reason why there is no receipt. It is final: a reader that retries does so before it
    /// returns.
    async fn read(&self, file: Bytes, name: &str) -> Result<FileReading, FileFault>;
}

/// A reader of the text of pages.
#[async_trait]
pub trait TextReader: Send + Sync {
    /// Reads the text of the pages of `file`, in the form of an answer of `POST /v1/ocr`.
    ///
    /// # Errors
    /// Returns the reason why there is no text. It is final, as in [`ReceiptReader::read`].
    async fn read_text(&self, file: Bytes) -> Result<Value, FileFault>;
}

//! The errors of the page reader.

use std::path::Path;

use thiserror::Error;

/// Why a page was not read, or why the reader cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OcrError {
    /// A file of the reader cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The file or folder.
        path: String,
        /// What is wrong, and what is expected.
        reason: String,
    },
    /// The files of the reader cannot be downloaded.
    #[error("the page reader cannot be downloaded: {0}")]
    Download(String),
    /// A net is not valid, or not of the form that the reader needs.
    #[error("the net for {net} cannot be used: {reason}")]
    Net {
        /// What the net does: `detection` or `recognition`.
        net: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A net failed on a page.
    #[error("the net for {net} failed: {reason}")]
    Run {
        /// What the net does: `detection` or `recognition`.
        net: &'static str,
        /// What failed.
        reason: String,
    },
    /// The picture could not be scaled.
    #[error("the page cannot be scaled: {0}")]
    Scale(String),
    /// Reading took longer than the settings allow.
    #[error("reading the page took too long")]
    Late,
}

impl OcrError {
    pub(super) fn file(path: &Path, reason: impl Into<String>) -> Self {
        Self::File {
            path: path.display().to_string(),
            reason: reason.into(),
        }
    }
}

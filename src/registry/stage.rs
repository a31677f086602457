//! The stages of a model's life, and their names.

use serde::Serialize;

/// How far a model is from answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It is not in memory; the next request loads it.
    Unloaded,
    /// Its files are being fetched.
    Downloading,
    /// It waits for room in memory, or is read into it.
    Loading,
    /// It answers.
    Ready,
    /// It finishes what runs, and leaves.
    Draining,
    /// It could not be loaded; it is tried again after a pause.
    Failed,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Unloaded,
        Self::Downloading,
        Self::Loading,
        Self::Ready,
        Self::Draining,
        Self::Failed,
    ];

    /// Its name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unloaded => "unloaded",
            Self::Downloading => "downloading",
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::Failed => "failed",
        }
    }
}

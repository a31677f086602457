//! Stages of loading and unloading a model, and their names.

use serde::Serialize;

/// A stage of loading or unloading a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelStage {
    /// Not in memory; the next request loads it.
    Unloaded,
    /// The files are being downloaded.
    Downloading,
    /// Waiting for room in memory, or being read into it.
    Loading,
    /// In memory and able to answer.
    Ready,
    /// Finishing the running requests before it is unloaded.
    Draining,
    /// Loading failed; it is tried again after a pause.
    Failed,
}

impl ModelStage {
    /// All stages.
    pub const ALL: [Self; 6] = [
        Self::Unloaded,
        Self::Downloading,
        Self::Loading,
        Self::Ready,
        Self::Draining,
        Self::Failed,
    ];

    /// Returns the stage's name in answers.
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

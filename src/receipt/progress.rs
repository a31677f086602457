//! Progress of reading a receipt.

use std::sync::Arc;

use tokio::sync::watch;

/// A stage of reading a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadingStage {
    /// Waiting for the model to be loaded, or for a place on it.
    Queued,
    /// The model reads the pictures.
    Reading {
        /// Number of pages.
        pages: usize,
    },
    /// The model writes.
    Generating {
        /// The answer so far: the beginning of a JSON text.
        text: Arc<str>,
    },
    /// The answer is validated and checked.
    Checking,
}

/// Reports the stage to a listener, if there is one. Only the latest stage is kept, so that a slow
/// listener delays nothing.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<watch::Sender<ReadingStage>>);

impl Progress {
    /// Creates a progress with a listener.
    #[must_use]
    pub fn watched() -> (Self, watch::Receiver<ReadingStage>) {
        let (sender, receiver) = watch::channel(ReadingStage::Queued);
        (Self(Some(sender)), receiver)
    }

    /// Reports a stage; `stage` is called only if there is a listener.
    pub fn reach(&self, stage: impl FnOnce() -> ReadingStage) {
        if let Some(sender) = &self.0 {
            sender.send_replace(stage());
        }
    }
}

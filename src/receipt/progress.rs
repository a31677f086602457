//! How far the reading of a receipt has come.

use std::sync::Arc;

use tokio::sync::watch;

/// A step of the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Waits for the model to be loaded, or for a place.
    Queued,
    /// The model reads the pictures.
    Reading {
        /// How many.
        pages: usize,
    },
    /// The model writes.
    Generating {
        /// What it has written so far: the beginning of a JSON text.
        text: Arc<str>,
    },
    /// The answer is validated, its sums are checked.
    Checking,
}

/// Tells whoever listens; only the latest stage is kept, so that a slow listener holds up nobody.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<watch::Sender<Stage>>);

impl Progress {
    /// With somebody to listen.
    #[must_use]
    pub fn watched() -> (Self, watch::Receiver<Stage>) {
        let (sender, receiver) = watch::channel(Stage::Queued);
        (Self(Some(sender)), receiver)
    }

    /// A stage has been reached. It is made only where somebody listens.
    pub fn reach(&self, stage: impl FnOnce() -> Stage) {
        if let Some(sender) = &self.0 {
            sender.send_replace(stage());
        }
    }
}

//! Asks the server to read its configuration again.

use tokio::sync::{mpsc, oneshot};

/// The settings that take effect only after a restart, or what is wrong with the configuration.
pub type ReloadOutcome = Result<Vec<&'static str>, String>;

/// The requests to reload; each carries the channel for its outcome.
pub type ReloadRequests = mpsc::Receiver<oneshot::Sender<ReloadOutcome>>;

/// Sends requests to reload to the server that holds the configuration.
#[derive(Debug, Clone)]
pub struct Reloader(mpsc::Sender<oneshot::Sender<ReloadOutcome>>);

impl Reloader {
    /// Creates a reloader and the requests that it sends.
    #[must_use]
    pub fn channel() -> (Self, ReloadRequests) {
        let (sender, requests) = mpsc::channel(1);
        (Self(sender), requests)
    }

    /// Asks for a reload and waits for its outcome.
    ///
    /// # Errors
    /// The reason that the configuration cannot be applied, or that the gateway is stopping.
    pub async fn reload(&self) -> ReloadOutcome {
        let stopping = || "the gateway is stopping".to_owned();
        let (reply, outcome) = oneshot::channel();
        self.0.send(reply).await.map_err(|_| stopping())?;
        outcome.await.unwrap_or_else(|_| Err(stopping()))
    }
}

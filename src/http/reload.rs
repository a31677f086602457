//! `POST /admin/reload`: the configuration read anew, applied whole or not at all.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use utoipa::ToSchema;

use super::{
    fault::{ErrorBody, Fault},
    state::AppState,
};

/// What a reload came to, or what is wrong with the configuration.
pub type Outcome = Result<Reloaded, String>;

/// Those who asked for a reload, and wait for what it comes to.
pub type ReloadRequests = mpsc::Receiver<oneshot::Sender<Outcome>>;

/// Asks whoever holds the configuration to read it anew.
#[derive(Debug, Clone)]
pub struct Reloader(mpsc::Sender<oneshot::Sender<Outcome>>);

/// A configuration that has been applied.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reloaded {
    /// Always `reloaded`.
    #[schema(example = "reloaded")]
    pub status: &'static str,
    /// Settings that differ from those that the gateway started with and act only after a restart.
    pub needs_restart: Vec<&'static str>,
}

impl Reloader {
    /// The one who asks, and what the other side answers.
    #[must_use]
    pub fn channel() -> (Self, ReloadRequests) {
        let (sender, requests) = mpsc::channel(1);
        (Self(sender), requests)
    }

    /// Asks, and waits for what it comes to.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub async fn reload(&self) -> Outcome {
        let stopping = || "the gateway is stopping".to_owned();
        let (reply, outcome) = oneshot::channel();
        self.0.send(reply).await.map_err(|_| stopping())?;
        outcome.await.unwrap_or_else(|_| Err(stopping()))
    }
}

/// Reads the configuration anew
///
/// Requests that run finish on what they started with; models whose entries did not change stay in memory.
/// A configuration that is not sound changes nothing. SIGHUP, and a change of the file, do the same.
#[utoipa::path(
    post,
    path = "/admin/reload",
    operation_id = "reloadConfiguration",
    tag = "service",
    responses(
        (status = 200, description = "It is applied.", body = Reloaded),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
        (status = 422, description = "It is not sound; the message says what is wrong.", body = ErrorBody),
    ),
)]
pub async fn reload(State(app): State<AppState>) -> Result<Json<Reloaded>, Fault> {
    let unsound = |reason: String| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Fault::new(status, "invalid_configuration", reason)
    };
    let reloader = app.reloader.as_ref();
    let reloader = reloader.ok_or_else(|| unsound("nothing holds a configuration".to_owned()))?;
    reloader.reload().await.map(Json).map_err(unsound)
}

//! `POST /admin/reload`: reads the configuration again, and applies all of it or nothing.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::{ErrorBody, Fault};
use crate::app::App;

/// The result of a reload.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reloaded {
    /// Always `reloaded`.
    #[schema(example = "reloaded")]
    pub status: &'static str,
    /// Changed settings that take effect only after a restart.
    pub needs_restart: Vec<&'static str>,
}

/// Reloads the configuration
///
/// Running requests finish with the old configuration. Models with unchanged entries stay in memory. A
/// configuration that is not valid changes nothing. SIGHUP, or a change of the file, also reloads it.
#[utoipa::path(
    post,
    path = "/admin/reload",
    operation_id = "reloadConfiguration",
    tag = "service",
    responses(
        (status = 200, description = "The configuration is applied.", body = Reloaded),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "The client is not on this machine.", body = ErrorBody),
        (status = 422, description = "The configuration is not valid and was not applied; the message names the fault.", body = ErrorBody),
    ),
)]
pub async fn reload(State(app): State<Arc<App>>) -> Result<Json<Reloaded>, Fault> {
    let invalid = |reason: String| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Fault::new(status, "invalid_configuration", reason)
    };
    let reloader = app.reloader.as_ref();
    let fixed = || invalid("this gateway has no configuration file to reload".to_owned());
    let reloader = reloader.ok_or_else(fixed)?;
    let needs_restart = reloader.reload().await.map_err(invalid)?;
    Ok(Json(Reloaded {
        status: "reloaded",
        needs_restart,
    }))
}

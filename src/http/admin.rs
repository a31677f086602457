//! `/admin`: reports the models' states, loads and unloads models. Open to clients on this machine only, unless a
//! key is set for it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::{ErrorBody, Fault};
use crate::{
    app::App,
    engine::LoadProgress,
    registry::{Model, ModelStage, Reads},
};

/// A model and its state.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelState {
    /// Name of the model.
    #[schema(example = "receipt-nano")]
    pub id: String,
    /// `unloaded`, `downloading`, `loading`, `ready`, `draining` or `failed`.
    #[schema(example = "ready", value_type = String)]
    pub state: ModelStage,
    /// The form in which it gets the pages of pictures: `pictures` or `page_text`.
    #[schema(example = "pictures", value_type = String)]
    pub reads: Reads,
    /// Share of its files that is downloaded while it is `downloading`, or of its weights that is read while it is
    /// `loading`, 0 to 1; null in other states, or while it is unknown.
    #[schema(example = 0.421)]
    pub progress: Option<f64>,
    /// Number of requests that use the model.
    pub users: usize,
    /// Number of generations that run.
    pub running: usize,
    /// Number of generations that wait for a running one to end.
    pub waiting: usize,
    /// Number of times that the model was loaded.
    pub loads: u64,
    /// The reason that the model could not be loaded; null if there was no failure.
    pub failure: Option<String>,
    /// Seconds until the next attempt to load it; null if it has not failed.
    pub retry_in_seconds: Option<f64>,
}

/// The states of all models, and the memory that they share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelStates {
    /// The models in the order of the configuration.
    pub models: Vec<ModelState>,
    /// Memory of the loaded models, in bytes.
    pub memory_bytes: u64,
    /// Memory that all models may take together, in bytes; null if there is no limit.
    pub memory_budget_bytes: Option<u64>,
}

impl ModelState {
    fn of(model: &Model) -> Self {
        let status = model.status();
        Self {
            id: model.settings().id.clone(),
            state: status.stage,
            reads: model.settings().reads,
            progress: status.progress.map(LoadProgress::share),
            users: status.users,
            running: model.admission().running(),
            waiting: model.admission().waiting(),
            loads: status.loads,
            failure: status.failure,
            retry_in_seconds: status.retry_in.map(|left| left.as_secs_f64()),
        }
    }
}

/// Lists the states of all models
#[utoipa::path(
    get,
    path = "/admin/models",
    operation_id = "listModelStates",
    tag = "service",
    responses(
        (status = 200, description = "The states of all models.", body = ModelStates),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "The client is not on this machine.", body = ErrorBody),
    ),
)]
pub async fn models(State(app): State<Arc<App>>) -> Json<ModelStates> {
    let models = app.registry.iter().map(|model| ModelState::of(model));
    Json(ModelStates {
        models: models.collect(),
        memory_bytes: app.registry.memory().used(),
        memory_budget_bytes: app.registry.memory().budget(),
    })
}

fn find<'a>(app: &'a App, id: &str) -> Result<&'a Arc<Model>, Fault> {
    let model = app.registry.get(id);
    model.ok_or_else(|| Fault::unknown_model(id))
}

/// Loads a model
///
/// The response comes when the model is loaded.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/load",
    operation_id = "loadModel",
    tag = "service",
    params(("id" = String, Path, description = "Name of the model, its slashes as `%2F`.", example = "receipt-nano")),
    responses(
        (status = 200, description = "The model is loaded.", body = ModelState),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "The client is not on this machine.", body = ErrorBody),
        (status = 404, description = "No model has this name.", body = ErrorBody),
        (status = 503, description = "The model cannot be loaded.", body = ErrorBody),
    ),
)]
pub async fn load(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ModelState>, Fault> {
    let model = find(&app, &id)?;
    let lease = model.lease().await.map_err(|error| Fault::from(&error))?;
    drop(lease);
    Ok(Json(ModelState::of(model)))
}

/// Unloads a model
///
/// Running generations finish first; the response does not wait for them. The next request for the model loads it
/// again. A model that could not be loaded may be tried again at once.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/unload",
    operation_id = "unloadModel",
    tag = "service",
    params(("id" = String, Path, description = "Name of the model, its slashes as `%2F`.", example = "receipt-nano")),
    responses(
        (status = 200, description = "The model is unloaded, or is draining until its generations end.", body = ModelState),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "The client is not on this machine.", body = ErrorBody),
        (status = 404, description = "No model has this name.", body = ErrorBody),
    ),
)]
pub async fn unload(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ModelState>, Fault> {
    let model = find(&app, &id)?;
    model.unload();
    Ok(Json(ModelState::of(model)))
}

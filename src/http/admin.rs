//! `/admin`: the models' states, and loading and unloading them. Open to this machine alone, unless a
//! key is set for it.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    fault::{ErrorBody, Fault},
    state::AppState,
};
use crate::registry::{Model, Stage};

/// A model and its state.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelState {
    /// Name of the model.
    #[schema(example = "receipt-nano")]
    pub id: String,
    /// `unloaded`, `downloading`, `loading`, `ready`, `draining` or `failed`.
    #[schema(example = "ready", value_type = String)]
    pub state: Stage,
    /// Requests that use it.
    pub users: usize,
    /// Generations that run.
    pub running: usize,
    /// Generations that wait for one of those to end.
    pub waiting: usize,
    /// Times that it was loaded.
    pub loads: u64,
    /// Why it could not be loaded.
    pub failure: Option<String>,
    /// Seconds until it is tried again.
    pub retry_in_seconds: Option<f64>,
}

/// All models, and the memory that they share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelStates {
    /// The models in the order of the configuration.
    pub models: Vec<ModelState>,
    /// Bytes of the loaded ones.
    pub memory_bytes: u64,
    /// Bytes that they may take together; null for any number.
    pub memory_budget_bytes: Option<u64>,
}

impl ModelState {
    fn of(model: &Model) -> Self {
        let status = model.status();
        Self {
            id: model.settings().id.clone(),
            state: status.stage,
            users: status.users,
            running: model.admission().running(),
            waiting: model.admission().waiting(),
            loads: status.loads,
            failure: status.failure,
            retry_in_seconds: status.retry_in.map(|left| left.as_secs_f64()),
        }
    }
}

/// Tells the states of all models
#[utoipa::path(
    get,
    path = "/admin/models",
    operation_id = "listModelStates",
    tag = "service",
    responses(
        (status = 200, description = "The models.", body = ModelStates),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
    ),
)]
pub async fn models(State(app): State<AppState>) -> Json<ModelStates> {
    let models = app.registry.iter().map(|model| ModelState::of(model));
    Json(ModelStates {
        models: models.collect(),
        memory_bytes: app.registry.memory().used(),
        memory_budget_bytes: app.registry.memory().budget(),
    })
}

/// Loads a model
///
/// Answers when it is loaded.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/load",
    operation_id = "loadModel",
    tag = "service",
    params(("id" = String, Path, description = "Name of the model, its slashes as `%2F`.", example = "receipt-nano")),
    responses(
        (status = 200, description = "It is loaded.", body = ModelState),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
        (status = 404, description = "There is none of that name.", body = ErrorBody),
        (status = 503, description = "It cannot be loaded.", body = ErrorBody),
    ),
)]
pub async fn load(
    State(app): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<ModelState>, Fault> {
    let model = app
        .registry
        .get(&id)
        .ok_or_else(|| Fault::unknown_model(&id))?;
    let lease = model.lease().await.map_err(|error| Fault::from(&error))?;
    drop(lease);
    Ok(Json(ModelState::of(model)))
}

/// Unloads a model
///
/// What runs on it is finished first; the answer does not wait for that. The next request for it loads it
/// again. One that could not be loaded may be tried again at once.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/unload",
    operation_id = "unloadModel",
    tag = "service",
    params(("id" = String, Path, description = "Name of the model, its slashes as `%2F`.", example = "receipt-nano")),
    responses(
        (status = 200, description = "It is unloaded, or drains.", body = ModelState),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 403, description = "Not from there.", body = ErrorBody),
        (status = 404, description = "There is none of that name.", body = ErrorBody),
    ),
)]
pub async fn unload(
    State(app): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<ModelState>, Fault> {
    let model = app
        .registry
        .get(&id)
        .ok_or_else(|| Fault::unknown_model(&id))?;
    model.unload();
    Ok(Json(ModelState::of(model)))
}

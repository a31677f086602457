//! `GET /health` and `GET /models` as in the old receipt service, and the probes for supervisors and load
//! balancers.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use crate::{app::App, engine::LoadProgress, registry::ModelStage};

/// The health of the gateway.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `healthy`.
    #[schema(example = "healthy")]
    pub status: &'static str,
    /// The model that reads receipts.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// True if that model is in memory.
    pub model_loaded: bool,
}

/// Checks that the gateway runs
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "getHealth",
    tag = "service",
    responses((status = 200, description = "The gateway runs.", body = Health)),
    security(()),
)]
pub async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    let model = app.registry.default_model();
    Json(Health {
        status: "healthy",
        model: model.settings().id.clone(),
        model_loaded: model.status().stage == ModelStage::Ready,
    })
}

/// The answer of a gateway that is alive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `alive`.
    #[schema(example = "alive")]
    pub status: &'static str,
}

/// Checks that the gateway is alive
///
/// For a supervisor that restarts the gateway when this check fails.
#[utoipa::path(
    get,
    path = "/health/live",
    operation_id = "getLiveness",
    tag = "service",
    responses((status = 200, description = "The gateway is alive.", body = Live)),
    security(()),
)]
pub async fn live() -> Json<Live> {
    Json(Live { status: "alive" })
}

/// The readiness of the gateway for requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` or `not ready`.
    #[schema(example = "ready")]
    pub status: &'static str,
    /// The default model, for requests that name none.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// State of that model; the next request loads one that is `unloaded`.
    #[schema(example = "ready", value_type = String)]
    pub state: ModelStage,
    /// Share of its files that is downloaded while it is `downloading`, or of its weights that is read while it is
    /// `loading`, 0 to 1; absent in other states, or while it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.421)]
    pub progress: Option<f64>,
}

/// Checks that the gateway is ready for requests
///
/// For a load balancer. The gateway is not ready while the default model is being downloaded or loaded, or after
/// it could not be loaded.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "getReadiness",
    tag = "service",
    responses(
        (status = 200, description = "The gateway is ready.", body = Readiness),
        (status = 503, description = "The gateway is not ready.", body = Readiness),
    ),
    security(()),
)]
pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let model = app.registry.default_model();
    let known = model.status();
    let state = known.stage;
    let (code, status) = match state {
        ModelStage::Ready | ModelStage::Unloaded | ModelStage::Draining => {
            (StatusCode::OK, "ready")
        }
        ModelStage::Downloading | ModelStage::Loading | ModelStage::Failed => {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        }
    };
    let model = model.settings().id.clone();
    let readiness = Readiness {
        status,
        model,
        state,
        progress: known.progress.map(LoadProgress::share),
    };
    (code, Json(readiness))
}

/// The names of the models.
#[derive(Debug, Serialize, ToSchema)]
pub struct Models {
    /// The model that reads receipts.
    #[schema(example = "receipt-nano")]
    pub current_model: String,
    /// All configured models that the key may use.
    pub recommended_models: Vec<String>,
}

/// Lists the names of the models
#[utoipa::path(
    get,
    path = "/models",
    operation_id = "listModelNames",
    tag = "service",
    responses((status = 200, description = "The names of the models.", body = Models)),
)]
pub async fn models(app: Caller) -> Json<Models> {
    Json(Models {
        current_model: app.registry.default_model().settings().id.clone(),
        recommended_models: app
            .registry
            .iter()
            .map(|m| m.settings().id.clone())
            .filter(|id| app.payer().may_use(id))
            .collect(),
    })
}

//! `GET /health` and `GET /models`, as the old receipt service had them, and what supervisors and load
//! balancers ask.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{caller::Caller, state::AppState};
use crate::registry::Stage;

/// Whether the gateway runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `healthy`.
    #[schema(example = "healthy")]
    pub status: &'static str,
    /// The model that reads receipts.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// Whether that model is in memory.
    pub model_loaded: bool,
}

/// Says that the gateway runs
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "getHealth",
    tag = "service",
    responses((status = 200, description = "It runs.", body = Health)),
    security(()),
)]
pub async fn health(State(app): State<AppState>) -> Json<Health> {
    let model = app.registry.default_model();
    Json(Health {
        status: "healthy",
        model: model.settings().id.clone(),
        model_loaded: model.status().stage == Stage::Ready,
    })
}

/// Whether it answers at all.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `alive`.
    #[schema(example = "alive")]
    pub status: &'static str,
}

/// Says that the gateway is alive
///
/// For whoever restarts it when it is not.
#[utoipa::path(
    get,
    path = "/health/live",
    operation_id = "getLiveness",
    tag = "service",
    responses((status = 200, description = "It is.", body = Live)),
    security(()),
)]
pub async fn live() -> Json<Live> {
    Json(Live { status: "alive" })
}

/// Whether requests are welcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` or `not ready`.
    #[schema(example = "ready")]
    pub status: &'static str,
    /// The model that answers requests that name none.
    #[schema(example = "receipt-nano")]
    pub model: String,
    /// Its state; one that is `unloaded` is loaded by the next request.
    #[schema(example = "ready", value_type = String)]
    pub state: Stage,
}

/// Says whether requests are welcome
///
/// For whoever spreads requests over several gateways: not while the model that answers requests that name
/// none is on its way into memory, or could not be loaded.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "getReadiness",
    tag = "service",
    responses(
        (status = 200, description = "They are.", body = Readiness),
        (status = 503, description = "They are not.", body = Readiness),
    ),
    security(()),
)]
pub async fn ready(State(app): State<AppState>) -> (StatusCode, Json<Readiness>) {
    let model = app.registry.default_model();
    let state = model.status().stage;
    let (code, status) = match state {
        Stage::Ready | Stage::Unloaded | Stage::Draining => (StatusCode::OK, "ready"),
        Stage::Downloading | Stage::Loading | Stage::Failed => {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        }
    };
    let model = model.settings().id.clone();
    let readiness = Readiness {
        status,
        model,
        state,
    };
    (code, Json(readiness))
}

/// Models by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Models {
    /// The model that reads receipts.
    #[schema(example = "receipt-nano")]
    pub current_model: String,
    /// All that are configured, and that the key may use.
    pub recommended_models: Vec<String>,
}

/// Names the models
#[utoipa::path(
    get,
    path = "/models",
    operation_id = "listModelNames",
    tag = "service",
    responses((status = 200, description = "The models.", body = Models)),
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

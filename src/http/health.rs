//! `GET /health` and `GET /models`, as the old receipt service had them.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::state::AppState;

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
    tag = "service",
    responses((status = 200, description = "It runs.", body = Health)),
    security(()),
)]
pub async fn health(State(app): State<AppState>) -> Json<Health> {
    let model = app.registry.default_model();
    Json(Health {
        status: "healthy",
        model: model.settings().id.clone(),
        model_loaded: model.is_loaded(),
    })
}

/// Models by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Models {
    /// The model that reads receipts.
    #[schema(example = "receipt-nano")]
    pub current_model: String,
    /// All that are configured.
    pub recommended_models: Vec<String>,
}

/// Names the models
#[utoipa::path(
    get,
    path = "/models",
    tag = "service",
    responses((status = 200, description = "The models.", body = Models)),
)]
pub async fn models(State(app): State<AppState>) -> Json<Models> {
    Json(Models {
        current_model: app.registry.default_model().settings().id.clone(),
        recommended_models: app
            .registry
            .iter()
            .map(|m| m.settings().id.clone())
            .collect(),
    })
}

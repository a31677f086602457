//! `GET /v1/models` and `GET /v1/models/{id}`; `openrouter` has OpenRouter's.

pub mod openrouter;

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    fault::{Fault, OpenAiErrorBody, OpenRouterErrorBody},
};
use crate::{presets::Preset, registry::Stage};

/// A model as OpenAI and OpenRouter list it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelObject {
    /// Name to ask for.
    #[schema(example = "qwen2-vl-2b")]
    pub id: String,
    /// Always `model`.
    #[schema(example = "model")]
    pub object: &'static str,
    /// Seconds since 1970 when the gateway started to list it.
    pub created: u64,
    /// Who made it.
    #[schema(example = "Qwen")]
    pub owned_by: String,
    /// The same as the id.
    pub name: String,
    /// What a name stands for that is not a model's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "qwen2-vl-2b; answers are of the schema invoice")]
    pub description: Option<String>,
    /// Tokens of prompt and answer together; known once the model is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_length: Option<usize>,
    /// `unloaded`, `downloading`, `loading`, `ready`, `draining` or `failed`.
    #[schema(example = "ready", value_type = String)]
    pub state: Stage,
    /// What it reads and writes.
    pub architecture: Architecture,
}

/// What a model reads and writes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Architecture {
    /// `text`, and `image` where it reads pictures; known once the model is loaded.
    pub input_modalities: Vec<&'static str>,
    /// Always `text`.
    pub output_modalities: Vec<&'static str>,
}

/// All models.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelList {
    /// Always `list`.
    #[schema(example = "list")]
    pub object: &'static str,
    /// The models in the order of the configuration, then the presets.
    pub data: Vec<ModelObject>,
}

impl ModelObject {
    fn new(preset: &Preset, created: u64) -> Self {
        let settings = preset.model.settings();
        let info = preset.model.loaded_info();
        Self {
            id: preset.id.clone(),
            object: "model",
            created,
            owned_by: settings.owner.clone(),
            name: preset.id.clone(),
            description: (preset.id != settings.id).then(|| preset.describe()),
            context_length: info.map(|info| info.context_length),
            state: preset.model.status().stage,
            architecture: Architecture {
                input_modalities: input_modalities(preset),
                output_modalities: vec!["text"],
            },
        }
    }
}

/// A model that is not loaded yet is taken to read pictures.
fn input_modalities(preset: &Preset) -> Vec<&'static str> {
    let info = preset.model.loaded_info();
    if info.is_none_or(|info| info.vision.is_some()) {
        vec!["text", "image"]
    } else {
        vec!["text"]
    }
}

fn get(app: &Caller, id: &str) -> Result<Json<ModelObject>, Fault> {
    let preset = app.preset(id)?;
    Ok(Json(ModelObject::new(&preset, app.started)))
}

/// Lists the models
#[utoipa::path(
    get,
    path = "/v1/models",
    operation_id = "listModels",
    tag = "openai",
    responses((status = 200, description = "The models.", body = ModelList)),
)]
pub async fn openai_list(app: Caller) -> Json<ModelList> {
    let data = app
        .presets()
        .map(|preset| ModelObject::new(&preset, app.started));
    Json(ModelList {
        object: "list",
        data: data.collect(),
    })
}

/// Describes a model
///
/// The name may hold slashes, sent as they are or as `%2F`.
#[utoipa::path(
    get,
    path = "/v1/models/{*id}",
    operation_id = "retrieveModel",
    tag = "openai",
    params(("id" = String, Path, description = "Name of the model.", example = "qwen2-vl-2b")),
    responses(
        (status = 200, description = "The model.", body = ModelObject),
        (status = 404, description = "There is none of that name, or the key may not use it.", body = OpenAiErrorBody),
    ),
)]
pub async fn openai_get(app: Caller, Path(id): Path<String>) -> Result<Json<ModelObject>, Fault> {
    get(&app, &id)
}

/// Describes a model
///
/// In OpenAI's form, for OpenAI's clients.
#[utoipa::path(
    get,
    path = "/api/v1/models/{*id}",
    operation_id = "retrieveModelOpenRouter",
    tag = "openrouter",
    params(("id" = String, Path, description = "Name of the model.", example = "qwen2-vl-2b")),
    responses(
        (status = 200, description = "The model.", body = ModelObject),
        (status = 404, description = "There is none of that name, or the key may not use it.", body = OpenRouterErrorBody),
    ),
)]
pub async fn openrouter_get(
    app: Caller,
    Path(id): Path<String>,
) -> Result<Json<ModelObject>, Fault> {
    get(&app, &id)
}

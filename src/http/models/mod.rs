//! `GET /v1/models` and `GET /v1/models/{id}`; OpenRouter's forms are in `openrouter`.

pub mod openrouter;

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    fault::{Fault, OpenAiErrorBody},
};
use crate::{
    presets::Preset,
    registry::{ModelStage, Reads},
};

/// A model in the form of OpenAI's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelObject {
    /// Name of the model for requests.
    #[schema(example = "qwen2-vl-2b")]
    pub id: String,
    /// Always `model`.
    #[schema(example = "model")]
    pub object: &'static str,
    /// Start of the gateway, in seconds since 1970.
    pub created: u64,
    /// The maker of the model.
    #[schema(example = "Qwen")]
    pub owned_by: String,
    /// The same as `id`.
    pub name: String,
    /// The model and schema behind the name of a preset; left out for a model's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "qwen2-vl-2b; answers are of the schema invoice")]
    pub description: Option<String>,
    /// Most tokens of the prompt and the answer together; known once the model is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_length: Option<usize>,
    /// State of the model: `unloaded`, `downloading`, `loading`, `ready`, `draining` or `failed`.
    #[schema(example = "ready", value_type = String)]
    pub state: ModelStage,
    /// Inputs and outputs of the model.
    pub architecture: Architecture,
}

/// Inputs and outputs of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct Architecture {
    /// `text`, and `image` if the model reads pictures; known once the model is loaded.
    pub input_modalities: Vec<&'static str>,
    /// Always `text`.
    pub output_modalities: Vec<&'static str>,
}

/// The list of models.
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

/// Returns the inputs of a model; one that is not loaded yet is assumed to read pictures. A model that reads page text
/// takes pictures too.
fn input_modalities(preset: &Preset) -> Vec<&'static str> {
    let info = preset.model.loaded_info();
    let sees = info.is_none_or(|info| info.vision.is_some());
    if sees || preset.model.settings().reads == Reads::PageText {
        vec!["text", "image"]
    } else {
        vec!["text"]
    }
}

/// Lists the models
#[utoipa::path(
    get,
    path = "/v1/models",
    operation_id = "listModels",
    tag = "openai",
    responses((status = 200, description = "All models and presets that the key may use.", body = ModelList)),
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
/// The name may contain slashes, sent as they are or as `%2F`.
#[utoipa::path(
    get,
    path = "/v1/models/{*id}",
    operation_id = "retrieveModel",
    tag = "openai",
    params(("id" = String, Path, description = "Name of the model.", example = "qwen2-vl-2b")),
    responses(
        (status = 200, description = "The model.", body = ModelObject),
        (status = 404, description = "The model does not exist, or the key may not use it.", body = OpenAiErrorBody),
    ),
)]
pub async fn openai_get(app: Caller, Path(id): Path<String>) -> Result<Json<ModelObject>, Fault> {
    let preset = app.preset(&id)?;
    Ok(Json(ModelObject::new(&preset, app.started)))
}

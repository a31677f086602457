//! `GET /api/v1/models` and `GET /api/v1/model/{author}/{slug}` in the form that OpenRouter's SDKs read: keys that
//! they require are null if nothing is known.

use axum::{Json, extract::Path};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        caller::Caller,
        fault::{Fault, OpenRouterErrorBody},
    },
    presets::Preset,
};

/// Request fields that affect a model's answer.
const PARAMETERS: [&str; 18] = [
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "min_p",
    "presence_penalty",
    "repetition_penalty",
    "response_format",
    "seed",
    "stop",
    "structured_outputs",
    "temperature",
    "tool_choice",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
];

/// The fields of [`PARAMETERS`] that a preset with a schema refuses or ignores.
const APART: [&str; 7] = [
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "stop",
    "tool_choice",
    "tools",
    "top_logprobs",
];

/// The fields of [`PARAMETERS`] that a model without instructions refuses or ignores.
const INSTRUCTING: [&str; 2] = ["tool_choice", "tools"];

/// A model in the form of OpenRouter's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterModel {
    /// Name of the model for requests.
    #[schema(example = "qwen2-vl-2b")]
    pub id: String,
    /// The same as `id`.
    pub canonical_slug: String,
    /// The same as `id`.
    pub name: String,
    /// Start of the gateway, in seconds since 1970.
    pub created: u64,
    /// Description of the model or preset.
    pub description: String,
    /// Most tokens of the prompt and the answer together; known once the model is loaded.
    #[schema(required)]
    pub context_length: Option<usize>,
    /// Inputs and outputs of the model.
    pub architecture: OpenRouterArchitecture,
    /// Prices per token.
    pub pricing: Pricing,
    /// The provider that runs the model.
    pub top_provider: TopProvider,
    /// Always null.
    #[schema(required)]
    pub per_request_limits: Option<()>,
    /// Request fields that affect the model's answers.
    pub supported_parameters: Vec<&'static str>,
    /// Always null.
    #[schema(required)]
    pub default_parameters: Option<()>,
    /// Always null.
    #[schema(required)]
    pub supported_voices: Option<()>,
    /// Addresses with more about the model.
    pub links: ModelLinks,
}

/// Inputs and outputs of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterArchitecture {
    /// `text+image->text` or `text->text`.
    #[schema(example = "text+image->text")]
    pub modality: &'static str,
    /// `text`, and `image` if the model reads pictures.
    pub input_modalities: Vec<&'static str>,
    /// Always `text`.
    pub output_modalities: Vec<&'static str>,
}

/// Prices per token in US dollars; all are 0.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pricing {
    /// Always `0`.
    pub prompt: &'static str,
    /// Always `0`.
    pub completion: &'static str,
}

/// The provider that runs a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopProvider {
    /// Always false.
    pub is_moderated: bool,
    /// The same as the model's.
    #[schema(required)]
    pub context_length: Option<usize>,
}

/// Addresses with more about a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelLinks {
    /// Path of this model on the gateway.
    pub details: String,
}

/// The list of models.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterModelList {
    /// Always `list`, for OpenAI's clients.
    pub object: &'static str,
    /// The models in the order of the configuration, then the presets.
    pub data: Vec<OpenRouterModel>,
    /// Number of models.
    pub total_count: usize,
    /// Links to other pages.
    pub links: PageLinks,
}

/// Links to other pages of a list; there are none.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageLinks {
    /// Always null.
    #[schema(required)]
    pub next: Option<String>,
}

/// The answer with one model.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterModelBody {
    /// The model.
    pub data: OpenRouterModel,
}

impl OpenRouterModel {
    fn new(preset: &Preset, created: u64) -> Self {
        let modalities = super::input_modalities(preset);
        let context_length = preset.model.loaded_info().map(|info| info.context_length);
        let takes_instructions = preset.model.settings().takes_instructions;
        let is_apart = |parameter: &&str| {
            preset.schema.is_some() && APART.contains(parameter)
                || !takes_instructions && INSTRUCTING.contains(parameter)
        };
        let mut supported_parameters = PARAMETERS.to_vec();
        supported_parameters.retain(|parameter| !is_apart(parameter));
        Self {
            id: preset.id.clone(),
            canonical_slug: preset.id.clone(),
            name: preset.id.clone(),
            created,
            description: preset.describe(),
            context_length,
            architecture: OpenRouterArchitecture {
                modality: if modalities.contains(&"image") {
                    "text+image->text"
                } else {
                    "text->text"
                },
                input_modalities: modalities,
                output_modalities: vec!["text"],
            },
            pricing: Pricing {
                prompt: "0",
                completion: "0",
            },
            top_provider: TopProvider {
                is_moderated: false,
                context_length,
            },
            per_request_limits: None,
            supported_parameters,
            default_parameters: None,
            supported_voices: None,
            links: ModelLinks {
                details: format!("/api/v1/model/{}", preset.id),
            },
        }
    }
}

/// Lists the models
#[utoipa::path(
    get,
    path = "/api/v1/models",
    operation_id = "listModelsOpenRouter",
    tag = "openrouter",
    responses((status = 200, description = "All models and presets that the key may use.", body = OpenRouterModelList)),
)]
pub async fn list(app: Caller) -> Json<OpenRouterModelList> {
    let data: Vec<_> = app
        .presets()
        .map(|preset| OpenRouterModel::new(&preset, app.started))
        .collect();
    Json(OpenRouterModelList {
        object: "list",
        total_count: data.len(),
        data,
        links: PageLinks { next: None },
    })
}

/// Describes a model
///
/// The name may contain slashes, sent as they are or as `%2F`.
#[utoipa::path(
    get,
    path = "/api/v1/model/{*id}",
    operation_id = "getModelOpenRouter",
    tag = "openrouter",
    params(("id" = String, Path, description = "Name of the model.", example = "qwen2-vl-2b")),
    responses(
        (status = 200, description = "The model.", body = OpenRouterModelBody),
        (status = 404, description = "The model does not exist, or the key may not use it.", body = OpenRouterErrorBody),
    ),
)]
pub async fn get(app: Caller, Path(id): Path<String>) -> Result<Json<OpenRouterModelBody>, Fault> {
    let preset = app.preset(&id)?;
    let data = OpenRouterModel::new(&preset, app.started);
    Ok(Json(OpenRouterModelBody { data }))
}

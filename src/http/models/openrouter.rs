//! `GET /api/v1/models` and `GET /api/v1/model/{author}/{slug}` as OpenRouter's SDKs read them: keys
//! that they ask for are there even where nothing is known, as null.

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

/// Request fields that act on a model's answer.
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

/// Of these, those that a preset with a schema refuses or ignores.
const APART: [&str; 7] = [
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "stop",
    "tool_choice",
    "tools",
    "top_logprobs",
];

/// And those that a model ignores or refuses that takes no instructions.
const INSTRUCTING: [&str; 2] = ["tool_choice", "tools"];

/// A model as OpenRouter lists it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterModel {
    /// Name to ask for.
    #[schema(example = "qwen2-vl-2b")]
    pub id: String,
    /// The same.
    pub canonical_slug: String,
    /// The same.
    pub name: String,
    /// Seconds since 1970 when the gateway started to list it.
    pub created: u64,
    /// What it stands for.
    pub description: String,
    /// Tokens of prompt and answer together; known once the model is loaded.
    #[schema(required)]
    pub context_length: Option<usize>,
    /// What it reads and writes.
    pub architecture: OpenRouterArchitecture,
    /// What it costs.
    pub pricing: Pricing,
    /// Who runs it.
    pub top_provider: TopProvider,
    /// Always null.
    #[schema(required)]
    pub per_request_limits: Option<()>,
    /// Request fields that act on its answers.
    pub supported_parameters: Vec<&'static str>,
    /// Always null.
    #[schema(required)]
    pub default_parameters: Option<()>,
    /// Always null.
    #[schema(required)]
    pub supported_voices: Option<()>,
    /// More about it.
    pub links: ModelLinks,
}

/// What a model reads and writes.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterArchitecture {
    /// `text+image->text` or `text->text`.
    #[schema(example = "text+image->text")]
    pub modality: &'static str,
    /// `text`, and `image` where it reads pictures.
    pub input_modalities: Vec<&'static str>,
    /// Always `text`.
    pub output_modalities: Vec<&'static str>,
}

/// What a token costs in US dollars: nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pricing {
    /// Always `0`.
    pub prompt: &'static str,
    /// Always `0`.
    pub completion: &'static str,
}

/// Who runs a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopProvider {
    /// Always false.
    pub is_moderated: bool,
    /// As the model's.
    #[schema(required)]
    pub context_length: Option<usize>,
}

/// Addresses that tell more.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelLinks {
    /// Of this model, below the gateway's own.
    pub details: String,
}

/// All models.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRouterModelList {
    /// Always `list`, for OpenAI's clients.
    pub object: &'static str,
    /// The models in the order of the configuration, then the presets.
    pub data: Vec<OpenRouterModel>,
    /// How many.
    pub total_count: usize,
    /// Other pages.
    pub links: PageLinks,
}

/// Other pages of a list: there are none.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageLinks {
    /// Always null.
    #[schema(required)]
    pub next: Option<String>,
}

/// One model.
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
    responses((status = 200, description = "The models.", body = OpenRouterModelList)),
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
/// The name may hold slashes, sent as they are or as `%2F`.
#[utoipa::path(
    get,
    path = "/api/v1/model/{*id}",
    operation_id = "getModelOpenRouter",
    tag = "openrouter",
    params(("id" = String, Path, description = "Name of the model.", example = "qwen2-vl-2b")),
    responses(
        (status = 200, description = "The model.", body = OpenRouterModelBody),
        (status = 404, description = "There is none of that name, or the key may not use it.", body = OpenRouterErrorBody),
    ),
)]
pub async fn get(app: Caller, Path(id): Path<String>) -> Result<Json<OpenRouterModelBody>, Fault> {
    let preset = app.preset(&id)?;
    let data = OpenRouterModel::new(&preset, app.started);
    Ok(Json(OpenRouterModelBody { data }))
}

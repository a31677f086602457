//! Models in the form that OpenRouter's SDKs read: keys that they require are null if nothing is known. Here is
//! `GET /api/v1/model/{author}/{slug}`; `listing` has the lists, and `endpoints` who runs a model.

pub mod endpoints;
pub mod listing;
mod pricing;

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

pub use pricing::Pricing;

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
    /// Prices of the model, of a preset's first one.
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
    /// Path of the model's endpoints on the gateway.
    pub details: String,
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
        Self {
            id: preset.id.clone(),
            canonical_slug: preset.id.clone(),
            name: preset.id.clone(),
            created,
            description: preset.describe(),
            context_length,
            architecture: OpenRouterArchitecture {
                modality: modality(&modalities),
                input_modalities: modalities,
                output_modalities: vec!["text"],
            },
            pricing: Pricing::of(preset.model.settings()),
            top_provider: TopProvider {
                is_moderated: false,
                context_length,
            },
            per_request_limits: None,
            supported_parameters: supported_parameters(preset),
            default_parameters: None,
            supported_voices: None,
            links: ModelLinks {
                details: format!("/api/v1/models/{}/endpoints", preset.id),
            },
        }
    }
}

/// Returns the request fields that affect the answers of a model or preset.
fn supported_parameters(preset: &Preset) -> Vec<&'static str> {
    let takes_instructions = preset.model.settings().takes_instructions;
    let is_apart = |parameter: &&str| {
        preset.schema.is_some() && APART.contains(parameter)
            || !takes_instructions && INSTRUCTING.contains(parameter)
    };
    let mut supported = PARAMETERS.to_vec();
    supported.retain(|parameter| !is_apart(parameter));
    supported
}

/// Returns OpenRouter's name for inputs with an output of text.
fn modality(inputs: &[&str]) -> &'static str {
    if inputs.contains(&"image") {
        "text+image->text"
    } else {
        "text->text"
    }
}

/// Finds the model or preset that an author and a slug name: by the name that both make, else by the slug, if the author
/// is the owner or the provider of its model. OpenRouter's clients cannot leave the author out, but names may lack one.
fn find(app: &Caller, name: &str) -> Result<Preset, Fault> {
    let by_slug = || {
        let (author, slug) = name.split_once('/')?;
        let preset = app.preset(slug).ok()?;
        let model = preset.model.settings();
        let is_author = |name: &str| name.eq_ignore_ascii_case(author);
        let is_of_author = is_author(&model.owner) || is_author(model.provider_name());
        is_of_author.then_some(preset)
    };
    app.preset(name).or_else(|fault| by_slug().ok_or(fault))
}

/// Describes a model
///
/// The name may contain slashes, sent as they are or as `%2F`, and may stand behind its owner or provider, as in
/// `receipt-gateway/receipt-nano`.
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
    let preset = find(&app, &id)?;
    let data = OpenRouterModel::new(&preset, app.started);
    Ok(Json(OpenRouterModelBody { data }))
}

//! `GET /api/v1/models/{author}/{slug}/endpoints`: the models behind a name, each at its provider.

use std::sync::Arc;

use axum::{
    Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Pricing, find, modality, supported_parameters};
use crate::{
    http::{
        caller::Caller,
        fault::{Fault, OpenRouterErrorBody},
        models::{input_modalities, openai_get},
    },
    presets::Preset,
    registry::Model,
};

/// The end of the route's path.
const SUFFIX: &str = "/endpoints";

/// The answer with the endpoints of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointsBody {
    /// The model with its endpoints.
    pub data: ModelEndpoints,
}

/// A model with its endpoints.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelEndpoints {
    /// Name of the model for requests.
    #[schema(example = "qwen2-vl-2b")]
    pub id: String,
    /// The same as `id`.
    pub name: String,
    /// Start of the gateway, in seconds since 1970.
    pub created: u64,
    /// Description of the model or preset.
    pub description: String,
    /// Inputs and outputs of the model.
    pub architecture: EndpointArchitecture,
    /// The models that answer under this name, in the order in which they are asked.
    pub endpoints: Vec<ModelEndpoint>,
}

/// Inputs and outputs of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointArchitecture {
    /// `text+image->text` or `text->text`.
    #[schema(example = "text+image->text")]
    pub modality: &'static str,
    /// `text`, and `image` if the model reads pictures.
    pub input_modalities: Vec<&'static str>,
    /// Always `text`.
    pub output_modalities: Vec<&'static str>,
    /// Always null.
    #[schema(required)]
    pub tokenizer: Option<String>,
    /// Always null.
    #[schema(required)]
    pub instruct_type: Option<String>,
}

/// A model at the provider that runs it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelEndpoint {
    /// The provider and the model.
    #[schema(example = "receipt-gateway | qwen2-vl-2b")]
    pub name: String,
    /// Id of the model in the configuration.
    #[schema(example = "qwen2-vl-2b")]
    pub model_id: String,
    /// The same as `model_id`.
    pub model_name: String,
    /// The provider that runs the model; `receipt-gateway` for the gateway itself.
    #[schema(example = "receipt-gateway")]
    pub provider_name: String,
    /// The same as `provider_name`.
    pub tag: String,
    /// Most tokens of the prompt and the answer together; 0 until the model is loaded, since this form requires a number.
    pub context_length: usize,
    /// Prices of the model.
    pub pricing: Pricing,
    /// Always null.
    #[schema(required)]
    pub quantization: Option<String>,
    /// Always null: only the context limits them.
    #[schema(required)]
    pub max_completion_tokens: Option<usize>,
    /// Always null: only the context limits them.
    #[schema(required)]
    pub max_prompt_tokens: Option<usize>,
    /// Request fields that affect the model's answers.
    pub supported_parameters: Vec<&'static str>,
    /// Whether the beginnings of prompts are kept; false for a provider's model, of which it is not known.
    pub supports_implicit_caching: bool,
    /// The values of `tool_choice` that the model takes.
    pub supports_tool_choice: ToolChoiceValues,
    /// Always false.
    pub supports_voice_cloning: bool,
    /// Always false.
    pub supports_diarization: bool,
    /// Always empty.
    #[schema(value_type = Object)]
    pub native_tools: serde_json::Map<String, serde_json::Value>,
    /// Always null.
    #[schema(required)]
    pub service_tier: Option<String>,
    /// Always null; `/metrics` has the times of answers.
    #[schema(required)]
    pub latency_last_30m: Option<()>,
    /// Always null.
    #[schema(required)]
    pub throughput_last_30m: Option<()>,
    /// Always null.
    #[schema(required)]
    pub uptime_last_5m: Option<f64>,
    /// Always null.
    #[schema(required)]
    pub uptime_last_30m: Option<f64>,
    /// Always null.
    #[schema(required)]
    pub uptime_last_1d: Option<f64>,
}

/// The values of `tool_choice` that a model takes.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "OpenRouter's form")]
pub struct ToolChoiceValues {
    /// The model decides.
    pub auto: bool,
    /// A function by its name.
    pub function: bool,
    /// No function.
    pub none: bool,
    /// At least one function.
    pub required: bool,
}

impl ModelEndpoints {
    fn new(preset: &Preset, created: u64) -> Self {
        let modalities = input_modalities(preset);
        Self {
            id: preset.id.clone(),
            name: preset.id.clone(),
            created,
            description: preset.describe(),
            architecture: EndpointArchitecture {
                modality: modality(&modalities),
                input_modalities: modalities,
                output_modalities: vec!["text"],
                tokenizer: None,
                instruct_type: None,
            },
            endpoints: preset
                .models()
                .map(|model| ModelEndpoint::new(preset, model))
                .collect(),
        }
    }
}

impl ModelEndpoint {
    fn new(preset: &Preset, model: &Arc<Model>) -> Self {
        let settings = model.settings();
        let provider = settings.provider_name();
        let supported_parameters = supported_parameters(&preset.with(model.clone()));
        let calls = supported_parameters.contains(&"tools");
        Self {
            name: format!("{provider} | {}", settings.id),
            model_id: settings.id.clone(),
            model_name: settings.id.clone(),
            provider_name: provider.to_owned(),
            tag: provider.to_owned(),
            context_length: model.loaded_info().map_or(0, |info| info.context_length),
            pricing: Pricing::of(settings),
            quantization: None,
            max_completion_tokens: None,
            max_prompt_tokens: None,
            supports_implicit_caching: settings.keeps_prompts,
            supports_tool_choice: ToolChoiceValues {
                auto: calls,
                function: calls,
                none: calls,
                required: calls,
            },
            supported_parameters,
            supports_voice_cloning: false,
            supports_diarization: false,
            native_tools: serde_json::Map::new(),
            service_tier: None,
            latency_last_30m: None,
            throughput_last_30m: None,
            uptime_last_5m: None,
            uptime_last_30m: None,
            uptime_last_1d: None,
        }
    }
}

/// Lists the endpoints of a model
///
/// The author and the slug together are the name of the model, which may contain more slashes, sent as they are or as
/// `%2F`. A model whose name has no slash is found under any author that is its owner or its provider, as in
/// `receipt-gateway/receipt-nano`, or without an author.
#[utoipa::path(
    get,
    path = "/api/v1/models/{author}/{slug}/endpoints",
    operation_id = "listEndpointsOpenRouter",
    tag = "openrouter",
    params(
        ("author" = String, Path, description = "First part of the model's name, or its owner.", example = "receipt-gateway"),
        ("slug" = String, Path, description = "The rest of the model's name.", example = "qwen2-vl-2b"),
    ),
    responses(
        (status = 200, description = "The model with its endpoints.", body = EndpointsBody),
        (status = 404, description = "The model does not exist, or the key may not use it.", body = OpenRouterErrorBody),
    ),
)]
pub async fn endpoints(app: Caller, Path(path): Path<String>) -> Result<Response, Fault> {
    // A wildcard stands at the end of a route, so that this route and that of one model are one.
    let name = path
        .strip_suffix(SUFFIX)
        .filter(|_| app.preset(&path).is_err());
    let Some(name) = name else {
        return Ok(openai_get(app, Path(path)).await?.into_response());
    };
    let preset = find(&app, name)?;
    let data = ModelEndpoints::new(&preset, app.started);
    Ok(Json(EndpointsBody { data }).into_response())
}

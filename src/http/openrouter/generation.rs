//! `GET /api/v1/generation`: what one answer took.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    http::StatusCode,
};
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    body,
    caller::Caller,
    fault::{Fault, OpenRouterErrorBody},
};
use crate::{generation::Cost, history::PastAnswer};

/// The answer to ask for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GenerationQuery {
    /// Id of an answer to a chat, a completion or a message, as it stands in the answer; or of a receipt, as it stands
    /// in `x-generation-id` and `meta.id`.
    #[param(example = "chatcmpl-2f1c", min_length = 1)]
    pub id: String,
}

/// The answer about a generation.
#[derive(Debug, Serialize, ToSchema)]
pub struct GenerationBody {
    /// The generation.
    pub data: GenerationData,
}

/// A generation in the form that OpenRouter's SDKs read.
#[derive(Debug, Serialize, ToSchema)]
pub struct GenerationData {
    /// Id of the answer.
    pub id: String,
    /// The requested model or preset.
    pub model: String,
    /// The provider that ran the model; `receipt-gateway` for the gateway itself, also where an e-invoice states a receipt
    /// and no model was asked.
    pub provider_name: String,
    /// Time of the request.
    #[schema(example = "2026-11-30T12:00:00.000Z")]
    pub created_at: String,
    /// Always `completions`.
    #[schema(example = "completions")]
    pub api_type: &'static str,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// Whether the client left before the end.
    pub cancelled: bool,
    /// Reason that the answer ended: `stop`, `length`, `tool_calls` or `error`; null if it did not end.
    #[schema(required)]
    pub finish_reason: Option<&'static str>,
    /// The same as `finish_reason`.
    #[schema(required)]
    pub native_finish_reason: Option<&'static str>,
    /// Milliseconds from the request to the beginning of the answer, which for a receipt sent as events is its first
    /// `partial`; null if nothing was sent.
    #[schema(required)]
    pub latency: Option<f64>,
    /// Milliseconds from the request to the end of the answer.
    pub generation_time: f64,
    /// Cost in US dollars, for a receipt of all attempts, and 0 from the cache; null if it is not known, because the
    /// provider states none and no prices are set, or because the answer did not end.
    #[schema(required)]
    pub total_cost: Option<f64>,
    /// The same as `total_cost`.
    #[schema(required)]
    pub usage: Option<f64>,
    /// Cost in US dollars that the model's own provider charges, if another one between states it.
    #[schema(required)]
    pub upstream_inference_cost: Option<f64>,
    /// Tokens of the prompt, for a receipt those of the attempt that gave the answer, also from the cache; null if the
    /// answer did not end.
    #[schema(required)]
    pub tokens_prompt: Option<usize>,
    /// Tokens of all answers, for a receipt as above; null if the answer did not end.
    #[schema(required)]
    pub tokens_completion: Option<usize>,
    /// The same as `tokens_prompt`.
    #[schema(required)]
    pub native_tokens_prompt: Option<usize>,
    /// The same as `tokens_completion`.
    #[schema(required)]
    pub native_tokens_completion: Option<usize>,
    /// Tokens taken from a cache; null if they are not known.
    #[schema(required)]
    pub native_tokens_cached: Option<usize>,
    /// Tokens generated to reason; null if they are not known.
    #[schema(required)]
    pub native_tokens_reasoning: Option<usize>,
    /// Always null.
    #[schema(required)]
    pub native_tokens_completion_images: Option<usize>,
    /// Pictures and other files of the request.
    pub num_media_prompt: usize,
    /// Always null.
    #[schema(required)]
    pub num_media_completion: Option<usize>,
    /// Always null.
    #[schema(required)]
    pub num_input_audio_prompt: Option<usize>,
    /// Always null.
    #[schema(required)]
    pub num_search_results: Option<usize>,
    /// Always null.
    #[schema(required)]
    pub num_fetches: Option<usize>,
    /// Always null.
    #[schema(required)]
    pub web_search_engine: Option<String>,
    /// Always null.
    #[schema(required)]
    pub cache_discount: Option<f64>,
    /// Always null.
    #[schema(required)]
    pub moderation_latency: Option<f64>,
    /// Always null.
    #[schema(required)]
    pub upstream_id: Option<String>,
    /// Always null.
    #[schema(required)]
    pub app_id: Option<u64>,
    /// Always empty: it is not kept.
    pub origin: &'static str,
    /// Always null: it is not kept.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Always null: it is not kept.
    #[schema(required)]
    pub http_referer: Option<String>,
    /// Always null: it is not kept.
    #[schema(required)]
    pub external_user: Option<String>,
    /// Always false: clients bring no keys of providers.
    pub is_byok: bool,
    /// Always null.
    #[schema(required)]
    pub preset_id: Option<String>,
    /// Always null.
    #[schema(required)]
    pub router: Option<String>,
    /// Always null.
    #[schema(required)]
    pub service_tier: Option<String>,
    /// Always null.
    #[schema(required)]
    pub provider_responses: Option<()>,
    /// Always `global`.
    #[schema(example = "global")]
    pub data_region: &'static str,
    /// Always null.
    #[schema(required)]
    pub workspace_id: Option<String>,
}

impl GenerationData {
    fn new(answer: &PastAnswer) -> Self {
        let usage = answer.usage;
        let cost = usage.and_then(|usage| usage.cost);
        let total = cost.map(|cost| Cost::number(cost.total));
        let prompt = usage.map(|usage| usage.prompt_tokens);
        let completion = usage.map(|usage| usage.completion_tokens);
        let milliseconds = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        Self {
            id: answer.id.clone(),
            model: answer.model.clone(),
            provider_name: answer.provider.clone(),
            created_at: answer.created.to_rfc3339_opts(SecondsFormat::Millis, true),
            api_type: "completions",
            streamed: answer.streamed,
            cancelled: answer.cancelled,
            finish_reason: answer.finish,
            native_finish_reason: answer.finish,
            latency: answer.latency.map(milliseconds),
            generation_time: milliseconds(answer.took),
            total_cost: total,
            usage: total,
            upstream_inference_cost: cost.and_then(|cost| cost.upstream).map(Cost::number),
            tokens_prompt: prompt,
            tokens_completion: completion,
            native_tokens_prompt: prompt,
            native_tokens_completion: completion,
            native_tokens_cached: usage.and_then(|usage| usage.cached_tokens),
            native_tokens_reasoning: usage.and_then(|usage| usage.reasoning_tokens),
            native_tokens_completion_images: None,
            num_media_prompt: answer.files,
            num_media_completion: None,
            num_input_audio_prompt: None,
            num_search_results: None,
            num_fetches: None,
            web_search_engine: None,
            cache_discount: None,
            moderation_latency: None,
            upstream_id: None,
            app_id: None,
            origin: "",
            user_agent: None,
            http_referer: None,
            external_user: None,
            is_byok: false,
            preset_id: None,
            router: None,
            service_tier: None,
            provider_responses: None,
            data_region: "global",
            workspace_id: None,
        }
    }
}

/// Describes an answer of the last hour
///
/// Answers to chats, completions and messages, and receipts that were read, are remembered for an hour, for the key that
/// asked, as far as there is room. A request that was refused, or failed before its answer began, has none.
#[utoipa::path(
    get,
    path = "/api/v1/generation",
    operation_id = "getGenerationOpenRouter",
    tag = "openrouter",
    params(GenerationQuery),
    responses(
        (status = 200, description = "What the answer took.", body = GenerationBody),
        (status = 400, description = "The id is missing.", body = OpenRouterErrorBody),
        (status = 404, description = "The answer does not exist, is forgotten, or is another key's.", body = OpenRouterErrorBody),
    ),
)]
pub async fn generation(
    caller: Caller,
    query: Result<Query<GenerationQuery>, QueryRejection>,
) -> Result<Json<GenerationBody>, Fault> {
    let GenerationQuery { id } = body::query(query)?;
    let answer = caller.history.find(&id, caller.payer().name());
    let answer = answer.ok_or_else(|| {
        let message = "There is no such answer of this key, or it is forgotten: answers are remembered for an hour, as \
                       far as there is room.";
        let mut fault = Fault::new(StatusCode::NOT_FOUND, "generation_not_found", message);
        fault.param = Some("id".to_owned());
        fault
    })?;
    Ok(Json(GenerationBody {
        data: GenerationData::new(&answer),
    }))
}

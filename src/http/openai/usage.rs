//! Token counts and costs, in OpenAI's form with OpenRouter's additions.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    generation::{Cost, CostParts, Usage},
    http::fault::Dialect,
};

/// Token counts of the prompt and the answers, and their cost.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct WireUsage {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens of all answers.
    pub completion_tokens: usize,
    /// Tokens of the prompt and the answers together.
    pub total_tokens: usize,
    /// Details of the prompt's tokens; left out if none are known, because clients expect all of them or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens_details: Option<PromptTokensDetails>,
    /// Details of the answers' tokens; left out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_tokens_details: Option<CompletionTokensDetails>,
    /// Cost in US dollars, as the provider states it or by the prices in the configuration. Left out if it is not known,
    /// and under `/v1` also if it is 0, as for a model that runs here without a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Parts of the cost, if they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_details: Option<CostDetailsBody>,
}

/// Details of the prompt's tokens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PromptTokensDetails {
    /// Tokens taken from the cache of an earlier prompt, here or by a provider, instead of being computed again; left
    /// out if a provider does not report them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<usize>,
}

/// Details of the answers' tokens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CompletionTokensDetails {
    /// Tokens generated to reason: 0 for a model that runs here; left out if a provider does not report them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<usize>,
    /// Tokens that the grammar forced; each shares the model's pass of the token before it. This field and `steps` are
    /// left out if a provider runs the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model, including the passes over the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
}

/// Parts of a cost in US dollars.
#[expect(clippy::struct_field_names, reason = "OpenRouter's names")]
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CostDetailsBody {
    /// Cost of the prompt, with its pictures.
    pub upstream_inference_prompt_cost: f64,
    /// Cost of the answers.
    pub upstream_inference_completions_cost: f64,
    /// Cost that the model's own provider charges, if another one between states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_inference_cost: Option<f64>,
}

impl CostDetailsBody {
    fn new(cost: Cost) -> Option<Self> {
        let CostParts { prompt, completion } = cost.parts?;
        Some(Self {
            upstream_inference_prompt_cost: Cost::number(prompt),
            upstream_inference_completions_cost: Cost::number(completion),
            upstream_inference_cost: cost.upstream.map(Cost::number),
        })
    }
}

/// Returns a cost, if a route of `dialect` tells it: OpenAI's clients expect none, so that a 0 would say nothing there.
pub fn told(cost: Option<Cost>, dialect: Dialect) -> Option<Cost> {
    cost.filter(|cost| dialect == Dialect::OpenRouter || !cost.total.is_zero())
}

impl WireUsage {
    /// Writes the usage of one answer, for a route of `dialect`.
    #[must_use]
    pub fn new(usage: Usage, dialect: Dialect) -> Self {
        let Usage {
            prompt_tokens,
            completion_tokens,
            cached_tokens,
            reasoning_tokens,
            writing,
            discarded: _,
            cost,
        } = usage;
        let cost = told(cost, dialect);
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
            prompt_tokens_details: cached_tokens.map(|_| PromptTokensDetails { cached_tokens }),
            completion_tokens_details: reasoning_tokens.map(|_| CompletionTokensDetails {
                reasoning_tokens,
                forced_tokens: writing.map(|writing| writing.forced_tokens),
                steps: writing.map(|writing| writing.passes),
            }),
            cost: cost.map(|cost| Cost::number(cost.total)),
            cost_details: cost.and_then(CostDetailsBody::new),
        }
    }
}

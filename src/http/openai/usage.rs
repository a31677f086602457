//! Token counts in OpenAI's form.

use serde::Serialize;
use utoipa::ToSchema;

use crate::generation::Usage;

/// Token counts of the prompt and the answers.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct WireUsage {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens of all answers.
    pub completion_tokens: usize,
    /// Tokens of the prompt and the answers together.
    pub total_tokens: usize,
    /// Details of the prompt's tokens.
    pub prompt_tokens_details: PromptTokensDetails,
    /// Details of the answers' tokens.
    pub completion_tokens_details: CompletionTokensDetails,
}

/// Details of the prompt's tokens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PromptTokensDetails {
    /// Tokens taken from the cache of an earlier prompt, here or by a provider, instead of being computed again.
    pub cached_tokens: usize,
}

/// Details of the answers' tokens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CompletionTokensDetails {
    /// Always 0.
    pub reasoning_tokens: usize,
    /// Tokens that the grammar forced; each shares the model's pass of the token before it. This field and `steps` are
    /// left out if a provider runs the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model, including the passes over the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
}

impl WireUsage {
    /// Writes the usage of one answer.
    #[must_use]
    pub fn new(usage: Usage) -> Self {
        let Usage {
            prompt_tokens,
            completion_tokens,
            cached_tokens,
            writing,
        } = usage;
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
            prompt_tokens_details: PromptTokensDetails { cached_tokens },
            completion_tokens_details: CompletionTokensDetails {
                reasoning_tokens: 0,
                forced_tokens: writing.map(|writing| writing.forced_tokens),
                steps: writing.map(|writing| writing.passes),
            },
        }
    }

    /// Adds up the usage of all answers to one request; the prompt counts once.
    pub fn sum(usages: impl IntoIterator<Item = Usage>) -> Self {
        let sum = usages.into_iter().reduce(|sum, usage| usage.and(sum));
        Self::new(sum.unwrap_or_default())
    }
}

//! The memory that a model takes, with a context that holds a picture, the prompt and an invoice.

use serde::Serialize;

use super::{facts::ModelFacts, names};
use crate::{
    config::ModelConfig,
    engine::{Dtype, weight_bytes},
};

/// Bytes of text that are a token of a prompt, at least.
const BYTES_PER_TOKEN: usize = 3;

/// Tokens of a page's text, for a model that is shown text.
const PAGE_TEXT_TOKENS: u64 = 2048;

/// Bytes beside weights and caches: what a pass computes, the page reader, and the gateway itself.
const WORK_BYTES: u64 = 512 << 20;

/// The bytes that a model takes, by what takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryNeeds {
    /// The tokens of the context: a picture or the text of a page, the prompt, and the longest answer.
    pub context_tokens: u64,
    /// The weights, quantised as they are loaded.
    pub weights_bytes: u64,
    /// The keys and values of `concurrency` contexts; `None` if the shape of the model is not known.
    pub contexts_bytes: Option<u64>,
    /// The kept beginnings of prompts.
    pub prompt_cache_bytes: u64,
    /// What else the gateway takes.
    pub work_bytes: u64,
    /// The sum, without contexts where their shape is not known.
    pub total_bytes: u64,
}

impl MemoryNeeds {
    /// Returns what `model` takes with numbers in `dtype`, and weights in `quantisation` if that is one of the engine's
    /// types; `None` if nothing tells how large it is.
    #[must_use]
    pub fn of(
        model: &ModelConfig,
        facts: &ModelFacts,
        dtype: Dtype,
        quantisation: Option<&str>,
    ) -> Option<Self> {
        let shape = facts.files.as_ref().and_then(|files| files.shape);
        let weights_bytes = match (facts.weights(model), &facts.files) {
            (Some(weights), _) => weight_bytes(weights, dtype, quantisation),
            (None, Some(files)) => files.bytes,
            (None, None) => names::download_bytes(model)?,
        };
        let page = facts.picture_tokens.unwrap_or(PAGE_TEXT_TOKENS);
        let prompt = facts.sizes.prompt_bytes.div_ceil(BYTES_PER_TOKEN) as u64;
        let whole = page + prompt + facts.sizes.answer_tokens as u64;
        let most = shape.and_then(|shape| shape.context).unwrap_or(u64::MAX);
        let context_tokens = whole.min(most);
        let contexts_bytes = shape.map(|shape| {
            let one = shape.bytes(context_tokens, dtype.bytes());
            one.saturating_mul(model.concurrency as u64)
        });
        let prompt_cache_bytes = model.prompt_cache_bytes;
        let parts = [contexts_bytes.unwrap_or(0), prompt_cache_bytes, WORK_BYTES];
        Some(Self {
            context_tokens,
            weights_bytes,
            contexts_bytes,
            prompt_cache_bytes,
            work_bytes: WORK_BYTES,
            total_bytes: parts.into_iter().fold(weights_bytes, u64::saturating_add),
        })
    }
}

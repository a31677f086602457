//! The memory that a model takes, with a context that holds a picture, the prompt and an invoice.

use serde::Serialize;

use super::facts::ModelFacts;
use crate::{config::ModelConfig, engine::Dtype};

/// Bytes of text that are a token of a prompt, at least.
const BYTES_PER_TOKEN: usize = 3;

/// Tokens of a page's text, for a model that is shown text.
const PAGE_TEXT_TOKENS: u64 = 2048;

/// Bytes beside weights and caches: what a pass computes, the page reader, and the gateway itself.
const WORK_BYTES: u64 = 512 << 20;

/// The most weights of a model for those that its name states: the names of the served families round down.
const OF_NAMED: (u64, u64) = (5, 4);

/// The bytes that a model takes, by what takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryNeeds {
    /// The tokens of the context: a picture or the text of a page, the prompt, and the longest answer.
    pub context_tokens: u64,
    /// The weights. Less once they are quantised.
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
    /// Returns what `model` takes with numbers in `dtype`; `None` if nothing tells how large it is.
    #[must_use]
    pub fn of(model: &ModelConfig, facts: &ModelFacts, dtype: Dtype) -> Option<Self> {
        let shape = facts.files.as_ref().and_then(|files| files.shape);
        let weights_bytes = match &facts.files {
            Some(files) => files.bytes_at(size(dtype)),
            None if model.gguf.is_empty() => named_weights(model)?.saturating_mul(size(dtype)),
            None => download_bytes(model)?,
        };
        let page = facts.picture_tokens.unwrap_or(PAGE_TEXT_TOKENS);
        let prompt = facts.sizes.prompt_bytes.div_ceil(BYTES_PER_TOKEN) as u64;
        let whole = page + prompt + facts.sizes.answer_tokens as u64;
        let most = shape.and_then(|shape| shape.context).unwrap_or(u64::MAX);
        let context_tokens = whole.min(most);
        let contexts_bytes = shape.map(|shape| {
            let one = shape.bytes(context_tokens, size(dtype));
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

/// Returns the bytes of a number.
fn size(dtype: Dtype) -> u64 {
    match dtype {
        Dtype::F32 => 4,
        Dtype::Auto | Dtype::Bf16 | Dtype::F16 => 2,
    }
}

/// Returns the most bytes that the download of a model has, by its name; `None` if the name does not tell.
#[must_use]
pub fn download_bytes(model: &ModelConfig) -> Option<u64> {
    let weights = named_weights(model)?;
    let sizes = model.gguf.iter().map(|file| {
        let file = file.to_lowercase();
        // Every quantised form has at most nine bits for a weight.
        if file.contains("f32") {
            weights.saturating_mul(4)
        } else if file.contains("f16") {
            weights.saturating_mul(2)
        } else {
            weights.saturating_mul(9) / 8
        }
    });
    Some(sizes.max().unwrap_or_else(|| weights.saturating_mul(2)))
}

/// Returns the most weights that a model has by its name: for `Qwen2-VL-2B` somewhat more than two billion.
fn named_weights(model: &ModelConfig) -> Option<u64> {
    let (more, than) = OF_NAMED;
    Some(millions(model.repo.as_deref()?)?.saturating_mul(1_000_000) / than * more)
}

/// Returns the millions of weights that a name states, as in `0.5B`, `2B` and `135M`.
#[must_use]
pub fn millions(name: &str) -> Option<u64> {
    let words = name.split(['/', '-', '_']);
    let sizes = words.filter_map(|word| {
        let (number, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
        let factor = match unit {
            "B" | "b" => 1000,
            "M" | "m" => 1,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let tenths = part.parse::<u64>().ok().filter(|tenths| *tenths < 10)?;
        let whole = whole.parse::<u64>().ok().filter(|whole| *whole < 10_000)?;
        Some((whole * 10 + tenths) * factor / 10)
    });
    sizes.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_state_sizes() {
        for (name, size) in [
            ("Qwen/Qwen2-VL-2B-Instruct", Some(2000)),
            ("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", Some(500)),
            ("acme/SmolLM2-135M", Some(135)),
            ("acme/model", None),
            ("acme/B-b", None),
            ("acme/99999999999999999999B", None),
            ("acme/ü", None),
        ] {
            assert_eq!(millions(name), size, "{name}");
        }
    }

    #[test]
    fn downloads_are_estimated_by_form() {
        let mut model = ModelConfig::from_repo("acme/Model-2B");
        assert_eq!(download_bytes(&model), Some(5_000_000_000));
        model.gguf = vec!["model-q4_k_m.gguf".into()];
        assert_eq!(download_bytes(&model), Some(2_812_500_000));
        model.gguf = vec!["model-F16.gguf".into()];
        assert_eq!(download_bytes(&model), Some(5_000_000_000));
        assert_eq!(download_bytes(&ModelConfig::from_repo("acme/model")), None);
    }
}

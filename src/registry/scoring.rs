//! The probabilities that a model gives to texts that it did not choose itself.

use std::sync::Arc;

use futures::future::try_join_all;
use thiserror::Error;

use super::{Completed, Model, ModelError, Ticket};
use crate::{
    generation::{FinishReason, Generation, Logprobs, Sampling},
    grammar::only,
};

/// Most texts of one request that are scored at the same time. A pass computes up to 256 tokens of each, and their
/// logits over the whole vocabulary lie in memory together.
const AT_ONCE: usize = 2;

/// Reason why texts could not be scored.
#[derive(Debug, Error)]
pub enum ScoreError {
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model wrote something else: the text does not fit its context, or nothing held it to the text.
    #[error("the model wrote another text than the one to be scored")]
    Strayed,
}

/// Has `model` write each of `texts` as the answer to `generation`'s prompt, and returns them in order with every
/// token's own log-probability. A text takes a few passes of the model, and little of its prompt is computed again where
/// the engine keeps prompts.
///
/// # Errors
/// The first [`ScoreError`]. Dropping the future cancels what runs.
pub async fn score(
    model: &Arc<Model>,
    generation: &Generation,
    texts: &[&str],
    ticket: &Ticket,
) -> Result<Vec<Completed>, ScoreError> {
    let at_once = AT_ONCE.min(model.settings().admission.concurrency).max(1);
    let mut scored = Vec::with_capacity(texts.len());
    for texts in texts.chunks(at_once) {
        let texts = texts.iter();
        let scoring: Vec<_> = texts
            .map(|text| score_one(model, generation, text, ticket))
            .collect();
        scored.extend(try_join_all(scoring).await?);
    }
    Ok(scored)
}

async fn score_one(
    model: &Arc<Model>,
    generation: &Generation,
    text: &str,
    ticket: &Ticket,
) -> Result<Completed, ScoreError> {
    let answer = model.generate(forced(generation, text), ticket).await?;
    let scored = answer.complete().await?;
    let has_strayed = scored.text != text || scored.reason != FinishReason::Stop;
    let is_scored = scored.tokens.iter().all(|token| token.logprob.is_some());
    if has_strayed || !is_scored {
        return Err(ScoreError::Strayed);
    }
    Ok(scored)
}

/// Returns a generation that can only write `text`.
fn forced(generation: &Generation, text: &str) -> Generation {
    Generation {
        sampling: Sampling::greedy(),
        // A token has one byte at least, and another one ends the text.
        max_tokens: text.len() + 1,
        grammar: only(text),
        logprobs: Logprobs::All,
        top_logprobs: 0,
        ..generation.clone()
    }
}

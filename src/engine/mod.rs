//! What the gateway asks of an inference engine, and the engines that it has.
//!
//! The rest of the gateway knows [`Engine`] alone; [`mistral`] is the one file that names
//! mistral.rs.

pub mod mistral;
mod special_tokens;

use async_trait::async_trait;
use serde::Serialize;
use thiserror::Error;
use tokio::sync::mpsc;

use crate::{
    chat::{Event, Generation},
    image::PatchGrid,
};

/// A loaded model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    /// Tokens of prompt and answer together, at most.
    pub context_length: usize,
    /// How pictures are cut into patches; `None` for a model that reads text alone.
    pub vision: Option<PatchGrid>,
    /// Where the weights run: `cpu`, `metal` or `cuda`.
    pub device: String,
}

/// Why an engine could not answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The request does not suit the model.
    #[error("{0}")]
    Invalid(String),
    /// The prompt leaves no room for an answer in the model's context.
    #[error(
        "The prompt takes {prompt} tokens, of which pictures {pictures}; the model's context holds \
         {context} tokens, and the answer needs room too."
    )]
    ContextOverflow {
        /// Tokens of the prompt.
        prompt: usize,
        /// Those of pictures among them.
        pictures: usize,
        /// Tokens that the context holds.
        context: usize,
    },
    /// The model failed while it ran.
    #[error("The model failed: {0}")]
    Failed(String),
    /// The engine stopped before the end of the answer.
    #[error("The engine stopped before the answer was complete.")]
    Stopped,
}

/// A generation under way. Dropping it cancels the generation after its current step.
#[derive(Debug)]
pub struct Generating {
    /// Tokens of the prompt, those of pictures included.
    pub prompt_tokens: usize,
    /// What happens, in order.
    pub events: mpsc::Receiver<Result<Event, EngineError>>,
}

/// A model that is ready to generate.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Facts about the model.
    fn info(&self) -> &ModelInfo;

    /// Starts a generation.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] and [`EngineError::ContextOverflow`] where the request cannot be
    /// run at all; later faults arrive among the events.
    async fn generate(&self, generation: Generation) -> Result<Generating, EngineError>;

    /// Tokens of `text` in this model's vocabulary, special tokens in it taken as text.
    ///
    /// # Errors
    /// [`EngineError::Failed`] where the tokenizer does.
    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError>;
}

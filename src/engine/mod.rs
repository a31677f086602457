//! What the gateway asks of an inference engine, and the engines that it has.
//!
//! The rest of the gateway knows [`Engine`] alone; `mistral` is the one file that names mistral.rs, and
//! `remote` asks providers over HTTP.

#[cfg(feature = "engine")]
mod mistral;
pub mod remote;
mod shared;
#[cfg(feature = "engine")]
mod special_tokens;

use std::{fmt, path::Path, sync::Arc};

use async_trait::async_trait;
use futures::{Stream, StreamExt, stream::BoxStream};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    chat::{Event, Generation},
    image::PatchGrid,
};
use remote::UpstreamFault;
pub use shared::SharedEngines;

/// Number format of the weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// bf16 where the device has it, else f16, else f32.
    #[default]
    Auto,
    /// bfloat16.
    Bf16,
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
}

/// Where the weights run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// Metal or CUDA where the build has it, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
}

/// What to load and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoadSettings {
    /// Names of GGUF files in the folder; empty for safetensors.
    pub gguf: Vec<String>,
    /// Number format of the weights.
    pub dtype: Dtype,
    /// In-situ quantisation, `Q4K`, `8` and so on.
    pub isq: Option<String>,
    /// Where the weights run.
    pub device: Device,
    /// Sequences in a batch, at most.
    pub max_batch: usize,
    /// Whether tokens that a grammar leaves no choice about are computed together with the token before them,
    /// rather than each in a pass of its own.
    pub forced_tokens: bool,
    /// Bytes that the keys and values of prompts' beginnings may take, kept for the prompts that begin
    /// the same; 0 keeps none.
    pub prompt_cache_bytes: u64,
}

/// Loads the model in `folder`. Takes seconds to minutes and the memory of its weights.
///
/// # Errors
/// [`EngineError::Failed`] with the loader's words.
#[cfg(feature = "engine")]
pub async fn load(folder: &Path, settings: &LoadSettings) -> Result<Arc<dyn Engine>, EngineError> {
    Ok(Arc::new(
        mistral::MistralEngine::load(folder, settings).await?,
    ))
}

/// Loads nothing: this build has no engine.
///
/// # Errors
/// Always.
#[cfg(not(feature = "engine"))]
#[expect(clippy::unused_async, reason = "as it is where there is an engine")]
pub async fn load(folder: &Path, _: &LoadSettings) -> Result<Arc<dyn Engine>, EngineError> {
    let folder = folder.display();
    let reason = format!("{folder}: the gateway was built without an engine");
    Err(EngineError::Failed(reason))
}

/// A loaded model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    /// Tokens of prompt and answer together, at most.
    pub context_length: usize,
    /// How pictures are cut into patches; `None` for a model that reads text alone.
    pub vision: Option<PatchGrid>,
    /// Where the weights run: `cpu`, `metal`, `cuda`, or the name of a provider.
    pub device: String,
}

/// Why an engine could not answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The request does not suit the model.
    #[error("{0}")]
    Invalid(String),
    /// The prompt leaves no room for an answer in the model's context.
    /// Clients know it by OpenAI's words.
    #[error("{}", overflow(*context, *prompt, *pictures))]
    ContextOverflow {
        /// Tokens of the prompt.
        prompt: usize,
        /// Those of pictures among them.
        pictures: usize,
        /// Tokens that the context holds.
        context: usize,
    },
    /// The provider that runs the model gave no answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamFault),
    /// The model failed while it ran.
    #[error("The model failed: {0}")]
    Failed(String),
    /// The engine stopped before the end of the answer.
    #[error("The engine stopped before the answer was complete.")]
    Stopped,
}

/// What OpenAI says of a prompt that is too long, and where the most of it may lie.
fn overflow(context: usize, prompt: usize, pictures: usize) -> String {
    let words = format!(
        "This model's maximum context length is {context} tokens. However, your messages resulted in {prompt} \
         tokens. Please reduce the length of the messages."
    );
    match pictures {
        0 => words,
        _ => format!("{words} Pictures take {pictures} of the tokens."),
    }
}

/// A generation under way. Dropping it cancels the generation after its current step.
#[derive(Debug)]
pub struct Generating {
    /// Tokens of the prompt, those of pictures included.
    pub prompt_tokens: usize,
    /// What happens.
    pub events: Events,
}

/// What happens in a generation, in order; its end, or a fault, comes last.
pub struct Events(BoxStream<'static, Result<Event, EngineError>>);

impl Events {
    /// Those of `stream`, which does its work as it is asked for the next.
    pub fn of(stream: impl Stream<Item = Result<Event, EngineError>> + Send + 'static) -> Self {
        Self(stream.boxed())
    }

    /// The next.
    pub async fn recv(&mut self) -> Option<Result<Event, EngineError>> {
        self.0.next().await
    }
}

/// Those that another task sends.
impl From<mpsc::Receiver<Result<Event, EngineError>>> for Events {
    fn from(events: mpsc::Receiver<Result<Event, EngineError>>) -> Self {
        Self::of(ReceiverStream::new(events))
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
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

    /// Bytes that the kept beginnings of prompts take now.
    fn prompt_cache_used(&self) -> u64 {
        0
    }
}

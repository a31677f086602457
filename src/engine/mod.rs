//! The interface to inference engines, and the engines of the gateway.
//!
//! The rest of the gateway only knows [`Engine`]. `mistral` alone names mistral.rs, and `remote`
//! asks providers over HTTP.

mod files;
#[cfg(feature = "engine")]
mod mistral;
mod quantisation;
pub mod remote;
mod shared;
#[cfg(feature = "engine")]
mod special_tokens;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use futures::{Stream, StreamExt, stream::BoxStream};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    generation::{Event, Generation, Prompt},
    image::PatchGrid,
};
pub use files::{CacheShape, ModelFiles};
pub use quantisation::{FloatWeights, MEMORY_SHARE, Quantisation, weight_bytes};
use remote::UpstreamFault;
pub use shared::SharedEngines;

/// Number format of the weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// bf16 if the device supports it, else f16, else f32.
    #[default]
    Auto,
    /// bfloat16.
    Bf16,
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
}

impl Dtype {
    /// Returns its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
            Self::F32 => "f32",
        }
    }

    /// Returns the bytes of a number; `auto` never is f32 on the devices of today.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::Auto | Self::Bf16 | Self::F16 => 2,
        }
    }
}

/// The device for the weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// Metal or CUDA if the build supports it, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
}

/// The settings of loading a model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoadSettings {
    /// Names of GGUF files in the folder; empty for safetensors.
    pub gguf: Vec<String>,
    /// Number format of the weights.
    pub dtype: Dtype,
    /// In-situ quantisation, `Q4K`, `8` and so on.
    pub isq: Option<String>,
    /// Jinja file with the form of chats; the model's own if left out.
    pub chat_template: Option<PathBuf>,
    /// The device for the weights.
    pub device: Device,
    /// Maximum number of sequences in a batch.
    pub max_batch: usize,
    /// Computes tokens about which the grammar leaves no choice together with the token before
    /// them, instead of each in its own pass.
    pub forced_tokens: bool,
    /// Maximum bytes of cached keys and values of prompt prefixes, for prompts with the same
    /// prefix; 0 caches none.
    pub prompt_cache_bytes: u64,
}

/// The progress of downloading or reading a model's weights, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadProgress {
    /// Bytes received or read.
    pub read: u64,
    /// Bytes in all.
    pub total: u64,
}

impl LoadProgress {
    /// Returns the share received or read, 0 to 1 in steps of a thousandth.
    #[must_use]
    pub fn share(self) -> f64 {
        let thousandths = self.read.saturating_mul(1000) / self.total.max(1);
        f64::from(u32::try_from(thousandths.min(1000)).unwrap_or_default()) / 1000.
    }
}

/// Loads the model in `folder`. Takes seconds to minutes and the memory of its weights.
///
/// # Errors
/// [`EngineError::Failed`] with the loader's message.
#[cfg(feature = "engine")]
pub async fn load(folder: &Path, settings: &LoadSettings) -> Result<Arc<dyn Engine>, EngineError> {
    Ok(Arc::new(
        mistral::MistralEngine::load(folder, settings).await?,
    ))
}

/// Returns the progress of reading the model in `folder`; `None` while it is not being read.
#[cfg(feature = "engine")]
#[must_use]
pub fn progress(folder: &Path, settings: &LoadSettings) -> Option<LoadProgress> {
    mistral::progress(folder, settings)
}

/// Returns `None`: this build has no engine.
#[cfg(not(feature = "engine"))]
#[must_use]
pub fn progress(_: &Path, _: &LoadSettings) -> Option<LoadProgress> {
    None
}

/// Fails, because this build has no engine.
///
/// # Errors
/// Always.
#[cfg(not(feature = "engine"))]
#[expect(clippy::unused_async, reason = "as in a build with an engine")]
pub async fn load(folder: &Path, _: &LoadSettings) -> Result<Arc<dyn Engine>, EngineError> {
    let folder = folder.display();
    let reason = format!("{folder}: this gateway has no engine; build it with default features");
    Err(EngineError::Failed(reason))
}

/// The devices that the engine of this build can use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineFacts {
    /// Whether this build has an engine.
    pub has_engine: bool,
    /// The accelerator that models are put on by default; `None` for the CPU.
    pub accelerator: Option<DeviceFacts>,
    /// The reason that an accelerator of this build cannot be used.
    pub fault: Option<String>,
    /// The number format that `auto` stands for on the CPU.
    pub cpu_dtype: Option<Dtype>,
}

/// A device other than the CPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFacts {
    /// `metal` or `cuda`.
    pub name: String,
    /// All of its memory that a program may take.
    pub total_bytes: Option<u64>,
    /// The part of it that is free.
    pub available_bytes: Option<u64>,
    /// The number format that `auto` stands for on it.
    pub dtype: Option<Dtype>,
}

/// Returns the devices that the engine can use. Loads nothing.
#[cfg(feature = "engine")]
#[must_use]
pub fn facts() -> EngineFacts {
    mistral::facts()
}

/// Returns the facts of no engine.
#[cfg(not(feature = "engine"))]
#[must_use]
pub fn facts() -> EngineFacts {
    EngineFacts::default()
}

/// The properties of a loaded model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelInfo {
    /// Maximum number of tokens of prompt and answer together.
    pub context_length: usize,
    /// The patch grid for pictures; `None` for a model of text alone.
    pub vision: Option<PatchGrid>,
    /// The device of the weights: `cpu`, `metal`, `cuda`, or the name of a provider.
    pub device: String,
    /// The engine's type that the weights were quantised to while they were loaded.
    pub quantisation: Option<String>,
}

/// An error of an engine.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The request does not suit the model.
    #[error("{0}")]
    Invalid(String),
    /// The prompt leaves no room for an answer in the model's context. The text is OpenAI's, which
    /// clients recognise.
    #[error("{}", overflow(*context, *prompt, *pictures))]
    ContextOverflow {
        /// Tokens of the prompt.
        prompt: usize,
        /// Tokens of pictures among them.
        pictures: usize,
        /// Tokens of the context.
        context: usize,
    },
    /// The provider of the model gave no answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamFault),
    /// The model failed while it ran.
    #[error("The model failed: {0}")]
    Failed(String),
    /// The engine stopped before the end of the answer.
    #[error("The engine stopped before the answer was complete. Send the request again.")]
    Stopped,
}

/// Returns OpenAI's message for a prompt that is too long, with the share of pictures.
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
    /// The events of the generation.
    pub events: Events,
}

/// The events of a generation in order; its end or an error comes last.
pub struct Events(BoxStream<'static, Result<Event, EngineError>>);

impl Events {
    /// Creates events from `stream`, which produces each event on demand.
    pub fn of(stream: impl Stream<Item = Result<Event, EngineError>> + Send + 'static) -> Self {
        Self(stream.boxed())
    }

    /// Returns the next event.
    pub async fn recv(&mut self) -> Option<Result<Event, EngineError>> {
        self.0.next().await
    }
}

/// Creates events from those that another task sends.
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

/// A loaded model.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Returns the properties of the model.
    fn info(&self) -> &ModelInfo;

    /// Starts a generation.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] and [`EngineError::ContextOverflow`] if the request cannot be run
    /// at all; later errors arrive among the events.
    async fn generate(&self, generation: Generation) -> Result<Generating, EngineError>;

    /// Counts the tokens of `text` in this model's vocabulary, with special tokens taken as text.
    ///
    /// # Errors
    /// [`EngineError::Failed`] if the tokenizer fails.
    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError>;

    /// Counts the tokens of `prompt` as [`Self::generate`] does, those of pictures included; `None` if only the model's
    /// provider can count them.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] if the prompt does not suit the model.
    async fn count_prompt(&self, _prompt: &Prompt) -> Result<Option<usize>, EngineError> {
        Ok(None)
    }

    /// Returns the bytes that cached prompt prefixes take now.
    fn prompt_cache_used(&self) -> u64 {
        0
    }
}

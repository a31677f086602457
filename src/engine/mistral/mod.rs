//! Implements [`Engine`] with mistral.rs: loads a model folder, and translates requests and responses.
//!
//! This is the only module that names the crate. Downloads are left to `hub`, admission to `registry`
//! and pictures to `image`: pictures already lie on the model's patch grid here.

mod device;
mod events;
mod request;

use std::path::Path;

use async_trait::async_trait;
use mistralrs::{
    Constraint, GgufModelBuilder, Model, ModelBuilder, ModelCategory, ModelDType, NormalRequest,
    Request, TextMessageRole, TextMessages,
    core::{ForcedTokens, weights},
    error::Error as SdkError,
    parse_isq_value,
};
use serde::Deserialize;
use tokio::{runtime::Handle, sync::mpsc};

pub(super) use device::facts;

use super::{
    Device, Dtype, Engine, EngineError, Generating, LoadProgress, LoadSettings, ModelInfo,
    special_tokens::SpecialTokens,
};
use crate::{
    generation::{Generation, Grammar, Logprobs, Message, Prompt, Role},
    grammar::{once, written},
    image::PatchGrid,
};

/// Additional capacity of the response channel beyond one response for each token. The engine
/// stalls every sequence while one channel is full, so this one never is.
const SPARE_RESPONSES: usize = 8;

/// A model loaded by mistral.rs.
pub struct MistralEngine {
    model: Model,
    info: ModelInfo,
    special_tokens: SpecialTokens,
    forced_tokens: bool,
}

impl MistralEngine {
    /// Loads the model in `folder`. Takes seconds to minutes and the memory of its weights.
    ///
    /// # Errors
    /// [`EngineError::Failed`] with the loader's message.
    pub async fn load(folder: &Path, settings: &LoadSettings) -> Result<Self, EngineError> {
        let chat_template = chat_template(settings)?;
        let model = if settings.gguf.is_empty() {
            let mut builder = ModelBuilder::new(folder.display())
                .with_dtype(match settings.dtype {
                    Dtype::Auto => ModelDType::Auto,
                    Dtype::Bf16 => ModelDType::BF16,
                    Dtype::F16 => ModelDType::F16,
                    Dtype::F32 => ModelDType::F32,
                })
                .with_max_num_seqs(settings.max_batch)
                .with_prefix_cache_n(prompt_cache(settings));
            if settings.device == Device::Cpu {
                builder = builder.with_force_cpu();
            }
            if let Some(isq) = &settings.isq {
                let device = mistralrs::best_device(settings.device == Device::Cpu)
                    .map_err(|error| EngineError::Failed(error.to_string()))?;
                let isq = parse_isq_value(isq, Some(&device)).map_err(EngineError::Invalid)?;
                builder = builder.with_isq(isq);
            }
            if let Some(file) = chat_template {
                builder = builder.with_jinja_explicit(file);
            }
            on_own_thread(builder.build()).await
        } else {
            let mut builder = GgufModelBuilder::new(folder.display(), settings.gguf.clone())
                .with_max_num_seqs(settings.max_batch)
                .with_prefix_cache_n(prompt_cache(settings));
            if settings.device == Device::Cpu {
                builder = builder.with_force_cpu();
            }
            if let Some(file) = chat_template {
                builder = builder.with_jinja_explicit(file);
            }
            on_own_thread(builder.build()).await
        }
        .map_err(|error| EngineError::Failed(format!("{error:#}")))?;

        let config = model
            .config()
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        let reads_pictures = matches!(config.category, ModelCategory::Multimodal { .. });
        let vision = if reads_pictures {
            Some(
                PatchGrid::from_folder(folder)
                    .map_err(|error| EngineError::Failed(error.to_string()))?,
            )
        } else {
            None
        };
        let device = match config.device {
            mistralrs::Device::Cpu => "cpu",
            mistralrs::Device::Cuda(_) => "cuda",
            mistralrs::Device::Metal(_) => "metal",
        };
        Ok(Self {
            info: ModelInfo {
                context_length: config.max_seq_len.unwrap_or(4096),
                vision,
                device: device.to_owned(),
                quantisation: settings.isq.clone(),
            },
            special_tokens: special_tokens(folder),
            forced_tokens: settings.forced_tokens,
            model,
        })
    }

    /// Counts the tokens that pictures take beyond their placeholders.
    fn pictures(&self, messages: &[Message]) -> Result<usize, EngineError> {
        let mut pictures = messages.iter().flat_map(Message::pictures).peekable();
        match self.info.vision {
            Some(grid) => Ok(pictures.map(|picture| grid.tokens(picture) - 1).sum()),
            None if pictures.peek().is_none() => Ok(0),
            None => Err(EngineError::Invalid("This model reads no pictures.".into())),
        }
    }

    /// Counts the tokens of the prompt, and those of pictures among them.
    async fn size(&self, prompt: &Prompt) -> Result<(usize, usize), EngineError> {
        let (text, pictures) = match prompt {
            Prompt::Text(text) => (
                either::Either::Right(self.special_tokens.neutralise(text)),
                0,
            ),
            Prompt::Chat(messages) => {
                let mut text = TextMessages::new();
                for message in messages {
                    let role = match message.role {
                        Role::System => TextMessageRole::System,
                        Role::User => TextMessageRole::User,
                        Role::Assistant => TextMessageRole::Assistant,
                    };
                    text = text.add_message(role, request::content(&self.special_tokens, message));
                }
                (either::Either::Left(text), self.pictures(messages)?)
            }
        };
        let is_chat = text.is_left();
        let ids = self
            .model
            .tokenize(text, None, true, is_chat, None)
            .await
            .map_err(|error| match error {
                // The engine ended meanwhile, which is no fault of the prompt.
                SdkError::Channel(_) => EngineError::Stopped,
                other => EngineError::Invalid(other.to_string()),
            })?;
        Ok((ids.len() + pictures, pictures))
    }

    /// Counts the tokens of the prompt, and those that its answer may have.
    async fn measure(&self, prompt: &Prompt) -> Result<(usize, usize), EngineError> {
        let (prompt, pictures) = self.size(prompt).await?;
        match self.info.context_length.checked_sub(prompt) {
            Some(room) if room > 0 => Ok((prompt, room)),
            _ => Err(EngineError::ContextOverflow {
                prompt,
                pictures,
                context: self.info.context_length,
            }),
        }
    }
}

#[async_trait]
impl Engine for MistralEngine {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(&self, generation: Generation) -> Result<Generating, EngineError> {
        let Generation {
            prompt,
            sampling,
            max_tokens,
            grammar,
            // Those of drawn tokens are always returned.
            logprobs,
            top_logprobs,
            // The prompt describes them.
            tools: _,
        } = generation;
        let (prompt_tokens, room) = self.measure(&prompt).await?;
        let max_tokens = max_tokens.min(room);
        let capacity = max_tokens + SPARE_RESPONSES;
        let (response, responses) = mpsc::channel(capacity);
        let mut sampling_params = request::sampling_params(&sampling, max_tokens, top_logprobs);
        sampling_params.forced_tokens = match (self.forced_tokens, logprobs) {
            (false, _) => ForcedTokens::Single,
            (true, Logprobs::None | Logprobs::Drawn) => ForcedTokens::Appended,
            (true, Logprobs::All) => ForcedTokens::Scored,
        };
        let request = Request::Normal(Box::new(NormalRequest {
            messages: request::message(&self.special_tokens, &prompt),
            logits_processors: request::logit_bias(&sampling),
            sampling_params,
            response,
            return_logprobs: true,
            is_streaming: true,
            id: 0,
            constraint: match grammar {
                Grammar::Free => Constraint::None,
                Grammar::JsonSchema(schema) => Constraint::JsonSchema(
                    written(&schema).map_err(|error| EngineError::Invalid(error.to_string()))?,
                ),
                Grammar::Lark(rules) => Constraint::Lark(rules.to_string()),
                // The patched engine keeps no compiled grammar of these.
                Grammar::Once(rules) => Constraint::Llguidance(once(&rules)),
            },
            suffix: None,
            tools: None,
            tool_choice: None,
            return_raw_logits: false,
            web_search_options: None,
            model_id: None,
            truncate_sequence: false,
        }));
        let engine = self
            .model
            .inner()
            .get_sender(None)
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        engine
            .send(request)
            .await
            .map_err(|_| EngineError::Stopped)?;

        let (sender, events) = mpsc::channel(capacity);
        tokio::spawn(events::relay(responses, sender, prompt_tokens));
        Ok(Generating {
            prompt_tokens,
            events: events.into(),
        })
    }

    async fn count_prompt(&self, prompt: &Prompt) -> Result<Option<usize>, EngineError> {
        let (tokens, _) = self.size(prompt).await?;
        Ok(Some(tokens))
    }

    fn prompt_cache_used(&self) -> u64 {
        let logger = self.model.inner().get_logger(None);
        logger.map_or(0, |logger| logger.prompt_cache_bytes() as u64)
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        let text = self.special_tokens.neutralise(text);
        self.model
            .tokenize(either::Either::Right(text), None, false, false, None)
            .await
            .map(|ids| ids.len())
            .map_err(|error| EngineError::Failed(error.to_string()))
    }
}

/// Runs a load on a thread of its own: it works for seconds without a pause, and would hold up the requests of the
/// thread that it runs on.
async fn on_own_thread(
    load: impl Future<Output = anyhow::Result<Model>> + Send + 'static,
) -> anyhow::Result<Model> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(load)).await?
}

/// Returns how much of the weights in `folder` the engine has read; `None` while it is not reading them.
pub(super) fn progress(folder: &Path, settings: &LoadSettings) -> Option<LoadProgress> {
    let (read, total) = weights::progress(folder, &settings.gguf)?;
    Some(LoadProgress { read, total })
}

/// Returns the file with the form of chats, if the settings name one; the engine ends where it cannot read it.
fn chat_template(settings: &LoadSettings) -> Result<Option<String>, EngineError> {
    let Some(file) = &settings.chat_template else {
        return Ok(None);
    };
    let shown = file.display().to_string();
    match (std::fs::read_to_string(file), file.to_str()) {
        (Ok(_), Some(name)) if file.extension().is_some_and(|kind| kind == "jinja") => {
            Ok(Some(name.to_owned()))
        }
        (Ok(_), _) => Err(EngineError::Failed(format!(
            "{shown}: the name must be in UTF-8 and end with .jinja"
        ))),
        (Err(error), _) => Err(EngineError::Failed(format!("{shown}: {error}"))),
    }
}

/// Returns the setting of the prefix cache, which the patched engine reads as bytes, not as a number of
/// sequences.
fn prompt_cache(settings: &LoadSettings) -> Option<usize> {
    let bytes = usize::try_from(settings.prompt_cache_bytes).unwrap_or(usize::MAX);
    (bytes > 0).then_some(bytes)
}

/// Returns the special tokens of the model's tokenizer.
fn special_tokens(folder: &Path) -> SpecialTokens {
    #[derive(Deserialize)]
    struct AddedToken {
        content: String,
        special: bool,
    }
    #[derive(Deserialize)]
    struct TokenizerFile {
        #[serde(default)]
        added_tokens: Vec<AddedToken>,
    }
    // GGUF files hold their tokenizer; these are the special tokens of the families that use GGUF.
    const COMMON: [&str; 8] = [
        "<|",
        "<s>",
        "</s>",
        "[INST]",
        "[/INST]",
        "<start_of_turn>",
        "<end_of_turn>",
        "<bos>",
    ];
    let file = std::fs::read(folder.join("tokenizer.json")).unwrap_or_default();
    match serde_json::from_slice::<TokenizerFile>(&file) {
        Ok(tokenizer) => SpecialTokens::new(
            tokenizer
                .added_tokens
                .into_iter()
                .filter(|token| token.special)
                .map(|token| token.content),
        ),
        Err(_) => SpecialTokens::new(COMMON.map(String::from)),
    }
}

//! mistral.rs behind [`Engine`]: loads a model folder and turns its responses into our events.
//!
//! The one file that names the crate. It leaves downloads to `hub`, admission to `registry` and
//! pictures to `image`: what arrives here already lies on the model's patch grid.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use indexmap::IndexMap;
use mistralrs::{
    Constraint, GgufModelBuilder, Model, ModelBuilder, ModelCategory, ModelDType, NormalRequest,
    Request, RequestMessage, Response, SamplingParams, Tensor, TextMessageRole, TextMessages,
    core::{ForcedTokens, ResponseLogprob},
    parse_isq_value,
};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{
    Device, Dtype, Engine, EngineError, Generating, LoadSettings, ModelInfo,
    special_tokens::SpecialTokens,
};
use crate::{
    chat::{
        Alternative, Event, FinishReason, Generation, Grammar, Logprobs, Message, Part, Prompt,
        Role, Sampling, Token, Usage, Writing,
    },
    grammar::written,
    image::PatchGrid,
};

/// What the Qwen-VL families put where a picture stands in the prompt.
const PICTURE: &str = "<|vision_start|><|image_pad|><|vision_end|>";

/// Responses that may wait between the engine and us beyond those of the tokens: the engine
/// stalls every sequence while one channel is full, so ours never is.
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
    /// [`EngineError::Failed`] with the loader's words.
    pub async fn load(folder: &Path, settings: &LoadSettings) -> Result<Self, EngineError> {
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
            builder.build().await
        } else {
            let mut builder = GgufModelBuilder::new(folder.display(), settings.gguf.clone())
                .with_max_num_seqs(settings.max_batch)
                .with_prefix_cache_n(prompt_cache(settings));
            if settings.device == Device::Cpu {
                builder = builder.with_force_cpu();
            }
            builder.build().await
        }
        .map_err(|error| EngineError::Failed(format!("{error:#}")))?;

        let config = model
            .config()
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        let reads_pictures = matches!(config.category, ModelCategory::Multimodal { .. });
        let vision = if reads_pictures {
            Some(PatchGrid::from_folder(folder).map_err(EngineError::Failed)?)
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
            },
            special_tokens: special_tokens(folder),
            forced_tokens: settings.forced_tokens,
            model,
        })
    }

    /// The message as the chat template gets it.
    fn content(&self, message: &Message) -> String {
        message
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => self.special_tokens.neutralise(text),
                Part::Picture(_) => PICTURE.to_owned(),
            })
            .collect()
    }

    /// The prompt as the engine gets it.
    fn message(&self, prompt: &Prompt) -> RequestMessage {
        let messages = match prompt {
            Prompt::Chat(messages) => messages,
            Prompt::Text(text) => {
                return RequestMessage::Completion {
                    text: self.special_tokens.neutralise(text),
                    echo_prompt: false,
                    best_of: None,
                };
            }
        };
        let chat = messages
            .iter()
            .map(|message| {
                IndexMap::from([
                    ("role".to_owned(), text_value(message.role.as_str())),
                    ("content".to_owned(), text_value(&self.content(message))),
                ])
            })
            .collect();
        let pictures: Vec<_> = messages.iter().flat_map(Message::pictures).collect();
        if pictures.is_empty() {
            RequestMessage::Chat {
                messages: chat,
                enable_thinking: None,
                reasoning_effort: None,
            }
        } else {
            RequestMessage::MultimodalChat {
                images: pictures.iter().map(|picture| picture.to_image()).collect(),
                audios: Vec::new(),
                videos: Vec::new(),
                messages: chat,
                enable_thinking: None,
                reasoning_effort: None,
            }
        }
    }

    /// Tokens that pictures take beyond their placeholders.
    fn pictures(&self, messages: &[Message]) -> Result<usize, EngineError> {
        let mut pictures = messages.iter().flat_map(Message::pictures).peekable();
        match self.info.vision {
            Some(grid) => Ok(pictures.map(|picture| grid.tokens(picture) - 1).sum()),
            None if pictures.peek().is_none() => Ok(0),
            None => Err(EngineError::Invalid("This model reads no pictures.".into())),
        }
    }

    /// Tokens of the prompt, and how many the model may write behind it.
    async fn measure(&self, prompt: &Prompt) -> Result<(usize, usize), EngineError> {
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
                    text = text.add_message(role, self.content(message));
                }
                (either::Either::Left(text), self.pictures(messages)?)
            }
        };
        let is_chat = text.is_left();
        let ids = self
            .model
            .tokenize(text, None, true, is_chat, None)
            .await
            .map_err(|error| EngineError::Invalid(error.to_string()))?;
        let prompt = ids.len() + pictures;
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
            // Those of drawn tokens are always told.
            logprobs,
            top_logprobs,
            // Of which the prompt tells.
            tools: _,
        } = generation;
        let (prompt_tokens, room) = self.measure(&prompt).await?;
        let max_tokens = max_tokens.min(room);
        let capacity = max_tokens + SPARE_RESPONSES;
        let (response, responses) = mpsc::channel(capacity);
        let mut sampling_params = sampling_params(&sampling, max_tokens, top_logprobs);
        sampling_params.forced_tokens = match (self.forced_tokens, logprobs) {
            (false, _) => ForcedTokens::Single,
            (true, Logprobs::None | Logprobs::Drawn) => ForcedTokens::Appended,
            (true, Logprobs::All) => ForcedTokens::Scored,
        };
        let request = Request::Normal(Box::new(NormalRequest {
            messages: self.message(&prompt),
            logits_processors: logit_bias(&sampling),
            sampling_params,
            response,
            return_logprobs: true,
            is_streaming: true,
            id: 0,
            constraint: match grammar {
                Grammar::Free => Constraint::None,
                Grammar::JsonSchema(schema) => {
                    Constraint::JsonSchema(written(&schema).map_err(EngineError::Invalid)?)
                }
                Grammar::Lark(rules) => Constraint::Lark(rules.to_string()),
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
        tokio::spawn(relay(responses, sender, prompt_tokens));
        Ok(Generating {
            prompt_tokens,
            events: events.into(),
        })
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

/// What the patched engine takes for the bytes that beginnings of prompts may take, not for their number.
fn prompt_cache(settings: &LoadSettings) -> Option<usize> {
    let bytes = usize::try_from(settings.prompt_cache_bytes).unwrap_or(usize::MAX);
    (bytes > 0).then_some(bytes)
}

/// Passes responses on as events until the end, a fault, or nobody listens any more; dropping
/// the engine's receiver then makes it give the sequence up.
async fn relay(
    mut responses: mpsc::Receiver<Response>,
    events: mpsc::Sender<Result<Event, EngineError>>,
    prompt_tokens: usize,
) {
    let mut counted = Usage {
        prompt_tokens,
        writing: Some(Writing::default()),
        ..Usage::default()
    };
    let mut finished = false;
    while let Some(response) = tokio::select! {
        response = responses.recv() => response,
        () = events.closed() => return,
    } {
        for event in translate(response, &mut counted) {
            finished |= matches!(event, Ok(Event::Finished { .. }) | Err(_));
            if events.send(event).await.is_err() {
                return;
            }
        }
        if finished {
            return;
        }
    }
    // Our receiver may be gone by now, which is no fault.
    let _ = events.send(Err(EngineError::Stopped)).await;
}

/// The events of a response; `counted` is what the engine does not tell at the end.
fn translate(response: Response, counted: &mut Usage) -> Vec<Result<Event, EngineError>> {
    let (choices, usage): (Vec<_>, _) = match response {
        Response::Chunk(chunk) => {
            let choices = chunk.choices.into_iter();
            let choices = choices.map(|choice| (choice.finish_reason, choice.logprobs));
            counted.cached_tokens = chunk.cached_tokens;
            (choices.collect(), chunk.usage)
        }
        Response::CompletionChunk(chunk) => {
            let choices = chunk.choices.into_iter();
            let choices = choices.map(|choice| (choice.finish_reason, choice.logprobs));
            counted.cached_tokens = chunk.cached_tokens;
            (choices.collect(), None)
        }
        Response::ValidationError(error) => {
            return vec![Err(EngineError::Invalid(error.to_string()))];
        }
        Response::InternalError(error) => {
            return vec![Err(EngineError::Failed(error.to_string()))];
        }
        Response::ModelError(error, _) => return vec![Err(EngineError::Failed(error))],
        _ => return vec![Err(EngineError::Stopped)],
    };
    let mut events = Vec::new();
    for (finish_reason, logprobs) in choices {
        counted.completion_tokens += 1;
        // The token that ends a text is no part of it.
        let ends_text = finish_reason.as_deref() == Some("stop");
        if let Some(logprob) = logprobs {
            let token = token(logprob);
            counted.writing.get_or_insert_default().add(&token);
            if !ends_text {
                events.push(Ok(Event::Token(token)));
            }
        }
        let reason = match finish_reason.as_deref() {
            None => continue,
            Some("length") => FinishReason::Length,
            Some("canceled") => return vec![Err(EngineError::Stopped)],
            Some(_) => FinishReason::Stop,
        };
        events.push(Ok(Event::Finished {
            reason,
            usage: match &usage {
                Some(usage) => Usage {
                    prompt_tokens: usage.prompt_tokens,
                    completion_tokens: usage.completion_tokens,
                    ..*counted
                },
                None => *counted,
            },
        }));
    }
    events
}

fn token(told: ResponseLogprob) -> Token {
    Token {
        id: told.token_id,
        bytes: told.bytes.unwrap_or_default(),
        // Not a number where it is a forced token's that nobody asked for.
        logprob: (!told.logprob.is_nan()).then_some(told.logprob),
        top: told
            .top_logprobs
            .into_iter()
            .map(|top| Alternative {
                text: top.bytes.unwrap_or_default(),
                logprob: top.logprob,
            })
            .collect(),
        forced: told.forced,
        pass: told.pass,
    }
}

fn text_value(text: &str) -> mistralrs::MessageContent {
    either::Either::Left(text.to_owned())
}

fn sampling_params(sampling: &Sampling, max_tokens: usize, top_logprobs: usize) -> SamplingParams {
    SamplingParams {
        // Left unset it would be 1.
        temperature: Some(sampling.temperature),
        top_k: sampling.top_k,
        top_p: sampling.top_p,
        // The engine takes 1 to mean that nothing is cut.
        min_p: sampling.min_p.map(|min_p| min_p.min(0.9999)),
        top_n_logprobs: top_logprobs,
        frequency_penalty: sampling.frequency_penalty,
        presence_penalty: sampling.presence_penalty,
        repetition_penalty: sampling.repetition_penalty,
        max_len: Some(max_tokens),
        seed: sampling.seed,
        ..SamplingParams::neutral()
    }
}

/// mistral.rs takes a bias and never reads it, so it is added to the logits here.
fn logit_bias(sampling: &Sampling) -> Option<Vec<Arc<dyn mistralrs::CustomLogitsProcessor>>> {
    if sampling.logit_bias.is_empty() {
        return None;
    }
    let bias = sampling.logit_bias.clone();
    let add = move |logits: &Tensor, _context: &[u32]| {
        let mut values = logits.to_vec1::<f32>()?;
        for (id, bias) in &bias {
            if let Some(value) = values.get_mut(*id as usize) {
                *value += bias;
            }
        }
        Tensor::from_vec(values, logits.shape(), logits.device())
    };
    Some(vec![Arc::new(add)])
}

/// The texts that the model's tokenizer takes for special tokens.
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
    // GGUF files keep theirs inside; these are the marks of the families that come so.
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

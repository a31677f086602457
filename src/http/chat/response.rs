//! The chat answer as clients read it, whole and in chunks. A field that has no value is null where
//! OpenAI's description requires it, and else left out: a null breaks several clients.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    chat::{FinishReason, Token, Usage},
    presets::Preset,
};

/// A whole answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatCompletion {
    /// Name of the answer.
    #[schema(example = "chatcmpl-2f1c")]
    pub id: String,
    /// Always `chat.completion`.
    #[schema(example = "chat.completion")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Who answered.
    pub model: String,
    /// Always `receipt-gateway`.
    #[schema(example = "receipt-gateway")]
    pub provider: String,
    /// Changes with the weights behind the model's name.
    pub system_fingerprint: String,
    /// The answers.
    pub choices: Vec<Choice>,
    /// What they took.
    pub usage: WireUsage,
}

/// One answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Choice {
    /// Its number.
    pub index: usize,
    /// What the model says.
    pub message: AnswerMessage,
    /// Why it ended: `stop`, `length` or `tool_calls`.
    pub finish_reason: &'static str,
    /// The same, in the engine's words.
    pub native_finish_reason: &'static str,
    /// The tokens' log-probabilities; null where they were not asked for.
    pub logprobs: Option<Logprobs>,
}

/// What the model says.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerMessage {
    /// Always `assistant`.
    #[schema(example = "assistant")]
    pub role: &'static str,
    /// The text; null where the model only calls functions.
    pub content: Option<String>,
    /// Always null.
    pub refusal: Option<String>,
    /// Functions that the client is to call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
}

/// A function that the client is to call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ToolCall {
    /// Name of the call, for its result.
    #[schema(example = "call_2f1c")]
    pub id: String,
    /// Always `function`.
    #[schema(example = "function")]
    pub r#type: &'static str,
    /// The function.
    pub function: CalledFunction,
}

/// A function with its arguments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalledFunction {
    /// Its name.
    pub name: String,
    /// JSON that validates against its schema, unless the answer was cut off.
    pub arguments: String,
}

/// Log-probabilities of an answer.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Logprobs {
    /// Token by token.
    pub content: Vec<TokenLogprob>,
    /// Always null.
    pub refusal: Option<Vec<TokenLogprob>>,
}

/// Log-probability of a token.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenLogprob {
    /// Its text, U+FFFD where it is part of a character.
    pub token: String,
    /// Natural log of its probability.
    pub logprob: f32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The likeliest tokens at this step.
    pub top_logprobs: Vec<TopLogprob>,
}

/// Log-probability of another token.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopLogprob {
    /// Its text.
    pub token: String,
    /// Natural log of its probability.
    pub logprob: f32,
    /// The bytes of its text.
    pub bytes: Vec<u8>,
}

/// Tokens read and written.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct WireUsage {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens generated, in all answers.
    pub completion_tokens: usize,
    /// Both.
    pub total_tokens: usize,
    /// More about the prompt.
    pub prompt_tokens_details: PromptTokensDetails,
    /// More about the answers.
    pub completion_tokens_details: CompletionTokensDetails,
}

/// More about the prompt.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PromptTokensDetails {
    /// Those that were kept from a prompt before and not computed anew, here or by a provider.
    pub cached_tokens: usize,
}

/// More about the answers.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CompletionTokensDetails {
    /// Always 0.
    pub reasoning_tokens: usize,
    /// Tokens that the grammar left no choice about: each went into the model's pass of the token before it.
    /// Left out, as `steps` is, where a provider runs the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model that wrote the answers, those over the prompt among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
}

/// A piece of a streamed answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatCompletionChunk {
    /// The fault that ended the stream; the first key, which is how go-openai tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// Name of the answer, the same in every chunk.
    pub id: String,
    /// Always `chat.completion.chunk`.
    #[schema(example = "chat.completion.chunk")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Who answers.
    pub model: String,
    /// Always `receipt-gateway`.
    pub provider: String,
    /// Changes with the weights behind the model's name.
    pub system_fingerprint: String,
    /// What is new.
    pub choices: Vec<ChunkChoice>,
    /// What it took, in the last chunk if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<WireUsage>,
}

/// What is new of one answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChunkChoice {
    /// Its number.
    pub index: usize,
    /// What to add.
    pub delta: Delta,
    /// Why it ended; null before the end.
    pub finish_reason: Option<&'static str>,
    /// The same, in the engine's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_finish_reason: Option<&'static str>,
    /// Log-probabilities of the new tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Logprobs>,
}

/// What to add to an answer.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Delta {
    /// `assistant`, in the first chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// New text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// What is new of calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCallDelta>,
}

/// What is new of a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolCallDelta {
    /// Its number.
    pub index: usize,
    /// Name of the call, when it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `function`, when it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<&'static str>,
    /// The function.
    pub function: FunctionDelta,
}

/// What is new of a function that is called.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunctionDelta {
    /// Its name, when the call begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// More of its arguments.
    pub arguments: String,
}

/// What every part of one answer repeats.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Name of the answer.
    pub id: String,
    /// Seconds since 1970.
    pub created: u64,
    /// Who answers.
    pub model: String,
    /// Who runs the model.
    pub provider: String,
    /// Changes with the weights.
    pub fingerprint: String,
}

/// An answer came to its own end.
pub const STOP: &str = "stop";

impl Envelope {
    /// A new answer of what `preset` stands for, with a name that begins with `kind`.
    #[must_use]
    pub fn new(kind: &str, preset: &Preset) -> Self {
        let weights = blake3::hash(preset.model.settings().weights.as_bytes()).to_hex();
        Self {
            id: new_id(kind),
            created: now(),
            model: preset.id.clone(),
            provider: preset.model.settings().provider_name().to_owned(),
            fingerprint: format!("rg_{}", weights.get(..12).unwrap_or_default()),
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn completion(self, choices: Vec<Choice>, usage: WireUsage) -> ChatCompletion {
        ChatCompletion {
            id: self.id,
            object: "chat.completion",
            created: self.created,
            model: self.model,
            provider: self.provider,
            system_fingerprint: self.fingerprint,
            choices,
            usage,
        }
    }

    /// A chunk.
    #[must_use]
    pub fn chunk(&self, choices: Vec<ChunkChoice>) -> ChatCompletionChunk {
        ChatCompletionChunk {
            error: None,
            id: self.id.clone(),
            object: "chat.completion.chunk",
            created: self.created,
            model: self.model.clone(),
            provider: self.provider.clone(),
            system_fingerprint: self.fingerprint.clone(),
            choices,
            usage: None,
        }
    }
}

impl WireUsage {
    /// As the wire has it.
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

    /// Of all answers to one request: the prompt counts once, however many answers it got.
    pub fn sum(usages: impl IntoIterator<Item = Usage>) -> Self {
        let sum = usages.into_iter().reduce(|sum, usage| usage.and(sum));
        Self::new(sum.unwrap_or_default())
    }
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// A name that no other answer or call has.
#[must_use]
pub fn new_id(kind: &str) -> String {
    format!("{kind}{}", Uuid::new_v4().simple())
}

/// The wire's name of a reason.
#[must_use]
pub fn finish_reason(reason: FinishReason, calls: bool) -> &'static str {
    match reason {
        FinishReason::Stop if calls => "tool_calls",
        FinishReason::Stop => STOP,
        FinishReason::Length => "length",
    }
}

impl TokenLogprob {
    /// What is known of a token; none where its log-probability is not.
    #[must_use]
    pub fn of(token: &Token) -> Option<Self> {
        Some(Self {
            token: String::from_utf8_lossy(&token.bytes).into_owned(),
            logprob: finite(token.logprob?),
            bytes: token.bytes.clone(),
            top_logprobs: token
                .top
                .iter()
                .map(|top| TopLogprob {
                    token: top.text.clone(),
                    logprob: finite(top.logprob),
                    bytes: top.text.clone().into_bytes(),
                })
                .collect(),
        })
    }
}

impl Logprobs {
    /// Those of an answer's tokens.
    #[must_use]
    pub fn new(content: Vec<TokenLogprob>) -> Self {
        Self {
            content,
            refusal: None,
        }
    }
}

/// JSON has no infinity; OpenAI writes this for a token that cannot be.
fn finite(logprob: f32) -> f32 {
    if logprob.is_finite() {
        logprob
    } else {
        -9999.0
    }
}

//! The chat answer that clients read, whole and in chunks. A field without a value is null if OpenAI's description
//! requires the field, and is left out otherwise, because a null breaks several clients.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::openai::{envelope::Envelope, logprobs::WireLogprobs, usage::WireUsage};

/// A whole answer to a chat.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatCompletion {
    /// Id of the answer.
    #[schema(example = "chatcmpl-2f1c")]
    pub id: String,
    /// Always `chat.completion`.
    #[schema(example = "chat.completion")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Model or preset that answered.
    pub model: String,
    /// Provider that runs the model; `receipt-gateway` for the gateway itself.
    #[schema(example = "receipt-gateway")]
    pub provider: String,
    /// Fingerprint of the model's weights.
    pub system_fingerprint: String,
    /// The answers.
    pub choices: Vec<WireChoice>,
    /// Token counts of all answers.
    pub usage: WireUsage,
}

/// One of the answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Choice)]
pub struct WireChoice {
    /// Number of the answer, from 0.
    pub index: usize,
    /// Message of the model.
    pub message: AnswerMessage,
    /// Reason that the answer ended: `stop`, `length` or `tool_calls`.
    pub finish_reason: &'static str,
    /// The engine's name for that reason.
    pub native_finish_reason: &'static str,
    /// Log-probabilities of the tokens; null if they were not requested.
    pub logprobs: Option<WireLogprobs>,
}

/// Message of the model.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerMessage {
    /// Always `assistant`.
    #[schema(example = "assistant")]
    pub role: &'static str,
    /// Text of the message; null if the model only calls functions.
    pub content: Option<String>,
    /// Always null.
    pub refusal: Option<String>,
    /// Functions for the client to call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
}

/// A function for the client to call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ToolCall {
    /// Id of the call, to send back with its result.
    #[schema(example = "call_2f1c")]
    pub id: String,
    /// Always `function`.
    #[schema(example = "function")]
    pub r#type: &'static str,
    /// The function.
    pub function: CalledFunction,
}

/// A called function with its arguments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalledFunction {
    /// Name of the function.
    pub name: String,
    /// Arguments as JSON that validates against the function's schema, unless the answer was cut off.
    pub arguments: String,
}

/// A piece of a streamed answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatCompletionChunk {
    /// Error that ended the stream; it must be the first key, because go-openai looks for it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// Id of the answer, the same in every chunk.
    pub id: String,
    /// Always `chat.completion.chunk`.
    #[schema(example = "chat.completion.chunk")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Model or preset that answers.
    pub model: String,
    /// Provider that runs the model; `receipt-gateway` for the gateway itself.
    pub provider: String,
    /// Fingerprint of the model's weights.
    pub system_fingerprint: String,
    /// New parts of the answers.
    pub choices: Vec<ChunkChoice>,
    /// Token counts, in the last chunk if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<WireUsage>,
}

/// New part of one answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChunkChoice {
    /// Number of the answer, from 0.
    pub index: usize,
    /// Addition to the answer.
    pub delta: Delta,
    /// Reason that the answer ended; null before the end.
    pub finish_reason: Option<&'static str>,
    /// The engine's name for that reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_finish_reason: Option<&'static str>,
    /// Log-probabilities of the new tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<WireLogprobs>,
}

/// Addition to an answer.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Delta {
    /// `assistant`, in the first chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// New text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Additions to calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCallDelta>,
}

/// Addition to a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolCallDelta {
    /// Number of the call, from 0.
    pub index: usize,
    /// Id of the call, when it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `function`, when it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<&'static str>,
    /// The function.
    pub function: FunctionDelta,
}

/// Addition to a called function.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunctionDelta {
    /// Name of the function, when the call begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Addition to the arguments.
    pub arguments: String,
}

impl Envelope {
    /// Creates the whole answer.
    #[must_use]
    pub fn completion(self, choices: Vec<WireChoice>, usage: WireUsage) -> ChatCompletion {
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

    /// Creates a chunk.
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

//! Answers of the Responses API as OpenAI's clients read them.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::request::{FlatTool, FlatToolChoice, KnownFlatTool, ResponsesRequest, TextSettings};
use crate::{
    chat::Usage,
    http::{
        chat::{
            request::ToolMode,
            response::{Envelope, TokenLogprob, ToolCall, new_id, now},
        },
        fault::Fault,
    },
    presets::Preset,
};

/// An answer, complete or as far as it has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseObject {
    /// Name of the answer.
    #[schema(example = "resp_2f1c")]
    pub id: String,
    /// Always `response`.
    #[schema(example = "response")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Seconds since 1970, once it has ended.
    pub completed_at: Option<u64>,
    /// How far it has come.
    pub status: Status,
    /// What failed.
    pub error: Option<ResponseError>,
    /// Why it ended early.
    pub incomplete_details: Option<IncompleteDetails>,
    /// As asked.
    pub instructions: Option<String>,
    /// As asked.
    pub max_output_tokens: Option<u64>,
    /// Who answered.
    pub model: String,
    /// What the model says, and what it calls.
    pub output: Vec<OutputItem>,
    /// As asked.
    pub parallel_tool_calls: bool,
    /// Always null: answers are not stored.
    pub previous_response_id: Option<String>,
    /// As asked, or as configured.
    pub temperature: f64,
    /// As asked.
    pub top_p: f64,
    /// Always 0.
    pub frequency_penalty: f64,
    /// Always 0.
    pub presence_penalty: f64,
    /// As asked.
    pub text: TextSettings,
    /// As asked.
    pub tool_choice: FlatToolChoice,
    /// As asked.
    #[schema(value_type = Vec<KnownFlatTool>)]
    pub tools: Vec<FlatTool>,
    /// Always `disabled`: a conversation that is too long is refused.
    pub truncation: &'static str,
    /// Always false.
    pub store: bool,
    /// As asked.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// What it took, once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<ResponseUsage>,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is being written.
    InProgress,
    /// It is whole.
    Completed,
    /// It was cut off.
    Incomplete,
    /// It failed.
    Failed,
}

/// What failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseError {
    /// `server_error`, or `rate_limit_exceeded` where the model is busy.
    pub code: &'static str,
    /// Text for people.
    pub message: String,
}

/// Why an answer ended early.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncompleteDetails {
    /// Always `max_output_tokens`.
    pub reason: &'static str,
}

/// Tokens read and written.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ResponseUsage {
    /// Tokens of the prompt.
    pub input_tokens: usize,
    /// More about the prompt.
    pub input_tokens_details: InputTokensDetails,
    /// Tokens generated.
    pub output_tokens: usize,
    /// More about the answer.
    pub output_tokens_details: OutputTokensDetails,
    /// Both.
    pub total_tokens: usize,
}

/// More about the prompt.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct InputTokensDetails {
    /// Those that were kept from a prompt before and not computed anew, here or by a provider.
    pub cached_tokens: usize,
    /// Always 0.
    pub cache_write_tokens: usize,
}

/// More about the answer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct OutputTokensDetails {
    /// Always 0.
    pub reasoning_tokens: usize,
    /// Tokens that the grammar left no choice about: each went into the model's pass of the token before it.
    /// Left out, as `steps` is, where a provider runs the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model that wrote the answer, that over the prompt among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
}

/// Something in an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputItem {
    /// What the model says.
    Message {
        /// Its name.
        #[schema(example = "msg_2f1c")]
        id: String,
        /// How far it has come.
        status: Status,
        /// Always `assistant`.
        role: &'static str,
        /// One text, once it has begun.
        content: Vec<OutputText>,
    },
    /// A function that the client is to call.
    FunctionCall {
        /// Its name.
        #[schema(example = "fc_2f1c")]
        id: String,
        /// How far it has come.
        status: Status,
        /// Name of the call, for its output.
        #[schema(example = "call_2f1c")]
        call_id: String,
        /// The function.
        name: String,
        /// JSON that validates against its schema, unless the answer was cut off.
        arguments: String,
    },
}

/// A text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutputText {
    /// Always `output_text`.
    pub r#type: &'static str,
    /// The text.
    pub text: String,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    pub annotations: Vec<Value>,
    /// Log-probabilities of its tokens; empty where they were not asked for.
    pub logprobs: Vec<TokenLogprob>,
}

impl OutputText {
    /// A text with its log-probabilities.
    #[must_use]
    pub fn new(text: String, logprobs: Vec<TokenLogprob>) -> Self {
        Self {
            r#type: "output_text",
            text,
            annotations: Vec::new(),
            logprobs,
        }
    }
}

impl OutputItem {
    /// A message, of one text if it has begun.
    #[must_use]
    pub fn message(id: String, status: Status, text: Option<OutputText>) -> Self {
        Self::Message {
            id,
            status,
            role: "assistant",
            content: text.into_iter().collect(),
        }
    }

    /// A call.
    #[must_use]
    pub fn call(id: String, status: Status, call: ToolCall) -> Self {
        Self::FunctionCall {
            id,
            status,
            call_id: call.id,
            name: call.function.name,
            arguments: call.function.arguments,
        }
    }
}

impl ResponseObject {
    /// The answer to `request` by what `preset` stands for, at `temperature` where it sets none;
    /// nothing is written yet.
    #[must_use]
    pub fn new(request: &ResponsesRequest, preset: &Preset, temperature: f64) -> Self {
        let envelope = Envelope::new("resp_", preset);
        Self {
            id: envelope.id,
            object: "response",
            created_at: envelope.created,
            completed_at: None,
            status: Status::InProgress,
            error: None,
            incomplete_details: None,
            instructions: request.instructions.clone(),
            max_output_tokens: request.max_output_tokens,
            model: envelope.model,
            output: Vec::new(),
            parallel_tool_calls: request.parallel_tool_calls.unwrap_or(true),
            previous_response_id: None,
            temperature: request.temperature.unwrap_or(temperature),
            top_p: request.top_p.unwrap_or(1.0),
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            text: request.text.clone().unwrap_or_default(),
            tool_choice: request
                .tool_choice
                .clone()
                .unwrap_or(FlatToolChoice::Mode(ToolMode::Auto)),
            tools: request
                .tools
                .iter()
                .flatten()
                .filter(|tool| matches!(tool, FlatTool::Function { .. }))
                .cloned()
                .collect(),
            truncation: "disabled",
            store: false,
            metadata: request.metadata.clone().unwrap_or_default(),
            usage: None,
        }
    }

    /// The end: `finish` is the chat's name of why.
    pub fn finish(&mut self, finish: &str, usage: Usage) -> Status {
        self.status = if finish == "length" {
            Status::Incomplete
        } else {
            Status::Completed
        };
        self.incomplete_details =
            (self.status == Status::Incomplete).then_some(IncompleteDetails {
                reason: "max_output_tokens",
            });
        self.completed_at = Some(now());
        self.usage = Some(ResponseUsage {
            input_tokens: usage.prompt_tokens,
            input_tokens_details: InputTokensDetails {
                cached_tokens: usage.cached_tokens,
                cache_write_tokens: 0,
            },
            output_tokens: usage.completion_tokens,
            output_tokens_details: OutputTokensDetails {
                reasoning_tokens: 0,
                forced_tokens: usage.writing.map(|writing| writing.forced_tokens),
                steps: usage.writing.map(|writing| writing.passes),
            },
            total_tokens: usage.prompt_tokens + usage.completion_tokens,
        });
        self.status
    }

    /// A fault in the middle.
    pub fn fail(&mut self, fault: &Fault) {
        self.status = Status::Failed;
        self.error = Some(ResponseError {
            code: if fault.status.as_u16() == 429 {
                "rate_limit_exceeded"
            } else {
                "server_error"
            },
            message: fault.message.clone(),
        });
    }
}

/// A name of an item of an answer.
#[must_use]
pub fn item_id(is_call: bool) -> String {
    new_id(if is_call { "fc_" } else { "msg_" })
}

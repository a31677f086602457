//! The answer of OpenAI's Responses API.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::request::{FlatTool, FlatToolChoice, KnownFlatTool, ResponsesRequest, TextSettings};
use crate::{
    chat::Finish,
    generation::{Cost, CostParts, Usage},
    http::{
        fault::{Dialect, Fault},
        openai::{
            chat::{request::ToolMode, response::ToolCall},
            envelope::{Envelope, now},
            logprobs::TokenLogprob,
            usage::told,
        },
        record::new_id,
    },
    presets::Preset,
};

/// An answer, complete or in progress.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseObject {
    /// Id of the answer.
    #[schema(example = "resp_2f1c")]
    pub id: String,
    /// Always `response`.
    #[schema(example = "response")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Seconds since 1970 when the answer ended; null before.
    pub completed_at: Option<u64>,
    /// Status of the answer.
    pub status: Status,
    /// Error that ended the answer; null if there was none.
    pub error: Option<ResponseError>,
    /// Reason that the answer is incomplete; null if it is not.
    pub incomplete_details: Option<IncompleteDetails>,
    /// As in the request.
    pub instructions: Option<String>,
    /// As in the request.
    pub max_output_tokens: Option<u64>,
    /// Model or preset that answered.
    pub model: String,
    /// Messages and calls of the model.
    pub output: Vec<OutputItem>,
    /// As in the request.
    pub parallel_tool_calls: bool,
    /// Always null: answers are not stored.
    pub previous_response_id: Option<String>,
    /// As in the request, or as configured.
    pub temperature: f64,
    /// As in the request.
    pub top_p: f64,
    /// Always 0.
    pub frequency_penalty: f64,
    /// Always 0.
    pub presence_penalty: f64,
    /// As in the request.
    pub text: TextSettings,
    /// As in the request.
    pub tool_choice: FlatToolChoice,
    /// As in the request.
    #[schema(value_type = Vec<KnownFlatTool>)]
    pub tools: Vec<FlatTool>,
    /// Always `disabled`: a conversation longer than the model's context is refused.
    pub truncation: &'static str,
    /// Always false.
    pub store: bool,
    /// As in the request.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// Token counts, once the answer has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<ResponseUsage>,
}

/// Status of an answer or an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is being generated.
    InProgress,
    /// It is complete.
    Completed,
    /// It was cut off.
    Incomplete,
    /// It failed.
    Failed,
}

/// Error that ended an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseError {
    /// `server_error`, or `rate_limit_exceeded` if the model is busy.
    pub code: &'static str,
    /// Message for people.
    pub message: String,
}

/// Reason that an answer is incomplete.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncompleteDetails {
    /// Always `max_output_tokens`.
    pub reason: &'static str,
}

/// Token counts of the prompt and the answer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ResponseUsage {
    /// Tokens of the prompt.
    pub input_tokens: usize,
    /// Details of the prompt's tokens.
    pub input_tokens_details: InputTokensDetails,
    /// Tokens generated.
    pub output_tokens: usize,
    /// Details of the answer's tokens.
    pub output_tokens_details: OutputTokensDetails,
    /// Tokens of the prompt and the answer together.
    pub total_tokens: usize,
    /// Cost in US dollars, as the provider states it or by the prices in the configuration. Left out if it is not known,
    /// and under `/v1` also if it is 0, as for a model that runs here without a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Parts of the cost, if they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_details: Option<ResponseCostDetails>,
}

/// Parts of a cost in US dollars.
#[expect(clippy::struct_field_names, reason = "OpenRouter's names")]
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ResponseCostDetails {
    /// Cost of the prompt, with its pictures.
    pub upstream_inference_input_cost: f64,
    /// Cost of the answer.
    pub upstream_inference_output_cost: f64,
    /// Cost that the model's own provider charges, if another one between states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_inference_cost: Option<f64>,
}

/// Details of the prompt's tokens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct InputTokensDetails {
    /// Tokens taken from the cache of an earlier prompt, here or by a provider, instead of being computed again; 0 if a
    /// provider does not report them, since this form requires a number.
    pub cached_tokens: usize,
    /// Always 0.
    pub cache_write_tokens: usize,
}

/// Details of the answer's tokens.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct OutputTokensDetails {
    /// Tokens generated to reason: 0 for a model that runs here, and if a provider does not report them, since this form
    /// requires a number.
    pub reasoning_tokens: usize,
    /// Tokens that the grammar forced; each shares the model's pass of the token before it. This field and `steps` are
    /// left out if a provider runs the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tokens: Option<usize>,
    /// Passes of the model, including the pass over the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
}

/// An item of an answer: a message or a call.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputItem {
    /// A message of the model.
    Message {
        /// Id of the item.
        #[schema(example = "msg_2f1c")]
        id: String,
        /// Status of the item.
        status: Status,
        /// Always `assistant`.
        role: &'static str,
        /// Text of the message; empty until it begins.
        content: Vec<OutputText>,
    },
    /// A function for the client to call.
    FunctionCall {
        /// Id of the item.
        #[schema(example = "fc_2f1c")]
        id: String,
        /// Status of the item.
        status: Status,
        /// Id of the call, to send back with its output.
        #[schema(example = "call_2f1c")]
        call_id: String,
        /// Name of the function.
        name: String,
        /// Arguments as JSON that validates against the function's schema, unless the answer was cut off.
        arguments: String,
    },
}

/// Text of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutputText {
    /// Always `output_text`.
    pub r#type: &'static str,
    /// The text.
    pub text: String,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    pub annotations: Vec<Value>,
    /// Log-probabilities of the text's tokens; empty if they were not requested.
    pub logprobs: Vec<TokenLogprob>,
}

impl OutputText {
    /// Creates a text with its log-probabilities.
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
    /// Creates a message, with its text if it has begun.
    #[must_use]
    pub fn message(id: String, status: Status, text: Option<OutputText>) -> Self {
        Self::Message {
            id,
            status,
            role: "assistant",
            content: text.into_iter().collect(),
        }
    }

    /// Creates a call.
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
    /// Creates the answer of `preset` to `request`, without output yet, at `temperature` if the request sets
    /// none.
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

    /// Ends the answer, and returns its status.
    pub fn finish(&mut self, finish: Finish, usage: ResponseUsage) -> Status {
        self.status = if finish == Finish::Length {
            Status::Incomplete
        } else {
            Status::Completed
        };
        self.incomplete_details =
            (self.status == Status::Incomplete).then_some(IncompleteDetails {
                reason: "max_output_tokens",
            });
        self.completed_at = Some(now());
        self.usage = Some(usage);
        self.status
    }

    /// Ends the answer with a fault.
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

impl ResponseUsage {
    /// Writes the usage of an answer, for a route of `dialect`.
    #[must_use]
    pub fn new(usage: Usage, dialect: Dialect) -> Self {
        let cost = told(usage.cost, dialect);
        let details = |cost: Cost| {
            let CostParts { prompt, completion } = cost.parts?;
            Some(ResponseCostDetails {
                upstream_inference_input_cost: Cost::number(prompt),
                upstream_inference_output_cost: Cost::number(completion),
                upstream_inference_cost: cost.upstream.map(Cost::number),
            })
        };
        Self {
            input_tokens: usage.prompt_tokens,
            input_tokens_details: InputTokensDetails {
                cached_tokens: usage.cached_tokens.unwrap_or_default(),
                cache_write_tokens: 0,
            },
            output_tokens: usage.completion_tokens,
            output_tokens_details: OutputTokensDetails {
                reasoning_tokens: usage.reasoning_tokens.unwrap_or_default(),
                forced_tokens: usage.writing.map(|writing| writing.forced_tokens),
                steps: usage.writing.map(|writing| writing.passes),
            },
            total_tokens: usage.prompt_tokens + usage.completion_tokens,
            cost: cost.map(|cost| Cost::number(cost.total)),
            cost_details: cost.and_then(details),
        }
    }
}

/// Creates the id of an item.
#[must_use]
pub fn item_id(is_call: bool) -> String {
    new_id(if is_call { "fc_" } else { "msg_" })
}

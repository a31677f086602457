//! The requests of Anthropic's Messages API.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::blocks::BlockContent;
use crate::http::{
    string_or::{null_as_default, string_or_array},
    whole::whole,
};

/// The body of `POST /v1/messages`. Unknown fields are ignored, `cache_control` among them: prompts are kept without it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano", "max_tokens": 32,
    "messages": [{"role": "user", "content": "What is a receipt?"}]
}))]
pub struct MessagesRequest {
    /// Model or preset to ask; the gateway's default if left out.
    pub model: Option<String>,
    /// The conversation, which ends with a message of the user.
    pub messages: Vec<InputMessage>,
    /// Instructions, placed before the messages.
    pub system: Option<SystemPrompt>,
    /// Most tokens to generate.
    #[schema(format = "uint64", required, nullable = false, minimum = 1)]
    #[serde(default, deserialize_with = "whole")]
    pub max_tokens: Option<u64>,
    /// Sequences that end the answer.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<Vec<String>>)]
    pub stop_sequences: Vec<String>,
    /// Sampling temperature, 0 to 2; 0 takes the likeliest token at every step.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// Keeps this many of the likeliest tokens; 0 keeps all.
    #[serde(default, deserialize_with = "whole")]
    pub top_k: Option<u64>,
    /// Tools that the model may ask its client to use.
    pub tools: Option<Vec<ToolDefinition>>,
    /// Choice of the tools to use; `auto` if there are tools.
    pub tool_choice: Option<ToolSelection>,
    /// Form of the answer.
    pub output_config: Option<OutputConfig>,
    /// The older place of `output_config.format`.
    pub output_format: Option<OutputConfigFormat>,
    /// Accepted without effect: the models here answer without thinking.
    #[expect(dead_code, reason = "accepted without effect")]
    pub thinking: Option<ThinkingSetting>,
    /// True to stream the answer as server-sent events.
    pub stream: Option<bool>,
    /// Accepted without effect.
    #[expect(dead_code, reason = "accepted without effect")]
    pub metadata: Option<RequestMetadata>,
}

/// The body of `POST /v1/messages/count_tokens`. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano", "messages": [{"role": "user", "content": "What is a receipt?"}]
}))]
pub struct CountTokensRequest {
    /// Model or preset to ask; the gateway's default if left out.
    pub model: Option<String>,
    /// The conversation, which ends with a message of the user.
    pub messages: Vec<InputMessage>,
    /// Instructions, placed before the messages.
    pub system: Option<SystemPrompt>,
    /// Tools that the model may ask its client to use.
    pub tools: Option<Vec<ToolDefinition>>,
    /// Choice of the tools to use; `auto` if there are tools.
    pub tool_choice: Option<ToolSelection>,
    /// Form of the answer.
    pub output_config: Option<OutputConfig>,
    /// Accepted without effect: the models here answer without thinking.
    pub thinking: Option<ThinkingSetting>,
}

impl From<CountTokensRequest> for MessagesRequest {
    fn from(request: CountTokensRequest) -> Self {
        let CountTokensRequest {
            model,
            messages,
            system,
            tools,
            tool_choice,
            output_config,
            thinking,
        } = request;
        Self {
            model,
            messages,
            system,
            tools,
            tool_choice,
            output_config,
            thinking,
            ..Self::default()
        }
    }
}

/// A message of the conversation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InputMessage {
    /// Speaker of the message: `user`, `assistant`, or `system` for instructions in the course of the conversation.
    #[schema(value_type = String, example = "user")]
    pub role: InputRole,
    /// Content of the message.
    pub content: BlockContent,
}

/// The speaker of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputRole {
    /// The user.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// Instructions in the course of the conversation.
    System,
}

/// Text, or a list of text blocks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SystemPrompt {
    /// Text alone.
    Text(String),
    /// Text blocks, separated by blank lines.
    Blocks(Vec<SystemBlock>),
}

/// A block of the instructions.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SystemBlock {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
}

impl<'de> Deserialize<'de> for SystemPrompt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of text blocks";
        string_or_array(deserializer, expecting, Self::Text, Self::Blocks)
    }
}

/// A tool that the model may ask its client to use.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ToolDefinition {
    /// Kind of the tool: `custom`, also if it is left out. Tools that Anthropic runs or defines are refused.
    #[serde(rename = "type")]
    #[schema(example = "custom")]
    pub kind: Option<String>,
    /// Name of the tool: up to 64 letters, digits, `_` and `-`.
    pub name: String,
    /// Purpose of the tool, for the model.
    pub description: Option<String>,
    /// JSON Schema of the arguments.
    #[schema(required, nullable = false)]
    pub input_schema: Option<Map<String, Value>>,
    /// If true, a keyword that the grammar cannot enforce is a 400; if false or left out, the finished arguments are
    /// checked instead.
    pub strict: Option<bool>,
}

/// The choice of the tools to use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToolSelection {
    /// The model decides.
    Auto {
        /// True to allow one call at most.
        disable_parallel_tool_use: Option<bool>,
    },
    /// At least one tool.
    Any {
        /// True to allow one call at most.
        disable_parallel_tool_use: Option<bool>,
    },
    /// The tool of this name, once.
    Tool {
        /// Name of a tool in `tools`.
        name: String,
    },
    /// No tool.
    None {},
}

/// The form of the answer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OutputConfig {
    /// Format of the answer's text; any text if left out.
    pub format: Option<OutputConfigFormat>,
}

/// A format of the answer's text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputConfigFormat {
    /// JSON that validates against a schema. Keywords that the grammar cannot enforce are checked in the finished
    /// answer.
    JsonSchema {
        /// The schema.
        #[schema(value_type = Object)]
        schema: Value,
    },
}

/// A setting of thinking.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ThinkingSetting {
    /// No thinking.
    Disabled,
    /// As much thinking as the model decides.
    Adaptive,
    /// Thinking between calls.
    BetweenTools,
    /// Thinking of up to so many tokens.
    Enabled,
}

/// Data about the request.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "accepted without effect")]
pub struct RequestMetadata {
    /// Any id of the client's user.
    pub user_id: Option<String>,
}

//! The request of OpenAI's Responses API.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::{
    openai::{
        chat::request::{ToolKind, ToolMode, WireRole},
        plugins::WirePlugin,
    },
    string_or::{null_as_default, string_or_array},
    whole::whole,
};

/// The body of `POST /v1/responses`. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano", "input": "What is a receipt?", "max_output_tokens": 32
}))]
pub struct ResponsesRequest {
    /// Model or preset to ask; the gateway's default if left out.
    pub model: Option<String>,
    /// OpenRouter's plugins.
    pub plugins: Option<Vec<WirePlugin>>,
    /// The conversation: a text, or items in order.
    pub input: Input,
    /// Instructions, placed before the input.
    pub instructions: Option<String>,
    /// Most tokens to generate.
    #[schema(format = "uint64")]
    #[serde(default, deserialize_with = "whole")]
    pub max_output_tokens: Option<u64>,
    /// Sampling temperature, 0 to 2; 0 takes the likeliest token at every step.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// Number of likeliest tokens to return at each step, 0 to 20.
    #[serde(default, deserialize_with = "whole")]
    pub top_logprobs: Option<u64>,
    /// Additional parts of the answer; `message.output_text.logprobs` returns log-probabilities.
    pub include: Option<Vec<String>>,
    /// Settings of the answer's text.
    pub text: Option<TextSettings>,
    /// Functions that the model may ask its client to call.
    #[schema(value_type = Option<Vec<KnownFlatTool>>)]
    pub tools: Option<Vec<FlatTool>>,
    /// Choice of the functions to call; `auto` if there are tools.
    pub tool_choice: Option<FlatToolChoice>,
    /// False to allow one call in an answer at most.
    pub parallel_tool_calls: Option<bool>,
    /// True to stream the answer as server-sent events.
    pub stream: Option<bool>,
    /// Any data; it is returned with the answer.
    pub metadata: Option<Map<String, Value>>,
    /// Refused: the gateway stores no answers, so `input` must hold the whole conversation.
    pub previous_response_id: Option<String>,
    /// Refused if true: the gateway does not answer in the background.
    pub background: Option<bool>,
}

/// A text, or items in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Input {
    /// A message of the user.
    Text(String),
    /// Messages, calls, and results of calls.
    Items(Vec<Item>),
}

/// A message, a call, or the result of a call.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Item {
    /// Kind of the item; `message` if left out.
    #[serde(default, rename = "type", deserialize_with = "null_as_default")]
    #[schema(value_type = Option<ItemKind>)]
    pub kind: ItemKind,
    /// Role of a message's speaker.
    pub role: Option<WireRole>,
    /// Text and files of a message.
    pub content: Option<ItemContent>,
    /// Name of the function of a call.
    pub name: Option<String>,
    /// Arguments of a call, as JSON in a string.
    pub arguments: Option<String>,
    /// Result of a call.
    pub output: Option<ItemContent>,
}

/// A kind of item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A message.
    #[default]
    Message,
    /// A call that the model made.
    FunctionCall,
    /// The result of a call.
    FunctionCallOutput,
    /// Reasoning of another model; ignored.
    Reasoning,
}

/// Text, or a list of parts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ItemContent {
    /// Text alone.
    Text(String),
    /// Text and files in reading order.
    Parts(Vec<ItemPart>),
}

/// A part of a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemPart {
    /// Text of the user.
    InputText {
        /// The text.
        text: String,
    },
    /// Text of the model.
    OutputText {
        /// The text.
        text: String,
    },
    /// A refusal of the model in an earlier turn.
    Refusal {
        /// The text of the refusal.
        refusal: String,
    },
    /// A picture.
    InputImage {
        /// An `https://` or `http://` address, or a `data:` URI.
        image_url: Option<String>,
        /// Id of a stored file, which is refused, because the gateway stores none; an address is read.
        file_id: Option<String>,
    },
    /// A picture, a PDF or a text file.
    InputFile {
        /// Name of the file, which stands above its text if it is a text file. The type is read from the content.
        filename: Option<String>,
        /// The file in base64, as a `data:` URI or bare, or its address.
        file_data: Option<String>,
        /// Address of the file.
        file_url: Option<String>,
        /// Id of a stored file, which is refused, because the gateway stores none; an address is read.
        file_id: Option<String>,
    },
}

impl Default for Input {
    fn default() -> Self {
        Self::Items(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of items";
        string_or_array(deserializer, expecting, Self::Text, Self::Items)
    }
}

impl<'de> Deserialize<'de> for ItemContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of parts";
        string_or_array(deserializer, expecting, Self::Text, Self::Parts)
    }
}

/// Settings of the answer's text.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
pub struct TextSettings {
    /// Format of the text; any text if left out.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<TextFormat>)]
    pub format: TextFormat,
}

/// A format of the text.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TextFormat {
    /// Any text.
    #[default]
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that validates against a schema.
    JsonSchema {
        /// Name of the schema, for the client.
        name: String,
        /// The schema.
        #[schema(value_type = Object)]
        schema: Value,
        /// If true or left out, a keyword that the grammar cannot enforce is a 400; if false, the finished text is
        /// checked instead.
        #[serde(skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
    },
}

/// A function that the model may ask its client to call.
#[derive(ToSchema)]
#[schema(as = FlatTool)]
#[expect(dead_code, reason = "describes a tool of the kind that is known")]
pub struct KnownFlatTool {
    /// Kind of the tool.
    r#type: ToolKind,
    /// Name of the function: up to 64 letters, digits, `_` and `-`.
    name: String,
    /// Purpose of the function, for the model.
    description: Option<String>,
    /// JSON Schema of the arguments.
    parameters: Option<Map<String, Value>>,
    /// If true, a keyword that the grammar cannot enforce is a 400; if false or left out, the finished arguments are
    /// checked instead.
    strict: Option<bool>,
}

/// A tool.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlatTool {
    /// A function that the model may ask its client to call.
    Function {
        /// Name of the function: up to 64 letters, digits, `_` and `-`.
        name: String,
        /// Purpose of the function, for the model.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// JSON Schema of the arguments.
        parameters: Option<Map<String, Value>>,
        /// If true, a keyword that the grammar cannot enforce is a 400; if false or left out, the finished arguments are
        /// checked instead.
        strict: Option<bool>,
    },
    /// A tool of another kind, which is refused.
    #[serde(other)]
    Other,
}

/// Choice of the functions to call.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "none, auto, required, or {\"type\": \"function\", \"name\": ...}"
)]
pub enum FlatToolChoice {
    /// A choice that names no function.
    Mode(ToolMode),
    /// A call of this function.
    Named(FlatNamedTool),
}

/// A function named by a choice.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct FlatNamedTool {
    /// Kind of the tool.
    #[serde(rename = "type")]
    pub kind: ToolKind,
    /// Name of a function in `tools`.
    pub name: String,
}

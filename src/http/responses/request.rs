//! What clients of OpenAI's Responses API ask.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::{
    chat::request::{ToolKind, ToolMode, WireRole},
    string_or::{null_as_default, string_or_array},
    whole::whole,
};

/// `POST /v1/responses`. Fields that are not listed are accepted and ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano", "input": "What is a receipt?", "max_output_tokens": 32
}))]
pub struct ResponsesRequest {
    /// Model to ask; else the gateway's default.
    pub model: Option<String>,
    /// What is said and shown: a text, or items in order.
    pub input: Input,
    /// Instructions, before everything else.
    pub instructions: Option<String>,
    /// Tokens generated at most.
    #[schema(format = "uint64")]
    #[serde(default, deserialize_with = "whole")]
    pub max_output_tokens: Option<u64>,
    /// 0 for the likeliest token at every step, up to 2.
    pub temperature: Option<f64>,
    /// Nucleus sampling, over 0 up to 1.
    pub top_p: Option<f64>,
    /// How many of the likeliest tokens to tell at each step, 0 to 20.
    #[serde(default, deserialize_with = "whole")]
    pub top_logprobs: Option<u64>,
    /// `message.output_text.logprobs` asks for log-probabilities.
    pub include: Option<Vec<String>>,
    /// What the text must be.
    pub text: Option<TextSettings>,
    /// Functions that the model may ask its client to call.
    #[schema(value_type = Option<Vec<KnownFlatTool>>)]
    pub tools: Option<Vec<FlatTool>>,
    /// Whether it is to call one; `auto` where there are tools.
    pub tool_choice: Option<FlatToolChoice>,
    /// Whether one answer may call several; it may unless this is false.
    pub parallel_tool_calls: Option<bool>,
    /// Whether to send the answer as it grows, as server-sent events.
    pub stream: Option<bool>,
    /// Comes back with the answer.
    pub metadata: Option<Map<String, Value>>,
    /// Refused: nothing is stored, so the whole conversation goes into `input`.
    pub previous_response_id: Option<String>,
    /// Refused if true: answers are given at once.
    pub background: Option<bool>,
}

/// A text, or items in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Input {
    /// What the user says.
    Text(String),
    /// Messages, calls and what they came to.
    Items(Vec<Item>),
}

/// A message, a call, or what a call came to.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Item {
    /// `message` where it is left out.
    #[serde(default, rename = "type", deserialize_with = "null_as_default")]
    #[schema(value_type = Option<ItemKind>)]
    pub kind: ItemKind,
    /// Who speaks, of a message.
    pub role: Option<WireRole>,
    /// What is said and shown, of a message.
    pub content: Option<ItemContent>,
    /// The function, of a call.
    pub name: Option<String>,
    /// JSON in a string, of a call.
    pub arguments: Option<String>,
    /// What a call came to.
    pub output: Option<ItemContent>,
}

/// A kind of item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Something said.
    #[default]
    Message,
    /// A call that the model made.
    FunctionCall,
    /// What it came to.
    FunctionCallOutput,
    /// Thoughts of another model; left out.
    Reasoning,
}

/// Text, or a list of parts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ItemContent {
    /// Text alone.
    Text(String),
    /// Text and pictures in reading order.
    Parts(Vec<ItemPart>),
}

/// A part of a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemPart {
    /// Text of a user.
    InputText {
        /// The text.
        text: String,
    },
    /// Text of the model.
    OutputText {
        /// The text.
        text: String,
    },
    /// What the model would not do.
    Refusal {
        /// Its words.
        refusal: String,
    },
    /// A picture.
    InputImage {
        /// `https://`, `http://` or `data:`.
        image_url: Option<String>,
        /// Refused: no files are stored.
        file_id: Option<String>,
    },
    /// A picture or a PDF.
    InputFile {
        /// Its name, which says nothing of what is in it.
        filename: Option<String>,
        /// The file in base64, as a `data:` URI or bare, or its address.
        file_data: Option<String>,
        /// Its address.
        file_url: Option<String>,
        /// Refused: no files are stored.
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

/// What the text must be.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
pub struct TextSettings {
    /// Its format; any text where it is left out.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = Option<TextFormat>)]
    pub format: TextFormat,
}

/// A format of the text.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TextFormat {
    /// Anything.
    #[default]
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that validates against a schema.
    JsonSchema {
        /// Its name, for the client.
        name: String,
        /// The schema.
        #[schema(value_type = Object)]
        schema: Value,
        /// Unless false, a keyword that the grammar cannot enforce is a 400.
        #[serde(skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
    },
}

/// A function of the client's.
#[derive(ToSchema)]
#[schema(as = FlatTool)]
#[expect(dead_code, reason = "describes a tool of the kind that is known")]
pub struct KnownFlatTool {
    /// Its kind.
    r#type: ToolKind,
    /// Its name: up to 64 letters, digits, `_` and `-`.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// JSON Schema of its arguments.
    parameters: Option<Map<String, Value>>,
    /// If true, a keyword that the grammar cannot enforce is a 400.
    strict: Option<bool>,
}

/// A tool.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlatTool {
    /// A function of the client's.
    Function {
        /// Its name: up to 64 letters, digits, `_` and `-`.
        name: String,
        /// What it is for.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// JSON Schema of its arguments.
        parameters: Option<Map<String, Value>>,
        /// If true, a keyword that the grammar cannot enforce is a 400.
        strict: Option<bool>,
    },
    /// Any other, which is refused.
    #[serde(other)]
    Other,
}

/// Whether a tool is to be called.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "none, auto, required, or {\"type\": \"function\", \"name\": ...}"
)]
pub enum FlatToolChoice {
    /// At all.
    Mode(ToolMode),
    /// This one.
    Named(FlatNamedTool),
}

/// A function by its name.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct FlatNamedTool {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ToolKind,
    /// As in `tools`.
    pub name: String,
}

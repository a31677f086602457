//! The chat request of OpenAI's and OpenRouter's clients. Unknown fields are accepted and ignored, as in both APIs.

mod tools;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::{
        fault::Dialect,
        openai::plugins::WirePlugin,
        string_or::{string_or_array, string_or_object},
        whole::whole,
    },
    routing,
};
pub use tools::{KnownTool, Tool, ToolKind, ToolMode, WireCall, WireToolChoice};

/// The body of `POST /v1/chat/completions`. Unknown fields are ignored.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano",
    "messages": [{"role": "user", "content": "What is a receipt?"}],
    "max_tokens": 32
}))]
#[schema(as = ChatRequest)]
pub struct WireChatRequest {
    /// Model or preset to ask; the gateway's default if left out.
    pub model: Option<String>,
    /// OpenRouter's fallback list: models to ask in turn after `model`, if one is busy, fails or does not
    /// exist.
    pub models: Option<Vec<String>>,
    /// OpenRouter's preferences for the providers that run the model.
    pub provider: Option<WireWishes>,
    /// OpenRouter's plugins.
    pub plugins: Option<Vec<WirePlugin>>,
    /// Messages of the chat so far.
    pub messages: Vec<WireMessage>,
    /// Most tokens to generate.
    #[schema(format = "uint64")]
    #[serde(default, deserialize_with = "whole")]
    pub max_completion_tokens: Option<u64>,
    /// Older name of `max_completion_tokens`; ignored if both are sent.
    #[schema(format = "uint64")]
    #[serde(default, deserialize_with = "whole")]
    pub max_tokens: Option<u64>,
    /// Sampling temperature, 0 to 2; 0 takes the likeliest token at every step.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// Keeps this many of the likeliest tokens; 0 keeps all.
    #[serde(default, deserialize_with = "whole")]
    pub top_k: Option<u64>,
    /// Keeps tokens with at least this probability relative to the likeliest token, 0 to 1.
    pub min_p: Option<f64>,
    /// Penalty for tokens by how often they have occurred, -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// Penalty for tokens that have occurred at all, -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Penalty for repeated tokens, 0.01 to 2; 1 is no penalty.
    pub repetition_penalty: Option<f32>,
    /// Seed that makes sampling repeatable.
    #[serde(default, deserialize_with = "whole")]
    pub seed: Option<i64>,
    /// Up to 4 sequences that end the answer; they are not part of it.
    pub stop: Option<Stop>,
    /// Number of answers; 1 if left out.
    #[serde(default, deserialize_with = "whole")]
    pub n: Option<u64>,
    /// Values to add to the logits of tokens, by token id, -100 to 100.
    pub logit_bias: Option<BTreeMap<String, f32>>,
    /// True to return the log-probabilities of the tokens.
    pub logprobs: Option<bool>,
    /// Number of likeliest tokens to return at each step, 0 to 20; needs `logprobs`.
    #[serde(default, deserialize_with = "whole")]
    pub top_logprobs: Option<u64>,
    /// True to stream the answer as server-sent events.
    pub stream: Option<bool>,
    /// Options of the stream.
    pub stream_options: Option<StreamOptions>,
    /// Form of the answer; any text if left out.
    pub response_format: Option<ResponseFormat>,
    /// Functions that the model may ask its client to call.
    #[schema(value_type = Option<Vec<KnownTool>>)]
    pub tools: Option<Vec<Tool>>,
    /// Choice of the functions to call; `auto` if there are tools.
    pub tool_choice: Option<WireToolChoice>,
    /// False to allow one call in an answer at most.
    pub parallel_tool_calls: Option<bool>,
}

/// Preferences for providers, by name; the gateway itself is `receipt-gateway`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = ProviderWishes)]
pub struct WireWishes {
    /// Providers to ask first, in this order.
    pub order: Option<Vec<String>>,
    /// The only providers to ask.
    pub only: Option<Vec<String>>,
    /// Providers not to ask.
    pub ignore: Option<Vec<String>>,
    /// False to ask the first candidate only.
    pub allow_fallbacks: Option<bool>,
}

/// A message of a chat.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct WireMessage {
    /// Role of the speaker.
    pub role: WireRole,
    /// Text and files of the message.
    #[serde(default)]
    pub content: Option<Content>,
    /// Functions that the model called in an earlier turn.
    #[serde(default)]
    pub tool_calls: Option<Vec<WireCall>>,
    /// Refusal of the model in that turn, if it said nothing else.
    #[serde(default)]
    pub refusal: Option<String>,
}

/// Role of the speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WireRole {
    /// Instructions.
    System,
    /// Instructions; a newer name of `system`.
    Developer,
    /// The user.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// The result of a function that the model called.
    Tool,
}

/// Text, or a list of parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Content {
    /// Text alone.
    Text(String),
    /// Text and files in reading order.
    Parts(Vec<ContentPart>),
}

/// A part of a message.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentPart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A refusal of the model in an earlier turn.
    Refusal {
        /// The text of the refusal.
        refusal: String,
    },
    /// A picture.
    ImageUrl {
        /// Address of the picture.
        image_url: ImageUrl,
    },
    /// A picture, a PDF or a text file.
    File {
        /// The file.
        file: FilePart,
    },
}

/// A picture, PDF or text file in a message. Text, such as CSV, Markdown, JSON or XML, is shown as it is.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
pub struct FilePart {
    /// Name of the file, which stands above its text if it is a text file. The type is read from the content.
    pub filename: Option<String>,
    /// The file in base64, as a `data:` URI or bare; or its address, as in OpenRouter's API.
    pub file_data: Option<String>,
    /// Address of the file.
    pub file_url: Option<String>,
    /// Address of the file, as in `LiteLLM`'s API. The id of a stored file is refused, because the gateway stores none.
    pub file_id: Option<String>,
}

/// The address of a picture: `{"url": ...}`, or the address alone.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ImageUrl {
    /// The address alone.
    Url(String),
    /// The address in an object, as in OpenAI's API.
    Object {
        /// An `https://` or `http://` address, or a `data:` URI.
        url: String,
    },
}

impl ImageUrl {
    /// Returns the address.
    #[must_use]
    pub fn into_url(self) -> String {
        match self {
            Self::Url(url) | Self::Object { url } => url,
        }
    }
}

/// One stop sequence, or several.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Stop {
    /// One sequence.
    One(String),
    /// Up to 4 sequences.
    Several(Vec<String>),
}

impl Stop {
    /// Returns the sequences.
    #[must_use]
    pub fn into_sequences(self) -> Vec<String> {
        match self {
            Self::One(stop) => vec![stop],
            Self::Several(stops) => stops,
        }
    }
}

/// Options of a stream.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StreamOptions {
    /// True to send the usage in a last chunk; by default true under `/api/v1`, as in OpenRouter's API, and false
    /// under `/v1`.
    pub include_usage: Option<bool>,
}

/// Returns whether a stream ends with the usage: by default it does in OpenRouter's API, and does not in OpenAI's.
#[must_use]
pub fn include_usage(options: Option<&StreamOptions>, dialect: Dialect) -> bool {
    let asked = options.and_then(|options| options.include_usage);
    asked.unwrap_or(dialect == Dialect::OpenRouter)
}

impl From<WireWishes> for routing::ProviderWishes {
    fn from(wishes: WireWishes) -> Self {
        Self {
            order: wishes.order,
            only: wishes.only,
            ignore: wishes.ignore,
            no_fallbacks: wishes.allow_fallbacks == Some(false),
        }
    }
}

/// Form of an answer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    /// Any text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that validates against a schema.
    JsonSchema {
        /// The schema and its name.
        json_schema: JsonSchemaFormat,
    },
}

/// A named schema.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct JsonSchemaFormat {
    /// Name of the schema, for the client.
    pub name: Option<String>,
    /// The schema.
    #[schema(value_type = Object)]
    pub schema: Value,
    /// If true or left out, a keyword that the grammar cannot enforce is a 400. If false, the finished answer
    /// is checked instead, and an answer that does not match is a 502, or in a stream an error after it.
    pub strict: Option<bool>,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of parts";
        string_or_array(deserializer, expecting, Self::Text, Self::Parts)
    }
}

impl<'de> Deserialize<'de> for ImageUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            url: String,
        }
        let object = |Object { url }| Self::Object { url };
        let expecting = "a string or an object with a url";
        string_or_object(deserializer, expecting, Self::Url, object)
    }
}

impl<'de> Deserialize<'de> for Stop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of strings";
        string_or_array(deserializer, expecting, Self::One, Self::Several)
    }
}

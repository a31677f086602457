//! The chat request as OpenAI and OpenRouter clients write it. Unknown fields are accepted and
//! ignored, as both APIs do.

mod tools;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    string_or::{string_or_array, string_or_object},
    whole::whole,
};
pub use tools::{
    Function, FunctionName, KnownTool, NamedTool, Tool, ToolChoice, ToolKind, ToolMode, WireCall,
    WireCalledFunction,
};

/// `POST /v1/chat/completions`
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano",
    "messages": [{"role": "user", "content": "What is a receipt?"}],
    "max_tokens": 32
}))]
pub struct ChatRequest {
    /// Model to ask; else the gateway's default.
    pub model: Option<String>,
    /// OpenRouter's fallback list: models to ask in turn, after `model`, where one has no room, fails or
    /// is not served.
    pub models: Option<Vec<String>>,
    /// OpenRouter's wishes as to who runs the model.
    pub provider: Option<ProviderWishes>,
    /// The chat so far.
    pub messages: Vec<WireMessage>,
    /// Tokens generated at most.
    #[schema(format = "uint64")]
    #[serde(default, deserialize_with = "whole")]
    pub max_completion_tokens: Option<u64>,
    /// The older name of `max_completion_tokens`, which wins.
    #[schema(format = "uint64")]
    #[serde(default, deserialize_with = "whole")]
    pub max_tokens: Option<u64>,
    /// 0 for the likeliest token at every step, up to 2.
    pub temperature: Option<f64>,
    /// Nucleus sampling, over 0 up to 1.
    pub top_p: Option<f64>,
    /// Keep this many of the likeliest tokens; 0 keeps all.
    #[serde(default, deserialize_with = "whole")]
    pub top_k: Option<u64>,
    /// Keep tokens at least this likely relative to the likeliest, 0 to 1.
    pub min_p: Option<f64>,
    /// -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Over 0 up to 2; 1 is none.
    pub repetition_penalty: Option<f32>,
    /// Makes draws repeatable.
    #[serde(default, deserialize_with = "whole")]
    pub seed: Option<i64>,
    /// Up to 4 sequences at which the answer ends; they are not part of it.
    pub stop: Option<Stop>,
    /// Answers to give.
    #[serde(default, deserialize_with = "whole")]
    pub n: Option<u64>,
    /// Token ids with what is added to their logits, -100 to 100.
    pub logit_bias: Option<BTreeMap<String, f32>>,
    /// Whether to tell the tokens' log-probabilities.
    pub logprobs: Option<bool>,
    /// How many of the likeliest tokens to tell at each step, 0 to 20.
    #[serde(default, deserialize_with = "whole")]
    pub top_logprobs: Option<u64>,
    /// Whether to send the answer as it grows, as server-sent events.
    pub stream: Option<bool>,
    /// More about the stream.
    pub stream_options: Option<StreamOptions>,
    /// What the answer must be.
    pub response_format: Option<ResponseFormat>,
    /// Functions that the model may ask its client to call.
    #[schema(value_type = Option<Vec<KnownTool>>)]
    pub tools: Option<Vec<Tool>>,
    /// Whether it is to call one; `auto` where there are tools.
    pub tool_choice: Option<ToolChoice>,
    /// Whether one answer may call several; it may unless this is false.
    pub parallel_tool_calls: Option<bool>,
}

impl ChatRequest {
    /// Whether a preset's schema fits what it asks of the answer: it leaves it open, or wants some object, as
    /// clients that know no schemas do.
    #[must_use]
    pub fn takes_any_object(&self) -> bool {
        !matches!(
            self.response_format,
            Some(ResponseFormat::JsonSchema { .. })
        )
    }
}

/// Which providers a client wants, by name; the gateway itself is `receipt-gateway`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ProviderWishes {
    /// To be asked first, in this order.
    pub order: Option<Vec<String>>,
    /// No others.
    pub only: Option<Vec<String>>,
    /// Not these.
    pub ignore: Option<Vec<String>>,
    /// Whether another may be asked where the first gives no answer.
    pub allow_fallbacks: Option<bool>,
}

/// One message.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct WireMessage {
    /// Who speaks.
    pub role: WireRole,
    /// What is said and shown.
    #[serde(default)]
    pub content: Option<Content>,
    /// Functions that the model called in an earlier turn.
    #[serde(default)]
    pub tool_calls: Option<Vec<WireCall>>,
    /// What it would not do in that turn, where it said nothing else.
    #[serde(default)]
    pub refusal: Option<String>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WireRole {
    /// Instructions.
    System,
    /// Instructions, by a newer name.
    Developer,
    /// The person who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// A function that the model called.
    Tool,
}

/// Text, or a list of parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Content {
    /// Text alone.
    Text(String),
    /// Text and pictures in reading order.
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
    /// What the model would not do, in an earlier turn.
    Refusal {
        /// Its words.
        refusal: String,
    },
    /// A picture.
    ImageUrl {
        /// Where it is.
        image_url: ImageUrl,
    },
    /// A picture or a PDF.
    File {
        /// The file.
        file: FilePart,
    },
}

impl ContentPart {
    /// Whether anything is said or shown by it.
    #[must_use]
    pub fn is_something(&self) -> bool {
        match self {
            Self::Text { text } | Self::Refusal { refusal: text } => !text.is_empty(),
            Self::ImageUrl { .. } | Self::File { .. } => true,
        }
    }
}

/// A file that is shown.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
pub struct FilePart {
    /// Its name, which says nothing of what is in it.
    pub filename: Option<String>,
    /// The file in base64, as a `data:` URI or bare; or, as OpenRouter has it, its address.
    pub file_data: Option<String>,
    /// Its address.
    pub file_url: Option<String>,
    /// Refused: no files are stored.
    pub file_id: Option<String>,
}

/// `{"url": ...}`, or the address alone.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ImageUrl {
    /// The address alone.
    Url(String),
    /// OpenAI's form.
    Object {
        /// `https://`, `http://` or `data:`.
        url: String,
    },
}

impl ImageUrl {
    /// The address.
    #[must_use]
    pub fn into_url(self) -> String {
        match self {
            Self::Url(url) | Self::Object { url } => url,
        }
    }
}

/// One sequence, or several.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Stop {
    /// One.
    One(String),
    /// Up to 4.
    Several(Vec<String>),
}

impl Stop {
    /// Whether it names any sequence; an empty one ends nothing.
    #[must_use]
    pub fn is_set(&self) -> bool {
        match self {
            Self::One(stop) => !stop.is_empty(),
            Self::Several(stops) => stops.iter().any(|stop| !stop.is_empty()),
        }
    }
}

/// More about a stream.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StreamOptions {
    /// Whether a last chunk tells the usage; left out, it does under `/api/v1`, as OpenRouter's does.
    pub include_usage: Option<bool>,
}

/// What the answer must be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    /// Anything.
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that validates against a schema.
    JsonSchema {
        /// The schema with its name.
        json_schema: JsonSchemaFormat,
    },
}

/// A named schema.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct JsonSchemaFormat {
    /// Its name, for the client.
    pub name: Option<String>,
    /// The schema.
    #[schema(value_type = Object)]
    pub schema: Value,
    /// Unless false, a keyword that the grammar cannot enforce is a 400; if false, the finished answer
    /// is checked instead, and one that does not fit is a 502, or in a stream an error after it.
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

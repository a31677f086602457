//! The chat request as OpenAI and OpenRouter clients write it. Unknown fields are accepted and
//! ignored, as both APIs do.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, SeqAccess, Visitor, value},
};
use serde_json::Value;
use utoipa::ToSchema;

/// `POST /v1/chat/completions`
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "model": "receipt-nano",
    "messages": [{"role": "user", "content": "What is a receipt?"}],
    "max_tokens": 32
}))]
pub struct ChatRequest {
    /// Model to ask; else the gateway's default.
    pub model: Option<String>,
    /// OpenRouter's fallback list: the first that is served answers, where `model` is not.
    pub models: Option<Vec<String>>,
    /// The chat so far.
    pub messages: Vec<WireMessage>,
    /// Tokens generated at most.
    #[schema(format = "uint64")]
    pub max_completion_tokens: Option<u64>,
    /// The older name of `max_completion_tokens`, which wins.
    #[schema(format = "uint64")]
    pub max_tokens: Option<u64>,
    /// 0 for the likeliest token at every step, up to 2.
    pub temperature: Option<f64>,
    /// Nucleus sampling, over 0 up to 1.
    pub top_p: Option<f64>,
    /// Keep this many of the likeliest tokens; 0 keeps all.
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
    pub seed: Option<i64>,
    /// Up to 4 sequences at which the answer ends; they are not part of it.
    pub stop: Option<Stop>,
    /// Answers to give.
    pub n: Option<u64>,
    /// Token ids with what is added to their logits, -100 to 100.
    pub logit_bias: Option<BTreeMap<String, f32>>,
    /// Whether to tell the tokens' log-probabilities.
    pub logprobs: Option<bool>,
    /// How many of the likeliest tokens to tell at each step, 0 to 20.
    pub top_logprobs: Option<u64>,
    /// Whether to send the answer as it grows, as server-sent events.
    pub stream: Option<bool>,
    /// More about the stream.
    pub stream_options: Option<StreamOptions>,
    /// What the answer must be.
    pub response_format: Option<ResponseFormat>,
    /// Tools; none are called, so a request that needs one is refused.
    pub tools: Option<Vec<Tool>>,
    /// `none` lets a request with tools pass.
    pub tool_choice: Option<ToolChoice>,
}

/// A function that a model may ask its client to call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool {
    /// The only kind that is known.
    Function {
        /// The function.
        function: Function,
    },
    /// Any other.
    #[serde(other)]
    Other,
}

/// A function.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub parameters: Option<serde_json::Map<String, Value>>,
    /// Whether its arguments must validate.
    pub strict: Option<bool>,
}

/// Whether a tool is to be called.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(
    untagged,
    expecting = "none, auto, required, or {\"type\": \"function\", \"function\": {\"name\": ...}}"
)]
pub enum ToolChoice {
    /// At all.
    Mode(ToolMode),
    /// This one.
    Named(NamedTool),
}

/// Whether any tool is to be called.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolMode {
    /// None.
    None,
    /// If the model wants to.
    Auto,
    /// One at least.
    Required,
}

/// A tool by its name.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NamedTool {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ToolKind,
    /// The function.
    pub function: FunctionName,
}

/// A kind of tool.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// The only one.
    Function,
}

/// The name of a function.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FunctionName {
    /// As in `tools`.
    pub name: String,
}

impl ChatRequest {
    /// Whether it leaves open what the answer must be.
    #[must_use]
    pub fn is_free(&self) -> bool {
        matches!(self.response_format, None | Some(ResponseFormat::Text))
    }
}

/// One message.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WireMessage {
    /// Who speaks.
    pub role: WireRole,
    /// What is said and shown.
    #[serde(default)]
    pub content: Option<Content>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
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
}

/// Text, or a list of parts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Content {
    /// Text alone.
    Text(String),
    /// Text and pictures in reading order.
    Parts(Vec<ContentPart>),
}

/// A part of a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentPart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    ImageUrl {
        /// Where it is.
        image_url: ImageUrl,
    },
}

/// `{"url": ...}`, or the address alone.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Stop {
    /// One.
    One(String),
    /// Up to 4.
    Several(Vec<String>),
}

/// More about a stream.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StreamOptions {
    /// Whether a last chunk tells the usage; left out, it does under `/api/v1`, as OpenRouter's does.
    pub include_usage: Option<bool>,
}

/// What the answer must be.
#[derive(Debug, Deserialize, ToSchema)]
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
#[derive(Debug, Deserialize, ToSchema)]
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

/// Either a string or something else: serde's own untagged enums lose the path of what is wrong
/// inside.
struct StringOr<T>(fn(String) -> T, &'static str);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts(StringOr<Content>);
        impl<'de> Visitor<'de> for Parts {
            type Value = Content;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(self.0.1)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Content, E> {
                Ok((self.0.0)(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<Content, A::Error> {
                let parts = Vec::deserialize(value::SeqAccessDeserializer::new(parts))?;
                Ok(Content::Parts(parts))
            }
        }
        deserializer.deserialize_any(Parts(StringOr(
            Content::Text,
            "a string or an array of parts",
        )))
    }
}

impl<'de> Deserialize<'de> for ImageUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            url: String,
        }
        struct Url(StringOr<ImageUrl>);
        impl<'de> Visitor<'de> for Url {
            type Value = ImageUrl;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(self.0.1)
            }

            fn visit_str<E: de::Error>(self, url: &str) -> Result<ImageUrl, E> {
                Ok((self.0.0)(url.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ImageUrl, A::Error> {
                let object = Object::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(ImageUrl::Object { url: object.url })
            }
        }
        deserializer.deserialize_any(Url(StringOr(
            ImageUrl::Url,
            "a string or an object with a url",
        )))
    }
}

impl<'de> Deserialize<'de> for Stop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Sequences(StringOr<Stop>);
        impl<'de> Visitor<'de> for Sequences {
            type Value = Stop;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(self.0.1)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Stop, E> {
                Ok((self.0.0)(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Stop, A::Error> {
                let several = Vec::deserialize(value::SeqAccessDeserializer::new(seq))?;
                Ok(Stop::Several(several))
            }
        }
        deserializer.deserialize_any(Sequences(StringOr(
            Stop::One,
            "a string or an array of strings",
        )))
    }
}

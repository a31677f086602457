//! Text completions as OpenAI's clients write and read them.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    chat::{
        request::{Stop, StreamOptions},
        response::{Envelope, Logprobs, WireUsage},
    },
    string_or::string_or_array,
    whole::whole,
};

/// Tokens generated where a request sets no limit, as OpenAI has it.
pub const MAX_TOKENS: u64 = 16;

/// `POST /v1/completions`
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"model": "receipt-nano", "prompt": "TOTAL", "max_tokens": 8}))]
pub struct CompletionRequest {
    /// Model to ask; else the gateway's default.
    pub model: Option<String>,
    /// OpenRouter's fallback list: the first that is served answers, where `model` is not.
    pub models: Option<Vec<String>>,
    /// What to go on from.
    pub prompt: Prompts,
    /// Tokens generated at most; 16 if left out.
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
    /// Up to 4 sequences at which the text ends; they are not part of it.
    pub stop: Option<Stop>,
    /// Answers to each prompt.
    #[serde(default, deserialize_with = "whole")]
    pub n: Option<u64>,
    /// Token ids with what is added to their logits, -100 to 100.
    pub logit_bias: Option<BTreeMap<String, f32>>,
    /// How many of the likeliest tokens to tell at each step, 0 to 5, beside the one that was drawn.
    #[serde(default, deserialize_with = "whole")]
    pub logprobs: Option<u64>,
    /// Whether to send the text as it grows, as server-sent events.
    pub stream: Option<bool>,
    /// More about the stream.
    pub stream_options: Option<StreamOptions>,
    /// Whether the text begins with the prompt.
    pub echo: Option<bool>,
    /// Refused unless it is `n`.
    #[serde(default, deserialize_with = "whole")]
    pub best_of: Option<u64>,
    /// Refused.
    pub suffix: Option<String>,
}

/// One prompt, or several.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Prompts {
    /// One.
    One(String),
    /// Several, each answered by itself.
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for Prompts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of strings";
        string_or_array(deserializer, expecting, Self::One, Self::Several)
    }
}

/// A whole answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Completion {
    /// Name of the answer.
    #[schema(example = "cmpl-2f1c")]
    pub id: String,
    /// Always `text_completion`.
    #[schema(example = "text_completion")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Who answered.
    pub model: String,
    /// Changes with the weights behind the model's name.
    pub system_fingerprint: String,
    /// The answers; those to the first prompt come first.
    pub choices: Vec<CompletionChoice>,
    /// What they took.
    pub usage: WireUsage,
}

/// A piece of a streamed answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionChunk {
    /// The fault that ended the stream; the first key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// Name of the answer, the same in every chunk.
    pub id: String,
    /// Always `text_completion`.
    #[schema(example = "text_completion")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Who answers.
    pub model: String,
    /// Changes with the weights behind the model's name.
    pub system_fingerprint: String,
    /// What is new.
    pub choices: Vec<CompletionChoice>,
    /// What it took, in the last chunk if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<WireUsage>,
}

/// One answer, or what is new of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionChoice {
    /// The text.
    pub text: String,
    /// Its number.
    pub index: usize,
    /// Log-probabilities of its tokens; null where they were not asked for.
    pub logprobs: Option<CompletionLogprobs>,
    /// Why it ended, `stop` or `length`; null before the end.
    pub finish_reason: Option<&'static str>,
}

/// Log-probabilities of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionLogprobs {
    /// Its tokens.
    pub tokens: Vec<String>,
    /// Natural log of the probability of each.
    pub token_logprobs: Vec<f32>,
    /// The likeliest tokens at each step.
    #[schema(value_type = Vec<std::collections::HashMap<String, f32>>)]
    pub top_logprobs: Vec<IndexMap<String, f32>>,
    /// Where each begins in the text, in characters.
    pub text_offset: Vec<usize>,
}

impl CompletionLogprobs {
    /// Of tokens whose first stands at `offset` of its text, which is then behind the last.
    #[must_use]
    pub fn new(logprobs: Logprobs, offset: &mut usize) -> Self {
        let mut all = Self {
            tokens: Vec::new(),
            token_logprobs: Vec::new(),
            top_logprobs: Vec::new(),
            text_offset: Vec::new(),
        };
        for token in logprobs.content {
            all.text_offset.push(*offset);
            // A character may span tokens; it begins where its first byte is.
            let begins = |byte: &&u8| **byte & 0xC0 != 0x80;
            *offset += token.bytes.iter().filter(begins).count();
            // The drawn one is always among them. Parts of characters look alike; the likeliest of
            // them stays.
            let mut top = IndexMap::new();
            for other in token.top_logprobs {
                top.entry(other.token).or_insert(other.logprob);
            }
            if !top.is_empty() {
                top.entry(token.token.clone()).or_insert(token.logprob);
            }
            all.top_logprobs.push(top);
            all.tokens.push(token.token);
            all.token_logprobs.push(token.logprob);
        }
        all
    }
}

impl Completion {
    /// The whole answer.
    #[must_use]
    pub fn new(envelope: Envelope, choices: Vec<CompletionChoice>, usage: WireUsage) -> Self {
        Self {
            id: envelope.id,
            object: OBJECT,
            created: envelope.created,
            model: envelope.model,
            system_fingerprint: envelope.fingerprint,
            choices,
            usage,
        }
    }
}

const OBJECT: &str = "text_completion";

impl CompletionChunk {
    /// A piece of the answer.
    #[must_use]
    pub fn new(envelope: &Envelope, choices: Vec<CompletionChoice>) -> Self {
        Self {
            error: None,
            id: envelope.id.clone(),
            object: OBJECT,
            created: envelope.created,
            model: envelope.model.clone(),
            system_fingerprint: envelope.fingerprint.clone(),
            choices,
            usage: None,
        }
    }
}

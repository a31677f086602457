//! The request and the answer of text completions in OpenAI's form.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    generation::Token,
    http::{
        openai::{
            chat::request::{Stop, StreamOptions},
            envelope::Envelope,
            logprobs::WireLogprobs,
            usage::WireUsage,
        },
        string_or::string_or_array,
        whole::whole,
    },
};

/// Most tokens to generate if a request sets no limit; OpenAI's own default.
pub const MAX_TOKENS: u64 = 16;

/// The body of `POST /v1/completions`. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"model": "receipt-nano", "prompt": "TOTAL", "max_tokens": 8}))]
pub struct CompletionRequest {
    /// Model or preset to ask; the gateway's default if left out.
    pub model: Option<String>,
    /// OpenRouter's fallback list: models to ask in turn after `model`, if one is busy, fails or does not exist.
    pub models: Option<Vec<String>>,
    /// Text to continue.
    pub prompt: Prompts,
    /// Most tokens to generate; 16 if left out.
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
    /// Up to 4 sequences that end the text; they are not part of it.
    pub stop: Option<Stop>,
    /// Number of answers to each prompt; 1 if left out.
    #[serde(default, deserialize_with = "whole")]
    pub n: Option<u64>,
    /// Values to add to the logits of tokens, by token id, -100 to 100.
    pub logit_bias: Option<BTreeMap<String, f32>>,
    /// Number of likeliest tokens to return at each step, 0 to 5, in addition to the sampled token.
    #[serde(default, deserialize_with = "whole")]
    pub logprobs: Option<u64>,
    /// True to stream the text as server-sent events.
    pub stream: Option<bool>,
    /// Options of the stream.
    pub stream_options: Option<StreamOptions>,
    /// True to begin the text with the prompt.
    pub echo: Option<bool>,
    /// Refused unless it equals `n`.
    #[serde(default, deserialize_with = "whole")]
    pub best_of: Option<u64>,
    /// Refused: the gateway cannot insert into a text.
    pub suffix: Option<String>,
}

/// One prompt, or several.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Prompts {
    /// One prompt.
    One(String),
    /// Several prompts, each answered on its own.
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for Prompts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expecting = "a string or an array of strings";
        string_or_array(deserializer, expecting, Self::One, Self::Several)
    }
}

/// A whole answer to one or more prompts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Completion {
    /// Id of the answer.
    #[schema(example = "cmpl-2f1c")]
    pub id: String,
    /// Always `text_completion`.
    #[schema(example = "text_completion")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Model or preset that answered.
    pub model: String,
    /// Fingerprint of the model's weights.
    pub system_fingerprint: String,
    /// The answers; those to the first prompt come first.
    pub choices: Vec<CompletionChoice>,
    /// Token counts of all answers.
    pub usage: WireUsage,
}

/// A piece of a streamed answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionChunk {
    /// Error that ended the stream; the first key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// Id of the answer, the same in every chunk.
    pub id: String,
    /// Always `text_completion`.
    #[schema(example = "text_completion")]
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Model or preset that answers.
    pub model: String,
    /// Fingerprint of the model's weights.
    pub system_fingerprint: String,
    /// New parts of the answers.
    pub choices: Vec<CompletionChoice>,
    /// Token counts, in the last chunk if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<WireUsage>,
}

/// One answer, or a new part of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionChoice {
    /// The text.
    pub text: String,
    /// Number of the answer, from 0.
    pub index: usize,
    /// Log-probabilities of the text's tokens; null if they were not requested.
    pub logprobs: Option<CompletionLogprobs>,
    /// Reason that the answer ended, `stop` or `length`; null before the end.
    pub finish_reason: Option<&'static str>,
}

/// Log-probabilities of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionLogprobs {
    /// Tokens of the text.
    pub tokens: Vec<String>,
    /// Natural log of each token's probability.
    pub token_logprobs: Vec<f32>,
    /// Likeliest tokens at each step, with the logs of their probabilities.
    #[schema(value_type = Vec<std::collections::HashMap<String, f32>>)]
    pub top_logprobs: Vec<IndexMap<String, f32>>,
    /// Start of each token in the text, in characters.
    pub text_offset: Vec<usize>,
}

impl CompletionLogprobs {
    /// Writes the log-probabilities of `tokens`. The first token begins at `offset` in the text; `offset` is moved to
    /// the start of the next.
    #[must_use]
    pub fn new(tokens: &[Token], offset: &mut usize) -> Self {
        let mut all = Self {
            tokens: Vec::new(),
            token_logprobs: Vec::new(),
            top_logprobs: Vec::new(),
            text_offset: Vec::new(),
        };
        for token in WireLogprobs::of(tokens).content {
            all.text_offset.push(*offset);
            // A character may span tokens; it counts for the token with its first byte.
            let begins = |byte: &&u8| **byte & 0xC0 != 0x80;
            *offset += token.bytes.iter().filter(begins).count();
            // The sampled token is always included. Parts of characters have the same text; the likeliest
            // of them stays.
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
    /// Creates the whole answer.
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
    /// Creates a piece of the answer.
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

//! Log-probabilities in OpenAI's form.

use serde::Serialize;
use utoipa::ToSchema;

use crate::generation::Token;

/// Log-probabilities of an answer.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Logprobs)]
pub struct WireLogprobs {
    /// Log-probabilities of the tokens, in order.
    pub content: Vec<TokenLogprob>,
    /// Always null.
    pub refusal: Option<Vec<TokenLogprob>>,
}

/// Log-probability of a token.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenLogprob {
    /// Text of the token; U+FFFD for a part of a character.
    pub token: String,
    /// Natural log of the token's probability.
    pub logprob: f32,
    /// Bytes of the token.
    pub bytes: Vec<u8>,
    /// The likeliest tokens at this step.
    pub top_logprobs: Vec<TopLogprob>,
}

/// Log-probability of one of the likeliest tokens.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopLogprob {
    /// Text of the token.
    pub token: String,
    /// Natural log of the token's probability.
    pub logprob: f32,
    /// Bytes of the token's text.
    pub bytes: Vec<u8>,
}

impl TokenLogprob {
    /// Writes the log-probabilities of a token; none if its own is not known.
    #[must_use]
    pub fn of(token: &Token) -> Option<Self> {
        Some(Self {
            token: String::from_utf8_lossy(&token.bytes).into_owned(),
            logprob: finite(token.logprob?),
            bytes: token.bytes.clone(),
            top_logprobs: token
                .top
                .iter()
                .map(|top| TopLogprob {
                    token: top.text.clone(),
                    logprob: finite(top.logprob),
                    bytes: top.text.clone().into_bytes(),
                })
                .collect(),
        })
    }
}

impl WireLogprobs {
    /// Writes the log-probabilities of `tokens`, without those that are not known.
    #[must_use]
    pub fn of(tokens: &[Token]) -> Self {
        Self {
            content: tokens.iter().filter_map(TokenLogprob::of).collect(),
            refusal: None,
        }
    }
}

/// Replaces an infinity, which JSON does not have, by OpenAI's value for an impossible token.
fn finite(logprob: f32) -> f32 {
    if logprob.is_finite() {
        logprob
    } else {
        -9999.0
    }
}

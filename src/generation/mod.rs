//! Generations in the gateway's own terms: the prompt of a model, and its answer token by token.
//!
//! Knows neither a wire format (see `http`) nor an engine (see `engine`).

mod cost;
mod prices;
mod script;
pub mod stop;
pub mod tools;
mod usage;

use std::{collections::BTreeMap, sync::Arc};

pub use cost::{Cost, CostParts};
pub use prices::Prices;
pub use script::{FileContents, Line, PAGE_TEXT, PICTURES, Script, Shown, Turn};
pub use usage::{Discarded, Usage, Writing};

pub use crate::grammar::Grammar;
use crate::image::Picture;

/// The author of a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions; the same as OpenAI's `developer`.
    System,
    /// The user.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

impl Role {
    /// Returns the name used in chat templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A piece of a message, in reading order.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text; special tokens in it have no special meaning.
    Text(String),
    /// A picture on the model's patch grid.
    Picture(Arc<Picture>),
}

/// One turn of a chat.
#[derive(Debug, Clone)]
pub struct Message {
    /// The author.
    pub role: Role,
    /// The contents, in reading order.
    pub parts: Vec<Part>,
}

impl Message {
    /// Creates a message of text alone.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            parts: vec![Part::Text(text.into())],
        }
    }

    /// Returns the pictures in order.
    pub fn pictures(&self) -> impl Iterator<Item = &Arc<Picture>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Picture(picture) => Some(picture),
            Part::Text(_) => None,
        })
    }
}

/// The settings for drawing the next token from the model's distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// Divisor of the logits; 0 takes the likeliest token.
    pub temperature: f64,
    /// Nucleus: keeps the likeliest tokens up to this mass, in (0, 1].
    pub top_p: Option<f64>,
    /// Keeps this many of the likeliest tokens.
    pub top_k: Option<usize>,
    /// Keeps tokens at least this likely relative to the likeliest, in [0, 1].
    pub min_p: Option<f64>,
    /// Subtracted from a token's logit for each time it occurred, -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// Subtracted from a token's logit if it occurred, -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Divides a positive logit (multiplies a negative one) of a token that occurred.
    pub repetition_penalty: Option<f32>,
    /// Makes a draw above temperature 0 repeatable.
    pub seed: Option<u64>,
    /// Added to the logit of the token with this id.
    pub logit_bias: BTreeMap<u32, f32>,
}

impl Sampling {
    /// Returns settings that take the likeliest token at every step.
    #[must_use]
    pub fn greedy() -> Self {
        Self {
            temperature: 0.0,
            top_p: None,
            top_k: None,
            min_p: None,
            frequency_penalty: None,
            presence_penalty: None,
            repetition_penalty: None,
            seed: None,
            logit_bias: BTreeMap::new(),
        }
    }
}

/// The beginning from which a model continues.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// A chat, where the model speaks next.
    Chat(Vec<Message>),
    /// A text as it is, without the model's chat template.
    Text(String),
}

impl Prompt {
    /// Returns whether the prompt has pictures.
    #[must_use]
    pub fn shows_pictures(&self) -> bool {
        let is_picture = |part: &Part| matches!(part, Part::Picture(_));
        match self {
            Self::Chat(messages) => messages.iter().flat_map(|m| &m.parts).any(is_picture),
            Self::Text(_) => false,
        }
    }
}

/// The tokens whose log-probabilities are needed; an engine may return more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logprobs {
    /// No tokens.
    None,
    /// Tokens about which the model had a choice, see [`Token::forced`].
    Drawn,
    /// All tokens.
    All,
}

/// A request to an engine for one generation.
#[derive(Debug, Clone)]
pub struct Generation {
    /// The beginning from which the model continues.
    pub prompt: Prompt,
    /// The settings for drawing tokens.
    pub sampling: Sampling,
    /// Maximum number of generated tokens; at least 1.
    pub max_tokens: usize,
    /// The grammar that the text must match.
    pub grammar: Grammar,
    /// The tokens whose log-probabilities are needed.
    pub logprobs: Logprobs,
    /// Number of likeliest tokens to return at each step, 0 to 20.
    pub top_logprobs: usize,
    /// Functions that the answer may call, for an engine that takes them apart from the prompt.
    pub tools: Option<Arc<tools::Tools>>,
}

impl Generation {
    /// Returns the messages of a chat.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        match &self.prompt {
            Prompt::Chat(messages) => messages,
            Prompt::Text(_) => &[],
        }
    }
}

/// A token that could have been drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Its text, decoded alone.
    pub text: String,
    /// Natural log of its probability in the model's own distribution.
    pub logprob: f32,
}

/// A generated token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Id in the model's vocabulary.
    pub id: u32,
    /// Its bytes of the text. A character may span tokens, and a special token has no bytes.
    pub bytes: Vec<u8>,
    /// Natural log of its probability in the model's own distribution, before penalties,
    /// temperature, truncation and grammar; none if the engine does not report it.
    pub logprob: Option<f32>,
    /// The likeliest tokens at this step, as many as requested.
    pub top: Vec<Alternative>,
    /// The grammar left no choice, so the token was not drawn.
    pub forced: bool,
    /// Number of passes of the model up to this token, including the prompt's; 0 if the engine does
    /// not report it.
    pub pass: usize,
}

/// The reason that a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model, the grammar or a stop sequence ended it.
    Stop,
    /// It reached `max_tokens` or the end of the model's context.
    Length,
}

/// An event of a running generation. `Finished` comes last, once.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The next token.
    Token(Token),
    /// The end.
    Finished {
        /// The reason.
        reason: FinishReason,
        /// The tokens used.
        usage: Usage,
    },
}

/// Joins the bytes of tokens into text without splitting a character.
#[derive(Debug, Default)]
pub struct TextDecoder {
    pending: Vec<u8>,
}

impl TextDecoder {
    /// Adds `bytes`, and returns the text that is complete with them. Invalid bytes become U+FFFD.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut kept = Vec::new();
        for chunk in self.pending.utf8_chunks() {
            text.push_str(chunk.valid());
            kept.clear();
            if !chunk.invalid().is_empty() {
                kept.extend_from_slice(chunk.invalid());
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        // The last chunk may be the beginning of an incomplete character.
        if is_incomplete(&kept) {
            text.pop();
        } else {
            kept.clear();
        }
        self.pending = kept;
        text
    }

    /// Returns the rest at the end: U+FFFD if the text broke off inside a character.
    pub fn finish(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        rest
    }
}

/// Returns whether `bytes` are a proper prefix of some UTF-8 character.
fn is_incomplete(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_character_split_over_tokens_arrives_whole() {
        let mut decoder = TextDecoder::default();
        let euro = "€".as_bytes();
        assert_eq!(decoder.push(b"a"), "a");
        assert_eq!(decoder.push(&euro[..1]), "");
        assert_eq!(decoder.push(&euro[1..2]), "");
        assert_eq!(decoder.push(&[euro[2], b'b']), "€b");
        assert_eq!(decoder.finish(), "");
    }

    #[test]
    fn a_character_that_never_ends_is_replaced() {
        let mut decoder = TextDecoder::default();
        assert_eq!(decoder.push(&[0xE2, 0x82]), "");
        assert_eq!(decoder.finish(), "\u{FFFD}");
        assert_eq!(decoder.push(&[0xE2, b'x']), "\u{FFFD}x");
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_text_is_the_same(bytes: Vec<u8>, cut in 0usize..64) {
            let mut whole = TextDecoder::default();
            let expected = whole.push(&bytes) + &whole.finish();
            let cut = cut.min(bytes.len());
            let mut parts = TextDecoder::default();
            let text = parts.push(&bytes[..cut]) + &parts.push(&bytes[cut..]) + &parts.finish();
            prop_assert_eq!(&text, &expected);
            prop_assert_eq!(expected, String::from_utf8_lossy(&bytes));
        }
    }
}

//! A chat in the gateway's own terms: what a model is asked, and what it answers token by token.
//!
//! Knows neither a wire format (see `http`) nor an engine (see `engine`).

mod script;
pub mod tools;

use std::{collections::BTreeMap, sync::Arc};

pub use script::{Line, Script, Turn};

pub use crate::grammar::Grammar;
use crate::image::Picture;

/// Who speaks in a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions; OpenAI's `developer` is the same.
    System,
    /// The person who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

impl Role {
    /// The name that chat templates know.
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
    /// Text, with special tokens in it meaning nothing special.
    Text(String),
    /// A picture on the model's patch grid.
    Picture(Arc<Picture>),
}

/// One turn of a chat.
#[derive(Debug, Clone)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said and shown.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of text alone.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            parts: vec![Part::Text(text.into())],
        }
    }

    /// The pictures shown, in order.
    pub fn pictures(&self) -> impl Iterator<Item = &Arc<Picture>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Picture(picture) => Some(picture),
            Part::Text(_) => None,
        })
    }
}

/// How the next token is drawn from the model's distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 takes the likeliest token; otherwise logits are divided by it.
    pub temperature: f64,
    /// Nucleus: keep the likeliest tokens up to this mass, in (0, 1].
    pub top_p: Option<f64>,
    /// Keep this many of the likeliest tokens.
    pub top_k: Option<usize>,
    /// Keep tokens at least this likely relative to the likeliest, in [0, 1].
    pub min_p: Option<f64>,
    /// Taken from a token's logit for each time it occurred, -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// Taken from a token's logit if it occurred, -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Divides a positive logit (multiplies a negative one) of a token that occurred.
    pub repetition_penalty: Option<f32>,
    /// Makes a draw above temperature 0 repeatable.
    pub seed: Option<u64>,
    /// Added to the logit of a token id.
    pub logit_bias: BTreeMap<u32, f32>,
}

impl Sampling {
    /// The likeliest token at every step.
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

/// What a model goes on from.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// A chat; the model speaks next.
    Chat(Vec<Message>),
    /// A text as it is, without the model's chat template around it.
    Text(String),
}

impl Prompt {
    /// Whether there are pictures in it.
    #[must_use]
    pub fn shows_pictures(&self) -> bool {
        let is_picture = |part: &Part| matches!(part, Part::Picture(_));
        match self {
            Self::Chat(messages) => messages.iter().flat_map(|m| &m.parts).any(is_picture),
            Self::Text(_) => false,
        }
    }
}

/// Of which tokens log-probabilities are of use; an engine may tell more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logprobs {
    /// Of none.
    None,
    /// Of those that the model had a choice about, see [`Token::forced`].
    Drawn,
    /// Of every one.
    All,
}

/// One generation asked of an engine.
#[derive(Debug, Clone)]
pub struct Generation {
    /// What the model goes on from.
    pub prompt: Prompt,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Tokens generated at most; at least 1.
    pub max_tokens: usize,
    /// What the text must match.
    pub grammar: Grammar,
    /// Of which tokens log-probabilities are of use.
    pub logprobs: Logprobs,
    /// How many of the likeliest tokens are told at each step, 0 to 20.
    pub top_logprobs: usize,
    /// Functions that the answer may call, for an engine that is told of them apart from the prompt.
    pub tools: Option<Arc<tools::Tools>>,
}

impl Generation {
    /// The messages of a chat.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        match &self.prompt {
            Prompt::Chat(messages) => messages,
            Prompt::Text(_) => &[],
        }
    }
}

/// A token beside the one that was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Its text as the tokenizer decodes it alone.
    pub text: String,
    /// Natural log of its probability in the model's own distribution.
    pub logprob: f32,
}

/// A generated token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Id in the model's vocabulary.
    pub id: u32,
    /// What it adds to the text; a character may span tokens, and a special token adds nothing.
    pub bytes: Vec<u8>,
    /// Natural log of its probability in the model's own distribution, before penalties,
    /// temperature, truncation and grammar; none where the engine does not tell.
    pub logprob: Option<f32>,
    /// The likeliest tokens at this step, as many as were asked for.
    pub top: Vec<Alternative>,
    /// Whether the grammar left no choice, so that it was not drawn.
    pub forced: bool,
    /// Passes of the model until it was told, the prompt's among them; 0 where the engine does not tell.
    pub pass: usize,
}

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model, the grammar or a stop sequence ended it.
    Stop,
    /// `max_tokens` or the model's context did.
    Length,
}

/// Tokens read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, those of pictures included.
    pub prompt_tokens: usize,
    /// Tokens generated.
    pub completion_tokens: usize,
    /// Tokens of the prompt that whoever runs the model had read before and remembered.
    pub cached_tokens: usize,
    /// How the generated tokens were come by; none where the engine does not tell.
    pub writing: Option<Writing>,
}

/// How tokens were come by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writing {
    /// Passes of the model, the prompt's among them.
    pub passes: usize,
    /// Tokens that the grammar left no choice about.
    pub forced_tokens: usize,
}

impl Usage {
    /// With the tokens of another answer to the same prompt, which counts once.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            completion_tokens: self.completion_tokens + other.completion_tokens,
            writing: match (self.writing, other.writing) {
                (Some(one), Some(other)) => Some(Writing {
                    passes: one.passes + other.passes,
                    forced_tokens: one.forced_tokens + other.forced_tokens,
                }),
                (one, other) => one.or(other),
            },
            ..self
        }
    }
}

impl Writing {
    /// Takes in one more token.
    pub fn add(&mut self, token: &Token) {
        self.passes = self.passes.max(token.pass);
        self.forced_tokens += usize::from(token.forced);
    }
}

/// What an engine tells of a running generation, in order; `Finished` comes last, once.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// One more token.
    Token(Token),
    /// The end.
    Finished {
        /// Why.
        reason: FinishReason,
        /// What it took.
        usage: Usage,
    },
}

/// Joins the bytes of tokens into text without ever splitting a character.
#[derive(Debug, Default)]
pub struct TextDecoder {
    pending: Vec<u8>,
}

impl TextDecoder {
    /// The text that is complete once `bytes` have come; invalid bytes become U+FFFD.
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
        // The last chunk may be the beginning of a character whose rest is still to come.
        if is_incomplete(&kept) {
            text.pop();
        } else {
            kept.clear();
        }
        self.pending = kept;
        text
    }

    /// What is left at the end: U+FFFD where the text broke off inside a character.
    pub fn finish(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        rest
    }
}

/// Whether `bytes` are a proper prefix of some UTF-8 character.
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

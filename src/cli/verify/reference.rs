//! The committed references: prompts, and the tokens that Hugging Face transformers writes to them. `tests/reference`
//! makes them.

use std::sync::Arc;

use anyhow::Context;
use serde::Deserialize;

use crate::{
    cli::samples,
    engine::{Engine, EngineError},
    generation::{
        Event, Generation, Grammar, Logprobs, Message, Part, Prompt, Role, Sampling, Token,
    },
    image::Picture,
};

/// The names of the references.
pub const REFERENCES: [&str; 3] = ["tiny-qwen2-vl", "tiny-qwen3-vl", "receipt-nano"];

/// The number of likeliest tokens that the references state for each step.
const TOP: usize = 5;

/// What transformers writes with one model.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceSet {
    /// The prompts, and what is written to each.
    pub cases: Vec<ReferenceCase>,
}

/// A prompt, and what transformers writes to it.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceCase {
    /// Name of the case.
    pub name: String,
    messages: Vec<ReferenceMessage>,
    /// Tokens of the prompt, those of pictures included.
    pub prompt_tokens: usize,
    /// The tokens that are written, each the likeliest.
    pub steps: Vec<ReferenceStep>,
}

#[derive(Debug, Clone, Deserialize)]
struct ReferenceMessage {
    role: String,
    content: ReferenceContent,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum ReferenceContent {
    Text(String),
    Parts(Vec<ReferencePart>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ReferencePart {
    Text { text: String },
    Image { file: String },
}

/// A token that transformers writes.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceStep {
    /// Id in the vocabulary.
    pub id: u32,
    /// Natural log of its probability.
    pub logprob: f32,
    /// The likeliest tokens, the likeliest first.
    pub top: Vec<ReferenceTop>,
}

/// One of the likeliest tokens of a step.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceTop {
    /// Natural log of its probability.
    pub logprob: f32,
}

/// What an engine wrote to the prompt of a case.
#[derive(Debug)]
pub struct CaseAnswer {
    /// Tokens of the prompt, as the engine counted them before it wrote.
    pub prompt_tokens: usize,
    /// What it wrote.
    pub tokens: Vec<Token>,
}

impl ReferenceSet {
    /// Returns the reference of that name, which the program carries.
    ///
    /// # Errors
    /// Fails for a name that is not among [`REFERENCES`].
    pub fn named(name: &str) -> anyhow::Result<Self> {
        let file = samples::reference_file(&format!("{name}.json"));
        let file = file.with_context(|| format!("there is no reference {name:?}"))?;
        serde_json::from_slice(file).with_context(|| format!("the reference {name:?}"))
    }
}

impl ReferenceCase {
    /// Asks `engine` to write as many tokens to the prompt as the reference has.
    ///
    /// # Errors
    /// The engine's, and a picture of the reference that cannot be decoded.
    pub async fn ask(&self, engine: &dyn Engine) -> anyhow::Result<CaseAnswer> {
        let mut generating = engine.generate(self.generation()?).await?;
        let mut tokens = Vec::new();
        loop {
            match generating.events.recv().await {
                Some(event) => match event? {
                    Event::Token(token) => tokens.push(token),
                    Event::Finished { .. } => break,
                },
                None => return Err(EngineError::Stopped.into()),
            }
        }
        Ok(CaseAnswer {
            prompt_tokens: generating.prompt_tokens,
            tokens,
        })
    }

    fn generation(&self) -> anyhow::Result<Generation> {
        let messages = self.messages.iter().map(ReferenceMessage::message);
        Ok(Generation {
            prompt: Prompt::Chat(messages.collect::<anyhow::Result<_>>()?),
            sampling: Sampling::greedy(),
            max_tokens: self.steps.len(),
            grammar: Grammar::Free,
            tools: None,
            logprobs: Logprobs::All,
            top_logprobs: TOP,
        })
    }
}

impl ReferenceMessage {
    fn message(&self) -> anyhow::Result<Message> {
        let role = match self.role.as_str() {
            "system" => Role::System,
            "assistant" => Role::Assistant,
            _ => Role::User,
        };
        let parts = match &self.content {
            ReferenceContent::Text(text) => return Ok(Message::text(role, text.clone())),
            ReferenceContent::Parts(parts) => parts.iter().map(|part| match part {
                ReferencePart::Text { text } => Ok(Part::Text(text.clone())),
                ReferencePart::Image { file } => picture(file),
            }),
        };
        Ok(Message {
            role,
            parts: parts.collect::<anyhow::Result<_>>()?,
        })
    }
}

/// Returns a picture of the references, whose pixels lie on the model's grid.
fn picture(file: &str) -> anyhow::Result<Part> {
    let bytes = samples::reference_file(file);
    let bytes = bytes.with_context(|| format!("the reference shows {file}, which is not there"))?;
    let pixels = image::load_from_memory(bytes)
        .with_context(|| file.to_owned())?
        .into_rgb8();
    Ok(Part::Picture(Arc::new(Picture::new(pixels))))
}

//! The chat request in the gateway's own terms, which every wire form is translated into.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::ChatOptions;
use crate::{
    image::ImageSource, keys::Identity, presets::Preset, receipt::CacheUse, registry::Ticket,
};

/// A request for one or more answers.
pub struct ChatRequest {
    /// The models to ask in turn; at least one.
    pub candidates: Vec<Preset>,
    /// The conversation or the texts to answer.
    pub prompt: ChatPrompt,
    /// The sampling of the answers, and their limits.
    pub options: ChatOptions,
    /// The form of the answers.
    pub format: AnswerFormat,
    /// The functions that the answers may call.
    pub tools: ToolOptions,
    /// The client that asks.
    pub client: Client,
    /// The use of the cache for a receipt.
    pub cache: CacheUse,
}

impl ChatRequest {
    /// Returns the number of pictures and other files of the prompt.
    #[must_use]
    pub fn files(&self) -> usize {
        let ChatPrompt::Conversation(turns) = &self.prompt else {
            return 0;
        };
        let parts = turns.iter().flat_map(|turn| &turn.parts);
        parts
            .filter(|part| matches!(part, ChatPart::File(_)))
            .count()
    }
}

/// The client that asks.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its place in the models' queues.
    pub ticket: Ticket,
    /// The key that pays for the tokens.
    pub payer: Arc<Identity>,
}

/// The conversation or the texts to answer.
#[derive(Debug)]
pub enum ChatPrompt {
    /// A conversation; the answer is the model's next turn.
    Conversation(Vec<ChatTurn>),
    /// Texts without a chat template, each answered on its own.
    Texts(Vec<String>),
}

/// One turn of a conversation.
#[derive(Debug)]
pub struct ChatTurn {
    /// The speaker.
    pub role: ChatRole,
    /// Text and files in reading order.
    pub parts: Vec<ChatPart>,
    /// Functions that the model called in this turn.
    pub calls: Vec<FunctionCall>,
}

/// The speaker of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRole {
    /// Instructions.
    System,
    /// The user.
    User,
    /// The model, in an earlier turn.
    Assistant,
    /// The result of a function that the model called.
    Tool,
}

/// A part of a turn.
#[derive(Debug)]
pub enum ChatPart {
    /// Text.
    Text(String),
    /// A picture or a PDF.
    File(ImageSource),
    /// A picture, a PDF or a text file.
    Document(ChatDocument),
}

/// A file of any kind that is read.
#[derive(Debug, Clone)]
pub struct ChatDocument {
    /// The source of the file.
    pub source: ImageSource,
    /// Its name, which the model is told if the file is text.
    pub name: Option<String>,
}

/// A function with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCall {
    /// Name of the function.
    pub name: String,
    /// Its arguments, a JSON text.
    pub arguments: String,
}

/// The form of an answer.
#[derive(Debug, Clone, Default)]
pub enum AnswerFormat {
    /// Any text.
    #[default]
    Text,
    /// Any JSON object.
    AnyObject,
    /// JSON that validates against a schema.
    Schema {
        /// The schema.
        schema: Value,
        /// True to refuse a keyword that the grammar cannot enforce, false to check the finished answer instead.
        strict: bool,
    },
}

/// The functions that an answer may call.
#[derive(Debug, Clone, Default)]
pub struct ToolOptions {
    /// The functions.
    pub functions: Vec<FunctionOptions>,
    /// The choice of the functions to call; none if the client makes none.
    pub choice: Option<ToolChoice>,
    /// True if one answer may hold several calls.
    pub parallel: bool,
}

/// A function that an answer may call.
#[derive(Debug, Clone)]
pub struct FunctionOptions {
    /// Its name: up to 64 letters, digits, `_` and `-`.
    pub name: String,
    /// Its purpose.
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub parameters: Option<Map<String, Value>>,
    /// True to refuse a keyword that the grammar cannot enforce, false to check the finished arguments instead.
    pub strict: bool,
}

/// The choice of the functions to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    /// No function.
    None,
    /// The model decides.
    Auto,
    /// At least one function.
    Required,
    /// The function of this name.
    Named(String),
}

impl ToolOptions {
    /// Returns whether an answer may call a function.
    #[must_use]
    pub fn may_call(&self) -> bool {
        !self.functions.is_empty() && self.choice != Some(ToolChoice::None)
    }
}

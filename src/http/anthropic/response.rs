//! The answers of Anthropic's Messages API.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    chat::{Finish, FunctionCall, WholeChoice},
    generation::Usage,
    http::record::new_id,
};

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageObject {
    /// Id of the answer.
    #[schema(example = "msg_2f1c")]
    pub id: String,
    /// Always `message`.
    #[schema(example = "message")]
    pub r#type: &'static str,
    /// Always `assistant`.
    #[schema(example = "assistant")]
    pub role: &'static str,
    /// Model or preset that answered.
    pub model: String,
    /// Text and calls of the model.
    pub content: Vec<AnswerBlock>,
    /// Reason that the answer ended; null at the beginning of a stream.
    #[schema(required)]
    pub stop_reason: Option<StopReason>,
    /// The sequence of `stop_sequences` that ended the answer; null if none did.
    #[schema(required)]
    pub stop_sequence: Option<String>,
    /// Token counts of the prompt and the answer.
    pub usage: MessageUsage,
}

/// A block of an answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnswerBlock {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A call of a tool.
    ToolUse {
        /// Id of the call.
        #[schema(example = "toolu_2f1c")]
        id: String,
        /// Name of the tool.
        name: String,
        /// Arguments of the call.
        #[schema(value_type = Object)]
        input: CallInput,
    },
}

/// The arguments of a call.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum CallInput {
    /// All arguments as the model wrote them, so that numbers keep their digits.
    Whole(Box<RawValue>),
    /// None yet: a stream brings them later.
    Begun {},
}

/// The reason that an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model came to its end.
    EndTurn,
    /// The limit of tokens, or the end of the model's context.
    MaxTokens,
    /// One of `stop_sequences`.
    StopSequence,
    /// The model uses tools.
    ToolUse,
}

/// Token counts of the prompt and the answer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
pub struct MessageUsage {
    /// Tokens of the prompt that were computed.
    pub input_tokens: usize,
    /// Always 0: tokens that are kept for later prompts are not counted apart.
    pub cache_creation_input_tokens: usize,
    /// Tokens taken from the cache of an earlier prompt, here or by a provider, instead of being computed again.
    pub cache_read_input_tokens: usize,
    /// Tokens generated.
    pub output_tokens: usize,
}

/// The tokens of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenCount {
    /// Tokens of the prompt as the model reads it.
    pub input_tokens: usize,
}

impl MessageObject {
    /// Creates the beginning of the answer `id` by `model` to a prompt of so many tokens.
    #[must_use]
    pub fn begun(id: String, model: String, prompt_tokens: usize) -> Self {
        Self {
            id,
            r#type: "message",
            role: "assistant",
            model,
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: MessageUsage::new(Usage {
                prompt_tokens,
                ..Usage::default()
            }),
        }
    }

    /// Creates the whole answer `id` by `model`.
    #[must_use]
    pub fn whole(id: String, model: String, choice: WholeChoice) -> Self {
        let text = Some(choice.text).filter(|text| !text.is_empty());
        let text = text.map(|text| AnswerBlock::Text { text });
        let calls = choice.calls.into_iter().filter_map(AnswerBlock::call);
        Self {
            content: text.into_iter().chain(calls).collect(),
            stop_reason: Some(StopReason::of(choice.finish, choice.stopped_by.as_ref())),
            stop_sequence: choice.stopped_by,
            usage: MessageUsage::new(choice.usage),
            ..Self::begun(id, model, 0)
        }
    }
}

impl AnswerBlock {
    /// Writes a call; none if it was cut off, because half its arguments are no object.
    fn call(call: FunctionCall) -> Option<Self> {
        Some(Self::ToolUse {
            id: call_id(),
            name: call.name,
            input: CallInput::Whole(RawValue::from_string(call.arguments).ok()?),
        })
    }

    /// Creates the beginning of a call.
    #[must_use]
    pub fn begun(name: String) -> Self {
        Self::ToolUse {
            id: call_id(),
            name,
            input: CallInput::Begun {},
        }
    }
}

impl StopReason {
    /// Returns the reason that a choice ended, with the stop sequence that ended it.
    #[must_use]
    pub fn of(finish: Finish, stopped_by: Option<&String>) -> Self {
        match finish {
            Finish::Stop if stopped_by.is_some() => Self::StopSequence,
            Finish::Stop => Self::EndTurn,
            Finish::Length => Self::MaxTokens,
            Finish::Calls => Self::ToolUse,
        }
    }
}

impl MessageUsage {
    /// Writes the usage of an answer.
    #[must_use]
    pub fn new(usage: Usage) -> Self {
        let cached = usage.cached_tokens.unwrap_or_default();
        Self {
            input_tokens: usage.prompt_tokens.saturating_sub(cached),
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: cached,
            output_tokens: usage.completion_tokens,
        }
    }
}

fn call_id() -> String {
    new_id("toolu_")
}

//! Writes an answer of the Messages API as server-sent events: each block is opened, grows, and is closed before the
//! next. A fault in mid-stream is an `error` event.

use axum::response::sse::Event;
use serde::Serialize;
use utoipa::ToSchema;

use super::response::{AnswerBlock, MessageObject, MessageUsage, StopReason};
use crate::{
    chat::{CallDelta, ChoiceEnd, Growth},
    generation::Usage,
    http::{
        events::{WriteEvents, to_json},
        fault::{AnthropicError, Fault},
    },
};

/// The data of an event; the event's name is its `type`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageEvent {
    /// The answer begins.
    MessageStart {
        /// The answer, without content. Its `input_tokens` are 0 if they are known at the end only.
        message: MessageObject,
    },
    /// A block begins.
    ContentBlockStart {
        /// Number of the block, from 0.
        index: usize,
        /// The block, without text or arguments.
        content_block: AnswerBlock,
    },
    /// A block grows.
    ContentBlockDelta {
        /// Number of the block, from 0.
        index: usize,
        /// What is added to the block.
        delta: BlockDelta,
    },
    /// A block has ended.
    ContentBlockStop {
        /// Number of the block, from 0.
        index: usize,
    },
    /// The answer has ended.
    MessageDelta {
        /// The reason.
        delta: MessageEnd,
        /// Token counts of the prompt and the answer.
        usage: MessageUsage,
    },
    /// The stream has ended.
    MessageStop {},
    /// Keeps a silent stream open.
    Ping {},
    /// The answer failed.
    Error {
        /// The error.
        error: AnthropicError,
    },
}

/// What is added to a block.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockDelta {
    /// More text.
    TextDelta {
        /// The text.
        text: String,
    },
    /// More of a call's arguments.
    InputJsonDelta {
        /// The JSON text.
        partial_json: String,
    },
}

/// The reason that an answer ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageEnd {
    /// The reason.
    pub stop_reason: StopReason,
    /// The sequence of `stop_sequences` that ended the answer; null if none did.
    #[schema(required)]
    pub stop_sequence: Option<String>,
}

impl MessageEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop {} => "message_stop",
            Self::Ping {} => "ping",
            Self::Error { .. } => "error",
        }
    }

    fn written(&self) -> Event {
        Event::default().event(self.name()).data(to_json(self))
    }
}

/// Writes [`MessageEvent`]s.
pub struct MessageWriter {
    id: String,
    model: String,
    open: Option<OpenBlock>,
    /// Number of the open block, or of the next one if none is open.
    index: usize,
    /// Tokens of the answer, once it has ended.
    usage: Option<Usage>,
}

/// The kind of the block that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenBlock {
    Text,
    Call,
}

impl MessageWriter {
    /// Creates a writer of the answer `id` by `model`.
    #[must_use]
    pub fn new(id: String, model: String) -> Self {
        Self {
            id,
            model,
            open: None,
            index: 0,
            usage: None,
        }
    }

    fn open(&mut self, kind: OpenBlock, block: AnswerBlock, events: &mut Vec<MessageEvent>) {
        self.close(events);
        self.open = Some(kind);
        events.push(MessageEvent::ContentBlockStart {
            index: self.index,
            content_block: block,
        });
    }

    /// Closes the open block, if there is one.
    fn close(&mut self, events: &mut Vec<MessageEvent>) {
        if self.open.take().is_some() {
            events.push(MessageEvent::ContentBlockStop { index: self.index });
            self.index += 1;
        }
    }

    fn add(&self, delta: BlockDelta, events: &mut Vec<MessageEvent>) {
        events.push(MessageEvent::ContentBlockDelta {
            index: self.index,
            delta,
        });
    }

    fn text(&mut self, text: String, events: &mut Vec<MessageEvent>) {
        if text.is_empty() {
            return;
        }
        if self.open != Some(OpenBlock::Text) {
            let text = String::new();
            self.open(OpenBlock::Text, AnswerBlock::Text { text }, events);
        }
        self.add(BlockDelta::TextDelta { text }, events);
    }

    fn call(&mut self, delta: CallDelta, events: &mut Vec<MessageEvent>) {
        match delta {
            CallDelta::Begun { name, .. } => {
                self.open(OpenBlock::Call, AnswerBlock::begun(name), events);
            }
            CallDelta::Arguments { arguments, .. } => {
                if self.open == Some(OpenBlock::Call) && !arguments.is_empty() {
                    let partial_json = arguments;
                    self.add(BlockDelta::InputJsonDelta { partial_json }, events);
                }
            }
        }
    }

    fn finish(&mut self, end: ChoiceEnd, events: &mut Vec<MessageEvent>) {
        self.close(events);
        self.usage = Some(end.usage);
        events.push(MessageEvent::MessageDelta {
            delta: MessageEnd {
                stop_reason: StopReason::of(end.finish, end.stopped_by.as_ref()),
                stop_sequence: end.stopped_by,
            },
            usage: MessageUsage::new(end.usage),
        });
        events.push(MessageEvent::MessageStop {});
    }
}

impl WriteEvents for MessageWriter {
    fn begun(&mut self, _index: usize, prompt_tokens: usize) -> Vec<Event> {
        let (id, model) = (self.id.clone(), self.model.clone());
        let message = MessageObject::begun(id, model, prompt_tokens);
        vec![MessageEvent::MessageStart { message }.written()]
    }

    fn grown(&mut self, _index: usize, growth: Growth) -> Vec<Event> {
        let mut events = Vec::new();
        self.text(growth.text, &mut events);
        for delta in growth.calls {
            self.call(delta, &mut events);
        }
        if let Some(end) = growth.end {
            self.finish(*end, &mut events);
        }
        events.iter().map(MessageEvent::written).collect()
    }

    fn failed(&mut self, _index: usize, fault: &Fault) -> Vec<Event> {
        let error = fault.anthropic();
        vec![MessageEvent::Error { error }.written()]
    }

    fn end(&mut self, _has_failed: bool) -> Vec<Event> {
        Vec::new()
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn sign_of_life(&self) -> Event {
        MessageEvent::Ping {}.written()
    }
}

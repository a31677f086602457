//! An answer of the Responses API as server-sent events: each item is opened, grows, and is closed
//! before the next.

use axum::response::sse::Event;
use serde::Serialize;
use utoipa::ToSchema;

use super::response::{OutputItem, OutputText, ResponseObject, Status, item_id};
use crate::http::chat::{
    answer::Growth,
    pieces::{News, Piece},
    response::{CalledFunction, FunctionDelta, TokenLogprob, ToolCall, ToolCallDelta},
    stream::{Write, to_json},
};

/// What an event tells; its name is `type`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type")]
pub enum ResponseEvent {
    /// The answer has a name.
    #[serde(rename = "response.created")]
    Created {
        /// The answer.
        response: ResponseObject,
    },
    /// It is being written.
    #[serde(rename = "response.in_progress")]
    InProgress {
        /// The answer.
        response: ResponseObject,
    },
    /// It is whole.
    #[serde(rename = "response.completed")]
    Completed {
        /// The answer.
        response: ResponseObject,
    },
    /// It was cut off.
    #[serde(rename = "response.incomplete")]
    Incomplete {
        /// The answer.
        response: ResponseObject,
    },
    /// It failed.
    #[serde(rename = "response.failed")]
    Failed {
        /// The answer.
        response: ResponseObject,
    },
    /// An item begins.
    #[serde(rename = "response.output_item.added")]
    ItemAdded {
        /// The item's number.
        output_index: usize,
        /// The item.
        item: OutputItem,
    },
    /// An item has ended.
    #[serde(rename = "response.output_item.done")]
    ItemDone {
        /// The item's number.
        output_index: usize,
        /// The item.
        item: OutputItem,
    },
    /// The text of a message begins.
    #[serde(rename = "response.content_part.added")]
    PartAdded {
        /// The item's name.
        item_id: String,
        /// The item's number.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// The text.
        part: OutputText,
    },
    /// The text of a message has ended.
    #[serde(rename = "response.content_part.done")]
    PartDone {
        /// The item's name.
        item_id: String,
        /// The item's number.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// The text.
        part: OutputText,
    },
    /// More text.
    #[serde(rename = "response.output_text.delta")]
    TextDelta {
        /// The item's name.
        item_id: String,
        /// The item's number.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// What to add.
        delta: String,
        /// Log-probabilities of its tokens; empty where they were not asked for.
        logprobs: Vec<TokenLogprob>,
    },
    /// All the text.
    #[serde(rename = "response.output_text.done")]
    TextDone {
        /// The item's name.
        item_id: String,
        /// The item's number.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// The text.
        text: String,
        /// Log-probabilities of its tokens; empty where they were not asked for.
        logprobs: Vec<TokenLogprob>,
    },
    /// More of a call's arguments.
    #[serde(rename = "response.function_call_arguments.delta")]
    ArgumentsDelta {
        /// The item's name.
        item_id: String,
        /// The item's number.
        output_index: usize,
        /// What to add.
        delta: String,
    },
    /// All of a call's arguments.
    #[serde(rename = "response.function_call_arguments.done")]
    ArgumentsDone {
        /// The item's name.
        item_id: String,
        /// The item's number.
        output_index: usize,
        /// The function.
        name: String,
        /// The arguments.
        arguments: String,
    },
}

impl ResponseEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "response.created",
            Self::InProgress { .. } => "response.in_progress",
            Self::Completed { .. } => "response.completed",
            Self::Incomplete { .. } => "response.incomplete",
            Self::Failed { .. } => "response.failed",
            Self::ItemAdded { .. } => "response.output_item.added",
            Self::ItemDone { .. } => "response.output_item.done",
            Self::PartAdded { .. } => "response.content_part.added",
            Self::PartDone { .. } => "response.content_part.done",
            Self::TextDelta { .. } => "response.output_text.delta",
            Self::TextDone { .. } => "response.output_text.done",
            Self::ArgumentsDelta { .. } => "response.function_call_arguments.delta",
            Self::ArgumentsDone { .. } => "response.function_call_arguments.done",
        }
    }
}

/// An event with its number in the stream.
#[derive(Serialize)]
struct Numbered {
    #[serde(flatten)]
    event: ResponseEvent,
    sequence_number: usize,
}

/// Writes [`ResponseEvent`]s.
pub struct EventWriter {
    object: ResponseObject,
    open: Option<Open>,
    written: usize,
}

/// The item that grows.
enum Open {
    Text { id: String, text: OutputText },
    Call { id: String, call: ToolCall },
}

impl EventWriter {
    /// Writes an answer that begins as `object`.
    #[must_use]
    pub fn new(object: ResponseObject) -> Self {
        Self {
            object,
            open: None,
            written: 0,
        }
    }

    fn number(&mut self, events: Vec<ResponseEvent>) -> Vec<Event> {
        let numbered = events.into_iter().map(|told| {
            let sequence_number = self.written;
            self.written += 1;
            let event = Event::default().event(told.name());
            let numbered = Numbered {
                event: told,
                sequence_number,
            };
            event.data(to_json(&numbered))
        });
        numbered.collect()
    }

    fn grow(&mut self, growth: Growth) -> Vec<ResponseEvent> {
        let mut events = Vec::new();
        let logprobs = growth.logprobs.map(|l| l.content).unwrap_or_default();
        let ends_empty = growth.end.is_some() && self.object.output.is_empty();
        let is_silent = self.open.is_none() && growth.calls.is_empty();
        if !growth.text.is_empty() || (ends_empty && is_silent) {
            self.text(growth.text, logprobs, &mut events);
        }
        for delta in growth.calls {
            self.call(delta, &mut events);
        }
        if let Some(end) = growth.end {
            let status = self.object.finish(end.finish, end.usage);
            self.close(status, &mut events);
            let response = self.object.clone();
            events.push(match status {
                Status::Incomplete => ResponseEvent::Incomplete { response },
                _ => ResponseEvent::Completed { response },
            });
        }
        events
    }

    /// The number of the item that grows, or comes next.
    fn index(&self) -> usize {
        self.object.output.len()
    }

    fn text(
        &mut self,
        delta: String,
        logprobs: Vec<TokenLogprob>,
        events: &mut Vec<ResponseEvent>,
    ) {
        let output_index = self.index();
        if self.open.is_none() {
            let id = item_id(false);
            let text = OutputText::new(String::new(), Vec::new());
            events.push(ResponseEvent::ItemAdded {
                output_index,
                item: OutputItem::message(id.clone(), Status::InProgress, None),
            });
            events.push(ResponseEvent::PartAdded {
                item_id: id.clone(),
                output_index,
                content_index: 0,
                part: text.clone(),
            });
            self.open = Some(Open::Text { id, text });
        }
        if let Some(Open::Text { id, text }) = &mut self.open {
            text.text.push_str(&delta);
            text.logprobs.extend(logprobs.iter().cloned());
            events.push(ResponseEvent::TextDelta {
                item_id: id.clone(),
                output_index,
                content_index: 0,
                delta,
                logprobs,
            });
        }
    }

    fn call(&mut self, delta: ToolCallDelta, events: &mut Vec<ResponseEvent>) {
        let FunctionDelta { name, arguments } = delta.function;
        if let Some(call_id) = delta.id {
            self.close(Status::Completed, events);
            let call = ToolCall {
                id: call_id,
                r#type: "function",
                function: CalledFunction {
                    name: name.unwrap_or_default(),
                    arguments: String::new(),
                },
            };
            let id = item_id(true);
            events.push(ResponseEvent::ItemAdded {
                output_index: self.index(),
                item: OutputItem::call(id.clone(), Status::InProgress, call.clone()),
            });
            self.open = Some(Open::Call { id, call });
        }
        let output_index = self.index();
        if let Some(Open::Call { id, call }) = &mut self.open
            && !arguments.is_empty()
        {
            call.function.arguments.push_str(&arguments);
            events.push(ResponseEvent::ArgumentsDelta {
                item_id: id.clone(),
                output_index,
                delta: arguments,
            });
        }
    }

    /// Closes the item that grows, if any does.
    fn close(&mut self, status: Status, events: &mut Vec<ResponseEvent>) {
        let output_index = self.index();
        let item = match self.open.take() {
            None => return,
            Some(Open::Text { id, text }) => {
                events.push(ResponseEvent::TextDone {
                    item_id: id.clone(),
                    output_index,
                    content_index: 0,
                    text: text.text.clone(),
                    logprobs: text.logprobs.clone(),
                });
                events.push(ResponseEvent::PartDone {
                    item_id: id.clone(),
                    output_index,
                    content_index: 0,
                    part: text.clone(),
                });
                OutputItem::message(id, status, Some(text))
            }
            Some(Open::Call { id, call }) => {
                events.push(ResponseEvent::ArgumentsDone {
                    item_id: id.clone(),
                    output_index,
                    name: call.function.name.clone(),
                    arguments: call.function.arguments.clone(),
                });
                OutputItem::call(id, status, call)
            }
        };
        self.object.output.push(item.clone());
        events.push(ResponseEvent::ItemDone { output_index, item });
    }
}

impl Write for EventWriter {
    fn piece(&mut self, piece: Piece) -> Vec<Event> {
        let events = match piece.news {
            News::Begun => vec![
                ResponseEvent::Created {
                    response: self.object.clone(),
                },
                ResponseEvent::InProgress {
                    response: self.object.clone(),
                },
            ],
            News::Grown(Ok(growth)) => self.grow(growth),
            News::Grown(Err(fault)) => {
                let mut events = Vec::new();
                self.close(Status::Incomplete, &mut events);
                self.object.fail(&fault);
                let response = self.object.clone();
                events.push(ResponseEvent::Failed { response });
                events
            }
        };
        self.number(events)
    }

    fn is_over(&self) -> bool {
        self.object.status == Status::Failed
    }

    fn end(&mut self) -> Vec<Event> {
        Vec::new()
    }
}

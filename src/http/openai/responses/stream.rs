//! Writes an answer of the Responses API as server-sent events: each item is opened, grows, and is closed
//! before the next.

use axum::response::sse::Event;
use serde::Serialize;
use utoipa::ToSchema;

use super::response::{OutputItem, OutputText, ResponseObject, ResponseUsage, Status, item_id};
use crate::{
    chat::{CallDelta, Growth},
    generation::Usage,
    http::{
        events::{WriteEvents, to_json},
        fault::{Dialect, Fault},
        openai::{
            chat::response::{CalledFunction, ToolCall},
            logprobs::{TokenLogprob, WireLogprobs},
        },
        record::new_id,
    },
};

/// The data of an event; the event's name is its `type`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type")]
pub enum ResponseEvent {
    /// The answer has been created.
    #[serde(rename = "response.created")]
    Created {
        /// The answer.
        response: ResponseObject,
    },
    /// The answer is being generated.
    #[serde(rename = "response.in_progress")]
    InProgress {
        /// The answer.
        response: ResponseObject,
    },
    /// The answer is complete.
    #[serde(rename = "response.completed")]
    Completed {
        /// The answer.
        response: ResponseObject,
    },
    /// The answer was cut off.
    #[serde(rename = "response.incomplete")]
    Incomplete {
        /// The answer.
        response: ResponseObject,
    },
    /// The answer failed.
    #[serde(rename = "response.failed")]
    Failed {
        /// The answer.
        response: ResponseObject,
    },
    /// An item begins.
    #[serde(rename = "response.output_item.added")]
    ItemAdded {
        /// Number of the item, from 0.
        output_index: usize,
        /// The item.
        item: OutputItem,
    },
    /// An item has ended.
    #[serde(rename = "response.output_item.done")]
    ItemDone {
        /// Number of the item, from 0.
        output_index: usize,
        /// The item.
        item: OutputItem,
    },
    /// The text of a message begins.
    #[serde(rename = "response.content_part.added")]
    PartAdded {
        /// Id of the item.
        item_id: String,
        /// Number of the item, from 0.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// The text.
        part: OutputText,
    },
    /// The text of a message has ended.
    #[serde(rename = "response.content_part.done")]
    PartDone {
        /// Id of the item.
        item_id: String,
        /// Number of the item, from 0.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// The text.
        part: OutputText,
    },
    /// More text.
    #[serde(rename = "response.output_text.delta")]
    TextDelta {
        /// Id of the item.
        item_id: String,
        /// Number of the item, from 0.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// Addition to the text or the arguments.
        delta: String,
        /// Log-probabilities of the tokens; empty if they were not requested.
        logprobs: Vec<TokenLogprob>,
    },
    /// The whole text of a message.
    #[serde(rename = "response.output_text.done")]
    TextDone {
        /// Id of the item.
        item_id: String,
        /// Number of the item, from 0.
        output_index: usize,
        /// Always 0.
        content_index: usize,
        /// The text.
        text: String,
        /// Log-probabilities of the tokens; empty if they were not requested.
        logprobs: Vec<TokenLogprob>,
    },
    /// More of a call's arguments.
    #[serde(rename = "response.function_call_arguments.delta")]
    ArgumentsDelta {
        /// Id of the item.
        item_id: String,
        /// Number of the item, from 0.
        output_index: usize,
        /// Addition to the text or the arguments.
        delta: String,
    },
    /// The whole arguments of a call.
    #[serde(rename = "response.function_call_arguments.done")]
    ArgumentsDone {
        /// Id of the item.
        item_id: String,
        /// Number of the item, from 0.
        output_index: usize,
        /// Name of the function.
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
    dialect: Dialect,
    open: Option<Open>,
    written: usize,
    usage: Option<Usage>,
}

/// The item that is open.
enum Open {
    Text { id: String, text: OutputText },
    Call { id: String, call: ToolCall },
}

impl EventWriter {
    /// Creates a writer of the answer `object`, for a route of `dialect`.
    #[must_use]
    pub fn new(object: ResponseObject, dialect: Dialect) -> Self {
        Self {
            object,
            dialect,
            open: None,
            written: 0,
            usage: None,
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
        let logprobs = WireLogprobs::of(growth.logprobs.as_deref().unwrap_or_default()).content;
        let ends_empty = growth.end.is_some() && self.object.output.is_empty();
        let is_silent = self.open.is_none() && growth.calls.is_empty();
        if !growth.text.is_empty() || (ends_empty && is_silent) {
            self.text(growth.text, logprobs, &mut events);
        }
        for delta in growth.calls {
            self.call(delta, &mut events);
        }
        if let Some(end) = growth.end {
            self.usage = Some(end.usage);
            let usage = ResponseUsage::new(end.usage, self.dialect);
            let status = self.object.finish(end.finish, usage);
            self.close(status, &mut events);
            let response = self.object.clone();
            events.push(match status {
                Status::Incomplete => ResponseEvent::Incomplete { response },
                _ => ResponseEvent::Completed { response },
            });
        }
        events
    }

    /// Returns the number of the open item, or of the next one if none is open.
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

    fn call(&mut self, delta: CallDelta, events: &mut Vec<ResponseEvent>) {
        match delta {
            CallDelta::Begun { name, .. } => {
                self.close(Status::Completed, events);
                let call = ToolCall {
                    id: new_id("call_"),
                    r#type: "function",
                    function: CalledFunction {
                        name,
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
            CallDelta::Arguments { arguments, .. } => {
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
        }
    }

    /// Closes the open item, if there is one.
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

impl WriteEvents for EventWriter {
    fn begun(&mut self, _index: usize, _prompt_tokens: usize) -> Vec<Event> {
        let response = || self.object.clone();
        let events = vec![
            ResponseEvent::Created {
                response: response(),
            },
            ResponseEvent::InProgress {
                response: response(),
            },
        ];
        self.number(events)
    }

    fn grown(&mut self, _index: usize, growth: Growth) -> Vec<Event> {
        let events = self.grow(growth);
        self.number(events)
    }

    fn failed(&mut self, _index: usize, fault: &Fault) -> Vec<Event> {
        let mut events = Vec::new();
        self.close(Status::Incomplete, &mut events);
        self.object.fail(fault);
        let response = self.object.clone();
        events.push(ResponseEvent::Failed { response });
        self.number(events)
    }

    fn end(&mut self, _has_failed: bool) -> Vec<Event> {
        Vec::new()
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }
}

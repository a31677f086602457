//! `POST /v1/responses`: OpenAI's newer API for chats. Answers are not stored.

mod request;
mod response;
mod stream;
mod translate;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::logprobs::WireLogprobs;
use crate::{
    chat::WholeChoice,
    http::{
        answer, body,
        caller::Caller,
        components::{OpenAiFaults, ServerSentEvent},
        events,
        fault::{Dialect, Fault},
        record::{BegunAnswer, Recorder},
    },
    presets::Preset,
};
use request::ResponsesRequest;
use response::{OutputItem, OutputText, ResponseObject, ResponseUsage, Status, item_id};
use stream::EventWriter;
pub use stream::ResponseEvent;

/// Answers a request of the Responses API
///
/// Takes text and files, and returns text and calls of functions, whole or as server-sent events. The
/// gateway stores nothing, so every request must hold the whole conversation.
#[utoipa::path(
    post,
    path = "/v1/responses",
    operation_id = "createResponse",
    tag = "openai",
    request_body = ResponsesRequest,
    responses(
        (status = 200, description = "The answer; with `stream`, events that are each a `ResponseEvent`.", content(
            (ResponseObject = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn create(caller: Caller, dialect: Dialect, request: Request) -> Result<Response, Fault> {
    let cache = answer::cache_use(request.headers());
    let mut request: ResponsesRequest = body::json(request).await?;
    let (asked, names) = request.translate(&caller, cache)?;
    let streams = request.stream.unwrap_or(false);
    let recorder = Recorder::begin(&caller, asked.files(), streams);
    let service = &caller.chat;
    let object = |preset: &Preset| {
        let temperature = preset.temperature.unwrap_or(service.settings.temperature);
        ResponseObject::new(&request, preset, temperature)
    };
    if streams {
        let begun = service.clone().stream(asked).await;
        let begun = begun.map_err(|error| Fault::of_chat(&error, &names))?;
        let headers = answer::routed(&begun);
        let object = object(&begun.candidate);
        let answered = BegunAnswer::new(&object.id, &begun.candidate);
        let writer = recorder.stream(answered, EventWriter::new(object, dialect));
        let keep_alive = service.settings.keep_alive;
        let events = events::respond(begun.answer, names, writer, keep_alive);
        return Ok((headers, events).into_response());
    }
    let whole = service.answer(asked).await;
    let mut whole = whole.map_err(|error| Fault::of_chat(&error, &names))?;
    let mut headers = answer::routed(&whole);
    let choice = whole.answer.pop().unwrap_or_default();
    if let Some((reading, found)) = &choice.receipt {
        answer::describe(reading, *found, &caller, &mut headers);
    }
    let object = object(&whole.candidate);
    let answered = BegunAnswer::new(&object.id, &whole.candidate);
    recorder.whole(answered, choice.finish, choice.usage);
    Ok((headers, Json(object.with(choice, dialect))).into_response())
}

impl ResponseObject {
    /// Adds the whole text and calls to the answer.
    fn with(mut self, whole: WholeChoice, dialect: Dialect) -> Self {
        // Only the last item can have been cut off.
        let last = self.finish(whole.finish, ResponseUsage::new(whole.usage, dialect));
        let calls = whole.calls.len();
        if !whole.text.is_empty() || calls == 0 {
            let logprobs = WireLogprobs::of(whole.logprobs.as_deref().unwrap_or_default());
            let text = OutputText::new(whole.text, logprobs.content);
            let status = if calls == 0 { last } else { Status::Completed };
            let message = OutputItem::message(item_id(false), status, Some(text));
            self.output.push(message);
        }
        for (number, call) in whole.calls.into_iter().enumerate() {
            let is_last = number + 1 == calls;
            let status = if is_last { last } else { Status::Completed };
            self.output
                .push(OutputItem::call(item_id(true), status, call.into()));
        }
        self
    }
}

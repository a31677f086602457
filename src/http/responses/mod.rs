//! `POST /v1/responses`: OpenAI's newer way to chat. Answers are not stored.

mod as_chat;
mod request;
mod response;
mod stream;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{
    body,
    caller::Caller,
    chat::{self, pieces::Whole, stream::respond},
    extract,
    fault::Fault,
    openapi::{OpenAiFaults, OpenRouterFaults, ServerSentEvent},
};
use crate::presets::Preset;
use as_chat::{AsChat, in_own_words};
use request::ResponsesRequest;
use response::{OutputItem, OutputText, ResponseObject, Status, item_id};
use stream::EventWriter;
pub use stream::ResponseEvent;

/// Answers in the manner of the Responses API
///
/// Text and pictures in; text and calls of functions out, at once or as server-sent events. Nothing
/// is stored, so a conversation is sent whole.
#[utoipa::path(
    post,
    path = "/v1/responses",
    operation_id = "createResponse",
    tag = "openai",
    request_body = ResponsesRequest,
    responses(
        (status = 200, description = "The answer; with `stream` events, each a `ResponseEvent`.", content(
            (ResponseObject = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn openai(app: Caller, request: Request) -> Result<Response, Fault> {
    answer(app, request).await
}

/// Answers in the manner of the Responses API
///
/// As `/v1/responses`, with OpenRouter's form of errors.
#[utoipa::path(
    post,
    path = "/api/v1/responses",
    operation_id = "createResponseOpenRouter",
    tag = "openrouter",
    request_body = ResponsesRequest,
    responses(
        (status = 200, description = "The answer; with `stream` events, each a `ResponseEvent`.", content(
            (ResponseObject = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenRouterFaults,
    ),
)]
pub async fn openrouter(app: Caller, request: Request) -> Result<Response, Fault> {
    answer(app, request).await
}

async fn answer(app: Caller, request: Request) -> Result<Response, Fault> {
    let cache = extract::cache_use(request.headers());
    let mut request: ResponsesRequest = body::json(request).await?;
    let streaming = request.stream.unwrap_or(false);
    let (keep_alive, temperature) = (app.chat.keep_alive, app.chat.temperature);
    let AsChat { chat, fields } = request.take_chat()?;
    let object = |preset: &Preset| {
        let temperature = preset.temperature.unwrap_or(temperature);
        ResponseObject::new(&request, preset, temperature)
    };
    if streaming {
        let begun = chat::begin_stream(app, chat, cache).await;
        let begun = begun.map_err(|fault| in_own_words(fault, &fields))?;
        let (headers, writer) = (begun.headers(), EventWriter::new(object(&begun.preset)));
        return Ok((headers, respond(begun.answer, writer, keep_alive)).into_response());
    }
    let whole = chat::whole(app, chat, cache).await;
    let mut whole = whole.map_err(|fault| in_own_words(fault, &fields))?;
    let mut headers = whole.headers();
    let answer = whole.answer.pop().unwrap_or_default();
    headers.extend(answer.headers.clone());
    Ok((headers, Json(object(&whole.preset).with(answer))).into_response())
}

impl ResponseObject {
    /// The answer with all that was said.
    fn with(mut self, whole: Whole) -> Self {
        // What was cut off is the last of it.
        let last = self.finish(whole.finish, whole.usage);
        let calls = whole.calls.len();
        if !whole.text.is_empty() || calls == 0 {
            let logprobs = whole.logprobs.map(|l| l.content).unwrap_or_default();
            let text = OutputText::new(whole.text, logprobs);
            let status = if calls == 0 { last } else { Status::Completed };
            let message = OutputItem::message(item_id(false), status, Some(text));
            self.output.push(message);
        }
        for (number, call) in whole.calls.into_iter().enumerate() {
            let is_last = number + 1 == calls;
            let status = if is_last { last } else { Status::Completed };
            self.output
                .push(OutputItem::call(item_id(true), status, call));
        }
        self
    }
}

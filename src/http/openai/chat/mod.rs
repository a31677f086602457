//! `POST /v1/chat/completions`, and the same route under `/api/v1` with OpenRouter's form of faults.

pub mod request;
pub mod response;
mod stream;
pub mod translate;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{envelope::Envelope, logprobs::WireLogprobs, usage::WireUsage};
use crate::{
    chat::{FunctionCall, WholeChoice},
    generation::Usage,
    http::{
        answer, body,
        caller::Caller,
        components::{OpenAiFaults, ServerSentEvent},
        events,
        fault::{Dialect, Fault},
        record::{BegunAnswer, Recorder, finish_reason, new_id},
    },
};
use request::{Stop, WireChatRequest};
use response::{AnswerMessage, CalledFunction, ChatCompletion, ToolCall, WireChoice};
use stream::ChunkWriter;

/// Answers a chat
///
/// Takes text and files, and returns text, whole or as server-sent events. `response_format` with a
/// `json_schema` holds the answer to a schema. The temperature is 0 by default.
#[utoipa::path(
    post,
    path = "/v1/chat/completions",
    operation_id = "createChatCompletion",
    tag = "openai",
    request_body = WireChatRequest,
    responses(
        (status = 200, description = "The answer; with `stream`, events that are each a `ChatCompletionChunk`, and `[DONE]` at the end.", content(
            (ChatCompletion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn create(caller: Caller, dialect: Dialect, request: Request) -> Result<Response, Fault> {
    let cache = answer::cache_use(request.headers());
    let request: WireChatRequest = body::json(request).await?;
    let streams = request.stream.unwrap_or(false);
    let include_usage = request::include_usage(request.stream_options.as_ref(), dialect);
    let (request, names) = request.translate(&caller, cache)?;
    let recorder = Recorder::begin(&caller, request.files(), streams);
    let service = &caller.chat;
    if streams {
        let begun = service.clone().stream(request).await;
        let begun = begun.map_err(|error| Fault::of_chat(&error, &names))?;
        let headers = answer::routed(&begun);
        let envelope = Envelope::new("chatcmpl-", &begun.candidate);
        let answered = BegunAnswer::new(&envelope.id, &begun.candidate);
        let writer = ChunkWriter::new(envelope, dialect, include_usage);
        let writer = recorder.stream(answered, writer);
        let keep_alive = service.settings.keep_alive;
        let events = events::respond(begun.answer, names, writer, keep_alive);
        return Ok((headers, events).into_response());
    }
    let whole = service.answer(request).await;
    let mut whole = whole.map_err(|error| Fault::of_chat(&error, &names))?;
    let mut headers = answer::routed(&whole);
    let choices = std::mem::take(&mut whole.answer);
    if let Some((reading, found)) = choices.first().and_then(|choice| choice.receipt.as_ref()) {
        answer::describe(reading, *found, &caller, &mut headers);
    }
    let envelope = Envelope::new("chatcmpl-", &whole.candidate);
    let usage = Usage::of_one_prompt(choices.iter().map(|choice| choice.usage)).unwrap_or_default();
    let finish = choices.first().map(|choice| choice.finish);
    let answered = BegunAnswer::new(&envelope.id, &whole.candidate);
    recorder.whole(answered, finish.unwrap_or_default(), usage);
    let choices = choices
        .into_iter()
        .enumerate()
        .map(WireChoice::new)
        .collect();
    let usage = WireUsage::new(usage, dialect);
    Ok((headers, Json(envelope.completion(choices, usage))).into_response())
}

impl WireChoice {
    fn new((index, whole): (usize, WholeChoice)) -> Self {
        let only_calls = whole.text.is_empty() && !whole.calls.is_empty();
        let finish = finish_reason(whole.finish);
        Self {
            index,
            message: AnswerMessage {
                role: "assistant",
                content: (!only_calls).then_some(whole.text),
                refusal: None,
                tool_calls: whole.calls.into_iter().map(ToolCall::from).collect(),
            },
            finish_reason: finish,
            native_finish_reason: finish,
            logprobs: whole.logprobs.as_deref().map(WireLogprobs::of),
        }
    }
}

impl From<FunctionCall> for ToolCall {
    fn from(FunctionCall { name, arguments }: FunctionCall) -> Self {
        Self {
            id: new_id("call_"),
            r#type: "function",
            function: CalledFunction { name, arguments },
        }
    }
}

//! `POST /v1/chat/completions`, and the same under `/api/v1` with OpenRouter's form of faults.

pub(super) mod answer;
mod format;
pub(super) mod job;
pub(super) mod pieces;
mod receipt;
pub mod request;
pub mod response;
pub(super) mod route;
pub(super) mod stream;
mod tools;

use super::{
    body,
    caller::Caller,
    extract,
    fault::{Dialect, Fault},
    openapi::{OpenAiFaults, OpenRouterFaults, ServerSentEvent},
};
use crate::{presets::Preset, receipt::CacheUse};
use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};
use job::Job;
use pieces::{Pieces, Whole};
use request::ChatRequest;
use response::{AnswerMessage, ChatCompletion, Choice, Envelope, WireUsage};
use route::Routed;
use stream::ChunkWriter;

/// Answers a chat
///
/// Text and pictures in, text out, at once or as server-sent events. `response_format` with a
/// `json_schema` makes the answer validate. Temperature is 0 where none is sent.
#[expect(
    clippy::missing_errors_doc,
    reason = "this text goes to clients; faults are among the responses"
)]
#[utoipa::path(
    post,
    path = "/v1/chat/completions",
    operation_id = "createChatCompletion",
    tag = "openai",
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The answer; with `stream` events, each a `ChatCompletionChunk`, and `[DONE]`.", content(
            (ChatCompletion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn openai(app: Caller, request: Request) -> Result<Response, Fault> {
    complete(app, request, Dialect::OpenAi).await
}

/// Answers a chat
///
/// As `/v1/chat/completions`, with OpenRouter's form of errors: point an OpenRouter client's base
/// URL at `/api/v1`.
#[expect(
    clippy::missing_errors_doc,
    reason = "this text goes to clients; faults are among the responses"
)]
#[utoipa::path(
    post,
    path = "/api/v1/chat/completions",
    operation_id = "createChatCompletionOpenRouter",
    tag = "openrouter",
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The answer; with `stream` events, each a `ChatCompletionChunk`, and `[DONE]`.", content(
            (ChatCompletion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenRouterFaults,
    ),
)]
pub async fn openrouter(app: Caller, request: Request) -> Result<Response, Fault> {
    complete(app, request, Dialect::OpenRouter).await
}

async fn complete(app: Caller, request: Request, dialect: Dialect) -> Result<Response, Fault> {
    let cache = extract::cache_use(request.headers());
    let request: ChatRequest = body::json(request).await?;
    let include_usage = job::include_usage(&request, dialect);
    let keep_alive = app.chat.keep_alive;
    if request.stream.unwrap_or(false) {
        let begun = begin_stream(app, request, cache).await?;
        let headers = begun.headers();
        let envelope = Envelope::new("chatcmpl-", &begun.preset);
        let writer = ChunkWriter::new(envelope, dialect, include_usage);
        let events = stream::respond(begun.answer, writer, keep_alive);
        return Ok((headers, events).into_response());
    }
    let whole = whole(app, request, cache).await?;
    let (mut headers, mut choices) = (whole.headers(), whole.answer);
    let usage = WireUsage::sum(choices.iter().map(|choice| choice.usage));
    if let Some(first) = choices.first_mut() {
        headers.extend(std::mem::take(&mut first.headers));
    }
    let choices = choices.into_iter().enumerate().map(Choice::new).collect();
    let envelope = Envelope::new("chatcmpl-", &whole.preset);
    let completion = Json(envelope.completion(choices, usage));
    Ok((headers, completion).into_response())
}

/// Answers a chat, in whatever form the answer goes out.
///
/// # Errors
/// Whatever is wrong with the request, and what the models are at fault for.
pub async fn whole(
    app: Caller,
    request: ChatRequest,
    cache: CacheUse,
) -> Result<Routed<Vec<Whole>>, Fault> {
    let candidates = route::candidates(&request, &app)?;
    route::first(candidates, request, |preset, request| {
        let app = app.clone();
        async move {
            let pieces = begin(app, request, &preset, cache).await?;
            pieces::collect(pieces).await
        }
    })
    .await
}

/// As [`whole`], for a stream.
///
/// # Errors
/// Whatever is wrong until then; later it is told in the stream.
pub async fn begin_stream(
    app: Caller,
    request: ChatRequest,
    cache: CacheUse,
) -> Result<Routed<Pieces>, Fault> {
    let patience = app.chat.keep_alive;
    let candidates = route::candidates(&request, &app)?;
    route::first_of_stream(candidates, request, patience, move |preset, request| {
        let app = app.clone();
        async move { begin(app, request, &preset, cache).await }
    })
    .await
}

/// Has one model begin to answer a chat.
async fn begin(
    app: Caller,
    request: ChatRequest,
    preset: &Preset,
    cache: CacheUse,
) -> Result<Pieces, Fault> {
    // What the client asks for in so many words comes first.
    match preset.schema.clone().filter(|_| request.takes_any_object()) {
        Some(schema) => receipt::pieces(app, request, preset, schema, cache).await,
        None => pieces::of_jobs([Job::chat(request, preset, &app).await?]).await,
    }
}

impl Choice {
    fn new((index, whole): (usize, Whole)) -> Self {
        let called = whole.text.is_empty() && !whole.calls.is_empty();
        Self {
            index,
            message: AnswerMessage {
                role: "assistant",
                content: (!called).then_some(whole.text),
                refusal: None,
                tool_calls: whole.calls,
            },
            finish_reason: whole.finish,
            native_finish_reason: whole.finish,
            logprobs: whole.logprobs,
        }
    }
}

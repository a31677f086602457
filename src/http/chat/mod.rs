//! `POST /v1/chat/completions`, and the same under `/api/v1` with OpenRouter's form of faults.

pub(super) mod answer;
mod format;
pub(super) mod job;
pub(super) mod pieces;
mod receipt;
pub mod request;
pub mod response;
pub(super) mod stream;
mod tools;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};
use futures::{FutureExt, StreamExt, future};

use super::{
    body,
    caller::Caller,
    extract,
    fault::{Dialect, Fault},
    openapi::{OpenAiFaults, OpenRouterFaults, ServerSentEvent},
};
use crate::{presets::Preset, receipt::CacheUse};
use job::Job;
use pieces::{Pieces, Whole};
use request::ChatRequest;
use response::{AnswerMessage, ChatCompletion, Choice, Envelope, WireUsage};
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
    let streaming = request.stream.unwrap_or(false);
    let include_usage = job::include_usage(&request, dialect);
    let keep_alive = app.chat.keep_alive;
    let (preset, pieces) = if streaming {
        begin_stream(app, request, cache).await?
    } else {
        begin(app, request, cache).await?
    };
    let envelope = Envelope::new("chatcmpl-", &preset);
    if streaming {
        let writer = ChunkWriter::new(envelope, dialect, include_usage);
        return Ok(stream::respond(pieces, writer, keep_alive));
    }
    let mut choices = pieces::collect(pieces).await?;
    let usage = WireUsage::sum(choices.iter().map(|choice| choice.usage));
    let headers = choices.first_mut().map(|c| std::mem::take(&mut c.headers));
    let choices = choices.into_iter().enumerate().map(Choice::new).collect();
    let completion = Json(envelope.completion(choices, usage));
    Ok((headers.unwrap_or_default(), completion).into_response())
}

/// Begins to answer a chat, in whatever form the answer goes out; and what the model's name stood for.
///
/// # Errors
/// Whatever is wrong before an answer begins.
pub async fn begin(
    app: Caller,
    request: ChatRequest,
    cache: CacheUse,
) -> Result<(Preset, Pieces), Fault> {
    let preset = job::choose(&request, &app)?;
    // What the client asks for in so many words comes first.
    let schema = preset.schema.clone().filter(|_| request.is_free());
    let pieces = match schema {
        Some(schema) => receipt::pieces(app, request, &preset, schema, cache).await?,
        None => pieces::of_jobs([Job::chat(request, &preset, &app).await?]).await?,
    };
    Ok((preset, pieces))
}

/// As [`begin`], for a stream: one that has to wait for long, for its model to be loaded or for a
/// place, begins without an answer, so that comments keep it open.
///
/// # Errors
/// Whatever is wrong until then; later it is told in the stream.
pub async fn begin_stream(
    app: Caller,
    request: ChatRequest,
    cache: CacheUse,
) -> Result<(Preset, Pieces), Fault> {
    let preset = job::choose(&request, &app)?;
    let patience = app.chat.keep_alive;
    let mut beginning = begin(app, request, cache).boxed();
    if let Ok(begun) = tokio::time::timeout(patience, &mut beginning).await {
        return begun;
    }
    let later = beginning.map(|begun| match begun {
        Ok((_, pieces)) => pieces,
        Err(fault) => pieces::of_whole(future::ready(Err(fault))),
    });
    Ok((preset, futures::stream::once(later).flatten().boxed()))
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

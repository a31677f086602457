//! `POST /v1/completions`: continues a text without the model's chat template.

mod stream;
mod translate;
mod wire;

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{chat::request::include_usage, envelope::Envelope, usage::WireUsage};
use crate::{
    chat::{ChatPrompt, WholeChoice},
    generation::Usage,
    http::{
        answer, body,
        caller::Caller,
        components::{OpenAiFaults, ServerSentEvent},
        events,
        fault::{Dialect, Fault},
        record::{BegunAnswer, Recorder, finish_reason},
    },
    presets::Preset,
};
use stream::TextWriter;
use translate::CompletionFields;
use wire::CompletionLogprobs;
pub use wire::{Completion, CompletionChoice, CompletionChunk, CompletionRequest};

/// Continues a text
///
/// The older of OpenAI's routes. It puts no chat template around the prompt, so chat models answer better
/// at `/v1/chat/completions`. `suffix` is refused, and so is a `best_of` other than `n`.
#[utoipa::path(
    post,
    path = "/v1/completions",
    operation_id = "createCompletion",
    tag = "openai",
    request_body = CompletionRequest,
    responses(
        (status = 200, description = "The text; with `stream`, events that are each a `CompletionChunk`, and `[DONE]` at the end.", content(
            (Completion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn create(caller: Caller, dialect: Dialect, request: Request) -> Result<Response, Fault> {
    let request: CompletionRequest = body::json(request).await?;
    let streams = request.stream.unwrap_or(false);
    let echoes = request.echo.unwrap_or(false);
    let include_usage = include_usage(request.stream_options.as_ref(), dialect);
    let request = request.translate(&caller)?;
    let prompts = match &request.prompt {
        ChatPrompt::Texts(texts) if echoes => texts.clone(),
        ChatPrompt::Texts(_) | ChatPrompt::Conversation(_) => Vec::new(),
    };
    let choices = request.options.choices.map_or(1, |n| n as usize);
    let text = |preset: &Preset| Text {
        envelope: Envelope::new("cmpl-", preset),
        choices,
        echoed: prompts,
    };
    let recorder = Recorder::begin(&caller, request.files(), streams);
    let service = &caller.chat;
    if streams {
        let begun = service.clone().stream(request).await;
        let begun = begun.map_err(|error| Fault::of_chat(&error, &CompletionFields))?;
        let headers = answer::routed(&begun);
        let text = text(&begun.candidate);
        let answered = BegunAnswer::new(&text.envelope.id, &begun.candidate);
        let writer = TextWriter::new(text, dialect, include_usage);
        let writer = recorder.stream(answered, writer);
        let keep_alive = service.settings.keep_alive;
        let events = events::respond(begun.answer, CompletionFields, writer, keep_alive);
        return Ok((headers, events).into_response());
    }
    let whole = service.answer(request).await;
    let whole = whole.map_err(|error| Fault::of_chat(&error, &CompletionFields))?;
    let headers = answer::routed(&whole);
    let text = text(&whole.candidate);
    let mut usage = None;
    for (index, choice) in whole.answer.iter().enumerate() {
        text.count(&mut usage, index, choice.usage);
    }
    let usage = usage.unwrap_or_default();
    let finish = whole.answer.first().map(|choice| choice.finish);
    let answered = BegunAnswer::new(&text.envelope.id, &whole.candidate);
    recorder.whole(answered, finish.unwrap_or_default(), usage);
    let completion = completion(text, whole.answer, WireUsage::new(usage, dialect));
    Ok((headers, Json(completion)).into_response())
}

/// The fields that every part of an answer repeats.
pub struct Text {
    envelope: Envelope,
    /// The prompts, if the answers begin with them.
    echoed: Vec<String>,
    /// Number of answers to each prompt.
    choices: usize,
}

impl Text {
    fn echo(&self, index: usize) -> &str {
        let prompt = self.echoed.get(index / self.choices);
        prompt.map_or("", String::as_str)
    }

    /// Adds the usage of one more choice; a prompt counts once, whatever its number of answers.
    fn count(&self, sum: &mut Option<Usage>, index: usize, usage: Usage) {
        let mut counted = usage;
        if !index.is_multiple_of(self.choices) {
            counted.prompt_tokens = 0;
            counted.cached_tokens = Some(0);
        }
        *sum = Some(sum.map_or(counted, |sum| sum.beside(counted)));
    }
}

fn completion(answer: Text, choices: Vec<WholeChoice>, usage: WireUsage) -> Completion {
    let choices = choices.into_iter().enumerate().map(|(index, choice)| {
        let tokens = choice.logprobs.as_deref();
        CompletionChoice {
            index,
            text: format!("{}{}", answer.echo(index), choice.text),
            finish_reason: Some(finish_reason(choice.finish)),
            logprobs: tokens.map(|tokens| CompletionLogprobs::new(tokens, &mut 0)),
        }
    });
    let choices = choices.collect();
    Completion::new(answer.envelope, choices, usage)
}

//! `POST /v1/completions`: a text goes in as it is, without the model's chat template, and the model
//! goes on from it.

mod wire;

use super::{
    body,
    caller::Caller,
    chat::{
        answer::Growth,
        job::{self, Job},
        pieces::{self, News, Piece, Whole},
        request::ChatRequest,
        response::{Envelope, WireUsage},
        route,
        stream::{self, Write, done, event},
    },
    fault::{Dialect, Fault},
    openapi::{OpenAiFaults, OpenRouterFaults, ServerSentEvent},
};
use crate::{
    chat::{Prompt, Usage},
    presets::Preset,
};
use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response, sse::Event},
};
pub use wire::{Completion, CompletionChoice, CompletionChunk, CompletionRequest};
use wire::{CompletionLogprobs, Prompts};

/// Goes on from a text
///
/// The older of OpenAI's routes: no chat template stands around the prompt, so chat models are better
/// asked at `/v1/chat/completions`. `suffix` and `best_of` are refused.
#[utoipa::path(
    post,
    path = "/v1/completions",
    operation_id = "createCompletion",
    tag = "openai",
    request_body = CompletionRequest,
    responses(
        (status = 200, description = "The text; with `stream` events, each a `CompletionChunk`, and `[DONE]`.", content(
            (Completion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenAiFaults,
    ),
)]
pub async fn openai(app: Caller, request: Request) -> Result<Response, Fault> {
    complete(app, request, Dialect::OpenAi).await
}

/// Goes on from a text
///
/// As `/v1/completions`, with OpenRouter's form of errors.
#[utoipa::path(
    post,
    path = "/api/v1/completions",
    operation_id = "createCompletionOpenRouter",
    tag = "openrouter",
    request_body = CompletionRequest,
    responses(
        (status = 200, description = "The text; with `stream` events, each a `CompletionChunk`, and `[DONE]`.", content(
            (Completion = "application/json"),
            (ServerSentEvent = "text/event-stream"),
        )),
        OpenRouterFaults,
    ),
)]
pub async fn openrouter(app: Caller, request: Request) -> Result<Response, Fault> {
    complete(app, request, Dialect::OpenRouter).await
}

async fn complete(app: Caller, request: Request, dialect: Dialect) -> Result<Response, Fault> {
    let request: CompletionRequest = body::json(request).await?;
    let answered = answer(app, request, dialect).await;
    answered.map_err(|mut fault| {
        // A prompt that is too long is no message here.
        if fault.param.as_deref() == Some("messages") {
            fault.param = Some("prompt".to_owned());
        }
        fault
    })
}

async fn answer(
    app: Caller,
    request: CompletionRequest,
    dialect: Dialect,
) -> Result<Response, Fault> {
    request.refuse_what_is_not_done()?;
    let echo = request.echo.unwrap_or(false);
    let (asked, prompts) = request.into_chat();
    let candidates = route::candidates(&asked, &app)?;
    let prompts = prompts.checked(app.chat.max_choices)?;
    let include_usage = job::include_usage(&asked, dialect);
    let streaming = asked.stream.unwrap_or(false);
    let keep_alive = app.chat.keep_alive;
    let choices = job::choices(&asked, &app.chat)?;
    let answer = |preset: &Preset| Text {
        envelope: Envelope::new("cmpl-", preset),
        choices,
        echoed: if echo { prompts.clone() } else { Vec::new() },
    };
    if streaming {
        let ask = {
            let (app, prompts) = (app.clone(), prompts.clone());
            move |preset: Preset, asked: ChatRequest| {
                let jobs = jobs(&asked, &preset, &app, &prompts);
                async move { pieces::of_jobs(jobs?).await }
            }
        };
        let begun = route::first_of_stream(candidates, asked, keep_alive, ask).await?;
        let (headers, pieces) = (begun.headers(), begun.answer);
        let writer = TextWriter {
            answer: answer(&begun.preset),
            dialect,
            include_usage,
            usage: Usage::default(),
            offsets: Vec::new(),
            failed: false,
        };
        return Ok((headers, stream::respond(pieces, writer, keep_alive)).into_response());
    }
    let whole = route::first(candidates, asked, |preset, asked| {
        let jobs = jobs(&asked, &preset, &app, &prompts);
        async move {
            let pieces = pieces::of_jobs(jobs?).await?;
            pieces::collect(pieces).await
        }
    });
    let whole = whole.await?;
    let headers = whole.headers();
    let completion = completion(answer(&whole.preset), whole.answer);
    Ok((headers, Json(completion)).into_response())
}

/// What a model is asked.
fn jobs(
    asked: &ChatRequest,
    preset: &Preset,
    app: &Caller,
    prompts: &[String],
) -> Result<Vec<Job>, Fault> {
    if preset.schema.is_some() {
        let message = format!(
            "{} reads receipts from pictures; ask it at /v1/chat/completions.",
            preset.id
        );
        return Err(Fault::invalid("model", message));
    }
    let jobs = prompts
        .iter()
        .map(|prompt| Job::of(asked, preset, app, Prompt::Text(prompt.clone())))
        .collect::<Result<Vec<_>, _>>()?;
    let answers: usize = jobs.iter().map(|job| job.choices).sum();
    let most = app.chat.max_choices;
    if answers > most {
        let message = format!("n answers to each prompt are {answers}; {most} is the most.");
        return Err(Fault::invalid("n", message));
    }
    Ok(jobs)
}

/// What an answer repeats.
struct Text {
    envelope: Envelope,
    /// The prompts, where the answers begin with them.
    echoed: Vec<String>,
    /// Answers to each prompt.
    choices: usize,
}

impl Text {
    fn echo(&self, index: usize) -> &str {
        let prompt = self.echoed.get(index / self.choices);
        prompt.map_or("", String::as_str)
    }

    /// Of one more choice: the prompt counts once, however many answers it gets.
    fn count(&self, sum: &mut Usage, index: usize, usage: Usage) {
        if index.is_multiple_of(self.choices) {
            sum.prompt_tokens += usage.prompt_tokens;
            sum.cached_tokens += usage.cached_tokens;
        }
        *sum = sum.and(usage);
    }
}

fn completion(answer: Text, ends: Vec<Whole>) -> Completion {
    let mut usage = Usage::default();
    let choices = ends.into_iter().enumerate().map(|(index, end)| {
        answer.count(&mut usage, index, end.usage);
        CompletionChoice {
            index,
            text: format!("{}{}", answer.echo(index), end.text),
            finish_reason: Some(end.finish),
            logprobs: end
                .logprobs
                .map(|logprobs| CompletionLogprobs::new(logprobs, &mut 0)),
        }
    });
    let choices = choices.collect();
    Completion::new(answer.envelope, choices, WireUsage::new(usage))
}

/// Writes `text_completion`s.
struct TextWriter {
    answer: Text,
    dialect: Dialect,
    include_usage: bool,
    usage: Usage,
    /// Where each choice's next token begins, in characters.
    offsets: Vec<usize>,
    failed: bool,
}

impl TextWriter {
    fn chunk(&self, choices: Vec<CompletionChoice>) -> CompletionChunk {
        CompletionChunk::new(&self.answer.envelope, choices)
    }

    fn text(&self, index: usize, text: String, finish: Option<&'static str>) -> CompletionChunk {
        self.chunk(vec![CompletionChoice {
            index,
            text,
            finish_reason: finish,
            logprobs: None,
        }])
    }

    fn growth(&mut self, index: usize, growth: Growth) -> Vec<Event> {
        if self.offsets.len() <= index {
            self.offsets.resize(index + 1, 0);
        }
        let finish = growth.end.as_ref().map(|end| end.finish);
        if let Some(end) = growth.end {
            self.answer.count(&mut self.usage, index, end.usage);
        }
        let logprobs = growth.logprobs.filter(|l| !l.content.is_empty());
        let offset = self.offsets.get_mut(index);
        let logprobs = logprobs
            .zip(offset)
            .map(|(l, at)| CompletionLogprobs::new(l, at));
        vec![event(&self.chunk(vec![CompletionChoice {
            index,
            text: growth.text,
            finish_reason: finish,
            logprobs,
        }]))]
    }
}

impl Write for TextWriter {
    fn piece(&mut self, piece: Piece) -> Vec<Event> {
        let Piece { index, news } = piece;
        match news {
            News::Begun => match self.answer.echo(index) {
                "" => Vec::new(),
                prompt => vec![event(&self.text(index, prompt.to_owned(), None))],
            },
            News::Grown(Ok(growth)) => self.growth(index, growth),
            News::Grown(Err(fault)) => {
                self.failed = true;
                let mut chunk = self.text(index, String::new(), Some("error"));
                chunk.error = Some(self.dialect.error(&fault));
                vec![event(&chunk)]
            }
        }
    }

    fn is_over(&self) -> bool {
        self.failed
    }

    fn end(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.include_usage && !self.failed {
            let mut chunk = self.chunk(Vec::new());
            chunk.usage = Some(WireUsage::new(self.usage));
            events.push(event(&chunk));
        }
        events.push(done());
        events
    }
}

impl CompletionRequest {
    fn refuse_what_is_not_done(&self) -> Result<(), Fault> {
        let echoes_logprobs = self.echo == Some(true) && self.logprobs.is_some();
        let refused = [
            (
                "suffix",
                self.suffix.is_some(),
                "Nothing is put into a text; leave suffix out.",
            ),
            (
                "best_of",
                self.best_of
                    .is_some_and(|best_of| Some(best_of) != self.n.or(Some(1))),
                "All answers are given; set n and leave best_of out.",
            ),
            (
                "logprobs",
                echoes_logprobs,
                "The prompt's own log-probabilities are not known; leave echo or logprobs out.",
            ),
            (
                "logprobs",
                self.logprobs.is_some_and(|logprobs| logprobs > 5),
                "logprobs must lie within 0 and 5.",
            ),
        ];
        match refused.into_iter().find(|(_, asked, _)| *asked) {
            Some((field, _, message)) => Err(Fault::invalid(field, message)),
            None => Ok(()),
        }
    }

    /// What it says of its answers, as a chat says it, and the prompts.
    fn into_chat(self) -> (ChatRequest, Prompts) {
        let request = ChatRequest {
            model: self.model,
            models: self.models,
            max_tokens: Some(self.max_tokens.unwrap_or(wire::MAX_TOKENS)),
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
            stop: self.stop,
            n: self.n,
            logit_bias: self.logit_bias,
            logprobs: self.logprobs.map(|_| true),
            top_logprobs: self.logprobs,
            stream: self.stream,
            stream_options: self.stream_options,
            ..ChatRequest::default()
        };
        (request, self.prompt)
    }
}

impl Prompts {
    /// The prompts, `most` of them at most.
    fn checked(self, most: usize) -> Result<Vec<String>, Fault> {
        let prompts = match self {
            Self::One(prompt) => vec![prompt],
            Self::Several(prompts) => prompts,
        };
        let message = if prompts.is_empty() || prompts.iter().any(String::is_empty) {
            "A prompt is empty; there is nothing to go on from.".to_owned()
        } else if prompts.len() > most {
            format!("{} prompts were sent; {most} is the most.", prompts.len())
        } else {
            return Ok(prompts);
        };
        Err(Fault::invalid("prompt", message))
    }
}

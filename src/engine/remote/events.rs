//! An upstream's stream, turned into the engine's events.

use std::{collections::VecDeque, time::Duration};

use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt, TryStreamExt, future, stream::BoxStream};
use indexmap::IndexMap;
use reqwest::{Response, header::CONTENT_TYPE};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    ProviderSettings,
    fault::Cause,
    writer::{CallDelta, CallWriter},
};
use crate::chat::{Alternative, Event, FinishReason, Token, Usage};

/// The last event of a stream.
const DONE: &str = "[DONE]";

/// A chunk of a stream, or a whole answer, of either kind of completions.
#[derive(Debug, Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(alias = "message")]
    #[serde(default)]
    delta: Option<Delta>,
    /// Of a text completion.
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    logprobs: Option<Logprobs>,
}

#[derive(Debug, Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Deserialize)]
struct Logprobs {
    #[serde(default)]
    content: Option<Vec<WireToken>>,
    /// Of a text completion, a list for each part.
    #[serde(default, deserialize_with = "if_so")]
    tokens: Vec<String>,
    #[serde(default, rename = "token_logprobs", deserialize_with = "if_so")]
    probabilities: Vec<Option<f32>>,
    #[serde(default, rename = "top_logprobs", deserialize_with = "if_so")]
    likeliest: Vec<Option<IndexMap<String, f32>>>,
}

/// A value of that form, or none: upstreams differ in these, and an answer is no worse for it.
fn if_so<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl Logprobs {
    /// Token by token, whichever kind of completions tells them.
    fn into_tokens(self) -> Vec<WireToken> {
        if let Some(content) = self.content {
            return content;
        }
        let mut logprobs = self.probabilities.into_iter();
        let mut tops = self.likeliest.into_iter();
        let tokens = self.tokens.into_iter().map(|token| WireToken {
            token: WireAlternative::of(token, logprobs.next().flatten()),
            top_logprobs: tops
                .next()
                .flatten()
                .into_iter()
                .flatten()
                .map(|(token, logprob)| WireAlternative::of(token, Some(logprob)))
                .collect(),
        });
        tokens.collect()
    }
}

#[derive(Debug, Deserialize)]
struct WireToken {
    #[serde(flatten)]
    token: WireAlternative,
    #[serde(default)]
    top_logprobs: Vec<WireAlternative>,
}

#[derive(Debug, Deserialize)]
struct WireAlternative {
    token: String,
    #[serde(default)]
    logprob: Option<f32>,
    #[serde(default)]
    bytes: Option<Vec<u8>>,
}

impl WireAlternative {
    fn of(token: String, logprob: Option<f32>) -> Self {
        Self {
            token,
            logprob,
            bytes: None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct WireUsage {
    #[serde(default)]
    prompt_tokens: usize,
    #[serde(default)]
    completion_tokens: usize,
    #[serde(default, deserialize_with = "if_so")]
    prompt_tokens_details: PromptDetails,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: usize,
}

/// An answer under way.
pub struct Upstream {
    data: BoxStream<'static, Result<String, Cause>>,
    idle: Duration,
    calls: CallWriter,
    /// What has been read and not handed out.
    ready: VecDeque<Token>,
    written: usize,
    usage: Option<WireUsage>,
    reason: Option<FinishReason>,
    is_over: bool,
}

impl Upstream {
    /// Reads the beginning of an answer: a fault in its place is found before anything is passed on.
    ///
    /// # Errors
    /// What the upstream says instead of an answer.
    pub async fn begin(response: Response, settings: &ProviderSettings) -> Result<Self, Cause> {
        let kind = response.headers().get(CONTENT_TYPE);
        let streams = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let mut left = settings.max_answer_bytes;
        let bytes = response.bytes_stream().map_err(Cause::of);
        let bytes = bytes.and_then(move |bytes| {
            let rest = left.checked_sub(bytes.len());
            left = rest.unwrap_or(0);
            let too_long = || Cause::Unfit("its answer is too long".to_owned());
            future::ready(rest.map(|_| bytes).ok_or_else(too_long))
        });
        let data = if streams {
            events(bytes).boxed()
        } else {
            futures::stream::once(whole(bytes)).boxed()
        };
        let mut upstream = Self {
            data,
            idle: settings.idle_timeout,
            calls: CallWriter::default(),
            ready: VecDeque::new(),
            written: 0,
            usage: None,
            reason: None,
            is_over: false,
        };
        while upstream.ready.is_empty() && !upstream.is_over {
            upstream.read().await?;
        }
        Ok(upstream)
    }

    /// The next event; the end is the last.
    ///
    /// # Errors
    /// See [`Cause`].
    pub async fn next(&mut self) -> Result<Event, Cause> {
        loop {
            if let Some(token) = self.ready.pop_front() {
                self.written += 1;
                return Ok(Event::Token(token));
            }
            if self.is_over {
                return self.end();
            }
            let read = timeout(self.idle, self.read()).await;
            read.unwrap_or(Err(Cause::TooSlow(
                "it stopped in the middle of its answer",
            )))?;
        }
    }

    /// Whether functions have been called in what was read.
    pub fn has_called(&self) -> bool {
        self.calls.has_called()
    }

    /// Takes in the next piece of data.
    async fn read(&mut self) -> Result<(), Cause> {
        let data = match self.data.next().await {
            Some(data) => data?,
            None => DONE.to_owned(),
        };
        if data == DONE {
            self.is_over = true;
            // A call that was cut off stays open, which says so.
            if self.reason != Some(FinishReason::Length) {
                let close = self.calls.close().map_err(Cause::Unfit)?;
                self.ready.extend(tokens_of(close, None));
            }
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_str(&data).map_err(|error| {
            Cause::broken(format!("an event of its stream is no chunk: {error}"))
        })?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(Cause::of_error(&error));
        }
        self.usage = chunk.usage.or(self.usage);
        // Of one answer; no other was asked for.
        if let Some(choice) = chunk.choices.into_iter().next() {
            self.take(choice)?;
        }
        Ok(())
    }

    fn take(&mut self, choice: Choice) -> Result<(), Cause> {
        let Choice {
            delta,
            text,
            finish_reason,
            logprobs,
        } = choice;
        let (content, calls) = delta.map_or((None, None), |d| (d.content, d.tool_calls));
        let text = content.or(text).unwrap_or_default();
        let tokens = logprobs.map(Logprobs::into_tokens);
        // Text has no place behind a call in the form that calls are read in.
        if !self.calls.has_called() {
            self.ready.extend(tokens_of(text, tokens));
        }
        for call in calls.into_iter().flatten() {
            let text = self.calls.write(call).map_err(Cause::Unfit)?;
            self.ready.extend(tokens_of(text, None));
        }
        match finish_reason.as_deref() {
            None => {}
            Some("length") => self.reason = Some(FinishReason::Length),
            Some("error") => return Err(Cause::broken("it ended its answer with an error")),
            Some(_) => self.reason = Some(FinishReason::Stop),
        }
        Ok(())
    }

    fn end(&self) -> Result<Event, Cause> {
        let reason = self
            .reason
            .ok_or_else(|| Cause::broken("its answer broke off"))?;
        let usage = self.usage.unwrap_or(WireUsage {
            completion_tokens: self.written,
            ..WireUsage::default()
        });
        Ok(Event::Finished {
            reason,
            usage: Usage {
                prompt_tokens: usage.prompt_tokens,
                completion_tokens: usage.completion_tokens,
                cached_tokens: usage.prompt_tokens_details.cached_tokens,
                writing: None,
            },
        })
    }
}

/// The data of server-sent events.
fn events(
    bytes: impl Stream<Item = Result<bytes::Bytes, Cause>> + Send + 'static,
) -> impl Stream<Item = Result<String, Cause>> + Send {
    bytes.eventsource().map(|event| match event {
        Ok(event) => Ok(event.data),
        Err(eventsource_stream::EventStreamError::Transport(cause)) => Err(cause),
        Err(_) => Err(Cause::broken("its stream is no text")),
    })
}

/// A body that is one JSON value, from an upstream that does not stream, or fails.
async fn whole(bytes: impl Stream<Item = Result<bytes::Bytes, Cause>>) -> Result<String, Cause> {
    let body = bytes.try_fold(Vec::new(), |mut body, bytes| {
        body.extend_from_slice(&bytes);
        future::ready(Ok(body))
    });
    String::from_utf8(body.await?).map_err(|_| Cause::broken("its answer is no text"))
}

/// The tokens of a text, or the text as one token where they are not told, or spell another.
fn tokens_of(text: String, told: Option<Vec<WireToken>>) -> Vec<Token> {
    let told = told.unwrap_or_default().into_iter().map(Token::from);
    let told: Vec<Token> = told.collect();
    let spelt: Vec<u8> = told.iter().flat_map(|token| token.bytes.clone()).collect();
    if spelt == text.as_bytes() {
        return told;
    }
    vec![Token {
        id: 0,
        bytes: text.into_bytes(),
        logprob: None,
        top: Vec::new(),
        forced: false,
        pass: 0,
    }]
}

impl From<WireToken> for Token {
    fn from(told: WireToken) -> Self {
        let WireAlternative {
            token,
            logprob,
            bytes,
        } = told.token;
        let top = told.top_logprobs.into_iter().filter_map(|other| {
            Some(Alternative {
                text: other.token,
                logprob: other.logprob?,
            })
        });
        Self {
            id: 0,
            bytes: bytes.unwrap_or_else(|| token.into_bytes()),
            logprob,
            top: top.collect(),
            forced: false,
            pass: 0,
        }
    }
}

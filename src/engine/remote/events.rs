//! Converts an upstream's stream to the engine's events.

use std::{collections::VecDeque, time::Duration};

use indexmap::IndexMap;
use reqwest::Response;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    ProviderSettings,
    body::Body,
    fault::Cause,
    lenient,
    usage::WireUsage,
    writer::{CallWriter, ProviderCallDelta},
};
use crate::generation::{Alternative, Event, FinishReason, Token, Usage};

/// The last event of a stream.
const DONE: &[u8] = b"[DONE]";

/// A chunk of a stream, or a whole answer, of chat or text completions.
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
    /// The text of a text completion.
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
    tool_calls: Option<Vec<ProviderCallDelta>>,
}

#[derive(Debug, Deserialize)]
struct Logprobs {
    #[serde(default)]
    content: Option<Vec<WireToken>>,
    /// The tokens of a text completion, in one list per field.
    #[serde(default, deserialize_with = "lenient::if_so")]
    tokens: Vec<String>,
    #[serde(
        default,
        rename = "token_logprobs",
        deserialize_with = "lenient::if_so"
    )]
    probabilities: Vec<Option<f32>>,
    #[serde(default, rename = "top_logprobs", deserialize_with = "lenient::if_so")]
    likeliest: Vec<Option<IndexMap<String, f32>>>,
}

impl Logprobs {
    /// Returns the tokens one by one, from either kind of completions.
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

/// A running answer.
pub struct Upstream {
    body: Body,
    idle: Duration,
    calls: CallWriter,
    /// Tokens read and not yet returned.
    ready: VecDeque<Token>,
    written: usize,
    usage: Option<WireUsage>,
    reason: Option<FinishReason>,
    is_over: bool,
}

impl Upstream {
    /// Reads the beginning of an answer, to find an error in its place before anything is passed
    /// on.
    ///
    /// # Errors
    /// The error that the upstream sent instead of an answer.
    pub async fn begin(response: Response, settings: &ProviderSettings) -> Result<Self, Cause> {
        let mut upstream = Self {
            body: Body::new(response, settings.max_answer_bytes),
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

    /// Returns the next event; the end is the last.
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

    /// Returns whether the events so far call functions.
    pub fn has_called(&self) -> bool {
        self.calls.has_called()
    }

    /// Reads the next piece of data.
    async fn read(&mut self) -> Result<(), Cause> {
        let data = self.body.data().await?;
        let Some(data) = data.filter(|data| data != DONE) else {
            self.is_over = true;
            self.body.leave();
            // A call that was cut off stays open, which shows that.
            if self.reason != Some(FinishReason::Length) {
                let close = self.calls.close().map_err(Cause::Unfit)?;
                self.ready.extend(tokens_of(close, None));
            }
            return Ok(());
        };
        let chunk: Chunk = serde_json::from_slice(&data).map_err(|error| {
            Cause::broken(format!("an event of its stream is not a chunk: {error}"))
        })?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(Cause::of_error(&error));
        }
        self.usage = chunk.usage.or(self.usage);
        // Only one choice was requested.
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
        // The form of calls allows no text after a call.
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
        let counted = Usage {
            completion_tokens: self.written,
            ..Usage::default()
        };
        let usage = self.usage.map_or(counted, Usage::from);
        Ok(Event::Finished { reason, usage })
    }
}

/// Returns the tokens of a text, or the text as one token if they are missing or spell another
/// text.
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

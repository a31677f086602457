//! Errors of an upstream, and the party at fault.

use std::{error::Error, time::Duration};

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde_json::Value;
use thiserror::Error;

use super::overflow;

/// Maximum bytes to read of an error's body.
const MAX_BODY: usize = 64 << 10;

/// Maximum number of characters of an upstream's message to pass on.
const MAX_WORDS: usize = 300;

/// An error: an upstream gave no answer.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum UpstreamFault {
    /// The provider has no capacity now.
    #[error("The provider {provider} is busy. Try again later.")]
    Busy {
        /// The provider's name.
        provider: String,
        /// The time to wait before another try, if the provider gives one.
        retry_after: Option<Duration>,
    },
    /// The provider failed repeatedly, and requests to it are paused.
    #[error(
        "The provider {provider} failed repeatedly, so requests to it are paused. Try again later."
    )]
    LeftAlone {
        /// The provider's name.
        provider: String,
        /// The remaining time of the pause.
        retry_after: Duration,
    },
    /// The provider took too long to begin, or stopped in between.
    #[error("The provider {provider} took too long: {reason}. Try again later.")]
    TooSlow {
        /// The provider's name.
        provider: String,
        /// The step that took too long.
        reason: String,
    },
    /// The provider refuses the request.
    #[error("The provider {provider} refuses the request: {reason}")]
    Refused {
        /// The provider's name.
        provider: String,
        /// The provider's message.
        reason: String,
    },
    /// The prompt is longer than the model's context.
    #[error("{words}")]
    Overflow {
        /// The provider's name.
        provider: String,
        /// OpenAI's message, or the provider's.
        words: String,
    },
    /// The provider's answers do not fit the schema.
    #[error(
        "The provider {provider} answered twice with text that does not fit the schema, at {reason}"
    )]
    Misfit {
        /// The provider's name.
        provider: String,
        /// The place and the reason.
        reason: String,
    },
    /// The provider cannot be reached, refuses access, failed, or sent an invalid answer.
    #[error("The provider {provider} failed. The gateway's log says why.")]
    Failed {
        /// The provider's name.
        provider: String,
        /// The cause, for the log.
        cause: String,
    },
}

/// The cause of an [`UpstreamFault`], without the provider's name.
#[derive(Debug)]
pub enum Cause {
    /// See [`UpstreamFault::Busy`].
    Busy(Option<Duration>),
    /// See [`UpstreamFault::LeftAlone`].
    LeftAlone(Duration),
    /// See [`UpstreamFault::TooSlow`].
    TooSlow(&'static str),
    /// See [`UpstreamFault::Refused`].
    Refused(String),
    /// See [`UpstreamFault::Overflow`].
    Overflow(String),
    /// See [`UpstreamFault::Misfit`].
    Misfit(String),
    /// See [`UpstreamFault::Failed`].
    Failed(String),
    /// A failure as in [`UpstreamFault::Failed`], but specific to this request: others may succeed.
    Unfit(String),
}

impl Cause {
    /// Creates the cause of an invalid answer.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Failed(what.into())
    }

    /// Converts a transport error.
    #[expect(clippy::needless_pass_by_value, reason = "as map_err passes it")]
    pub fn of(error: reqwest::Error) -> Self {
        let mut words = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            words = inner.to_string();
            cause = inner.source();
        }
        if error.is_timeout() {
            Self::TooSlow("it could not be reached in time")
        } else {
            Self::Failed(words)
        }
    }

    /// Reads an answer with an error status.
    pub async fn of_response(mut response: Response) -> Self {
        let status = response.status();
        let wait = response.headers().get(RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY {
                break;
            }
        }
        let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
        // `{"error": ...}` of OpenAI, of OpenRouter, and of upstreams that send a text; others send
        // the object alone.
        let error = match body.get_mut("error") {
            Some(error) => error.take(),
            None => body,
        };
        Self::of_status(status, &error, wait.map(Duration::from_secs))
    }

    /// Reads the `error` of a body with a success status; its code is the status.
    pub fn of_error(error: &Value) -> Self {
        let code = error["code"].as_u64();
        let code = code.or_else(|| error["code"].as_str().and_then(|code| code.parse().ok()));
        let status = code.and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
        let status = status.unwrap_or(StatusCode::BAD_GATEWAY);
        Self::of_status(status, error, None)
    }

    fn of_status(status: StatusCode, error: &Value, wait: Option<Duration>) -> Self {
        let words = error["message"].as_str().or_else(|| error.as_str());
        let words: String = words.unwrap_or_default().chars().take(MAX_WORDS).collect();
        if let Some(words) = overflow::words(status, error) {
            return Self::Overflow(words);
        }
        match status.as_u16() {
            429 | 503 | 529 => Self::Busy(wait),
            408 | 504 => Self::TooSlow("it reported a timeout"),
            400 | 413 | 415 | 422 => Self::Refused(if words.is_empty() {
                status.to_string()
            } else {
                words
            }),
            404 | 405 | 501 => Self::Unfit(format!("{status} {words}")),
            _ => Self::Failed(format!("{status} {words}")),
        }
    }

    /// Returns whether the cause counts against the provider as a whole. A busy one may be so for
    /// one model alone.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::TooSlow(_) | Self::Failed(_) => true,
            Self::Busy(_)
            | Self::LeftAlone(_)
            | Self::Refused(_)
            | Self::Overflow(_)
            | Self::Misfit(_)
            | Self::Unfit(_) => false,
        }
    }

    /// Adds the name of the provider.
    pub fn of_provider(self, provider: &str) -> UpstreamFault {
        let provider = provider.to_owned();
        match self {
            Self::Busy(retry_after) => UpstreamFault::Busy {
                provider,
                retry_after,
            },
            Self::LeftAlone(retry_after) => UpstreamFault::LeftAlone {
                provider,
                retry_after,
            },
            Self::TooSlow(reason) => UpstreamFault::TooSlow {
                provider,
                reason: reason.to_owned(),
            },
            Self::Refused(reason) => UpstreamFault::Refused { provider, reason },
            Self::Overflow(words) => UpstreamFault::Overflow { provider, words },
            Self::Misfit(reason) => UpstreamFault::Misfit { provider, reason },
            Self::Failed(cause) | Self::Unfit(cause) => UpstreamFault::Failed { provider, cause },
        }
    }
}

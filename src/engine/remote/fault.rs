//! What can go wrong with an upstream, and whose doing it is.

use std::{error::Error, time::Duration};

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde_json::Value;
use thiserror::Error;

use super::overflow;

/// Bytes of a fault's body that are read, at most.
const MAX_BODY: usize = 64 << 10;

/// Characters of an upstream's own words that are passed on, at most.
const MAX_WORDS: usize = 300;

/// An upstream gave no answer.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum UpstreamFault {
    /// It has no room now.
    #[error("The provider {provider} is busy.")]
    Busy {
        /// Which.
        provider: String,
        /// When to try again, if it says so.
        retry_after: Option<Duration>,
    },
    /// It has failed again and again, and is left alone for a while.
    #[error("The provider {provider} fails again and again.")]
    LeftAlone {
        /// Which.
        provider: String,
        /// When it is tried again.
        retry_after: Duration,
    },
    /// It took too long to begin, or stopped in between.
    #[error("The provider {provider} took too long: {reason}.")]
    TooSlow {
        /// Which.
        provider: String,
        /// What took too long.
        reason: String,
    },
    /// It refuses the request as it is.
    #[error("The provider {provider} refuses the request: {reason}")]
    Refused {
        /// Which.
        provider: String,
        /// Its own words.
        reason: String,
    },
    /// The prompt is longer than the model's context.
    #[error("{words}")]
    Overflow {
        /// Which.
        provider: String,
        /// OpenAI's words, or its own.
        words: String,
    },
    /// Its answers do not fit the schema.
    #[error("The answer of the provider {provider} does not fit the schema at {reason}")]
    Misfit {
        /// Which.
        provider: String,
        /// Where and why.
        reason: String,
    },
    /// It cannot be reached, lets nobody in, failed, or answers what cannot be understood.
    #[error("The provider {provider} failed.")]
    Failed {
        /// Which.
        provider: String,
        /// For the log.
        cause: String,
    },
}

/// The same, before it is said whose it is.
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
    /// The same, by what this request asked for: others may go well.
    Unfit(String),
}

impl Cause {
    /// Something that no upstream should send.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Failed(what.into())
    }

    /// A transport that failed.
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

    /// An answer with a status that is none of success.
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
        // `{"error": ...}` of OpenAI, of OpenRouter, and of those who send a text; others send the object alone.
        let error = match body.get_mut("error") {
            Some(error) => error.take(),
            None => body,
        };
        Self::of_status(status, &error, wait.map(Duration::from_secs))
    }

    /// The `error` of a body, sent though the status was one of success: its code is the status.
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
            408 | 504 => Self::TooSlow("it says so itself"),
            400 | 413 | 415 | 422 => Self::Refused(if words.is_empty() {
                status.to_string()
            } else {
                words
            }),
            404 | 405 | 501 => Self::Unfit(format!("{status} {words}")),
            _ => Self::Failed(format!("{status} {words}")),
        }
    }

    /// Whether it speaks against the provider as a whole. One that is busy may be so for one model alone.
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

    /// With the name of the provider.
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

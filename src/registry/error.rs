//! Reasons why a model gives no answer.

use std::time::Duration;

use thiserror::Error;

use super::Overloaded;
use crate::engine::{EngineError, remote::UpstreamFault};

/// Reason why a model gave no answer.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The model's files are missing, or the engine cannot load them.
    #[error("The model {model} cannot be loaded: {reason}")]
    Load {
        /// Name of the model.
        model: String,
        /// Reason, in words.
        reason: String,
        /// Time after which to try again.
        retry_after: Duration,
    },
    /// The model is busy and its queue is full.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The engine refused the request or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The answer did not end before the deadline.
    #[error(
        "The model did not finish within its time limit. Try again, or ask for a shorter answer."
    )]
    DeadlineExceeded,
}

/// The reason that a model could not be brought into memory, fit for the operator and for the client.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct LoadError(#[from] Box<dyn std::error::Error + Send + Sync>);

impl LoadError {
    /// A load that failed with `error`.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// A name that none of the models has.
#[derive(Debug, Error)]
#[error("no model is called {0:?}: expected one of `[[models]]`")]
pub struct UnknownModel(pub(super) String);

impl ModelError {
    /// Returns the kind of fault as one word of a fixed set.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Load { .. } => "not_loaded",
            Self::Overloaded(_) => "overloaded",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Engine(error) => match error {
                EngineError::Invalid(_) => "invalid_request",
                EngineError::ContextOverflow { .. } => "context_overflow",
                EngineError::Upstream(_) => "upstream",
                EngineError::Failed(_) | EngineError::Stopped => "engine",
            },
        }
    }

    /// Returns whether another model may answer the same request: the rule that chats, receipts and
    /// escalation share. Another model would refuse an invalid request too, but a prompt that is too long
    /// for this model's context may fit another's.
    #[must_use]
    pub fn leads_on(&self) -> bool {
        match self {
            Self::Load { .. } | Self::Overloaded(_) | Self::DeadlineExceeded => true,
            Self::Engine(error) => !matches!(
                error,
                EngineError::Invalid(_) | EngineError::Upstream(UpstreamFault::Refused { .. })
            ),
        }
    }
}

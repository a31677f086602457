//! The errors of schemas and grammars, and of the answers that are held to them.

use thiserror::Error;

/// The reason that a schema or a grammar cannot be enforced or checked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct GrammarError(String);

/// The first place where a finished answer departs from its schema, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Misfit(String);

impl From<String> for GrammarError {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl From<String> for Misfit {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

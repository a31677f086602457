//! Why there is no receipt.

use thiserror::Error;

use crate::{engine::EngineError, image::ImageError, registry::ModelError};

/// Why there is no receipt.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// There is no picture to read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model reads no pictures.
    #[error("The model {0} reads no pictures.")]
    NoVision(String),
    /// The answer was cut off before its end.
    #[error("The model's answer was cut short after {tokens} tokens.")]
    CutShort {
        /// Tokens of the answer.
        tokens: usize,
    },
    /// The answer is no JSON.
    #[error("The model's answer is no JSON: {0}")]
    NotJson(String),
    /// The answer is not what the schema asks for.
    #[error("The model's answer does not fit the schema at {0}")]
    Mismatch(String),
}

impl ExtractError {
    /// Whether the model had no place, and may have one later.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Model(ModelError::Overloaded(_)))
    }

    /// Whether another model may do better.
    pub(super) fn is_of_the_model(&self) -> bool {
        !matches!(self, Self::Image(_))
    }

    /// In words without what is the gateway's own business.
    pub(super) fn for_clients(&self) -> String {
        match self {
            Self::Model(ModelError::Engine(EngineError::Failed(_) | EngineError::Stopped)) => {
                "The model failed.".to_owned()
            }
            _ => self.to_string(),
        }
    }

    /// Whether the next model of a route is to be asked: not for what is the client's mistake.
    pub(super) fn leads_on(&self) -> bool {
        match self {
            Self::Model(error) => error.is_of_the_model(),
            Self::CutShort { .. } | Self::NotJson(_) | Self::Mismatch(_) => true,
            Self::Image(_) | Self::NoVision(_) => false,
        }
    }
}

//! Reasons why there is no receipt.

use thiserror::Error;

use crate::{
    einvoice::EInvoiceError, engine::EngineError, grammar::Misfit, image::ImageError,
    registry::ModelError, routing::AttemptError,
};

/// Reason why there is no receipt.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// A picture cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// An e-invoice does not state the answer.
    #[error(transparent)]
    EInvoice(#[from] EInvoiceFault),
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model cannot read pictures.
    #[error(
        "The model {0} cannot read pictures. Name a model that can, or set reads = \"page_text\" in \
         its entry of the configuration."
    )]
    NoVision(String),
    /// The answer was cut off before its end.
    #[error("The model's answer was cut off after {tokens} tokens, before it was complete.")]
    CutShort {
        /// Tokens of the answer.
        tokens: usize,
    },
    /// The answer is not JSON.
    #[error("The model's answer is not JSON: {0}")]
    NotJson(String),
    /// The answer does not fit the schema.
    #[error("The model's answer does not fit the schema at {0}")]
    Mismatch(Misfit),
}

impl ExtractError {
    /// Returns whether the model was busy, so that a later try may succeed.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Model(ModelError::Overloaded(_)))
    }

    /// Describes the error for clients, without the details of an engine's failure.
    pub(super) fn for_clients(&self) -> String {
        match self {
            Self::Model(ModelError::Engine(EngineError::Failed(_) | EngineError::Stopped)) => {
                "The model failed.".to_owned()
            }
            _ => self.to_string(),
        }
    }
}

impl AttemptError for ExtractError {
    fn leads_on(&self) -> bool {
        match self {
            Self::Model(error) => error.leads_on(),
            Self::NoVision(_) | Self::CutShort { .. } | Self::NotJson(_) | Self::Mismatch(_) => {
                true
            }
            Self::Image(error) => error.is_lack_of_text(),
            // No model is asked.
            Self::EInvoice(_) => false,
        }
    }
}

/// Reason why an e-invoice does not state the answer.
#[derive(Debug, Error)]
pub enum EInvoiceFault {
    /// The XML cannot be read.
    #[error("The e-invoice cannot be read: {0}.")]
    Unreadable(#[from] EInvoiceError),
    /// The file is in a signed wrapper.
    #[error(
        "The file is in a signed wrapper (.p7m), which is not opened here; send the XML that is in it."
    )]
    Signed,
    /// XML came with other files.
    #[error(
        "An XML e-invoice stands alone: send it without other files, or send those in a request of \
         their own."
    )]
    NotAlone,
    /// The schema asks for what the file does not state.
    #[error(
        "The e-invoice does not state what the schema {schema:?} requires: {}. Send a picture or a PDF, \
         or name another schema.",
        fields.join(", ")
    )]
    Unstated {
        /// Name of the schema.
        schema: String,
        /// JSON pointers to the fields.
        fields: Vec<String>,
    },
    /// What the file states does not fit the schema.
    #[error("What the e-invoice states does not fit the schema at {0}")]
    Misfit(Misfit),
    /// The thread that reads the XML ended without a result.
    #[error("The XML could not be read: its reader stopped. Send the request again.")]
    Lost,
}

/// The reason that the context of a model is too small for receipts.
#[derive(Debug, Error)]
pub enum RoomError {
    /// The model reads no pictures.
    #[error("it cannot read pictures; reads = \"page_text\" gives it their text")]
    NoVision,
    /// The prompt cannot be measured.
    #[error(transparent)]
    Prompt(#[from] Box<ExtractError>),
    /// The largest picture does not fit beside the prompt and the answer.
    #[error(
        "its context holds {context} tokens: the prompt and an answer of up to {answer} tokens leave \
         {room}, but the largest picture takes {picture}; lower max_edge or raise context_length"
    )]
    Picture {
        /// Tokens of the context.
        context: usize,
        /// Tokens of the longest answer.
        answer: usize,
        /// Tokens left to the picture.
        room: usize,
        /// Tokens of the largest picture.
        picture: usize,
    },
    /// Too few items fit beside the prompt and the largest picture.
    #[error(
        "its context holds {context} tokens: the prompt and the largest picture leave {answer}, room \
         for {items} items of the greatest length, but extract.min_items is {least}"
    )]
    Items {
        /// Tokens of the context.
        context: usize,
        /// Tokens left to the answer.
        answer: usize,
        /// Items that fit.
        items: usize,
        /// Items that must fit.
        least: usize,
    },
}

//! The errors of a chat, each with the field of the request that it is about.

use std::sync::Arc;

use crate::{
    image::ImageError, receipt::ExtractError, registry::ModelError, routing::AttemptError,
};

/// A field of a [`super::ChatRequest`]. Each wire form has its own name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPath {
    /// The name of the model.
    Model,
    /// The whole conversation, or the texts to continue.
    Prompt,
    /// The content of a turn, by its number.
    Turn(usize),
    /// A part of a turn, by both numbers.
    Part(usize, usize),
    /// `max_tokens`.
    MaxTokens,
    /// `temperature`.
    Temperature,
    /// `top_p`.
    TopP,
    /// `top_k`.
    TopK,
    /// `min_p`.
    MinP,
    /// `frequency_penalty`.
    FrequencyPenalty,
    /// `presence_penalty`.
    PresencePenalty,
    /// `repetition_penalty`.
    RepetitionPenalty,
    /// The bias of one token id.
    LogitBias(String),
    /// `stop`.
    Stop,
    /// The number of choices.
    Choices,
    /// The request for log-probabilities.
    Logprobs,
    /// The number of likeliest tokens to report.
    TopLogprobs,
    /// The schema of the answer.
    Schema,
    /// All functions.
    Tools,
    /// The name of a function, by its number.
    FunctionName(usize),
    /// The schema of a function's arguments, by its number.
    FunctionParameters(usize),
    /// The choice of the functions to call.
    ToolChoice,
}

/// The fault of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A value outside its range.
    OutOfRange {
        /// The value.
        value: String,
        /// The least that is allowed.
        least: String,
        /// The most that is allowed.
        most: String,
    },
    /// A condition that it does not satisfy, such as "at least 1".
    MustBe(&'static str),
    /// The reason that it cannot be combined with the rest of the request.
    LeaveOut(&'static str),
    /// A sentence that does not name the field.
    Other(String),
}

impl Problem {
    /// Writes the problem for clients that know the field as `name`.
    #[must_use]
    pub fn describe(&self, name: &str) -> String {
        match self {
            Self::OutOfRange { value, least, most } => {
                format!("{name} is {value}; it must be between {least} and {most}.")
            }
            Self::MustBe(condition) => format!("{name} must be {condition}."),
            Self::LeaveOut(reason) => format!("{reason}; leave {name} out."),
            Self::Other(sentence) => sentence.clone(),
        }
    }
}

/// The reason that a chat has no answer.
#[derive(Debug)]
pub enum ChatError {
    /// A field of the request is not valid.
    Invalid {
        /// The field.
        field: FieldPath,
        /// Its fault.
        problem: Problem,
    },
    /// A picture cannot be loaded.
    Image {
        /// The field that holds it.
        field: FieldPath,
        /// The reason.
        error: ImageError,
    },
    /// The model cannot read pictures.
    NoVision {
        /// The field that holds the first picture.
        field: FieldPath,
        /// Name of the model.
        model: String,
    },
    /// The model gave no answer.
    Model(ModelError),
    /// No receipt could be read.
    Receipt(Arc<ExtractError>),
    /// A file of a receipt cannot be read.
    ReceiptFile {
        /// The field that holds it.
        field: FieldPath,
        /// The reason.
        error: Arc<ExtractError>,
    },
    /// The finished answer does not have the requested form.
    Unfit(String),
    /// There was no candidate to ask.
    NoCandidate,
}

impl ChatError {
    /// Reports a field with a sentence that does not name it.
    pub(super) fn invalid(field: FieldPath, sentence: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            problem: Problem::Other(sentence.into()),
        }
    }

    /// Reports an answer that does not fit `what`.
    pub(super) fn unfit(what: &str) -> Self {
        Self::Unfit(format!("The model's answer does not fit {what}"))
    }
}

impl AttemptError for ChatError {
    fn leads_on(&self) -> bool {
        match self {
            Self::Model(error) => error.leads_on(),
            Self::Receipt(error) | Self::ReceiptFile { error, .. } => error.leads_on(),
            Self::Image { error, .. } => error.is_lack_of_text(),
            Self::NoVision { .. } | Self::Unfit(_) => true,
            Self::Invalid { .. } | Self::NoCandidate => false,
        }
    }
}

impl From<ModelError> for ChatError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl std::fmt::Display for ChatError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { field, problem } => {
                write!(f, "{}", problem.describe(&format!("{field:?}")))
            }
            Self::Image { error, .. } => error.fmt(f),
            Self::Model(error) => error.fmt(f),
            Self::Receipt(error) | Self::ReceiptFile { error, .. } => error.fmt(f),
            Self::NoVision { model, .. } => write!(
                f,
                "The model {model} cannot read pictures; leave them out, ask a model that can, or set \
                 reads = \"page_text\" in its entry of the configuration."
            ),
            Self::Unfit(reason) => f.write_str(reason),
            Self::NoCandidate => f.write_str("there is no model to ask"),
        }
    }
}

impl std::error::Error for ChatError {}

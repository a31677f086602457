//! The errors of schemas.

use thiserror::Error;

use crate::{grammar::GrammarError, receipt::budget::Unbounded};

/// Reason why a schema cannot be used.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Read {
        /// The file.
        path: String,
        /// Error of the system.
        error: std::io::Error,
    },
    /// The file is not JSON.
    #[error("{path} is not JSON: {error}")]
    Json {
        /// The file.
        path: String,
        /// Error of the parser.
        error: serde_json::Error,
    },
    /// The document is not a valid JSON Schema.
    #[error("not a valid JSON Schema: {0}")]
    Invalid(GrammarError),
    /// The document is JSON, but no object.
    #[error("not a valid JSON Schema: it must be an object")]
    NoObject,
    /// The grammar cannot enforce the schema.
    #[error("the grammar cannot enforce it: {0}")]
    Grammar(GrammarError),
    /// The schema allows answers of any length.
    #[error(transparent)]
    Unbounded(#[from] Unbounded),
    /// The schema has more bytes than allowed.
    #[error("it has {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// Bytes of the schema's text.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A field has no empty value to hold it to.
    #[error(
        "its field {0} cannot be held empty: expected an array, a number or null as an alternative"
    )]
    NotEmpty(String),
    /// A mark of a printed field cannot be followed.
    #[error("{place}: {reason}")]
    Mark {
        /// JSON pointer to the field.
        place: String,
        /// The reason.
        reason: String,
    },
    /// A file of the folder has one of these faults.
    #[error("{0}: {1}")]
    In(String, Box<SchemaError>),
    /// The folder has no schema of that name.
    #[error("{path} has no file {name}.schema.json")]
    NotThere {
        /// The folder.
        path: String,
        /// The name.
        name: String,
    },
}

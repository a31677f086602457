//! The schema that an extraction must satisfy: one document for the grammar and for validation.

mod kinds;
mod store;

use std::{fmt, path::Path, sync::Arc};

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

pub use kinds::FieldKind;
pub use store::{INLINE, Schemas};

use super::budget::{self, Unbounded};
use crate::grammar::{self, Validator};
use kinds::Kinds;

/// What the name of a schema's file ends with.
const SUFFIX: &str = ".schema.json";

/// Bounds on a schema that a request brings.
#[derive(Debug, Clone, Copy)]
pub struct InlineLimits {
    /// Bytes of its text.
    pub max_bytes: usize,
    /// Tokens of an answer.
    pub max_tokens: usize,
}

/// Which currencies an invoice may name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Currency {
    /// Always this one (ISO 4217).
    Fixed(String),
    /// Whatever is printed.
    Detect,
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "detect" {
            return Ok(Self::Detect);
        }
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(Self::Fixed(text));
        }
        Err(format!(
            "{text:?} is neither \"detect\" nor a code of three capitals such as \"IDR\""
        ))
    }
}

/// Why a schema cannot be used.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// No JSON.
    #[error("{path}: {error}")]
    Json {
        /// The file.
        path: String,
        /// What the parser says.
        error: serde_json::Error,
    },
    /// No valid JSON Schema.
    #[error("not a valid JSON Schema: {0}")]
    Invalid(String),
    /// The grammar cannot express it.
    #[error("the grammar cannot enforce it: {0}")]
    Grammar(String),
    /// It would let a model write without end.
    #[error(transparent)]
    Unbounded(#[from] Unbounded),
    /// More bytes than the limit.
    #[error("it has {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// Bytes of its text.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// One of those, in a file of the folder.
    #[error("{0}: {1}")]
    In(String, Box<SchemaError>),
    /// No schema of that name.
    #[error("{path} holds no {name}.schema.json")]
    NotThere {
        /// The folder.
        path: String,
        /// The name.
        name: String,
    },
}

/// A schema compiled for use, whose every answer is of bounded length.
#[derive(Clone)]
pub struct ReceiptSchema {
    name: Arc<str>,
    document: Arc<Value>,
    kinds: Arc<Kinds>,
    validator: Arc<Validator>,
    max_tokens: usize,
}

impl fmt::Debug for ReceiptSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiptSchema")
            .field("name", &self.name)
            .field("max_tokens", &self.max_tokens)
            .finish_non_exhaustive()
    }
}

impl ReceiptSchema {
    /// Reads `NAME.schema.json` and sets its currency.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn load(path: &Path, currency: &Currency) -> Result<Self, SchemaError> {
        let shown = path.display().to_string();
        let text = std::fs::read(path).map_err(|error| SchemaError::Read {
            path: shown.clone(),
            error,
        })?;
        let document = serde_json::from_slice(&text)
            .map_err(|error| SchemaError::Json { path: shown, error })?;
        let file = path.file_name().and_then(|name| name.to_str());
        let name = file.unwrap_or_default().trim_end_matches(SUFFIX);
        Self::new(name, document, currency)
    }

    /// Compiles a schema. Where it defines a `/$defs/currency`, that becomes the one of the
    /// settings.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn new(name: &str, mut document: Value, currency: &Currency) -> Result<Self, SchemaError> {
        if let Currency::Fixed(code) = currency
            && let Some(slot) = document.pointer_mut("/$defs/currency")
        {
            *slot = json!({ "enum": [code] });
        }
        // The last one ends the answer.
        let max_tokens = budget::max_bytes(&document)?.saturating_add(1);
        Self::compile(name, document, max_tokens)
    }

    /// Compiles a schema that a request brings. Where its answers have no bound, or a higher one
    /// than `max_tokens`, an answer of more tokens will be cut short, which is an error.
    ///
    /// Takes milliseconds of one core: keep it off the async threads.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn inline(document: Value, limits: InlineLimits) -> Result<Self, SchemaError> {
        let bytes = document.to_string().len();
        if bytes > limits.max_bytes {
            return Err(SchemaError::TooLarge {
                bytes,
                limit: limits.max_bytes,
            });
        }
        let Value::Object(mut keywords) = document else {
            return Err(SchemaError::Invalid("it must be an object".to_owned()));
        };
        // In place of a client's own, which could turn checks off.
        let guidance = json!({"whitespace_flexible": false});
        keywords.insert("x-guidance".to_owned(), guidance);
        let document = Value::Object(keywords);
        let longest =
            budget::max_bytes(&document).map_or(usize::MAX, |bytes| bytes.saturating_add(1));
        Self::compile(INLINE, document, longest.min(limits.max_tokens))
    }

    fn compile(name: &str, document: Value, max_tokens: usize) -> Result<Self, SchemaError> {
        let validator = Validator::new(&document).map_err(SchemaError::Invalid)?;
        validator.is_general().map_err(SchemaError::Invalid)?;
        grammar::check_schema(&document).map_err(SchemaError::Grammar)?;
        Ok(Self {
            name: name.into(),
            kinds: Arc::new(Kinds::of(&document)),
            document: Arc::new(document),
            validator: Arc::new(validator),
            max_tokens,
        })
    }

    /// What requests call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document, for the grammar.
    #[must_use]
    pub fn document(&self) -> &Arc<Value> {
        &self.document
    }

    /// Tokens that an answer may take: those of the longest that fits (see
    /// [`budget::max_bytes`]), but for a schema that a request brought.
    #[must_use]
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Where `value` departs from the schema: JSON pointer and reason of the first fault.
    ///
    /// # Errors
    /// The fault, in one line.
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        self.validator.check(&value.to_string())
    }

    /// The value of an answer's text, if it fits: exactly, by the value of its numbers, with no name given
    /// twice and no number that would be rounded.
    ///
    /// # Errors
    /// The first fault, JSON pointer and reason in one line.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        self.validator.read(text)
    }

    /// What the value at a JSON pointer is.
    #[must_use]
    pub fn kind_at(&self, pointer: &str) -> FieldKind {
        self.kinds.at(&self.document, pointer)
    }
}

#[cfg(test)]
mod tests;

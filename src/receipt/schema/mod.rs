//! The schema that an extraction must satisfy: one document for the grammar and for validation.

mod alphabet;
mod exact;
mod kinds;
mod narrow;
pub mod published;
mod store;

use std::{fmt, path::Path, sync::Arc};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

pub use alphabet::Alphabet;
pub use kinds::FieldKind;
pub use narrow::Narrowing;
pub use store::{INLINE, Schemas};

use super::{
    budget::{self, Unbounded},
    key::Digest,
};
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

/// What is printed on the receipts that are read: what of a schema in the folder is a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Which currencies an invoice may name.
    pub currency: Currency,
    /// Scripts that texts may be written in, beside Latin.
    pub scripts: Vec<Alphabet>,
}

impl From<Currency> for Printed {
    fn from(currency: Currency) -> Self {
        Self {
            currency,
            scripts: Vec::new(),
        }
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
    /// A field that cannot be held to its empty value.
    #[error("its field {0} has no empty value")]
    NotEmpty(String),
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
    told: Arc<str>,
    grammar: Arc<Value>,
    digest: Digest,
    kinds: Arc<Kinds>,
    /// Of the whole object.
    validator: Arc<Validator>,
    /// Of what a model writes of it.
    written: Arc<Validator>,
    max_tokens: usize,
    /// Fields that models are not to write, and what they hold.
    empties: Arc<Map<String, Value>>,
    lines: Option<Lines>,
}

/// How much of an answer its list of items takes.
#[derive(Debug, Clone, Copy)]
struct Lines {
    /// Items at most.
    most: usize,
    /// Tokens of the longest answer with one item.
    with_one: usize,
    /// Tokens of every further item, at most.
    each: usize,
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
    /// Reads `NAME.schema.json` and makes it that of what is printed.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn load(path: &Path, printed: &Printed) -> Result<Self, SchemaError> {
        let shown = path.display().to_string();
        let text = std::fs::read(path).map_err(|error| SchemaError::Read {
            path: shown.clone(),
            error,
        })?;
        let document = serde_json::from_slice(&text)
            .map_err(|error| SchemaError::Json { path: shown, error })?;
        let file = path.file_name().and_then(|name| name.to_str());
        let name = file.unwrap_or_default().trim_end_matches(SUFFIX);
        Self::new(name, document, printed)
    }

    /// Compiles a schema. Where it defines a `/$defs/currency`, that becomes the one of the
    /// settings, and a `/$defs/text` or `/$defs/short_text` takes the letters of its scripts.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn new(name: &str, mut document: Value, printed: &Printed) -> Result<Self, SchemaError> {
        if let Currency::Fixed(code) = &printed.currency
            && let Some(slot) = document.pointer_mut("/$defs/currency")
        {
            *slot = json!({ "enum": [code] });
        }
        alphabet::widen(&mut document, &printed.scripts);
        Self::bounded(name, document, Map::new())
    }

    /// Compiles a schema whose answers are of bounded length; models are not to write the fields that
    /// `empties` has.
    fn bounded(
        name: &str,
        document: Value,
        empties: Map<String, Value>,
    ) -> Result<Self, SchemaError> {
        let mut whole = document.clone();
        exact::split_wide_numbers(&mut whole);
        let validator = Validator::new(&whole).map_err(SchemaError::Invalid)?;
        let mut grammar = whole;
        narrow::leave_out(&mut grammar, &empties);
        let max_tokens = tokens(&grammar)?;
        let lines = Lines::of(&grammar);
        let schema = Self::compile(name, document, grammar, max_tokens)?;
        Ok(Self {
            validator: Arc::new(validator),
            empties: Arc::new(empties),
            lines,
            ..schema
        })
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
        let max_tokens = longest.min(limits.max_tokens);
        Self::compile(INLINE, document.clone(), document, max_tokens)
    }

    fn compile(
        name: &str,
        document: Value,
        grammar: Value,
        max_tokens: usize,
    ) -> Result<Self, SchemaError> {
        let written = Validator::new(&grammar).map_err(SchemaError::Invalid)?;
        written.is_general().map_err(SchemaError::Invalid)?;
        let written = Arc::new(written);
        grammar::check_schema(&grammar).map_err(SchemaError::Grammar)?;
        Ok(Self {
            name: name.into(),
            kinds: Arc::new(Kinds::of(&document)),
            told: told(&document).into(),
            document: Arc::new(document),
            digest: *blake3::hash(grammar.to_string().as_bytes()).as_bytes(),
            grammar: Arc::new(grammar),
            validator: written.clone(),
            written,
            max_tokens,
            empties: Arc::default(),
            lines: None,
        })
    }

    /// What requests call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Arc<Value> {
        &self.document
    }

    /// The document as a model is told it, without what guides the grammar.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.told
    }

    /// The document for validators and generators of clients; see [`published::published`].
    #[must_use]
    pub fn published(&self) -> Value {
        published::published(&self.document)
    }

    /// The document as the grammar has it: no number has more digits than a double keeps, and what the
    /// model is not to write is left out.
    #[must_use]
    pub fn grammar(&self) -> &Arc<Value> {
        &self.grammar
    }

    /// Tells the grammar's form of it from every other.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Items that a list called `items` holds at most, where the schema has one.
    #[must_use]
    pub fn max_items(&self) -> Option<usize> {
        self.lines.map(|lines| lines.most)
    }

    /// Items that surely fit an answer of so many tokens, however long each of them is; `None` for a
    /// schema without such a list.
    #[must_use]
    pub fn items_within(&self, tokens: usize) -> Option<usize> {
        let lines = self.lines?;
        let Some(further) = tokens.checked_sub(lines.with_one) else {
            return Some(0);
        };
        Some((further / lines.each.max(1) + 1).min(lines.most))
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

    /// The value of a whole object's text, if it fits: exactly, by the value of its numbers, with no name
    /// given twice and no number that would be rounded.
    ///
    /// # Errors
    /// The first fault, JSON pointer and reason in one line.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        self.validator.read(text)
    }

    /// The value of what a model wrote, with the fields that it was not to write.
    ///
    /// # Errors
    /// As of [`ReceiptSchema::read`].
    pub fn read_answer(&self, text: &str) -> Result<Value, String> {
        let mut receipt = self.written.read(text)?;
        self.fill(&mut receipt);
        Ok(receipt)
    }

    /// What the value at a JSON pointer is.
    #[must_use]
    pub fn kind_at(&self, pointer: &str) -> FieldKind {
        self.kinds.at(&self.document, pointer)
    }
}

impl Lines {
    /// Of a schema whose object has a list of bounded length called `items`.
    fn of(document: &Value) -> Option<Self> {
        const MOST: &str = "/properties/items/maxItems";
        let most = document.pointer(MOST)?.as_u64()?;
        let with = |count: u64| {
            let mut document = document.clone();
            *document.pointer_mut(MOST)? = count.into();
            tokens(&document).ok()
        };
        let with_one = with(1)?;
        Some(Self {
            most: usize::try_from(most).ok()?,
            with_one,
            each: with(2)?.saturating_sub(with_one),
        })
    }
}

/// The text of `document`, without what is for the grammar.
fn told(document: &Value) -> String {
    let mut document = document.clone();
    if let Value::Object(keywords) = &mut document {
        keywords.shift_remove("x-guidance");
    }
    document.to_string()
}

/// Tokens of the longest answer; the last one ends it.
fn tokens(document: &Value) -> Result<usize, Unbounded> {
    Ok(budget::max_bytes(document)?.saturating_add(1))
}

#[cfg(test)]
mod tests;

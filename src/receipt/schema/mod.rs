//! The schema of an extraction: one document for the grammar and for validation.

mod alphabet;
mod error;
mod exact;
mod form;
mod kinds;
mod narrow;
mod printed;
pub mod published;
mod store;
mod template;

use std::{fmt, path::Path, sync::Arc};

use serde_json::{Map, Value, json};

pub use alphabet::Alphabet;
pub use error::SchemaError;
pub use form::{AnswerForm, Member, PrintedField, PrintedKind};
pub use kinds::FieldKind;
pub use narrow::Narrowing;
pub use printed::{Currency, Printed};
pub use store::{INLINE, Schemas};

use super::{
    budget::{self, Unbounded},
    digest::Digest,
};
use crate::grammar::{self, Misfit, Validator};
use form::unmarked;
use kinds::Kinds;

/// Suffix of schema files.
const SUFFIX: &str = ".schema.json";

/// Limits on a schema that a request brings.
#[derive(Debug, Clone, Copy)]
pub struct InlineLimits {
    /// Most bytes of the schema's text.
    pub max_bytes: usize,
    /// Most tokens of an answer.
    pub max_tokens: usize,
}

/// A compiled schema. The length of its answers is bounded.
#[derive(Clone)]
pub struct ReceiptSchema {
    name: Arc<str>,
    /// The document with its marks.
    marked: Arc<Value>,
    document: Arc<Value>,
    told: Arc<str>,
    form: Option<Arc<AnswerForm>>,
    grammar: Arc<Value>,
    digest: Digest,
    kinds: Arc<Kinds>,
    /// Validator of the whole object.
    validator: Arc<Validator>,
    /// Validator of the part that a model writes.
    written: Arc<Validator>,
    max_tokens: usize,
    /// Fields that models do not write, with their values.
    empties: Arc<Map<String, Value>>,
    /// The published form, to which values that a file states are held.
    published: Arc<Published>,
    lines: Option<Lines>,
}

/// The published form of a schema.
struct Published {
    document: Value,
    validator: Validator,
}

/// Size of the list of items in an answer.
#[derive(Debug, Clone, Copy)]
struct Lines {
    /// Most items.
    most: usize,
    /// Tokens of the longest answer with one item.
    with_one: usize,
    /// Most tokens of each further item.
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
    /// Reads `NAME.schema.json` and applies the settings in `printed`.
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

    /// Compiles a schema. If it defines `/$defs/currency`, that becomes the currency of the
    /// settings; `/$defs/text` and `/$defs/short_text` also accept the scripts of the settings.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn new(name: &str, mut document: Value, printed: &Printed) -> Result<Self, SchemaError> {
        // What a file states need not be in the currency and the scripts of the settings.
        let published = Published::of(&document)?;
        document = published::of_models(&document);
        if let Currency::Fixed(code) = &printed.currency
            && let Some(slot) = document.pointer_mut("/$defs/currency")
        {
            *slot = json!({ "enum": [code] });
        }
        alphabet::widen(&mut document, &printed.scripts);
        let schema = Self::bounded(name, document, Map::new())?;
        Ok(Self {
            published: Arc::new(published),
            ..schema
        })
    }

    /// Compiles a schema with bounded answers, in which models do not write the fields of
    /// `empties`.
    fn bounded(
        name: &str,
        document: Value,
        empties: Map<String, Value>,
    ) -> Result<Self, SchemaError> {
        let mut whole = document.clone();
        exact::split_wide_numbers(&mut whole);
        let validator = Validator::new(&unmarked(&whole)).map_err(SchemaError::Invalid)?;
        let mut grammar = whole;
        narrow::leave_out(&mut grammar, &empties);
        let max_tokens = tokens(&grammar)?;
        let lines = Lines::of(&grammar);
        let schema = Self::compile(name, document, &grammar, max_tokens)?;
        Ok(Self {
            validator: Arc::new(validator),
            empties: Arc::new(empties),
            lines,
            ..schema
        })
    }

    /// Compiles a schema that a request brings. If it allows answers of more than `max_tokens`
    /// tokens, a longer answer is cut off, which is an error.
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
            return Err(SchemaError::NoObject);
        };
        // Replaces the client's own, which could turn checks off.
        let guidance = json!({"whitespace_flexible": false});
        keywords.insert("x-guidance".to_owned(), guidance);
        let document = Value::Object(keywords);
        let longest =
            budget::max_bytes(&document).map_or(usize::MAX, |bytes| bytes.saturating_add(1));
        let max_tokens = longest.min(limits.max_tokens);
        Self::compile(INLINE, document.clone(), &document, max_tokens)
    }

    fn compile(
        name: &str,
        document: Value,
        grammar: &Value,
        max_tokens: usize,
    ) -> Result<Self, SchemaError> {
        let (marked, digest) = (document, blake3::hash(grammar.to_string().as_bytes()));
        let form = AnswerForm::of(grammar)?.map(Arc::new);
        let (document, grammar) = (unmarked(&marked), unmarked(grammar));
        let written = Validator::new(&grammar).map_err(SchemaError::Invalid)?;
        written.is_general().map_err(SchemaError::Invalid)?;
        let written = Arc::new(written);
        grammar::check_schema(&grammar).map_err(SchemaError::Grammar)?;
        Ok(Self {
            name: name.into(),
            published: Arc::new(Published::of(&document)?),
            marked: Arc::new(marked),
            kinds: Arc::new(Kinds::of(&document)),
            told: told(&document).into(),
            document: Arc::new(document),
            form,
            digest: *digest.as_bytes(),
            grammar: Arc::new(grammar),
            validator: written.clone(),
            written,
            max_tokens,
            empties: Arc::default(),
            lines: None,
        })
    }

    /// Returns the name by which requests select the schema.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the document.
    #[must_use]
    pub fn document(&self) -> &Arc<Value> {
        &self.document
    }

    /// Returns the document for prompts, without what guides the grammar.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.told
    }

    /// Returns the document as a template of types, by which `NuExtract` is told what to extract.
    #[must_use]
    pub fn template(&self) -> String {
        template::of(&self.marked, &self.kinds)
    }

    /// Returns the document for validators and generators of clients; see [`published::published`].
    #[must_use]
    pub fn published(&self) -> &Value {
        &self.published.document
    }

    /// Returns the document for the grammar: numbers have no more digits than a double keeps, and
    /// fields that the model does not write are left out.
    #[must_use]
    pub fn grammar(&self) -> &Arc<Value> {
        &self.grammar
    }

    /// Returns the form of what a model writes, if the schema marks fields as printed.
    #[must_use]
    pub fn form(&self) -> Option<&AnswerForm> {
        self.form.as_deref()
    }

    /// Returns whether the field at a JSON pointer is marked as printed.
    #[must_use]
    pub fn is_marked(&self, pointer: &str) -> bool {
        let names = pointer.split('/').map(|name| match name.parse::<usize>() {
            Ok(_) => "0",
            Err(_) => name,
        });
        let place = names.collect::<Vec<_>>().join("/");
        let form = self.form.iter();
        form.flat_map(|form| form.fields())
            .any(|field| field.pointer == place)
    }

    /// Returns the digest of the document for the grammar, with its marks.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the most items of the list called `items`, if the schema has one.
    #[must_use]
    pub fn max_items(&self) -> Option<usize> {
        self.lines.map(|lines| lines.most)
    }

    /// Returns how many items of the greatest length fit an answer of `tokens` tokens; `None` for a
    /// schema without a list called `items`.
    #[must_use]
    pub fn items_within(&self, tokens: usize) -> Option<usize> {
        let lines = self.lines?;
        let Some(further) = tokens.checked_sub(lines.with_one) else {
            return Some(0);
        };
        Some((further / lines.each.max(1) + 1).min(lines.most))
    }

    /// Returns the most tokens that an answer may take: those of the longest answer (see
    /// [`budget::max_bytes`]) or, for a schema that a request brought, the limit if that is lower.
    #[must_use]
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Checks `value` against the schema.
    ///
    /// # Errors
    /// The first fault, JSON pointer and reason in one line.
    pub fn validate(&self, value: &Value) -> Result<(), Misfit> {
        self.validator.check(&value.to_string())
    }

    /// Parses and validates the text of a whole object. Numbers are compared exactly; a repeated
    /// name is refused, and so is a number that would be rounded.
    ///
    /// # Errors
    /// The first fault, JSON pointer and reason in one line.
    pub fn read(&self, text: &str) -> Result<Value, Misfit> {
        self.validator.read(text)
    }

    /// Parses and validates the text of a whole object whose values a file states. It is held to the published form.
    ///
    /// # Errors
    /// As [`ReceiptSchema::read`].
    pub fn read_stated(&self, text: &str) -> Result<Value, Misfit> {
        self.published.validator.read(text)
    }

    /// Parses and validates a model's answer, and adds the fields that the model does not write.
    ///
    /// # Errors
    /// As [`ReceiptSchema::read`].
    pub fn read_answer(&self, text: &str) -> Result<Value, Misfit> {
        let mut receipt = self.written.read(text)?;
        self.fill(&mut receipt);
        Ok(receipt)
    }

    /// Returns the kind of the value at a JSON pointer.
    #[must_use]
    pub fn kind_at(&self, pointer: &str) -> FieldKind {
        self.kinds.at(&self.document, pointer)
    }
}

impl Published {
    fn of(document: &Value) -> Result<Self, SchemaError> {
        let document = published::published(document);
        Ok(Self {
            validator: Validator::new(&document).map_err(SchemaError::Invalid)?,
            document,
        })
    }
}

impl Lines {
    /// Measures a schema whose object has a list of bounded length called `items`.
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

/// Returns the text of `document` without what guides the grammar.
fn told(document: &Value) -> String {
    let mut document = document.clone();
    if let Value::Object(keywords) = &mut document {
        keywords.shift_remove("x-guidance");
    }
    document.to_string()
}

/// Returns the tokens of the longest answer; the last one ends it.
fn tokens(document: &Value) -> Result<usize, Unbounded> {
    Ok(budget::max_bytes(document)?.saturating_add(1))
}

#[cfg(test)]
mod tests;

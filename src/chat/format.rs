//! Compiles the form of an answer to a grammar and a check of the finished text. If the client allows it, the check
//! alone enforces the keywords that the grammar cannot.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    ChatSettings,
    error::{ChatError, FieldPath},
    request::AnswerFormat,
};
use crate::{
    generation::Grammar,
    grammar::{Blanks, Compiler, Enforced, Refused, Validator},
};

/// The compiled form of an answer.
pub struct Format {
    /// The grammar that the text must match while it is generated.
    pub grammar: Grammar,
    /// The validator that the finished text must pass.
    pub validator: Option<Arc<Validator>>,
    /// True if the grammar alone enforces the form.
    pub is_held: bool,
}

impl Format {
    /// Compiles the form that a request asks for.
    ///
    /// # Errors
    /// A schema that is not valid, is too large, or has a keyword that must be enforced and cannot be.
    pub async fn of(
        format: &AnswerFormat,
        bytes: &mut SchemaBytes,
        compiler: &Compiler,
    ) -> Result<Self, ChatError> {
        match format {
            AnswerFormat::Text => Ok(Self {
                grammar: Grammar::Free,
                validator: None,
                is_held: true,
            }),
            AnswerFormat::AnyObject => {
                let object = Map::from_iter([("type".to_owned(), json!("object"))]);
                let enforced = compiler.compile(object, true, Blanks::None).await;
                let format = enforced.map(Self::from).map_err(|refused| refused.reason);
                // Without a validator, since a stop sequence may cut off an object of no given form.
                format.map(|format| Self {
                    validator: None,
                    ..format
                })
            }
            AnswerFormat::Schema { schema, strict } => {
                compile(schema, *strict, bytes, compiler).await
            }
        }
        .map_err(|reason| ChatError::invalid(FieldPath::Schema, reason))
    }
}

impl From<Enforced> for Format {
    fn from(enforced: Enforced) -> Self {
        Self {
            grammar: Grammar::JsonSchema(enforced.schema),
            validator: Some(enforced.validator),
            is_held: enforced.is_held,
        }
    }
}

async fn compile(
    schema: &Value,
    is_strict: bool,
    bytes: &mut SchemaBytes,
    compiler: &Compiler,
) -> Result<Format, String> {
    let Value::Object(schema) = schema else {
        return Err("The schema is not an object; send a JSON Schema.".to_owned());
    };
    bytes.take(schema)?;
    let enforced = compiler.compile(schema.clone(), is_strict, Blanks::None);
    let instead = "set strict to false to have the finished answer checked instead";
    let enforced = enforced.await.map(Format::from);
    enforced.map_err(|refused| cannot(&refused, instead))
}

/// Writes the reason that a schema cannot be enforced, and what to do `instead`.
pub(super) fn cannot(refused: &Refused, instead: &str) -> String {
    let reason = &refused.reason;
    if refused.can_be_checked {
        format!("The schema cannot be enforced: {reason}; {instead}.")
    } else {
        format!("The schema cannot be enforced: {reason}")
    }
}

/// The bytes that are left for the schemas of one request; they are bounded because a grammar's cost grows with
/// them.
pub struct SchemaBytes {
    left: usize,
    most: usize,
}

impl SchemaBytes {
    /// Starts with the bytes that the settings allow.
    #[must_use]
    pub fn of(settings: &ChatSettings) -> Self {
        let most = settings.max_schema_bytes;
        Self { left: most, most }
    }

    /// Counts a schema.
    ///
    /// # Errors
    /// A schema that is too large.
    pub fn take(&mut self, schema: &Map<String, Value>) -> Result<(), String> {
        // A JSON value can always be written.
        let size = serde_json::to_string(schema).map_or(usize::MAX, |text| text.len());
        let left = self.left.checked_sub(size);
        self.left = left.ok_or_else(|| {
            let most = self.most;
            format!(
            "The schema has {size} bytes, and all schemas of a request may have {most}; send a smaller one."
            )
        })?;
        Ok(())
    }
}

//! What a chat's answer must be: `response_format` turned into a grammar, and a check of the finished
//! answer, which alone holds what the grammar cannot where the client is content with that.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::request::{JsonSchemaFormat, ResponseFormat};
use crate::{
    chat::Grammar,
    grammar::{Blanks, Compiler, Enforced, Refused, Validator},
    http::{fault::Fault, state::ChatSettings},
};

/// Where a client's schema stands in its request.
const SCHEMA_FIELD: &str = "response_format.json_schema.schema";

/// What an answer is held to.
pub struct Format {
    /// While it is written.
    pub grammar: Grammar,
    /// When it is finished.
    pub validator: Option<Arc<Validator>>,
    /// Whether the grammar holds all of that, too.
    pub is_held: bool,
}

impl Format {
    /// Compiles what the request asks for.
    ///
    /// # Errors
    /// 400 for a schema that is none, is too large, or, unless `strict` is false, has a keyword that
    /// cannot be enforced, which is named.
    pub async fn of(
        format: Option<ResponseFormat>,
        sizes: &mut Sizes,
        compiler: &Compiler,
    ) -> Result<Self, Fault> {
        match format {
            None | Some(ResponseFormat::Text) => Ok(Self {
                grammar: Grammar::Free,
                validator: None,
                is_held: true,
            }),
            Some(ResponseFormat::JsonObject) => {
                let object = Map::from_iter([("type".to_owned(), json!("object"))]);
                let enforced = compiler.compile(object, true, Blanks::None).await;
                let format = enforced.map(Self::from).map_err(|refused| refused.reason);
                // Any object at all is asked for, and a stop sequence may cut it off.
                format.map(|format| Self {
                    validator: None,
                    ..format
                })
            }
            Some(ResponseFormat::JsonSchema { json_schema }) => {
                compile(json_schema, sizes, compiler).await
            }
        }
        .map_err(|reason| Fault::invalid(SCHEMA_FIELD, reason))
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
    format: JsonSchemaFormat,
    sizes: &mut Sizes,
    compiler: &Compiler,
) -> Result<Format, String> {
    let Value::Object(schema) = format.schema else {
        return Err("The schema must be an object.".to_owned());
    };
    sizes.take(&schema)?;
    let is_strict = format.strict != Some(false);
    let enforced = compiler.compile(schema, is_strict, Blanks::None).await;
    let instead = "with strict: false the finished answer is checked instead";
    enforced
        .map(Format::from)
        .map_err(|refused| cannot(&refused, instead))
}

/// Why a schema cannot be enforced, and what can be done `instead`.
pub fn cannot(refused: &Refused, instead: &str) -> String {
    let reason = &refused.reason;
    if refused.can_be_checked {
        format!("The schema cannot be enforced: {reason}; {instead}.")
    } else {
        format!("The schema cannot be enforced: {reason}")
    }
}

/// Bytes that a request's schemas may still take: what a grammar costs grows with them.
pub struct Sizes {
    left: usize,
    most: usize,
}

impl Sizes {
    /// Those of one request.
    #[must_use]
    pub fn of(settings: &ChatSettings) -> Self {
        let most = settings.max_schema_bytes;
        Self { left: most, most }
    }

    /// Counts a schema.
    ///
    /// # Errors
    /// That it is too large.
    pub fn take(&mut self, schema: &Map<String, Value>) -> Result<(), String> {
        // JSON values are always JSON.
        let size = serde_json::to_string(schema).map_or(usize::MAX, |text| text.len());
        let left = self.left.checked_sub(size);
        self.left = left.ok_or_else(|| {
            let most = self.most;
            format!("The schema has {size} bytes; {most} is the most of one request.")
        })?;
        Ok(())
    }
}

//! What a chat's answer must be: `response_format` turned into a grammar, or into a check of the
//! finished answer where a grammar cannot enforce it and the client is content with that.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::request::{JsonSchemaFormat, ResponseFormat};
use crate::{
    chat::Grammar,
    grammar::{self, Validator},
    http::{fault::Fault, state::ChatSettings},
};

/// Where a client's schema stands in its request.
const SCHEMA_FIELD: &str = "response_format.json_schema.schema";

/// What an answer is held to.
pub struct Format {
    /// While it is written.
    pub grammar: Grammar,
    /// When it is finished, where that is more.
    pub validator: Option<Arc<Validator>>,
}

impl Format {
    /// Compiles what the request asks for, on a thread of its own.
    ///
    /// # Errors
    /// 400 for a schema that is none, is too large, or, unless `strict` is false, has a keyword that
    /// cannot be enforced, which is named.
    pub async fn of(
        format: Option<ResponseFormat>,
        settings: &ChatSettings,
    ) -> Result<Self, Fault> {
        let most = settings.max_schema_bytes;
        match format {
            None | Some(ResponseFormat::Text) => Ok(Self {
                grammar: Grammar::Free,
                validator: None,
            }),
            Some(ResponseFormat::JsonObject) => Ok(Self {
                grammar: enforced(of_type(Some(&json!("object")))),
                validator: None,
            }),
            Some(ResponseFormat::JsonSchema { json_schema }) => {
                let compiling = tokio::task::spawn_blocking(move || {
                    compile(json_schema, Sizes { left: most, most })
                });
                let compiled = compiling.await;
                compiled.unwrap_or_else(|_| Err("The schema cannot be compiled.".to_owned()))
            }
            .map_err(|reason| Fault::invalid(SCHEMA_FIELD, reason)),
        }
    }
}

fn compile(format: JsonSchemaFormat, mut sizes: Sizes) -> Result<Format, String> {
    let Value::Object(schema) = format.schema else {
        return Err("The schema must be an object.".to_owned());
    };
    let document = Value::Object(schema.clone());
    sizes.take(&document)?;
    let grammar = with_our_guidance(schema);
    match grammar::check_schema(&grammar) {
        Ok(()) => Ok(Format {
            grammar: Grammar::JsonSchema(Arc::new(grammar)),
            validator: None,
        }),
        Err(_) if format.strict == Some(false) => Ok(Format {
            grammar: enforced(of_type(document.get("type"))),
            validator: Some(Arc::new(Validator::new(&document)?)),
        }),
        Err(reason) => Err(format!(
            "The schema cannot be enforced: {reason}; with strict: false the finished answer is \
             checked instead."
        )),
    }
}

/// Any JSON of that type, where it is one.
fn of_type(kind: Option<&Value>) -> Map<String, Value> {
    let kind = kind.filter(|kind| kind.is_string());
    kind.map(|kind| ("type".to_owned(), kind.clone()))
        .into_iter()
        .collect()
}

fn enforced(schema: Map<String, Value>) -> Grammar {
    Grammar::JsonSchema(Arc::new(with_our_guidance(schema)))
}

/// Bytes that a request's schemas may still take: what a grammar costs grows with them.
pub struct Sizes {
    /// Those left.
    pub left: usize,
    /// All of them, for the message.
    pub most: usize,
}

impl Sizes {
    /// Counts a schema.
    ///
    /// # Errors
    /// That it is too large.
    pub fn take(&mut self, schema: &Value) -> Result<(), String> {
        let size = schema.to_string().len();
        let left = self.left.checked_sub(size);
        self.left = left.ok_or_else(|| {
            let most = self.most;
            format!("The schema has {size} bytes; {most} is the most of one request.")
        })?;
        Ok(())
    }
}

/// A client's own guidance would let it turn checks off; ours keeps a model from writing blanks
/// forever.
pub fn with_our_guidance(mut schema: Map<String, Value>) -> Value {
    schema.insert(
        "x-guidance".to_owned(),
        json!({ "whitespace_flexible": false }),
    );
    Value::Object(schema)
}

//! Schemas that requests bring, compiled once: into what the grammar can enforce, and a check of the
//! finished answer where that is not all and the client is content with it.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use serde_json::{Map, Value, json};

use super::{Validator, check_schema};

/// Bounds of a compiler.
#[derive(Debug, Clone, Copy)]
pub struct CompilerSettings {
    /// How long one schema may take.
    pub timeout: Duration,
    /// Schemas that are remembered, at most.
    pub remembered: u64,
}

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// In words that name the keyword, if one is at fault.
    pub reason: String,
    /// Whether a finished answer can be checked instead.
    pub can_be_checked: bool,
}

/// What an answer is held to.
#[derive(Debug, Clone)]
pub struct Enforced {
    /// While it is written: a JSON schema as llguidance understands it.
    pub schema: Arc<Value>,
    /// When it is finished, where that is more.
    pub validator: Option<Arc<Validator>>,
}

/// Compiles schemas, and remembers what they came to.
#[derive(Debug)]
pub struct Compiler {
    timeout: Duration,
    compiled: Cache<blake3::Hash, Enforced>,
}

impl Compiler {
    /// A compiler that remembers nothing yet.
    #[must_use]
    pub fn new(settings: CompilerSettings) -> Self {
        Self {
            timeout: settings.timeout,
            compiled: Cache::new(settings.remembered),
        }
    }

    /// What `schema` comes to, on a thread of its own; however many ask, it is compiled once. With
    /// `is_strict` the grammar enforces all of it.
    ///
    /// # Errors
    /// A keyword that cannot be enforced, and what is no schema or takes too long.
    pub async fn compile(
        &self,
        schema: Map<String, Value>,
        is_strict: bool,
    ) -> Result<Enforced, Refused> {
        let schema = Value::Object(schema);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[u8::from(is_strict)]);
        hasher.update(schema.to_string().as_bytes());
        let compiled = self.compiled.try_get_with(hasher.finalize(), async {
            let compiling = tokio::task::spawn_blocking(move || compile(&schema, is_strict));
            match tokio::time::timeout(self.timeout, compiling).await {
                Ok(Ok(compiled)) => compiled,
                Ok(Err(_)) => Err(Refused::for_good("It cannot be compiled.")),
                Err(_) => {
                    let seconds = self.timeout.as_secs_f64();
                    let reason = format!("It takes longer than {seconds} s to compile.");
                    Err(Refused::for_good(reason))
                }
            }
        });
        compiled.await.map_err(|refused| Refused::clone(&refused))
    }
}

impl Refused {
    fn for_good(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            can_be_checked: false,
        }
    }
}

fn compile(schema: &Value, is_strict: bool) -> Result<Enforced, Refused> {
    let strict = guided(schema, &json!({"whitespace_flexible": false}));
    let reason = match check_schema(&strict) {
        Ok(()) => {
            return Ok(Enforced {
                schema: Arc::new(strict),
                validator: None,
            });
        }
        Err(reason) => reason,
    };
    let validator = Validator::new(schema).map_err(|checking| {
        let reason = if is_strict { reason.clone() } else { checking };
        Refused::for_good(reason)
    })?;
    if is_strict {
        return Err(Refused {
            reason,
            can_be_checked: true,
        });
    }
    // As much of it as the grammar can do, so that the check seldom fails.
    let lenient = json!({"whitespace_flexible": false, "lenient": true, "coerce_one_of": true});
    let kind = schema.get("type").filter(|kind| kind.is_string());
    let of_type = kind.map_or(json!({}), |kind| json!({"type": kind}));
    let mut enforceable = [guided(schema, &lenient), guided(&of_type, &lenient)].into_iter();
    let enforceable = enforceable.find(|schema| check_schema(schema).is_ok());
    Ok(Enforced {
        schema: Arc::new(enforceable.unwrap_or_else(|| guided(&json!({}), &lenient))),
        validator: Some(Arc::new(validator)),
    })
}

/// `schema` with what llguidance is to do with it, in place of a client's own wishes, which could turn
/// checks off. Blanks are never free, so that a model does not write them forever.
fn guided(schema: &Value, guidance: &Value) -> Value {
    let mut guided = schema.as_object().cloned().unwrap_or_default();
    guided.insert("x-guidance".to_owned(), guidance.clone());
    Value::Object(guided)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chat::Grammar, grammar::for_tests::accepts};

    fn compiler(timeout: Duration) -> Compiler {
        Compiler::new(CompilerSettings {
            timeout,
            remembered: 10,
        })
    }

    fn map(schema: &Value) -> Map<String, Value> {
        schema.as_object().unwrap().clone()
    }

    #[tokio::test]
    async fn what_the_grammar_cannot_do_is_done_as_far_as_it_can() {
        let schema = json!({
            "type": "object", "properties": {"a": {"type": "array", "uniqueItems": true,
                "items": {"type": "integer"}}},
            "required": ["a"], "additionalProperties": false
        });
        let compiler = compiler(Duration::from_mins(1));
        let refused = compiler.compile(map(&schema), true).await.unwrap_err();
        assert!(refused.can_be_checked && refused.reason.contains("uniqueItems"));
        let enforced = compiler.compile(map(&schema), false).await.unwrap();
        let grammar = Grammar::JsonSchema(enforced.schema);
        let validator = enforced.validator.unwrap();
        for (text, written, valid) in [
            ("{\"a\":[1,2]}", true, true),
            ("{\"a\":[1,1]}", true, false),
            ("{\"a\":[true]}", false, false),
            ("{}", false, false),
        ] {
            assert_eq!(accepts(&grammar, text), written, "{text}");
            assert_eq!(validator.check(text).is_ok(), valid, "{text}");
        }
    }

    #[tokio::test]
    async fn one_that_takes_too_long_is_refused() {
        let hasty = compiler(Duration::ZERO);
        let properties = (0..2000).map(|i| (format!("p{i}"), json!({"type": "integer"})));
        let properties: Map<_, _> = properties.collect();
        let schema = map(&json!({"type": "object", "properties": properties}));
        let refused = hasty.compile(schema, true).await.unwrap_err();
        assert!(refused.reason.contains("longer than 0 s"), "{refused:?}");
    }

    #[tokio::test]
    async fn a_schema_is_compiled_once() {
        let compiler = compiler(Duration::from_mins(1));
        let schema = map(&json!({"type": "integer"}));
        let first = compiler.compile(schema.clone(), true).await.unwrap();
        let again = compiler.compile(schema.clone(), true).await.unwrap();
        assert!(Arc::ptr_eq(&first.schema, &again.schema));
        let lenient = compiler.compile(schema, false).await.unwrap();
        assert!(lenient.validator.is_none());
    }
}

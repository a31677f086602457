//! Compiles the schemas of requests once: into a grammar, and a check of the finished answer where
//! the grammar does not enforce everything and the client accepts that.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use serde_json::{Map, Value, json};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::{Grammar, Validator, check_schema};

/// The bounds of a compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompilerSettings {
    /// Maximum time for one schema.
    pub timeout: Duration,
    /// Maximum number of remembered schemas.
    pub remembered: u64,
}

/// An error: a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Refused {
    /// The reason, which names the keyword if one is at fault.
    pub reason: String,
    /// A finished answer can be checked instead.
    pub can_be_checked: bool,
}

/// A compiled schema.
#[derive(Debug, Clone)]
pub struct Enforced {
    /// The JSON schema to enforce while the answer is written, with its guidance for llguidance.
    pub schema: Arc<Value>,
    /// The check of the finished answer.
    pub validator: Arc<Validator>,
    /// The grammar enforces the whole schema, so the finished answer should fit.
    pub is_held: bool,
}

/// Compiles schemas and remembers the results.
#[derive(Debug, Clone)]
pub struct Compiler {
    settings: CompilerSettings,
    /// Permits for threads. A compilation past its time goes on to its end, so this bounds their
    /// number.
    threads: Arc<Semaphore>,
    compiled: Cache<blake3::Hash, Result<Enforced, Refused>>,
}

/// Maximum number of schemas compiled at once.
const THREADS: usize = 2;

impl Compiler {
    /// Creates a compiler that remembers nothing yet.
    #[must_use]
    pub fn new(settings: CompilerSettings) -> Self {
        Self {
            settings,
            threads: Arc::new(Semaphore::new(THREADS)),
            compiled: Cache::new(settings.remembered),
        }
    }

    /// Returns the bounds.
    #[must_use]
    pub fn settings(&self) -> CompilerSettings {
        self.settings
    }

    /// Compiles `schema`. If `is_strict`, the grammar has to enforce all of it.
    ///
    /// # Errors
    /// A keyword that cannot be enforced, or a value that is not a schema or takes too long.
    pub async fn compile(
        &self,
        schema: Map<String, Value>,
        is_strict: bool,
        blanks: Blanks,
    ) -> Result<Enforced, Refused> {
        let schema = Value::Object(schema);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[u8::from(is_strict), blanks as u8]);
        hasher.update(schema.to_string().as_bytes());
        let key = hasher.finalize();
        if let Some(known) = self.compiled.get(&key).await {
            return known;
        }
        let compiled = self.compiled.clone();
        let result = self.run(move || {
            let result = compile(&schema, is_strict, blanks);
            futures::executor::block_on(compiled.insert(key, result.clone()));
            result
        });
        result.await?
    }

    /// Checks that a grammar built from compiled schemas can be enforced.
    ///
    /// # Errors
    /// Those of [`Compiler::compile`].
    pub async fn check(&self, grammar: Grammar) -> Result<(), Refused> {
        let checked = self.run(move || super::check(&grammar)).await;
        checked?.map_err(|error| Refused::for_good(&error))
    }

    /// Runs `work`, which compiles a schema, on one of a few threads.
    ///
    /// # Errors
    /// The work takes too long, or ended without a result.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let threads = self.threads.clone();
        let running = async {
            let permit = threads.acquire_owned().await;
            let on_thread = move || {
                let _permit = permit;
                work()
            };
            tokio::task::spawn_blocking(on_thread).await
        };
        match tokio::time::timeout(self.settings.timeout, running).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => Err(Refused::for_good("it cannot be compiled; simplify it")),
            Err(_) => {
                let seconds = self.settings.timeout.as_secs_f64();
                let reason = format!("it takes longer than {seconds} s to compile; simplify it");
                Err(Refused::for_good(&reason))
            }
        }
    }
}

/// White space between the values of a model's output. It is never free, so that a model cannot
/// write it forever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blanks {
    /// None.
    None,
    /// One space after each comma and colon, as in the function calls that models are trained on.
    Single,
}

impl Blanks {
    fn guidance(self) -> Value {
        match self {
            Self::None => json!({"whitespace_flexible": false}),
            Self::Single => json!({
                "whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "
            }),
        }
    }
}

impl Refused {
    fn for_good(reason: &(impl ToString + ?Sized)) -> Self {
        Self {
            reason: reason.to_string(),
            can_be_checked: false,
        }
    }
}

fn compile(schema: &Value, is_strict: bool, blanks: Blanks) -> Result<Enforced, Refused> {
    let strict = guided(schema, &blanks.guidance());
    let held = check_schema(&strict);
    let validator = match (Validator::new(schema), &held) {
        (Ok(validator), _) => Arc::new(validator),
        (Err(_), Err(reason)) if is_strict => return Err(Refused::for_good(&reason)),
        (Err(reason), _) => return Err(Refused::for_good(&reason)),
    };
    let reason = match held {
        Ok(()) => {
            return Ok(Enforced {
                schema: Arc::new(strict),
                validator,
                is_held: true,
            });
        }
        Err(reason) => reason,
    };
    if is_strict {
        return Err(Refused {
            reason: reason.to_string(),
            can_be_checked: true,
        });
    }
    // The grammar enforces as much as it can, so that the check seldom fails.
    let mut lenient = blanks.guidance();
    lenient["lenient"] = json!(true);
    lenient["coerce_one_of"] = json!(true);
    let kind = schema.get("type").filter(|kind| kind.is_string());
    let of_type = kind.map_or(json!({}), |kind| json!({"type": kind}));
    let mut enforceable = [guided(schema, &lenient), guided(&of_type, &lenient)].into_iter();
    let enforceable = enforceable.find(|schema| check_schema(schema).is_ok());
    Ok(Enforced {
        schema: Arc::new(enforceable.unwrap_or_else(|| guided(&json!({}), &lenient))),
        validator,
        is_held: false,
    })
}

/// Returns `schema` with guidance for llguidance in place of the client's, which could turn checks
/// off.
fn guided(schema: &Value, guidance: &Value) -> Value {
    let mut guided = schema.as_object().cloned().unwrap_or_default();
    guided.insert("x-guidance".to_owned(), guidance.clone());
    Value::Object(guided)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::for_tests::accepts;

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
        let refused = compiler
            .compile(map(&schema), true, Blanks::None)
            .await
            .unwrap_err();
        assert!(refused.can_be_checked && refused.reason.contains("uniqueItems"));
        let enforced = compiler
            .compile(map(&schema), false, Blanks::None)
            .await
            .unwrap();
        let grammar = Grammar::JsonSchema(enforced.schema);
        let validator = enforced.validator;
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
        let properties = (0..300).map(|i| (format!("p{i}"), json!({"type": "integer"})));
        let properties: Map<_, _> = properties.collect();
        let schema = map(&json!({"type": "object", "properties": properties}));
        let refused = hasty.compile(schema, true, Blanks::None).await.unwrap_err();
        assert!(refused.reason.contains("longer than 0 s"), "{refused:?}");
    }

    #[tokio::test]
    async fn a_schema_is_compiled_once() {
        let compiler = compiler(Duration::from_mins(1));
        let schema = map(&json!({"type": "integer"}));
        let first = compiler
            .compile(schema.clone(), true, Blanks::None)
            .await
            .unwrap();
        let again = compiler
            .compile(schema.clone(), true, Blanks::None)
            .await
            .unwrap();
        assert!(Arc::ptr_eq(&first.schema, &again.schema));
        let lenient = compiler
            .compile(schema, false, Blanks::Single)
            .await
            .unwrap();
        assert!(lenient.is_held);
        let grammar = Grammar::JsonSchema(lenient.schema);
        assert!(accepts(&grammar, "7") && !accepts(&grammar, " 7"));
    }
}

//! Schemas that requests bring, compiled once: into what the grammar can enforce, and a check of the
//! finished answer where that is not all and the client is content with it.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use super::{Grammar, Validator, check_schema};

/// Bounds of a compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// While it is written: a JSON schema, with what llguidance is to do with it.
    pub schema: Arc<Value>,
    /// When it is finished.
    pub validator: Arc<Validator>,
    /// Whether the grammar holds all of it, so that the finished answer should fit.
    pub is_held: bool,
}

/// Compiles schemas, and remembers what they came to.
#[derive(Debug, Clone)]
pub struct Compiler {
    settings: CompilerSettings,
    /// One that takes too long goes on to its end, so there are never more than a few.
    threads: Arc<Semaphore>,
    compiled: Cache<blake3::Hash, Result<Enforced, Refused>>,
}

/// Schemas that are compiled at once, at most.
const THREADS: usize = 2;

impl Compiler {
    /// A compiler that remembers nothing yet.
    #[must_use]
    pub fn new(settings: CompilerSettings) -> Self {
        Self {
            settings,
            threads: Arc::new(Semaphore::new(THREADS)),
            compiled: Cache::new(settings.remembered),
        }
    }

    /// Its bounds.
    #[must_use]
    pub fn settings(&self) -> CompilerSettings {
        self.settings
    }

    /// What `schema` comes to. With `is_strict` the grammar enforces all of it.
    ///
    /// # Errors
    /// A keyword that cannot be enforced, and what is no schema or takes too long.
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
        result.await.map_err(Refused::for_good)?
    }

    /// Whether a grammar that was put together of what was compiled can be enforced.
    ///
    /// # Errors
    /// As of [`Compiler::compile`].
    pub async fn check(&self, grammar: Grammar) -> Result<(), Refused> {
        let checked = self.run(move || super::check(&grammar)).await;
        checked.flatten().map_err(Refused::for_good)
    }

    /// Runs `work`, which compiles a schema, on one of few threads.
    ///
    /// # Errors
    /// That it takes too long, or was broken off.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, String> {
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
            Ok(Err(_)) => Err("it cannot be compiled".to_owned()),
            Err(_) => {
                let seconds = self.settings.timeout.as_secs_f64();
                Err(format!("it takes longer than {seconds} s to compile"))
            }
        }
    }
}

/// Blanks between the values of what a model writes, which are never free, so that it does not write
/// them forever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blanks {
    /// None.
    None,
    /// One behind each comma and colon, as models are trained to call functions.
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
    fn for_good(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            can_be_checked: false,
        }
    }
}

fn compile(schema: &Value, is_strict: bool, blanks: Blanks) -> Result<Enforced, Refused> {
    let strict = guided(schema, &blanks.guidance());
    let held = check_schema(&strict);
    let validator = match (Validator::new(schema), &held) {
        (Ok(validator), _) => Arc::new(validator),
        (Err(_), Err(reason)) if is_strict => return Err(Refused::for_good(reason.clone())),
        (Err(reason), _) => return Err(Refused::for_good(reason)),
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
            reason,
            can_be_checked: true,
        });
    }
    // As much of it as the grammar can do, so that the check seldom fails.
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

/// `schema` with what llguidance is to do with it, in place of a client's own wishes, which could turn
/// checks off.
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

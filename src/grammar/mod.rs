//! Grammars that constrain a model's output, and checks where grammars do not suffice.

mod compiler;
mod error;
mod exact;
mod pattern;
mod places;
mod sound;
mod validator;

use std::sync::{Arc, LazyLock};

use llguidance::{Matcher, ParserFactory, api::TopLevelGrammar, toktrie::ApproximateTokEnv};
use serde_json::Value;

pub use compiler::{Blanks, Compiler, CompilerSettings, Enforced, Refused};
pub use error::{GrammarError, Misfit};
pub use exact::Document;
pub use sound::written;
pub use validator::Validator;

/// The form that a generated text must match.
#[derive(Debug, Clone)]
pub enum Grammar {
    /// Any text.
    Free,
    /// A JSON value that validates against this schema, which is rewritten for llguidance by
    /// [`written`].
    JsonSchema(Arc<Value>),
    /// A text that matches a grammar in llguidance's dialect of Lark.
    Lark(Arc<str>),
    /// Such a grammar for one generation alone, which engines compile without keeping it.
    Once(Arc<str>),
}

/// Returns the grammar that only `text` matches.
#[must_use]
pub fn only(text: &str) -> Grammar {
    Grammar::Once(format!("start: {}", Value::from(text)).into())
}

/// A vocabulary of single bytes suffices here, because the vocabulary only affects a compiled
/// grammar's speed.
static FACTORY: LazyLock<Result<ParserFactory, String>> = LazyLock::new(|| {
    let mut factory = ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env())
        .map_err(|error| error.to_string())?;
    factory.quiet();
    Ok(factory)
});

/// Compiles `grammar` and discards the result, to check that it can be enforced before a model has
/// to.
///
/// # Errors
/// llguidance's message, which names the keyword of a schema that it cannot enforce.
pub fn check(grammar: &Grammar) -> Result<(), GrammarError> {
    compile(grammar).map(|_| ()).map_err(|reason| {
        let empty = match grammar {
            Grammar::JsonSchema(schema) => sound::empty(schema),
            Grammar::Free | Grammar::Lark(_) | Grammar::Once(_) => Vec::new(),
        };
        match &empty[..] {
            [] => reason,
            _ => GrammarError::from(format!("{reason} ({})", empty.join(", "))),
        }
    })
}

/// Compiles a grammar into a matcher, or `None` for one that matches any text.
fn compile(grammar: &Grammar) -> Result<Option<Matcher>, GrammarError> {
    let grammar = match grammar {
        Grammar::Free => return Ok(None),
        Grammar::JsonSchema(schema) => TopLevelGrammar::from_json_schema(written(schema)?),
        Grammar::Lark(rules) | Grammar::Once(rules) => once(rules),
    };
    let factory = FACTORY.as_ref().map_err(Clone::clone)?;
    let parser = factory.create_parser(grammar);
    let parser = parser.map_err(|error| told(&error))?;
    Ok(Some(Matcher::new(Ok(parser))))
}

/// Returns a grammar in Lark as llguidance takes it.
#[must_use]
pub fn once(rules: &str) -> TopLevelGrammar {
    TopLevelGrammar::from_lark(rules.to_owned())
}

/// llguidance's messages about its own rules, and their equivalents in a schema's terms.
const WORDS: [(&str, &str); 4] = [
    ("anyOf is empty", "nothing fits"),
    ("schema is false", "nothing is allowed there"),
    (
        "Regex is empty",
        "pattern, format, minLength and maxLength have nothing in common",
    ),
    (
        "incompatible types",
        "type, const, enum, allOf or $ref ask for types that have nothing in common",
    ),
];

/// Returns llguidance's message in one line, without its context.
fn told(error: &anyhow::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        let first = cause.lines().next().unwrap_or_default().to_owned();
        let first = first.trim_start_matches("Unsatisfiable schema: ");
        let word = WORDS.iter().find(|(word, _)| first.starts_with(word));
        let first = word.map_or(first, |(_, meaning)| meaning).to_owned();
        if !words.contains(&first) {
            words.push(first);
        }
    }
    words.join(": ")
}

/// Checks a JSON schema like [`check`].
///
/// # Errors
/// Those of [`check`].
pub fn check_schema(schema: &Value) -> Result<(), GrammarError> {
    check(&Grammar::JsonSchema(schema.clone().into()))
}

/// Helpers for tests of other modules.
#[cfg(test)]
pub mod for_tests {
    use super::*;

    /// Returns whether a model may write `text`, byte by byte, as a whole answer under `grammar`.
    ///
    /// # Panics
    /// Panics if the grammar does not compile.
    #[must_use]
    pub fn accepts(grammar: &Grammar, text: &str) -> bool {
        let Some(mut matcher) = compile(grammar).unwrap() else {
            return true;
        };
        let mut bytes = text.bytes().map(u32::from);
        bytes.all(|byte| matcher.consume_token(byte).is_ok()) && matcher.is_accepting().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_keyword_that_cannot_be_enforced_is_named() {
        assert_eq!(check_schema(&json!({"type": "integer"})), Ok(()));
        let error = check_schema(&json!({"type": "array", "uniqueItems": true})).unwrap_err();
        assert!(error.to_string().contains("uniqueItems"), "{error}");
    }
}

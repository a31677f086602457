//! Grammars that hold a model to a form, and what to do where they cannot.

mod compiler;
mod exact;
mod pattern;
mod places;
mod sound;
mod validator;

use std::sync::{Arc, LazyLock};

use llguidance::{Matcher, ParserFactory, api::TopLevelGrammar, toktrie::ApproximateTokEnv};
use serde_json::Value;

pub use compiler::{Blanks, Compiler, CompilerSettings, Enforced, Refused};
pub use exact::Document;
pub use sound::written;
pub use validator::Validator;

/// What the generated text must match.
#[derive(Debug, Clone)]
pub enum Grammar {
    /// Anything.
    Free,
    /// A JSON value that validates against this schema; llguidance is told it as [`written`] writes it.
    JsonSchema(Arc<Value>),
    /// What llguidance's dialect of Lark describes.
    Lark(Arc<str>),
}

/// What a grammar compiles to depends on the vocabulary only in its speed, so single bytes do.
static FACTORY: LazyLock<Result<ParserFactory, String>> = LazyLock::new(|| {
    let mut factory = ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env())
        .map_err(|error| error.to_string())?;
    factory.quiet();
    Ok(factory)
});

/// Compiles `grammar` and throws the result away: whether it can be enforced, before a model has to.
///
/// # Errors
/// llguidance's words, which name the keyword of a schema that it cannot enforce.
pub fn check(grammar: &Grammar) -> Result<(), String> {
    compile(grammar).map(|_| ()).map_err(|reason| {
        let empty = match grammar {
            Grammar::JsonSchema(schema) => sound::empty(schema),
            Grammar::Free | Grammar::Lark(_) => Vec::new(),
        };
        match &empty[..] {
            [] => reason,
            _ => format!("{reason} ({})", empty.join(", ")),
        }
    })
}

/// The grammar ready to match; `None` for one that matches anything.
fn compile(grammar: &Grammar) -> Result<Option<Matcher>, String> {
    let grammar = match grammar {
        Grammar::Free => return Ok(None),
        Grammar::JsonSchema(schema) => TopLevelGrammar::from_json_schema(written(schema)?),
        Grammar::Lark(rules) => TopLevelGrammar::from_lark(rules.to_string()),
    };
    let factory = FACTORY.as_ref().map_err(Clone::clone)?;
    let parser = factory.create_parser(grammar);
    let parser = parser.map_err(|error| told(&error))?;
    Ok(Some(Matcher::new(Ok(parser))))
}

/// What llguidance says of its own rules, and what that is in a schema's.
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

/// llguidance's words in one line, without what led to them.
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

/// As [`check`], of a JSON schema.
///
/// # Errors
/// As [`check`].
pub fn check_schema(schema: &Value) -> Result<(), String> {
    check(&Grammar::JsonSchema(schema.clone().into()))
}

/// What tests of other modules ask of a grammar.
#[cfg(test)]
pub mod for_tests {
    use super::*;

    /// Whether `text`, byte by byte, is all that a model may write under `grammar`.
    ///
    /// # Panics
    /// If it does not compile.
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
        assert!(error.contains("uniqueItems"), "{error}");
    }
}

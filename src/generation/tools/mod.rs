//! Functions that a model may ask its client to call: their description for the model, and the
//! grammar of calls.
//!
//! A call has the form that Qwen's models are trained to write: a line of JSON, `{"name": ...,
//! "arguments": ...}`, between `<tool_call>` and `</tool_call>`. [`CallReader`] reads it back.

mod reader;

use std::{fmt::Write, sync::Arc};

use serde_json::{Map, Value, json};

pub use reader::{CallReader, Said, UnfitCall};

use super::Grammar;
use crate::grammar::{GrammarError, Validator, written};

/// The beginning of a call.
pub const OPEN: &str = "<tool_call>";
/// The text from there to the function's name.
pub const HEAD: &str = "\n{\"name\": \"";
/// The text between the name and the arguments.
pub const MIDDLE: &str = "\", \"arguments\": ";
/// The text after the arguments.
pub const CLOSE: &str = "}\n</tool_call>";
/// The text between two calls.
pub const BETWEEN: &str = "\n";

/// The default instructions for the model; `{tools}` stands for the functions.
pub const PROMPT: &str = "\
You can call functions. These are there, each a line of JSON with its name, what it is for, and the \
JSON schema of its arguments:
<tools>
{tools}
</tools>

To call one, answer with a JSON object of its name and arguments between tags, and nothing after it:
<tool_call>
{\"name\": \"the function's name\", \"arguments\": {\"argument\": \"value\"}}
</tool_call>
What it gives comes back between <tool_response> tags. Call one only where it helps; else answer in \
words.";

/// Maximum number of calls in one answer.
const MAX_CALLS: usize = 16;

/// A function of the client.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name: only letters, digits, `_` and `-`.
    pub name: String,
    /// Its purpose.
    pub description: Option<String>,
    /// JSON Schema of its arguments, as shown to the model.
    pub parameters: Value,
    /// The schema of its arguments that the grammar enforces.
    pub enforced: Arc<Value>,
    /// The check of finished arguments.
    pub validator: Option<Arc<Validator>>,
}

impl Function {
    /// Returns the function with finished arguments checked against the whole schema, for a model
    /// without a grammar.
    ///
    /// # Errors
    /// The reason that the schema cannot be checked.
    pub fn checked_when_finished(mut self) -> Result<Self, GrammarError> {
        self.validator = Some(Arc::new(Validator::new(&self.parameters)?));
        Ok(self)
    }
}

/// The demand for function calls in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// The model may call functions.
    Allowed,
    /// The model must call at least one function.
    Required,
    /// The model must call this function once.
    Named(String),
}

/// The functions that an answer may call.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The functions; at least one.
    pub functions: Vec<Function>,
    /// The demand for calls.
    pub demand: Demand,
    /// An answer may hold several calls.
    pub parallel: bool,
}

impl Tools {
    /// Returns the instructions for the model: `prompt` with the functions that it may call, one a
    /// line, in place of `{tools}`.
    #[must_use]
    pub fn instructions(&self, prompt: &str) -> String {
        let lines = self.callable().map(|function| {
            let mut told = json!({"name": function.name});
            if let Some(description) = &function.description {
                told["description"] = json!(description);
            }
            told["parameters"] = function.parameters.clone();
            told.to_string()
        });
        let lines: Vec<_> = lines.collect();
        let mut text = prompt.replace("{tools}", &lines.join("\n"));
        let demand = match &self.demand {
            Demand::Allowed => None,
            Demand::Required => Some("Call a function now.".to_owned()),
            Demand::Named(name) => Some(format!("Call {name} now.")),
        };
        if let Some(demand) = demand {
            text.push_str("\n\n");
            text.push_str(&demand);
        }
        text
    }

    /// Returns the grammar: calls alone, or if they are only allowed, text of `answer`, or calls
    /// after any text.
    ///
    /// # Errors
    /// The part of a schema that cannot be enforced.
    pub fn grammar(&self, answer: &Grammar) -> Result<Grammar, GrammarError> {
        let mut rules = String::new();
        let mut names = Vec::new();
        for (number, function) in self.callable().enumerate() {
            let head = Value::from(format!("{HEAD}{}{MIDDLE}", function.name));
            let close = Value::from(CLOSE);
            let schema = written(&function.enforced)?;
            // Writing into a String cannot fail.
            let _ = writeln!(rules, "call_{number}: {head} %json {schema} {close}");
            names.push(format!("call_{number}"));
        }
        let _ = writeln!(rules, "call: {}", names.join(" | "));
        let calls = if self.parallel && !matches!(self.demand, Demand::Named(_)) {
            let next = Value::from(format!("{BETWEEN}{OPEN}"));
            format!("call ({next} call){{0,{}}}", MAX_CALLS - 1)
        } else {
            "call".to_owned()
        };
        let open = Value::from(OPEN);
        match (&self.demand, answer) {
            (Demand::Required | Demand::Named(_), _) => {
                let _ = writeln!(rules, "start: {open} {calls}");
            }
            (Demand::Allowed, Grammar::JsonSchema(schema)) => {
                let schema = written(schema)?;
                let _ = writeln!(rules, "start: answer | {open} {calls}");
                let _ = writeln!(rules, "answer: %json {schema}");
            }
            (Demand::Allowed, Grammar::Free | Grammar::Lark(_) | Grammar::Once(_)) => {
                // The lazy rule ends the text at the mark, so that no text contains it.
                let _ = writeln!(rules, "start: TEXT | before {calls}");
                let _ = writeln!(rules, "before[lazy]: TEXT {open}");
                let _ = writeln!(rules, "TEXT: /(?s:.*)/");
            }
        }
        Ok(Grammar::Lark(rules.into()))
    }

    /// Returns the functions that the demand permits.
    fn callable(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(|function| match &self.demand {
            Demand::Named(name) => function.name == *name,
            Demand::Allowed | Demand::Required => true,
        })
    }

    fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// Writes a call from an earlier turn as the model wrote it; `arguments` is JSON.
#[must_use]
pub fn write_call(name: &str, arguments: &str) -> String {
    format!("{OPEN}{HEAD}{name}{MIDDLE}{arguments}{CLOSE}")
}

/// The texts around the result of a call, which the model reads from the user.
pub const RESULT: (&str, &str) = ("<tool_response>\n", "\n</tool_response>");

/// Returns a schema of arguments for a function that names none.
#[must_use]
pub fn no_parameters() -> Map<String, Value> {
    let empty = json!({"type": "object", "properties": {}});
    empty.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar;

    fn function(name: &str, enforced: Value) -> Function {
        Function {
            name: name.into(),
            description: Some("What for.".into()),
            parameters: json!({"type": "object"}),
            enforced: Arc::new(enforced),
            validator: None,
        }
    }

    fn tools(demand: Demand, parallel: bool) -> Tools {
        let city = json!({"type": "object", "properties": {"city": {"type": "string"}},
            "required": ["city"], "additionalProperties": false,
            "x-guidance": {"whitespace_flexible": false}});
        let id = json!({"type": "object", "properties": {"id": {"$ref": "#/$defs/id"}},
            "required": ["id"], "additionalProperties": false, "$defs": {"id": {"type": "integer"}},
            "x-guidance": {"whitespace_flexible": false}});
        Tools {
            functions: vec![function("weather", city), function("look-up", id)],
            demand,
            parallel,
        }
    }

    fn call(name: &str, arguments: &str) -> String {
        write_call(name, arguments)
    }

    #[test]
    fn the_grammar_separates_text_from_calls() {
        let weather = call("weather", r#"{"city":"Bandung"}"#);
        let look_up = call("look-up", r#"{"id":7}"#);
        let both = format!("{weather}\n{look_up}");
        let after = format!("I look it up.\n{look_up}");
        let wrong = call("look-up", r#"{"id":"seven"}"#);
        let unknown = call("other", "{}");
        let answer = grammar::for_tests::accepts;
        for (demand, parallel, accepted, refused) in [
            (
                Demand::Allowed,
                true,
                vec!["Hello <tool", "", &weather, &both, &after],
                vec![&wrong, &unknown, "<tool_call> is a mark", "a <tool_call>"],
            ),
            (Demand::Allowed, false, vec!["Hello", &after], vec![&*both]),
            (
                Demand::Required,
                true,
                vec![&weather, &both],
                vec!["Hello", "", &*after, &wrong],
            ),
            (
                Demand::Named("look-up".into()),
                true,
                vec![&look_up],
                vec!["Hello", &*weather, &both],
            ),
        ] {
            let grammar = tools(demand.clone(), parallel).grammar(&Grammar::Free);
            let grammar = grammar.unwrap();
            for text in accepted {
                assert!(answer(&grammar, text), "{demand:?} refuses {text}");
            }
            for text in refused {
                assert!(!answer(&grammar, text), "{demand:?} accepts {text}");
            }
        }
    }

    #[test]
    fn the_answer_may_fit_its_schema_or_be_calls() {
        let schema = Grammar::JsonSchema(Arc::new(json!({"type": "integer"})));
        let grammar = tools(Demand::Allowed, false).grammar(&schema).unwrap();
        let call = call("look-up", r#"{"id":7}"#);
        for (text, fits) in [("12", true), (&*call, true), ("twelve", false)] {
            assert_eq!(grammar::for_tests::accepts(&grammar, text), fits, "{text}");
        }
    }

    #[test]
    fn the_instructions_name_each_function_on_a_line() {
        let told = tools(Demand::Named("weather".into()), true).instructions("Those:\n{tools}");
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[1],
            r#"{"name":"weather","description":"What for.","parameters":{"type":"object"}}"#
        );
        assert_eq!(lines[3], "Call weather now.");
    }
}

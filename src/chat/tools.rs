//! Functions that a model may ask its client to call: what it is told of them, and the grammar that
//! holds its calls to them.
//!
//! A call is written as Qwen's models are trained to write it, `<tool_call>` and `</tool_call>` around
//! a line of JSON, `{"name": ..., "arguments": ...}`; [`CallReader`] reads it back.

mod reader;

use std::{fmt::Write, sync::Arc};

use serde_json::{Map, Value, json};

pub use reader::{CallReader, Said};

use super::Grammar;
use crate::grammar::{Validator, written};

/// Begins a call.
pub const OPEN: &str = "<tool_call>";
/// What follows it, up to the function's name.
pub const HEAD: &str = "\n{\"name\": \"";
/// Between the name and the arguments.
pub const MIDDLE: &str = "\", \"arguments\": ";
/// What follows the arguments.
pub const CLOSE: &str = "}\n</tool_call>";
/// Between a call and the next.
pub const BETWEEN: &str = "\n";

/// What a model is told where the configuration has no words of its own; `{tools}` stands for the
/// functions.
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

/// Calls in one answer, at most.
const MAX_CALLS: usize = 16;

/// A function of the client's.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name: letters, digits, `_` and `-` alone.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments, as the model is told.
    pub parameters: Value,
    /// The schema that the grammar holds them to.
    pub enforced: Arc<Value>,
    /// What finished arguments are held to.
    pub validator: Option<Arc<Validator>>,
}

impl Function {
    /// The same, with finished arguments held to the whole schema: for a model that no grammar holds.
    ///
    /// # Errors
    /// Why the schema cannot be checked.
    pub fn checked_when_finished(mut self) -> Result<Self, String> {
        self.validator = Some(Arc::new(Validator::new(&self.parameters)?));
        Ok(self)
    }
}

/// Whether an answer calls functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// If the model wants to.
    Allowed,
    /// One at least.
    Required,
    /// This one, once.
    Named(String),
}

/// The functions that an answer may call, and how.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The functions; at least one.
    pub functions: Vec<Function>,
    /// Whether they are called.
    pub demand: Demand,
    /// Whether an answer may hold several calls.
    pub parallel: bool,
}

impl Tools {
    /// What the model is told: `prompt` with the functions that it may call, a line each, for
    /// `{tools}`.
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

    /// Calls alone, or where they are but allowed, text of `answer` or calls after any text.
    ///
    /// # Errors
    /// What of a schema cannot be held.
    pub fn grammar(&self, answer: &Grammar) -> Result<Grammar, String> {
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
            (Demand::Allowed, Grammar::Free | Grammar::Lark(_)) => {
                // The lazy rule wins as soon as the mark stands there, so that no text holds it.
                let _ = writeln!(rules, "start: TEXT | before {calls}");
                let _ = writeln!(rules, "before[lazy]: TEXT {open}");
                let _ = writeln!(rules, "TEXT: /(?s:.*)/");
            }
        }
        Ok(Grammar::Lark(rules.into()))
    }

    /// Those that the demand leaves.
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

/// A call that the model made in an earlier turn, as it wrote it; `arguments` is JSON.
#[must_use]
pub fn write_call(name: &str, arguments: &str) -> String {
    format!("{OPEN}{HEAD}{name}{MIDDLE}{arguments}{CLOSE}")
}

/// Stand around what a call came to, as the model is told by the user.
pub const RESULT: (&str, &str) = ("<tool_response>\n", "\n</tool_response>");

/// A schema of arguments for a function that names none.
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
    fn the_grammar_holds_text_and_calls_apart() {
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
    fn a_schema_of_the_answer_stands_beside_the_calls() {
        let schema = Grammar::JsonSchema(Arc::new(json!({"type": "integer"})));
        let grammar = tools(Demand::Allowed, false).grammar(&schema).unwrap();
        let call = call("look-up", r#"{"id":7}"#);
        for (text, fits) in [("12", true), (&*call, true), ("twelve", false)] {
            assert_eq!(grammar::for_tests::accepts(&grammar, text), fits, "{text}");
        }
    }

    #[test]
    fn the_model_is_told_each_function_on_a_line() {
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
